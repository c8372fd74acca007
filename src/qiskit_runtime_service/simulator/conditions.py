"""Under which conditions a job runs, and which machine follows from them."""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import PrimitiveResult
from qiskit.transpiler import Target

from ..bridge.ledger import RefusedError
from ..emulator.coherent_noise import CoherentNoise
from ..records.problem import BadArgument
from .aer_support import missing_in_aer
from .classical_walk import run_or_walk, ways_or_walk
from .estimates import (
    LONGEST_JOB,
    ways_as_aer,
    ways_at_random,
    ways_with_aer,
    ways_with_model,
    ways_without_aer,
)
from .job_params import Simulator
from .method import Machine
from .noise import read_noise_model
from .plan import Engine, Plan
from .with_aer import has_paulis_only, run_as_aer, run_with_aer, run_with_model
from .without_aer import WITH_AER, missing_without_aer, run_at_random, run_without_aer

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
    simulator: bool = False
    """Whether the device is a simulator, which has no noise."""
    mock: bool = False
    """Whether the device is a stand-in, whose results are random."""
    use_aer: bool | None = None
    """`None` for where it is installed."""
    coherent: CoherentNoise | None = None
    """What the device has beside the noise that it tells of."""
    longest: float = LONGEST_JOB
    """How many seconds the simulation may take, as it is estimated before."""

    @property
    def strays(self) -> CoherentNoise | None:
        """What is beside the noise that the device tells of; `None` where it is a simulator or a stand-in."""
        return None if self.simulator or self.mock else self.coherent

    @property
    def has_aer(self) -> bool:
        """Whether Aer simulates."""
        return find_spec("qiskit_aer") is not None if self.use_aer is None else self.use_aer


class Simulated(NamedTuple, Generic[R]):
    """What came of a job, and how."""

    result: PrimitiveResult[R]
    notes: Sequence[str]
    """One line for each pub: the method, and whether there was noise; and what was left out of it."""


def choose_engine(conditions: Conditions, simulator: Simulator) -> Engine:
    """Return what runs the circuits of a job, and what is known of it before.

    Raises:
        RefusedError: The job has a noise model, and there is no Aer to understand it, or it is none.

    Source: behaviour B250.
    """
    machine = choose_machine(conditions, simulator)
    model: Any = simulator.noise_model
    target = conditions.target
    if conditions.mock:
        return Engine(machine, ways_at_random)
    missing = missing_in_aer if conditions.has_aer else missing_without_aer
    if not conditions.has_aer:
        ways = partial(ways_or_walk, ways_without_aer, target)
        return Engine(machine, ways, least=5e-5, fix=f", or {WITH_AER}", missing=missing)
    if model is None and conditions.simulator:
        ways = partial(ways_or_walk, ways_as_aer, target)
        return Engine(machine, ways, least=5e-5, missing=missing)
    if model is None:
        ways = partial(ways_or_walk, ways_with_aer, target)
        return Engine(machine, ways, "all", least=5e-5, setup=0.04, missing=missing)
    paulis = has_paulis_only(read_noise_model(model))
    ways = partial(ways_or_walk, partial(ways_with_model, paulis=paulis), None)
    return Engine(machine, ways, "all", least=5e-5, missing=missing)


def choose_machine(conditions: Conditions, simulator: Simulator) -> Machine:
    """Return what runs the circuits of a job.

    Raises:
        RefusedError: The job has a noise model, and there is no Aer to understand it, or it is none.

    Source: behaviour B185, B255, B267.
    """
    if conditions.mock:
        return run_at_random
    target = conditions.target
    model: Any = simulator.noise_model
    if not conditions.has_aer:
        if model is not None:
            wanted = "unset, or Aer must be installed: pip install 'qiskit-runtime-service[aer]'"
            raise RefusedError(BadArgument(name="simulator.noise_model", value="set", wanted=wanted))
        return partial(run_or_walk, run_without_aer, missing_without_aer, target)
    if model is None:
        by_aer = run_as_aer if conditions.simulator else partial(run_with_aer, target)
        return partial(run_or_walk, by_aer, missing_in_aer, target)
    # A walk cannot follow the errors of the user's model.
    return partial(run_or_walk, partial(run_with_model, read_noise_model(model)), missing_in_aer, None)


def describe_plan(pub: int, plan: Plan) -> str:
    """Return how a pub is run, in words.

    Source: behaviour B251.
    """
    method, width = plan.method, len(plan.active)
    parts = f" in {plan.number} parts of up to {plan.widest}" if plan.number > 1 else ""
    return f"PUB {pub}: {width} active qubits{parts}, {method.name}, {_NOISE[method.noise]}."
