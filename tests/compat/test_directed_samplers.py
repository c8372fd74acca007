"""What reaches the server from a sampler of directed execution is what IBM's client would have sent."""

from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.executor.version_2_0 import CircuitItemModel, ParamsModel, SamplexItemModel
from qiskit import QuantumCircuit

from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.testing import EmulatedTransport, line_device

from ..support.existing import needs_existing_client
from . import directed_samplers
from .directed_samplers import REFUSED, RUNS, WIDTH, submit_all
from .posted import BACKEND, cloud_of, lead_existing_client, posted, service_of, users_tags


def new_cloud() -> EmulatedTransport:
    return cloud_of(line_device(BACKEND, WIDTH))


def bodies(cloud: EmulatedTransport) -> list[Any]:
    """Return the submissions that reached the cloud, in a form that two clients can be compared by."""
    return [normal(body) for body in posted(cloud)]


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with all that is encoded taken apart, and without the tag of a submission."""
    tags = users_tags(body)
    rest = {key: value for key, value in body.items() if key not in ("params", "tags")}
    params = ParamsModel.model_validate(body["params"])
    program = params.quantum_program
    pairs = zip(program.items, program.circuits.to_python(), strict=True)
    return {
        **rest,
        "tags": tags,
        "options": params.options.model_dump(),
        "shots": program.shots,
        "meas_level": program.meas_level,
        "semantic_role": program.semantic_role,
        "passthrough_data": body["params"]["quantum_program"]["passthrough_data"],
        "items": [item(*pair) for pair in pairs],
    }


def item(model: Any, circuit: QuantumCircuit) -> dict[str, Any]:
    """Return an item taken apart. A samplex is told by what it draws."""
    told = {"shape": model.shape, "chunk_size": model.chunk_size, "circuit": parts(circuit)}
    match model:
        case CircuitItemModel():
            return {**told, "name": circuit.name, "arguments": model.circuit_arguments.to_numpy().tolist()}
        case SamplexItemModel():
            arguments = {name: value.to_numpy() for name, value in model.samplex_arguments.items()}
            samplex = model.samplex.to_samplex()
            drawn = {}
            if all(value.ndim == 1 for value in arguments.values()):
                drawn = samplex.finalize().sample(arguments, num_randomizations=3, rng=np.random.default_rng(11))
            return {
                **told,
                "arguments": {name: value.tolist() for name, value in arguments.items()},
                "inputs": sorted(f"{spec}" for spec in samplex.inputs().specs),
                "drawn": {name: np.asarray(drawn[name]).tolist() for name in sorted(drawn)},
            }
    raise AssertionError(model)


def parts(circuit: QuantumCircuit) -> dict[str, Any]:
    """Return plain data that tells all that two circuits may differ in."""
    return {
        "registers": [(register.name, register.size) for register in (*circuit.qregs, *circuit.cregs)],
        "loose": len(circuit.clbits) - sum(register.size for register in circuit.cregs),
        "parameters": [parameter.name for parameter in circuit.parameters],
        "phase": float(circuit.global_phase),
        "metadata": circuit.metadata,
        "operations": [operation(circuit, instruction) for instruction in circuit.data],
    }


def operation(circuit: QuantumCircuit, instruction: Any) -> list[Any]:
    bits = [circuit.find_bit(bit).index for bit in (*instruction.qubits, *instruction.clbits)]
    if instruction.name == "barrier":
        bits.sort()  # The order in which samplomatic says them follows that of a set.
    blocks = getattr(instruction.operation, "blocks", None)
    inner = [parts(block) for block in blocks] if blocks else [str(angle) for angle in instruction.params]
    unit = getattr(instruction.operation, "unit", "") if instruction.name == "delay" else ""
    return [instruction.name, instruction.operation.label, bits, inner, unit]


def ask(cloud: EmulatedTransport, *, good: bool) -> dict[str, str]:
    """Lead IBM's client through the runs, and return what went wrong with each."""
    troubles: dict[str, str] = lead_existing_client(cloud, directed_samplers, good=good)
    return troubles


def submit_ours(runs: dict[str, Any]) -> tuple[EmulatedTransport, dict[str, str]]:
    cloud = new_cloud()
    service = service_of(cloud)
    return cloud, dict(submit_all(SamplerV2, service.backend(BACKEND), runs))


def test_the_list_is_long_enough() -> None:
    assert len(RUNS) >= 60


@pytest.mark.takes_long
@pytest.mark.holds("B376")
def test_every_run_is_submitted_with_one_request() -> None:
    cloud, troubles = submit_ours(RUNS)
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(bodies(cloud)) == len(RUNS)


@needs_existing_client
@pytest.mark.holds("B374", "B375", "B376")
def test_every_run_is_submitted_as_the_existing_client_does() -> None:
    ours, troubles = submit_ours(RUNS)
    assert set(troubles.values()) == {""}
    theirs = new_cloud()
    troubles = ask(theirs, good=True)
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    pairs = zip(RUNS, bodies(ours), bodies(theirs), strict=True)
    different = {name: (one, other) for name, one, other in pairs if one != other}
    assert different == {}


@pytest.mark.holds("B376")
def test_what_cannot_be_meant_is_refused_before_anything_is_sent() -> None:
    cloud, troubles = submit_ours(REFUSED)
    kinds = ("IBMInputValueError: ", "InputTypeError: ")
    assert {name: trouble for name, trouble in troubles.items() if not trouble.startswith(kinds)} == {}
    assert all(len(trouble.splitlines()) == 2 for trouble in troubles.values())  # What is wrong, and the way out.
    assert bodies(cloud) == []


@needs_existing_client
def test_the_existing_client_refuses_the_same() -> None:
    cloud = new_cloud()
    assert {name for name, trouble in ask(cloud, good=False).items() if not trouble} == set()
    assert bodies(cloud) == []
