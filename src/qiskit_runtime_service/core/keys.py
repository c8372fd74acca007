"""What a key looks like, for texts that may hold one by mistake."""

import math
import re
from collections import Counter
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

SHORTEST = 32
"""Characters of a word that may be a key: API keys of IBM Cloud have 44."""

LONG_HEX = 128
"""Digits of a hexadecimal word that may be a key, as those of the retired platform; ids and digests have fewer."""

MIXED_BITS = 4.0
CALM_SHARE = 0.85
CALM_SHARE_OF_LETTERS = 0.72
"""A word of small and large letters is random with so many bits in each, if no more than this share is in quiet runs.

A word that seldom turns from letters to digits is nearer to a name.
"""

FEW_TURNS = 3
EVEN_BITS = 3.6
TURNS = 0.1
"""A word of one size of letters is random with so many bits in each, if it turns so often from letters to digits."""

_WORD = re.compile(rf"(?<![\w-])eyJ[\w-]{{8,}}+\.[\w-]+(?:\.[\w-]*)?|[A-Za-z0-9_-]{{{SHORTEST},}}")
_ID = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?<![0-9a-f])(?:0x)?[0-9a-f]{32,127}(?![0-9a-f])"
)
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_CALM = re.compile(r"[a-z]{4,}|[A-Z]{4,}|[A-Z][a-z]{3,}|[0-9]{4,}")
_TURN = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")


def hide_keys(text: str) -> str:
    """Return a text in which each word that looks like a key is its first two characters and its length.

    Names, Cloud Resource Names, URLs and ids stay as they are. Twice is the same as once.

    Source: behaviour B328, B455.
    """
    return _WORD.sub(lambda word: _hidden(word[0]) if looks_like_key(word[0]) else word[0], text)


def hide_keys_of(record: T) -> T:
    """Return a record whose texts are without what looks like a key; the record itself where there is none."""
    fields = ((name, value, _without(value)) for name, value in msgspec.structs.asdict(record).items())
    changed = {name: shown for name, value, shown in fields if shown is not value}
    return msgspec.structs.replace(record, **changed) if changed else record


def looks_like_key(word: str) -> bool:
    """Tell whether a word looks like a key: a token, long hexadecimal digits, or random letters and digits.

    Of random words of 44 characters one in forty thousand is taken for a name. Of ids in a word nothing counts.
    """
    if word.startswith("eyJ") and "." in word:
        return True
    if _HEX.fullmatch(word):
        return len(word) >= LONG_HEX
    rest = _ID.sub("", word)
    if len(rest) < SHORTEST:
        return False
    bits, turns = _bits(rest), len(_TURN.findall(rest))
    if re.search("[a-z]", rest) and re.search("[A-Z]", rest):
        share = CALM_SHARE if turns >= FEW_TURNS else CALM_SHARE_OF_LETTERS
        return bits >= MIXED_BITS and sum(map(len, _CALM.findall(rest))) <= share * len(rest)
    return bits >= EVEN_BITS and turns >= TURNS * len(rest)


def _hidden(word: str) -> str:
    return f"{word[:2]}… ({len(word)} characters)"


def _without(value: object) -> object:
    """Return a value whose texts, at any depth, are without keys; the value itself where there are none."""
    if isinstance(value, str):
        shown = hide_keys(value)
        return value if shown == value else shown
    if type(value) is tuple:
        items = tuple(map(_without, value))
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return hide_keys_of(value) if isinstance(value, msgspec.Struct) else value


def _bits(word: str) -> float:
    """Return Shannon's entropy in bits per character."""
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)
