"""What a noisy device measures: ours and IBM's local mode draw from one distribution, on 12 circuits and 5 devices."""

import base64
import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qiskit import QuantumCircuit, qpy
from qiskit.circuit.random import random_circuit
from qiskit.primitives import BitArray
from qiskit.synthesis import synth_qft_full
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import QiskitRuntimeService, SamplerV2

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "local_counts.py"
DEVICES = ("fake_manila", "fake_quito", "fake_jakarta", "fake_belem", "fake_yorktown")
PUBS = 2
SHOTS = 8_000
"""Of a PUB: old devices take 8,192."""
ALL = PUBS * SHOTS
WIDTH = 5


def ghz(circuit: QuantumCircuit) -> None:
    circuit.h(0)
    for qubit in range(WIDTH - 1):
        circuit.cx(qubit, qubit + 1)


def excited(circuit: QuantumCircuit) -> None:
    circuit.x(range(WIDTH))


def spread(circuit: QuantumCircuit) -> None:
    circuit.h(range(WIDTH))


def bell_pairs(circuit: QuantumCircuit) -> None:
    circuit.h([0, 2])
    circuit.cx([0, 2], [1, 3])


def idling(circuit: QuantumCircuit) -> None:
    circuit.x([0, 1])
    circuit.delay(200_000, [0, 2])


def reset_and_again(circuit: QuantumCircuit) -> None:
    circuit.x([0, 1, 2])
    circuit.reset([1, 2])
    circuit.x(2)


def hidden_shift(circuit: QuantumCircuit) -> None:
    circuit.x(4)
    circuit.h(range(WIDTH))
    circuit.cx([0, 2], [4, 4])
    circuit.h(range(WIDTH))


def fourier(circuit: QuantumCircuit) -> None:
    circuit.x([0, 3])
    circuit.compose(synth_qft_full(WIDTH), inplace=True)
    circuit.compose(synth_qft_full(WIDTH, inverse=True), inplace=True)


def echo(circuit: QuantumCircuit) -> None:
    for _ in range(6):
        circuit.cx(0, 1)
        circuit.cx(1, 2)
    circuit.x(3)


def turned(circuit: QuantumCircuit) -> None:
    for qubit in range(WIDTH):
        circuit.ry(0.3 + 0.5 * qubit, qubit)
        circuit.rz(0.7 * qubit, qubit)
        circuit.rx(0.2 * qubit, qubit)


def at_random(seed: int) -> Callable[[QuantumCircuit], None]:
    def build(circuit: QuantumCircuit) -> None:
        circuit.compose(random_circuit(WIDTH, 4, max_operands=2, seed=seed), inplace=True)

    return build


BUILDERS = (
    *(ghz, excited, spread, bell_pairs, idling, reset_and_again, hidden_shift, fourier, echo, turned),
    *(at_random(1), at_random(2)),
)


def written(build: Callable[[QuantumCircuit], None]) -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH)
    build(circuit)
    circuit.measure_all()
    return circuit


def packed(circuit: QuantumCircuit) -> str:
    stream = io.BytesIO()
    qpy.dump(circuit, stream, version=13)
    return base64.b64encode(stream.getvalue()).decode()


def distance(one: dict[str, int], other: dict[str, int]) -> float:
    """Return the total variation distance of two tables of as many shots."""
    return sum(abs(one.get(bits, 0) - other.get(bits, 0)) for bits in {*one, *other}) / 2 / ALL


def sampling_error(one: dict[str, int], other: dict[str, int]) -> float:
    """Return what the distance of two samples of one distribution exceeds in one of a thousand cases (McDiarmid)."""
    shares = [(one.get(bits, 0) + other.get(bits, 0)) / 2 / ALL for bits in {*one, *other}]
    expected = sum(math.sqrt(share * (1 - share)) for share in shares) / math.sqrt(math.pi * ALL)
    return expected + math.sqrt(math.log(1000) / ALL)


def orders() -> Iterator[tuple[str, QuantumCircuit]]:
    service = QiskitRuntimeService(channel="local")
    for device in DEVICES:
        passes = generate_preset_pass_manager(1, backend=service.backend(device), seed_transpiler=1)
        for build in BUILDERS:
            yield device, passes.run(written(build))


@needs_existing_client
@pytest.mark.holds("B185")
def test_both_local_modes_draw_from_one_distribution() -> None:
    service = QiskitRuntimeService(channel="local")
    sent = list(orders())
    asked = [
        {"device": device, "circuit": packed(circuit), "pubs": PUBS, "shots": SHOTS, "seed": number}
        for number, (device, circuit) in enumerate(sent)
    ]
    theirs = ask_existing_client(SCRIPT, asked)
    far = []
    for number, ((device, circuit), their) in enumerate(zip(sent, theirs, strict=True)):
        sampler = SamplerV2(service.backend(device), options={"simulator": {"seed_simulator": 1000 + number}})
        result = sampler.run([circuit] * PUBS, shots=SHOTS).result()
        our = BitArray.concatenate_shots([pub.join_data() for pub in result]).get_counts()
        if distance(our, their) > sampling_error(our, their):
            far.append((device, number % len(BUILDERS), distance(our, their), sampling_error(our, their)))
    assert far == []
