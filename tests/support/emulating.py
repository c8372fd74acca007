"""`qiskit-runtime emulate` in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PROGRAM = (sys.executable, "-W", "error", "-m", "qiskit_runtime_service", "emulate", "--port", "0")


class Running:
    """A cloud in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", details: dict[str, Any]) -> None:
        self.process = process
        self.details = details

    def run(self, program: str, **more: str) -> str:
        """Run a program that uses the cloud, in another process, and return what it prints."""
        environment = os.environ | self.details["environment"]
        command = [sys.executable, "-c", program.format(**self.details, **more)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        """Tell it to stop, and return its exit code and what it wrote to standard error."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextmanager
def emulate(*options: str) -> Iterator[Running]:
    with subprocess.Popen(
        [*PROGRAM, *options, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Running(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()
