"""What decides the bits that are asked for: the gates in their backward light cone, component by component."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ClassicalRegister, Clbit, ControlFlowOp, SwitchCaseOp
from qiskit.circuit.controlflow import condition_resources

MOST_JOINED = 5
"""Up to so many qubits, parts are joined again."""
_DECISIONS = frozenset(("if_else", "switch_case"))


class Part(NamedTuple):
    """Some instructions of a circuit that the others have nothing to do with."""

    steps: tuple[int, ...]
    """Their places in the data of the circuit, in order. Barriers are left out."""
    qubits: tuple[int, ...]
    """Which qubits of the circuit they act on, in order."""
    bits: tuple[int, ...]
    """Which classical bits of the circuit they act on, in order."""


class Wires:
    """A circuit as wires that its instructions join: a number for each qubit, then one for each classical bit."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        self.circuit = circuit
        self.data: list[CircuitInstruction] = list(circuit.data)
        # Variables, stretches and what is stored in a bit join instructions in ways that wires do not show.
        self.shows_all = not (circuit.num_identifiers or any(step.name == "store" for step in self.data))
        number = {wire: index for index, wire in enumerate((*circuit.qubits, *circuit.clbits))}
        self._joined = {
            place: frozenset(number[wire] for wire in _wires_of(step))
            for place, step in enumerate(self.data)
            if step.name != "barrier"
        }
        # Not the bits that are only read: a decision that nothing asked for depends on has no effect.
        self._changed = {
            place: frozenset(wire for wire in self._joined[place] if wire < circuit.num_qubits)
            for place in self._joined
            if self.data[place].name in _DECISIONS and not _writes_bits(self.data[place])
        }

    def qubits_on(self, place: int) -> list[int]:
        """Return the qubits of an instruction, in order."""
        return sorted(wire for wire in self._joined[place] if wire < self.circuit.num_qubits)

    def cone_of(self, qubits: Sequence[int]) -> Part:
        """Return all that the state of some qubits at the end depends on, these qubits included."""
        if not self.shows_all:
            return self._part(tuple(self._joined), range(self.circuit.num_qubits))
        return self._part(self._cut(qubits), qubits)

    def parts_that_decide(self, bits: Iterable[int], together: int = MOST_JOINED) -> list[Part]:
        """Return all that some classical bits depend on, in parts that have nothing to do with each other.

        Parts of few qubits are joined to parts of `together` at most, for to run a circuit takes longer than that.
        What is behind the last instruction that reaches a bit has no effect on it, and noise there has none: it keeps
        the probabilities of all that it does not act on.

        Source: behaviour B252.
        """
        if not self.shows_all:
            return [self._part(tuple(self._joined))]
        kept = self._cut(self.circuit.num_qubits + bit for bit in bits)
        return [self._part(steps) for steps in self._packed(self._components(kept), together)]

    def build(self, part: Part, order: Sequence[int] | None = None) -> QuantumCircuit:
        """Return the circuit of a part on its qubits alone, with all classical bits and registers of the whole.

        Args:
            part: What is wanted.
            order: The qubits of the part as they shall stand in the circuit, as places in its own order.
        """
        qubits = part.qubits if order is None else [part.qubits[place] for place in order]
        if len(part.steps) == len(self._joined) and list(qubits) == list(range(self.circuit.num_qubits)):
            return self.circuit
        small = QuantumCircuit(len(qubits), name=self.circuit.name)
        small.add_bits(self.circuit.clbits)
        small.add_register(*self.circuit.cregs)
        for variable in self.circuit.iter_declared_vars():
            small.add_uninitialized_var(variable)
        place = {self.circuit.qubits[qubit]: small.qubits[position] for position, qubit in enumerate(qubits)}
        for step in map(self.data.__getitem__, part.steps):
            small.append(step.replace(qubits=[place[qubit] for qubit in step.qubits]), copy=False)
        return small

    def _cut(self, wires: Iterable[int]) -> list[int]:
        """Return the instructions that some wires depend on, in order."""
        live = set(wires)
        kept = []
        for place, joined in reversed(self._joined.items()):
            if not live.isdisjoint(self._changed.get(place, joined)):
                live |= joined
                kept.append(place)
        return kept[::-1]

    def _components(self, places: Sequence[int]) -> list[list[int]]:
        """Return instructions by the connected component that they are in."""
        root: dict[int, int] = {}

        def find(wire: int) -> int:
            while root.setdefault(wire, wire) != wire:
                root[wire] = wire = root[root[wire]]
            return wire

        for place in places:
            first, *others = map(find, self._joined[place])
            root.update(dict.fromkeys(others, first))
        groups: dict[int, list[int]] = {}
        for place in places:
            groups.setdefault(find(next(iter(self._joined[place]))), []).append(place)
        return list(groups.values())

    def _packed(self, components: Iterable[list[int]], together: int) -> list[list[int]]:
        """Return the components, small ones together."""
        packed: list[list[int]] = []
        room = 0
        for component in sorted(components, key=lambda places: len(self._part(places).qubits)):
            width = len(self._part(component).qubits)
            if packed and width <= room:
                packed[-1] = sorted((*packed[-1], *component))
                room -= width
            else:
                packed.append(component)
                room = together - width
        return packed

    def _part(self, places: Sequence[int], qubits: Iterable[int] = ()) -> Part:
        wires = sorted(frozenset(qubits).union(*map(self._joined.__getitem__, places)))
        width = self.circuit.num_qubits
        on = tuple(wire for wire in wires if wire < width)
        return Part(tuple(places), on, tuple(wire - width for wire in wires if wire >= width))


def _wires_of(step: CircuitInstruction) -> Iterable[object]:
    return (*step.qubits, *step.clbits, *(_read_bits(step.operation) if step.is_control_flow() else ()))


def _writes_bits(step: CircuitInstruction) -> bool:
    """Tell whether an instruction may change a classical bit."""
    if not step.is_control_flow():
        return step.name == "store" or bool(step.clbits)
    return any(_writes_bits(inner) for body in step.operation.blocks for inner in body.data)


def _read_bits(operation: ControlFlowOp) -> Iterable[Clbit]:
    """Return the classical bits that control flow decides by."""
    asked = operation.target if isinstance(operation, SwitchCaseOp) else getattr(operation, "condition", None)
    if asked is None:
        return ()
    read = condition_resources((asked, 0) if isinstance(asked, Clbit | ClassicalRegister) else asked)
    return {*read.clbits, *(bit for register in read.cregs for bit in register)}
