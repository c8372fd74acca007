"""Limits of decoding: what just reaches one passes, and one more is refused by the name of what is too much."""

import base64
import io
import json
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator
from returns.result import Success

from qiskit_runtime_service.bridge.ledger import DecodeLimits
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import Problem, TooLarge, UnreadableValue


def problem_of(body: bytes, **limits: int) -> Problem | None:
    """Return what is wrong with typed JSON, or `None`."""
    result = decode_value(body, DecodeLimits(**limits))
    return None if isinstance(result, Success) else result.failure()


def tagged(tag: str, value: object) -> bytes:
    return json.dumps({"__type__": tag, "__value__": value}).encode()


def array_text(header: str, data: bytes = b"") -> str:
    """Return base64 text of compressed `.npy` data."""
    raw = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data
    return base64.b64encode(zlib.compress(raw)).decode()


def array_header(descr: str = "|u1", shape: str = "(4,)") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}"


# What stands before anything is parsed


@pytest.mark.holds("B81")
def test_the_limits_are_those_that_are_documented() -> None:
    assert DecodeLimits() == DecodeLimits(
        input_bytes=201_326_592,
        output_bytes=134_217_728,
        circuit_bytes=33_554_432,
        depth=100,
        items=1_000_000,
        qubits=100_000,
        memory=503_316_480,
        steps=10_000_000,
    )


@pytest.mark.holds("B81")
def test_text_may_be_as_long_as_the_limit() -> None:
    assert problem_of(b'"abc"', input_bytes=5) is None
    assert problem_of(b'"abcd"', input_bytes=5) == TooLarge(what="JSON text", size=6, limit=5, setting="input_bytes")


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    ("body", "count"),
    [(b"1", 1), (b"[]", 2), (b"[1,2,3]", 4), (b"[[],[]]", 5), (b'{"a":1,"b":{}}', 4), (b'[{"a":[0]}]', 4)],
)
def test_values_are_counted(body: bytes, count: int) -> None:
    assert problem_of(body, items=count) is None
    assert problem_of(body, items=count - 1) == TooLarge(
        what="number of values", size=count, limit=count - 1, setting="items"
    )


@pytest.mark.holds("B81")
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_lists_and_objects_may_be_as_deep_as_the_limit(opening: bytes, closing: bytes) -> None:
    levels = 2 * (len(opening) > 5) or 1
    body = opening * 6 + b"1" + closing * 6
    assert problem_of(body, depth=6 * levels - 1) is None
    assert problem_of(body, depth=6 * levels - 2) == TooLarge(
        what="depth", size=6 * levels - 1, limit=6 * levels - 2, setting="depth"
    )


# Arrays


def numbers(count: int) -> bytes:
    """Return bytes that hardly become smaller when they are compressed."""
    return np.random.default_rng(5).bytes(count)


@pytest.mark.holds("B81")
@pytest.mark.parametrize("data", [bytes(2_000_000), numbers(2_000_000), bytes(700_000) + numbers(600_000)])
def test_an_array_that_arrives_in_many_pieces_is_whole(data: bytes) -> None:
    text = array_text(array_header(shape=f"({len(data)},)"), data)
    assert np.asarray(decode_value(tagged("ndarray", text)).unwrap()).tobytes() == data


@pytest.mark.holds("B81")
@pytest.mark.parametrize("data", [bytes(2_000_000), numbers(2_000_000)])
@pytest.mark.parametrize(("declared", "words"), [(2_000_001, "ends after 2000000 of 2000001"), (1_999_999, "goes on")])
def test_an_array_that_is_longer_or_shorter_than_its_many_pieces_is_refused(
    data: bytes, declared: int, words: str
) -> None:
    text = array_text(array_header(shape=f"({declared},)"), data)
    problem = problem_of(tagged("ndarray", text))
    assert isinstance(problem, UnreadableValue)
    assert words in problem.reason


@pytest.mark.holds("B81")
def test_an_array_whose_text_ends_between_two_pieces_is_refused() -> None:
    whole = array_text(array_header(shape="(2000000,)"), numbers(2_000_000))
    for kept in (1 << 18, 1 << 19, len(whole) - 4):
        problem = problem_of(tagged("ndarray", whole[:kept]))
        assert isinstance(problem, UnreadableValue)


@pytest.mark.holds("B81")
def test_a_header_may_be_as_long_as_the_limit() -> None:
    header = array_header()
    padded = header + " " * (4096 - len(header))
    assert problem_of(tagged("ndarray", array_text(padded, b"1234"))) is None
    assert problem_of(tagged("ndarray", array_text(padded + " ", b"1234"))) == UnreadableValue(
        tag="ndarray", reason="the header has 4097 bytes; 4096 are read at most"
    )


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    ("shape", "passes"),
    [
        (f"({'1,' * 32})", True),
        (f"({'1,' * 33})", False),
        (f"(0, {2**48})", True),
        (f"(0, {2**48 + 1})", False),
        (f"(0, {2**47}, 2)", True),
        (f"(0, {2**47}, 3)", False),
    ],
)
def test_a_shape_may_be_as_large_as_numpy_can_hold(shape: str, passes: bool) -> None:
    problem = problem_of(tagged("ndarray", array_text(array_header(shape=shape), b"1" if "0" not in shape else b"")))
    assert (problem is None) is passes
    assert passes or isinstance(problem, UnreadableValue)


@pytest.mark.holds("B81")
def test_an_array_counts_by_its_items_and_their_size() -> None:
    body = encode_value(np.zeros((3, 5), np.float32))
    assert problem_of(body, output_bytes=60) is None
    assert problem_of(body, output_bytes=59) == TooLarge(what="ndarray", size=60, limit=59, setting="output_bytes")


@pytest.mark.parametrize("order", ["<", ">"])
def test_text_ends_where_unicode_ends(order: str) -> None:
    for point, passes in ((0x10FFFF, True), (0x110000, False)):
        data = point.to_bytes(4, "little" if order == "<" else "big")
        problem = problem_of(tagged("ndarray", array_text(array_header(f"{order}U1", "(1,)"), data)))
        assert (problem is None) is passes


@pytest.mark.parametrize("text", ["é" * 4, "abc", "abcde", "====", "ab=c", "a b="])
def test_text_that_is_not_base64_is_refused(text: str) -> None:
    problem = problem_of(tagged("ndarray", text))
    assert isinstance(problem, UnreadableValue)
    assert problem.tag == "ndarray"
    if len(text) % 4 or not text.isascii():
        assert problem.reason == "the text is not base64"


@pytest.mark.holds("B81")
def test_no_more_is_allocated_than_the_compressed_data_can_become() -> None:
    text = array_text(array_header(shape="(1000000,)"))
    # One byte becomes 1032 at most, and four characters are three bytes.
    most = 1032 * 3 * (len(text) // 4)
    assert problem_of(tagged("ndarray", text)) == UnreadableValue(
        tag="ndarray", reason=f"1000000 bytes are declared but {most} can be there at most"
    )


def test_what_stands_behind_an_array_is_refused() -> None:
    header = array_header()
    for data, reason in ((b"123", "the data ends after 3 of 4 bytes"), (b"12345", "the data goes on after 4 bytes")):
        assert problem_of(tagged("ndarray", array_text(header, data))) == UnreadableValue(tag="ndarray", reason=reason)
    whole = base64.b64decode(array_text(header, b"1234"))
    cut = base64.b64encode(whole[:-3]).decode()
    assert isinstance(problem_of(tagged("ndarray", cut)), UnreadableValue)


@pytest.mark.holds("B81")
@pytest.mark.parametrize(
    ("items", "size"), [([1, 2], 32), (["a", "b", "c"], 48), (["abcde", "b"], 40), ([["abcde"], [None]], 40), ([], 0)]
)
def test_a_list_counts_as_the_array_that_it_becomes(items: list[Any], size: int) -> None:
    body = tagged("ndarray", items)
    assert problem_of(body, output_bytes=size) is None
    if size:
        assert problem_of(body, output_bytes=size - 1) == TooLarge(
            what="ndarray", size=size, limit=size - 1, setting="output_bytes"
        )


@pytest.mark.holds("B81")
def test_values_of_parameters_count_as_the_floats_that_they_become() -> None:
    values = json.loads(encode_value(np.zeros(3, np.int8)))
    body = tagged("BindingsArray", {"data": {'["a"]': values}, "shape": [3]})
    assert problem_of(body, output_bytes=3 + 24) is None
    assert problem_of(body, output_bytes=3 + 23) == TooLarge(
        what="BindingsArray", size=27, limit=26, setting="output_bytes"
    )


@pytest.mark.holds("B81")
def test_matrices_count_as_the_complex_numbers_that_they_become() -> None:
    body = encode_value(Operator(np.eye(2)))
    assert problem_of(body, output_bytes=64 + 64) is None
    assert problem_of(body, output_bytes=64 + 63) == TooLarge(
        what="matrices", size=128, limit=127, setting="output_bytes"
    )


def sparse(method: int = zipfile.ZIP_STORED, **arrays: Any) -> bytes:
    """Return typed JSON of an archive of arrays."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.asarray(array), version=(1, 0))
            archive.writestr(f"{name}.npy", part.getvalue())
    return tagged("spmatrix", base64.b64encode(stream.getvalue()).decode())


@pytest.mark.holds("B81")
def test_all_arrays_of_a_sparse_matrix_count_together() -> None:
    arrays = {
        "format": b"csr", "shape": np.array([1, 2]), "data": [1.0], "indices": np.array([1], np.int32),
        "indptr": np.array([0, 1], np.int32),
    }  # fmt: skip
    spent = 3 + 16 + 8 + 4 + 8
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert problem_of(sparse(method, **arrays), output_bytes=spent) is None
        assert problem_of(sparse(method, **arrays), output_bytes=spent - 1) == TooLarge(
            what="ndarray", size=spent, limit=spent - 1, setting="output_bytes"
        )
    refused = problem_of(sparse(zipfile.ZIP_BZIP2, **arrays))
    assert refused == UnreadableValue(tag="spmatrix", reason="format is compressed in a way that is not read")


@pytest.mark.parametrize(
    ("form", "places"),
    [
        ("csr", {"indices": [1], "indptr": [0, 1]}),
        ("csc", {"indices": [0], "indptr": [0, 0, 1]}),
        ("coo", {"row": [0], "col": [1]}),
        ("dia", {"offsets": [1]}),
        ("bsr", {"indices": [1], "indptr": [0, 1]}),
    ],
)
def test_every_form_of_a_sparse_matrix_is_read(form: str, places: dict[str, Any]) -> None:
    data = {"dia": [[0.0, 2.0]], "bsr": [[[2.0]]]}.get(form, [2.0])
    matrix: Any = decode_value(sparse(format=form.encode(), shape=[1, 2], data=data, **places)).unwrap()
    assert matrix.format == form
    assert matrix.toarray().tolist() == [[0.0, 2.0]]


# Circuits, sets, spans, noise


def circuit_body() -> tuple[bytes, int]:
    """Return a circuit as typed JSON, and how long its data is."""
    body = encode_value(QuantumCircuit(1))
    return body, len(zlib.decompress(base64.b64decode(json.loads(body)["__value__"])))


@pytest.mark.holds("B81")
def test_a_circuit_may_be_as_long_as_the_limit() -> None:
    body, size = circuit_body()
    assert problem_of(body, circuit_bytes=size) is None
    assert problem_of(body, circuit_bytes=size - 1) == TooLarge(
        what="QuantumCircuit", size=size, limit=size - 1, setting="circuit_bytes"
    )
    # Data beyond the limit is not looked at, however much there is.
    longer = base64.b64encode(zlib.compress(b"QISKIT" + bytes(1000))).decode()
    assert problem_of(tagged("QuantumCircuit", longer), circuit_bytes=10) == TooLarge(
        what="QuantumCircuit", size=11, limit=10, setting="circuit_bytes"
    )


@pytest.mark.holds("B81")
def test_circuits_and_arrays_share_one_budget() -> None:
    body, size = circuit_body()
    pair = b"[" + encode_value(np.zeros(10, np.uint8)) + b"," + body + b"]"
    problem = problem_of(pair, output_bytes=10 + size - 1)
    assert problem == TooLarge(what="QuantumCircuit", size=10 + size, limit=10 + size - 1, setting="output_bytes")
    # Parts of a circuit are copied as they are read: the phase is a float.
    problem = problem_of(pair, output_bytes=10 + size + 7)
    assert problem == TooLarge(
        what="nested parts of a circuit", size=10 + size + 8, limit=10 + size + 7, setting="output_bytes"
    )
    assert problem_of(pair, output_bytes=10 + size + 8) is None


@pytest.mark.holds("B81")
def test_a_set_may_have_as_many_members_as_any_list() -> None:
    assert problem_of(tagged("set", list(range(50_000)))) is None


@pytest.mark.holds("B81")
def test_a_span_may_be_of_as_much_data_as_the_budget() -> None:
    times = {name: {"__type__": "datetime", "__value__": "2026-09-01T10:00:00"} for name in ("start", "stop")}
    body = tagged("ExecutionSpan", {**times, "data_slices": {"0": [[5, 20], 0, 100]}})
    assert problem_of(body, output_bytes=100) is None
    assert problem_of(body, output_bytes=99) == TooLarge(
        what="data of a span", size=100, limit=99, setting="output_bytes"
    )


# What Aer says of its own way to read a model.
@pytest.mark.filterwarnings("ignore:from_dict has been deprecated:DeprecationWarning")
@pytest.mark.holds("B81")
def test_a_noise_model_may_be_of_ten_thousand_qubits() -> None:
    def noise(qubit: int) -> bytes:
        error = {"type": "roerror", "operations": ["measure"], "probabilities": [[1, 0], [0, 1]]}
        return tagged("NoiseModel", {"errors": [{**error, "gate_qubits": [[qubit]]}]})

    assert problem_of(noise(10_000)) is None
    assert problem_of(noise(10_001)) == UnreadableValue(
        tag="NoiseModel", reason="its value is not a model of at most 10000 qubits"
    )


@pytest.mark.parametrize(
    ("key", "read"),
    [("7", 7), ("-7", -7), ("1" * 19, int("1" * 19)), ("1" * 20, "1" * 20), ("--7", "--7"), ("", ""), ("٣", "٣")],
)
def test_keys_that_were_integers_are_integers_again(key: str, read: object) -> None:
    body = json.dumps({"__int_keys__": True, key: 0}).encode()
    value: Any = decode_value(body).unwrap()
    assert list(value) == [read]


def test_keys_of_other_objects_stay_texts() -> None:
    assert decode_value(b'{"7": 0}').unwrap() == {"7": 0}
    assert decode_value(b'{"7": 0, "__int_keys__": 1}').unwrap() == {"7": 0, "__int_keys__": 1}
