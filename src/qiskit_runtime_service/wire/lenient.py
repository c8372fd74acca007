"""Reading what can be read of a body that is not wholly as it should be."""

import json
from collections.abc import Callable
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

import msgspec
from returns.result import Failure, Result, Success

from ..records.names import Names
from ..records.problem import Problem
from .error_bodies import BAD_BODY, unreadable
from .json_members import cut_levels

T = TypeVar("T")

Loss: TypeAlias = tuple[str, str]
"""Where something was left away, and why."""

ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

NULL = msgspec.Raw(b"null")

LOST = object()
"""Stands for a value of which nothing can be used."""

MENDED: Loss = ("", "it is not quite JSON, so numbers that are none and halves of characters count as absent")
CUT: Loss = ("", "it has more levels than can be read, so what is deepest counts as absent")

MOST_LEVELS = 100
"""How many lists and objects are read inside of each other, where a body does not fit as it is."""

MOST_VALUES = 250_000
"""How many values there may be in an answer. A page of 200 jobs, or 300 backends, has some ten thousand."""

MOST_LOSSES = 1_000
"""How many parts of an answer may not fit until the whole counts as something else."""

LONGEST_NUMBER = 4_000
"""Digits of a whole number. Python itself reads no more than 4,300."""


def make_reader(kind: type[T], most: int = MOST_VALUES) -> Callable[[bytes, str], Result[T, Problem]]:
    """Return a function from a body, and the URL that it came from, to `kind`.

    What fits is decoded at once. Of all else it keeps what can be used, as `salvage` has it.

    Args:
        kind: The type of the body.
        most: How many values may be in it.

    Fails with:
        UnreadableBody: The body is no JSON, or too little of it can be used, or it has more values than any answer.

    Source: behaviour B281, B320, B352.
    """
    decode = msgspec.json.Decoder(kind).decode

    def read(body: bytes, url: str) -> Result[T, Problem]:
        if (values := count_values(body)) > most:
            reason = f"it has about {values} values; {most} are read at most"
            return Failure(unreadable(url, body, reason, is_json=True))
        try:
            return Success(decode(body))
        except BAD_BODY as error:
            return _read_what_fits(kind, body, url, error)

    return read


def count_values(body: bytes) -> int:
    """Return how many values JSON has, or more, before it is parsed: each follows a comma or an opening bracket."""
    return 1 + sum(map(body.count, (b",", b"[", b"{")))


class TooManyLosses(Exception):  # noqa: N818  # it says what is the case
    """Unwind to the whole body."""


def _read_what_fits(kind: type[T], body: bytes, url: str, misfit: Exception) -> Result[T, Problem]:
    losses: list[Loss] = []
    flat = cut_levels(body, MOST_LEVELS)
    strict = as_json(flat)
    if strict is None:
        return Failure(unreadable(url, body, misfit))
    losses += [CUT] * (flat is not body) + [MENDED] * (strict is not flat)
    try:
        found = salvage(strict, kind, losses)
    except TooManyLosses:
        return Failure(unreadable(url, body, f"more than {MOST_LOSSES} parts of it do not fit", is_json=True))
    if found is LOST:
        path, reason = losses[-1]
        return Failure(unreadable(url, body, f"{path}: {reason}" if path else reason, is_json=True))
    if isinstance(found, msgspec.Struct):
        found = msgspec.structs.replace(found, ignored=_sentences(losses))
    return Success(found)


def as_json(body: bytes) -> bytes | None:
    """Return a body that the decoder takes for JSON, without what only some writers write; `None` if it is none.

    Those are NaN and infinities, which become nulls, and halves of characters. What is JSON is returned itself.

    Source: behaviour B281.
    """
    try:
        msgspec.json.decode(body)
    except BAD_BODY:
        pass
    else:
        return body
    try:
        tree = json.loads(body, parse_constant=lambda _: None, parse_float=_finite, parse_int=_whole)
        return json.dumps(tree, ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError):
        return None


def _finite(text: str) -> float | None:
    return value if isfinite(value := float(text)) else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) < LONGEST_NUMBER else None


def salvage(raw: bytes | msgspec.Raw, kind: Any, losses: list[Loss]) -> Any:
    """Return `raw` as `kind` without the parts that do not fit, or `LOST` if too little is left.

    A record survives without its optional fields, a list of records, lists or `Names` without some of its items, or
    with `None` in their places where its type has room for that. A list of other plain values is whole or lost, and
    so is a record without a field that it must have. A record with a field `ignored` keeps there what it lost.
    A listing says in `rows_in` in which field its rows must be: without a list there it is none.

    Args:
        raw: A JSON value.
        kind: The type that it should have.
        losses: Gets what is left away.

    Source: behaviour B100, B281 to B283.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except BAD_BODY as error:
        reason = str(error)
    for member in _members(kind):
        if _is_record(member) and (fields := decoded(FIELDS, raw)) is not None:
            return _salvage_record(fields, member, losses)
        if (plain := _plain_record(raw, member)) is not LOST:
            return plain
        if (item := _item_of(member)) is not None:
            return _salvage_items(raw, item, losses, reason)
    number = _plain_number(raw, kind)
    if number is LOST:
        losses.append(("", reason))
    return number


def _members(kind: Any) -> tuple[Any, ...]:
    """Return the types of which a value may have one, `None` apart."""
    if kind == Names or get_origin(kind) not in (Union, UnionType, Annotated):
        return (kind,)
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    return tuple(member for member in get_args(kind) if member is not NoneType)


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _item_of(kind: Any) -> Any:
    """Return the type of the items of a list that survives without some of them; `None` of any other type."""
    if kind == Names:
        return str
    parts = get_args(kind)
    if get_origin(kind) is not tuple or parts[1:] != (Ellipsis,):
        return None
    return parts[0] if any(_is_record(member) or get_origin(member) is tuple for member in _members(parts[0])) else None


def _salvage_record(fields: dict[str, msgspec.Raw], kind: type[msgspec.Struct], losses: list[Loss]) -> Any:
    found: dict[str, Any] = {}
    own: list[Loss] = []
    for field in _fields_of(kind):
        raw = fields.pop(field.encode_name, NULL)
        # A null is an absence, and so is what is no list where the rows of a listing must be.
        absent = raw == NULL or (field.name == getattr(kind, "rows_in", "") and decoded(ITEMS, raw) is None)
        value = LOST if absent else _salvage_part(raw, field.type, field.encode_name, own)
        if value is not LOST:
            found[field.name] = value
        elif field.required:
            losses += [*own, ("", f"{field.encode_name} is missing or wrong")]
            return LOST
    if kind.__struct_config__.forbid_unknown_fields:
        own += [("", f"the key {key!r} is not known") for key in fields]
    losses += own
    return kind(**found | ({"ignored": _sentences(own)} if _keeps_losses(kind) else {}))


def _plain_record(raw: bytes | msgspec.Raw, kind: Any) -> Any:
    """Return the record that a text or a number in its place plainly means, or `LOST`.

    A record that has such a short form says in `stands_for` which of its fields that is.
    """
    name: str | None = getattr(kind, "stands_for", None)
    if name is None:
        return LOST
    value = salvage(raw, next(field.type for field in _fields_of(kind) if field.name == name), [])
    return LOST if value is LOST else kind(**{name: value})


def _salvage_items(raw: bytes | msgspec.Raw, kind: Any, losses: list[Loss], reason: str) -> Any:
    items = decoded(ITEMS, raw)
    if items is None:
        losses.append(("", reason))
        # The number of an item may be the number of a qubit: an inner list that is lost leaves an empty one.
        return ()
    has_room = NoneType in get_args(kind)
    salvaged = (_salvage_part(item, kind, index, losses) for index, item in enumerate(items))
    return tuple(None if item is LOST else item for item in salvaged if has_room or item is not LOST)


def _salvage_part(raw: msgspec.Raw, kind: Any, place: str | int, losses: list[Loss]) -> Any:
    """Salvage a field or an item, and tell of its losses where it stands."""
    own: list[Loss] = []
    value = salvage(raw, kind, own)
    spot = place if isinstance(place, str) else f"[{_name_of(value) or place}]"
    losses += [(f"{spot}{'.' if path and path[0] != '[' else ''}{path}", reason) for path, reason in own]
    if len(losses) > MOST_LOSSES:
        raise TooManyLosses
    return value


def _name_of(row: Any) -> str:
    """Return what identifies a row that users hold, as a key is written; nothing for what is no such row."""
    kind: type[msgspec.Struct] = type(row)
    if not _keeps_losses(kind):
        return ""
    return next(repr(getattr(row, field.name)) for field in _fields_of(kind) if field.required)


@cache
def _fields_of(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a record. To find them takes half of the time where all rows are odd."""
    return msgspec.structs.fields(kind)


def _keeps_losses(kind: type) -> bool:
    return "ignored" in getattr(kind, "__struct_fields__", ())


def _plain_number(raw: bytes | msgspec.Raw, kind: Any) -> Any:
    """Return the number that a text, or one with a fraction of 0, plainly means, or `LOST`."""
    try:
        value = msgspec.json.decode(raw)
        if isinstance(value, str):
            value = msgspec.json.decode(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return msgspec.convert(value, kind) if type(value) in (int, float) else LOST
    except BAD_BODY:
        return LOST


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes | msgspec.Raw) -> T | None:
    """Return what a decoder makes of a value, or `None` where it cannot."""
    try:
        return decoder.decode(raw)
    except BAD_BODY:
        return None


def _sentences(losses: list[Loss]) -> tuple[str, ...]:
    return tuple(f"{path or 'the whole'}: {reason}" for path, reason in losses)
