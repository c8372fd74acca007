"""An emulated cloud behind an HTTP door in a process of its own, so that it costs the measured clients nothing.

    python benchmarks/cloud.py INSTANCES MILLISECONDS DEVICES

Prints its base URL, then serves until its standard input ends. Every answer takes at least MILLISECONDS.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from returns.result import Result

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
def running_cloud(instances: int, milliseconds: int, devices: int = DEVICES) -> Iterator[str]:
    """Run this file in a process of its own; yield its base URL."""
    command = [sys.executable, str(Path(__file__)), str(instances), str(milliseconds), str(devices)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def variables(base: str) -> dict[str, str]:
    """Return the environment variables that lead a client's token service, search and catalog to the cloud."""
    return {"IAM_URL": base, "GLOBAL_SEARCH_URL": base, "GLOBAL_CATALOG_URL": f"{base}/api/v1"}


def main() -> None:
    """Serve until the caller hangs up."""
    instances, milliseconds, count = map(int, sys.argv[1:])
    devices = [line_device(f"ibm_line{each}", 5 + each % 10, queue_length=each) for each in range(count)]
    world = many_instances(instances, plans=min(PLANS, instances), devices=devices, now=time.time())
    with door_to(Slow(EmulatedTransport(world), milliseconds / 1e3)) as door:
        print(door.base, flush=True)
        sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
