"""One ledger for all that a value costs: paid before it is built, refused by name, and within the time that is left."""

import base64
import io
import json
import zipfile
import zlib
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from returns.result import Success

from qiskit_runtime_service.bridge.ledger import DecodeLimits, Ledger, Price, RefusedError
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooSlow, UnreadableValue
from tests.support.qpy_parts import circuit, custom, instruction, qpy_file, together

ZERO = (b"f", bytes(8))
"""A global phase."""
NEVER = DecodeLimits(memory=10**12, steps=10**12, output_bytes=10**12, items=10**9)


def tagged(tag: str, value: object) -> bytes:
    return json.dumps({"__type__": tag, "__value__": value}).encode()


def packed(qpy: bytes) -> bytes:
    """Return a circuit as typed JSON."""
    return tagged("QuantumCircuit", base64.b64encode(zlib.compress(qpy, 9)).decode())


def several(body: bytes, count: int) -> bytes:
    return b"[" + b",".join([body] * count) + b"]"


def problem_of(body: bytes, limits: DecodeLimits | None = None) -> Problem | None:
    result = decode_value(body, limits or DecodeLimits())
    return None if isinstance(result, Success) else result.failure()


def setting_of(problem: Problem | None) -> str:
    assert isinstance(problem, TooLarge), problem
    return problem.setting


# The ledger itself

things = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 5)), max_size=20)


@pytest.mark.holds("B316")
@given(things)
def test_what_is_paid_is_never_more_than_there_is_and_what_could_be_paid_is_not_refused(
    wanted: list[tuple[int, int, int]],
) -> None:
    ledger = Ledger(DecodeLimits(memory=1000, steps=1000))
    memory = steps = 0
    for size, time, count in wanted:
        fits = memory + size * count <= 1000 and steps + time * count <= 1000
        try:
            ledger.pay("things", Price(size, time), count)
        except RefusedError as refusal:
            assert not fits
            assert setting_of(refusal.problem) == ("memory" if memory + size * count > 1000 else "steps")
            return
        assert fits
        memory, steps = memory + size * count, steps + time * count


@pytest.mark.holds("B316")
@given(st.lists(st.integers(0, 2000), max_size=10))
def test_what_is_lent_comes_back_and_what_is_held_is_not_counted(sizes: list[int]) -> None:
    ledger = Ledger(DecodeLimits(memory=1000))
    for size in sizes:
        try:
            with ledger.lent("a copy", size):
                ledger.hold("another", 1000 - size)
                with pytest.raises(RefusedError):
                    ledger.hold("another", 1001 - size)
        except RefusedError:
            assert size > 1000
    ledger.keep("all of it", 1000)


@pytest.mark.holds("B319")
@given(st.floats(0.01, 5.0), st.integers(1, 5_000_000))
def test_what_takes_longer_than_there_is_time_is_not_begun(left: float, steps: int) -> None:
    ledger = Ledger(NEVER, lambda: left)
    ledger.walk("the first", 0.0)
    try:
        ledger.walk("the next", float(steps))
    except RefusedError as refusal:
        assert refusal.problem == TooSlow(what="the next")
        assert steps >= left * 1_000_000
    else:
        assert steps < left * 1_000_000 or steps < 2_000


@pytest.mark.holds("B319")
@given(st.integers(1, 1000))
def test_the_time_is_looked_at_soon_whatever_the_steps_are(steps: int) -> None:
    looks = chain([1.0], repeat(0.0))
    ledger = Ledger(NEVER, lambda: next(looks))
    walked = 0
    with pytest.raises(RefusedError):
        for _ in range(5000):
            ledger.walk("a step", float(steps))
            walked += steps
    assert walked <= 2 * (2_000 + steps)


# Values in which each part is within its limit


@pytest.mark.takes_long
@pytest.mark.holds("B316")
def test_bits_of_all_circuits_count_together() -> None:
    wide = packed(qpy_file(circuit(qubits=100_000, clbits=100_000, phase=ZERO)))
    assert setting_of(problem_of(several(wide, 40))) == "memory"
    narrow = packed(qpy_file(circuit(qubits=156, clbits=156, phase=ZERO)))
    assert problem_of(several(narrow, 40)) is None


@pytest.mark.holds("B316")
def test_circuits_count_by_themselves() -> None:
    body = packed(qpy_file(circuit(qubits=0, phase=ZERO)))
    limits = DecodeLimits(memory=100_000)
    assert problem_of(several(body, 5), limits) is None
    assert setting_of(problem_of(several(body, 50), limits)) == "memory"


@pytest.mark.holds("B316", "B317")
def test_members_of_equal_hash_count_by_how_often_they_are_compared() -> None:
    alike = [(2**61 - 1) * number for number in range(1, 10_001)]
    assert setting_of(problem_of(several(tagged("set", alike), 60))) == "steps"
    pairs = [[-1 - (number >> bit & 1) for bit in range(14)] for number in range(2**14)]
    assert setting_of(problem_of(tagged("set", pairs))) == "steps"
    assert decode_value(tagged("set", [-1, -2, 1, 1])).unwrap() == {-1, -2, 1}
    assert len(np.asarray(list(decode_value(tagged("set", list(range(100_000)))).unwrap()))) == 100_000  # type: ignore[call-overload]  # it is a set


@pytest.mark.holds("B316")
def test_data_of_spans_has_no_keys_that_could_be_alike() -> None:
    times = {name: {"__type__": "datetime", "__value__": "2026-09-01T10:00:00"} for name in ("start", "stop")}
    alike = {str((2**61 - 1) * number): [[1], 0, 1] for number in range(1, 2000)}
    problem = problem_of(tagged("ExecutionSpan", {**times, "data_slices": alike}))
    assert isinstance(problem, UnreadableValue)


def used(levels: int, uses: int) -> bytes:
    """Return a circuit of instructions that are defined by others of that kind, so many levels deep."""
    held = circuit(phase=ZERO, instructions=[instruction()])
    for level in range(levels):
        name = b"own%d" % level
        held = circuit(phase=ZERO, customs=[custom(name, definition=held)], instructions=[instruction(name)] * uses)
    return packed(qpy_file(held))


@pytest.mark.holds("B316")
def test_a_definition_counts_as_often_as_it_is_used() -> None:
    assert problem_of(used(2, 50)) is None
    problem = problem_of(used(6, 50))
    assert setting_of(problem) == "steps"
    assert setting_of(problem_of(used(1, 1000), DecodeLimits(steps=20_000))) == "steps"
    assert problem_of(used(1, 1000), DecodeLimits(steps=50_000)) is None


@pytest.mark.holds("B316")
def test_tuples_in_tuples_have_a_depth() -> None:
    value = ZERO
    for _ in range(200):
        value = together([value])
    problem = problem_of(packed(qpy_file(circuit(phase=ZERO, instructions=[instruction(params=[value])]))))
    assert problem == TooLarge(what="depth of a tuple", size=101, limit=100, setting="depth")


@pytest.mark.holds("B316")
def test_errors_of_a_noise_model_are_one_for_each_place() -> None:
    pytest.importorskip("qiskit_aer")
    error = {
        "type": "qerror", "operations": ["x"], "gate_qubits": [[0]], "probabilities": [0.5, 0.5],
        "instructions": [[{"name": "x", "qubits": [0]}], [{"name": "id", "qubits": [0]}]],
    }  # fmt: skip
    assert problem_of(tagged("NoiseModel", {"errors": [error, error | {"gate_qubits": [[1]]}]})) is None
    problem = problem_of(tagged("NoiseModel", {"errors": [error, error]}))
    assert problem == UnreadableValue(tag="NoiseModel", reason="it has two errors of 'x' on (0,)")
    wide = error | {"gate_qubits": [list(range(51))], "instructions": [[{"name": "x", "qubits": [50]}]] * 2}
    reason = "it has an error on 51 qubits at once; 50 are read at most"
    assert problem_of(tagged("NoiseModel", {"errors": [wide]})) == UnreadableValue(tag="NoiseModel", reason=reason)
    below = error | {"gate_qubits": [[-1]]}
    assert isinstance(problem_of(tagged("NoiseModel", {"errors": [below]})), UnreadableValue)


@pytest.mark.holds("B316")
def test_an_archive_has_no_more_files_than_a_matrix_has_parts() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.npy", b"")
    problem = problem_of(tagged("spmatrix", base64.b64encode(stream.getvalue()).decode()))
    assert problem == UnreadableValue(tag="spmatrix", reason="its list of files is not that of a sparse matrix")
    for text in (b"", b"PK", stream.getvalue() + b"more"):
        assert isinstance(problem_of(tagged("spmatrix", base64.b64encode(text).decode())), UnreadableValue)


@pytest.mark.holds("B316")
def test_names_that_are_hidden_in_a_key_count() -> None:
    key = json.dumps(["a"] * 2000).replace(",", "\\u002c").replace('"', '\\"')
    body = b'{"__type__":"BindingsArray","__value__":{"data":{"%b":0},"shape":[]}}' % key.encode()
    assert problem_of(body, DecodeLimits(items=1000)) == TooLarge(
        what="number of values", size=2001, limit=1000, setting="items"
    )


@pytest.mark.holds("B316")
@pytest.mark.parametrize("text", ['"é' + "a" * 996 + '"', '"\\u00e9' + "a" * 992 + '"'])
def test_one_wide_character_makes_the_text_around_it_wide(text: str) -> None:
    # The text, its text of four bytes for each of its characters, and one value.
    body = text.encode()
    assert len(body) == 1000
    assert problem_of(body, DecodeLimits(memory=1000 + 4 * 1000 + 200)) is None
    assert setting_of(problem_of(body, DecodeLimits(memory=1000 + 4 * 1000 + 199))) == "memory"


@pytest.mark.holds("B316")
@pytest.mark.parametrize("odd", ["é", "\\u00e9"])
def test_base64_beside_a_wide_character_is_as_narrow_as_ever(odd: str) -> None:
    body = f'["{odd}","{"A" * 1000}"]'.encode()
    wide = 4 * (len(body) - 1002)
    enough = len(body) + 1002 + wide + 3 * 200
    assert problem_of(body, DecodeLimits(memory=enough)) is None
    assert setting_of(problem_of(body, DecodeLimits(memory=enough - 1))) == "memory"
    # What only looks like base64, inside of a wide text, is as wide as that.
    inside = f'"{odd}\\"{"A" * 1000}"'.encode()
    assert setting_of(problem_of(inside, DecodeLimits(memory=4 * len(inside)))) == "memory"


@pytest.mark.holds("B316")
def test_observables_and_labels_count_by_what_they_become() -> None:
    body = tagged("ObservablesArray", ["X"] * 100)
    assert problem_of(body, DecodeLimits(memory=100 * (600 + 10) + 102 * 200 + 10_000)) is None
    assert setting_of(problem_of(body, DecodeLimits(memory=100 * (600 + 10)))) == "memory"
    paulis = {
        "__type__": "settings", "__module__": "qiskit.quantum_info.operators.symplectic.pauli_list",
        "__class__": "PauliList", "__value__": {"data": ["X"] * 100},
    }  # fmt: skip
    assert setting_of(problem_of(json.dumps(paulis).encode(), DecodeLimits(memory=100 * 400))) == "memory"


# Time


@pytest.mark.holds("B319")
@pytest.mark.parametrize(
    "body",
    [
        encode_value(np.random.default_rng(1).integers(0, 255, 2_000_000, np.uint8)),
        several(b"1", 100_000),
        several(packed(qpy_file(circuit(qubits=1000, phase=ZERO, instructions=[instruction()] * 1000))), 10),
        b"[NaN," + b"1," * 100_000 + b"1]",
        used(3, 30),
        tagged("ObservablesArray", ["X"] * 1000),
    ],
    ids=["an array", "values", "circuits", "a text that is not quite JSON", "definitions", "observables"],
)
def test_decoding_ends_with_the_time_that_is_left(body: bytes) -> None:
    assert isinstance(decode_result(body), Success)
    assert isinstance(decode_result(body, time_left=lambda: 60.0), Success)
    late = decode_result(body, time_left=lambda: 0.0)
    assert isinstance(late.failure(), TooSlow)


def test_time_within_metadata_is_that_of_the_whole() -> None:
    short, long = (QuantumCircuit(1, metadata={"values": list(range(count))}) for count in (3, 3000))
    assert isinstance(decode_value(encode_value(short), time_left=lambda: 0.0), Success)
    late = decode_value(encode_value(long), time_left=lambda: 0.0)
    assert late.failure() == TooSlow(what="values of JSON")


# What users have


def sampled(pubs: int, shots: int, bits: int = 156) -> bytes:
    from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult

    dice = np.random.default_rng(3)
    width = -(-bits // 8)

    def pub() -> SamplerPubResult:
        array = dice.integers(0, 256, (shots, width), np.uint8)
        array[:, 0] &= (1 << (bits % 8 or 8)) - 1
        return SamplerPubResult(DataBin(meas=BitArray(array, bits)), {"circuit_metadata": {"name": "θ"}})

    return encode_value(PrimitiveResult([pub() for _ in range(pubs)], {"version": 2}))


def layered(layers: int) -> bytes:
    """Return a circuit of 156 qubits with some 250 instructions in each layer."""
    made = QuantumCircuit(156, 156)
    for layer in range(layers):
        for qubit in range(156):
            made.rz(0.01 * layer + qubit, qubit)
        for qubit in range(layer % 2, 155, 2):
            made.cz(qubit, qubit + 1)
    made.measure(range(156), range(156))
    return encode_value(made)


LEGITIMATE: dict[str, Any] = {
    "10^6 shots of 156 bits": lambda: sampled(1, 10**6),
    "1,000 PUBs": lambda: sampled(1000, 100),
    "sweeps of 10^5 times 20 values": lambda: encode_value(np.random.default_rng(2).random((10**5, 20))),
    "10^5 instructions on 156 qubits": lambda: layered(430),
}


@pytest.mark.takes_long
@pytest.mark.holds("B316")
@pytest.mark.parametrize("what", LEGITIMATE)
def test_what_users_have_is_read(what: str) -> None:
    assert isinstance(decode_value(LEGITIMATE[what](), time_left=lambda: 100.0), Success)


@pytest.mark.holds("B316")
def test_a_thousand_circuits_of_a_thousand_instructions_are_read() -> None:
    # A fiftieth of them, with a fiftieth of what they may cost.
    part = DecodeLimits(memory=(480 << 20) // 50, steps=10_000_000 // 50)
    assert problem_of(several(layered(4), 20), part) is None
