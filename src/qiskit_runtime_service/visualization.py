"""The door to pictures of backends, jobs and results, with matplotlib: `pip install 'qiskit-runtime-service[plot]'`."""

from typing import TYPE_CHECKING

from ._left_out import closed
from .shell.plots import (
    draw_zne_evs,
    draw_zne_extrapolators,
    plot_calibration,
    plot_error_map,
    plot_gate_map,
    plot_jobs,
    plot_queue,
)

__all__ = [
    "draw_zne_evs",
    "draw_zne_extrapolators",
    "plot_calibration",
    "plot_error_map",
    "plot_gate_map",
    "plot_jobs",
    "plot_queue",
]

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
