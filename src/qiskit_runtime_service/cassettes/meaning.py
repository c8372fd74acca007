"""What a request asks for, whoever asks, from which client, in which encoding."""

import json
import re
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from ..records.cassette import Difference, Meaning
from ..records.exchange import Request
from ..records.job import TAG_PREFIX
from .operations import ParsedRequest, parse_request
from .pseudonyms import account_for, crns_in, cursor_for, ids_in, is_sign, without_people

INSTANTS = ("created_after", "created_before", "updated_before")
"""Arguments that are instants: that there is one matters, not which, for programs ask for "the last day"."""

SECRET_FORMS = ("exchange key",)
"""Operations whose body is a secret: any key means the same."""

LONGEST = 120
"""Characters of a value that are kept as they are; of longer ones there is a digest."""

MOST_BYTES = 64 << 20
"""Bytes of one compressed value that are looked into."""

_LITERAL = re.compile(r"null|true|false|NaN|-?Infinity|-?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_BASIS = re.compile(rb"\bbasis(\d+)\b")
"""A reference to a change of basis, as samplomatic makes it."""
_OF_ENCODINGS = frozenset(("qpy_version", "ssv"))
"""Fields that tell in which version something beside them is written."""
_QPY = "UUlTS0lU"
"""How base64 of circuits begins that are not compressed."""
_ZLIB = ("eA", "eF", "eJ", "eN")
"""How base64 of a compressed text begins, at each level of compression."""


@lru_cache(maxsize=256)
def _read_circuits(encoded: bytes) -> str | None:
    """Return a text that is the same for equal circuits; `None` for what cannot be read."""
    from .circuit_meaning import sketch_circuits  # Loads Qiskit, which only those pay for who submit circuits.

    return sketch_circuits(encoded)


def meaning_of(request: Request) -> Meaning:
    """Return what `request` means: operation, instance, arguments and canonical body.

    The host, headers of clients, credentials, versions, instants, the order of keys, compression,
    and who asks do not count. Total: any request means something.

    Source: behaviour B205, B206.
    """
    parsed = parse_request(request)
    fields = dict(_fields(parsed, request))
    return Meaning(
        operation=parsed.operation.name, fields=tuple(sorted(fields.items())), repeatable=parsed.operation.reads
    )


def compare_meanings(recorded: Meaning, wanted: Meaning) -> tuple[Difference, ...]:
    """Return where two requests differ, field by field; nothing if they mean the same."""
    old, new = dict(recorded.fields), dict(wanted.fields)
    differences = [
        Difference(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if recorded.operation != wanted.operation:
        differences.insert(0, Difference("operation", recorded.operation, wanted.operation))
    return tuple(differences)


def _fields(parsed: ParsedRequest, request: Request) -> Iterator[tuple[str, str]]:
    crn = request.header("Service-CRN")
    if crn is not None:
        yield "instance", crns_in(crn)
    for name, value in parsed.names:
        yield name, account_for(value) if name == "account" else without_people(ids_in(value))
    values: dict[str, list[str]] = {}
    for key, value in parse_qsl(parsed.query, keep_blank_values=True):
        values.setdefault(key, []).append(value)
    for key, found in values.items():
        if key in INSTANTS:
            yield f"query.{key}", "an instant"
        else:
            kept = sorted(_plain(text) for text in found if not _is_own_tag(key, text))
            yield f"query.{key}", kept[0] if len(kept) == 1 else json.dumps(kept)
    if request.body and parsed.operation.name not in SECRET_FORMS:
        yield from _body_fields(request.body)


def _body_fields(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(_recounted(body) if b'"samplex_json"' in body else body)
        yield from _flatten("body", content)
    except (ValueError, RecursionError):
        yield "body", _digest(body)


def _recounted(body: bytes) -> bytes:
    """Return a body in which references to changes of basis are counted from 0: their maker counts all of a process.

    Source: behaviour B369.
    """
    places = {number: place for place, number in enumerate(sorted({int(number) for number in _BASIS.findall(body)}))}
    return _BASIS.sub(lambda found: b"basis%d" % places[int(found[1])], body)


def _flatten(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the leaves below `value`. Absent and null are not the same, nor are an empty list and none."""
    match value:
        case dict() if value:
            for key, inner in value.items():
                place = f"{path}.{key.replace('.', '..')}"
                if key == "search_cursor" and isinstance(inner, str):
                    yield place, cursor_for(inner)
                elif is_sign(key):
                    yield place, "a secret"
                elif key in _OF_ENCODINGS:
                    continue
                elif key == "samplex_json" and isinstance(inner, str):
                    yield place, _samplex(inner)
                elif key == "tags" and isinstance(inner, list):
                    kept = sorted(_text(tag) for tag in inner if not _is_own_tag(key, tag))
                    if kept or not inner:
                        yield place, json.dumps(kept)
                else:
                    yield from _flatten(place, inner)
        case [_, *_]:
            for index, inner in enumerate(value):
                yield from _flatten(f"{path}[{index}]", inner)
        case _:
            yield path, _text(value)


def _samplex(text: str) -> str:
    """Return a text that is the same for samplexes that draw the same: it has an order and a circuit of its own.

    Source: behaviour B369.
    """
    try:
        graph = json.loads(text)
        attributes = graph["attrs"]
        attributes.pop("samplomatic_version", None)
        circuit = b64decode(json.loads(attributes["param_table"])["circuit_base64"], validate=True)
        attributes["param_table"] = _read_circuits(circuit) or _digest(circuit)
        return _digest(json.dumps(graph, sort_keys=True).encode())
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _plain(text)


def _text(value: Any) -> str:
    """Return the text of a leaf. Equal numbers have equal texts, and a number as text is another value."""
    if isinstance(value, str):
        packed = unpack(value)
        if packed is None and value.startswith(_QPY):
            packed = _decoded(value)
        if packed is None:
            return json.dumps(value) if _LITERAL.fullmatch(value) else _plain(value)
        circuits = _read_circuits(packed) if packed[:6] == b"QISKIT" else None
        return circuits or _digest(packed)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def _decoded(text: str) -> bytes | None:
    """Return what a text holds that is base64; `None` for any other text."""
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None


def _plain(text: str) -> str:
    text = without_people(ids_in(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({_digest(text.encode('utf-8', 'surrogatepass'))})"


def _is_own_tag(key: str, tag: object) -> bool:
    """Tell whether a tag is one by which the library finds its own submission again: another one each time."""
    return key == "tags" and isinstance(tag, str) and tag.startswith(TAG_PREFIX)


def unpack(text: str) -> bytes | None:
    """Return what a text holds that is base64 of compressed bytes; `None` for any other text."""
    if text[:2] not in _ZLIB:
        return None
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(b64decode(text, validate=True), MOST_BYTES)
    except (Base64Error, ValueError, zlib.error):
        return None
    return data if inflater.eof else None


def _digest(data: bytes) -> str:
    return f"{len(data)} bytes, sha256 {sha256(data).hexdigest()[:16]}"
