"""Circuits that passes of a package have changed, by each of them and for some devices, written down as views.

Runs in the environment of IBM's client, asked about by `{"package": "qiskit_ibm_runtime"}` on standard input, and in
ours. The same passes stand at the same places of both packages.
"""

import hashlib
import itertools
import json
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp, Instruction
from qiskit.circuit.library import RZGate, XGate
from qiskit.transpiler import InstructionProperties, PassManager, PassManagerConfig, Target, TranspilerError

DEVICES = ("FakeTorino", "FakeFez", "FakeMarrakesh", "FakeSherbrooke", "FakeBrisbane", "FakeManilaV2")
STATIC = (
    "x0 z01 m1c0 x0 x2", "d0 x1 z01", "x0 d1 b01 x1", "m0c0 x0 m0c1 x1 m1c2", "m0c0 z01 m1c1 x2 m2c2",
    "x0 x1 z01 z12 z23 d0 m3c0", "u0 x1 b0123 m0c0", "b01 m0c0 x1 z12 m1c1 x2", "x0 d0 d0 x0 z01 d1 z12",
)  # fmt: skip
RESET = ("x0 r0 x1 x1 r1 x0", "r0 m1c0 m1c1 x0")
DYNAMIC = (
    "m0c0 i0c0 x1", "m0c0 i1c0 x0", "m0c0 m1c1 i0c0 i1c1 z01", "m0c0 e0c0 x1", "m0c0 e01c0 z12", "m0c0 s0c0 x1",
    "m0c0 w0c0 x0", "x0 w1c2 x0 m0c0 i0c0", "m0c0 x2 i0c0 m1c1 i1c1 m0c2 i2c2", "m0c0 i1c0 m2c1 i2c1 x0 m2c1 i0c1",
    "f0 x1 m1c0", "m0c0 n01c0 x1", "m0c0 z01 r1 x2 i2c0 x1", "x3 d3 x3 i0c1 m0c1 e0c1",
)  # fmt: skip
"""One letter an instruction: x, z (of two qubits), u (rz), d(elay), b(arrier), m(easure), r(eset), i(f), e(lse too),
n(ested), s(witch), w(hile), f(or). Then its qubits, and after c its bit."""
ANGLES = [index * math.pi / 8 + 0.01 for index in range(-40, 41, 3)]


def circuit_of(program: str, target: Target) -> QuantumCircuit:
    """Build a circuit for a device."""
    circuit = QuantumCircuit(4, 4)
    two = next(name for name in ("cz", "ecr", "cx") if name in target.operation_names)
    marks, bodies = itertools.count(1), itertools.count(1)

    def body(*steps: tuple[str, int]) -> None:
        # That client takes an instruction in one body for an equal one in another, so none are equal here.
        for _ in range(12 + 4 * next(bodies)):
            circuit.rz(next(marks) / 1000, steps[0][1])
        for name, qubit in steps:
            getattr(circuit, name)(qubit)

    for step in program.split():
        letter, (digits, _, bit) = step[0], step[1:].partition("c")
        qubits, clbit = [int(digit) for digit in digits], circuit.clbits[int(bit or 0)]
        xs = [("x", qubit) for qubit in qubits]
        match letter:
            case "x":
                circuit.x(qubits)
            case "u":
                circuit.rz(0.3, qubits)
            case "z":
                pair = tuple(qubits) if tuple(qubits) in target[two] else tuple(reversed(qubits))
                getattr(circuit, two)(*pair)
            case "d":
                circuit.delay(1600, qubits)
            case "b":
                circuit.barrier(qubits)
            case "m":
                circuit.measure(qubits, [clbit])
            case "r":
                circuit.reset(qubits)
            case "i" | "e":
                with circuit.if_test((clbit, 1)) as otherwise:
                    body(*xs)
                if letter == "e":
                    with otherwise:
                        body(*xs, *xs)
            case "n":
                with circuit.if_test((clbit, 1)):
                    body(*xs)
                    with circuit.if_test((clbit, 0)):
                        body(("sx", qubits[0]))
            case "s":
                with circuit.switch(clbit) as case:
                    with case(0):
                        body(("x", qubits[0]))
                    with case(1):
                        body(("sx", qubits[0]), ("sx", qubits[0]))
            case "w":
                with circuit.while_loop((clbit, 1)):
                    body(*xs)
                    circuit.measure(qubits[0], clbit)
            case "f":
                with circuit.for_loop(range(3)):
                    body(*xs)
    return circuit


def turning(target: Target) -> QuantumCircuit:
    """Return a circuit of many angles, with identities and measurements between."""
    circuit = QuantumCircuit(4, 4)
    for place, angle in enumerate(ANGLES):
        circuit.rz(angle, place % 4)
        circuit.rzz(angle, place % 4, (place + 1) % 4)
        circuit.rx(angle, (place + 2) % 4)
    circuit.sx(0)
    circuit.barrier()
    circuit.measure(range(4), range(4))
    return circuit


def view(circuit: QuantumCircuit, places: dict[Any, int] | None = None, *, waits: bool = True) -> Any:
    """Write down what happens on each bit, one after the other; without `waits`, leave delays out."""
    at = places or {bit: place for place, bit in enumerate([*circuit.qubits, *circuit.clbits])}
    wires: dict[int, list[Any]] = {place: [] for place in sorted(at.values())}
    for step in circuit.data:
        operation, bits = step.operation, [at[bit] for bit in (*step.qubits, *step.clbits)]
        if step.name == "delay" and not waits:
            continue
        told: list[Any] = [step.name]
        if isinstance(operation, ControlFlowOp):
            for block in operation.blocks:
                inner = dict(zip((*block.qubits, *block.clbits), bits, strict=True))
                told.append(view(block, inner, waits=waits))
        else:
            told += [bits, [round(float(number), 9) for number in operation.params]]
        for bit in bits:
            wires[bit].append(told)
    return [round(math.remainder(circuit.global_phase, 2 * math.pi), 9), [wires[place] for place in sorted(wires)]]


def narrow(target: Target, dt: float) -> Target:
    """Return a target with the first four qubits of a device, and its durations in ticks of `dt` seconds."""
    made = Target(num_qubits=4, dt=dt)
    for name in target.operation_names:
        known = target[name]
        places = None if None in known else {
            qubits: None if it is None or it.duration is None else InstructionProperties(
                duration=round(it.duration / target.dt) * dt
            )
            for qubits, it in known.items() if max(qubits) < 4
        }  # fmt: skip
        made.add_instruction(target.operation_from_name(name), places, name=name)
    return made


def with_mid_circuit() -> Target:
    """Return a small target that has a second measurement and a second reset."""
    made = Target(num_qubits=4)
    for name, bits in (("measure", 1), ("measure_2", 1), ("reset", 0), ("reset_2", 0)):
        made.add_instruction(Instruction(name, 1, bits, []), {(qubit,): None for qubit in range(4)})
    return made


def runs(package: str, backend: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is done for a device, by a name, and what does it."""
    passes = import_module(f"{package}.transpiler.passes")
    scheduling = import_module(f"{package}.transpiler.passes.scheduling")
    plugin = import_module(f"{package}.transpiler.plugin")
    target, seconds, marked = narrow(backend.target, backend.target.dt), narrow(backend.target, 1.0), with_mid_circuit()
    config = PassManagerConfig(target=target, instruction_durations=target.durations())

    def ran(program: str, *steps: Any, waits: bool = True) -> Callable[[], Any]:
        return lambda: view(PassManager(list(steps)).run(circuit_of(program, target)), waits=waits)

    def translated(name: str, program: str) -> Any:
        return view(getattr(plugin, name)().pass_manager(config, 1).run(circuit_of(program, target)))

    def changed(step: Any, circuit: QuantumCircuit) -> Any:
        return view(PassManager([step]).run(circuit))

    for program in (*STATIC, *RESET, *DYNAMIC):
        late = scheduling.ALAPScheduleAnalysis(target=target)
        early = scheduling.ASAPScheduleAnalysis(target=target)
        yield f"late: {program}", ran(program, late, scheduling.PadDelay(target=target))
        yield f"ends: {program}", ran(program, late, scheduling.PadDelay(False, target=target))
        yield f"all: {program}", ran(program, late, scheduling.PadDelay(True, True, target=target))
        yield (
            f"early: {program}",
            ran(program, early, scheduling.PadDelay(target=target), waits=program not in DYNAMIC),
        )
        for name, sequence in (("xx", [XGate()] * 2), ("xyxy", [XGate(), RZGate(math.pi)] * 2)):
            decoupling = scheduling.PadDynamicalDecoupling(
                sequence, target=seconds, skip_reset_qubits=program not in RESET and "r" not in program
            )
            yield f"{name}: {program}", ran(program, scheduling.ALAPScheduleAnalysis(target=seconds), decoupling)
        yield f"second: {program}", ran(program, passes.ConvertToMidCircuitResetAndMeasure(marked))
        yield f"measured: {program}", ran(program, passes.ConvertToMidCircuitMeasure(marked))
        for name in ("IBMTranslationPlugin", "IBMDynamicTranslationPlugin", "IBMDynamicFractionalTranslationPlugin"):
            yield f"{name}: {program}", partial(translated, name, program)
    for name, step in (
        ("folded", passes.FoldRzzAngle()),
        ("clifford", passes.ConvertISAToClifford()),
        ("waiting", passes.ConvertIdToDelay(target.durations())),
        ("waiting as x", passes.ConvertIdToDelay(target.durations(), "x")),
    ):
        circuit = turning(target)
        if name.startswith("waiting"):
            circuit.id(range(4))
        yield name, partial(changed, step, circuit)


def answer(package: str) -> dict[str, dict[str, Any]]:
    """Return, by device and by what is done, a digest of the view of what came of it."""
    warnings.simplefilter("ignore")
    devices = import_module(f"{package}.fake_provider")
    told: dict[str, dict[str, Any]] = {}
    for device in DEVICES:
        found = told.setdefault(device, {})
        for name, run in runs(package, getattr(devices, device)()):
            try:
                found[name] = hashlib.sha256(json.dumps(run()).encode()).hexdigest()[:16]
            except TranspilerError:  # A device without `while_loop` cannot be translated to.
                found[name] = None
    return told


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin)["package"])))
