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

    An answer that cannot be read is remembered too, but no other failure. What is forgotten while it is fetched is
    given to who asked for it, and not remembered.

    Args:
        clock: What tells the time.
        flaw_seconds: How long an answer that cannot be read stands for the next.

    Source: behaviour B285, B306.
    """

    def __init__(self, clock: Clock, flaw_seconds: float) -> None:
        self._clock = clock
        self._flaw_seconds = flaw_seconds
        self._values: dict[K, Success[V]] = {}
        self._flaws: dict[K, tuple[float, Failure[Problem]]] = {}
        """When it was fetched, and why it cannot be read."""
        self._locks: dict[K, ProcessLock] = {}
        self._wanted: set[K] = set()
        """What is fetched now and is to be remembered."""
        self._guard = ProcessLock()

    def get(self, key: K, fetch: Callable[[], Result[V, Problem]]) -> Result[V, Problem]:
        """Return the value of `key`, or why it cannot be read, fetched now if neither is there."""
        if (held := self._held(key)) is not None:
            return held
        with self._guard:
            lock = self._locks.setdefault(key, ProcessLock())
        with lock:
            if (held := self._held(key)) is not None:
                return held
            with self._guard:
                self._wanted.add(key)
            fetched = fetch()
            with self._guard:
                if key in self._wanted:
                    self._keep(key, fetched)
                self._wanted.discard(key)
            return fetched

    def _held(self, key: K) -> Result[V, Problem] | None:
        # Each is looked up once: between two looks another thread may forget it.
        if (value := self._values.get(key)) is not None:
            return value
        seen, flaw = self._flaws.get(key, (0.0, None))
        return flaw if flaw is not None and self._clock.now() - seen <= self._flaw_seconds else None

    def _keep(self, key: K, fetched: Result[V, Problem]) -> None:
        match fetched:
            case Success():
                self._values[key] = fetched
                self._flaws.pop(key, None)
            case Failure(UnreadableBody()):
                self._flaws[key] = (self._clock.now(), fetched)

    def peek(self, key: K) -> V | None:
        """Return the value of `key` if it is there; nothing is fetched."""
        held = self._values.get(key)
        return None if held is None else held.unwrap()

    def put(self, key: K, value: V) -> None:
        """Remember a value that came another way."""
        with self._guard:
            self._keep(key, Success(value))

    def take(self, key: K) -> V | None:
        """Return the value of `key` if it is there, and forget it."""
        held = self._values.pop(key, None)
        return None if held is None else held.unwrap()

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def renew(self, key: K, value: V, matches: Callable[[K], bool]) -> None:
        """Remember a value in the place of all keys that match."""
        with self._guard:
            self._forget_all(matches)
            self._keep(key, Success(value))

    def forget_all(self, matches: Callable[[K], bool]) -> None:
        """Fetch every key that matches again when it is next asked for."""
        with self._guard:
            self._forget_all(matches)

    def forget(self, key: K) -> None:
        """Fetch `key` again when it is next asked for."""
        with self._guard:
            self._forget(key)

    def _forget_all(self, matches: Callable[[K], bool]) -> None:
        for key in filter(matches, {*self._values, *self._flaws, *self._wanted}):
            self._forget(key)

    def _forget(self, key: K) -> None:
        self._values.pop(key, None)
        self._flaws.pop(key, None)
        self._wanted.discard(key)
