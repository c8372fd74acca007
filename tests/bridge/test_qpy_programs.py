"""Bounds of QPY as quantum programs have it: several circuits in one piece, up to version 18."""

import io
import struct
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, generate_preset_pass_manager, qpy
from qiskit.circuit import AncillaRegister, Clbit, Parameter, ParameterVector, Qubit
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import MCXGate
from qiskit.transpiler import CouplingMap

from qiskit_runtime_service.bridge.ledger import DecodeLimits, Ledger, RefusedError
from qiskit_runtime_service.bridge.qpy_bounds import check_qpy
from qiskit_runtime_service.bridge.typed_json import read_circuits
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooNew, UnreadableValue

VERSIONS = (13, 14, 15, 16, 17, 18)
NEWEST = 18


def problem_in(data: bytes, programs: int | None = 1, newest: int = NEWEST, **limits: int) -> Problem | None:
    try:
        check_qpy(data, Ledger(DecodeLimits(**limits)), newest=newest, programs=programs)
    except RefusedError as refusal:
        return refusal.problem
    return None


def reason_of(problem: Problem | None) -> str:
    assert isinstance(problem, UnreadableValue)
    return problem.reason


def written(circuits: list[QuantumCircuit], version: int = NEWEST) -> bytes:
    buffer = io.BytesIO()
    qpy.dump(circuits, buffer, version=version)
    return buffer.getvalue()


@cache
def all_kinds() -> list[QuantumCircuit]:
    """Return circuits that have one of each part of which the versions differ."""
    vector, angle = ParameterVector("v", 5), Parameter("a")
    turned = QuantumCircuit(3, 3)
    turned.rx(vector[0] + angle * vector[3], 0)
    turned.rx(vector[1], 1)
    turned.rzz(1, 0, 1)
    turned.delay(3, 0)
    turned.measure([0, 1], [0, 1])
    flow = QuantumCircuit(
        QuantumRegister(2, "q"), AncillaRegister(3, "an"), ClassicalRegister(2, "c"), [Clbit(), Qubit()]
    )
    with flow.if_test((flow.clbits[0], 1)):
        flow.x(0)
    with flow.if_test((flow.cregs[0], 1)):
        flow.rx(vector[2], 0)
    with flow.for_loop(range(3)) as turn:
        flow.rz(turn, 0)
    with flow.while_loop(expr.logic_not(flow.clbits[1])):
        flow.measure(0, 1)
    own = QuantumCircuit(4, global_phase=angle)
    inner = QuantumCircuit(2, name="inner")
    inner.rx(vector[4], 0)
    own.append(inner.to_gate(), [1, 2])
    own.append(inner.to_gate().control(1, ctrl_state=0), [0, 1, 2])
    own.append(MCXGate(3), range(4))
    own.unitary([[0, 1], [1, 0]], [0])
    stored = QuantumCircuit(2)
    variable = stored.add_var("x", expr.lift(3, types.Uint(8)))
    stored.store(variable, expr.add(variable, 1))
    register = QuantumRegister(3, "r")
    spread = QuantumCircuit(list(register)[::-1])
    spread.add_register(register, QuantumRegister(bits=[register[0], register[2]], name="alias"))
    placed = QuantumCircuit(3)
    placed.cx(0, 2)
    manager = generate_preset_pass_manager(
        1, coupling_map=CouplingMap.from_line(6), basis_gates=["rz", "sx", "cx"], seed_transpiler=1
    )
    return [turned, manager.run(placed), flow, own, stored, spread]


@pytest.mark.holds("B365")
@pytest.mark.parametrize("version", VERSIONS)
def test_circuits_of_each_version_pass_alone_and_together(version: int) -> None:
    circuits = all_kinds()
    for circuit in circuits:
        assert problem_in(written([circuit], version)) is None
    # Each begins where the one before ends, so that all sizes must be right.
    assert problem_in(written(circuits, version), len(circuits)) is None
    assert problem_in(written(circuits, version), None) is None


@pytest.mark.holds("B365")
def test_each_circuit_must_be_where_the_table_says() -> None:
    circuits = all_kinds()
    data = bytearray(written(circuits))
    head = struct.calcsize("!6sBBBBQcc")
    for index in range(len(circuits)):
        place = head + 8 * index
        moved = bytearray(data)
        moved[place : place + 8] = struct.pack("!Q", struct.unpack("!Q", data[place : place + 8])[0] + 1)
        assert reason_of(problem_in(bytes(moved), len(circuits))) == "the circuit is not where the table says"


@pytest.mark.holds("B365")
def test_there_must_be_as_many_circuits_as_are_declared_and_no_newer_ones() -> None:
    data = written(all_kinds()[:2])
    assert reason_of(problem_in(data, 3)) == "the data holds 2 circuits instead of 3"
    assert reason_of(problem_in(data)) == "the data holds 2 circuits instead of one"
    assert problem_in(data, 2, newest=17) == TooNew(what="QPY", version=18, supported=17)
    many = bytearray(data)
    many[10:18] = struct.pack("!Q", 2**62)
    assert reason_of(problem_in(bytes(many), None)).startswith("QPY declares")


@pytest.mark.holds("B365")
def test_what_version_18_writes_shortly_is_paid_for_in_full() -> None:
    wide = QuantumCircuit(QuantumRegister(5_000, "q"))
    data = written([wide])
    # A register whose bits follow each other is one number.
    assert len(data) < 500
    assert isinstance(problem_in(data, qubits=4_999), TooLarge)
    assert isinstance(problem_in(data, memory=1_000_000), TooLarge)

    def head(size: int) -> bytes:
        return struct.pack("!c?IH??", b"q", True, size, 1, True, True)

    assert data.count(head(5_000)) == 1
    assert isinstance(problem_in(data.replace(head(5_000), head(2**31))), TooLarge)
    vector = ParameterVector("v", 10)
    circuit = QuantumCircuit(1)
    circuit.rx(vector[3], 0)
    long = written([circuit]).replace(struct.pack("!HQ", 1, 10), struct.pack("!HQ", 1, 2**40))
    assert problem_in(long) == TooLarge(what="parameter vector", size=2**40, limit=1_000_000, setting="items")


@pytest.mark.holds("B365")
@given(st.integers(0, len(written(all_kinds()))))
def test_data_that_ends_anywhere_is_refused(end: int) -> None:
    data = written(all_kinds())
    problem = problem_in(data[:end], len(all_kinds()))
    assert (problem is None) == (end == len(data))


@pytest.mark.holds("B365")
@given(st.integers(0, len(written(all_kinds()))), st.binary(min_size=1, max_size=8))
def test_bytes_that_are_changed_anywhere_pass_or_are_a_documented_problem(start: int, change: bytes) -> None:
    data = written(all_kinds())
    problem = problem_in(data[:start] + change + data[start + len(change) :], len(all_kinds()))
    assert problem is None or isinstance(problem, UnreadableValue | TooLarge | TooNew)


def test_circuits_that_pass_are_read() -> None:
    circuits = all_kinds()[:3]
    read = read_circuits(written(circuits), Ledger(DecodeLimits()), programs=3, newest=18, annotations={})
    assert read == circuits
    with pytest.raises(RefusedError):
        read_circuits(b"QISKIT", Ledger(DecodeLimits()), programs=3, newest=18, annotations={})
