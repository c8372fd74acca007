"""Values that are no finite numbers: found wherever they are, and named by their place."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Duration, Instruction, Parameter
from qiskit.circuit.classical import expr, types
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.finite import check_finite
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.records.problem import BadArgument

from .test_circuits import pubs_of

NAN, INF = math.nan, math.inf
ODD = pytest.mark.parametrize("odd", [NAN, INF, -INF])


def refusal(*pubs: Any) -> BadArgument:
    result = check_finite(pubs)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    return problem


def turning(*names: str) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    for name in names:
        circuit.rx(Parameter(name), 0)
    return circuit


@pytest.mark.holds("B262")
@ODD
@pytest.mark.parametrize(
    ("values", "where"),
    [
        (lambda odd: [0.1, odd], "the value for parameter 'b'"),
        (lambda odd: [[0, 1], [2, 3], [odd, 5]], "the value at [2] for parameter 'a'"),
        (lambda odd: np.array([[[0, 1], [2, odd]]]), "the value at [0, 1] for parameter 'b'"),
        (lambda odd: {"a": [1, 2], "b": [3, odd]}, "the value at [1] for parameter 'b'"),
        (lambda odd: {("b", "a"): [[3, odd]]}, "the value at [0] for parameter 'a'"),
    ],
)
def test_values_are_named_by_pub_parameter_and_index(odd: float, values: Any, where: str) -> None:
    circuit = turning("a", "b")
    problem = refusal(*pubs_of((circuit, [1, 2]), (circuit, values(odd))))
    assert problem.name == f"{where} of pubs[1]"
    assert problem.value == repr(odd)
    assert "finite number" in problem.wanted


@pytest.mark.holds("B262")
def test_estimators_are_looked_at_too_with_their_observables() -> None:
    circuit = turning("a")
    good = (circuit, "ZZ", [1.0])
    for pub, name, value in (
        ((circuit, ["ZZ", "XX"], [[1], [NAN]]), "the value at [1] for parameter 'a' of pubs[1]", "nan"),
        ((circuit, {"ZZ": INF}, [1]), "a coefficient of the observable of pubs[1]", "(inf+0j)"),
        ((circuit, [["ZZ"], [{"XX": NAN}]], [1]), "a coefficient of the observable at [1, 0] of pubs[1]", "(nan+0j)"),
    ):
        problem = refusal(*read_estimator_pubs([good, pub], None).unwrap())
        assert (problem.name, problem.value) == (name, value)
    assert check_finite(read_estimator_pubs([good], None).unwrap()) == Success(None)


def in_gate(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    circuit.rz(odd, 1)
    return circuit


def in_block(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(3, 1)
    block = QuantumCircuit(2)
    block.rzz(odd, 0, 1)
    circuit.if_else((circuit.clbits[0], 1), block, None, [2, 0], [])
    return circuit


def in_definition(odd: float) -> QuantumCircuit:
    circuit, own = QuantumCircuit(3, 1), QuantumCircuit(1, name="own")
    own.rx(odd, 0)
    circuit.append(own.to_gate().control(1), [2, 1])
    return circuit


def in_phase_of_definition(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.append(QuantumCircuit(1, name="own", global_phase=odd).to_gate(), [0])
    return circuit


def in_store(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.add_var("x", expr.add(expr.lift(1.0), expr.negate(expr.lift(odd))))
    return circuit


def in_condition(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop(expr.less(expr.lift(odd), expr.lift(1.0))):
        circuit.x(0)
    return circuit


def in_target(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.switch(expr.cast(expr.lift(odd), types.Uint(8))) as case, case(1):
        circuit.x(0)
    return circuit


def in_index(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    place = expr.cast(expr.lift(odd), types.Uint(8))
    with circuit.if_test(expr.index(expr.lift(3, types.Uint(8)), place)):
        circuit.x(0)
    return circuit


def in_box(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.box(duration=odd, unit="us"):
        circuit.x(0)
    return circuit


def in_delay(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.delay(odd, 0, "us")
    return circuit


def in_stretched_delay(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.delay(expr.add(circuit.add_stretch("gap"), Duration.us(odd)), 0)
    return circuit


def in_array(odd: float) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.append(Instruction("own", 1, 0, [np.array([[1, complex(0, odd)]])]), [0])
    return circuit


@pytest.mark.holds("B262")
@pytest.mark.parametrize("odd", [NAN, INF])
@pytest.mark.parametrize(
    ("build", "where"),
    [
        (in_gate, "instruction 'rz' on qubit 1"),
        (in_block, "instruction 'rzz' on qubits 2, 0"),
        (in_definition, "instruction 'rx' on qubit 2"),
        (in_phase_of_definition, "global phase"),
        (lambda odd: QuantumCircuit(1, 1, global_phase=odd), "global phase"),
        (in_store, "instruction 'store'"),
        (in_condition, "instruction 'while_loop' on qubit 0"),
        (in_target, "instruction 'switch_case' on qubit 0"),
        (in_index, "instruction 'if_else' on qubit 0"),
        (in_box, "instruction 'box' on qubit 0"),
        (in_delay, "instruction 'delay' on qubit 0"),
        (in_stretched_delay, "instruction 'delay' on qubit 0"),
        (in_array, "instruction 'own' on qubit 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_numbers_inside_a_circuit_are_named_by_their_instruction(build: Any, where: str, odd: float) -> None:
    assert check_finite(pubs_of(build(1.0))) == Success(None)
    problem = refusal(*pubs_of(QuantumCircuit(1, 1), build(odd)))
    assert where in problem.name
    assert problem.name.endswith("of pubs[1]")
    assert any(word in problem.value for word in ("nan", "inf"))


@pytest.mark.holds("B262")
def test_a_precision_is_finite() -> None:
    circuit = QuantumCircuit(2)
    for pubs, precision in (([(circuit, "ZZ", None, INF)], None), ([(circuit, "ZZ")], INF), ([(circuit, "ZZ")], NAN)):
        assert isinstance(read_estimator_pubs(pubs, precision), Failure)


@given(st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=6))
def test_the_first_odd_value_is_the_one_that_is_named(rows: list[tuple[float, float]]) -> None:
    pub = pubs_of((turning("a", "b"), rows))
    odd = [
        (index, name)
        for index, row in enumerate(rows)
        for name, value in zip("ab", row, strict=True)
        if not math.isfinite(value)
    ]
    if odd:
        index, name = odd[0]
        assert refusal(*pub).name == f"the value at [{index}] for parameter {name!r} of pubs[0]"
    else:
        assert check_finite(pub) == Success(None)
