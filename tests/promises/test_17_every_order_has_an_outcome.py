"""Promise 17: every order has an outcome, a result or a code with its reason, and no order harms another."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from returns.result import Result, Success

from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.emulator.world import Device
from qiskit_runtime_service.simulator.run_job import run_task
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from ..strategies import json_values
from ..support.calls import ask, read
from ..support.drawn_circuits import circuits
from .sizes import size

NAMES = ("ibm_narrow", "ibm_line", "ibm_any")
LONG = 10.0**7
"""Seconds after which everything is over: more than the longest job takes."""

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "default_shots": st.sampled_from([0, 1, 16, 10**9, "many"]),
        "execution": st.sampled_from([{"init_qubits": False}, {"rep_delay": 1.0}, {"meas_type": "kerneled"}]),
        "dynamical_decoupling": st.just({"enable": True, "sequence_type": "XY4"}),
        "resilience": st.sampled_from(
            [{"zne_mitigation": True}, {"pec_mitigation": True}, {"measure_mitigation": True}]
        ),
        "twirling": st.just({"enable_gates": True}),
        "simulator": st.sampled_from([{"seed_simulator": 1}, {"noise_model": 5}]),
        "mystery": json_values,
    },
)
ANGLES = st.sampled_from([0.5, 0.0, 1e300])
SHOTS = st.sampled_from([None, 1, 16, 0, -1, 1.5])
OBSERVABLES = st.sampled_from(["Z", "XI", {"ZZ": 0.5}, ["Z", {"XX": 1.0}], {}, "ZZZZZ", {"A": 1}, 5])


def devices() -> list[Device]:
    """Return one that is too narrow for most, one with few gates, and one that takes any gate."""
    anything = line_device("ibm_any", 4)
    described = json.loads(anything.configuration or b"{}") | {"simulator": True, "coupling_map": None, "gates": []}
    described["basis_gates"] += ["rx", "cp", "unitary"]
    described["supported_instructions"] += ["while_loop", "for_loop", "switch_case", "box"]
    return [
        line_device("ibm_narrow", 1),
        line_device("ibm_line", 4),
        msgspec.structs.replace(anything, configuration=json.dumps(described).encode()),
    ]


@st.composite
def orders(draw: st.DrawFn) -> tuple[dict[str, Any], list[QuantumCircuit]]:
    """Return the body of a submission and its circuits: half of them as they should be, the others of any kind."""
    right = draw(st.booleans())
    program = draw(st.sampled_from(["sampler", "estimator", *([] if right else ["unheard-of"])]))
    pubs: list[Any] = []
    written = draw(st.lists(circuits(), min_size=right, max_size=2))
    for circuit in written:
        number = circuit.num_parameters
        values = np.full(number if right else draw(st.sampled_from([number, 0, 1])), draw(ANGLES))
        observable = "Z" * circuit.num_qubits if right else draw(OBSERVABLES)
        asked = 16 if right else draw(SHOTS)
        pubs.append([circuit, values, asked] if program == "sampler" else [circuit, observable, values, asked and 0.5])
    params = {
        "pubs": pubs,
        "options": {} if right else draw(OPTIONS),
        # Another version is refused before anything else is looked at.
        "version": 2 if right else draw(st.sampled_from([2, 2, 2, None, 1])),
    }
    body = {
        "program_id": program,
        "backend": "ibm_any" if right else draw(st.sampled_from(NAMES)),
        "params": json.loads(encode_value(params)),
        **draw(st.sampled_from([{}, {"tags": ["mine"]}, {"cost": 60}])),
    }
    return body, written


def good_order() -> dict[str, Any]:
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    params = {"pubs": [[circuit, None, 8]], "options": {}, "version": 2}
    return {"program_id": "sampler", "backend": "ibm_any", "params": json.loads(encode_value(params))}


def post(cloud: EmulatedTransport, body: Mapping[str, Any]) -> tuple[int, Any]:
    response = cloud.send(ask(cloud.world, "POST", "/jobs", body)).unwrap()
    return response.status, read(response)


def get(cloud: EmulatedTransport, path: str) -> Any:
    response = cloud.send(ask(cloud.world, "GET", path)).unwrap()
    assert response.status == 200
    return response


def result_of(cloud: EmulatedTransport, job: str) -> Result[Any, Any]:
    return decode_result(get(cloud, f"/jobs/{job}/results").body)


@pytest.mark.takes_long
@pytest.mark.holds("B193", "B260")
@pytest.mark.timeout(3600)  # at full size many thousands of circuits are simulated
@settings(max_examples=size(10_000, part=500))
@given(order=orders())
def test_an_order_ends_in_a_result_or_in_a_code_with_its_reason(
    order: tuple[dict[str, Any], list[QuantumCircuit]],
) -> None:
    body, written = order
    arrived: Any = decode_value(json.dumps(body["params"]).encode()).unwrap()
    assert [pub[0] for pub in arrived["pubs"]] == written
    cloud = EmulatedTransport(one_instance(devices=devices()), simulate=run_task)
    _, before = post(cloud, good_order())
    status, answer = post(cloud, body)
    _, after = post(cloud, good_order())
    cloud.sleep(LONG)
    for job in (before["id"], after["id"]):
        assert isinstance(result_of(cloud, job), Success)
    listed = {job["id"]: job["state"]["status"] for job in read(get(cloud, "/jobs"))["jobs"]}
    if status != 200:
        assert 400 <= status < 500
        assert [error["code"] > 0 and bool(error["message"]) for error in answer["errors"]] == [True]
        assert listed == {before["id"]: "Completed", after["id"]: "Completed"}
        return
    state = read(get(cloud, f"/jobs/{answer['id']}"))["state"]
    assert listed[answer["id"]] == state["status"]
    if state["status"] == "Completed":
        assert isinstance(result_of(cloud, answer["id"]), Success)
    else:
        assert state["status"] == "Failed"
        assert state["reason"]
        assert state["reason_code"] > 1000
        assert state["reason"] in get(cloud, f"/jobs/{answer['id']}/logs").body.decode()
