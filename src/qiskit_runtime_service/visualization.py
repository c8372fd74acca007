"""The door to pictures of backends and jobs. It needs matplotlib: `pip install 'qiskit-runtime-service[plot]'`."""

from typing import TYPE_CHECKING

from ._left_out import closed
from .shell.plots import plot_calibration, plot_error_map, plot_gate_map, plot_jobs, plot_queue

__all__ = ["plot_calibration", "plot_error_map", "plot_gate_map", "plot_jobs", "plot_queue"]

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
