"""The door to the execution spans, where IBM's users look for them."""

from .._doors import open_doors
from ..bridge.execution_spans import (
    DoubleSliceSpan,
    ExecutionSpan,
    ExecutionSpans,
    ShapeType,
    SliceSpan,
    TwirledSliceSpan,
    TwirledSliceSpanV2,
)

__all__ = [
    "DoubleSliceSpan",
    "ExecutionSpan",
    "ExecutionSpans",
    "ShapeType",
    "SliceSpan",
    "TwirledSliceSpan",
    "TwirledSliceSpanV2",
]

open_doors(__name__)
