"""Decisions about what a job executes: PUBs and options in, how often which circuits run out.

This counts what the service makes of a job; what is prepared on the client can be counted as it is.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..records.estimate import CircuitRuns, PubFacts
from ..records.options import DEFAULT_LAYERS, DEFAULT_NOISE_FACTORS, DEFAULT_OVERHEAD, DEFAULT_SHOTS
from .mitigation import asked_twirling, finalize
from .randomizations import FEWEST_SHOTS, Spread, spread_shots
from .shots import shots_for

Options = Mapping[str, Any]
"""The options that are set, by name; a group is a mapping of its own."""

LEARNING_DEPTHS = 6
LEARNING_BASES = 9
"""In which a layer of two-qubit gates is learned, at each depth."""
LEARNING_RANDOMIZATIONS = 32
LEARNING_SHOTS = 128
"""How the noise of layers is learned where nothing is said; so many of each for a layer of measurements too."""

FOLDED = "Circuits with amplified noise are counted as long as those without. They are longer, by up to {:g} times."
NOT_LEARNED = "PEC takes 1 to {:g} times the shots. How many is known once noise is learned."
NOT_BOUND = "How many times the shots PEC takes is known once noise is learned, and max_overhead=None sets no limit."
LAYERS = "How many layers there are to learn is not known: at least one is counted."
LEARNED = "How long the circuits are by which noise is learned is not known: delays alone are counted."
READOUT = "How long a measurement takes is not known: delays alone are counted for the calibration of the readout."


def sampler_runs(pubs: Sequence[PubFacts], options: Options) -> tuple[CircuitRuns, ...]:
    """Return what the service executes for a sampler job, one line for each PUB.

    Args:
        pubs: What they are.
        options: Those of the service-side sampler that are set.

    Source: behaviour B514.
    """
    twirling = _group(options, "twirling")
    twirled = any(asked_twirling(twirling, 0).values())
    default = (_product(twirling) if twirled else None) or options.get("default_shots") or DEFAULT_SHOTS
    return tuple(_runs_of(pub, _spread(pub.shots or default, twirling if twirled else None)) for pub in pubs)


def estimator_runs(
    pubs: Sequence[PubFacts], options: Options, *, readout: float | None = None, layers: int | None = None
) -> tuple[CircuitRuns, ...]:
    """Return what the service executes for an estimator job: a line for each PUB, and what is learned for all.

    Args:
        pubs: What they are.
        options: Those of the service-side estimator that are set, with its `resilience_level` if that is set.
        readout: Seconds of a circuit that only measures; `None` where nobody knows.
        layers: How many different layers of two-qubit gates the circuits have; `None` where nobody knows. It counts
            only for what uses learned noise, and if none is given.

    Source: behaviour B514, B515.
    """
    decided = _decided(options)
    twirling, resilience = decided["twirling"], decided["resilience"]
    twirled = bool(twirling["enable_gates"] or twirling["enable_measure"])
    precision = options.get("default_precision")
    # Where only mitigation twirls, both numbers of twirling make no default.
    asks = any(asked_twirling(_group(options, "twirling"), decided["resilience_level"]).values())
    default = (_product(twirling) if asks else None) or options.get("default_shots")
    default = default or (shots_for(precision) if precision else DEFAULT_SHOTS)
    runs = []
    asked = [shots_for(pub.precision) if pub.precision else pub.shots or default for pub in pubs]
    for pub, shots in zip(pubs, asked, strict=True):
        # A job cancels errors or extrapolates, whatever its level says of the second.
        if resilience["pec_mitigation"]:
            runs.append(_cancelled(pub, shots, twirling, resilience))
        else:
            runs.append(_amplified(pub, _spread(shots, twirling if twirled else None), resilience))
    if resilience["measure_mitigation"]:
        runs.append(_calibration(max(asked, default=default), twirling, resilience, readout))
    if _learns(resilience) and layers != 0:
        runs.append(learning_runs(_group(resilience, "layer_noise_learning"), layers))
    return tuple(runs)


def learning_runs(options: Options, layers: int | None, measured: int = 0) -> CircuitRuns:
    """Return what the service executes to learn the noise of layers.

    Args:
        options: Those of layer noise learning that are set.
        layers: How many different layers of two-qubit gates there are; `None` where nobody knows.
        measured: How many layers of measurements there are beside them.

    Source: behaviour B515.
    """
    randomizations = options.get("num_randomizations") or LEARNING_RANDOMIZATIONS
    shots = options.get("shots_per_randomization") or LEARNING_SHOTS
    asked = options.get("layer_pair_depths")
    depths = LEARNING_DEPTHS if asked is None else len(asked)
    each = depths * LEARNING_BASES * randomizations * shots
    bound = options.get("max_layers_to_learn", DEFAULT_LAYERS)
    beside = measured * randomizations * shots
    known = bound if layers is None else layers if bound is None else min(layers, bound)
    least = known if layers is not None else 1 if bound is None else min(1, bound)
    return CircuitRuns(
        what="noise of layers",
        executions=least * each + beside,
        most=None if known is None else known * each + beside,
        length=None,
        unknown=(LEARNED,) if layers is not None else (LAYERS, LEARNED),
    )


def _decided(options: Options) -> Options:
    """Return twirling and resilience with nothing left to `resilience_level`, as the service takes them."""
    level = options.get("resilience_level")
    twirling, resilience = _group(options, "twirling"), _group(options, "resilience")
    asked = {name: resilience.get(name) for name in ("measure_mitigation", "zne_mitigation")}
    pec = bool(resilience.get("pec_mitigation"))
    zne = {"amplifier": "gate_folding", **_group(resilience, "zne")}
    return finalize(
        {
            "resilience_level": 1 if level is None else level,
            "twirling": {"enable_gates": None, "enable_measure": None, **twirling},
            "resilience": {**resilience, **asked, "pec_mitigation": pec, "zne": zne},
        }
    ).options


def _runs_of(pub: PubFacts, spread: Spread, times: int = 1, assumed: Iterable[str] = ()) -> CircuitRuns:
    executions = spread.randomizations * spread.shots * pub.configurations * times
    return CircuitRuns(
        what=pub.what,
        executions=executions,
        most=executions,
        length=pub.length,
        assumed=tuple(assumed),
        unknown=pub.unknown,
    )


def _spread(shots: int, twirling: Options | None) -> Spread:
    """Return how the shots of a circuit are spread: no fewer than asked for, whatever both numbers of twirling make.

    Source: behaviour B514.
    """
    if twirling is None:
        return Spread(1, shots)
    number, size = _number(twirling, "num_randomizations"), _number(twirling, "shots_per_randomization")
    return spread_shots(shots, number if size == "auto" else "auto", size)


def _amplified(pub: PubFacts, spread: Spread, resilience: Options) -> CircuitRuns:
    """Return the runs of a PUB, once for each noise factor."""
    if not resilience["zne_mitigation"]:
        return _runs_of(pub, spread)
    factors = _factors(resilience["zne"])
    folded = not _learned_noise(resilience) and max(factors) > 1
    return _runs_of(pub, spread, len(factors), [FOLDED.format(max(factors))] if folded else [])


def _cancelled(pub: PubFacts, shots: int, twirling: Options, resilience: Options) -> CircuitRuns:
    """Return the runs of a PUB whose errors are cancelled: as many as without, or up to `max_overhead` times more."""
    number, size = _number(twirling, "num_randomizations"), _number(twirling, "shots_per_randomization")
    each = FEWEST_SHOTS if number == size == "auto" else size
    spread = spread_shots(shots, number if each == "auto" else "auto", each)
    runs = _runs_of(pub, spread)
    overhead = _group(resilience, "pec").get("max_overhead", DEFAULT_OVERHEAD)
    most = None if overhead is None else math.ceil(spread.randomizations * max(overhead, 1.0)) * spread.shots
    return CircuitRuns(
        what=pub.what,
        executions=runs.executions,
        most=None if most is None else most * pub.configurations,
        length=pub.length,
        unknown=(*pub.unknown, NOT_BOUND if overhead is None else NOT_LEARNED.format(overhead)),
    )


def _calibration(shots: int, twirling: Options, resilience: Options, readout: float | None) -> CircuitRuns:
    """Return what finds the errors of the readout: one circuit for a job, twirled as its PUBs are unless it is said."""
    learning = _group(resilience, "measure_noise_learning")
    number, size = _number(learning, "num_randomizations"), _number(learning, "shots_per_randomization")
    if number != "auto" and size != "auto":
        spread = Spread(number, size)
    elif size != "auto":
        spread = Spread(LEARNING_RANDOMIZATIONS, size)
    else:
        spread = spread_shots(shots, number, "auto") if number != "auto" else _spread(shots, twirling)
    executions = spread.randomizations * spread.shots
    unknown = (READOUT,) if readout is None else ()
    return CircuitRuns(what="readout", executions=executions, most=executions, length=readout, unknown=unknown)


def uses_learned_noise(options: Options) -> bool:
    """Tell whether the service learns the noise of layers for an estimator job with these options.

    Source: behaviour B515.
    """
    return _learns(_decided(options)["resilience"])


def _learns(resilience: Options) -> bool:
    return _learned_noise(resilience) and resilience.get("layer_noise_model") is None


def _learned_noise(resilience: Options) -> bool:
    amplified = resilience["zne_mitigation"] and resilience["zne"]["amplifier"] == "pea"
    return bool(resilience["pec_mitigation"] or amplified)


def _factors(zne: Options) -> tuple[float, ...]:
    given = zne.get("noise_factors")
    return DEFAULT_NOISE_FACTORS if given is None or given == "auto" else tuple(given)


def _group(options: Options, name: str) -> dict[str, Any]:
    """Return a group without what is left open; `None` says something only where it sets no limit."""
    given = options.get(name)
    unlimited = ("max_overhead", "max_layers_to_learn")
    if not isinstance(given, Mapping):
        return {}
    return {key: value for key, value in given.items() if value is not None or key in unlimited}


def _number(group: Options, name: str) -> Any:
    """Return a number, or `auto` where none is set."""
    value = group.get(name)
    return "auto" if value is None else value


def _product(twirling: Options) -> int | None:
    """Return how many shots both numbers make, where both are given."""
    number, size = _number(twirling, "num_randomizations"), _number(twirling, "shots_per_randomization")
    return None if "auto" in (number, size) else number * size
