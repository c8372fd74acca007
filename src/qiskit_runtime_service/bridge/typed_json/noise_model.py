"""Aer's noise models, from the dictionaries that they are sent as.

Aer's own reader is deprecated and warns of it, which fails the jobs of those who make errors of warnings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction, Reset
from qiskit.circuit.library import PauliGate, UnitaryGate

from ..ledger import BIT, CIRCUIT, Ledger
from ..target import STANDARD

_MOST_QUBITS = 10_000
_WIDEST_ERROR = 50
"""Qubits that one error is on at once."""
_STEPS_OF_TERM = 300.0
"""How long it takes to read one term of an error."""


def read_noise_model(value: Mapping[str, Any], ledger: Ledger) -> object:
    """Return Aer's noise model, or, where Aer is not installed, its dictionary.

    Raises:
        RefusedError: There are more errors, or on more qubits, than the ledger has room for.
        ValueError, TypeError, LookupError, QiskitError: The dictionary is that of no noise model.
    """
    if find_spec("qiskit_aer") is None:
        return value
    from qiskit_aer.noise import NoiseModel, QuantumError, ReadoutError

    _check(value)
    model = NoiseModel()
    seen: set[tuple[object, ...]] = set()
    for error in value["errors"]:
        places = error.get("gate_qubits")
        ledger.walk("errors of a noise model", _STEPS_OF_TERM * len(error["operations"]) * len(places or ("all",)))
        if error["type"] == "qerror":
            _check_once(error["operations"], places, seen)
            circuits = (_read_circuit(steps, ledger) for steps in error["instructions"])
            terms = zip(circuits, error["probabilities"], strict=True)
            made, names = QuantumError(list(terms)), error["operations"]
            if places is None:
                model.add_all_qubit_quantum_error(made, names, warnings=False)
            for qubits in places or ():
                model.add_quantum_error(made, names, qubits, warnings=False)
        elif error["type"] == "roerror":
            made = ReadoutError(error["probabilities"])
            if places is None:
                model.add_all_qubit_readout_error(made, warnings=False)
            for qubits in places or ():
                model.add_readout_error(made, qubits, warnings=False)
        else:
            raise ValueError(f"{error['type']!r} is no type of error")
    return model


def _check(value: Mapping[str, Any]) -> None:
    leaves = list(_leaves(value))
    if not all(leaf is None or isinstance(leaf, str | int | float | complex) for leaf in leaves):
        raise ValueError("its value is not plain data")
    # Circuits are as wide as the highest qubit that is named.
    numbers = [leaf for leaf in leaves if isinstance(leaf, int)]
    if max(numbers, default=0) > _MOST_QUBITS or min(numbers, default=0) < 0:
        raise ValueError(f"its value is not a model of at most {_MOST_QUBITS} qubits")


def _check_once(names: Iterable[str], places: Sequence[Sequence[int]] | None, seen: set[tuple[object, ...]]) -> None:
    """Refuse a second error in the place of one: Aer would multiply each term of the one by each of the other."""
    for place in [(name, *qubits) for name in names for qubits in places or (("all",),)]:
        if place in seen:
            raise ValueError(f"it has two errors of {place[0]!r:.80} on {place[1:]}")
        seen.add(place)


def _leaves(value: object) -> Iterator[object]:
    """Yield what is neither a list nor an object in nested lists and objects."""
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _read_circuit(steps: Sequence[Mapping[str, Any]], ledger: Ledger) -> QuantumCircuit:
    """Return what happens where one term of an error strikes."""
    width = 1 + max(max(step["qubits"]) for step in steps)
    ledger.walk("errors of a noise model", _STEPS_OF_TERM * len(steps))
    ledger.pay("errors of a noise model", CIRCUIT)
    if width > _WIDEST_ERROR:
        raise ValueError(f"it has an error on {width} qubits at once; {_WIDEST_ERROR} are read at most")
    ledger.pay("errors of a noise model", BIT, width)
    circuit = QuantumCircuit(width)
    for step in steps:
        circuit.append(_read_operation(step), step["qubits"])
    return circuit


def _read_operation(step: Mapping[str, Any]) -> Instruction:
    name, params = step["name"], [_read_matrix(param) for param in step.get("params", ())]
    match name:
        case "reset":
            return Reset()
        case "kraus":
            return Instruction("kraus", len(step["qubits"]), 0, params)
        case "unitary":
            return UnitaryGate(params[0], label=step.get("label"))
        case "pauli":
            return PauliGate(params[0])
    # As Aer reads them.
    return UnitaryGate(STANDARD[name].to_matrix(), label=name)


def _read_matrix(param: Any) -> Any:
    """Return a matrix of pairs, as Aer writes complex numbers, as an array; else the parameter."""
    pairs = np.array(param, dtype=float) if isinstance(param, list) else np.empty(0)
    return pairs[..., 0] + 1j * pairs[..., 1] if pairs.ndim == 3 and pairs.shape[2] == 2 else param
