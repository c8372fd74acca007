"""Laws of retries: few attempts, no submission twice, bounded waits, a budget for all calls."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.retry import (
    GiveUp,
    Retry,
    RetryBudget,
    bound_attempt,
    decide_retry,
    seconds_for,
)
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.network import Timeouts
from qiskit_runtime_service.records.problem import NetworkFault, UnreadableBody
from tests.strategies import network_faults, requests, responses

GET = Request(method="GET", url="https://h.example/api/v1/jobs/j")
SUBMIT = Request(method="POST", url="https://h.example/api/v1/jobs", repeatable=False)
outcomes = responses | network_faults
budgets = st.sampled_from([0.0, 4.9, 5.0, 9.9, 10.0, 499.5, 500.0]).map(RetryBudget)
dice = st.floats(0, 1)
seconds = st.sampled_from([0.0, 0.1, 0.5, 1.0, 30.0, 1e9])
Outcome = Response | NetworkFault | UnreadableBody


def fault(kind: str, cause: str = "connection") -> NetworkFault:
    return NetworkFault(url="https://h.example", kind=kind, cause=cause, reason="broken")  # type: ignore[arg-type]  # from a table


def decide(
    request: Request,
    outcome: Outcome,
    attempt: int = 1,
    budget: RetryBudget | None = None,
    time_left: float = 1e9,
    throw: float = 0.5,
    retry_after: float | None = None,
    traced: bool = False,
) -> Retry | GiveUp:
    return decide_retry(
        request,
        outcome,
        attempt=attempt,
        budget=budget or RetryBudget(),
        time_left=time_left,
        dice=throw,
        retry_after=retry_after,
        traced=traced,
    )


@pytest.mark.holds("B24")
@given(requests, outcomes, st.integers(1, 9), budgets, seconds, dice, st.none() | seconds)
def test_every_outcome_is_decided_within_bounds(
    request: Request,
    outcome: Outcome,
    attempt: int,
    budget: RetryBudget,
    time_left: float,
    throw: float,
    retry_after: float | None,
) -> None:
    step = decide(request, outcome, attempt, budget, time_left, throw, retry_after)
    if isinstance(step, GiveUp):
        return
    assert attempt < 4
    assert max(0.0, retry_after or 0.0) <= step.wait < time_left
    assert step.wait <= max(8.0, retry_after or 0.0)
    assert step.cost == (10 if isinstance(outcome, NetworkFault) and outcome.cause == "silence" else 5)
    assert budget.tokens >= step.cost


@pytest.mark.holds("B22")
@given(requests, outcomes, st.integers(4, 99), dice)
def test_there_are_at_most_four_attempts(request: Request, outcome: Outcome, attempt: int, throw: float) -> None:
    assert isinstance(decide(request, outcome, attempt, throw=throw), GiveUp)


@pytest.mark.holds("B23")
@pytest.mark.parametrize(
    ("status", "read", "submission"),
    [
        (200, False, False), (302, False, False), (400, False, False), (401, False, False), (403, False, False),
        (404, False, False), (409, False, False), (413, False, False), (429, True, True), (500, True, False),
        (501, False, False), (502, True, False), (503, True, True), (504, True, False), (505, False, False),
        (520, True, False), (521, True, False), (522, True, False), (523, False, False), (524, True, False),
    ],
)  # fmt: skip
def test_a_status_is_tried_again(status: int, read: bool, submission: bool) -> None:
    for request, again in ((GET, read), (SUBMIT, False)):
        assert isinstance(decide(request, Response(status=status)), Retry) is again
    # What is looked for first may be sent again where it was turned away.
    for request, again in ((GET, read), (SUBMIT, submission)):
        assert isinstance(decide(request, Response(status=status), traced=True), Retry) is again


@pytest.mark.holds("B23")
@pytest.mark.parametrize(
    ("kind", "read", "submission"), [("never sent", True, True), ("unclear", True, False), ("refused", False, False)]
)
def test_a_fault_is_tried_again(kind: str, read: bool, submission: bool) -> None:
    for request, again in ((GET, read), (SUBMIT, submission)):
        for traced in (False, True):
            assert isinstance(decide(request, fault(kind), traced=traced), Retry) is again


@pytest.mark.holds("B23", "B284")
def test_what_another_try_cannot_mend_is_not_tried_again() -> None:
    unreadable = UnreadableBody(url=GET.url, reason="truncated", start="{")
    assert decide(GET, unreadable) == Retry(0.5, 5.0)
    assert decide(SUBMIT, unreadable) == GiveUp("")
    other_shape = UnreadableBody(url=GET.url, reason="id is missing or wrong", start="{", is_json=True)
    assert decide(GET, other_shape) == decide(SUBMIT, other_shape) == GiveUp("")
    unusable = NetworkFault(url=GET.url, kind="never sent", cause="unusable", reason="broken")
    late = NetworkFault(url=GET.url, kind="unclear", cause="deadline", reason="broken")
    stopped = NetworkFault(url=GET.url, kind="unclear", cause="proxy", reason="407")
    assert decide(GET, unusable) == decide(GET, late) == decide(GET, stopped) == GiveUp("")


@pytest.mark.holds("B221")
def test_what_kept_a_try_away_is_told() -> None:
    broken = Response(status=500)
    assert decide(GET, broken, budget=RetryBudget(tokens=4.9)) == GiveUp("the retry budget is spent")
    assert decide(GET, broken, budget=RetryBudget(tokens=5.0)) == Retry(0.5, 5.0)
    silent = fault("unclear", "silence")
    assert decide(GET, silent, budget=RetryBudget(tokens=9.9)) == GiveUp("the retry budget is spent")
    assert decide(GET, silent, budget=RetryBudget(tokens=10.0)) == Retry(0.5, 10.0)
    assert decide(GET, fault("unclear"), budget=RetryBudget(tokens=5.0)) == Retry(0.5, 5.0)
    assert decide(GET, broken, time_left=0.0) == GiveUp("the deadline comes first")
    assert decide(GET, broken, attempt=3) == Retry(6.75, 5.0)
    assert decide(GET, broken, attempt=4) == GiveUp("")


@pytest.mark.holds("B222")
@pytest.mark.parametrize(
    ("slow", "time_left", "read"), [(False, 99.0, 10.0), (False, 7.0, 7.0), (True, 99.0, 50.0), (True, 20.0, 20.0)]
)
def test_an_attempt_waits_no_longer_than_the_call_has_left(slow: bool, time_left: float, read: float) -> None:
    timeouts = Timeouts(read=10.0, slow_read=50.0, call=100.0, slow_call=500.0)
    request = Request(method="GET", url=GET.url, slow=slow)
    bound = bound_attempt(request, timeouts, time_left=time_left)
    assert (bound.read_timeout, bound.time_left) == (read, time_left)
    assert seconds_for(request, timeouts) == (500.0 if slow else 100.0)


@pytest.mark.holds("B318")
def test_an_answer_is_as_large_as_fits_the_request_or_as_the_user_says() -> None:
    request = Request(method="GET", url=GET.url, largest=5)
    assert bound_attempt(request, Timeouts(), time_left=1.0).largest == 5
    for most in (1, 9):
        assert bound_attempt(request, Timeouts(), time_left=1.0, max_answer=most).largest == most


OUTAGES: list[Outcome] = [
    *(Response(status=status) for status in (500, 502, 503, 504, 429)),
    *(fault(kind, cause) for kind, cause in [("never sent", "connection"), ("never sent", "silence")]),
    *(fault(kind, cause) for kind, cause in [("unclear", "broken"), ("unclear", "silence")]),
    UnreadableBody(url=GET.url, reason="no JSON", start="<html>"),
]
throws = st.tuples(dice, dice, dice)


def attempts_at(outcomes: list[Outcome], throws: tuple[float, ...], deadline: float = 120.0) -> list[float]:
    """Return when the attempts of a call are sent whose every attempt fails at once."""
    at = [0.0]
    for outcome, throw in zip(outcomes, throws, strict=True):
        step = decide(GET, outcome, len(at), time_left=deadline - at[-1], throw=throw)
        if isinstance(step, GiveUp):
            break
        at.append(at[-1] + step.wait)
    return at


@pytest.mark.holds("B287")
@given(st.tuples(*[st.sampled_from(OUTAGES)] * 3), throws)
@example((Response(status=503),) * 3, (0.0, 0.0, 0.0))
@example((Response(status=503),) * 3, (1.0, 1.0, 1.0))
def test_an_outage_of_eight_seconds_is_outlasted_whatever_the_dice(
    outcomes: tuple[Outcome, ...], throws: tuple[float, ...]
) -> None:
    first, second, third, fourth = attempts_at([*outcomes], throws)
    assert second - first <= 1.0
    assert third > 2.99
    assert 8.0 < fourth <= 13.5
    pauses = [second - first, third - second, fourth - third]
    assert pauses == sorted(set(pauses))


@pytest.mark.holds("B287")
@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 0.0, 1.0), (2, 3.0, 4.5), (3, 5.5, 8.0)])
def test_a_pause_is_drawn_from_its_whole_range(attempt: int, least: float, most: float) -> None:
    for throw, wait in ((0.0, least), (0.5, (least + most) / 2), (1.0, most)):
        assert decide(GET, Response(status=502), attempt, throw=throw) == Retry(wait, 5.0)


@pytest.mark.holds("B287")
@given(st.sampled_from(OUTAGES), throws, st.floats(0.01, 20.0))
@example(Response(status=503), (0.0, 0.0, 0.0), 9.0)
@example(Response(status=503), (1.0, 1.0, 1.0), 9.0)
def test_a_deadline_that_is_near_draws_the_last_attempt_towards_it(
    outcome: Outcome, throws: tuple[float, ...], deadline: float
) -> None:
    at = attempts_at([outcome] * 3, throws, deadline)
    assert len(at) == 4
    assert at[-1] < deadline
    assert at[-1] >= min(8.5, max(deadline - 1.0, deadline / 2)) - 1e-6


@pytest.mark.holds("B287")
def test_the_second_before_a_deadline_is_left_to_the_last_attempt() -> None:
    busy = Response(status=503)
    waits = [(9.0, 8.0), (6.6, 5.6), (2.5, 1.5), (2.0, 1.0), (1.0, 0.5), (0.1, 0.05)]
    for time_left, wait in waits:
        step = decide(GET, busy, attempt=3, time_left=time_left, throw=1.0)
        assert isinstance(step, Retry)
        assert step.wait == pytest.approx(wait)
    # A range that fits in part is drawn from as far as it fits.
    assert decide(GET, busy, attempt=3, time_left=7.5, throw=0.5) == Retry(6.0, 5.0)


@pytest.mark.holds("B288")
@given(st.sampled_from(["name", "proxy"]), throws)
@example("name", (1.0, 1.0, 1.0))
def test_a_name_or_a_proxy_that_is_not_there_is_given_up_within_two_seconds(
    cause: str, throws: tuple[float, ...]
) -> None:
    at = attempts_at([fault("never sent", cause)] * 3, throws)
    assert len(at) == 3
    assert at[-1] <= 1.5


@pytest.mark.holds("B288")
@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 0.0, 0.5), (2, 0.5, 1.0)])
def test_a_short_pause_is_drawn_from_its_whole_range(attempt: int, least: float, most: float) -> None:
    for throw, wait in ((0.0, least), (0.5, (least + most) / 2), (1.0, most)):
        assert decide(GET, fault("never sent", "name"), attempt, throw=throw) == Retry(wait, 5.0)


@pytest.mark.holds("B288")
@pytest.mark.parametrize("cause", ["tls", "proxy"])
def test_what_says_no_is_asked_once(cause: str) -> None:
    assert decide(GET, fault("refused", cause)) == GiveUp("")


@pytest.mark.holds("B24")
@given(responses)
def test_a_pause_that_the_server_asks_for_is_kept_unless_the_deadline_comes_first(response: Response) -> None:
    if isinstance(decide(GET, response), GiveUp):
        return
    assert decide(GET, response, retry_after=29.9, time_left=30.0) == Retry(29.9, 5.0)
    assert decide(GET, response, retry_after=30.0, time_left=30.0) == GiveUp("the deadline comes first")


@pytest.mark.holds("B24", "B287")
def test_a_server_that_asks_for_a_shorter_pause_than_ours_is_outlasted_too() -> None:
    busy = Response(status=503)
    for attempt, asked, wait in ((1, 0.25, 0.5), (1, 2.0, 2.0), (2, 1.0, 3.75), (3, 0.0, 6.75), (3, 7.0, 7.0)):
        assert decide(GET, busy, attempt, retry_after=asked) == Retry(wait, 5.0)


@pytest.mark.holds("B24")
@given(budgets, st.floats(0, 1000))
def test_a_budget_stays_within_its_bounds(budget: RetryBudget, cost: float) -> None:
    spent, earned = budget.spend(cost), budget.earn()
    assert spent.tokens == max(0.0, budget.tokens - cost)
    assert earned.tokens == min(500.0, budget.tokens + 1)
    assert spent.capacity == earned.capacity == 500.0


def call(budget: RetryBudget, request: Request, outcome: Outcome) -> tuple[int, RetryBudget]:
    """Make one call to a server that always answers alike; return the requests it took."""
    attempt = 1
    while isinstance(step := decide(request, outcome, attempt, budget), Retry):
        budget = budget.spend(step.cost)
        attempt += 1
    return attempt, budget


@pytest.mark.holds("B24")
@pytest.mark.parametrize(
    "outcome", [Response(status=503), Response(status=500), fault("unclear"), fault("unclear", "silence")]
)
def test_a_dead_server_gets_at_most_one_request_in_a_hundred_too_many(outcome: Outcome) -> None:
    budget, sent = RetryBudget(), 0
    for _ in range(10_000):
        count, budget = call(budget, GET, outcome)
        sent += count
    assert 10_000 < sent <= 10_100


@pytest.mark.holds("B24")
def test_a_server_that_recovers_fills_the_budget_again() -> None:
    budget = RetryBudget(tokens=0.0)
    assert call(budget, GET, Response(status=503))[0] == 1
    for _ in range(600):
        budget = budget.earn()
    assert budget == RetryBudget()
    assert call(budget, GET, Response(status=503))[0] == 4


@given(st.lists(st.booleans(), max_size=300))
def test_retries_never_exceed_what_the_budget_and_the_successes_pay_for(answers: list[bool]) -> None:
    budget, retries = RetryBudget(tokens=20.0), 0
    for good in answers:
        if good:
            budget = budget.earn()
        else:
            count, budget = call(budget, GET, Response(status=500))
            retries += count - 1
    assert 5 * retries <= 20 + answers.count(True)
