"""Promise 10: every call ends in time, whatever the network does; Ctrl-C ends it at once; paging always ends."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from typing import NamedTuple

import msgspec
import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service import Endpoints, QiskitRuntimeService, Timeouts
from qiskit_runtime_service.exceptions import IBMTimeoutError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.network import ProxyRules
from qiskit_runtime_service.records.problem import NetworkFault, Problem
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, many_instances, one_instance
from qiskit_runtime_service.transport.http import HttpTransport
from tests.support.seconds import wall_seconds
from tests.support.troubled import deaf, dripping, full, opening, silent, troubled

from .sizes import Tally, size

DEADLINE = 0.4
SLACK = 0.5
"""Seconds that a call may end late."""
BUSY = 3.0
"""Seconds that the few calls may end late that a machine holds up because others use it too."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Place(NamedTuple):
    """Where a request goes wrong: a server, and how it is reached."""

    server: Callable[[], AbstractContextManager[str]]
    scheme: str = "http"
    proxied: bool = False
    body: bytes = b""
    hangs: bool = False


HANGING = threading.Event()

PLACES = {
    "the name has no end": Place(lambda: nullcontext("a.name.localhost:1"), hangs=True),
    "no connection stands": Place(full),
    "nothing is said": Place(lambda: troubled(silent)),
    "nothing is taken": Place(lambda: troubled(deaf), body=bytes(2**25)),
    "the status drips": Place(lambda: troubled(dripping(b"HTTP/1.1 2", b"0"))),
    "headers never end": Place(lambda: troubled(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"))),
    "interim answers never end": Place(lambda: troubled(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"))),
    "the body drips": Place(lambda: troubled(dripping(HEAD, b"x"))),
    "chunks never end": Place(lambda: troubled(dripping(CHUNKED, b"1\r\nx\r\n"))),
    "TLS is never spoken": Place(lambda: troubled(silent), scheme="https"),
    "the proxy says nothing": Place(lambda: troubled(silent), scheme="https", proxied=True),
    "the proxy drips": Place(
        lambda: troubled(dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")), scheme="https", proxied=True
    ),
    "the tunnel is dead": Place(lambda: troubled(opening(silent)), scheme="https", proxied=True),
}


@pytest.mark.holds("B222")
@pytest.mark.parametrize("what", PLACES)
def test_a_request_ends_in_time(what: str, tried: Tally) -> None:
    place = PLACES[what]

    def resolve(host: str, port: int) -> list[object]:
        if place.hangs:
            HANGING.wait(30.0)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    with place.server() as address:
        rules = ProxyRules(given=(("https", Secret(f"http://{address}")),)) if place.proxied else ProxyRules()
        target = "quantum.example" if place.proxied else address
        carrier = HttpTransport(proxies=rules, resolve=resolve, max_connections=200)  # type: ignore[arg-type]  # numbers for names
        request = Request(
            method="POST", url=f"{place.scheme}://{target}/", body=place.body, read_timeout=DEADLINE, time_left=DEADLINE
        )

        def send() -> tuple[float, NetworkFault]:
            began = monotonic()
            outcome = carrier.send(request)
            assert isinstance(outcome, Failure)
            problem = outcome.failure()
            assert isinstance(problem, NetworkFault)
            return monotonic() - began, problem

        many = size(200) if not place.body else size(20)
        tried(many)
        with ThreadPoolExecutor(10) as pool:
            ended = list(pool.map(lambda _: send(), range(many)))
        carrier.close()
    assert len(ended) == many
    lasted = sorted(seconds for seconds, _ in ended)
    assert lasted[many * 9 // 10 - 1] <= DEADLINE + SLACK
    assert lasted[-1] <= DEADLINE + BUSY
    assert {problem.cause for _, problem in ended} <= {"deadline", "silence", "broken"}


def teardown_module() -> None:
    HANGING.set()


def at(base: str, runtime: str) -> Endpoints:
    return Endpoints(runtime=runtime, token=base, search=base, catalog=f"{base}/api/v1")


LIMITS: list[float | Timeouts] = [0.5, Timeouts(read=0.2, call=0.5), Timeouts(connect=1.0, read=0.3, call=0.5)]


@pytest.mark.holds("B26", "B222")
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("trouble", [silent, dripping(HEAD, b"x")])
def test_a_call_ends_in_time_with_its_retries(trouble: Callable[..., None], limit: float | Timeouts) -> None:
    world = one_instance()
    crn = next(iter(world.instances))
    with door_to(EmulatedTransport(world)) as door, troubled(trouble) as address:
        endpoints = at(door.base, f"http://{address}")
        with QiskitRuntimeService(token=API_KEY, instance=crn, endpoints=endpoints, timeout=limit) as service:

            def ask() -> None:
                with pytest.raises(IBMTimeoutError, match="timeout="):
                    service.backends()

            assert wall_seconds(ask, limit=0.5 + SLACK) <= 0.5 + SLACK


@pytest.mark.holds("B222")
def test_a_single_call_may_have_a_limit_of_its_own() -> None:
    world = one_instance()
    crn = next(iter(world.instances))
    with door_to(EmulatedTransport(world)) as door, troubled(silent) as address:
        endpoints = at(door.base, f"http://{address}")
        with QiskitRuntimeService(token=API_KEY, instance=crn, endpoints=endpoints) as service:

            def ask() -> None:
                with pytest.raises(TimeoutError):
                    service.within(0.3).backends()

            assert wall_seconds(ask, limit=0.3 + SLACK) <= 0.3 + SLACK


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), "10", True, Timeouts(read=0.0)])
def test_a_limit_that_is_none_is_refused(limit: object) -> None:
    with pytest.raises(ValueError, match="It must be seconds above 0"):
        QiskitRuntimeService(token=API_KEY, timeout=limit)  # type: ignore[arg-type]  # the point


INTERRUPTED = """
import sys
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.client.clock import SystemClock
from qiskit_runtime_service.client.parallel import gather
from qiskit_runtime_service.transport.http import HttpTransport
import threading

def resolve(host, port):
    if host == "hanging.localhost":
        threading.Event().wait(30.0)
    return [(2, 1, 6, "", ("127.0.0.1", port))]

carrier = HttpTransport(resolve=resolve)
request = Request(method="GET", url=sys.argv[2])
tasks = {"one": 1, "many": 20}
print("ready", flush=True)
try:
    if sys.argv[1] == "sleep":
        SystemClock().sleep(30.0)
    gather([lambda: carrier.send(request)] * tasks[sys.argv[1]])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.holds("B227")
@pytest.mark.parametrize(("doing", "host"), [("one", ""), ("many", ""), ("one", "hanging.localhost"), ("sleep", "")])
def test_ctrl_c_ends_a_call_and_its_program_at_once(doing: str, host: str) -> None:
    with troubled(silent) as address:
        url = f"http://{host or address.partition(':')[0]}:{address.partition(':')[2]}/"
        command = [sys.executable, "-c", INTERRUPTED, doing, url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            threading.Event().wait(0.3)
            began = monotonic()
            os.kill(program.pid, signal.SIGINT)
            assert program.stdout.readline() == "interrupted\n"
            program.wait()
            assert monotonic() - began <= 0.5 + BUSY


class Liar:
    """A cloud that counts wrongly, and goes on for ever if it is let."""

    def __init__(self, pages: int, count: int) -> None:
        self.pages = pages
        self.count = count
        self.listings = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.url.endswith("/identity/token"):
            return Success(Response(status=200, body=b'{"access_token": "t", "expires_in": 3600}'))
        self.listings += 1
        page = min(self.listings, self.pages)
        jobs = [
            {"id": f"j{page}-{number}", "status": "Completed", "created": "2026-01-01T00:00:00Z"}
            for number in range(200)
        ]
        return Success(Response(status=200, body=msgspec.json.encode({"jobs": jobs, "count": self.count})))

    def close(self) -> None:
        """Have nothing to give up."""


@pytest.mark.holds("B44")
@pytest.mark.parametrize("count", [-1, 0, 1, 10**9])
@pytest.mark.parametrize("pages", [1, 3, 7])
def test_paging_ends_whatever_the_count_says(pages: int, count: int) -> None:
    cloud = Liar(pages, count)
    crn = next(iter(many_instances(1).instances))
    service = QiskitRuntimeService(token=API_KEY, instance=crn, transport=cloud)
    assert len(service.jobs(limit=None)) <= 200 * pages
    assert cloud.listings <= pages + 1
