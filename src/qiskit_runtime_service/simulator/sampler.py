"""Run a sampler job: shots of the classical registers of circuits, as bits or as points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from ..bridge.executable import check_registers
from ..bridge.ledger import RefusedError
from ..records.problem import BadArgument, Problem
from .active_qubits import active_qubits, shrink_circuit
from .conditions import Conditions, Simulated, choose_engine
from .job_params import SamplerJob
from .lost_noise import describe_plans
from .lowering import lower_pubs
from .metadata import describe_left_out, describe_sampler_job, describe_sampler_pub
from .method import Shots, seed_of
from .plan import Bindings, Measured, Plan, check_time
from .strays import put_strays
from .twirled import run_twirled_job, twirls, without_twirling

BLUR = 0.25
"""How far points scatter around -1, which is a 0, and 1."""


def run_sampler_job(job: SamplerJob, conditions: Conditions) -> Result[Simulated[SamplerPubResult], Problem]:
    """Return what a device might measure. The same seed gives the same shots, in any process.

    Every circuit must be executable on the target as it is.

    Fails with:
        BadArgument: The seed is negative, or an option needs Aer, which is not there.
        NotExecutable: A register is no name for a field, or a circuit does what cannot be simulated.
        TooHeavy: The simulation takes longer than it may.
        TooWide: The state of a circuit does not fit into memory.

    Source: behaviour B86, B185, B250.
    """
    seed = job.settings.simulator.seed_simulator
    seed = conditions.seed if seed is None else seed
    if seed < 0:
        return Failure(BadArgument(name="seed", value=str(seed), wanted="at least 0"))
    return check_registers(job.pubs).bind(lambda _: _twirl_or_run(job, conditions, seed))


def _twirl_or_run(job: SamplerJob, conditions: Conditions, seed: int) -> Result[Simulated[SamplerPubResult], Problem]:
    if not twirls(job, conditions):
        return _run(job, conditions, seed)
    twirled = run_twirled_job(job, conditions, seed)
    return _run(without_twirling(job), conditions, seed) if twirled is None else twirled


def _run(job: SamplerJob, conditions: Conditions, seed: int) -> Result[Simulated[SamplerPubResult], Problem]:
    results, plans = [], []
    try:
        engine = choose_engine(conditions, job.settings.simulator)
        lowered = lower_pubs(job.pubs, conditions.target)
        noisy, losses = put_strays(lowered, conditions, job.settings.simulator)
        for index, pub in enumerate(noisy):
            active, values = active_qubits(pub.circuit), Bindings(pub)
            circuit = shrink_circuit(pub.circuit, active)
            measured = Measured(circuit, range(len(active)), range(circuit.num_clbits), range(values.number))
            plans.append(
                Plan(engine, index, active, [measured], values, pub.shots, seed_of(seed, index), conditions.longest)
            )
            check_time(engine, plans, conditions.longest)
        for index, (pub, plan) in enumerate(zip(job.pubs, plans, strict=True)):
            points = job.settings.execution.meas_type or "classified"
            data = _read_fields(pub, plan.run()[0], points, seed_of(seed, index, 1))
            results.append(SamplerPubResult(data, describe_sampler_pub(job, pub, conditions.target)))
    except RefusedError as refusal:
        return Failure(refusal.problem)
    left_out = describe_plans(plans, conditions, job, losses)
    metadata = describe_sampler_job(job, conditions) | describe_left_out(left_out.noise, left_out.cut, job.idle)
    return Success(Simulated(PrimitiveResult(results, metadata), left_out.notes))


def _read_fields(pub: SamplerPub, runs: Sequence[Shots], meas_type: str, seed: int) -> DataBin:
    """Return the shots of all bindings of a pub, one field for each classical register."""
    place = {bit: position for position, bit in enumerate(pub.circuit.clbits)}
    die = np.random.default_rng(seed)
    fields: dict[str, Any] = {}
    for register in pub.circuit.cregs:
        array = _bit_array(runs, [place[bit] for bit in register], (*pub.shape, pub.shots))
        fields[register.name] = array if meas_type == "classified" else _points(array, die)
        if meas_type == "avg_kerneled":
            fields[register.name] = fields[register.name].mean(axis=-2)
    return DataBin(**fields, shape=pub.shape)


def _bit_array(runs: Sequence[Shots], bits: list[int], shape: tuple[int, ...]) -> BitArray:
    """Return some of the bits of all shots, packed as Qiskit does: bit 0 is the lowest of the last byte."""
    size = -(-len(bits) // 8)
    packed = [np.packbits(run.outcomes[:, bits], axis=1, bitorder="little")[run.which, ::-1] for run in runs]
    rows = np.concatenate(packed) if packed else np.empty(0, np.uint8)
    return BitArray(np.ascontiguousarray(rows).reshape(*shape, size), len(bits))


def _points(array: BitArray, die: np.random.Generator) -> NDArray[np.complex128]:
    """Return where each bit was seen, shape (*shape of the pub, shots, bits); bit 0 first.

    Source: behaviour B189.
    """
    bits = np.unpackbits(array.array[..., ::-1], axis=-1, count=array.num_bits, bitorder="little")
    scatter = die.normal(scale=BLUR, size=(2, *bits.shape))
    points: NDArray[np.complex128] = 2.0 * bits - 1.0 + scatter[0] + 1j * scatter[1]
    return points
