"""What users hand to an emulated cloud, read at the edge: `reads` puts the doors of its arguments before a function.

A record, such as a `Fault`, is read where it is taken, each of its fields by a door of its own.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial, wraps
from inspect import signature
from typing import Any, TypeVar, cast

import msgspec
from returns.result import Failure, Result, Success

from ..client.raising import value_or_raise
from ..core.arguments import (
    Read,
    if_given,
    read_all,
    read_callable,
    read_flag,
    read_items,
    read_name,
    read_number,
    read_object,
    read_text,
    read_whole,
    refuse,
    show_value,
)
from ..emulator.coherent_noise import CoherentNoise
from ..emulator.faults import Drip, Fault, Garble, Lost, Misstate, Revoke, Stall, Status, Truncate, Unreachable
from ..emulator.queues import DeviceQueue, DrawnQueue, FixedQueue
from ..emulator.soundness import find_misfit
from ..emulator.world import World
from ..records.problem import BadArgument
from .admission import DoorLimits

F = TypeVar("F", bound=Callable[..., Any])

LARGEST = 2**63 - 1
"""The largest whole number that a world in a file can hold."""
LATEST = 253_370_764_800
"""The beginning of the year 9999, in seconds since the epoch: a world goes on, and dates end with that year."""
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header may be called, by RFC 9110."""
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What a header may say, by RFC 9110."""


def reads(**doors: Read[Any]) -> Callable[[F], F]:
    """Return what puts doors before the arguments of a function: a value that does not fit is an error that names it.

    What the function is called, how it is called and what it returns stay as they are.

    Source: behaviour B349.
    """

    def guard(function: F) -> F:
        known = signature(function)

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                given = known.bind(*args, **kwargs)
            except TypeError:
                # Python has better words for what is missing, or is not there.
                return function(*args, **kwargs)
            tried = {name: value for name, value in given.arguments.items() if name in doors}
            given.arguments.update(value_or_raise(read_all(doors, tried)))
            return function(*given.args, **given.kwargs)

        return cast("F", call)

    return guard


# Kinds


def read_between(name: str, value: Any, *, least: int, most: int = LARGEST) -> Result[int, BadArgument]:
    """Return a whole number within bounds."""
    wanted = f"a whole number from {least} to {most}"
    bad = BadArgument(name=name, value=show_value(value), wanted=wanted)
    read = read_whole(name, value).alt(lambda problem: msgspec.structs.replace(problem, wanted=wanted))
    return read.bind(lambda number: Success(number) if least <= number <= most else Failure(bad))


def read_seconds(name: str, value: Any) -> Result[float, BadArgument]:
    """Return how long something takes."""
    return read_number(name, value, least=0.0, unit="seconds")


def read_instant(name: str, value: Any, *, least: float = 0.0) -> Result[float, BadArgument]:
    """Return seconds since the epoch, of a year that can be written."""
    late = BadArgument(name=name, value=show_value(value), wanted="seconds since the epoch, before the year 9999")
    read = read_number(name, value, least=least, unit="seconds since the epoch")
    return read.bind(lambda instant: Success(instant) if instant < LATEST else Failure(late))


def read_part(name: str, value: Any) -> Result[float, BadArgument]:
    """Return what part of a whole something is, less than all of it."""
    whole = BadArgument(name=name, value=show_value(value), wanted="a number, 0 or more, below 1")
    read = read_number(name, value, least=0.0)
    return read.bind(lambda part: Success(part) if part < 1.0 else Failure(whole))


def read_headers(name: str, value: Any) -> Result[tuple[tuple[str, str], ...], BadArgument]:
    """Return headers that HTTP can carry."""
    wanted = "a list of pairs of texts for headers, such as [('Retry-After', '5')]"
    items = read_items(name, value, wanted=wanted)
    return items.bind(
        lambda pairs: Success(tuple(map(tuple, pairs))) if all(map(is_header, pairs)) else refuse(name, pairs, wanted)
    )


def is_header(pair: Any) -> bool:
    """Tell whether something is the name of a header and what it says."""
    texts = isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
    return texts and HEADER.fullmatch(pair[0]) is not None and VALUE.fullmatch(pair[1]) is not None


def read_world(name: str, value: Any) -> Result[World, BadArgument]:
    """Return a world of which each field that users replace, such as `faults`, is what it must be.

    Source: behaviour B355.
    """
    read = read_object(name, value, World, wanted="a world, such as one_instance() returns")
    if isinstance(value, World) and (misfit := find_misfit(value)) is not None:
        where, odd, reason = misfit
        wanted = f"what this field is declared as ({reason})"
        return Failure(BadArgument(name=f"{name}{where}", value=show_value(odd), wanted=wanted))
    return read


def read_executor(name: str, value: Any) -> Result[Any, BadArgument]:
    """Return what runs functions elsewhere."""
    fits = callable(getattr(value, "submit", None)) and not isinstance(value, type)
    return Success(value) if fits else refuse(name, value, "an Executor")


def each(read: Read[Any], *, wanted: str) -> Read[tuple[Any, ...]]:
    """Return the door for several things of one kind. What does not fit is named with its place."""

    def read_each(name: str, value: Any) -> Result[tuple[Any, ...], BadArgument]:
        return read_items(name, value, wanted=wanted).bind(partial(read_places, name))

    def read_places(name: str, items: list[Any]) -> Result[tuple[Any, ...], BadArgument]:
        given = {f"{name}[{place}]": item for place, item in enumerate(items)}
        return read_all(dict.fromkeys(given, read), given).map(lambda known: tuple(known.values()))

    return read_each


def one_of(kinds: Iterable[type[Any]], *, wanted: str) -> Read[Any]:
    """Return the door for a record of one of several kinds. A field that does not fit is named with its record."""

    def read_record(name: str, value: Any) -> Result[Any, BadArgument]:
        doors = FIELDS.get(type(value), {}) if isinstance(value, tuple(kinds)) else None
        if doors is None:
            return refuse(name, value, wanted)
        given = {f"{name}.{field}": getattr(value, field) for field in doors}
        read = read_all(dict(zip(given, doors.values(), strict=True)), given)
        return read.map(lambda known: msgspec.structs.replace(value, **dict(zip(doors, known.values(), strict=True))))

    return read_record


def a_thing(kind: Callable[..., Any], *, wanted: str) -> Read[Any]:
    """Return the door for an object of a class."""
    return partial(read_object, kind=kind, wanted=wanted)


def a_name(wanted: str) -> Read[str]:
    """Return the door for a text that is not empty."""
    return partial(read_name, wanted=wanted)


def a_word_of(*words: str) -> Read[str]:
    """Return the door for one of a few words."""
    wanted = f"one of {', '.join(words)}"

    def read_word(name: str, value: Any) -> Result[str, BadArgument]:
        bad = BadArgument(name=name, value=show_value(value), wanted=wanted)
        return read_text(name, value, wanted=wanted).bind(lambda word: Success(word) if word in words else Failure(bad))

    return read_word


COUNT: Read[int] = partial(read_between, least=0)
WHOLE: Read[int] = partial(read_between, least=-LARGEST)
BYTES = a_thing(bytes, wanted="bytes")
AT_LEAST_ONE: Read[int] = partial(read_between, least=1)
SPELL: Read[float] = partial(read_number, above=0.0, unit="seconds")
STATE = a_word_of("online", "paused", "offline")
SPREAD: Read[float] = partial(read_number, least=0.0)
STATUS: Read[int] = partial(read_between, least=200, most=599)

EFFECTS = (Status, Lost, Unreachable, Revoke, Stall, Drip, Truncate, Misstate, Garble)
EFFECT = one_of(EFFECTS, wanted="an effect, such as Status(code=503)")
FAULT = one_of((Fault,), wanted="a Fault")
EFFECT_OR_FAULT = one_of((*EFFECTS, Fault), wanted="an effect, such as Status(code=503), or a Fault")
DOOR_LIMITS = one_of((DoorLimits,), wanted="DoorLimits(...)")
COHERENT = one_of((CoherentNoise,), wanted="CoherentNoise(...)")
QUEUE = one_of((DeviceQueue, FixedQueue, DrawnQueue), wanted="a DeviceQueue, FixedQueue or DrawnQueue")

FIELDS: dict[type[Any], dict[str, Read[Any]]] = {
    Status: {"code": STATUS, "headers": read_headers, "body": BYTES},
    Lost: {"acted": read_flag},
    Stall: {"seconds": read_seconds},
    Drip: {"seconds": read_seconds},
    Truncate: {"keep": read_part},
    Misstate: {"by": WHOLE},
    Garble: {"garbage": BYTES},
    Fault: {
        "effect": EFFECT,
        "method": read_text,
        "path": read_text,
        "after": COUNT,
        "times": if_given(COUNT),
        "seen": COUNT,
    },
    DoorLimits: {"head": COUNT, "body": COUNT, "patience": SPELL, "idle": SPELL, "connections": AT_LEAST_ONE},
    FixedQueue: {"seconds": read_seconds},
    CoherentNoise: {
        "detuning": SPREAD,
        "zz": SPREAD,
        "over_rotation": SPREAD,
        "drift": SPREAD,
        "seed": if_given(COUNT),
    },
    DrawnQueue: {"mean_seconds": if_given(read_seconds)},
}
"""By record: what reads each of its fields."""

A_WORLD = read_world
KEEP = partial(read_callable, wanted="a function of two worlds")
