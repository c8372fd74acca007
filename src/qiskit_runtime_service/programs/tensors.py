"""Arrays and trees of data on the wire of quantum programs: base64, little-endian, bits packed."""

import zlib
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

DTYPES: Final = {
    "bool": np.dtype(np.bool_),
    **{f"f{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    **{f"i{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"u{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"c{bits}": np.dtype(f"<c{bits // 8}") for bits in (64, 128)},
}
"""Types of arrays by their names on the wire."""
_NAMES: Final = {(dtype.kind, dtype.itemsize): name for name, dtype in DTYPES.items()}
TENSOR_KEYS: Final = frozenset(("data", "shape", "dtype"))
"""The keys of what stands for an array."""


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
    data = b2a_base64(zlib.compress(items.data), newline=False).decode("ascii")
    return {"data": data, "shape": list(given.shape), "dtype": name}


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
