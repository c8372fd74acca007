"""A stored result of a noise learner or a calibrator is read as IBM's client reads it."""

import json
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import PauliList

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.emulator.world import Finished, World, give_outcome
from qiskit_runtime_service.results import LayerError, PauliLindbladError
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud, line_device, one_instance

from ..support.existing import ask_existing_client, needs_existing_client
from . import stored_learners
from .learner_runs import RUNS, submit_all
from .posted import BACKEND
from .stored_learners import told
from .test_learner_runs import LIBRARIES, OURS

SAMPLES = Path(__file__).parents[1] / "data" / "learners"
LEARNED = (SAMPLES / "noise_learner_v3_result.json").read_bytes()
WITHOUT_RATES = {**json.loads(LEARNED), "schema_version": "v0.1"}
del WITHOUT_RATES["data"][0]["metadata"]["post_selection"]["success_rates"]
"""That version does not tell them."""
ERROR = PauliLindbladError(PauliList(["XX"]), [0.5])
STORED: dict[str, bytes | None] = {
    "a layer": LEARNED,
    "numbers": json.dumps(WITHOUT_RATES).encode(),
    "execution": LEARNED.replace(b"v0.3", b"v0.2"),
    "checks on both sides": LEARNED,
    "a pub": encode_value({"data": [LayerError(QuantumCircuit(2), [0, 1], ERROR)], "metadata": {"backend": "here"}}),
    "a calibration": (SAMPLES / "calibrate_result.json").read_bytes(),
    # The emulated cloud runs it.
    "here: gates and measurements": None,
}
"""By the name of a run: the result of its job."""


@needs_existing_client
@pytest.mark.holds("B406")
def test_stored_results_and_inputs_are_read_as_the_existing_client_does() -> None:
    cloud = emulated_cloud(one_instance(devices=[line_device(BACKEND, 5)], plan="premium", now=time.time()))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        troubles = dict(submit_all(OURS, service.backend(BACKEND), {name: RUNS[name] for name in STORED}))
    assert set(troubles.values()) == {""}
    jobs = [job.job_id() for job in reversed(service.jobs(limit=len(STORED)))]
    for name, body in zip(jobs, STORED.values(), strict=True):
        if body is not None:

            def give(world: World, name: str = name, body: bytes = body) -> World:
                return give_outcome(world, name, Finished(result=body))

            cloud.alter(give)
    cloud.sleep(60.0)
    ours = [told(service.job(name)) for name in jobs]
    with door_to(cloud) as door:
        (instance,) = cloud.world.instances
        question = {"base": door.base, "key": API_KEY, "instance": instance, "jobs": jobs}
        theirs = ask_existing_client(Path(stored_learners.__file__), {**question, "libraries": LIBRARIES})
    pairs = zip(STORED, json.loads(json.dumps(ours)), theirs, strict=True)
    differing = {name: (one, other) for name, one, other in pairs if same(one) != same(other)}
    assert differing == {}


def same(found: Any) -> Any:
    """Return what is told without two options that IBM's client forgets of a quantum program (executor.md, 9)."""
    options = found["inputs"].get("options")
    if isinstance(options, dict) and "simulator" in options and "bit_flip_checks" not in options:
        options["execution"] = None
    return found
