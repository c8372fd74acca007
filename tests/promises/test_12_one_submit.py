"""Promise 12: one submission is one job, or an error that says how it stands. Nothing is sent blindly again."""

import re
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, RuntimeJobV2, Session, SubmissionUnknown
from qiskit_runtime_service.emulator.faults import Effect
from qiskit_runtime_service.exceptions import IBMApiError, IBMError, IBMNotAuthorizedError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import NetworkFault, Problem
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
from ..support.program_runs import RUNS
from .sizes import Control, Tally, size

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
    "out of service": Point(((JOBS, Status(code=503), None),), jobs=0, error=SubmissionUnknown, posts=4),
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


def submit_order(backend: IBMBackend) -> RuntimeJobV2:
    """Submit what a program is asked."""
    return backend.service.submit(ORDER, backend)


class Trial:
    """One service, asked to submit again and again while something goes wrong."""

    def __init__(self, point: Point, order: Callable[[IBMBackend], RuntimeJobV2] = submit_order) -> None:
        self.point = point
        self.order = order
        self.cloud = EmulatedTransport(one_instance())
        self.way = Troubled(self.cloud)
        self.service = QiskitRuntimeService(token=API_KEY, transport=self.way, clock=self.cloud)
        self.backend: IBMBackend = self.service.backend("ibm_emu5")
        self.order(self.backend)

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
            job = self.order(self.backend)
        except IBMError as error:
            return None, error
        assert job.tags == ["mine"]
        assert job.record.tags[0] == "mine"
        assert re.fullmatch("submission-[0-9a-f]{32}", job.record.tags[1])
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


@pytest.mark.holds("B23", "B146", "B361")
@pytest.mark.parametrize("program", RUNS)
def test_one_run_of_a_program_is_one_job(program: str, tried: Tally) -> None:
    tried(len(POINTS))
    for point in POINTS.values():
        Trial(point, lambda backend: RUNS[program](backend, {"environment": {"job_tags": ["mine"]}})).run()


@pytest.mark.holds("B145", "B146")
@pytest.mark.parametrize(
    "effect",
    [Lost(acted=True), Lost(acted=False), Truncate(), *map(html_page, (303, 429, 499, 500, 503))],
)
def test_without_tags_nothing_is_looked_for_and_nothing_is_sent_twice(effect: Effect) -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, submission_tags=False)
    backend = service.backend("ibm_emu5")
    assert service.submit(ORDER, backend).record.tags == ("mine",)
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
    assert len({service.submit(ORDER, backend).record.tags[1] for _ in range(200)}) == 200


@pytest.mark.holds("B324")
def test_without_tags_what_was_never_sent_is_sent_again_and_nothing_after_an_answer() -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, submission_tags=False)
    backend = service.backend("ibm_emu5")
    for effect, posts in ((Unreachable(), 2), (Revoke(), 1)):
        since = len(cloud.requests("/jobs", "POST"))
        fault = Fault(method="POST", path=JOBS, effect=effect)
        cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
        if posts == 2:
            assert service.submit(ORDER, backend).record.tags == ("mine",)
        else:
            with pytest.raises(IBMNotAuthorizedError, match="was renewed; what cannot be looked for is not sent twice"):
                service.submit(ORDER, backend)
        assert len(cloud.requests("/jobs", "POST")) - since == posts
    # The token that was renewed serves the next.
    assert service.submit(ORDER, backend).record.tags == ("mine",)


@pytest.mark.holds("B145", "B324")
def test_a_tag_that_was_copied_from_another_job_leads_to_no_job() -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("ibm_emu5")
    copied = service.submit(ORDER, backend).record.tags[1]
    full = msgspec.structs.replace(ORDER, tags=(*"abcdefg", copied))
    fault = Fault(method="POST", path=JOBS, effect=Lost(acted=False))
    cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
    with pytest.raises(SubmissionUnknown):
        service.submit(full, backend)


@pytest.mark.holds("B143", "B324")
@pytest.mark.parametrize("made", [False, True])
def test_a_session_is_opened_once_whatever_is_answered(made: bool) -> None:
    cloud = EmulatedTransport(one_instance(plan="premium"))
    way = Refusing(cloud, made)
    backend = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud).backend("ibm_emu5")
    codes = [*range(100, 200), *range(300, 600)]
    for tried, code in enumerate(codes, 1):
        way.code = code
        with pytest.raises(IBMError, match=str(code)) as raised:
            Session(backend)
        assert "was not" not in str(raised.value)
        assert way.asked == tried
    assert len(cloud.world.sessions) == made * len(codes)


class Refusing:
    """A carrier to a cloud that answers with a status to who opens a session, after it has opened it or not."""

    def __init__(self, cloud: EmulatedTransport, made: bool) -> None:
        self.cloud, self.made = cloud, made
        self.code, self.asked = 0, 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not request.url.endswith("/sessions"):
            return self.cloud.send(request)
        self.asked += 1
        if self.made:
            self.cloud.send(request)
        return Success(Response(status=self.code))

    def close(self) -> None:
        self.cloud.close()


SCRIPT = Path(__file__).parents[1] / "compat" / "submissions_lost.py"


GATES: dict[str, tuple[int | None, tuple[int, int]]] = {
    "lost": (None, (1, 0)),
    **{f"said-{code}": (code, (2, 1)) for code in (500, 502, 503, 504)},
    **{f"said-{code}": (code, (1, 0)) for code in (303, 401, 429, 499)},
}
"""By the way, what the first attempt is answered on it, after it has made a job; how many jobs there are then, and how
many the other client knows of.
"""


class Gates:
    """A carrier to a cloud by ways on which the first answer to a submission is lost, or another's."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.jobs: Counter[str] = Counter()

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        gate = next((gate for gate in GATES if f"/{gate}/" in request.url), "")
        if not gate or request.method != "POST" or not request.url.endswith("/jobs"):
            return answer
        self.jobs[gate] += 1
        if self.jobs[gate] > 1:
            return answer
        said, _ = GATES[gate]
        lost = NetworkFault(url=request.url, kind="unclear", reason="the connection broke")
        return Failure(lost) if said is None else Success(Response(status=said, body=b"<html>Gateway</html>"))

    def close(self) -> None:
        self.cloud.close()


@needs_existing_client
def test_the_existing_client_submits_too(control: Control) -> None:
    """The control: it makes two jobs of one submission, or loses one silently."""
    # The other client compares the dates of tokens with its own clock.
    way = Gates(EmulatedTransport(one_instance(now=time.time())))
    crn = next(iter(way.cloud.world.instances))
    with door_to(way) as door:
        given = {"base": door.base, "key": API_KEY, "crn": crn, "gates": [*GATES]}
        known = ask_existing_client(SCRIPT, given)
    report = {gate: (way.jobs[gate], known[gate]) for gate in GATES}
    # The numbers of the promise.
    print(f"promise 12, the existing client, (jobs that are there, jobs that it knows of): {report}")  # noqa: T201
    twice, lost = sum(there > 1 for there, _ in report.values()), sum(not known for _, known in report.values())
    control(f"of {len(report)} unclear answers {twice} made two jobs, {lost} lost the job")
    assert report == {gate: expected for gate, (_, expected) in GATES.items()}
