"""A service leaves nothing behind, not in a fork, not in a pool of processes, not at the end of a program."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import msgspec
import pytest

from qiskit_runtime_service import Endpoints, QiskitRuntimeService
from qiskit_runtime_service.exceptions import InvalidAccountError
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, many_instances, one_instance
from qiskit_runtime_service.testing.door import Door
from tests.promises.sizes import size

from .clouds import ClosingCloud, open_service

CLOUD = EmulatedTransport(many_instances(4))
CRNS = list(CLOUD.world.instances)


@pytest.fixture
def door() -> Iterator[Door]:
    with door_to(CLOUD) as door:
        yield door


def open_at(base: str, **arguments: str) -> QiskitRuntimeService:
    endpoints = Endpoints(runtime=f"{base}/api/v1", token=base, search=base, catalog=f"{base}/api/v1")
    return QiskitRuntimeService(token=API_KEY, endpoints=endpoints, **arguments)  # type: ignore[arg-type]  # all are text


def run(code: str, *arguments: str) -> list[int]:
    """Run a program that prints numbers as JSON, and return those of its last line."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=list[int])


OPEN = """
import gc, os, sys, threading
from pathlib import Path
from qiskit_runtime_service import Endpoints, QiskitRuntimeService
base, key, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
endpoints = Endpoints(runtime=base + "/api/v1", token=base, search=base, catalog=base + "/api/v1")

def open_service(**arguments):
    return QiskitRuntimeService(token=key, endpoints=endpoints, **arguments)
"""

DROPPED = """
def live():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return len(os.listdir("/proc/self/fd")), threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE")

def use():
    service = open_service()
    service.usage()

for _ in range(20):
    use()
before = live()
for _ in range(count):
    use()
print([after - earlier for after, earlier in zip(live(), before)])
"""


@pytest.mark.takes_long
@pytest.mark.promise
@pytest.mark.skipif(sys.platform != "linux", reason="descriptors and memory are read as Linux tells them")
def test_services_that_are_dropped_leave_nothing_behind(door: Door) -> None:
    descriptors, threads, memory = run(OPEN + DROPPED, door.base, API_KEY, str(size(1000)))
    assert (descriptors, threads) == (0, 0)
    assert memory < 4 * 2**20


def test_a_service_that_is_closed_holds_no_connection_and_can_be_used_again(door: Door) -> None:
    with open_at(door.base) as service:
        assert len(service.backends(all_instances=True)) == 4
    assert len(service.backends(all_instances=True)) == 4
    service.close()
    service.close()


def test_closing_a_service_or_leaving_it_closes_its_carrier() -> None:
    cloud = ClosingCloud(one_instance())
    service, _ = open_service(transport=cloud)
    assert cloud.closed == 0
    service.close()
    assert cloud.closed == 1
    with service:
        assert cloud.closed == 1
    assert cloud.closed == 2


@pytest.mark.holds("B227")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_parent_and_child_of_a_fork_have_connections_of_their_own(door: Door) -> None:
    service = open_at(door.base)
    service.usage()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # In the child nothing of pytest may go on: whatever happens, it ends here.
        message = b"bad"
        try:
            message = b"".join(b"ok" if service.within(10).usage() else b"no" for _ in range(20))
        finally:
            os.write(writing, message)
            os._exit(0)
    os.close(writing)
    for _ in range(20):
        assert service.usage()
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"ok" * 20
    service.close()


FORKED_MEANWHILE = """
service = open_service()
service.backends()  # Python itself does not fork well while another thread imports
started = threading.Event()

def ask():
    while not started.is_set():
        service.within(20).backends()

threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
codes = []
for _ in range(count):
    child = os.fork()
    if child == 0:
        os._exit(0 if len(service.within(20).backends(all_instances=True)) == 4 else 1)
    codes.append(os.waitpid(child, 0)[1])
started.set()
for thread in threads:
    thread.join()
print(codes)
"""


@pytest.mark.takes_long
@pytest.mark.holds("B227")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_in_the_middle_of_calls_finds_no_closed_lock(door: Door) -> None:
    assert set(run(OPEN + FORKED_MEANWHILE, door.base, API_KEY, "10")) == {0}


def ask_in_a_pool(service: QiskitRuntimeService) -> tuple[str, str]:
    """Run in another process: tell what the service knows, and what it says when asked for more."""
    with pytest.raises(InvalidAccountError) as caught:
        service.usage()
    return service.active_instance(), str(caught.value)


@pytest.mark.takes_long
def test_a_service_goes_to_a_pool_of_processes_without_its_key(door: Door) -> None:
    with open_at(door.base) as service, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert API_KEY.encode() not in pickle.dumps(service)
        instance, message = pool.submit(ask_in_a_pool, service).result()
        assert instance == service.active_instance()
    assert "key stayed behind" in message


AT_THE_END = """
import atexit
service = open_service()
service.backends()

def say():
    print([len(service.backends(all_instances=True)), len(service.within(5).instances())])

atexit.register(say)
threading.Thread(target=service.backends, daemon=True).start()
"""


@pytest.mark.takes_long
def test_a_service_works_until_the_very_end_of_a_program(door: Door) -> None:
    assert run(OPEN + AT_THE_END, door.base, API_KEY, "0") == [4, 4]


def test_threads_with_limits_of_their_own_do_not_disturb_each_other(door: Door) -> None:
    with open_at(door.base) as service, ThreadPoolExecutor(8) as pool:
        views = [service.within(5.0 + number) for number in range(8)]
        futures = [pool.submit(view.backends, instance=CRNS[number % 4]) for number, view in enumerate(views * 4)]
        answers = [future.result() for future in futures]
    assert [{backend.instance for backend in listed} for listed in answers] == [
        {CRNS[number % 4]} for number in range(8)
    ] * 4
