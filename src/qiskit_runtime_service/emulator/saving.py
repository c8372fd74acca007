"""A world as bytes and back, with all that is in it."""

from typing import Any

import msgspec

from .job_index import JobBook, book_of
from .job_life import EmulatedJob
from .world import World

FORMAT = 1


class SavedWorld(msgspec.Struct, frozen=True):
    """What is written: a world, and in which form."""

    format: int
    world: World


def encode_world(world: World) -> bytes:
    """Return a world as MessagePack. The API keys of its accounts are in it."""
    return msgspec.msgpack.encode(SavedWorld(FORMAT, world), enc_hook=open_book)


def decode_world(saved: bytes) -> World:
    """Return the world that `encode_world` wrote.

    Raises a `ValueError` for bytes that are no world, or one of a later form.
    """
    try:
        read = msgspec.msgpack.decode(saved, type=SavedWorld, dec_hook=close_book)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"These bytes are no saved world: {error}") from error
    if read.format != FORMAT:
        raise ValueError(f"The saved world has form {read.format}; this version reads form {FORMAT}.")
    return read.world


def open_book(value: object) -> object:
    """Return what a book of jobs is written as."""
    if isinstance(value, JobBook):
        return tuple(value.values())
    raise NotImplementedError(f"A world holds no {type(value).__name__}.")


def close_book(kind: type, value: Any) -> object:
    """Return the book of jobs that was written so."""
    if kind is JobBook:
        return book_of(msgspec.convert(value, tuple[EmulatedJob, ...]))
    raise NotImplementedError(f"A world holds no {kind.__name__}.")
