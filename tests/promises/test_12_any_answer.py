"""Promise 12, every answer: whatever a submission and the looks for its job are answered, one submit is one job.

Tried is the product of what is answered (every status and fault), whether the job had been made, and what the listing
says then. None is made twice, none is lost in silence, none is a stranger's, and "not submitted" is true.
"""

import json
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service import Endpoints, QiskitRuntimeService, SubmissionUnknown
from qiskit_runtime_service.exceptions import IBMError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import NetworkFault, Problem, TooLarge
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, one_instance
from qiskit_runtime_service.transport.base import Clock
from tests.support.clocks import HurriedClock

from .sizes import Tally, is_full, size

ORDER = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[],"version":2}', tags=("mine",))
PROVING = {400, 401, 403, 404, 409}
"""What the service documents for a submission that it does not take."""
AGAIN = {401}
"""After which it is sent again, if it is not there."""
LAG = 15.0
"""Seconds after which a new job is listed at the latest, where listings are late."""

# What a submission is answered

Answer = Callable[[Request], Result[Response, Problem]]
PAGE = b"<html><body>Bad gateway</body></html>"
WORDS = b'{"errors": [{"code": 1234, "message": "So it is.", "solution": "none"}], "trace": "t-1"}'


def saying(status: int, body: bytes = b"") -> Answer:
    return lambda _: Success(Response(status=status, body=body))


def failing(kind: Any, cause: Any) -> Answer:
    return lambda request: Failure(NetworkFault(url=request.url, kind=kind, cause=cause, reason="it broke"))


def too_large(request: Request) -> Result[Response, Problem]:
    return Failure(TooLarge(what="The answer", size=9, limit=8, setting="max_answer", url=request.url))


class Event(NamedTuple):
    """What comes of an attempt to submit."""

    name: str
    answer: Answer
    proves: bool
    """Whether it proves that no job was made."""
    again: bool
    """Whether the submission may be sent again."""


STATUSES = [
    Event(str(code), saying(code, (b"", PAGE, WORDS)[code % 3]), code in PROVING, code in AGAIN)
    for code in range(100, 600)
]
FAULTS = [
    Event("429 in words of the service", saying(429, WORDS), proves=True, again=True),
    Event("the connection breaks", failing("unclear", "broken"), proves=False, again=False),
    Event("nothing comes", failing("unclear", "silence"), proves=False, again=False),
    Event("half of the answer comes", saying(200, b'{"id": "d5f'), proves=False, again=False),
    Event("the answer has no id", saying(200, b'{"backend": "ibm_emu5"}'), proves=False, again=False),
    Event("the answer is too large", too_large, proves=False, again=False),
    Event("no connection stands", failing("never sent", "connection"), proves=True, again=True),
    Event("the certificate is not trusted", failing("refused", "tls"), proves=True, again=False),
]
EVENTS = STATUSES + FAULTS

# What the looks for the job are answered

Rows = list[dict[str, Any]]
Sight = Callable[["Way", Request, Rows], Result[Response, Problem]]


def listing(rows: Rows, count: int | None = None) -> Result[Response, Problem]:
    body = {"jobs": rows, "count": len(rows) if count is None else count}
    return Success(Response(status=200, body=json.dumps(body).encode()))


def carries(row: dict[str, Any], request: Request) -> bool:
    return any(f"tags={tag}" in request.url for tag in row["tags"])


def late(way: "Way", request: Request, rows: Rows) -> Result[Response, Problem]:
    """List nothing until a while after the answer."""
    return listing([row for row in rows if carries(row, request)] if way.clock.now() - way.answered_at >= LAG else [])


def twice(_: "Way", request: Request, rows: Rows) -> Result[Response, Problem]:
    """List the job, and another that somebody on the way has made of it."""
    ours = [row for row in rows if carries(row, request)]
    return listing([*ours, *(row | {"id": f"copy-of-{row['id']}", "created": "2999-01-01T00:00:00Z"} for row in ours)])


def nameless(_: "Way", request: Request, rows: Rows) -> Result[Response, Problem]:
    """List the job without its id, and nothing where there is none."""
    return listing([{key: row[key] for key in row if key != "id"} for row in rows if carries(row, request)])


SIGHTS: dict[str, Sight] = {
    "the job": lambda _, request, rows: listing([row for row in rows if carries(row, request)]),
    "the job, late": late,
    "the job, too late": lambda *_: listing([]),
    "the job twice": twice,
    "all jobs, whatever the tags": lambda _, __, rows: listing(rows),
    "the jobs of others": lambda _, request, rows: listing([row for row in rows if not carries(row, request)]),
    "a job without an id": nameless,
    "a job without its tags": lambda _, __, rows: listing([row | {"tags": None} for row in rows]),
    "a count without jobs": lambda *_: listing([], count=1),
    "an object without rows": lambda *_: Success(Response(status=200, body=b"{}")),
    "a page of some gateway": lambda *_: Success(Response(status=200, body=PAGE)),
    "out of order": lambda *_: Success(Response(status=500)),
    "not allowed": lambda *_: Success(Response(status=403)),
    "a redirect": lambda *_: Success(Response(status=302, headers=(("Location", "https://h.example"),))),
    "no answer": lambda _, request, __: failing("unclear", "broken")(request),
    "no connection": lambda _, request, __: failing("never sent", "connection")(request),
}
TRUE = {"the job", "the job, late", "the job twice", "all jobs, whatever the tags"}
"""What shows the job where there is one."""
EMPTY = {"the job", "the job, late", "the job, too late", "the job twice", "a job without an id"}
"""What is empty where there is no job."""


class Way:
    """A carrier to a cloud that answers what it is told to, to submissions and to the looks for their jobs."""

    def __init__(self, cloud: EmulatedTransport, clock: Clock | None = None) -> None:
        self.cloud = cloud
        self.clock: Clock = cloud if clock is None else clock
        self.event: Event | None = None
        self.left = 0
        self.makes = False
        self.sight: Sight | None = None
        self.answered_at = 0.0
        self.trail: list[str] = []
        self.empty_looks = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        path = request.url.partition("?")[0]
        if not path.endswith("/jobs"):
            return self.cloud.send(request)
        return self._submit(request) if request.method == "POST" else self._list(request)

    def _submit(self, request: Request) -> Result[Response, Problem]:
        self.trail.append("submit")
        if self.event is None or not self.left:
            return self.cloud.send(request)
        self.left -= 1
        if self.makes:
            assert self.cloud.send(request).unwrap().status == 200
        self.answered_at = self.clock.now()
        return self.event.answer(request)

    def _list(self, request: Request) -> Result[Response, Problem]:
        if self.sight is None:
            return self.cloud.send(request)
        assert "tags=submission-" in request.url
        self.trail.append("look")
        plain = msgspec.structs.replace(request, url=request.url.partition("?")[0])
        rows = json.loads(self.cloud.send(plain).unwrap().body)["jobs"]
        answer = self.sight(self, request, rows)
        self.empty_looks += answer == listing([])
        return answer

    def close(self) -> None:
        self.cloud.close()


class Trial(NamedTuple):
    """One submission."""

    event: Event
    made: bool
    """Whether the first attempt makes a job before it is answered."""
    sight: str
    lasting: bool
    """Whether every attempt is answered so, or only the first."""


def may_be_made(event: Event, sight: str) -> bool:
    """Whether such an answer may come after the job was made.

    What proves that there is no job is not said of one that is there, but by a 401; and a service that makes a job,
    says 401 of it, and does not list it for as long as anybody looks is not to be helped.
    """
    return not event.proves or (event.name == "401" and sight != "the job, too late")


def trials(events: list[Event]) -> list[Trial]:
    """Return the product."""
    return [
        Trial(event, made, sight, lasting)
        for place, sight in enumerate(SIGHTS)
        for number, event in enumerate(events)
        for made in (False, True)
        for lasting in ((False, True) if event.again else ((number + place + made) % 2 == 0,))
        if not made or may_be_made(event, sight)
    ]


class Bench:
    """A service over a way that lies, and what is expected of it."""

    def __init__(self, service: QiskitRuntimeService, way: Way) -> None:
        self.service, self.way = service, way
        self.backend = service.backend("ibm_emu5")
        for _ in range(2):
            service.submit(ORDER, self.backend)
        self.outcomes: Counter[str] = Counter()

    def ids(self) -> set[str]:
        return {job_id for held in self.way.cloud.world.jobs.values() for job_id in held}

    def run(self, trial: Trial) -> None:
        held, way = self.ids(), self.way
        way.event, way.makes, way.sight = trial.event, trial.made, SIGHTS[trial.sight]
        way.left = 99 if trial.lasting else 1
        way.trail, way.empty_looks = [], 0
        job, error = self.submit()
        way.event, way.sight = None, None
        made = self.ids() - held
        self.judge(trial, made, job, error)

    def submit(self) -> tuple[str | None, IBMError | None]:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                job = self.service.submit(ORDER, self.backend)
            except IBMError as error:
                return None, error
        assert job.tags == ["mine"]
        assert all("copy-of-" in str(warning.message) for warning in warned)
        assert len(warned) == (self.way.sight is twice and self.way.trail[-1] == "look")
        return job.job_id(), None

    def judge(self, trial: Trial, made: set[str], job: str | None, error: IBMError | None) -> None:
        what = f"{trial.event.name}, {trial.made=}, {trial.sight}, {trial.lasting=}: {self.way.trail}, {job}, {error}"
        assert len(made) <= 1, f"a duplicate: {what}"
        assert job is None or {job} == made, f"a stranger: {what}"
        # Nothing is sent again before the job was looked for.
        assert "submit, submit" not in ", ".join(self.way.trail), f"sent blindly: {what}"
        if error is not None:
            told = isinstance(error, SubmissionUnknown)
            assert told or not made or trial.sight == "not allowed", f"a loss: {what}"
            assert not made or "not submitted" not in str(error), f"a false word: {what}"
            if isinstance(error, SubmissionUnknown):
                found = {found.job_id() for found in self.service.jobs(job_tags=[error.tag or ""], limit=None)}
                assert found == made, f"a loss: {what}"
                problem: Any = error.problem
                assert problem.looks == self.way.empty_looks, f"a false word: {what}"
                assert ("could not be listed" in str(error)) == bool(problem.unread)
        outcome = "a job" if error is None else type(error).__name__
        assert outcome in self.expected(trial), f"{outcome}: {what}"
        self.outcomes[outcome] += 1

    def expected(self, trial: Trial) -> set[str]:
        """Return what may come of it."""
        event, sight = trial.event, trial.sight
        if trial.made and sight in TRUE:
            return {"a job"}
        if event.again and not trial.lasting and not trial.made and sight in EMPTY:
            return {"a job"}
        if event.proves:
            refusals = {"404": {"UnknownProgramError"}, "401": {"IBMNotAuthorizedError", "SubmissionUnknown"}}
            faults = {
                "no connection stands": {"IBMNetworkError"},
                "the certificate is not trusted": {"IBMCertificateError"},
            }
            named = refusals | faults | {"403": {"IBMNotAuthorizedError"}}
            return named.get(event.name, {"IBMApiError"})
        return {"SubmissionUnknown"}


RUNS_OF_A_SERVICE = 20
"""Each service has a budget of retries, which is not what this is about."""


def bench() -> Bench:
    cloud = EmulatedTransport(one_instance())
    way = Way(cloud)
    return Bench(QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud), way)


def try_all(kept: list[Trial], lay: Callable[[], Bench]) -> Counter[str]:
    """Run trials, and count what came of them."""
    outcomes = Counter[str]()
    laid = lay()
    for number, trial in enumerate(kept, 1):
        laid.run(trial)
        if number % RUNS_OF_A_SERVICE == 0:
            outcomes += laid.outcomes
            laid = lay()
    return outcomes + laid.outcomes


@pytest.mark.takes_long
@pytest.mark.holds("B146", "B322", "B323", "B324")
def test_one_submission_is_one_job_whatever_is_answered(tried: Tally) -> None:
    product = trials(EVENTS)
    kept = product if is_full() else product[:: len(product) // size(10_000, 50)]
    tried(len(kept))
    outcomes = try_all(kept, bench)
    assert len(kept) == sum(outcomes.values()) >= size(10_000, 50)
    # The numbers of the promise.
    print(f"promise 12: of {len(kept)} submissions 0 twice, lost, a stranger's, misjudged: {dict(outcomes)}")  # noqa: T201


@pytest.mark.holds("B322", "B323", "B324")
@pytest.mark.parametrize("event", [event for event in EVENTS if event.again], ids=lambda event: event.name)
@pytest.mark.parametrize("sight", SIGHTS)
def test_what_is_sent_again_is_looked_for_first(event: Event, sight: str) -> None:
    for made in (False, True):
        if not made or may_be_made(event, sight):
            for lasting in (False, True):
                bench().run(Trial(event, made, sight, lasting))


@pytest.mark.takes_long
@pytest.mark.holds("B322", "B324")
def test_it_is_so_over_a_real_connection(tried: Tally) -> None:
    # What is no HTTP, or closes the connection, is not for the door to say.
    said = [event for event in STATUSES if int(event.name) >= 200] + FAULTS[:1] + FAULTS[3:5]
    product = [trial for trial in trials(said) if trial.sight not in ("no answer", "no connection")]
    kept = product[:: max(1, len(product) // size(2_000, 40))]
    tried(len(kept))
    cloud, clock = EmulatedTransport(one_instance()), HurriedClock()
    way, crn = Way(cloud, clock), next(iter(cloud.world.instances))
    with door_to(way) as door:
        base = door.base
        endpoints = Endpoints(runtime=f"{base}/api/v1", token=base, search=base, catalog=f"{base}/api/v1")

        def lay() -> Bench:
            return Bench(QiskitRuntimeService(token=API_KEY, instance=crn, endpoints=endpoints, clock=clock), way)

        outcomes = try_all(kept, lay)
    assert sum(outcomes.values()) == len(kept) >= size(2_000, 40)
