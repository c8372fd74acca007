"""What is wrong with a quantum program is said with its item, its value and the way out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from qiskit import QuantumCircuit
from qiskit.circuit import Annotation, Parameter
from samplomatic.annotations import ChangeBasis, InjectLocalClifford, InjectNoise, Tag, Twirl
from samplomatic.quantum_program import CircuitItem, SamplexItem
from samplomatic.quantum_program import QuantumProgram as TheirProgram

from qiskit_runtime_service import QuantumProgram
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.programs.annotations import comes_back
from qiskit_runtime_service.programs.bodies import encode_program
from qiskit_runtime_service.programs.checks import check_program
from qiskit_runtime_service.records.problem import BadArgument, NotExecutable, Problem

from .programs import MAP, OPTIONS, boxed, every_kind, noisy, plain, turned
from .test_tensors import TREES


def problem_of(program: Any) -> Problem:
    return check_program(program).failure()


def changed(**values: Any) -> TheirProgram:
    """Return a program that somebody has changed after it was made."""
    program = TheirProgram(10)
    program.append_circuit_item(plain())
    for name, value in values.items():
        setattr(program, name, value)
    return program


def with_item(change: Callable[[Any], None]) -> TheirProgram:
    program = every_kind()
    for item in program.items:
        item.chunk_size = None
    change(program)
    return program


def set_in(index: int, name: str, value: Any) -> TheirProgram:
    return with_item(lambda program: setattr(program.items[index], name, value))


@pytest.mark.holds("B362")
def test_a_good_program_has_no_problem_and_is_told_as_pubs() -> None:
    pubs = check_program(every_kind()).unwrap()
    assert [pub.shape for pub in pubs] == [(2, 3), (), ()]
    assert [pub.circuit.num_parameters for pub in pubs] == [1, 12, 12]


@pytest.mark.holds("B362")
@pytest.mark.parametrize(
    ("program", "name", "value"),
    [
        (changed(shots=0), "shots", "0"),
        (changed(shots="10"), "shots", "'10'"),
        (changed(shots=True), "shots", "True"),
        (changed(shots=1.5), "shots", "1.5"),
        (changed(items=[]), "items of the program", "[]"),
        (changed(items=["x"]), "items[0]", "'x'"),
        (changed(items=5), "items of the program", "5"),
        (changed(items=range(1)), "items of the program", "range(0, 1)"),
        (changed(meas_level="raw"), "meas_level", "'raw'"),
        (set_in(0, "circuit", 3), "items[0].circuit", "3"),
        (set_in(0, "chunk_size", 0), "items[0].chunk_size", "0"),
        (set_in(1, "chunk_size", True), "items[1].chunk_size", "True"),
        (set_in(2, "chunk_size", 4), "items[0].chunk_size", "None"),
        (set_in(0, "circuit_arguments", np.zeros((3, 2))), "items[0].circuit_arguments", "of shape (3, 2)"),
        (set_in(0, "circuit_arguments", np.zeros(())), "items[0].circuit_arguments", "of shape ()"),
        (set_in(0, "circuit_arguments", [1]), "items[0].circuit_arguments", "[1]"),
        (set_in(0, "circuit_arguments", np.array(["a"])), "items[0].circuit_arguments", "of shape (1,)"),
        (set_in(0, "circuit_arguments", np.zeros((0, 1))), "items[0].circuit_arguments", "of shape (0, 1)"),
        (
            set_in(0, "circuit_arguments", np.array([[1.0], [np.nan]])),
            "items[0].circuit_arguments at [1], for parameter 'a'",
            "nan",
        ),
        (set_in(1, "circuit", plain()), "items[1].circuit", "a circuit with 0 parameters"),
        (set_in(2, "_shape", (2, 0)), "items[2].shape", "(2, 0)"),
    ],
)
def test_what_is_wrong_is_said(program: Any, name: str, value: str) -> None:
    problem = problem_of(program)
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == (name, value)


@pytest.mark.holds("B362")
def test_a_template_of_another_samplex_is_refused() -> None:
    template, samplex = boxed()
    other = QuantumCircuit(2, 3)
    for index in range(template.num_parameters):
        other.rz(Parameter(f"p{index}"), 0)
    item = SamplexItem(other, samplex, samplex_arguments={"parameter_values": [0.5]})
    problem = problem_of(changed(items=[item]))
    assert isinstance(problem, BadArgument)
    assert problem.name == "items[0].circuit"
    assert "a register 'c' of its size" in problem.wanted


@pytest.mark.holds("B362")
def test_noise_that_is_no_number_is_refused() -> None:
    template, samplex = noisy()
    program = QuantumProgram(1)
    arguments = {"noise_scales.mod": np.nan, "pauli_lindblad_maps": {"ref": MAP}}
    program.append_samplex_item(template, samplex, arguments)
    problem = problem_of(program)
    assert isinstance(problem, BadArgument)
    assert problem.name == "items[0].samplex_arguments['noise_scales.mod']"


class Thing:
    """Something that has no form."""

    def __repr__(self) -> str:
        return "a thing"


@pytest.mark.holds("B362")
@pytest.mark.parametrize(
    ("tree", "name", "value"),
    [
        (Thing(), "passthrough_data", "a thing"),
        ({"a": [1, Thing()]}, "passthrough_data['a'][1]", "a thing"),
        ({"a": {1: 2}}, "a key in passthrough_data['a']", "1"),
        ({"a": np.array(["x"])}, "passthrough_data['a']", "an array of <U1"),
        ([float("nan")], "passthrough_data[0]", "nan"),
        ([np.float32("inf")], "passthrough_data[0]", "inf"),
        (["\ud800"], "passthrough_data[0]", "'\\ud800'"),
        ([1j], "passthrough_data[0]", "1j"),
        ([b"x"], "passthrough_data[0]", "b'x'"),
        ({"data": 1, "shape": 2, "dtype": 3}, "passthrough_data", "{'data': 1, 'shape': 2, 'dtype': 3}"),
    ],
)
def test_a_tree_that_has_no_form_is_refused_at_its_place(tree: Any, name: str, value: str) -> None:
    problem = problem_of(changed(passthrough_data=tree))
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == (name, value)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    tree: Any = 1
    for _ in range(50):
        tree = [tree]
    assert check_program(changed(passthrough_data=tree)).value_or(None) is not None
    assert isinstance(problem_of(changed(passthrough_data=[tree])), BadArgument)
    loop: list[Any] = []
    loop.append(loop)
    assert isinstance(problem_of(changed(passthrough_data=loop)), BadArgument)


@given(TREES)
def test_what_passes_the_check_can_be_sent(tree: Any) -> None:
    program = QuantumProgram(1, [CircuitItem(plain())], passthrough_data=tree)
    if check_program(program).value_or(None) is not None:
        assert encode_program(program, OPTIONS)


# Annotations


@pytest.mark.holds("B363")
def test_annotations_that_the_wire_keeps_come_back_and_no_others() -> None:
    kept = (Twirl(), Twirl(group="local_c1", dressing="right"), Tag("a"), InjectNoise("a", "b"), ChangeBasis(ref="x"))
    assert [comes_back(note) for note in kept] == [True] * 5
    lost: tuple[Annotation, ...] = (
        InjectNoise("a", site="before"),
        InjectLocalClifford("a"),
        ChangeBasis(dressing="right"),
    )
    assert [comes_back(note) for note in lost] == [False] * 3

    class Note(Annotation):
        namespace = "somebody.else"

    assert not comes_back(Note())


@pytest.mark.holds("B363")
def test_a_circuit_with_an_annotation_that_would_be_lost_is_refused() -> None:
    circuit = plain()
    with circuit.box([Twirl(), InjectNoise("a", site="before")]):
        circuit.cz(0, 1)
    problem = problem_of(changed(items=[CircuitItem(plain()), CircuitItem(circuit)]))
    assert isinstance(problem, NotExecutable)
    assert (problem.pub, problem.noun) == (1, "Item")
    assert problem.reason == (
        "instruction 'box' on qubits 0, 1 has an annotation, InjectNoise, that would not arrive as it is"
    )


# At construction


@pytest.mark.holds("B362")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"shots": 0}, "shots is 0"),
        ({"shots": "a"}, "shots is 'a'"),
        ({"shots": 1, "items": [plain()]}, "items[0] is"),
        ({"shots": 1, "items": 5}, "items is 5"),
        ({"shots": 1, "items": CircuitItem(plain())}, "items is CircuitItem"),
        ({"shots": 1, "noise_maps": 5}, "noise_maps is 5"),
        ({"shots": 1, "noise_maps": ["a"]}, "noise_maps is ['a']"),
        ({"shots": 1, "noise_maps": {"a": 1}}, "noise_maps['a'] is 1"),
        ({"shots": 1, "noise_maps": {1: MAP}}, "noise_maps[1] is "),
        ({"shots": 1, "meas_level": "raw"}, "meas_level is 'raw'"),
    ],
)
def test_a_program_that_cannot_be_meant_is_not_made(arguments: Any, words: str) -> None:
    with pytest.raises(IBMInputValueError) as caught:
        QuantumProgram(**arguments)
    assert str(caught.value).startswith(words)


@pytest.mark.holds("B362")
def test_an_item_that_does_not_fit_is_not_appended() -> None:
    program = QuantumProgram(1)
    program.append_circuit_item(plain())
    refused: tuple[Callable[[], None], ...] = (
        lambda: program.append_circuit_item("x"),
        lambda: program.append_circuit_item(turned()),
        lambda: program.append_circuit_item(turned(), [1.0, 2.0]),
        lambda: program.append_circuit_item(turned(), 1.0),
        lambda: program.append_circuit_item(turned(), ["x"]),
        lambda: program.append_circuit_item(turned(), [10**400]),
        lambda: program.append_samplex_item(*boxed()),
        lambda: program.append_samplex_item(*boxed(), {"parameter_values": [1.0], "x": 1}),
        lambda: program.append_samplex_item(*boxed(), {"parameter_values": np.zeros((3, 1))}, shape=(2,)),
        lambda: program.append_samplex_item(plain(), plain()),
    )
    wrong: Any = [1]
    with pytest.raises(IBMInputValueError, match=r"^samplex_arguments is \[1\]"):
        program.append_samplex_item(*boxed(), wrong)
    for append in refused:
        with pytest.raises(IBMInputValueError, match=r"^items\[1\](\.circuit_arguments)? is "):
            append()
    assert len(program.items) == 1


def test_a_program_of_samplomatic_becomes_ours() -> None:
    theirs = TheirProgram(3, passthrough_data=[1])
    theirs.append_circuit_item(plain())
    ours = QuantumProgram.from_(theirs)
    assert (ours.shots, ours.items, ours.passthrough_data, ours.semantic_role) == (3, theirs.items, [1], None)
