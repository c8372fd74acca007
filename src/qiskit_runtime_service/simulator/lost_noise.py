"""What a pub ran without of the noise that its device has."""

from ..core.lost_noise import NO_AER, RELAXATION, Loss
from .conditions import Conditions
from .job_params import Simulator
from .method import Method
from .noise import known_noise


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
