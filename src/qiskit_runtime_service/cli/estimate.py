"""`estimate`: what the circuits of a file would use of a device, before they are sent."""

import click

from . import json_answers
from .laid_out import Work, estimate_form, lays_out
from .options import Command, with_output
from .output import Output
from .service_options import Opening, opens_service


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime estimate bell.qasm --local --backend fake_fez",
        "qiskit-runtime estimate bell.qasm --shots 100000",
        'qiskit-runtime estimate bell.qasm --where "num_qubits >= 100" --json',
    ],
)
@lays_out
@opens_service
@with_output
def command(work: Work, opening: Opening, out: Output) -> None:
    """Tell what the circuits of a file would use, and send nothing.

    It is about what IBM's formula gives for them in one job of a sampler; what nobody can know is said.

    FILE holds OpenQASM 2, OpenQASM 3 or QPY; - is standard input. Circuits without measurements are measured whole.
    """
    from ..shell.primitives import SamplerV2

    read = work.read()
    with opening.service() as service:
        backend, circuits = work.lay_out(read, service)
        estimate = SamplerV2(mode=backend).estimate(circuits, shots=work.shots)
        answer = json_answers.Estimate(
            backend=backend.name, instance=backend.instance, shots=work.shots, estimate=estimate_form(estimate)
        )
        out.answer(answer, estimate.report())
