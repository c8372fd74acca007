"""What is said of noise and of states that a simulation left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.lost_noise import (
    Loss,
    describe_cuts,
    describe_idle,
    describe_losses,
    find_warning,
    warn_of_losses,
)

losses = st.lists(
    st.tuples(st.sampled_from([(), ("a",), ("a", "b"), ("a", "b", "c")]), st.sampled_from(["why", "because"]))
).map(lambda found: [Loss(pub, parts, reason) for pub, (parts, reason) in enumerate(found)])


@pytest.mark.holds("B271")
@pytest.mark.parametrize(
    ("pubs", "who"),
    [
        ([0], "PUB 0"),
        ([3], "PUB 3"),
        ([0, 1], "PUBs 0 and 1"),
        ([2, 3, 4], "PUBs 2 to 4"),
        ([0, 1, 3], "PUBs 0, 1 and 3"),
        ([1, 3, 5, 6], "PUBs 1, 3, 5 and 6"),
    ],
)
def test_pubs_that_lost_the_same_share_a_sentence(pubs: list[int], who: str) -> None:
    told = describe_losses(Loss(pub, ("gate errors", "readout errors"), "it is late") for pub in pubs)
    assert told == (f"{who} ran without gate errors and readout errors: it is late.",)


@pytest.mark.holds("B271")
def test_what_was_lost_otherwise_has_a_sentence_of_its_own() -> None:
    told = describe_losses(
        [
            Loss(0, ("a", "b", "c"), "why"),
            Loss(1, ("a",), "why"),
            Loss(2, (), "why"),
            Loss(3, ("a", "b", "c"), "because"),
            Loss(4, ("a",), "why"),
        ]
    )
    assert told == (
        "PUB 0 ran without a, b and c: why.",
        "PUBs 1 and 4 ran without a: why.",
        "PUB 3 ran without a, b and c: because.",
    )
    assert warn_of_losses(told[:2]) == (
        "The simulation has less noise than its device. "
        "PUB 0 ran without a, b and c: why. PUBs 1 and 4 ran without a: why."
    )


@pytest.mark.holds("B253")
def test_what_was_cut_off_is_an_approximation() -> None:
    assert describe_cuts([], 64) == ()
    assert describe_cuts([2], 64) == ("PUB 2 was approximated: what needs bonds above 64 was cut off.",)
    (told,) = describe_cuts([0, 2], 32)
    assert told == "PUBs 0 and 2 were approximated: what needs bonds above 32 was cut off."
    assert warn_of_losses([], [told]) == f"The simulation is an approximation. {told}"
    assert warn_of_losses(["A."], [told]) == (
        f"The simulation has less noise than its device. A. The simulation is an approximation. {told}"
    )


@pytest.mark.holds("B271")
def test_options_without_effect_share_a_sentence() -> None:
    assert describe_idle([]) == ()
    assert describe_idle(["a.b"]) == ("Without effect: a.b.",)
    assert describe_idle(["a.b", "c", "d"]) == ("Without effect: a.b, c and d.",)


@given(losses)
def test_something_is_said_exactly_where_something_was_lost(found: list[Loss]) -> None:
    told = describe_losses(found)
    assert bool(told) == any(loss.parts for loss in found)
    assert len(set(told)) == len(told) <= len(found)
    metadata = {"version": 2, "noise_left_out": list(told)}
    assert find_warning(metadata) == (
        f"The simulation has less noise than its device. {' '.join(told)}" if told else ""
    )


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "noise_left_out",
        [],
        {},
        {"noise_left_out": None},
        {"noise_left_out": "x"},
        {"approximations": {"a": 1}},
    ],
)
def test_metadata_of_other_kinds_say_nothing(odd: object) -> None:
    assert find_warning(odd) == ""


def test_metadata_of_strangers_are_shown_as_text() -> None:
    assert find_warning({"noise_left_out": ["a", 7, None], "approximations": [3]}) == (
        "The simulation has less noise than its device. a 7 None The simulation is an approximation. 3"
    )
