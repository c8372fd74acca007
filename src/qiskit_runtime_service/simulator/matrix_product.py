"""Matrix product states: their shots are drawn by us, all at once, because Aer takes far longer to draw them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Site = tuple[NDArray[np.complex128], NDArray[np.complex128]]
"""A matrix of shape (left bond, right bond) for a qubit that is 0, and one for a qubit that is 1."""

SHOTS_AT_ONCE = 4096


def sample_matrix_product(
    sites: Sequence[Site], bonds: Sequence[NDArray[np.float64]], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Return shots of all qubits, shape (shots, qubits).

    Args:
        sites: One for each qubit.
        bonds: The Schmidt coefficients between each qubit and the next.
        shots: At least 1.
        die: What the shots are drawn with.
    """
    drawn = [_sample(sites, bonds, min(SHOTS_AT_ONCE, shots - start), die) for start in range(0, shots, SHOTS_AT_ONCE)]
    return np.concatenate(drawn)


def _sample(
    sites: Sequence[Site], bonds: Sequence[NDArray[np.float64]], shots: int, die: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw one qubit after the other, each given those before it."""
    outcomes = np.empty((shots, len(sites)), bool)
    given = np.ones((shots, 1), complex)
    for qubit, site in enumerate(sites):
        # With the coefficients to the right in them, the matrices of all qubits that follow add up to the identity.
        zero, one = (given @ (matrix * bonds[qubit] if qubit < len(bonds) else matrix) for matrix in site)
        chances = np.stack([np.square(state.view(float)).sum(axis=1) for state in (zero, one)])
        outcome = die.random(shots) * chances.sum(axis=0) >= chances[0]
        outcomes[:, qubit] = outcome
        given = np.where(outcome[:, None], one, zero) / np.sqrt(np.where(outcome, chances[1], chances[0]))[:, None]
    return outcomes
