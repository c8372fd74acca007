"""An emulated cloud that has all device snapshots and simulates jobs: the cloud of the local channel and of tests."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from .._public import public
from ..devices.snapshots import read_snapshot, snapshot_rows
from ..emulator.world import Device, World
from ..emulator.worlds import device_from_row, one_instance
from ..transport.base import Clock
from ..transport.emulated import EmulatedTransport

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..emulator.needs import JobTask
    from ..emulator.world import Outcome
    from .run_job import Program

AER_SIMULATOR = "aer_simulator"
SIMULATED_QUBITS = 156
"""As many as the widest snapshot has."""
SIMULATED_GATES = (
    *("ccx", "ccz", "cp", "crx", "cry", "crz", "cswap", "csx", "cu", "cu1", "cu3", "cx", "cy", "cz", "ecr", "h", "id"),
    *("p", "r", "rx", "rxx", "ry", "ryy", "rz", "rzx", "rzz", "s", "sdg", "swap", "sx", "sxdg", "t", "tdg", "u", "u1"),
    *("u2", "u3", "x", "y", "z"),
)
"""The standard gates that Aer knows."""
NO_PROGRAMS: "Mapping[str, Program]" = {}


@public("testing")
def emulated_cloud(
    world: World | None = None,
    *,
    programs: "Mapping[str, Program] | None" = None,
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
            typed JSON, and the `JobTask`, that return the result, or `Crashed`.
        executor: Where jobs are simulated; by default in the thread that looks at them.
        clock: What the time of the cloud runs with; by default it is virtual, and waiting takes none.
        speed: How many seconds of the cloud go by in one of `clock`.
        remembered: How many requests the ledger keeps, the newest; by default all.
    """
    return EmulatedTransport(
        snapshot_world() if world is None else world,
        library=describe_device,
        simulate=partial(simulate_job, programs=dict(programs)) if programs else simulate_job,
        executor=executor,
        clock=clock,
        speed=speed,
        remembered=remembered,
    )


def snapshot_world() -> World:
    """Return a world with one instance that has every snapshot and `aer_simulator`, all idle, and sessions too."""
    simulator = Device(name=AER_SIMULATOR, num_qubits=SIMULATED_QUBITS, simulator=True)
    return one_instance(devices=[*(device_from_row(row) for row in snapshot_rows()), simulator], plan="premium")


@public("testing")
def simulate_job(task: "JobTask", programs: "Mapping[str, Program]" = NO_PROGRAMS) -> "Outcome":
    """Run a job, in this process or in another one, as `emulated_cloud` does. Qiskit is loaded with the first.

    Args:
        task: All that the outcome depends on.
        programs: As in `emulated_cloud`.
    """
    from .run_job import run_task

    return run_task(task, programs)


@public("testing")
def describe_device(name: str) -> tuple[bytes, bytes]:
    """Return configuration and properties of a snapshot or of `aer_simulator`, as JSON text.

    Raises:
        KeyError: There is no such device.
    """
    if name == AER_SIMULATOR:
        return _describe_simulator(), b"{}"
    snapshot = read_snapshot(name)
    return snapshot.configuration, snapshot.properties


def _describe_simulator() -> bytes:
    """Return the configuration of a device that has every gate between any qubits, without errors."""
    configuration = {
        "backend_name": AER_SIMULATOR,
        "backend_version": "1.0.0",
        "n_qubits": SIMULATED_QUBITS,
        "simulator": True,
        "local": True,
        "conditional": True,
        "open_pulse": False,
        "memory": True,
        "basis_gates": SIMULATED_GATES,
        "gates": [{"name": name, "parameters": [], "qasm_def": ""} for name in SIMULATED_GATES],
        "coupling_map": None,
        "supported_instructions": (
            *SIMULATED_GATES,
            *("measure", "reset", "delay", "if_else", "for_loop", "while_loop", "switch_case"),
        ),
        "supported_features": ("qasm3",),
        "max_shots": 1_000_000,
    }
    return msgspec.json.encode(configuration)
