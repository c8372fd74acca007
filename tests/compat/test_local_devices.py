"""What is told of local devices is what the local mode of IBM's client tells."""

from pathlib import Path

import pytest

from qiskit_runtime_service import QiskitRuntimeService

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "local_devices.py"


@needs_existing_client
@pytest.mark.holds("B39", "B268")
def test_chips_and_dynamic_circuits_are_told_alike() -> None:
    theirs = ask_existing_client(SCRIPT, None)
    service = QiskitRuntimeService(channel="local")
    chips = {backend.name: backend.physical_qubits for backend in service.backends()}
    assert {name: count for name, count in chips.items() if count is not None} == theirs["physical_qubits"]
    assert len(theirs["physical_qubits"]) == 8
    able = {backend.name for backend in service.backends(dynamic_circuits=True)}
    # These two run control flow in that client as well, and are not found there.
    assert able - set(theirs["dynamic"]) == {"aer_simulator", "fake_fractional"}
    assert set(theirs["dynamic"]) <= able
