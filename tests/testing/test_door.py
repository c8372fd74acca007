"""Faults through the door: what happens on the connection is what the carrier in process says of it."""

import itertools
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from queue import SimpleQueue

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
from qiskit_runtime_service.testing import API_KEY, DoorLimits, EmulatedTransport, broken, door_to, one_instance
from qiskit_runtime_service.testing.door import Door
from qiskit_runtime_service.testing.visitor import Visitor
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
            head = f"GET /api/v1/versions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
            with socket.create_connection(door.server_address[:2], timeout=5) as connection:
                connection.sendall(head.encode())
                assert connection.recv(12) == expected


def visit(door: Door) -> bytes:
    """Ask over a connection of our own; return the body of the response, as much as arrives of it."""
    with socket.create_connection(door.server_address[:2], timeout=5) as connection:
        connection.sendall(b"GET /api/v1/versions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
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
        thread = threading.Thread(target=door.serve)
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


@pytest.mark.takes_long
def test_qiskit_is_loaded_by_who_opens_the_door_and_not_by_a_visitor() -> None:
    # A visitor is a thread that ends. Qiskit 2.6 may crash the process once the thread that loaded it is gone.
    script = (
        "import sys; from qiskit_runtime_service.testing import door_to, emulated_cloud, one_instance\n"
        "cloud = emulated_cloud(one_instance()); print('qiskit' in sys.modules)\n"
        "with door_to(cloud): print('qiskit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def connect(door: Door) -> socket.socket:
    return socket.create_connection(door.server_address[:2], timeout=20)


def hear(connection: socket.socket) -> bytes:
    """Return all that comes until the other side hangs up."""
    heard = b""
    with connection, suppress(ConnectionResetError):
        while piece := connection.recv(1 << 16):
            heard += piece
    return heard


def heard_from(door: Door, sent: bytes) -> bytes:
    connection = connect(door)
    connection.sendall(sent)
    return hear(connection)


LINE = b"GET /api/v1/versions HTTP/1.1\r\nHost: localhost\r\n"
HURRY = DoorLimits(patience=0.2, idle=0.2)


@pytest.mark.holds("B340")
@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"", []),
        (b"GET / HT", [b"408"]),
        (LINE, [b"408"]),
        (b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1", [b"408"]),
        (b"POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n1", [b"408"]),
        (LINE + b"\r\n", [b"200"]),
        (LINE + b"\r\n" + LINE, [b"200", b"408"]),
    ],
)
def test_who_pauses_for_too_long_is_told_so_and_who_asks_nothing_is_left(sent: bytes, statuses: list[bytes]) -> None:
    with door_to(EmulatedTransport(one_instance()), limits=HURRY) as door:
        assert re.findall(rb"HTTP/1.1 ([0-9]+)", heard_from(door, sent)) == statuses


@pytest.mark.holds("B340")
def test_who_takes_no_answer_is_left_in_time() -> None:
    cloud = EmulatedTransport(broken(Status(code=200, body=bytes(50_000_000))))
    with door_to(cloud, limits=HURRY) as door, connect(door) as slow:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(wait_until, lambda: bool(door.visitors)).result(timeout=20)
            slow.sendall(LINE + b"\r\n")
            # Nothing is read until the door has had enough of it: that is seen from its side.
            pool.submit(wait_until, lambda: not door.visitors).result(timeout=20)
        heard = len(hear(slow))
        assert heard < 50_000_000


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again. Whoever waits for this bounds it."""
    while not true():
        threading.Event().wait(0.01)


def announced(door: Door) -> socket.socket:
    """Begin a request, and return once the door has read its head."""
    connection = connect(door)
    connection.sendall(
        b"PUT /api/v1/jobs/d1/tags HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n")
    return connection


@pytest.mark.holds("B340")
def test_where_there_are_too_many_the_one_that_brought_nothing_for_the_longest_time_makes_room() -> None:
    with door_to(EmulatedTransport(one_instance()), limits=DoorLimits(connections=3)) as door:
        first, second, third = (announced(door) for _ in range(3))
        fourth = announced(door)
        assert hear(first) == b""
        fifth = announced(door)
        assert hear(second) == b""
        for kept in (third, fourth, fifth):
            with kept:
                kept.sendall(b'{"tags":1')
                # Nobody signed it; what counts is that the door has read it to its end.
                assert kept.recv(1000).startswith(b"HTTP/1.1 401 ")


class Held:
    """A carrier that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.free = threading.Event()

    def send(self, _: Request, /) -> Result[Response, Problem]:
        self.asked.release()
        self.free.wait(20)
        return Success(Response(status=200, body=b"at last"))

    def close(self) -> None:
        self.free.set()


@pytest.mark.holds("B340")
def test_who_is_being_answered_stays_and_who_comes_to_a_full_door_is_told_to_come_again() -> None:
    cloud = Held()
    with door_to(cloud, limits=DoorLimits(connections=2)) as door:
        served = [connect(door) for _ in range(2)]
        for connection in served:
            connection.sendall(LINE + b"Connection: close\r\n\r\n")
            assert cloud.asked.acquire(timeout=20)
        refused = heard_from(door, LINE + b"\r\n")
        cloud.close()
        answers = [hear(connection) for connection in served]
    assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"over fewer connections" in refused
    assert all(answer.endswith(b"at last") for answer in answers)


class Defect:
    """A carrier with a bug."""

    def send(self, _: Request, /) -> Result[Response, Problem]:
        raise LookupError("a bug")

    def close(self) -> None:
        """Close nothing."""


def test_a_bug_of_the_cloud_is_an_answer_too_and_is_seen_where_the_door_is() -> None:
    seen: SimpleQueue[object] = SimpleQueue()
    before, threading.excepthook = threading.excepthook, lambda arguments: seen.put(arguments.exc_value)
    try:
        with door_to(Defect()) as door:
            heard = heard_from(door, LINE + b"\r\n")
            assert repr(seen.get(timeout=20)) == "LookupError('a bug')"
    finally:
        threading.excepthook = before
    assert heard.startswith(b"HTTP/1.1 500 ")
    assert b"has a defect" in heard


@pytest.mark.holds("B338")
def test_a_body_in_chunks_is_read_as_one() -> None:
    cloud = EmulatedTransport(one_instance())
    with door_to(cloud) as door, closing(HTTPConnection(*door.server_address[:2])) as connection:
        for body in (
            [b"grant_type=", b"urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=", API_KEY.encode()],
            [b"x"],
        ):
            connection.request("POST", "/identity/token", body=iter(body), encode_chunked=True)
            with connection.getresponse() as answer:
                assert (answer.status, b"access_token" in answer.read()) == (
                    (200, True) if len(body) > 1 else (400, False)
                )
    assert [exchange.request.body for exchange in cloud.ledger] == [
        f"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey={API_KEY}".encode(),
        b"x",
    ]


@pytest.mark.holds("B339")
@pytest.mark.parametrize(
    "path", ["/", "/emulator/overview.json", "/identity/token", "/api/v1/jobs?next=http://a.test/"]
)
def test_a_page_that_led_its_own_name_here_sees_nothing(path: str) -> None:
    cloud = EmulatedTransport(one_instance())
    asked = f"GET {path} HTTP/1.1\r\nHost: attacker.example:80\r\n\r\n".encode()
    with door_to(cloud) as door:
        heard = heard_from(door, asked)
    assert heard.startswith(b"HTTP/1.1 421 Misdirected Request\r\n")
    with door_to(cloud, allowed_hosts=["Attacker.example"]) as door:
        connection = connect(door)
        connection.sendall(asked)
        assert not connection.recv(100).startswith(b"HTTP/1.1 421")
        connection.close()


@pytest.mark.holds("B341")
def test_a_page_of_another_place_is_let_in_only_by_name() -> None:
    ask_first = (
        b"OPTIONS /api/v1/backends HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Origin: http://localhost:3000\r\n"
        b"Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization,service-crn\r\n\r\n"
    )
    heard = []
    for allowed in ((), ("http://localhost:3000",), ("http://localhost:3001",)):
        with door_to(EmulatedTransport(one_instance()), allowed_origins=allowed) as door:
            heard.append(heard_from(door, ask_first))
    assert [answer.startswith(b"HTTP/1.1 204 ") for answer in heard] == [True] * 3
    assert [b"Access-Control" in answer for answer in heard] == [False, True, False]
    assert b"Access-Control-Allow-Origin: http://localhost:3000\r\n" in heard[1]
    assert b"Access-Control-Allow-Headers: authorization,service-crn\r\n" in heard[1]
    assert b"Vary: Origin\r\n" in heard[2]


@pytest.mark.holds("B342")
def test_the_head_of_the_page_is_told_without_the_page() -> None:
    with door_to(EmulatedTransport(one_instance())) as door:
        heads = []
        for method in ("HEAD", "GET"):
            connection = HTTPConnection(*door.server_address[:2])
            connection.request(method, "/")
            with connection.getresponse() as answer:
                heads.append((answer.status, answer.headers.items(), len(answer.read())))
            connection.close()
    assert heads[0][:2] == heads[1][:2]
    assert (heads[0][2], str(heads[1][2])) == (0, dict(heads[0][1])["Content-Length"])


def test_a_door_to_the_newer_internet() -> None:
    if not socket.has_ipv6:
        pytest.skip("This machine has no IPv6.")
    with door_to(EmulatedTransport(one_instance()), host="::1") as door, closing(HttpTransport()) as carrier:
        assert door.base.startswith("http://[::1]:")
        assert carrier.send(Request(method="GET", url=f"{door.base}/api/v1/versions")).unwrap().status == 200


def test_a_closed_door_ends_the_connections_on_which_nothing_is_asked() -> None:
    with door_to(EmulatedTransport(one_instance())) as door:
        idle = connect(door)
        idle.sendall(LINE + b"\r\n")
        assert idle.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
    assert hear(idle) == b""


@pytest.mark.holds("B338")
@pytest.mark.parametrize("code", [204, 304])
def test_an_answer_that_can_have_no_body_has_none_though_a_fault_gives_it_one(code: int) -> None:
    cloud = EmulatedTransport(broken(Status(code=code, headers=(("Content-Length", "9"),), body=b"a body")))
    with door_to(cloud) as door, connect(door) as connection:
        connection.sendall(LINE + b"\r\n" + LINE + b"Connection: close\r\n\r\n")
        heard = hear(connection)
    first, _, rest = heard.partition(b"\r\n\r\n")
    assert first.startswith(f"HTTP/1.1 {code} ".encode())
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.holds("B342")
def test_a_carrier_that_answers_with_a_body_to_who_asks_for_the_head_is_kept_in_step() -> None:
    cloud = Held()
    cloud.close()
    with door_to(cloud) as door, connect(door) as connection:
        connection.sendall(LINE.replace(b"GET", b"HEAD") + b"\r\n" + LINE + b"Connection: close\r\n\r\n")
        heard = hear(connection)
    assert heard.count(b"at last") == 1
    assert heard.count(b"Content-Length: 7\r\n") == 2


@pytest.mark.holds("B338")
def test_a_closed_door_answers_what_was_asked_and_nothing_after_it() -> None:
    cloud = Held()
    with door_to(cloud) as door:
        connection = connect(door)
        connection.sendall(2 * (LINE + b"\r\n"))
        assert cloud.asked.acquire(timeout=20)
    cloud.close()
    assert hear(connection).count(b"at last") == 1


def in_pieces(connection: socket.socket, pieces: Iterable[bytes], pause: float) -> bytes:
    """Send pieces with pauses, until the other side has enough of them; return all that comes."""
    enough = threading.Event()

    def send() -> None:
        for piece in pieces:
            with suppress(OSError):
                connection.sendall(piece)
            if enough.wait(pause):
                return

    sending = threading.Thread(target=send)
    sending.start()
    heard = hear(connection)
    enough.set()
    sending.join()
    return heard


@pytest.mark.holds("B340")
def test_bytes_that_drip_are_no_progress() -> None:
    drips = itertools.chain([LINE + b"X: "], itertools.repeat(b"y", 1000))
    with door_to(EmulatedTransport(one_instance()), limits=HURRY) as door:
        began = time.monotonic()
        assert in_pieces(connect(door), drips, 0.02).startswith(b"HTTP/1.1 408 ")
        # It would take 20 s to send them all.
        assert time.monotonic() - began < 10


@pytest.mark.holds("B340")
def test_who_brings_much_may_take_longer_than_who_brings_little() -> None:
    cloud = EmulatedTransport(one_instance())
    head = b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 131072\r\n\r\n"
    pieces = [head, *[bytes(1 << 14)] * 8]
    with door_to(cloud, limits=DoorLimits(patience=2.0)) as door:
        began = time.monotonic()
        assert in_pieces(connect(door), pieces, 0.4).startswith(b"HTTP/1.1 401 ")
        assert time.monotonic() - began > 2.0
    assert [len(exchange.request.body) for exchange in cloud.ledger] == [131072]


def test_who_was_shown_out_is_not_answered_though_the_request_is_there() -> None:
    cloud = EmulatedTransport(one_instance())
    with Door(cloud) as door, connect(door) as client:
        connection, _ = door.listener.accept()
        client.sendall(LINE + b"\r\n")
        visitor = Visitor(door, connection)
        # What was sent before stays to be read.
        assert connection.recv(1, socket.MSG_PEEK) == b"G"
        assert visitor.show_out()
        visitor.serve()
        assert hear(client) == b""
    assert cloud.ledger == ()


@pytest.mark.holds("B338", "B342")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"HEAD / HTTP/1.1\r\nHost: attacker.example\r\n\r\n", 421),
        (b"HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nx", 408),
        (b"HEAD / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        (b"HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n", 413),
    ],
)
def test_a_refusal_of_who_asks_for_the_head_has_no_body_either(sent: bytes, status: int) -> None:
    with door_to(EmulatedTransport(one_instance()), limits=HURRY) as door:
        head, _, body = heard_from(door, sent).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert body == b""
