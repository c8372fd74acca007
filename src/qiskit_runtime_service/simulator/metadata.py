"""What results tell beside their data: the metadata of jobs and pubs, and when what was measured."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target

from ..bridge.execution_spans import DoubleSliceSpan, ExecutionSpan, ExecutionSpans, TwirledSliceSpanV2
from ..core.lost_noise import CUT_KEY, IDLE_KEY, KEY
from .conditions import Conditions
from .job_params import EstimatorJob, SamplerJob, gates_twirled, is_twirled, measures_twirled, spread_shots
from .schedule import describe_schedule


def describe_sampler_job(job: SamplerJob, conditions: Conditions) -> dict[str, Any]:
    """Return the metadata of a sampler job. Each pub is measured in one stretch, as long as its share of the shots.

    Source: behaviour B188.
    """
    return {"execution": {"execution_spans": ExecutionSpans(_spans_of(job, conditions))}, "version": 2}


def describe_sampler_pub(job: SamplerJob, pub: SamplerPub, target: Target) -> dict[str, Any]:
    """Return the metadata of one pub of a sampler job.

    Source: behaviour B188, B277.
    """
    twirling = job.settings.twirling
    spread = {"num_randomizations": spread_shots(pub.shots, twirling)[0]} if is_twirled(twirling) else {}
    timing = describe_schedule(pub.circuit, target) if job.settings.tells_timing else None
    compilation = {} if timing is None else {"compilation": {"scheduler_timing": timing}}
    return {"circuit_metadata": pub.circuit.metadata, **spread, **compilation}


def describe_estimator_job(job: EstimatorJob) -> dict[str, Any]:
    """Return the metadata of an estimator job: what was asked, with the defaults of the service.

    Source: behaviour B188, B274.
    """
    decoupling, twirling, level = job.settings.dynamical_decoupling, job.settings.twirling, job.resilience_level
    resilience = job.settings.resilience
    return {
        "dynamical_decoupling": {
            "enable": decoupling.enable or False,
            "sequence_type": decoupling.sequence_type or "XX",
            "extra_slack_distribution": decoupling.extra_slack_distribution or "middle",
            "scheduling_method": decoupling.scheduling_method or "alap",
        },
        "twirling": {
            "enable_gates": gates_twirled(twirling, level),
            "enable_measure": measures_twirled(twirling, level),
            "num_randomizations": twirling.num_randomizations or "auto",
            "shots_per_randomization": twirling.shots_per_randomization or "auto",
            "interleave_randomizations": True,
            "strategy": twirling.strategy or "active-accum",
        },
        "resilience": {
            "measure_mitigation": _or_by_level(resilience.measure_mitigation, level >= 1),
            "zne_mitigation": _or_by_level(resilience.zne_mitigation, level >= 2),
            "pec_mitigation": resilience.pec_mitigation or False,
            **_told("layer_noise_model", resilience.layer_noise_model),
        },
        "version": 2,
    }


def describe_left_out(lost: Sequence[str], cut: Sequence[str], idle: Sequence[str]) -> dict[str, Any]:
    """Return what the metadata of a job have of what its simulation left out; nothing where nothing was.

    Args:
        lost: Sentences about noise.
        cut: Sentences about states that were cut off.
        idle: The options without effect.

    Source: behaviour B253, B271.
    """
    told = {KEY: lost, CUT_KEY: cut, IDLE_KEY: idle}
    return {key: list(left_out) for key, left_out in told.items() if left_out}


def describe_estimator_pub(pub: EstimatorPub, shots: int, randomizations: int) -> dict[str, Any]:
    """Return the metadata of one pub of an estimator job.

    Source: behaviour B188.
    """
    return {
        "shots": shots,
        "target_precision": pub.precision,
        "circuit_metadata": pub.circuit.metadata,
        "resilience": {},
        "num_randomizations": randomizations,
    }


def _told(name: str, given: object) -> dict[str, object]:
    """Return what was given under its name, and nothing where nothing was."""
    return {} if given is None else {name: given}


def _or_by_level(given: bool | None, by_level: bool) -> bool:
    return by_level if given is None else given


def _spans_of(job: SamplerJob, conditions: Conditions) -> Iterator[ExecutionSpan]:
    twirling = job.settings.twirling
    times = share_time(conditions.started, conditions.ended, [pub.shots * math.prod(pub.shape) for pub in job.pubs])
    for index, (pub, (start, stop)) in enumerate(zip(job.pubs, times, strict=True)):
        if is_twirled(twirling):
            number, size = spread_shots(pub.shots, twirling)
            shape = (number, *pub.shape, size)
            rows = math.prod(shape[:-1])
            twirled = {index: (shape, True, slice(0, rows), slice(0, size), pub.shots)}
            yield TwirledSliceSpanV2(start, stop, twirled)
        else:
            slices = {index: ((*pub.shape, pub.shots), slice(0, math.prod(pub.shape)), slice(0, pub.shots))}
            yield DoubleSliceSpan(start, stop, slices)


def share_time(started: float, ended: float, weights: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """Return a stretch of time for each weight, one after the other, together from `started` to `ended` (epoch, s).

    The times are in UTC without a zone, as the service writes them.
    """
    whole = sum(weights) or 1
    parts = [sum(weights[:index]) / whole for index in range(len(weights) + 1)]
    marks = [datetime.fromtimestamp(started + (ended - started) * part, UTC).replace(tzinfo=None) for part in parts]
    return list(pairwise(marks))
