"""What a calibration says of a device: what is broken, and how often the rest errs."""

from collections.abc import Iterable, Mapping
from math import expm1, inf, log1p
from statistics import median
from typing import NamedTuple, TypeAlias

from ..records.backend import Nduv, Properties

Place: TypeAlias = tuple[str, tuple[int, ...]]
"""A gate, and the qubits that it acts on."""


class FaultyParts(NamedTuple):
    """What a calibration reports as not operational."""

    qubits: frozenset[int]
    gates: frozenset[Place]


class Errors(NamedTuple):
    """How often each part of a device errs, from 0 to 1, where that was measured."""

    readout: Mapping[int, float]
    gates: Mapping[Place, float]


FRACTIONAL = "rzz"
"""The gate of two qubits that devices have beside their own one."""

NO_FAULTY = FaultyParts(frozenset(), frozenset())
NO_ERRORS = Errors({}, {})


def find_faulty(properties: Properties) -> FaultyParts:
    """Return the qubits and gates that are reported as not operational.

    Source: behaviour B36.
    """
    return FaultyParts(
        frozenset(qubit for qubit, items in enumerate(properties.qubits) if _is_off(items)),
        frozenset((gate.gate, gate.qubits) for gate in properties.gates if _is_off(gate.parameters)),
    )


def read_errors(properties: Properties | None) -> Errors:
    """Return the errors of readout and gates; of a device without properties none is known."""
    if properties is None:
        return NO_ERRORS
    readout = ((qubit, find_value(items, "readout_error")) for qubit, items in enumerate(properties.qubits))
    gates = (((gate.gate, gate.qubits), find_value(gate.parameters, "gate_error")) for gate in properties.gates)
    return Errors(
        {qubit: error for qubit, error in readout if error is not None},
        {place: error for place, error in gates if error is not None},
    )


def best_gates(properties: Properties) -> dict[frozenset[int], tuple[Place, float]]:
    """Return for each pair its best gate in its better direction, and the error of that.

    Pairs that were never calibrated, whose error is 1, are not there, and `rzz` does not count beside other gates.

    Source: behaviour B272.
    """
    gates = read_errors(properties).gates
    pairs = [place for place, error in gates.items() if len(place[1]) == 2 and error < 1]
    best: dict[frozenset[int], tuple[Place, float]] = {}
    for place in [place for place in pairs if place[0] != FRACTIONAL] or pairs:
        pair, error = frozenset(place[1]), gates[place]
        if pair not in best or error < best[pair][1]:
            best[pair] = place, error
    return best


def two_qubit_errors(properties: Properties) -> tuple[float, ...]:
    """Return the error of each pair, by its best gate in its better direction.

    Source: behaviour B272.
    """
    return tuple(error for _, error in best_gates(properties).values())


def readout_errors(properties: Properties) -> tuple[float, ...]:
    """Return the readout error of each qubit that was measured: the mean of its errors in both states.

    Source: behaviour B272.
    """
    return tuple(read_errors(properties).readout.values())


def median_two_qubit_error(properties: Properties) -> float | None:
    """Return the median over the pairs, or `None` where none was calibrated."""
    known = two_qubit_errors(properties)
    return median(known) if known else None


def median_readout_error(properties: Properties) -> float | None:
    """Return the median over the qubits, or `None` where none was measured."""
    known = readout_errors(properties)
    return median(known) if known else None


def expected_error(uses: Mapping[Place, int], errors: Errors) -> float:
    """Return the chance that a circuit errs somewhere, from 0 to 1, each use erring independently of the others.

    Args:
        uses: How often each gate, and each `measure`, is used where.
        errors: How often each errs. What was never measured, such as a change of frame, counts as perfect.

    Source: behaviour B111.
    """
    return 0.0 - expm1(sum(count * log_of_success(_error_of(place, errors)) for place, count in uses.items()))


def _error_of(place: Place, errors: Errors) -> float:
    gate, qubits = place
    return errors.readout.get(qubits[0], 0.0) if gate == "measure" else errors.gates.get(place, 0.0)


def log_of_success(error: float) -> float:
    """Return the logarithm of the chance that nothing goes wrong. An error of 1 is for ever."""
    return log1p(-error) if error < 1 else -inf


def find_value(items: Iterable[Nduv], name: str) -> float | None:
    """Return the value called `name`."""
    return next((item.value for item in items if item.name == name), None)


def _is_off(items: Iterable[Nduv]) -> bool:
    return find_value(items, "operational") == 0
