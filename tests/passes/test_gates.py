"""Passes that change single instructions: folded angles, Clifford circuits, waits, and what is read in the middle."""

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction, Parameter
from qiskit.quantum_info import Clifford, Operator
from qiskit.transpiler import InstructionDurations, PassManager, PassManagerConfig, Target, TranspilerError

from qiskit_runtime_service import EstimatorV2, SamplerV2
from qiskit_runtime_service.fake_provider import FakeFractionalBackend
from qiskit_runtime_service.passes.rzz_folding import convert_to_rzz_valid_pub
from qiskit_runtime_service.transpiler.passes import (
    ConvertIdToDelay,
    ConvertISAToClifford,
    ConvertToMidCircuitMeasure,
    ConvertToMidCircuitResetAndMeasure,
    FoldRzzAngle,
)
from qiskit_runtime_service.transpiler.plugin import (
    IBMDynamicFractionalTranslationPlugin,
    IBMDynamicTranslationPlugin,
    IBMTranslationPlugin,
)

DURATIONS = InstructionDurations([("sx", 0, 160), ("sx", 1, 200)], dt=1e-9)


def run(step: Any, circuit: QuantumCircuit) -> QuantumCircuit:
    return PassManager([step]).run(circuit)


def names(circuit: QuantumCircuit) -> list[str]:
    return [step.name for step in circuit.data]


@pytest.mark.holds("B461")
@given(st.floats(-100, 100))
@example(math.pi / 2)
@example(-math.pi / 2)
@example(3 * math.pi / 2)
@example(2 * math.pi)
def test_a_folded_angle_is_within_bounds_and_the_circuit_the_same(angle: float) -> None:
    circuit = QuantumCircuit(2)
    circuit.rzz(angle, 1, 0)
    folded = run(FoldRzzAngle(), circuit)
    assert Operator(folded) == Operator(circuit)
    assert all(0 <= step.params[0] <= math.pi / 2 for step in folded.data if step.name == "rzz")


@pytest.mark.holds("B461")
def test_angles_are_folded_inside_of_control_flow_and_free_ones_stay() -> None:
    free = Parameter("free")
    circuit = QuantumCircuit(2, 1)
    circuit.rzz(free, 0, 1)
    with circuit.if_test((0, 1)):
        circuit.rzz(3 * math.pi / 2, 0, 1)
    first, branch = run(FoldRzzAngle(), circuit).data
    assert first.params == [free]
    assert names(branch.operation.blocks[0]) == ["rz", "rz", "rzz"]


BACKEND = FakeFractionalBackend()


def turned_twice() -> QuantumCircuit:
    """Return a circuit with two angles that parameters decide, and one that none does."""
    first, second = Parameter("first"), Parameter("second")
    circuit = QuantumCircuit(3)
    circuit.rzz(first, 0, 1)
    circuit.rzz(2 * first - second, 2, 1)
    circuit.rzz(0.25, 0, 2)
    circuit.rx(second, 1)
    return circuit


@pytest.mark.holds("B476")
@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=1, max_size=4), st.booleans())
@example([(2.0, 0.1), (-1.0, 4.0)], True)
@example([(-math.pi / 2, 0.0)], False)
@example([(6e-24, 6e-24)], False)  # Qiskit drops a term as small as this while it binds, and is left with -6e-24
def test_a_pub_with_folded_angles_measures_the_same(rows: list[tuple[float, float]], is_sampled: bool) -> None:
    circuit = turned_twice()
    if is_sampled:
        made = convert_to_rzz_valid_pub(SamplerV2(BACKEND), (circuit, rows, 7))
        assert made.shots == 7
    else:
        made = convert_to_rzz_valid_pub(EstimatorV2(BACKEND), (circuit, "ZZX", rows, 0.5))
        assert (made.precision, made.shape) == (0.5, (len(rows),))
    folded = made.parameter_values.bind_all(made.circuit)
    for bound, row in zip(folded.tolist(), rows, strict=True):
        assert Operator(bound).equiv(Operator(circuit.assign_parameters(row)), atol=1e-6)
        assert all(-1e-12 <= step.params[0] <= math.pi / 2 for step in bound.data if step.name == "rzz")
    made.validate()


@pytest.mark.holds("B476")
def test_angles_and_turns_have_names_and_those_that_are_alike_are_gates() -> None:
    angle = Parameter("angle")
    circuit = QuantumCircuit(2)
    circuit.rzz(angle, 0, 1)
    sampler = SamplerV2(BACKEND)
    made = convert_to_rzz_valid_pub(sampler, (circuit, [[[0.5]], [[2.0]], [[-1.0]]]))
    values = {names: list(array.ravel()) for names, array in made.parameter_values.data.items()}
    assert names(made.circuit) == ["rz", "rz", "rx", "rzz", "rx"]
    assert made.parameter_values.shape == (3, 1)
    assert values == {
        ("rzz_1_rz",): [0.0, math.pi, 0.0],
        ("rzz_1_rx",): [0.0, math.pi, math.pi],
        ("rzz_1_rzz",): [0.5, math.pi - 2.0, 1.0],
    }
    assert names(convert_to_rzz_valid_pub(sampler, (circuit, [[-0.1], [-0.2]])).circuit) == ["x", "rzz", "x"]
    assert names(convert_to_rzz_valid_pub(sampler, (circuit, [[4.0]])).circuit) == ["rz", "rz", "rzz"]
    within = convert_to_rzz_valid_pub(sampler, (circuit, [[0.0], [math.pi / 2]]))
    assert within.circuit is circuit
    assert list(within.parameter_values.data) == [("angle",)]


def test_what_cannot_be_folded_by_values_is_refused_with_the_reason() -> None:
    sampler, own, angle = SamplerV2(BACKEND), Parameter("rzz_1"), Parameter("angle")
    named, dynamic, plain = QuantumCircuit(2), QuantumCircuit(2, 1, name="loop"), QuantumCircuit(2)
    named.rzz(own, 0, 1)
    plain.rzz(angle, 0, 1)
    with dynamic.if_test((0, 1)):
        dynamic.x(0)
    refused: list[tuple[Any, Any, str]] = [
        (sampler, (named, [1.0]), "The name of parameter 'rzz_1' begins with 'rzz_'"),
        (sampler, (dynamic,), "Circuit 'loop' has control flow"),
        (sampler, (plain, [math.inf]), r"An rzz has the angle inf \(angle\)"),
        ("sampler", (plain, [1.0]), "primitive is of type str"),
    ]
    for primitive, pub, words in refused:
        with pytest.raises(ValueError, match=words):
            convert_to_rzz_valid_pub(primitive, pub)


@pytest.mark.holds("B462")
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=5))
def test_the_nearest_clifford_circuit_is_one(angles: list[float]) -> None:
    circuit = QuantumCircuit(2)
    for angle in angles:
        circuit.rzz(angle, 0, 1)
    made = run(ConvertISAToClifford(), circuit)
    Clifford(made)
    for before, after in zip(circuit.data, made.data, strict=True):
        assert abs(before.params[0] - after.params[0]) <= math.pi / 4 + 1e-9


@pytest.mark.holds("B462")
def test_halves_are_rounded_up_and_free_angles_drawn() -> None:
    circuit = QuantumCircuit(1)
    circuit.rz(math.pi / 4, 0)
    circuit.rz(-math.pi / 4, 0)
    for _ in range(40):
        circuit.rz(Parameter("free") if not circuit.parameters else circuit.parameters[0], 0)
    drawn = [step.params[0] for step in run(ConvertISAToClifford(seed=1), circuit).data]
    assert drawn[:2] == [math.pi / 2, 0]
    assert set(drawn) == {0, math.pi / 2, math.pi, 3 * math.pi / 2}
    assert drawn == [step.params[0] for step in run(ConvertISAToClifford(seed=1), circuit).data]


@pytest.mark.holds("B462")
def test_an_instruction_of_another_kind_is_refused() -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    with pytest.raises(ValueError, match="'h'"):
        run(ConvertISAToClifford(), circuit)


@pytest.mark.holds("B463")
def test_an_identity_waits_as_long_as_a_gate_on_its_qubit_inside_of_control_flow_too() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.id(0)
    with circuit.if_test((0, 1)):
        circuit.id(1)
    first, branch = run(ConvertIdToDelay(DURATIONS), circuit).data
    assert first.operation.duration == 160
    assert branch.operation.blocks[0].data[0].operation.duration == 200
    with pytest.raises(TranspilerError, match="Duration of x"):
        run(ConvertIdToDelay(DURATIONS, "x"), circuit)


def reading_twice(*qubits: int) -> Target:
    target = Target(num_qubits=2)
    for name, bits in (("measure_2", 1), ("reset_2", 0)):
        target.add_instruction(Instruction(name, 1, bits, []), {(qubit,): None for qubit in qubits})
    return target


@pytest.mark.holds("B463")
def test_what_is_read_in_the_middle_is_another_instruction() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.reset(0)
    circuit.measure(0, 0)
    circuit.barrier(0)
    circuit.measure([0, 0], [0, 1])
    assert names(run(ConvertToMidCircuitMeasure(reading_twice(0)), circuit)) == [
        "reset", "measure_2", "barrier", "measure", "measure",
    ]  # fmt: skip
    assert names(run(ConvertToMidCircuitResetAndMeasure(reading_twice(0)), circuit))[:2] == ["reset_2", "measure_2"]


@pytest.mark.holds("B463")
def test_a_qubit_without_the_other_instruction_keeps_its_own_with_a_warning() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.x(0)
    with pytest.warns(UserWarning, match="'measure_2' on qubit 0"):
        assert names(run(ConvertToMidCircuitMeasure(reading_twice(1)), circuit)) == ["measure", "x"]
    with pytest.raises(ValueError, match="must begin with 'measure'"):
        ConvertToMidCircuitMeasure(reading_twice(0), "reset_2")
    with pytest.raises(ValueError, match="no 'measure_3'"):
        ConvertToMidCircuitMeasure(reading_twice(0), "measure_3")


@pytest.mark.holds("B464")
def test_translations_make_delays_of_identities_and_fold_angles() -> None:
    circuit = QuantumCircuit(2)
    circuit.id(0)
    circuit.rzz(3, 0, 1)

    def translated(plugin: Any, *gates: str) -> list[str]:
        config = PassManagerConfig(basis_gates=["rz", "x", *gates], instruction_durations=DURATIONS)
        return names(plugin.pass_manager(config, 1).run(circuit))

    assert translated(IBMTranslationPlugin(), "id", "rzz") == ["delay", "rzz"]
    assert translated(IBMDynamicTranslationPlugin(), "id", "rzz") == ["id", "rzz"]
    assert translated(IBMDynamicTranslationPlugin(), "rzz") == ["delay", "rzz"]
    assert sorted(translated(IBMDynamicFractionalTranslationPlugin(), "id", "rzz")) == [
        "id", "rz", "rz", "rzz", "x", "x",
    ]  # fmt: skip
