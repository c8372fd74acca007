"""What a cloud reads out of a job that it was sent, before it runs it."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from qiskit import QuantumCircuit
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from .._shown import write_out
from ..bridge.circuits import read_pubs, shown
from ..bridge.ledger import DecodeLimits, Ledger, RefusedError
from ..bridge.observables import read_estimator_pubs
from ..bridge.openqasm import pay_for_openqasm, read_openqasm
from ..bridge.typed_json import DEFAULT_LIMITS, decode_value, read_within
from ..core.options import find_idle_options
from ..core.randomizations import FEWEST_SHOTS, shots_of_each
from ..core.shots import shots_for as shots_for
from ..records.options import DEFAULT_SHOTS, Amplifier, Auto, Extrapolator, NaturalNumber, PositiveFloat, PositiveInt
from ..records.problem import BadArgument, Problem

Factor = Annotated[float, Meta(ge=1)]

_BESIDE = ("options", "version", "support_qiskit")
_BESIDE_SAMPLER = (*_BESIDE, "shots")
_BESIDE_ESTIMATOR = (*_BESIDE, "precision", "resilience_level")
"""What may stand beside the pubs of a job."""

_PROGRAM_TIME = 10
"""How many times as long the programs of a job may take to read as anything else: only who submits waits for it."""


# What the options say that a simulator heeds; `None` is the service's own default


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How each shot is taken."""

    init_qubits: bool | None = None
    rep_delay: float | None = None
    """Seconds."""
    meas_type: Literal["classified", "kerneled", "avg_kerneled"] | None = None
    scheduler_timing: bool | None = None
    """Whether results tell when each instruction plays."""


class Twirling(msgspec.Struct, frozen=True, kw_only=True):
    """Over how many randomizations the shots are spread."""

    enable_gates: bool | None = None
    enable_measure: bool | None = None
    num_randomizations: PositiveInt | Auto | None = None
    shots_per_randomization: PositiveInt | Auto | None = None
    strategy: str | None = None


class Simulator(msgspec.Struct, frozen=True, kw_only=True):
    """What only a simulator heeds."""

    seed_simulator: NaturalNumber | None = None
    noise_model: Any = None
    """A `NoiseModel` of Aer, or its dictionary where Aer is not installed."""
    coupling_map: list[tuple[NaturalNumber, NaturalNumber]] | None = None
    basis_gates: list[str] | None = None


class Decoupling(msgspec.Struct, frozen=True, kw_only=True):
    """Pulses on idle qubits."""

    enable: bool | None = None
    sequence_type: str | None = None
    extra_slack_distribution: str | None = None
    scheduling_method: str | None = None
    skip_reset_qubits: bool | None = None


class Zne(msgspec.Struct, frozen=True, kw_only=True):
    """How noise is amplified, and values are extrapolated to none."""

    amplifier: Amplifier | None = None
    noise_factors: list[Factor] | Auto | None = None
    extrapolator: Extrapolator | list[Extrapolator] | None = None
    extrapolated_noise_factors: list[float] | Auto | None = None


class Pec(msgspec.Struct, frozen=True, kw_only=True):
    """How errors are cancelled."""

    max_overhead: PositiveFloat | msgspec.UnsetType | None = msgspec.UNSET
    noise_gain: Annotated[float, Meta(ge=0)] | Auto | None = None


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """From what the noise of readout, or of layers, is learned."""

    num_randomizations: PositiveInt | Auto | None = None
    shots_per_randomization: PositiveInt | Auto | None = None
    layer_pair_depths: list[NaturalNumber] | None = None


class Resilience(msgspec.Struct, frozen=True, kw_only=True):
    """How errors are mitigated."""

    measure_mitigation: bool | None = None
    measure_noise_learning: Learning = Learning()
    zne_mitigation: bool | None = None
    zne: Zne = Zne()
    pec_mitigation: bool | None = None
    pec: Pec = Pec()
    layer_noise_learning: Learning = Learning()
    layer_noise_model: Any = None
    """The result of a noise learner, or its layer errors."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a job. Others have no effect."""

    default_shots: NaturalNumber | None = None
    default_precision: PositiveFloat | None = None
    seed_estimator: NaturalNumber | None = None
    execution: Execution = Execution()
    twirling: Twirling = Twirling()
    simulator: Simulator = Simulator()
    dynamical_decoupling: Decoupling = Decoupling()
    resilience: Resilience = Resilience()
    experimental: Any = None

    @property
    def tells_timing(self) -> bool:
        """Whether the timing of circuits is asked for, in either place that takes the question."""
        match self.experimental:
            case {"execution": {"scheduler_timing": True}}:
                return True
            case _:
                return self.execution.scheduler_timing is True


class SamplerJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a sampler job asks for. Every pub states its shots."""

    pubs: tuple[SamplerPub, ...]
    settings: Settings = Settings()
    options: Mapping[str, Any] = {}
    """The same as they were sent."""
    plain: bool = False
    """Whether the result shall be plain JSON, without the types of Qiskit."""
    idle: tuple[str, ...] = ()
    """The options that are set and have no effect."""


class EstimatorJob(msgspec.Struct, frozen=True, kw_only=True):
    """What an estimator job asks for. Every pub states its precision."""

    pubs: tuple[EstimatorPub, ...]
    settings: Settings = Settings()
    options: Mapping[str, Any] = {}
    """The same as they were sent, without the level of resilience."""
    resilience_level: int = 1
    plain: bool = False
    """Whether the result shall be plain JSON, without the types of Qiskit."""
    idle: tuple[str, ...] = ()
    """The options that are set and have no effect."""


Job = TypeVar("Job", SamplerJob, EstimatorJob)


def decode_sampler_params(params: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Result[SamplerJob, Problem]:
    """Read the `params` of a sampler job, as a cloud does that runs it.

    Shots are those of the pub, else `shots`, else what both numbers of twirling make, else `options.default_shots`,
    else 4096.

    Fails with:
        BadArgument: A pub does not fit together, or an option is not what it must be.
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        UnreadableValue: The text is not what a sampler job is sent.

    Source: behaviour B84, B186, B244, B430, B433.
    """
    return decode_value(params, limits).bind(partial(_as_sampler_job, limits=limits))


def decode_estimator_params(params: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Result[EstimatorJob, Problem]:
    """Read the `params` of an estimator job, as a cloud does that runs it.

    Precision is that of the pub, else `precision`, else that of the shots which both numbers of twirling make, else
    that of `options.default_shots`, else `options.default_precision`, else 0.015625.

    Fails with:
        BadArgument: A pub does not fit together, or an option is not what it must be.
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        UnreadableValue: The text is not what an estimator job is sent.

    Source: behaviour B164, B186, B244, B430, B433.
    """
    return decode_value(params, limits).bind(partial(_as_estimator_job, limits=limits))


def precision_of(shots: int) -> float:
    """Return the standard error that shots give, for an observable whose values are 1 and -1."""
    return 1 / math.sqrt(shots)


def measures_twirled(twirling: Twirling, resilience_level: int) -> bool:
    """Tell whether measurements are twirled; a sampler has level 0."""
    return resilience_level >= 1 if twirling.enable_measure is None else twirling.enable_measure


def gates_twirled(twirling: Twirling, resilience_level: int) -> bool:
    """Tell whether gates are twirled; a sampler has level 0."""
    return resilience_level >= 2 if twirling.enable_gates is None else twirling.enable_gates


def is_twirled(twirling: Twirling, resilience_level: int = 0) -> bool:
    """Tell whether the shots of a pub are spread over randomizations."""
    return measures_twirled(twirling, resilience_level) or gates_twirled(twirling, resilience_level)


def spread_shots(shots: int, twirling: Twirling, *, pec: bool = False) -> tuple[int, int]:
    """Return over how many randomizations `shots` are spread, and how many each takes at most.

    Source: behaviour B187.
    """
    number = twirling.num_randomizations if isinstance(twirling.num_randomizations, int) else None
    size = twirling.shots_per_randomization if isinstance(twirling.shots_per_randomization, int) else None
    if size is None:
        size = math.ceil(shots / number) if number is not None else FEWEST_SHOTS if pec else shots_of_each(shots)
    return math.ceil(shots / size), size


def _as_sampler_job(params: object, limits: DecodeLimits) -> Result[SamplerJob, Problem]:
    def build(settings: Settings, pubs: list[list[Any]], rest: dict[str, Any]) -> Result[SamplerJob, Problem]:
        spread = _product(settings.twirling) if is_twirled(settings.twirling) else None
        default = _first(rest.get("shots"), spread, settings.default_shots, DEFAULT_SHOTS)
        read = read_pubs(map(tuple, pubs), default)
        return read.map(
            lambda pubs: SamplerJob(
                pubs=pubs,
                settings=settings,
                options=rest.get("options") or {},
                plain=_is_plain(rest),
                idle=_idle_options(rest),
            )
        )

    return _read_job(params, _BESIDE_SAMPLER, limits, build)


def _as_estimator_job(params: object, limits: DecodeLimits) -> Result[EstimatorJob, Problem]:
    def build(settings: Settings, pubs: list[list[Any]], rest: dict[str, Any]) -> Result[EstimatorJob, Problem]:
        level = rest.get("resilience_level", 1)
        if level not in (0, 1, 2):
            return Failure(BadArgument(name="resilience_level", value=write_out(level), wanted="0, 1 or 2"))
        spread = _product(settings.twirling) if is_twirled(settings.twirling, level) else None
        shots = settings.default_shots if spread is None else spread
        precision = _first(
            rest.get("precision"),
            precision_of(shots) if shots else None,
            settings.default_precision,
            precision_of(DEFAULT_SHOTS),
        )
        return read_estimator_pubs(map(tuple, pubs), precision).map(
            lambda pubs: EstimatorJob(
                pubs=pubs,
                settings=settings,
                options=rest.get("options") or {},
                resilience_level=level,
                plain=_is_plain(rest),
                idle=_idle_options(rest),
            )
        )

    return _read_job(params, _BESIDE_ESTIMATOR, limits, build)


def _read_job(
    params: object,
    known: tuple[str, ...],
    limits: DecodeLimits,
    build: Callable[[Settings, list[list[Any]], dict[str, Any]], Result[Job, Problem]],
) -> Result[Job, Problem]:
    """Return what `build` makes of the settings, the pubs and what stands beside them."""
    if not isinstance(params, dict):
        return Failure(BadArgument(name="params", value=shown(params), wanted='an object, as {"pubs": [[circuit]]}'))
    rest = {name: value for name, value in params.items() if name != "pubs" and value is not None}
    problem = _problem_beside(rest, known) or _problem_of_pubs(params.get("pubs"))
    if problem is not None:
        return Failure(problem)
    longer = msgspec.structs.replace(limits, steps=_PROGRAM_TIME * limits.steps)
    return _read_settings(rest).bind(
        lambda settings: read_within(partial(_read_circuits, params["pubs"]), longer).bind(
            lambda pubs: build(settings, pubs, rest)
        )
    )


def _problem_beside(rest: dict[Any, Any], known: tuple[str, ...]) -> BadArgument | None:
    """Return what stands beside the pubs and is none of `known`, or not what it must be."""
    unknown = next((name for name in rest if name not in known), None)
    if unknown is not None:
        wanted = f"left out: beside pubs there are {', '.join(known)}"
        return BadArgument(name=f"params[{write_out(unknown)}]", value=shown(rest[unknown]), wanted=wanted)
    if not isinstance(rest.get("options", {}), dict):
        return BadArgument(name="options", value=shown(rest["options"]), wanted="an object, by the names of options")
    if rest.get("version", 2) != 2:
        return BadArgument(name="version", value=shown(rest["version"]), wanted="2, or left out")
    if not isinstance(rest.get("support_qiskit", False), bool):
        return BadArgument(name="support_qiskit", value=shown(rest["support_qiskit"]), wanted="true or false")
    return None


def _problem_of_pubs(pubs: object) -> BadArgument | None:
    if not isinstance(pubs, list):
        value = "not there" if pubs is None else shown(pubs)
        return BadArgument(name="pubs", value=value, wanted="a list of pubs, such as [[circuit]]")
    for index, pub in enumerate(pubs):
        if not (isinstance(pub, list) and len(pub) in (1, 2, 3, 4) and isinstance(pub[0], QuantumCircuit | str)):
            wanted = "a list of one to four, which begins with a circuit: QPY, or a program in OpenQASM 2 or 3"
            return BadArgument(name=f"pubs[{index}]", value=shown(pub), wanted=wanted)
    return None


def _is_plain(rest: dict[Any, Any]) -> bool:
    return rest.get("support_qiskit") is not True


def _idle_options(rest: dict[Any, Any]) -> tuple[str, ...]:
    return find_idle_options(rest.get("options") or {}, rest.get("resilience_level"))


def _first(*values: Any) -> Any:
    """Return the first that is given."""
    return next(value for value in values if value is not None)


def _read_circuits(pubs: list[list[Any]], ledger: Ledger) -> list[list[Any]]:
    """Return the pubs with a circuit in the place of each program in OpenQASM.

    A program names only those physical qubits that it uses, observables all: the circuit becomes as wide as they are.
    """
    read = []
    for index, (circuit, *values) in enumerate(pubs):
        if isinstance(circuit, str):
            pay_for_openqasm(circuit, ledger)
            program = read_openqasm(circuit, num_qubits=_width_of(values[0]) if values else 0)
            if not isinstance(program, Success):
                wanted = f"a program in OpenQASM 2 or 3: {program.failure().reason}"
                raise RefusedError(BadArgument(name=f"pubs[{index}][0]", value=shown(circuit), wanted=wanted))
            circuit = program.unwrap()
            # Qiskit counts the circuits of a process, and the same job says the same in any.
            circuit.name = "in OpenQASM"
        read.append([circuit, *values])
    return read


def _width_of(observables: object) -> int:
    """Return how many qubits observables are for, by the first of their labels; 0 for what is none."""
    match observables:
        case str(label):
            return len(label)
        case dict(terms):
            return _width_of(next(iter(terms), None))
        case [first, *_]:
            return _width_of(first)
        case _:
            return 0


def _product(twirling: Twirling) -> int | None:
    """Return how many shots both numbers make, where both are given."""
    match twirling:
        case Twirling(num_randomizations=int(number), shots_per_randomization=int(size)):
            return number * size
        case _:
            return None


def _read_settings(params: dict[Any, Any]) -> Result[Settings, Problem]:
    given = {name: value for name, value in (params.get("options") or {}).items() if value is not None}
    try:
        return Success(msgspec.convert(given, Settings))
    except msgspec.ValidationError as error:
        return Failure(BadArgument(name="options", value=f"not right: {error}", wanted="what the service documents"))
