"""The book of jobs: a mapping that answers filters as a plain walk over its jobs would."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.job_index import JobBook, JobFilter, book_of
from qiskit_runtime_service.emulator.job_life import EmulatedJob, Finished, awaits_outcome, charged_seconds

from ..support.examples import examples

FIELDS = {"device": ["a", "b", "c"], "program": ["sampler", "estimator"], "session": ["", "s"], "tag": ["x", "y"]}


@st.composite
def jobs(draw: st.DrawFn, number: int) -> EmulatedJob:
    starts_at = number + draw(st.floats(0, 50))
    return EmulatedJob(
        id=f"d0000000{number:012d}",
        number=number,
        device=draw(st.sampled_from(FIELDS["device"])),
        program=draw(st.sampled_from(FIELDS["program"])),
        session=draw(st.sampled_from(FIELDS["session"])) or None,
        tags=tuple(draw(st.lists(st.sampled_from(FIELDS["tag"]), max_size=2, unique=True))),
        params=b"{}",
        created=float(number),
        starts_at=starts_at,
        ends_at=starts_at + draw(st.sampled_from([-1.0, 0.0, 5.0])),
        run_seconds=5.0,
        cost=draw(st.sampled_from([1, 100])),
        outcome=draw(st.sampled_from([None, Finished(result=b"")])),
    )


marks = st.sampled_from([(field, value) for field, values in FIELDS.items() for value in values])
filters = st.builds(
    JobFilter,
    now=st.floats(0, 100),
    has=st.lists(marks, max_size=2).map(tuple),
    lacks=st.lists(marks, max_size=1).map(tuple),
    pending=st.sampled_from([None, True, False]),
    first=st.sampled_from([-float("inf"), 3.0, 20.0]),
    last=st.sampled_from([float("inf"), 10.0, 25.0]),
)


def has(job: EmulatedJob, field: str, value: str) -> bool:
    if field == "tag":
        return value in job.tags
    return {"device": job.device, "program": job.program, "session": job.session or ""}[field] == value


def keeps(wanted: JobFilter, job: EmulatedJob) -> bool:
    return (
        all(has(job, *mark) for mark in wanted.has)
        and not any(has(job, *mark) for mark in wanted.lacks)
        and wanted.pending in (None, job.ends_at > wanted.now)
        and wanted.first <= job.created <= wanted.last
    )


def grow(data: st.DataObject, size: int) -> tuple[JobBook, dict[str, EmulatedJob]]:
    """Return a book and a dictionary that went through the same changes."""
    book, plain = JobBook(), dict[str, EmulatedJob]()
    for number in range(1, size + 1):
        job = data.draw(jobs(number))
        book, plain[job.id] = book.put(job), job
    for number in data.draw(st.lists(st.integers(1, size + 1), max_size=6)):
        job = data.draw(jobs(number))
        if job.id in plain and data.draw(st.booleans()):
            book = book.drop(job)
            del plain[job.id]
        elif job.id in plain:
            book, plain[job.id] = book.put(job), job
    return book, plain


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), st.integers(0, 30), filters, st.integers(1, 9), st.integers(0, 9), st.booleans())
def test_a_book_answers_as_a_dictionary_would(
    data: st.DataObject, size: int, wanted: JobFilter, limit: int, offset: int, oldest_first: bool
) -> None:
    book, plain = grow(data, size)
    assert dict(book) == plain
    assert len(book) == len(plain)
    kept = [job for job in plain.values() if keeps(wanted, job)]
    assert list(book.select(wanted)) == kept
    ordered = kept if oldest_first else kept[::-1]
    found, count = book.page(wanted, limit=limit, offset=offset, oldest_first=oldest_first)
    assert (list(found), count) == (ordered[offset : offset + limit], len(kept))
    assert book.awaits(wanted.now) == any(awaits_outcome(job, wanted.now) for job in plain.values())
    total = sum(charged_seconds(job, wanted.now) for job in plain.values())
    assert abs(book.charged(wanted.now) - total) < 1e-6
    assert book_of(plain.values()).page(wanted, limit=99, offset=0, oldest_first=True)[1] == len(kept)


def simple(number: int) -> EmulatedJob:
    return EmulatedJob(
        id=f"d0000000{number:012d}",
        number=number,
        device="a" if number % 3 else "b",
        program="sampler",
        params=b"{}",
        created=float(number),
        starts_at=float(number),
        ends_at=number + 2.0,
        run_seconds=2.0,
        cost=100,
    )


def test_a_book_of_many_leaves_pages_without_gap_or_overlap() -> None:
    book = book_of(simple(number) for number in range(1, 2001))
    wanted = JobFilter(now=1500.0, has=(("device", "b"),), pending=False, first=100.0)
    kept = [number for number in range(100, 2001) if number % 3 == 0 and number + 2 <= 1500]
    for oldest_first in (True, False):
        found: list[int] = []
        for offset in range(0, 500, 50):
            page, count = book.page(wanted, limit=50, offset=offset, oldest_first=oldest_first)
            assert count == len(kept)
            found += [job.number for job in page]
        assert found == (kept if oldest_first else kept[::-1])


def test_between_a_later_and_an_earlier_date_there_are_no_jobs() -> None:
    book = book_of(simple(number) for number in range(1, 31))
    backwards = JobFilter(now=100.0, first=20.0, last=10.0)
    assert list(book.select(backwards)) == []
    assert book.page(backwards, limit=9, offset=0, oldest_first=True) == ((), 0)


def test_growing_a_book_by_one_job_leaves_the_old_book_as_it_was() -> None:
    books = [JobBook()]
    for number in range(1, 1100):
        books.append(books[-1].put(simple(number)))
    assert [len(book) for book in books] == list(range(1100))
    assert all(simple(len(new)).id not in old for old, new in pairwise(books))
    assert books[-1] == book_of(simple(number) for number in range(1, 1100))
    assert books[-1].get("nothing") is None
    assert books[-1].drop(simple(9999)) == books[-1]


def test_a_job_has_ended_at_the_instant_of_its_end() -> None:
    book = book_of(simple(number) for number in range(10, 21))
    # The first of them ends at 12, the last at 22.
    for now, ended in ((11.9, 0), (12.0, 1), (12.1, 1), (13.0, 2), (21.9, 10), (22.0, 11), (30.0, 11)):
        pending = book.select(JobFilter(now=now, pending=True))
        assert [job.number for job in pending] == list(range(10 + ended, 21))
        over = book.select(JobFilter(now=now, pending=False))
        assert [job.number for job in over] == list(range(10, 10 + ended))
        assert book.charged(now) == 2 * ended
        assert book.awaits(now) is (ended > 0)


def test_both_ends_of_a_range_of_dates_are_in_it() -> None:
    book = book_of(simple(number) for number in range(10, 21))
    for first, last, wanted in (
        (10.0, 20.0, range(10, 21)),
        (20.0, 30.0, [20]),
        (0.0, 10.0, [10]),
        (12.0, 14.0, [12, 13, 14]),
        (11.5, 12.5, [12]),
        (12.1, 12.9, []),
        (20.1, 30.0, []),
        (0.0, 9.9, []),
    ):
        kept = book.select(JobFilter(now=0.0, first=first, last=last))
        assert [job.number for job in kept] == list(wanted)
    assert len(list(book.select(JobFilter(now=0.0, first=15.0)))) == 6
    assert len(list(book.select(JobFilter(now=0.0, last=15.0)))) == 6
