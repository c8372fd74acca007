"""Circuits as uses of a device: which operation acts on which qubits, and how often."""

from collections import Counter
from collections.abc import Sequence

from qiskit import QuantumCircuit
from qiskit.transpiler import Target, TranspilerError, generate_preset_pass_manager
from returns.result import Failure, Result, Success

from ..records.problem import NotExecutable, Problem
from .executable import bodies

Uses = Counter[tuple[str, tuple[int, ...]]]
"""How often each operation is used where."""

NO_OPERATIONS = frozenset({"barrier", "break_loop", "continue_loop", "delay", "store"})


def count_uses(circuit: QuantumCircuit) -> Uses:
    """Count what a laid-out circuit uses. The body of a control-flow operation counts once."""
    return _count(circuit, range(circuit.num_qubits))


def _count(block: QuantumCircuit, qubits: Sequence[int]) -> Uses:
    place = dict(zip(block.qubits, qubits, strict=True))
    pairs = Counter((instruction.name, instruction.qubits) for instruction in block.data)
    uses = Uses()
    for (name, bits), count in pairs.items():
        if name not in NO_OPERATIONS:
            uses[name, tuple(place[bit] for bit in bits)] += count
    for body, bits in bodies(block):
        uses.update(_count(body, [place[bit] for bit in bits]))
    return uses


def lay_out(circuit: QuantumCircuit, target: Target, *, level: int, seed: int) -> Result[QuantumCircuit, Problem]:
    """Return the circuit as the device would run it. The same seed gives the same layout.

    Fails with:
        NotExecutable: The device cannot run it.
    """
    try:
        return Success(
            generate_preset_pass_manager(optimization_level=level, target=target, seed_transpiler=seed).run(circuit)
        )
    except TranspilerError as error:
        return Failure(NotExecutable(pub=0, reason=str(error.message)))
