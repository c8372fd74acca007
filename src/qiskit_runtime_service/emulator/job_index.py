"""All jobs of one instance: found by id, filtered and counted without reading each of them.

A book is a value. Its jobs stand in leaves of up to 512, oldest first; a change copies one leaf and
the row of leaves, whatever the book holds. Each leaf knows, as the bits of a number, which of its jobs
have a certain device, program, session or tag, so that a filter is an `and` for each leaf.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from .job_life import EmulatedJob, charge_of, charged_seconds, lacks_outcome

LEAF_SIZE = 512
DIGITS = 12

Mark = tuple[str, str]
"""A field and one of its values, such as `("device", "ibm_emu5")`."""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs to keep. Instants are seconds since the epoch, both ends included."""

    now: float
    has: tuple[Mark, ...] = ()
    lacks: tuple[Mark, ...] = ()
    pending: bool | None = None
    """Whether the end of the job is still to come."""
    first: float = -math.inf
    last: float = math.inf


class Leaf(msgspec.Struct, frozen=True):
    """Some jobs, oldest first, and what is known of them together."""

    jobs: tuple[EmulatedJob, ...]
    marks: Mapping[Mark, int]
    """Bit n is set where the n-th job has the mark."""
    first_end: float
    last_end: float
    due_at: float
    """The first end that awaits an outcome."""
    charge: int
    """What all of them cost once all have ended."""


class JobBook(Mapping[str, EmulatedJob]):
    """The jobs of one instance by id, oldest first. It is never changed, only replaced."""

    __slots__ = ("_leaves", "_size")

    def __init__(self, leaves: tuple[Leaf, ...] = ()) -> None:
        self._leaves = leaves
        self._size = sum(len(leaf.jobs) for leaf in leaves)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return (job.id for leaf in self._leaves for job in leaf.jobs)

    def __getitem__(self, wanted: str) -> EmulatedJob:
        place = self._find(number_in(wanted))
        job = None if place is None else self._leaves[place[0]].jobs[place[1]]
        if job is None or job.id != wanted:
            raise KeyError(wanted)
        return job

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobBook) and self._leaves == other._leaves

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves, oldest first."""
        return self._leaves

    def put(self, job: EmulatedJob) -> "JobBook":
        """Return the book with `job` at its end, or in the place of the one with its number."""
        place = self._find(job.number)
        if place is not None:
            row, column = place
            return self._with_leaf(row, replace_in_leaf(self._leaves[row], column, job))
        if self._leaves and len(self._leaves[-1].jobs) < LEAF_SIZE:
            return self._with_leaf(len(self._leaves) - 1, append_to_leaf(self._leaves[-1], job))
        return JobBook((*self._leaves, make_leaf((job,))))

    def drop(self, job: EmulatedJob) -> "JobBook":
        """Return the book without `job`."""
        place = self._find(job.number)
        if place is None:
            return self
        row, column = place
        jobs = self._leaves[row].jobs
        left = jobs[:column] + jobs[column + 1 :]
        return self._with_leaf(row, make_leaf(left) if left else None)

    def change(self, mark: Mark, now: float, change: Callable[[EmulatedJob], EmulatedJob]) -> "JobBook":
        """Return the book with `change(job)` for each job that has `mark` and has not ended."""
        return JobBook(tuple(change_leaf(leaf, mark, now, change) for leaf in self._leaves))

    def select(self, wanted: JobFilter) -> Iterator[EmulatedJob]:
        """Return the jobs that `wanted` keeps, oldest first."""
        return (job for leaf in self._leaves for job in pick(leaf, select_bits(leaf, wanted)))

    def page(
        self, wanted: JobFilter, *, limit: int, offset: int, oldest_first: bool
    ) -> tuple[tuple[EmulatedJob, ...], int]:
        """Return one page of the jobs that `wanted` keeps, and how many it keeps in all."""
        found: list[EmulatedJob] = []
        count = 0
        for leaf in self._leaves if oldest_first else reversed(self._leaves):
            bits = select_bits(leaf, wanted)
            before, count = count, count + bits.bit_count()
            if count > offset and len(found) < limit:
                picked = pick(leaf, bits) if oldest_first else pick(leaf, bits)[::-1]
                found += picked[max(0, offset - before) :]
        return tuple(found[:limit]), count

    def charged(self, now: float, since: float = -math.inf) -> int:
        """Return the time on the processor that is charged for all jobs that have ended, later than `since`."""
        return sum(charged_by(leaf, now, since) for leaf in self._leaves)

    def awaits(self, now: float) -> bool:
        """Tell whether any job came to an end that nobody has told yet."""
        return any(leaf.due_at <= now for leaf in self._leaves)

    def _with_leaf(self, row: int, leaf: Leaf | None) -> "JobBook":
        middle = () if leaf is None else (leaf,)
        return JobBook(self._leaves[:row] + middle + self._leaves[row + 1 :])

    def _find(self, number: int) -> tuple[int, int] | None:
        """Return leaf and place of the job with that number."""
        row = bisect_right(self._leaves, number, key=lambda leaf: leaf.jobs[0].number) - 1
        if row < 0:
            return None
        jobs = self._leaves[row].jobs
        column = bisect_right(jobs, number, key=lambda job: job.number) - 1
        return (row, column) if jobs[column].number == number else None


def book_of(jobs: Iterable[EmulatedJob]) -> JobBook:
    """Return a book of `jobs`, which come oldest first."""
    held = tuple(jobs)
    return JobBook(tuple(make_leaf(held[start : start + LEAF_SIZE]) for start in range(0, len(held), LEAF_SIZE)))


def number_in(job_id: str) -> int:
    """Return the number that ends the id of a job; -1 for what is no such id."""
    digits = job_id[-DIGITS:]
    return int(digits) if digits.isascii() and digits.isdecimal() else -1


def marks_of(job: EmulatedJob) -> tuple[Mark, ...]:
    """Return what `job` can be found by. A job without a session has the empty one."""
    tags = (("tag", tag) for tag in job.tags)
    return (("device", job.device), ("program", job.program), ("session", job.session or ""), *tags)


def make_leaf(jobs: tuple[EmulatedJob, ...]) -> Leaf:
    """Return a leaf of at least one job."""
    marks: dict[Mark, int] = {}
    for place, job in enumerate(jobs):
        for mark in marks_of(job):
            marks[mark] = marks.get(mark, 0) | 1 << place
    return sum_up(jobs, marks)


def sum_up(jobs: tuple[EmulatedJob, ...], marks: Mapping[Mark, int]) -> Leaf:
    """Return a leaf of jobs whose marks are known."""
    ends = [job.ends_at for job in jobs]
    return Leaf(
        jobs=jobs,
        marks=marks,
        first_end=min(ends),
        last_end=max(ends),
        due_at=min((job.ends_at for job in jobs if lacks_outcome(job)), default=math.inf),
        charge=sum(charge_of(job) for job in jobs),
    )


def append_to_leaf(leaf: Leaf, job: EmulatedJob) -> Leaf:
    """Return `leaf` with one job more."""
    bit = 1 << len(leaf.jobs)
    return Leaf(
        jobs=(*leaf.jobs, job),
        marks={**leaf.marks, **{mark: leaf.marks.get(mark, 0) | bit for mark in marks_of(job)}},
        first_end=min(leaf.first_end, job.ends_at),
        last_end=max(leaf.last_end, job.ends_at),
        due_at=min(leaf.due_at, job.ends_at) if lacks_outcome(job) else leaf.due_at,
        charge=leaf.charge + charge_of(job),
    )


def replace_in_leaf(leaf: Leaf, place: int, job: EmulatedJob) -> Leaf:
    """Return `leaf` with another job at `place`."""
    jobs = (*leaf.jobs[:place], job, *leaf.jobs[place + 1 :])
    return sum_up(jobs, leaf.marks) if marks_of(job) == marks_of(leaf.jobs[place]) else make_leaf(jobs)


def change_leaf(leaf: Leaf, mark: Mark, now: float, change: Callable[[EmulatedJob], EmulatedJob]) -> Leaf:
    """Return `leaf` with `change(job)` for each job that has `mark` and has not ended."""
    bits = select_bits(leaf, JobFilter(now=now, has=(mark,), pending=True))
    if not bits:
        return leaf
    return make_leaf(tuple(change(job) if bits >> place & 1 else job for place, job in enumerate(leaf.jobs)))


def select_bits(leaf: Leaf, wanted: JobFilter) -> int:
    """Return which jobs of `leaf` are kept, the first as the lowest bit."""
    marks = leaf.marks
    bits = (1 << len(leaf.jobs)) - 1
    for mark in wanted.has:
        bits &= marks.get(mark, 0)
    for mark in wanted.lacks:
        bits &= ~marks.get(mark, 0)
    if bits and wanted.pending is not None:
        pending = pending_bits(leaf, wanted.now)
        bits &= pending if wanted.pending else ~pending
    return bits & dated_bits(leaf, wanted.first, wanted.last)


def dated_bits(leaf: Leaf, first: float, last: float) -> int:
    """Return which jobs of `leaf` were created between two instants. They stand in the order of their creation."""
    oldest, newest = leaf.jobs[0].created, leaf.jobs[-1].created
    if newest < first or last < oldest:
        return 0
    if first <= oldest and newest <= last:
        return (1 << len(leaf.jobs)) - 1
    start = bisect_left(leaf.jobs, first, key=lambda job: job.created)
    stop = bisect_right(leaf.jobs, last, key=lambda job: job.created)
    return max(0, (1 << stop) - (1 << start))


def pending_bits(leaf: Leaf, now: float) -> int:
    """Return which jobs of `leaf` have not ended."""
    if leaf.last_end <= now:
        return 0
    if leaf.first_end > now:
        return (1 << len(leaf.jobs)) - 1
    return sum(1 << place for place, job in enumerate(leaf.jobs) if job.ends_at > now)


def pick(leaf: Leaf, bits: int) -> list[EmulatedJob]:
    """Return the jobs of `leaf` whose bits are set, oldest first."""
    picked = []
    while bits:
        lowest = bits & -bits
        picked.append(leaf.jobs[lowest.bit_length() - 1])
        bits ^= lowest
    return picked


def charged_by(leaf: Leaf, now: float, since: float) -> int:
    """Return the time that is charged for the jobs of `leaf` that have ended, later than `since`."""
    if leaf.last_end <= since or leaf.first_end > now:
        return 0
    if since < leaf.first_end and leaf.last_end <= now:
        return leaf.charge
    return sum(charged_seconds(job, now) for job in leaf.jobs if job.ends_at > since)
