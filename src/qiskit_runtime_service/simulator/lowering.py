"""Circuits in the plain words that simulators know: no boxes, no stretches, no instructions that only devices have."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay, Measure, Reset
from qiskit.circuit.classical import expr
from qiskit.circuit.library import XGate
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target

from ..bridge.executable import bodies
from ..bridge.ledger import RefusedError
from ..records.problem import NotExecutable
from .aer_support import CONTROL_FLOW, PLAIN_INSTRUCTIONS
from .expressions import UndefinedValueError
from .stretches import dt_of, resolve_stretches, seconds_of_delay, time_of

Pub = TypeVar("Pub", SamplerPub, EstimatorPub)

_KNOWN = PLAIN_INSTRUCTIONS | CONTROL_FLOW | {"while_loop", "store"}
_VARIANT = re.compile(r"(measure_reset|measure|reset)(_\d+)?")
"""Measurements and resets, plain ones and others that a device has."""


SLOW = "xslow"
"""A gate `x` that only devices have."""


def lower_pubs(pubs: Sequence[Pub], target: Target) -> tuple[Pub, ...]:
    """Return the same pubs with circuits that say the same in the plain words of `lower_circuit`.

    Raises:
        RefusedError: A duration is not known.
    """
    return tuple(with_circuit(pub, _lower_or_refuse(index, pub.circuit, target)) for index, pub in enumerate(pubs))


def lower_circuit(circuit: QuantumCircuit, target: Target) -> QuantumCircuit:
    """Return a circuit that does the same on the same qubits, in plain words.

    Delays last seconds; boxes are open, and those with a duration end with a delay that fills it; `reset_2` and its
    kin are resets; gates that not every simulator has are those that define them, and `xslow` is an `x`. `measure_2`
    and its kin are measurements, but keep their name where the device tells an error of theirs; `measure_reset` and
    its kin are a measurement and a reset.

    Raises:
        UndefinedValueError: A duration is not known.

    Source: behaviour B258, B259, B425.
    """
    if _is_plain(circuit):
        return circuit
    values = resolve_stretches(circuit, target) if has_stretch(circuit) else {}
    return _Lowering(target, values).lower(circuit, range(circuit.num_qubits))


def as_plain_steps(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with plain measurements, resets and gates in the place of those that only devices have."""
    if not any(_is_variant(name) or name == SLOW for block in _blocks_of(circuit) for name in block.count_ops()):
        return circuit
    return _Lowering(Target(), {}).lower(circuit, range(circuit.num_qubits))


def _lower_or_refuse(index: int, circuit: QuantumCircuit, target: Target) -> QuantumCircuit:
    try:
        return lower_circuit(circuit, target)
    except (ArithmeticError, QiskitError) as reason:
        fix = "Bind parameters of delays, and give durations that are sums of multiples of stretches"
        raise RefusedError(NotExecutable(pub=index, reason=str(reason), fix=fix)) from None


def with_circuit(pub: Pub, circuit: QuantumCircuit) -> Pub:
    """Return a pub with another circuit."""
    if circuit is pub.circuit:
        return pub
    if isinstance(pub, SamplerPub):
        return SamplerPub(circuit, pub.parameter_values, pub.shots, validate=False)
    return EstimatorPub(circuit, pub.observables, pub.parameter_values, pub.precision, validate=False)


class _Lowering:
    """How a circuit is lowered on one device."""

    def __init__(self, target: Target, values: dict[expr.Stretch, float]) -> None:
        self.target = target
        self.values = values
        self.dt = dt_of(target)

    def lower(self, block: QuantumCircuit, qubits: Sequence[int]) -> QuantumCircuit:
        """Return a block, whose qubits are `qubits` of the device, in plain words."""
        plain = _without_stretches(block)
        place = dict(zip(block.qubits, qubits, strict=True))
        for step in block.data:
            self._add(plain, step, tuple(place[qubit] for qubit in step.qubits))
        return plain

    def _add(self, plain: QuantumCircuit, step: CircuitInstruction, where: tuple[int, ...]) -> None:
        """Add what an instruction means to `plain`."""
        operation = step.operation
        _refuse_stretches(step)
        if step.name == "delay":
            if isinstance(operation.duration, expr.Expr):
                seconds = seconds_of_delay(operation, self.dt, self.values)
                step = step.replace(operation=Delay(seconds, "s"))
            plain.append(step, copy=False)
        elif step.name == "box" and _can_be_opened(step):
            self._open(plain, step, where)
        elif step.is_control_flow():
            if blocks := [self.lower(body, where) for body in operation.blocks]:
                step = step.replace(operation=operation.replace_blocks(blocks))
            plain.append(step, copy=False)
        elif _is_variant(step.name) and len(where) == 1:
            for base in self._bases_of(operation, where):
                plain.append(base, step.qubits, step.clbits[: base.num_clbits], copy=False)
        elif step.name == SLOW:
            plain.append(step.replace(operation=XGate()), copy=False)
        elif step.name in _KNOWN or getattr(operation, "definition", None) is None:
            plain.append(step, copy=False)
        else:
            self._inline(plain, self.lower(operation.definition, where), step)

    def _bases_of(self, operation: Any, where: tuple[int, ...]) -> tuple[Any, ...]:
        """Return the plain instructions that another measurement or reset is simulated as."""
        if operation.name.startswith("reset"):
            return (Reset(),)
        if operation.name.startswith("measure_reset"):
            return Measure(), Reset()
        known = self.target[operation.name].get(where) if operation.name in self.target.operation_names else None
        return (Measure() if known is None or known.error is None else operation,)

    def _open(self, plain: QuantumCircuit, step: CircuitInstruction, where: tuple[int, ...]) -> None:
        """Add what is in a box, and a delay that fills the rest of its time."""
        self._inline(plain, self.lower(step.operation.body, where), step)
        if step.operation.duration is not None:
            inside = time_of(step.operation.body, where, self.target, self.values)
            rest = seconds_of_delay(step.operation, self.dt, self.values) - inside
            for qubit in step.qubits if rest > 0 else ():
                plain.delay(rest, qubit, "s")

    def _inline(self, plain: QuantumCircuit, inner: QuantumCircuit, step: CircuitInstruction) -> None:
        qubits = dict(zip(inner.qubits, step.qubits, strict=True))
        clbits = dict(zip(inner.clbits, step.clbits, strict=True))
        for part in inner.data:
            bits = {"qubits": [qubits[bit] for bit in part.qubits], "clbits": [clbits[bit] for bit in part.clbits]}
            plain.append(part.replace(**bits), copy=False)


def _without_stretches(block: QuantumCircuit) -> QuantumCircuit:
    """Return an empty block with the same bits and variables."""
    empty = block.copy_empty_like(vars_mode="drop")
    for variable in block.iter_input_vars():
        empty.add_input(variable)
    for variable in block.iter_captured_vars():
        empty.add_capture(variable)
    for variable in block.iter_declared_vars():
        empty.add_uninitialized_var(variable)
    return empty


def _refuse_stretches(step: CircuitInstruction) -> None:
    """Refuse stretches in what is stored or decided by: only delays have them."""
    match step.name:
        case "store":
            nodes = [step.operation.lvalue, step.operation.rvalue]
        case "if_else" | "while_loop":
            nodes = [step.operation.condition]
        case "switch_case":
            nodes = [step.operation.target]
        case _:
            return
    for node in nodes:
        for name in expr.iter_identifiers(node) if isinstance(node, expr.Expr) else ():
            if isinstance(name, expr.Stretch):
                raise UndefinedValueError(f"{name.name!r} has no value outside of a delay")


def _is_variant(name: str) -> bool:
    return name not in _KNOWN and _VARIANT.fullmatch(name) is not None


def _can_be_opened(step: CircuitInstruction) -> bool:
    """Tell whether what is in a box means the same outside: it has no variables, and the bits of the circuit."""
    body = step.operation.body
    return not body.num_declared_vars and list(body.clbits) == list(step.clbits)


def _is_plain(circuit: QuantumCircuit) -> bool:
    blocks = list(_blocks_of(circuit))
    return (
        {name for block in blocks for name in block.count_ops()} <= _KNOWN
        and not has_stretch(circuit)
        and not any(
            isinstance(step.params[0], expr.Expr)
            for block in blocks
            if "delay" in block.count_ops()
            for step in block.data
            if step.name == "delay"
        )
    )


def has_stretch(circuit: QuantumCircuit) -> bool:
    """Tell whether a circuit, or what is nested in it, has stretches."""
    return any(block.num_stretches for block in _blocks_of(circuit))


def _blocks_of(circuit: QuantumCircuit) -> Iterator[QuantumCircuit]:
    """Yield a circuit, and all that is nested in it."""
    yield circuit
    for body, _ in bodies(circuit):
        yield from _blocks_of(body)
