"""The quick reader of YAML reads what vcrpy's own reads, and says no where that says no."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serializers import yamlserializer

from qiskit_runtime_service.cassettes import quick_yaml

texts = st.text(max_size=12) | st.sampled_from(
    [
        "null",
        "~",
        "true",
        "Yes",
        "no",
        "0",
        "007",
        "1_000",
        "0x1F",
        "1e3",
        ".5",
        "2026-09-01",
        "=",
        "<<",
        "- a",
        "a: b",
        "#",
    ]
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.binary(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)

DOCUMENTS = [
    "",
    "a",
    "--- 1\n--- 2\n",
    "a: &x [1, {b: 2}]\nc: *x\n",
    "base: &b {a: 1}\nmore: {<<: *b, c: 2}\n",
    "{1: a, null: b, true: c}",
    "? [a, b]\n: c\n",
    "a: 0o17\nb: 017\nc: -3\nd: +4\ne: 1.5\nf: 12:30:45\ng: 2026-09-01T10:00:00Z\n",
    "a: !!str 1\nb: !!int '2'\nc: !!set {x}\n",
    "a: !!binary aGVsbG8=\n",
    "a: |\n  two\n  lines\nb: >\n  folded\n  text\n",
    "a: 'it''s'\nb: \"\\u263a\\n\"\n",
]


@given(values)
def test_what_is_dumped_is_read_alike(value: Any) -> None:
    text = yamlserializer.serialize({"value": value})
    assert quick_yaml.deserialize(text) == yamlserializer.deserialize(text)


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document_is_read_as_vcrpy_reads_it(text: str) -> None:
    try:
        expected = yamlserializer.deserialize(text)
    except yaml.YAMLError as error:
        with pytest.raises(type(error)):
            quick_yaml.deserialize(text)
    else:
        read = quick_yaml.deserialize(text)
        assert read == expected
        assert repr(read) == repr(expected)


def test_what_tapes_have_needs_no_loader() -> None:
    tape = {
        "interactions": [{"body": {"string": b"\xff"}, "code": 200, "names": ["a", "b: c"], "none": None}],
        "version": 1,
    }
    assert quick_yaml.read_events(yamlserializer.serialize(tape)) == tape


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "*x", "a: !!python/object:os.system {}", "\x00"])
def test_what_is_no_yaml_is_the_error_of_the_library(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        yamlserializer.deserialize(text)
    with pytest.raises((yaml.YAMLError, KeyError)):
        quick_yaml.deserialize(text)
