"""What a pub ran without of the noise that its device has."""

from collections.abc import Sequence

from ..core.lost_noise import NO_AER, RELAXATION, Loss, describe_idle, describe_losses
from .conditions import Conditions, describe_plan
from .job_params import EstimatorJob, SamplerJob, Simulator
from .method import Method
from .noise import known_noise
from .plan import Plan


def describe_plans(
    plans: Sequence[Plan], conditions: Conditions, job: SamplerJob | EstimatorJob
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the pubs of a job ran without, and all that its logs say of how they ran.

    Source: behaviour B271.
    """
    simulator = job.settings.simulator
    lost = describe_losses(
        find_loss(conditions, simulator, pub, tuple(plan.active), plan.method) for pub, plan in enumerate(plans)
    )
    ran = [describe_plan(pub, plan) for pub, plan in enumerate(plans)]
    return lost, (*ran, *lost, *describe_idle(job.idle))


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
