"""The parameter values of a pub, and what expressions of its parameters become with them."""

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ParameterExpression
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from .circuits import values_of


class Bindings:
    """The parameter values of a pub, one row per binding."""

    def __init__(self, pub: SamplerPub | EstimatorPub) -> None:
        self.column = {parameter: index for index, parameter in enumerate(pub.circuit.parameters)}
        self.rows = values_of(pub).reshape(-1, len(self.column)) if self.column else np.empty((1, 0))

    def values_of(self, angle: ParameterExpression) -> NDArray[np.float64]:
        """Return what an expression becomes, one value per binding; none where a loop variable is in it."""
        parameters = list(angle.parameters)
        if not all(parameter in self.column for parameter in parameters):
            return np.empty(0)
        rows = self.rows[:, [self.column[parameter] for parameter in parameters]]
        slopes = [angle.gradient(parameter) for parameter in parameters]
        if any(isinstance(slope, ParameterExpression) for slope in slopes):
            bound = (angle.bind(dict(zip(parameters, row, strict=True))) for row in rows)
            return np.array([float(value) for value in bound])
        start = float(angle.bind(dict.fromkeys(parameters, 0.0)))
        values: NDArray[np.float64] = start + rows @ np.array(slopes, dtype=float)
        return values

    def describe(self, angle: ParameterExpression, row: int) -> str:
        """Return what an expression is, and its parameters in one binding: ` (a + 2*b with a = 1, b = 0)`.

        Source: behaviour B489.
        """
        known = sorted(angle.parameters, key=lambda parameter: self.column[parameter])
        values = ", ".join(f"{parameter.name} = {self.rows[row, self.column[parameter]]:g}" for parameter in known)
        return f" ({angle} with {values})" if known else ""
