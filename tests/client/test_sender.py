"""Two instances, two accounts: what one call is told, and what it spends, does to others."""

from collections import Counter

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2
from qiskit_runtime_service.exceptions import IBMApiError, IBMRuntimeError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
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
    # A call that fails spends ten of the 500 for its two retries.
    way.pauses = {first: [0] * 1000, second: [0] * 1000}
    for _ in range(50):
        with pytest.raises(IBMApiError):
            service.usage(first)
    assert way.asked[first] == 150
    with pytest.raises(IBMApiError, match="the retry budget is spent"):
        service.usage(second)
    assert way.asked[second] == 1
    with pytest.raises(IBMApiError, match="3 attempts"):
        other.usage(second)
    assert way.asked[second] == 4


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
