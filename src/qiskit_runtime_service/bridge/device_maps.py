"""Maps of devices, with matplotlib: qubits where they are, couplings between them, and how often each errs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any, Final, NamedTuple

from matplotlib import colormaps, rcParams
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from .._shown import counted
from .pictures import Picture
from .places import Pair, Place

UNIT: Final = 0.62
"""From one qubit to the next, in inches, as long as a map has no more than so many columns as fit into `WIDEST`."""
LARGE: Final = 0.85
"""The same of a map of few qubits."""
WIDEST: Final = 10.0
NARROWEST: Final = 5.5
"""Widths of a map, in inches."""
DIAMETER: Final = 0.66
"""Of a qubit, in lengths of a coupling."""
HEAD: Final = 0.75
BAR: Final = 0.8
LINE: Final = 0.17
"""What title, scales and a line below them take, in inches."""
INCH: Final = 72
"""Points."""
LETTER: Final = 0.64
"""Width of a digit, in heights."""
FEW: Final = 20
"""Of so many values or fewer the scale is from the least to the greatest."""
NAMED: Final = 10
"""So many of those that have no error are named."""
LIGHT: Final = 0.5
"""Colours with less light bear white letters."""
BLUE: Final = "#648fff"
"""What Qiskit paints maps with."""


class Errors(NamedTuple):
    """What a map shows of a calibration."""

    readout: Mapping[int, float]
    """By qubit, 0 to 1: those that work and were measured."""
    pairs: Mapping[Pair, float]
    """By pair, lower number first, 0 to 1: those that work and were calibrated."""
    gate: str
    """What of two qubits was calibrated, such as `cz`."""
    medians: Mapping[str, float]
    """Of the device, by what they are of."""
    calibrated: datetime | None


class Lattice(NamedTuple):
    """A device on a plane."""

    places: Sequence[Place]
    pairs: Sequence[Pair]
    """Each once, lower number first."""

    @property
    def sides(self) -> tuple[float, float]:
        """Columns and rows."""
        rows, columns = zip(*self.places, strict=True) if self.places else ((0,), (0,))
        return max(columns) - min(columns) + 1, max(rows) - min(rows) + 1


class Look(NamedTuple):
    """How a map is painted."""

    qubits: Sequence[Any]
    """A colour for each qubit; `None` for none, which is crossed out."""
    lines: Sequence[Any]
    """A colour for each pair; `None` for none, which is dashed."""
    labels: Sequence[str]
    letters: str | None = None
    """The colour of all labels; `None` for what can be read on each qubit."""
    diameter: float | None = None
    width: float | None = None
    font: float | None = None
    """In points; `None` for what fits."""
    arrows: Sequence[Pair] = ()
    """Pairs in the directions that have an arrow."""


def draw_errors(
    name: str, lattice: Lattice, errors: Errors, figsize: tuple[float, float] | None, *, show_title: bool
) -> Picture:
    """Draw the errors of readout on the qubits of a device, and those of its gate of two qubits on its couplings.

    Source: behaviour B578, B579.
    """
    readout = _Scale.of(errors.readout.values(), "Blues")
    pairs = _Scale.of(errors.pairs.values(), "YlOrRd")
    look = Look(
        qubits=[readout.colour(errors.readout.get(qubit)) for qubit in range(len(lattice.places))],
        lines=[pairs.colour(errors.pairs.get(pair)) for pair in lattice.pairs],
        labels=[str(qubit) for qubit in range(len(lattice.places))],
    )
    shown = [(readout, "readout error, %"), (pairs, f"{errors.gate} error, %")]
    shown = [(scale, label) for scale, label in shown if scale.norm is not None]
    qubits = [str(qubit) for qubit, colour in enumerate(look.qubits) if colour is None]
    missing = [f"{one}–{other}" for (one, other), colour in zip(lattice.pairs, look.lines, strict=True) if not colour]
    gone = [_list("qubit", qubits, "×"), _list("coupling", missing, "dashed")]
    notes = ["Faulty or not calibrated: " + "; ".join(filter(None, gone))] if any(gone) else []
    notes += [scale.note for scale, _ in shown if scale.note][:1]
    foot = LINE * len(notes) + (BAR if shown else 0.1)
    picture, axes, unit = _open_map(lattice, figsize, HEAD if show_title else 0.0, foot)
    _paint(axes, lattice, look, unit)
    width, height = picture.get_size_inches()
    for place, (scale, label) in enumerate(shown):
        share = 1 / len(shown)
        side = min(0.3 / width, share / 4)
        box = (share * place + side, (foot - 0.4) / height, share - 2 * side, 0.15 / height)
        scale.draw(picture.add_axes(box), label)
    picture.text(0.15 / width, 0.08 / height, "\n".join(notes), fontsize=8, va="bottom")
    if show_title:
        medians = ", ".join(f"{what} {error:.2%}" for what, error in errors.medians.items())
        dated = f"calibrated {errors.calibrated.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if errors.calibrated else ""
        below = "; ".join(filter(None, [f"median errors: {medians}" if medians else "not calibrated", dated]))
        picture.text(0.5, 1 - 0.1 / height, name, ha="center", va="top", fontsize=14, fontweight="bold")
        picture.text(0.5, 1 - 0.4 / height, below, ha="center", va="top", fontsize=9)
    return picture


def draw_gates(lattice: Lattice, look: Look, figsize: tuple[float, float] | None, axes: Axes | None) -> Figure:
    """Draw the qubits of a device and their couplings, in axes where they are given.

    Source: behaviour B578.
    """
    if axes is not None:
        figure: Any = axes.get_figure(root=True)
        box = axes.get_window_extent().size / figure.dpi
        _frame(axes, lattice)
        _paint(axes, lattice, look, min(side / count for side, count in zip(box, lattice.sides, strict=True)))
        return figure  # type: ignore[no-any-return]  # of the axes
    picture, axes, unit = _open_map(lattice, figsize, 0.0, 0.0)
    _paint(axes, lattice, look, unit)
    return picture


def _open_map(
    lattice: Lattice, figsize: tuple[float, float] | None, head: float, foot: float
) -> tuple[Picture, Axes, float]:
    """Return a figure, axes in the room between head and foot, and the length of a coupling there, all in inches."""
    columns, rows = lattice.sides
    if figsize is None:
        unit = min(LARGE if len(lattice.places) <= FEW else UNIT, WIDEST / columns)
        figsize = (max(unit * columns, NARROWEST if foot else 0.0) + 0.2, unit * rows + head + foot + 0.2)
    width, height = figsize
    # In a figure too low for all, the map has half of it.
    room = max(height - head - foot, height / 2)
    picture = Picture(figsize=figsize)
    axes = picture.add_axes((0, min(foot, height / 2) / height, 1, room / height))
    _frame(axes, lattice)
    return picture, axes, min(width / columns, room / rows)


def _frame(axes: Axes, lattice: Lattice) -> None:
    rows, columns = zip(*lattice.places, strict=True) if lattice.places else ((0,), (0,))
    axes.set_xlim(min(columns) - 0.5, max(columns) + 0.5)
    axes.set_ylim(max(rows) + 0.5, min(rows) - 0.5)
    axes.set_aspect("equal")
    axes.axis("off")


def _paint(axes: Axes, lattice: Lattice, look: Look, unit: float) -> None:
    """Draw couplings, qubits above them, and their labels.

    Args:
        axes: Their unit is the length of a coupling.
        lattice: What is drawn.
        look: How.
        unit: Length of a coupling, in inches.
    """
    ink = rcParams["text.color"]
    spots = [(column, row) for row, column in lattice.places]
    width = look.width if look.width is not None else 0.14 * unit * INCH
    ends = [(spots[one], spots[other]) for one, other in lattice.pairs]
    known = [(line, colour) for line, colour in zip(ends, look.lines, strict=True) if colour is not None]
    dashed = [line for line, colour in zip(ends, look.lines, strict=True) if colour is None]
    # An edge all around makes light colours visible on white, and dark ones on black.
    axes.add_collection(
        LineCollection([line for line, _ in known], colors=ink, linewidths=width + 1.5, zorder=1, snap=False)
    )
    axes.add_collection(
        LineCollection(
            [line for line, _ in known], colors=[colour for _, colour in known], linewidths=width, zorder=2, snap=False
        )
    )
    axes.add_collection(
        LineCollection(dashed, colors=ink, linewidths=max(0.3 * width, 0.8), linestyles=(0, (2, 2)), zorder=2)
    )
    diameter = DIAMETER if look.diameter is None else look.diameter / INCH / unit
    for one, other in look.arrows:
        style = {"arrowstyle": "-|>", "color": ink, "mutation_scale": max(0.3 * unit * INCH, 6), "shrinkB": 0}
        (left, top), (right, bottom) = spots[one], spots[other]
        part = diameter / 2 / max(((right - left) ** 2 + (bottom - top) ** 2) ** 0.5, diameter)
        tip = (right - part * (right - left), bottom - part * (bottom - top))
        axes.annotate("", xy=tip, xytext=spots[one], arrowprops=style, zorder=2.5)
    sizes = [diameter] * len(spots)
    axes.add_collection(
        EllipseCollection(
            sizes, sizes, [0] * len(spots), units="xy", offsets=spots, offset_transform=axes.transData, zorder=3,
            facecolors=[rcParams["figure.facecolor"] if colour is None else colour for colour in look.qubits],
            edgecolors=ink, linewidths=0.6,
        )
    )  # fmt: skip
    letters = max(map(len, look.labels), default=1)
    font = look.font or diameter * unit * INCH * min(0.75 / LETTER / max(letters, 2), 0.45)
    for spot, colour, label in zip(spots, look.qubits, look.labels, strict=True):
        shown = look.letters or (ink if colour is None else "black" if _light(colour) > LIGHT else "white")
        axes.add_artist(Text(*spot, label, color=shown, fontsize=font, ha="center", va="center_baseline", zorder=5))
    reach = diameter / 8**0.5
    crosses = [
        [(column - reach, row - side * reach), (column + reach, row + side * reach)]
        for (column, row), colour in zip(spots, look.qubits, strict=True)
        if colour is None
        for side in (1, -1)
    ]
    axes.add_collection(LineCollection(crosses, colors=ink, linewidths=0.8, alpha=0.5, zorder=4))


class _Scale(NamedTuple):
    """Colours of errors."""

    colours: Colormap
    norm: Normalize | None
    """`None` where there is none to be shown."""
    extend: str
    note: str

    @classmethod
    def of(cls, values: Any, colours: str) -> "_Scale":
        """Return a scale from the 5th to the 95th percentile, of few values from the least to the greatest."""
        errors = sorted(values)
        # Neither end is that of the page.
        painted = LinearSegmentedColormap.from_list(colours, colormaps[colours]([0.12 + 0.008 * n for n in range(100)]))
        if not errors:
            return cls(painted, None, "neither", "")
        low, high, note = errors[0], errors[-1], ""
        if len(errors) > FEW:
            cuts = quantiles(errors, n=20, method="inclusive")
            low, high = cuts[0], cuts[-1]
            note = "Scales go from the 5th to the 95th percentile; what is beyond has the colour of the end."
        if low == high:
            low, high = 0.0, high or 1.0
        ends = {(True, True): "both", (True, False): "min", (False, True): "max"}
        extend = ends.get((errors[0] < low, errors[-1] > high), "neither")
        return cls(painted, Normalize(low, high, clip=False), extend, note)

    def colour(self, error: float | None) -> Any:
        """Return the colour of an error; of none, none."""
        return None if error is None or self.norm is None else self.colours(min(max(self.norm(error), 0.0), 1.0))

    def draw(self, axes: Axes, label: str) -> None:
        """Draw the scale, in percent."""
        figure: Any = axes.get_figure(root=True)
        percents = Normalize(100 * (self.norm.vmin or 0.0), 100 * (self.norm.vmax or 0.0)) if self.norm else None
        mappable = ScalarMappable(percents, self.colours)
        bar = figure.colorbar(mappable, cax=axes, orientation="horizontal", extend=self.extend)
        bar.ax.tick_params(labelsize=8)
        bar.ax.locator_params(nbins=5)
        bar.ax.set_title(label, fontsize=9, pad=4)


def _light(colour: Any) -> float:
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _list(noun: str, names: Sequence[str], mark: str) -> str:
    """Return how many there are, and which if they are few."""
    if not names:
        return ""
    which = ": " + ", ".join(names) if len(names) <= NAMED else ""
    return f"{counted(len(names), noun)} ({mark}{which})"
