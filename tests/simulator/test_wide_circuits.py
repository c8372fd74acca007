"""Wide circuits of tutorials and papers: each runs within a minute, or says within five seconds that it cannot."""

import math
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome
from qiskit_runtime_service.simulator.refusals import TOO_HEAVY
from qiskit_runtime_service.simulator.run_job import run_task

from ..promises.sizes import is_full
from ..support.params import sampler_params
from ..support.seconds import cpu_seconds
from ..support.wide_circuits import EXAMPLES, Example, task_for, transpiled

NAMES = [example.name for example in EXAMPLES]


@cache
def task_of(example: Example) -> JobTask:
    circuit, observable = example.make()
    return task_for(example.device, transpiled(circuit, example.device), observable)


def example_of(name: str) -> Example:
    return next(example for example in EXAMPLES if example.name == name)


@cache
def outcome_of(name: str) -> Outcome:
    return run_task(task_of(example_of(name)))


def data_of(name: str) -> Any:
    outcome = outcome_of(name)
    assert isinstance(outcome, Finished)
    result: Any = decode_result(outcome.result).unwrap()
    return result[0].data


@pytest.mark.holds("B250")
@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_done_in_time_is_refused_within_five_seconds(name: str) -> None:
    example = example_of(name)
    if not (example.quick or is_full()):
        return
    task = task_of(example)
    spent, outcome = cpu_seconds(lambda: run_task(task, longest=0.001), 5.0)
    assert isinstance(outcome, Crashed)
    assert outcome.code == TOO_HEAVY
    assert outcome.solution is not None
    assert "fewer qubits, layers, shots" in outcome.solution
    assert spent < 5.0


@pytest.mark.holds("B250")
@pytest.mark.parametrize("name", NAMES)
def test_what_is_begun_ends_within_a_minute(name: str) -> None:
    example = example_of(name)
    if not (example.quick or is_full()):
        return
    spent, outcome = cpu_seconds(lambda: outcome_of(name), 60.0)
    assert spent < 60.0
    if isinstance(outcome, Crashed):
        assert (outcome.code, example.ends) == (TOO_HEAVY, example.ends)
        assert example.ends != "runs"
        assert spent < 5.0
    else:
        assert example.ends != "fails"


@pytest.mark.holds("B250")
def test_the_limit_of_a_job_is_that_of_all_its_pubs() -> None:
    example = example_of("GHZ on 27 qubits")
    circuit = transpiled(example.make()[0], example.device)
    alone, many = (
        msgspec.structs.replace(
            task_of(example),
            params=sampler_params(read_pubs([circuit] * number, 1024).unwrap(), {}, support_qiskit=True),
        )
        for number in (1, 10)
    )
    one, ten = run_task(alone, longest=0.1), run_task(many, longest=0.1)
    assert isinstance(one, Finished)
    assert isinstance(ten, Crashed)
    assert ten.code == TOO_HEAVY
    assert ten.reason.startswith("The job would take about 0.")
    assert ten.reason.endswith("s or more to simulate; the limit is 0.1 s.")


@pytest.mark.holds("B250")
def test_the_limit_changes_nothing_but_what_is_refused() -> None:
    task = task_of(example_of("GHZ on 27 qubits"))
    assert run_task(task, longest=1.0) == outcome_of("GHZ on 27 qubits")


def agreeing(bits: Any) -> float:
    """Return the share of neighbouring bits that are equal."""
    rows = np.array([[character == "1" for character in text] for text in bits])
    return float((rows[:, 1:] == rows[:, :-1]).mean())


@pytest.mark.parametrize("width", [27, 100])
def test_neighbours_in_a_ghz_state_agree_but_for_the_errors_of_the_device(width: int) -> None:
    data = data_of(f"GHZ on {width} qubits")
    bits = data.c.get_bitstrings()
    assert 0.85 < agreeing(bits) < 1.0
    assert 0.35 < np.mean([text[-1] == "1" for text in bits]) < 0.65


@pytest.mark.takes_long
def test_at_a_clifford_point_each_step_turns_the_magnetisation() -> None:
    # Five half turns of every qubit: -1 without errors, of which the worst pairs of the device make many.
    assert -0.9 < float(data_of("kicked Ising, a Clifford point").evs) < -0.5


def whole_value(name: str) -> float:
    return float(data_of(name).evs)


def test_wide_circuits_have_the_values_that_theory_knows() -> None:
    if not is_full():
        return
    # With the errors of the device, a few in a hundred.
    apart = math.sin(0.3) * (math.cos(0.4) + math.sin(0.4)) + math.cos(0.3)
    assert whole_value("156 qubits apart") == pytest.approx(apart, abs=0.1)
    # Without: what is told as its own error, five times.
    heisenberg = data_of("Heisenberg on 60 qubits")
    assert abs(float(heisenberg.evs)) < 5 * float(heisenberg.stds)
    assert set(data_of("a mirror of 50 qubits").c.get_bitstrings()) == {"0" * 50}
    assert agreeing([text[::2] for text in data_of("feed-forward over 31 qubits").c.get_bitstrings()]) > 0.8
