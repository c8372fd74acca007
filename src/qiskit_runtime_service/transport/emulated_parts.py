"""What an emulated cloud is made of, looked at where it is handed in.

Decisions and IBM's exceptions stand elsewhere, so that what does not fit is refused with exceptions of Python.
"""

from collections.abc import Callable
from typing import Any

from .._shown import shorten, write_out
from ..emulator.soundness import find_misfit
from ..emulator.world import World
from .base import Clock

FASTEST = 1e12
"""How many seconds may go by in one: in 6,000 years dates end."""


def is_number(value: Any) -> bool:
    """Tell whether something is a number; truth values are none."""
    plain = value.tolist() if hasattr(value, "tolist") and not isinstance(value, type) else value
    return isinstance(plain, int | float) and not isinstance(plain, bool)


def is_whole(value: Any) -> bool:
    """Tell whether something is a whole number."""
    return is_number(value) and hasattr(value, "__index__")


def is_executor(value: Any) -> bool:
    """Tell whether something runs functions elsewhere."""
    return callable(getattr(value, "submit", None)) and not isinstance(value, type)


def is_clock(value: Any) -> bool:
    """Tell whether something can tell and pass the time."""
    return isinstance(value, Clock) and not isinstance(value, type)


OPTIONAL: dict[str, tuple[Callable[[Any], bool], str]] = {
    "library": (callable, "a function of the name of a device, or None"),
    "simulate": (callable, "a function of a JobTask, or None"),
    "running_time": (callable, "a function of a Submission, or None"),
    "executor": (is_executor, "an Executor, or None"),
    "clock": (is_clock, "something that can tell now and sleep, or None"),
    "remembered": (is_whole, "a whole number, or None"),
    "keep": (callable, "a function of two worlds, or None"),
}
"""By part that may be left out: what tells whether it fits, and what it must be."""


def check_parts(world: Any, speed: Any, **parts: Any) -> None:
    """Raise a `TypeError` or a `ValueError` that names the part that does not fit, if any.

    Source: behaviour B355.
    """
    check_world(world)
    if is_number(speed) and not 0 < speed <= FASTEST:
        raise ValueError(f"speed is {shorten(write_out(speed))}.\nIt must be a number, above 0, and finite.")
    check_seconds("speed", speed)
    for name, value in parts.items():
        fits, wanted = OPTIONAL[name]
        if value is not None and not fits(value):
            raise TypeError(f"{name} is of type {type(value).__name__}.\nIt must be {wanted}.")
    remembered = parts.get("remembered")
    if remembered is not None and not 0 <= remembered < 2**63:
        raise ValueError(f"remembered is {shorten(write_out(remembered))}.\nIt must be a whole number, 0 or more.")


def check_world(world: Any) -> World:
    """Return a world of which each field that users replace, such as `faults`, is what it must be.

    Source: behaviour B355.
    """
    if not isinstance(world, World):
        told = f"world is of type {type(world).__name__}"
        raise TypeError(f"{told}.\nIt must be a world, such as one_instance() returns.")
    if (misfit := find_misfit(world)) is not None:
        where, value, reason = misfit
        shown = shorten(write_out(value)) if is_number(value) else f"of type {type(value).__name__}"
        raise ValueError(f"world{where} is {shown}.\nIt must be what this field is declared as ({reason}).")
    return world


def check_seconds(name: str, seconds: Any) -> None:
    """Raise a `TypeError` or a `ValueError` where something is no finite number.

    Source: behaviour B355.
    """
    if not is_number(seconds):
        raise TypeError(f"{name} is of type {type(seconds).__name__}.\nIt must be a number, and finite.")
    if not -1e300 <= seconds <= 1e300:
        raise ValueError(f"{name} is {shorten(write_out(seconds))}.\nIt must be a number, and finite.")
