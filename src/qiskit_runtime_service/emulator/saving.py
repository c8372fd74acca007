"""A world as bytes and back, with all that is in it."""

from typing import Any

import msgspec

from .job_index import JobBook, book_of
from .job_life import EmulatedJob
from .soundness import find_flaw, flaws_of_jobs
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

    Raises a `ValueError` for bytes that are no sound world, or one of a later form, with the field that is wrong.

    Source: behaviour B345.
    """
    try:
        read = msgspec.msgpack.decode(saved, type=SavedWorld, dec_hook=close_book)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"These bytes are no saved world: {error}") from error
    if read.format != FORMAT:
        told = f"The saved world has form {read.format}; this version reads form {FORMAT}"
        raise ValueError(f"{told} - at `$.format`")
    flaw = find_flaw(read.world)
    if flaw is not None:
        where, what = flaw
        raise ValueError(f"These bytes are no saved world: {what} - at `$.world{where}`")
    return read.world


def open_book(value: object) -> object:
    """Return what a book of jobs is written as."""
    if isinstance(value, JobBook):
        return tuple(value.values())
    raise NotImplementedError(f"A world holds no {type(value).__name__}.")


def close_book(kind: type, value: Any) -> object:
    """Return the book of jobs that was written so. Raises a `ValueError` that says which job is wrong, and where."""
    if kind is not JobBook:
        raise NotImplementedError(f"A world holds no {kind.__name__}.")
    try:
        jobs = msgspec.convert(value, tuple[EmulatedJob, ...])
    except msgspec.ValidationError as error:
        raise ValueError(str(error).replace(" - at `$", " in `jobs")) from error
    for where, what in flaws_of_jobs(jobs):
        raise ValueError(f"{what} in `jobs{where}`")
    return book_of(jobs)
