"""Arrays and trees of data on the wire of quantum programs: base64, little-endian, bits packed."""

import zlib
from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pybase64 import b64decode, b64encode

from ..bridge.ledger import Ledger, RefusedError, refuse, too_large
from ..bridge.safe_decoding import read_items
from ..records.problem import UnreadableValue

DTYPES: Final = {
    "bool": np.dtype(np.bool_),
    **{f"f{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    **{f"i{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"u{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"c{bits}": np.dtype(f"<c{bits // 8}") for bits in (64, 128)},
}
"""Types of arrays by their names on the wire."""
_PLAIN: Final = {"f": "f64", "b": "bool", "u": "u8", "c": "c128"}
"""The type, by its kind, that an array has in the versions of the schema that compress nothing."""
_NAMES: Final = {(dtype.kind, dtype.itemsize): name for name, dtype in DTYPES.items()}
TENSOR_KEYS: Final = frozenset(("data", "shape", "dtype"))
"""The keys of what stands for an array."""
_DECODE: Final = partial(b64decode, validate=True)
"""Ten times as fast as what Python brings."""
_MOST_AXES = 32
_LARGEST = 1 << 48
"""Far beyond memory, and far enough below 2**63 that sizes can be multiplied by that of an item."""


class Tensor(msgspec.Struct, frozen=True):
    """What stands for an array."""

    data: str
    shape: list[int]
    dtype: str


def has_form(array: NDArray[Any]) -> bool:
    """Whether there is a form for arrays of this type."""
    return (array.dtype.kind, array.dtype.itemsize) in _NAMES


def encode_tensor(array: ArrayLike) -> dict[str, object]:
    """Return what stands for an array: its bytes as base64 of a zlib stream, with shape and type."""
    given = np.asarray(array)
    name = _NAMES[given.dtype.kind, given.dtype.itemsize]
    if given.dtype.kind == "b":
        items = np.packbits(given, bitorder="little")
    else:
        items = np.ascontiguousarray(given, dtype=DTYPES[name]).reshape(-1).view(np.uint8)
    data = b64encode(zlib.compress(items.data)).decode("ascii")
    return {"data": data, "shape": list(given.shape), "dtype": name}


def encode_plain_tensor(array: NDArray[Any]) -> dict[str, object]:
    """Return what stands for an array where nothing is compressed, and there are four types only."""
    name = _PLAIN.get(array.dtype.kind, "f64")
    items = np.packbits(array, bitorder="little") if name == "bool" else np.ascontiguousarray(array, DTYPES[name])
    return {"data": b64encode(items.tobytes()).decode("ascii"), "shape": list(array.shape), "dtype": name}


def encode_tree(tree: Any) -> object:
    """Return a tree of lists, dictionaries and values with what stands for each array in it."""
    match tree:
        case np.ndarray():
            return encode_tensor(tree)
        case np.generic():
            return tree.item()
        case Mapping():
            return {name: encode_tree(value) for name, value in tree.items()}
        case list() | tuple() | set() | frozenset():
            return [encode_tree(value) for value in tree]
        case _:
            return tree


def read_tensor(tensor: Tensor, ledger: Ledger, *, packed: bool) -> NDArray[Any]:
    """Return the array that a tensor stands for, paid for before it is built.

    Args:
        tensor: What was sent.
        ledger: What pays.
        packed: Whether the bytes are a zlib stream.

    Raises:
        RefusedError: It is damaged, or there is no room.

    Source: behaviour B364.
    """
    dtype = DTYPES.get(tensor.dtype)
    if dtype is None:
        raise refuse("tensor", f"there is no type {tensor.dtype[:16]!r}")
    shape = tuple(tensor.shape)
    if len(shape) > _MOST_AXES or any(size < 0 for size in shape):
        raise refuse("tensor", f"the shape is not one of at most {_MOST_AXES} sizes")
    # NumPy multiplies the sizes of an empty array too, leaving out the zeros.
    if prod(size for size in shape if size) > _LARGEST:
        raise refuse("tensor", "the shape is beyond what can be held")
    items = read_items(tensor.data, dtype, prod(shape), ledger, packed=packed, decode=_DECODE)
    return items.reshape(shape)


def read_tree(tree: Any, ledger: Ledger, *, packed: bool, depth: int = 0) -> Any:
    """Return a tree with an array for each tensor in it. Lists and dictionaries are changed in place.

    Raises:
        RefusedError: There is no room, or it is nested too deep.

    Source: behaviour B364.
    """
    if depth > ledger.limits.depth:
        raise too_large("depth", depth, ledger.limits.depth, "depth")
    if isinstance(tree, list):
        for index, value in enumerate(tree):
            if isinstance(value, list | dict):
                tree[index] = read_tree(value, ledger, packed=packed, depth=depth + 1)
    if isinstance(tree, dict):
        if tree.keys() == TENSOR_KEYS:
            return _read_if_tensor(tree, ledger, packed=packed)
        for name, value in tree.items():
            if isinstance(value, list | dict):
                tree[name] = read_tree(value, ledger, packed=packed, depth=depth + 1)
    return tree


def _read_if_tensor(tree: dict[str, Any], ledger: Ledger, *, packed: bool) -> Any:
    """Return the array that a dictionary stands for; the dictionary if it only looks like one."""
    try:
        return read_tensor(msgspec.convert(tree, Tensor), ledger, packed=packed)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return tree
    except RefusedError as refusal:
        if isinstance(refusal.problem, UnreadableValue):
            return tree
        raise
