"""Decisions about size: which PUBs travel together."""

from collections.abc import Callable
from typing import NamedTuple

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, Problem


class Part(NamedTuple):
    """PUBs that travel together."""

    pubs: slice
    """Which of all they are."""
    body: bytes
    """What is sent of them."""


def split_by_size(count: int, encode: Callable[[slice], bytes], limit: int) -> Result[tuple[Part, ...], Problem]:
    """Return PUBs as they are sent, in the fewest bodies of neighbours that have no more than `limit` bytes each.

    What is returned was measured as it is: PUBs may share something of a body, or bring something along. Each body is
    encoded a few times, about twice log2 of the PUBs in it.

    Args:
        count: How many PUBs there are.
        encode: Returns the body of some of them, which are at least one. More PUBs make it longer.
        limit: Of bytes.

    Fails with:
        BadArgument: The body of one alone has more.

    Source: behaviour B167, B407.
    """
    parts: list[Part] = []
    start, length = 0, count
    while start < count:
        longest = _longest(start, min(count, start + length), count, encode, limit)
        if not is_successful(longest):
            return Failure(longest.failure())
        stop, body = longest.unwrap()
        parts.append(Part(slice(start, stop), body))
        start, length = stop, stop - start
    return Success(tuple(parts))


def _longest(
    start: int, first: int, count: int, encode: Callable[[slice], bytes], limit: int
) -> Result[tuple[int, bytes], Problem]:
    """Return how far the longest body from `start` on goes, and that body. The first that is tried ends at `first`."""
    fits, too_long, stop, step = start, count + 1, first, 1
    longest = b""
    while fits + 1 < too_long:
        body = encode(slice(start, stop))
        if len(body) <= limit:
            fits, longest = stop, body
        elif stop == start + 1:
            value = f"too small for PUB {start}, whose job alone has {len(body)} bytes where {limit} are allowed"
            return Failure(BadArgument(name="max_payload", value=value, wanted="larger, or the PUB smaller"))
        else:
            too_long = stop
        # Neighbours are often alike: the next body is as long as the last, or a little longer.
        stop = (fits + too_long) // 2 if too_long <= count else min(count, fits + step)
        step *= 2
    return Success((fits, longest))
