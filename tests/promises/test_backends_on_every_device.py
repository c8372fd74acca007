"""What Qiskit does with a backend works on every recorded device: transpiling, pictures, Aer, snapshots."""

import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from qiskit.visualization import plot_coupling_map, plot_gate_map
from qiskit_aer import AerSimulator

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, load_snapshot
from qiskit_runtime_service.devices.snapshots import snapshot_rows
from qiskit_runtime_service.visualization import plot_error_map

from ..support.graphviz import needs_graphviz
from .sizes import is_full

mpl.use("Agg")

FEW = ["fake_armonk", "fake_fractional", "fake_nighthawk", "fake_manila", "fake_rochester"]
NAMES = [row.name for row in snapshot_rows()] if is_full() else FEW
NOISY = [name for name in NAMES if is_full() or name not in ("fake_nighthawk", "fake_rochester")]
"""Those whose noise Aer is asked for: for that of a square lattice of 120 qubits it takes five seconds."""
SERVICE = QiskitRuntimeService(channel="local")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take every device for the promises, a few otherwise."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMES)


def device(name: str) -> IBMBackend:
    return SERVICE.backend(name, use_fractional_gates=None)


def width_on(backend: IBMBackend, most: int) -> int:
    """Return how wide a chain may be."""
    # It was recorded with cx on some pairs and ecr on others, each in one direction: Qiskit cannot turn those around.
    return 1 if backend.name == "fake_cairo" else min(most, backend.num_qubits)


def chain(width: int) -> QuantumCircuit:
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.rx(0.3, width - 1)
    circuit.measure_all()
    return circuit


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_circuits_are_transpiled_at_every_level(name: str, level: int) -> None:
    backend = device(name)
    circuit = chain(width_on(backend, 5))
    laid_out = generate_preset_pass_manager(level, backend=backend, seed_transpiler=1).run(circuit)
    assert laid_out.num_qubits == backend.num_qubits
    for instruction in laid_out.data:
        place = tuple(laid_out.find_bit(qubit).index for qubit in instruction.qubits)
        assert instruction.name == "barrier" or backend.target.instruction_supported(instruction.name, place)
    backend.check_faulty(laid_out)
    assert 0 < backend.expected_error(laid_out) <= 1


@pytest.mark.holds("B578", "B579")
def test_the_errors_are_drawn_on_a_map(name: str) -> None:
    backend = device(name)
    figure = plot_error_map(backend, figsize=(6, 6))
    figure.savefig(BytesIO(), dpi=30)
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels == [str(qubit) for qubit in range(backend.num_qubits)]


@needs_graphviz
def test_gates_and_couplings_are_drawn_on_a_map(name: str) -> None:
    backend = device(name)
    assert quietly(lambda: plot_gate_map(backend)) is not None
    pairs = [list(pair) for pair in backend.coupling_map or ()]
    places = backend.coords or [[0, place] for place in range(backend.num_qubits)]
    if pairs:
        assert quietly(lambda: plot_coupling_map(backend.num_qubits, places, pairs)) is not None
    plt.close("all")


def quietly(draw: Callable[[], Any]) -> Any:
    """Draw without the warnings that drawing packages give of their own future."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return draw()


@pytest.mark.parametrize("noisy", NOISY)
def test_aer_takes_the_noise_of_the_device(noisy: str) -> None:
    backend = device(noisy)
    simulator = AerSimulator.from_backend(backend)
    width = width_on(backend, 2)
    laid_out = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(chain(width))
    counts = simulator.run(laid_out, shots=50, seed_simulator=1).result().get_counts()
    assert sum(counts.values()) == 50


def test_a_snapshot_file_gives_the_device_again(name: str, tmp_path: Path) -> None:
    backend = device(name)
    again = load_snapshot(backend.save_snapshot(tmp_path / "device.json"))
    assert again.descriptions() == backend.descriptions()
    assert len(again.best_qubits(min(3, again.num_qubits))) == min(3, again.num_qubits)
