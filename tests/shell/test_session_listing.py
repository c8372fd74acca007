"""Sessions and batches in one listing, whichever instance holds them."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from qiskit_runtime_service import Batch, IBMInputValueError, QiskitRuntimeService, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import IBMNotAuthorizedError
from qiskit_runtime_service.records.session import ListedSession
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Status,
    build_world,
    instance,
    line_device,
)

pytestmark = pytest.mark.holds("B563")


def two_instances(*faults: Fault) -> World:
    return build_world(
        instance("first", plan="premium", devices=[line_device("ibm_a", 2), line_device("ibm_b", 2)]),
        instance("second", plan="premium", region="eu-de", devices=[line_device("ibm_c", 2)]),
        faults=faults,
    )


def opened(cloud: EmulatedTransport) -> tuple[QiskitRuntimeService, list[str | None]]:
    """Return a service with a session, a batch and another session, a minute apart, and their ids, newest first."""
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    ids = []
    for kind, name in ((Session, "ibm_a"), (Batch, "ibm_b"), (Session, "ibm_c")):
        ids.append(kind(service.backend(name)).session_id)
        cloud.sleep(60.0)
    return service, ids[::-1]


def test_sessions_of_all_instances_are_listed_newest_first() -> None:
    cloud = EmulatedTransport(two_instances())
    service, ids = opened(cloud)
    listed = service.sessions()
    assert [session.id for session in listed] == ids
    assert [session.mode for session in listed] == ["session", "batch", "session"]
    assert len({session.instance for session in listed}) == 2
    assert [row["backend"] for row in listed.to_dicts()] == ["ibm_c", "ibm_b", "ibm_a"]
    newest, _, oldest = listed.to_dicts()
    assert newest["created"] > oldest["created"]
    assert newest["ended"] is None
    report = listed.report()
    assert report.columns == ("session", "mode", "status", "backend", "instance", "created", "used")
    assert [row[4] for row in report.rows] == ["second", "first", "first"]
    assert "<table" in listed._repr_html_()


def test_sessions_are_listed_by_conditions() -> None:
    cloud = EmulatedTransport(two_instances())
    service, ids = opened(cloud)
    Session.from_id(str(ids[0]), service).cancel()
    assert [session.id for session in service.sessions(closed=True)] == ids[:1]
    assert [session.id for session in service.sessions(closed=False)] == ids[1:]
    assert [session.id for session in service.sessions(backend_name="ibm_b")] == [ids[1]]
    assert [session.id for session in service.sessions(instance="first")] == ids[1:]
    assert [session.id for session in service.sessions(limit=1)] == ids[:1]
    assert service.sessions(limit=0) == []
    middle = datetime.fromtimestamp(cloud.now() - 150.0, UTC)
    assert [session.id for session in service.sessions(created_before=middle)] == ids[2:]
    assert [session.id for session in service.sessions(created_after=middle)] == ids[:2]
    with pytest.raises(IBMInputValueError, match="closed"):
        service.sessions(closed="yes")  # type: ignore[arg-type]  # what is tried


def test_a_listing_is_read_page_by_page_and_costs_a_request_a_page() -> None:
    cloud = EmulatedTransport(two_instances())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, instance="first")
    backend = service.backend("ibm_a")
    ids = {Batch(backend).session_id for _ in range(120)}
    before = len(cloud.ledger)
    assert {session.id for session in service.sessions(limit=None)} == ids
    # Three pages of batches, and one of sessions, of which there are none.
    assert len(cloud.ledger) - before == 4
    assert len(service.sessions(limit=70)) == 70


def test_a_server_that_says_the_same_page_is_next_is_not_believed() -> None:
    told = (
        b'{"workloads": [{"id": "s1", "mode": "session", "created": "2026-09-01T00:00Z", "usage": 5}, {"mode": "x"}],'
        b' "next": {"href": "/workloads?next=a"}}'
    )
    fault = Fault(path="*/workloads", effect=Status(code=200, body=told), times=None)
    cloud = EmulatedTransport(build_world(instance("only", devices=[line_device("ibm_a", 2)]), faults=(fault,)))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    listed = service.sessions(limit=None)
    assert {session.id for session in listed} == {"s1"}
    assert isinstance(listed[0], ListedSession)
    assert listed[0].used_seconds is None
    assert len(listed.troubles) == 1


@pytest.mark.holds("B291")
def test_where_one_listing_is_refused_the_others_are_told_and_where_all_are_the_reason_is_raised() -> None:
    cloud = EmulatedTransport(two_instances())
    service, ids = opened(cloud)
    for times, found in ((1, True), (None, False)):
        fault = Fault(path="*/workloads", effect=Status(code=403), times=times)
        cloud.alter(lambda world, fault=fault: replace(world, faults=(fault,)))  # type: ignore[misc]  # bound at once
        if found:
            listed = service.sessions()
            assert {session.id for session in listed} <= set(ids)
            assert len(listed.troubles) == 1
        else:
            with pytest.raises(IBMNotAuthorizedError):
                service.sessions()
