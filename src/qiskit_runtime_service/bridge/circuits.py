"""Circuits and their bindings: from what a user hands in to what a sampler job is sent."""

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression, Qubit
from qiskit.converters import circuit_to_dag
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import SamplerPubLike
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from qiskit.transpiler.passes import GatesInBasis
from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, NotExecutable, Problem
from .typed_json import encode_value

Pub = TypeVar("Pub", SamplerPub, EstimatorPub)

DEFAULT_SHOTS = 4096
"""What the server takes where neither a pub nor the options say."""
JOINT = b", "
"""What stands between two pubs."""
_LARGEST_RZZ_ANGLE = math.pi / 2 + 1e-10
_ANYWHERE = frozenset(("barrier", "store"))
"""Instructions that need no support of the device."""
_FIX = "transpile with generate_preset_pass_manager(backend=backend, optimization_level=1)"
_FOLD = "bind the values before transpiling, which folds the angles"


# What a user hands in


def read_pubs(pubs: Iterable[SamplerPubLike], shots: int | None) -> Result[tuple[SamplerPub, ...], Problem]:
    """Return the pubs in Qiskit's own form, with `shots` where they state none.

    Fails with:
        BadArgument: There are none, or one is not a circuit with fitting values and positive shots.

    Source: behaviour B83.
    """
    if (problem := _shots_problem("shots", shots)) is not None:
        return Failure(problem)
    wanted = "a circuit, or (circuit, parameter values, shots)"
    return read_all(pubs, lambda pub: SamplerPub.coerce(pub, shots), wanted, "[circuit]")


def read_all(pubs: object, coerce: Callable[[Any], Pub], wanted: str, example: str) -> Result[tuple[Pub, ...], Problem]:
    """Return pubs in Qiskit's own form, each with values for the parameters of its circuit.

    Args:
        pubs: What the user gives.
        coerce: Makes one, or raises as Qiskit does.
        wanted: What one must be.
        example: What all must be.

    Fails with:
        BadArgument: There are none, or one is not what it must be.

    Source: behaviour B83.
    """
    if isinstance(pubs, QuantumCircuit | str | bytes) or not isinstance(pubs, Iterable):
        return Failure(BadArgument(name="pubs", value=shown(pubs), wanted=f"a list of pubs, such as {example}"))
    read = []
    for index, pub in enumerate(pubs):
        try:
            read.append(_fitting(coerce(pub)))
        except (TypeError, ValueError, LookupError, QiskitError) as reason:
            return Failure(
                BadArgument(name=f"pubs[{index}]", value=shown(pub), wanted=f"{wanted}: {str(reason).rstrip('.')}")
            )
    if not read:
        return Failure(BadArgument(name="pubs", value="[]", wanted="at least one pub"))
    return Success(tuple(read))


def _fitting(pub: Pub) -> Pub:
    """Return `pub` if its values are for the parameters of its circuit: Qiskit only counts them."""
    given = {name for names in pub.parameter_values.data for name in names}
    wanted = {parameter.name for parameter in pub.circuit.parameters}
    if given != wanted:
        raise ValueError(f"the parameters are {sorted(wanted)}, but the values are for {sorted(given)}")
    return pub


def _shots_problem(name: str, shots: object) -> BadArgument | None:
    if shots is None or (isinstance(shots, int | np.integer) and not isinstance(shots, bool) and shots > 0):
        return None
    return BadArgument(name=name, value=shown(shots), wanted="a whole number of at least 1, or None for the default")


def shown(value: object) -> str:
    """Return a short text that tells the value apart without drawing a circuit."""
    if isinstance(value, QuantumCircuit):
        return f"circuit {value.name!r}"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


# What a job is sent


def encode_sampler_pub(pub: SamplerPub) -> bytes:
    """Return a pub as it is sent: `[circuit, values, shots]`.

    The values are one array of shape (*shape of the pub, number of parameters) in the order of `circuit.parameters`.

    Raises:
        TypeError: The metadata of the circuit hold something that has no form in typed JSON.

    Source: behaviour B84.
    """
    return encode_value([pub.circuit, values_of(pub), pub.shots])


def encode_sampler_params(pubs: Iterable[SamplerPub], options: Mapping[str, object]) -> bytes:
    """Return the `params` of a sampler job as JSON text.

    Raises:
        TypeError: Something has no form in typed JSON.

    Source: behaviour B84.
    """
    return encode_params(list(map(encode_sampler_pub, pubs)), options)


def encode_params(pubs: Sequence[bytes], options: Mapping[str, object], **more: object) -> bytes:
    """Return the `params` of a primitive's job as JSON text.

    Args:
        pubs: As they are sent.
        options: The options that are set.
        more: Other parameters.

    Raises:
        TypeError: Something has no form in typed JSON.

    Source: behaviour B84.
    """
    rest = encode_value({"options": dict(options), "version": 2, "support_qiskit": True, **more})
    return b'{"pubs": [' + JOINT.join(pubs) + b"], " + rest[1:]


def values_of(pub: SamplerPub | EstimatorPub) -> NDArray[np.float64]:
    """Return the parameter values of a pub, shape (*shape of the pub, number of parameters)."""
    values: NDArray[np.float64] = pub.parameter_values.as_array(pub.circuit.parameters)
    return values


# What a device can run


def check_pubs(
    pubs: Sequence[SamplerPub | EstimatorPub], target: Target, *, decoupled: bool = False
) -> Result[None, Problem]:
    """Check that the device of `target` can run every pub as it is.

    Args:
        pubs: To be run.
        target: What the device can run.
        decoupled: Whether its idle qubits shall be decoupled, which does not go with control flow.

    Fails with:
        NotExecutable: The first thing that it cannot run, with the pub, the instruction, its qubits and the fix.

    Source: behaviour B85, B165.
    """
    support = _Support(target)
    for index, pub in enumerate(pubs):
        reason = support.reason(pub) or (_control_flow_reason(pub.circuit) if decoupled else None)
        if reason is not None:
            return Failure(NotExecutable(pub=index, reason=reason))
    return Success(None)


def check_registers(pubs: Sequence[SamplerPub]) -> Result[None, Problem]:
    """Check that the results of every pub can be named after its classical registers.

    Fails with:
        NotExecutable: The first register that they cannot be named after.

    Source: behaviour B85.
    """
    for index, pub in enumerate(pubs):
        reason = _register_reason(pub.circuit)
        if reason is not None:
            return Failure(NotExecutable(pub=index, reason=reason))
    return Success(None)


def find_unmeasured(pubs: Sequence[SamplerPub]) -> int | None:
    """Return the index of the first pub whose result will be empty, because its circuit has no classical registers.

    Source: behaviour B166.
    """
    return next((index for index, pub in enumerate(pubs) if not pub.circuit.cregs), None)


def _control_flow_reason(circuit: QuantumCircuit) -> str | None:
    """Return which instruction cannot be there while idle qubits are decoupled, if any."""
    flow = (
        next((each for each in circuit.data if each.is_control_flow()), None) if circuit.has_control_flow_op() else None
    )
    if flow is None:
        return None
    where = _named(flow.name, [circuit.find_bit(bit).index for bit in flow.qubits])
    return f"{where} does not go with dynamical_decoupling.enable=True: switch one of them off"


def _register_reason(circuit: QuantumCircuit) -> str | None:
    """Return why the results could not be named after the classical registers, if so."""
    for register in circuit.cregs:
        if not register.size:
            return f"classical register {register.name!r} has no bits: remove it"
        if not register.name.isidentifier() or iskeyword(register.name):
            return f"classical register {register.name!r} is not a Python identifier: rename it"
    return None


class _Support:
    """What a target supports, one set of places per name."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._places: dict[str, Container[tuple[int, ...]]] = {}
        self._turns_within_bounds = "rzz" in target.operation_names and target.gate_has_angle_bounds("rzz")

    def reason(self, pub: SamplerPub | EstimatorPub) -> str | None:
        """Return why the target cannot run the circuit, if so."""
        circuit = pub.circuit
        width = self.target.num_qubits
        if width is not None and circuit.num_qubits > width:
            return f"the circuit has {circuit.num_qubits} qubits and the device {width}: {_FIX}"
        if not self._has_all(circuit):
            reason = self._block_reason(circuit, range(circuit.num_qubits))
            if reason is not None:
                return reason
        if self._turns_within_bounds and _has_rzz(circuit):
            return _rzz_reason(circuit, range(circuit.num_qubits), _Bindings(pub))
        return None

    def _has_all(self, circuit: QuantumCircuit) -> bool:
        """Tell, in a third of the time that finding what is missing takes, whether nothing is."""
        search = GatesInBasis(target=self.target)
        search.run(circuit_to_dag(circuit, copy_operations=False))
        return bool(search.property_set["all_gates_in_basis"])

    def _block_reason(self, block: QuantumCircuit, qubits: Sequence[int]) -> str | None:
        """Return why a circuit cannot run whose qubits are `qubits` of the device."""
        place = dict(zip(block.qubits, qubits, strict=True))
        # Few pairs of name and qubits are distinct, so the long loop only collects them, in order.
        for name, bits in dict.fromkeys((each.name, each.qubits) for each in block.data):
            where = tuple(place[bit] for bit in bits)
            if name not in _ANYWHERE and where not in self._places_of(name):
                return f"{_named(name, where)} is not supported by the device: {_FIX}"
        inner = ((body, [place[bit] for bit in bits]) for body, bits in bodies(block))
        return next(filter(None, (self._block_reason(body, where) for body, where in inner)), None)

    def _places_of(self, name: str) -> Container[tuple[int, ...]]:
        """Return all tuples of qubits on which `name` is supported."""
        if name not in self._places:
            places = self.target[name] if name in self.target.operation_names else ()
            self._places[name] = _Everywhere() if None in places else frozenset(places)
        return self._places[name]


def _has_rzz(circuit: QuantumCircuit) -> bool:
    return "rzz" in circuit.count_ops() or any(_has_rzz(body) for body, _ in bodies(circuit))


class _Everywhere:
    """The places of an instruction that a target has without naming qubits."""

    def __contains__(self, _: object) -> bool:
        return True


def _named(name: str, where: Sequence[int]) -> str:
    noun = "qubit" if len(where) == 1 else "qubits"
    return f"instruction {name!r} on {noun} {', '.join(map(str, where))}"


def bodies(circuit: QuantumCircuit) -> Iterator[tuple[QuantumCircuit, Sequence[Qubit]]]:
    """Yield the body of each control-flow operation, with the qubits that it acts on."""
    if circuit.has_control_flow_op():
        for each in circuit.data:
            if each.is_control_flow():
                for body in each.operation.blocks:
                    yield body, each.qubits


class _Bindings:
    """The parameter values of a pub, one row per binding."""

    def __init__(self, pub: SamplerPub | EstimatorPub) -> None:
        self.column = {parameter: index for index, parameter in enumerate(pub.circuit.parameters)}
        self.rows = values_of(pub).reshape(-1, len(self.column)) if self.column else np.empty((1, 0))

    def values_of(self, angle: ParameterExpression) -> NDArray[np.float64]:
        """Return what an expression becomes, one value per binding; none where a loop variable is in it."""
        parameters = list(angle.parameters)
        if not all(each in self.column for each in parameters):
            return np.empty(0)
        rows = self.rows[:, [self.column[each] for each in parameters]]
        slopes = [angle.gradient(each) for each in parameters]
        if any(isinstance(slope, ParameterExpression) for slope in slopes):
            bound = (angle.bind(dict(zip(parameters, row, strict=True))) for row in rows)
            return np.array([float(each) for each in bound])
        start = float(angle.bind(dict.fromkeys(parameters, 0.0)))
        values: NDArray[np.float64] = start + rows @ np.array(slopes, dtype=float)
        return values


def _rzz_reason(circuit: QuantumCircuit, qubits: Sequence[int], bindings: _Bindings) -> str | None:
    """Return which angle of an `rzz` is outside the range of the device, if any is."""
    place = dict(zip(circuit.qubits, qubits, strict=True))
    for each in circuit.data:
        if each.name == "rzz":
            (angle,) = each.params
            values = bindings.values_of(angle) if isinstance(angle, ParameterExpression) else np.array([float(angle)])
            outside = values[(values < 0) | (values > _LARGEST_RZZ_ANGLE) | np.isnan(values)]
            if outside.size:
                where = _named("rzz", [place[bit] for bit in each.qubits])
                return f"{where} has the angle {outside[0]:g}, which is not in [0, π/2]: {_FOLD}"
    inner = ((body, [place[bit] for bit in bits]) for body, bits in bodies(circuit))
    return next(filter(None, (_rzz_reason(body, where, bindings) for body, where in inner)), None)
