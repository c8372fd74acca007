"""Jobs run by prefect-qiskit, unmodified. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn", "folder"}` from standard input: the URL of the door, an API key, a CRN, and a folder for
files. Prints what the client made of each thing that it was asked for. Its blocks are used without a server of Prefect,
which would keep flows and has nothing to do with the service.
"""

import asyncio
import json
import os
import sys
from typing import Any

GIVEN = json.load(sys.stdin)
os.environ.update(
    PREFECT_HOME=GIVEN["folder"],
    PREFECT_LOGGING_LEVEL="ERROR",
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
)

from prefect_qiskit import QuantumRuntime  # noqa: E402  # the environment is read when these are loaded
from prefect_qiskit.exceptions import RuntimeJobFailure  # noqa: E402  # the lines before must come first
from prefect_qiskit.primitives import PrimitiveJob  # noqa: E402  # the lines before must come first
from prefect_qiskit.vendors.ibm_quantum import IBMQuantumCredentials  # noqa: E402  # the lines before must come first
from qiskit import QuantumCircuit  # noqa: E402  # the lines before must come first
from qiskit.circuit import Parameter  # noqa: E402  # the lines before must come first
from qiskit.primitives.containers.estimator_pub import EstimatorPub  # noqa: E402  # the lines before must come first
from qiskit.primitives.containers.sampler_pub import SamplerPub  # noqa: E402  # the lines before must come first
from qiskit.quantum_info import SparsePauliOp  # noqa: E402  # the lines before must come first
from qiskit.transpiler import generate_preset_pass_manager  # noqa: E402  # the lines before must come first


def credentials(key: str = GIVEN["key"]) -> Any:
    return IBMQuantumCredentials(
        api_key=key, crn=GIVEN["crn"], auth_url=GIVEN["base"], runtime_url=f"{GIVEN['base']}/api/v1/"
    )


def error_of(name: str, key: str = GIVEN["key"]) -> str:
    """Return the name of the error that a runtime for a backend is refused with."""
    try:
        return f"none, but {QuantumRuntime(resource_name=name, credentials=credentials(key))}"
    except Exception as error:  # noqa: BLE001  # whatever it is, its name is the answer
        return type(error).__name__


def turned(target: Any) -> Any:
    """Return a circuit of two qubits that are turned together."""
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("a"), 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    layout = [0, 1]
    return generate_preset_pass_manager(1, target=target, initial_layout=layout, seed_transpiler=1).run(circuit)


async def start(program: str, pubs: list[Any], **options: Any) -> Any:
    job = PrimitiveJob(
        resource_name="ibm_fast",
        credentials=credentials(),
        primitive_blocs=pubs,
        options=options,
        program_type=program,
        job_watch_poll_interval=0.05,
    )
    return await job.trigger()


async def sample(circuit: Any, angle: float, shots: int) -> dict[str, Any]:
    """Run one PUB of a sampler with the shots beside it, as the client's tutorial does."""
    run = await start("sampler", [SamplerPub.coerce((circuit, [angle]))], params={"shots": shots}, tags=["flow"])
    await run.wait_for_completion()
    result, metrics = await run.fetch_result(), await run.fetch_metrics()
    return {
        "counts": result[0].data.meas.get_counts(),
        "span": sorted(result[0].metadata["span"]),
        "metadata": result.metadata,
        "seconds": metrics.qpu_usage,
        "waited": (metrics.timestamp_started - metrics.timestamp_created).total_seconds(),
        "ran": (metrics.timestamp_completed - metrics.timestamp_started).total_seconds(),
    }


async def estimate(circuit: Any) -> dict[str, Any]:
    observable = SparsePauliOp(["ZZ", "IZ"]).apply_layout(circuit.layout)
    bare = circuit.remove_final_measurements(inplace=False)
    pub = EstimatorPub.coerce((bare, observable, [[0.0], [3.14159]], 0.05))
    run = await start("estimator", [pub], params={"resilience_level": 0})
    await run.wait_for_completion()
    result = await run.fetch_result()
    return {"values": result[0].data.evs.tolist(), "shots": result[0].metadata["shots"]}


async def fail(**options: Any) -> dict[str, Any]:
    """Run what the device cannot."""
    far = QuantumCircuit(5, 1)
    far.cx(0, 4)
    far.measure(0, 0)
    run = await start("sampler", [SamplerPub.coerce((far, None, 3))], **options)
    try:
        await run.wait_for_completion()
    except RuntimeJobFailure as error:
        return {"code": error.error_code, "again": error.retry, "words": str(error)}
    return {"code": "none"}


async def main() -> dict[str, Any]:
    client = credentials().get_client()
    target = await client.get_target("ibm_fast")
    circuit = turned(target)
    together = await asyncio.gather(*(sample(circuit, angle, shots) for angle, shots in ((0.0, 30), (3.14159, 20))))
    return {
        "names": await client.get_resources(),
        "there": [await client.check_resource_available(name) for name in ("ibm_fast", "ibm_paused")],
        "qubits": target.num_qubits,
        "sampled": together,
        "estimated": await estimate(circuit),
        "failed": await fail(),
        "misspelt": await fail(params={"shotz": 5}),
    }


ERRORS = {"no such backend": error_of("ibm_none"), "no such key": error_of("ibm_fast", "wrong")}
print(json.dumps(asyncio.run(main()) | {"errors": ERRORS}))
