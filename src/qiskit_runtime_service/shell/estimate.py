"""What a run would use, as users see it: an estimate, made without sending anything that runs."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import msgspec
import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from .._public import public
from ..bridge.durations import sampler_facts, times_of
from ..client.raising import value_or_raise
from ..core.arguments import if_given, read_number
from ..core.estimate_reports import describe_estimate
from ..core.estimates import estimate_usage, in_session
from ..core.executions import sampler_runs
from ..core.keys import hide_keys
from ..core.reports import fit_to_show
from ..core.usage import DRY_RUN, remaining_seconds
from ..records.estimate import CircuitRuns, DeviceTimes, Surroundings, UsageEstimate
from ..records.report import Report
from .backend import IBMBackend
from .base_backend import BaseBackend
from .display import PublicNames, as_lines, as_page
from .session import Batch, Session

NOT_READ = "the service could not be asked, or did not tell"


@public()
class Estimate(PublicNames):
    """What a run would use of a device, as far as that can be known before. Print it, or let a notebook show it.

    What `usage.floor` says is sure by the calibration; `usage.seconds` is about what IBM's formula gives. Nobody
    documents an upper bound: only `max_execution_time` ends a job.

    Attributes:
        usage: All figures, as a record. Durations are in seconds.
        surroundings: What the instance has left, and how its queue stands; `None` where there is no service.

    Source: behaviour B510, B517, B518.
    """

    def __init__(self, usage: UsageEstimate, surroundings: Surroundings | None = None) -> None:
        self.usage = usage
        self.surroundings = surroundings

    @property
    def executions(self) -> int:
        """How often circuits are run, at least."""
        return self.usage.executions

    @property
    def seconds(self) -> float:
        """What is charged, about: 0 where nothing is. `usage.at_least` tells whether it can only be more."""
        return self.usage.charge

    @property
    def share(self) -> float | None:
        """What part that is of what the instance has left, 1 for all; `None` without a limit, or if nobody tells."""
        left = None if self.surroundings is None else self.surroundings.remaining
        if left is None:
            return None
        return self.seconds / left if left else math.inf if self.seconds else 0.0

    def report(self) -> Report:
        """Return the estimate as a table of plain text, with a line for each circuit."""
        return describe_estimate(self.usage, self.surroundings)

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain data. What is in seconds says so in its name."""
        usage, around = self.usage, self.surroundings or Surroundings()
        return {
            "backend": usage.backend,
            "jobs": usage.jobs,
            "sub_jobs": usage.sub_jobs,
            "executions": usage.executions,
            "most_executions": usage.most_executions,
            "charge_seconds": usage.charge,
            "floor_seconds": usage.floor,
            "formula_seconds": usage.seconds,
            "most_formula_seconds": usage.most_seconds,
            "quick_seconds": usage.quick,
            "most_quick_seconds": usage.most_quick,
            "at_least": usage.at_least,
            "free": usage.free,
            "remaining_seconds": around.remaining,
            "share_of_remaining": self.share,
            "queue_length": around.queue_length,
            "wait_seconds": around.wait_seconds,
            "calibrated": usage.calibrated,
            "terms": [
                {
                    "for": term.what,
                    "executions": term.executions,
                    "most_executions": term.most,
                    "circuit_seconds": term.length,
                    "delay_seconds": term.delay,
                }
                for term in usage.terms
            ],
            "assumptions": list(usage.assumptions),
            "unknown": list(usage.unknown),
        }

    def to_json(self) -> str:
        """Return the same as JSON text. What is beyond all numbers is null."""
        return hide_keys(msgspec.json.encode(self.to_dict()).decode())

    def __str__(self) -> str:
        return as_lines(self.report())

    def __repr__(self) -> str:
        return f"<Estimate of {fit_to_show(self.report()).title}>"

    def _repr_html_(self) -> str:
        return as_page(self.report())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Estimate):
            return NotImplemented
        return (self.usage, self.surroundings) == (other.usage, other.surroundings)

    def __hash__(self) -> int:
        return hash((self.usage, self.surroundings))


def target_of(backend: BackendV2) -> Target:
    """Return what a backend can run; of one that does not tell, a target without anything."""
    return backend.target or Target()


def device_times(backend: BackendV2) -> DeviceTimes:
    """Return what a backend adds to each execution. What runs in this process costs nothing.

    Source: behaviour B511, B513.
    """
    name = str(backend.name)
    if not isinstance(backend, BaseBackend):
        return times_of(target_of(backend), name, _number(getattr(backend, "default_rep_delay", None)), free=_HERE)
    calibrated = backend.descriptions()[1]
    dated = None if calibrated is None else calibrated.last_update_date
    served = isinstance(backend, IBMBackend)
    free = "" if served and not backend.row.mock else DRY_RUN if served else _HERE
    return times_of(
        target_of(backend),
        name,
        getattr(backend.configuration(), "default_rep_delay", None),
        calibrated=None if dated is None else dated.isoformat(timespec="seconds"),
        free=free,
    )


_HERE = "it runs in this process"


def _number(value: object) -> float | None:
    """Return what somebody else's backend tells, if it is a number of seconds."""
    return read_number("rep_delay", value, least=0.0).value_or(None)


def number_of_layers(circuits: Sequence[QuantumCircuit], strategy: str | None) -> int | None:
    """Return how many different layers of two-qubit gates circuits have; `None` where nobody knows.

    Without the libraries of the extra `executor`, which put layers into boxes, nobody does.

    Source: behaviour B515.
    """
    if find_spec("samplomatic") is None:
        return None
    from ..programs.executions import count_layers

    return count_layers(circuits, strategy or "active-accum")


def estimate_runs(
    runs: Sequence[CircuitRuns], times: DeviceTimes, execution: Mapping[str, Any], session: Session | None
) -> UsageEstimate:
    """Return what a job uses with the options of its execution that are set, in a session or not.

    Raises:
        IBMInputValueError: The delay between shots is no number of seconds.

    Source: behaviour B511, B512.
    """
    delay = value_or_raise(if_given(partial(read_number, least=0.0))("execution.rep_delay", execution.get("rep_delay")))
    usage = estimate_usage(runs, times, rep_delay=delay, init_qubits=execution.get("init_qubits") is not False)
    return usage if session is None or isinstance(session, Batch) else in_session(usage)


def usage_of_circuit(circuit: QuantumCircuit, backend: BackendV2) -> UsageEstimate:
    """Return what a sampler would use for a circuit of a device with its default number of shots, once.

    Source: behaviour B545.
    """
    names = tuple(parameter.name for parameter in circuit.parameters)
    # What has no value yet is no number: a delay by it has no length, and all else is as long with any.
    values = BindingsArray({names: np.full(len(names), np.nan)}) if names else None
    facts = sampler_facts([SamplerPub(circuit, values)], target_of(backend))
    return estimate_runs(sampler_runs(facts, {}), device_times(backend), {}, None)


def build_estimate(
    usage: UsageEstimate, backend: BackendV2, *, limit: float | None, most_executions: int | None = None
) -> Estimate:
    """Return an estimate with what is known of instance and queue. It is one request at most, and none without service.

    Args:
        usage: What a job uses.
        backend: Where it runs.
        limit: The seconds of usage after which it is to be stopped.
        most_executions: How many the service takes in such a job, if that is documented.

    Source: behaviour B518.
    """
    if not isinstance(backend, IBMBackend):
        return Estimate(usage)
    known = None if usage.free else backend.service._submitter.known_usage(backend.instance)
    left = None if known is None else remaining_seconds(known)
    unbound = known is not None and known.limit is None and known.allocation is None
    row = backend.row
    around = Surroundings(
        remaining=left,
        unasked=NOT_READ if left is None and not unbound else "",
        queue_length=row.queue_length,
        wait_seconds=row.wait_seconds,
        max_execution_time=limit,
        most_executions=most_executions,
    )
    return Estimate(usage, around)
