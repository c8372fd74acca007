"""Cassettes in users' tests: recorded once, played without a network, and an error for whoever tries one."""

import socket
import threading
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, RecordingTransport, door_to, one_instance
from qiskit_runtime_service.testing.sockets import refused_sockets
from tests.support.calls import token_request

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--strict-markers")

TEST = """
import pytest

@pytest.mark.cassette("usage")
def test_it(runtime_service):
    assert runtime_service.usage()["usage_consumed_seconds"] == 0
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUIET, *options)


@pytest.fixture
def recorded(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record the cassette of `TEST` over HTTP, as a user does, and return its path."""
    cloud = EmulatedTransport(one_instance())
    pytester.makepyfile(test_it=TEST)
    with door_to(cloud) as door, monkeypatch.context() as variables:
        for name, value in {
            "QISKIT_IBM_TOKEN": API_KEY,
            "QISKIT_IBM_URL": f"{door.base}/experimental/api/v1",
            "QISKIT_IBM_INSTANCE": next(iter(cloud.world.instances)),
            "IAM_URL": door.base,
            "GLOBAL_SEARCH_URL": door.base,
            "GLOBAL_CATALOG_URL": door.base,
        }.items():
            variables.setenv(name, value)
        run(pytester, "--cassette=once").assert_outcomes(passed=1)
    assert len(cloud.ledger) == 2
    return pytester.path / "cassettes" / "usage.yaml"


def test_a_cassette_is_recorded_once_and_played_without_a_network(pytester: pytest.Pytester, recorded: Path) -> None:
    assert API_KEY not in recorded.read_text()
    for options in ([], ["--cassette=none"], ["--cassette=once"]):
        run(pytester, *options).assert_outcomes(passed=1)


def test_without_a_cassette_it_is_said_how_to_record_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST)
    outcome = run(pytester)
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*There is no cassette *usage.yaml*", "*Record it: pytest --cassette=once*"])


def test_the_option_stands_in_the_help_of_pytest_under_our_name(pytester: pytest.Pytester) -> None:
    shown = [" ".join(line.split()) for line in run(pytester, "--help").stdout.lines]
    place = shown.index("qiskit-runtime-service:")
    options = [line for line in shown[place + 1 :] if line.startswith("--")][:2]
    assert sorted(option.split()[0] for option in options) == ["--cassette={none,once,new,all}", "--stand-in"]


def test_whatever_tries_a_socket_fails_the_test(pytester: pytest.Pytester) -> None:
    recorder = RecordingTransport(EmulatedTransport(one_instance()), pytester.path / "cassettes" / "any.yaml")
    recorder.send(token_request())
    recorder.close()
    pytester.makepyfile(
        """
        import contextlib, socket, threading
        import pytest

        OPEN = socket.socket()
        pytestmark = pytest.mark.filterwarnings("ignore")

        def suppressed(function):
            with contextlib.suppress(BaseException):
                function()

        def in_a_thread(function):
            thread = threading.Thread(target=suppressed, args=(function,))
            thread.start()
            thread.join()

        ATTEMPTS = [
            lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.getaddrinfo("localhost", 80),
            lambda: socket.socket(socket.AF_INET6),
            lambda: OPEN.connect(("127.0.0.1", 9)),
            lambda: suppressed(socket.socket),
            lambda: in_a_thread(socket.socket),
        ]

        @pytest.mark.cassette("any")
        @pytest.mark.parametrize("attempt", ATTEMPTS)
        def test_it(cassette, attempt):
            attempt()

        @pytest.mark.cassette("any")
        def test_a_local_socket_is_allowed(cassette):
            for end in socket.socketpair():
                end.close()

        def test_without_a_cassette_sockets_are_allowed():
            socket.socket().close()
            OPEN.close()
        """
    )
    outcome = run(pytester)
    outcome.assert_outcomes(failed=6, passed=2)
    outcome.stdout.fnmatch_lines(["*something in it tried a socket: socket.*"])


def test_a_mark_without_a_name_is_explained(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.cassette\ndef test_it(cassette): pass")
    outcome = run(pytester)
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*needs its name*"])


def test_a_test_that_fails_leaves_no_cassette(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.cassette('x')\ndef test_it(cassette): assert False")
    run(pytester, "--cassette=all").assert_outcomes(failed=1)
    assert not (pytester.path / "cassettes").exists()


def test_local_sockets_and_other_times_are_left_alone() -> None:
    with refused_sockets() as tried:
        for end in socket.socketpair():
            end.close()
    assert tried == []
    socket.socket().close()


def test_two_blocks_at_once_refuse_until_both_are_over() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with refused_sockets():
            inside.set()
            leave.wait(5.0)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(5.0)
    with refused_sockets():
        pass
    with pytest.raises(pytest.fail.Exception):
        socket.socket()
    leave.set()
    thread.join()
    socket.socket().close()
