"""Promise 14: no instance is ambient, and a session is open to its thread or task alone. No call reaches another."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import pytest

from qiskit_runtime_service import Batch, IBMBackend, QiskitRuntimeService, SamplerV2, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, build_world, instance, line_device

from .sizes import Tally, size

THREADS = 16
NAMES = ("north", "east", "south", "west")


class Place(NamedTuple):
    """One instance, and what a caller knows of it."""

    name: str
    crn: str
    backend: IBMBackend
    job: str
    batch: str


def four_instances() -> World:
    return build_world(
        *(
            instance(
                name,
                plan="premium",
                region=("us-east", "eu-de")[number % 2],
                devices=[line_device(f"ibm_{name}", 2 + number)],
                limit=1e9,
            )
            for number, name in enumerate(NAMES)
        )
    )


def order(backend: IBMBackend, batch: str | None = None) -> Submission:
    return Submission(program="sampler", backend=backend.name, params=b'{"pubs":[]}', session=batch)


def settle(service: QiskitRuntimeService) -> list[Place]:
    """Give each instance a job and a batch."""
    places = []
    for details in service.instances():
        backend = service.backend(f"ibm_{details['name']}")
        job = service.submit(order(backend), backend)
        batch = Batch(backend)
        places.append(Place(details["name"], details["crn"], backend, job.job_id(), str(batch.session_id)))
    return places


def list_backends(service: QiskitRuntimeService, place: Place) -> bool:
    (found,) = service.backends(instance=place.name)
    return (found.name, found.instance) == (place.backend.name, place.crn)


def list_jobs(service: QiskitRuntimeService, place: Place) -> bool:
    found = service.jobs(limit=5, instance=place.crn)
    return {job.instance for job in found} == {place.crn}


def find_job(service: QiskitRuntimeService, place: Place) -> bool:
    found = service.job(place.job)
    return (found.instance, found.record.backend) == (place.crn, place.backend.name)


def read_metrics(service: QiskitRuntimeService, place: Place) -> bool:
    job = next(iter(service.iter_jobs(1, instance=place.crn, backend_name=place.backend.name)))
    return job.instance == place.crn and "timestamps" in job.metrics()


def read_usage(service: QiskitRuntimeService, place: Place) -> bool:
    return service.usage(place.name)["instance_id"] == place.crn


def submit(service: QiskitRuntimeService, place: Place) -> bool:
    job = service.submit(order(place.backend), place.backend)
    return job.instance == place.crn and job.status() != "INITIALIZING"


def submit_to_a_batch(service: QiskitRuntimeService, place: Place) -> bool:
    batch = Batch.from_id(place.batch, service)
    job = service.submit(order(place.backend, batch.session_id), place.backend)
    details = batch.details()
    assert details is not None
    return (job.instance, job.session_id, details["backend_name"]) == (place.crn, place.batch, place.backend.name)


def ask_what_is_active(service: QiskitRuntimeService, _: Place) -> bool:
    return service.active_instance() == service.instances()[0]["crn"]


CALLS: tuple[Callable[[QiskitRuntimeService, Place], bool], ...] = (
    *(list_backends, list_jobs, find_job, read_metrics),
    *(read_usage, submit, submit_to_a_batch, ask_what_is_active),
)


@pytest.mark.takes_long
@pytest.mark.timeout(1200)  # the full size takes some minutes on a busy machine
def test_no_call_of_any_thread_reaches_another_instance(tried: Tally) -> None:
    world = four_instances()
    cloud = EmulatedTransport(world)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    places = settle(service)

    def work(thread: int) -> Counter[str]:
        dice = random.Random(thread)  # noqa: S311  # nothing is secret here
        wrong: Counter[str] = Counter()
        for _ in range(size(1000)):
            call, place = dice.choice(CALLS), dice.choice(places)
            if not call(service, place):
                wrong[call.__name__] += 1
        return wrong

    tried(THREADS * size(1000))
    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS)), Counter()) == {}
    assert {where for where in map(misrouted, cloud.ledger) if where} == set()


def visits(places: list[Place], dice: random.Random) -> Iterator[bool]:
    """Open a session, or one in another, and yield between the steps whether what runs jobs is where it should be."""
    outer, inner = dice.choice(places), dice.choice(places)
    with dice.choice((Session, Batch))(outer.backend) as session:
        yield is_in(session, outer)
        if dice.random() < 0.5:
            with Batch(inner.backend) as batch:
                yield is_in(batch, inner)
                yield submits_to(batch, inner)
        yield is_in(session, outer)
        yield submits_to(session, outer)


def is_in(session: Session, place: Place) -> bool:
    sampler = SamplerV2()
    return sampler.mode is session and sampler.backend() is place.backend


def submits_to(session: Session, place: Place) -> bool:
    job = place.backend.service.run_program("sampler", {"pubs": []}, SamplerV2().mode)
    return (job.session_id, job.instance) == (session.session_id, place.crn)


@pytest.mark.takes_long
@pytest.mark.holds("B480")
@pytest.mark.timeout(1200)  # the full size takes some minutes on a busy machine
def test_no_thread_and_no_task_runs_in_the_session_of_another(tried: Tally) -> None:
    cloud = EmulatedTransport(four_instances())
    places = settle(QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud))

    def work(thread: int) -> int:
        dice = random.Random(thread)  # noqa: S311  # nothing is secret here
        return sum(not right for _ in range(size(100)) for right in visits(places, dice))

    async def take_turns(task: int) -> int:
        dice, wrong = random.Random(task), 0  # noqa: S311  # nothing is secret here
        for _ in range(size(100)):
            for right in visits(places, dice):
                wrong += not right
                await asyncio.sleep(0)
        return wrong

    async def all_tasks() -> list[int]:
        return await asyncio.gather(*map(take_turns, range(THREADS)))

    tried(2 * THREADS * size(100))
    with shortest_turns(), ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS))) == 0
    assert sum(asyncio.run(all_tasks())) == 0
    assert {where for where in map(misrouted, cloud.ledger) if where} == set()


@pytest.mark.takes_long
@pytest.mark.holds("B306")
@pytest.mark.timeout(1200)  # the full size takes some minutes on a busy machine
def test_no_look_up_misses_a_backend_that_other_threads_refresh(tried: Tally) -> None:
    cloud = EmulatedTransport(four_instances())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    names = [f"ibm_{name}" for name in NAMES]
    backends = [service.backend(name) for name in names]

    def work(thread: int) -> Counter[str]:
        dice = random.Random(thread)  # noqa: S311  # nothing is secret here
        wrong: Counter[str] = Counter()
        for _ in range(size(1500)):
            number = dice.randrange(len(names))
            if thread % 4 == 0:
                backends[number].refresh()
                continue
            try:
                found = service.backend(names[number])
                right = (found.instance, found.num_qubits) == (backends[number].instance, 2 + number)
                wrong["another backend"] += not right
            except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
                wrong[str(error).partition("\n")[0]] += 1
        return +wrong

    tried(THREADS * size(1500))
    with shortest_turns(), ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS)), Counter()) == {}


@contextmanager
def shortest_turns() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can, so that they meet in the middle of things."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def misrouted(exchange: Any) -> str | None:
    """Return what a request was about that its instance has not, if so: by its header, its host and its body."""
    request = exchange.request
    crn = request.header("Service-CRN")
    if crn is None:
        return None
    region = crn.split(":")[5]
    if request.url.startswith("https://eu-de.") is not (region == "eu-de"):
        return f"{crn} was asked for at {request.url}"
    if request.method == "POST" and request.body:
        body = msgspec.json.decode(request.body)
        if body.get("backend") not in BACKENDS[crn] or body.get("instance", crn) != crn:
            return f"{body.get('backend')} was asked of {crn}"
    return None


BACKENDS = {crn: held.devices for crn, held in four_instances().instances.items()}
