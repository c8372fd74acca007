"""What reaches the server from a run is what IBM's client would have sent."""

import json
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression
from qiskit.quantum_info import PauliList

from qiskit_runtime_service import EstimatorV2, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.bridge.typed_json import decode_value
from qiskit_runtime_service.results import LayerError, NoiseLearnerResult, PauliLindbladError
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, line_device

from ..support.existing import needs_existing_client
from . import submissions
from .posted import BACKEND, cloud_of, lead_existing_client, posted, service_of, users_tags
from .submissions import REFUSED, REFUSED_BY_US, RUNS, submit_all

OURS = {
    "sampler": SamplerV2,
    "estimator": EstimatorV2,
    "PauliLindbladError": PauliLindbladError,
    "LayerError": LayerError,
    "NoiseLearnerResult": NoiseLearnerResult,
}


def new_cloud() -> EmulatedTransport:
    return cloud_of(line_device(BACKEND, submissions.WIDTH))


def bodies(cloud: EmulatedTransport) -> list[Any]:
    """Return the submissions that reached the cloud, in a form that two clients can be compared by."""
    return [normal(body) for body in posted(cloud)]


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with its circuits and arrays taken apart, and without the tag of a submission."""
    # A noise model has no equality, but its dictionary has.
    text = json.dumps(body["params"]).replace('"NoiseModel"', '"dictionary of a noise model"')
    params: Any = decode_value(text.encode()).unwrap()
    tags = users_tags(body)
    rest = {key: value for key, value in body.items() if key not in ("params", "tags")}
    return {**rest, "params": plain(params), **({"tags": tags} if tags else {})}


def plain(value: Any) -> Any:
    """Return plain data that tells all that two values may differ in."""
    match value:
        case QuantumCircuit():
            return {
                "name": value.name,
                "registers": [
                    (type(register).__name__, register.name, register.size) for register in (*value.qregs, *value.cregs)
                ],
                "parameters": [parameter.name for parameter in value.parameters],
                "phase": float(value.global_phase),
                "metadata": value.metadata,
                "operations": [operation(value, instruction) for instruction in value.data],
            }
        case np.ndarray():
            return {"dtype": value.dtype.str, "shape": list(value.shape), "values": value.tolist()}
        case NoiseLearnerResult() | LayerError() | PauliLindbladError():
            return plain(vars(value))
        case PauliList():
            return value.to_labels()
        case ParameterExpression():
            return str(value)
        case dict():
            # The errors of a noise model have random ids.
            return {key: plain(item) for key, item in value.items() if key != "id"}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def operation(circuit: QuantumCircuit, instruction: Any) -> Any:
    bits = [circuit.find_bit(bit).index for bit in (*instruction.qubits, *instruction.clbits)]
    return [
        instruction.name,
        bits,
        [plain(angle) if not isinstance(angle, ParameterExpression) else str(angle) for angle in instruction.params],
    ]


def ask(cloud: EmulatedTransport, *, good: bool) -> dict[str, str]:
    """Lead IBM's client through the runs, and return what went wrong with each."""
    troubles: dict[str, str] = lead_existing_client(cloud, submissions, good=good)
    return troubles


def test_the_list_is_long_enough() -> None:
    assert len(RUNS) >= 60


def test_every_run_is_submitted_with_one_request() -> None:
    cloud = new_cloud()
    service = service_of(cloud)
    troubles = dict(submit_all(OURS, service.backend(BACKEND)))
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(bodies(cloud)) == len(RUNS)


@needs_existing_client
def test_every_run_is_submitted_as_the_existing_client_does() -> None:
    ours, theirs = new_cloud(), new_cloud()
    service = QiskitRuntimeService(token=API_KEY, transport=ours, clock=ours)
    troubles = dict(submit_all(OURS, service.backend(BACKEND)))
    assert set(troubles.values()) == {""}
    troubles = ask(theirs, good=True)
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    pairs = zip(RUNS, bodies(ours), bodies(theirs), strict=True)
    different = {name: (one, other) for name, one, other in pairs if one != other}
    assert different == {}


def test_what_cannot_be_meant_is_refused_before_anything_is_sent() -> None:
    cloud = new_cloud()
    service = service_of(cloud)
    troubles = dict(submit_all(OURS, service.backend(BACKEND), REFUSED | REFUSED_BY_US))
    assert {
        name: trouble
        for name, trouble in troubles.items()
        if not trouble.startswith(("IBMInputValueError: ", "InputTypeError: "))
    } == {}
    assert bodies(cloud) == []


@needs_existing_client
def test_the_existing_client_refuses_the_same() -> None:
    cloud = new_cloud()
    assert {name for name, trouble in ask(cloud, good=False).items() if not trouble} == set()
    assert bodies(cloud) == []
