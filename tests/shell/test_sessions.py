"""Sessions and batches: opened, shared, found again, and closed for certain."""

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from returns.result import Result, Success

from qiskit_runtime_service import Batch, IBMBackend, QiskitRuntimeService, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    InvalidAccountError,
)
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Lost,
    Status,
    build_world,
    instance,
    line_device,
    one_instance,
)

from .clouds import bell, open_service


def premium(**arguments: Any) -> tuple[QiskitRuntimeService, EmulatedTransport, IBMBackend]:
    service, cloud = open_service(one_instance(plan="premium", **arguments))
    return service, cloud, service.backend("ibm_emu5")


def submit_to(session: Session, backend: IBMBackend) -> str:
    """Submit something to a session, as a primitive does."""
    job = Submission(program="sampler", backend=backend.name, params=b'{"pubs":[]}', session=session.session_id)
    return backend.service.submit(job, backend).job_id()


def sent(cloud: EmulatedTransport, method: str, path_end: str = "") -> list[object]:
    return [msgspec.json.decode(request.body) for request in cloud.requests(path_end, method) if request.body]


def strike(cloud: EmulatedTransport, *faults: Fault) -> None:
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))


@pytest.mark.holds("B141", "B143", "B144")
@pytest.mark.parametrize(("kind", "mode"), [(Session, "dedicated"), (Batch, "batch")])
@pytest.mark.parametrize(("max_time", "seconds"), [(None, None), (600, 600), ("2h 30m", 9000)])
def test_a_session_is_opened_with_one_request_and_closed_with_another(
    kind: type[Session], mode: str, max_time: int | str | None, seconds: int | None
) -> None:
    service, cloud, backend = premium()
    since = len(cloud.ledger)
    with kind(backend, max_time) as session:
        assert session.session_id is not None
        assert (session.backend(), session.target_backend, session.service) == ("ibm_emu5", backend, service)
        before = session.closed
    assert (before, session.closed) == (False, True)
    body = {"mode": mode, "backend": "ibm_emu5", "instance": backend.instance}
    assert sent(cloud, "POST", "/sessions") == [body if seconds is None else body | {"max_ttl": seconds}]
    assert sent(cloud, "PATCH") == [{"accepting_jobs": False}]
    assert len(cloud.ledger) == since + 2


@pytest.mark.holds("B142")
def test_a_session_tells_how_it_stands() -> None:
    service, cloud, backend = premium(run_seconds=10.0)
    session = Session(backend, max_time="10m")
    assert session.status() == "Pending"
    assert session.usage() is None
    job = submit_to(session, backend)
    cloud.sleep(5.0)
    assert session.status() == "In progress, accepting new jobs"
    session.close()
    assert session.status() == "In progress, not accepting new jobs"
    cloud.sleep(100.0)
    assert session.status() == "Closed"
    assert session.usage() == 10.0
    details = session.details()
    assert details is not None
    assert {key: details[key] for key in ("id", "backend_name", "mode", "state", "max_time")} == {
        "id": session.session_id,
        "backend_name": "ibm_emu5",
        "mode": "dedicated",
        "state": "closed",
        "max_time": 600,
    }
    assert isinstance(details["timestamps"], list)
    assert [change["status"] for change in details["timestamps"]] == ["open", "active", "closed"]
    assert [listed.job_id() for listed in service.jobs(session_id=session.session_id)] == [job]


class TroubleInTheBlockError(Exception):
    pass


@pytest.mark.holds("B144")
@pytest.mark.parametrize("trouble", [TroubleInTheBlockError, KeyboardInterrupt, SystemExit])
def test_a_session_is_closed_when_its_block_is_left_by_an_exception(trouble: type[BaseException]) -> None:
    _, cloud, backend = premium()
    with pytest.raises(trouble), Session(backend) as session:
        raise trouble
    assert session.closed
    assert session.status() == "Closed"
    assert len(cloud.requests(method="PATCH")) == 1


@pytest.mark.holds("B144")
@pytest.mark.parametrize("effect", [Lost(acted=False), Lost(acted=True), Status(code=503), Status(code=500)])
def test_a_lost_closing_is_repeated_until_it_is_done(effect: Lost | Status) -> None:
    _, cloud, backend = premium()
    with Session(backend) as session:
        strike(cloud, Fault(method="PATCH", effect=effect, times=2))
    assert session.status() == "Closed"


@pytest.mark.holds("B144")
def test_trouble_in_the_block_is_not_hidden_by_trouble_with_the_closing() -> None:
    _, cloud, backend = premium()
    with pytest.raises(TroubleInTheBlockError) as raised, Session(backend) as session:
        strike(cloud, Fault(method="PATCH", effect=Status(code=500), times=None))
        raise TroubleInTheBlockError
    assert "could not be closed" in "".join(raised.value.__notes__)
    assert not session.closed
    strike(cloud)
    session.close()
    assert session.status() == "Closed"


def test_a_closing_that_fails_is_told() -> None:
    _, cloud, backend = premium()
    with pytest.raises(IBMApiError), Session(backend):
        strike(cloud, Fault(method="PATCH", effect=Status(code=500), times=None))


@pytest.mark.holds("B144")
def test_many_threads_close_a_session_once() -> None:
    _, cloud, backend = premium()
    session = Session(backend)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(session.close) for _ in range(32)]:
            future.result()
    assert len(cloud.requests(method="PATCH")) == 1


def test_cancelling_ends_the_jobs_that_wait() -> None:
    service, _, backend = premium(queue_seconds=100.0)
    session = Session(backend)
    job = service.job(submit_to(session, backend))
    session.cancel()
    assert session.closed
    assert session.status() == "Closed"
    assert job.status() == "CANCELLED"


def regions() -> World:
    return build_world(
        instance("first", plan="premium", devices=[line_device("ibm_east5", 5)]),
        instance("second", plan="premium", region="eu-de", devices=[line_device("ibm_europe7", 7)]),
    )


@pytest.mark.holds("B43")
def test_a_session_is_found_in_whichever_instance_holds_it() -> None:
    service, _ = open_service(regions())
    made = Session(service.backend("ibm_europe7"))
    found = Session.from_id(str(made.session_id), service)
    assert found.session_id == made.session_id
    assert found.target_backend == made.target_backend
    assert not found.closed
    made.cancel()
    assert Session.from_id(str(made.session_id), service).closed


class Odd:
    """A carrier to a cloud that tells of a session something else."""

    def __init__(self, cloud: EmulatedTransport, fields: dict[str, Any]) -> None:
        self.cloud, self.fields = cloud, fields

    def send(self, request: Request, /) -> Result[Response, Problem]:
        sent = self.cloud.send(request)
        if request.method != "GET" or "/sessions/" not in request.url:
            return sent
        body = msgspec.json.decode(sent.unwrap().body) | self.fields
        return Success(msgspec.structs.replace(sent.unwrap(), body=msgspec.json.encode(body)))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B453", "B456")
@pytest.mark.parametrize("odd", [{"mode": None}, {"mode": 5}, {"mode": "of tomorrow"}, {"id": None}, {"id": [1]}])
def test_an_odd_field_does_not_hide_the_session_it_is_of(odd: dict[str, Any]) -> None:
    _, cloud, backend = premium()
    made = Session(backend)
    service = QiskitRuntimeService(token=API_KEY, transport=Odd(cloud, odd), clock=cloud)
    found = Session.from_id(str(made.session_id), service)
    assert (found.session_id, found.status()) == (made.session_id, "Pending")


@pytest.mark.holds("B456")
def test_a_session_without_a_backend_says_so() -> None:
    _, cloud, backend = premium()
    made = Session(backend)
    service = QiskitRuntimeService(token=API_KEY, transport=Odd(cloud, {"backend_name": 5}), clock=cloud)
    with pytest.raises(IBMInputValueError, match="of which the service tells no backend"):
        Session.from_id(str(made.session_id), service)


def test_what_is_no_such_session_is_an_error_with_the_way_out() -> None:
    service, _, backend = premium()
    batch = Batch(backend)
    with pytest.raises(IBMInputValueError, match=r"use Batch\.from_id"):
        Session.from_id(str(batch.session_id), service)
    assert Batch.from_id(str(batch.session_id), service).session_id == batch.session_id
    with pytest.raises(IBMInputValueError, match="not in the instance that was asked"):
        Session.from_id("nothing", service)
    with pytest.raises(IBMInputValueError, match="session_id"):
        Session.from_id("", service)


def test_an_instance_that_may_not_be_asked_is_named_where_no_other_has_the_session() -> None:
    service, cloud, _ = premium()
    strike(cloud, Fault(path="*/sessions/*", effect=Status(code=403), times=None))
    with pytest.raises(IBMNotAuthorizedError):
        Session.from_id("nothing", service)


@pytest.mark.holds("B143")
@pytest.mark.parametrize("make", [lambda: GenericBackendV2(2), lambda: simulator_backend()])
def test_there_is_nothing_to_hold_on_a_simulator_or_elsewhere(make: Callable[[], IBMBackend]) -> None:
    with Session(make(), max_time="1h") as session:
        assert session.session_id is None
        assert (session.details(), session.status(), session.usage()) == (None, None, None)
    assert session.closed
    session.cancel()


def simulator_backend() -> IBMBackend:
    device = msgspec.structs.replace(line_device("ibm_simulator", 5), simulator=True)
    return open_service(one_instance(devices=[device]))[0].backend("ibm_simulator")


def test_an_object_without_a_session_costs_nothing() -> None:
    _, cloud, backend = premium()
    since = len(cloud.ledger)
    assert Session(backend, create_new=False).session_id is None
    assert len(cloud.ledger) == since


@pytest.mark.parametrize("odd", ["ibm_emu5", None, 5])
def test_a_session_needs_a_backend(odd: object) -> None:
    with pytest.raises(ValueError, match=r"service\.backend"):
        Session(odd)


def test_a_wrong_time_is_refused_before_anything_is_sent() -> None:
    _, cloud, backend = premium()
    since = len(cloud.ledger)
    with pytest.raises(IBMInputValueError, match="max_time"):
        Session(backend, max_time=-1)
    assert len(cloud.ledger) == since


@pytest.mark.holds("B134")
def test_the_open_plan_has_batches_only() -> None:
    service, _ = open_service(one_instance(plan="open"))
    backend = service.backend("ibm_emu5")
    with pytest.raises(IBMApiError, match="1352"):
        Session(backend)
    assert Batch(backend).session_id is not None


@pytest.mark.holds("B194")
def test_the_local_channel_has_sessions() -> None:
    service = QiskitRuntimeService(channel="local")
    with Session(service.backend("fake_manila")) as session:
        assert session.status() == "Pending"
    assert session.status() == "Closed"


def test_a_session_travels_without_its_key() -> None:
    _, _, backend = premium()
    session = Session(backend)
    assert bell(backend).num_qubits == 5
    there = pickle.loads(pickle.dumps(session))  # noqa: S301  # our own pickle
    assert (there.session_id, there.backend(), there.closed) == (session.session_id, "ibm_emu5", False)
    assert copy.copy(session).session_id == session.session_id
    assert repr(session) == f"<Session '{session.session_id}' on 'ibm_emu5'>"
    assert there.target_backend.target.num_qubits == 5
    with pytest.raises(InvalidAccountError, match="came out of a pickle"):
        there.status()


@pytest.mark.holds("B143")
def test_an_opening_whose_answer_is_lost_is_not_repeated() -> None:
    _, cloud, backend = premium()
    strike(cloud, Fault(method="POST", path="*/sessions", effect=Lost(acted=True)))
    with pytest.raises(IBMApiError):
        Session(backend)
    assert len(cloud.requests("/sessions", "POST")) == 1


@pytest.mark.holds("B144")
def test_a_session_that_is_gone_counts_as_closed() -> None:
    _, cloud, backend = premium()
    session = Session(backend)
    cloud.alter(lambda world: msgspec.structs.replace(world, sessions={}))
    session.close()
    assert session.closed


# Two at once


@pytest.mark.holds("B144")
def test_of_two_sessions_at_once_each_is_closed_for_itself() -> None:
    service, cloud, backend = premium(queue_seconds=100.0)
    with Session(backend) as outer:
        first = service.job(submit_to(outer, backend))
        with Batch(backend) as inner:
            second = service.job(submit_to(inner, backend))
            assert outer.session_id != inner.session_id
            assert (first.session_id, second.session_id) == (outer.session_id, inner.session_id)
        assert (outer.closed, inner.closed) == (False, True)
        assert [job.job_id() for job in service.jobs(session_id=outer.session_id)] == [first.job_id()]
        assert [job.job_id() for job in service.jobs(session_id=inner.session_id)] == [second.job_id()]
    closed = [request.url.rpartition("/")[2] for request in cloud.requests(method="PATCH")]
    assert closed == [inner.session_id, outer.session_id]


def test_cancelling_one_session_leaves_the_jobs_of_the_other() -> None:
    service, cloud, backend = premium(queue_seconds=100.0)
    one, other = Session(backend), Session(backend)
    jobs = [service.job(submit_to(session, backend)) for session in (one, other)]
    one.cancel()
    assert (one.closed, other.closed) == (True, False)
    assert [job.status() for job in jobs] == ["CANCELLED", "QUEUED"]
    assert len(cloud.requests("/close")) == 1


@pytest.mark.holds("B43")
def test_sessions_in_two_instances_are_found_each_in_its_own() -> None:
    service, _ = open_service(regions())
    made = [Session(service.backend(name)) for name in ("ibm_east5", "ibm_europe7")]
    made[0].cancel()
    found = [Session.from_id(str(session.session_id), service) for session in made]
    assert [session.backend() for session in found] == ["ibm_east5", "ibm_europe7"]
    assert [session.closed for session in found] == [True, False]
    assert [session.target_backend for session in found] == [session.target_backend for session in made]


@pytest.mark.holds("B144")
def test_what_is_closed_or_cancelled_twice_is_closed_and_asks_for_no_more_than_it_must() -> None:
    _, cloud, backend = premium()
    session = Session(backend)
    since = len(cloud.ledger)
    session.close()
    session.close()
    assert len(cloud.ledger) == since + 1
    session.cancel()
    session.cancel()
    assert session.closed
    with session:
        pass
    assert len(cloud.ledger) == since + 3


@pytest.mark.holds("B144")
def test_a_session_that_is_gone_counts_as_cancelled() -> None:
    _, cloud, backend = premium()
    session = Session(backend)
    cloud.alter(lambda world: msgspec.structs.replace(world, sessions={}))
    session.cancel()
    assert session.closed


@pytest.mark.parametrize(("code", "error"), [(403, IBMNotAuthorizedError), (400, IBMApiError), (501, IBMApiError)])
def test_a_session_that_the_service_does_not_end_stays_open(code: int, error: type[Exception]) -> None:
    _, cloud, backend = premium()
    session = Session(backend)
    strike(cloud, Fault(path="*/sessions/*", effect=Status(code=code), times=None))
    for end in (session.close, session.cancel):
        with pytest.raises(error, match=str(code)) as caught:
            end()
        assert type(caught.value).__name__ == error.__name__
        assert isinstance(caught.value, IBMRuntimeError)
        assert not session.closed
