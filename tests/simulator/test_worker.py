"""Simulations in a process of their own: the same outcome as here, and whatever ends the process ends one job only."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Self

import msgspec
import pytest

from qiskit_runtime_service.emulator.world import Crashed
from qiskit_runtime_service.simulator.cloud import Simulation
from qiskit_runtime_service.simulator.run_job import run_task
from qiskit_runtime_service.simulator.worker import Worker

from ..support.forks import Gate, forks, held_up, in_child, may_warn
from .test_run_job import estimated, sampled


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


@pytest.mark.takes_long
@pytest.mark.holds("B248")
def test_another_process_gives_the_same_outcome_one_job_after_the_other(worker: Worker) -> None:
    tasks = [sampled(), estimated(), sampled(default_shots=-1), msgspec.structs.replace(sampled(), seed=9)]
    assert [worker(task) for task in tasks] == [run_task(task) for task in tasks]


@pytest.mark.holds("B248")
def test_a_simulation_that_takes_too_long_is_stopped_and_the_next_begins_anew() -> None:
    worker = Worker(longest=0.01)
    for task in (sampled(), estimated()):
        outcome = worker(task)
        assert isinstance(outcome, Crashed)
        assert (outcome.code, outcome.reason) == (5203, "The simulation was stopped after 0.01 s.")
        assert outcome.solution == "Use fewer qubits, layers or shots."


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


@pytest.mark.holds("B248")
@pytest.mark.parametrize(("spaces", "there"), [(0, False), (1 << 20, True)])
def test_what_is_large_is_read_in_the_other_process_alone(spaces: int, there: bool) -> None:
    simulate = Simulation(worker=Worker(command=python("import sys; sys.exit(3)")))
    task = sampled()
    outcome = simulate(msgspec.structs.replace(task, params=task.params + b" " * spaces))
    assert isinstance(outcome, Crashed) == there


@pytest.mark.holds("B248")
@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import os; os.abort()", -6),
        ("import sys; sys.stdin.buffer.read(8); sys.stdout.write('short'); sys.stdout.flush(); sys.exit(4)", 4),
        ("import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(bytes(7) + b'x' + b'less'); sys.exit(5)", 5),
    ],
)
def test_whatever_ends_the_process_ends_one_job(program: str, status: int) -> None:
    worker = Worker(command=python(program))
    for task in (sampled(), estimated()):
        outcome = worker(task)
        assert isinstance(outcome, Crashed)
        assert (outcome.code, outcome.reason) == (5203, f"The simulation ended its process, with status {status}.")


@pytest.mark.takes_long
def test_a_process_that_was_ended_is_begun_anew(worker: Worker) -> None:
    before = worker(sampled())
    worker.close()
    worker.close()
    assert worker(sampled()) == before


@pytest.mark.takes_long
def test_a_worker_that_travels_is_another_worker(worker: Worker) -> None:
    there: Worker = pickle.loads(pickle.dumps(worker))  # noqa: S301 - made here
    assert there(sampled()) == worker(sampled())
    there.close()


class HeldUp(tuple[str, ...]):
    """A command whose process is begun at a gate."""

    def __new__(cls, gate: Gate, command: list[str]) -> Self:
        made = super().__new__(cls, command)
        made.gate = gate
        return made

    gate: Gate

    def __iter__(self) -> Iterator[str]:
        self.gate.pass_by()
        return super().__iter__()


@forks
@may_warn
@pytest.mark.holds("B280")
def test_a_worker_that_was_busy_at_a_fork_works_in_the_child() -> None:
    gate = Gate()
    worker = Worker(command=HeldUp(gate, python("import sys; sys.exit(3)")))
    ended = "The simulation ended its process, with status 3."
    with held_up(gate, lambda: worker(sampled())):
        assert in_child(lambda: worker(sampled())).count(ended) == 1
    outcome = worker(sampled())
    assert isinstance(outcome, Crashed)
    assert outcome.reason == ended


@pytest.mark.takes_long
@pytest.mark.holds("B248")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to a bound of memory")
def test_the_process_may_map_so_much_memory_and_no_more() -> None:
    program = (
        "import mmap; from qiskit_runtime_service.simulator.worker_process import hold_memory; hold_memory()\n"
        "mmap.mmap(-1, 3 << 30).close()\n"
        "try: mmap.mmap(-1, 5 << 30)\n"
        "except OSError: print('held')"
    )
    done = subprocess.run(python(program), capture_output=True, text=True, check=True)
    assert done.stdout == "held\n"
