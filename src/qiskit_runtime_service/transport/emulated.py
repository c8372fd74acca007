"""A carrier to a cloud that lives in this process, and the clock of that cloud."""

import pickle
import zlib
from collections import deque
from collections.abc import Callable
from os import getpid
from typing import TYPE_CHECKING, Any, assert_never

import msgspec
from returns.result import Failure, Result, Success

from .._public import public
from ..emulator.faults import PIECES, Lost, Spoiled, Unreachable
from ..emulator.handle import Reply, handle, need_before, needs
from ..emulator.needs import Abandoned, DeviceBodies, JobTask, Need, Submission, find_need
from ..emulator.responses import JSON
from ..emulator.saving import decode_world, encode_world
from ..emulator.world import (
    Crashed,
    Outcome,
    World,
    abandon_job,
    branch_off,
    give_device,
    give_outcome,
    job_id,
    move_on,
    put_device,
)
from ..records.exchange import Request, Response
from ..records.problem import Cause, NetworkFault, Problem
from .base import Clock
from .emulated_parts import check_parts, check_seconds, check_world
from .process import ProcessLock
from .simulations import Simulate, Simulations

if TYPE_CHECKING:
    # Loading this takes a while, and only those who bring an executor need it.
    from concurrent.futures import Executor

NO_SIMULATION = Crashed(
    reason="This emulated cloud has no simulation.",
    code=9999,
    solution="Give EmulatedTransport a function that simulates.",
)
NO_ROOM = 9998
"""The code of a refusal because the disk refuses; the service has none for that."""


RunningTime = Callable[[Submission], float]
"""From a job that is submitted to how many seconds it runs."""

Keep = Callable[[World, World], None]
"""Keeps what is new in a world, from what it was to what it is to be. Raises an `OSError` if it cannot."""


class NotKeptError(OSError):
    """What is new in a world could not be kept. The world is as it was."""


class Exchange(msgspec.Struct, frozen=True):
    """One line of a ledger: when what was asked, and the status of the response, if any arrived."""

    at: float
    """Seconds since the epoch, on the clock of the cloud."""
    request: Request
    status: int | None


@public("testing")
class EmulatedTransport:
    """Carry requests to an emulated cloud, and tell its time: sleeping moves the world forward at once.

    With a `clock` the time of the world runs with that clock, `speed` times as fast, and sleeping takes time there.

    A pickle carries the world as it is then; from there on the two go separate ways. The ledger and the executor stay
    behind, and no time passes in between. In the child of a fork the world goes its own way too.

    Args:
        world: The cloud as it begins.
        library: From the name of a device to its configuration and properties, as JSON text. Only
            worlds whose devices are not described need one.
        simulate: What runs a job. Without one a job that is due fails and says so.
        running_time: What says how many seconds a job runs that is submitted, where its device does not say that of
            all. It must not raise. Without it that is 2.
        executor: Where jobs are simulated, from when they are submitted. Without one each job is
            simulated when it is first looked at after its end. It is not shut down here.
        clock: What the time of the world runs with. Without one it stands still until somebody sleeps.
        speed: How many seconds of the world go by in one of `clock`; above 0.
        remembered: How many requests the ledger keeps, the newest; `None` for all.
        keep: Told what the world was and what it is to be, one change after the other, before anybody is answered. If
            it raises an `OSError` nothing has changed, and a request is answered with status 507. What a library
            tells of devices is not kept, and in another process nothing is.

    Raises:
        TypeError, ValueError: Something is not what it must be.

    Source: behaviour B196, B278 to B280, B335, B355.
    """

    def __init__(
        self,
        world: World,
        *,
        library: Callable[[str], tuple[bytes, bytes]] | None = None,
        simulate: Simulate | None = None,
        running_time: RunningTime | None = None,
        executor: "Executor | None" = None,
        clock: Clock | None = None,
        speed: float = 1.0,
        remembered: int | None = None,
        keep: Keep | None = None,
    ) -> None:
        others = {"executor": executor, "clock": clock, "remembered": remembered, "keep": keep}
        check_parts(world, speed, library=library, simulate=simulate, running_time=running_time, **others)
        self._world = world
        self._clock = clock
        self._speed = speed
        self._lived_until = 0.0 if clock is None else clock.now()
        self._library = library
        self._simulations = Simulations(simulate or _simulate_nothing, executor)
        self._ledger: deque[Exchange] = deque(maxlen=remembered)
        self._answered = 0
        self._simulate = simulate
        self._running_time = running_time
        self._branches = 0
        self._borrowed: dict[str, tuple[bytes, bytes]] = {}
        self._keep = keep
        self._process = getpid()
        self._changing = ProcessLock()

    @property
    def world(self) -> World:
        """The cloud as it is now."""
        self._catch_up()
        return self._world

    @property
    def ledger(self) -> tuple[Exchange, ...]:
        """All requests so far, oldest first; with `remembered` only so many of them."""
        with self._changing:
            return tuple(self._ledger)

    @property
    def answered(self) -> int:
        """How many requests there were so far, whether the ledger has kept them or not."""
        return self._answered

    @property
    def speed(self) -> float | None:
        """How many seconds of the world go by in one of its clock; `None` if it has none."""
        return None if self._clock is None else self._speed

    def requests(self, path_end: str = "", method: str | None = None) -> tuple[Request, ...]:
        """Return the requests so far whose path ends so, oldest first."""
        return tuple(
            exchange.request
            for exchange in self.ledger
            if method in (None, exchange.request.method) and exchange.request.url.partition("?")[0].endswith(path_end)
        )

    def alter(self, change: Callable[[World], World]) -> None:
        """Put `change(world)` in the place of the world, between two requests.

        Raises:
            TypeError, ValueError: It is no world, or not all of it is what it must be. Nothing has changed.

        Source: behaviour B355.
        """
        self._catch_up()
        with self._changing:
            self._become(check_world(change(self._world)))

    def _become(self, after: World) -> None:
        """Put `after` in the place of the world, once it is kept."""
        if self._keep is not None:
            try:
                self._keep(self._world, after)
            except OSError as error:
                raise NotKeptError(error.errno, error.strerror, error.filename) from error
        self._world = after

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Let the cloud answer `request`. Where a fault lets the caller wait, the cloud moves on.

        Fails with:
            NetworkFault: A fault of the world lost the request or the response, or broke it.
        """
        answer = self.answer(request)
        if isinstance(answer, Spoiled):
            self.sleep(waited_for(request, answer))
        return judge_arrival(request, answer)

    def answer(self, request: Request, /, *, patience: float | None = None) -> Reply:
        """Let the cloud answer `request`, and return what a carrier is to make of it.

        For doors, which carry faults out on the connection itself.

        Args:
            request: What is asked.
            patience: Seconds of real time to wait for simulations. A job that is simulated longer is told as running,
                and goes on beside. By default each is waited for.

        Source: behaviour B246, B335.
        """
        try:
            return self._answer(request, patience)
        except NotKeptError as error:
            return answer_not_kept(error)

    def _answer(self, request: Request, patience: float | None) -> Reply:
        self.supply(lambda world: needs(world, request), patience=patience)
        seconds = self._time_submission(request)
        with self._changing:
            before = self._world
            after, answer = handle(before, request, seconds)
            self._become(after)
            self._ledger.append(Exchange(before.now, request, status_of(answer)))
            self._answered += 1
        if after.jobs_created > before.jobs_created:
            self._start(job_id(after, after.jobs_created))
        return answer

    def _time_submission(self, request: Request) -> float | None:
        """Return how long the job runs that a request submits, where the world must be told."""
        if self._running_time is None:
            return None
        while isinstance(need := need_before(self._world, request), DeviceBodies):
            self._supply(need, None)
        return None if need is None else self._running_time(need)

    def supply(self, wanted: Callable[[World], tuple[Need, ...]], *, patience: float | None = None) -> None:
        """Give the world what it wants from outside, until it wants nothing more or only what takes longer.

        For those who look at the world itself: a job is simulated when it is looked at.

        Args:
            wanted: From the world to what it wants.
            patience: Seconds of real time to wait for simulations; by default each is waited for.
        """
        self._catch_up()
        pending: set[Need] = set()
        while needed := [need for need in wanted(self._world) if need not in pending]:
            for need in needed:
                if not self._supply(need, patience):
                    pending.add(need)
                    # What is waited for is over; the others are begun, and taken where they are there.
                    patience = 0.0

    def now(self) -> float:
        """Return the time of the cloud, in seconds since the epoch."""
        return self.world.now

    def sleep(self, seconds: float, /) -> None:
        """Move the cloud forward at once; with a clock, wait until it has come so far."""
        check_seconds("seconds", seconds)
        if self._clock is None:
            self.alter(lambda world: move_on(world, seconds))
        elif seconds > 0.0:
            self._clock.sleep(seconds / self._speed)

    def close(self) -> None:
        """Give up the jobs that wait to be simulated. They are simulated when looked at."""
        self._catch_up()
        self._simulations.close()

    def _catch_up(self) -> None:
        """Let the world live through what went by on its clock, and since a fork on its own."""
        if self._process != getpid():
            self._leave_parent()
        if self._clock is None:
            return
        with self._changing:
            reading = self._clock.now()
            self._world = move_on(self._world, (reading - self._lived_until) * self._speed)
            self._lived_until = max(reading, self._lived_until)

    def _leave_parent(self) -> None:
        """Go another way than the parent of a fork, whose threads are not here."""
        with self._changing:
            if self._process != getpid():
                self._world = branch_off(self._world, -getpid())
                self._simulations = Simulations(self._simulate or _simulate_nothing, None)
                self._keep = None
                self._process = getpid()

    def __getstate__(self) -> dict[str, Any]:
        self._catch_up()
        parts = {
            "library": self._library,
            "simulate": self._simulate,
            "running_time": self._running_time,
            "clock": self._clock,
        }
        for name, part in parts.items():
            refuse_unless_picklable(name, part)
        with self._changing:
            self._branches += 1
            world = branch_off(self._without_borrowed(), self._branches)
        kept = {"speed": self._speed, "remembered": self._ledger.maxlen}
        return {"world": zlib.compress(encode_world(world)), **parts, **kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        world = decode_world(zlib.decompress(state["world"]))
        EmulatedTransport.__init__(self, world, **{name: part for name, part in state.items() if name != "world"})

    def _without_borrowed(self) -> World:
        """Return the world without what the library tells again: of all snapshots that is 13 MB."""
        world = self._world
        for name, bodies in self._borrowed.items():
            device = world.devices.get(name)
            if device is not None and (device.configuration, device.properties) == bodies:
                world = put_device(world, msgspec.structs.replace(device, configuration=None, properties=None))
        return world

    def _supply(self, need: Need, patience: float | None) -> bool:
        """Give the world what it wants; tell whether that could be done in time."""
        match need:
            case DeviceBodies(name):
                bodies = self._describe(name)
                with self._changing:
                    self._world = give_device(self._world, name, *bodies)
            case Abandoned(job):
                self.alter(lambda world: abandon_job(world, job))
            case JobTask():
                outcome = self._simulations.outcome(need, patience)
                if outcome is None:
                    return False
                self.alter(lambda world: give_outcome(world, need.id, outcome))
            case _:
                assert_never(need)
        return True

    def _describe(self, name: str) -> tuple[bytes, bytes]:
        if self._library is None:
            raise LookupError(f"Device {name!r} of this world is not described, and there is no library to ask.")
        self._borrowed[name] = self._library(name)
        return self._borrowed[name]

    def _start(self, wanted: str) -> None:
        """Hand a new job to the executor, if there is one."""
        if not self._simulations.begin_early:
            return
        while isinstance(need := find_need(self._world, wanted), DeviceBodies):
            self._supply(need, None)
        if isinstance(need, JobTask):
            self._simulations.begin(need)


def answer_not_kept(error: NotKeptError) -> Response:
    """Return what is answered where what is new could not be kept."""
    entry = {
        "code": NO_ROOM,
        "message": f"The emulated cloud cannot keep this in its file, and has not done it: {error}.",
        "solution": "Make room on the disk of that file, then try again.",
    }
    return Response(status=507, headers=JSON, body=msgspec.json.encode({"errors": [entry]}))


def _simulate_nothing(_: JobTask) -> Outcome:
    return NO_SIMULATION


def refuse_unless_picklable(name: str, part: object) -> None:
    """Raise a `TypeError` that names a part of a cloud, if it holds what is of one process, such as locks or files."""
    try:
        pickle.dumps(part)
    except TypeError as error:
        fix = f"Let its class have a method __reduce__, or open a cloud with a {name} of its own in the other process."
        raise TypeError(f"The {name} of this emulated cloud cannot be pickled: {error}.\n{fix}") from error
    except (AttributeError, pickle.PicklingError):
        # A function without a name, say. Other picklers, such as Dask's, take it.
        return


def status_of(answer: Reply) -> int | None:
    """Return the status that the cloud answered with, if it sent one."""
    match answer:
        case Response():
            return answer.status
        case Spoiled(response=response, garbage=None):
            return response.status
        case _:
            return None


def judge_arrival(request: Request, answer: Reply) -> Result[Response, Problem]:
    """Return the response, or say what can be known of its absence."""
    match answer:
        case Response():
            return Success(answer)
        case Spoiled():
            return judge_spoiled(request, answer)
        case Lost():
            return Failure(NetworkFault(url=request.url, kind="unclear", cause="broken", reason="the connection broke"))
        case Unreachable():
            return Failure(NetworkFault(url=request.url, kind="never sent", reason="the host cannot be reached"))
        case _:
            assert_never(answer)


def judge_spoiled(request: Request, answer: Spoiled) -> Result[Response, Problem]:
    """Return what a client makes of a spoilt response: the part that it may take for the whole, or nothing.

    Source: behaviour B140.
    """
    flaw = find_flaw(request, answer)
    if flaw is not None:
        cause, reason = flaw
        return Failure(NetworkFault(url=request.url, kind="unclear", cause=cause, reason=reason))
    body = answer.response.body if answer.stated is None else answer.response.body[: answer.stated]
    return Success(msgspec.structs.replace(answer.response, body=body))


def find_flaw(request: Request, answer: Spoiled) -> tuple[Cause, str] | None:
    """Return why a spoilt response cannot be read, or `None` if it can."""
    if longest_silence(answer) >= request.read_timeout:
        return "silence", f"nothing came for {request.read_timeout:g} s"
    if request.time_left is not None and answer.stall + answer.drip >= request.time_left:
        return "deadline", f"the call was not over after {request.time_left:g} s"
    if answer.garbage is not None:
        return "broken", "what came is not HTTP"
    size = len(answer.response.body)
    broken = answer.cut is not None or (answer.stated or 0) > size
    return ("broken", "the response broke off") if broken else None


def longest_silence(answer: Spoiled) -> float:
    """Return for how many seconds no byte comes, at the longest."""
    return max(answer.stall, answer.drip / PIECES)


def waited_for(request: Request, answer: Spoiled) -> float:
    """Return the seconds that a caller spends on a spoilt response."""
    if answer.stall >= request.read_timeout:
        return request.read_timeout
    slow = longest_silence(answer) >= request.read_timeout
    spent = answer.stall + (request.read_timeout if slow else answer.drip)
    return spent if request.time_left is None else min(spent, request.time_left)
