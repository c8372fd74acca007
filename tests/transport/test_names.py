"""From a name to a connection: look-ups that can be left behind, and addresses that share the time."""

import socket
import threading
from collections.abc import Sequence

import pytest

from qiskit_runtime_service.transport.names import Address, connect_to, is_numeric, look_up
from qiskit_runtime_service.transport.pace import Hindrance, Pace


def address_of(port: int) -> Address:
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))


REFUSING = address_of(1)
FOUND = [address_of(443)]


def hurried(seconds: float) -> Pace:
    """Return a pace that leaves so long for a connection to stand."""
    pace = Pace()
    pace.begin(connect=seconds, read=30.0, seconds=None)
    pace.begin_to_connect()
    return pace


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_each_address_has_its_share_of_the_time_that_is_left(before: int, after: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        good = address_of(listener.getsockname()[1])
        with connect_to([REFUSING] * before + [good] + [REFUSING] * after, hurried(600.0)) as sock:
            assert sock.getpeername() == listener.getsockname()
            # Who refuses takes no time, so that all of it is left for those that have not been tried.
            assert sock.gettimeout() == pytest.approx(600.0 / (1 + after), rel=0.05)


def test_no_address_that_takes_a_connection_is_an_error() -> None:
    with pytest.raises(ConnectionRefusedError):
        connect_to([REFUSING, REFUSING], hurried(5.0))
    with pytest.raises(OSError, match="the host has no address"):
        connect_to([], hurried(5.0))


@pytest.mark.parametrize(
    ("host", "numeric"),
    [("127.0.0.1", True), ("::1", True), ("fd00::a", True), ("2130706433", True), ("h.example", False), ("", False)],
)
def test_an_address_is_told_from_a_name(host: str, numeric: bool) -> None:
    assert is_numeric(host) is numeric


@pytest.mark.parametrize("host", ["h.example", "127.0.0.1"])
def test_a_host_is_looked_up_with_its_port_and_only_a_name_in_a_thread_of_its_own(host: str) -> None:
    asked: list[tuple[str, int, bool, bool]] = []

    def resolve(host: str, port: int) -> Sequence[Address]:
        here = threading.current_thread()
        # A thread that is left behind must not keep the program from its end.
        asked.append((host, port, here is threading.main_thread(), here.daemon))
        return FOUND

    assert look_up(host, 443, resolve, hurried(5.0)) == FOUND
    assert asked == [(host, 443, host == "127.0.0.1", host == "h.example")]


@pytest.mark.parametrize("error", [socket.gaierror("nobody knows it"), UnicodeError("it is too long")])
def test_a_name_without_addresses_is_the_error_of_the_look_up(error: Exception) -> None:
    def resolve(host: str, port: int) -> Sequence[Address]:
        raise error

    with pytest.raises(type(error)) as caught:
        look_up("h.example", 443, resolve, hurried(5.0))
    assert caught.value is error


def test_a_look_up_that_takes_too_long_is_left_behind() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> Sequence[Address]:
        over.wait(5.0)
        return FOUND

    with pytest.raises(Hindrance, match=r"no connection stood after 0\.05 s") as caught:
        look_up("h.example", 443, resolve, hurried(0.05))
    over.set()
    assert (caught.value.cause, caught.value.kind) == ("silence", "never sent")
