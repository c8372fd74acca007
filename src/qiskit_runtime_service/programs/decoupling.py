"""Dynamical decoupling: pulses on the idle qubits of a circuit, as it is sent."""

from collections.abc import Mapping
from math import pi
from typing import Any, Final

from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate
from qiskit.circuit.library import RZGate, XGate
from qiskit.transpiler import PassManager, Target, TranspilerError
from qiskit.transpiler.passes import (
    ALAPScheduleAnalysis,
    ASAPScheduleAnalysis,
    PadDynamicalDecoupling,
    TimeUnitConversion,
)
from returns.result import Failure, Result, Success

_TURNS: Final = {"XX": (0.0, 0.0), "XpXm": (0.0, pi), "XY4": (0.0, pi / 2, pi, -pi / 2)}
"""By sequence: the angle by which the axis of each X is turned about Z. A Y is an X turned by π/2."""


def decoupler(target: Target, options: Mapping[str, Any]) -> PassManager:
    """Return what puts the pulses of a sequence into the idle time of circuits, which it schedules for that.

    Args:
        target: The device, with the durations of its gates.
        options: Those of `dynamical_decoupling`, all of them.

    Source: behaviour B374.
    """
    analysis = ASAPScheduleAnalysis if options["scheduling_method"] == "asap" else ALAPScheduleAnalysis
    sequence, spacing = _sequence(options["sequence_type"])
    padding = PadDynamicalDecoupling(
        target=target,
        dd_sequence=sequence,
        spacing=spacing,
        skip_reset_qubits=options["skip_reset_qubits"],
        extra_slack_distribution=options["extra_slack_distribution"],
    )
    return PassManager([TimeUnitConversion(target=target), analysis(target=target), padding])


def decouple(circuit: QuantumCircuit, by: PassManager) -> Result[QuantumCircuit, str]:
    """Return the circuit with its idle qubits decoupled.

    Fails with:
        What of the circuit cannot be scheduled: a gate of unknown duration, a stretch, control flow.

    Source: behaviour B374.
    """
    if circuit.has_control_flow_op():
        flow = next(instruction.name for instruction in circuit.data if instruction.is_control_flow())
        return Failure(f"nobody knows before it runs how long {flow!r} takes")
    try:
        return Success(by.run(on_device(circuit)))
    except TranspilerError as reason:
        return Failure(str(reason.message).strip("'\"").rstrip("."))


def _sequence(name: str) -> tuple[list[Gate], list[float]]:
    """Return the gates of a sequence, and the parts of the idle time before, between and after them.

    The pulses stand evenly: half a part at the edges, none inside of a turned pulse.
    """
    turns = _TURNS[name]
    gates: list[Gate] = []
    spacing = [1 / (2 * len(turns))]
    for turn in turns:
        pulse = [RZGate(turn), XGate(), RZGate(-turn)] if turn else [XGate()]
        gates += pulse
        spacing += [0.0] * (len(pulse) - 1) + [1 / len(turns)]
    spacing[-1] /= 2
    return gates, spacing


def on_device(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit on the qubits of a device, as schedules want it: one register of the name `q`."""
    if [(register.name, register.size) for register in circuit.qregs] == [("q", circuit.num_qubits)]:
        return circuit
    qubits = QuantumRegister(circuit.num_qubits, "q")
    new = QuantumCircuit(qubits, circuit.clbits, *circuit.cregs, name=circuit.name, metadata=circuit.metadata)
    new.compose(circuit, qubits, circuit.clbits, inplace=True, copy=False)
    return new
