"""When each instruction of a circuit plays, as a sampler tells it where it was asked to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ForLoopOp, IfElseOp, SwitchCaseOp, WhileLoopOp
from qiskit.circuit.classical import expr
from qiskit.transpiler import Target
from qiskit.utils.units import apply_prefix

from .lowering import has_stretch
from .stretches import Shares, resolve_stretches, seconds_of_delay, span_of

NEAR = 1e-6
"""Samples by which a duration may be below a whole number of them and still be it: floats add up."""
DECIDES = (IfElseOp, SwitchCaseOp, WhileLoopOp)
"""Control flow that waits for what was measured, and may leave its blocks out."""


def describe_schedule(circuit: QuantumCircuit, target: Target) -> dict[str, Any] | None:
    """Return the timing of a circuit that is laid out, in samples of `dt`; `None` for a device without samples.

    Every instruction starts as soon as its qubits are free, and what decides when all before it is over.

    Source: behaviour B277.
    """
    schedule = _schedule(circuit, target)
    if schedule is None:
        return None
    timing = "".join(f"{line}\n" for line in schedule.lines)
    return {"timing": timing, "circuit_duration": max(schedule.free, default=0)}


def describe_stretches(circuit: QuantumCircuit, target: Target) -> list[dict[str, Any]] | None:
    """Return what each stretch of a circuit became, in samples of `dt`; `None` for a device without samples.

    Source: behaviour B399.
    """
    schedule = _schedule(circuit, target)
    if schedule is None or target.dt is None:
        return None
    told = []
    for stretch, seconds in schedule.values.items():
        exact = seconds / target.dt
        uses = [(start, length, shares[stretch]) for start, length, shares in schedule.stretched if stretch in shares]
        value, times = int(exact + NEAR), sum(share for _, _, share in uses)
        told.append(
            {
                "name": stretch.name,
                "value": value,
                "remainder": round((exact - value) * times),
                "expanded_values": [(start, length) for start, length, _ in uses],
            }
        )
    return told


def _schedule(circuit: QuantumCircuit, target: Target) -> "_Schedule | None":
    if target.dt is None:
        return None
    values = resolve_stretches(circuit, target) if has_stretch(circuit) else {}
    schedule = _Schedule(target, circuit.num_qubits, values)
    schedule.place(circuit, range(circuit.num_qubits), "main")
    return schedule


class _Schedule:
    """What plays when, so far."""

    def __init__(self, target: Target, num_qubits: int, values: Mapping[expr.Stretch, float]) -> None:
        self.target = target
        self.values = values
        """How many seconds each stretch takes."""
        self.stretched: list[tuple[int, int, Shares]] = []
        """Start and duration of each delay with stretches, and how often each is in it."""
        self.free = [0] * num_qubits
        """From when on each qubit is free."""
        self.lines: list[str] = []
        """Branch, instruction, channel, start, duration and pulse of each, with commas between them."""

    def place(self, circuit: QuantumCircuit, qubits: Sequence[int], branch: str) -> None:
        """Let a circuit play on `qubits` of the device."""
        place = dict(zip(circuit.qubits, qubits, strict=True))
        for step in circuit.data:
            where = [place[qubit] for qubit in step.qubits]
            if step.is_control_flow():
                self._place_blocks(step.operation, where, branch)
            else:
                self._place_step(step, where, branch)

    def _place_step(self, step: CircuitInstruction, where: Sequence[int], branch: str) -> None:
        start = max((self.free[qubit] for qubit in where), default=0)
        length = self._length(step, tuple(where))
        if step.name == "delay" and isinstance(step.params[0], expr.Expr):
            shares = span_of(step.operation, self.target.dt).shares
            if shares:
                self.stretched.append((start, length, shares))
        if step.name != "delay":
            for instruction, channel, pulse in _pulses(step.name, where, length):
                self.lines.append(f"{branch},{instruction},{channel},{start},{length},{pulse}")
        for qubit in where:
            self.free[qubit] = start + length

    def _place_blocks(self, operation: Any, where: Sequence[int], branch: str) -> None:
        """Let the blocks of control flow play, each from when the first does: only one of them will."""
        waits = isinstance(operation, DECIDES)
        start = max(self.free if waits else [self.free[qubit] for qubit in where], default=0)
        ends = [start]
        for number, body in enumerate(operation.blocks):
            for qubit in where:
                self.free[qubit] = start
            inner = ("else" if number else "then") if waits else branch
            for _ in range(len(operation.params[0]) if isinstance(operation, ForLoopOp) else 1):
                self.place(body, where, inner)
            ends += [self.free[qubit] for qubit in where]
        for qubit in where:
            self.free[qubit] = max(ends)

    def _length(self, step: CircuitInstruction, where: tuple[int, ...]) -> int:
        """Return how long an instruction takes. What is not known before it runs counts as nothing."""
        if step.name == "delay":
            length, unit = step.params[0], step.operation.unit
            if isinstance(length, expr.Expr):
                seconds = seconds_of_delay(step.operation, self.target.dt, self.values)
                samples: int = round(seconds / self.target.dt)
                return samples
            if not isinstance(length, int | float):
                return 0
            return round(length if unit == "dt" else apply_prefix(length, unit) / self.target.dt)
        places = self.target[step.name] if step.name in self.target.operation_names else {}
        known = places.get(where)
        return 0 if known is None or known.duration is None else round(known.duration / self.target.dt)


def _pulses(name: str, where: Sequence[int], length: int) -> Iterator[tuple[str, str, str]]:
    """Yield instruction, channel and pulse of all that an instruction plays."""
    instruction = name if name == "barrier" else "_".join([name, *map(str, where)])
    pulse = name if name == "barrier" else "play" if length else "shift_phase"
    for qubit in where:
        yield instruction, f"Qubit {qubit}", pulse
        if name == "measure":
            yield instruction, f"AWGR0_{qubit}", "capture"
