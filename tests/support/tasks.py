"""Jobs as a simulation is given them, on recorded devices."""

from qiskit_runtime_service.devices.snapshots import read_snapshot
from qiskit_runtime_service.emulator.needs import JobTask


def task_on(device: str, params: bytes, program: str = "sampler") -> JobTask:
    snapshot = read_snapshot(device)
    return JobTask(
        id="j1",
        device=device,
        program=program,
        params=params,
        configuration=snapshot.configuration,
        properties=snapshot.properties,
        seed=7,
        starts_at=100.0,
        ends_at=102.0,
        mock=False,
    )
