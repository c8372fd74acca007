"""Promise 16: the door is a server. Odd, slow and broken clients get what is theirs, and the next is understood."""

import io
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import DoorLimits, EmulatedTransport, Fault, Status, broken, door_to, one_instance
from qiskit_runtime_service.testing.door import Door

from .odd_requests import BODY_LIMIT, GET, HEAD_LIMIT, LAST, ODD, POST, Odd
from .savers import say as report
from .sizes import Tally, is_full, size

ROOT = Path(__file__).parents[2]
LIMITS = DoorLimits(head=HEAD_LIMIT, body=BODY_LIMIT)


class Heard:
    """What came over a connection, as the library of Python reads it from a socket."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        return self.data


class Unclosed(io.BytesIO):
    """Data that is read on after one answer."""

    def close(self) -> None:
        """Stay open: the next answer stands behind this one."""


def answers(data: bytes, method: str) -> list[int]:
    """Return the status of each answer in what came, the informational ones too; all of it must be answers."""
    heard = Heard(b"")
    heard.data = Unclosed(data)
    statuses = []
    while heard.data.tell() < len(data):
        place = heard.data.tell()
        if data[place:].startswith(b"HTTP/1.1 100 "):
            statuses.append(100)
            heard.data.seek(data.index(b"\r\n\r\n", place) + 4)
            continue
        answer = HTTPResponse(heard, method=method if not statuses else "GET")  # type: ignore[arg-type]  # as much of a socket as is asked for
        answer.begin()
        answer.read()
        statuses.append(answer.status)
    return statuses


def say(door: Door, *pieces: bytes) -> bytes:
    """Send pieces over a connection of our own, and return all that comes until the other side closes it."""
    with socket.create_connection(door.server_address[:2], timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        heard = b""
        while piece := connection.recv(1 << 16):
            heard += piece
    return heard


def test_there_are_44_of_them() -> None:
    assert len(ODD) == 44


@pytest.mark.holds("B338", "B339")
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_request_has_one_answer_and_the_next_is_understood_or_there_is_none(odd: Odd) -> None:
    cloud = EmulatedTransport(one_instance())
    with door_to(cloud, limits=LIMITS) as door:
        whole = say(door, odd.sent + LAST)
        in_two = say(door, odd.sent, LAST)
    for heard in (whole, in_two):
        assert tuple(answers(heard, odd.method)) == odd.statuses
        if len(odd.statuses) == 1:
            assert b"\r\nconnection: close\r\n" in heard.lower()
    assert not cloud.requests("/smuggled")
    refused = len(odd.statuses) == 1 and odd.statuses != (200,)
    asked = [] if refused else [status for status in odd.statuses if status not in {100, 204}]
    assert len(cloud.ledger) == 2 * len(asked)


SLOW = {
    "says nothing": b"",
    "half a line": b"GET /api/v1/ver",
    "half a head": GET,
    "half a body": POST + b"Content-Length: 100000\r\n\r\nx",
    "half a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nffff\r\nx",
    "takes no answer": GET.replace(b"versions", b"large") + b"\r\n",
    "stays after one answer": GET + b"\r\n",
    "no HTTP": bytes(1000),
}
"""What slow clients send before they pause, by what is slow about them."""
LARGE = Status(code=200, body=bytes(8_000_000))
DRIPPING = {"half a head", "half a body", "half a chunk"}


class Crowd:
    """Slow clients of all kinds at once. Some of them drip a byte now and then."""

    def __init__(self, door: Door, count: int) -> None:
        self.leaving = threading.Event()
        self.members: list[tuple[str, socket.socket]] = []
        for number in range(count):
            kind = list(SLOW)[number % len(SLOW)]
            member = socket.create_connection(door.server_address[:2], timeout=20)
            member.setblocking(False)
            self.members.append((kind, member))
            with suppress(OSError):
                member.send(SLOW[kind])

    def drip(self) -> None:
        """Send a byte each, again and again, until all leave."""
        while not self.leaving.wait(0.05):
            for kind, member in self.members:
                if kind in DRIPPING:
                    with suppress(OSError):
                        member.send(b"x")

    def leave(self) -> None:
        """Hang up, rudely."""
        self.leaving.set()
        for _, member in self.members:
            with suppress(OSError):
                member.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            member.close()


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Let this process have as many connections as the full size takes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.holds("B340")
def test_slow_clients_never_stop_another(many_descriptors: None, tried: Tally) -> None:
    count, tries = size(1000), size(1000)
    tried(tries)
    cloud = EmulatedTransport(broken(Fault(effect=LARGE, path="*/large", times=None)))
    seconds = []
    with door_to(cloud, limits=DoorLimits(connections=max(8, count // 2))) as door:
        crowd = Crowd(door, count)
        dripping = threading.Thread(target=crowd.drip)
        dripping.start()
        try:
            for number in range(tries):
                began = time.monotonic()
                assert answers(say(door, LAST.replace(b"last", b"fast=%d" % number)), "GET") == [200]
                seconds.append(time.monotonic() - began)
        finally:
            crowd.leave()
            dripping.join()
    middle, slowest = statistics.median(seconds), max(seconds)
    report(f"{count} slow clients: {tries} requests of another in {middle * 1e3:.1f} ms, {slowest:.2f} s at most")
    assert slowest < 5.0
    assert sum("fast=" in exchange.request.url for exchange in cloud.ledger) == tries


@pytest.mark.takes_long
@pytest.mark.holds("B345")
def test_damaged_files_of_worlds_are_refused_with_the_field_or_all_can_be_asked_of_them(
    tried: Tally,
) -> None:
    total, seeds = size(8000, part=40), range(2 if is_full() else 1)
    tried(total)
    command = [sys.executable, "-m", "tests.promises.damaged_worlds"]
    with ThreadPoolExecutor(len(seeds)) as pool:
        runs = [
            pool.submit(
                subprocess.run,
                [*command, str(seed), str(total // len(seeds))],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            )
            for seed in seeds
        ]
    for run in runs:
        told = json.loads(run.result().stdout)
        report(f"{sum(told['outcomes'].values())} damaged worlds: {told['outcomes']}, {told['slowest']:.2f} s at most")
        assert told["faults"] == []
        assert set(told["outcomes"]) == {"refused", "used"}
        assert told["slowest"] < 2.0
