"""A task of QRMI, told of the service by the variables of QRMI's own. Runs in the environment of QRMI, not in ours."""

import json
import os
from importlib.metadata import version

from qrmi import Payload, QuantumResource, ResourceType

RUNTIME = os.environ["QISKIT_IBM_URL"] or "https://quantum.cloud.ibm.com/api/v1"
IAM = os.environ["IAM_URL"] or "https://iam.cloud.ibm.com"
SETTINGS = {
    "QRMI_IBM_QCS_ENDPOINT": RUNTIME,
    "QRMI_IBM_QCS_IAM_ENDPOINT": IAM,
    "QRMI_IBM_QCS_IAM_APIKEY": os.environ["QISKIT_IBM_TOKEN"],
    "QRMI_IBM_QCS_SERVICE_CRN": os.environ["SERVICE_CRN"],
}
FLIP = 'OPENQASM 3.0; include "stdgates.inc"; bit[1] c; x $0; c[0] = measure $0;'

held = QuantumResource.from_config("ibm_led", ResourceType.IBMQuantumComputeService, SETTINGS)
session = held.acquire()
pubs = {"pubs": [[FLIP, None, 64]], "version": 2}
task = held.task_start(Payload.QiskitPrimitive(input=json.dumps(pubs), program_id="sampler"))
statuses = (str(held.task_status(task)).rpartition(".")[2] for _ in range(300))
assert next(status for status in statuses if status not in ("Queued", "Running")) == "Completed"
samples = json.loads(held.task_result(task).value)["results"][0]["data"]["c"]["samples"]
held.release(session)

assert len(samples) == 64
assert samples.count("0x1") > 50
print(json.dumps({"version": version("qrmi")}))
