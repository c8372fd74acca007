"""What a cloud reads out of a job that it was sent, before it runs it."""

import msgspec
from qiskit import QuantumCircuit
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, Problem, UnreadableValue
from .bounded import DecodeLimits
from .circuits import DEFAULT_SHOTS, read_pubs
from .typed_json import DEFAULT_LIMITS, decode_value


class SamplerJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a sampler job asks for. Every pub states its shots."""

    pubs: tuple[SamplerPub, ...]
    seed: int | None = None
    """The seed that the user wants a simulator to take."""


def decode_sampler_params(params: bytes, limits: DecodeLimits = DEFAULT_LIMITS) -> Result[SamplerJob, Problem]:
    """Read the `params` of a sampler job, as a cloud does that runs it.

    Shots are those of the pub, else `options.default_shots`, else 4096.

    Fails with:
        BadArgument: A pub does not fit together.
        TooLarge: A size reaches beyond `limits`.
        TooNew: A circuit was written by a newer Qiskit than the installed one can read.
        UnreadableValue: The text is not what a sampler job is sent.

    Source: behaviour B84.
    """
    return decode_value(params, limits).bind(_as_job)


def _as_job(params: object) -> Result[SamplerJob, Problem]:
    match params:
        case {"pubs": list(pubs), "options": dict(options)} if all(map(_is_pub, pubs)):
            shots = options.get("default_shots")
            read = read_pubs(map(tuple, pubs), DEFAULT_SHOTS if shots is None else shots)
            return read.bind(lambda pubs: _with_seed(pubs, options.get("simulator")))
        case _:
            return Failure(UnreadableValue(tag="params", reason="it has no pubs of circuits, or no options"))


def _is_pub(pub: object) -> bool:
    return isinstance(pub, list) and len(pub) in (1, 2, 3) and isinstance(pub[0], QuantumCircuit)


def _with_seed(pubs: tuple[SamplerPub, ...], simulator: object) -> Result[SamplerJob, Problem]:
    seed = simulator.get("seed_simulator") if isinstance(simulator, dict) else None
    if seed is None or (type(seed) is int and seed >= 0):
        return Success(SamplerJob(pubs=pubs, seed=seed))
    return Failure(BadArgument(name="seed_simulator", value=repr(seed), wanted="a whole number of at least 0"))
