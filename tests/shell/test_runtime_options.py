"""Programs by their names, with what goes around their parameters as IBM's users write it."""

from typing import Any

import msgspec
import pytest

from qiskit_runtime_service import Batch, IBMBackend, QiskitRuntimeService, RuntimeOptions
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import EmulatedTransport, many_instances

from .clouds import open_service

TOLD: dict[str, Any] = {
    "image": "mine:latest",
    "log_level": "debug",
    "job_tags": ["a", "b"],
    "max_execution_time": 100,
    "private": True,
}


def posted(cloud: EmulatedTransport) -> dict[str, Any]:
    """Return the body of the last submission, but for the parameters and the tag that finds it again."""
    bodies = [
        msgspec.json.decode(exchange.request.body)
        for exchange in cloud.ledger
        if exchange.request.method == "POST" and exchange.request.url.endswith("/jobs")
    ]
    kept = {name: value for name, value in bodies[-1].items() if name != "params"}
    kept["tags"] = [tag for tag in kept.get("tags", ()) if len(tag) < 10]
    return kept


def opened() -> tuple[QiskitRuntimeService, EmulatedTransport, IBMBackend]:
    service, cloud = open_service()
    return service, cloud, service.backend("ibm_emu5")


@pytest.mark.holds("B426")
def test_options_go_around_the_parameters() -> None:
    service, cloud, backend = opened()
    job = service.run_program("sampler", {"pubs": []}, backend, options=RuntimeOptions(**TOLD))
    assert posted(cloud) == {
        "program_id": "sampler",
        "backend": "ibm_emu5",
        "runtime": "mine:latest",
        "log_level": "DEBUG",
        "tags": ["a", "b"],
        "cost": 100,
        "private": True,
    }
    assert job.tags == ["a", "b"]


@pytest.mark.holds("B426")
def test_options_may_name_the_backend() -> None:
    service, _, backend = opened()
    for named in (backend, "ibm_emu5"):
        job = service.run_program("sampler", {"pubs": []}, options=RuntimeOptions(backend=named))
        assert job.backend() == backend
    session = Batch(backend)
    job = service.run_program("sampler", {"pubs": []}, session, options=RuntimeOptions(backend="ibm_other"))
    assert job.session_id == session.session_id
    with pytest.raises(IBMInputValueError, match="mode"):
        service.run_program("sampler", {"pubs": []}, options=RuntimeOptions())


@pytest.mark.holds("B426")
def test_a_backend_is_looked_up_in_the_instance_that_options_name() -> None:
    service, _ = open_service(many_instances(3))
    wanted = service.instances()[2]["crn"]
    (name,) = {backend.name for backend in service.backends(instance=wanted)} or {""}
    job = service.run_program("sampler", {"pubs": []}, options=RuntimeOptions(backend=name, instance=wanted))
    assert job.instance == wanted


@pytest.mark.holds("B426")
@pytest.mark.parametrize(
    "flaw", [{"image": "mine"}, {"log_level": "loud"}, {"job_tags": "a"}, {"max_execution_time": "x"}]
)
def test_options_that_are_none_are_refused(flaw: dict[str, Any]) -> None:
    service, cloud, backend = opened()
    RuntimeOptions(**TOLD).validate("ibm_cloud")
    with pytest.raises(IBMInputValueError, match=next(iter(flaw))):
        RuntimeOptions(**flaw).validate("ibm_cloud")
    since = len(cloud.ledger)
    with pytest.raises(IBMInputValueError, match=next(iter(flaw))):
        service.run_program("sampler", {}, backend, options=RuntimeOptions(**flaw))
    assert len(cloud.ledger) == since


def test_options_tell_the_name_of_their_backend() -> None:
    backends = ["ibm_x", FakeManilaV2(), None]
    assert [RuntimeOptions(backend).get_backend_name() for backend in backends] == ["ibm_x", "fake_manila", None]
    assert RuntimeOptions("a") == RuntimeOptions(backend="a") != RuntimeOptions("b")
