"""How many shots are too many."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.shots import check_shots, shots_for


@pytest.mark.holds("B265")
def test_the_first_pub_beyond_the_limit_is_named() -> None:
    assert check_shots([1, 100], 100, "ibm_x") is None
    problem = check_shots([100, 101, 102], 100, "ibm_x")
    assert problem is not None
    assert (problem.name, problem.value) == ("the number of shots of pubs[1]", "101")
    assert problem.wanted.startswith("at most 100, the limit of ibm_x;")


@pytest.mark.holds("B265")
def test_a_backend_that_tells_no_limit_takes_any() -> None:
    assert check_shots([10**9], None, "ibm_x") is None


@pytest.mark.parametrize(
    ("precision", "shots"), [(1.0, 1), (2.0, 1), (0.5, 4), (0.1, 100), (0.015625, 4096), (0.3, 12)]
)
def test_a_precision_takes_shots_by_its_square(precision: float, shots: int) -> None:
    assert shots_for(precision) == shots


@pytest.mark.holds("B354")
@given(st.floats(min_value=5e-324, allow_nan=False, allow_infinity=False))
@example(1.7976931348623157e308)
def test_every_precision_takes_a_shot_or_more_and_a_finer_one_no_fewer(precision: float) -> None:
    shots = shots_for(precision)
    assert shots >= 1
    assert (shots == 1) == (precision > 0.999_999)
    assert shots_for(precision / 2) >= shots


@pytest.mark.holds("B354")
@pytest.mark.parametrize("number", [10**400, 10**5_000], ids=["400 digits", "5000 digits"])
def test_shots_beyond_all_numbers_are_named(number: int) -> None:
    problem = check_shots([1, number], 100, "ibm_x")
    assert problem is not None
    assert problem.name == "the number of shots of pubs[1]"
    assert problem.value in (str(10**400), "of type int, too large to be written")


@pytest.mark.parametrize("precision", [1e-17, 1e-18, 1e-160, 5e-324, 0.0])
def test_a_precision_that_is_too_fine_takes_too_many_shots(precision: float) -> None:
    problem = check_shots([1, shots_for(precision)], 10**9, "ibm_x")
    assert problem is not None
    assert problem.name == "the number of shots of pubs[1]"
