"""A stored result of a sampler of directed execution is read as IBM's client reads it."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.common import CompressedTensorModel

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud, line_device, one_instance

from ..support.existing import ask_existing_client, needs_existing_client
from . import stored_samplers
from .directed_samplers import WIDTH, bell
from .stored_samplers import told

SAMPLES = Path(__file__).parents[1] / "data" / "executor"


def tensor(array: Any) -> dict[str, Any]:
    """Return an array as the service sends it."""
    return CompressedTensorModel.from_numpy(np.asarray(array)).model_dump()


def made(
    arrays: dict[str, Any], *, twirled: bool, meas_type: str = "classified", metadata: Any = None
) -> dict[str, Any]:
    """Return the body of a result with one item."""
    notes = {
        "version": "v0.1", "twirling": twirled, "meas_type": meas_type, "shots": 4, "circuits_metadata": [{"who": [1]}],
        "options": {"default_shots": 7},
    }  # fmt: skip
    return {
        "schema_version": "v2.0",
        "data": [{"results": {name: tensor(array) for name, array in arrays.items()}, "metadata": metadata or {}}],
        "metadata": {"chunk_timing": []},
        "passthrough_data": {"post_processor": notes},
        "semantic_role": "sampler_v2",
    }


def bits(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).random(shape) < 0.5


def points(seed: int, *shape: int) -> Any:
    rng = np.random.default_rng(seed)
    return rng.random(shape) + 1j * rng.random(shape)


TIMING = {"scheduler_timing": {"timing": "main,x,Qubit 0,0,8,play", "circuit_duration": 8}, "stretch_values": None}
STRETCH = {
    "scheduler_timing": None,
    "stretch_values": [{"name": "s", "value": 8, "remainder": 1, "expanded_values": [[0, 9], [20, 8]]}],
}
RESULTS = {
    "a plain sample": json.loads((SAMPLES / "sampler_plain_result.json").read_bytes()),
    "a twirled sample": json.loads((SAMPLES / "sampler_twirled_result.json").read_bytes()),
    "a sweep of wide registers": made({"a": bits(1, 2, 3, 4, 11), "b": bits(2, 2, 3, 4, 1)}, twirled=False),
    "a twirled sweep": made(
        {
            "a": bits(1, 5, 2, 3, 4, 11), "measurement_flips.a": bits(2, 5, 2, 3, 1, 11), "b": bits(3, 5, 2, 3, 4, 8),
            "measurement_flips.b": bits(4, 5, 2, 3, 1, 8), "c": bits(5, 5, 2, 3, 4, 3),
        },
        twirled=True,
    ),
    "points": made({"a_iq": points(1, 2, 4, 3)}, twirled=False, meas_type="kerneled"),
    "points of twirled gates": made({"a_iq": points(1, 5, 2, 4, 3)}, twirled=True, meas_type="kerneled"),
    "means": made({"a_avg_iq": points(1, 2, 3)}, twirled=False, meas_type="avg_kerneled"),
    "means of twirled gates": made({"a_avg_iq": points(1, 5, 2, 3)}, twirled=True, meas_type="avg_kerneled"),
    "timing": made({"a": bits(1, 4, 2)}, twirled=False, metadata=TIMING),
    "no stretches": made(
        {"a": bits(1, 4, 2)}, twirled=False, metadata={"scheduler_timing": None, "stretch_values": []}
    ),
    "stretches": made({"a": bits(1, 4, 2)}, twirled=False, metadata=STRETCH),
}  # fmt: skip


@needs_existing_client
@pytest.mark.holds("B377")
def test_stored_results_are_read_as_the_existing_client_does() -> None:
    stored = iter(RESULTS.values())
    cloud = emulated_cloud(
        one_instance(devices=[line_device("ibm_line", WIDTH)], plan="premium", now=time.time()),
        programs={"executor": lambda *_: next(stored)},
    )
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    sampler = SamplerV2(service.backend("ibm_line"))
    jobs = []
    for _ in RESULTS:
        job = sampler.run([bell()])
        job.wait_for_final_state()
        jobs.append(job.job_id())
    ours = [told(service.job(name).result()) for name in jobs]
    with door_to(cloud) as door:
        (instance,) = cloud.world.instances
        question = {"base": door.base, "key": API_KEY, "instance": instance, "jobs": jobs}
        theirs = ask_existing_client(Path(stored_samplers.__file__), question)
    pairs = zip(RESULTS, json.loads(json.dumps(ours)), theirs, strict=True)
    assert {name: (one, other) for name, one, other in pairs if one != other} == {}
