"""Finding the best qubits of a device: a search over its graph, without Qiskit."""

from collections.abc import Mapping
from heapq import nsmallest
from math import expm1, inf
from typing import NamedTuple

from returns.result import Failure, Result, Success

from ..records.backend import Configuration, Properties
from ..records.problem import BadArgument, Problem
from .calibration import NO_FAULTY, find_faulty, log_of_success, read_errors

BEAM = 64
"""How many sets of qubits are followed at once. With all of them followed the answer is exact."""

UNCALIBRATED = 100.0
"""The cost of what always errs: a device of which no pair was calibrated has best qubits too."""

NOT_GATES = frozenset({"measure", "reset", "delay", "id"})


class Graph(NamedTuple):
    """A device as costs: minus the logarithm of the chance that nothing goes wrong."""

    qubits: Mapping[int, float]
    """Reading out a qubit and one gate on it, by qubit; only working ones."""
    pairs: Mapping[int, Mapping[int, float]]
    """The best gate between two qubits in either direction, by qubit and neighbour."""


class Layout(NamedTuple):
    """Connected qubits, in ascending order, and how often they err."""

    qubits: tuple[int, ...]
    error: float
    """Of reading out each, a gate on each, and a gate between neighbours along the best tree that joins them."""


def find_best_qubits(
    configuration: Configuration, properties: Properties | None, count: int, *, beam: int = BEAM
) -> Result[Layout, Problem]:
    """Return `count` connected qubits that err least together.

    Sets of qubits grow by a neighbour at a time, the `beam` best of each size being followed. Of equal ones the
    first in ascending order wins.

    Fails with:
        BadArgument: There are not so many working qubits that are connected.

    Source: behaviour B112.
    """
    graph = build_graph(configuration, properties)
    if count < 1:
        return Failure(BadArgument(name="n", value=str(count), wanted="at least 1"))
    grown = {frozenset({qubit}): cost for qubit, cost in graph.qubits.items()}
    for size in range(1, count):
        wider = _grow(graph, grown)
        if not wider:
            wanted = f"at most {size}, the working qubits that are connected"
            return Failure(BadArgument(name="n", value=str(count), wanted=wanted))
        grown = dict(nsmallest(beam, wider.items(), key=_rank))
    if not grown:
        return Failure(BadArgument(name="n", value=str(count), wanted="0: no qubit works"))
    qubits, cost = min(grown.items(), key=_rank)
    return Success(Layout(tuple(sorted(qubits)), -expm1(-cost)))


def _rank(grown: tuple[frozenset[int], float]) -> tuple[float, list[int]]:
    """Return by what a set of qubits with its cost is ordered: the least cost, then the first in ascending order."""
    qubits, cost = grown
    return cost, sorted(qubits)


def build_graph(configuration: Configuration, properties: Properties | None) -> Graph:
    """Return what using each qubit and each pair costs. Pairs that were never calibrated come last."""
    errors = read_errors(properties)
    faulty = NO_FAULTY if properties is None else find_faulty(properties)
    working = [qubit for qubit in range(configuration.n_qubits) if qubit not in faulty.qubits]
    singles = dict.fromkeys(working, 0.0)
    pairs: dict[int, dict[int, float]] = {qubit: {} for qubit in working}
    for place in _places(configuration, properties):
        gate, qubits = place
        cost = _cost(errors.gates.get(place, 0.0))
        if place in faulty.gates or gate in NOT_GATES:
            continue
        if len(qubits) == 1 and qubits[0] in singles:
            singles[qubits[0]] = max(cost, singles[qubits[0]])
        elif len(qubits) == 2 and set(qubits) <= singles.keys():
            one, other = qubits
            pairs[one][other] = pairs[other][one] = min(cost, pairs[one].get(other, inf))
    return Graph({qubit: singles[qubit] + _cost(errors.readout.get(qubit, 0.0)) for qubit in working}, pairs)


def _cost(error: float) -> float:
    return min(-log_of_success(error), UNCALIBRATED)


def _places(configuration: Configuration, properties: Properties | None) -> set[tuple[str, tuple[int, ...]]]:
    """Return each gate of the basis wherever the configuration or the calibration puts it."""
    basis = set(configuration.basis_gates)
    configured = {(gate.name, qubits) for gate in configuration.gates for qubits in gate.coupling_map or ()}
    measured = {(gate.gate, gate.qubits) for gate in properties.gates} if properties is not None else set()
    return {(gate, qubits) for gate, qubits in configured | measured if gate in basis}


def _grow(graph: Graph, grown: Mapping[frozenset[int], float]) -> dict[frozenset[int], float]:
    """Return each set with each of its neighbours, at the least cost of joining it."""
    wider: dict[frozenset[int], float] = {}
    for qubits, cost in grown.items():
        joining: dict[int, float] = {}
        for qubit in qubits:
            for neighbour, edge in graph.pairs[qubit].items():
                if neighbour not in qubits:
                    joining[neighbour] = min(edge, joining.get(neighbour, inf))
        for neighbour, edge in joining.items():
            whole = qubits | {neighbour}
            wider[whole] = min(cost + edge + graph.qubits[neighbour], wider.get(whole, inf))
    return wider
