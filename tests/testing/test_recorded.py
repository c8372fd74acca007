"""Recorded devices in a world: under any name, and with what was recorded apart."""

import json
from typing import Any

import pytest
from qiskit import QuantumCircuit

from qiskit_runtime_service import IBMInputValueError, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.emulator.world import Device
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, one_instance, recorded_device

FEZ = recorded_device("fez")
ODD = (
    "almaden",
    "armonk",
    "athens",
    "cambridge",
    "fractional",
    "geneva",
    "manila",
    "melbourne",
    "nighthawk",
    "yorktown",
)
"""Devices of every age: with and without lists of instructions and features, with bases of all kinds."""


def told(device: Device) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a device says of itself."""
    assert device.configuration is not None
    assert device.properties is not None
    return json.loads(device.configuration), json.loads(device.properties)


def service_with(*devices: Device) -> QiskitRuntimeService:
    cloud = emulated_cloud(one_instance(devices=devices))
    return QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)


@pytest.mark.holds("B443")
@pytest.mark.parametrize("spelling", ["fez", "fake_fez", "ibm_fez"])
def test_a_snapshot_is_found_by_each_of_its_names(spelling: str) -> None:
    assert recorded_device(spelling) == FEZ
    assert (FEZ.name, FEZ.num_qubits, FEZ.physical_qubits, FEZ.processor) == ("ibm_fez", 156, 332, "Heron r2")
    configuration, properties = told(FEZ)
    assert configuration["backend_name"] == properties["backend_name"] == "ibm_fez"
    assert "rx" not in configuration["basis_gates"]
    assert "dynamic_circuits" not in configuration["supported_features"]


@pytest.mark.holds("B443")
def test_what_was_recorded_apart_is_put_beside_the_rest() -> None:
    device = recorded_device(
        "fez", name="ibm_mine", fractional=True, dynamic=True, measure_2=True, queue_length=3, queue_seconds=600
    )
    assert (device.name, device.queue_length, device.queue_seconds, device.version) == ("ibm_mine", 3, 600.0, "1.2.8")
    backend = service_with(device).backend("ibm_mine", use_fractional_gates=True)
    assert {"rx", "rzz", "cz", "measure_2", "if_else"} <= set(backend.operation_names)
    assert backend.target["rzz"].keys() == backend.target["cz"].keys()
    measured = told(FEZ)[1]["gates"]
    errors = {gate["name"]: gate["parameters"][0]["value"] for gate in measured if gate["gate"] == "rx"}
    assert backend.target["rx"][(7,)].error == errors["rx7"] > 0
    short, whole = backend.target["measure_2"][(7,)], backend.target["measure"][(7,)]
    assert (short.duration, short.error) == (whole.duration, whole.error) == (1560e-9, 0.02099609375)
    assert "dynamic_circuits" in backend.supported_features
    plain = service_with(device).backend("ibm_mine")
    assert "rx" not in plain.operation_names


@pytest.mark.holds("B443")
def test_what_a_device_has_it_does_not_get_twice() -> None:
    kingston = recorded_device("kingston", fractional=True, dynamic=True, measure_2=True)
    bare, bare_properties = told(recorded_device("kingston"))
    configuration, properties = told(kingston)
    assert properties == bare_properties
    assert [gate["name"] for gate in configuration["gates"]] == [
        *(gate["name"] for gate in bare["gates"]),
        "rx",
        "rzz",
    ]
    assert configuration["supported_instructions"] == [*bare["supported_instructions"], "rx", "rzz"]
    assert configuration["instruction_signatures"] == bare["instruction_signatures"]


@pytest.mark.holds("B443")
def test_a_device_without_fractional_gates_does_not_get_them() -> None:
    with pytest.raises(IBMInputValueError, match=r"fractional is True(.|\n)*fake_brisbane(.|\n)*fez") as caught:
        recorded_device("brisbane", fractional=True)
    assert "marrakesh" in str(caught.value)


@pytest.mark.parametrize("arguments", [{"snapshot": "fes"}, {"snapshot": "fez", "state": "lost"}], ids=str)
def test_what_is_no_device_is_named_with_the_way_out(arguments: dict[str, Any]) -> None:
    with pytest.raises(IBMInputValueError, match=r"fez|online, paused, offline"):
        recorded_device(**arguments)


@pytest.mark.holds("B443")
@pytest.mark.parametrize("name", ODD)
def test_a_snapshot_of_any_age_may_have_branches(name: str) -> None:
    configuration, properties = told(recorded_device(name, name="ibm_any", dynamic=True, measure_2=True))
    assert {"if_else", "measure", "measure_2"} <= set(configuration["supported_instructions"])
    assert set(configuration["basis_gates"]) - {"reset"} <= set(configuration["supported_instructions"]) | {
        "u1",
        "u2",
        "u3",
    }
    measured = {gate["qubits"][0] for gate in properties["gates"] if gate["gate"] == "measure_2"}
    assert measured == set(range(configuration["n_qubits"]))


@pytest.mark.holds("B443")
def test_a_job_runs_on_it_with_turns_branches_and_measurements_in_between() -> None:
    service = service_with(recorded_device("fez", name="ibm_here", fractional=True, dynamic=True, measure_2=True))
    backend = service.backend("ibm_here", use_fractional_gates=True)
    circuit = QuantumCircuit(4, 2)
    circuit.rx(3.1415926535, 0)
    circuit.rzz(0.5, 2, 3)
    circuit.measure(0, 0)
    counts = SamplerV2(mode=backend, options={"default_shots": 100}).run([circuit]).result()[0].data.c.get_counts()
    assert counts["01"] > 80
    branching = QuantumCircuit(1, 2)
    branching.append(backend.target.operation_from_name("measure_2"), [0], [0])
    branching.x(0)
    with branching.if_test((0, 0)):
        branching.x(0)
    branching.measure(0, 1)
    plain = service.backend("ibm_here")
    # What it leaves out is told (B250): a branch in the middle of 156 qubits has no relaxation.
    with pytest.warns(UserWarning, match="less noise"):
        result = SamplerV2(mode=plain, options={"default_shots": 100}).run([branching]).result()
    counts = result[0].data.c.get_counts()
    assert sum(counts.values()) == 100
    assert counts["00"] > 80
