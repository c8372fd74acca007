"""Decisions of an estimator: what it does about errors, with which noise factors, and from how many shots."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ..records.options import DEFAULT_NOISE_FACTORS, FACTORS_NEEDED
from ..records.problem import BadArgument
from .shots import shots_for

Options = Mapping[str, Any]
"""The options of an estimator as plain data; a group is a mapping of its own."""

PROJECTORS = frozenset("01+-rl")
"""Letters of an observable that readout mitigation cannot scale: its factors belong to Pauli operators."""


class Finalized(msgspec.Struct, frozen=True, kw_only=True):
    """Options in which nothing is left to `resilience_level`."""

    options: Options
    overruled: tuple[str, ...]
    """What was set to False and is on all the same, each with what needs it."""


def finalize(options: Options) -> Finalized:
    """Fill in what `resilience_level` decides, and what one technique needs of another.

    What is set counts more than the level: but readout mitigation measures twirled, and what amplifies or cancels
    learned noise does so for twirled gates.

    Source: behaviour B380.
    """
    twirling, resilience, level = options["twirling"], options["resilience"], options["resilience_level"]
    chosen = {
        "measure_mitigation": _chosen(resilience["measure_mitigation"], level >= 1),
        "zne_mitigation": _chosen(resilience["zne_mitigation"], level == 2),  # the level of all
    }
    learned = _learned(resilience | chosen)
    asked = asked_twirling(twirling, level)
    twirled = {
        "enable_measure": bool(asked["enable_measure"] or chosen["measure_mitigation"] or learned),
        "enable_gates": bool(asked["enable_gates"] or learned),
    }
    needs = {"enable_measure": learned or "measure_mitigation", "enable_gates": learned}
    overruled = tuple(
        f"twirling.{name}=False has no effect: resilience.{needs[name]} needs it."
        for name, on in twirled.items()
        if on and twirling[name] is False
    )
    filled = {"twirling": {**twirling, **twirled}, "resilience": {**resilience, **chosen}}
    return Finalized(options={**options, **filled}, overruled=overruled)


def asked_twirling(twirling: Options, level: int) -> dict[str, bool]:
    """Return what options and level twirl by themselves, whatever mitigation needs beside it; a sampler has level 0."""
    levels = {"enable_measure": 1, "enable_gates": 2}
    return {name: _chosen(twirling.get(name), level >= least) for name, least in levels.items()}


def _chosen(value: bool | None, default: bool) -> bool:
    return default if value is None else value


def _learned(resilience: Options) -> str:
    """Return which technique uses learned noise, if any."""
    if resilience["pec_mitigation"]:
        return "pec_mitigation"
    return "zne.amplifier='pea'" if resilience["zne_mitigation"] and resilience["zne"]["amplifier"] == "pea" else ""


def noise_factors(zne: Options) -> tuple[float, ...]:
    """Return by how much noise is amplified, in the order in which it is run."""
    given = zne["noise_factors"]
    return tuple(float(factor) for factor in (DEFAULT_NOISE_FACTORS if given == "auto" else given))


def extrapolators(zne: Options) -> tuple[str, ...]:
    """Return the models that are fitted, the preferred one first."""
    given = zne["extrapolator"]
    return (given,) if isinstance(given, str) else tuple(given)


def extrapolated_factors(zne: Options) -> tuple[float, ...]:
    """Return at which noise factors each model is evaluated."""
    given = zne["extrapolated_noise_factors"]
    return tuple(float(factor) for factor in ((0.0, *noise_factors(zne)) if given == "auto" else given))


def find_conflict(options: Options) -> BadArgument | None:
    """Return what of finalized options cannot be done together, if anything.

    Source: behaviour B381.
    """
    resilience = options["resilience"]
    if resilience["pec_mitigation"] and resilience["zne_mitigation"]:
        by_level = " (which resilience_level=2 brings)" if options["resilience_level"] == 2 else ""
        return BadArgument(
            name="resilience.pec_mitigation",
            value=f"True beside zne_mitigation=True{by_level}",
            wanted="False, or set resilience.zne_mitigation=False: a job does one or the other",
        )
    learned = _learned(resilience)
    if learned and resilience["layer_noise_model"] is None:
        return BadArgument(
            name="resilience.layer_noise_model",
            value="None",
            wanted=f"the noise of each layer, for {learned} uses it: learn it with NoiseLearnerV3 for "
            "estimator.find_unique_layers(pubs)",
        )
    return check_factors(resilience["zne"]) if resilience["zne_mitigation"] else None


def check_factors(zne: Options) -> BadArgument | None:
    """Return which model has too few noise factors to be fitted, if any."""
    factors = noise_factors(zne)
    for model in extrapolators(zne):
        if len(set(factors)) < FACTORS_NEEDED[model]:
            return BadArgument(
                name="resilience.zne.noise_factors",
                value=f"{list(factors)}, too few for {model!r}",
                wanted=f"at least {FACTORS_NEEDED[model]} different factors for this extrapolator, or another one",
            )
    return None


def choose_shots(precisions: Iterable[float | None], options: Options) -> tuple[int, float | None] | BadArgument:
    """Return the shots of each configuration of a job, and the precision that they come from, if one was asked for.

    A precision of PUBs or of the run counts more than `default_shots`, and that more than `default_precision`.

    Args:
        precisions: Of each PUB, that of the run filled in.
        options: With the two defaults.

    Source: behaviour B382.
    """
    seen = list(precisions)
    different = sorted(set(seen), key=lambda value: (value is None, value))
    if len(different) > 1:
        one, other = seen.index(different[0]), seen.index(different[1])
        return BadArgument(
            name=f"the precision of pubs[{other}]",
            value=f"{different[1]!r}, that of pubs[{one}] {different[0]!r}",
            wanted="the same for all PUBs of a job: all items of a quantum program take the same shots; "
            "submit a job for each precision",
        )
    (precision,) = different
    if precision is not None:
        return shots_for(precision), precision
    if options["default_shots"] == 0:
        wanted = "at least 1, or None to take the shots of default_precision"
        return BadArgument(name="EstimatorOptions.default_shots", value="0", wanted=wanted)
    return options["default_shots"] or shots_for(options["default_precision"]), None


def calibration_randomizations(resilience: Options, of_pubs: int) -> int:
    """Return how many randomizations the calibration of the readout takes."""
    asked = resilience["measure_noise_learning"]["num_randomizations"]
    return of_pubs if asked == "auto" else int(asked)


# Mitigating a result again

_POST = (
    "resilience.measure_mitigation",
    "resilience.zne_mitigation",
    "resilience.zne.noise_factors",
    "resilience.zne.extrapolator",
    "resilience.zne.extrapolated_noise_factors",
)
"""What is decided after a run, so that it may be decided again."""


def read_changes(options: Options, changes: Options) -> Options | BadArgument:
    """Return finalized options of a run with what is to be different afterwards, or what cannot be.

    A change is a tree of options; what it says of anything that was decided before the run is refused, unless it says
    what was the case.

    Source: behaviour B383.
    """
    if not changes:
        return options
    changed = {**options, "resilience": {**options["resilience"], "zne": dict(options["resilience"]["zne"])}}
    resilience = changed["resilience"]
    for path, value in _leaves(changes, ""):
        held = _at(options, path)
        if path not in _POST and _plain(held) != _plain(value):
            return _decided_before(path, value, held)
        if path not in _POST or value is None:
            continue
        group, _, name = path.removeprefix("resilience.").rpartition(".")
        (resilience[group] if group else resilience)[name] = value
    return _check_changes(options, changed) or changed


def _check_changes(options: Options, changed: Options) -> BadArgument | None:
    before, after = options["resilience"], changed["resilience"]
    for name in ("measure_mitigation", "zne_mitigation"):
        if after[name] and not before[name]:
            return _decided_before(f"resilience.{name}", after[name], before[name])
    ran = noise_factors(before["zne"])
    wanted = noise_factors(after["zne"])
    if after["zne_mitigation"]:
        missing = [factor for factor in wanted if factor not in ran]
        if missing:
            return BadArgument(
                name="resilience.zne.noise_factors",
                value=f"{list(wanted)}",
                wanted=f"some of those that were run, {list(ran)}; run again for others",
            )
        return check_factors(after["zne"])
    if before["zne_mitigation"] and 1.0 not in ran:
        wanted_words = (
            f"True: without the noise factor 1 among those that were run, {list(ran)}, nothing is unamplified"
        )
        return BadArgument(name="resilience.zne_mitigation", value="False", wanted=wanted_words)
    return None


def _decided_before(path: str, value: Any, held: Any) -> BadArgument:
    return BadArgument(
        name=path,
        value=repr(value),
        wanted=f"{held!r}, as it was run, for it decides what is run: set it in the options and run again. "
        f"What can be changed afterwards: {', '.join(_POST)}",
    )


def _leaves(tree: Options, before: str) -> Iterable[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _at(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
