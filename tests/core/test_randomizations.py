"""How many randomizations there are, and how many shots each takes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Success

from qiskit_runtime_service.core.randomizations import agree_on_shots, spread_shots

shots = st.integers(1, 10**6)
numbers = st.integers(1, 10**4) | st.just("auto")


@pytest.mark.holds("B372")
@pytest.mark.parametrize(
    ("asked", "randomizations", "each", "spread"),
    [
        (4096, "auto", "auto", (32, 128)),
        (1024, "auto", "auto", (16, 64)),
        (100, "auto", "auto", (2, 64)),
        (1, "auto", "auto", (1, 64)),
        (64, "auto", "auto", (1, 64)),
        (65, "auto", "auto", (2, 64)),
        (2048, "auto", "auto", (32, 64)),
        (2049, "auto", "auto", (32, 65)),
        (10**6, "auto", "auto", (32, 31250)),
        (100, 3, "auto", (3, 34)),
        (100, "auto", 3, (34, 3)),
        (100, 3, 5, (3, 5)),
        (1, 7, "auto", (7, 1)),
    ],
)
def test_shots_are_spread_as_documented(asked: int, randomizations: Any, each: Any, spread: tuple[int, int]) -> None:
    found = spread_shots(asked, randomizations, each)
    assert found == spread
    assert found.randomizations * found.shots == spread[0] * spread[1]


@pytest.mark.holds("B372")
@given(shots, numbers, numbers)
@example(2049, "auto", "auto")
def test_shots_are_never_fewer_than_asked_and_what_is_said_counts(asked: int, randomizations: Any, each: Any) -> None:
    found = spread_shots(asked, randomizations, each)
    assert found.randomizations >= 1
    assert found.shots >= 1
    assert randomizations in ("auto", found.randomizations)
    assert each in ("auto", found.shots)
    if "auto" in (randomizations, each):
        assert found.randomizations * found.shots >= asked
        # One randomization less, or one shot less of each, would not do where that number was ours to choose.
        if randomizations == "auto":
            assert (found.randomizations - 1) * found.shots < asked
        elif each == "auto":
            assert found.randomizations * (found.shots - 1) < asked


@pytest.mark.holds("B372")
@given(shots)
def test_by_itself_a_randomization_takes_at_least_64_shots_and_there_are_at_most_32(asked: int) -> None:
    found = spread_shots(asked, "auto", "auto")
    assert found.shots >= 64
    assert found.randomizations <= 32


@pytest.mark.holds("B373")
@given(st.lists(st.none() | st.integers(1, 3), min_size=1, max_size=6), st.none() | st.integers(1, 3))
def test_all_pubs_take_one_number_or_the_first_that_does_not_is_named(
    asked: list[int | None], default: int | None
) -> None:
    found = agree_on_shots(asked, default)
    wanted = [default if number is None else number for number in asked]
    if is_successful(found):
        assert found == Success(wanted[0])
        assert set(wanted) == {wanted[0]} != {None}
    else:
        problem = found.failure()
        index = int(problem.name.removeprefix("shots of pubs[").rstrip("]"))
        assert problem.value == str(wanted[index])
        assert wanted[index] is None or wanted[index] != wanted[0]
        assert all(number == wanted[0] for number in wanted[:index]) or wanted[index] is None
