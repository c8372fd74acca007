"""Expectation values from the bits of an estimator's program, each technique as `qiskit-mitigation` does it."""

from collections import Counter
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Final

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import DataBin
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit_mitigation import PEC, TREX, MitigationTask

from ..bridge.result_types import EstimatorPubResult
from ..core.mitigation import Options, extrapolated_factors, extrapolators, noise_factors
from .estimator_tasks import REGISTER
from .results import FLIPS, QuantumProgramItemResult, QuantumProgramResult, compilation_of
from .zne_errors import Bits
from .zne_values import Points, Readout, extrapolate

MOST_VALUES: Final = 10**7
"""Of a PUB. To work out as many takes an hour."""
MOST_AXES: Final = 32
"""Of arrays, as NumPy broadcasts them."""

_TERM, _BASIS, _SHOT = 200.0, 5.0, 0.01
"""Steps for a term, for each basis that it may have been measured in, and for each letter of it in each shot."""
_FIT, _VALUE = 3000.0, 50.0
"""Steps for a fit of a term, and for a value that is read from it."""

_OWN_FLIPS: Final = FLIPS + REGISTER
"""The name of the array that tells which bits were flipped."""

Entry = Mapping[str, Any]
"""What travels with a program about one of its tasks."""
Read = tuple[DataBin, dict[str, Any]]


def check_flips(result: QuantumProgramResult) -> None:
    """Refuse a result of twirled measurements that does not tell which bits were flipped.

    Raises:
        ValueError: An item does not tell.
    """
    untold = next((index for index, item in enumerate(result) if _OWN_FLIPS not in item), None)
    if untold is not None:
        raise ValueError(
            f"Item {untold} has no {_OWN_FLIPS!r}, though measurements were twirled: its bits mean nothing."
        )


def bits_of(item: QuantumProgramItemResult) -> Bits:
    """Return the bits of an item without the flips of twirling.

    Raises:
        ValueError: There are none.
    """
    if REGISTER not in item:
        raise ValueError(f"An item of the result has no register {REGISTER!r}, only {sorted(item)}.")
    flips = item.get(_OWN_FLIPS)
    bits: Bits = np.asarray(item[REGISTER])
    return bits if flips is None else bits ^ flips


def read_readout(entry: Entry, result: QuantumProgramResult) -> Readout:
    """Return what the calibration of the readout tells.

    Raises:
        ValueError: The result has none.
    """
    bits = bits_of(result[entry["program_item_index"]])
    noise = TREX.create_instance_from_passthrough_data(dict(entry)).compute_noise_model(result)
    return Readout(noise, bits.mean(axis=(0, 1)), bits.shape[0] * bits.shape[1])


def work_of(entry: Entry, result: QuantumProgramResult, options: Options) -> float:
    """Return in how many steps a PUB is read: all terms are, for each set of parameter values that they go with.

    Raises:
        ValueError: The result is not what was asked for.

    Source: behaviour B412.
    """
    observables, shape, configurations = _asked(entry)
    bits = result[entry["program_item_index"]][REGISTER]
    shots = bits.size / max(bits.shape[-3] * bits.shape[-1], 1)
    terms = [term for observable in observables.ravel() for term in observable]
    letters = sum(len(term) - term.count("I") for term in terms)
    bases = max(Counter(where for where, _ in configurations).values(), default=0)
    steps = len(terms) * (_TERM + _BASIS * bases) + _SHOT * shots * (len(terms) + letters)
    if entry["mitigation"] == "gate_folding":
        steps *= len(entry["noise_factors"])
    if entry["mitigation"] in ("gate_folding", "pea"):
        zne = options["resilience"]["zne"]
        steps += len(terms) * len(extrapolators(zne)) * (_FIT + _VALUE * len(extrapolated_factors(zne)))
    times = prod(np.broadcast_shapes(shape, observables.shape)) / max(observables.size, 1)
    return float(len(configurations) + times * steps)


def read_pub(
    entry: Entry, result: QuantumProgramResult, options: Options, readout: Readout | None
) -> EstimatorPubResult:
    """Return what a PUB comes to.

    Args:
        entry: What travelled with the program about it.
        result: Of the whole program.
        options: What is done with it; its noise factors are some of those that were run.
        readout: What scales the values of terms, if anything does.

    Raises:
        ValueError: The result is not what was asked for.
    """
    if not entry["broadcast_obs_and_params"]:
        raise ValueError(
            "The observables of an estimator are broadcast with the parameters; this result says otherwise."
        )
    if entry["mitigation"] in ("gate_folding", "pea"):
        return _read_amplified(entry, result, options, readout)
    item = result[entry["program_item_index"]]
    if entry["mitigation"] == "pec":
        read = _averaged(PEC.compute_expectation_value_pec, item, entry, readout, gamma=entry["pec_gamma"])
    else:
        read = _averaged(MitigationTask.compute_expectation_value, item, entry, readout)
    return _told(entry, read, compilation_of(item.metadata))


def _read_amplified(
    entry: Entry, result: QuantumProgramResult, options: Options, readout: Readout | None
) -> EstimatorPubResult:
    ran = [float(factor) for factor in entry["noise_factors"]]
    first = entry["program_item_index"]
    compiled: Any
    if entry["mitigation"] == "pea":
        bits, compiled = list(bits_of(result[first])), compilation_of(result[first].metadata)
    else:
        items = result[first : first + len(ran)]
        bits, compiled = [bits_of(item) for item in items], [compilation_of(item.metadata) for item in items]
    if not options["resilience"]["zne_mitigation"]:
        plain = QuantumProgramItemResult({REGISTER: bits[ran.index(1.0)]})
        return _told(entry, _averaged(MitigationTask.compute_expectation_value, plain, entry, readout), compiled)
    zne, asked = options["resilience"]["zne"], _asked(entry)
    factors, models, at = noise_factors(zne), extrapolators(zne), extrapolated_factors(zne)
    if asked[0].size * prod(asked[1]) * len(models) * len(at) > MOST_VALUES:
        raise ValueError(f"{len(models)} models at {len(at)} noise factors are too many values for these observables.")
    chosen = bits if list(factors) == ran else [bits[ran.index(factor)] for factor in factors]
    points = Points(chosen, factors, models, at, readout)
    return _told(entry, extrapolate(*asked, points), compiled)


def _asked(entry: Entry) -> tuple[ObservablesArray, tuple[int, ...], list[tuple[tuple[int, ...], str]]]:
    """Return the observables, the shape of the sets of parameter values, and set and basis of each configuration."""
    configurations = [(tuple(index), basis) for index, basis in entry["param_basis_pairs"]]
    observables, shape = ObservablesArray.coerce(entry["observables"]), tuple(entry["param_shape"])
    # A result may say anything. What was measured had a configuration for each set of values.
    if (
        len(shape) > MOST_AXES
        or prod(shape) > len(configurations)
        or prod(np.broadcast_shapes(shape, observables.shape)) > MOST_VALUES
    ):
        raise ValueError(f"Of {len(configurations)} configurations there are no values of the shape {shape}.")
    return observables, shape, configurations


def _averaged(
    read: Callable[..., Any], item: QuantumProgramItemResult, entry: Entry, readout: Readout | None, **more: Any
) -> Read:
    """Return means over all shots of an item."""
    observables, shape, configurations = _asked(entry)
    data = read(
        item,
        observables,
        param_shape=shape,
        param_basis_pairs=configurations,
        broadcast_obs_and_params=True,
        measure_noise_data=None if readout is None else readout.noise,
        **more,
    ).data
    return DataBin(evs=data.evs, stds=data.twirl_stds, ensemble_standard_error=data.stds, shape=data.shape), {}


def _told(entry: Entry, read: Read, compiled: Any) -> EstimatorPubResult:
    data, metadata = read
    told = {"compilation": compiled, **metadata, "circuit_metadata": entry["circuit_metadata"] or {}}
    return EstimatorPubResult(data, told)
