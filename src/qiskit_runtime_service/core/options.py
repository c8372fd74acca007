"""Decisions about options: what goes together, and what of them is sent where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..records.options import DEFAULT_EXTRAPOLATORS, DEFAULT_NOISE_FACTORS, FACTORS_NEEDED
from ..records.problem import BadArgument, UnknownOption
from .names import nearest_name

Options = Mapping[str, object]
"""The options that are set, by name. A group is a mapping of its own."""


def find_unknown(group: str, names: Iterable[str], known: Iterable[str]) -> UnknownOption | None:
    """Return the first name that `group` does not have, with the nearest that it has.

    Source: behaviour B160.
    """
    has = tuple(known)
    for name in names:
        if name not in has:
            return UnknownOption(group=group, name=name, nearest=nearest_name(name, has))
    return None


def check_zne(zne: Options) -> BadArgument | None:
    """Return which extrapolator of zero-noise extrapolation has too few noise factors, if any.

    Source: behaviour B162.
    """
    factors = zne.get("noise_factors", DEFAULT_NOISE_FACTORS)
    wanted = zne.get("extrapolator", DEFAULT_EXTRAPOLATORS)
    extrapolators = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list | tuple) else ()
    count = len(factors) if isinstance(factors, list | tuple) else 0
    for extrapolator in extrapolators:
        needed = FACTORS_NEEDED[extrapolator]
        if count < needed:
            return BadArgument(
                name="zne.noise_factors",
                value=f"{factors!r}, too few for {extrapolator!r}",
                wanted=f"at least {needed} factors for this extrapolator; set both at once with update(zne=...)",
            )
    return None


def check_resilience(resilience: Options) -> BadArgument | None:
    """Return which of the ways to mitigate errors do not go together, if any.

    Source: behaviour B162.
    """
    if resilience.get("zne_mitigation") is True and resilience.get("pec_mitigation") is True:
        return BadArgument(
            name="resilience.pec_mitigation",
            value="True beside zne_mitigation=True",
            wanted="False, or zne_mitigation must: a job does one or the other",
        )
    if resilience.get("measure_noise_learning") and resilience.get("measure_mitigation") is not True:
        return BadArgument(
            name="resilience.measure_noise_learning",
            value="set, but measure_mitigation is not True",
            wanted="unset, or measure_mitigation must be True first",
        )
    return None


def merge_experimental(options: Options, experimental: Options, known: Iterable[str]) -> dict[str, object]:
    """Return the options as they are sent.

    What `experimental` says of an option or group in `known` is merged there, whether or not the group has such a
    leaf, and counts more than what is set there; `image` goes elsewhere; the rest stays under `experimental`.

    Source: behaviour B163.
    """
    own = set(known)
    here = {name: value for name, value in experimental.items() if name in own}
    rest = {name: value for name, value in experimental.items() if name not in own and name != "image"}
    return _merge(options, here) | ({"experimental": rest} if rest else {})


def _merge(one: Options, other: Options) -> dict[str, object]:
    """Return both as one tree; where both have a leaf, that of `other`."""
    merged = dict(one)
    for name, value in other.items():
        before = merged.get(name)
        merged[name] = _merge(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def check_rep_delay(rep_delay: float | None, allowed: Sequence[float] | None) -> BadArgument | None:
    """Return that a delay between shots is not one that the device can take, if so. All in seconds.

    Source: behaviour B162.
    """
    if rep_delay is None or not allowed or allowed[0] <= rep_delay <= allowed[1]:
        return None
    low, high = allowed
    return BadArgument(name="execution.rep_delay", value=f"{rep_delay!r} s", wanted=f"from {low!r} to {high!r} s")


HEEDED = frozenset(
    (
        "default_shots",
        "default_precision",
        "seed_estimator",
        "execution.init_qubits",
        "execution.rep_delay",
        "execution.meas_type",
        "execution.scheduler_timing",
        "execution.stretch_values",
        "twirling.enable_gates",
        "twirling.enable_measure",
        "twirling.num_randomizations",
        "twirling.shots_per_randomization",
        "simulator.noise_model",
        "simulator.seed_simulator",
    )
)
"""What a simulation follows. Where circuits cannot be twirled, only shots are spread (B420, B467)."""

TIMING_ONLY: tuple[Options, ...] = tuple({"execution": {"scheduler_timing": asked}} for asked in (True, False))
"""What is experimental and followed."""


def find_idle_options(options: Options, resilience_level: int | None = None) -> tuple[str, ...]:
    """Return the options that are set and have no effect, by their paths in the order in which they are set.

    What asks for nothing, such as `enable=False` or level 0, is met.

    Source: behaviour B194.
    """
    level = ("resilience_level",) if resilience_level else ()
    return (*level, *(path for path, value in _leaves(options, "") if _is_idle(path, value)))


def drop_mitigated(idle: Iterable[str], *, decoupled: bool) -> tuple[str, ...]:
    """Return which options have no effect for a job whose errors are mitigated.

    Args:
        idle: Those that have none for other jobs.
        decoupled: Whether pulses are put on idle qubits.

    Source: behaviour B420.
    """
    followed = ("resilience_level", "resilience.", "twirling.", *(("dynamical_decoupling.",) if decoupled else ()))
    unlearned = "resilience.layer_noise_learning.max_layers_to_learn"
    return tuple(path for path in idle if not path.startswith(followed) or path == unlearned)


def _is_idle(path: str, value: object) -> bool:
    if path == "execution.init_qubits":
        return value is False
    if path in HEEDED or (path == "experimental" and value in TIMING_ONLY):
        return False
    # Anything but plain data, as an array or an object of Qiskit's, asks for something.
    return bool(value) if isinstance(value, None | bool | int | float | str | list | tuple | Mapping) else True


def _leaves(options: Options, before: str) -> Iterator[tuple[str, object]]:
    """Yield the path of each option that is no group, and its value.

    What is experimental is one option, and so is a typed value.
    """
    for name, value in options.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and "__type__" not in value and path not in HEEDED and path != "experimental":
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value
