"""Files of worlds, damaged at random, and everything that can be asked of what is read from one.

Runs in a process of its own, whose time and memory are bounded: `python -m tests.promises.damaged_worlds SEED COUNT`
prints what became of them.
"""

import copy
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from qiskit_runtime_service.emulator.handle import handle, needs
from qiskit_runtime_service.emulator.needs import Abandoned, DeviceBodies
from qiskit_runtime_service.emulator.overview import describe_overview, overview_needs
from qiskit_runtime_service.emulator.saving import encode_world
from qiskit_runtime_service.emulator.world import (
    Crashed,
    Finished,
    World,
    abandon_job,
    branch_off,
    give_device,
    give_outcome,
    move_on,
)
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.testing import (
    API_KEY,
    DrawnQueue,
    Fault,
    Stall,
    Status,
    build_world,
    busy,
    instance,
    line_device,
    load_world,
    recalibrated,
)
from tests.support.calls import act, ask, open_session, sampler_job, submit, token_request

SECONDS = 2.0
"""How long reading one file, and asking all of it, may take; of the whole of a file nothing takes a tenth of it."""
MEMORY = 2 << 30
NO_MESSAGEPACK = (
    "required field `",
    "truncated",
    "malformed",
    "trailing",
    "utf-8",
    "Expected `object`, got",
    "recursion",
)
"""What is said of bytes in which no field can be told from another."""
ODD: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**63 - 1, -(2**63), 2**64 - 1, 0.5, -0.0, 1e18, -1e18, 1e300, 5e-324,
    float("nan"), float("inf"), float("-inf"), "", "a", "\x00", "é", "ibm_emu5", "crn:", "9" * 400,
    b"", b"{}", b"{", b"\xff", [], [[]], {}, {"": None}, ["a", "b"],
]  # fmt: skip


def worlds() -> list[World]:
    """Return worlds in which something of everything is there."""
    drifting = recalibrated(line_device("ibm_emu5", 2, queue_seconds=5), at=1788256900.0, errors=2.0)
    world = build_world(
        instance("a", plan="premium", devices=[drifting, line_device("ibm_gone", 1)], tags=["t"], limit=600),
        instance("b", devices=[line_device("mock_x", 1, mock=True)], allocation=60),
        queue=DrawnQueue(mean_seconds=3.0),
        faults=[
            Fault(effect=Status(code=503, body=b"down"), path="*/nowhere"),
            Fault(effect=Stall(seconds=2), path="*/x"),
        ],
        jobs_per_minute=100,
    )
    world, _ = submit(world, tags=["demo"])
    world, session = open_session(world)
    for _ in range(3):
        world, job = submit(world, session_id=session)
        world = move_on(world, 7)
    world, _ = act(world, "POST", f"/jobs/{job}/cancel")
    world, dedicated = act(world, "POST", "/sessions", {"mode": "dedicated", "backend": "ibm_emu5"})
    world, last = submit(world, session_id=msgspec.json.decode(dedicated.body)["id"])
    world = give_outcome(move_on(world, 100), last, Finished(result=b"{}", logs="done"))
    return [world, busy(), branch_off(world, 1)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return where anything stands in a value of plain objects, lists and leaves."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from places(inner, (*path, place))


def damage_value(plain: Any, where: list[tuple[Any, ...]], dice: random.Random) -> bytes:
    """Return a file with one to three values in it that are others, or gone, or there twice."""
    damaged = copy.deepcopy(plain)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        path = dice.choice(where)
        try:
            holder = damaged
            for step in path[:-1]:
                holder = holder[step]
            match dice.randrange(6):
                case 0:
                    del holder[path[-1]]
                case 1 if isinstance(holder, list):
                    holder.insert(path[-1], copy.deepcopy(holder[path[-1]]))
                case 2 if isinstance(holder, list):
                    dice.shuffle(holder)
                case 3 if isinstance(holder[path[-1]], int | float):
                    holder[path[-1]] = holder[path[-1]] * dice.choice([-1, 2, 1e6, 1e12]) + dice.choice([0, 1, -1, 0.5])
                case _:
                    holder[path[-1]] = copy.deepcopy(dice.choice(ODD))
        except (KeyError, IndexError, TypeError):
            continue
    try:
        return msgspec.msgpack.encode(damaged)
    except OverflowError:
        return b""


def damage_bytes(file: bytes, dice: random.Random) -> bytes:
    """Return a file with bytes that are others, gone, or there twice."""
    damaged = bytearray(file)
    for _ in range(dice.choice([1, 1, 2, 4])):
        place, size = dice.randrange(len(damaged) + 1), dice.choice([1, 1, 2, 4, 9])
        match dice.randrange(4):
            case 0:
                damaged[place : place + size] = dice.randbytes(size)
            case 1:
                del damaged[place : place + size]
            case 2:
                damaged[place:place] = damaged[place : place + size]
            case _:
                # The first byte of a number, a list, an object or a text, with whatever size follows.
                damaged[place : place + 1] = bytes([dice.choice(range(0xC0, 0xE0))])
    return bytes(damaged[: dice.choice([None, None, None, dice.randrange(len(damaged) + 1)])])


def supplied(world: World, asked: Any) -> World:
    """Return the world with all that it needs to answer a request, or to be looked at."""
    for _ in range(1000):
        wanted = asked(world)
        if not wanted:
            return world
        for need in wanted:
            if isinstance(need, DeviceBodies):
                world = give_device(world, need.name, b"{}", b"{}")
            elif isinstance(need, Abandoned):
                world = abandon_job(world, need.id)
            else:
                world = give_outcome(world, need.id, Crashed(reason="so it goes"))
    raise RuntimeError("A world needs something for ever.")


def requests_to(world: World) -> Iterator[Request]:
    """Return something of everything that can be asked, and done."""
    yield token_request(next(iter(world.keys), API_KEY))
    for crn in [*world.instances][:3]:
        held = [*world.jobs.get(crn, ())]
        jobs = held[:2] + held[-3:]
        sessions = [*world.sessions][:3]
        devices = [*world.instances[crn].devices][:3]
        paths = [
            "/backends?fields=wait_time_seconds",
            "/jobs?limit=200",
            "/jobs?pending=true",
            "/instances/usage",
            "/instance",
        ]
        paths += ["/workloads?limit=50", "/tags?type=job&search=dem", "/analytics/usage", "/analytics/filters"]
        paths += ["/analytics/usage_grouped?group_by=backend", "/analytics/usage_grouped_by_date?group_by=instance"]
        paths += [f"/accounts/{world.instances[crn].account}", "/v2/resource_instances", "/instances/configuration"]
        paths += [f"/jobs/{job}{part}" for job in jobs for part in ("", "/results", "/logs", "/metrics")]
        paths += [f"/sessions/{session}" for session in sessions]
        paths += [
            f"/backends/{device}/{part}" for device in devices for part in ("configuration", "properties", "status")
        ]
        paths += [f"/backends/{device}/properties?updated_before=2026-09-02" for device in devices]
        yield from (with_key(world, ask(world, "GET", path, crn=crn)) for path in paths)
        yield with_key(world, ask(world, "POST", "/v3/resources/search", {"query": "x"}, crn=crn))
        for device in devices:
            yield with_key(world, ask(world, "POST", "/jobs", sampler_job(device), crn=crn))
            yield with_key(world, ask(world, "POST", "/sessions", {"mode": "batch", "backend": device}, crn=crn))
        for session in sessions:
            yield with_key(
                world,
                ask(world, "POST", "/jobs", sampler_job(world.sessions[session].device, session_id=session), crn=crn),
            )
            yield with_key(world, ask(world, "PATCH", f"/sessions/{session}", {"accepting_jobs": False}, crn=crn))
            yield with_key(world, ask(world, "DELETE", f"/sessions/{session}/close", crn=crn))
        for job in jobs:
            yield with_key(world, ask(world, "POST", f"/jobs/{job}/cancel", crn=crn))
            yield with_key(world, ask(world, "DELETE", f"/jobs/{job}", crn=crn))


def with_key(world: World, request: Request) -> Request:
    """Return a request that is signed with the first key of a world."""
    signed = ("Authorization", f"apikey {next(iter(world.keys), API_KEY)}")
    return msgspec.structs.replace(request, headers=(signed, *request.headers[1:]))


def use(world: World) -> None:
    """Look at a world, ask it everything, and write it again."""
    for seconds in (0.0, 10**7):
        world = move_on(world, seconds)
        msgspec.json.encode(describe_overview(supplied(world, overview_needs)))
        for request in requests_to(world):
            world = supplied(world, lambda world, request=request: needs(world, request))
            world, _ = handle(world, request)
    encode_world(branch_off(world, 2))


def try_file(path: Path, file: bytes) -> str:
    """Return what becomes of a file: `refused` in words, `used`, or what went wrong."""
    path.write_bytes(file)
    try:
        world = load_world(path)
    except ValueError as error:
        said = str(error)
        named = said.startswith(f"{path}: ") and ("`$" in said or any(words in said for words in NO_MESSAGEPACK))
        return "refused" if named else f"refused without a name: {error}"
    use(world)
    return "used"


def interrupt(*_: object) -> None:
    """End what takes too long."""
    raise TimeoutError


def main(seed: int, count: int) -> None:
    """Damage files and print what becomes of them, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, interrupt)
    dice = random.Random(seed)  # noqa: S311  # of tests
    files = [encode_world(world) for world in worlds()]
    plains = [msgspec.msgpack.decode(file) for file in files]
    spots = [list(places(plain)) for plain in plains]
    outcomes: Counter[str] = Counter()
    slowest, faults = 0.0, []
    with TemporaryDirectory() as folder:
        for _ in range(count):
            which = dice.randrange(len(files))
            damaged = (
                damage_bytes(files[which], dice)
                if dice.random() < 0.4
                else damage_value(plains[which], spots[which], dice)
            )
            began = time.process_time()
            signal.setitimer(signal.ITIMER_REAL, 10 * SECONDS)
            try:
                outcome = try_file(Path(folder) / "damaged.world", damaged)
            except BaseException as error:  # noqa: BLE001  # whatever it is, it is counted
                place = traceback.extract_tb(error.__traceback__)[-1]
                outcome = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            seconds = time.process_time() - began
            slowest = max(slowest, seconds)
            kind = outcome if outcome in {"refused", "used"} else "fault"
            kind = "slow" if kind != "fault" and seconds > SECONDS else kind
            outcomes[kind] += 1
            if kind in {"fault", "slow"}:
                faults.append(outcome)
    report = {"outcomes": outcomes, "slowest": slowest, "faults": faults}
    sys.stdout.write(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
