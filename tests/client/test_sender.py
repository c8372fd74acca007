"""What one call is told and what it spends, and what that does to other calls, instances and accounts."""

import json
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec
import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2
from qiskit_runtime_service.client.instances import find_holder
from qiskit_runtime_service.exceptions import IBMApiError, IBMRuntimeError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import (
    InstancesUnreachable,
    JobNotFound,
    NetworkFault,
    NotAuthorized,
    Problem,
    ServerRefusal,
    TooLarge,
)
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, many_instances, two_regions

from ..shell.clouds import open_service


class Pausing:
    """A carrier to a cloud that wants pauses of those who ask an instance, each once, before it answers."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.pauses: dict[str, list[int]] = {}
        self.asked: Counter[str] = Counter()

    def send(self, request: Request, /) -> Result[Response, Problem]:
        crn = request.header("Service-CRN") or ""
        self.asked[crn] += 1
        if self.pauses.get(crn):
            pause = self.pauses[crn].pop(0)
            return Success(Response(status=429, headers=(("Retry-After", str(pause)),)))
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


def paused() -> tuple[QiskitRuntimeService, Pausing, str, str]:
    """Open a service with two instances, and tell which they are."""
    way = Pausing(EmulatedTransport(two_regions()))
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    first, second = (instance["crn"] for instance in service.instances())
    way.asked.clear()
    return service, way, first, second


@pytest.mark.holds("B24")
def test_a_pause_that_one_instance_asks_for_is_not_made_for_the_other() -> None:
    service, way, first, second = paused()
    way.pauses = {first: [17]}
    began = way.cloud.now()
    assert [backend.name for backend in service.backends()] == ["ibm_east5", "ibm_europe7"]
    assert way.asked == {first: 2, second: 1}
    assert way.cloud.now() - began == 17.0


@pytest.mark.holds("B24")
def test_each_instance_is_given_the_pause_that_it_asks_for() -> None:
    service, way, first, second = paused()
    way.pauses = {first: [3, 5], second: [40]}
    waits = []
    for crn in (first, second):
        began = way.cloud.now()
        assert service.usage(crn)["instance_id"] == crn
        waits.append(way.cloud.now() - began)
    assert waits == [8.0, 40.0]
    assert way.asked == {first: 3, second: 2}


@pytest.mark.holds("B24")
def test_a_pause_that_was_too_long_for_one_call_holds_no_other_up() -> None:
    service, way, first, second = paused()
    way.pauses = {first: [3600]}
    began = way.cloud.now()
    with pytest.raises(IBMApiError, match="the deadline comes first"):
        service.usage(first)
    for crn in (second, first):
        assert service.usage(crn)["instance_id"] == crn
    assert way.cloud.now() == began
    assert way.asked == {first: 2, second: 1}


@pytest.mark.holds("B24")
def test_instances_share_a_budget_for_retries_and_accounts_do_not() -> None:
    service, way, first, second = paused()
    other = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    # A call that fails spends fifteen of the 500 for its three retries; the last has five for one.
    way.pauses = {first: [0] * 1000, second: [0] * 1000}
    for _ in range(34):
        with pytest.raises(IBMApiError):
            service.usage(first)
    assert way.asked[first] == 33 * 4 + 2
    with pytest.raises(IBMApiError, match="the retry budget is spent"):
        service.usage(second)
    assert way.asked[second] == 1
    with pytest.raises(IBMApiError, match="4 attempts"):
        other.usage(second)
    assert way.asked[second] == 5


def submit(service: QiskitRuntimeService, name: str, cost: int | None = None) -> RuntimeJobV2:
    order = Submission(program="sampler", backend=name, params=b'{"pubs":[]}', cost=cost)
    return service.submit(order, service.backend(name))


def spend(cloud: EmulatedTransport, crn: str, seconds: float) -> None:
    """Let one instance have spent so much."""
    cloud.alter(
        lambda world: msgspec.structs.replace(
            world, instances={**world.instances, crn: msgspec.structs.replace(world.instances[crn], consumed=seconds)}
        )
    )


@pytest.mark.holds("B147")
def test_the_usage_of_each_instance_is_looked_at_for_itself() -> None:
    service, cloud = open_service(two_regions())
    first, second = (instance["crn"] for instance in service.instances())
    for name in ("ibm_east5", "ibm_europe7", "ibm_east5", "ibm_europe7"):
        submit(service, name)
    assert [request.header("Service-CRN") for request in cloud.requests("/usage")] == [first, second]


@pytest.mark.holds("B148")
def test_what_one_instance_has_spent_does_not_bound_the_other() -> None:
    service, cloud = open_service(two_regions(), max_usage=60.0)
    first, second = (instance["crn"] for instance in service.instances())
    spend(cloud, first, 61.0)
    # Asked before the other as well as after it.
    for _ in range(2):
        with pytest.raises(IBMRuntimeError, match="max_usage=60"):
            submit(service, "ibm_east5")
        assert submit(service, "ibm_europe7", cost=50).instance == second
    spend(cloud, second, 11.0)
    with pytest.raises(IBMRuntimeError, match="max_usage=60"):
        submit(service, "ibm_europe7", cost=50)
    assert len(cloud.requests("/jobs", "POST")) == 2


@pytest.mark.holds("B43")
def test_what_is_found_by_its_id_is_looked_for_in_every_instance() -> None:
    service, cloud = open_service(many_instances(3))
    since = len(cloud.ledger)
    with pytest.raises(IBMRuntimeError, match="'nowhere' is in none of the 3 instances"):
        service.job("nowhere")
    asked = {exchange.request.header("Service-CRN") for exchange in cloud.ledger[since:]}
    assert asked == {instance["crn"] for instance in service.instances()}


class Slow:
    """A carrier to a cloud that first takes five seconds to say that it is to be asked again in a minute, or so."""

    def __init__(self, cloud: EmulatedTransport, then: Problem | None = None) -> None:
        self.cloud = cloud
        self.then = then
        self.turned_away = False

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not request.url.endswith("/usage"):
            return self.cloud.send(request)
        if self.turned_away:
            return self.cloud.send(request) if self.then is None else Failure(self.then)
        self.turned_away = True
        again = format_datetime(datetime.fromtimestamp(self.cloud.now() + 60.0, UTC), usegmt=True)
        self.cloud.sleep(5.0)
        return Success(Response(status=503, headers=(("Retry-After", again),)))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B24")
def test_a_pause_until_a_date_is_counted_from_when_it_was_told() -> None:
    way = Slow(EmulatedTransport(two_regions()))
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    began = way.cloud.now()
    service.usage()
    assert way.cloud.now() - began == 60.0


def test_a_call_that_fails_at_its_second_try_is_not_told_as_one_that_went_well() -> None:
    for then, succeeded in ((None, True), (TooLarge(what="The answer", size=9, limit=8, setting="max_answer"), False)):
        way = Slow(EmulatedTransport(two_regions()), then)
        service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
        if then is None:
            service.usage()
        else:
            with pytest.raises(IBMApiError, match="more than the limit of 8"):
                service.usage()
        (trouble,) = service.explain().records.troubles
        assert (trouble.succeeded, [attempt.outcome for attempt in trouble.tried]) == (succeeded, ["503"])


class Talkative:
    """A carrier that has an answer of some bytes to everything but a key."""

    def __init__(self, size: int) -> None:
        self.body = json.dumps({"usage_consumed_seconds": 1}).encode().ljust(size)
        self.asked = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.url.endswith("/identity/token"):
            return Success(Response(status=200, body=b'{"access_token": "t", "expires_in": 3600}'))
        self.asked += 1
        return Success(Response(status=200, body=self.body))

    def close(self) -> None:
        """Have nothing to give up."""


@pytest.mark.holds("B318")
def test_an_answer_that_is_too_large_for_what_was_asked_is_refused_whoever_carries_it() -> None:
    crn = next(iter(two_regions().instances))
    for size, most, fits in ((2**20, None, True), (2**20 + 1, None, False), (2**20 + 1, 2**21, True)):
        way = Talkative(size)
        service = QiskitRuntimeService(token=API_KEY, instance=crn, transport=way, max_answer=most)
        if fits:
            assert service.usage()["usage_consumed_seconds"] == 1
            continue
        with pytest.raises(IBMApiError, match="has 1048577, more than the limit of 1048576") as caught:
            service.usage()
        assert "QiskitRuntimeService(max_answer=2**21)" in str(caught.value)
        assert way.asked == 1


class Echoing:
    """A carrier to a cloud that gives back what it was sent, in the place of HTTP."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.sent = ""

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not request.url.endswith("/usage"):
            return self.cloud.send(request)
        self.sent = str(request.header("Authorization"))
        return Failure(NetworkFault(url=request.url, kind="unclear", cause="broken", reason=f"no HTTP: {self.sent}"))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B229")
def test_a_token_that_is_given_back_is_neither_in_the_log_nor_in_the_history_of_a_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    way = Echoing(EmulatedTransport(two_regions()))
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    with pytest.raises(IBMApiError) as caught:
        service.usage()
    assert len(way.sent) > 20
    assert [attempt.outcome for attempt in caught.value.attempts] == ["no response: no HTTP: Bearer ****"] * 4
    assert "failed: no response: no HTTP: Bearer ****; next in" in caplog.text
    told = caplog.text + str(caught.value) + str(service.explain())
    assert way.sent.partition(" ")[2] not in told


ABSENT = JobNotFound(job="j1", instances=1)
FOREIGN = NotAuthorized(url="https://a.example", status=403, message="no", instance="crn")
DOWN = ServerRefusal(url="https://b.example", status=500, message="down")


@pytest.mark.holds("B43", "B291")
@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([Failure(ABSENT), Success(2)], Success(2)),
        ([Failure(FOREIGN), Failure(DOWN), Success(3)], Success(3)),
        ([Failure(ABSENT), Failure(FOREIGN), Failure(ABSENT)], Failure(FOREIGN)),
        ([Failure(DOWN), Failure(DOWN), Failure(ABSENT)], Failure(DOWN)),
        (
            [Failure(ABSENT), Failure(FOREIGN), Failure(DOWN)],
            Failure(
                InstancesUnreachable(
                    reasons=(
                        "1: https://a.example answered 403: no.",
                        "2: https://b.example answered 500 after 1 attempt: down.",
                    )
                )
            ),
        ),
        ([Failure(ABSENT), Failure(ABSENT)], Failure(JobNotFound(job="j1", instances=2))),
    ],
)
def test_the_first_that_has_it_answers_and_else_all_that_could_not_say(
    answers: list[Result[int, Problem]], found: Result[int, Problem]
) -> None:
    crns = [str(place) for place in range(len(answers))]
    asked = find_holder(crns, lambda crn: answers[int(crn)], JobNotFound(job="j1", instances=2))
    assert asked == found
