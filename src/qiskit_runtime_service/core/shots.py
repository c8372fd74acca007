"""Decisions about shots: how many a precision takes, and how many are too many."""

import math
from collections.abc import Sequence

from .._shown import write_out
from ..records.problem import BadArgument

_ROUNDING = 1 - 1e-12
"""What a precision that was made from shots may lose on its way back."""
_FINEST = 1e-18
"""Of a precision that is finer, the square may be 0, and no backend takes its shots."""


def shots_for(precision: float) -> int:
    """Return how many shots a standard error takes, for an observable whose values are 1 and -1.

    Source: behaviour B186, B354.
    """
    return max(1, math.ceil(_ROUNDING / min(max(precision, _FINEST), 1.0) ** 2))


def check_shots(shots: Sequence[int], most: int | None, backend: str) -> BadArgument | None:
    """Return which PUB asks for more shots than a backend takes, if any.

    Args:
        shots: Of each PUB.
        most: What the backend takes for one; `None` where it does not tell.
        backend: Its name.

    Source: behaviour B265.
    """
    if most is None:
        return None
    for index, number in enumerate(shots):
        if number > most:
            wanted = (
                f"at most {most}, the limit of {backend}; a precision p takes 1/p² shots; spread them over several PUBs"
            )
            return BadArgument(
                name=f"the number of shots of pubs[{index}]", value=write_out(number, str), wanted=wanted
            )
    return None
