"""Read compressed arrays and circuits whose sender is not trusted: every size is checked before it is used."""

import ast
import binascii
import io
import math
import re
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger, refuse, too_large

_CHUNK = 1 << 18
"""Characters of base64 that are read at a time, a multiple of four; and bytes that are unpacked at a time."""
_STEPS_OF_CHUNK = 2_000.0
"""How long it takes to unpack a chunk."""
_MOST_EXPANSION = 1032
"""Bytes that one byte of a zlib stream can become at most."""
_HEADER_BYTES = 4096
"""Longest header of an array that is read. NumPy itself writes about a hundred bytes."""
NPY_START = b"\x93NUMPY\x01\x00"
"""Format 1.0, the only one that is sent."""
_MOST_DIMENSIONS = 32
_LARGEST_SIZE = 1 << 48
"""Far beyond memory, and far enough below 2**63 that sizes can be multiplied by that of an item."""
_PLAIN_DTYPE = re.compile(r"[<>|=][biufcUS]\d{1,9}")
"""Truth, integers, floats, complex numbers, fixed-width text and bytes."""
_TIME_DTYPE = re.compile(r"[<>=][Mm]8\[\d{0,6}(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\]")
"""Dates and lengths of time. These and the plain ones are all that needs no pickle."""
_LAST_CODE_POINT = 0x10FFFF


Decode = Callable[[str], bytes]
"""Returns the bytes of a piece of base64, or raises a `binascii.Error`."""
_STRICTLY: Decode = partial(binascii.a2b_base64, strict_mode=True)


class Source(Protocol):
    """Something that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        ...


class Base64Text:
    """Base64 text, read piece by piece so that it is never whole in memory twice."""

    def __init__(self, text: str, tag: str, ledger: Ledger, decode: Decode = _STRICTLY) -> None:
        if not text.isascii() or len(text) % 4:
            raise refuse(tag, "the text is not base64")
        self._text = text
        self._decode = decode
        self._tag = tag
        self._ledger = ledger
        self._position = 0
        self._pending = b""

    @property
    def most(self) -> int:
        """Bytes that the whole text can become at most."""
        return len(self._text) * 3 // 4

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end of the text."""
        held = io.BytesIO()
        while held.tell() < size and (piece := self._some(size - held.tell())):
            self._ledger.hold(self._tag, held.tell() + len(piece))
            held.write(piece)
        # The buffer itself, no copy of it.
        return held.getvalue()

    def read_into(self, buffer: memoryview) -> None:
        """Fill `buffer` and check that the text ends there."""
        filled = 0
        while filled < len(buffer):
            piece = self._some(len(buffer) - filled)
            if not piece:
                raise refuse(self._tag, f"the data ends after {filled} of {len(buffer)} bytes")
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        self.end(filled)

    def end(self, filled: int) -> None:
        """Check that nothing follows the bytes that were read."""
        if self._some(1) or not self._is_whole():
            raise refuse(self._tag, f"the data goes on after {filled} bytes")

    def _some(self, most: int) -> bytes:
        """Return at least one and at most `most` bytes; nothing at the end."""
        try:
            pending = self._pending or self._next_piece()
        except binascii.Error as reason:
            raise refuse(self._tag, str(reason)) from None
        self._ledger.walk(self._tag, _STEPS_OF_CHUNK * min(most, len(pending)) / _CHUNK)
        piece, self._pending = pending[:most], pending[most:]
        return piece

    def _is_whole(self) -> bool:
        """Tell whether what was read is all that there should be."""
        return True

    def _next_piece(self) -> bytes:
        piece = self._text[self._position : self._position + _CHUNK]
        self._position += _CHUNK
        return self._decode(piece)


class Inflater(Base64Text):
    """Base64 text of a zlib stream, read piece by piece as well."""

    def __init__(self, text: str, tag: str, ledger: Ledger, decode: Decode = _STRICTLY) -> None:
        super().__init__(text, tag, ledger, decode)
        self._stream = zlib.decompressobj()

    @property
    def most(self) -> int:
        """Bytes that the whole stream can become at most."""
        return _MOST_EXPANSION * super().most

    def _some(self, most: int) -> bytes:
        try:
            while not self._stream.eof:
                pending = self._stream.unconsumed_tail or self._next_piece()
                piece = self._stream.decompress(pending, min(most, _CHUNK))
                self._ledger.walk(self._tag, _STEPS_OF_CHUNK * len(piece or pending) / _CHUNK)
                if piece or not pending:
                    return piece
        except (zlib.error, binascii.Error) as reason:
            raise refuse(self._tag, str(reason)) from None
        return b""

    def _is_whole(self) -> bool:
        return self._stream.eof


def inflate(text: str, tag: str, ledger: Ledger, most: int, setting: str) -> bytes:
    """Return the bytes, `most` at most, of a base64 text of a zlib stream.

    Fails with:
        TooLarge: They are more than that, which `setting` allows, or than the ledger has room for.
        UnreadableValue: The text is damaged or incomplete.
    """
    inflater = Inflater(text, tag, ledger)
    data = inflater.read(min(most, ledger.output_left) + 1)
    if len(data) > most:
        raise too_large(tag, len(data), most, setting)
    ledger.unpack(tag, len(data))
    inflater.read_into(memoryview(b""))
    return data


def read_array(text: str, ledger: Ledger) -> NDArray[Any]:
    """Return the array of a base64 text of a zlib stream of `.npy` data.

    The header is checked against the ledger, and against what the stream can hold at most,
    before the array is allocated. The data is decompressed straight into the array.

    Fails with:
        TooLarge: The ledger has no room for the array.
        UnreadableValue: The text is damaged, or an array of Python objects.
    """
    inflater = Inflater(text, "ndarray", ledger)
    dtype, shape, order = parse_array_header(_read_header(inflater))
    size = math.prod(shape) * dtype.itemsize
    ledger.unpack("ndarray", size)
    if size > inflater.most:
        raise refuse("ndarray", f"{size} bytes are declared but {inflater.most} can be there at most")
    ledger.keep("ndarray", size)
    buffer = np.empty(size, np.uint8)
    inflater.read_into(buffer.data)
    return _shaped(buffer, dtype, shape, order)


def read_items(
    text: str, dtype: np.dtype[Any], count: int, ledger: Ledger, *, packed: bool, decode: Decode = _STRICTLY
) -> NDArray[Any]:
    """Return the array, of one axis, whose bytes are a base64 text. Truth values are bits there, the lowest first.

    Sizes are checked before the array is allocated, and bits become truth values piece by piece.

    Args:
        text: The bytes.
        dtype: Of an item.
        count: How many items there must be.
        ledger: What pays.
        packed: Whether the bytes are a zlib stream.
        decode: What reads a piece of base64.

    Fails with:
        TooLarge: The ledger has no room for the array.
        UnreadableValue: The text is damaged, or holds more or less.

    Source: behaviour B364.
    """
    source = (Inflater if packed else Base64Text)(text, "tensor", ledger, decode)
    size = count * dtype.itemsize
    there = -(-count // 8) if dtype.kind == "b" else size
    ledger.unpack("tensor", there)
    if there > source.most:
        raise refuse("tensor", f"{there} bytes are declared but {source.most} can be there at most")
    ledger.keep("tensor", size)
    buffer = np.empty(size, np.uint8)
    if dtype.kind != "b":
        source.read_into(buffer.data)
        return buffer.view(dtype)
    ledger.walk("tensor", _STEPS_OF_CHUNK * size / _CHUNK)
    _unpack_bits(source, buffer)
    return buffer.view(np.bool_)


def _unpack_bits(source: Base64Text, buffer: NDArray[np.uint8]) -> None:
    """Fill `buffer` with the bits of what is read, and check that it ends there."""
    filled = read = 0
    while filled < len(buffer):
        piece = source.read(min(_CHUNK, -(-(len(buffer) - filled) // 8)))
        if not piece:
            raise refuse("tensor", f"the data ends after {read} bytes")
        read += len(piece)
        count = min(8 * len(piece), len(buffer) - filled)
        bits = np.unpackbits(np.frombuffer(piece, np.uint8), count=count, bitorder="little")
        buffer[filled : filled + len(bits)] = bits
        filled += len(bits)
    source.end(read)


def read_npy(stream: Source, ledger: Ledger) -> NDArray[Any]:
    """Return the array of a stream of `.npy` data that is not larger than what arrives.

    Fails with:
        TooLarge: The ledger has no room for the array.
        UnreadableValue: The stream is damaged, or an array of Python objects.
    """
    dtype, shape, order = parse_array_header(_read_header(stream))
    size = math.prod(shape) * dtype.itemsize
    ledger.unpack("ndarray", size)
    # The stream hands out a copy.
    ledger.keep("ndarray", 2 * size)
    ledger.walk("ndarray", _STEPS_OF_CHUNK * size / _CHUNK)
    buffer = np.frombuffer(bytearray(stream.read(size)), np.uint8)
    if len(buffer) != size or stream.read(1):
        raise refuse("ndarray", f"the data is not of the {size} bytes that are declared")
    return _shaped(buffer, dtype, shape, order)


def _read_header(stream: Source) -> bytes:
    start = stream.read(10)
    if start[:8] != NPY_START or len(start) < 10:
        raise refuse("ndarray", "the data is not in the .npy format 1.0")
    (length,) = struct.unpack("<H", start[8:])
    return stream.read(length)


def _shaped(
    buffer: NDArray[np.uint8], dtype: np.dtype[Any], shape: tuple[int, ...], order: Literal["C", "F"]
) -> NDArray[Any]:
    if dtype.kind == "U":
        _check_text(buffer, dtype)
    return buffer.view(dtype).reshape(shape, order=order)


@lru_cache(maxsize=256)
def parse_array_header(header: bytes) -> tuple[np.dtype[Any], tuple[int, ...], Literal["C", "F"]]:
    """Return type, shape and order of the array that follows a `.npy` header.

    Fails with:
        UnreadableValue: The header is longer than any that NumPy writes, damaged, or of an array of Python objects.
    """
    if len(header) > _HEADER_BYTES:
        raise refuse("ndarray", f"the header has {len(header)} bytes; {_HEADER_BYTES} are read at most")
    try:
        declared = ast.literal_eval(header.decode("latin-1").strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise refuse("ndarray", "the header is no Python literal") from None
    match declared:
        case {"descr": str(descr), "fortran_order": bool(fortran), "shape": tuple(shape), **rest} if not rest:
            return _read_dtype(descr), _read_shape(shape), "F" if fortran else "C"
        case _:
            raise refuse("ndarray", "the header does not give descr, fortran_order and shape")


def _read_dtype(descr: str) -> np.dtype[Any]:
    if not (_PLAIN_DTYPE.fullmatch(descr) or _TIME_DTYPE.fullmatch(descr)):
        raise refuse("ndarray", f"arrays of type {descr[:16]!r} are not read")
    try:
        dtype = np.dtype(descr)
    except (TypeError, ValueError):
        raise refuse("ndarray", f"arrays of type {descr!r} are not known here") from None
    if not dtype.itemsize:
        raise refuse("ndarray", "the items have no size")
    return dtype


def _read_shape(shape: tuple[Any, ...]) -> tuple[int, ...]:
    if len(shape) > _MOST_DIMENSIONS or not all(type(size) is int and 0 <= size <= _LARGEST_SIZE for size in shape):
        raise refuse("ndarray", "the shape is not a tuple of at most 32 sizes")
    # NumPy multiplies the sizes of an empty array too, leaving out the zeros.
    if 0 in shape and math.prod(size for size in shape if size) > _LARGEST_SIZE:
        raise refuse("ndarray", "the shape of the empty array is beyond what NumPy can hold")
    return shape


def _check_text(buffer: NDArray[np.uint8], dtype: np.dtype[Any]) -> None:
    """Refuse characters that Python has none for: they would fail only when they are looked at."""
    points = buffer.view(np.dtype(np.uint32).newbyteorder(dtype.byteorder))
    if points.size and points.max() > _LAST_CODE_POINT:
        raise refuse("ndarray", "a character is beyond the end of Unicode")
