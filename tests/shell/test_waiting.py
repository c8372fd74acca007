"""Waiting for one job or many: few requests, deadlines that hold, interruptions that harm nothing, a line to watch."""

import io
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr
from threading import Event
from typing import Any

import msgspec
import pytest
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.providers.fake_provider import GenericBackendV2
from returns.result import Result

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2, SamplerV2, Session, wait_all
from qiskit_runtime_service.emulator.faults import Effect
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMError,
    IBMNetworkError,
    IBMNotAuthorizedError,
    IBMTimeoutError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
)
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.shell.progress import NotebookLine, RichLine, Silent, TerminalLine, open_line
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Lost,
    Stall,
    Status,
    Unreachable,
    build_world,
    emulated_cloud,
    instance,
    line_device,
    one_instance,
    too_many_requests,
    two_regions,
)

from .clouds import open_service, submit_bell


def submit(service: QiskitRuntimeService, name: str = "ibm_emu5", **changes: Any) -> RuntimeJobV2:
    order = Submission(program="sampler", backend=name, params=b'{"pubs":[]}', **changes)
    return service.submit(order, service.backend(name))


def looks(cloud: EmulatedTransport, since: int) -> Counter[str]:
    """Count looks at single jobs and at listings."""
    gets = (exchange.request for exchange in cloud.ledger[since:] if exchange.request.method == "GET")
    paths = (request.url.partition("?")[0] for request in gets)
    return Counter("listing" if path.endswith("/jobs") else "job" for path in paths if "/jobs" in path)


def strike(cloud: EmulatedTransport, *faults: Fault) -> None:
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))


# Many jobs


@pytest.mark.holds("B153")
def test_a_hundred_jobs_take_one_request_a_look() -> None:
    service, cloud = open_service(one_instance(queue_seconds=600.0))
    jobs = [submit(service, tags=("sweep",)) for _ in range(100)]
    since, began = len(cloud.ledger), cloud.now()
    assert wait_all(jobs) == jobs
    assert all(job.in_final_state() for job in jobs)
    assert 600 <= cloud.now() - began <= 600 * 1.1 + 3
    assert looks(cloud, since) == {"listing": pytest.approx(60, abs=8)}


@pytest.mark.holds("B153")
def test_jobs_of_several_instances_are_looked_at_together() -> None:
    service, cloud = open_service(two_regions(queue_seconds=100.0))
    east = [submit(service, "ibm_east5") for _ in range(5)]
    europe = submit(service, "ibm_europe7")
    since = len(cloud.ledger)
    wait_all([*east, europe])
    counted = looks(cloud, since)
    assert counted["listing"] == counted["job"] > 0


@pytest.mark.takes_long
@pytest.mark.holds("B153")
def test_jobs_that_others_crowd_out_are_still_found() -> None:
    service, cloud = open_service(one_instance(queue_seconds=50.0))
    ours = [submit(service, tags=("ours",)) for _ in range(2)]
    for _ in range(450):
        submit(service, tags=("theirs",))
    for job in ours:
        job.update_tags([])
    wait_all(ours)
    assert all(job.in_final_state() for job in ours)
    since = len(cloud.ledger)
    assert wait_all(ours) == ours
    assert len(cloud.ledger) == since


def test_dry_runs_are_waited_for_too() -> None:
    devices = [line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)]
    service, _ = open_service(one_instance(devices=devices))
    jobs = [submit(service, "mock_emu5") for _ in range(3)]
    wait_all(jobs)
    assert all(job.in_final_state() for job in jobs)


def test_no_jobs_take_no_time() -> None:
    assert wait_all([]) == []


def test_jobs_that_run_in_this_process_are_waited_for_too() -> None:
    service, _ = open_service()
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    here = SamplerV2(mode=GenericBackendV2(2, seed=1)).run([circuit], shots=5)
    there = submit(service)
    assert wait_all([here, there]) == [here, there]
    assert here.in_final_state()
    assert there.in_final_state()
    assert wait_all([here], timeout=1.0) == [here]


class Stuck(GenericBackendV2):
    """A backend that says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__(2, seed=1)
        self.let_go = Event()

    def run(self, *_: Any, **__: Any) -> Any:
        self.let_go.wait()
        raise QiskitError("It was let go.")


def test_a_deadline_is_one_for_jobs_in_the_cloud_and_in_this_process() -> None:
    service, _ = open_service(one_instance(queue_seconds=10.0))
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    backend = Stuck()
    here, there = SamplerV2(mode=backend).run([circuit], shots=5), submit(service)
    try:
        # The job in the cloud takes nearly all of it.
        with pytest.raises(RuntimeJobTimeoutError, match=f"Job {here.job_id()} is RUNNING after 0 s"):
            wait_all([here, there], timeout=12.2, poll_interval=0.1)
    finally:
        backend.let_go.set()
    assert there.in_final_state()


def test_changes_are_told_job_by_job() -> None:
    service, _ = open_service(one_instance(queue_seconds=30.0))
    jobs = [submit(service) for _ in range(2)]
    changes: list[tuple[str, str]] = []
    wait_all(jobs, on_change=lambda job, _: changes.append((job.job_id(), job.status())))
    for job in jobs:
        mine = [status for job_id, status in changes if job_id == job.job_id()]
        assert mine[0] == "QUEUED"
        assert len(mine) == len(set(mine)) >= 2


def test_a_deadline_counts_those_that_are_left() -> None:
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    jobs = [submit(service) for _ in range(4)]
    began = cloud.now()
    with pytest.raises(RuntimeJobTimeoutError, match="3 others are not final either"):
        wait_all(jobs, timeout=20.0)
    assert cloud.now() - began == pytest.approx(20.0, abs=0.2)


def test_a_job_that_is_gone_ends_the_wait() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    jobs = [submit(service) for _ in range(3)]
    assert jobs[0].status() == "QUEUED"
    cloud.alter(lambda world: msgspec.structs.replace(world, jobs={}))
    with pytest.raises(RuntimeJobNotFound):
        wait_all(jobs)


# Deadlines and bad looks


@pytest.mark.holds("B152")
@pytest.mark.parametrize(
    "effect", [Stall(seconds=1000.0), Lost(acted=False), Status(code=502), Status(code=503), too_many_requests(60)]
)
def test_a_look_that_hangs_does_not_outlive_the_deadline(effect: Stall | Lost | Status) -> None:
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    jobs = [submit(service) for _ in range(2)]
    for waited in (jobs[:1], jobs):
        began = cloud.now()
        strike(cloud, Fault(method="GET", path="*/jobs*", effect=effect, times=None))
        with pytest.raises((RuntimeJobTimeoutError, IBMApiError)):
            wait_all(waited, timeout=5.0)
        strike(cloud)
        assert cloud.now() - began <= 5.5


DEAD: dict[str, tuple[Effect, type[IBMError], str]] = {
    "nobody is there": (Unreachable(), IBMNetworkError, "No response from"),
    "nothing comes": (Stall(seconds=1e6), IBMTimeoutError, "nothing came for"),
    "it is out of order": (Status(code=503), IBMApiError, "answered 503"),
    "it does not know us": (Status(code=403), IBMNotAuthorizedError, "answered 403"),
    "it says nothing": (Status(code=200, body=b"{}"), IBMApiError, "is JSON of another shape"),
}


@pytest.mark.holds("B326")
@pytest.mark.parametrize("how", DEAD)
@pytest.mark.parametrize("count", [1, 3])
def test_a_wait_for_a_dead_server_ends_with_the_cause(how: str, count: int) -> None:
    effect, error, words = DEAD[how]
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    jobs = [submit(service) for _ in range(count)]
    strike(cloud, Fault(method="GET", path="*/jobs*", effect=effect, times=None))
    began = cloud.now()
    with pytest.raises(error, match=words) as caught:
        wait_all(jobs, timeout=1.5)
    assert cloud.now() - began <= 2.0
    assert not isinstance(caught.value, RuntimeJobTimeoutError)
    told = "\n".join((str(caught.value), *caught.value.__notes__))
    assert "INITIALIZING" not in told
    assert "goes on" not in told
    assert all(repr(job.job_id()) in told for job in jobs)


@pytest.mark.holds("B326")
def test_a_wait_that_ends_while_the_server_is_away_tells_what_was_read_last() -> None:
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    job, other = submit(service), submit(service)
    for waited in ([job], [job, other]):
        strike(cloud, Fault(method="GET", path="*/jobs*", effect=Status(code=503), after=1, times=None))
        with pytest.raises(RuntimeJobTimeoutError) as caught:
            wait_all(waited, timeout=4.0)
        told = str(caught.value)
        assert told.startswith(f"Job {job.job_id()} was QUEUED when it was last read; after 4 s it cannot be read: ")
        assert "answered 503" in told
        assert "goes on" not in told
        assert "others" not in told


@pytest.mark.holds("B326")
def test_a_job_that_was_never_read_is_told_before_one_that_was() -> None:
    service, cloud = open_service(two_regions(queue_seconds=1000.0))
    near, far = (submit(service, name) for name in ("ibm_east5", "ibm_europe7"))
    strike(cloud, Fault(method="GET", path=f"*/jobs/{far.job_id()}", effect=Status(code=503), times=None))
    with pytest.raises(IBMApiError, match="answered 503") as caught:
        wait_all([near, far], timeout=4.0)
    (note,) = caught.value.__notes__
    assert repr(far.job_id()) in note
    assert near.job_id() not in note
    with pytest.raises(RuntimeJobTimeoutError, match=f"Job {near.job_id()} is QUEUED after 4 s. It goes on"):
        near.wait_for_final_state(timeout=4.0)


@pytest.mark.holds("B42")
def test_a_job_that_cannot_be_seen_yet_is_waited_for() -> None:
    service, cloud = open_service()
    job = submit(service)
    strike(cloud, Fault(method="GET", path="*/jobs/*", effect=Status(code=404), times=3))
    job.wait_for_final_state()
    assert job.in_final_state()


@pytest.mark.holds("B290")
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    "bad", [Status(code=404), Status(code=403), Status(code=400), Status(code=401), Status(code=200, body=b"<html>")]
)
def test_a_look_that_is_refused_does_not_end_the_wait_for_jobs_that_were_seen(bad: Status, count: int) -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    jobs = [submit(service) for _ in range(count)]
    assert [job.status() for job in jobs] == ["QUEUED"] * count
    # A token that is turned away is renewed at once, and a page is asked for again.
    times = {200: 4, 401: 2}.get(bad.code, 1)
    strike(cloud, Fault(method="GET", path="*/jobs*", effect=bad, after=1, times=times))
    wait_all(jobs)
    assert all(job.in_final_state() for job in jobs)


@pytest.mark.holds("B290")
def test_a_result_is_there_though_its_job_was_not_to_be_seen_four_times() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    job = submit_bell(service)
    assert job.status() == "QUEUED"
    strike(cloud, Fault(method="GET", path="*/jobs/*", effect=Status(code=404), after=1, times=4))
    assert job.result()[0].data.meas.num_shots == 64


@pytest.mark.holds("B290")
def test_a_job_that_is_not_to_be_seen_five_times_is_gone() -> None:
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    job = submit(service)
    assert job.status() == "QUEUED"
    strike(cloud, Fault(method="GET", path="*/jobs/*", effect=Status(code=404), after=2, times=None))
    since = len(cloud.ledger)
    with pytest.raises(RuntimeJobNotFound, match=job.job_id()):
        job.wait_for_final_state()
    assert len(cloud.ledger) == since + 7


def test_a_service_that_stays_away_ends_the_wait_and_not_the_job() -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    job = submit(service)
    strike(cloud, Fault(method="GET", path="*/jobs/*", effect=Status(code=500), times=None))
    with pytest.raises(IBMApiError, match="500"):
        job.wait_for_final_state()
    strike(cloud)
    job.wait_for_final_state()


def good_and_bad_looks(*runs: int) -> tuple[RuntimeJobV2, EmulatedTransport]:
    """Return a job that waits: so many looks at it fail, one goes well, so many fail, and so on."""
    service, cloud = open_service(one_instance(queue_seconds=1000.0))
    job = submit(service)
    faults, gone = [], 0
    for run in runs:
        # What is not implemented is not tried again: each look is one request.
        faults.append(Fault(method="GET", path="*/jobs/*", effect=Status(code=501), after=gone, times=run))
        gone += run + 1
    strike(cloud, *faults)
    return job, cloud


@pytest.mark.holds("B152")
@pytest.mark.parametrize("runs", [(4,), (4, 4), (1, 4, 3)])
def test_four_bad_looks_in_a_row_do_not_end_a_wait_however_often(runs: tuple[int, ...]) -> None:
    job, _ = good_and_bad_looks(*runs)
    job.wait_for_final_state()
    assert job.in_final_state()


@pytest.mark.holds("B152")
def test_the_fifth_bad_look_in_a_row_ends_a_wait() -> None:
    job, cloud = good_and_bad_looks(4, 5)
    since = len(cloud.ledger)
    with pytest.raises(IBMApiError, match="501") as caught:
        job.wait_for_final_state()
    assert caught.value.status == 501
    assert len(cloud.ledger) == since + 10


@pytest.mark.parametrize("place", [0, 1])
def test_a_job_that_is_gone_ends_the_wait_though_a_look_at_another_may_yet_go_well(place: int) -> None:
    service, cloud = open_service(two_regions(queue_seconds=1000.0))
    jobs = [submit(service, name) for name in ("ibm_east5", "ibm_europe7")]
    assert [job.status() for job in jobs] == ["QUEUED", "QUEUED"]
    gone, other = jobs[place], jobs[1 - place]
    strike(
        cloud,
        Fault(method="GET", path=f"*/jobs/{gone.job_id()}", effect=Status(code=404), times=None),
        Fault(method="GET", path=f"*/jobs/{other.job_id()}", effect=Status(code=501), times=None),
    )
    since = len(cloud.ledger)
    with pytest.raises(RuntimeJobNotFound, match=gone.job_id()):
        wait_all(jobs)
    # Five looks at both.
    assert len(cloud.ledger) == since + 10


def test_an_unknown_status_is_shown_and_not_waited_for_without_end() -> None:
    service, cloud = open_service()
    job = submit(service)
    body = msgspec.json.encode({"id": job.job_id(), "state": {"status": "Paused by moon"}})
    strike(cloud, Fault(method="GET", path="*/jobs/*", effect=Status(code=200, body=body), times=None))
    assert job.status() == "PAUSED BY MOON"
    with pytest.raises(RuntimeJobTimeoutError, match="PAUSED BY MOON after 60 s"):
        job.result(timeout=60.0)


@pytest.mark.holds("B42")
@pytest.mark.parametrize("interval", [0.0, -1.0, 0.05])
def test_a_pause_of_nothing_is_a_tenth_of_a_second(interval: float) -> None:
    service, cloud = open_service(one_instance(queue_seconds=10.0))
    job = submit(service)
    since = len(cloud.ledger)
    job.wait_for_final_state(poll_interval=interval)
    assert looks(cloud, since)["job"] <= 125


def test_jobs_in_sessions_are_looked_at_more_often() -> None:
    service, cloud = open_service(build_world(instance("i", plan="premium", devices=[line_device("ibm_emu5", 5)])))
    session = Session(service.backend("ibm_emu5"))
    job = submit(service, session=session.session_id)
    began = cloud.now()
    job.wait_for_final_state()
    assert cloud.now() - began <= 2.2


# Interruptions


class Impatient:
    """A clock whose user loses patience after some pauses."""

    def __init__(self, cloud: EmulatedTransport, pauses: int) -> None:
        self.cloud = cloud
        self.pauses = pauses

    def now(self) -> float:
        return self.cloud.now()

    def sleep(self, seconds: float, /) -> None:
        if not self.pauses:
            raise KeyboardInterrupt
        self.pauses -= 1
        self.cloud.sleep(seconds)


@pytest.mark.holds("B152")
def test_an_interrupted_wait_leaves_the_jobs_running_and_says_their_ids() -> None:
    cloud = EmulatedTransport(one_instance(queue_seconds=100.0))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=Impatient(cloud, 3))
    jobs = [submit(service) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt) as raised:
        wait_all(jobs)
    (note,) = raised.value.__notes__
    assert all(job.job_id() in note for job in jobs)
    assert [job.status() for job in jobs] == ["QUEUED", "QUEUED"]
    assert not cloud.requests("/cancel")


# Progress


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.holds("B152")
def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    service, _ = open_service(one_instance(queue_seconds=30.0))
    submit(service).wait_for_final_state(progress=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.holds("B152")
@pytest.mark.parametrize(
    "wait",
    [
        lambda job, shown: job.wait_for_final_state(progress=shown),
        lambda job, shown: job.result(progress=shown),
        lambda job, shown: job.raw_result(progress=shown),
        lambda job, shown: wait_all([job], progress=shown),
    ],
    ids=["wait", "result", "raw result", "all"],
)
def test_each_way_to_wait_shows_a_line_where_it_is_asked_to(wait: Callable[[RuntimeJobV2, bool], object]) -> None:
    cloud = emulated_cloud(one_instance(queue_seconds=30.0))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    for shown in (False, True):
        job = SamplerV2(mode=service.backend("ibm_emu5")).run([circuit], shots=1)
        with redirect_stderr(Terminal()) as stream:
            wait(job, shown)
        assert (f"{job.job_id()} DONE on ibm_emu5" in stream.getvalue()) is shown


def test_the_form_of_a_line_fits_where_it_is_shown() -> None:
    assert isinstance(open_line(False, Terminal()), Silent)
    assert isinstance(open_line(True, io.StringIO()), Silent)
    assert isinstance(open_line(True, Terminal()), RichLine)


def test_a_line_on_a_terminal_is_written_over_and_taken_away() -> None:
    stream = Terminal()
    with TerminalLine(stream) as line:
        line.show("a long line")
        line.show("short")
    assert stream.getvalue() == "\ra long line\rshort      \r     \r"
    with TerminalLine(stream):
        pass
    assert stream.getvalue().endswith("\r     \r")


def test_a_line_of_rich_shows_what_it_is_told_and_no_markup() -> None:
    stream = Terminal()
    with RichLine(stream) as line:
        line.show("job [bold]j1[/bold] QUEUED")
        line.show("job j1 RUNNING")
    assert "[bold]" in stream.getvalue() or "RUNNING" in stream.getvalue()


class Display:
    """What a notebook shows, as IPython's `display` and the handle that it returns."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, data: dict[str, str], *, raw: bool, display_id: bool) -> "Display":
        assert raw
        assert display_id
        self.shown.append(data["text/plain"])
        return self

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(data["text/plain"])


def test_a_line_in_a_notebook_changes_in_its_place() -> None:
    display = Display()
    with NotebookLine(display) as line:
        line.show("one")
        line.show("two")
    assert display.shown == ["one", "two", ""]


class Counting:
    """A carrier that keeps how long each request may wait for its answer."""

    def __init__(self, world: World) -> None:
        self.cloud = EmulatedTransport(world)
        self.timeouts: list[float] = []

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if request.method == "GET" and "/jobs/" in request.url:
            self.timeouts.append(request.read_timeout)
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B152", "B222")
def test_a_look_is_given_no_more_time_than_is_left() -> None:
    way = Counting(one_instance(queue_seconds=1000.0))
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=way.cloud)
    job = submit(service)
    with pytest.raises(RuntimeJobTimeoutError):
        job.wait_for_final_state(timeout=10.0)
    assert way.timeouts[0] == pytest.approx(10.0)
    assert way.timeouts == sorted(way.timeouts, reverse=True)
    way.timeouts.clear()
    job.status()
    assert way.timeouts == [30.0]
