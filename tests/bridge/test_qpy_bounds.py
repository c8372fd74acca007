"""Bounds of QPY: for each size that the data declares, one that is just there passes and one more is refused."""

import base64
import io
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, generate_preset_pass_manager, qpy
from qiskit.circuit import ParameterVector
from qiskit.circuit.library import UnitaryGate, XGate
from qiskit.transpiler import CouplingMap

from qiskit_runtime_service.bridge.ledger import DecodeLimits, Ledger, RefusedError
from qiskit_runtime_service.bridge.qpy_bounds import check_qpy, newest_known
from qiskit_runtime_service.bridge.typed_json import decode_value
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooNew, UnreadableValue
from tests.support.qpy_parts import (
    Typed,
    annotation,
    circuit,
    custom,
    element,
    expression,
    instruction,
    matrix,
    modifier,
    namespaces,
    no_layout,
    parameter,
    placed_layout,
    qpy_file,
    register,
    symbol,
    together,
    typed,
    variable,
)

SMALL = DecodeLimits(qubits=10, depth=3, items=20)
ANNOTATED = 0x80
IF_EXPRESSION = 2


def problem_in(data: bytes, limits: DecodeLimits = SMALL) -> Problem | None:
    """Return what is wrong with QPY data, or `None`."""
    try:
        check_qpy(data, Ledger(limits))
    except RefusedError as refusal:
        return refusal.problem
    return None


def problem_of(body: bytes, limits: DecodeLimits = SMALL) -> Problem | None:
    """Return what is wrong with the data of a circuit, or `None`."""
    return problem_in(qpy_file(body), limits)


def problem_with(*values: Typed, limits: DecodeLimits = SMALL) -> Problem | None:
    """Return what is wrong with the parameters of an instruction, or `None`."""
    return problem_of(circuit(instructions=[instruction(params=values)]), limits)


def reason_of(problem: Problem | None) -> str:
    """Return why a value cannot be read."""
    assert isinstance(problem, UnreadableValue)
    return problem.reason


def declares_too_much(problem: Problem | None) -> bool:
    """Tell whether something is said to be there that the rest of the data cannot hold."""
    return isinstance(problem, UnreadableValue) and problem.reason.startswith("QPY declares")


# The file


def test_a_file_of_one_circuit_passes() -> None:
    for version in (13, 14, 15, 16, 17):
        held = namespaces() if version >= 15 else b""
        assert problem_in(qpy_file(circuit(annotations=held), version=version)) is None


def test_what_is_no_qpy_or_of_another_version_is_refused() -> None:
    body = circuit()
    assert reason_of(problem_in(qpy_file(body, magic=b"QISKIN"))) == "the data is not QPY"
    assert reason_of(problem_in(qpy_file(body, version=12))) == (
        "QPY 12 is older than 13, which is the oldest that can be read safely"
    )
    assert problem_in(qpy_file(body, version=18)) == TooNew(what="QPY", version=18, supported=17)


def test_what_is_newest_is_known_to_the_service_and_to_qiskit() -> None:
    assert [newest_known(17, installed) for installed in (16, 17, 18)] == [16, 17, 17]


@pytest.mark.parametrize("programs", [0, 2, 2**64 - 1])
def test_a_file_of_none_or_of_several_circuits_is_refused(programs: int) -> None:
    problem = problem_in(qpy_file(circuit(), programs=programs))
    assert reason_of(problem) == f"the data holds {programs} circuits instead of one"


def test_a_program_that_is_no_circuit_is_refused() -> None:
    assert reason_of(problem_in(qpy_file(circuit(), kind=b"s"))) == "the program is not a circuit"


def test_a_table_that_points_elsewhere_is_refused() -> None:
    body = circuit(annotations=namespaces())
    assert problem_in(qpy_file(body, version=16, start=28)) is None
    for start in (0, 27, 29):
        problem = problem_in(qpy_file(body, version=16, start=start))
        assert reason_of(problem) == "the circuit is not where the table says"


# Everything at once


def everything() -> bytes:
    """Return a circuit that has one of each part."""
    symbols = [
        symbol(b"p", parameter(), (b"f", bytes(8))),
        symbol(b"v", element(length=20)[1], (b"f", bytes(8))),
        symbol(b"p", parameter(b"b"), expression(symbol(b"p", parameter(b"c"), (b"f", bytes(8))), steps=bytes(5))),
    ]
    values = [
        (b"q", circuit(qubits=2, annotations=namespaces(), metadata=b"null")),
        together([(b"f", bytes(8)), matrix()]),
        element(),
        expression(*symbols, steps=bytes(17)),
        modifier(10),
        (b"r", bytes(24)),
    ]
    return circuit(
        qubits=10,
        clbits=10,
        name=b"whole",
        phase=(b"e", expression(symbols[0])[1]),
        metadata=b'{"a": 1}',
        registers=[register(b"q", 2), register(b"long", 3)],
        variables=[variable(), variable(b"wide", width=10)],
        annotations=namespaces((b"mine", b"state"), (b"other", b"")),
        customs=[
            custom(b"mine", qubits=10, clbits=10, controls=10),
            custom(b"held", definition=circuit(annotations=namespaces())),
            custom(b"based", kind=b"c", controls=1, base=instruction(b"mine", qargs=5, placed=False)),
        ],
        instructions=[
            instruction(b"held", label=b"a label", register_name=b"c", qargs=2, cargs=1),
            instruction(
                params=values,
                controls=10,
                extras=ANNOTATED | IF_EXPRESSION,
                condition=(b"x", bytes(9)),
                annotations=[annotation(b"note"), annotation(b"")],
            ),
        ],
        layout=placed_layout(data=8 + 4 + 4 + 9),
    )


@pytest.mark.holds("B81")
def test_data_that_ends_anywhere_is_refused() -> None:
    data = qpy_file(everything(), version=17)
    assert problem_in(data) is None
    assert problem_in(data + b"more") is None
    # The last bytes are those of a layout, of which each kind alone is held against what is left.
    for end in range(len(data) - 16):
        problem = problem_in(data[:end])
        assert declares_too_much(problem), (end, problem)


@pytest.mark.holds("B81")
@given(st.integers(0, len(everything())), st.binary(min_size=1, max_size=8))
def test_bytes_that_are_changed_anywhere_pass_or_are_a_documented_problem(start: int, change: bytes) -> None:
    data = qpy_file(everything(), version=17)
    problem = problem_in(data[:start] + change + data[start + len(change) :])
    assert problem is None or isinstance(problem, UnreadableValue | TooLarge | TooNew)


# How wide


@pytest.mark.holds("B81")
@pytest.mark.parametrize("where", ["qubits", "clbits"])
def test_a_circuit_may_be_as_wide_as_the_limit_and_no_wider(where: str) -> None:
    wide: dict[str, Any] = {where: 11}
    at_limit: dict[str, Any] = {where: 10}
    too_wide = TooLarge(what="qubits or bits of a circuit", size=11, limit=10, setting="qubits")
    assert problem_of(circuit(**at_limit)) is None
    assert problem_of(circuit(**wide)) == too_wide
    assert problem_of(circuit(customs=[custom(b"mine", **at_limit)])) is None
    assert problem_of(circuit(customs=[custom(b"mine", **wide)])) == too_wide


@pytest.mark.holds("B81")
def test_controls_and_integers_may_be_as_many_as_the_limit_and_no_more() -> None:
    too_wide = TooLarge(what="qubits or bits of a circuit", size=11, limit=10, setting="qubits")
    for count, outcome in ((10, None), (11, too_wide)):
        assert problem_of(circuit(customs=[custom(b"mine", controls=count)])) == outcome
        assert problem_of(circuit(instructions=[instruction(controls=count)])) == outcome
        assert problem_of(circuit(variables=[variable(width=count)])) == outcome
        assert problem_with(modifier(count)) == outcome
        assert problem_with(together([modifier(count)])) == outcome
        base = custom(b"mine", kind=b"c", base=instruction(controls=count, placed=False))
        assert problem_of(circuit(customs=[base])) == outcome


def test_a_width_is_a_limit_of_its_own() -> None:
    assert problem_of(circuit(qubits=100_000), DecodeLimits()) is None
    problem = problem_of(circuit(qubits=100_001), DecodeLimits())
    assert problem == TooLarge(what="qubits or bits of a circuit", size=100_001, limit=100_000, setting="qubits")


# How deep


def nested(levels: int) -> bytes:
    """Return a circuit in so many circuits."""
    body = circuit()
    for _ in range(levels):
        body = circuit(instructions=[instruction(params=[(b"q", body)])])
    return body


def defined(levels: int) -> bytes:
    """Return a circuit that defines an instruction by a circuit, so many times."""
    body = circuit()
    for _ in range(levels):
        body = circuit(customs=[custom(b"mine", definition=body)])
    return body


@pytest.mark.holds("B81")
@pytest.mark.parametrize("build", [nested, defined])
def test_circuits_may_be_as_deep_as_the_limit_and_no_deeper(build: Any) -> None:
    assert problem_of(build(3)) is None
    assert problem_of(build(4)) == TooLarge(what="depth of a circuit", size=4, limit=3, setting="depth")


@pytest.mark.holds("B81")
def test_a_circuit_is_one_deeper_in_a_phase_and_a_condition_and_two_in_a_tuple() -> None:
    too_deep = TooLarge(what="depth of a circuit", size=4, limit=3, setting="depth")
    for inner, outcome in ((nested(2), None), (nested(3), too_deep)):
        assert problem_of(circuit(phase=(b"q", inner))) == outcome
        condition = instruction(extras=IF_EXPRESSION, condition=(b"q", inner))
        assert problem_of(circuit(instructions=[condition])) == outcome
        base = custom(b"mine", base=instruction(params=[(b"q", inner)], placed=False))
        assert problem_of(circuit(customs=[base])) == outcome
    assert problem_with(together([(b"q", nested(1))])) is None
    assert problem_with(together([(b"q", nested(2))])) == too_deep


@pytest.mark.holds("B81")
def test_expressions_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    value = expression()
    for _ in range(3):
        value = expression(symbol(b"p", parameter(), value))
    assert problem_with(value) is None
    deeper = expression(symbol(b"p", parameter(), value))
    assert problem_with(deeper) == TooLarge(what="depth of an expression", size=4, limit=3, setting="depth")
    circuit_in_circuit = circuit(instructions=[instruction(params=[(b"q", circuit(phase=value))])])
    assert problem_of(circuit_in_circuit) == TooLarge(what="depth of an expression", size=4, limit=3, setting="depth")


@pytest.mark.holds("B81")
def test_what_is_nested_counts_at_each_level_it_is_nested_in() -> None:
    inner = circuit()
    outer = circuit(instructions=[instruction(params=[(b"q", inner)])], phase=(b"f", bytes(8)))
    # The phase of each, and the one circuit inside of the other.
    spent = 8 + len(inner) + 8
    assert problem_of(outer, DecodeLimits(output_bytes=spent)) is None
    problem = problem_of(outer, DecodeLimits(output_bytes=spent - 1))
    assert problem == TooLarge(what="nested parts of a circuit", size=spent, limit=spent - 1, setting="output_bytes")


# How many


@pytest.mark.holds("B81")
def test_instructions_that_are_not_there_are_refused_before_any_is_read() -> None:
    placed = instruction()
    assert problem_of(circuit(instructions=[placed] * 3)) is None
    assert problem_of(circuit(count=0)) is None
    assert declares_too_much(problem_of(circuit(instructions=[placed], count=2)))
    # One instruction takes 33 bytes; behind them stand the calibrations and the layout, 23 bytes in all.
    refused = problem_of(circuit(instructions=[b"\xff" * 10], count=1 << 40))
    assert reason_of(refused).startswith(f"QPY declares {1 << 40} items at byte 76 of ")


@pytest.mark.holds("B316")
@pytest.mark.parametrize(
    ("what", "price", "body"),
    [
        ("circuits", 4000, circuit(qubits=0)),
        ("qubits and bits", 4000 + 5 * 300, circuit(qubits=3, clbits=2)),
        ("registers", 4300 + 2 * 2000 + 3 * 100, circuit(registers=[register(b"a", 1), register(b"b", 2)])),
        ("variables", 4300 + 2 * 2000, circuit(variables=[variable(b"a"), variable(b"b", width=3)])),
        ("definitions", 4300 + 2 * 2000, circuit(customs=[custom(b"a"), custom(b"b")])),
        ("parameters", 4300 + 100 + 2 * 180, circuit(instructions=[instruction(params=[(b"f", bytes(8))] * 2)])),
        (
            "annotations",
            4300 + 100 + 2 * 1000,
            circuit(instructions=[instruction(extras=ANNOTATED, annotations=[annotation(b""), annotation(b"x")])]),
        ),
        ("layouts", 4300 + 3 * 100, circuit(layout=placed_layout(registers=0, data=8 + 4 + 4))),
    ],
)
def test_what_is_paid_for_last_is_named(what: str, price: int, body: bytes) -> None:
    data = qpy_file(body)
    enough = len(data) + price
    assert problem_in(data, DecodeLimits(memory=enough)) is None
    assert problem_in(data, DecodeLimits(memory=enough - 1)) == TooLarge(
        what=f"the memory for all up to {what}", size=enough, limit=enough - 1, setting="memory"
    )


def counted(*, qargs: int = 0, cargs: int = 0) -> bytes:
    """Return an instruction that says how many bits it has, and has none."""
    return struct.pack("!HHHIIBHqII", 5, 0, 0, qargs, cargs, 0, 0, 0, 0, 0) + b"XGate"


def tail(size: int) -> list[bytes]:
    """Return an instruction whose parameter says how long it is; the rest of the circuit is 23 bytes, and not its."""
    return [struct.pack("!HHHIIBHqII", 5, 0, 1, 0, 0, 0, 0, 0, 0, 0) + b"XGate" + typed((b"f", b""), size=size)]


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    "body",
    [
        circuit(registers=[register(size=10)]),
        circuit(instructions=[instruction(extras=ANNOTATED, annotations=[annotation(b"x", size=1 << 40)])]),
        circuit(instructions=[instruction(params=[together([], count=1 << 40)])]),
        circuit(instructions=[instruction(params=[expression(count=1 << 40)])]),
        circuit(instructions=[instruction(params=[expression(length=1 << 40)])]),
        circuit(instructions=[counted(qargs=1 << 31)]),
        circuit(instructions=[counted(cargs=1 << 31)]),
        circuit(instructions=[counted(qargs=3, cargs=3)]),
        circuit(instructions=tail(24)),
    ],
)
def test_more_than_the_data_holds_is_refused(body: bytes) -> None:
    assert declares_too_much(problem_of(body))


def test_annotations_that_are_not_there_are_refused() -> None:
    for state in (namespaces(count=1 << 31), namespaces((b"n", b"s"), count=2)):
        problem = problem_in(qpy_file(circuit(annotations=state), version=15))
        assert isinstance(problem, UnreadableValue | TooLarge)
    assert problem_in(qpy_file(circuit(annotations=namespaces((b"n", b"s"))), version=15)) is None


def test_calibrations_of_pulses_are_refused() -> None:
    assert reason_of(problem_of(circuit(calibrations=1))) == "pulse calibrations are not read"


@pytest.mark.holds("B81")
@pytest.mark.parametrize(("name", "size"), [("initial", 8), ("mapping", 4), ("final", 4), ("registers", 9)])
def test_each_count_of_a_layout_is_held_against_the_data(name: str, size: int) -> None:
    none: dict[str, int] = {"initial": 0, "mapping": 0, "final": 0, "registers": 0}
    assert problem_of(circuit(layout=placed_layout(**none | {name: 5}, data=5 * size))) is None
    assert declares_too_much(problem_of(circuit(layout=placed_layout(**none | {name: 5}, data=5 * size - 1))))


def test_a_layout_that_does_not_exist_declares_nothing() -> None:
    assert problem_of(circuit(layout=b"\0" + placed_layout(initial=1000, data=0)[1:])) is None
    assert problem_of(circuit(layout=no_layout())) is None
    missing = problem_of(circuit(layout=placed_layout(initial=-1, mapping=-1, final=-1, registers=0, data=0)))
    assert missing is None, "less than 0 is how a layout says that it has none"


# Parameters


@pytest.mark.holds("B81")
def test_a_vector_may_be_as_long_as_the_limit_and_no_longer() -> None:
    too_long = TooLarge(what="parameter vector", size=21, limit=20, setting="items")
    for length, outcome in ((20, None), (21, too_long)):
        assert problem_with(element(length=length)) == outcome
        assert problem_with(expression(symbol(b"v", element(length=length)[1], (b"f", bytes(8))))) == outcome


def test_a_symbol_that_is_no_parameter_is_refused() -> None:
    assert problem_with(expression(symbol(b"p", parameter(), (b"f", bytes(8))))) is None
    refused = problem_with(expression(symbol(b"e", parameter(), (b"f", bytes(8)))))
    assert reason_of(refused) == "an expression has a symbol that is no parameter"


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    ("descr", "shape", "size"), [("<c16", "(2, 2)", 64), ("<f8", "(3,)", 24), ("|u1", "(5, 1)", 5), ("<c16", "()", 16)]
)
def test_a_matrix_is_held_against_its_data_by_size_and_type(descr: str, shape: str, size: int) -> None:
    assert problem_with(matrix(descr, shape, size)) is None
    assert declares_too_much(problem_with(matrix(descr, shape, size - 1)))
    assert declares_too_much(problem_with(together([matrix(descr, shape, size - 1)])))


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (matrix(start=b"\x93NUMPY\x02\x00"), "a matrix is not in the .npy format 1.0"),
        (matrix(start=b"\x93NUMPX\x01\x00"), "a matrix is not in the .npy format 1.0"),
        (matrix("|O"), "arrays of type '|O' are not read"),
        (matrix("<V16"), "arrays of type '<V16' are not read"),
        (matrix("<f7"), "arrays of type '<f7' are not known here"),
        (matrix(shape="(-2, 2)"), "the shape is not a tuple of at most 32 sizes"),
        (matrix(shape="[2, 2]"), "the header does not give descr, fortran_order and shape"),
        (matrix(shape="2 +"), "the header is no Python literal"),
    ],
)
def test_a_matrix_of_another_type_is_refused(value: Typed, reason: str) -> None:
    assert reason_of(problem_with(value)) == reason


def test_a_matrix_that_declares_a_mebibyte_is_refused_before_the_reader_sees_it() -> None:
    whole = QuantumCircuit(1)
    whole.append(UnitaryGate(np.eye(2)), [0])
    stream = io.BytesIO()
    qpy.dump(whole, stream, version=13)
    data = stream.getvalue()
    assert problem_in(data) is None
    # One more digit, at the cost of one of the spaces behind the header.
    widened = data.replace(b"(2, 2), }  ", b"(256, 2), }")
    assert widened != data
    body = {"__type__": "QuantumCircuit", "__value__": base64.b64encode(zlib.compress(widened)).decode()}
    problem = decode_value(json.dumps(body).encode()).failure()
    assert declares_too_much(problem)
    assert "QPY declares 512 items" in reason_of(problem)


# Instructions


def test_only_instructions_are_called() -> None:
    for name in (b"XGate", b"Measure", b"IfElseOp", b"Clifford", b"pauli_product_measurement"):
        assert problem_of(circuit(instructions=[instruction(name)])) is None
    for name in (b"QuantumCircuit", b"Parameter", b"library", b"__name__", b"nothing", b"mine", b"\xff"):
        refused = problem_of(circuit(instructions=[instruction(name)]))
        assert reason_of(refused) == f"there is no instruction {name!r}"
    long = problem_of(circuit(instructions=[instruction(b"x" * 100)]))
    assert reason_of(long) == f"there is no instruction b'{'x' * 80}'"


@pytest.mark.holds("B316")
@pytest.mark.parametrize(
    ("name", "price"),
    [
        *((name, 100) for name in (b"XGate", b"RZZGate", b"Barrier", b"Delay", b"Measure", b"Reset")),
        *((name, 2600) for name in (b"IfElseOp", b"UnitaryGate", b"Clifford", b"pauli_product_measurement", b"mine")),
    ],
)
def test_instructions_cost_more_if_qiskit_makes_an_object_of_each(name: bytes, price: int) -> None:
    data = qpy_file(circuit(customs=[custom(b"mine")], instructions=[instruction(name)] * 3))
    # The circuit, its qubit, the data, and the definition of an instruction.
    enough = 4000 + 300 + len(data) + 2000 + 3 * price
    assert problem_in(data, DecodeLimits(memory=enough)) is None
    assert problem_in(data, DecodeLimits(memory=enough - 1)) == TooLarge(
        what="the memory for all up to instructions", size=enough, limit=enough - 1, setting="memory"
    )


def test_an_instruction_of_ones_own_is_known_where_it_is_defined() -> None:
    own = [custom(b"mine")]
    assert problem_of(circuit(customs=own, instructions=[instruction(b"mine")])) is None
    inner = circuit(instructions=[instruction(b"mine")])
    refused = problem_of(circuit(customs=own, instructions=[instruction(params=[(b"q", inner)])]))
    assert reason_of(refused) == "there is no instruction b'mine'"
    based = [custom(b"based", kind=b"c", base=instruction(b"nothing", placed=False)), *own]
    assert reason_of(problem_of(circuit(customs=based))) == "there is no instruction b'nothing'"
    # A base may be defined behind what it is the base of.
    later = [custom(b"based", kind=b"c", base=instruction(b"mine", placed=False)), *own]
    assert problem_of(circuit(customs=later)) is None


def test_evolutions_are_refused_with_the_way_out() -> None:
    evolution = custom(b"evolve", kind=b"p", definition=b"anything")
    assert reason_of(problem_of(circuit(customs=[evolution]))) == ("Pauli evolution gates are not read: decompose them")
    assert problem_of(circuit(customs=[custom(b"evolve", kind=b"p")])) is None


# What Qiskit writes


def rich() -> QuantumCircuit:
    """Return a circuit with a layout and most kinds of parameters."""
    angles = ParameterVector("θ", 3)
    made = QuantumCircuit(3, 3, global_phase=angles[0], metadata={"a": [1, 2]})
    made.rx(angles[1] * 2 + angles[2], 0)
    made.append(XGate().control(2), [0, 1, 2])
    made.append(UnitaryGate(np.eye(4)), [0, 1])
    made.measure([0, 1], [0, 1])
    with made.if_test((made.clbits[0], 1)), made.for_loop(range(2)):
        made.x(1)
    return made


@pytest.mark.parametrize("version", [13, 14, 15, 16, 17])
def test_what_qiskit_writes_passes_in_every_version_and_ends_where_it_ends(version: int) -> None:
    coupling = CouplingMap.from_line(3)
    basis = ["cx", "rz", "sx", "x", "if_else", "for_loop"]
    placed = generate_preset_pass_manager(0, coupling_map=coupling, basis_gates=basis).run(rich())
    for written in (rich(), placed):
        stream = io.BytesIO()
        qpy.dump(written, stream, version=version)
        assert problem_in(stream.getvalue(), DecodeLimits()) is None
    stream = io.BytesIO()
    qpy.dump(rich(), stream, version=version)
    # Without a layout nothing follows the counts of one.
    assert declares_too_much(problem_in(stream.getvalue()[:-1], DecodeLimits()))
