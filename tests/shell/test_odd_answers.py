"""Any value of any JSON at any place of an answer: what users call works, or an error of ours says what is wrong."""

import json
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.exceptions import QiskitError
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService, Session
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud, line_device, one_instance
from qiskit_runtime_service.visualization import plot_jobs

from ..support.examples import examples
from ..support.odd_bodies import odd_values
from .clouds import submit_bell

Path = tuple[str | int, ...]


class Changing:
    """A carrier to a cloud that puts one odd value into each answer whose path ends in a word."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.word = ""
        self.path: Path = ()
        self.value: Any = None

    def send(self, request: Request, /) -> Result[Response, Problem]:
        sent = self.cloud.send(request)
        parts = request.url.partition("?")[0].split("/")
        if self.word not in parts[-2:] or request.method != "GET":
            return sent
        answer = sent.unwrap()
        body = json.loads(answer.body or b"null")
        place = body
        try:
            for step in self.path[:-1]:
                place = place[step]
            place[self.path[-1]] = self.value
        except (LookupError, TypeError):
            return sent
        return Success(msgspec.structs.replace(answer, body=json.dumps(body).encode()))

    def close(self) -> None:
        self.cloud.close()


def places_in(body: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the places of a body: all fields, and of each list the first item."""
    items = body.items() if isinstance(body, dict) else enumerate(body[:1]) if isinstance(body, list) else ()
    for step, inner in items:
        yield (*path, step)
        yield from places_in(inner, (*path, step))


class Stage(NamedTuple):
    """A cloud with a job that is done and a session, and a way to it on which something happens."""

    way: Changing
    crn: str
    job: str
    session: str

    def open(self) -> QiskitRuntimeService:
        return QiskitRuntimeService(token=API_KEY, transport=self.way, clock=self.way.cloud, instance=self.crn)


@cache
def stage() -> Stage:
    cloud = emulated_cloud(one_instance(plan="premium", devices=[line_device("ibm_emu5", 5)], limit=600))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    job = submit_bell(service)
    job.wait_for_final_state()
    session = Session(service.backend("ibm_emu5"))
    assert session.session_id is not None
    return Stage(Changing(cloud), job.instance, job.job_id(), session.session_id)


def look_at_configuration(stage: Stage) -> None:
    backend = stage.open().backends()[0]
    configuration = backend.configuration()
    configuration.to_dict()
    assert backend.target.num_qubits is not None
    for name in dir(configuration):
        getattr(configuration, name)
    for name in dir(backend):
        if name not in ("options", "provider"):
            getattr(backend, name)


def look_at_properties(stage: Stage) -> None:
    backend = stage.open().backends()[0]
    properties = backend.properties()
    assert backend.target.num_qubits == 5
    assert backend.qubit_properties(range(5)) is not None
    if properties is None:
        return
    repr(properties)
    properties.to_dicts()
    type(properties).from_dict(properties.to_dict())
    properties.faulty_qubits()
    properties.faulty_gates()
    properties.gate_property("cz")
    for qubit in range(5):
        properties.qubit_property(qubit)
        properties.is_qubit_operational(qubit)


def look_at_status(stage: Stage) -> None:
    status = stage.open().backends()[0].status()
    assert isinstance(status.pending_jobs, int)
    assert isinstance(status.operational, bool)
    status.to_dict()


def look_at_metrics(stage: Stage) -> None:
    job = stage.open().job(stage.job)
    job.metrics()
    for usage in (job.usage(), job.usage(partial=True)):
        assert usage is None or isinstance(usage, int | float)
    job.properties()
    plot_jobs([job])


def look_at_session(stage: Stage) -> None:
    session = Session.from_id(stage.session, stage.open())
    details = session.details()
    assert details is not None
    assert isinstance(details["timestamps"], list)
    assert isinstance(session.status(), str)
    assert isinstance(session.usage(), int | float | None)


def look_at_usage(stage: Stage) -> None:
    usage = stage.open().usage()
    assert dict(usage).keys() >= {"instance_id"}
    assert usage.get("usage_remaining_seconds", 0) >= 0
    usage._repr_html_()


def look_at_job(stage: Stage) -> None:
    job = stage.open().job(stage.job)
    for look in (job.status, job.error_message, job.in_final_state, job.backend):
        look()
    assert isinstance(job.tags, list)
    assert isinstance(job.creation_date, datetime | None)
    assert set(job.usage_estimation) == {"quantum_seconds"}
    repr(job)


LOOKS: dict[str, tuple[str, Callable[[Stage], None]]] = {
    "configuration": ("configuration", look_at_configuration),
    "properties": ("properties", look_at_properties),
    "status": ("status", look_at_status),
    "metrics": ("metrics", look_at_metrics),
    "session": ("sessions", look_at_session),
    "usage": ("usage", look_at_usage),
    "job": ("jobs", look_at_job),
}
"""By what is looked at: the word that its path ends with, or has before an id, and what users call."""


@cache
def places_of(kind: str) -> list[Path]:
    word, look = LOOKS[kind]
    known = stage()
    known.way.word, known.way.path = word, ("nowhere", "at all")
    look(known)
    requests = [exchange.request for exchange in known.way.cloud.ledger]
    (*_, last) = (one for one in requests if word in one.url.partition("?")[0].split("/")[-2:] and one.method == "GET")
    return [*places_in(json.loads(known.way.cloud.send(last).unwrap().body))]


@pytest.mark.holds("B281", "B347")
@pytest.mark.parametrize("kind", LOOKS)
@pytest.mark.timeout(1200)  # at full size more than a thousand jobs are drawn, which takes minutes on a busy machine
@settings(max_examples=examples(60))
@given(data=st.data())
def test_what_users_call_works_or_says_what_is_wrong_whatever_was_answered(kind: str, data: st.DataObject) -> None:
    word, look = LOOKS[kind]
    known = stage()
    known.way.path = data.draw(st.sampled_from(places_of(kind)))
    known.way.word, known.way.value = word, data.draw(odd_values)
    try:
        with warnings.catch_warnings():
            # A basis gate that nothing defines is left out with a warning (B33).
            warnings.simplefilter("ignore", RuntimeWarning)
            look(known)
    except QiskitError as error:
        assert type(error).__module__.startswith("qiskit_runtime_service."), error
