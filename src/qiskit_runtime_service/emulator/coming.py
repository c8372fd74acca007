"""What is to come: when time alone may change what is told of jobs and sessions (B448)."""

from collections.abc import Iterable, Iterator

from .job_index import JobFilter
from .job_life import EmulatedJob
from .jobs import find_job
from .requests import Call
from .session_life import EmulatedSession, closed_at
from .sessions import find_session
from .world import World, jobs_of


def never_changes(_: World, __: Call) -> Iterable[float]:
    """Return nothing: what is told changes only by what somebody does."""
    return ()


def changes_of_job(world: World, call: Call) -> Iterable[float]:
    """Return when the job that the path names begins and ends, if it has not ended."""
    job = find_job(world, call)
    return () if job is None or job.ends_at <= world.now else steps_of_job(job)


def changes_of_session(world: World, call: Call) -> Iterable[float]:
    """Return when the session that the path names changes its state."""
    session = find_session(world, call)
    return () if session is None else steps_of_session(session)


def changes_of_instance(world: World, call: Call) -> Iterator[float]:
    """Return when a job or a session of the instance changes its state."""
    for job in jobs_of(world, call.crn).select(JobFilter(now=world.now, pending=True)):
        yield from steps_of_job(job)
    for session in world.sessions.values():
        if session.crn == call.crn:
            yield from steps_of_session(session)


def steps_of_job(job: EmulatedJob) -> tuple[float, float]:
    """Return when a job begins and ends."""
    return job.starts_at, job.ends_at


def steps_of_session(session: EmulatedSession) -> Iterator[float]:
    """Return when a session is active, and when it is closed if it takes no more jobs.

    Its pauses and its longest life are no steps: whoever looks at an idle session twice does not wait for its end.
    """
    for span in session.spans:
        yield span.starts_at
    if session.stopped_at is not None:
        yield closed_at(session)
