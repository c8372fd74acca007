"""Whoever looks at a simulation with less noise than its device is warned, where Aer is not installed too."""

import subprocess
import sys
import warnings

import pytest
from qiskit import QuantumCircuit

from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import line_device, one_instance

from .clouds import open_service

HIDDEN = """
import sys, warnings
sys.modules["qiskit_aer"] = None
from qiskit import QuantumCircuit
from qiskit_runtime_service import EstimatorV2, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.fake_provider import FakeManilaV2
circuit = QuantumCircuit(5)
circuit.x(0)
circuit.measure_all()
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
"""
"""A program that has no Aer."""
LOST = "gate errors, readout errors and relaxation by T1 and T2: qiskit-aer is not installed"


def wide(width: int) -> QuantumCircuit:
    circuit = QuantumCircuit(width)
    circuit.x(range(width))
    circuit.measure_all()
    return circuit


def joined() -> QuantumCircuit:
    """Return a circuit whose qubits are too many for all noise and depend on each other."""
    circuit = QuantumCircuit(30)
    circuit.x(range(30))
    for qubit in range(29):
        circuit.cz(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def entangled(width: int, layers: int) -> QuantumCircuit:
    """Return a circuit whose qubits are more entangled with every layer."""
    circuit = QuantumCircuit(width)
    for layer in range(layers):
        for qubit in range(width):
            circuit.rx(0.3 + qubit / 10 + layer, qubit)
        for qubit in range(layer % 2, width - 1, 2):
            circuit.rzz(0.7, qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def run_without_aer(*lines: str) -> str:
    """Return what a program prints, which ends with its warnings."""
    body = "".join(f"    {line}\n" for line in lines)
    ending = "for warning in said: print(warning.filename == '<string>', warning.message)\n"
    return subprocess.run(
        [sys.executable, "-c", HIDDEN + body + ending], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.holds("B271")
def test_a_result_with_less_noise_is_a_warning_the_first_time_that_it_is_read() -> None:
    service, _ = open_service(one_instance(devices=[line_device("ibm_wide", 30)]))
    first, second = (SamplerV2(service.least_busy()).run([joined(), joined()], shots=5) for _ in range(2))
    for job in (first, second):
        with pytest.warns(UserWarning, match="less noise than its device. PUBs 0 and 1 ran without relaxation") as said:
            result = job.result()
        assert len(said) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert job.result().metadata == result.metadata
        (told,) = result.metadata["noise_left_out"]
        assert f"{said[0].message}".endswith(told)
        assert job.logs().splitlines()[-1] == told


@pytest.mark.holds("B271")
def test_whoever_makes_warnings_errors_has_the_result_all_the_same() -> None:
    service, _ = open_service(one_instance(devices=[line_device("ibm_wide", 30)]))
    job = SamplerV2(service.least_busy()).run([joined()], shots=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="less noise"):
            job.result()
        assert job.result()[0].data.meas.num_shots == 5


@pytest.mark.takes_long
@pytest.mark.holds("B253")
def test_a_result_whose_state_was_cut_off_is_a_warning_that_says_so() -> None:
    service = QiskitRuntimeService(channel="local")
    job = SamplerV2(service.backend("aer_simulator")).run([wide(3), entangled(32, 20)], shots=1)
    told = "PUB 1 was approximated: what needs bonds above 64 was cut off."
    with pytest.warns(UserWarning) as said:
        result = job.result()
    assert [str(warning.message) for warning in said] == [f"The simulation is an approximation. {told}"]
    assert result.metadata["approximations"] == [told]
    assert "noise_left_out" not in result.metadata
    assert job.logs().splitlines()[-1] == told


@pytest.mark.takes_long
@pytest.mark.holds("B271")
def test_a_result_with_all_noise_and_one_of_a_device_without_errors_are_no_warning() -> None:
    service = QiskitRuntimeService(channel="local")
    for name, width in (("fake_manila", 5), ("aer_simulator", 30)):
        job = SamplerV2(service.backend(name)).run([wide(width)], shots=5)
        assert "noise_left_out" not in job.result().metadata
        assert "ran without" not in job.logs()


@pytest.mark.takes_long
@pytest.mark.holds("B271")
def test_without_aer_the_local_channel_warns() -> None:
    told = run_without_aer(
        'service = QiskitRuntimeService("local")',
        'job = SamplerV2(service.backend("fake_manila")).run([circuit], shots=5)',
        "print(job.result()[0].data.meas.get_counts(), job.result().metadata['noise_left_out'] != [])",
        'print(SamplerV2(service.backend("aer_simulator")).run([circuit], shots=5).result().metadata.keys())',
    )
    counts, simulator, *said = told.splitlines()
    assert counts == "{'00001': 5} True"
    assert "noise_left_out" not in simulator
    assert len(said) == 1
    assert said[0].startswith(f"True The simulation has less noise than its device. PUB 0 ran without {LOST}")


@pytest.mark.takes_long
@pytest.mark.holds("B271")
def test_without_aer_a_recorded_device_warns_once_however_it_is_run() -> None:
    told = run_without_aer(
        "backend, other = FakeManilaV2(), FakeManilaV2()",
        "job = SamplerV2(backend).run([circuit], shots=5)",
        "result = job.result()",
        "print(result[0].data.meas.get_counts(), result.metadata['noise_left_out'] == [job.logs().strip()])",
        "print(EstimatorV2(backend).run([(QuantumCircuit(5), 'ZZZZZ')]).result().metadata['noise_left_out'] != [])",
        "print(other.run(circuit, shots=5).result().get_counts())",
        "other.run(circuit, shots=5).result()",
    )
    *printed, first, second = told.splitlines()
    assert printed == ["{'00001': 5} True", "True", "{'00001': 5}"]
    assert first == second
    assert f"Circuits on fake_manila ran without {LOST}" in first
    assert first.startswith("True ")


@pytest.mark.holds("B271")
def test_with_aer_a_recorded_device_says_nothing() -> None:
    circuit = QuantumCircuit(5)
    circuit.measure_all()

    job = SamplerV2(FakeManilaV2()).run([circuit], shots=5)
    assert "noise_left_out" not in job.result().metadata
    assert job.logs() == ""
