"""When which part of a result was measured: the execution spans of a sampler job."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from .._public import public

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ShapeType = tuple[int, ...]


@public("execution_span")
class ExecutionSpan(ABC):
    """A stretch of time and the data that was measured in it. Spans sort by start and stop.

    Args:
        start: When it began, in UTC.
        stop: When it ended, in UTC.
        data_slices: From the index of a pub to its slice, whose first item is the shape of the data.
            What follows the shape is said by each class.

    Source: behaviour B176.
    """

    def __init__(self, start: datetime, stop: datetime, data_slices: Mapping[int, tuple[Any, ...]]) -> None:
        self._start = start
        self._stop = stop
        self._data_slices = dict(data_slices)

    @property
    def start(self) -> datetime:
        """When it began, in UTC."""
        return self._start

    @property
    def stop(self) -> datetime:
        """When it ended, in UTC."""
        return self._stop

    @property
    def duration(self) -> float:
        """Seconds from start to stop."""
        return (self._stop - self._start).total_seconds()

    @property
    def data_slices(self) -> dict[int, tuple[Any, ...]]:
        """From the index of a pub to its slice; a copy."""
        return dict(self._data_slices)

    @property
    def pub_idxs(self) -> list[int]:
        """The indices of the pubs that have data here, in order."""
        return sorted(self._data_slices)

    @property
    def size(self) -> int:
        """How many results were measured here, over all pubs; for a sampler, shots."""
        return sum(self._size_of(*data_slice) for data_slice in self._data_slices.values())

    def contains_pub(self, pub_idx: int | Iterable[int]) -> bool:
        """Whether the pub of that index, or one of several, has data here."""
        return not self._data_slices.keys().isdisjoint(_indices(pub_idx))

    def filter_by_pub(self, pub_idx: int | Iterable[int]) -> Self:
        """Return a span of the same time with the data of only these pubs."""
        wanted = _indices(pub_idx)
        kept = {pub: data_slice for pub, data_slice in self._data_slices.items() if pub in wanted}
        return type(self)(self._start, self._stop, kept)

    def mask(self, pub_idx: int) -> NDArray[np.bool_]:
        """Return which results of a pub were measured here.

        Returns:
            The shape of the data of the pub, shots last; `True` where measured.

        Raises:
            KeyError: The pub has no data here.
        """
        if pub_idx not in self._data_slices:
            raise KeyError(f"Pub {pub_idx} is not included in the span.")
        return self._mask_of(*self._data_slices[pub_idx])

    @abstractmethod
    def _mask_of(self, *data_slice: Any) -> NDArray[np.bool_]: ...

    def _size_of(self, *data_slice: Any) -> int:
        return int(np.count_nonzero(self._mask_of(*data_slice)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ExecutionSpan)
            and type(self) is type(other)
            and (self._start, self._stop, self._data_slices) == (other._start, other._stop, other._data_slices)
        )

    def __lt__(self, other: "ExecutionSpan") -> bool:
        return (self._start, self._stop) < (other._start, other._stop)

    def __repr__(self) -> str:
        times = f"start='{self._start:%Y-%m-%d %H:%M:%S}', stop='{self._stop:%Y-%m-%d %H:%M:%S}'"
        return f"{type(self).__name__}(<{times}, size={self.size}>)"


@public("execution_span")
class SliceSpan(ExecutionSpan):
    """Data of a pub that lies together: a slice is `(shape, slice of the flattened data)`."""

    def _mask_of(self, shape: ShapeType, flat: slice) -> NDArray[np.bool_]:
        return _marked((math.prod(shape),), flat).reshape(shape)


@public("execution_span")
class DoubleSliceSpan(ExecutionSpan):
    """Some shots of some bindings: a slice is `(shape, slice of the flattened bindings, slice of the shots)`."""

    def _mask_of(self, shape: ShapeType, bindings: slice, shots: slice) -> NDArray[np.bool_]:
        return _marked((math.prod(shape[:-1]), shape[-1]), bindings, shots).reshape(shape)


@public("execution_span")
class TwirledSliceSpan(ExecutionSpan):
    """Some shots of some randomisations.

    A slice is `(shape, at_front, slice of all but the shots, slice of the shots)`. The last axis of the shape
    counts the shots of a randomisation; the randomisations are its first axis if `at_front`, else the last but
    one. In the data of the pub these two are one axis, the last.
    """

    def _mask_of(self, shape: ShapeType, at_front: bool, flat: slice, shots: slice, *_: int) -> NDArray[np.bool_]:
        mask = _marked((math.prod(shape[:-1]), shape[-1]), flat, shots).reshape(shape)
        if at_front:
            mask = np.moveaxis(mask, 0, -2)
        return mask.reshape(*mask.shape[:-2], math.prod(mask.shape[-2:]))


@public("execution_span")
class TwirledSliceSpanV2(TwirledSliceSpan):
    """As `TwirledSliceSpan`; a slice ends with the number of shots that the pub asked for."""

    def _mask_of(
        self, shape: ShapeType, at_front: bool, flat: slice, shots: slice, *pub_shots: int
    ) -> NDArray[np.bool_]:
        (wanted,) = pub_shots
        return super()._mask_of(shape, at_front, flat, shots)[..., :wanted]


@public("execution_span")
class ExecutionSpans:
    """The spans of a job, as a list. Stretches may overlap.

    Args:
        spans: In any order; `sort` orders them by time.

    Source: behaviour B176.
    """

    def __init__(self, spans: Iterable[ExecutionSpan]) -> None:
        self._spans = list(spans)

    @property
    def start(self) -> datetime:
        """When the first span began, in UTC."""
        return min(span.start for span in self._spans)

    @property
    def stop(self) -> datetime:
        """When the last span ended, in UTC."""
        return max(span.stop for span in self._spans)

    @property
    def duration(self) -> float:
        """Seconds from the first start to the last stop."""
        return (self.stop - self.start).total_seconds()

    @property
    def pub_idxs(self) -> list[int]:
        """The indices of the pubs that have data in any span, in order."""
        return sorted({index for span in self._spans for index in span.pub_idxs})

    def filter_by_pub(self, pub_idx: int | Iterable[int]) -> "ExecutionSpans":
        """Return as many spans, each with the data of only these pubs."""
        wanted = _indices(pub_idx)
        return ExecutionSpans(span.filter_by_pub(wanted) for span in self._spans)

    def sort(self, inplace: bool = True) -> "ExecutionSpans":
        """Return the spans in order of start and stop: these themselves, or with `inplace=False` a copy."""
        ordered = self if inplace else ExecutionSpans(self._spans)
        ordered._spans.sort()
        return ordered

    def draw(self, name: str | None = None, normalize_y: bool = False, line_width: float = 4) -> "Figure":
        """Draw when the spans were measured; `visualization.draw_execution_spans` draws those of several jobs.

        Args:
            name: What they are called.
            normalize_y: Whether the height is the part of all shots, from 0 to 1, and not their number.
            line_width: Of a line, in pixels.

        Raises:
            ValueError: An argument cannot be meant.
            ImportError: Plotly is not installed.
        """
        from .span_figures import draw_execution_spans

        return draw_execution_spans(self, names=name, normalize_y=normalize_y, line_width=line_width)

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[ExecutionSpan]:
        return iter(self._spans)

    @overload
    def __getitem__(self, idxs: SupportsIndex) -> ExecutionSpan: ...
    @overload
    def __getitem__(self, idxs: slice | Iterable[SupportsIndex]) -> "ExecutionSpans": ...
    def __getitem__(self, idxs: SupportsIndex | slice | Iterable[SupportsIndex]) -> "ExecutionSpan | ExecutionSpans":
        if isinstance(idxs, slice):
            return ExecutionSpans(self._spans[idxs])
        # An array is not asked whether it is an index: one of a single item says that it is.
        if isinstance(idxs, Iterable):
            return ExecutionSpans(self._spans[index] for index in idxs)
        return self._spans[idxs]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExecutionSpans) and self._spans == other._spans

    def __repr__(self) -> str:
        return f"ExecutionSpans({self._spans!r})"


def _indices(pub_idx: int | Iterable[int]) -> set[int]:
    return {pub_idx} if isinstance(pub_idx, int) else set(pub_idx)


def _marked(shape: ShapeType, *where: slice) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[where] = True
    return mask
