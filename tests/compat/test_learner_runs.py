"""What reaches the server of noise learners and calibrators is what IBM's client would have sent."""

import json
import warnings
from base64 import b64decode
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qiskit_noise_learning
from ibm_quantum_schemas.common.annotation_serializer import AnnotationSerializer
from ibm_quantum_schemas.noise_learner_v3.version_0_3 import ParamsModel
from msgspec.structs import replace
from qiskit import QuantumCircuit, qpy

from qiskit_runtime_service import Calibrator, NoiseLearner, NoiseLearnerV3
from qiskit_runtime_service.emulator.world import Device
from qiskit_runtime_service.executor_noise_learner import NoiseLearnerV3 as OnExecutor
from qiskit_runtime_service.options import EstimatorOptions, NoiseLearnerOptions
from qiskit_runtime_service.testing import EmulatedTransport, line_device

from ..support.existing import needs_existing_client
from . import learner_runs
from .learner_runs import CHECKS_HERE, RUNS, SETS, submit_all
from .posted import BACKEND, cloud_of, lead_existing_client, posted, service_of, users_tags
from .test_program_bodies import normal as normal_program
from .test_submission_bodies import normal as normal_circuits
from .test_submission_bodies import plain

OURS = {
    "program": NoiseLearnerV3,
    "executor": OnExecutor,
    "circuits": NoiseLearner,
    "calibrator": Calibrator,
    "EstimatorOptions": EstimatorOptions,
    "NoiseLearnerOptions": NoiseLearnerOptions,
}
LIBRARIES = str(Path(str(qiskit_noise_learning.__file__)).parents[1])


def new_cloud(*pulses: str) -> EmulatedTransport:
    devices = [with_pulses(line_device(name, learner_runs.WIDTH), *pulses) for name in (BACKEND, "mock_line")]
    return cloud_of(*devices)


def with_pulses(device: Device, *names: str) -> Device:
    """Return a device that has other gates of one qubit, each where and as it has `sx`."""
    configuration: Any = json.loads(device.configuration or b"")
    properties: Any = json.loads(device.properties or b"")
    configuration["basis_gates"] += names
    for name in names:
        configuration["gates"] += [{**gate, "name": name} for gate in configuration["gates"] if gate["name"] == "sx"]
        properties["gates"] += [{**gate, "gate": name} for gate in properties["gates"] if gate["gate"] == "sx"]
    return replace(device, configuration=json.dumps(configuration).encode(), properties=json.dumps(properties).encode())


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with its circuits and arrays taken apart, and without the tag of a submission."""
    params = body["params"]
    if body["program_id"] == "executor":
        return without_counts(normal_program(body))
    if "instructions" not in params:
        return normal_circuits(body)
    held = b64decode(params["instructions"]["circuit_b64"])
    (circuit,) = qpy.load(BytesIO(held), annotation_factories={"samplomatic": AnnotationSerializer})
    tags = users_tags(body)
    told = {**params, "instructions": [params["instructions"]["qpy_version"], boxes(circuit)]}
    rest = {key: value for key, value in body.items() if key not in ("params", "tags")}
    return {**rest, "tags": tags, "params": told}


def boxes(circuit: QuantumCircuit) -> Any:
    """Return all boxes, each with its qubits on the device, its bits and what is in it."""
    return [
        [
            [str(bit) for bit in step.qubits],
            [str(bit) for bit in step.clbits],
            [str(note) for note in step.operation.annotations],
            plain(step.operation.body)["operations"],
        ]
        for step in circuit.data
    ]


def without_counts(body: Any) -> Any:
    """Return a body without the names of circuits, which count all circuits of a process."""
    for item in body["params"]["items"]:
        item["circuit"].pop("name")
    return body


def ask(cloud: EmulatedTransport, runs: str) -> dict[str, str]:
    """Lead IBM's client through the runs, and return what went wrong with each."""
    troubles: dict[str, str] = lead_existing_client(cloud, learner_runs, runs=runs, libraries=LIBRARIES)
    return troubles


@cache
def ours(runs: str, *pulses: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    cloud = new_cloud(*pulses)
    service = service_of(cloud)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return dict(submit_all(OURS, service.backend(BACKEND), SETS[runs])), posted(cloud)


@pytest.mark.takes_long
def test_every_run_is_submitted_with_one_request_that_meets_the_schema() -> None:
    troubles, sent = ours("good")
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(sent) == len(RUNS) >= 45
    for body in sent:
        if "instructions" in body["params"]:
            ParamsModel.model_validate(body["params"])


@needs_existing_client
@pytest.mark.holds("B401", "B405")
def test_every_run_is_submitted_as_the_existing_client_does() -> None:
    _, sent = ours("good")
    theirs = new_cloud()
    troubles = ask(theirs, "good")
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    pairs = zip(RUNS, map(normal, sent), map(normal, posted(theirs)), strict=True)
    assert {name: (one, other) for name, one, other in pairs if not np.all(one == other)} == {}


@needs_existing_client
@pytest.mark.holds("B404")
def test_checks_are_submitted_as_the_existing_client_does() -> None:
    troubles, sent = ours("checked", "rx", "xslow")
    assert set(troubles.values()) == {""}
    theirs = new_cloud("rx", "xslow")
    assert set(ask(theirs, "checked").values()) == {""}
    pairs = zip(CHECKS_HERE, map(normal, sent), map(normal, posted(theirs)), strict=True)
    assert {name: (one, other) for name, one, other in pairs if not np.all(one == other)} == {}


@pytest.mark.holds("B400")
def test_what_cannot_be_learned_is_refused_before_anything_is_sent() -> None:
    troubles, sent = ours("refused by us")
    refused = ("IBMInputValueError: ", "InputTypeError: ")
    assert {name: trouble for name, trouble in troubles.items() if not trouble.startswith(refused)} == {}
    assert sent == []


@needs_existing_client
def test_the_existing_client_refuses_the_same() -> None:
    cloud = new_cloud()
    assert {name for name, trouble in ask(cloud, "refused").items() if not trouble} == set()
    assert posted(cloud) == []
