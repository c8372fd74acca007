"""What a pub ran without: of the noise that its device has, and of the state that it makes."""

from collections.abc import Sequence
from typing import NamedTuple

from ..core.lost_noise import NO_AER, RELAXATION, Loss, describe_cuts, describe_idle, describe_losses
from .conditions import Conditions, describe_plan
from .estimates import CUT_BOND
from .job_params import EstimatorJob, SamplerJob, Simulator
from .method import Method
from .noise import known_noise
from .plan import Plan


class LeftOut(NamedTuple):
    """What the pubs of a job ran without, in sentences, and all that its logs say of how they ran."""

    noise: tuple[str, ...]
    cut: tuple[str, ...]
    notes: tuple[str, ...]


def describe_plans(
    plans: Sequence[Plan], conditions: Conditions, job: SamplerJob | EstimatorJob, losses: Sequence[Loss] = ()
) -> LeftOut:
    """Return what the pubs of a job ran without, and how.

    Args:
        plans: How they ran.
        conditions: Where.
        job: What was asked.
        losses: What they had lost before they were planned.

    Source: behaviour B253, B271.
    """
    simulator = job.settings.simulator
    found = (find_loss(conditions, simulator, pub, tuple(plan.active), plan.method) for pub, plan in enumerate(plans))
    lost = describe_losses((*found, *losses))
    cut = describe_cuts([pub for pub, plan in enumerate(plans) if not plan.choice.exact], 1 << CUT_BOND)
    ran = [describe_plan(pub, plan) for pub, plan in enumerate(plans)]
    return LeftOut(lost, cut, (*ran, *lost, *cut, *describe_idle(job.idle)))


def find_loss(conditions: Conditions, simulator: Simulator, pub: int, active: tuple[int, ...], method: Method) -> Loss:
    """Return what a pub ran without, and why. Stand-ins, simulators, and devices that know no errors, lose nothing.

    Source: behaviour B271.
    """
    name = method.name
    reason = f"{name} is as much as time and memory allow" if conditions.has_aer else NO_AER
    if conditions.mock or conditions.simulator or method.noise == "all":
        return Loss(pub, (), reason)
    if simulator.noise_model is not None:
        return Loss(pub, ("the noise model that was given",), reason)
    known = known_noise(conditions.target, active)
    return Loss(pub, known if method.noise == "none" else tuple(part for part in known if part == RELAXATION), reason)
