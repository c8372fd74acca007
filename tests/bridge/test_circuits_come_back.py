"""What is sent is what was written: every circuit that can be written comes back as it was."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from qiskit import QuantumCircuit
from returns.result import Success

from qiskit_runtime_service.bridge.qpy_form import check_form
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value

from ..support.drawn_circuits import METADATA, circuits
from ..support.examples import examples
from .test_circuits import pubs_of


def back(value: object) -> Any:
    return decode_value(encode_value(value)).unwrap()


# Metadata


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are of one type and equal, also inside."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and bool(one == other)


@pytest.mark.holds("B264")
@settings(max_examples=examples(60))
@given(METADATA)
def test_typed_metadata_come_back(metadata: dict[str, Any]) -> None:
    circuit = QuantumCircuit(1, metadata=metadata)
    assert same(back(circuit).metadata, metadata)
    (inner,) = back({"layers": [circuit]})["layers"]
    assert same(inner.metadata, metadata)


# Circuits


def traits(circuit: QuantumCircuit) -> tuple[Any, ...]:
    """Return what equal circuits may differ in."""
    phase = circuit.global_phase
    return (
        circuit.name,
        [(register.name, register.size) for register in (*circuit.qregs, *circuit.cregs)],
        [[circuit.find_bit(bit).index for bit in register] for register in (*circuit.qregs, *circuit.cregs)],
        list(circuit.parameters),
        [step.label or None for step in circuit.data],  # an empty label is none
        phase % math.tau if isinstance(phase, float) else str(phase),
        [(var.name, var.type) for var in circuit.iter_vars()],
        [stretch.name for stretch in circuit.iter_stretches()],
    )


@pytest.mark.holds("B260", "B263")
@settings(max_examples=examples(60))
@given(circuits())
def test_every_circuit_comes_back(circuit: QuantumCircuit) -> None:
    again = back(circuit)
    assert again == circuit
    assert traits(again) == traits(circuit)
    assert same(again.metadata, circuit.metadata)
    values = [0.5] * circuit.num_parameters
    assert check_form(pubs_of(QuantumCircuit(1), (circuit, values))) == Success(None)
