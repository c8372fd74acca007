"""An emulated cloud behind an HTTP door in a process of its own, so that it costs the measured clients nothing.

    python benchmarks/cloud.py INSTANCES MILLISECONDS DEVICES JOBS QUBITS

Prints its base URL, then serves until its standard input ends. Every answer takes at least MILLISECONDS. The first
instance has JOBS jobs behind it, a tenth of them on devices that are gone. Devices have QUBITS qubits, or from 5 to 14
(for 0).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from returns.result import Result

from qiskit_runtime_service.emulator.job_index import book_of
from qiskit_runtime_service.emulator.job_life import EmulatedJob, Finished
from qiskit_runtime_service.emulator.world import World, job_id
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import EmulatedTransport, door_to, line_device, many_instances

DEVICES = 3
PLANS = 3


class Slow:
    """A carrier that takes its time, as the way to a real cloud does."""

    def __init__(self, inner: EmulatedTransport, seconds: float) -> None:
        self.inner = inner
        self.seconds = seconds

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Wait, then let the cloud answer."""
        time.sleep(self.seconds)
        return self.inner.send(request)

    def close(self) -> None:
        """Have nothing to give up."""


@contextmanager
def running_cloud(
    instances: int, milliseconds: int, devices: int = DEVICES, jobs: int = 0, qubits: int = 0
) -> Iterator[str]:
    """Run this file in a process of its own; yield its base URL."""
    command = [sys.executable, str(Path(__file__)), *map(str, (instances, milliseconds, devices, jobs, qubits))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def variables(base: str) -> dict[str, str]:
    """Return the environment variables that lead a client's token service, search and catalog to the cloud."""
    return {"IAM_URL": base, "GLOBAL_SEARCH_URL": base, "GLOBAL_CATALOG_URL": f"{base}/api/v1"}


def with_jobs(world: World, count: int) -> World:
    """Return `world` with jobs of its first instance that ended long ago, one a minute."""
    crn, *_ = world.instances
    names = [*world.devices]
    ended = (
        EmulatedJob(
            id=job_id(world, number),
            number=number,
            device=f"ibm_gone{number % 7}" if number % 10 == 0 else names[number % len(names)],
            program="sampler",
            params=b"{}",
            created=world.now - 60.0 * (count + 1 - number),
            starts_at=world.now - 60.0 * (count + 1 - number) + 10.0,
            ends_at=world.now - 60.0 * (count + 1 - number) + 20.0,
            run_seconds=10.0,
            cost=600,
            tags=("bench",),
            outcome=Finished(result=b"{}"),
        )
        for number in range(1, count + 1)
    )
    return msgspec.structs.replace(world, jobs={crn: book_of(ended)}, jobs_created=count)


def main() -> None:
    """Serve until the caller hangs up."""
    instances, milliseconds, count, jobs, qubits = map(int, sys.argv[1:])
    devices = [line_device(f"ibm_line{index}", qubits or 5 + index % 10, queue_length=index) for index in range(count)]
    world = many_instances(instances, plans=min(PLANS, instances), devices=devices, now=time.time())
    world = with_jobs(world, jobs) if jobs else world
    with door_to(Slow(EmulatedTransport(world), milliseconds / 1e3)) as door:
        print(door.base, flush=True)
        sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
