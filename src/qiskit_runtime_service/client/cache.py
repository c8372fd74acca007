"""Remembering what was fetched, and fetching it once however many threads ask."""

from collections.abc import Callable
from typing import Generic, TypeVar

from returns.result import Result, Success

from ..records.problem import Problem
from ..transport.process import ProcessLock

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key. Threads that want one key wait for the first; a failure is not remembered. Safe under forks.

    A value that is forgotten while it is fetched is given to who asked for it, and not remembered.
    """

    def __init__(self) -> None:
        self._values: dict[K, Success[V]] = {}
        self._locks: dict[K, ProcessLock] = {}
        self._wanted: set[K] = set()
        """What is fetched now and is to be remembered."""
        self._guard = ProcessLock()

    def get(self, key: K, fetch: Callable[[], Result[V, Problem]]) -> Result[V, Problem]:
        """Return the value of `key`, fetched now if it is not there."""
        # Looked up once: between two looks another thread may forget it.
        if (held := self._values.get(key)) is not None:
            return held
        with self._guard:
            lock = self._locks.setdefault(key, ProcessLock())
        with lock:
            if (held := self._values.get(key)) is not None:
                return held
            with self._guard:
                self._wanted.add(key)
            fetched = fetch()
            with self._guard:
                match fetched:
                    case Success() if key in self._wanted:
                        self._values[key] = fetched
                self._wanted.discard(key)
            return fetched

    def peek(self, key: K) -> V | None:
        """Return the value of `key` if it is there; nothing is fetched."""
        held = self._values.get(key)
        return None if held is None else held.unwrap()

    def put(self, key: K, value: V) -> None:
        """Remember a value that came another way."""
        with self._guard:
            self._values[key] = Success(value)

    def take(self, key: K) -> V | None:
        """Return the value of `key` if it is there, and forget it."""
        held = self._values.pop(key, None)
        return None if held is None else held.unwrap()

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def forget_all(self, matches: Callable[[K], bool]) -> None:
        """Fetch every key that matches again when it is next asked for."""
        with self._guard:
            for key in filter(matches, {*self._values, *self._wanted}):
                self._forget(key)

    def forget(self, key: K) -> None:
        """Fetch `key` again when it is next asked for."""
        with self._guard:
            self._forget(key)

    def _forget(self, key: K) -> None:
        self._values.pop(key, None)
        self._wanted.discard(key)
