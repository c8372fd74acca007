"""Under which conditions a job runs, and which machine follows from them."""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import PrimitiveResult
from qiskit.transpiler import Target

from ..bridge.safe_decoding import RefusedError
from ..records.problem import BadArgument
from .aer_support import missing_in_aer
from .classical_walk import run_or_walk
from .job_params import Simulator
from .method import Machine, Method
from .with_aer import run_with_aer, run_with_model
from .without_aer import missing_without_aer, run_at_random, run_without_aer

R = TypeVar("R")

_NOISE = {
    "all": "with the noise of the device",
    "pauli": "with the gate and readout errors of the device as random Paulis",
    "none": "without noise",
}


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Where, when and with which dice a job runs."""

    target: Target
    """What the device can do, and how well."""
    seed: int
    """At least 0. A seed in the job's own options comes first."""
    started: float = 0.0
    """Seconds since the epoch."""
    ended: float = 0.0
    """Seconds since the epoch."""
    mock: bool = False
    """Whether the device is a stand-in, whose results are random."""
    use_aer: bool | None = None
    """`None` for where it is installed."""


class Simulated(NamedTuple, Generic[R]):
    """What came of a job, and how."""

    result: PrimitiveResult[R]
    notes: Sequence[str]
    """One line for each pub: the method, and whether there was noise."""


def choose_machine(conditions: Conditions, simulator: Simulator) -> Machine:
    """Return what runs the circuits of a job.

    Raises:
        RefusedError: The job has a noise model, and there is no Aer to understand it.

    Source: behaviour B185, B255.
    """
    if conditions.mock:
        return run_at_random
    target = conditions.target
    use_aer = find_spec("qiskit_aer") is not None if conditions.use_aer is None else conditions.use_aer
    model: Any = simulator.noise_model
    if not use_aer:
        if model is not None:
            wanted = "unset, or Aer must be installed: pip install 'qiskit-runtime-service[aer]'"
            raise RefusedError(BadArgument(name="simulator.noise_model", value="set", wanted=wanted))
        return partial(run_or_walk, run_without_aer, missing_without_aer, target)
    if model is None:
        return partial(run_or_walk, partial(run_with_aer, target), missing_in_aer, target)
    # A walk cannot follow the errors of the user's model.
    return partial(run_or_walk, partial(run_with_model, model), missing_in_aer, None)


def describe_run(pub: int, width: int, method: Method) -> str:
    """Return how a pub was run, in words."""
    return f"PUB {pub}: {width} active qubits, {method.name}, {_NOISE[method.noise]}."
