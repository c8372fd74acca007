"""Listings of jobs: merged, lazy, cut, dated; and what is deprecated but works."""

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.exceptions import (
    IBMInputValueError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
)
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    line_device,
    one_instance,
    two_regions,
)

from .clouds import open_service

PARAMS = b'{"pubs":[]}'


def submit(service: QiskitRuntimeService, name: str, *tags: str) -> str:
    backend = service.backend(name)
    return service.submit(Submission(program="sampler", backend=name, params=PARAMS, tags=tags), backend).job_id()


def submit_each_second(service: QiskitRuntimeService, cloud: EmulatedTransport, names: list[str]) -> list[str]:
    ids = []
    for name in names:
        ids.append(submit(service, name))
        cloud.sleep(1.0)
    return ids


def pages(cloud: EmulatedTransport, since: int) -> list[str]:
    return [exchange.request.url.partition("?")[2] for exchange in cloud.ledger[since:]]


@pytest.mark.holds("B45")
def test_a_lazy_listing_asks_for_a_page_when_one_of_its_jobs_is_wanted() -> None:
    service, cloud = open_service()
    ids = submit_each_second(service, cloud, ["ibm_emu5"] * 25)[::-1]
    since = len(cloud.ledger)
    walk = service.iter_jobs(page_size=10)
    assert len(cloud.ledger) == since
    assert [next(walk).job_id() for _ in range(10)] == ids[:10]
    assert len(cloud.ledger) == since + 1
    assert [job.job_id() for job in walk] == ids[10:]
    assert pages(cloud, since) == [
        "exclude_params=true&limit=10",
        "exclude_params=true&limit=10&offset=10",
        "exclude_params=true&limit=10&offset=20",
    ]


@pytest.mark.holds("B45")
def test_a_lazy_listing_of_two_instances_is_merged_and_reads_no_further_than_it_must() -> None:
    service, cloud = open_service(two_regions())
    ids = submit_each_second(service, cloud, ["ibm_east5", "ibm_europe7"] * 6)[::-1]
    since = len(cloud.ledger)
    walk = service.iter_jobs(page_size=2)
    assert [next(walk).job_id() for _ in range(2)] == ids[:2]
    assert len(cloud.ledger) <= since + 3
    assert [job.job_id() for job in walk] == ids[2:]
    assert [job.job_id() for job in service.iter_jobs(3, 4, page_size=2)] == ids[4:7]
    assert [job.job_id() for job in service.iter_jobs(descending=False)] == ids[::-1]
    assert [job.job_id() for job in service.iter_jobs(instance="instance-2")] == ids[::2]
    assert [job.job_id() for job in service.iter_jobs(backend_name="ibm_east5", limit=1)] == [ids[1]]


@pytest.mark.holds("B44", "B45")
def test_no_limit_is_all_and_a_limit_of_nothing_is_nothing() -> None:
    service, cloud = open_service(two_regions())
    ids = submit_each_second(service, cloud, ["ibm_east5", "ibm_europe7"] * 2)
    assert [job.job_id() for job in service.jobs(limit=None)] == ids[::-1]
    assert service.jobs(limit=0) == [*service.iter_jobs(limit=0)] == []
    assert service.jobs(skip=99) == [*service.iter_jobs(skip=99)] == []
    assert len(service.jobs(limit=99, skip=1)) == 3


@pytest.mark.parametrize("odd", [{"limit": -1}, {"skip": -1}, {"created_after": "2026"}, {"created_before": 5}])
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(odd: dict[str, Any]) -> None:
    service, cloud = open_service()
    since = len(cloud.ledger)
    with pytest.raises(IBMInputValueError, match=next(iter(odd))):
        service.jobs(**odd)
    with pytest.raises(IBMInputValueError, match=next(iter(odd))):
        service.iter_jobs(**odd)
    with pytest.raises(IBMInputValueError, match="page_size"):
        service.iter_jobs(page_size=0)
    with pytest.raises(IBMInputValueError, match=r"'backend'\.\nIt must be one of backend_name, pending"):
        service.iter_jobs(backend="ibm_emu5")  # type: ignore[call-arg]  # a typing error of the user
    assert len(cloud.ledger) == since


@pytest.mark.holds("B46")
def test_dates_are_instants_whatever_their_zone() -> None:
    service, cloud = open_service()
    ids = submit_each_second(service, cloud, ["ibm_emu5"] * 3)
    second = service.job(ids[1]).creation_date
    assert second is not None
    for zone in (UTC, timezone(timedelta(hours=5, minutes=30)), None):
        moment = second.astimezone(zone)
        naive = second.astimezone().replace(tzinfo=None)
        for instant in (moment, naive):
            assert [job.job_id() for job in service.jobs(created_after=instant)] == [ids[2], ids[1]]
            assert [job.job_id() for job in service.jobs(created_before=instant)] == [ids[1], ids[0]]


@pytest.mark.holds("B61")
def test_a_single_word_is_a_tag() -> None:
    service, _ = open_service()
    wanted = submit(service, "ibm_emu5", "fine", "tuned")
    submit(service, "ibm_emu5", "fine")
    assert [job.job_id() for job in service.jobs(job_tags="tuned")] == [wanted]
    assert [job.job_id() for job in service.jobs(job_tags=["fine", "tuned"])] == [wanted]


@pytest.mark.holds("B45")
def test_rows_of_retired_backends_cost_nothing_more() -> None:
    devices = [line_device("ibm_emu5", 5), line_device("ibm_old", 5)]
    service, cloud = open_service(one_instance(devices=devices))
    submit(service, "ibm_old")
    cloud.alter(
        lambda world: msgspec.structs.replace(
            world,
            devices={"ibm_emu5": world.devices["ibm_emu5"]},
            instances={
                crn: msgspec.structs.replace(instance, devices=("ibm_emu5",))
                for crn, instance in world.instances.items()
            },
        )
    )
    since = len(cloud.ledger)
    (job,) = service.jobs()
    assert (job.primitive_id, job.instance) == ("sampler", service.active_instance())
    assert len(cloud.ledger) == since + 1


class Boastful:
    """A carrier to a cloud that counts more jobs than it has, and repeats its last page for ever."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud

    def send(self, request: Request, /) -> Result[Response, Problem]:
        sent = self.cloud.send(request)
        path = request.url.partition("?")[0]
        if not path.endswith("/jobs") or request.method != "GET":
            return sent
        body = msgspec.json.decode(sent.unwrap().body)
        if not body["jobs"]:
            body = msgspec.json.decode(self.cloud.send(msgspec.structs.replace(request, url=path)).unwrap().body)
        body["count"] = 10**9
        return Success(Response(status=200, body=msgspec.json.encode(body)))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B44")
def test_a_server_that_lies_about_counts_is_asked_once_more_than_it_has_pages() -> None:
    cloud = EmulatedTransport(one_instance())
    way = Boastful(cloud)
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud)
    ids = submit_each_second(service, cloud, ["ibm_emu5"] * 7)[::-1]
    assert [job.job_id() for job in service.iter_jobs(page_size=3)] == ids


class Rows:
    """A carrier to a cloud that has these jobs and instances, and tells them in pages of three at most.

    With `stuck` it sends its first page each time, whatever it is asked for.
    """

    def __init__(
        self, cloud: EmulatedTransport, rows: list[Any], count: int | None = None, stuck: bool = False
    ) -> None:
        self.cloud = cloud
        self.rows = rows
        self.count = count
        self.stuck = stuck
        self.offsets: list[int] = []

    def send(self, request: Request, /) -> Result[Response, Problem]:
        path, _, query = request.url.partition("?")
        if path.endswith("/jobs"):
            pairs = dict(pair.split("=") for pair in query.split("&"))
            return self.page(int(pairs.get("offset", 0)), int(pairs["limit"]), "jobs", {"count": self.count})
        if path.endswith("/resources/search"):
            offset = int(msgspec.json.decode(request.body).get("search_cursor", 0))
            return self.page(offset, 3, "items", {"search_cursor": str(offset + 3)})
        return self.cloud.send(request)

    def page(self, offset: int, limit: int, name: str, beside: dict[str, Any]) -> Result[Response, Problem]:
        self.offsets.append(offset)
        first = 0 if self.stuck else offset
        rows = self.rows[first : first + min(limit, 3)]
        return Success(Response(status=200, body=json.dumps({name: rows, **beside}).encode()))

    def close(self) -> None:
        self.cloud.close()


def rows_of(pattern: str) -> list[Any]:
    """Return a row for each letter, which is its id; a dot stands for a row without any."""
    doc = {"extensions": {"any": 1}}
    return [5 if letter == "." else {"id": letter, "crn": crn_of(letter), "doc": doc} for letter in pattern]


def crn_of(letter: str) -> str:
    return f"crn:v1:bluemix:public:quantum-computing:us-east:a/1:{letter}::"


CRN = crn_of("z")


@pytest.mark.holds("B283")
@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize(
    ("pattern", "limit", "listed", "offsets"),
    [
        ("a.cd.fg", None, "acdfg", [0, 3, 6, 7]),
        # What cannot be read takes no place of those that were asked for.
        (".bcd", 1, "b", [0, 1]),
        (".bcd", 2, "bc", [0, 2]),
        ("ab", 2, "ab", [0]),
        # A whole page that cannot be read hides itself only, but two of them on end may go on so for ever.
        ("abc...ghi", None, "abcghi", [0, 3, 6, 9]),
        ("abc......jkl", None, "abc", [0, 3, 6]),
        ("...", None, "", [0, 3]),
    ],
)
def test_a_job_that_cannot_be_read_hides_only_itself(
    pattern: str, limit: int | None, listed: str, offsets: list[int], count: bool
) -> None:
    cloud = EmulatedTransport(one_instance())
    for lazily in (False, True):
        way = Rows(cloud, rows_of(pattern), len(pattern) if count else None)
        service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud, instance=CRN)
        jobs = service.iter_jobs(limit) if lazily else service.jobs(limit)
        assert "".join(job.job_id() for job in jobs) == listed
        # A count saves the request beyond the end.
        assert way.offsets == [offset for offset in offsets if not count or offset < len(pattern)]


@pytest.mark.holds("B283")
@pytest.mark.parametrize(("pattern", "listed"), [("ab.", "ab"), ("...", "")])
def test_a_server_that_sends_one_odd_page_for_ever_is_left(pattern: str, listed: str) -> None:
    cloud = EmulatedTransport(one_instance())
    way = Rows(cloud, rows_of(pattern), 10**9, stuck=True)
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud, instance=CRN)
    assert "".join(job.job_id() for job in service.jobs(limit=None)) == listed
    assert way.offsets == [0, 3]


@pytest.mark.holds("B283")
@pytest.mark.parametrize(
    ("pattern", "stuck", "found", "offsets"),
    [
        ("a.cd.f", False, "acdf", [0, 3, 6]),
        ("abc...ghi", False, "abcghi", [0, 3, 6, 9]),
        ("abc......jkl", False, "abc", [0, 3, 6]),
        ("ab.", True, "ab", [0, 3]),
        ("...", True, "", [0, 3]),
    ],
)
def test_an_instance_that_cannot_be_read_hides_only_itself(
    pattern: str, stuck: bool, found: str, offsets: list[int]
) -> None:
    cloud = EmulatedTransport(one_instance())
    way = Rows(cloud, rows_of(pattern), stuck=stuck)
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud, instance=CRN)
    assert "".join(instance["crn"][-3] for instance in service.instances()) == found
    assert way.offsets == offsets


# What is deprecated


@pytest.mark.holds("B149")
@pytest.mark.parametrize("name", ["ibm_east5", "ibm_europe7"])
def test_a_job_is_deleted_where_it_is(name: str) -> None:
    service, cloud = open_service(two_regions())
    job = submit(service, name)
    cloud.sleep(10.0)
    with pytest.warns(DeprecationWarning, match="delete_job"):
        service.delete_job(job)
    with pytest.raises(RuntimeJobNotFound):
        service.job(job)


@pytest.mark.holds("B275")
def test_a_job_that_waits_is_deleted_and_one_that_runs_is_not() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0, run_seconds=10.0))
    waiting = submit(service, "ibm_emu5")
    with pytest.warns(DeprecationWarning, match="delete_job"):
        service.delete_job(waiting)
    with pytest.raises(RuntimeJobNotFound):
        service.job(waiting)
    job = submit(service, "ibm_emu5")
    cloud.sleep(105.0)
    with (
        pytest.warns(DeprecationWarning, match="delete_job"),
        pytest.raises(RuntimeInvalidStateError, match="cannot be deleted"),
    ):
        service.delete_job(job)
    assert service.job(job).status() == "RUNNING"


@pytest.mark.parametrize(("odd", "error"), [("nothing", RuntimeJobNotFound), ("", IBMInputValueError)])
def test_a_job_that_is_not_there_is_not_deleted(odd: str, error: type[Exception]) -> None:
    service, _ = open_service()
    with pytest.warns(DeprecationWarning, match="delete_job"), pytest.raises(error):
        service.delete_job(odd)


@pytest.mark.holds("B149")
def test_too_many_pending_jobs_are_waited_for() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    ids = submit_each_second(service, cloud, ["ibm_emu5"] * 2)
    began = cloud.now()
    with pytest.warns(DeprecationWarning, match="check_pending_jobs"):
        service.check_pending_jobs()
    assert cloud.now() == began
    ids += submit_each_second(service, cloud, ["ibm_emu5"])
    with pytest.warns(DeprecationWarning, match="check_pending_jobs"):
        service.check_pending_jobs()
    assert service.job(ids[0]).in_final_state()
    assert cloud.now() >= began + 98


@pytest.mark.holds("B149")
def test_only_jobs_of_the_active_instance_make_anybody_wait() -> None:
    service, cloud = open_service(two_regions(queue_seconds=100.0))
    for name in ("ibm_europe7", "ibm_europe7", "ibm_east5"):
        submit(service, name)
    began = cloud.now()
    with pytest.warns(DeprecationWarning, match="check_pending_jobs"):
        service.check_pending_jobs(max_pending=2)
    assert cloud.now() == began
    submit(service, "ibm_east5")
    with pytest.warns(DeprecationWarning, match="check_pending_jobs"):
        service.check_pending_jobs(max_pending=2)
    assert cloud.now() >= began + 100


# Usage


class Telling:
    """A carrier to a cloud that tells its usage in other words."""

    def __init__(self, cloud: EmulatedTransport, body: dict[str, object]) -> None:
        self.cloud = cloud
        self.body = body

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.url.endswith("/instances/usage"):
            return Success(Response(status=200, body=msgspec.json.encode(self.body)))
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B50", "B540")
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({}, {}),
        ({"usage_consumed_seconds": None, "usage_limit_seconds": None, "plan_id": ""}, {}),
        ({"usage_limit_seconds": 600}, {"usage_limit_seconds": 600}),
        ({"usage_consumed_seconds": 0, "plan_id": "p"}, {"usage_consumed_seconds": 0, "plan_id": "p"}),
        (
            {"usage_consumed_seconds": 45, "usage_limit_seconds": None, "usage_allocation_seconds": 600},
            {"usage_consumed_seconds": 45.0, "usage_allocation_seconds": 600.0, "usage_remaining_seconds": 555.0},
        ),
        (
            {"usage_consumed_seconds": 5, "usage_limit_seconds": 0, "usage_limit_reached": True},
            {
                "usage_consumed_seconds": 5.0,
                "usage_limit_seconds": 0.0,
                "usage_limit_reached": True,
                "usage_remaining_seconds": 0.0,
            },
        ),
        (
            {"usage_consumed_seconds": 1, "usage_period": {"start_time": "a", "end_time": None}},
            {"usage_consumed_seconds": 1.0, "usage_period": {"start_time": "a", "end_time": None}},
        ),
        (
            {"usage_consumed_ru": 1.5, "usage_limit_ru": 10.25, "usage_allocation_ru": 11},
            {"usage_consumed_ru": 1.5, "usage_limit_ru": 10.25, "usage_allocation_ru": 11},
        ),
    ],
)
def test_a_usage_is_told_whatever_its_shape(body: dict[str, object], shown: dict[str, object]) -> None:
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=Telling(cloud, body), clock=cloud)
    usage = service.usage()
    assert usage.pop("instance_id") == service.active_instance()
    assert usage == shown


def test_the_usage_of_any_instance_can_be_asked_for() -> None:
    service, _ = open_service(two_regions())
    second = service.instances()[1]
    assert service.usage("instance-2")["instance_id"] == service.usage(second["crn"])["instance_id"] == second["crn"]
    assert service.usage()["instance_id"] == service.active_instance() != second["crn"]
