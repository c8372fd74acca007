"""Every example in the help of a command runs."""

import click
import pytest

from qiskit_runtime_service.cli.main import COMMANDS, commands
from qiskit_runtime_service.cli.options import Command
from qiskit_runtime_service.testing import API_KEY
from tests.cli.fixtures import Stage
from tests.cli.test_cassette import record_two

NOT_RUN_HERE = {"emulate"}
"""Runs until it is stopped: its own tests run its examples."""


def examples() -> list[str]:
    found: list[str] = []
    for name in COMMANDS:
        command = commands.get_command(click.Context(commands), name)
        assert isinstance(command, Command)
        found += [] if name in NOT_RUN_HERE else command.examples
    return found


@pytest.mark.parametrize("line", examples())
def test_an_example_runs(line: str, stage: Stage) -> None:
    words = line.split()
    if "cassette" in words:
        for name in ("run.yaml", "old.yaml", "new.yaml"):
            record_two(stage.folder / name)
    environment = {} if "login" in words or "--local" in words else {"QISKIT_IBM_TOKEN": API_KEY}
    if "logout" in words:
        kept = stage.run(f"qiskit-runtime login {' '.join(words[2:])}", API_KEY, **environment)
        assert kept.exit_code == 0, kept.output
    job = stage.waiting if "--cancel" in words else stage.job
    done = stage.run(
        line.replace("d123abc", job).replace("s123abc", stage.batch), API_KEY if "login" in words else "", **environment
    )
    assert done.exit_code == 0, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
