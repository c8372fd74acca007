"""The second check of a cassette before it is kept: what is on it that must not be, in any encoding.

It shares nothing with what takes secrets out: it knows the secrets that were seen, the forms that
secrets have, and how random text looks.
"""

import binascii
import json
import math
import re
import zlib
from base64 import b64decode, urlsafe_b64decode
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from ..records.cassette import Leak, Recorded

DEPTH = 4
"""How many encodings, one inside the other, are undone."""

MOST_BYTES = 64 << 20
"""Bytes that are unpacked of one compressed text."""

RANDOM_LENGTH = 32
RANDOM_BITS = 4.2
"""A text of at least so many characters with so many bits in each looks like a key. Words have fewer."""

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
    ("a bearer token", re.compile(rb"[Bb]earer [\w.~+/-]{8}")),
)

_TOKEN = re.compile(rb"eyJ[\w-]+\.([\w-]+)\.([\w-]*)")
_WORD = re.compile(rb"[A-Za-z0-9+/=_-]{%d,}" % RANDOM_LENGTH)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"[0-9A-Fa-f]{16,}")
_UNICODE = re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+")
_BREAK = re.compile(rb"(?<=[A-Za-z0-9+/_-])\s+(?=[A-Za-z0-9+/_-])")


def find_leaks(exchanges: Iterable[Recorded], secrets: Iterable[str] = ()) -> tuple[Leak, ...]:
    """Return what must not be on a cassette. `secrets` are known ones, which are found in any case and encoding.

    Source: behaviour B211.
    """
    known = tuple({secret.lower().encode("utf-8", "replace") for secret in secrets})
    found: dict[Leak, None] = {}
    for number, exchange in enumerate(exchanges, 1):
        for place, data in _places(exchange):
            for reason in (*_find_known(data, known), *_find_forms(data), *_find_random(place, data)):
                found[Leak(number, place, reason)] = None
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


def _find_known(data: bytes, secrets: tuple[bytes, ...]) -> Iterator[str]:
    if secrets and any(secret in view for view in views(data) for secret in secrets):
        yield "a secret that was used in the recording"


def _find_forms(data: bytes) -> Iterator[str]:
    for view in dict.fromkeys((data, unquote_to_bytes(data), _without_escapes(data))):
        for reason, form in FORMS:
            if form.search(view):
                yield reason
        if any(not _is_empty_token(*found.groups()) for found in _TOKEN.finditer(view)):
            yield "a token"


def _is_empty_token(payload: bytes, signature: bytes) -> bool:
    """Tell whether a token has no signature and says nothing but its dates."""
    try:
        claims = json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    except ValueError:
        return False
    return signature == b"stand-in" and isinstance(claims, dict) and claims.keys() <= {"iat", "exp"}


# Random text


def _find_random(place: str, data: bytes) -> Iterator[str]:
    """Find texts that look like keys. Compressed and binary values are no keys; what is in them is looked at above."""
    try:
        texts = tuple(_texts(json.loads(data))) if place.startswith("body") else (data,)
    except (ValueError, RecursionError):
        texts = (data,)
    for text in texts:
        for word in _WORD.findall(text):
            if looks_random(word) and not _is_packed(word) and not _TOKEN.search(text):
                yield "a text that looks like a key"


def looks_random(word: bytes) -> bool:
    """Tell whether a word has the letters of a key: small and large ones, digits, and no repetition."""
    mixed = re.search(rb"[a-z]", word) and re.search(rb"[A-Z]", word) and re.search(rb"[0-9]", word)
    return bool(mixed) and _bits(word) >= RANDOM_BITS


def _bits(word: bytes) -> float:
    """Return Shannon's entropy in bits per character."""
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)


def _is_packed(word: bytes) -> bool:
    """Tell whether a word is compressed, an array, a circuit, an archive or a parameter in base64."""
    try:
        data = b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return False
    if data.startswith((b"\x93NUMPY", b"QISKIT", b"PK\x03\x04")):
        return True
    is_parameter = int.from_bytes(data[:2]) == len(data) - 18
    return is_parameter or _inflate(data) is not None


def _texts(content: Any) -> Iterator[bytes]:
    """Yield the texts of a body, but for the numbers of tensors, which are base64 of anything."""
    pending = [content]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value.encode("utf-8", "surrogatepass")
        elif isinstance(value, dict):
            is_tensor = {"data", "shape", "dtype"} <= value.keys()
            yield from (name.encode("utf-8", "surrogatepass") for name in value)
            pending += (inner for name, inner in value.items() if not (is_tensor and name == "data"))
        elif isinstance(value, list):
            pending += value


# Undoing encodings


def views(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """Yield `data` in small letters, and all that it may be an encoding of."""
    yield data.lower()
    if not depth:
        return
    for plain in {_without_escapes(data), unquote_to_bytes(data), _BREAK.sub(b"", data)} - {data}:
        yield from views(plain, depth - 1)
    unpacked = _inflate(data)
    if unpacked is not None:
        yield from views(unpacked, depth - 1)
    for run in _HEX.findall(data):
        yield from views(binascii.unhexlify(run[: len(run) & ~1]), depth - 1)
        yield from views(binascii.unhexlify(run[1:][: (len(run) - 1) & ~1]), depth - 1)
    for run in _BASE64.findall(data):
        yield from _decoded(run, depth)


def _decoded(run: bytes, depth: int) -> Iterator[bytes]:
    """Yield what a run of base64 may hold, wherever in a larger text it was cut."""
    standard = run.replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        piece = standard[start:]
        decoded = b64decode(piece[: len(piece) & ~3] + _rest(piece))
        packed = _inflate(decoded) if start == 0 else None
        # What is neither text nor compressed is no further encoding of anything.
        yield from views(decoded, depth - 1) if packed is not None or _is_text(decoded) else (decoded.lower(),)


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
