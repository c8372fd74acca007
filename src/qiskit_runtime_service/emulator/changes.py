"""What is new in a world, as a value: a small one beside a large world, to be kept or sent, and done again."""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from operator import is_
from typing import Any

import msgspec

from .job_index import JobBook
from .job_life import EmulatedJob
from .saving import close_book, open_book
from .session_life import EmulatedSession
from .world import NO_JOBS, Device, EmulatedInstance, World

Parts = dict[str, msgspec.Raw]
"""The fields of a struct that are new, each as MessagePack."""

ITEMS: dict[str, type[msgspec.Struct]] = {
    "instances": EmulatedInstance,
    "devices": Device,
    "sessions": EmulatedSession,
}
"""The fields of a world that hold many things by their names, of which few change at a time."""


class Entries(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is new among things that have names."""

    gone: tuple[str, ...] = ()
    put: tuple[tuple[str, Parts], ...] = ()
    """Names with what is new of each; all of it for what was not there. Those come last, in this order."""

    def __bool__(self) -> bool:
        """Tell whether anything is new."""
        return bool(self.gone or self.put)


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is new in a world."""

    now: float
    fields: Parts = {}
    items: dict[str, Entries] = {}
    jobs: dict[str, Entries] = {}
    """By CRN."""

    @property
    def is_time(self) -> bool:
        """Whether nothing is new but the time."""
        return not (self.fields or self.items or self.jobs)


def find_change(before: World, after: World) -> Change:
    """Return what `make_change` makes `after` of `before` with.

    What both share costs nothing, so that the change of one job among 100,000 is found at once.
    """
    fields = parts_of(before, after, leave=("now", "jobs", *ITEMS))
    items = {name: compare_items(getattr(before, name), getattr(after, name)) for name in ITEMS}
    jobs = compare_jobs(before.jobs, after.jobs)
    # What stands in another order is new as a whole.
    reordered = [name for name, entries in (*items.items(), ("jobs", jobs)) if entries is None]
    return Change(
        now=after.now,
        fields=fields | {name: encode(getattr(after, name)) for name in reordered},
        items={name: entries for name, entries in items.items() if entries},
        jobs=jobs or {},
    )


def make_change(world: World, change: Change) -> World:
    """Return `world` with what is new in it.

    Raises a `ValueError` for a change that this world or this version does not know.
    """
    try:
        new: dict[str, Any] = decode_parts(World, change.fields)
        for name, entries in change.items.items():
            new[name] = put_items(ITEMS[name], getattr(world, name), entries)
        if change.jobs:
            books = {crn: put_jobs(world.jobs.get(crn, NO_JOBS), entries) for crn, entries in change.jobs.items()}
            new["jobs"] = {**world.jobs, **books}
        return msgspec.structs.replace(world, now=change.now, **new)
    except (msgspec.MsgspecError, LookupError, TypeError) as error:
        raise ValueError(f"This change is of another world, or of another version: {error!r}") from error


def parts_of(before: msgspec.Struct | None, after: msgspec.Struct, leave: Iterable[str] = ()) -> Parts:
    """Return the fields of `after` that `before` has not, or has otherwise."""
    return {
        name: encode(new)
        for name in after.__struct_fields__
        if name not in leave
        for new in [getattr(after, name)]
        if before is None or not ((old := getattr(before, name)) is new or old == new)
    }


def compare_items(old: Mapping[str, Any], new: Mapping[str, Any]) -> Entries | None:
    """Return what is new among things by their names; `None` where those that stay stand in another order."""
    if old is new:
        return Entries()
    kept = [name for name in old if name in new]
    if list(new)[: len(kept)] != kept:
        return None
    return compare_named(old, new)


def compare_jobs(old: Mapping[str, JobBook], new: Mapping[str, JobBook]) -> dict[str, Entries] | None:
    """Return what is new in books of jobs; `None` where books or jobs stand in another order, or a book is gone."""
    if old is new:
        return {}
    if list(new)[: len(old)] != list(old):
        return None
    found = {crn: compare_books(old.get(crn, NO_JOBS), book) for crn, book in new.items()}
    if None in found.values():
        return None
    return {crn: entries for crn, entries in found.items() if entries or (entries is not None and crn not in old)}


def compare_books(old: JobBook, new: JobBook) -> Entries | None:
    """Return what is new in a book of jobs; `None` where a new job comes before one that was there."""
    if old is new:
        return Entries()
    known, still = {id(leaf) for leaf in old.leaves}, {id(leaf) for leaf in new.leaves}
    ours = tuple(chain.from_iterable(leaf.jobs for leaf in old.leaves if id(leaf) not in still))
    theirs = tuple(chain.from_iterable(leaf.jobs for leaf in new.leaves if id(leaf) not in known))
    start = count_shared(ours, theirs)
    end = count_shared(ours[start:][::-1], theirs[start:][::-1])
    before = {job.id: job for job in ours[start : len(ours) - end]}
    after = {job.id: job for job in theirs[start : len(theirs) - end]}
    last = max((leaf.jobs[-1].number for leaf in old.leaves), default=0)
    if any(job.number <= last for name, job in after.items() if name not in before):
        return None
    return compare_named(before, after)


def count_shared(old: tuple[Any, ...], new: tuple[Any, ...]) -> int:
    """Return with how many things both begin that are the very same."""
    shorter = min(len(old), len(new))
    # Most often something is added at the end, and this compares by identity first, in C.
    return shorter if old[:shorter] == new[:shorter] else list(map(is_, old, new)).index(False)


def compare_named(old: Mapping[str, Any], new: Mapping[str, Any]) -> Entries:
    """Return what is new among things by their names, wherever they stand."""
    put = ((name, parts_of(old.get(name), item)) for name, item in new.items() if old.get(name) is not item)
    gone = tuple(name for name in old if name not in new)
    return Entries(gone=gone, put=tuple((name, parts) for name, parts in put if parts))


def put_items(kind: type[msgspec.Struct], old: Mapping[str, Any], entries: Entries) -> dict[str, Any]:
    """Return things by their names with what is new among them."""
    new = {name: item for name, item in old.items() if name not in entries.gone}
    for name, parts in entries.put:
        new[name] = patch(new.get(name), kind, parts)
    return new


def put_jobs(book: JobBook, entries: Entries) -> JobBook:
    """Return a book of jobs with what is new in it."""
    for name in entries.gone:
        book = book.drop(book[name])
    for name, parts in entries.put:
        book = book.put(patch(book.get(name), EmulatedJob, parts))
    return book


def patch(old: Any, kind: type[msgspec.Struct], parts: Parts) -> Any:
    """Return `old` with what is new of it; of what was not there, all is."""
    fields = decode_parts(kind, parts)
    return kind(**fields) if old is None else msgspec.structs.replace(old, **fields)


def encode(value: Any) -> msgspec.Raw:
    """Return a value as MessagePack."""
    return msgspec.Raw(msgspec.msgpack.encode(value, enc_hook=open_book))


def decode_parts(kind: type[msgspec.Struct], parts: Parts) -> dict[str, Any]:
    """Return fields of a struct that were encoded."""
    return {name: decoders_of(kind)[name].decode(text) for name, text in parts.items()}


@cache
def decoders_of(kind: type[msgspec.Struct]) -> dict[str, msgspec.msgpack.Decoder[Any]]:
    """Return what decodes each field of a struct."""
    return {
        field.name: msgspec.msgpack.Decoder(field.type, dec_hook=close_book) for field in msgspec.structs.fields(kind)
    }
