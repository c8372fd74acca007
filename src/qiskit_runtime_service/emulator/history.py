"""What happened in a world before it begins: jobs with their ends, sessions, and who they belong to (B444)."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

import msgspec

from .job_index import book_of
from .job_life import LONGEST_RUN, EmulatedJob, Finished, Outcome, schedule
from .jobs import cancelled
from .plans import LONGEST_SESSION
from .session_life import PAUSE, EmulatedSession, Mode, drained_at, with_job
from .world import World, job_id, session_id
from .worlds import name_digest

NO_PUBS = b'{"pubs":[],"version":2,"support_qiskit":true}'
NO_RESULTS = Finished(
    result=b'{"__type__":"PrimitiveResult","__value__":{"pub_results":[],"metadata":{"version":2}}}',
)


class PastJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job, or many alike, of an instance of a world that is to be built. Durations in seconds."""

    device: str
    """Also one that is not there any more."""
    program: str = "sampler"
    ago: float = 3600.0
    """How long before the world begins the first was created, unless `created` says when."""
    created: float | None = None
    waited: float = 0.0
    ran: float = 2.0
    limit: int = LONGEST_RUN
    """What each may run at most: one that ran longer was cancelled."""
    cancelled: bool = False
    outcome: Outcome | None = NO_RESULTS
    """How each ended; `None` for one that is simulated when somebody looks."""
    params: bytes = NO_PUBS
    tags: tuple[str, ...] = ()
    session: str | None = None
    """The name of one of the sessions of the instance."""
    private: bool = False
    user: str | None = None
    """The name of who submitted it; `None` for whom the account belongs to."""
    count: int = 1
    every: float = 60.0
    """How long after the other each of them was created."""


class PastSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session or batch of an instance of a world that is to be built. Durations in seconds."""

    name: str
    """By what its jobs name it."""
    device: str
    mode: Mode = "dedicated"
    ago: float = 3600.0
    created: float | None = None
    max_ttl: int = LONGEST_SESSION
    interactive_ttl: int = PAUSE
    closed: bool = True
    user: str | None = None


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in one instance."""

    crn: str
    jobs: tuple[PastJob, ...] = ()
    sessions: tuple[PastSession, ...] = ()


def with_past(world: World, pasts: Iterable[Past]) -> World:
    """Return a world without jobs and sessions with those of its past. Jobs are counted by their dates.

    Raises a `ValueError` for a date after the beginning of the world, and for the name of a session that is none.

    Source: behaviour B444.
    """
    held = tuple(pasts)
    begun = begin_sessions(world, held)
    sessions = {session.id: session for session in begun.values()}
    jobs: dict[str, list[EmulatedJob]] = {}
    number = 0
    for number, (created, crn, past) in enumerate(sorted(dates_of(world, held), key=itemgetter(0)), start=1):
        session = find_begun(begun, crn, past)
        job = make_past_job(world, past, number, created, None if session is None else session.id)
        jobs.setdefault(crn, []).append(job)
        if session is not None:
            sessions[session.id] = with_job(sessions[session.id], job)
    closing = {session.id for past in held for session in sessions_closed(begun, past)}
    return msgspec.structs.replace(
        world,
        jobs={crn: book_of(made) for crn, made in jobs.items()},
        jobs_created=number,
        sessions={key: stop(session, world.now) if key in closing else session for key, session in sessions.items()},
        sessions_created=len(sessions),
    )


def begin_sessions(world: World, pasts: Iterable[Past]) -> dict[tuple[str, str], EmulatedSession]:
    """Return the sessions of the past without their jobs, by instance and name, oldest first."""
    listed = [(start_of(world, session), past.crn, session) for past in pasts for session in past.sessions]
    return {
        (crn, session.name): EmulatedSession(
            id=session_id(world, number),
            crn=crn,
            device=session.device,
            mode=session.mode,
            created=created,
            max_ttl=session.max_ttl,
            interactive_ttl=session.interactive_ttl,
            user=user_called(world, session.user),
        )
        for number, (created, crn, session) in enumerate(sorted(listed, key=itemgetter(0)), start=1)
    }


def sessions_closed(begun: dict[tuple[str, str], EmulatedSession], past: Past) -> Iterator[EmulatedSession]:
    """Return the sessions of an instance that take no more jobs."""
    return (begun[past.crn, session.name] for session in past.sessions if session.closed)


def stop(session: EmulatedSession, now: float) -> EmulatedSession:
    """Return a session that was closed when its last job had run; one whose jobs still run closes after them."""
    stopped = msgspec.structs.replace(session, stopped_at=session.created)
    return msgspec.structs.replace(session, stopped_at=min(now, drained_at(stopped)))


def dates_of(world: World, pasts: Iterable[Past]) -> Iterator[tuple[float, str, PastJob]]:
    """Return each job of the past with its date and its instance."""
    for past in pasts:
        for job in past.jobs:
            first = start_of(world, job, (job.count - 1) * job.every)
            for place in range(job.count):
                yield round(first + place * job.every, 6), past.crn, job


def start_of(world: World, past: PastJob | PastSession, lasts: float = 0.0) -> float:
    """Return when something of the past was created."""
    start = world.now - past.ago if past.created is None else past.created
    if not 0.0 <= start <= start + lasts <= world.now:
        raise ValueError(
            f"What happened on {past.device!r} was created from {start:.0f} to {start + lasts:.0f} seconds since the "
            f"epoch.\nThe past ends where the world begins, at {world.now:.0f}."
        )
    return start


def find_begun(begun: dict[tuple[str, str], EmulatedSession], crn: str, past: PastJob) -> EmulatedSession | None:
    """Return the session of a job."""
    if past.session is None:
        return None
    if (crn, past.session) not in begun:
        names = ", ".join(name for owner, name in begun if owner == crn) or "none"
        raise ValueError(f"There is no session {past.session!r} for a job.\nThis instance has {names}.")
    return begun[crn, past.session]


def user_called(world: World, name: str | None) -> str | None:
    """Return the id of the person of that name."""
    return None if name is None else person_id(world.seed, name)


def person_id(seed: int, name: str) -> str:
    """Return the id of a person."""
    return f"IBMid-{name_digest(seed, f'person {name}')[:10].upper()}"


def make_past_job(world: World, past: PastJob, number: int, created: float, session: str | None) -> EmulatedJob:
    """Return one job of the past."""
    start = created + past.waited
    job = EmulatedJob(
        id=job_id(world, number),
        number=number,
        device=past.device,
        program=past.program,
        params=past.params,
        created=created,
        starts_at=start,
        ends_at=start,
        run_seconds=past.ran,
        cost=past.limit,
        tags=past.tags,
        private=past.private,
        session=session,
        outcome=past.outcome,
        user=user_called(world, past.user),
    )
    placed = schedule(job, start, float("inf"))
    return cancelled(placed, min(world.now, placed.ends_at)) if past.cancelled else placed
