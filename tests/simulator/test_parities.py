"""Parities: whether the number of ones among chosen bits is odd."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.simulator.parities import find_parities


@given(st.integers(0, 6), st.integers(0, 70), st.integers(0, 5), st.randoms(use_true_random=False))
def test_parities_are_those_of_the_ones_that_are_counted_one_by_one(
    rows: int, width: int, choices: int, dice: Random
) -> None:
    bits = [[dice.random() < 0.5 for _ in range(width)] for _ in range(rows)]
    chosen = [[dice.random() < 0.5 for _ in range(width)] for _ in range(choices)]
    odd = find_parities(np.array(bits, bool).reshape(rows, width), np.array(chosen, bool).reshape(choices, width).T)
    assert odd.shape == (rows, choices)
    for row in range(rows):
        for choice in range(choices):
            ones = sum(1 for bit, counts in zip(bits[row], chosen[choice], strict=True) if bit and counts)
            assert odd[row, choice] == (ones in range(1, 71, 2))


def test_it_does_not_matter_what_numbers_stand_for_bits() -> None:
    bits = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 0]])
    for kind in (np.bool_, np.uint8, np.int64, np.float32):
        odd = find_parities(bits.astype(kind), np.array([[1, 1], [1, 0], [1, 0]], kind))
        assert odd.tolist() == [[False, True], [True, True], [False, False]]
