"""Worlds built from a description, and two that are lived in or broken."""

from collections.abc import Iterable

import msgspec

from .._public import public
from .coherent_noise import CoherentNoise
from .faults import Effect, Fault
from .history import NO_PUBS, NO_RESULTS, Past, PastJob, PastSession, person_id, with_past
from .job_life import LONGEST_RUN, UNTOLD_RUN, Crashed, EmulatedJob, schedule
from .jobs import cancelled
from .plans import usual_limit
from .queues import QueueModel
from .responses import make_uuid
from .session_life import EmulatedSession, with_job
from .world import (
    Device,
    EmulatedInstance,
    EmulatedPlan,
    World,
    job_id,
    move_on,
    put_device,
    put_job,
    put_session,
    queue_end,
    session_id,
)
from .worlds import API_KEY, AS_DEVICES_SAY, START, line_device, make_crn, name_digest, named_plan, one_instance

MAIN = "main"
HOUR = 3600.0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who uses an account of a world to be built."""

    name: str
    account: str
    key: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One instance of a world to be built. Durations in seconds."""

    name: str
    plan: str
    region: str
    account: str
    staging: bool
    devices: tuple[Device, ...]
    tags: tuple[str, ...]
    limit: float | None
    allocation: float | None
    consumed: float
    jobs: tuple[PastJob, ...]
    sessions: tuple[PastSession, ...]


@public("testing")
def instance(
    name: str,
    *,
    plan: str = "open",
    region: str = "us-east",
    account: str = MAIN,
    staging: bool = False,
    devices: Iterable[Device] = (),
    tags: Iterable[str] = (),
    limit: float | None = None,
    allocation: float | None = None,
    consumed: float = 0.0,
    jobs: Iterable[PastJob] = (),
    sessions: Iterable[PastSession] = (),
) -> Offer:
    """Describe one instance for `build_world`.

    Args:
        name: What users call it.
        plan: What it is sold as, such as `open`, `pay-as-you-go` or `premium`.
        region: The location in its CRN.
        account: Who owns it. The key of the account `main` is `API_KEY`, that of another `API_KEY-<account>`.
        staging: Whether it belongs to the staging cloud.
        devices: What it may use. Instances that share a device are given the same one.
        tags: What it is found by.
        limit: Seconds that its owner lets it spend; `None` for no limit, but 600 of the open plan.
        allocation: Seconds that it was given, in the place of a usual limit.
        consumed: Seconds that it spent on jobs that are not there any more, nobody knows when: they count always.
        jobs: What `past_job` describes, in any order.
        sessions: What `past_session` describes. The jobs of one name it.
    """
    return Offer(
        name=name,
        plan=plan,
        region=region,
        account=account,
        staging=staging,
        devices=tuple(devices),
        tags=tuple(tags),
        limit=limit,
        allocation=allocation,
        consumed=consumed,
        jobs=tuple(jobs),
        sessions=tuple(sessions),
    )


@public("testing")
def person(name: str, *, account: str = MAIN, key: str | None = None) -> Person:
    """Describe somebody for `build_world` who uses an account beside whom it belongs to.

    Args:
        name: By which jobs and sessions of the past name who they belong to.
        account: Whose instances may be used.
        key: The API key; `None` for `API_KEY-<name>`.

    Source: behaviour B445.
    """
    return Person(name=name, account=account, key=f"{API_KEY}-{name}" if key is None else key)


@public("testing")
def build_world(
    *offers: Offer,
    people: Iterable[Person] = (),
    programs: Iterable[str] | None = None,
    faults: Iterable[Fault] = (),
    queue: QueueModel = AS_DEVICES_SAY,
    token_seconds: int = 3600,
    jobs_per_minute: int | None = None,
    seconds_per_unit: float | None = None,
    coherent: CoherentNoise | None = None,
    seed: int = 0,
    now: float = START,
) -> World:
    """Return a world with these instances, in this order.

    Args:
        offers: What `instance` describes.
        people: What `person` describes.
        programs: Which programs it runs, also some of your own that `emulated_cloud(programs=…)` is given; `None` for
            those of the service.
        faults: What goes wrong in it.
        queue: How long jobs wait; by default as their device says.
        token_seconds: How long a token is good for.
        jobs_per_minute: How many jobs an account may submit within any minute; `None` for as many as it likes.
        seconds_per_unit: How many seconds of usage are one resource unit, above 0; `None` where usage is told in
            seconds alone. How many they are with the service is not public.
        coherent: What devices have that say nothing of their own, beside the noise that they tell of; `None` for
            nothing.
        seed: What all that looks random follows from.
        now: When the world begins.

    Raises a `ValueError` if two different devices have one name, and for a past that goes on after the beginning.
    """
    others = tuple(people)
    accounts = dict.fromkeys((*(offer.account for offer in offers), *(other.account for other in others)))
    plans = {offer.plan: build_plan(seed, offer.plan) for offer in offers}
    instances = [build_instance(seed, offer, plans[offer.plan], number) for number, offer in enumerate(offers)]
    world = World(
        now=now,
        keys={key_of(account): account_id(seed, account) for account in accounts}
        | {other.key: account_id(seed, other.account) for other in others},
        people={other.key: person_id(seed, other.name) for other in others},
        programs=None if programs is None else tuple(programs),
        plans={plan.id: plan for plan in plans.values()},
        instances={made.crn: made for made in instances},
        devices=join_devices(device for offer in offers for device in offer.devices),
        faults=tuple(faults),
        queue=queue,
        token_seconds=token_seconds,
        jobs_per_minute=jobs_per_minute,
        seconds_per_unit=seconds_per_unit,
        coherent=coherent,
        seed=seed,
    )
    made = zip(instances, offers, strict=True)
    return with_past(world, (Past(crn=own.crn, jobs=offer.jobs, sessions=offer.sessions) for own, offer in made))


def key_of(account: str) -> str:
    """Return the API key of an account."""
    return API_KEY if account == MAIN else f"{API_KEY}-{account}"


def account_id(seed: int, account: str) -> str:
    """Return the 32 digits that stand for an account."""
    return name_digest(seed, "account" if account == MAIN else f"account {account}")[:32]


def build_plan(seed: int, name: str) -> EmulatedPlan:
    """Return the plan of that name."""
    return named_plan(make_uuid(name_digest(seed, f"plan {name}")), name)


def build_instance(seed: int, offer: Offer, plan: EmulatedPlan, number: int) -> EmulatedInstance:
    """Return the instance that `offer` describes."""
    account = account_id(seed, offer.account)
    cloud = "staging" if offer.staging else "bluemix"
    return EmulatedInstance(
        crn=make_crn(seed, account, number, offer.region, cloud),
        name=offer.name,
        account=account,
        plan_id=plan.id,
        devices=tuple(device.name for device in offer.devices),
        tags=offer.tags,
        limit=usual_limit(offer.plan) if offer.limit is None and offer.allocation is None else offer.limit,
        allocation=offer.allocation,
        consumed=offer.consumed,
    )


def join_devices(devices: Iterable[Device]) -> dict[str, Device]:
    """Return all devices by name; a device may be named more than once, but must be the same."""
    joined: dict[str, Device] = {}
    for device in devices:
        if joined.setdefault(device.name, device) != device:
            raise ValueError(f"Two different devices are called {device.name!r}.")
    return joined


@public("testing")
def broken(*what: Effect | Fault, method: str = "*", path: str = "*", world: World | None = None) -> World:
    """Return a world in which things go wrong.

    Args:
        what: Faults, or effects that strike the next request that `method` and `path` match.
        method: Glob over the method, such as `POST`.
        path: Glob over the path, such as `*/jobs`.
        world: What is to be broken; by default `one_instance()`.
    """
    whole = one_instance() if world is None else world
    faults = (fault if isinstance(fault, Fault) else Fault(effect=fault, method=method, path=path) for fault in what)
    return msgspec.structs.replace(whole, faults=(*whole.faults, *faults))


@public("testing")
def busy(*, queue: QueueModel = AS_DEVICES_SAY, seed: int = 0, now: float = START) -> World:
    """Return a world that is lived in: two instances, queues, a device that is paused and one that is offline.

    Behind it are jobs with every end, others wait and run, and a session is active and another closed.
    """
    calm = line_device("ibm_calm5", 5, queue_seconds=60, run_seconds=4)
    crowded = line_device("ibm_busy27", 27, queue_length=214, queue_seconds=2 * HOUR, run_seconds=20)
    paused = line_device("ibm_paused7", 7, queue_length=31)
    offline = line_device("ibm_gone3", 3)
    world = build_world(
        instance("research", plan="premium", devices=[calm, crowded, paused, offline], limit=10 * HOUR, tags=["team"]),
        instance("teaching", devices=[calm, crowded], allocation=600),
        queue=queue,
        seed=seed,
        now=now - 24 * HOUR,
    )
    for number in range(24):
        world = move_on(live_through(world, number, calm if number % 3 else crowded), HOUR)
    world = put_device(world, msgspec.structs.replace(paused, state="paused", reason="calibration"))
    world = put_device(world, msgspec.structs.replace(offline, state="offline", reason="retired"))
    return add_present(world, calm, crowded)


def live_through(world: World, number: int, device: Device) -> World:
    """Add one past job to each instance; every fifth fails, every seventh is cancelled."""
    for crn in world.instances:
        world, job = add_job(world, crn, device, tags=(f"day-{number // 12}",))
        if number % 7 == 6:
            ended = cancelled(job, world.now)
        elif number % 5 == 4:
            ended = msgspec.structs.replace(job, outcome=Crashed(reason="The device lost its calibration.", code=1002))
        else:
            continue
        world = put_job(world, crn, ended)
    return world


def add_present(world: World, calm: Device, crowded: Device) -> World:
    """Add what waits and runs now, and two sessions."""
    for crn in world.instances:
        world, _ = add_job(world, crn, crowded)
    crn = next(iter(world.instances))
    for state in ("closed", "active"):
        number = world.sessions_created + 1
        session = EmulatedSession(
            id=session_id(world, number),
            crn=crn,
            device=calm.name,
            mode="dedicated",
            created=world.now,
            max_ttl=28800,
            interactive_ttl=60,
            cancelled_at=world.now if state == "closed" else None,
        )
        world = msgspec.structs.replace(put_session(world, session), sessions_created=number)
    world, job = add_job(world, crn, calm, session=session.id, starts_at=world.now)
    return put_session(world, with_job(session, job))


def add_job(
    world: World,
    crn: str,
    device: Device,
    *,
    tags: tuple[str, ...] = (),
    session: str | None = None,
    starts_at: float | None = None,
) -> tuple[World, EmulatedJob]:
    """Add a job of no PUBs as if it had been submitted now; it will come to a good end."""
    number = world.jobs_created + 1
    start = queue_end(world, device, number) if starts_at is None else starts_at
    job = EmulatedJob(
        id=job_id(world, number),
        number=number,
        device=device.name,
        program="estimator" if number % 4 == 0 else "sampler",
        params=NO_PUBS,
        created=world.now,
        starts_at=start,
        ends_at=start,
        run_seconds=UNTOLD_RUN if device.run_seconds is None else device.run_seconds,
        cost=LONGEST_RUN,
        tags=tags,
        session=session,
        outcome=NO_RESULTS,
    )
    placed = schedule(job, start, float("inf"))
    return msgspec.structs.replace(put_job(world, crn, placed), jobs_created=number), placed
