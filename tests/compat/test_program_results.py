"""What stored jobs answer that have run quantum programs is read as IBM's client reads it."""

import json
import time
from pathlib import Path
from typing import Any

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Finished, Outcome
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud, line_device, one_instance

from ..programs.samples import params_of, result_of
from ..support.existing import ask_existing_client, needs_existing_client
from . import results_stored
from .results_stored import read_all

STORED = ("executor", "executor_v0.1")
"""What no primitive has prepared. The results of primitives are compared where these are tested."""
TOLD = {
    "scheduler_timing": {"timing": "main,x,Qubit 0,0,10,play", "circuit_duration": 10},
    "stretch_values": [{"name": "a", "value": 5, "remainder": 1, "expanded_values": [[0, 5], [10, 6]]}],
}


def answer(_: Any, task: JobTask) -> Outcome:
    """Return the result that is stored for the shots of a program."""
    params = json.loads(task.params)
    name = "executor" if params["schema_version"] == "v2.0" else "executor_v0.1"
    body = json.loads(result_of(name))
    if params["quantum_program"]["shots"] == 11:
        body["data"][0]["metadata"] = TOLD
    return Finished(result=json.dumps(body).encode())


@needs_existing_client
def test_stored_jobs_are_read_as_the_existing_client_does() -> None:
    cloud = emulated_cloud(
        one_instance(devices=[line_device("ibm_line", 5)], plan="premium", now=time.time()),
        programs={"executor": answer},
    )
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("ibm_line")
    sent = [params_of(name) for name in STORED]
    timed = params_of("executor")
    timed["quantum_program"]["shots"] = 11
    jobs = [service.run_program("executor", params, backend).job_id() for params in (*sent, timed)]
    ours = json.loads(json.dumps(read_all(service, jobs)))
    with door_to(cloud) as door:
        (instance,) = cloud.world.instances
        question = {"base": door.base, "key": API_KEY, "instance": instance, "jobs": jobs}
        theirs = ask_existing_client(Path(results_stored.__file__), question)
    assert ours == theirs
    assert len(ours) == 3
