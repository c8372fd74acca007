"""Arrays on the wire of quantum programs: what is written is read, and what is damaged or too large is refused."""

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ibm_quantum_schemas.common import CompressedTensorModel, TensorModel
from numpy.typing import NDArray

from qiskit_runtime_service.bridge.ledger import DecodeLimits, Ledger, RefusedError
from qiskit_runtime_service.programs.tensors import Tensor, encode_tensor, encode_tree, has_form, read_tensor, read_tree
from qiskit_runtime_service.records.problem import Problem, TooLarge, UnreadableValue

DTYPES = ["?", "<f2", "<f4", "<f8", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<c8", "<c16", ">f8", ">i4"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


def read(tensor: object, *, packed: bool = True, **limits: int) -> NDArray[Any]:
    text: Any = tensor
    return read_tensor(Tensor(**text), Ledger(DecodeLimits(**limits)), packed=packed)


def problem_of(tensor: object, *, packed: bool = True, **limits: int) -> Problem | None:
    try:
        read(tensor, packed=packed, **limits)
    except RefusedError as refusal:
        return refusal.problem
    return None


def reason_of(problem: Problem | None) -> str:
    assert isinstance(problem, UnreadableValue)
    return problem.reason


def tensor_of(data: bytes, shape: list[int], dtype: str, *, packed: bool = True) -> dict[str, Any]:
    held = zlib.compress(data) if packed else data
    return {"data": base64.b64encode(held).decode(), "shape": shape, "dtype": dtype}


@pytest.mark.holds("B364")
@given(ARRAYS)
def test_an_array_that_is_written_is_read_as_it_was(array: NDArray[Any]) -> None:
    found = read(encode_tensor(array))
    assert found.shape == array.shape
    assert found.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(found, array)


@given(ARRAYS)
def test_the_schema_reads_what_is_written_and_is_read(array: NDArray[Any]) -> None:
    sent = encode_tensor(array)
    np.testing.assert_array_equal(CompressedTensorModel(**sent).to_numpy(), array)
    theirs = CompressedTensorModel.from_numpy(array.astype(array.dtype.newbyteorder("="))).model_dump()
    np.testing.assert_array_equal(read(theirs), array)


@given(ARRAYS.filter(lambda array: array.dtype in (np.float64, np.bool_, np.uint8, np.complex128)))
def test_what_older_schemas_write_is_read(array: NDArray[Any]) -> None:
    theirs = TensorModel.from_numpy(array).model_dump()
    np.testing.assert_array_equal(read(theirs, packed=False), array)


def test_bits_are_packed_from_the_lowest() -> None:
    sent = encode_tensor(np.array([[True, False, False], [False, False, True], [True, True, True]]))
    assert zlib.decompress(base64.b64decode(str(sent["data"]))) == b"\xe1\x01"
    assert sent["shape"] == [3, 3]
    assert sent["dtype"] == "bool"


def test_large_bits_are_read_piece_by_piece() -> None:
    bits = np.random.default_rng(1).random((3_000, 1_001)) < 0.5
    np.testing.assert_array_equal(read(encode_tensor(bits)), bits)


@pytest.mark.holds("B364")
def test_the_bytes_must_be_as_many_as_are_declared() -> None:
    assert problem_of(tensor_of(b"ab", [2], "u8")) is None
    assert reason_of(problem_of(tensor_of(b"a", [2], "u8"))) == "the data ends after 1 of 2 bytes"
    assert reason_of(problem_of(tensor_of(b"abc", [2], "u8"))) == "the data goes on after 2 bytes"
    assert reason_of(problem_of(tensor_of(b"ab", [17], "bool"))) == "the data ends after 2 bytes"
    assert reason_of(problem_of(tensor_of(b"abc", [16], "bool"))) == "the data goes on after 2 bytes"
    for packed in (True, False):
        assert problem_of(tensor_of(b"", [0, 5], "f64", packed=packed), packed=packed) is None
        assert problem_of(tensor_of(b"x", [0, 5], "f64", packed=packed), packed=packed) is not None


@pytest.mark.holds("B364")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dtype": "f80"}, "there is no type 'f80'"),
        ({"shape": [-1, -2]}, "the shape is not one of at most 32 sizes"),
        ({"shape": [1] * 33}, "the shape is not one of at most 32 sizes"),
        ({"shape": [0, 2**62, 2**62]}, "the shape is beyond what can be held"),
        ({"data": "é"}, "the text is not base64"),
        ({"data": "AAAAA"}, "the text is not base64"),
        ({"data": "!!!!"}, "Non-base64 digit found"),
    ],
)
def test_what_is_damaged_is_refused(change: dict[str, Any], reason: str) -> None:
    assert reason_of(problem_of(tensor_of(b"ab", [2], "u8") | change)) == reason


@pytest.mark.holds("B364")
def test_a_size_is_paid_for_before_anything_is_allocated() -> None:
    # What a stream can hold at most is known from its length.
    sent = tensor_of(b"a" * 100, [2**40], "u8")
    assert problem_of(sent) == TooLarge(what="tensor", size=2**40, limit=134_217_728, setting="output_bytes")
    assert reason_of(problem_of(tensor_of(b"a", [10**6], "u8"))).startswith("1000000 bytes are declared but")
    bits = tensor_of(bytes(1000), [8000], "bool")
    # A piece of what is unpacked is held beside.
    assert problem_of(bits, memory=9000) is None
    assert problem_of(bits, memory=7999) == TooLarge(
        what="the memory for all up to tensor", size=8000, limit=7999, setting="memory"
    )


# Trees

TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | ARRAYS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "data", "shape", "é"]), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


def same(one: Any, other: Any) -> bool:
    match one:
        case np.ndarray():
            return (
                isinstance(other, np.ndarray)
                and one.shape == other.shape
                and np.array_equal(one, other, one.dtype.kind in "fc")
            )
        case dict():
            return (
                isinstance(other, dict)
                and one.keys() == other.keys()
                and all(same(one[key], other[key]) for key in one)
            )
        case list():
            return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
        case _:
            return type(one) is type(other) and bool(one == other)


@pytest.mark.holds("B364")
@given(TREES)
def test_a_tree_that_is_written_is_read_as_it_was(tree: Any) -> None:
    text = json.loads(json.dumps(encode_tree(tree)))
    assert same(tree, read_tree(text, Ledger(DecodeLimits()), packed=True))


def test_what_only_looks_like_an_array_stays_what_it_is() -> None:
    for tree in (
        {"data": "AAAA", "shape": [1], "dtype": "u8"},
        {"data": "not base64", "shape": [1], "dtype": "u8"},
        {"data": 1, "shape": [1], "dtype": "u8"},
        {"data": "", "shape": "x", "dtype": "f64"},
        {"data": "", "shape": []},
    ):
        assert read_tree(dict(tree), Ledger(DecodeLimits()), packed=True) == tree


def test_a_tree_may_be_as_deep_as_the_limit_and_as_large() -> None:
    def nested(levels: int) -> Any:
        tree: Any = 1
        for _ in range(levels):
            tree = [tree]
        return tree

    assert read_tree(nested(4), Ledger(DecodeLimits(depth=3)), packed=True) == nested(4)
    for tree, limits in ((nested(5), {"depth": 3}), (encode_tree([np.zeros(10)]), {"memory": 79})):
        with pytest.raises(RefusedError) as caught:
            read_tree(tree, Ledger(DecodeLimits(**limits)), packed=True)
        assert isinstance(caught.value.problem, TooLarge)


def test_arrays_of_texts_objects_and_dates_have_no_form() -> None:
    for array in (np.array(["a"]), np.array([object()]), np.array(["2026-01-01"], "M8[D]"), np.zeros(1, np.longdouble)):
        assert not has_form(array)
    assert all(has_form(np.zeros(1, dtype)) for dtype in DTYPES)
