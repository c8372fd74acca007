"""What a device can run: circuits, against its target."""

import math
import re
from collections.abc import Container, Iterator, Sequence
from inspect import signature
from keyword import iskeyword
from typing import TypeVar

import numpy as np
from msgspec.structs import replace
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression, Qubit
from qiskit.converters import circuit_to_dag
from qiskit.primitives.containers import DataBin
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from qiskit.transpiler.passes import GatesInBasis
from returns.result import Failure, Result, Success

from ..records.problem import NotExecutable, Problem
from .bindings import Bindings
from .inner_circuits import name_step

T = TypeVar("T")

_LARGEST_RZZ_ANGLE = math.pi / 2 + 1e-10
_ANYWHERE = frozenset(("barrier", "store", "break_loop", "continue_loop"))
"""Instructions that need no support of the device."""
_OPEN_CONTROLS = re.compile(r"_o\d+$")
"""What the name of a gate ends with of which some controls are zeros: `ccx_o1`."""
TRANSPILE = "Transpile it with generate_preset_pass_manager(backend=backend)"
_WIDER = "Use a backend that has as many: service.backends(min_num_qubits={})"
FOLD = "Bind the values before transpiling, which folds the angles"
SWITCH = "Take it out, or set dynamical_decoupling.enable to False"
_TAKEN = frozenset((*dir(DataBin), *signature(DataBin.__init__).parameters)) - {"data"}
"""What a result has under these names itself. `data` is only the name of all fields."""
_RENAME = "Rename or remove the register"


def speak_of(noun: str, result: Result[T, Problem], pubs: Sequence[int | None] = ()) -> Result[T, Problem]:
    """Return a result whose problem speaks of an item, or of a circuit, where it spoke of a PUB.

    Args:
        noun: What it speaks of.
        result: It counts the circuits.
        pubs: Which PUB of the user's each circuit is for, where there are any: then it speaks of that.

    Source: behaviour B408.
    """

    def told(problem: Problem) -> Problem:
        if not isinstance(problem, NotExecutable):
            return problem
        pub = pubs[problem.pub] if problem.pub < len(pubs) else None
        return replace(problem, noun=noun) if pub is None else replace(problem, pub=pub)

    return result.alt(told)


def check_pubs(
    pubs: Sequence[SamplerPub | EstimatorPub],
    target: Target,
    *,
    decoupled: bool = False,
    simulator: bool = False,
) -> Result[None, Problem]:
    """Check that the device of `target` can run every pub as it is.

    Args:
        pubs: To be run.
        target: What the device can run.
        decoupled: Whether its idle qubits shall be decoupled, which does not go with control flow.
        simulator: Whether a gate may be controlled by zeros too, which no hardware has.

    Fails with:
        NotExecutable: The first thing that it cannot run, with the pub, the instruction, its qubits and the fix.

    Source: behaviour B85, B165.
    """
    support = _Support(target, open_controls=simulator)
    for index, pub in enumerate(pubs):
        if (reason := support.width_reason(pub.circuit)) is not None:
            return Failure(NotExecutable(pub=index, reason=reason, fix=_WIDER.format(pub.circuit.num_qubits)))
        if (reason := support.reason(pub.circuit)) is not None:
            return Failure(NotExecutable(pub=index, reason=reason, fix=TRANSPILE))
        if (reason := support.angle_reason(pub)) is not None:
            return Failure(NotExecutable(pub=index, reason=reason, fix=FOLD))
        if decoupled and (reason := find_control_flow(pub.circuit)) is not None:
            return Failure(NotExecutable(pub=index, reason=reason, fix=SWITCH))
    return Success(None)


def check_registers(pubs: Sequence[SamplerPub]) -> Result[None, Problem]:
    """Check that the results of every pub can be named after its classical registers.

    Fails with:
        NotExecutable: The first register that they cannot be named after.

    Source: behaviour B85.
    """
    for index, pub in enumerate(pubs):
        if (reason := _register_reason(pub.circuit)) is not None:
            return Failure(NotExecutable(pub=index, reason=reason, fix=_RENAME))
    return Success(None)


def find_unsupported(circuit: QuantumCircuit, target: Target) -> str | None:
    """Return what keeps a device from running a circuit as it is, if anything does. Angles are not looked at."""
    support = _Support(target, open_controls=False)
    return support.width_reason(circuit) or support.reason(circuit)


def find_wide_turn(pub: SamplerPub | EstimatorPub) -> str | None:
    """Return which angle of an `rzz` no hardware takes, if any."""
    return _rzz_reason(pub.circuit, range(pub.circuit.num_qubits), Bindings(pub))


def find_unmeasured(pubs: Sequence[SamplerPub]) -> int | None:
    """Return the index of the first pub whose result will be empty, because its circuit has no classical registers.

    Source: behaviour B166.
    """
    return next((index for index, pub in enumerate(pubs) if not pub.circuit.cregs), None)


def find_control_flow(circuit: QuantumCircuit) -> str | None:
    """Return which instruction cannot be there while idle qubits are decoupled, if any."""
    if not circuit.has_control_flow_op():
        return None
    flow = next(instruction for instruction in circuit.data if instruction.is_control_flow())
    where = name_step(flow.name, [circuit.find_bit(bit).index for bit in flow.qubits])
    return f"{where} does not go with dynamical_decoupling.enable=True"


def _register_reason(circuit: QuantumCircuit) -> str | None:
    """Return why the results could not be named after the classical registers, if so."""
    for register in circuit.cregs:
        if not register.size:
            return f"classical register {register.name!r} has no bits"
        if not register.name.isidentifier() or iskeyword(register.name):
            return f"classical register {register.name!r} is not a Python identifier"
        if register.name in _TAKEN:
            return f"classical register {register.name!r} has a name that every result has for something else"
    return None


class _Support:
    """What a target supports, one set of places per name."""

    def __init__(self, target: Target, *, open_controls: bool) -> None:
        self.target = target
        self.open_controls = open_controls
        self._places: dict[str, Container[tuple[int, ...]]] = {}
        self._turns_within_bounds = "rzz" in target.operation_names and target.gate_has_angle_bounds("rzz")

    def width_reason(self, circuit: QuantumCircuit) -> str | None:
        """Return that the circuit has more qubits than the target, if so."""
        width = self.target.num_qubits
        fits = width is None or circuit.num_qubits <= width
        return None if fits else f"the circuit has {circuit.num_qubits} qubits and the device {width}"

    def reason(self, circuit: QuantumCircuit) -> str | None:
        """Return which instruction the target cannot run, if any."""
        return None if self._has_all(circuit) else self._block_reason(circuit, range(circuit.num_qubits))

    def angle_reason(self, pub: SamplerPub | EstimatorPub) -> str | None:
        """Return which angle of an `rzz` is outside the range of the device, if any is."""
        if self._turns_within_bounds and _has_rzz(pub.circuit):
            return _rzz_reason(pub.circuit, range(pub.circuit.num_qubits), Bindings(pub))
        return None

    def _has_all(self, circuit: QuantumCircuit) -> bool:
        """Tell, in a third of the time that finding what is missing takes, whether nothing is."""
        search = GatesInBasis(target=self.target)
        try:
            search.run(circuit_to_dag(circuit, copy_operations=False))
        except UnicodeEncodeError:
            # A name that is no UTF-8 is of no account here: whether it can be sent is another question.
            return False
        return bool(search.property_set["all_gates_in_basis"])

    def _block_reason(self, block: QuantumCircuit, qubits: Sequence[int]) -> str | None:
        """Return why a circuit cannot run whose qubits are `qubits` of the device."""
        place = dict(zip(block.qubits, qubits, strict=True))
        # Few pairs of name and qubits are distinct, so the long loop only collects them, in order.
        for name, bits in dict.fromkeys((instruction.name, instruction.qubits) for instruction in block.data):
            where = tuple(place[bit] for bit in bits)
            if name not in _ANYWHERE and where not in self._places_of(name):
                return f"{name_step(name, where)} is not supported by the device"
        inner = ((body, [place[bit] for bit in bits]) for body, bits in bodies(block))
        return next(filter(None, (self._block_reason(body, where) for body, where in inner)), None)

    def _places_of(self, name: str) -> Container[tuple[int, ...]]:
        """Return all tuples of qubits on which `name` is supported."""
        if name not in self._places:
            gate = _OPEN_CONTROLS.sub("", name) if self.open_controls else name
            places = self.target[gate] if gate in self.target.operation_names else ()
            self._places[name] = _Everywhere() if None in places else frozenset(places)
        return self._places[name]


def _has_rzz(circuit: QuantumCircuit) -> bool:
    return "rzz" in circuit.count_ops() or any(_has_rzz(body) for body, _ in bodies(circuit))


class _Everywhere:
    """The places of an instruction that a target has without naming qubits."""

    def __contains__(self, _: object) -> bool:
        return True


def bodies(circuit: QuantumCircuit) -> Iterator[tuple[QuantumCircuit, Sequence[Qubit]]]:
    """Yield the body of each control-flow operation, with the qubits that it acts on."""
    if circuit.has_control_flow_op():
        for instruction in circuit.data:
            if instruction.is_control_flow():
                for body in instruction.operation.blocks:
                    yield body, instruction.qubits


def _rzz_reason(circuit: QuantumCircuit, qubits: Sequence[int], bindings: Bindings) -> str | None:
    """Return which angle of an `rzz` is outside the range of the device, if any is."""
    place = dict(zip(circuit.qubits, qubits, strict=True))
    for instruction in circuit.data:
        if instruction.name == "rzz":
            (angle,) = instruction.params
            values = bindings.values_of(angle) if isinstance(angle, ParameterExpression) else np.array([float(angle)])
            outside = np.flatnonzero((values < 0) | (values > _LARGEST_RZZ_ANGLE) | np.isnan(values))
            if outside.size:
                where = name_step("rzz", [place[bit] for bit in instruction.qubits])
                said = bindings.describe(angle, outside[0]) if isinstance(angle, ParameterExpression) else ""
                return f"{where} has the angle {values[outside[0]]:g}{said}, which is not in [0, π/2]"
    inner = ((body, [place[bit] for bit in bits]) for body, bits in bodies(circuit))
    return next(filter(None, (_rzz_reason(body, where, bindings) for body, where in inner)), None)
