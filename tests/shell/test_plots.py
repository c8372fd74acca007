"""Pictures: each is looked at for its size and its words."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.text import Text
from PIL import Image

from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import line_device, one_instance
from qiskit_runtime_service.visualization import plot_calibration, plot_error_map, plot_gate_map, plot_jobs, plot_queue
from tests.support.graphviz import needs_graphviz

from .clouds import open_service, submit_bell

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def size_of(figure: "Figure") -> tuple[int, int]:
    """Draw a figure as a user's file would be; return its size in pixels."""
    picture = BytesIO()
    figure.savefig(picture, dpi=50)
    return Image.open(picture).size


def words_in(figure: "Figure") -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}


@needs_graphviz
def test_the_maps_are_those_of_qiskit() -> None:
    assert "Readout Error (%)" in " ".join(words_in(plot_error_map(FakeManilaV2())))
    assert size_of(plot_gate_map(FakeManilaV2(), figsize=(4, 2))) == (200, 100)


@pytest.mark.parametrize(
    ("measure", "label"), [("T1", "T1 of a qubit, µs"), ("two_qubit_error", "error of a pair, by its best gate")]
)
def test_a_calibration_is_drawn_over_time(measure: str, label: str) -> None:
    service, cloud = open_service()
    backend = service.least_busy()
    now = datetime.fromtimestamp(cloud.now(), UTC)
    figure = plot_calibration(backend, [now - timedelta(hours=hours) for hours in range(3)], measure)
    assert size_of(figure) == (400, 200)
    assert {f"{backend.name}: {measure}", label} <= words_in(figure)


def test_of_a_calibration_the_band_is_faint_and_the_median_stands_out() -> None:
    service, cloud = open_service()
    now = datetime.fromtimestamp(cloud.now(), UTC)
    (axes,) = plot_calibration(service.least_busy(), [now]).axes
    (band,), (median,) = axes.collections, axes.lines
    assert (band.get_alpha(), band.get_linewidth()) == (0.2, [0])
    assert (median.get_alpha(), median.get_marker()) == (None, "o")
    # An error of nothing is the foot of the picture.
    assert axes.get_ylim()[0] == 0


def test_what_cannot_be_drawn_says_why() -> None:
    service, _ = open_service()
    backend = service.least_busy()
    with pytest.raises(IBMInputValueError, match="one of two_qubit_error, readout_error, T1, T2"):
        plot_calibration(backend, [datetime.now(UTC)], "beauty")
    with pytest.raises(IBMInputValueError, match="pairs of an instant and backends"):
        plot_queue([])
    with pytest.raises(IBMInputValueError, match="at least one job"):
        plot_jobs([])


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
    assert {"ibm_one", "ibm_two", "Queues", "jobs that wait"} <= words_in(figure)


def test_jobs_are_drawn_from_their_creation_to_their_end() -> None:
    service, cloud = open_service(one_instance(queue_seconds=600, run_seconds=300))
    jobs = [submit_bell(service) for _ in range(3)]
    jobs[0].wait_for_final_state()
    since = len(cloud.ledger)
    figure = plot_jobs(jobs)
    assert len(cloud.ledger) == since + 3
    assert size_of(figure) == (400, 120)
    assert {"Jobs", "waits", "runs"} | {f"{job.job_id()}  sampler" for job in jobs} <= words_in(figure)


def test_a_job_that_has_not_come_to_its_end_is_drawn_to_the_last_instant_that_is_known() -> None:
    service, cloud = open_service(one_instance(queue_seconds=600, run_seconds=300))
    first = submit_bell(service)
    cloud.sleep(500)
    second = submit_bell(service)
    first.wait_for_final_state()
    figure = plot_jobs([first, second])
    drawn: list[Any] = [line.get_xdata() for line in figure.axes[0].get_lines()]
    (_, begun), (created, waited), (_, ended) = [span for span in drawn if len(span) == 2]
    assert (ended - begun).total_seconds() == 300
    assert (ended - created).total_seconds() == 400
    assert waited == ended
