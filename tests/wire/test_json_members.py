"""Laws of splitting: an object is parted into its members by what parts them, whatever one of them holds."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.wire.json_members import (
    breaks_off,
    cut_levels,
    find_oddity,
    join_object,
    lay_out,
    split_object,
)
from tests.strategies import json_values

pytestmark = pytest.mark.holds("B350", "B352")

DEEP = b"[" * 20_000 + b"]" * 20_000
"""More levels than any library that the tests load lets Python read."""
ODD_TEXTS = [
    rb'"\ud800"', rb'"x\udfff,}"', b"NaN", b"-Infinity", b'{"a": [NaN, "}"]}', b"[1,]", b"{,}", b"nope", b"{1: 2}",
    b"1 2", b'"\x01"', b'"\n"', rb'"\q"', rb'"\\\ud800\""', b"[1 2]", b"{[]}", DEEP,
    b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
]  # fmt: skip
"""Texts that the decoder does not take for JSON, with an end that can be seen."""

names = st.text(st.characters(codec="utf-8"), max_size=5).filter(lambda name: '"' not in name and name != "odd")
objects = st.dictionaries(names, json_values, max_size=4)
odd_texts = st.sampled_from(ODD_TEXTS)


def text_of(content: dict[str, Any], odd: bytes, place: int, key: bytes = b'"odd"') -> bytes:
    """Return an object as text with an odd member among the others."""
    parts = [msgspec.json.encode({name: value})[1:-1] for name, value in content.items()]
    parts.insert(place % (len(parts) + 1), key + b" :\n" + odd)
    return b" {%s }\n" % b" ,".join(parts)


def as_read(content: dict[str, Any]) -> Any:
    """Return what JSON keeps of a content: of an infinity nothing."""
    return msgspec.json.decode(msgspec.json.encode(content))


def values_of(text: bytes) -> dict[str, bytes]:
    found = split_object(text)
    assert found is not None
    return {name: bytes(member.value) for name, member in found.items()}


@given(objects, odd_texts, st.integers(0, 9))
def test_an_odd_value_takes_nothing_with_it(content: dict[str, Any], odd: bytes, place: int) -> None:
    found = values_of(text_of(content, odd, place))
    assert found.pop("odd") == odd
    assert {name: msgspec.json.decode(value) for name, value in found.items()} == as_read(content)


@pytest.mark.parametrize("key", [rb'"\ud800"', rb'"\q"', b'"\xff"', b'"\xfe"', b'"\x01"'])
@given(objects)
def test_an_odd_name_takes_nothing_with_it_and_is_what_is_written(key: bytes, content: dict[str, Any]) -> None:
    found = values_of(text_of(content, b"1", 0, key))
    assert found.pop(key.decode("utf-8", "backslashreplace")) == b"1"
    assert found.keys() == content.keys()


@given(objects, odd_texts, st.integers(0, 9))
def test_what_is_put_together_is_split_as_before(content: dict[str, Any], odd: bytes, place: int) -> None:
    members = split_object(text_of(content, odd, place))
    assert members is not None
    assert split_object(join_object(members)) == members
    once = lay_out(members)
    laid_out = split_object(once)
    assert laid_out is not None
    assert (laid_out.keys(), bytes(laid_out["odd"].value)) == (members.keys(), odd)
    assert lay_out(laid_out) == once


@pytest.mark.takes_long
@given(objects)
def test_what_is_json_is_laid_out_as_python_does(content: dict[str, Any]) -> None:
    members = split_object(msgspec.json.encode(content))
    assert members is not None
    read = json.loads(lay_out(members))
    assert read == json.loads(msgspec.json.encode(content))
    assert list(read) == sorted(content)


@given(st.binary() | st.text(st.sampled_from('{}[]",:\\ 1')).map(str.encode))
@example(b'{"a":1}}')
@example(b'{"a":1]')
@example(b"x{}")
@example(b"{}x")
@example(b'"{}"')
@example(b'{"a":1},"b"')
def test_any_text_is_split_or_none(text: bytes) -> None:
    found = split_object(text)
    if found is None:
        with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError, RecursionError)):
            msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    else:
        assert text.strip().startswith(b"{")
        assert text.strip().endswith(b"}")
        assert not breaks_off(text)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"1", b"x{}", b"{}x", b"{}{}", b'{"a": [}]}', b'{"a": 1]', b'{"a"}', b'{"a":}', b'{"a": NaN,}',
        b"{,}", b'{"a": NaN, "b" 1}', b"{a: NaN}", b'"{}"',
    ],
)  # fmt: skip
def test_what_is_no_object_is_none(text: bytes) -> None:
    assert split_object(text) is None
    assert not breaks_off(text)


@given(objects, odd_texts, st.integers(0, 9), st.data())
def test_what_is_cut_off_breaks_off(content: dict[str, Any], odd: bytes, place: int, data: st.DataObject) -> None:
    text = text_of(content, odd, place).rstrip()
    assert not breaks_off(text)
    cut = text[: data.draw(st.integers(2, len(text) - 1))]
    assert breaks_off(cut)
    assert split_object(cut) is None


def test_of_two_with_one_name_the_last_counts() -> None:
    assert values_of(b'{"a": 1, "b": NaN, "a": 2}') == {"a": b"2", "b": b"NaN"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a": [1e99, -0, 1]}', None),
        (b"1e999", "holds a number that is none, such as NaN"),
        (rb'["\ud800"]', "holds half a character (a lone surrogate)"),
        (rb'"\udfffx"', "holds half a character (a lone surrogate)"),
        (b"NaN", "holds a number that is none, such as NaN"),
        (b"[-Infinity]", "holds a number that is none, such as NaN"),
        (b'"\xff"', "is not UTF-8"),
        (DEEP, "has too many levels"),
        (b"[1,]", "is no JSON: JSON is malformed: trailing comma in array (byte 3)"),
    ],
)
def test_what_is_odd_is_said_in_words(text: bytes, words: str | None) -> None:
    assert find_oddity(text) == words


def pruned(value: Any, most: int) -> Any:
    """Return a value without the lists and objects that are inside of `most` others."""
    if not isinstance(value, dict | list):
        return value
    if most == 0:
        return None
    if isinstance(value, list):
        return [pruned(item, most - 1) for item in value]
    return {name: pruned(item, most - 1) for name, item in value.items()}


@given(json_values, st.integers(0, 4))
@example([[], [[1], "[[[[", {"}": {"{": []}}]], 2)
def test_what_is_deeper_than_that_is_null(value: Any, most: int) -> None:
    text = msgspec.json.encode(value)
    cut = cut_levels(text, most)
    assert msgspec.json.decode(cut) == pruned(msgspec.json.decode(text), most)
    assert cut_levels(text, 100) is text
    assert cut_levels(cut, most) == cut


def test_a_deep_text_that_breaks_off_still_does() -> None:
    assert cut_levels(DEEP, 100) == b"[" * 100 + b"null" + b"]" * 100
    for cut in (DEEP[:-1], DEEP[:5_000], DEEP[:7_000]):
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(cut_levels(cut, 100))
