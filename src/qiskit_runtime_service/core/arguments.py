"""What users hand in, read at the edge: one door for each kind of argument, before anything else is done with it.

A door takes the name of an argument and its value, and returns the value as Python's own, or what says why not.
"""

from collections.abc import Callable, Iterable, Mapping
from math import inf, isfinite
from operator import index
from typing import Any, TypeVar

from msgspec.structs import replace
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from .._shown import shorten, write_out
from ..records.problem import BadArgument, WrongType
from .keys import hide_keys

T = TypeVar("T")

Read = Callable[[str, Any], Result[T, BadArgument]]
"""A door: from the name of an argument and its value."""

TEXTS = "a list of texts"


def refuse(name: str, value: object, wanted: str) -> Failure[WrongType]:
    """Return that a value is of another kind than an argument must be."""
    return Failure(WrongType(name=name, value=show_value(value), wanted=wanted))


def show_value(value: object) -> str:
    """Return a value as a message shows it, without what looks like a key.

    Source: behaviour B328, B353.
    """
    return shorten(hide_keys(write_out(value)))


def as_python(value: Any) -> Any:
    """Return a scalar or an array of NumPy as Python's numbers, texts and lists, and all else as it is.

    They are known by what they can do, because the client loads no NumPy.
    """
    return value.tolist() if hasattr(value, "tolist") and not isinstance(value, type) else value


# Kinds


def read_flag(name: str, value: Any) -> Result[bool, BadArgument]:
    """Return a truth value. Texts and numbers are none.

    Source: behaviour B300.
    """
    plain = as_python(value)
    return Success(plain) if isinstance(plain, bool) else refuse(name, value, "True or False")


def read_whole(name: str, value: Any, *, least: int | None = None) -> Result[int, BadArgument]:
    """Return a whole number of 64 bits, `least` or more. Truth values, texts and floats are none.

    Source: behaviour B300, B354.
    """
    wanted = "a whole number" + ("" if least is None else f", {least} or more")
    plain = as_python(value)
    if isinstance(plain, bool) or not hasattr(plain, "__index__") or isinstance(plain, type):
        return refuse(name, value, wanted)
    number = index(plain)
    if least is not None and number < least:
        return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))
    if not is_sendable(number):
        return Failure(BadArgument(name=name, value=show_value(value), wanted=f"{wanted}, of 64 bits at most"))
    return Success(number)


def is_sendable(number: int) -> bool:
    """Whether others read a whole number as the number that it is: it has 64 bits at most."""
    return -(2**63) <= number < 2**63


def read_number(
    name: str, value: Any, *, least: float = -inf, above: float = -inf, unit: str = "a number"
) -> Result[float, BadArgument]:
    """Return a finite number, `least` or more, and more than `above`. Truth values and texts are none.

    Source: behaviour B300.
    """
    bounds = (
        f"{least:,.15g} or more" if least > -inf else "",
        f"above {above:,.15g}" if above > -inf else "",
        "and finite",
    )
    wanted = ", ".join(filter(None, (unit, *bounds)))
    plain = as_python(value)
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        return refuse(name, value, wanted)
    try:
        number = float(plain)
    except OverflowError:
        number = inf
    if isfinite(number) and number >= least and number > above:
        return Success(number)
    return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def read_patience(name: str, value: Any) -> Result[float | None, BadArgument]:
    """Return how many seconds somebody will wait; `None`, as infinity, is for ever.

    Source: behaviour B300.
    """
    plain = as_python(value)
    endless = plain is None or (isinstance(plain, float) and plain == inf)
    return Success(None) if endless else if_given(read_number)(name, value)


def read_text(name: str, value: Any, *, wanted: str = "a text") -> Result[str, BadArgument]:
    """Return a text of whole characters: half of one cannot be sent.

    Source: behaviour B301.
    """
    plain = as_python(value)
    if not isinstance(plain, str):
        return refuse(name, value, wanted)
    # What is more than a text, as a member of an enumeration, is sent as the text that it is.
    text = str.__str__(plain)
    if not has_whole_characters(text):
        return Failure(BadArgument(name=name, value=show_value(text), wanted=f"{wanted} of whole characters"))
    return Success(text)


def has_whole_characters(text: str) -> bool:
    """Whether a text can be sent: it holds no half of a character, a lone surrogate."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def read_name(name: str, value: Any, *, wanted: str) -> Result[str, BadArgument]:
    """Return a text that is not empty."""
    empty = BadArgument(name=name, value="''", wanted=wanted)
    return read_text(name, value, wanted=wanted).bind(lambda text: Success(text) if text else Failure(empty))


def read_texts(name: str, value: Any) -> Result[tuple[str, ...], BadArgument]:
    """Return texts. One alone will do.

    Source: behaviour B301.
    """
    if isinstance(value, str):
        return read_text(name, value).map(lambda text: (text,))
    return read_list_of_texts(name, value, wanted=f"a text or {TEXTS}")


def read_list_of_texts(name: str, value: Any, *, wanted: str = TEXTS) -> Result[tuple[str, ...], BadArgument]:
    """Return texts. One alone is none: it would be taken for its letters.

    Source: behaviour B301.
    """
    items = read_items(name, value, wanted=wanted).value_or(None)
    if items is None:
        return refuse(name, value, wanted)
    texts = [text for item in items if (text := read_text(name, item).value_or(None)) is not None]
    return Success(tuple(texts)) if len(texts) == len(items) else refuse(name, items, wanted)


def read_items(name: str, value: Any, *, wanted: str = "a list") -> Result[list[Any], BadArgument]:
    """Return what is in a list, or in anything else that can be walked through once."""
    plain = as_python(value)
    if isinstance(plain, str | bytes | Mapping | type) or not isinstance(plain, Iterable):
        return refuse(name, value, wanted)
    return Success([*plain])


def read_path(name: str, value: Any, *, wanted: str = "the path of a file") -> Result[str, BadArgument]:
    """Return the path of a file as text. Bytes of names that are no characters may be in it, as Python has them."""
    path = value.__fspath__() if hasattr(value, "__fspath__") and not isinstance(value, type) else value
    if not isinstance(path, str):
        return refuse(name, value, wanted)
    try:
        written = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        written = b""
    if not written or b"\0" in written:
        return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))
    return Success(str(path))


def read_callable(name: str, value: Any, *, wanted: str) -> Result[Callable[..., Any], BadArgument]:
    """Return what can be called."""
    return Success(value) if callable(value) else refuse(name, value, wanted)


def read_mapping(name: str, value: Any, *, wanted: str = "a dictionary") -> Result[Mapping[str, Any], BadArgument]:
    """Return a dictionary whose keys are texts."""
    fits = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    return Success(value) if fits else refuse(name, value, wanted)


def read_object(name: str, value: Any, kind: Callable[..., T], *, wanted: str) -> Result[T, BadArgument]:
    """Return an object of a class."""
    # Typed as what makes one, because a type checker takes no abstract class for a type.
    return Success(value) if isinstance(value, kind) else refuse(name, value, wanted)  # type: ignore[arg-type]  # it is one


# Several


def if_given(read: Read[T]) -> Read[T | None]:
    """Return the door for an argument that may be `None`."""

    def read_given(name: str, value: Any) -> Result[T | None, BadArgument]:
        if value is None:
            return Success(None)
        # What stands inside of it, such as `devices[1]`, may not be left out.
        return read(name, value).alt(
            lambda problem: replace(problem, wanted=f"{problem.wanted}, or None") if problem.name == name else problem
        )

    return read_given


def read_all(doors: Mapping[str, Read[Any]], given: Mapping[str, Any]) -> Result[dict[str, Any], BadArgument]:
    """Return all arguments, each through the door of its name. The first that does not fit fails."""
    read: dict[str, Any] = {}
    for name, value in given.items():
        passed = doors[name](name, value)
        if not is_successful(passed):
            return Failure(passed.failure())
        read[name] = passed.unwrap()
    return Success(read)
