"""Which options of a job mean nothing to a simulation."""

from collections.abc import Iterator, Mapping

HEEDED = frozenset(
    (
        "default_shots",
        "default_precision",
        "seed_estimator",
        "execution.init_qubits",
        "execution.rep_delay",
        "execution.meas_type",
        "twirling.enable_gates",
        "twirling.enable_measure",
        "twirling.num_randomizations",
        "twirling.shots_per_randomization",
        "simulator.noise_model",
        "simulator.seed_simulator",
    )
)
"""What a simulation follows; twirling only in how shots are spread."""


def find_idle_options(options: Mapping[str, object], resilience_level: int | None = None) -> tuple[str, ...]:
    """Return the options that are set and have no effect, by their paths in the order in which they are said.

    What asks for nothing, such as `enable=False` or level 0, is met.

    Source: behaviour B194.
    """
    level = ("resilience_level",) if resilience_level else ()
    return (*level, *(path for path, value in _leaves(options, "") if _is_idle(path, value)))


def _is_idle(path: str, value: object) -> bool:
    if path == "execution.init_qubits":
        return value is False
    return path not in HEEDED and bool(value)


def _leaves(said: Mapping[str, object], before: str) -> Iterator[tuple[str, object]]:
    """Yield the path of each option that is no group, and its value. What is experimental is one option."""
    for name, value in said.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and path not in HEEDED and path != "experimental":
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value
