"""Draw the pictures of backends and jobs of the documentation as PNG beside this file. Values over time are made up."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

from matplotlib.figure import Figure
from PIL import Image

from qiskit_runtime_service.bridge.timelines import Life, Spread, draw_lives, draw_queues, draw_spreads
from qiskit_runtime_service.fake_provider import FakeAlgiers, FakeTorino
from qiskit_runtime_service.visualization import plot_error_map, plot_gate_map

COLOURS = 256
"""So few make files small, and nobody sees it."""
START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def after(**given: float) -> datetime:
    """Return an instant."""
    return START + timedelta(**given)


def calibrations() -> Figure:
    """Return two weeks of a device."""
    dice = Random(1)  # noqa: S311  # a picture
    days = [
        Spread(
            after(days=day),
            0.0015 + 0.0002 * dice.random(),
            0.0028 + 0.0004 * dice.random(),
            0.006 + 0.003 * dice.random(),
        )
        for day in range(14)
    ]
    return draw_spreads("ibm_example: two_qubit_error", "error of a pair, by its best gate", days)


def queues() -> Figure:
    """Return a day of twelve backends."""
    dice = Random(2)  # noqa: S311  # a picture
    instants = [after(minutes=30 * step) for step in range(48)]
    lengths: dict[str, dict[datetime, int]] = {}
    for number in range(12):
        length, name = 10.0 + 12 * number, f"ibm_{'abcdefghijkl'[number]}"
        for instant in instants:
            length = max(0.0, length + dice.gauss(0, 6))
            lengths.setdefault(name, {})[instant] = round(length)
    return draw_queues(instants, lengths)


def jobs() -> Figure:
    """Return five jobs of any ratio of wait and run."""
    lives = [
        Life("d3c8kq1a  sampler", after(), after(hours=5), after(hours=5, seconds=1.2)),
        Life("d3c8m02f  estimator", after(minutes=10), after(minutes=10, seconds=6), after(hours=3, minutes=20)),
        Life("d3c8mx7b  sampler", after(hours=1), after(hours=4), after(hours=4, minutes=40)),
        Life("d3c8n51c  executor", after(hours=2), after(hours=4, minutes=45), None),
        Life("d3c8p9qd  sampler", after(hours=3, minutes=20), None, None),
    ]
    return draw_lives(lives, 0)


def keep(name: str, figure: Figure, dpi: int) -> None:
    """Write a picture that is the same each time it is drawn."""
    drawn = BytesIO()
    figure.savefig(drawn, dpi=dpi, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    picture.save(Path(__file__).parent / f"{name}.png", optimize=True)


if __name__ == "__main__":
    keep("error-map", plot_error_map(FakeTorino()), 90)
    keep("gate-map", plot_gate_map(FakeAlgiers()), 80)
    keep("calibration", calibrations(), 90)
    keep("queue", queues(), 90)
    keep("jobs", jobs(), 90)
