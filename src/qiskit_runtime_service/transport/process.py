"""What each process has for itself, though it was made before a fork."""

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """A value that is made anew in the child of a fork.

    Two processes on one connection would read each other's responses, and a lock that another thread
    held at the moment of the fork would never open in the child.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values = {os.getpid(): make()}

    def get(self) -> T:
        """Return the value of this process."""
        process = os.getpid()
        try:
            return self._values[process]
        except KeyError:
            value = self._values.setdefault(process, self._make())
            for other in self._values.keys() - {process}:
                self._values.pop(other, None)
            return value


class ProcessLock:
    """A lock among the threads of one process. In the child of a fork it is open, whoever held it in the parent."""

    def __init__(self, make: "Callable[[], threading.Lock | threading.RLock]" = threading.Lock) -> None:
        self._locks = PerProcess(make)

    def __enter__(self) -> None:
        self._locks.get().acquire()

    def __exit__(self, *_: object) -> None:
        self._locks.get().release()
