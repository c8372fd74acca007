"""Tasks run by QRMI, unmodified. Runs in the environment of QRMI, not in ours.

Reads `{"base", "key", "crn", "folder"}` from standard input: the URL of the door, an API key, a CRN, and a folder for
files. Prints what QRMI made of each thing that it was asked for.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qrmi import Payload, QRMIService, QuantumResource, ResourceProvider, ResourceType
from qrmi.primitives.ibm import EstimatorV2, SamplerV2, get_backend, get_target

GIVEN = json.load(sys.stdin)
SERVICE = ResourceType.IBMQuantumComputeService
NAMES = ("ibm_fast", "ibm_slow")
HEAD = 'OPENQASM 3.0; include "stdgates.inc"; '
ONE = HEAD + "bit[2] c; x $0; c[0] = measure $0; c[1] = measure $1;"
TURNED = HEAD + "input float[64] a; bit[1] d; sx $3; rz(a) $3; sx $3; d[0] = measure $3;"
FLIPPED = HEAD + "x $0;"
FAR = HEAD + "bit[1] c; cz $0, $4; c[0] = measure $0;"


def settings(**more: str) -> dict[str, str]:
    """Return what QRMI is told of the service, without the name of a resource in front."""
    given = {
        "ENDPOINT": f"{GIVEN['base']}/api/v1",
        "IAM_ENDPOINT": GIVEN["base"],
        "IAM_APIKEY": GIVEN["key"],
        "SERVICE_CRN": GIVEN["crn"],
    }
    return {f"QRMI_IBM_QCS_{name}": value for name, value in (given | more).items()}


def resource(name: str = "ibm_fast", **more: str) -> Any:
    return QuantumResource.from_config(name, SERVICE, settings(**more))


def payload(program: str, *pubs: list[Any], **options: Any) -> Any:
    params = {"pubs": pubs, "version": 2, "options": options}
    return Payload.QiskitPrimitive(input=json.dumps(params), program_id=program)


def word(status: Any) -> str:
    return str(status).rpartition(".")[2]


def error_of(call: Callable[[], object]) -> str:
    """Return the name of the error that a call raises, without the version that some names end in."""
    try:
        return f"none, but {call()}"
    except Exception as error:  # noqa: BLE001  # whatever it is, its name is the answer
        return type(error).__name__.rstrip("_")


def end_of(held: Any, task: str) -> str:
    """Return the status in which a task ends. The door lets who asks wait for a simulation, a second at most."""
    statuses = (word(held.task_status(task)) for _ in range(300))
    return next(status for status in statuses if status not in ("Queued", "Running"))


def run(held: Any, task: Any) -> dict[str, Any]:
    """Run a task; its time is up at once. What can no longer be stopped is left as it is."""
    name = held.task_start(task)
    answer = {"status": end_of(held, name), "result": json.loads(held.task_result(name).value)}
    held.task_stop(name)
    return answer | {"after": word(held.task_status(name)), "logs": held.task_logs(name)}


def use_session(mode: str) -> dict[str, Any]:
    """Hold a backend, run both primitives there, and let go of it."""
    held = resource(SESSION_MODE=mode, SESSION_MAX_TTL="600")
    session = held.acquire()
    before = held.metadata()
    sampled = run(held, payload("sampler", [ONE, None, 5], [TURNED, {"a": [0.0, math.pi]}, 4], default_shots=9))
    estimated = run(held, payload("estimator", [FLIPPED, {"IIIIZ": 1.0}], [FLIPPED, ["IIIZI", "IIIIZ"], [], 0.1]))
    held.release(session)
    return {
        "session": session,
        "before": before,
        "sampled": sampled,
        "estimated": estimated,
        "after": held.metadata(),
    }


def describe() -> dict[str, Any]:
    held, provider = resource(), ResourceProvider(SERVICE, settings())
    target = json.loads(held.target().value)
    return {
        "names": [found.resource_id() for found in provider.resources()],
        "seven qubits": [found.resource_id() for found in provider.resources("num_qubits=7")],
        "least busy": provider.least_busy().resource_id(),
        "status": held.status().to_dict(),
        "type": word(held.resource_type()),
        "qubits": target["configuration"]["n_qubits"],
        "calibrated": len(target["properties"]["qubits"]),
    }


def stop_in_queue() -> dict[str, Any]:
    held = resource("ibm_slow")
    task = held.task_start(payload("sampler", [ONE]))
    before = word(held.task_status(task))
    early = error_of(lambda: held.task_result(task))
    held.task_stop(task)
    return {"before": before, "result": early, "after": word(held.task_status(task))}


def fail() -> dict[str, Any]:
    held = resource()
    task = held.task_start(payload("sampler", [FAR]))
    return {"status": end_of(held, task), "result": error_of(lambda: held.task_result(task))}


def be_wrong() -> dict[str, str]:
    task = payload("sampler", [ONE])
    stranger = GIVEN["crn"].replace("us-east", "eu-de")
    return {
        "no such key": error_of(lambda: resource(IAM_APIKEY="wrong").task_start(task)),
        "no such instance": error_of(lambda: resource(SERVICE_CRN=stranger).task_start(task)),
        "no such backend": error_of(lambda: resource("ibm_none").task_start(task)),
        "no such backend's status": error_of(lambda: resource("ibm_none").status()),
        "no such task": error_of(lambda: resource().task_status("nope")),
    }


def run_by_command() -> dict[str, Any]:
    """Run a task as a job script of Slurm does: all that is known of the service are variables."""
    variables = {f"{name}_{setting}": value for name in NAMES for setting, value in settings().items()}
    os.environ.update(variables)
    os.environ["QRMI_JOB_QPU_RESOURCES"] = ",".join(NAMES)
    os.environ["QRMI_JOB_QPU_TYPES"] = ",".join(["ibm-quantum-compute-service"] * len(NAMES))
    task, result = Path(GIVEN["folder"], "task.json"), Path(GIVEN["folder"], "result.json")
    task.write_text(json.dumps({"parameters": {"pubs": [[ONE, None, 3]], "version": 2}, "program_id": "sampler"}))
    command = [str(Path(sys.executable).with_name("task_runner")), NAMES[0], str(task), str(result)]
    subprocess.run(command, check=True, capture_output=True)
    return {
        "accessible": sorted(found.resource_id() for found in QRMIService().resources()),
        "result": json.loads(result.read_text()),
    }


def run_primitives() -> dict[str, Any]:
    """Run both primitives of QRMI, as programs do that know those of Qiskit."""
    held = resource()
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("a"), 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    target = get_target(held)
    manager = generate_preset_pass_manager(1, target=target, initial_layout=[0, 1], seed_transpiler=1)
    isa = manager.run(circuit)
    sampler = SamplerV2(held, options={"default_shots": 25})
    sampling = sampler.run([(isa, [[0.0], [math.pi]]), (isa, [math.pi], 7)])
    swept, alone = (pub.data.meas for pub in sampling.result())
    observables = [[SparsePauliOp(label).apply_layout(isa.layout)] for label in ("ZZ", "IZ")]
    pub = (isa.remove_final_measurements(inplace=False), observables, [[0.0], [math.pi]])
    estimate = EstimatorV2(held, options={"default_precision": 0.1}).run([pub]).result()[0]
    far = QuantumCircuit(5, 1)
    far.cx(0, 4)
    far.measure(0, 0)
    failing = sampler.run([far])
    return {
        "qubits": [target.num_qubits, get_backend(held).num_qubits],
        "swept": [swept.shape, swept.num_shots, [swept.get_counts(index) for index in (0, 1)]],
        "alone": [alone.shape, alone.num_shots, alone.get_counts()],
        "values": estimate.data.evs.tolist(),
        "shots": estimate.metadata["shots"],
        "status": word(sampling.status()),
        "failed": error_of(failing.result),
        "after": word(failing.status()),
        "logs": failing.logs(),
    }


JOURNEYS = (describe, stop_in_queue, fail, be_wrong, run_by_command, run_primitives)
answers: dict[str, Any] = {journey.__name__: journey() for journey in JOURNEYS}
print(json.dumps(answers | {mode: use_session(mode) for mode in ("batch", "dedicated")}))
