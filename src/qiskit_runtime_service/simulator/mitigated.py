"""Run an estimator job with the mitigation that it asks for: as a quantum program, and its result read."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.circuit import CircuitInstruction
from qiskit.primitives.containers import PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import PauliLindbladMap
from returns.result import Failure, Result, Success

from ..bridge.ledger import RefusedError
from ..bridge.result_types import LayerError, NoiseLearnerResult
from ..core.lost_noise import Loss, describe_idle, describe_losses
from ..core.mitigation import Options, extrapolated_factors, extrapolators, finalize, find_conflict, noise_factors
from ..core.options import drop_mitigated
from ..records.options import DEFAULT_OVERHEAD
from ..records.problem import BadArgument, NotExecutable, Problem, TooHeavy, TooWide
from .conditions import Conditions, Simulated
from .estimates import LONGEST_JOB
from .job_params import EstimatorJob, Settings, shots_for
from .lowering import with_circuit
from .metadata import describe_estimator_job, describe_estimator_pub, describe_left_out
from .method import seed_of

if TYPE_CHECKING:
    from ..programs.quantum_program import QuantumProgram

Value = TypeVar("Value")

_SYMMETRIC = frozenset(("cz", "rzz", "swap"))


def mitigates(job: EstimatorJob, conditions: Conditions) -> bool:
    """Tell whether a job is run as a quantum program: it asks for something that changes circuits or values.

    A simulator without noise and a stand-in have nothing that could be mitigated, and without the libraries of the
    extra `executor` nothing is.

    Source: behaviour B420.
    """
    if conditions.mock or (conditions.simulator and job.settings.simulator.noise_model is None):
        return False
    options = options_of(job, conditions)
    asked = [options["twirling"][name] for name in ("enable_gates", "enable_measure")]
    asked += [options["resilience"][name] for name in ("measure_mitigation", "zne_mitigation", "pec_mitigation")]
    asked += [options["dynamical_decoupling"]["enable"]]
    return any(asked) and all(find_spec(name) for name in ("samplomatic", "qiskit_mitigation"))


def options_of(job: EstimatorJob, conditions: Conditions) -> Options:
    """Return the options of a job as an estimator of directed execution has them, with nothing left to the level.

    Pulses on idle qubits only cost where no noise can be echoed, and are left away there.

    Source: behaviour B420, B422.
    """
    settings = job.settings
    twirling, resilience = settings.twirling, settings.resilience
    zne, pec = resilience.zne, resilience.pec
    overhead = DEFAULT_OVERHEAD if not isinstance(pec.max_overhead, float | None) else pec.max_overhead
    given: dict[str, Any] = {
        "default_shots": settings.default_shots,
        "default_precision": settings.default_precision,
        "resilience_level": job.resilience_level,
        "simulator": {"layer_noise_model": None},
        "dynamical_decoupling": decoupling_of(job.settings, conditions),
        "twirling": {
            "enable_gates": twirling.enable_gates,
            "enable_measure": twirling.enable_measure,
            "group": "pauli",
            "num_randomizations": twirling.num_randomizations or "auto",
            "shots_per_randomization": twirling.shots_per_randomization or "auto",
            "strategy": twirling.strategy or "active-accum",
        },
        "resilience": {
            "measure_mitigation": resilience.measure_mitigation,
            "measure_noise_learning": {
                "num_randomizations": resilience.measure_noise_learning.num_randomizations or "auto"
            },
            "zne_mitigation": resilience.zne_mitigation,
            "zne": {
                "amplifier": zne.amplifier or "gate_folding",
                "noise_factors": zne.noise_factors or "auto",
                "extrapolator": zne.extrapolator or ("exponential", "linear"),
                "extrapolated_noise_factors": zne.extrapolated_noise_factors or "auto",
            },
            "pec_mitigation": resilience.pec_mitigation or False,
            "pec": {"max_overhead": overhead, "noise_gain": "auto" if pec.noise_gain is None else pec.noise_gain},
            "layer_noise_model": None,
        },
    }
    options = finalize(given).options
    return _foreseeable(options) if options["resilience"]["zne_mitigation"] else options


def decoupling_of(settings: Settings, conditions: Conditions) -> Options:
    """Return the options for pulses on idle qubits, which are put there only where noise can be echoed.

    Source: behaviour B422.
    """
    told = settings.dynamical_decoupling
    return {
        "enable": bool(told.enable) and conditions.strays is not None,
        "sequence_type": told.sequence_type or "XX",
        "extra_slack_distribution": told.extra_slack_distribution or "middle",
        "scheduling_method": told.scheduling_method or "alap",
        "skip_reset_qubits": told.skip_reset_qubits or False,
    }


def run_mitigated_job(
    job: EstimatorJob, conditions: Conditions, seed: int
) -> Result[Simulated[PubResult], Problem] | None:
    """Return what a device might estimate with its errors mitigated; `None` where that cannot be done.

    The circuits are put into boxes and their noise is amplified, cancelled or twirled as an estimator of directed
    execution does it, and its result is read as there. PUBs of one precision share the calibration of the readout.

    Fails with:
        BadArgument: Options do not go together.
        TooHeavy: It takes longer than it may now, though not longer than any job may.

    Source: behaviour B420, B421.
    """
    from ..programs.decoupling import on_device
    from ..programs.estimator import post_process, prepare
    from .program_items import Asked, simulate_program

    options = options_of(job, conditions)
    # Its noise of layers will be known, and what cannot be done is not learned for.
    problem = find_conflict({**options, "resilience": {**options["resilience"], "layer_noise_model": ()}})
    if problem is not None:
        return Failure(problem)
    found: dict[int, PubResult] = {}
    notes: list[str] = []
    losses: list[Loss] = []
    asked = Asked(noise_model=job.settings.simulator.noise_model)
    try:
        placed = [with_circuit(pub, on_device(pub.circuit)) for pub in job.pubs]
        options = _with_layer_noise(job, placed, options, msgspec.structs.replace(conditions, seed=seed))
        by_precision = places_by(float(pub.precision or 0.0) for pub in job.pubs)
        for number, (precision, places) in enumerate(by_precision.items()):
            pubs, shots = [placed[place] for place in places], shots_for(precision)
            program = value_of(prepare(pubs, options, shots, conditions.target, precision=precision))
            answered = value_of(simulate_program(program, conditions, asked, seed_of(seed, number)))
            notes += answered.notes
            entries = program.passthrough_data["qiskit_mitigation"]
            losses += losses_of_pubs(answered.losses, owners_of(entries, places))
            for place, entry, result in zip(places, entries, post_process(answered.result), strict=False):
                found[place] = _told(job.pubs[place], result, entry, program)
    except RefusedError as refusal:
        return refuse_or_leave(refusal.problem, conditions)
    idle = drop_mitigated(job.idle, decoupled=conditions.strays is not None)
    lost = describe_losses(losses)
    metadata = _describe(job, options) | describe_left_out(lost, (), idle)
    result = PrimitiveResult([found[place] for place in range(len(job.pubs))], metadata)
    return Success(Simulated(result, (*notes, *lost, *describe_idle(idle))))


def losses_of_pubs(losses: Iterable[Loss], owners: Mapping[int, Sequence[int]]) -> list[Loss]:
    """Return what PUBs lost, each thing once, of what the items of their program lost.

    Args:
        losses: Those of items.
        owners: By item, the PUBs that it is for.
    """
    lost = [loss._replace(pub=pub) for loss in losses for pub in owners[loss.pub]]
    return sorted(dict.fromkeys(lost), key=lambda loss: loss.pub)


def owners_of(entries: Sequence[Mapping[str, Any]], places: Sequence[int]) -> dict[int, Sequence[int]]:
    """Return by item the PUBs that it is for: the calibration of the readout, which is the last, is for all."""
    from ..programs.estimator import items_of

    owners: dict[int, Sequence[int]] = {}
    for number, entry in enumerate(entries):
        for item in items_of(entry) if number < len(places) else [entry["program_item_index"]]:
            owners[item] = [places[number]] if number < len(places) else places
    return owners


def _describe(job: EstimatorJob, options: Options) -> dict[str, Any]:
    """Return the metadata of a job: what was done."""
    told = describe_estimator_job(job)
    resilience, twirling = options["resilience"], options["twirling"]
    twirled = {name: twirling[name] for name in ("enable_gates", "enable_measure")}
    decoupled = {"enable": options["dynamical_decoupling"]["enable"]}
    zne: dict[str, Any] = {}
    if resilience["zne_mitigation"]:
        asked = resilience["zne"]
        factors, at = list(noise_factors(asked)), list(extrapolated_factors(asked))
        models = {"extrapolator": list(extrapolators(asked)), "extrapolated_noise_factors": at}
        zne = {"zne": {"amplifier": asked["amplifier"], "noise_factors": factors, **models}}
    return {
        **told,
        "dynamical_decoupling": told["dynamical_decoupling"] | decoupled,
        "twirling": told["twirling"] | twirled,
        "resilience": told["resilience"] | zne,
    }


def refuse_or_leave(problem: Problem, conditions: Conditions) -> Failure[Problem] | None:
    """Return what a job fails with, or nothing where it may still be run without mitigation."""
    if isinstance(problem, TooHeavy):
        # With more time it might be done.
        return Failure(problem) if conditions.longest < LONGEST_JOB else None
    return None if isinstance(problem, NotExecutable | TooWide) else Failure(problem)


def value_of(result: Result[Any, Any]) -> Any:
    """Return the value of a result.

    Raises:
        RefusedError: There is none.
    """
    match result:
        case Failure(problem):
            raise RefusedError(problem)
    return result.unwrap()


def places_by(values: Iterable[Value]) -> dict[Value, list[int]]:
    """Return where each value stands."""
    places: dict[Value, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(place)
    return places


def _told(pub: EstimatorPub, result: Any, entry: Mapping[str, Any], program: "QuantumProgram") -> PubResult:
    """Return the result of a PUB with the metadata of the service."""
    shape = program.items[entry["program_item_index"]].shape
    randomizations = shape[1 if entry["mitigation"] == "pea" else 0]
    zne = result.metadata.get("resilience", {}).get("zne", {})
    resilience: dict[str, Any] = {"zne": {"extrapolator": zne["extrapolators"].tolist()}} if zne else {}
    if entry["mitigation"] == "pec":
        resilience["pec"] = {"num_randomizations_scaling": float(entry["pec_gamma"]) ** 2}
    told = describe_estimator_pub(pub, randomizations * program.shots, randomizations)
    return PubResult(result.data, told | {"resilience": resilience})


def _foreseeable(options: Options) -> Options:
    """Return options that fold the same gates whenever they are read: those in front, where not all are."""
    zne = options["resilience"]["zne"]
    if zne["amplifier"] != "gate_folding" or all(factor % 2 == 1 for factor in noise_factors(zne)):
        return options
    return {**options, "resilience": {**options["resilience"], "zne": {**zne, "amplifier": "gate_folding_front"}}}


# The noise of layers


def _with_layer_noise(
    job: EstimatorJob, pubs: Sequence[EstimatorPub], options: Options, conditions: Conditions
) -> Options:
    """Return options with the noise of layers where a technique uses it: as it was given, or as it is learned now.

    Source: behaviour B421.
    """
    resilience = options["resilience"]
    by_pea = resilience["zne_mitigation"] and resilience["zne"]["amplifier"] == "pea"
    if not (resilience["pec_mitigation"] or by_pea):
        return options
    from ..programs.estimator_tasks import find_layers

    layers = find_layers([pub.circuit for pub in pubs], options, "gates", tagged=True)
    given = job.settings.resilience.layer_noise_model
    if given is None:
        pairs = _learned(layers, job.settings, conditions)
    else:
        errors = given.data if isinstance(given, NoiseLearnerResult) else given
        pairs = [(layer, _noise_of(layer, errors, pubs)) for layer in layers]
    return {**options, "resilience": {**resilience, "layer_noise_model": pairs}}


def _learned(
    layers: Sequence[CircuitInstruction], settings: Settings, conditions: Conditions
) -> list[tuple[CircuitInstruction, PauliLindbladMap]]:
    from .learner_job import Options as LearnerOptions
    from .learner_job import learn_box
    from .program_items import Asked

    learning = settings.resilience.layer_noise_learning
    fields: dict[str, Any] = {
        "num_randomizations": learning.num_randomizations,
        "shots_per_randomization": learning.shots_per_randomization,
        "layer_pair_depths": None if learning.layer_pair_depths is None else tuple(learning.layer_pair_depths),
    }
    options = LearnerOptions(**{name: value for name, value in fields.items() if value not in (None, "auto")})
    asked = Asked(noise_model=settings.simulator.noise_model)
    learned = (learn_box(layer, options, conditions, index, asked) for index, layer in enumerate(layers))
    return [(layer, noise.to_pauli_lindblad_map()) for layer, noise in zip(layers, learned, strict=True)]


def _noise_of(layer: CircuitInstruction, errors: Sequence[LayerError], pubs: Sequence[EstimatorPub]) -> Any:
    """Return the noise of a layer among what was given, its qubits in the order of the device.

    Raises:
        RefusedError: It is not among them, or is unknown.
    """
    register = pubs[0].circuit.qubits
    body, place = layer.operation.body, {bit: register.index(outer) for bit, outer in _qubits(layer)}
    wanted = _gates(body, place)
    where = sorted(place.values())
    for error in errors:
        own = dict(zip(error.circuit.qubits, error.qubits, strict=True))
        if error.error is None or _gates(error.circuit, own) != wanted or not set(error.qubits) <= set(where):
            continue
        terms = []
        for label, rate in zip(error.error.generators.to_labels(), error.error.rates, strict=True):
            acting = [(where.index(error.qubits[at]), letter) for at, letter in enumerate(label[::-1]) if letter != "I"]
            terms.append(("".join(letter for _, letter in acting), [at for at, _ in acting], float(rate)))
        return PauliLindbladMap.from_sparse_list(terms, num_qubits=len(where))
    told = ", ".join(sorted(f"{name} on {qubits}" for name, qubits in wanted))
    raise RefusedError(
        BadArgument(
            name="resilience.layer_noise_model",
            value=f"without the layer of {told}",
            wanted="the error of each layer, as a NoiseLearner learns it of these circuits",
        )
    )


def _qubits(layer: CircuitInstruction) -> list[tuple[Any, Any]]:
    return list(zip(layer.operation.body.qubits, layer.qubits, strict=True))


def _gates(circuit: Any, place: Mapping[Any, int]) -> set[tuple[str, tuple[int, ...]]]:
    """Return the gates that join qubits, and which qubits of the device those are; of some no one is the first."""
    return {
        (step.name, tuple((sorted if step.name in _SYMMETRIC else list)(place[bit] for bit in step.qubits)))
        for step in circuit.data
        if len(step.qubits) > 1 and step.name != "barrier"
    }
