"""Promise 11: retries do no harm: few, paid for, spread out, as late as the server asks, and waiting is patient."""

from collections import Counter
from datetime import datetime
from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Status, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import IBMApiError
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem, ServerRefusal
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance, too_many_requests
from tests.shell.clouds import open_service, submit_bell

from .sizes import Tally, size

HOUR = 3600.0
BUSY = {code: Status(code=code, headers=(("Retry-After", "33"),)) for code in (429, 503)}
PAGE = Status(code=200, body=b"<html>Sign in</html>")


def broken_after(world: World, **fault: object) -> tuple[QiskitRuntimeService, EmulatedTransport]:
    """Open a service on a good cloud, then let something go wrong for ever."""
    service, cloud = open_service(world)
    service.backends()
    faults = (Fault(times=None, **fault),)  # type: ignore[arg-type]  # the fields of a fault
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))
    return service, cloud


def failure(service: QiskitRuntimeService) -> Problem:
    with pytest.raises(IBMApiError) as caught:
        service.backends()
    assert caught.value.problem is not None
    return caught.value.problem


@pytest.mark.holds("B24")
@pytest.mark.parametrize("effect", [Status(code=503), Status(code=429), Unreachable(), Lost(acted=False), PAGE])
def test_a_dead_server_gets_one_request_for_a_call_once_the_budget_is_spent(effect: Effect, tried: Tally) -> None:
    service, cloud = broken_after(one_instance(), path="*/backends", effect=effect)
    since = len(cloud.ledger)
    calls = size(10_000, part=50)
    tried(calls)
    for _ in range(calls):
        failure(service)
    # 500 tokens pay for a hundred retries at most, however many calls there are.
    assert len(cloud.ledger) - since <= calls + 100
    last = failure(service)
    assert last.gave_up == "the retry budget is spent"  # type: ignore[union-attr]  # of a failed call


@pytest.mark.holds("B22", "B221")
@pytest.mark.parametrize("effect", [Status(code=500), Unreachable(), Lost(acted=False), PAGE])
def test_an_error_tells_each_of_at_most_four_attempts(effect: Effect) -> None:
    service, cloud = broken_after(one_instance(), path="*/backends", effect=effect)
    since = len(cloud.ledger)
    with pytest.raises(IBMApiError) as caught:
        service.backends()
    assert len(cloud.ledger) - since == len(caught.value.attempts) == 4
    assert "4 attempts" in str(caught.value)
    first, second, third, fourth = (attempt.at for attempt in caught.value.attempts)
    assert first == 0.0 <= second <= 1.0
    assert 3.0 <= third <= 5.5
    assert 8.0 < fourth <= 13.5
    assert "backends" in str(service.explain())
    assert service.explain().records.troubles[-1].tried == caught.value.attempts


@pytest.mark.holds("B287")
def test_pauses_are_spread_over_their_whole_range(tried: Tally) -> None:
    tried(size(1000))
    waits = []
    for _ in range(size(1000)):
        service, _ = broken_after(one_instance(), path="*/backends", effect=Status(code=500))
        problem = failure(service)
        assert isinstance(problem, ServerRefusal)
        waits += [later.at - earlier.at for earlier, later in pairwise(problem.tried)]
    for place, least, most in ((0, 0.0, 1.0), (1, 3.0, 4.5), (2, 5.5, 8.0)):
        # Of 50 pauses all that leave a quarter of the range out are seen less often than once in 10^5 runs.
        quarters = Counter(int(4 * (wait - least) / (most - least)) for wait in waits[place::3])
        assert set(quarters) == {0, 1, 2, 3}


@pytest.mark.holds("B24")
@pytest.mark.parametrize(
    ("method", "path", "busy"),
    [
        *product(("GET",), ("*/backends",), (BUSY[429], BUSY[503])),
        *product(("POST",), ("*/search",), (BUSY[429], BUSY[503])),
        # Of a submission, any other answer may stand for a job (promise 12).
        ("POST", "*/jobs", too_many_requests(33)),
    ],
)
def test_a_server_that_asks_to_wait_is_heeded_where_nothing_was_done(method: str, path: str, busy: Status) -> None:
    fault = Fault(method=method, path=path, effect=busy, times=1)
    service, cloud = open_service(msgspec.structs.replace(one_instance(), faults=(fault,)))
    submit_bell(service)
    at = [exchange.at for exchange in cloud.ledger if exchange.request.url.partition("?")[0].endswith(path[1:])]
    assert at[1] - at[0] == pytest.approx(33.0)
    assert len(service.jobs()) == 1


@pytest.mark.holds("B24")
def test_a_pause_that_ends_after_the_deadline_is_not_begun() -> None:
    busy = Status(code=429, headers=(("Retry-After", "121"),))
    service, cloud = broken_after(one_instance(), path="*/backends", effect=busy)
    began = cloud.now()
    with pytest.raises(IBMApiError, match="deadline"):
        service.backends()
    assert cloud.now() == began


SUBMISSION = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[],"version":2}')


@pytest.mark.takes_long
@pytest.mark.holds("B42")
@settings(max_examples=size(1_000))
@given(st.floats(0.1, HOUR))
def test_the_end_of_a_wait_is_noticed_soon_with_few_looks(queue: float) -> None:
    # Nothing is simulated, so that the job fails when its time has come: that is an end too.
    transport = EmulatedTransport(one_instance(queue_seconds=queue))
    service = QiskitRuntimeService(token=API_KEY, transport=transport)
    job = service.submit(SUBMISSION, service.backend("ibm_emu5"))
    submitted, since = transport.now(), len(transport.ledger)
    job.wait_for_final_state()
    noticed, looks = transport.now(), len(transport.ledger) - since
    ended = datetime.fromisoformat(job.metrics()["timestamps"]["finished"]).timestamp()
    assert noticed - ended <= max(0.5, min(60.0, 0.1 * (noticed - submitted))) + 0.001
    assert looks <= 120
