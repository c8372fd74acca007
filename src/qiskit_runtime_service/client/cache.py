"""Remembering what was fetched, and for a while what could not be read; fetching once however many threads ask."""

from collections.abc import Callable
from typing import Generic, TypeVar

from returns.result import Failure, Result, Success

from ..records.problem import Problem, UnreadableBody
from ..transport.base import Clock
from ..transport.process import ProcessLock

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key. Threads that want one key wait for the first. Safe under forks.

    An answer that cannot be read is remembered too, but no other failure.

    Args:
        clock: What tells the time.
        flaw_seconds: How long an answer that cannot be read stands for the next.

    Source: behaviour B285.
    """

    def __init__(self, clock: Clock, flaw_seconds: float) -> None:
        self._clock = clock
        self._flaw_seconds = flaw_seconds
        self._values: dict[K, V] = {}
        self._flaws: dict[K, tuple[float, UnreadableBody]] = {}
        """When it was fetched, and why it cannot be read."""
        self._locks: dict[K, ProcessLock] = {}
        self._guard = ProcessLock()

    def get(self, key: K, fetch: Callable[[], Result[V, Problem]]) -> Result[V, Problem]:
        """Return the value of `key`, or why it cannot be read, fetched now if neither is there."""
        known = self._known(key)
        if known is not None:
            return known
        with self._guard:
            lock = self._locks.setdefault(key, ProcessLock())
        with lock:
            known = self._known(key)
            if known is not None:
                return known
            fetched = fetch()
            match fetched:
                case Success(value):
                    self._values[key] = value
                case Failure(UnreadableBody() as flaw):
                    self._flaws[key] = (self._clock.now(), flaw)
            return fetched

    def _known(self, key: K) -> Result[V, Problem] | None:
        if key in self._values:
            return Success(self._values[key])
        seen, flaw = self._flaws.get(key, (0.0, None))
        return None if flaw is None or self._clock.now() - seen > self._flaw_seconds else Failure(flaw)

    def peek(self, key: K) -> V | None:
        """Return the value of `key` if it is there; nothing is fetched."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Remember a value that came another way."""
        self._values[key] = value

    def take(self, key: K) -> V | None:
        """Return the value of `key` if it is there, and forget it."""
        return self._values.pop(key, None)

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def forget_all(self, matches: Callable[[K], bool]) -> None:
        """Fetch every key that matches again when it is next asked for."""
        for key in (*self._values, *self._flaws):
            if matches(key):
                self.forget(key)

    def forget(self, key: K) -> None:
        """Fetch `key` again when it is next asked for."""
        self._values.pop(key, None)
        self._flaws.pop(key, None)
