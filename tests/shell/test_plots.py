"""Pictures: each is looked at for its size, its words and the colours of its parts."""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from qiskit_runtime_service import load_snapshot
from qiskit_runtime_service.bridge.timelines import Life, Spread, draw_lives, draw_queues, draw_spreads
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeAlgiers, FakeArmonkV2, FakeManilaV2, FakeWashingtonV2
from qiskit_runtime_service.testing import line_device, one_instance
from qiskit_runtime_service.visualization import plot_calibration, plot_error_map, plot_gate_map, plot_jobs, plot_queue

from .clouds import open_service, submit_bell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 50
RGB = NDArray[np.int_]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
GRAY, BLUE = (153, 153, 153), (31, 119, 180)
"""Of waits and runs."""


def pixels_of(figure: "Figure", dpi: int = DPI) -> RGB:
    """Draw a figure as a user's file would be; return its pixels: rows, columns, three colours."""
    picture = BytesIO()
    figure.savefig(picture, dpi=dpi)
    return np.asarray(Image.open(picture).convert("RGB")).astype(int)


def size_of(figure: "Figure") -> tuple[int, int]:
    height, width, _ = pixels_of(figure).shape
    return width, height


def words_in(figure: "Figure") -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}


def where(pixels: RGB, colour: Sequence[int], slack: int = 12) -> NDArray[np.bool_]:
    """Tell which pixels have a colour."""
    return np.asarray(np.abs(pixels - np.array(colour)).max(axis=2) <= slack)


def pixel_at(figure: "Figure", column: float, row: float) -> tuple[int, ...]:
    """Return the colour of a place on a map."""
    pixels = pixels_of(figure, 100)
    x, y = figure.axes[0].transData.transform((column, row)) * 100 / figure.dpi
    return tuple(int(part) for part in pixels[round(len(pixels) - y), round(x)])


def is_blue(colour: Sequence[int]) -> bool:
    return colour[2] > colour[0] + 10


# Maps


@pytest.mark.holds("B578", "B579")
def test_an_error_map_has_the_name_of_the_gate_its_medians_and_its_date() -> None:
    words = words_in(plot_error_map(FakeManilaV2()))
    assert "fake_manila" in words
    assert "median errors: readout 2.19%, cx 1.01%; calibrated 2024-05-27 18:27 UTC" in words
    assert {"readout error, %", "cx error, %", "0", "1", "2", "3", "4"} <= words
    assert "fake_manila" not in words_in(plot_error_map(FakeManilaV2(), show_title=False))


@pytest.mark.holds("B578", "B579")
def test_each_part_of_an_error_map_has_its_colour() -> None:
    figure = plot_error_map(FakeManilaV2())
    # Beside the number of the qubit: that of 2 is read worst, that of 3 best.
    worst, best = (pixel_at(figure, column, 0.22) for column in (2, 3))
    assert is_blue(worst)
    assert is_blue(best)
    assert sum(worst) < 320 < 600 < sum(best)
    # Between 1 and 2 is the worst gate, between 3 and 4 the best.
    red, yellow = (pixel_at(figure, column + 0.5, 0) for column in (1, 3))
    assert red[0] > 100 > red[1]
    assert min(yellow[:2]) > 200 > yellow[2]


@pytest.mark.holds("B579")
def test_what_was_never_calibrated_is_dashed_outside_the_scale_and_named() -> None:
    figure = plot_error_map(FakeAlgiers())
    (note,) = [text for text in words_in(figure) if "calibrated:" in text]
    assert note == (
        "Faulty or not calibrated: 1 coupling (dashed: 15–18)\n"
        "Scales go from the 5th to the 95th percentile; what is beyond has the colour of the end."
    )
    ink = {pixel_at(figure, 6 + part / 50, 1) for part in range(18, 33)}
    assert (255, 255, 255) in ink
    assert all(max(colour) - min(colour) < 10 for colour in ink)
    # The errors of the others are at most a few percent, that of the dashed is 100 %.
    _, readout, gates = figure.axes
    assert gates.get_xlim()[1] < 10
    assert readout.get_xlim()[1] < 10


@pytest.mark.holds("B579")
def test_a_faulty_qubit_is_crossed_out_with_its_couplings(tmp_path: Path) -> None:
    path = FakeManilaV2().save_snapshot(tmp_path / "manila.json")
    snapshot = json.loads(path.read_bytes())
    qubit = snapshot["properties"]["qubits"][2]
    qubit.append(qubit[0] | {"name": "operational", "unit": "", "value": 0})
    path.write_text(json.dumps(snapshot))
    figure = plot_error_map(load_snapshot(path))
    assert "Faulty or not calibrated: 1 qubit (×: 2); 2 couplings (dashed: 1–2, 2–3)" in words_in(figure)
    assert [is_blue(pixel_at(figure, qubit, 0.22)) for qubit in range(5)] == [True, True, False, True, True]
    # The cross goes from edge to edge.
    assert pixel_at(figure, 2.18, 0.18)[0] < 220 < pixel_at(figure, 2.0, 0.25)[0]


@pytest.mark.parametrize("figsize", [(0.5, 0.5), (1, 2), (30, 1), (2, 30)])
def test_a_map_has_the_size_that_is_asked_for(figsize: tuple[float, float]) -> None:
    assert size_of(plot_error_map(FakeAlgiers(), figsize=figsize)) == tuple(int(DPI * side) for side in figsize)


def test_a_device_of_one_qubit_has_a_map_too() -> None:
    figure = plot_error_map(FakeArmonkV2())
    assert "readout error, %" in words_in(figure)
    assert len(figure.axes) == 2


@pytest.mark.holds("B578")
@pytest.mark.parametrize("make", [FakeManilaV2, FakeAlgiers, FakeWashingtonV2])
def test_labels_stay_inside_of_their_qubits(make: Any) -> None:
    backend = make()
    figure = plot_gate_map(backend)
    pixels_of(figure)
    axes = figure.axes[0]
    one, next_one = (axes.transData.transform((column, 0))[0] for column in (0, 1))
    labels = [text for text in axes.findobj(Text) if isinstance(text, Text) and text.get_text().isdigit()]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) == backend.num_qubits
    assert max(box.width for box in boxes) < 0.66 * (next_one - one)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert min(float(label.get_fontsize()) for label in labels) >= 8


@pytest.mark.holds("B578")
def test_a_gate_map_takes_the_arguments_of_qiskit(tmp_path: Path) -> None:
    backend = FakeManilaV2()
    assert size_of(plot_gate_map(backend, figsize=(4, 2))) == (200, 100)
    figure = plot_gate_map(
        backend,
        qubit_color=["red", "lime", "blue", "black", "white"],
        line_color=["lime"] * 8,
        qubit_labels=["a", "b", "c", "d", "e"],
        filename=tmp_path / "map.svg",
    )
    assert [pixel_at(figure, column, 0.25) for column in range(5)] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255),
    ]  # fmt: skip
    assert pixel_at(figure, 0.5, 0) == (0, 255, 0)
    assert words_in(figure) >= {"a", "b", "c", "d", "e"}
    assert (tmp_path / "map.svg").read_text().startswith("<?xml")
    square = plot_gate_map(backend, label_qubits=False, qubit_coordinates=[(0, 0), (0, 1), (1, 1), (1, 0), (2, 0)])
    assert is_blue(pixel_at(square, 0, 2))
    assert pixel_at(square, 1, 2) == (255, 255, 255)
    assert not words_in(square) & {"0", "1", "2", "3", "4"}
    axes = mpl.figure.Figure().subplots()
    assert plot_gate_map(backend, ax=axes, plot_directed=True) is axes.figure


@pytest.mark.holds("B578")
def test_an_arrow_points_in_the_direction_that_the_device_has() -> None:
    backend = FakeManilaV2()
    plain, directed = (pixels_of(plot_gate_map(backend, plot_directed=directed)) for directed in (False, True))
    assert plain.shape == directed.shape
    assert (directed.sum(axis=2) < 60).sum() > (plain.sum(axis=2) < 60).sum()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"figsize": (0, 3)}, r"figsize is \(0, 3\)\.\nIt must be width and height in inches, each from 0\.5 to 200"),
        ({"qubit_color": ["red"]}, "a list of 5 colours of matplotlib, one for each"),
        ({"line_color": ["red"] * 5}, "a list of 8 colours"),
        ({"font_color": "reddish"}, "font_color is"),
        ({"qubit_coordinates": [(0, 0)] * 4}, "a list of 5 pairs, row and column"),
        ({"filename": "map.doc"}, "the path of a file, ending in one of .*svg"),
        ({"ax": 5}, r"ax is 5\.\nIt must be axes of matplotlib"),
        ({"qubit_size": -1}, "qubit_size"),
    ],
)
def test_an_argument_of_a_map_that_cannot_be_meant_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(IBMInputValueError, match=words):
        plot_gate_map(FakeManilaV2(), **given)


# Everywhere


@pytest.mark.holds("B576")
def test_a_notebook_shows_a_figure_without_any_setting() -> None:
    figure: Any = plot_error_map(FakeManilaV2())
    data, size = figure._repr_png_()
    shown = Image.open(BytesIO(data))
    assert shown.size == (2 * size["width"], 2 * size["height"]) == (1140, 520)
    assert pickle.loads(pickle.dumps(figure))._repr_png_() == (data, size)  # noqa: S301  # our own bytes


@pytest.mark.holds("B576")
def test_drawing_leaves_the_state_of_matplotlib_alone() -> None:
    program = (
        "import sys\n"
        "from qiskit_runtime_service.fake_provider import FakeManilaV2\n"
        "from qiskit_runtime_service.visualization import plot_error_map\n"
        "plot_error_map(FakeManilaV2())._repr_png_()\n"
        "print([name for name in ('matplotlib.pyplot', 'seaborn', 'pandas', 'plotly') if name in sys.modules])\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.holds("B576")
def test_without_matplotlib_a_picture_says_how_to_install_it() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from qiskit_runtime_service.visualization import plot_error_map\n"
        "try:\n    plot_error_map(None)\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "Pictures need matplotlib, which is not installed. "
        "Install the extra: pip install 'qiskit-runtime-service[plot]'\n"
    )


@pytest.mark.holds("B576")
def test_the_colours_of_a_page_are_those_of_the_style_of_matplotlib() -> None:
    with mpl.rc_context():
        matplotlib.style.use("dark_background")
        dark = pixels_of(plot_error_map(FakeAlgiers()))
    light = pixels_of(plot_error_map(FakeAlgiers()))
    assert where(dark, (0, 0, 0)).mean() > 0.5 < where(light, (255, 255, 255)).mean()


# Over time


@pytest.mark.holds("B577", "B580")
@pytest.mark.parametrize(
    ("measure", "label"), [("T1", "T1 of a qubit, µs"), ("two_qubit_error", "error of a pair, by its best gate")]
)
def test_a_calibration_is_drawn_over_time(measure: str, label: str) -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    now = datetime.fromtimestamp(cloud.now(), UTC)
    figure = plot_calibration(backend, [now - timedelta(hours=hours) for hours in range(3)], measure)
    assert size_of(figure) == (400, 200)
    assert {label, "UTC", "median", "the middle 80 % of the device"} <= words_in(figure)
    assert any(text.startswith(f"{backend.name}: {measure}\nmedian ") for text in words_in(figure))


@pytest.mark.holds("B580")
def test_of_a_calibration_the_band_is_faint_and_the_median_stands_out() -> None:
    spreads = [Spread(NOON + timedelta(days=day), 1.0, 2.0, 4.0) for day in range(5)]
    figure = draw_spreads("x", "y", spreads)
    pixels = pixels_of(figure, 100)
    line, band = where(pixels, BLUE), where(pixels, (199, 221, 236), 5)
    low, high = (figure.axes[0].transData.transform((0, value))[1] for value in (1, 4))
    rows = len(pixels) - np.flatnonzero(band[:, :400].any(axis=1))
    assert rows.min() == pytest.approx(low, abs=3)
    assert rows.max() == pytest.approx(high, abs=3)
    assert line.any()
    # An error of nothing is the foot of the picture.
    assert figure.axes[0].get_ylim()[0] == 0


@pytest.mark.holds("B577")
@pytest.mark.parametrize("seconds", [0, 1, 90, 5_000, 100_000, 10_000_000, 300_000_000])
def test_an_axis_of_time_has_marks_whatever_it_spans(seconds: int) -> None:
    figure = draw_spreads("x", "y", [Spread(NOON, 1, 2, 3), Spread(NOON + timedelta(seconds=seconds), 1, 2, 3)])
    pixels_of(figure)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels() if label.get_text()]
    assert 3 <= len(labels) <= 14


def test_what_cannot_be_drawn_says_why() -> None:
    service, _ = open_service()
    backend = service.least_busy()
    with pytest.raises(IBMInputValueError, match="one of two_qubit_error, readout_error, T1, T2"):
        plot_calibration(backend, [datetime.now(UTC)], "beauty")
    with pytest.raises(IBMInputValueError, match="pairs of an instant and backends"):
        plot_queue([])
    with pytest.raises(IBMInputValueError, match="at least one job"):
        plot_jobs([])


@pytest.mark.holds("B577", "B581")
def test_queues_are_drawn_over_time() -> None:
    service, cloud = open_service(
        one_instance(devices=[line_device("ibm_one", 5, queue_length=3), line_device("ibm_two", 5)])
    )
    history = []
    for _ in range(3):
        history.append((datetime.fromtimestamp(cloud.now(), UTC), service.backends()))
        cloud.sleep(600)
    figure = plot_queue(history)
    assert size_of(figure) == (400, 200)
    assert {"ibm_one", "ibm_two", "Queues", "jobs that wait", "UTC"} <= words_in(figure)


@pytest.mark.holds("B581")
def test_of_many_queues_the_longest_have_colours_and_the_others_are_told_together() -> None:
    instants = [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    queues = {f"ibm_{number}": dict.fromkeys(instants, number) for number in range(1, 201)}
    figure = draw_queues(instants, queues)
    named = {text for text in words_in(figure) if text.startswith("ibm_")}
    assert named == {f"ibm_{number}" for number in range(191, 201)}
    assert "190 others, with less" in words_in(figure)
    assert where(pixels_of(figure), GRAY, 25).any()


@pytest.mark.holds("B581")
def test_a_queue_that_is_not_known_leaves_a_gap() -> None:
    instants = [NOON + timedelta(hours=hour) for hour in range(8)]
    whole = dict.fromkeys(instants, 9)
    gap = {instant: 9 for instant in instants if instant.hour not in (15, 16)}
    full, broken = (where(pixels_of(draw_queues(instants, {"a": queue})), BLUE).sum() for queue in (whole, gap))
    assert 0.4 * full < broken < 0.85 * full


# Jobs


@pytest.mark.holds("B577", "B582")
def test_jobs_are_drawn_from_their_creation_to_their_end() -> None:
    service, cloud = open_service(one_instance(queue_seconds=600, run_seconds=300))
    jobs = [submit_bell(service) for _ in range(3)]
    jobs[0].wait_for_final_state()
    since = len(cloud.ledger)
    figure = plot_jobs(jobs)
    assert len(cloud.ledger) == since + 3
    words = words_in(figure)
    assert {"3 jobs", "waits", "runs", "UTC"} | {f"{job.job_id()}  sampler" for job in jobs} <= words
    assert "waited 10 min, ran 5 min" in words


@pytest.mark.holds("B582")
def test_a_job_that_has_not_come_to_its_end_is_drawn_to_the_last_instant_that_is_known() -> None:
    service, cloud = open_service(one_instance(queue_seconds=600, run_seconds=300))
    first = submit_bell(service)
    cloud.sleep(500)
    second = submit_bell(service)
    first.wait_for_final_state()
    figure = plot_jobs([first, second])
    # Wait and run of the first, and the wait of the second, in days.
    waits, runs = (lines.get_segments() for lines in figure.axes[0].collections if isinstance(lines, LineCollection))
    (begun, ended), (created, waited) = runs[0][:, 0], waits[1][:, 0]
    assert (ended - begun) * 86_400 == pytest.approx(300, abs=0.01)
    assert (ended - created) * 86_400 == pytest.approx(400, abs=0.01)
    assert waited == ended
    assert "waited 6 min 40 s, goes on" in words_in(figure)


@pytest.mark.holds("B582")
@pytest.mark.parametrize(("waited", "ran"), [(1, 1), (1, 100_000), (100_000, 1), (0, 5), (5, 0)])
def test_wait_and_run_of_a_job_are_seen_whatever_their_ratio(waited: float, ran: float) -> None:
    running = NOON + timedelta(seconds=waited)
    figure = draw_lives([Life("one", NOON, running, running + timedelta(seconds=ran))], 0)
    pixels = pixels_of(figure, 100)
    # Without the legend, which is above.
    chart = pixels[int(0.4 * 100) :]
    assert where(chart, BLUE).any(axis=0).sum() >= 2
    assert where(chart, GRAY).any(axis=0).sum() >= 1


@pytest.mark.holds("B582")
@pytest.mark.parametrize("number", [2, 200])
def test_rows_of_jobs_do_not_overlap(number: int) -> None:
    lives = [
        Life(f"job {row}", NOON, NOON + timedelta(minutes=row + 1), NOON + timedelta(minutes=row + 3))
        for row in range(number)
    ]
    figure = draw_lives(lives, 0)
    pixels = pixels_of(figure, 100)
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert len(boxes) == number
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))
    left, right = (round(figure.axes[0].transData.transform((x, 0))[0]) for x in figure.axes[0].get_xlim())
    runs = where(pixels, BLUE)[50:, left:right].any(axis=1).astype(int)
    assert (np.diff(runs) == 1).sum() + runs[0] == number


@pytest.mark.holds("B582")
def test_more_jobs_than_can_be_read_are_told_and_so_is_what_nobody_knows() -> None:
    figure = draw_lives([Life("one", None, None, None)], 7)
    pixels_of(figure)
    assert {"1 job; 7 more are not drawn", "nothing is known"} <= words_in(figure)
