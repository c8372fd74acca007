"""What noise learners can learn: laws of layers, whatever pairs are in them, and what is wrong with other boxes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Parameter
from qiskit.circuit.library import CXGate, CZGate, Measure, RZGate, SXGate, XGate
from qiskit.transpiler import Target
from returns.pipeline import is_successful
from samplomatic import InjectNoise, Twirl

from qiskit_runtime_service.programs.learning_boxes import (
    check_learnable,
    check_learnable_here,
    check_places,
    find_undecidable,
    measures,
    qubits_of,
    read_boxes,
    register_of,
)
from qiskit_runtime_service.records.problem import BadArgument, NotExecutable

WIDTH = 5
REGISTER = register_of(Target(num_qubits=WIDTH))


def target() -> Target:
    """Return a line with gates between neighbours in both directions."""
    made = Target(num_qubits=WIDTH)
    pairs = [(a, b) for left in range(WIDTH - 1) for a, b in ((left, left + 1), (left + 1, left))]
    for gate in (CXGate(), CZGate()):
        made.add_instruction(gate, dict.fromkeys(pairs))
    for single in (RZGate(Parameter("a")), SXGate(), XGate(), Measure()):
        made.add_instruction(single, {(qubit,): None for qubit in range(WIDTH)})
    return made


LINE = target()


def box(fill: Callable[[QuantumCircuit], Any], *notes: Any, bits: int = WIDTH) -> CircuitInstruction:
    circuit = QuantumCircuit(WIDTH, bits)
    with circuit.box(list(notes) or [Twirl()]):
        fill(circuit)
    return circuit.data[0]


@st.composite
def layers(draw: st.DrawFn, ref: str = "r") -> CircuitInstruction:
    """One layer: gates on neighbours and on single qubits, each on qubits of its own, and idle qubits."""
    circuit = QuantumCircuit(WIDTH)
    free = set(range(WIDTH))
    with circuit.box([Twirl(), InjectNoise(ref)]):
        for left in draw(st.permutations(range(WIDTH - 1))):
            if {left, left + 1} <= free and draw(st.booleans()):
                free -= {left, left + 1}
                pair = (left, left + 1) if draw(st.booleans()) else (left + 1, left)
                (circuit.cx if draw(st.booleans()) else circuit.cz)(*pair)
        for qubit in draw(st.lists(st.sampled_from(sorted(free)), unique=True) if free else st.just([])):
            (circuit.x if draw(st.booleans()) else circuit.noop)(qubit)
        circuit.noop(*draw(st.lists(st.integers(0, WIDTH - 1), min_size=2, max_size=4, unique=True)))
    return circuit.data[0]


@pytest.mark.holds("B400")
@given(layers())
def test_every_single_layer_can_be_learned(layer: CircuitInstruction) -> None:
    boxes = read_boxes([layer], REGISTER).unwrap()
    assert boxes == (layer,)
    assert is_successful(check_places(boxes, LINE))
    assert is_successful(check_learnable(boxes))
    assert is_successful(check_learnable_here(boxes, REGISTER))
    assert not measures(layer)


@pytest.mark.holds("B400")
@given(st.lists(layers(), max_size=3))
def test_a_generator_is_as_good_as_a_list(boxes: list[CircuitInstruction]) -> None:
    assert read_boxes((layer for layer in boxes), REGISTER) == read_boxes(boxes, REGISTER)
    assert read_boxes(tuple(boxes), REGISTER) == read_boxes(boxes, REGISTER)


@pytest.mark.holds("B401")
@given(st.lists(layers(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_qubits_have_the_order_of_the_device_whatever_the_boxes_have(
    boxes: list[CircuitInstruction], random: Any
) -> None:
    once = qubits_of(boxes, REGISTER)
    random.shuffle(boxes)
    assert qubits_of(boxes, REGISTER) == once
    places = [REGISTER.index(bit) for bit in once]
    assert places == sorted(set(places))
    assert set(once) == {bit for layer in boxes for bit in layer.qubits}


@given(st.lists(st.integers(0, WIDTH - 1), min_size=2, unique=True))
def test_every_set_of_measurements_can_be_learned(qubits: list[int]) -> None:
    measured = box(lambda circuit: circuit.measure(qubits, range(len(qubits))))
    assert is_successful(check_places((measured,), LINE))
    assert is_successful(check_learnable((measured,)))
    assert is_successful(check_learnable_here((measured,), REGISTER))
    assert measures(measured)


@given(st.lists(st.integers(0, 3)), st.integers(1, 2))
def test_noise_of_gates_takes_two_depths(depths: list[int], least: int) -> None:
    assert (find_undecidable(depths, least=least) is None) == (len({*depths}) >= least)


def once_and_again(circuit: QuantumCircuit) -> None:
    circuit.cz(0, 1)
    circuit.cx(2, 1)


def three_times(circuit: QuantumCircuit) -> None:
    circuit.cx(0, 1)
    circuit.cx(1, 0)


def measured_twice(circuit: QuantumCircuit) -> None:
    circuit.measure([0, 0], [0, 1])
    circuit.noop(1)


def measured_in_part(circuit: QuantumCircuit) -> None:
    circuit.measure(0, 0)
    circuit.noop(1)


FLAWED = {
    "turned": (box(lambda circuit: circuit.rz(0.3, 0)), "has 'rz', which is no Clifford gate"),
    "a reset": (box(lambda circuit: (circuit.reset(0), circuit.noop(1))), "has 'reset', which is no Clifford gate"),
    "measured besides": (
        box(lambda circuit: (circuit.x(1), circuit.measure([0, 1], [0, 1]))),
        "measures and has 'x' besides",
    ),
    "measured twice": (box(measured_twice), "index=0> 2 times"),
    "measured in part": (box(measured_in_part), "index=1> 0 times"),
}


@pytest.mark.holds("B400")
@pytest.mark.parametrize("name", FLAWED)
def test_other_boxes_are_refused_with_what_is_wrong_in_them(name: str) -> None:
    flawed, words = FLAWED[name]
    good = box(lambda circuit: circuit.cz(0, 1), Twirl(), InjectNoise("good"))
    for problem in (
        check_learnable((good, flawed)).failure(),
        check_learnable_here((good, flawed), REGISTER).failure(),
    ):
        assert isinstance(problem, BadArgument)
        assert problem.name == "instructions[1]"
        assert words in problem.value


def test_layers_that_undo_themselves_are_learned_on_the_executor_alone() -> None:
    followed, turning = box(once_and_again), box(three_times)
    assert "after another gate on the same qubits" in str(check_learnable((followed,)).failure())
    assert "after another gate on the same qubits" in str(check_learnable((turning,)).failure())
    assert "does not undo itself" in str(check_learnable_here((turning,), REGISTER).failure())
    # A CX that turns what a CZ looks at does not commute with it, but two CZ do.
    assert not is_successful(check_learnable_here((followed,), REGISTER))
    both = box(lambda circuit: (circuit.cz(0, 1), circuit.cz(1, 2)))
    assert is_successful(check_learnable_here((both,), REGISTER))


def test_a_pauli_that_is_left_does_no_harm() -> None:
    assert is_successful(check_learnable_here((box(lambda circuit: (circuit.sx(0), circuit.noop(1))),), REGISTER))


@pytest.mark.holds("B400")
@pytest.mark.parametrize(
    ("given_boxes", "words"),
    [
        ([], "[]"),
        (5, "5"),
        ("boxes", "'boxes'"),
        (QuantumCircuit(2), "QuantumCircuit"),
        ([QuantumCircuit(2)], "QuantumCircuit"),
        ([box(lambda _: None)], "is on no qubits"),
        ([box(lambda circuit: circuit.rz(Parameter("a"), 0))], "has the parameters a"),
    ],
)
def test_what_is_no_list_of_boxes_is_refused(given_boxes: Any, words: str) -> None:
    problem = read_boxes(given_boxes, REGISTER).failure()
    assert isinstance(problem, BadArgument)
    assert words in problem.value


@pytest.mark.holds("B400")
def test_what_the_device_cannot_run_is_refused_with_its_place() -> None:
    far = box(lambda circuit: circuit.cz(0, 2))
    problem = check_places((box(lambda circuit: circuit.cz(0, 1)), far), LINE).failure()
    assert isinstance(problem, NotExecutable)
    assert (problem.noun, problem.pub) == ("Instruction", 1)
    assert "'cz' on qubits 0, 2" in problem.reason
    foreign = QuantumCircuit(2)
    with foreign.box([Twirl()]):
        foreign.cz(0, 1)
    other = read_boxes([foreign.data[0]], REGISTER).failure()
    assert isinstance(other, BadArgument)
    assert "is on <Qubit register=(2" in other.value
