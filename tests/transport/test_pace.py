"""What a call may wait: as long as the tightest of its limits, and never for nothing."""

import math
import socket
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.transport.pace import Hindrance, Pace, PacedSocket

limits = st.floats(0.5, 1e6)


@given(connect=limits, read=limits, seconds=st.none() | limits)
def test_a_wait_is_as_long_as_the_tightest_limit(connect: float, read: float, seconds: float | None) -> None:
    pace = Pace()
    pace.begin(connect, read, seconds)
    whole = math.inf if seconds is None else seconds
    # Of the time of the whole call, and of that of a connection, a little has gone by.
    assert min(whole, read) - 0.4 < pace.next_wait() <= min(whole, read)
    pace.begin_to_connect()
    assert min(whole, connect) - 0.4 < pace.next_wait() <= min(whole, connect)
    pace.is_connected()
    assert min(whole, read) - 0.4 < pace.next_wait() <= min(whole, read)


def test_a_wait_is_never_nothing_for_then_a_socket_would_not_wait_but_say_that_nothing_came() -> None:
    pace = Pace()
    pace.begin(connect=1.0, read=1.0, seconds=1.0)
    waits = []
    # Some of these limits end at the very moment at which is asked.
    for step in range(50_000):
        pace.until = monotonic() + step % 500 * 1e-9
        try:
            waits.append(pace.next_wait())
        except Hindrance as late:
            assert late.cause == "deadline"
    assert all(wait > 0.0 for wait in waits)


@pytest.mark.parametrize(
    ("connecting", "seconds", "told"),
    [
        (False, 0.0, ("deadline", "unclear", "the call was not over after 0 s")),
        (True, 0.0, ("deadline", "never sent", "the call was not over after 0 s")),
        (True, 50.0, ("silence", "never sent", "no connection stood after 0 s")),
        (True, None, ("silence", "never sent", "no connection stood after 0 s")),
    ],
)
def test_the_limit_that_was_reached_is_named(connecting: bool, seconds: float | None, told: tuple[str, ...]) -> None:
    pace = Pace()
    pace.begin(connect=0.0, read=7.5, seconds=seconds)
    if connecting:
        pace.begin_to_connect()
    with pytest.raises(Hindrance) as caught:
        pace.next_wait()
    assert (caught.value.cause, caught.value.kind, caught.value.reason) == told
    assert str(caught.value) == told[2]


def test_a_silence_on_a_connection_that_stands_is_that_of_reading() -> None:
    pace = Pace()
    pace.begin(connect=0.0, read=7.5, seconds=50.0)
    pace.begin_to_connect()
    pace.is_connected()
    late = pace.too_late()
    assert (late.cause, late.kind, late.reason) == ("silence", "unclear", "nothing came for 7.5 s")


def test_who_is_done_with_a_response_lets_go_of_the_socket() -> None:
    near, far = socket.socketpair()
    with far:
        file = PacedSocket(near, Pace()).makefile("rb")
        near.close()
        far.sendall(b"words")
        assert file.read(5) == b"words"
        file.close()
        assert (file.closed, near.fileno()) == (True, -1)
        far.settimeout(1.0)
        assert far.recv(1) == b""
