"""What a noise learner can learn: boxes of one layer of gates, or of measurements."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

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

_WANTED = "a list of boxes, such as estimator.find_unique_layers(pubs) returns"
_OF_DEVICE = "Take the boxes from a circuit that was transpiled for the backend"
_SPLIT = "Give it one layer of gates on qubits of their own, or measure each of its qubits once"
_RESERVED = {"M": "the measurement", "P": "the preparation"}
"""What a learner on the executor calls its own."""


def read_boxes(instructions: object, target: Target) -> Result[Boxes, Problem]:
    """Return the boxes of which noise is to be learned, all of them on qubits of the device.

    What can be walked through once alone, such as a generator, is walked through once.

    Fails with:
        BadArgument: They are no list of boxes, or none.
        NotExecutable: A box is not on qubits of the device, is parametric, or the device cannot run what is in it.

    Source: behaviour B400.
    """
    if isinstance(instructions, QuantumCircuit | CircuitInstruction):
        return refuse("instructions", instructions, _WANTED)
    return read_items("instructions", instructions, wanted=_WANTED).bind(lambda given: _check_boxes(given, target))


def _check_boxes(given: Sequence[object], target: Target) -> Result[Boxes, Problem]:
    if not given:
        return Failure(BadArgument(name="instructions", value="[]", wanted=f"{_WANTED}; there must be at least one"))
    for index, box in enumerate(given):
        if not (isinstance(box, CircuitInstruction) and isinstance(box.operation, BoxOp)):
            name = box.operation.name if isinstance(box, CircuitInstruction) else None
            value: object = f"the instruction {name!r}" if name else box
            return refuse(f"instructions[{index}]", value, "a CircuitInstruction of a box: circuit.box()")
    boxes: Boxes = tuple(box for box in given if isinstance(box, CircuitInstruction))
    for index, box in enumerate(boxes):
        if (reason := _foreign(box, target)) is not None:
            return Failure(_not_learnable(index, reason, _OF_DEVICE))
    placed = [SamplerPub.coerce(_placed(box, target)) for box in boxes]
    return check_pubs(placed, target).alt(_of_instruction).map(lambda _: boxes)


def _foreign(box: CircuitInstruction, target: Target) -> str | None:
    """Return why a box is none of the device, if so."""
    register = register_of(target)
    others = [bit for bit in box.qubits if bit not in register]
    if others:
        return f"it is on {others[0]}, which is not in the register of the device, {register}"
    if box.operation.body.parameters:
        return f"it has parameters, {', '.join(bit.name for bit in box.operation.body.parameters)}"
    return None if box.qubits else "it has no qubits"


def _placed(box: CircuitInstruction, target: Target) -> QuantumCircuit:
    """Return what is in a box, on the qubits of the device that it is on."""
    body = box.operation.body
    circuit = QuantumCircuit(target.num_qubits, body.num_clbits)
    where = [register_of(target).index(bit) for bit in box.qubits]
    circuit.compose(body, where, range(body.num_clbits), inplace=True)
    return circuit


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
    """Check that the program `noise-learner` can learn the noise of every box, and that it arrives as it is.

    Fails with:
        NotExecutable: The first box that is not twirled, or neither one layer of Clifford gates nor measurements.

    Source: behaviour B400.
    """
    for index, box in enumerate(boxes):
        if get_annotation(box.operation, Twirl) is None:
            fix = "Give it one: circuit.box([Twirl()])"
            return Failure(_not_learnable(index, "it has no Twirl annotation", fix))
        reason = unlearnable_measures(box) if measures(box) else next(_flaws_of_layer(box), None)
        if reason is not None:
            return Failure(_not_learnable(index, reason, _SPLIT))
    circuits = [QuantumCircuit(list(box.qubits), list(box.clbits)) for box in boxes]
    for circuit, box in zip(circuits, boxes, strict=True):
        circuit.append(box)
    return check_form([SamplerPub.coerce(circuit) for circuit in circuits], comes_back).alt(_of_instruction)


def check_learnable_here(boxes: Boxes, register: QuantumRegister) -> Result[None, Problem]:
    """Check that a learner on the executor can learn the noise of every box.

    Fails with:
        NotExecutable: The first box that it cannot learn.
        BadArgument: All boxes together are on one qubit.

    Source: behaviour B400.
    """
    everywhere = qubits_of(boxes, register)
    named: dict[str, int] = {}
    for index, box in enumerate(boxes):
        problem = next(_flaws_here(box, everywhere, named), None)
        if problem is not None:
            return Failure(_not_learnable(index, *problem))
        measuring = "M" if measures(box) else None
        for name in {_name_of(box), measuring} - {None}:
            named[str(name)] = index
    if len(everywhere) < 2:
        wanted = "on two qubits at least, all together: circuit.noop(1) puts an idle one into a box"
        return Failure(BadArgument(name="instructions", value=f"on qubit {register.index(everywhere[0])}", wanted=wanted))
    return Success(None)


def _flaws_here(
    box: CircuitInstruction, everywhere: Sequence[Qubit], named: dict[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield why a learner on the executor cannot learn a box, and the way out."""
    twirl = get_annotation(box.operation, Twirl)
    if twirl is None and box.operation.annotations:
        yield "it has annotations but no Twirl", "Give it one: circuit.box([Twirl(), …])"
    if twirl is not None and twirl.dressing is not DressingMode.LEFT:
        yield "its twirl is dressed on the right", "Dress it on the left: Twirl(dressing='left')"
    name = _name_of(box)
    if name in _RESERVED and not (name == "M" and measures(box)):
        yield f"its reference {name!r} is what {_RESERVED[name]} is called", "Give it another: InjectNoise('layer')"
    if name in named:
        yield (
            f"its reference {name!r} is that of instruction {named[name]}",
            "Give each box once, with a reference of its own: samplomatic.utils.find_unique_box_instructions",
        )
    if measures(box):
        if "M" in named:
            yield f"it measures, as instruction {named['M']} does", "Give one box of measurements at most"
        if (reason := unlearnable_measures(box)) is not None:
            yield reason, _SPLIT
        if len(box.qubits) < len(everywhere):
            missing = [bit for bit in everywhere if bit not in box.qubits]
            yield f"it does not measure {missing}, on which other instructions are", "Measure all of their qubits in it"
    elif (reason := _not_its_own_inverse(box)) is not None:
        yield reason, _SPLIT


def _name_of(box: CircuitInstruction) -> str | None:
    noise = get_annotation(box.operation, InjectNoise)
    return None if noise is None else noise.ref


def measures(box: CircuitInstruction) -> bool:
    """Tell whether there is a measurement in a box."""
    return any(step.name.startswith("meas") for step in box.operation.body.data)


def unlearnable_measures(box: CircuitInstruction) -> str | None:
    """Return why a box is not of measurements alone, one of each of its qubits, if so."""
    body = box.operation.body
    other = next((step.name for step in _steps(body) if not step.name.startswith("meas")), None)
    if other is not None:
        return f"it measures, and has {other!r} besides"
    times = Counter(bit for step in _steps(body) for bit in step.qubits)
    odd = next((where for bit, where in zip(body.qubits, box.qubits, strict=True) if times[bit] != 1), None)
    return None if odd is None else f"it does not measure {odd} just once"


def _flaws_of_layer(box: CircuitInstruction) -> Iterator[str]:
    """Yield why a box is not one layer of Clifford gates."""
    used: set[Qubit] = set()
    for step in _steps(box.operation.body):
        if len(step.qubits) > 2 or step.clbits:
            yield f"{step.name!r} in it is no gate of one or two qubits"
        if not _is_clifford(step):
            yield f"{step.name!r} in it is no Clifford gate"
        if not used.isdisjoint(step.qubits):
            yield f"{step.name!r} in it follows another gate on the same qubits"
        used.update(step.qubits)


def _not_its_own_inverse(box: CircuitInstruction) -> str | None:
    """Return why a box is no Clifford operation that undoes itself, up to Pauli operators, if so."""
    body = box.operation.body
    odd = next((step.name for step in _steps(body) if step.clbits or not _is_clifford(step)), None)
    if odd is not None:
        return f"{odd!r} in it is no Clifford gate"
    plain = QuantumCircuit(list(body.qubits))
    for step in _steps(body):
        plain.append(step)
    done = Clifford(plain)
    twice = done.compose(done).symplectic_matrix
    same = (twice == Clifford(QuantumCircuit(body.num_qubits)).symplectic_matrix).all()
    return None if same else "done twice it is not undone, and a learner repeats it in pairs"


def _is_clifford(step: CircuitInstruction) -> bool:
    try:
        Clifford(step.operation)
    except (QiskitError, TypeError):
        return False
    return True


def _steps(body: QuantumCircuit) -> Iterator[CircuitInstruction]:
    return (step for step in body.data if step.name != "barrier")


def _not_learnable(index: int, reason: str, fix: str) -> NotExecutable:
    return NotExecutable(pub=index, reason=reason, fix=fix, noun="Instruction")


def _of_instruction(problem: Problem) -> Problem:
    """Return a problem that speaks of an instruction where it spoke of a PUB."""
    if isinstance(problem, NotExecutable):
        return _not_learnable(problem.pub, problem.reason, problem.fix)
    return problem
