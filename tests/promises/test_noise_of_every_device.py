"""The noise of a simulation is that of the device, number by number, as its snapshot file has them."""

import json
from collections.abc import Mapping
from functools import cache
from math import exp
from typing import Any, NamedTuple

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import HGate
from qiskit.quantum_info import average_gate_fidelity
from qiskit.transpiler import Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import QuantumError

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.bridge.readout import misreadings
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.simulator.noise import build_noise_model

from .sizes import is_full

EVERY, WIDTH = 11, 3
"""Of how many devices one is tried when there is little time, and how many of its qubits."""
SERVICE = QiskitRuntimeService(channel="local")
MICROSECONDS = {"us": 1.0, "µs": 1.0, "ns": 1e-3}
DELAY = 10.0
"""Microseconds."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take every device for the promises, a spread of them otherwise."""
    names = [row.name for row in snapshot_rows()]
    metafunc.parametrize("name", names if is_full() else [*names[::EVERY], "fake_manila"])


class Device(NamedTuple):
    """What was recorded of a device, and some of its qubits."""

    target: Target
    qubits: Mapping[int, Mapping[str, Any]]
    """The numbers of the qubits that are tried, by name."""
    gates: Mapping[tuple[str, tuple[int, ...]], Mapping[str, Any]]
    """The numbers of each gate, by name."""

    @property
    def active(self) -> tuple[int, ...]:
        return tuple(self.qubits)


@cache
def device(name: str) -> Device:
    recorded = json.loads(read_snapshot(name).properties)
    target = SERVICE.backend(name, use_fractional_gates=None).target
    width = target.num_qubits if is_full() else min(WIDTH, target.num_qubits)
    first = sum(name.encode()) % (target.num_qubits - width + 1)
    return Device(
        target,
        {qubit: by_name(recorded["qubits"][qubit]) for qubit in range(first, first + width)},
        {(gate["gate"], tuple(gate["qubits"])): by_name(gate["parameters"]) for gate in recorded["gates"]},
    )


@cache
def noise_of(name: str) -> Any:
    """Return the noise of the qubits that are tried."""
    tried = device(name)
    return build_noise_model(tried.target, tried.active, relaxation=True)


def by_name(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["name"]: item for item in items}


def value(items: Mapping[str, Any], name: str, units: Mapping[str, float] | None = None) -> float:
    """Return a number; a time in microseconds, and one that was not measured is endless."""
    if units is None:
        return float(items[name]["value"])
    return float(items[name]["value"] * units[items[name]["unit"]]) if name in items else float("inf")


def coherence(qubit: Mapping[str, Any]) -> tuple[float, float]:
    """Return T1 and T2 in microseconds; a T2 beyond twice T1 cannot be."""
    t1 = value(qubit, "T1", MICROSECONDS)
    return t1, min(value(qubit, "T2", MICROSECONDS), 2 * t1)


@pytest.mark.holds("B270")
def test_each_qubit_is_misread_by_its_state_as_it_was_measured(name: str) -> None:
    tried = device(name)
    told = {
        qubit: (value(items, "prob_meas1_prep0"), value(items, "prob_meas0_prep1"))
        for qubit, items in tried.qubits.items()
        if (qubit,) in tried.target["measure"]
    }
    model = noise_of(name)
    built = {
        tried.active[entry["gate_qubits"][0][0]]: (entry["probabilities"][0][1], entry["probabilities"][1][0])
        for entry in model.to_dict()["errors"]
        if entry["type"] == "roerror"
    }
    # Aer has no error for what is never misread.
    for qubit, errors in told.items():
        assert built.get(qubit, (0.0, 0.0)) == pytest.approx(errors, abs=1e-12), qubit
    assert set(built) <= set(told)
    assert dict(zip(told, misreadings(tried.target, list(told)), strict=True)) == told


@pytest.mark.holds("B270")
def test_each_gate_errs_as_often_as_was_measured_or_as_its_qubits_relax_meanwhile(name: str) -> None:
    tried = device(name)
    model = noise_of(name)
    built = {}
    for entry in model.to_dict()["errors"]:
        if entry["type"] == "qerror":
            (gate,), (places,) = entry["operations"], entry["gate_qubits"]
            where = tuple(tried.active[place] for place in places)
            built[gate, where] = 1 - average_gate_fidelity(QuantumError.from_dict(entry))
    known = [
        (gate, where)
        for gate, where in tried.gates
        if gate in tried.target.operation_names
        and isinstance(tried.target.operation_from_name(gate), Gate)
        and where in tried.target[gate]
        and set(where) <= set(tried.active)
    ]
    for gate, where in known:
        told = tried.gates[gate, where]
        error = value(told, "gate_error") if "gate_error" in told else 0.0
        size = 2 ** len(where)
        least = relaxed([tried.qubits[qubit] for qubit in where], value(told, "gate_length", MICROSECONDS))
        seen = built.get((gate, where), 0.0)
        if error < size / (size + 1):
            assert seen == pytest.approx(max(error, least), abs=1e-9), (gate, where)
        else:
            # It was not calibrated: it errs nearly as often as a gate can.
            assert seen == pytest.approx(size / (size + 1), abs=0.03), (gate, where)


def relaxed(qubits: list[Mapping[str, Any]], length: float) -> float:
    """Return the average infidelity of some qubits that relax for `length` microseconds."""
    kept = 1.0
    for qubit in qubits:
        t1, t2 = coherence(qubit)
        kept *= (1 + exp(-length / t1) + 2 * exp(-length / t2)) / 4
    size = 2 ** len(qubits)
    return 1 - (size * kept + 1) / (size + 1)


@pytest.mark.holds("B270")
def test_each_qubit_relaxes_during_a_delay_as_was_measured(name: str) -> None:
    tried = device(name)
    dt = tried.target.dt
    for qubit, items in tried.qubits.items():
        circuit = QuantumCircuit(1)
        circuit.unitary(HGate().to_matrix(), 0)
        circuit.delay(*((DELAY, 0, "us") if dt is None else (round(DELAY * 1e-6 / dt), 0, "dt")))
        circuit.save_density_matrix()
        model = build_noise_model(tried.target, (qubit,), relaxation=True)
        simulator = AerSimulator(method="density_matrix", noise_model=model)
        state = np.asarray(simulator.run(circuit).result().data()["density_matrix"])
        t1, t2 = coherence(items)
        # A delay of whole samples is up to half a sample off.
        assert state[1, 1].real == pytest.approx(exp(-DELAY / t1) / 2, abs=1e-3), qubit
        assert abs(state[0, 1]) == pytest.approx(exp(-DELAY / t2) / 2, abs=1e-3), qubit
