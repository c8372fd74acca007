"""Branches of a simulation: shots that have seen the same and suffered the same errors share one state vector."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .expressions import Values


class TooManyBranchesError(Exception):
    """More branches than fit into the memory."""


class Branches(NamedTuple):
    """Some branches, one in each row."""

    states: NDArray[np.complex128]
    """Shape (branches, 2 to the number of qubits); qubit 0 is the lowest bit."""
    shots: NDArray[np.int64]
    """Shape (branches,): how many shots take each, at least one."""
    bits: NDArray[np.bool_]
    """Shape (branches, classical bits)."""
    variables: dict[Any, Values]
    """What each variable in scope holds, shape (branches,)."""


def start(width: int, num_bits: int, shots: int) -> Branches:
    """Return the one branch that all shots start in: everything is 0."""
    states = np.zeros((1, 1 << width), complex)
    states[0, 0] = 1
    return Branches(states, np.array([shots]), np.zeros((1, num_bits), bool), {})


def keep(branches: Branches, rows: NDArray[Any]) -> Branches:
    """Return some of the branches, by a mask or by their rows."""
    variables = {name: values[rows] for name, values in branches.variables.items()}
    return Branches(branches.states[rows], branches.shots[rows], branches.bits[rows], variables)


def join(parts: Sequence[Branches]) -> Branches:
    """Return all branches of some parts, at least one, with the same variables."""
    full = [part for part in parts if len(part.shots)] or parts[:1]
    if len(full) == 1:
        return full[0]
    variables = {name: np.concatenate([part.variables[name] for part in full]) for name in full[0].variables}
    states, shots, bits = (np.concatenate([part[field] for part in full]) for field in range(3))
    return Branches(states, shots, bits, variables)


def measure(branches: Branches, qubit: int, die: np.random.Generator) -> tuple[Branches, NDArray[np.bool_]]:
    """Project a qubit; return the branches and what was found in each."""
    halves = _halves(branches.states, qubit)
    weights = np.sum(np.abs(halves) ** 2, axis=(1, 3))
    chances = np.clip(weights[:, 1] / weights.sum(axis=1), 0, 1)
    parted, found, _ = _split(branches, die.binomial(branches.shots, chances))
    _halves(parted.states, qubit)[np.arange(len(found)), :, (~found).astype(int), :] = 0
    parted.states[:] /= np.linalg.norm(parted.states, axis=1, keepdims=True)
    return parted, found


def misread(
    branches: Branches, found: NDArray[np.bool_], errors: tuple[float, float], die: np.random.Generator
) -> tuple[Branches, NDArray[np.bool_]]:
    """Return the branches, and what is read in each, where a 0 and a 1 are misread so often."""
    if not any(errors):
        return branches, found
    parted, wrong, rows = _split(branches, die.binomial(branches.shots, np.where(found, errors[1], errors[0])))
    return parted, found[rows] ^ wrong


def strike(branches: Branches, qubits: Sequence[int], error: float, die: np.random.Generator, *, room: int) -> Branches:
    """Return the branches behind an operation that fails with the average infidelity `error`.

    It is followed by one of the 4ⁿ - 1 Paulis on its n qubits with the probability error·(2ⁿ + 1)/2ⁿ.

    Raises:
        TooManyBranchesError: There would be more than `room`.
    """
    size = 1 << len(qubits)
    leaving = die.binomial(branches.shots, min(1.0, error * (size + 1) / size))
    if not leaving.any():
        return branches
    if np.count_nonzero(branches.shots - leaving) + leaving.sum() > max(room, 1):
        raise TooManyBranchesError
    parted, struck, _ = _split(branches, leaving)
    # A shot that is struck goes alone: each draws a Pauli of its own.
    times = np.where(struck, parted.shots, 1)
    alone = np.repeat(struck, times)
    parted = keep(parted, np.repeat(np.arange(len(times)), times))
    paulis = np.where(alone, die.integers(1, size**2, len(alone)), 0)
    for position, qubit in enumerate(qubits):
        flips, signs = (paulis >> 2 * position & 1).astype(bool), (paulis >> 2 * position + 1 & 1).astype(bool)
        flip(parted.states, qubit, flips)
        _halves(parted.states, qubit)[signs, :, 1, :] *= -1
    return parted._replace(shots=np.where(alone, 1, parted.shots))


def flip(states: NDArray[np.complex128], qubit: int, rows: NDArray[np.bool_]) -> None:
    """Turn a qubit over in some of the branches, in place."""
    halves = _halves(states, qubit)
    halves[rows] = halves[rows][:, :, ::-1, :]


def apply(states: NDArray[np.complex128], matrix: NDArray[Any], qubits: Sequence[int]) -> NDArray[np.complex128]:
    """Return states behind a gate, whose first qubit is the lowest bit of its matrix."""
    parts, changed = _parts(states, qubits), np.zeros_like(states)
    # Most entries of most gates are 0, and a product with the whole matrix takes ten times as long.
    for row, part in enumerate(_parts(changed, qubits)):
        for column in np.flatnonzero(matrix[row]):
            part += parts[column] * matrix[row, column]
    return changed


def _parts(states: NDArray[np.complex128], qubits: Sequence[int]) -> list[NDArray[np.complex128]]:
    """Return views of contiguous states, one for each number that the qubits may spell."""
    width, size = states.shape[1].bit_length() - 1, len(qubits)
    axes = [width - qubit for qubit in reversed(qubits)]
    tensor = np.moveaxis(states.reshape((-1, *[2] * width)), axes, range(size))
    return [tensor[bits] for bits in np.ndindex(*[2] * size)]


def _halves(states: NDArray[np.complex128], qubit: int) -> NDArray[np.complex128]:
    """Return a view of contiguous states, in which the third axis is the qubit."""
    return states.reshape(len(states), -1, 2, 1 << qubit)


def _split(branches: Branches, leaving: NDArray[np.int64]) -> tuple[Branches, NDArray[np.bool_], NDArray[np.intp]]:
    """Let so many shots of each branch go a way of their own.

    Returns:
        The branches, all their arrays new; which of them are those that left; and from which row each came.
    """
    staying = branches.shots - leaving
    rows = np.concatenate((np.flatnonzero(staying), np.flatnonzero(leaving)))
    left = np.arange(len(rows)) >= np.count_nonzero(staying)
    return keep(branches, rows)._replace(shots=np.where(left, leaving[rows], staying[rows])), left, rows
