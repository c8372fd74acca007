"""How long the jobs of an emulated cloud run: what a client estimates before, by the same counting."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from .._log import logger
from ..bridge.durations import estimator_facts, sampler_facts, times_of
from ..core.backends import in_si_units
from ..core.estimates import OVERHEAD, estimate_usage
from ..core.executions import estimator_runs, learning_runs, sampler_runs, uses_learned_noise
from ..emulator.needs import Submission
from ..emulator.world import Crashed
from ..records.backend import Configuration
from ..records.estimate import CircuitRuns
from .run_job import describe, read_estimator_job, read_sampler_job

SMALL = 1 << 16
"""Bytes of params up to which what was worked out is kept for those who submit the same again."""
KEPT = 256
"""How many of those are kept."""

Counted = tuple[Sequence[CircuitRuns], Mapping[str, Any]]
"""What is executed, and the options of the execution that count."""


def time_submission(submission: Submission) -> float:
    """Return how many seconds a job runs that is submitted so, by IBM's formula. Never raises.

    One that cannot be read, that its device does not take, or whose program nobody has counted, takes what comes before
    the first circuit.

    Source: behaviour B525, B526.
    """
    return _kept(submission) if len(submission.params) <= SMALL else _time(submission)


def _time(submission: Submission) -> float:
    try:
        return _estimate(submission)
    except Exception:  # noqa: BLE001 - a job that is not understood is taken, and fails when it runs
        logger.warning("How long a job of %s runs was not understood", submission.program, exc_info=True)
        return OVERHEAD


_kept = lru_cache(maxsize=KEPT)(_time)


def _estimate(submission: Submission) -> float:
    known, target = describe(submission.configuration, submission.properties)
    counted = _count(submission, known, target)
    if counted is None:
        return OVERHEAD
    runs, execution = counted
    usage = estimate_usage(
        runs,
        times_of(target, submission.device, in_si_units(known).default_rep_delay),
        rep_delay=execution.get("rep_delay"),
        init_qubits=execution.get("init_qubits") is not False,
    )
    return usage.seconds


def _count(submission: Submission, known: Configuration, target: Target) -> Counted | None:
    """Return what a job executes; `None` for one that is not run, or of which nobody knows."""
    params = submission.params
    match submission.program:
        case "sampler":
            sampled = read_sampler_job(params, known, target)
            if isinstance(sampled, Crashed):
                return None
            return sampler_runs(sampler_facts(sampled.pubs, target), sampled.options), _execution(sampled.options)
        case "estimator":
            estimated = read_estimator_job(params, known, target)
            if isinstance(estimated, Crashed):
                return None
            options = {**estimated.options, "resilience_level": estimated.resilience_level}
            circuits = [pub.circuit for pub in estimated.pubs]
            layers = _layers(circuits, options.get("twirling") or {}) if uses_learned_noise(options) else None
            facts = estimator_facts(estimated.pubs, target)
            readout = times_of(target, submission.device, None).measure
            return estimator_runs(facts, options, readout=readout, layers=layers), _execution(options)
        case "executor" if _has("samplomatic", "ibm_quantum_schemas"):
            return _count_program(params, known, target)
        case "noise-learner" if _has("samplomatic", "ibm_quantum_schemas", "qiskit_noise_learning"):
            return _count_learning(params, known, target)
        case _:
            return None


def _count_program(params: bytes, known: Configuration, target: Target) -> Counted | None:
    from ..programs.executions import program_runs
    from .program_job import read_program_job

    read = read_program_job(params, known, target)
    return None if isinstance(read, Crashed) else (program_runs(read[0].program, target), read[0].options)


def _count_learning(params: bytes, known: Configuration, target: Target) -> Counted | None:
    from ..programs.learning_boxes import measures
    from .circuit_learner_job import is_of_circuits, read_circuit_learner_job
    from .learner_job import read_learner_job

    if is_of_circuits(params):
        read = read_circuit_learner_job(params, known, target)
        if isinstance(read, Crashed):
            return None
        circuits, wanted = read
        layers = _layers(circuits, {"strategy": wanted.twirling_strategy})
        return [learning_runs(_numbers(wanted) | {"max_layers_to_learn": wanted.max_layers_to_learn}, layers)], {}
    given = read_learner_job(params, known, target)
    if isinstance(given, Crashed):
        return None
    inputs, options = given
    measured = sum(map(measures, inputs.boxes))
    told = _numbers(options) | {"max_layers_to_learn": None}
    return [learning_runs(told, len(inputs.boxes) - measured, measured)], inputs.options


def _numbers(options: Any) -> dict[str, Any]:
    """Return from how much noise is learned, by the names of the options."""
    return {
        name: getattr(options, name) for name in ("num_randomizations", "shots_per_randomization", "layer_pair_depths")
    }


def _execution(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return options.get("execution") or {}


def _layers(circuits: Sequence[QuantumCircuit], twirling: Mapping[str, Any]) -> int | None:
    """Return how many different layers of two-qubit gates circuits have; `None` where nobody knows."""
    if not _has("samplomatic"):
        return None
    from ..programs.executions import count_layers

    return count_layers(circuits, twirling.get("strategy") or "active-accum")


def _has(*packages: str) -> bool:
    return all(find_spec(package) is not None for package in packages)
