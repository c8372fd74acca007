"""Backends that are not online by their listing: it is said once at a run, and they are operational nowhere."""

import warnings

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud, line_device, one_instance

from .clouds import bell, open_service


def three_states() -> World:
    return one_instance(
        devices=[
            line_device("ibm_online", 2),
            msgspec.structs.replace(line_device("ibm_paused", 2), state="paused", reason="under repair"),
            msgspec.structs.replace(line_device("ibm_offline", 2), state="offline"),
        ]
    )


def told_at_runs(backend: IBMBackend, times: int = 2) -> list[str]:
    """Return the warnings of several runs on a backend."""
    circuit = bell(backend)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(times):
            SamplerV2(mode=backend).run([circuit], shots=8)
    assert {warning.filename for warning in caught} <= {__file__}
    return [str(warning.message) for warning in caught]


@pytest.mark.holds("B309")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "ibm_paused",
            ["The backend ibm_paused is paused (under repair), says its listing: jobs wait until it is online again."],
        ),
        ("ibm_offline", ["The backend ibm_offline is offline, says its listing: jobs wait until it is online again."]),
        ("ibm_online", []),
    ],
)
def test_a_run_on_a_backend_that_is_not_online_says_so_once_and_asks_nothing(name: str, told: list[str]) -> None:
    service, cloud = open_service(three_states())
    backend = service.backend(name)
    bell(backend)
    since = len(cloud.ledger)
    assert told_at_runs(backend) == told
    sent = [(exchange.request.method, exchange.request.url.rpartition("/")[2]) for exchange in cloud.ledger[since:]]
    assert sent == [("GET", "usage"), ("POST", "jobs"), ("POST", "jobs")]


@pytest.mark.holds("B309")
def test_another_object_and_a_refresh_say_it_again() -> None:
    service, cloud = open_service(three_states())
    backend, other = service.backend("ibm_paused"), service.backend("ibm_paused")
    assert len(told_at_runs(backend)) == len(told_at_runs(other)) == 1
    backend.refresh()
    assert len(told_at_runs(backend)) == 1
    online = {name: msgspec.structs.replace(device, state="online") for name, device in cloud.world.devices.items()}
    cloud.alter(lambda world: msgspec.structs.replace(world, devices=online))
    backend.refresh()
    assert told_at_runs(backend) == []


@pytest.mark.holds("B309")
def test_a_run_in_several_parts_and_a_program_by_name_say_it_once() -> None:
    service, _ = open_service(three_states())
    backend = service.backend("ibm_paused")
    circuit = bell(backend)
    with pytest.warns(UserWarning, match="ibm_paused is paused") as told:
        split = SamplerV2(mode=backend).run([circuit] * 3, shots=8, max_payload=900)
    assert (len(split), len(told)) == (3, 1)
    other = service.backend("ibm_offline")
    with pytest.warns(UserWarning, match="ibm_offline is offline") as told:
        service.run_program("sampler", {"pubs": []}, other)
    assert len(told) == 1


class Paused:
    """A carrier to a cloud whose paused devices say that they take jobs, as they do where those wait."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud

    def send(self, request: Request, /) -> Result[Response, Problem]:
        answer = self.cloud.send(request)
        if not request.url.endswith("/status"):
            return answer
        told = msgspec.json.decode(answer.unwrap().body) | {"state": True}
        return Success(Response(status=200, body=msgspec.json.encode(told)))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B309")
def test_filters_and_statuses_agree_on_what_is_operational() -> None:
    cloud = emulated_cloud(three_states())
    service = QiskitRuntimeService(token=API_KEY, transport=Paused(cloud), clock=cloud)
    by_status = {backend.name: backend.status().operational for backend in service.backends()}
    assert by_status == {"ibm_online": True, "ibm_paused": False, "ibm_offline": False}
    for operational in (True, False):
        listed = {backend.name for backend in service.backends(operational=operational)}
        assert listed == {name for name, told in by_status.items() if told is operational}
