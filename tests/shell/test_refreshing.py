"""Threads that look backends up while another refreshes them: all see a listing whole, and never an older one again.

A carrier holds an answer back at a gate, so that each order of events is one that the test chose.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest
from returns.result import Result

from qiskit_runtime_service import IBMNotAuthorizedError, QiskitRuntimeService
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Status,
    emulated_cloud,
    one_instance,
    two_regions,
)
from tests.support.forks import Gate, held_up

NOTICE = "under repair"


class SlowTransport:
    """Carries to an emulated cloud, and holds back the answers to the next request whose path ends in a word."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.gates: dict[str, Gate] = {}

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        gate = self.gates.pop(request.url.partition("?")[0].rpartition("/")[2], None)
        if gate is not None:
            gate.pass_by()
        return answer

    def close(self) -> None:
        self.cloud.close()

    @contextmanager
    def held_back(self, word: str, work: Callable[[], object]) -> Iterator[None]:
        """Let a thread do its work up to the answer to such a request, and on at the end of the block."""
        gate = self.gates[word] = Gate()
        with held_up(gate, work):
            yield

    def asked(self, word: str) -> int:
        return sum(exchange.request.url.partition("?")[0].endswith(f"/{word}") for exchange in self.cloud.ledger)


def open_slowly(world: World) -> tuple[QiskitRuntimeService, SlowTransport]:
    cloud = emulated_cloud(world)
    slow = SlowTransport(cloud)
    return QiskitRuntimeService(token=API_KEY, transport=slow, clock=cloud), slow


def put_up(cloud: EmulatedTransport, notice: str) -> None:
    """Pause all devices, with a notice that the listing tells."""

    def paused(world: World) -> World:
        devices = {
            name: msgspec.structs.replace(device, state="paused", reason=notice)
            for name, device in world.devices.items()
        }
        return msgspec.structs.replace(world, devices=devices)

    cloud.alter(paused)


@pytest.mark.holds("B306")
def test_a_backend_is_found_while_another_thread_refreshes() -> None:
    service, slow = open_slowly(two_regions())
    east, europe = service.backend("ibm_east5"), service.backend("ibm_europe7")
    put_up(slow.cloud, NOTICE)
    with slow.held_back("backends", east.refresh):
        # Its instance is forgotten and not listed yet, so it is asked again; the other one is remembered.
        listed = slow.asked("backends")
        assert service.backend("ibm_east5").row.reason == NOTICE
        assert slow.asked("backends") == listed + 1
        assert service.backend("ibm_europe7").row.reason == ""
        assert slow.asked("backends") == listed + 1
    assert east.row.reason == NOTICE
    assert europe.row.reason == ""


@pytest.mark.holds("B306")
def test_an_answer_that_was_asked_for_before_a_refresh_is_not_remembered_after_it() -> None:
    service, slow = open_slowly(one_instance())
    backend = service.backend("ibm_emu5")
    with slow.held_back("backends", service.backends):
        put_up(slow.cloud, NOTICE)
        backend.refresh()
        assert service.backend("ibm_emu5").row.reason == NOTICE
    listed = slow.asked("backends")
    assert service.backend("ibm_emu5").row.reason == NOTICE
    assert slow.asked("backends") == listed


@pytest.mark.holds("B306")
def test_of_two_listings_the_one_that_was_asked_for_later_is_remembered() -> None:
    service, slow = open_slowly(one_instance())
    with slow.held_back("backends", service.backends):
        put_up(slow.cloud, NOTICE)
        service.backends()
    assert service.backend("ibm_emu5").row.reason == NOTICE


@pytest.mark.holds("B11", "B306")
def test_a_listing_that_fails_forgets_what_was_asked_for_before_it_and_nothing_else() -> None:
    service, slow = open_slowly(one_instance())
    service.backends()
    refused = Fault(path="*/backends", effect=Status(code=403))
    slow.cloud.alter(lambda world: msgspec.structs.replace(world, faults=(refused,)))

    def fail() -> None:
        with pytest.raises(IBMNotAuthorizedError):
            service.backends()

    with slow.held_back("backends", fail):
        service.backends()
    listed = slow.asked("backends")
    service.backend("ibm_emu5")
    assert slow.asked("backends") == listed


@pytest.mark.holds("B108", "B306")
@pytest.mark.parametrize("word", ["configuration", "properties"])
def test_a_description_that_was_asked_for_before_a_refresh_is_not_remembered_after_it(word: str) -> None:
    service, slow = open_slowly(one_instance())
    backend = service.backends(name="ibm_emu5")[0]
    with slow.held_back(word, lambda: getattr(backend, word)()):
        service.backends(name="ibm_emu5")[0].refresh()
    asked = slow.asked(word)
    for _ in range(2):
        getattr(service.backends(name="ibm_emu5")[0], word)()
    assert slow.asked(word) == asked + 1
