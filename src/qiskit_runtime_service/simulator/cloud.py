"""An emulated cloud that has all device snapshots and simulates jobs: the cloud of the local channel and of tests."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from .._public import public
from ..core.arguments import show_value
from ..devices.snapshots import read_snapshot, snapshot_rows
from ..emulator.submissions import PROGRAMS
from ..emulator.world import Device, World
from ..emulator.worlds import device_from_row, one_instance
from ..transport.base import Clock
from ..transport.emulated import EmulatedTransport, Keep
from .aer_simulator import AER_SIMULATOR, SIMULATED_QUBITS, describe_simulator
from .parts import read_parts
from .worker import Worker

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..emulator.needs import JobTask, Submission
    from ..emulator.world import Outcome
    from .run_job import Program

LIGHT = 1.0
"""Seconds that a job may be estimated to take, to be simulated where it is looked at."""
FAKE, MOCK = "fake_", "mock_"
"""How the names of snapshots begin, and those of their stand-ins for dry runs."""
LARGE = 1 << 20
"""Bytes of params from which a job is not even read there: reading it, to estimate it, takes about as long."""


@public("testing")
def emulated_cloud(
    world: World | None = None,
    *,
    programs: "Mapping[str, Program] | None" = None,
    executor: "Executor | None" = None,
    clock: Clock | None = None,
    speed: float = 1.0,
    remembered: int | None = None,
    keep: Keep | None = None,
) -> EmulatedTransport:
    """Return a carrier to an emulated cloud that knows all device snapshots and simulates jobs.

    It is a clock too: `QiskitRuntimeService(token=…, transport=cloud, clock=cloud)`.

    Args:
        world: The cloud as it begins; by default one instance that has every snapshot.
        programs: What runs jobs of some of the service's programs in the place of what is here, such as
            `{"executor": function}`: functions of the params, read as typed JSON, and the `JobTask`, that return the
            result, or `Crashed`.
        executor: Where jobs are simulated; by default in the thread that looks at them, or in a process of its own what
            is estimated to take longer than a second.
        clock: What the time of the cloud runs with; by default it is virtual, and waiting takes none.
        speed: How many seconds of the cloud go by in one of `clock`.
        remembered: How many requests the ledger keeps, the newest; by default all.
        keep: As in `EmulatedTransport`.

    Raises:
        ValueError: Neither the service nor the world has a program of such a name.

    Source: behaviour B193.
    """
    known = PROGRAMS if world is None or world.programs is None else PROGRAMS.union(world.programs)
    for name in programs or ():
        if name not in known:
            names = ", ".join(sorted(known))
            raise ValueError(f"The service has no program {name!r}, and takes no job of it.\nName one of {names}.")
    simulation = Simulation(programs, Worker() if executor is None else None)
    return EmulatedTransport(
        snapshot_world() if world is None else world,
        library=describe_device,
        simulate=simulation,
        running_time=simulation.running_time,
        executor=executor,
        clock=clock,
        speed=speed,
        remembered=remembered,
        keep=keep,
    )


def snapshot_world() -> World:
    """Return a world with one instance that has every snapshot and `aer_simulator`, all idle, and sessions too.

    Each snapshot has a stand-in for dry runs, `mock_fez` for `fake_fez`.

    Source: behaviour B194, B534.
    """
    rows = snapshot_rows()
    stand_ins = (replace(row, name=f"{MOCK}{row.name.removeprefix(FAKE)}", mock=True) for row in rows)
    simulator = Device(name=AER_SIMULATOR, num_qubits=SIMULATED_QUBITS, simulator=True)
    return one_instance(devices=[*map(device_from_row, (*rows, *stand_ins)), simulator], plan="premium")


@public("testing")
class Simulation:
    """Simulates jobs as `emulated_cloud` does, in this process or in another one. Qiskit is loaded with the first.

    Args:
        programs: As in `emulated_cloud`.
        worker: What runs the jobs that are estimated to take longer than a second, and those with more than 1 MiB of
            params; by default they run here.

    Raises:
        IBMInputValueError: They are not what they must be.

    Source: behaviour B248, B355.
    """

    def __init__(self, programs: "Mapping[str, Program] | None" = None, worker: Worker | None = None) -> None:
        parts = read_parts(programs=programs, worker=worker)
        self._programs = dict(parts["programs"] or {})
        self._worker = worker

    def __reduce__(self) -> tuple[Any, ...]:
        return Simulation, (self._programs, self._worker)

    def __call__(self, task: "JobTask") -> "Outcome":
        """Return how a job ends."""
        from .run_job import is_too_heavy, run_task

        if self._worker is None or task.program in self._programs:
            return run_task(task, self._programs)
        if len(task.params) > LARGE:
            return self._worker(task)
        outcome = run_task(task, self._programs, longest=LIGHT)
        return self._worker(task) if is_too_heavy(outcome) else outcome

    def running_time(self, submission: "Submission") -> float:
        """Return how many seconds a job runs that is submitted so: what a client estimates before.

        Source: behaviour B525.
        """
        from .running_time import time_submission

        return time_submission(submission)


@public("testing")
def describe_device(name: str) -> tuple[bytes, bytes]:
    """Return configuration and properties of a snapshot, of its stand-in or of `aer_simulator`, as JSON text.

    Raises:
        KeyError: There is no such device.
        IBMInputValueError: It is no text.

    Source: behaviour B355.
    """
    name = read_parts(name=name)["name"]
    if name == AER_SIMULATOR:
        return describe_simulator(with_aer=find_spec("qiskit_aer") is not None), b"{}"
    recorded = f"{FAKE}{name.removeprefix(MOCK)}" if name.startswith(MOCK) else name
    try:
        snapshot = read_snapshot(recorded)
    except KeyError:
        raise KeyError(show_value(name)) from None
    bodies = snapshot.configuration, snapshot.properties
    return bodies if recorded == name else (_renamed(bodies[0], name), _renamed(bodies[1], name))


def _renamed(body: bytes, name: str) -> bytes:
    """Return what a device says of itself under another name."""
    return msgspec.json.encode({**msgspec.json.decode(body), "backend_name": name})
