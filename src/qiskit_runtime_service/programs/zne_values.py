"""Zero-noise extrapolation of a PUB: `qiskit-mitigation` fits each term, and the noise of shots goes through it."""

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.primitives.containers import DataBin
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import PauliLindbladMap
from qiskit_mitigation import TREX, GateFolding

from .estimator_tasks import REGISTER
from .zne_errors import PROBES, Bits, Floats, variance_of_calibration, variance_of_values, weights_of_points

_AXES = str.maketrans("01+-rl", "ZZXXYY")
"""In which basis a projector is measured."""


class Readout(NamedTuple):
    """What a calibration tells of the readout."""

    noise: PauliLindbladMap
    rates: Floats
    """How often each qubit is read flipped."""
    shots: int


class Points(NamedTuple):
    """What was measured of a PUB, and how it is extrapolated."""

    bits: Sequence[Bits]
    """At each noise factor. Shape (randomizations, configurations, shots, qubits)."""
    factors: Sequence[float]
    models: Sequence[str]
    at: Sequence[float]
    """Noise factors at which each model is read, beside zero."""
    readout: Readout | None


class _Terms(NamedTuple):
    """The terms that are measured for one set of parameter values. The first axis of each array is theirs."""

    labels: Sequence[str]
    configurations: NDArray[np.intp]
    data: DataBin
    """Of the library: each term as an observable of its own, each model at `PROBES` first."""
    chosen: NDArray[Any]
    """The model that the value at zero noise is from."""
    weights: Floats
    """What the points count for the value at zero noise and for each that is read. Shape (terms, values, points)."""


def extrapolate(
    observables: ObservablesArray,
    parameter_shape: tuple[int, ...],
    configurations: Sequence[tuple[tuple[int, ...], str]],
    points: Points,
) -> tuple[DataBin, dict[str, Any]]:
    """Return values at zero noise with all that they are from, and what is told of them.

    Each term is fitted once for each set of parameter values. The values are those of the library; the errors carry
    the noise of shots through the fits, and those of the library are told beside them.

    Args:
        observables: Broadcast with the sets of parameter values.
        parameter_shape: Of these sets.
        configurations: The set and the measurement basis of each.
        points: What was measured.

    Source: behaviour B385, B386.
    """
    shape = np.broadcast_shapes(parameter_shape, observables.shape)
    count, read = len(points.factors), (len(points.models), len(points.at))
    tails = {
        **dict.fromkeys(("evs", "stds", "fit_stds"), ()),
        **dict.fromkeys(("evs_noise_factors", "stds_noise_factors", "ensemble_stds_noise_factors"), (count,)),
        **dict.fromkeys(("evs_extrapolated", "stds_extrapolated", "fit_stds_extrapolated"), read),
    }
    flat = {name: np.zeros((math.prod(shape), *tail)) for name, tail in tails.items()}
    chosen = np.full(math.prod(shape), "", dtype=object)
    for where, places in _places(parameter_shape, shape).items():
        wanted = [_observable_at(observables, place) for place in places.values()]
        labels = list(dict.fromkeys(label for observable in wanted for label in observable))
        terms = _fit(
            labels, [(index, basis) for index, (at, basis) in enumerate(configurations) if at == where], points
        )
        matrix = np.array([[observable.get(label, 0.0) for label in labels] for observable in wanted], dtype=float)
        for name, values in _sums(matrix, terms, points).items():
            flat[name][list(places)] = values
        for place, observable in zip(places, wanted, strict=True):
            names = {name for name, label in zip(terms.chosen, labels, strict=True) if label in observable}
            chosen[place] = "multiple" if len(names) > 1 else "".join(names)
    fields = {name: values.reshape((*shape, *tails[name])) for name, values in flat.items()}
    told: dict[str, Any] = {
        **{name: fields.pop(name) for name in ("fit_stds", "fit_stds_extrapolated")},
        "noise_factors": list(points.factors),
        "extrapolator": list(points.models),
        "extrapolated_noise_factors": list(points.at),
    }
    models = {"extrapolators": chosen.astype(str).reshape(shape)}
    return DataBin(**fields, shape=shape), {"resilience": {"zne": models | told}}


def _places(part: tuple[int, ...], shape: tuple[int, ...]) -> dict[tuple[int, ...], dict[int, tuple[int, ...]]]:
    """Return by each element of an array of the shape `part` where it stands when it is broadcast to `shape`.

    A place is its number in the order of the flat array, and its index.
    """
    places: dict[tuple[int, ...], dict[int, tuple[int, ...]]] = {}
    for number, place in enumerate(np.ndindex(shape)):
        places.setdefault(_before_broadcast(place, part), {})[number] = place
    return places


def _before_broadcast(place: tuple[int, ...], part: tuple[int, ...]) -> tuple[int, ...]:
    own = place[len(place) - len(part) :]
    return tuple(0 if size == 1 else index for index, size in zip(own, part, strict=True))


def _observable_at(observables: ObservablesArray, place: tuple[int, ...]) -> Mapping[str, float]:
    found: Mapping[str, float] = observables[_before_broadcast(place, observables.shape)]
    return found


def _fit(labels: Sequence[str], configurations: Sequence[tuple[int, str]], points: Points) -> _Terms:
    """Extrapolate terms, each by itself."""
    columns = [index for index, _ in configurations]
    with warnings.catch_warnings():
        # A term whose value never varies has no error to weigh it by, and needs none.
        warnings.filterwarnings("ignore", message="No positive, finite standard errors", category=UserWarning)
        fitted = GateFolding.compute_expectation_value_gate_folding(
            [{REGISTER: bits[:, columns]} for bits in points.bits],
            ObservablesArray([{label: 1.0} for label in labels]),
            param_shape=(),
            param_basis_pairs=[((), basis) for _, basis in configurations],
            noise_factors=list(points.factors),
            extrapolator=list(points.models),
            extrapolated_noise_factors=[*PROBES, *points.at],
            broadcast_obs_and_params=True,
            measure_noise_data=None if points.readout is None else points.readout.noise,
        )
    chosen = np.array([name for (name,) in fitted.metadata["selected_extrapolators"]])
    measured = [next(index for index, basis in configurations if _covers(basis, label)) for label in labels]
    weights = [_weights(term, str(name), fitted.data, points) for term, name in enumerate(chosen)]
    return _Terms(labels, np.array(measured), fitted.data, chosen, np.stack(weights))


def _covers(basis: str, label: str) -> bool:
    """Whether a term can be read from measurements in a basis."""
    return all(letter in ("I", axis) for letter, axis in zip(label.translate(_AXES), basis, strict=True))


def _weights(term: int, chosen: str, data: Any, points: Points) -> Floats:
    errors = data.stds_noise_factors[term]
    probes = dict(zip(points.models, data.evs_extrapolated[term][:, : len(PROBES)], strict=True))
    readings = [(chosen, [0.0]), *((model, points.at) for model in points.models)]
    return np.concatenate(
        [weights_of_points(model, points.factors, errors, probes[model], at) for model, at in readings]
    )


def _sums(matrix: Floats, terms: _Terms, points: Points) -> dict[str, Floats]:
    """Return the fields of observables, as sums over terms.

    Args:
        matrix: The coefficient of each term in each observable.
        terms: What they come to.
        points: What they are from.
    """
    data: Any = terms.data
    read, fitted = data.evs_extrapolated[..., len(PROBES) :], data.stds_extrapolated[..., len(PROBES) :]
    values = np.concatenate((data.evs[:, np.newaxis], read.reshape(len(terms.labels), -1)), axis=1)
    with np.errstate(invalid="ignore"):  # What no model fits is NaN or infinite, and stays so.
        errors = _errors(matrix, terms, points, values)
        return {
            "evs": _summed(matrix, data.evs),
            "stds": errors[:, 0],
            "fit_stds": _in_quadrature(matrix, data.stds),
            "evs_noise_factors": _summed(matrix, data.evs_noise_factors),
            "stds_noise_factors": _in_quadrature(matrix, data.stds_twirl_noise_factors),
            "ensemble_stds_noise_factors": _in_quadrature(matrix, data.stds_noise_factors),
            "evs_extrapolated": _summed(matrix, read),
            "stds_extrapolated": errors[:, 1:].reshape(len(matrix), *read.shape[1:]),
            "fit_stds_extrapolated": _in_quadrature(matrix, fitted),
        }


def _summed(matrix: Floats, values: Floats) -> Floats:
    """Return sums over the terms that an observable has; what the others are does not matter."""
    return np.stack([np.tensordot(row[row != 0], values[row != 0], 1) for row in matrix])


def _in_quadrature(matrix: Floats, errors: Floats) -> Floats:
    return np.sqrt(_summed(matrix**2, errors**2))


def _errors(matrix: Floats, terms: _Terms, points: Points, values: Floats) -> Floats:
    """Return the standard errors of all values that are read from the models. Shape (observables, values).

    Args:
        matrix: The coefficient of each term in each observable.
        terms: What is known of them.
        points: What they are from.
        values: Of the terms. Shape (terms, values).
    """
    scales = np.array([_scale(label, points.readout) for label in terms.labels])
    # Of each term in each value of each observable.
    coefficients = np.repeat(matrix, values.shape[1], axis=0)
    variances = np.zeros(len(coefficients))
    for configuration in np.unique(terms.configurations):
        (here,) = np.nonzero(terms.configurations == configuration)
        labels = [terms.labels[int(term)] for term in here]
        for point, bits in enumerate(points.bits):
            weights = scales[here] * terms.weights[here, :, point].T
            counted = _weighted(coefficients[:, here], np.tile(weights, (len(matrix), 1)))
            variances += variance_of_values(counted, labels, bits[:, configuration])
    if points.readout is not None:
        _, rates, shots = points.readout
        supports = np.array([[letter != "I" for letter in reversed(label)] for label in terms.labels])
        shares = _weighted(coefficients, np.tile(values.T, (len(matrix), 1)))
        variances += variance_of_calibration(shares, supports, rates[: supports.shape[1]], shots)
    return np.sqrt(variances).reshape(len(matrix), -1)


def _weighted(matrix: Floats, weights: Floats) -> Floats:
    """Return coefficients times weights; a term that is not there counts nothing, whatever its weight."""
    return np.where(matrix == 0, 0.0, matrix * weights)


def _scale(label: str, readout: Readout | None) -> float:
    return 1.0 if readout is None else TREX.calculate_trex_factor(readout.noise, label)
