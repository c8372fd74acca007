"""What QPY has no form for, so that a circuit would not arrive as it was written."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from qiskit import QuantumCircuit
from qiskit.circuit import Annotation
from qiskit.circuit.library import PauliEvolutionGate
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from ..records.problem import NotExecutable, Problem
from .inner_circuits import circuits_in, is_ordinary, name_step, special_steps
from .typed_json import encode_value

_MOST_BYTES = 2**16 - 1 - len("_" + 32 * "0")
"""How long a name may be, with what QPY adds to those of instructions."""
_SHORTEN = "Shorten the name"
_REWRITE = "Write it in characters that UTF-8 has"
_STRIP = "Take the annotations off: they only mean something to the transpiler and to quantum programs"
_DECOMPOSE = "Decompose it: circuit.decompose()"


Keeps = Callable[[Annotation], bool]
"""Whether an annotation comes back from QPY as it was written."""


def check_form(pubs: Sequence[SamplerPub | EstimatorPub], keeps: Keeps = lambda _: False) -> Result[None, Problem]:
    """Check that every circuit can be written in QPY and read from it as it is.

    Args:
        pubs: To be run.
        keeps: Tells of an annotation whether it comes back as it is; by default none does.

    Fails with:
        NotExecutable: The first thing that cannot, with the pub, the instruction and the fix.

    Source: behaviour B263.
    """
    for index, pub in enumerate(pubs):
        qubits = range(pub.circuit.num_qubits)
        found = next(chain(_flaws_of_names(pub.circuit), _flaws(pub.circuit, qubits, keeps)), None)
        if found is not None:
            reason, fix = found
            return Failure(NotExecutable(pub=index, reason=reason, fix=fix))
    return Success(None)


UNWRITABLE = (QiskitError, ValueError, OverflowError)
"""What is raised where something cannot be written that `check_form` does not look at, such as a parameter."""


def unwritable(index: int, circuit: QuantumCircuit, error: Exception, *, noun: str = "PUB") -> NotExecutable:
    """Return that a circuit cannot be written, and what of it, if it is an instruction."""
    words = f"{find_unwritable(circuit) or 'the circuit'} cannot be written as QPY: {error}"
    return NotExecutable(pub=index, reason=words, fix="Take it out or decompose it", noun=noun)


def find_unwritable(circuit: QuantumCircuit) -> str | None:
    """Return the words for the first instruction of a circuit that cannot be written, or `None` if all can."""
    for step in circuit.data:
        if not step.is_standard_gate():
            try:
                encode_value(step.operation)
            except UNWRITABLE:
                return name_step(step.name, [circuit.find_bit(bit).index for bit in step.qubits])
            except TypeError:
                continue
    return None


def _flaws_of_names(circuit: QuantumCircuit) -> Iterator[tuple[str, str]]:
    named = {
        "circuit": (circuit,),
        "register": (*circuit.qregs, *circuit.cregs),
        "parameter": circuit.parameters,
        "variable": circuit.iter_vars(),
        "stretch": circuit.iter_stretches(),
    }
    for noun, holders in named.items():
        for holder in holders:
            yield from _flaws_of_name(f"the name of a {noun}", holder.name)
    for label in filter(None, (step.label for step in circuit.data)):
        yield from _flaws_of_name("a label", label)


def _flaws_of_name(what: str, name: str) -> Iterator[tuple[str, str]]:
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        yield f"{what}, {name[:80]!a}, has characters that are none", _REWRITE
        return
    if size > _MOST_BYTES:
        yield f"{what}, {name[:40]!r}…, has {size} bytes, where QPY has room for {_MOST_BYTES}", _SHORTEN


def _flaws(circuit: QuantumCircuit, qubits: Sequence[int], keeps: Keeps) -> Iterator[tuple[str, str]]:
    """Yield what has no form in a circuit, in its blocks and in its own instructions."""
    if is_ordinary(circuit):
        return
    place = dict(zip(circuit.qubits, qubits, strict=True))
    for step in special_steps(circuit):
        where = [place[bit] for bit in step.qubits]
        words = name_step(step.name, where)
        lost = [note for note in step.operation.annotations if not keeps(note)] if step.name == "box" else ()
        if lost:
            yield f"{words} has an annotation, {type(lost[0]).__name__}, that would not arrive as it is", _STRIP
        elif step.name == "PauliEvolution" and isinstance(step.operation, PauliEvolutionGate):
            yield f"{words} is a Pauli evolution, which is not read back", _DECOMPOSE
        yield from _flaws_of_name("an instruction", step.name)
        for inner in circuits_in(step):
            yield from _flaws_of_names(inner)
            yield from _flaws(inner, where, keeps)
