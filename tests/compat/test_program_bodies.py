"""What reaches the server of a quantum program is what IBM's client would have sent."""

import json
import re
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
from ibm_quantum_schemas.executor.version_2_0 import ParamsModel
from qiskit import qpy
from qiskit.quantum_info import PauliLindbladMap
from samplomatic.quantum_program import CircuitItem

from qiskit_runtime_service import Executor, QuantumProgram
from qiskit_runtime_service.programs.inputs import read_inputs
from qiskit_runtime_service.testing import EmulatedTransport, line_device

from ..support.existing import needs_existing_client
from . import programs_sent
from .posted import BACKEND, cloud_of, lead_existing_client, posted, service_of, users_tags
from .programs_sent import REFUSED, REFUSED_BY_US, RUNS, submit_all
from .test_submission_bodies import plain

OURS = {"Executor": Executor, "QuantumProgram": QuantumProgram}


def new_cloud() -> EmulatedTransport:
    device = line_device(BACKEND, programs_sent.WIDTH)
    return cloud_of(device)


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with its circuits, samplexes and arrays taken apart, and without the tag of a submission."""
    params = body["params"]
    # The reference of a change of basis counts all of a process.
    params = json.loads(re.sub(r"\bbasis\d+\b", "basis", json.dumps(params)))
    program = read_inputs(json.dumps(params).encode()).unwrap().program
    sent = params["quantum_program"]
    items = [
        {
            **{key: value for key, value in held.items() if key in ("item_type", "shape", "chunk_size")},
            "circuit": plain(item.circuit),
            "arguments": arguments(item),
            "samplex": samplex(held["samplex"]) if "samplex" in held else None,
        }
        for held, item in zip(sent["items"], program.items, strict=True)
    ]
    rest = {key: value for key, value in sent.items() if key not in ("items", "circuits", "passthrough_data")}
    written = {key: value for key, value in sent["circuits"].items() if key != "b64_data"}
    tree = plain(program.passthrough_data)
    tags = users_tags(body)
    return {
        **{key: value for key, value in body.items() if key not in ("params", "tags")},
        "tags": tags,
        "params": {**params, "quantum_program": rest, "items": items, "circuits": written, "tree": tree},
    }


def arguments(item: Any) -> Any:
    if isinstance(item, CircuitItem):
        return plain(item.circuit_arguments)
    return {
        name: value.to_sparse_list() if isinstance(value, PauliLindbladMap) else plain(value)
        for name, value in item.samplex_arguments.items()
    }


def samplex(sent: dict[str, Any]) -> Any:
    """Return a samplex with the expressions of its parameters as texts: they stand in a circuit that has a number."""
    graph = json.loads(sent["samplex_json"])
    table = json.loads(graph["attrs"].pop("param_table"))
    (circuit,) = qpy.load(BytesIO(b64decode(table["circuit_base64"])))
    return sent["ssv"], graph, [str(step.operation.params[0]) for step in circuit.data]


def ask(cloud: EmulatedTransport, *, good: bool) -> dict[str, str]:
    """Lead IBM's client through the runs, and return what went wrong with each."""
    troubles: dict[str, str] = lead_existing_client(cloud, programs_sent, good=good)
    return troubles


def ours(runs: Any = RUNS) -> tuple[dict[str, str], list[dict[str, Any]]]:
    cloud = new_cloud()
    service = service_of(cloud)
    return dict(submit_all(OURS, service.backend(BACKEND), runs)), posted(cloud)


def test_every_program_is_submitted_with_one_request_that_meets_the_schema() -> None:
    troubles, sent = ours()
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(sent) == len(RUNS) >= 35
    for body in sent:
        ParamsModel.model_validate(body["params"])


@needs_existing_client
def test_every_program_is_submitted_as_the_existing_client_does() -> None:
    _, sent = ours()
    theirs = new_cloud()
    troubles = ask(theirs, good=True)
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    pairs = zip(RUNS, map(normal, sent), map(normal, posted(theirs)), strict=True)
    assert {name: (one, other) for name, one, other in pairs if not np.all(one == other)} == {}


def test_what_cannot_be_meant_is_refused_before_anything_is_sent() -> None:
    troubles, sent = ours(REFUSED | REFUSED_BY_US)
    refused = ("IBMInputValueError: ", "InputTypeError: ")
    assert {name: trouble for name, trouble in troubles.items() if not trouble.startswith(refused)} == {}
    assert sent == []


@needs_existing_client
def test_the_existing_client_refuses_the_same() -> None:
    cloud = new_cloud()
    assert {name for name, trouble in ask(cloud, good=False).items() if not trouble} == set()
    assert posted(cloud) == []
