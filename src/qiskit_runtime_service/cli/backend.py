"""`backend`: what one backend is, and a map of its qubits."""

from typing import TYPE_CHECKING

import click

from .._shown import counted
from ..core.calibration import find_faulty
from ..core.ranking import fill_quality
from ..core.selection import show
from ..records.report import Report
from . import json_answers
from .completion import complete_backend
from .maps import draw_map, grade_qubits
from .options import Command, with_output
from .output import Output
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from ..shell.backend import IBMBackend


@click.command(
    cls=Command,
    examples=["qiskit-runtime backend fake_fez --local", "qiskit-runtime backend fake_brisbane --local --map"],
)
@click.argument("backend", metavar="BACKEND", shell_complete=complete_backend)
@click.option("--map", "with_map", is_flag=True, help="Draw the qubits and their couplings.")
@opens_service
@with_output
def command(opening: Opening, backend: str, with_map: bool, out: Output) -> None:
    """Show what a backend is and how well it works."""
    with opening.service() as service:
        found = service.backend(backend, use_fractional_gates=None)
        answer = describe(found)
        configuration, properties = found.descriptions()
        out.answer(answer, as_report(answer))
        if with_map and not out.as_json:
            show_lines(draw_map(configuration, properties, out.width), grade_qubits(properties), out)


def show_lines(lines: list[str], grades: dict[int, int], out: Output) -> None:
    """Write a map, in colours for a person."""
    if not out.is_terminal:
        out.lines(["", *lines])
        return
    from .tables import show_map

    show_map(lines, grades)


def describe(backend: "IBMBackend") -> json_answers.Backend:
    """Return a backend as JSON has it."""
    configuration, properties = backend.descriptions()
    row = backend.row if properties is None else fill_quality(backend.row, properties)
    dated = None if properties is None else properties.last_update_date
    return json_answers.Backend(
        name=backend.name,
        instance=backend.instance,
        version=configuration.backend_version,
        state=row.state,
        queue_length=row.queue_length,
        num_qubits=configuration.n_qubits,
        processor=row.processor,
        simulator=configuration.simulator,
        max_shots=configuration.max_shots,
        basis_gates=configuration.basis_gates,
        coupling_map=configuration.coupling_map or (),
        two_qubit_error=row.two_qubit_error,
        readout_error=row.readout_error,
        calibrated=None if dated is None else dated.isoformat(),
        faulty_qubits=() if properties is None else tuple(sorted(find_faulty(properties).qubits)),
        ignored=backend.ignored,
    )


def as_report(answer: json_answers.Backend) -> Report:
    """Return the answer as a table."""
    pairs = len({frozenset(pair) for pair in answer.coupling_map})
    rows = (
        ("instance", answer.instance),
        ("state", f"{answer.state}, {show_queue(answer.queue_length)} in the queue"),
        ("chip", f"{counted(answer.num_qubits, 'qubit')}, {counted(pairs, 'pair')}, {answer.processor}".rstrip(", ")),
        ("gates", show(answer.basis_gates)),
        ("shots", f"up to {show(answer.max_shots)}"),
        ("two-qubit error", show_share(answer.two_qubit_error)),
        ("readout error", show_share(answer.readout_error)),
        ("calibrated", show(answer.calibrated)),
        ("faulty qubits", show(answer.faulty_qubits) if answer.faulty_qubits else "none"),
    )
    return Report(title=answer.name, columns=("", ""), rows=rows, notes=answer.ignored)


def show_queue(length: int | None) -> str:
    """Return how many jobs wait."""
    return "an unknown number of jobs" if length is None else counted(length, "job")


def show_share(share: float | None) -> str:
    """Return a median as a person would write it."""
    return "unknown" if share is None else f"{share:.2%}, the median"
