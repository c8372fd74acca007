"""Decisions about twirled runs: how many randomizations there are, and how many shots each takes."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from returns.result import Failure, Result, Success

from ..records.problem import BadArgument

Auto = Literal["auto"]

FEWEST_SHOTS = 64
"""That a randomization takes where nothing is said."""
MOST_RANDOMIZATIONS = 32
"""That there are where nothing is said: with more shots, each takes more."""


class Spread(NamedTuple):
    """Shots spread over randomizations. All take the same number."""

    randomizations: int
    shots: int
    """Of each randomization."""


def spread_shots(shots: int, randomizations: int | Auto, shots_per_randomization: int | Auto) -> Spread:
    """Return how `shots` are spread, at least as many as asked for.

    What is `auto` follows the other. If both are said, they count and `shots` does not.

    Source: behaviour B372.
    """
    if randomizations != "auto" and shots_per_randomization != "auto":
        return Spread(randomizations, shots_per_randomization)
    if randomizations != "auto":
        return Spread(randomizations, math.ceil(shots / randomizations))
    each = shots_of_each(shots) if shots_per_randomization == "auto" else shots_per_randomization
    return Spread(math.ceil(shots / each), each)


def shots_of_each(shots: int) -> int:
    """Return how many shots a randomization takes where nothing is said.

    Source: behaviour B372.
    """
    return max(FEWEST_SHOTS, math.ceil(shots / MOST_RANDOMIZATIONS))


def agree_on_shots(asked: Sequence[int | None], default: int | None) -> Result[int, BadArgument]:
    """Return the shots of all PUBs of a job: there is one number for all of them.

    Args:
        asked: What each PUB asks for, at least one; `None` for the default.
        default: What the options say.

    Fails with:
        BadArgument: A PUB has none, or another number than those before it.

    Source: behaviour B373.
    """
    shots = [default if number is None else number for number in asked]
    if None in shots:
        wanted = "given by the PUB, by run(shots=...) or by options.default_shots"
        return Failure(BadArgument(name=f"shots of pubs[{shots.index(None)}]", value="None", wanted=wanted))
    first = shots[0]
    for index, number in enumerate(shots):
        if number != first:
            wanted = f"{first}, as for pubs[0]: one job has one number of shots; submit a job for each"
            return Failure(BadArgument(name=f"shots of pubs[{index}]", value=str(number), wanted=wanted))
    assert first is not None  # noqa: S101  # None is not in it
    return Success(first)
