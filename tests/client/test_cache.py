"""What is remembered: fetched once, forgotten when asked, also in the middle of being fetched."""

from collections.abc import Callable

import pytest
from returns.result import Failure, Result, Success

from qiskit_runtime_service.client.cache import Cache
from qiskit_runtime_service.records.problem import NoInstances, Problem, UnreadableBody

Key = tuple[str, int]
ONE, TWO = ("a", 1), ("a", 2)


class Clock:
    """Shows what it was set to."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, /) -> None:
        self.time += seconds


class Source:
    """Gives a new number each time, and does something first."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.given = 0
        self.meanwhile = meanwhile

    def __call__(self) -> Result[int | None, Problem]:
        self.meanwhile()
        self.given += 1
        return Success(self.given)


def test_a_value_is_fetched_once_and_nothing_is_a_value() -> None:
    cache: Cache[Key, int | None] = Cache(Clock(), 60.0)
    source = Source()
    assert [cache.get(ONE, source) for _ in range(2)] == [Success(1)] * 2
    assert cache.get(TWO, lambda: Success(None)) == cache.get(TWO, source) == Success(None)
    assert (cache.peek(ONE), cache.peek(TWO), TWO in cache) == (1, None, True)
    assert cache.take(ONE) == 1
    assert cache.take(ONE) is None
    assert cache.get(ONE, source) == Success(2)


def test_a_failure_is_not_remembered() -> None:
    cache: Cache[Key, int | None] = Cache(Clock(), 60.0)
    assert cache.get(ONE, lambda: Failure(NoInstances())) == Failure(NoInstances())
    assert ONE not in cache
    assert cache.get(ONE, Source()) == Success(1)


@pytest.mark.holds("B285")
def test_what_cannot_be_read_is_remembered_for_a_while_or_until_it_is_forgotten() -> None:
    clock, flaw = Clock(), Failure(UnreadableBody(url="https://x.example/a", reason="odd", start="{"))
    cache: Cache[Key, int | None] = Cache(clock, 60.0)
    source = Source()
    assert cache.get(ONE, lambda: flaw) == cache.get(ONE, source) == flaw
    assert (cache.peek(ONE), ONE in cache) == (None, False)
    clock.sleep(60.0)
    assert cache.get(ONE, source) == flaw
    clock.sleep(0.1)
    assert cache.get(ONE, source) == Success(1)
    assert cache.get(TWO, lambda: flaw) == flaw
    cache.forget_all(lambda key: key == TWO)
    assert cache.get(TWO, source) == Success(2)
    cache.forget(ONE)
    assert cache.get(ONE, lambda: flaw) == flaw
    cache.put(ONE, 7)
    assert cache.get(ONE, source) == Success(7)


@pytest.mark.holds("B306")
@pytest.mark.parametrize("every", [True, False])
def test_what_is_forgotten_while_it_is_fetched_is_given_and_not_remembered(every: bool) -> None:
    cache: Cache[Key, int | None] = Cache(Clock(), 60.0)

    def forget() -> None:
        if every:
            cache.forget_all(lambda key: key[0] == "a")
        else:
            cache.forget(ONE)

    source = Source(forget)
    assert cache.get(ONE, source) == Success(1)
    assert ONE not in cache
    source.meanwhile = lambda: None
    assert [cache.get(ONE, source) for _ in range(2)] == [Success(2)] * 2


@pytest.mark.holds("B306")
def test_forgetting_others_leaves_what_is_fetched() -> None:
    cache: Cache[Key, int | None] = Cache(Clock(), 60.0)

    def forget_others() -> None:
        cache.forget(TWO)
        cache.forget_all(lambda key: key[0] == "b")

    assert cache.get(ONE, Source(forget_others)) == Success(1)
    assert cache.peek(ONE) == 1


def test_what_came_another_way_is_remembered_like_what_was_fetched() -> None:
    cache: Cache[Key, int | None] = Cache(Clock(), 60.0)
    cache.put(ONE, 7)
    assert cache.get(ONE, Source()) == Success(7)
    cache.forget_all(lambda key: key == ONE)
    assert cache.get(ONE, Source()) == Success(1)
