"""Promise 10, jobs: a wait ends at its deadline whatever the network does, a listing whatever the server counts."""

import random
from functools import partial

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2, wait_all
from qiskit_runtime_service.emulator.faults import Effect
from qiskit_runtime_service.exceptions import IBMApiError, RuntimeJobTimeoutError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    Drip,
    EmulatedTransport,
    Fault,
    Garble,
    Lost,
    Misstate,
    Stall,
    Status,
    Truncate,
    Unreachable,
    html_page,
    one_instance,
    too_many_requests,
)

from .sizes import Tally, size

SLACK = 0.5
FAULTS: dict[str, Effect] = {
    "silent for a while": Stall(seconds=20.0),
    "silent for ever": Stall(seconds=1e6),
    "a slow answer": Drip(seconds=25.0),
    "an endless answer": Drip(seconds=1e6),
    "an answer that breaks off": Truncate(),
    "an answer that is too short": Misstate(by=-20),
    "an answer that is no HTTP": Garble(),
    "an answer that is lost": Lost(acted=True),
    "nobody there": Unreachable(),
    "out of order": Status(code=500),
    "a page of some gateway": html_page(504),
    "come back in an hour": too_many_requests(3600),
}
ORDER = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_wait_ends_at_its_deadline(name: str, count: int, tried: Tally) -> None:
    cloud = EmulatedTransport(one_instance(queue_seconds=1e9))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("ibm_emu5")
    jobs = [service.submit(ORDER, backend) for _ in range(count)]
    dice = random.Random(name)  # noqa: S311  # nothing is secret here
    tried(size(200))
    for _ in range(size(200)):
        timeout = 10 ** dice.uniform(-1.0, 2.5)
        # Some looks go well, then all go wrong, or only some.
        fault = Fault(
            method="GET",
            path="*/jobs*",
            effect=FAULTS[name],
            after=dice.randrange(4),
            times=dice.choice([None, 1, 3]),
        )
        cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
        assert seconds_of(jobs, timeout, cloud) <= timeout + SLACK


def seconds_of(jobs: list[RuntimeJobV2], timeout: float, cloud: EmulatedTransport) -> float:
    """Return how long a wait takes that cannot go well."""
    began = cloud.now()
    with pytest.raises((RuntimeJobTimeoutError, IBMApiError)):
        wait_all(jobs, timeout=timeout)
    return cloud.now() - began


class Liar:
    """A carrier to a server that has so many jobs and counts others; what it has not it leaves out, or repeats."""

    def __init__(self, cloud: EmulatedTransport, held: int, count: object, page: int, repeats: bool) -> None:
        self.cloud = cloud
        self.held = [{"id": f"j{number}", "state": {"status": "Queued"}} for number in range(held)]
        self.count = count
        self.page = page
        self.repeats = repeats
        self.requests = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        path, _, query = request.url.partition("?")
        if not path.endswith("/jobs"):
            return self.cloud.send(request)
        self.requests += 1
        pairs = dict(pair.split("=") for pair in query.split("&"))
        offset, limit = int(pairs.get("offset", 0)), min(int(pairs["limit"]), self.page)
        jobs = self.held[offset : offset + limit] or (self.held[:limit] if self.repeats else [])
        return Success(Response(status=200, body=msgspec.json.encode({"jobs": jobs, "count": self.count})))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.parametrize("count", [0, -1, 5, 10**9, None])
@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize(("held", "page"), [(0, 200), (1, 200), (7, 3), (450, 200), (450, 50)])
def test_a_server_that_lies_about_counts_is_asked_once_more_than_it_has_pages(
    held: int, page: int, repeats: bool, count: int | None
) -> None:
    cloud = EmulatedTransport(one_instance())
    for lazily in (False, True):
        liar = Liar(cloud, held, count, page, repeats)
        service = QiskitRuntimeService(token=API_KEY, transport=liar, clock=cloud)
        listed = [*service.iter_jobs()] if lazily else service.jobs(limit=None)
        assert len({job.job_id() for job in listed}) == len(listed) <= held
        assert liar.requests <= -(-held // page) + 1
        assert len(listed) == held or (count is not None and len(listed) >= count)
