"""Faults through the door: what happens on the connection is what the carrier in process says of it."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service.emulator.faults import (
    Drip,
    Effect,
    Fault,
    Garble,
    Lost,
    Misstate,
    Revoke,
    Stall,
    Status,
    Truncate,
    html_page,
    too_many_requests,
)
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import NetworkFault, Problem
from qiskit_runtime_service.testing import EmulatedTransport, broken, door_to, one_instance
from qiskit_runtime_service.testing.door import Door
from qiskit_runtime_service.transport.http import HttpTransport

from ..support.calls import ask, read, token_request

TIMEOUT = 0.3


def question(cloud: EmulatedTransport, base: str) -> Request:
    request = ask(cloud.world, "GET", "/backends")
    return msgspec.structs.replace(request, url=f"{base}/api/v1/backends", read_timeout=TIMEOUT)


@contextmanager
def through_the_door(*effects: Effect) -> Iterator[tuple[HttpTransport, Request, EmulatedTransport]]:
    cloud = EmulatedTransport(broken(*effects))
    with door_to(cloud, longest_stall=1.0) as door, closing(HttpTransport()) as carrier:
        yield carrier, question(cloud, door.base), cloud


def seen_in_process(*effects: Effect) -> Result[Response, Problem]:
    cloud = EmulatedTransport(broken(*effects))
    return cloud.send(question(cloud, "http://127.0.0.1"))


def essence(result: Result[Response, Problem]) -> object:
    """Return what both carriers should agree on."""
    if isinstance(result, Success):
        response = result.unwrap()
        return response.status, response.body, response.header("Retry-After")
    problem = result.failure()
    assert isinstance(problem, NetworkFault)
    return problem.kind


@pytest.mark.holds("B140")
@pytest.mark.parametrize(
    "effects",
    [
        (),
        (Stall(seconds=0.05),),
        (Stall(seconds=0.9),),
        (Drip(seconds=0.2),),
        (Truncate(),),
        (Truncate(keep=0),),
        (Misstate(by=5),),
        (Misstate(by=-5),),
        (Misstate(by=-(10**6)),),
        (Garble(),),
        (Lost(acted=True),),
        (Lost(acted=False),),
        (html_page(),),
        (too_many_requests(7),),
        (html_page(503), Stall(seconds=0.05), Truncate()),
    ],
    ids=repr,
)
def test_both_ways_tell_the_same_of_each_fault(effects: tuple[Effect, ...]) -> None:
    with through_the_door(*effects) as (carrier, request, _):
        assert essence(carrier.send(request)) == essence(seen_in_process(*effects))


@pytest.mark.parametrize("effect", [Truncate(), Misstate(by=-5), Misstate(by=5), Garble(), Lost(acted=False)], ids=repr)
def test_the_next_request_on_the_same_carrier_is_well_again(effect: Effect) -> None:
    with through_the_door(effect) as (carrier, request, cloud):
        carrier.send(request)
        assert carrier.send(request).unwrap().status == 200
        assert len(cloud.ledger) == 2


def test_a_token_that_is_revoked_is_refused_at_the_door() -> None:
    cloud = EmulatedTransport(broken(Revoke(), path="*/backends"))
    with door_to(cloud) as door, closing(HttpTransport()) as carrier:
        issued = carrier.send(msgspec.structs.replace(token_request(), url=f"{door.base}/identity/token")).unwrap()
        signed = question(cloud, door.base)
        bearer = ("Authorization", f"Bearer {read(issued)['access_token']}")
        request = msgspec.structs.replace(signed, headers=(bearer, *signed.headers[1:]))
        statuses = [carrier.send(sent).unwrap().status for sent in (request, request, signed)]
    assert statuses == [401, 401, 200]


@pytest.mark.parametrize("size", ["many", "-1", "1e3", "²"])
def test_a_length_that_is_none_is_refused_and_the_door_stays_open(size: str) -> None:
    with door_to(EmulatedTransport(one_instance())) as door:
        for expected in (b"HTTP/1.1 400", b"HTTP/1.1 200"):
            length = size if expected.endswith(b"400") else "0"
            head = f"GET /api/v1/versions HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
            with socket.create_connection(door.server_address[:2], timeout=5) as connection:  # type: ignore[arg-type]  # host and port
                connection.sendall(head.encode())
                assert connection.recv(12) == expected


def visit(door: Door) -> bytes:
    """Ask over a connection of our own; return the body of the response, as much as arrives of it."""
    with socket.create_connection(door.server_address[:2], timeout=5) as connection:  # type: ignore[arg-type]  # host and port
        connection.sendall(b"GET /api/v1/versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pieces = []
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces).partition(b"\r\n\r\n")[2]


@pytest.mark.holds("B140")
def test_of_a_large_body_that_is_cut_the_whole_first_part_arrives() -> None:
    # So large that much of it is still on its way when the door hangs up.
    for keep, arrives in ((0.5, 2_000_000), (0.25, 1_000_000)):
        with door_to(EmulatedTransport(broken(Status(code=200, body=b"x" * 4_000_000), Truncate(keep=keep)))) as door:
            assert visit(door) == b"x" * arrives


class CountingDoor(Door):
    """A door that tells of its pauses and makes none."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        super().__init__(cloud)
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.mark.holds("B140")
@pytest.mark.parametrize(("size", "pauses"), [(0, 0), (1, 1), (5, 5), (10, 10), (11, 6), (100, 10), (101, 10)])
def test_a_slow_body_comes_whole_and_in_ten_pieces_at_most(size: int, pauses: int) -> None:
    body = bytes(range(48, 48 + size))
    with CountingDoor(EmulatedTransport(broken(Status(code=200, body=body), Drip(seconds=30.0)))) as door:
        thread = threading.Thread(target=door.handle_request)
        thread.start()
        assert visit(door) == body
        thread.join()
    # First the stall, of which there is none here.
    assert door.pauses == [0.0, *[3.0] * pauses]


@pytest.mark.holds("B140")
def test_a_stall_in_process_takes_virtual_time_and_one_that_is_too_long_only_the_timeout() -> None:
    for stall, spent in ((0.1, 0.1), (3600.0, TIMEOUT)):
        cloud = EmulatedTransport(broken(Stall(seconds=stall)))
        began = cloud.now()
        cloud.send(question(cloud, "http://127.0.0.1"))
        assert cloud.now() - began == pytest.approx(spent, abs=1e-6)


def test_a_slow_body_is_lost_only_if_its_pauses_outlast_the_timeout() -> None:
    for drip, arrives in ((TIMEOUT * 9, True), (TIMEOUT * 10, False)):
        assert isinstance(seen_in_process(Drip(seconds=drip)), Success) is arrives


@pytest.mark.holds("B140")
def test_no_stall_outlasts_the_bound_or_the_door() -> None:
    cloud = EmulatedTransport(broken(Stall(seconds=3600)))
    began = time.monotonic()
    with door_to(cloud, longest_stall=0.05) as door, closing(HttpTransport()) as carrier:
        request = msgspec.structs.replace(question(cloud, door.base), read_timeout=30.0)
        assert carrier.send(request).unwrap().status == 200
    assert time.monotonic() - began < 10


def test_the_ledger_keeps_the_status_that_was_said_and_none_for_silence() -> None:
    world = broken(Fault(effect=Truncate()), Fault(effect=Garble(), after=1), Fault(effect=Lost(acted=True), after=2))
    cloud = EmulatedTransport(world)
    for _ in range(4):
        cloud.send(question(cloud, "http://127.0.0.1"))
    assert [exchange.status for exchange in cloud.ledger] == [200, None, None, 200]


def test_qiskit_is_loaded_by_who_opens_the_door_and_not_by_a_visitor() -> None:
    # A visitor is a thread that ends. Qiskit 2.6 may crash the process once the thread that loaded it is gone.
    script = (
        "import sys; from qiskit_runtime_service.testing import door_to, emulated_cloud, one_instance\n"
        "cloud = emulated_cloud(one_instance()); print('qiskit' in sys.modules)\n"
        "with door_to(cloud): print('qiskit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
