"""Promise 12: one submission is one job, or an error that says how it stands. Nothing is sent blindly again."""

import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, SubmissionUnknown
from qiskit_runtime_service.emulator.faults import Effect
from qiskit_runtime_service.exceptions import IBMApiError, IBMError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Stall,
    Status,
    Truncate,
    Unreachable,
    door_to,
    html_page,
    one_instance,
    too_many_requests,
)

from ..support.existing import ask_existing_client, needs_existing_client
from .sizes import size

ORDER = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[],"version":2}', tags=("mine",))


RUNS_OF_A_SERVICE = 40


class Troubled:
    """A carrier to a cloud whose listings show a new job only after some looks, and whose gateway may lose patience.

    The gateway then answers in place of the cloud, which has taken the job.
    """

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.lag = 0
        self.impatient = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        if request.method == "POST" and request.url.endswith("/jobs") and self.impatient > 0:
            self.impatient -= 1
            return Success(Response(status=504, body=b"<html>Gateway Timeout</html>"))
        if request.method == "GET" and request.url.partition("?")[0].endswith("/jobs") and self.lag > 0:
            self.lag -= 1
            return Success(Response(status=200, body=b'{"jobs": [], "count": 0}'))
        return answer

    def close(self) -> None:
        self.cloud.close()


class Point(NamedTuple):
    """A place where a submission goes wrong, and what must come of it."""

    faults: tuple[tuple[str, Effect, int | None], ...]
    """Glob over the path, what happens, and how often."""
    jobs: int
    """How many jobs there are afterwards."""
    error: type[IBMError] | None = None
    """What is raised; without it the job is returned."""
    lag: int = 0
    impatient: int = 0
    posts: int = 1
    """How many requests that takes at most."""


JOBS, TOKEN = "*/jobs", "*/identity/token"
POINTS: dict[str, Point] = {
    "no way for a moment": Point(((JOBS, Unreachable(), 1),), jobs=1, posts=2),
    "no way at all": Point(((JOBS, Unreachable(), None),), jobs=0, error=IBMApiError, posts=4),
    "too many for a moment": Point(((JOBS, too_many_requests(3), 1),), jobs=1, posts=2),
    "out of service": Point(((JOBS, Status(code=503), None),), jobs=0, error=IBMApiError, posts=4),
    "lost on the way there": Point(((JOBS, Lost(acted=False), 1),), jobs=0, error=SubmissionUnknown),
    "lost on the way back": Point(((JOBS, Lost(acted=True), 1),), jobs=1),
    "broken off": Point(((JOBS, Truncate(keep=0.3), 1),), jobs=1),
    "cut short unnoticed": Point(((JOBS, Misstate(by=-9), 1),), jobs=1),
    "said nonsense": Point(((JOBS, Garble(), 1),), jobs=1),
    "silent for too long": Point(((JOBS, Stall(seconds=400.0), 1),), jobs=1),
    "a page of some gateway": Point(((JOBS, html_page(502), 1),), jobs=0, error=SubmissionUnknown),
    "a page that says all is well": Point(
        ((JOBS, Status(code=200, body=b"<html>sign in</html>"), 1),), jobs=0, error=SubmissionUnknown
    ),
    "an impatient gateway": Point((), jobs=1, impatient=1),
    "listed late": Point(((JOBS, Lost(acted=True), 1),), jobs=1, lag=3),
    "never listed": Point(((JOBS, Lost(acted=True), 1),), jobs=1, error=SubmissionUnknown, lag=99),
    "token turned away": Point(((JOBS, Revoke(), 1),), jobs=1, posts=2),
    "no token": Point(((TOKEN, Lost(acted=False), None),), jobs=0, error=IBMApiError, posts=0),
}


class Trial:
    """One service, asked to submit again and again while something goes wrong."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.cloud = EmulatedTransport(one_instance())
        self.way = Troubled(self.cloud)
        self.service = QiskitRuntimeService(token=API_KEY, transport=self.way, clock=self.cloud)
        self.backend: IBMBackend = self.service.backend("ibm_emu5")
        self.service.submit(ORDER, self.backend)

    def run(self) -> None:
        """Submit once, and hold what came of it against what is there."""
        held, posts = self.ids(), len(self.cloud.requests("/jobs", "POST"))
        if any(path == TOKEN for path, _, _ in self.point.faults):
            self.cloud.sleep(4000.0)
        # Only the submission is struck: looks for the job come after it.
        faults = tuple(
            Fault(method="POST", path=path, effect=effect, times=times) for path, effect, times in self.point.faults
        )
        self.cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))
        self.way.lag, self.way.impatient = self.point.lag, self.point.impatient
        job, raised = self.submit()
        self.cloud.alter(lambda world: msgspec.structs.replace(world, faults=()))
        self.way.lag = 0
        fresh = self.ids() - held
        assert len(fresh) == self.point.jobs
        # Of the same request, where it was clearly turned away; the retry budget may leave fewer.
        assert len(self.cloud.requests("/jobs", "POST")) - posts <= self.point.posts
        if self.point.error is None:
            assert {job} == fresh
            return
        assert isinstance(raised, self.point.error)
        if isinstance(raised, SubmissionUnknown):
            # The tag leads to what is there: no job is lost silently.
            assert raised.tag is not None
            assert raised.tag in str(raised)
            assert {job.job_id() for job in self.service.jobs(job_tags=[raised.tag])} == fresh

    def submit(self) -> tuple[str | None, IBMError | None]:
        try:
            job = self.service.submit(ORDER, self.backend)
        except IBMError as error:
            return None, error
        assert job.tags[0] == "mine"
        assert job.tags[1].startswith("submission-")
        return job.job_id(), None

    def ids(self) -> set[str]:
        return {job_id for held in self.cloud.world.jobs.values() for job_id in held}


@pytest.mark.holds("B23", "B146")
@pytest.mark.parametrize("point", POINTS)
def test_one_submission_is_one_job(point: str) -> None:
    left = size(1000)
    while left > 0:
        # Each service has a budget of retries, which is not what this is about.
        trial = Trial(POINTS[point])
        for _ in range(min(left, RUNS_OF_A_SERVICE)):
            trial.run()
        left -= RUNS_OF_A_SERVICE


@pytest.mark.holds("B145", "B146")
@pytest.mark.parametrize("effect", [Lost(acted=True), Lost(acted=False), Truncate(), html_page(500)])
def test_without_tags_nothing_is_looked_for_and_nothing_is_sent_twice(effect: Effect) -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, submission_tags=False)
    backend = service.backend("ibm_emu5")
    assert service.submit(ORDER, backend).tags == ["mine"]
    fault = Fault(method="POST", path=JOBS, effect=effect)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))
    with pytest.raises(SubmissionUnknown, match="not known") as raised:
        service.submit(ORDER, backend)
    assert raised.value.tag is None
    assert len(cloud.requests("/jobs", "POST")) == 2
    assert not cloud.requests("/jobs", "GET")


@pytest.mark.holds("B145")
def test_tags_are_never_the_same() -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("ibm_emu5")
    assert len({service.submit(ORDER, backend).tags[1] for _ in range(200)}) == 200


SCRIPT = Path(__file__).parents[1] / "compat" / "submissions_lost.py"


@needs_existing_client
def test_the_existing_client_submits_too() -> None:
    """The control: it makes two jobs of one submission where a gateway loses patience, and loses another silently."""
    report: dict[str, tuple[int, int]] = {}
    for trouble in ("impatient gateway", "lost on the way back"):
        # The other client compares the dates of tokens with its own clock.
        cloud = EmulatedTransport(one_instance(now=time.time()))
        way = Troubled(cloud)
        crn = next(iter(cloud.world.instances))
        with door_to(way) as door:
            if trouble == "impatient gateway":
                way.impatient = 1
            else:
                fault = Fault(method="POST", path=JOBS, effect=Lost(acted=True))
                cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
            known = ask_existing_client(SCRIPT, {"base": door.base, "key": API_KEY, "crn": crn})
        report[trouble] = (sum(map(len, cloud.world.jobs.values())), known)
    # Jobs that are there, and jobs that the client knows of.
    assert report == {"impatient gateway": (2, 1), "lost on the way back": (1, 0)}
