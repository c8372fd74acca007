"""Threads that look backends up while another refreshes them: all see a listing whole, and never an older one again.

A carrier holds an answer back at a gate, so that each order of events is one that the test chose.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from returns.result import Result

from qiskit_runtime_service import IBMNotAuthorizedError, QiskitRuntimeService
from qiskit_runtime_service.emulator.world import World, put_device
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Status,
    emulated_cloud,
    one_instance,
    recalibrated,
    two_regions,
)
from tests.support.forks import Gate, held_up

from .clouds import submit_bell

NOTICE = "under repair"
CALIBRATED = datetime(2026, 9, 1, 6, tzinfo=UTC)
"""When a line is calibrated at first."""


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
        # What is remembered stands until the answer is there.
        listed = slow.asked("backends")
        assert service.backend("ibm_east5").row.reason == ""
        assert service.backend("ibm_europe7").row.reason == ""
        assert slow.asked("backends") == listed
    assert service.backend("ibm_east5").row.reason == NOTICE
    assert slow.asked("backends") == listed
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


def refuse(cloud: EmulatedTransport, path: str, times: int | None = None) -> None:
    refused = Fault(path=path, effect=Status(code=403), times=times)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(refused,)))


@pytest.mark.holds("B108", "B346")
def test_a_refresh_that_fails_leaves_all_as_it_was() -> None:
    service, slow = open_slowly(one_instance())
    backend = service.backend("ibm_emu5")
    known = (backend.row, backend.configuration(), backend.properties(), backend.target)
    put_up(slow.cloud, NOTICE)
    refuse(slow.cloud, "*/backends")
    asked = len(slow.cloud.ledger)
    with pytest.raises(IBMNotAuthorizedError):
        backend.refresh()
    assert len(slow.cloud.ledger) == asked + 1
    assert service.backend("ibm_emu5").row == known[0]
    assert (backend.row, backend.configuration(), backend.properties()) == known[:3]
    assert backend.target is known[3]
    assert len(slow.cloud.ledger) == asked + 1
    refuse(slow.cloud, "*/nothing")
    backend.refresh()
    assert backend.row.reason == NOTICE
    assert backend.configuration() == known[1]
    assert [slow.asked(word) for word in ("configuration", "properties")] == [2, 1]


@pytest.mark.holds("B346")
def test_a_calibration_that_cannot_be_had_anew_stays_what_it_was() -> None:
    service, slow = open_slowly(one_instance())
    backend = service.backend("ibm_emu5")
    known, target = backend.properties(), backend.target
    assert known is not None
    device = slow.cloud.world.devices["ibm_emu5"]
    recalibrated_at = datetime.fromtimestamp(slow.cloud.now(), UTC)
    slow.cloud.alter(lambda world: put_device(world, recalibrated(device, at=world.now, errors=2.0)))
    refuse(slow.cloud, "*/properties")
    with pytest.raises(IBMNotAuthorizedError):
        backend.properties(refresh=True)
    asked = len(slow.cloud.ledger)
    assert backend.properties() == known
    assert backend.target is target
    assert len(slow.cloud.ledger) == asked
    refuse(slow.cloud, "*/nothing")
    anew = backend.properties(refresh=True)
    assert anew is not None
    assert (anew.last_update_date, known.last_update_date) == (recalibrated_at, CALIBRATED)
    assert backend.properties() == anew
    assert backend.target is not target
    assert len(slow.cloud.ledger) == asked + 1


@pytest.mark.holds("B306", "B346")
def test_a_calibration_that_was_asked_for_before_a_newer_one_does_not_take_its_place() -> None:
    service, slow = open_slowly(one_instance())
    backend = service.backend("ibm_emu5")
    old: list[object] = []
    with slow.held_back("properties", lambda: old.append(backend.properties())):
        device = slow.cloud.world.devices["ibm_emu5"]
        slow.cloud.alter(lambda world: put_device(world, recalibrated(device, at=world.now, errors=2.0)))
        anew = backend.properties(refresh=True)
    assert old != [anew]
    assert service.backend("ibm_emu5").properties() == anew


@pytest.mark.holds("B346")
def test_the_calibration_of_a_job_that_cannot_be_had_anew_stays_what_it_was() -> None:
    service, slow = open_slowly(one_instance())
    job = submit_bell(service)
    job.wait_for_final_state()
    known = job.properties()
    for path in ("*/metrics", "*/properties"):
        refuse(slow.cloud, path)
        with pytest.raises(IBMNotAuthorizedError):
            job.properties(refresh=True)
        asked = len(slow.cloud.ledger)
        assert job.properties() is known
        assert len(slow.cloud.ledger) == asked
