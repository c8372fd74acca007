"""Decisions about size: which PUBs travel together."""

from collections.abc import Sequence

from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, Problem


def split_by_size(sizes: Sequence[int], limit: int) -> Result[tuple[slice, ...], Problem]:
    """Return the fewest runs of neighbours that have no more than `limit` in all, as slices. Sizes in bytes.

    Fails with:
        BadArgument: One alone has more.

    Source: behaviour B167.
    """
    parts: list[slice] = []
    start, filled = 0, 0
    for index, size in enumerate(sizes):
        if size > limit:
            value = f"too small for PUB {index}, which has {size} bytes where {limit} are left"
            return Failure(BadArgument(name="max_payload", value=value, wanted="larger, or the PUB smaller"))
        if filled + size > limit:
            parts.append(slice(start, index))
            start, filled = index, 0
        filled += size
    return Success((*parts, slice(start, len(sizes))) if sizes else ())
