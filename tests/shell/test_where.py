"""Conditions in words, where users choose backends, and what they cost."""

from typing import Any

import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from qiskit_runtime_service import IBMInputValueError
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import SentRequests, line_device, one_instance
from tests.shell.clouds import open_service

LINES = (line_device("ibm_a", 5, queue_length=3), line_device("ibm_b", 7), line_device("ibm_c", 9, queue_length=1))


def world(**changes: Any) -> World:
    return one_instance(devices=[replace(device, **changes) for device in LINES])


@pytest.mark.holds("B12", "B241")
@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("num_qubits > 5", ["ibm_b", "ibm_c"]),
        ("pending_jobs >= 1 and n_qubits < 9", ["ibm_a"]),
        ("name in (ibm_a, ibm_c) and operational", ["ibm_a", "ibm_c"]),
        ("simulator", []),
    ],
)
def test_what_the_listing_tells_costs_nothing_more(where: str, names: list[str]) -> None:
    service, cloud = open_service(world())
    sent = SentRequests(cloud).from_now()
    assert [backend.name for backend in service.backends(where=where)] == names
    assert len(sent) == 1


@pytest.mark.holds("B12")
def test_what_only_configurations_tell_is_asked_of_those_that_are_left() -> None:
    service, cloud = open_service(world())
    sent = SentRequests(cloud).from_now()
    chosen = service.least_busy(where="num_qubits >= 7 and basis_gates contains cz and max_shots > 1e4")
    assert chosen.name == "ibm_b"
    assert sent.count("GET /backends/*/configuration") == 2


@pytest.mark.holds("B117", "B241")
def test_errors_that_the_listing_does_not_tell_are_asked_of_the_calibration() -> None:
    service, cloud = open_service(world(metrics=()))
    sent = SentRequests(cloud).from_now()
    assert len(service.backends(where="two_qubit_error < 0.01")) == 3
    assert sent.count("GET /backends/*/properties") == 3
    assert service.backends(where="two_qubit_error < 0.001") == []


def test_the_best_backend_for_a_circuit_is_sought_among_those_that_fit() -> None:
    service, _ = open_service(world())
    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    assert service.best_backend(circuit, where="num_qubits > 7").name == "ibm_c"


def test_the_reason_is_told() -> None:
    service, _ = open_service(world())
    assert "num_qubits is 5, not above 5" in str(service.explain_backends(where="num_qubits > 5"))
    with pytest.raises(QiskitBackendNotFoundError, match=r"have num_qubits of 9 or less \(most: 9\)"):
        service.least_busy(where="num_qubits > 9")


@pytest.mark.holds("B241")
@pytest.mark.parametrize("where", ["num_qbits > 5", "num_qubits > five", "num_qubits contains 5", ""])
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(where: str) -> None:
    service, cloud = open_service(world())
    sent = SentRequests(cloud).from_now()
    with pytest.raises(IBMInputValueError):
        service.backends(where=where)
    assert len(sent) == 0
