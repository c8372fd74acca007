"""Promise 11, beside the existing client: calls outlast an outage of three seconds with fewer requests."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from returns.result import Result, Success

from qiskit_runtime_service import Endpoints, QiskitRuntimeService
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, SystemClock, door_to, one_instance
from tests.support.existing import ask_existing_client, needs_existing_client

from .savers import say
from .sizes import Control, Tally

SCRIPT = Path(__file__).parents[1] / "compat" / "outages.py"
CALLS = 12
OUTAGE = 3.0
"""Seconds."""


class Leaving:
    """A carrier to a cloud that is away for a while once it is told to leave, and counts whom it turned away."""

    def __init__(self, status: int) -> None:
        self.cloud = EmulatedTransport(one_instance(now=time.time()))
        self.status = status
        self.until = 0.0
        self.turned_away = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.url.endswith("/leave"):
            self.until = time.monotonic() + OUTAGE
            return Success(Response(status=204))
        if time.monotonic() < self.until:
            self.turned_away += 1
            return Success(Response(status=self.status))
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


@needs_existing_client
@pytest.mark.parametrize("status", [502, 503])
def test_all_calls_of_both_clients_outlast_three_seconds_and_ours_with_fewer_requests(
    status: int, tried: Tally, control: Control
) -> None:
    tried(CALLS)
    theirs, ours = Leaving(status), Leaving(status)
    (crn,) = theirs.cloud.world.instances
    with ThreadPoolExecutor(1) as pool, door_to(theirs) as their_door, door_to(ours) as our_door:
        question = {"base": their_door.base, "key": API_KEY, "crn": crn}
        answer = pool.submit(ask_existing_client, SCRIPT, question)
        base = our_door.base
        endpoints = Endpoints(runtime=f"{base}/api/v1", token=base, search=base, catalog=f"{base}/api/v1")
        with QiskitRuntimeService(token=API_KEY, instance=crn, endpoints=endpoints, clock=SystemClock()) as service:
            service.backends()
            ours.until = time.monotonic() + OUTAGE
            with ThreadPoolExecutor(CALLS) as callers:
                answers = [*callers.map(lambda _: service.jobs(), range(CALLS))]
        told = answer.result()
    assert answers == [[]] * CALLS
    say(f"existing client: {told['survived']} of {CALLS} in {told['seconds']:.1f} s, {theirs.turned_away} in vain")
    say(f"ours: {len(answers)} of {CALLS}, {ours.turned_away} in vain")
    control(
        f"{told['survived']} of {CALLS} outlast {OUTAGE:g} s of {status}, with {theirs.turned_away} requests in vain"
    )
    assert told["survived"] == CALLS
    assert ours.turned_away <= 2 * CALLS
    assert ours.turned_away < theirs.turned_away
