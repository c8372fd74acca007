"""The local channel: the same service over an emulated cloud of device snapshots, in this process."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..devices.snapshots import read_snapshot, snapshot_rows
from ..emulator.world import World
from ..emulator.worlds import device_from_row, one_instance
from ..records.account import AccountChoice
from ..records.secret import Secret
from ..transport.base import Clock
from ..transport.emulated import EmulatedTransport
from .service import QiskitRuntimeService
from .simulation import Program, simulation_of
from .wiring import Wiring

if TYPE_CHECKING:
    from concurrent.futures import Executor


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
    programs: Mapping[str, Program] | None = None,
    executor: "Executor | None" = None,
    clock: Clock | None = None,
    speed: float = 1.0,
    remembered: int | None = None,
) -> EmulatedTransport:
    """Return a carrier to an emulated cloud that knows all device snapshots and simulates jobs.

    It is a clock too: `QiskitRuntimeService(token=…, transport=cloud, clock=cloud)`.

    Args:
        world: The cloud as it begins; by default one instance that has every snapshot.
        programs: What runs jobs of other programs, such as `{"executor": function}`: functions of the params, read as
            typed JSON, and the order of the job, that return the result, or `Crashed`.
        executor: Where jobs are simulated; by default in the thread that looks at them.
        clock: What the time of the cloud runs with; by default it is virtual, and waiting takes none.
        speed: How many seconds of the cloud go by in one of `clock`.
        remembered: How many requests the ledger keeps, the newest; by default all.
    """
    return EmulatedTransport(
        snapshot_world() if world is None else world,
        library=_describe_device,
        simulate=simulation_of({} if programs is None else programs),
        executor=executor,
        clock=clock,
        speed=speed,
        remembered=remembered,
    )


def snapshot_world() -> World:
    """Return a world with one instance that has every snapshot, all of them idle, and sessions too."""
    return one_instance(devices=[device_from_row(row) for row in snapshot_rows()], plan="premium")


def _describe_device(name: str) -> tuple[bytes, bytes]:
    snapshot = read_snapshot(name)
    return snapshot.configuration, snapshot.properties
