"""What cannot be asked or read hides only itself, is told, and is raised only where nothing is left."""

import logging
import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service import QiskitRuntimeService, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMNetworkError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    QiskitBackendNotFoundError,
    RuntimeJobNotFound,
)
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, Fault, Status, line_device, many_instances

from .clouds import PartlyDown

Down = dict[int, tuple[int, int | None]]
"""By the place of an instance, how many requests go well first, and the status of the others."""

SUBMISSION = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')
REASONS = [
    (403, IBMNotAuthorizedError, "answered 403"),
    (500, IBMApiError, "answered 500"),
    (None, IBMNetworkError, "nobody is there"),
]


class Account:
    """A service of several instances, each with jobs of its own, some of which are down."""

    def __init__(self, instances: int, jobs: int, down: Down, end: str = "/jobs", page: int | None = None) -> None:
        self.cloud = EmulatedTransport(many_instances(instances))
        whole = QiskitRuntimeService(token=API_KEY, transport=self.cloud, clock=self.cloud)
        self.crns = list(whole.instance_names())
        self.jobs: list[tuple[int, str]] = []
        """The place of the instance and the id of each job, newest first."""
        for _ in range(jobs):
            for place, crn in enumerate(self.crns):
                job = whole.submit(SUBMISSION, whole.backend("ibm_emu5", crn))
                self.jobs.insert(0, (place, job.job_id()))
                self.cloud.sleep(1.0)
        way = PartlyDown(self.cloud, {self.crns[place]: how for place, how in down.items()}, end, page)
        self.service = QiskitRuntimeService(token=API_KEY, transport=way, clock=self.cloud)

    def ids(self, *places: int) -> list[str]:
        """Return the jobs of some instances, newest first."""
        return [job_id for place, job_id in self.jobs if place in places]

    def names(self, *places: int) -> list[str]:
        return [self.service.instance_names()[self.crns[place]] for place in places]


@pytest.mark.holds("B291", "B45")
@pytest.mark.parametrize(("status", "error", "words"), REASONS)
def test_one_instance_of_four_that_says_no_hides_its_jobs_and_no_others(
    status: int | None, error: type[Exception], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    account = Account(4, 2, {1: (0, status)})
    with caplog.at_level(logging.WARNING):
        found = account.service.jobs(limit=None)
    assert [job.job_id() for job in found] == account.ids(0, 2, 3)
    ((who, _),) = found.troubles
    assert who == account.crns[1]
    (line,) = caplog.messages
    assert line.startswith(f"{who} could not be read: ")
    assert words in line
    (note,) = found.report().notes
    (name,) = account.names(1)
    assert note.startswith(f"{name} could not be read: ")
    assert words in note
    assert words in found._repr_html_()
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert [job.job_id() for job in account.service.iter_jobs()] == account.ids(0, 2, 3)
    (again,) = caplog.messages
    assert again.startswith(f"{who} could not be read: ")
    assert words in again
    assert [job.job_id() for job in account.service.jobs(limit=3, skip=2)] == account.ids(0, 2, 3)[2:5]


@pytest.mark.holds("B291")
def test_two_instances_that_fail_in_two_ways_are_both_told(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(4, 1, {0: (0, 403), 3: (0, 500)})
    with caplog.at_level(logging.WARNING):
        found = account.service.jobs()
    assert [job.job_id() for job in found] == account.ids(1, 2)
    assert [(who, getattr(problem, "status", None)) for who, problem in found.troubles] == [
        (account.crns[0], 403),
        (account.crns[3], 500),
    ]
    assert [f"answered {status}" in line for line, status in zip(caplog.messages, (403, 500), strict=True)] == [
        True
    ] * 2


LISTINGS: list[tuple[str, Callable[[QiskitRuntimeService], object]]] = [
    ("/jobs", lambda service: service.jobs()),
    ("/jobs", lambda service: next(service.iter_jobs())),
    ("/backends", lambda service: service.backends()),
    ("/jobs/j1", lambda service: service.job("j1")),
    ("/sessions/s1", lambda service: service.find_session("s1")),
]


@pytest.mark.holds("B291", "B294")
@pytest.mark.parametrize(("end", "call"), LISTINGS)
def test_where_no_instance_answers_the_reason_is_raised(
    end: str, call: Callable[[QiskitRuntimeService], object]
) -> None:
    about_jobs = end != "/backends"
    with pytest.raises(IBMNotAuthorizedError, match="answered 403") as alike:
        call(Account(2, 0, {0: (0, 403), 1: (0, 403)}, end).service)
    assert isinstance(alike.value, IBMRuntimeError) == about_jobs
    account = Account(2, 0, {0: (0, 403), 1: (0, None)}, end)
    with pytest.raises(IBMApiError, match="could not be asked") as differing:
        call(account.service)
    assert isinstance(differing.value, IBMRuntimeError) == about_jobs
    first, second = account.crns
    _, one, other, fix = str(differing.value).splitlines()
    assert one.startswith(f"  - {first}: ")
    assert "answered 403" in one
    assert other.startswith(f"  - {second}: ")
    assert "nobody is there" in other
    assert fix.startswith("Try again")


@pytest.mark.holds("B291")
@pytest.mark.parametrize(("status", "error", "words"), REASONS)
def test_an_instance_that_is_named_is_all_that_there_is(status: int | None, error: type[Exception], words: str) -> None:
    account = Account(2, 1, {1: (0, status)})
    service, (good, bad) = account.service, account.crns
    for listing in (service.jobs, service.iter_jobs):
        assert [job.job_id() for job in listing(instance=good)] == account.ids(0)
        with pytest.raises(error, match=words) as caught:
            list(listing(instance=bad))
        assert isinstance(caught.value, IBMRuntimeError)


@pytest.mark.holds("B293")
@pytest.mark.parametrize("status", [403, 500, None])
def test_a_page_that_cannot_be_read_hides_the_rest_of_its_instance(
    status: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    account = Account(2, 5, {0: (1, status)}, page=2)
    left = [job_id for job_id in account.ids(0, 1) if job_id in {*account.ids(0)[:2], *account.ids(1)}]
    with caplog.at_level(logging.WARNING):
        found = account.service.jobs(limit=None)
    assert [job.job_id() for job in found] == left
    assert [who for who, _ in found.troubles] == account.crns[:1]
    assert [line.partition(" could not be read")[0] for line in caplog.messages] == account.crns[:1]
    again = Account(2, 5, {0: (1, status)}, page=2)
    caplog.clear()
    walk = again.service.iter_jobs()
    with caplog.at_level(logging.WARNING):
        # The jobs of the two instances take turns, so the third of one follows the second of the other.
        begun = [next(walk).job_id() for _ in range(3)]
        assert not caplog.messages
        assert len([*begun, *walk]) == 7
    assert [line.partition(" could not be read")[0] for line in caplog.messages] == again.crns[:1]


@pytest.mark.holds("B293")
def test_a_page_that_cannot_be_read_ends_the_listing_of_an_instance_that_is_named() -> None:
    account = Account(2, 5, {0: (1, 500)}, page=2)
    found = account.service.jobs(limit=None, instance=account.crns[0])
    assert [job.job_id() for job in found] == account.ids(0)[:2]
    assert [who for who, _ in found.troubles] == account.crns[:1]


@pytest.mark.holds("B291")
def test_where_the_others_have_nothing_the_listing_is_empty_and_says_what_is_missing() -> None:
    account = Account(3, 0, {1: (0, 403)})
    found = account.service.jobs()
    assert found == []
    assert [who for who, _ in found.troubles] == account.crns[1:2]
    assert "answered 403" in str(found.report().notes)
    assert list(account.service.iter_jobs()) == []


@pytest.mark.holds("B291", "B11")
def test_backends_tell_what_is_missing_as_jobs_do(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(3, 0, {1: (0, 403), 2: (0, 500)}, "/backends")
    with caplog.at_level(logging.WARNING):
        found = account.service.backends()
    assert [backend.instance for backend in found] == account.crns[:1]
    assert [(who, getattr(problem, "status", None)) for who, problem in found.troubles] == [
        (account.crns[1], 403),
        (account.crns[2], 500),
    ]
    assert len(caplog.messages) == 2
    second, third = found.report().notes
    for note, name, words in zip((second, third), account.names(1, 2), ("403", "500"), strict=True):
        assert note.startswith(f"{name} could not be read: ")
        assert words in note
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  # our own bytes
    assert again.troubles == found.troubles


def without_devices(world: World, crn: str) -> World:
    """Return a world in which one instance has no device."""
    bare = msgspec.structs.replace(world.instances[crn], devices=())
    return msgspec.structs.replace(world, instances={**world.instances, crn: bare})


@pytest.mark.holds("B291", "B292")
def test_where_the_other_instance_lists_nothing_there_is_no_backend_and_that_is_said() -> None:
    account = Account(2, 0, {1: (0, 403)}, "/backends")
    account.cloud.alter(lambda world: without_devices(world, account.crns[0]))
    found = account.service.backends()
    assert (found, [who for who, _ in found.troubles]) == ([], account.crns[1:])
    with pytest.raises(QiskitBackendNotFoundError) as caught:
        account.service.least_busy()
    first, reason, fix = str(caught.value).splitlines()
    assert first == "No backend could be read:"
    assert reason.startswith(f"  - {account.crns[1]}: ")
    assert "instance=" in fix


@pytest.mark.holds("B292")
def test_a_backend_that_may_be_where_nobody_could_ask_is_not_said_to_be_nowhere() -> None:
    account = Account(3, 0, {0: (0, 403), 2: (0, None)}, "/backends")
    assert account.service.backend("ibm_emu5").instance == account.crns[1]
    for name, fix in (("kyiv", "Try again later."), ("IBM_EMU6", "Try again later. Did you mean 'ibm_emu5'?")):
        with pytest.raises(QiskitBackendNotFoundError) as caught:
            account.service.backend(name)
        first, one, other, last = str(caught.value).splitlines()
        assert first == f"Not everything could be read, and the rest has no backend {name!r}."
        assert one.startswith(f"  - {account.crns[0]}: ")
        assert "answered 403" in one
        assert other.startswith(f"  - {account.crns[2]}: ")
        assert last == fix
    with pytest.raises(QiskitBackendNotFoundError, match="Of the others, 0 of 1 backends match"):
        account.service.least_busy(min_num_qubits=6)


def answer_once(account: Account, path: str, body: object) -> None:
    """Let one request to a path be answered so, whoever asks."""
    fault = Fault(path=path, effect=Status(code=200, body=msgspec.json.encode(body)))
    account.cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))


@pytest.mark.holds("B283", "B291")
def test_rows_that_cannot_be_read_are_told_as_what_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(2, 0, {})
    jobs = {"jobs": [{"id": "j1"}, {"id": 5}, {"state": {}}, {"id": "j2"}], "count": 4}
    backends = {"devices": [{"qubits": 5}, {"name": "ibm_emu5", "qubits": 5}]}
    for path, body, listing, words in (
        ("*/jobs", jobs, account.service.jobs, "2 of its jobs have no id."),
        ("*/jobs", jobs, lambda: list(account.service.iter_jobs()), "2 of its jobs have no id."),
        ("*/backends", backends, account.service.backends, "1 of its backends has no name."),
    ):
        answer_once(account, path, body)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            found: Any = listing()
        (line,) = caplog.messages
        who, _, said = line.partition(" could not be read whole: ")
        assert (who in account.crns, said) == (True, words)
        if hasattr(found, "troubles"):
            assert [trouble for trouble, _ in found.troubles] == [who]
            assert words in found._repr_html_()
    account = Account(2, 0, {})
    answer_once(account, "*/backends", {"devices": [{"qubits": 5}]})
    with pytest.raises(QiskitBackendNotFoundError, match="Not everything could be read, and the rest has no") as caught:
        account.service.backend("ibm_typo", account.crns[0])
    assert "1 of its backends has no name." in str(caught.value)


@pytest.mark.holds("B283")
def test_an_instance_of_which_no_row_can_be_read_has_answered() -> None:
    account = Account(2, 0, {})
    answer_once(account, "*/jobs", {"jobs": [{}, None], "count": 2})
    jobs = account.service.jobs(instance=account.crns[0])
    answer_once(account, "*/backends", {"devices": [{}, None]})
    backends = account.service.backends(instance=account.crns[0])
    for found in (jobs, backends):
        assert found == []
        assert [who for who, _ in found.troubles] == account.crns[:1]


@pytest.mark.holds("B43", "B291")
def test_a_job_is_found_beside_instances_that_say_no() -> None:
    account = Account(4, 1, {})
    (wanted,) = account.ids(2)
    down: Down = {0: (0, 403), 1: (0, 500)}
    way = PartlyDown(account.cloud, {account.crns[place]: how for place, how in down.items()}, f"/jobs/{wanted}")
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=account.cloud)
    assert service.job(wanted).instance == account.crns[2]
    other = PartlyDown(account.cloud, {account.crns[0]: (0, 403)}, "/jobs/gone")
    service = QiskitRuntimeService(token=API_KEY, transport=other, clock=account.cloud)
    with pytest.raises(IBMNotAuthorizedError, match="answered 403") as caught:
        service.job("gone")
    assert isinstance(caught.value, IBMRuntimeError)
    assert not isinstance(caught.value, RuntimeJobNotFound)
    with pytest.raises(RuntimeJobNotFound, match="none of the 4 instances"):
        service.job("nowhere")


@pytest.mark.holds("B43", "B291")
def test_a_session_is_found_beside_instances_that_say_no() -> None:
    cloud = EmulatedTransport(many_instances(3, plans=2, devices=[line_device("ibm_emu5", 5)]))
    whole = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    paid = [instance["crn"] for instance in whole.instances() if instance["pricing_type"] != "free"]
    assert paid
    session = Session(whole.backend("ibm_emu5", paid[0]))
    others = {crn: (0, 403) for crn in whole.instance_names() if crn != paid[0]}
    way = PartlyDown(cloud, {**others}, f"/sessions/{session.session_id}")
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud)
    assert service.find_session(session.session_id or "").backend == "ibm_emu5"
    with pytest.raises(IBMInputValueError, match="none of the 3 instances"):
        service.find_session("nowhere")


@pytest.mark.holds("B291", "B294")
def test_the_usage_of_one_instance_is_all_that_was_asked_for() -> None:
    account = Account(2, 0, {0: (0, 403)}, "/usage")
    with pytest.raises(IBMNotAuthorizedError, match="403"):
        account.service.usage()
    assert account.service.usage(account.crns[1])["instance_id"] == account.crns[1]
