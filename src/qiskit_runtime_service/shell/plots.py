"""Pictures of backends and jobs, with matplotlib. Each function returns a figure and shows nothing."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from returns.result import Failure, Result, Success

from .._public import public
from ..bridge.target import in_seconds
from ..client.dates import read_date
from ..client.parallel import gather
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import read_items, read_number, read_object, read_text, show_value
from ..core.calibration import readout_errors, two_qubit_errors
from ..records.backend import Properties
from ..records.problem import BadArgument, WrongType
from ..wire.configuration import read_stamp
from .backend import IBMBackend
from .base_backend import BaseBackend
from .waiting import read_jobs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .job import RuntimeJobV2

PAIR = 2
MOST_JOBS = 60
"""A timeline with more rows cannot be read; the first are drawn."""


@public("visualization")
def plot_error_map(backend: "BaseBackend", figsize: tuple[float, float] = (15, 12)) -> "Figure":
    """Draw readout and gate errors on the map of a device, by its latest calibration.

    Args:
        backend: Of a service, or a snapshot.
        figsize: Width and height in inches.

    Source: Qiskit's `plot_error_map`.
    """
    from qiskit.visualization import plot_error_map as draw

    device = value_or_raise(read_object("backend", backend, BaseBackend, wanted="a backend"))
    wanted = "width and height in inches"
    sides = value_or_raise(read_items("figsize", figsize, wanted=wanted))
    size = [value_or_raise(read_number("figsize", side, above=0.0, unit=wanted)) for side in sides]
    if len(size) != PAIR:
        raise exception_of(BadArgument(name="figsize", value=show_value(figsize), wanted=wanted))
    figure: Figure = draw(device, figsize=tuple(size))
    return figure


@public("visualization")
def plot_gate_map(backend: "BaseBackend", **options: Any) -> "Figure":
    """Draw the map of a device: its qubits, and which of them are coupled.

    Args:
        backend: Of a service, or a snapshot.
        **options: Those of Qiskit's `plot_gate_map`, such as `qubit_color`.

    Source: Qiskit's `plot_gate_map`.
    """
    from qiskit.visualization import plot_gate_map as draw

    device = value_or_raise(read_object("backend", backend, BaseBackend, wanted="a backend"))
    figure: Figure = draw(device, **options)
    return figure


class Measure(NamedTuple):
    """Something that calibrations tell of all parts of a device."""

    label: str
    read: Callable[[Properties], Sequence[float]]
    """The values of all parts, in the unit of the label."""


@public("visualization")
def plot_calibration(backend: "IBMBackend", dates: Iterable[datetime], measure: str = "two_qubit_error") -> "Figure":
    """Draw how the calibration of a device went over time: the median, and the middle four fifths around it.

    Args:
        backend: Of a service. Each date costs one request; they are sent at once.
        dates: For each, the last calibration before it is drawn. A date without a zone is local time.
        measure: `two_qubit_error`, `readout_error`, `T1` or `T2`.

    Raises:
        IBMInputValueError: There is no such measure, or no calibration before any of the dates.
    """
    source = value_or_raise(read_object("backend", backend, IBMBackend, wanted="a backend of a service"))
    label, read = value_or_raise(read_measure("measure", measure))
    instants = [value_or_raise(read_date("dates", date)) for date in value_or_raise(read_items("dates", dates))]
    found = gather([partial(source.properties, datetime=date) for date in instants])
    dated = ((calibration.last_update_date, calibration) for calibration in found if calibration is not None)
    known = {date: calibration for date, calibration in dated if date is not None}
    drawn = [(date, values) for date in sorted(known) if (values := read(known[date].record))]
    if not drawn:
        raise exception_of(BadArgument(name="dates", value="these", wanted=f"after a calibration with {measure}"))
    low, middle, high = zip(*(_middle(values) for _, values in drawn), strict=True)
    figure, axes = _canvas(8, 4)
    shown = [date for date, _ in drawn]
    axes.fill_between(shown, low, high, alpha=0.2, linewidth=0)
    axes.plot(shown, middle, marker="o")
    axes.set_title(f"{source.name}: {measure}")
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    figure.autofmt_xdate()
    return figure


@public("visualization")
def plot_queue(history: "Iterable[tuple[datetime, Iterable[IBMBackend]]]") -> "Figure":
    """Draw how many jobs waited for each backend over time.

    Args:
        history: Pairs of an instant and the backends as they were listed then, such as
            `(datetime.now(), service.backends())` taken now and again.

    Raises:
        IBMInputValueError: There is nothing to draw.
    """
    lengths: dict[str, list[tuple[datetime, int]]] = {}
    for instant, backends in read_history("history", history):
        for backend in backends:
            if backend.row.queue_length is not None:
                lengths.setdefault(backend.name, []).append((instant, backend.row.queue_length))
    if not lengths:
        raise exception_of(BadArgument(name="history", value="empty", wanted="pairs of an instant and backends"))
    figure, axes = _canvas(8, 4)
    for name, points in sorted(lengths.items()):
        axes.plot(*zip(*sorted(points), strict=True), marker=".", label=name)
    axes.set_title("Queues")
    axes.set_ylabel("jobs that wait")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.autofmt_xdate()
    return figure


@public("visualization")
def plot_jobs(jobs: "Sequence[RuntimeJobV2]") -> "Figure":
    """Draw when jobs waited and when they ran, a line each, the first on top.

    A job that has not come to its end is drawn up to the last instant that is known of any, and one of which no
    instant is known not at all.

    Args:
        jobs: At most 60 are drawn. Each costs one request; they are sent at once.

    Raises:
        IBMInputValueError: There are none.
    """
    drawn = value_or_raise(read_jobs("jobs", jobs))[:MOST_JOBS]
    if not drawn:
        raise exception_of(BadArgument(name="jobs", value="empty", wanted="at least one job"))
    lives = [_life(metrics.get("timestamps")) for metrics in gather([job.metrics for job in drawn])]
    last = max((instant for life in lives for instant in life if instant is not None), default=None)
    figure, axes = _canvas(8, 1.5 + 0.3 * len(drawn))
    waits = [(life.created, life.running or life.finished or last) for life in lives]
    runs = [(life.running, life.finished or last) for life in lives]
    for label, colour, spans in (("waits", "0.75", waits), ("runs", "C0", runs)):
        for place, (start, stop) in enumerate(spans):
            if start is not None:
                axes.plot([start, stop], [place, place], color=colour, linewidth=8, solid_capstyle="butt")
        axes.plot([], [], color=colour, linewidth=8, label=label)
    axes.set_yticks(range(len(drawn)), [f"{job.job_id()}  {job.primitive_id}" for job in drawn])
    axes.set_ylim(len(drawn) - 0.5, -0.5)
    axes.set_title("Jobs")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.autofmt_xdate()
    return figure


def read_measure(name: str, value: Any) -> Result[Measure, BadArgument]:
    """Return what can be drawn of a calibration."""
    wanted = f"one of {', '.join(MEASURES)}"
    word = read_text(name, value, wanted=wanted)
    unknown: Result[Measure, BadArgument] = Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))
    return word.bind(lambda known: Success(MEASURES[known]) if known in MEASURES else unknown)


def read_history(name: str, value: Any) -> list[tuple[datetime, list[Any]]]:
    """Return pairs of an instant and the backends as they were listed then.

    Raises:
        IBMInputValueError: It is no list of them.
    """
    wanted = "pairs of an instant and backends of a service"
    read: list[tuple[datetime, list[Any]]] = []
    for pair in value_or_raise(read_items(name, value, wanted=wanted)):
        instant, backends = pair if isinstance(pair, tuple | list) and len(pair) == PAIR else (None, None)
        listed = read_items(name, backends).value_or([None])
        if not isinstance(instant, datetime) or not all(isinstance(backend, IBMBackend) for backend in listed):
            raise exception_of(WrongType(name=name, value=f"a list with {show_value(pair)}", wanted=wanted))
        read.append((instant, listed))
    return read


class Life(NamedTuple):
    """When a job was created, began to run and ended, as far as it is known."""

    created: datetime | None
    running: datetime | None
    finished: datetime | None


def _life(stamps: Any) -> Life:
    """Return what timestamps of metrics tell; what is none tells nothing."""
    told = stamps if isinstance(stamps, dict) else {}
    texts = (told.get(name) for name in Life._fields)
    return Life(*(read_stamp(text) if isinstance(text, str) else None for text in texts))


def _coherence_times(name: str) -> Callable[[Properties], list[float]]:
    """Return what reads the times called `name` of all qubits, in microseconds."""

    def read(properties: Properties) -> list[float]:
        found = (in_seconds(item) for items in properties.qubits for item in items if item.name == name)
        return [seconds * 1e6 for seconds in found if seconds is not None]

    return read


MEASURES = {
    "two_qubit_error": Measure("error of a pair, by its best gate", two_qubit_errors),
    "readout_error": Measure("readout error of a qubit", readout_errors),
    "T1": Measure("T1 of a qubit, µs", _coherence_times("T1")),
    "T2": Measure("T2 of a qubit, µs", _coherence_times("T2")),
}
"""What `plot_calibration` can draw."""


def _middle(values: Sequence[float]) -> tuple[float, float, float]:
    """Return what a tenth of the values lies below, the median, and what a tenth lies above."""
    tenths = quantiles(values, n=10, method="inclusive") if len(values) > 1 else [*values] * 9
    return tenths[0], tenths[4], tenths[8]


def _canvas(width: float, height: float) -> "tuple[Figure, Any]":
    """Return a figure of its own, in inches, and its axes, whose types know no dates.

    Nothing of matplotlib's global state is touched.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()
