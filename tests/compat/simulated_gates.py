"""What the `aer_simulator` of IBM's client measures. Runs in the environment of that client, not in ours.

Reads nothing, and prints the counts of 20 shots of each circuit of `circuits()`. All outcomes are certain.
"""

import json
import logging
import math
from importlib import import_module
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import (
    CU1Gate,
    CU3Gate,
    DiagonalGate,
    MCPhaseGate,
    MCXGate,
    PauliGate,
    U1Gate,
    U2Gate,
    U3Gate,
)
from qiskit.quantum_info import Kraus

SHOTS = 20
X = np.array([[0, 1], [1, 0]])
PI = math.pi


def started() -> QuantumCircuit:
    """Return a circuit of four qubits, of which the first two are 1; the last is not measured."""
    circuit = QuantumCircuit(4, 3)
    circuit.x([0, 1])
    return circuit


def circuits() -> dict[str, QuantumCircuit]:
    """Return a circuit for each instruction, by a name that tells it."""
    made = {name: started() for name in GATES}
    for name, circuit in made.items():
        GATES[name](circuit)
        circuit.measure(range(3), range(3))
    return made


def _if_else(circuit: QuantumCircuit) -> None:
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.x(1)


def _for_loop(circuit: QuantumCircuit) -> None:
    with circuit.for_loop(range(3)):
        circuit.x(2)


def _turning_loop(circuit: QuantumCircuit) -> None:
    with circuit.for_loop([1, 2, 4]) as turn:
        circuit.rx(turn * PI, 2)


def _while_loop(circuit: QuantumCircuit) -> None:
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(0)
        circuit.measure(0, 0)


def _break_loop(circuit: QuantumCircuit) -> None:
    with circuit.for_loop(range(5)):
        circuit.x(2)
        circuit.measure(2, 2)
        with circuit.if_test((circuit.clbits[2], 1)):
            circuit.break_loop()


def _continue_loop(circuit: QuantumCircuit) -> None:
    with circuit.for_loop(range(2)):
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.continue_loop()
        circuit.x(2)


def _switch_case(circuit: QuantumCircuit) -> None:
    circuit.measure([0, 1], [0, 1])
    with circuit.switch(circuit.cregs[0]) as case:
        with case(3):
            circuit.x(2)
        with case(case.DEFAULT):
            circuit.x(1)


def _paused(circuit: QuantumCircuit) -> None:
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.delay(3, 1, unit="us")
        circuit.x(2)


GATES: dict[str, Any] = {
    "x": lambda circuit: circuit.x(0),
    "y": lambda circuit: circuit.y(0),
    "z": lambda circuit: circuit.z(0),
    "id": lambda circuit: circuit.id(0),
    "h": lambda circuit: (circuit.h(0), circuit.z(0), circuit.h(0)),
    "s": lambda circuit: (circuit.h(0), circuit.s(0), circuit.s(0), circuit.h(0)),
    "sdg": lambda circuit: (circuit.h(0), circuit.sdg(0), circuit.s(0), circuit.h(0)),
    "t": lambda circuit: (circuit.h(0), circuit.t(0), circuit.tdg(0), circuit.h(0)),
    "sx": lambda circuit: (circuit.sx(0), circuit.sx(0)),
    "sxdg": lambda circuit: (circuit.sxdg(0), circuit.sx(0)),
    "rx": lambda circuit: circuit.rx(PI, 0),
    "ry": lambda circuit: circuit.ry(-PI, 0),
    "rz": lambda circuit: circuit.rz(7.5, 0),
    "r": lambda circuit: circuit.r(PI, 0.3, 0),
    "p": lambda circuit: circuit.p(7.5, 0),
    "u": lambda circuit: circuit.u(PI, 0.1, 0.2, 0),
    "u1": lambda circuit: circuit.append(U1Gate(0.3), [0]),
    "u2": lambda circuit: (circuit.append(U2Gate(0, PI), [0]), circuit.append(U2Gate(0, PI), [0])),
    "u3": lambda circuit: circuit.append(U3Gate(PI, 0.1, 0.2), [0]),
    "cx": lambda circuit: circuit.cx(0, 2),
    "cy": lambda circuit: circuit.cy(0, 2),
    "cz": lambda circuit: circuit.cz(0, 1),
    "csx": lambda circuit: (circuit.csx(0, 2), circuit.csx(1, 2)),
    "cp": lambda circuit: (circuit.h(2), circuit.cp(PI, 0, 2), circuit.h(2)),
    "cu": lambda circuit: circuit.cu(PI, 0, 0, 0, 0, 2),
    "cu1": lambda circuit: (circuit.h(2), circuit.append(CU1Gate(PI), [0, 2]), circuit.h(2)),
    "cu3": lambda circuit: circuit.append(CU3Gate(PI, 0, 0), [0, 2]),
    "crx": lambda circuit: circuit.crx(PI, 0, 2),
    "cry": lambda circuit: circuit.cry(PI, 0, 2),
    "crz": lambda circuit: (circuit.h(2), circuit.crz(PI, 0, 2), circuit.crz(PI, 1, 2), circuit.h(2)),
    "swap": lambda circuit: circuit.swap(0, 2),
    "ecr": lambda circuit: (circuit.ecr(0, 2), circuit.ecr(0, 2)),
    "rxx": lambda circuit: circuit.rxx(PI, 0, 2),
    "ryy": lambda circuit: circuit.ryy(PI, 0, 2),
    "rzx": lambda circuit: circuit.rzx(PI, 0, 2),
    "rzz within the bounds of hardware": lambda circuit: circuit.rzz(1, 0, 2),
    "rzz outside": lambda circuit: (circuit.rzz(-1, 0, 2), circuit.rzz(99, 0, 1)),
    "ccx": lambda circuit: circuit.ccx(0, 1, 2),
    "ccz": lambda circuit: (circuit.h(2), circuit.ccz(0, 1, 2), circuit.h(2)),
    "cswap": lambda circuit: circuit.cswap(0, 1, 2),
    "mcx": lambda circuit: (circuit.x(3), circuit.append(MCXGate(3), [0, 1, 3, 2])),
    "mcphase": lambda circuit: (circuit.h(2), circuit.append(MCPhaseGate(PI, 2), [0, 1, 2]), circuit.h(2)),
    "pauli": lambda circuit: circuit.append(PauliGate("XYZ"), [0, 1, 2]),
    "diagonal": lambda circuit: circuit.append(DiagonalGate([1, -1, 1j, 1]), [0, 1]),
    "unitary": lambda circuit: circuit.unitary(X, 2),
    "unitary of two qubits": lambda circuit: circuit.unitary(np.kron(X, X), [0, 2], label="both"),
    "initialize": lambda circuit: circuit.initialize([0, 1], 2),
    "initialize by a text": lambda circuit: circuit.initialize("10", [0, 2]),
    "kraus": lambda circuit: circuit.append(Kraus([X * math.sqrt(0.3), X * math.sqrt(0.7)]).to_instruction(), [2]),
    "reset": lambda circuit: circuit.reset(0),
    "barrier": lambda circuit: circuit.barrier(),
    "delay": lambda circuit: circuit.delay(160, 0),
    "delay of all, in microseconds": lambda circuit: circuit.delay(20, unit="us"),
    "measure in the middle": lambda circuit: (circuit.measure(0, 2), circuit.x(0)),
    "if_else": _if_else,
    "if_else with a delay": _paused,
    "for_loop": _for_loop,
    "for_loop with a parameter": _turning_loop,
    "while_loop": _while_loop,
    "break_loop": _break_loop,
    "continue_loop": _continue_loop,
    "switch_case": _switch_case,
}
"""What is done to the circuit, by the instruction that it tries."""


def main() -> None:
    """Print the counts of all circuits, each job by itself."""
    logging.disable(logging.CRITICAL)
    client = import_module("qiskit_ibm_runtime")
    sampler = client.SamplerV2(mode=client.QiskitRuntimeService(channel="local").backend("aer_simulator"))
    counts = {
        name: sampler.run([circuit], shots=SHOTS).result()[0].data.c.get_counts()
        for name, circuit in circuits().items()
    }
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
