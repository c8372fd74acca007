"""Promise 11: every call that may be repeated outlasts an outage of eight seconds, with at most four requests."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import msgspec
import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service import Endpoints, QiskitRuntimeService, RuntimeJobV2
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import NetworkFault, Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    SystemClock,
    door_to,
    emulated_cloud,
    one_instance,
)
from tests.shell.clouds import submit_bell
from tests.support.clocks import HurriedClock
from tests.support.gateways import Manner, closed, gateway_to, hanging_up, resetting, saying

from .sizes import Tally, is_full, size

OUTAGE = 8.0
"""Seconds."""
LONGEST = 13.5
"""Seconds after which a call is through whose failed attempts take no time."""
Fail = Callable[[Request], Result[Response, Problem]]


class Away:
    """A carrier to a server that is away for a while, from the first request on that is for a path."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.path: str | None = None
        self.fail: Fail = refusing
        self.until: float | None = None
        self.turned_away = 0

    def leave(self, path: str, fail: Fail) -> None:
        self.path, self.fail, self.until, self.turned_away = path, fail, None, 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if self.path is None or self.path not in request.url:
            return self.cloud.send(request)
        if self.until is None:
            self.until = self.cloud.now() + OUTAGE
        if self.cloud.now() >= self.until:
            self.path = None
            return self.cloud.send(request)
        self.turned_away += 1
        return self.fail(request)

    def close(self) -> None:
        self.cloud.close()


def answering(status: int, *headers: tuple[str, str]) -> Fail:
    page = b"<html><body>Bad gateway</body></html>"
    return lambda _: Success(Response(status=status, headers=headers, body=page))


def refusing(request: Request) -> Result[Response, Problem]:
    return Failure(NetworkFault(url=request.url, kind="never sent", cause="connection", reason="connection refused"))


def breaking(request: Request) -> Result[Response, Problem]:
    return Failure(NetworkFault(url=request.url, kind="unclear", cause="broken", reason="connection reset by peer"))


WAYS = {
    "502": answering(502),
    "503": answering(503),
    "503, and asks to come back at once": answering(503, ("Retry-After", "0")),
    "503, and asks to come back in a second": answering(503, ("Retry-After", "1")),
    "504": answering(504),
    "connections are refused": refusing,
    "connections are reset": breaking,
}
"""How a server is away. None of these takes time."""

Do = Callable[[Away, QiskitRuntimeService, RuntimeJobV2], bool]
ORDER = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')


def opening(away: Away, *_: object) -> bool:
    service = QiskitRuntimeService(token=API_KEY, transport=away, clock=away.cloud)
    return [instance["plan"] for instance in service.instances()] == ["open"]


def waiting(_: Away, service: QiskitRuntimeService, __: object) -> bool:
    job = service.submit(ORDER, service.backend("ibm_emu5"))
    job.wait_for_final_state()
    return job.in_final_state()


CALLS: dict[str, tuple[str, Do]] = {
    "token": ("/identity/token", opening),
    "search": ("/search", opening),
    "catalog": ("globalcatalog", opening),
    "listing of backends": ("/backends", lambda _, service, __: len(service.backends()) == 1),
    "configuration": ("/configuration", lambda _, service, __: service.backend("ibm_emu5").num_qubits == 5),
    "calibration": ("/properties", lambda _, service, __: service.backend("ibm_emu5").properties() is not None),
    "status of a backend": ("/status", lambda _, service, __: service.backend("ibm_emu5").status().operational),
    "usage": ("/usage", lambda _, service, __: "usage_period" in service.usage()),
    "listing of jobs": ("/jobs", lambda _, service, job: job in service.jobs(limit=None)),
    "job": ("/jobs/", lambda _, service, job: service.job(job.job_id()) == job),
    "inputs": ("/jobs/", lambda _, __, job: "pubs" in job.inputs),
    "result": ("/results", lambda _, __, job: job.result()[0].data.meas.num_shots == 64),
    "metrics": ("/metrics", lambda _, __, job: "usage" in job.metrics()),
    "logs": ("/logs", lambda _, __, job: isinstance(job.logs(), str)),
    "tags": ("/tags", lambda _, __, job: "night" in job.update_tags(["night"])),
    "poll": ("/jobs/", waiting),
}


@pytest.mark.holds("B287")
@pytest.mark.parametrize("call", CALLS)
def test_an_outage_of_eight_seconds_is_outlasted(call: str, tried: Tally) -> None:
    path, do = CALLS[call]
    cloud = emulated_cloud(one_instance())
    away = Away(cloud)
    first = submit_bell(QiskitRuntimeService(token=API_KEY, transport=away, clock=cloud))
    first.wait_for_final_state()
    calls = size(1_000, part=40)
    tried(calls)
    survived = 0
    for _, fail in zip(range(calls), cycle(WAYS.values()), strict=False):
        # A service of its own has the whole budget.
        service = QiskitRuntimeService(token=API_KEY, transport=away, clock=cloud)
        job = service.job(first.job_id())
        away.leave(path, fail)
        began = cloud.now()
        survived += do(away, service, job)
        assert 1 <= away.turned_away <= 3
        assert OUTAGE < cloud.now() - began <= LONGEST + (5.0 if do is waiting else 0.0)
    assert survived == calls


def through(base: str) -> Endpoints:
    return Endpoints(runtime=f"{base}/api/v1", token=base, search=base, catalog=f"{base}/api/v1")


MANNERS: dict[str, Manner] = {
    "502": saying(b"502 Bad Gateway"),
    "503": saying(b"503 Service Unavailable"),
    "504": saying(b"504 Gateway Timeout"),
    "hangs up": hanging_up,
    "resets": resetting,
    "is not there": closed,
}


@pytest.mark.holds("B287")
@pytest.mark.parametrize("how", MANNERS)
def test_a_gateway_that_is_away_for_eight_seconds_is_outlasted(how: str) -> None:
    world = one_instance(now=time.time())
    (crn,) = world.instances
    clock = HurriedClock()
    with door_to(emulated_cloud(world, clock=clock)) as door, gateway_to(door.server_address[:2]) as gateway:
        given: dict[str, Any] = {"token": API_KEY, "instance": crn, "endpoints": through(gateway.base), "clock": clock}
        with QiskitRuntimeService(**given) as service:
            job = submit_bell(service)
            job.wait_for_final_state()
            calls: list[Callable[[], object]] = [
                service.backends,
                service.usage,
                service.jobs,
                job.raw_result,
                job.metrics,
                lambda: job.update_tags(["night"]),
                lambda: service.job(job.job_id()),
            ]
            for call in calls:
                gateway.leave(MANNERS[how])
                clock.ring_after(OUTAGE, gateway.come_back)
                began = clock.now()
                assert call()
                assert clock.now() - began > OUTAGE
                trouble = service.explain().records.troubles[-1]
                assert trouble.succeeded
                assert len(trouble.tried) <= 3
        # The first call of another needs a token.
        with QiskitRuntimeService(**given) as other:
            gateway.leave(MANNERS[how])
            clock.ring_after(OUTAGE, gateway.come_back)
            assert other.backends()


@pytest.mark.holds("B287")
@pytest.mark.parametrize("how", MANNERS if is_full() else ["resets"])
def test_many_calls_at_once_outlast_it_in_real_time(how: str, tried: Tally) -> None:
    # A second here is a quarter of an hour there, and no token is to end meanwhile.
    world = msgspec.structs.replace(one_instance(now=time.time()), token_seconds=10**6)
    (crn,) = world.instances
    cloud = emulated_cloud(world, clock=SystemClock(), speed=1000.0)
    with door_to(cloud) as door, gateway_to(door.server_address[:2]) as gateway:
        with QiskitRuntimeService(token=API_KEY, instance=crn, endpoints=through(gateway.base)) as service:
            job = submit_bell(service)
            job.wait_for_final_state()
            tried(12)
            calls = [service.backends, service.usage, service.jobs, job.metrics, lambda: service.job(job.job_id())]
            gateway.leave(MANNERS[how])
            threading.Timer(OUTAGE if is_full() else 0.3, gateway.come_back).start()
            with ThreadPoolExecutor(12) as pool:
                answers = [*pool.map(lambda call: bool(call()), islice(cycle(calls), 12))]
        assert answers == [True] * 12
        assert gateway.turned_away <= 36
