"""The local channel: the same service over an emulated cloud of device snapshots, in this process."""

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace
from returns.result import Success

from ..devices.snapshots import read_snapshot, snapshot_rows
from ..emulator.orders import JobOrder
from ..emulator.world import Crashed, Finished, Outcome, World
from ..emulator.worlds import device_from_row, one_instance
from ..records.account import AccountChoice
from ..records.secret import Secret
from ..transport.base import Clock
from ..transport.emulated import EmulatedTransport
from .service import QiskitRuntimeService
from .wiring import Wiring

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from qiskit.transpiler import Target

    from ..records.problem import Problem


TOO_MANY_SHOTS = 6001
"""A stand-in: the service publishes the family 60xx for limits of shots."""


class QiskitRuntimeLocalService(QiskitRuntimeService):
    """The service over an emulated cloud that has all device snapshots, for programs without an account.

    Jobs take the same path as in the cloud and are simulated with the noise of the snapshot where
    qiskit-aer is installed, without noise otherwise. Its clock is virtual: waiting takes no time.
    """

    def _open(self, choice: AccountChoice, wiring: Wiring) -> None:
        cloud = emulated_cloud() if wiring.transport is None else wiring.transport
        if isinstance(cloud, EmulatedTransport):
            key = next(iter(cloud.world.keys))
            choice = replace(choice, account=replace(choice.account, token=Secret(key)))
        super()._open(choice, wiring._replace(transport=cloud))


def emulated_cloud(
    world: World | None = None,
    *,
    executor: "Executor | None" = None,
    clock: Clock | None = None,
    speed: float = 1.0,
    remembered: int | None = None,
) -> EmulatedTransport:
    """Return a carrier to an emulated cloud that knows all device snapshots and simulates jobs.

    It is a clock too: `QiskitRuntimeService(token=…, transport=cloud, clock=cloud)`.

    Args:
        world: The cloud as it begins; by default one instance that has every snapshot.
        executor: Where jobs are simulated; by default in the thread that looks at them.
        clock: What the time of the cloud runs with; by default it is virtual, and waiting takes none.
        speed: How many seconds of the cloud go by in one of `clock`.
        remembered: How many requests the ledger keeps, the newest; by default all.
    """
    return EmulatedTransport(
        snapshot_world() if world is None else world,
        library=_describe_device,
        simulate=simulate_order,
        executor=executor,
        clock=clock,
        speed=speed,
        remembered=remembered,
    )


def snapshot_world() -> World:
    """Return a world with one instance that has every snapshot, all of them idle, and sessions too."""
    return one_instance(devices=[device_from_row(row) for row in snapshot_rows()], plan="premium")


def simulate_order(order: JobOrder) -> Outcome:
    """Run a job on the device that its order describes. The same order gives the same outcome."""
    from ..bridge.orders import decode_sampler_params
    from ..bridge.results import encode_sampler_result
    from ..bridge.simulate import run_sampler_job

    if order.program != "sampler":
        return Crashed(reason=f"This emulated cloud has no program {order.program!r}.", code=1002)
    target, max_shots = _describe(order.configuration, order.properties)
    job = decode_sampler_params(order.params)
    if isinstance(job, Success) and max_shots is not None:
        for index, pub in enumerate(job.unwrap().pubs):
            if pub.shots > max_shots:
                reason = f"PUB {index} asks for {pub.shots} shots, the device takes up to {max_shots}."
                return Crashed(reason=reason, code=TOO_MANY_SHOTS, solution="Ask for fewer shots, or split the PUB.")
    result = job.bind(lambda job: run_sampler_job(job, target, order.seed if job.seed is None else job.seed))
    if isinstance(result, Success):
        return Finished(result=encode_sampler_result(result.unwrap()))
    return _crash(result.failure())


def _crash(problem: "Problem") -> Crashed:
    """Return what a job says that could not be run."""
    from .exceptions import exception_for

    first, _, rest = str(exception_for(problem)).partition("\n")
    return Crashed(reason=first, code=1517, solution=rest)


def _describe_device(name: str) -> tuple[bytes, bytes]:
    snapshot = read_snapshot(name)
    return snapshot.configuration, snapshot.properties


@lru_cache(maxsize=8)
def _describe(configuration: bytes, properties: bytes) -> tuple["Target", int | None]:
    """Return the target of a device and its most shots; the bodies come from our own snapshots or worlds."""
    from ..bridge.target import build_target
    from ..wire.configuration import read_configuration, read_properties

    known = read_configuration(configuration, "emulated").unwrap()
    return build_target(known, read_properties(properties, "emulated").unwrap()), known.max_shots
