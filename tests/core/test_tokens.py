"""Laws of bearer tokens: used while fresh, renewed early, never used when dead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.core.tokens import decide_token
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.records.token import AccessToken

ORDER = {"use": 0, "renew": 1, "replace": 2}
lifetimes = st.sampled_from([0.0, 1.0, 60.0, 3600.0])
ages = st.floats(-1e5, 1e5)


def token(lifetime: float = 3600.0, received_at: float = 0.0) -> AccessToken:
    return AccessToken(value=Secret("t"), received_at=received_at, lifetime=lifetime)


def test_without_a_token_one_is_needed() -> None:
    assert decide_token(None, now=0.0) == "replace"
    assert decide_token(None, now=0.0, last_try=0.0) == "replace"


@pytest.mark.holds("B20")
@pytest.mark.parametrize(
    ("age", "last_try", "step"),
    [
        (0.0, None, "use"),
        (2879.9, None, "use"),
        (2880.0, None, "renew"),
        (3599.9, None, "renew"),
        (3600.0, None, "replace"),
        (2900.0, 2880.0, "use"),
        (2940.0, 2880.0, "renew"),
        (2939.9, 2880.0, "use"),
        (3600.0, 3599.0, "replace"),
        (-86_400.0, None, "use"),
    ],
)
def test_a_token_of_an_hour(age: float, last_try: float | None, step: str) -> None:
    assert decide_token(token(), now=age, last_try=last_try) == step


@given(lifetimes, ages, ages)
def test_an_older_token_is_never_trusted_more(lifetime: float, one: float, other: float) -> None:
    younger, older = sorted((one, other))
    assert ORDER[decide_token(token(lifetime), now=younger)] <= ORDER[decide_token(token(lifetime), now=older)]


@pytest.mark.holds("B20")
@given(lifetimes, ages, st.none() | ages)
def test_a_dead_token_is_replaced_whenever_the_last_try_was(lifetime: float, now: float, last: float | None) -> None:
    step = decide_token(token(lifetime), now=now, last_try=last)
    assert (step == "replace") is (now >= lifetime)
    if now < 0.8 * lifetime:
        assert step == "use"
    if step == "renew":
        assert last is None or now - last >= 60


@pytest.mark.holds("B20")
@given(lifetimes, st.integers(0, 10_000), st.sampled_from([-(2**30), 0, 2**30]))
def test_only_the_time_since_it_came_counts(lifetime: float, age: int, skew: int) -> None:
    # A clock that is wrong by decades gives the same answer: dates of the server are not compared with it.
    assert decide_token(token(lifetime), now=float(age)) == decide_token(
        token(lifetime, received_at=float(skew)), now=float(skew + age)
    )
