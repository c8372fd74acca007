"""How large the bonds of a matrix product state can grow, from which qubits its gates join; and what that costs."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OF_RANK_TWO = frozenset(
    (
        *("cx", "cy", "cz", "ch", "ecr", "cs", "csdg", "csx", "cp", "cu", "cu1", "cu3", "crx", "cry", "crz"),
        *("rxx", "ryy", "rzz", "rzx"),
    )
)
"""Gates of two qubits that double a bond at most; others take it to four times."""
_HOPELESS = 5e10
"""Work beyond which nobody needs to know how much it is."""


class Gate(NamedTuple):
    """What joins qubits."""

    qubits: tuple[int, ...]
    doubles: bool
    """Whether it is of rank two."""


class Bonds(NamedTuple):
    """How a matrix product state grows."""

    widest: int
    """The largest bond that may be needed, as a power of 2."""
    steps: int
    """How many decompositions its gates take, one for each pair of neighbours that is joined or swapped."""
    work: float
    """The sum of rows, columns and the smaller of both, multiplied, over all decompositions."""


def order_on_line(gates: Iterable[Gate], width: int) -> list[int]:
    """Return the qubits so that those which gates join are near each other: the order of Cuthill and McKee.

    Breadth first from a qubit with few neighbours; of a chain it is the chain.
    """
    neighbours: list[set[int]] = [set() for _ in range(width)]
    for gate in gates:
        for qubit in gate.qubits:
            neighbours[qubit].update(gate.qubits)
    degree = [len(found) for found in neighbours]
    order: list[int] = []
    left = set(range(width))
    while left:
        queue = [_end_of(min(left, key=lambda qubit: (degree[qubit], qubit)), neighbours)]
        left.discard(queue[0])
        for qubit in queue:
            found = sorted(neighbours[qubit] & left, key=lambda other: (degree[other], other))
            queue.extend(found)
            left.difference_update(found)
        order.extend(queue)
    return order


def _end_of(start: int, neighbours: Sequence[set[int]]) -> int:
    """Return a qubit that is as far from `start` as any."""
    queue, seen = [start], {start}
    for qubit in queue:
        found = sorted(neighbours[qubit] - seen)
        queue.extend(found)
        seen.update(found)
    return queue[-1]


def bound_bonds(gates: Iterable[Gate], order: Sequence[int], most: int) -> Bonds:
    """Return how a state grows whose bonds are cut off at 2 to the power of `most`; never less than it does.

    Qubits that are not neighbours are swapped until they are, the right one to the left, as Aer does. A gate on two
    neighbours multiplies their bond by its rank, but no bond is more than twice as large as the next to it. In the
    end all qubits are brought back.

    Source: behaviour B253.
    """
    line = _Line(order, most)
    for gate in gates:
        if line.work > _HOPELESS:
            break
        line.join(gate)
    line.sort()
    return Bonds(line.widest, line.steps, line.work)


class _Line:
    """The qubits of a matrix product state while its gates are applied."""

    def __init__(self, order: Sequence[int], most: int) -> None:
        self._at = list(order)
        self._home = {qubit: position for position, qubit in enumerate(order)}
        self._place = dict(self._home)
        # Powers of two. The bond at n is that to the left of position n; there is none at either end.
        self._bonds = [0] * (len(order) + 1)
        self._most = most
        self.widest = self.steps = 0
        self.work = 0.0

    def join(self, gate: Gate) -> None:
        positions = sorted(self._place[qubit] for qubit in gate.qubits)
        first = positions[0]
        for offset, position in enumerate(positions):
            for right in range(position, first + offset, -1):
                self._swap(right)
        for _ in range(len(positions) // 2):
            for right in range(first + 1, first + len(positions)):
                self._decompose(right, 1 if gate.doubles else 2)

    def sort(self) -> None:
        for target, qubit in sorted((target, qubit) for qubit, target in self._home.items()):
            for right in range(self._place[qubit], target, -1):
                if self.work > _HOPELESS:
                    return
                self._swap(right)

    def _swap(self, right: int) -> None:
        at, place = self._at, self._place
        at[right - 1], at[right] = at[right], at[right - 1]
        place[at[right]], place[at[right - 1]] = right, right - 1
        self._decompose(right, 2)

    def _decompose(self, bond: int, growth: int) -> None:
        bonds = self._bonds
        left, right = bonds[bond - 1] + 1, bonds[bond + 1] + 1
        needed = min(bonds[bond] + growth, left, right)
        self.widest = max(self.widest, needed)
        bonds[bond] = min(needed, self._most)
        self.steps += 1
        self.work += 2.0 ** (left + right + min(left, right))
