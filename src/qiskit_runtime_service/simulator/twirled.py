"""Run a sampler job with the twirling and the pulses that it asks for: as a quantum program, and its result read."""

from importlib.util import find_spec
from typing import Any

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from returns.result import Result, Success

from ..bridge.ledger import RefusedError
from ..core.lost_noise import Loss, describe_idle, describe_losses
from ..core.mitigation import Options
from ..core.options import drop_mitigated
from ..records.problem import Problem
from .conditions import Conditions, Simulated
from .job_params import SamplerJob, spread_shots
from .lowering import with_circuit
from .metadata import describe_left_out, describe_sampler_job, describe_sampler_pub
from .method import seed_of
from .mitigated import decoupling_of, losses_of_pubs, places_by, refuse_or_leave, value_of

TWIRLED = ("twirling.enable_gates", "twirling.enable_measure")


def twirls(job: SamplerJob, conditions: Conditions) -> bool:
    """Tell whether a job is run as a quantum program: it asks for twirling, or for pulses where they have an effect.

    A simulator without noise and a stand-in have nothing to twirl, and without the libraries of the extra `executor`
    nothing is.

    Source: behaviour B467.
    """
    if conditions.mock or (conditions.simulator and job.settings.simulator.noise_model is None):
        return False
    options = options_of(job, conditions)
    asked = (*(options["twirling"][name] for name in ("enable_gates", "enable_measure")), _decouples(options))
    return any(asked) and find_spec("samplomatic") is not None


def options_of(job: SamplerJob, conditions: Conditions) -> Options:
    """Return the options of a job as a sampler of directed execution has them, with nothing left open.

    Only bits can be flipped back, so that measurements of points are not twirled.

    Source: behaviour B467.
    """
    twirling, points = job.settings.twirling, job.settings.execution.meas_type or "classified"
    return {
        "simulator": {"layer_noise_model": None},
        "execution": {"meas_type": points},
        "dynamical_decoupling": decoupling_of(job.settings, conditions),
        "twirling": {
            "enable_gates": bool(twirling.enable_gates),
            "enable_measure": bool(twirling.enable_measure) and points == "classified",
            "group": "pauli",
            "strategy": twirling.strategy or "active-accum",
        },
    }


def run_twirled_job(
    job: SamplerJob, conditions: Conditions, seed: int
) -> Result[Simulated[SamplerPubResult], Problem] | None:
    """Return what a device might measure in twirled circuits; `None` where they cannot be twirled.

    Layers are put into boxes and pulses on idle qubits as a sampler of directed execution does it, and its result is
    read as there.

    Fails with:
        TooHeavy: It takes longer than it may now, though not longer than any job may.

    Source: behaviour B467.
    """
    from ..programs.decoupling import on_device
    from ..programs.sampler import post_process, prepare
    from .program_items import Asked, simulate_program

    options = options_of(job, conditions)
    asked = Asked(noise_model=job.settings.simulator.noise_model)
    found: dict[int, SamplerPubResult] = {}
    notes: list[str] = []
    losses: list[Loss] = []
    try:
        for number, (shots, places) in enumerate(places_by(pub.shots for pub in job.pubs).items()):
            randomizations, size = spread_shots(shots, job.settings.twirling)
            spread = {"num_randomizations": randomizations, "shots_per_randomization": size}
            own = {**options, "twirling": {**options["twirling"], **spread}}
            pubs = [with_circuit(job.pubs[place], on_device(job.pubs[place].circuit)) for place in places]
            program = value_of(prepare(pubs, own, shots, conditions.target))
            answered = value_of(simulate_program(program, conditions, asked, seed_of(seed, number)))
            notes += answered.notes
            losses += losses_of_pubs(answered.losses, {item: [place] for item, place in enumerate(places)})
            for place, result in zip(places, post_process(answered.result), strict=True):
                data = _cut(result.data, shots, options["execution"]["meas_type"])
                metadata = describe_sampler_pub(job, job.pubs[place], conditions.target)
                found[place] = SamplerPubResult(data, metadata)
    except RefusedError as refusal:
        return refuse_or_leave(refusal.problem, conditions)
    lost, idle = describe_losses(losses), drop_mitigated(job.idle, decoupled=_decouples(options))
    told = describe_sampler_job(job, conditions) | describe_left_out(lost, (), idle)
    results = [found[place] for place in range(len(job.pubs))]
    return Success(Simulated(PrimitiveResult(results, told), (*notes, *lost, *describe_idle(idle))))


def without_twirling(job: SamplerJob) -> SamplerJob:
    """Return a job that says that its twirling has no effect."""
    given = (job.settings.twirling.enable_gates, job.settings.twirling.enable_measure)
    idle = (name for name, asked in zip(TWIRLED, given, strict=True) if asked)
    return msgspec.structs.replace(job, idle=(*job.idle, *idle))


def _decouples(options: Options) -> bool:
    return bool(options["dynamical_decoupling"]["enable"])


def _cut(data: DataBin, shots: int, points: str) -> DataBin:
    """Return as many shots as were asked for: randomizations may have a few more, all together."""
    if points == "avg_kerneled":
        return data
    fields: dict[str, Any] = {
        name: array.slice_shots(range(shots)) if isinstance(array, BitArray) else array[..., :shots, :]
        for name, array in data.items()
    }
    return DataBin(**fields, shape=data.shape)
