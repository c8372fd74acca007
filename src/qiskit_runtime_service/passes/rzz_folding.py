"""Angles of `rzz` within what devices are calibrated for."""

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Parameter, ParameterExpression, QuantumCircuit, Qubit
from qiskit.circuit.library import RZZGate
from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2
from qiskit.primitives.containers import EstimatorPubLike, SamplerPubLike
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from qiskit.transpiler.passes import WrapAngles

from .._public import public
from ..bridge.bindings import Bindings
from ..bridge.target import RZZ_BOUNDS, split_turns

PREFIX = "rzz_"
"""How the names of parameters begin that a PUB is given."""


@public("transpiler.passes")
class FoldRzzAngle(WrapAngles):
    """Write each `rzz` whose angle is not between 0 and π/2 with one whose angle is, and with `x` and `rz`.

    The circuit stays what it is, global phase included, and so do angles that are not bound yet. `transpile` does this
    by itself for backends of this package.

    Source: behaviour B461.
    """

    def __init__(self) -> None:
        target = Target()
        target.add_instruction(RZZGate(Parameter("angle")), angle_bounds=RZZ_BOUNDS)
        super().__init__(target)


@public("transpiler.passes.basis.fold_rzz_angle")
def convert_to_rzz_valid_pub(
    primitive: BaseSamplerV2 | BaseEstimatorV2, pub: SamplerPubLike | EstimatorPubLike
) -> SamplerPub | EstimatorPub:
    """Return a PUB that measures the same, in which each `rzz` has an angle from 0 to π/2 for all values of parameters.

    Where a parameter leads beyond, `rzz` gets an angle of its own, such as `rzz_1_rzz`, between turns by 0 or π, such
    as `rzz_1_rx` and `rzz_1_rz`; turns that are alike for all values are gates. Angles without parameters stay: fold
    them with `FoldRzzAngle`. Global phases are not kept.

    Args:
        primitive: The sampler or estimator that the PUB is for.
        pub: What its `run` takes.

    Raises:
        ValueError: It is no primitive, the circuit has control flow or a parameter whose name begins with `rzz_`, or
            an angle is no finite number.

    Source: behaviour B476.
    """
    if not isinstance(primitive, BaseSamplerV2 | BaseEstimatorV2):
        raise ValueError(f"primitive is of type {type(primitive).__name__}.\nGive a sampler or an estimator.")
    read = (SamplerPub if isinstance(primitive, BaseSamplerV2) else EstimatorPub).coerce(pub)
    circuit = read.circuit
    if circuit.has_control_flow_op():
        raise ValueError(f"Circuit {circuit.name!r} has control flow.\nBind its parameters, and run FoldRzzAngle.")
    taken = [parameter.name for parameter in circuit.parameters if parameter.name.startswith(PREFIX)]
    if taken:
        raise ValueError(f"The name of parameter {taken[0]!r} begins with {PREFIX!r}.\nGive it another name.")
    folding = _Folding(circuit, Bindings(read))
    if not folding.values:
        return read
    shape = read.parameter_values.shape
    kept = [index for index, known in enumerate(circuit.parameters) if known in folding.circuit.parameters]
    data: dict[tuple[str, ...], NDArray[np.floating]] = {
        (name,): values.reshape(*shape, 1) for name, values in folding.values.items()
    }
    if kept:
        names = tuple(circuit.parameters[index].name for index in kept)
        data[names] = read.parameter_values.as_array(circuit.parameters)[..., kept]
    values = BindingsArray(data, shape)
    if isinstance(read, SamplerPub):
        return SamplerPub(folding.circuit, values, read.shots)
    return EstimatorPub(folding.circuit, read.observables, values, read.precision)


class _Folding:
    """A circuit with angles and turns of its own, and their values for each set of values of its parameters."""

    def __init__(self, circuit: QuantumCircuit, bindings: Bindings) -> None:
        self.circuit = circuit.copy_empty_like()
        self.values: dict[str, NDArray[np.floating]] = {}
        self._folded = 0
        lowest, highest = RZZ_BOUNDS[0]
        for step in circuit.data:
            angle = step.operation.params[0] if step.name == "rzz" else None
            if isinstance(angle, ParameterExpression):
                values = bindings.values_of(angle)
                if not np.isfinite(values).all():
                    raise ValueError(
                        f"An rzz has the angle {values[~np.isfinite(values)][0]} ({angle}).\nGive numbers."
                    )
                if ((values < lowest) | (values > highest)).any():
                    self._fold(values, *step.qubits)
                    continue
            self.circuit.append(step)

    def _fold(self, values: NDArray[np.floating], first: Qubit, second: Qubit) -> None:
        # As in `fold_rzz`: an rzz(π) is two rz(π), and an X on one side turns what is left around.
        self._folded += 1
        turns, rest = split_turns(values)
        half = self._turn("rz", turns % 2 != 0)
        around = self._turn("rx", rest < 0)
        if half is not None:
            self.circuit.rz(half, first)
            self.circuit.rz(half, second)
        self._turn_around(around, first)
        self.circuit.rzz(self._own("rzz", np.minimum(np.abs(rest), np.pi / 2)), first, second)
        self._turn_around(around, first)

    def _turn(self, kind: str, turned: NDArray[np.bool_]) -> Parameter | float | None:
        """Return the angle of a turn by π: of its own where that is so for some values only, none if for none."""
        if not turned.any():
            return None
        return np.pi if turned.all() else self._own(kind, turned * np.pi)

    def _turn_around(self, angle: Parameter | float | None, qubit: Qubit) -> None:
        if isinstance(angle, Parameter):
            self.circuit.rx(angle, qubit)
        elif angle is not None:
            self.circuit.x(qubit)

    def _own(self, kind: str, values: NDArray[np.floating]) -> Parameter:
        """Return a parameter of the PUB's own."""
        name = f"{PREFIX}{self._folded}_{kind}"
        self.values[name] = values
        return Parameter(name)
