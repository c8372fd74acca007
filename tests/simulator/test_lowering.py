"""Circuits in plain words: nothing but the words changes."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Duration, Gate, Instruction, Measure, Parameter
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import RXGate, XGate
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.bridge.ledger import RefusedError
from qiskit_runtime_service.records.problem import NotExecutable
from qiskit_runtime_service.simulator.lowering import as_plain_steps, lower_circuit, lower_pubs

from ..support.walking import walked

MEASURE_2 = Instruction("measure_2", 1, 1, [])
RESET_2 = Instruction("reset_2", 1, 0, [])


def device() -> Target:
    """Return three qubits, of which the first tells the error of `measure_2`, the second has one and does not tell."""
    target = Target(num_qubits=3, dt=1e-9)
    target.add_instruction(XGate(), {(qubit,): InstructionProperties(5e-8) for qubit in range(3)})
    target.add_instruction(RXGate(Parameter("t")), {(qubit,): None for qubit in range(3)})
    target.add_instruction(Measure(), {(qubit,): InstructionProperties(1e-6, 0.5) for qubit in range(3)})
    target.add_instruction(MEASURE_2, {(0,): InstructionProperties(1e-6, 0.0), (1,): None}, name="measure_2")
    return target


def names(circuit: QuantumCircuit) -> list[str]:
    return [step.name for step in circuit.data]


def test_a_circuit_in_plain_words_stays_the_same_object() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.delay(Parameter("t"), 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    circuit.measure(0, 0)
    assert lower_circuit(circuit, device()) is circuit


@pytest.mark.holds("B258")
def test_delays_by_stretches_and_expressions_last_seconds() -> None:
    circuit = QuantumCircuit(2)
    gap = circuit.add_stretch("gap")
    circuit.delay(gap, 0)
    circuit.delay(expr.mul(gap, 2), 0)
    circuit.delay(600, 1, "ns")
    circuit.x(1)
    lowered = lower_circuit(circuit, device())
    delays = [step.operation for step in lowered.data if step.name == "delay"]
    assert [
        (round(delay.duration * 1e9, 6) if delay.unit == "s" else delay.duration, delay.unit) for delay in delays
    ] == [
        (216.666667, "s"),
        (433.333333, "s"),
        (600, "ns"),
    ]


@pytest.mark.holds("B258")
@pytest.mark.parametrize(("dt", "nanoseconds"), [(None, 1), (1e-9, 1), (4e-9, 4)])
def test_a_dt_lasts_as_long_as_the_device_tells_or_a_nanosecond(dt: float | None, nanoseconds: int) -> None:
    target = device()
    target.dt = dt
    circuit = QuantumCircuit(2)
    circuit.delay(expr.mul(Duration.dt(100), 3), 0)
    with circuit.box(duration=700, unit="dt"):
        circuit.barrier(1)
    delays = [step for step in lower_circuit(circuit, target).data if step.name == "delay"]
    lengths = [round(step.operation.duration * 1e9, 6) for step in delays]
    assert lengths == [300 * nanoseconds, 700 * nanoseconds]


@pytest.mark.holds("B258")
def test_bodies_may_use_the_stretches_and_variables_around_them() -> None:
    circuit = QuantumCircuit(2, 1)
    gap, n = circuit.add_stretch("gap"), circuit.add_var("n", expr.lift(True))
    with circuit.if_test(n):
        circuit.delay(gap, 0)
        circuit.x(1)
        own = circuit.add_var("own", expr.logic_not(n))
        circuit.store(n, own)
        circuit.store(circuit.clbits[0], expr.logic_not(n))
    with circuit.for_loop(range(2), expr.Var.new("i", types.Uint(8))):
        circuit.delay(circuit.add_stretch("other"), 0)
    lowered = lower_circuit(circuit, device())
    body = lowered.data[1].operation.blocks[0]
    assert [step.operation.duration for step in body.data if step.name == "delay"] == [5e-8]
    assert [block.num_stretches for block in (lowered, *(step.operation.blocks[0] for step in lowered.data[1:]))] == [
        0
    ] * 3
    assert lower_circuit(lowered, device()) is lowered
    assert walked(lowered) == {"1": 20}


@pytest.mark.holds("B258")
def test_a_delay_of_less_than_nothing_is_refused_in_words() -> None:
    circuit = QuantumCircuit(2)
    gap = circuit.add_stretch("gap")
    circuit.x(0)
    circuit.delay(gap, 1)
    circuit.barrier()
    circuit.delay(expr.sub(gap, Duration.ns(150)), 0)
    with pytest.raises(RefusedError) as caught:
        lower_pubs([SamplerPub(QuantumCircuit(2)), SamplerPub(circuit)], device())
    problem = caught.value.problem
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    assert problem.reason == "a delay lasts -1e-07 s"


@pytest.mark.holds("B258")
@pytest.mark.parametrize("place", ["store", "if_else", "while_loop", "switch_case"])
def test_a_stretch_outside_of_a_delay_is_refused_in_words(place: str) -> None:
    circuit = QuantumCircuit(1, 1)
    short = expr.less(circuit.add_stretch("gap"), Duration.ns(5))
    match place:
        case "store":
            circuit.store(circuit.clbits[0], short)
        case "if_else":
            with circuit.if_test(short):
                circuit.x(0)
        case "while_loop":
            with circuit.while_loop(short):
                circuit.x(0)
        case _:
            with circuit.switch(short) as case, case(True):
                circuit.x(0)
    with pytest.raises(RefusedError) as caught:
        lower_pubs([SamplerPub(circuit)], device())
    assert "'gap' has no value outside of a delay" in str(caught.value.problem)


@pytest.mark.holds("B255")
def test_boxes_are_opened_and_their_time_is_kept() -> None:
    circuit = QuantumCircuit(3, 1)
    with circuit.box(duration=500, unit="ns"):
        circuit.x(2)
        circuit.x(0)
        circuit.x(0)
    with circuit.box(), circuit.if_test((circuit.clbits[0], 0)):
        circuit.x(1)
    lowered = lower_circuit(circuit, device())
    assert names(lowered) == ["x", "x", "x", "delay", "delay", "if_else"]
    assert [round(step.operation.duration * 1e9) for step in lowered.data if step.name == "delay"] == [400, 400]
    lowered.measure(1, 0)
    assert walked(lowered) == {"1": 20}


def test_a_box_with_a_variable_stays_closed_and_is_walked() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.box():
        flag = circuit.add_var("flag", expr.lift(True))
        with circuit.if_test(flag), circuit.box():
            circuit.x(0)
    circuit.measure(0, 0)
    lowered = lower_circuit(circuit, device())
    assert names(lowered) == ["box", "measure"]
    assert walked(lowered) == {"1": 20}


@pytest.mark.holds("B259")
def test_kin_of_measurements_keep_their_name_where_the_device_tells_their_error() -> None:
    circuit = QuantumCircuit(3, 3)
    for qubit in range(3):
        circuit.append(MEASURE_2, [qubit], [qubit])
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(MEASURE_2, [1], [1])
        circuit.append(RESET_2, [0])
    lowered = lower_circuit(circuit, device())
    assert names(lowered) == ["measure_2", "measure", "measure", "if_else"]
    assert names(lowered.data[3].operation.blocks[0]) == ["measure", "reset"]
    assert names(as_plain_steps(lowered)) == ["measure", "measure", "measure", "if_else"]


@pytest.mark.holds("B259")
def test_kin_of_measurements_are_read_with_their_own_error() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.append(MEASURE_2, [0], [0])
    circuit.measure(0, 1)
    counts = walked(lower_circuit(circuit, device()), 2000, target=device())
    # The error of `measure_2` is 0, that of `measure` one half.
    assert set(counts) == {"00", "10"}
    assert 800 < counts["10"] < 1200


@pytest.mark.holds("B255")
def test_gates_that_not_all_methods_have_become_those_that_define_them() -> None:
    own = QuantumCircuit(2, name="own")
    own.x(0)
    own.iswap(0, 1)
    circuit = QuantumCircuit(3, 3)
    circuit.append(own.to_gate(), [2, 0])
    circuit.ccz(0, 1, 2)
    circuit.initialize([0, 1], 1)
    circuit.append(Gate("opaque", 1, []), [0])
    lowered = lower_circuit(circuit, device())
    assert set(names(lowered)) <= {"x", "s", "h", "cx", "ccx", "reset", "unitary", "opaque"}
    assert names(lowered)[-1] == "opaque"
    del lowered.data[-1]
    lowered.measure(range(3), range(3))
    assert walked(lowered) == {"011": 20}


def test_pubs_keep_all_but_their_circuit() -> None:
    angle = Parameter("a")
    circuit = QuantumCircuit(2, 1, metadata={"kept": 1})
    with circuit.box():
        circuit.rx(angle, 0)
    sampler, estimator = (
        SamplerPub.coerce((circuit, [[1.0], [2.0]], 7)),
        EstimatorPub.coerce((circuit, "ZZ", [1.0], 0.5)),
    )
    lowered, estimated = lower_pubs([sampler], device())[0], lower_pubs([estimator], device())[0]
    assert (lowered.shape, lowered.shots, lowered.circuit.metadata) == ((2,), 7, {"kept": 1})
    assert (estimated.observables, estimated.precision) == (estimator.observables, 0.5)
    assert names(lowered.circuit) == names(estimated.circuit) == ["rx"]
    plain = SamplerPub(QuantumCircuit(1))
    assert lower_pubs([plain], device())[0] is plain
