"""The members of an object of JSON, each as the text that it is, whatever else the text of one of them may be."""

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import msgspec

from .error_bodies import BAD_BODY

_MARK = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\],]', re.DOTALL)
"""A text, or what brackets and parts others; a quotation mark that stands alone begins a text that has no end."""
_MEMBER = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")\s*:\s*(\S.*)', re.DOTALL)
_CLOSED_BY = {b"{": b"}", b"[": b"]"}
_OBJECTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Member(NamedTuple):
    """A member of an object, as it is written."""

    key: bytes
    """Its name, as JSON."""
    value: msgspec.Raw


def split_object(text: bytes | msgspec.Raw) -> dict[str, Member] | None:
    """Return the members of an object by name; `None` for what is none. Of two with one name the last counts.

    Where the text is not quite JSON, because of NaN, half a character or too many levels, members are told apart by
    quotation marks, brackets and commas alone. A name that is no text of whole characters stays as it is written, with
    its quotation marks.

    Source: behaviour B350.
    """
    try:
        return {name: Member(msgspec.json.encode(name), value) for name, value in _OBJECTS.decode(text).items()}
    except BAD_BODY:
        parts = _scan(bytes(text)).parts
    if parts is None:
        return None
    found = [_MEMBER.fullmatch(part.strip()) for part in parts if part.strip() or len(parts) > 1]
    if None in found:
        return None
    return {_name(member[1]): Member(member[1], msgspec.Raw(member[2])) for member in found if member}


def join_object(members: Mapping[str, Member]) -> msgspec.Raw:
    """Return an object with these members, by name."""
    return msgspec.Raw(b"{%s}" % b",".join(_joined(members, b":")))


def lay_out(members: Mapping[str, Member]) -> bytes:
    """Return an object with a line for each member, by name, and indented by 4; what is not quite JSON is as it was."""
    laid_out = {name: Member(key, msgspec.Raw(_indented(value))) for name, (key, value) in members.items()}
    return b"{\n    %s\n}" % b",\n    ".join(_joined(laid_out, b": ")) if members else b"{}"


def breaks_off(text: bytes) -> bool:
    """Tell whether a text ends before the object does that it begins with."""
    try:
        _OBJECTS.decode(text)
    except BAD_BODY:
        return _scan(text).breaks_off
    return False


def cut_levels(text: bytes, most: int) -> bytes:
    """Return a text in which null stands for each list and object that is inside of `most` others; itself if none is.

    Source: behaviour B352.
    """
    pieces: list[bytes] = []
    level = start = 0
    for found in _MARK.finditer(text):
        if found[0] in _CLOSED_BY:
            level += 1
            if level == most + 1:
                pieces.append(text[start : found.start()])
                start = found.start()
        elif found[0] in _CLOSED_BY.values():
            if level == most + 1:
                pieces.append(b"null")
                start = found.end()
            level -= 1
    return b"".join((*pieces, text[start:] if level <= most else b"")) if pieces else text


def find_oddity(text: bytes | msgspec.Raw) -> str | None:
    """Tell in words why a text is no JSON, without a word of what stands in it; `None` where it is JSON."""
    try:
        msgspec.json.decode(text)
    except RecursionError:
        return "has too many levels"
    except BAD_BODY as error:
        return _words_of(bytes(text), error)
    return None


class _Scan(NamedTuple):
    """What brackets and quotation marks tell of a text."""

    parts: list[bytes] | None = None
    """What stands between the commas of an object; `None` for what is no object."""
    breaks_off: bool = False


def _scan(text: bytes) -> _Scan:
    """Look for the ends of the members of an object."""
    awaited: list[bytes] = []
    cuts: list[int] = []
    for found in _MARK.finditer(text):
        mark, place = found[0], found.start()
        if not cuts and (mark != b"{" or text[:place].strip()):
            return _Scan()
        if cuts and not awaited:
            return _Scan()
        if mark == b'"':
            return _Scan(breaks_off=True)
        if mark in _CLOSED_BY:
            cuts += [] if awaited else [place]
            awaited.append(_CLOSED_BY[mark])
        elif mark in _CLOSED_BY.values() and mark != awaited.pop():
            return _Scan()
        if not awaited or (mark == b"," and len(awaited) == 1):
            cuts.append(place)
    if not cuts or awaited:
        return _Scan(breaks_off=bool(cuts))
    if text[cuts[-1] + 1 :].strip():
        return _Scan()
    return _Scan([text[start + 1 : end] for start, end in pairwise(cuts)])


def _name(key: bytes) -> str:
    """Return a name, or how it is written where it is no text of whole characters."""
    try:
        return str(msgspec.json.decode(key))
    except BAD_BODY:
        return key.decode("utf-8", "backslashreplace")


def _joined(members: Mapping[str, Member], colon: bytes) -> list[bytes]:
    return [key + colon + bytes(value) for _, (key, value) in sorted(members.items())]


def _indented(value: msgspec.Raw) -> bytes:
    try:
        return msgspec.json.format(bytes(value), indent=4).replace(b"\n", b"\n    ")
    except BAD_BODY:
        return bytes(value)


def _words_of(text: bytes, error: Exception) -> str:
    """Tell what only some writers write, and else what the decoder says."""
    try:
        tree = json.loads(text)
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate)"
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError):
        return f"is no JSON: {error}"
    return "holds a number that is none, such as NaN"
