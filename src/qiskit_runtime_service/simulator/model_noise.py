"""A noise model of Aer as what comes beside the instructions of small parts."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.quantum_info import PTM, SuperOp

from .channels import Matrix

Errors = Mapping[tuple[str, tuple[int, ...] | None], Sequence[Mapping[str, Any]]]
"""By operation and qubits, `None` for all of them: errors as Aer describes them."""


class ModelNoise:
    """The noise of a model of Aer. What it says of some qubits stands in the place of what it says of all.

    Source: behaviour B390.
    """

    def __init__(self, gates: Errors, readout: Errors) -> None:
        self._gates, self._readout = gates, readout
        self.after = cache(self._after)

    def _after(self, name: str, qubits: tuple[int, ...]) -> Matrix | None:
        """Return what follows an operation on some qubits; `None` for nothing."""
        channel = None
        for error in _find(self._gates, name, qubits):
            found = _channel_of(error)
            channel = found if channel is None else found @ channel
        return channel

    def while_idle(self, duration: float, unit: str, qubit: int) -> Matrix | None:
        """Return nothing: a model does not tell what it does to delays."""

    def before_readout(self, name: str, qubit: int) -> Matrix | None:
        """Return what misreadings by a measurement of that name come to, before it; `None` for nothing."""
        channel = None
        for error in _find(self._readout, name, (qubit,)):
            (_, zero_as_one), (one_as_zero, _) = error["probabilities"]
            found = np.diag([1.0, 0.0, 0.0, 1 - zero_as_one - one_as_zero])
            found[3, 0] = one_as_zero - zero_as_one
            channel = found if channel is None else found @ channel
        return channel


def read_model(model: Any) -> ModelNoise | None:
    """Return the noise of a model of Aer; `None` if it has errors of more than two qubits, or of readout together."""
    gates: dict[Any, list[Any]] = {}
    readout: dict[Any, list[Any]] = {}
    for error in model.to_dict().get("errors", ()):
        is_gate = error["type"] == "qerror"
        if not _is_small(error, is_gate=is_gate):
            return None
        table = gates if is_gate else readout
        for name in error["operations"]:
            for qubits in error.get("gate_qubits", (None,)):
                table.setdefault((name, None if qubits is None else tuple(qubits)), []).append(error)
    return ModelNoise(gates, readout)


def _is_small(error: Mapping[str, Any], *, is_gate: bool) -> bool:
    if is_gate:
        return all(max(step["qubits"], default=0) < 2 for steps in error["instructions"] for step in steps)
    return bool(np.shape(error["probabilities"]) == (2, 2))


def _find(errors: Errors, name: str, qubits: tuple[int, ...]) -> Sequence[Mapping[str, Any]]:
    return errors.get((name, qubits)) or errors.get((name, None)) or ()


def _channel_of(error: Mapping[str, Any]) -> Matrix:
    from qiskit_aer.noise import QuantumError

    matrix = np.asarray(PTM(SuperOp(QuantumError.from_dict(dict(error)))).data).real
    if len(matrix) == 16:
        # Qiskit has the first qubit fastest.
        matrix = matrix.reshape(4, 4, 4, 4).transpose(1, 0, 3, 2).reshape(16, 16)
    return matrix
