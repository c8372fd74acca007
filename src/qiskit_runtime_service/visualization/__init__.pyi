"""Where each picture lives, for editors, type checkers, and `__init__.py`, which loads it from there."""

from ..shell.figures import draw_circuit_schedule_timing as draw_circuit_schedule_timing  # needs ..shell.figures
from ..shell.figures import draw_execution_spans as draw_execution_spans  # needs ..shell.figures
from ..shell.figures import draw_layer_error_map as draw_layer_error_map  # needs ..shell.figures
from ..shell.figures import draw_layer_errors_swarm as draw_layer_errors_swarm  # needs ..shell.figures
from ..shell.figures import draw_zne_evs as draw_zne_evs  # needs ..shell.figures
from ..shell.figures import draw_zne_extrapolators as draw_zne_extrapolators  # needs ..shell.figures
from ..shell.plots import plot_calibration as plot_calibration
from ..shell.plots import plot_error_map as plot_error_map
from ..shell.plots import plot_gate_map as plot_gate_map
from ..shell.plots import plot_jobs as plot_jobs
from ..shell.plots import plot_queue as plot_queue
from ..shell.program_figures import draw_chunk_timings as draw_chunk_timings  # needs ..shell.program_figures

__all__: list[str]
