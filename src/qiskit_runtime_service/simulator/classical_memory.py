"""The classical memory of branches: bits, registers and variables, as the blocks of a circuit name them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types

from .branches import Branches, keep
from .expressions import UndefinedValueError, Values, evaluate, whole_numbers


class Scope(NamedTuple):
    """What the bits of a block are in the whole circuit."""

    qubits: Sequence[int]
    clbits: Mapping[Clbit, int]

    def inside(self, body: QuantumCircuit, step: CircuitInstruction, place: Mapping[Any, int]) -> "Scope":
        """Return the scope of the body of an instruction."""
        own = {inner: self.clbits[outer] for inner, outer in zip(body.clbits, step.clbits, strict=True)}
        return Scope([self.qubits[place[qubit]] for qubit in step.qubits], {**self.clbits, **own})


class View:
    """What the branches remember, as the expressions in a block name it."""

    def __init__(self, branches: Branches, scope: Scope, dt: float) -> None:
        self.branches, self.scope, self.dt = branches, scope, dt

    @property
    def size(self) -> int:
        """How many branches there are."""
        return len(self.branches.shots)

    def read(self, variable: expr.Var) -> Values:
        """Return what a variable, a bit or a register holds in each branch."""
        match variable.var:
            case Clbit() as bit:
                return self.branches.bits[:, self.scope.clbits[bit]]
            case ClassicalRegister() as register:
                places = [self.scope.clbits[bit] for bit in register]
                packed = np.packbits(self.branches.bits[:, places], axis=1, bitorder="little")
                return whole_numbers(int.from_bytes(row.tobytes(), "little") for row in packed)
            case _:
                return self.branches.variables[variable]

    def keep(self, chosen: NDArray[np.bool_], /) -> "View":
        """Return the memory of some of the branches."""
        return View(keep(self.branches, chosen), self.scope, self.dt)


def write(view: View, place: expr.Expr, values: Values) -> Branches:
    """Return the branches with `values` in a variable, a bit, a register, or one bit of these."""
    branches = view.branches
    if isinstance(place, expr.Index):
        held = evaluate(place.target, view)
        indices = evaluate(place.index, view)
        width = place.target.type.width
        if beyond := [index for index in indices if index >= width]:
            raise UndefinedValueError(f"index {beyond[0]} is beyond {width} bits")
        masks = whole_numbers(1 << index for index in indices)
        return write(view, place.target, np.where(values, held | masks, held & ~masks))
    match place.var:
        case Clbit() as bit:
            columns, written = [view.scope.clbits[bit]], np.asarray(values, bool)[:, None]
        case ClassicalRegister() as register:
            columns = [view.scope.clbits[bit] for bit in register]
            rows = [[value >> shift & 1 for shift in range(len(columns))] for value in values]
            written = np.array(rows, bool).reshape(len(values), len(columns))
        case _:
            kept = np.asarray(values, bool) if isinstance(place.type, types.Bool) else values
            return branches._replace(variables={**branches.variables, place: kept})
    bits = branches.bits.copy()
    bits[:, columns] = written
    return branches._replace(bits=bits)
