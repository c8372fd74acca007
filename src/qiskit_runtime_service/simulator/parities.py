"""Parities of bits, for many rows and many choices of bits at once."""

import numpy as np
from numpy.typing import NDArray


def find_parities(bits: NDArray[np.generic], chosen: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return whether the number of ones among the chosen bits is odd.

    Args:
        bits: Shape (rows, bits); each 0 or 1.
        chosen: Shape (bits, choices); 1 where a bit counts.

    Returns:
        Shape (rows, choices).
    """
    # Sums of so few ones are exact in a float, and floats are multiplied fast. A fast product also works on what lies
    # beside a matrix in a register of the processor, and what is found there may raise the flag of an invalid value.
    with np.errstate(invalid="ignore"):
        sums: NDArray[np.float32] = bits.astype(np.float32) @ chosen.astype(np.float32)
    odd: NDArray[np.bool_] = sums % 2 == 1
    return odd
