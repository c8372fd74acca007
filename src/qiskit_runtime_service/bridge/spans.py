"""When which part of a result was measured: the execution spans of a sampler job."""

from datetime import datetime
from typing import Any

import msgspec


class ExecutionSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time and the data that was measured in it.

    A slice is `(shape, start, stop)` over the flattened data of one pub, shots included.
    """

    start: datetime
    stop: datetime
    data_slices: dict[int, tuple[Any, ...]]
    """From the index of a pub to its slice, whose first item is the shape of the data."""


class DoubleSliceSpan(ExecutionSpan, frozen=True, kw_only=True):
    """A slice is `(shape, first binding, last + 1, first shot, last + 1)`; shots are the last axis."""


class TwirledSliceSpan(ExecutionSpan, frozen=True, kw_only=True):
    """A slice is `(shape, randomisations in front, first, last + 1, first shot, last + 1)`."""


class TwirledSliceSpanV2(ExecutionSpan, frozen=True, kw_only=True):
    """A slice is that of `TwirledSliceSpan` and the number of shots that the pub asked for."""


class ExecutionSpans(msgspec.Struct, frozen=True):
    """All spans of a job, in the order of the server."""

    spans: tuple[ExecutionSpan, ...]


SLICE_LENGTHS: dict[type[ExecutionSpan], int] = {
    ExecutionSpan: 3,
    DoubleSliceSpan: 5,
    TwirledSliceSpan: 6,
    TwirledSliceSpanV2: 7,
}
"""How many items a slice has in each kind of span."""
