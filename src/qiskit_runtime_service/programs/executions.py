"""What a quantum program executes, counted as it is, and how many layers circuits have whose noise is to be learned."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target
from returns.result import Success
from samplomatic.quantum_program import CircuitItem, QuantumProgram, QuantumProgramItem

from ..bridge.durations import count_alone, length_of
from ..records.estimate import CircuitRuns
from .boxing import box_layers, learning_boxer, unique_layers
from .decoupling import on_device


def program_runs(program: QuantumProgram, target: Target, purposes: Sequence[str] = ()) -> tuple[CircuitRuns, ...]:
    """Return how often each circuit of a program that was checked is run, and how long it takes.

    Args:
        program: What is run.
        target: Of the device.
        purposes: What each item is for, if that is known.

    Source: behaviour B514, B516.
    """
    runs = []
    for index, item in enumerate(program.items):
        purpose = purposes[index] if index < len(purposes) else ""
        what = purpose or f"item {index}"
        executions = int(program.shots) * math.prod(map(int, item.shape))
        length = length_of(_pub_of(item), target)
        unknown = count_alone(what, length)
        runs.append(
            CircuitRuns(what=what, executions=executions, most=executions, length=length.seconds, unknown=unknown)
        )
    return tuple(runs)


def count_layers(circuits: Iterable[QuantumCircuit], strategy: str) -> int | None:
    """Return how many different layers of two-qubit gates circuits have; `None` where one cannot be twirled.

    Args:
        circuits: As a device runs them.
        strategy: Which qubits are twirled in a layer, as the options say.

    Source: behaviour B515.
    """
    by = learning_boxer(strategy)
    boxed = []
    for circuit in circuits:
        made = box_layers(on_device(circuit), by)
        if not isinstance(made, Success):
            return None
        boxed.append(made.unwrap())
    return len(unique_layers(boxed, with_measures=False))


def _pub_of(item: QuantumProgramItem) -> SamplerPub:
    """Return the circuit of an item with its arguments. Those that are drawn when it runs are no numbers yet."""
    names = tuple(parameter.name for parameter in item.circuit.parameters)
    values = item.circuit_arguments if isinstance(item, CircuitItem) else np.full(len(names), np.nan)
    return SamplerPub(item.circuit, BindingsArray({names: values}, shape=values.shape[:-1]) if names else None)
