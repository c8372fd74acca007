"""How long stretches and delays are: seconds written out."""

from collections.abc import Callable

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Duration, Measure, Parameter
from qiskit.circuit.classical import expr
from qiskit.circuit.library import CXGate, XGate
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.simulator.expressions import UndefinedValueError
from qiskit_runtime_service.simulator.stretches import resolve_stretches, time_of

NS = 1e-9


def device(dt: float | None = 2 * NS) -> Target:
    """Return three qubits: an `x` takes 50 ns, a `cx` 300, a measurement 1000."""
    target = Target(num_qubits=3, dt=dt)
    target.add_instruction(XGate(), {(qubit,): InstructionProperties(50 * NS) for qubit in range(3)})
    target.add_instruction(Measure(), {(qubit,): InstructionProperties(1000 * NS) for qubit in range(3)})
    pairs = [(0, 1), (1, 2)]
    target.add_instruction(CXGate(), {pair: InstructionProperties(300 * NS) for pair in pairs})
    return target


def nanoseconds(circuit: QuantumCircuit, target: Target | None = None) -> dict[str, float]:
    values = resolve_stretches(circuit, target or device())
    return {stretch.name: round(seconds / NS, 6) for stretch, seconds in values.items()}


@pytest.mark.holds("B258")
def test_a_stretch_makes_the_qubits_of_a_barrier_equal() -> None:
    circuit = QuantumCircuit(3)
    gap = circuit.add_stretch("gap")
    circuit.x(0)
    circuit.x(0)
    circuit.x(1)
    circuit.delay(gap, 1)
    circuit.barrier(0, 1)
    circuit.delay(900, 2, "ns")
    assert nanoseconds(circuit) == {"gap": 50}


@pytest.mark.holds("B258")
def test_the_end_is_a_meeting_of_all_qubits() -> None:
    circuit = QuantumCircuit(3, 1)
    gap = circuit.add_stretch("gap")
    circuit.delay(gap, 0)
    circuit.x(0)
    circuit.measure(1, 0)
    assert nanoseconds(circuit) == {"gap": 950}


@pytest.mark.holds("B258")
def test_a_stretch_on_the_last_qubit_is_nothing() -> None:
    circuit = QuantumCircuit(2)
    gap, never = circuit.add_stretch("gap"), circuit.add_stretch("never")
    circuit.delay(gap, 0)
    circuit.x(0)
    circuit.barrier()
    assert nanoseconds(circuit) == {"gap": 0}
    assert never not in resolve_stretches(circuit, device())


@pytest.mark.holds("B258")
def test_a_qubit_shares_what_is_missing_by_how_often_each_stretch_is_used() -> None:
    circuit = QuantumCircuit(2)
    s = circuit.add_stretch("s")
    for factor in (1, 2, 1):
        circuit.delay(expr.mul(s, factor), 0)
        if factor < 3:
            circuit.x(0)
    circuit.delay(1000, 1, "ns")
    circuit.barrier()
    # 1000 ns less three gates, in four parts.
    assert nanoseconds(circuit) == {"s": 212.5}


@pytest.mark.holds("B258")
def test_two_stretches_on_a_qubit_are_equal() -> None:
    circuit = QuantumCircuit(2)
    a, b = circuit.add_stretch("a"), circuit.add_stretch("b")
    circuit.delay(expr.add(a, expr.add(b, Duration.ns(100))), 0)
    circuit.delay(700, 1, "ns")
    assert nanoseconds(circuit) == {"a": 300, "b": 300}


@pytest.mark.holds("B258")
def test_a_stretch_on_several_qubits_takes_the_least_that_they_offer() -> None:
    circuit = QuantumCircuit(3)
    gap = circuit.add_stretch("gap")
    circuit.delay(gap, [0, 1])
    circuit.x(1)
    circuit.delay(400, 2, "ns")
    assert nanoseconds(circuit) == {"gap": 350}


@pytest.mark.holds("B258")
def test_a_gate_on_two_qubits_is_a_meeting_too() -> None:
    circuit = QuantumCircuit(3)
    gap, late = circuit.add_stretch("gap"), circuit.add_stretch("late")
    circuit.x(0)
    circuit.delay(gap, 1)
    circuit.cx(0, 1)
    circuit.delay(late, 2)
    circuit.barrier()
    assert nanoseconds(circuit) == {"gap": 50, "late": 350}


@pytest.mark.holds("B258")
def test_a_stretch_keeps_its_first_value() -> None:
    circuit = QuantumCircuit(2)
    gap = circuit.add_stretch("gap")
    circuit.x(0)
    circuit.delay(gap, 1)
    circuit.barrier()
    circuit.delay(1000, 0, "ns")
    circuit.delay(gap, 1)
    circuit.barrier()
    assert nanoseconds(circuit) == {"gap": 50}


@pytest.mark.holds("B258")
def test_blocks_take_their_longest_body_and_loops_all_their_rounds() -> None:
    circuit = QuantumCircuit(2, 1)
    gap, more, last = (circuit.add_stretch(name) for name in ("gap", "more", "last"))
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(0)
    with otherwise:
        circuit.x(0)
        circuit.x(0)
    circuit.delay(gap, 1)
    circuit.barrier()
    with circuit.for_loop(range(5)):
        circuit.x(0)
    circuit.delay(more, 1)
    circuit.barrier()
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(0)
    circuit.delay(last, 1)
    circuit.barrier()
    assert nanoseconds(circuit) == {"gap": 100, "more": 250, "last": 50}


@pytest.mark.holds("B258")
def test_a_body_has_meetings_of_its_own() -> None:
    circuit = QuantumCircuit(3, 1)
    after = circuit.add_stretch("after")
    with circuit.if_test((circuit.clbits[0], 1)):
        inside = circuit.add_stretch("inside")
        circuit.delay(inside, 0)
        circuit.delay(600, 1, "ns")
    circuit.delay(after, 2)
    circuit.barrier()
    assert nanoseconds(circuit) == {"inside": 600, "after": 600}


@pytest.mark.holds("B258")
def test_boxes_last_as_long_as_they_say_or_as_what_is_in_them() -> None:
    circuit = QuantumCircuit(2)
    gap, more = circuit.add_stretch("gap"), circuit.add_stretch("more")
    with circuit.box(duration=500, unit="ns"):
        circuit.x(0)
    circuit.delay(gap, 1)
    circuit.barrier()
    with circuit.box():
        circuit.x(0)
    circuit.delay(more, 1)
    assert nanoseconds(circuit) == {"gap": 500, "more": 50}


@pytest.mark.holds("B258")
@pytest.mark.parametrize(
    ("length", "wanted"),
    [
        (lambda s: expr.add(s, Duration.ns(100)), 900),
        (lambda s: expr.sub(s, Duration.ns(100)), 1100),
        (lambda s: expr.sub(Duration.us(3), s), 2000),
        (lambda s: expr.div(s, 4), 4000),
        (lambda s: expr.mul(2.5, s), 400),
        (lambda s: expr.add(s, expr.mul(s, expr.add(1.0, 2.0))), 250),
        (lambda s: expr.mul(Duration.ns(4), expr.div(s, Duration.ns(5))), 1250),
        (lambda s: expr.add(s, Duration.dt(100)), 800),
        (lambda s: expr.negate(expr.sub(expr.negate(s), Duration.us(0.5))), 500),
    ],
)
def test_lengths_are_sums_of_multiples_of_stretches(length: Callable[[expr.Stretch], expr.Expr], wanted: float) -> None:
    circuit = QuantumCircuit(2)
    s = circuit.add_stretch("s")
    circuit.delay(length(s), 0)
    circuit.delay(1, 1, "us")
    if wanted == 2000:
        # This one is shorter the longer the stretch is: nothing is missing, and it is 0.
        wanted = 0
    assert nanoseconds(circuit) == {"s": wanted}


@pytest.mark.holds("B258")
@pytest.mark.parametrize(
    ("length", "words"),
    [
        (lambda s: expr.mul(Duration.ns(3), expr.div(Duration.ns(5), s)), "no sum of multiples"),
        (lambda s: expr.div(s, 0), "divided by zero"),
        (lambda s: expr.div(s, 0.0), "divided by zero"),
        (lambda s: expr.add(s, expr.div(Duration.ns(3), 0)), "divided by zero"),
    ],
)
def test_other_lengths_are_refused_in_words(length: Callable[[expr.Stretch], expr.Expr], words: str) -> None:
    circuit = QuantumCircuit(2)
    circuit.delay(length(circuit.add_stretch("s")), 0)
    with pytest.raises(UndefinedValueError, match=words):
        resolve_stretches(circuit, device())


def test_a_delay_by_a_parameter_beside_a_stretch_is_refused_in_words() -> None:
    circuit = QuantumCircuit(2)
    circuit.delay(circuit.add_stretch("s"), 0)
    circuit.delay(Parameter("t"), 1, "ns")
    with pytest.raises(UndefinedValueError, match="a delay lasts t, which is not bound"):
        resolve_stretches(circuit, device())


def test_a_device_without_a_dt_counts_nanoseconds() -> None:
    circuit = QuantumCircuit(2)
    circuit.delay(circuit.add_stretch("s"), 0)
    circuit.delay(700, 1)
    assert nanoseconds(circuit, device(dt=None)) == {"s": 700}
    assert nanoseconds(circuit) == {"s": 1400}


def test_operations_of_which_nothing_is_told_take_no_time() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.x(0)
    assert round(time_of(circuit, range(2), device(), {}) / NS) == 50
