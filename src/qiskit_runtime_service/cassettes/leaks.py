"""The second check of a cassette before it is kept: what is on it that must not be, in any encoding.

It shares nothing with what takes secrets out: it knows the secrets that were seen, the forms that
secrets have, and how random text looks.
"""

import binascii
import json
import re
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Iterator
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes
from zipfile import BadZipFile, ZipFile

from ..core.keys import SHORTEST, looks_like_key
from ..records.cassette import Leak, Recorded

DEPTH = 6
"""How many encodings, one inside the other, are undone."""

MOST_BYTES = 64 << 20
"""Bytes that are unpacked of one compressed text."""

MOST_VIEWED = 512 << 20
"""Bytes of all views of one URL, header or body."""

SHORTEST_READABLE = 32
"""Bytes that are no text from which on it is said that nothing here can read them."""

FORBIDDEN_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
    }
)

PUBLIC_HOSTS = re.compile(rb"https://(?:[a-z0-9-]+\.)*cloud\.ibm\.com(?:/|\Z)")

FORMS = (
    ("a CRN with the id of an account", re.compile(rb"crn:v1:[^\s\"']*:a/(?!0{16}[0-9a-f]{16}:)[^:\s]+:")),
    ("an e-mail address", re.compile(rb"(?<![\w.%+-])(?!person-[0-9]+@example\.com)[\w.%+-]+@[a-zA-Z0-9-]+\.[a-zA-Z]")),
    ("the id of a user", re.compile(rb"IBMid-(?!00000[0-9]{5}(?!\w))\w|iam-(?:ServiceId|Profile)-\w")),
    ("a private key", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY")),
    ("a key in a form", re.compile(rb"(?:apikey|password|passcode|client_secret)=(?!stand-in-key(?:&|\Z))[^&\s]")),
    (
        "a secret that is called one",
        re.compile(
            rb"(?i)(?:password|passwd|passphrase|secret|api[_-]?key|private[_-]?key|access[_-]?key)"
            rb"[\"']?\s*[:=]\s*[\"']?(?!hidden\b|stand-in\b|null\b|none\b|\*\*)[^\s\"'&,;{}()\[\]]{4}"
        ),
    ),
    ("a bearer token", re.compile(rb"[Bb]earer [\w.~+/-]{8}")),
)

KNOWN = "a secret that was used in the recording"
TOKEN = "a token"  # noqa: S105  # it names one
SIGN = "a field that is called as secrets are"
RANDOM = "a text that looks like a key"
HIDDEN_ID = "an id inside of an encoding"
UNREADABLE = "something that cannot be looked into"
TOO_MUCH = "more than is looked into"
ORDER = (KNOWN, *(reason for reason, _ in FORMS), TOKEN, SIGN, RANDOM, HIDDEN_ID, UNREADABLE, TOO_MUCH)
"""What may be wrong, the clearest first."""

_TOKEN = re.compile(rb"eyJ[\w-]+\.([\w-]+)\.([\w-]*)")
_SIGN = re.compile(
    r"(?i)(?:.*[._-])?(?:password|passwd|passphrase|passcode|secret|api[_-]?key|authorization|credentials?|cookie|token"
    r"|(?:private|secret|access)[_-]?key)|.*(?-i:Password|Secret|ApiKey|Token)"
)
_STAND_IN = re.compile(r"|hidden|not_supported|stand-in-(?:key|token)|eyJ[\w-]+\.[\w-]+\.stand-in")
_WORD = re.compile(rb"[A-Za-z0-9+/=_-]{%d,}" % SHORTEST)
_ID = re.compile(
    rb"(?<![0-9A-Za-z-])(?!00000000-0000-4000-8000-)[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z-])"
    rb"|(?<![0-9A-Za-z])(?!0{16})(?=[A-Fa-f]*[0-9])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])"
)
_PRINTED = re.compile(rb"[\x20-\x7e\t\r\n]{12,}")
_SEALED = (
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf",
    b"age-encryption.org",
    b"Salted__",
    b"\x04\x22\x4d\x18",
)
"""How begins what is compressed or encrypted in a way that is not undone here."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"[0-9A-Fa-f]{16,}")
_PAIR = rb"(?:0x|\\x)?[0-9A-Fa-f]{2}"
_PAIRS = re.compile(rb"(?:%b[-:,;\s]{0,4}){11,}%b" % (_PAIR, _PAIR))
"""Hexadecimal digits in pairs, as dumps and fingerprints have them."""
_NO_DIGITS = re.compile(rb"0x|[^0-9A-Fa-f]")
_UNICODE = re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+")
_LONG = re.compile(rb"[A-Za-z0-9+/]{44,}")
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_READABLE = (b"\x93NUMPY", b"QISKIT", b"PK\x03\x04")
"""How begins what is no text and no key: an array, a circuit, an archive."""
_BREAK = re.compile(rb"(?<=[A-Za-z0-9+/_-])[ \t]*\r?\n[ \t]*(?=[A-Za-z0-9+/_-])")


def find_leaks(exchanges: Iterable[Recorded], secrets: Iterable[str] = ()) -> tuple[Leak, ...]:
    """Return what must not be on a cassette. `secrets` are known ones, which are found in any case and encoding.

    Source: behaviour B211, B330 to B332.
    """
    known = tuple({secret.lower().encode("utf-8", "replace") for secret in secrets})
    found: dict[Leak, None] = {}
    for number, exchange in enumerate(exchanges, 1):
        for place, data in _places(exchange):
            reasons = dict.fromkeys(_look(data, known, is_body=place.startswith("body")))
            found |= dict.fromkeys(Leak(number, place, reason) for reason in ORDER if reason in reasons)
        found |= dict.fromkeys(_find_frame(number, exchange))
    return tuple(found)


def _places(exchange: Recorded) -> Iterator[tuple[str, bytes]]:
    request, response = exchange.request, exchange.response
    yield "URL", request.url.encode("utf-8", "surrogatepass")
    for side, headers in (("request", request.headers), ("response", response.headers)):
        for name, value in headers:
            yield f"header {name} of the {side}", f"{name}: {value}".encode("utf-8", "surrogatepass")
    yield "body of the request", request.body
    yield "body of the response", response.body


def _find_frame(number: int, exchange: Recorded) -> Iterator[Leak]:
    """Find headers that are never written, and hosts that are not public."""
    for side, headers in (("request", exchange.request.headers), ("response", exchange.response.headers)):
        for name, _ in headers:
            if name.lower() in FORBIDDEN_HEADERS:
                yield Leak(number, f"header {name} of the {side}", "a header that is never written")
    if not PUBLIC_HOSTS.match(exchange.request.url.encode("utf-8", "surrogatepass")):
        yield Leak(number, "URL", "a host that is not public")


def _look(data: bytes, known: tuple[bytes, ...], *, is_body: bool) -> Iterator[str]:
    """Yield what is wrong with a URL, a header or a body: with what it says, and with all that that may stand for."""
    budget = Budget(MOST_VIEWED)
    content = _content(data) if is_body else None
    if content is not None:
        yield from _find_signs(content)
    for text, is_tensor in ((data, False),) if content is None else _texts(content):
        plain = text.lower()
        for number, view in enumerate(views(text, budget)):
            if any(secret in view.lower() for secret in known):
                yield KNOWN
            for printed in _PRINTED.findall(view):
                yield from _find_forms(printed)
                if number or not is_tensor:
                    yield from _find_random(printed)
                if number and any(found[0].lower() not in plain for found in _ID.finditer(printed)):
                    yield HIDDEN_ID
            if (inner := _content(view)) is not None:
                yield from _find_signs(inner)
    if is_body and content is None and len(data) >= SHORTEST_READABLE and not _is_readable(data):
        yield UNREADABLE
    yield from budget.over


def _content(data: bytes) -> Any:
    """Return what is JSON with texts in it, or `None`."""
    if not data.lstrip().startswith((b"{", b"[", b'"')):
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _is_readable(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _inflate(data) is not None or data.startswith(_READABLE)
    return True


def _find_signs(content: Any) -> Iterator[str]:
    """Find fields that are called as secrets are, and hold something."""
    pending = [content]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                texts = inner if isinstance(inner, list) else (inner,)
                if _SIGN.fullmatch(name) and any(
                    isinstance(text, str) and not _STAND_IN.fullmatch(text) for text in texts
                ):
                    yield SIGN
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _find_forms(view: bytes) -> Iterator[str]:
    for reason, form in FORMS:
        if form.search(view):
            yield reason
    if any(not _is_empty_token(*found.groups()) for found in _TOKEN.finditer(view)):
        yield TOKEN


def _is_empty_token(payload: bytes, signature: bytes) -> bool:
    """Tell whether a token has no signature and says nothing but its dates."""
    try:
        claims = json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    except ValueError:
        return False
    return signature == b"stand-in" and isinstance(claims, dict) and claims.keys() <= {"iat", "exp"}


# Random text


def _find_random(text: bytes) -> Iterator[str]:
    """Find words that look like keys. What is packed is no key, and what is in it is looked at by itself."""
    if _TOKEN.search(text):
        return
    for run in _WORD.findall(text):
        word = run.decode("ascii").strip("=")
        whole = word.replace("/", "").replace("+", "")
        # Small letters with strokes between them are a path.
        words = word.split("/") if whole == whole.lower() else (whole, *word.split("/"))
        if any(map(looks_like_key, words)) and not _is_packed(run):
            yield RANDOM


def _is_packed(word: bytes) -> bool:
    """Tell whether a word is compressed, an array, a circuit, an archive or a parameter in base64."""
    try:
        data = b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return False
    if data.startswith(_READABLE):
        return True
    is_parameter = int.from_bytes(data[:2]) == len(data) - 18
    return is_parameter or _inflate(data) is not None


def _texts(content: Any) -> Iterator[tuple[bytes, bool]]:
    """Yield the texts of a body, and whether each is the numbers of a tensor, which are base64 of anything."""
    pending = [(content, False)]
    while pending:
        value, is_numbers = pending.pop()
        if isinstance(value, str):
            yield value.encode("utf-8", "surrogatepass"), is_numbers
        elif isinstance(value, dict):
            is_tensor = {"data", "shape", "dtype"} <= value.keys()
            yield from ((name.encode("utf-8", "surrogatepass"), False) for name in value)
            pending += ((inner, is_tensor and name == "data") for name, inner in value.items())
        elif isinstance(value, list):
            pending += ((inner, False) for inner in value)


# Undoing encodings


class Budget:
    """What may still be looked at of one place, and what was too much or too deep to be."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.over: dict[str, None] = {}
        self.seen: set[bytes] = set()

    def takes(self, view: bytes) -> bool:
        """Pay for a view; tell whether it is to be looked at."""
        if view in self.seen:
            return False
        self.left -= len(view)
        if self.left < 0:
            self.over[TOO_MUCH] = None
            return False
        self.seen.add(view)
        return True


def views(data: bytes, budget: Budget, depth: int = DEPTH) -> Iterator[bytes]:
    """Yield `data`, and all that it may be an encoding of, as far as the budget goes."""
    if not budget.takes(data):
        return
    yield data
    if data.startswith(_SEALED):
        budget.over[UNREADABLE] = None
    unpacked = _inflate(data)
    if not depth:
        if unpacked is not None or any(_is_text(b64decode(run[: len(run) & ~3])) for run in _LONG.findall(data)):
            budget.over[TOO_MUCH] = None
        return
    for plain in {_without_escapes(data), unquote_to_bytes(data), _BREAK.sub(b"", data), _without_entities(data)} - {
        data
    }:
        yield from views(plain, budget, depth - 1)
    for part in (*(() if unpacked is None else (unpacked,)), *_members(data, budget)):
        budget.over |= dict.fromkeys((TOO_MUCH,) if len(part) >= MOST_BYTES else ())
        yield from views(part, budget, depth - 1)
    for run in _HEX.findall(data):
        yield from views(binascii.unhexlify(run[: len(run) & ~1]), budget, depth - 1)
        yield from views(binascii.unhexlify(run[1:][: (len(run) - 1) & ~1]), budget, depth - 1)
    for run in _PAIRS.findall(data):
        spelled = binascii.unhexlify(_NO_DIGITS.sub(b"", run))
        # A list of numbers has no letters among its digits, and is no text.
        if not run.replace(b"0x", b"").isdigit() and _is_text(spelled):
            yield from views(spelled, budget, depth - 1)
    for run in _BASE64.findall(data):
        yield from _decoded(run, budget, depth)


def _without_entities(data: bytes) -> bytes:
    """Undo the entities of HTML."""
    return unescape(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass") if b"&#" in data else data


def _members(data: bytes, budget: Budget) -> Iterator[bytes]:
    """Yield what is in an archive, and what is packed somewhere inside of other bytes."""
    if data.startswith(b"PK\x03\x04"):
        try:
            with ZipFile(BytesIO(data)) as archive:
                for name in archive.namelist():
                    with archive.open(name) as member:
                        yield member.read(MOST_BYTES)
        except (BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error, ValueError):
            budget.over[UNREADABLE] = None
    for found in _PACKED.finditer(data, 1):
        unpacked = _inflate(data[found.start() :])
        if unpacked is not None:
            yield unpacked


def _decoded(run: bytes, budget: Budget, depth: int) -> Iterator[bytes]:
    """Yield what a run of base64 may hold, wherever in a larger text it was cut."""
    standard = run.replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        piece = standard[start:]
        decoded = b64decode(piece[: len(piece) & ~3] + _rest(piece))
        readable = start == 0 and (_inflate(decoded) is not None or decoded.startswith(_READABLE + _SEALED))
        # What is neither text nor compressed is no further encoding of anything.
        if readable or _is_text(decoded):
            yield from views(decoded, budget, depth - 1)
        elif budget.takes(decoded):
            yield decoded


def _rest(piece: bytes) -> bytes:
    """Return the last characters that do not fill four, filled; one alone holds nothing."""
    rest = piece[len(piece) & ~3 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _is_text(data: bytes) -> bool:
    return not data.translate(None, bytes(range(32, 127)) + b"\t\r\n")


def _without_escapes(data: bytes) -> bytes:
    r"""Return `data` with characters in place of `\u0041`, `\/` and their like."""
    if b"\\" not in data:
        return data
    plain = _UNICODE.sub(lambda found: _unescape(found[0]), data)
    for escaped, character in ((b"\\/", b"/"), (b'\\"', b'"'), (b"\\n", b"\n"), (b"\\r", b"\r"), (b"\\t", b"\t")):
        plain = plain.replace(escaped, character)
    return plain


def _unescape(escapes: bytes) -> bytes:
    codes = bytes.fromhex(escapes.replace(b"\\u", b"").decode())
    return codes.decode("utf-16-be", "replace").encode()


def _inflate(data: bytes) -> bytes | None:
    """Return what zlib or gzip packed, or `None` for anything else."""
    if data[:2] != b"\x1f\x8b" and (data[:1] != b"\x78" or int.from_bytes(data[:2]) % 31):
        return None
    try:
        return zlib.decompressobj(wbits=47).decompress(data, MOST_BYTES)
    except zlib.error:
        return None
