"""Observables: from what a user hands in to what an estimator job is sent."""

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives.containers import EstimatorPubLike
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import SparseObservable
from returns.result import Failure, Result

from .._shown import write_out
from ..records.problem import BadArgument, Problem
from .circuits import read_all, shown, values_of
from .typed_json import encode_value

_LETTERS = np.frombuffer(b"IZXY", np.uint8)
"""The letter of each bit term that the service measures. Those of projectors are larger numbers."""


def read_estimator_pubs(
    pubs: Iterable[EstimatorPubLike], precision: float | None, *, projectors: bool = False
) -> Result[tuple[EstimatorPub, ...], Problem]:
    """Return the pubs in Qiskit's own form, with `precision` where they state none.

    Args:
        pubs: What the user gives.
        precision: A standard error.
        projectors: Whether observables may have projectors, which the service does not measure.

    Fails with:
        BadArgument: There are none, or one is not a circuit with observables of I, X, Y and Z on all of its qubits,
            fitting values and a precision above 0.

    Source: behaviour B83, B164.
    """
    if precision is not None and not _is_precision(precision):
        wanted = "a finite number above 0, or None for the default"
        return Failure(BadArgument(name="precision", value=shown(precision), wanted=wanted))
    wanted = (
        "(circuit, observables, parameter values, precision), the observables as wide as the circuit, "
        "by observable.apply_layout(circuit.layout)"
    )
    return read_all(pubs, lambda pub: _read(pub, precision, projectors), wanted, "[(circuit, observables)]", place=2)


def _read(pub: Any, precision: float | None, projectors: bool) -> EstimatorPub:
    """Return one pub, or raise as Qiskit does."""
    read = EstimatorPub.coerce(pub, precision)
    if read.precision is not None and not _is_precision(read.precision):
        raise ValueError(f"the precision is {write_out(read.precision, str)}, not above 0 and finite")
    if not read.observables.size:
        raise ValueError("there are no observables")
    if not projectors and any(
        np.any(np.asarray(observable.bit_terms) >= len(_LETTERS)) for observable in flat_observables(read)
    ):
        raise ValueError("an observable has a projector; the service measures I, X, Y and Z only")
    return read


def _is_precision(value: Any) -> bool:
    is_number = isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool)
    # Not every whole number is a float.
    return is_number and 0 < value <= sys.float_info.max


def flat_observables(pub: EstimatorPub) -> NDArray[Any]:
    """Return the observables one after the other."""
    return np.asarray(pub.observables.sparse_observables_array()).reshape(-1)


def encode_estimator_pub(pub: EstimatorPub) -> bytes:
    """Return a pub as it is sent: `[circuit, observables, values, precision]`.

    The observables are nested lists of `{label: coefficient}`, the highest qubit first; the values are one array of
    shape (*shape of the values, number of parameters).

    Raises:
        TypeError: The metadata of the circuit hold something that has no form in typed JSON.

    Source: behaviour B164.
    """
    return encode_value([pub.circuit, _observables_value(pub), values_of(pub), pub.precision])


def _observables_value(pub: EstimatorPub) -> Any:
    """Return the observables as nested lists; one alone as it is."""
    values = np.empty(pub.observables.size, dtype=object)
    values[:] = [
        dict(zip(labels_of(observable), np.real(observable.coeffs).tolist(), strict=True))
        for observable in flat_observables(pub)
    ]
    return values.reshape(pub.observables.shape).tolist()


def labels_of(observable: SparseObservable) -> list[str]:
    """Return the terms as texts of I, X, Y and Z, as wide as the observable."""
    width, terms = observable.num_qubits, len(observable)
    letters = np.full((terms, width), ord("I"), np.uint8)
    bounds = np.asarray(observable.boundaries, np.int64)
    rows = np.repeat(np.arange(terms), bounds[1:] - bounds[:-1])
    letters[rows, width - 1 - np.asarray(observable.indices, np.int64)] = _LETTERS[np.asarray(observable.bit_terms)]
    text = letters.tobytes().decode("ascii")
    return [text[term * width : (term + 1) * width] for term in range(terms)]
