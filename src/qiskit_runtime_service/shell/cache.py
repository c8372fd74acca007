"""Remembering what was fetched, and fetching it once however many threads ask."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from returns.result import Result, Success

from ..records.problem import Problem

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key. Threads that want one key wait for the first; a failure is not remembered."""

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._locks: dict[K, Lock] = {}
        self._guard = Lock()

    def get(self, key: K, fetch: Callable[[], Result[V, Problem]]) -> Result[V, Problem]:
        """Return the value of `key`, fetched now if it is not there."""
        if key in self._values:
            return Success(self._values[key])
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key in self._values:
                return Success(self._values[key])
            fetched = fetch()
            if isinstance(fetched, Success):
                self._values[key] = fetched.unwrap()
            return fetched

    def forget(self, key: K) -> None:
        """Fetch `key` again when it is next asked for."""
        self._values.pop(key, None)
