"""Without plotly, figures say how to install it, and nothing else is missed."""

import subprocess
import sys

import pytest

HIDE = "import sys; sys.modules['plotly'] = None\n"
"""Python finds no module of that name any more."""
MISSING = (
    "Figures need plotly, which is not installed. "
    "Install the extra: pip install 'qiskit-runtime-service[visualization]'"
)
NAMES = (
    "draw_chunk_timings", "draw_circuit_schedule_timing", "draw_execution_spans", "draw_layer_error_map",
    "draw_layer_errors_swarm", "draw_zne_evs", "draw_zne_extrapolators",
)  # fmt: skip


def run(program: str) -> list[str]:
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.takes_long
@pytest.mark.holds("B491", "B486")
def test_a_function_that_needs_it_is_no_name_of_the_module_and_says_why() -> None:
    program = HIDE + (
        "from qiskit_runtime_service import visualization\n"
        f"for name in {NAMES!r}:\n"
        "    assert not hasattr(visualization, name)\n"
        "    assert getattr(visualization, name, None) is None\n"
        "    assert name not in dir(visualization)\n"
        "    try:\n"
        "        exec(f'from qiskit_runtime_service.visualization import {name}')\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
    )
    assert run(program) == [MISSING] * len(NAMES)


@pytest.mark.takes_long
@pytest.mark.holds("B491")
def test_a_method_that_needs_it_says_why_when_it_is_called() -> None:
    program = HIDE + (
        "from qiskit import QuantumCircuit\n"
        "from qiskit_runtime_service.execution_span import ExecutionSpans\n"
        "from qiskit_runtime_service.results import EstimatorPubResult, LayerError\n"
        "from qiskit_runtime_service.visualization.embeddings import Embedding\n"
        "layer = LayerError(QuantumCircuit(1), [0])\n"
        "pub = EstimatorPubResult.__new__(EstimatorPubResult)\n"
        "ways = [ExecutionSpans([]).draw, layer.draw_swarm, lambda: layer.draw_map(Embedding([(0, 0)], []))]\n"
        "for way in (*ways, pub.draw_zne_evs, pub.draw_zne_extrapolators):\n"
        "    try:\n"
        "        way()\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
    )
    assert run(program) == [MISSING] * 5


@pytest.mark.takes_long
@pytest.mark.holds("B491", "B486")
def test_what_is_there_is_imported_all_at_once() -> None:
    program = (
        "from qiskit_runtime_service.visualization import *\n"
        "print(sorted(name for name in globals() if name[:5] in ('draw_', 'plot_')))\n"
    )
    pictures = ["plot_calibration", "plot_error_map", "plot_gate_map", "plot_jobs", "plot_queue"]
    assert run(HIDE + program) == [str(pictures)]
    assert run(program) == [str(sorted([*NAMES, *pictures]))]
    without = "import sys; sys.modules['samplomatic'] = None\n"
    assert run(without + program) == [str(sorted([*NAMES[1:], *pictures]))]


@pytest.mark.takes_long
@pytest.mark.holds("B491")
def test_plotly_is_not_loaded_before_something_is_drawn() -> None:
    program = (
        "import sys\n"
        "from qiskit_runtime_service import visualization\n"
        "from qiskit_runtime_service.execution_span import ExecutionSpans\n"
        "from qiskit_runtime_service.visualization import draw_execution_spans, draw_zne_evs\n"
        "print('plotly' in sys.modules)\n"
        "ExecutionSpans([]).draw()\n"
        "print('plotly' in sys.modules)\n"
    )
    assert run(program) == ["False", "True"]
