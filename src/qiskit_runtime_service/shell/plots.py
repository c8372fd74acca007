"""Pictures of backends and jobs, with matplotlib: what is read and asked for them. Notebooks show each."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from returns.result import Failure, Result, Success

from .._public import public
from ..bridge.places import lay_out
from ..bridge.target import in_seconds
from ..client.dates import read_date
from ..client.parallel import gather
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import (
    as_python,
    if_given,
    read_flag,
    read_items,
    read_number,
    read_object,
    read_path,
    read_text,
    show_value,
)
from ..core.calibration import (
    best_gates,
    find_faulty,
    median_readout_error,
    median_two_qubit_error,
    read_errors,
    readout_errors,
    two_qubit_errors,
)
from ..records.backend import Properties
from ..records.problem import BadArgument, WrongType
from ..wire.configuration import read_stamp
from .backend import IBMBackend
from .base_backend import BaseBackend
from .waiting import read_jobs

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..bridge.device_maps import Errors, Lattice
    from ..bridge.timelines import Life
    from .job import RuntimeJobV2

PAIR = 2
MOST_JOBS = 200
"""A timeline with more rows cannot be read; the first are drawn."""
SHORTEST, LONGEST = 0.5, 200.0
"""Sides of a figure, in inches."""
MOST_POINTS = 1000.0
MOST_LETTERS = 40
"""Of a label."""
LARGE = 1e6
"""Coordinates are less."""


@public("visualization")
def plot_error_map(
    backend: "BaseBackend",
    figsize: tuple[float, float] | None = None,
    show_title: bool = True,
    qubit_coordinates: Sequence[tuple[float, float]] | None = None,
) -> "Figure":
    """Draw the errors of readout and of the gate of two qubits on the map of a device, by its latest calibration.

    What is faulty or was never calibrated is crossed out or dashed, and has no part in the scales. The gate has its
    name, and the title has the medians.

    Args:
        backend: Of a service, or a snapshot.
        figsize: Width and height in inches; `None` for what the device needs.
        show_title: Whether name, medians and date stand above.
        qubit_coordinates: Row, from the top, and column of each qubit; `None` for where it is.

    Raises:
        IBMInputValueError: An argument cannot be meant.
        ImportError: Matplotlib is not installed.

    Source: behaviour B578, B579.
    """
    _require_matplotlib()
    from ..bridge.device_maps import draw_errors

    titled = value_or_raise(read_flag("show_title", show_title))
    device, size, lattice = _read_map(backend, figsize, qubit_coordinates)
    _, properties = device.descriptions()
    return draw_errors(device.name, lattice, _errors_of(properties), size, show_title=titled)


@public("visualization")
def plot_gate_map(
    backend: "BaseBackend",
    figsize: tuple[float, float] | None = None,
    plot_directed: bool = False,
    label_qubits: bool = True,
    qubit_size: float | None = None,
    line_width: float | None = None,
    font_size: float | None = None,
    qubit_color: Sequence[str] | None = None,
    qubit_labels: Sequence[str] | None = None,
    line_color: Sequence[str] | None = None,
    font_color: str | None = None,
    ax: "Axes | None" = None,
    filename: "str | PathLike[str] | None" = None,
    qubit_coordinates: Sequence[tuple[float, float]] | None = None,
) -> "Figure":
    """Draw the map of a device: its qubits, and which of them are coupled.

    Args:
        backend: Of a service, or a snapshot.
        figsize: Width and height in inches; `None` for what the device needs.
        plot_directed: Whether couplings have arrows, in the directions that the device has.
        label_qubits: Whether qubits have labels.
        qubit_size: Diameter of a qubit in points; `None` for what fits.
        line_width: Of a coupling in points; `None` for what fits.
        font_size: Of a label in points; `None` for what fits.
        qubit_color: A colour for each qubit.
        qubit_labels: A label for each qubit; `None` for its number.
        line_color: A colour for each pair, in the order of `backend.coupling_map`.
        font_color: Of all labels; `None` for black or white, whichever can be read.
        ax: Where to draw, in place of a figure of its own.
        filename: Where to save it too, in the format that the name ends in.
        qubit_coordinates: Row, from the top, and column of each qubit; `None` for where it is.

    Returns:
        The figure; that of `ax` where it is given.

    Raises:
        IBMInputValueError: An argument cannot be meant.
        ImportError: Matplotlib is not installed.
        OSError: The file cannot be written.

    Source: Qiskit's `plot_gate_map`; behaviour B578.
    """
    _require_matplotlib()
    from matplotlib.axes import Axes

    from ..bridge.device_maps import BLUE, Look, draw_gates

    directed = value_or_raise(read_flag("plot_directed", plot_directed))
    labelled = value_or_raise(read_flag("label_qubits", label_qubits))
    given = {"qubit_size": qubit_size, "line_width": line_width, "font_size": font_size}
    sizes = {name: value_or_raise(if_given(_read_points)(name, value)) for name, value in given.items()}
    axes = value_or_raise(if_given(partial(read_object, kind=Axes, wanted="axes of matplotlib"))("ax", ax))
    path = value_or_raise(if_given(_read_picture_file)("filename", filename))
    (letters,) = _read_colours("font_color", None if font_color is None else [font_color], 1) or [None]
    device, size, lattice = _read_map(backend, figsize, qubit_coordinates)
    count = len(lattice.places)
    coupled = [(one, other) for one, other in device.configuration().coupling_map or ()]
    colours = _read_colours("qubit_color", qubit_color, count)
    painted = _read_colours("line_color", line_color, len(coupled))
    labels = [str(qubit) for qubit in range(count)]
    if qubit_labels is not None:
        labels = [str(label) for label in _read_each("qubit_labels", qubit_labels, count, "labels", _is_label)]
    by_pair: dict[tuple[int, int], Any] = {}
    for (one, other), colour in zip(coupled, painted or [BLUE] * len(coupled), strict=True):
        by_pair.setdefault((min(one, other), max(one, other)), colour)
    look = Look(
        qubits=colours or [BLUE] * count,
        lines=[by_pair[pair] for pair in lattice.pairs],
        labels=labels if labelled else [""] * count,
        letters=letters,
        diameter=sizes["qubit_size"],
        width=sizes["line_width"],
        font=sizes["font_size"],
        arrows=[pair for pair in coupled if directed and pair[0] != pair[1]],
    )
    figure = draw_gates(lattice, look, size, axes)
    if path is not None:
        figure.savefig(path)
    return figure


def _read_map(
    backend: Any, figsize: Any, coordinates: Any
) -> "tuple[BaseBackend, tuple[float, float] | None, Lattice]":
    """Return what a map is of, its size in inches, and where everything is."""
    from ..bridge.device_maps import Lattice

    device: BaseBackend = value_or_raise(read_object("backend", backend, BaseBackend, wanted="a backend"))
    size = value_or_raise(if_given(_read_size)("figsize", figsize))
    configuration = device.configuration()
    pairs = sorted({(min(pair), max(pair)) for pair in configuration.coupling_map or () if pair[0] != pair[1]})
    count = configuration.n_qubits
    if coordinates is None:
        return device, size, Lattice(lay_out(count, pairs, getattr(configuration, "coords", None)), pairs)
    rows = _read_each("qubit_coordinates", coordinates, count, "pairs, row and column", _is_spot)
    return device, size, Lattice([(float(row), float(column)) for row, column in map(as_python, rows)], pairs)


def _read_size(name: str, value: Any) -> Result[tuple[float, float], BadArgument]:
    wanted = "width and height in inches, each from 0.5 to 200"
    sides = read_items(name, value, wanted=wanted).value_or([])
    numbers = [number for side in sides if (number := read_number(name, side).value_or(None)) is not None]
    if len(sides) == len(numbers) == PAIR and all(SHORTEST <= number <= LONGEST for number in numbers):
        return Success((numbers[0], numbers[1]))
    return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def _read_points(name: str, value: Any) -> Result[float, BadArgument]:
    wanted = "points, above 0 and at most 1,000"
    number = read_number(name, value, above=0.0, unit="points")
    if number.value_or(0.0) <= MOST_POINTS:
        return number
    return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def _read_each(name: str, value: Any, count: int, noun: str, fits: Callable[[Any], bool]) -> list[Any]:
    wanted = f"a list of {count} {noun}, one for each"
    items = value_or_raise(read_items(name, value, wanted=wanted))
    if len(items) != count or not all(map(fits, items)):
        raise exception_of(BadArgument(name=name, value=show_value(value), wanted=wanted))
    return items


def _read_colours(name: str, value: Any, count: int) -> list[Any]:
    from matplotlib.colors import is_color_like

    if value is None:
        return []
    return _read_each(
        name, value, count, "colours of matplotlib", lambda one: isinstance(one, str) and is_color_like(one)
    )


def _is_label(value: Any) -> bool:
    return (
        isinstance(as_python(value), str | int)
        and len(show_value(value)) < MOST_LETTERS
        and show_value(value).isprintable()
    )


def _is_spot(value: Any) -> bool:
    numbers = read_items("", value).value_or([])
    return len(numbers) == PAIR and all(abs(read_number("", one).value_or(LARGE)) < LARGE for one in numbers)


def _read_picture_file(name: str, value: Any) -> Result[str, BadArgument]:
    from matplotlib.backend_bases import FigureCanvasBase

    formats = FigureCanvasBase.get_supported_filetypes()
    wanted = f"the path of a file, ending in one of {', '.join(sorted(formats))}"
    path = read_path(name, value, wanted=wanted)
    fits = path.map(lambda text: text.rpartition(".")[2].lower() in formats).value_or(True)
    return path if fits else Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def _errors_of(properties: Properties | None) -> "Errors":
    """Return what a map shows of a calibration: nothing of what is faulty, or errs always."""
    from ..bridge.device_maps import Errors

    if properties is None:
        return Errors({}, {}, "gate", {}, None)
    faulty = find_faulty(properties)
    best = best_gates(properties)
    named = " or ".join(sorted({gate for (gate, _), _ in best.values()})) or "gate"
    medians = {"readout": median_readout_error(properties), named: median_two_qubit_error(properties)}
    return Errors(
        readout={
            qubit: error
            for qubit, error in read_errors(properties).readout.items()
            if error < 1 and qubit not in faulty.qubits
        },
        pairs={
            (min(pair), max(pair)): error
            for pair, (place, error) in best.items()
            if place not in faulty.gates and faulty.qubits.isdisjoint(pair)
        },
        gate=named,
        medians={what: error for what, error in medians.items() if error is not None},
        calibrated=properties.last_update_date,
    )


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
    _require_matplotlib()
    from ..bridge.timelines import Spread, draw_spreads

    source = value_or_raise(read_object("backend", backend, IBMBackend, wanted="a backend of a service"))
    label, read = value_or_raise(read_measure("measure", measure))
    instants = [value_or_raise(read_date("dates", date)) for date in value_or_raise(read_items("dates", dates))]
    found = gather([partial(source.properties, datetime=date) for date in instants])
    dated = ((calibration.last_update_date, calibration) for calibration in found if calibration is not None)
    known = {date: calibration for date, calibration in dated if date is not None}
    drawn = [(date, values) for date in sorted(known) if (values := read(known[date].record))]
    if not drawn:
        raise exception_of(BadArgument(name="dates", value="these", wanted=f"after a calibration with {measure}"))
    return draw_spreads(f"{source.name}: {measure}", label, [Spread(date, *_middle(values)) for date, values in drawn])


@public("visualization")
def plot_queue(history: "Iterable[tuple[datetime, Iterable[IBMBackend]]]") -> "Figure":
    """Draw how many jobs waited for each backend over time.

    Args:
        history: Pairs of an instant and the backends as they were listed then, such as
            `(datetime.now(), service.backends())` taken now and again.

    Raises:
        IBMInputValueError: There is nothing to draw.
    """
    _require_matplotlib()
    from ..bridge.timelines import draw_queues

    lengths: dict[str, dict[datetime, int]] = {}
    listings = read_history("history", history)
    for instant, backends in listings:
        for backend in backends:
            if backend.row.queue_length is not None:
                lengths.setdefault(backend.name, {})[instant] = backend.row.queue_length
    if not lengths:
        raise exception_of(BadArgument(name="history", value="empty", wanted="pairs of an instant and backends"))
    return draw_queues(sorted({instant for instant, _ in listings}), lengths)


@public("visualization")
def plot_jobs(jobs: "Sequence[RuntimeJobV2]") -> "Figure":
    """Draw when jobs waited and when they ran, a line each, the first on top.

    A job that has not come to its end is drawn up to the last instant that is known of any, and one of which no
    instant is known not at all.

    Args:
        jobs: At most 200 are drawn. Each costs one request; they are sent at once.

    Raises:
        IBMInputValueError: There are none.
    """
    _require_matplotlib()
    from ..bridge.timelines import draw_lives

    given = value_or_raise(read_jobs("jobs", jobs))
    if not given:
        raise exception_of(BadArgument(name="jobs", value="empty", wanted="at least one job"))
    drawn = given[:MOST_JOBS]
    metrics = gather([job.metrics for job in drawn])
    lives = [
        _life(f"{job.job_id()}  {job.primitive_id}", told.get("timestamps"))
        for job, told in zip(drawn, metrics, strict=True)
    ]
    return draw_lives(lives, len(given) - len(drawn))


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
        read.append((value_or_raise(read_date(name, instant)), listed))
    return read


def _life(label: str, stamps: Any) -> "Life":
    """Return what timestamps of metrics tell; what is none tells nothing."""
    from ..bridge.timelines import Life

    told = stamps if isinstance(stamps, dict) else {}
    texts = (told.get(name) for name in Life._fields[1:])
    return Life(label, *(read_stamp(text) if isinstance(text, str) else None for text in texts))


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


def _require_matplotlib() -> None:
    """Do nothing where matplotlib is installed.

    Raises:
        ImportError: It is not; the words say how to install it.
    """
    if find_spec("matplotlib") is None:
        raise ImportError(
            "Pictures need matplotlib, which is not installed. "
            "Install the extra: pip install 'qiskit-runtime-service[plot]'",
            name="matplotlib",
        )
