"""The program `executor` of an emulated cloud: what IBM's client sent is run, and answered in its version."""

import json
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.world import Crashed, Finished
from qiskit_runtime_service.simulator.run_job import run_task

from ..support.tasks import task_on
from .programs import sample

SENT = [
    ("executor", (2, 3, 10, 3), "c"),
    ("executor_v0.1", (1, 10, 3), "c"),
    ("executor_v0.2", (1, 10, 3), "c"),
    ("executor_v1.0", (1, 10, 3), "c"),
    ("executor_v1.1", (1, 10, 3), "c"),
    ("sampler_plain", (200, 2), "meas"),
    ("sampler_twirled", (4, 16, 2), "meas"),
    ("estimator_level1", (3, 2, 8, 5), "_meas"),
    ("estimator_level2", (3, 2, 8, 5), "_meas"),
    ("estimator_pec", None, "_meas"),
    ("executor_noise_learner", (9, 2, 8, 2), "meas0"),
]


def run(params: bytes, **changes: Any) -> Any:
    outcome = run_task(task_on("fake_manila", params, "executor"), **changes)
    if isinstance(outcome, Finished):
        assert outcome.logs.startswith("Item 0: ")
    return outcome


def changed(name: str, *path: Any, to: object) -> bytes:
    """Return params with another value at a place."""
    params = json.loads(sample(name))
    inner = params
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(params).encode()


@pytest.mark.holds("B395")
@pytest.mark.parametrize(("name", "shape", "register"), SENT)
def test_what_was_sent_is_run_and_answered_in_its_version(
    name: str, shape: tuple[int, ...] | None, register: str
) -> None:
    params = json.loads(sample(name))
    outcome = run(sample(name))
    assert isinstance(outcome, Finished), outcome
    body = json.loads(outcome.result)
    version = params["schema_version"]
    assert body["schema_version"] == version
    module = import_module(f"ibm_quantum_schemas.executor.version_{version[1:].replace('.', '_')}")
    # The models of the service's own schema take it as it is.
    model = module.QuantumProgramResultModel.model_validate_json(outcome.result)
    program = params["quantum_program"]
    assert len(model.data) == len(program["items"])
    first = model.data[0].results[register].to_numpy()
    assert first.dtype == bool
    assert shape is None or first.shape == shape
    for key in ("passthrough_data", "semantic_role"):
        if key in program:
            assert body[key] == program[key]
    sizes = [part.size for span in model.metadata.chunk_timing for part in span.parts]
    assert all(size >= 1 for size in sizes)
    assert len(sizes) == len(model.data)
    assert all(100 <= span.start.timestamp() <= span.stop.timestamp() <= 102 for span in model.metadata.chunk_timing)


@pytest.mark.holds("B395")
def test_times_of_instructions_are_told_where_they_are_asked_for() -> None:
    asked, not_asked = (json.loads(run(sample(name)).result)["data"][0] for name in ("executor", "sampler_plain"))
    assert not_asked["metadata"] == {"scheduler_timing": None, "stretch_values": None}
    timing = asked["metadata"]["scheduler_timing"]
    lines = timing["timing"].splitlines()
    assert lines
    assert all(line.count(",") == 5 for line in lines)
    assert timing["circuit_duration"] > 0


@pytest.mark.holds("B395")
@given(level=st.sampled_from(["classified", "kerneled", "avg_kerneled", "both"]))
def test_points_are_told_in_a_form_that_each_version_has(level: str) -> None:
    for name in ("executor_v0.2", "executor_v1.1", "executor"):
        if level == "both" and name == "executor_v0.2":
            continue
        outcome = run(changed(name, "quantum_program", "meas_level", to=level))
        assert isinstance(outcome, Finished), outcome
        results = json.loads(outcome.result)["data"][0]["results"]
        types = {register: tensor["dtype"] for register, tensor in results.items()}
        assert (
            types
            == {
                "classified": {"c": "bool"},
                "kerneled": {"c_iq": "c128"},
                "avg_kerneled": {"c_avg_iq": "c128"},
                "both": {"c": "bool", "c_iq": "c128"},
            }[level]
        )


@pytest.mark.holds("B395")
@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        (b"[]", 1002, ""),
        (b'{"schema_version": "v3.0"}', 1002, "v3.0"),
        (changed("executor", "quantum_program", "shots", to=0), 1002, "shots"),
        (changed("executor", "options", "rep_delay", to="long"), 1002, "rep_delay"),
        (changed("executor", "quantum_program", "items", to=[]), 1002, ""),
        (changed("executor", "quantum_program", "circuits", "b64_data", to="eJw="), 1002, "QuantumCircuit"),
        (changed("executor", "quantum_program", "shots", to=10**6), 6000, "1000000 shots"),
        (changed("executor", "options", "rep_delay", to=5.0), 1002, "rep_delay of 5.0 s"),
        (changed("sampler_twirled", "quantum_program", "items", 0, "shape", to=[3]), None, ""),
        (changed("sampler_twirled", "quantum_program", "items", 0, "samplex", "samplex_json", to="{}"), 1002, ""),
        (changed("estimator_pec", "quantum_program", "items", 0, "samplex_arguments", to={}), 1002, "missing"),
    ],
)
def test_what_cannot_be_run_is_a_failed_job_with_the_code_of_the_service(
    params: bytes, code: int | None, words: str
) -> None:
    outcome = run(params)
    if code is None:
        assert isinstance(outcome, Finished)
        return
    assert isinstance(outcome, Crashed)
    assert outcome.code == code, outcome
    assert words in outcome.reason
    assert outcome.solution


@pytest.mark.holds("B391", "B395")
def test_a_job_that_takes_too_long_fails_before_it_begins() -> None:
    outcome = run(changed("sampler_twirled", "quantum_program", "items", 0, "shape", to=[3000]), longest=0.001)
    assert isinstance(outcome, Crashed)
    assert outcome.code == 5204


@pytest.mark.holds("B395")
def test_a_gate_that_the_device_does_not_have_is_told_by_its_item() -> None:
    outcome = run_task(task_on("fake_fez", sample("executor_v1.0"), "executor"))
    assert isinstance(outcome, Crashed)
    assert outcome.code == 7000
    assert "Item 0" in outcome.reason or "item 0" in outcome.reason


@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_task_gives_the_same_bytes(seed: int) -> None:
    task = task_on("fake_manila", sample("sampler_twirled"), "executor")
    one, other = (run_task(type(task)(**{**_fields(task), "seed": seed})) for _ in range(2))
    assert isinstance(one, Finished)
    assert one == other


def _fields(task: Any) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__struct_fields__}


def test_arrays_of_a_tree_come_back_as_they_were() -> None:
    sent = json.loads(sample("executor"))["quantum_program"]["passthrough_data"]
    back = json.loads(run(sample("executor")).result)["passthrough_data"]
    assert back["x"] == [1, 2.5, None, True]
    assert back["arr"]["shape"] == [2, 3]
    assert back["arr"] == sent["arr"]
    assert np.prod(back["arr"]["shape"]) == 6
