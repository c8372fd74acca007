"""Decisions about usage before it is spent: what executions take by the documented formula, and what stays unknown."""

import math
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..records.estimate import CircuitRuns, DeviceTimes, UsageEstimate, UsageTerm

OVERHEAD = 2.0
"""Seconds that a sub-job takes beside its executions. IBM says approximately."""
USUAL_DELAY = 250e-6
"""Seconds between two executions on most devices."""
QUICK = 350e-6
"""Seconds of an execution by the rule of thumb: the usual delay, and 100 µs for the circuit."""
MOST_EXECUTIONS = 10_000_000
"""That the service takes in a sampler job."""

ABOUT_TWO = "A sub-job has an overhead of about 2 s."
SUB_JOBS = "Each job is one sub-job. The service splits larger ones, each part with its overhead; when, is not public."
IN_SESSION = (
    "In a session its wall time is charged: also what passes between jobs, up to 60 s after each, until it is closed."
)


def estimate_usage(
    runs: Sequence[CircuitRuns], times: DeviceTimes, *, rep_delay: float | None = None, init_qubits: bool = True
) -> UsageEstimate:
    """Return what one job uses.

    Where the length of a circuit is not known, the delay between executions is counted alone.

    Args:
        runs: All that it executes.
        times: What its device adds.
        rep_delay: The seconds between two executions that are asked for, at least 0; `None` for what the device does by
            itself.
        init_qubits: Whether qubits are reset before each execution.

    Source: behaviour B510, B511.
    """
    pause = times.rep_delay if rep_delay is None else rep_delay
    reset = times.reset if init_qubits else 0.0
    terms = tuple(
        UsageTerm(
            what=run.what,
            executions=run.executions,
            most=run.most,
            length=run.length,
            delay=(pause or 0.0) + (0.0 if run.length is None else reset or 0.0),
        )
        for run in runs
    )
    unknown = [sentence for run in runs for sentence in run.unknown]
    if pause is None:
        unknown.append(f"{times.backend} does not tell its rep_delay: nothing is counted for it.")
    if reset is None:
        unknown.append(f"{times.backend} does not tell how long a reset takes: nothing is counted for it.")
    most = [term.most for term in terms if term.most is not None]
    floor = math.fsum(span_of(term.executions, term.each) for term in terms)
    longest = _sum([None if term.most is None else span_of(term.most, term.each) for term in terms])
    usual = pause is not None and math.isclose(pause, USUAL_DELAY)
    seconds = OVERHEAD + floor
    return UsageEstimate(
        backend=times.backend,
        terms=terms,
        floor=floor,
        seconds=seconds,
        most_seconds=None if longest is None else OVERHEAD + longest,
        quick=_quick(sum(term.executions for term in terms)) if usual else None,
        most_quick=_quick(sum(most)) if usual and len(most) == len(terms) else None,
        charge=0.0 if times.free else seconds,
        at_least=pause is None or reset is None or any(run.length is None for run in runs),
        assumptions=tuple(dict.fromkeys((ABOUT_TWO, SUB_JOBS, *(one for run in runs for one in run.assumed)))),
        unknown=tuple(dict.fromkeys(unknown)),
        calibrated=times.calibrated,
        free=times.free,
    )


def _quick(executions: int) -> float:
    return OVERHEAD + span_of(executions, QUICK)


def span_of(executions: int, each: float) -> float:
    """Return the seconds of so many executions; infinite where there is no number for them."""
    try:
        return executions * each
    except OverflowError:
        return math.inf if each else 0.0


def add_estimates(estimates: Iterable[UsageEstimate]) -> UsageEstimate:
    """Return what several jobs use together, such as those of a batch: each has its own overhead.

    Args:
        estimates: At least one.

    Source: behaviour B512.
    """
    parts = tuple(estimates)
    return UsageEstimate(
        backend=", ".join(dict.fromkeys(part.backend for part in parts)),
        terms=tuple(term for part in parts for term in part.terms),
        jobs=sum(part.jobs for part in parts),
        sub_jobs=sum(part.sub_jobs for part in parts),
        floor=math.fsum(part.floor for part in parts),
        seconds=math.fsum(part.seconds for part in parts),
        most_seconds=_sum([part.most_seconds for part in parts]),
        quick=_sum([part.quick for part in parts]),
        most_quick=_sum([part.most_quick for part in parts]),
        charge=math.fsum(part.charge for part in parts),
        at_least=any(part.at_least for part in parts),
        assumptions=tuple(dict.fromkeys(sentence for part in parts for sentence in part.assumptions)),
        unknown=tuple(dict.fromkeys(sentence for part in parts for sentence in part.unknown)),
        calibrated=min((part.calibrated for part in parts if part.calibrated is not None), default=None),
        free=parts[0].free if all(part.free for part in parts) else "",
    )


def _sum(numbers: Sequence[float | None]) -> float | None:
    """Return the sum, or `None` where a summand is not known."""
    known = [number for number in numbers if number is not None]
    return math.fsum(known) if len(known) == len(numbers) else None


def in_session(estimate: UsageEstimate) -> UsageEstimate:
    """Return the same for jobs of a session: what they take one after another is only the least that it uses.

    Source: behaviour B512.
    """
    unknown = tuple(dict.fromkeys((*estimate.unknown, IN_SESSION)))
    return replace(estimate, at_least=True, unknown=unknown)


def without_charge(estimate: UsageEstimate, why: str) -> UsageEstimate:
    """Return the same where nothing is charged for it, such as for a dry run.

    Source: behaviour B513.
    """
    return replace(estimate, charge=0.0, free=why)


def executions_within(seconds: float, each: float) -> int:
    """Return how many executions of so many seconds one job may have that uses no more than `seconds`.

    Args:
        seconds: What may be used, the overhead with it.
        each: Seconds of one execution, above 0.

    Source: behaviour B511.
    """
    return max(0, math.floor((seconds - OVERHEAD) / each * (1 + 1e-12)))
