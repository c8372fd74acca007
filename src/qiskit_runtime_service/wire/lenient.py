"""Reading what can be read of a body that is not wholly as it should be."""

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from .error_bodies import BAD_BODY

ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

LOST = object()
"""Stands for a value of which nothing can be used."""


def salvage(raw: bytes | msgspec.Raw, kind: Any, path: str, ignored: list[str]) -> Any:
    """Return `raw` as `kind` without the parts that do not fit, or `LOST` if too little is left.

    A record survives without its optional fields, a list of records or lists without some of its items. A list of
    plain values is whole or lost, and so is a record without a field that it must have.

    Args:
        raw: A JSON value.
        kind: The type that it should have.
        path: Where it stands, for messages.
        ignored: Gets a sentence for each part that is left away.

    Source: behaviour B100.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except BAD_BODY as error:
        reason = str(error)
    if get_origin(kind) in (Union, UnionType):
        kind = next(member for member in get_args(kind) if member is not NoneType)
    parts = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _salvage_record(raw, kind, path, ignored, reason)
    if get_origin(kind) is tuple and parts[1:] == (Ellipsis,) and _has_parts(parts[0]):
        return _salvage_items(raw, parts[0], path, ignored, reason)
    ignored.append(f"{path}: {reason}")
    return LOST


def _has_parts(kind: Any) -> bool:
    return get_origin(kind) is tuple or (isinstance(kind, type) and issubclass(kind, msgspec.Struct))


def _salvage_record(
    raw: bytes | msgspec.Raw, kind: type[msgspec.Struct], path: str, ignored: list[str], reason: str
) -> Any:
    fields = _decoded(FIELDS, raw)
    if fields is None:
        ignored.append(f"{path}: {reason}")
        return LOST
    hints = get_type_hints(kind, include_extras=True)
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in fields:
            value = LOST
        else:
            spot = f"{path}.{field.name}" if path else field.name
            value = salvage(fields.pop(field.encode_name), hints[field.name], spot, ignored)
        if value is not LOST:
            found[field.name] = value
        elif field.required:
            ignored.append(f"{path or 'the whole'}: {field.name} is missing or wrong")
            return LOST
    if kind.__struct_config__.forbid_unknown_fields:
        ignored += [f"{path}: the key {key!r} is not known" for key in fields]
    return kind(**found)


def _salvage_items(raw: bytes | msgspec.Raw, kind: Any, path: str, ignored: list[str], reason: str) -> Any:
    items = _decoded(ITEMS, raw)
    if items is None:
        ignored.append(f"{path}: {reason}")
        # The number of an item may be the number of a qubit: an inner list that is lost leaves an empty one.
        return ()
    salvaged = (salvage(item, kind, f"{path}[{index}]", ignored) for index, item in enumerate(items))
    return tuple(item for item in salvaged if item is not LOST)


def _decoded(decoder: msgspec.json.Decoder[Any], raw: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(raw)
    except BAD_BODY:
        return None
