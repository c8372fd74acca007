"""Laws of the doors: what each kind of argument is taken from, and that nothing else passes."""

import math
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Failure, Success

from qiskit_runtime_service.core.arguments import (
    if_given,
    read_all,
    read_callable,
    read_flag,
    read_items,
    read_list_of_texts,
    read_mapping,
    read_name,
    read_number,
    read_object,
    read_path,
    read_patience,
    read_text,
    read_texts,
    read_whole,
    show_value,
)
from qiskit_runtime_service.records.problem import BadArgument, WrongType
from tests.strategies import json_values


class Shade(str, Enum):  # noqa: UP042  # users have such classes
    """A text that is more than one."""

    RED = "red"


def kind_of(passed: Any) -> tuple[type, Any]:
    """Return the type of a value that passed a door, and the value."""
    return type(passed.unwrap()), passed.unwrap()


class Counter:
    """A whole number of somebody else's."""

    def __index__(self) -> int:
        return 7


@pytest.mark.holds("B300")
@given(st.integers(-(2**31), 2**31 - 1), st.sampled_from([np.int32, np.int64, np.array, int]))
def test_a_whole_number_of_any_kind_is_one_of_python(number: int, kind: Callable[[int], Any]) -> None:
    assert kind_of(read_whole("limit", kind(number))) == (int, number)


@pytest.mark.holds("B300")
def test_what_counts_is_a_whole_number() -> None:
    assert read_whole("limit", Counter()) == Success(7)
    assert kind_of(read_whole("limit", np.uint64(2**63 - 1))) == (int, 2**63 - 1)


@pytest.mark.holds("B300")
@given(st.integers(-(2**63), 2**63 - 1), st.integers())
def test_a_bound_is_the_least_that_passes(number: int, least: int) -> None:
    read = read_whole("limit", number, least=least)
    refused = BadArgument(name="limit", value=repr(number), wanted=f"a whole number, {least} or more")
    assert read == (Success(number) if number >= least else Failure(refused))


@pytest.mark.holds("B354")
@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_a_whole_number_has_64_bits_at_most(number: int) -> None:
    wanted = "a whole number, of 64 bits at most"
    assert read_whole("limit", number) == Failure(BadArgument(name="limit", value=show_value(number), wanted=wanted))


@pytest.mark.holds("B300")
@pytest.mark.parametrize(
    "unfit", ["5", "", 5.0, 1.5, True, np.True_, None, [1], np.array([1]), b"5", int, np.int64, np.timedelta64(5, "s")]
)
def test_what_is_no_whole_number_is_of_the_wrong_type(unfit: Any) -> None:
    assert read_whole("limit", unfit) == Failure(WrongType(name="limit", value=repr(unfit), wanted="a whole number"))


@pytest.mark.holds("B300")
@pytest.mark.parametrize("number", [0.5, 2, np.float32(0.5), np.float64(2), np.int64(3), np.array(1.5), -1, 1e300])
def test_a_number_is_a_float(number: Any) -> None:
    assert kind_of(read_number("timeout", number)) == (float, float(number))


@pytest.mark.holds("B300")
def test_a_number_has_bounds() -> None:
    for number in (0.0, -0.5, -1):
        refused = BadArgument(name="p", value=repr(number), wanted="a number, above 0, and finite")
        assert read_number("p", number, above=0.0) == Failure(refused)
    assert read_number("p", 5e-324, above=0.0) == Success(5e-324)
    assert read_number("most", 0, least=0.0, unit="seconds") == Success(0.0)
    refused = BadArgument(name="most", value="-1e-09", wanted="seconds, 0 or more, and finite")
    assert read_number("most", -1e-9, least=0.0, unit="seconds") == Failure(refused)


@pytest.mark.holds("B300")
@pytest.mark.parametrize("unfit", [math.nan, math.inf, -math.inf, 10**400, np.float32("nan")])
def test_a_number_is_finite(unfit: Any) -> None:
    shown = show_value(unfit)
    assert read_number("p", unfit) == Failure(BadArgument(name="p", value=shown, wanted="a number, and finite"))


@pytest.mark.holds("B300")
@pytest.mark.parametrize("unfit", ["1.0", True, np.False_, None, [1.0], 1j, float])
def test_what_is_no_number_is_of_the_wrong_type(unfit: Any) -> None:
    refused = WrongType(name="p", value=repr(unfit), wanted="a number, and finite")
    assert read_number("p", unfit) == Failure(refused)


@pytest.mark.holds("B300")
def test_who_waits_for_ever_says_nothing_or_infinity() -> None:
    for endless in (None, math.inf, np.float32("inf")):
        assert read_patience("timeout", endless) == Success(None)
    assert read_patience("timeout", -1) == Success(-1.0)
    wanted = "a number, and finite, or None"
    for unfit in (math.nan, -math.inf):
        assert read_patience("timeout", unfit) == Failure(BadArgument(name="timeout", value=repr(unfit), wanted=wanted))
    assert read_patience("timeout", "5") == Failure(WrongType(name="timeout", value="'5'", wanted=wanted))


@pytest.mark.holds("B300")
def test_flags_are_truth_values_and_nothing_else() -> None:
    for flag in (True, False):
        assert read_flag("pending", flag) == Success(flag)
        assert kind_of(read_flag("pending", np.bool_(flag))) == (bool, flag)
    others: list[Any] = ["no", "", 0, 1, 0.0, None, [], np.int64(1), bool]
    for unfit in others:
        refused = WrongType(name="pending", value=repr(unfit), wanted="True or False")
        assert read_flag("pending", unfit) == Failure(refused)


@pytest.mark.holds("B301")
@given(st.text())
@example("")
def test_a_text_passes_as_it_is(text: str) -> None:
    assert read_text("name", text) == Success(text)
    assert read_texts("tags", text) == read_texts("tags", [text]) == Success((text,))
    assert read_name("name", text, wanted="a name") == (
        Success(text) if text else Failure(BadArgument(name="name", value="''", wanted="a name"))
    )


@pytest.mark.holds("B301")
def test_what_is_more_than_a_text_is_the_text() -> None:
    assert kind_of(read_text("name", Shade.RED)) == (str, "red")
    assert kind_of(read_text("name", np.str_("x"))) == (str, "x")
    assert [type(text) for text in read_texts("tags", [Shade.RED, np.str_("x")]).unwrap()] == [str, str]
    assert read_texts("tags", np.array(["x", "y"])) == Success(("x", "y"))


@pytest.mark.holds("B301")
def test_half_a_character_is_no_text() -> None:
    wanted = "a text of whole characters"
    for half in ("\ud800", "a\udfff"):
        assert read_text("name", half) == Failure(BadArgument(name="name", value=repr(half), wanted=wanted))
        assert not is_successful(read_texts("tags", half))
        assert not is_successful(read_texts("tags", ["a", half]))
    for whole in ("\ud7ff", "\ue000", "\U0001f600"):
        assert read_text("name", whole) == Success(whole)


@pytest.mark.holds("B301")
@pytest.mark.parametrize("unfit", [5, None, b"x", ["x"], True, str])
def test_what_is_no_text_is_of_the_wrong_type(unfit: Any) -> None:
    assert read_text("name", unfit) == Failure(WrongType(name="name", value=repr(unfit), wanted="a text"))


@pytest.mark.holds("B301")
def test_texts_come_from_whatever_can_be_walked_through() -> None:
    for given_texts in (["a", "b"], ("a", "b"), (letter for letter in "ab"), {"a": 1, "b": 2}.keys()):
        assert read_list_of_texts("new_tags", given_texts) == Success(("a", "b"))
    assert read_list_of_texts("new_tags", []) == Success(())
    assert read_list_of_texts("new_tags", {"a"}) == Success(("a",))


@pytest.mark.holds("B301")
@pytest.mark.parametrize("unfit", ["abc", b"abc", 5, None, [1], ["a", None], {"a": "b"}, list])
def test_a_lone_text_is_no_list_of_texts(unfit: Any) -> None:
    refused = WrongType(name="new_tags", value=repr(unfit), wanted="a list of texts")
    assert read_list_of_texts("new_tags", unfit) == Failure(refused)
    if unfit != "abc":
        assert read_texts("tags", unfit) == Failure(
            WrongType(name="tags", value=repr(unfit), wanted="a text or a list of texts")
        )


@pytest.mark.holds("B304")
def test_a_path_is_a_text_or_an_object_that_stands_for_one() -> None:
    assert read_path("path", "a/b") == read_path("path", Path("a/b")) == Success("a/b")
    # Names of files are bytes, and Python has those that are no characters like this.
    assert read_path("path", "a\udcff") == Success("a\udcff")
    for unfit in ("", "a\0b", "\ud800"):
        assert read_path("path", unfit) == Failure(
            BadArgument(name="path", value=repr(unfit), wanted="the path of a file")
        )
    for other in (5, None, b"a", ["a"], Path):
        assert read_path("path", other) == Failure(
            WrongType(name="path", value=repr(other), wanted="the path of a file")
        )


@pytest.mark.holds("B304")
def test_other_things_are_what_they_are() -> None:
    assert read_callable("filters", len, wanted="a function") == Success(len)
    assert read_callable("filters", 5, wanted="a function") == Failure(
        WrongType(name="filters", value="5", wanted="a function")
    )
    assert read_mapping("inputs", {"a": 1}) == Success({"a": 1})
    for unfit in ([("a", 1)], {1: 2}, None):
        assert read_mapping("inputs", unfit) == Failure(
            WrongType(name="inputs", value=repr(unfit), wanted="a dictionary")
        )
    assert read_object("submission", 5, int, wanted="a number") == Success(5)
    assert read_object("submission", "5", int, wanted="a number") == Failure(
        WrongType(name="submission", value="'5'", wanted="a number")
    )
    assert read_items("dates", range(2)) == Success([0, 1])
    assert read_items("dates", "ab") == Failure(WrongType(name="dates", value="'ab'", wanted="a list"))


DOORS: list[Callable[[str, Any], Any]] = [
    read_flag, read_whole, read_number, read_patience, read_text, read_texts, read_list_of_texts, read_items, read_path,
    read_mapping, if_given(read_whole), partial(read_name, wanted="a name"),
    partial(read_callable, wanted="a function"),
]  # fmt: skip


@pytest.mark.holds("B299")
@given(st.sampled_from(DOORS), json_values)
def test_whatever_is_refused_is_named(door: Callable[[str, Any], Any], value: Any) -> None:
    read = door("argument", value)
    if not is_successful(read):
        problem = read.failure()
        assert (problem.name, problem.value) == ("argument", show_value(value))


def test_what_may_be_left_out_says_so() -> None:
    door = if_given(read_whole)
    assert (door("limit", None), door("limit", 5)) == (Success(None), Success(5))
    refused = WrongType(name="limit", value="'5'", wanted="a whole number, or None")
    assert door("limit", "5") == Failure(refused)


def test_what_stands_inside_may_not_be_left_out() -> None:
    inside = BadArgument(name="limits[1]", value="-1", wanted="a whole number, 0 or more")
    assert if_given(lambda *_: Failure(inside))("limits", [0, -1]) == Failure(inside)


def test_the_first_argument_that_does_not_fit_is_told() -> None:
    doors: dict[str, Callable[[str, Any], Any]] = {"limit": read_whole, "pending": read_flag}
    assert read_all(doors, {"limit": np.int64(5), "pending": False}) == Success({"limit": 5, "pending": False})
    assert read_all(doors, {"pending": "no", "limit": "5"}) == read_flag("pending", "no")
    assert read_all(doors, {"limit": 5, "pending": "no"}) == read_flag("pending", "no")


def test_long_values_are_cut() -> None:
    assert show_value("é" * 198) == repr("é" * 198)
    assert show_value("é" * 199) == "'" + "é" * 181 + "… (201 characters)"
