"""Remembering what was fetched, and fetching it once however many threads ask."""

from collections.abc import Callable
from typing import Generic, TypeVar

from returns.result import Result, Success

from ..records.problem import Problem
from ..transport.process import ProcessLock

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key. Threads that want one key wait for the first; a failure is not remembered. Safe under forks."""

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._locks: dict[K, ProcessLock] = {}
        self._guard = ProcessLock()

    def get(self, key: K, fetch: Callable[[], Result[V, Problem]]) -> Result[V, Problem]:
        """Return the value of `key`, fetched now if it is not there."""
        if key in self._values:
            return Success(self._values[key])
        with self._guard:
            lock = self._locks.setdefault(key, ProcessLock())
        with lock:
            if key in self._values:
                return Success(self._values[key])
            fetched = fetch()
            match fetched:
                case Success(value):
                    self._values[key] = value
            return fetched

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
        for key in tuple(self._values):
            if matches(key):
                self.forget(key)

    def forget(self, key: K) -> None:
        """Fetch `key` again when it is next asked for."""
        self._values.pop(key, None)
