"""What a noise learner can learn: boxes of one layer of gates, or of measurements."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from qiskit import QuantumCircuit
from qiskit.circuit import BoxOp, CircuitInstruction, QuantumRegister, Qubit
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import Clifford
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success
from samplomatic import InjectNoise, Twirl
from samplomatic.annotations import DressingMode
from samplomatic.utils import get_annotation

from ..bridge.executable import check_pubs
from ..bridge.qpy_form import check_form
from ..core.arguments import read_items, refuse
from ..records.problem import BadArgument, NotExecutable, Problem
from .annotations import comes_back

Boxes = tuple[CircuitInstruction, ...]
Flaws = Iterator[tuple[str, str]]
"""What is wrong with a box, as the end of "is a box that …", and what it must be, as that of "It must be …"."""

_WANTED: Final = "a list of boxes, such as estimator.find_unique_layers(pubs) returns"
_LAYER: Final = "one of a single layer of Clifford gates, each on qubits of its own, or of measurements alone"
_ONCE: Final = "one that measures each of its qubits once, and does nothing else"
_RESERVED: Final = {"M": "the measurement", "P": "the preparation"}
"""What a learner on the executor calls its own."""


def read_boxes(instructions: object, register: QuantumRegister) -> Result[Boxes, BadArgument]:
    """Return the boxes of which noise is to be learned.

    What can be walked through once alone, such as a generator, is walked through once.

    Args:
        instructions: What the user gives.
        register: All qubits of the device.

    Fails with:
        BadArgument: They are no list of boxes, there are none, or one is not on qubits of the device or is parametric.

    Source: behaviour B400.
    """
    if isinstance(instructions, QuantumCircuit | CircuitInstruction):
        return refuse("instructions", instructions, _WANTED)
    return read_items("instructions", instructions, wanted=_WANTED).bind(lambda given: _read_each(given, register))


def _read_each(given: Sequence[object], register: QuantumRegister) -> Result[Boxes, BadArgument]:
    if not given:
        return Failure(BadArgument(name="instructions", value="[]", wanted=f"{_WANTED}; at least one"))
    boxes: list[CircuitInstruction] = []
    for index, box in enumerate(given):
        name = f"instructions[{index}]"
        if not isinstance(box, CircuitInstruction):
            return refuse(name, box, "a CircuitInstruction of a box: circuit.data[0] after circuit.box()")
        if not isinstance(box.operation, BoxOp):
            wanted = "one of a box: put the gates of the layer into circuit.box()"
            return Failure(BadArgument(name=name, value=f"an instruction {box.name!r}", wanted=wanted))
        flaw = next(_flaws_of_place(box, register), None)
        if flaw is not None:
            return Failure(_flawed(index, *flaw))
        boxes.append(box)
    return Success(tuple(boxes))


def _flaws_of_place(box: CircuitInstruction, register: QuantumRegister) -> Flaws:
    outside = next((bit for bit in box.qubits if bit not in register), None)
    if outside is not None:
        wanted = f"one on qubits of {register}, as boxes of circuits are that were transpiled for the backend"
        yield f"is on {outside}", wanted
    if not box.qubits:
        yield "is on no qubits", "one on qubits of the device: circuit.noop(0) puts an idle one into it"
    if box.operation.body.parameters:
        names = ", ".join(parameter.name for parameter in box.operation.body.parameters)
        yield f"has the parameters {names}", "one without parameters: bind them"


def check_places(boxes: Boxes, target: Target) -> Result[None, Problem]:
    """Check that a device can run what is in each box.

    Fails with:
        NotExecutable: The first thing that it cannot run, with its box and its qubits.

    Source: behaviour B400.
    """
    pubs = [SamplerPub.coerce(placed(box, target)) for box in boxes]
    return check_pubs(pubs, target).alt(_of_instruction)


def placed(box: CircuitInstruction, target: Target) -> QuantumCircuit:
    """Return what is in a box as a circuit on all qubits of the device."""
    body, register = box.operation.body, register_of(target)
    circuit = QuantumCircuit(register)
    circuit.add_bits(body.clbits)
    return circuit.compose(body, box.qubits, body.clbits)


def register_of(target: Target) -> QuantumRegister:
    """Return the register of all qubits of a device, which circuits that are transpiled for it have."""
    return QuantumRegister(target.num_qubits, "q")


def qubits_of(boxes: Iterable[CircuitInstruction], register: QuantumRegister) -> list[Qubit]:
    """Return all qubits of a register that boxes are on, in its order.

    Source: behaviour B401.
    """
    used = {bit for box in boxes for bit in box.qubits}
    return [bit for bit in register if bit in used]


# What can be learned of them


def check_learnable(boxes: Boxes) -> Result[None, Problem]:
    """Check that the program `noise-learner` can learn the noise of every box, and that each arrives as it is.

    Fails with:
        BadArgument: The first box that is not twirled, or neither one layer of Clifford gates nor measurements.
        NotExecutable: The first box that cannot be sent as it is.

    Source: behaviour B400.
    """
    for index, box in enumerate(boxes):
        flaw = next(_flaws_for_program(box), None)
        if flaw is not None:
            return Failure(_flawed(index, *flaw))
    circuits = [QuantumCircuit(list(box.qubits), list(box.clbits)) for box in boxes]
    for circuit, box in zip(circuits, boxes, strict=True):
        circuit.append(box)
    return check_form([SamplerPub.coerce(circuit) for circuit in circuits], comes_back).alt(_of_instruction)


def _flaws_for_program(box: CircuitInstruction) -> Flaws:
    if get_annotation(box.operation, Twirl) is None:
        yield "has no Twirl annotation", "a box that has one: circuit.box([Twirl()])"
    yield from _flaws_of_measures(box) if measures(box) else _flaws_of_layer(box)


def check_learnable_here(boxes: Boxes, register: QuantumRegister) -> Result[None, Problem]:
    """Check that a learner on the executor can learn the noise of every box.

    Fails with:
        BadArgument: The first box that it cannot learn, or all boxes together are on one qubit.

    Source: behaviour B400.
    """
    everywhere = qubits_of(boxes, register)
    if len(everywhere) < 2:
        wanted = "on two qubits of the device at least, all together: circuit.noop(1) puts an idle one into a box"
        where = f"on qubit {register.index(everywhere[0])} alone"
        return Failure(BadArgument(name="instructions", value=where, wanted=wanted))
    named: dict[str, int] = {}
    for index, box in enumerate(boxes):
        flaw = next(_flaws_here(box, everywhere, named), None)
        if flaw is not None:
            return Failure(_flawed(index, *flaw))
        own = (name_of(box), "M" if measures(box) else None)
        named.update((name, index) for name in own if name is not None)
    return Success(None)


def _flaws_here(box: CircuitInstruction, everywhere: Sequence[Qubit], named: dict[str, int]) -> Flaws:
    twirl = get_annotation(box.operation, Twirl)
    if twirl is None and box.operation.annotations:
        yield "has annotations but no Twirl", "a box that has one: circuit.box([Twirl(), …])"
    if twirl is not None and twirl.dressing is not DressingMode.LEFT:
        yield "is dressed on the right", "dressed on the left: Twirl(dressing='left')"
    name = name_of(box)
    if name in _RESERVED and not (name == "M" and measures(box)):
        yield f"has the reference {name!r}, as {_RESERVED[name]} has", "one with another: InjectNoise('layer')"
    if name in named:
        yield (
            f"has the reference {name!r}, as instructions[{named[name]}] has",
            "given once, with a reference of its own: samplomatic.utils.find_unique_box_instructions",
        )
    if measures(box):
        if "M" in named:
            yield f"measures, as instructions[{named['M']}] does", "the only one that measures"
        yield from _flaws_of_measures(box)
        missing = [bit for bit in everywhere if bit not in box.qubits]
        if missing:
            yield f"does not measure {missing[0]}", "one that measures all qubits that the other boxes are on"
    else:
        yield from _flaws_of_inverse(box)


def find_undecidable(depths: Sequence[int], *, least: int) -> BadArgument | None:
    """Return that depths leave the noise undecided, if so: the decay from one to another tells that of gates.

    Args:
        depths: How often layers are repeated.
        least: How many different ones there must be.

    Source: behaviour B400.
    """
    if len(set(depths)) >= least:
        return None
    wanted = "a list of one depth at least" if least == 1 else "a list of two different depths at least, as [0, 1, 8]"
    return BadArgument(name="layer_pair_depths", value=str(list(depths)), wanted=wanted)


def name_of(box: CircuitInstruction) -> str | None:
    """Return by which reference a box asks for its noise, or `None` if by none."""
    noise = get_annotation(box.operation, InjectNoise)
    return None if noise is None else noise.ref


def measures(box: CircuitInstruction) -> bool:
    """Tell whether there is a measurement in a box."""
    return any(step.name.startswith("meas") for step in box.operation.body.data)


def _flaws_of_measures(box: CircuitInstruction) -> Flaws:
    body = box.operation.body
    other = next((step.name for step in _steps(body) if not step.name.startswith("meas")), None)
    if other is not None:
        yield f"measures and has {other!r} besides", _ONCE
    times = Counter(bit for step in _steps(body) for bit in step.qubits)
    for bit, where in zip(body.qubits, box.qubits, strict=True):
        if times[bit] != 1:
            yield f"measures {where} {times[bit]} times", _ONCE


def _flaws_of_layer(box: CircuitInstruction) -> Flaws:
    used: set[Qubit] = set()
    for step in _steps(box.operation.body):
        if len(step.qubits) > 2:
            yield f"has {step.name!r}, which is on more than two qubits", _LAYER
        if not _is_clifford(step):
            yield f"has {step.name!r}, which is no Clifford gate", _LAYER
        if not used.isdisjoint(step.qubits):
            yield f"has {step.name!r} after another gate on the same qubits", _LAYER
        used.update(step.qubits)


def _flaws_of_inverse(box: CircuitInstruction) -> Flaws:
    """Yield why a box is no Clifford operation that undoes itself, up to Pauli operators."""
    body = box.operation.body
    plain = QuantumCircuit(list(body.qubits))
    for step in _steps(body):
        if not _is_clifford(step):
            yield f"has {step.name!r}, which is no Clifford gate", _LAYER
            return
        plain.append(step)
    once = Clifford(plain)
    nothing = Clifford(QuantumCircuit(body.num_qubits))
    if (once.compose(once).symplectic_matrix != nothing.symplectic_matrix).any():
        yield "does not undo itself when it is done twice", "one that does: a learner repeats it in pairs"


def _is_clifford(step: CircuitInstruction) -> bool:
    try:
        Clifford(step.operation)
    except (QiskitError, TypeError):
        return False
    return True


def _steps(body: QuantumCircuit) -> Iterator[CircuitInstruction]:
    return (step for step in body.data if step.name != "barrier")


def _flawed(index: int, flaw: str, wanted: str) -> BadArgument:
    return BadArgument(name=f"instructions[{index}]", value=f"a box that {flaw}", wanted=wanted)


def _of_instruction(problem: Problem) -> Problem:
    """Return a problem that speaks of an instruction where it spoke of a PUB."""
    if isinstance(problem, NotExecutable):
        return NotExecutable(pub=problem.pub, reason=problem.reason, fix=problem.fix, noun="Instruction")
    return problem
