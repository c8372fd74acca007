"""Doing several independent requests at once, in bounded threads that do not outlive the call."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

MAX_PARALLEL = 32


def gather(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run all tasks at once and return their values in order. A single task needs no thread.

    Who presses Ctrl-C does not wait for the requests that are under way: the threads are left
    behind, begin nothing more, and hold no process up that ends.

    Source: behaviour B227.
    """
    if len(tasks) < 2:
        return [task() for task in tasks]
    from concurrent.futures import Future

    futures: list[Future[T]] = [Future() for _ in tasks]
    todo: SimpleQueue[tuple[Future[T], Callable[[], T]]] = SimpleQueue()
    for pair in zip(futures, tasks, strict=True):
        todo.put(pair)
    threads = [
        Thread(target=_work, args=(todo,), name=f"qiskit-runtime-service-{number}", daemon=True)
        for number in range(min(len(tasks), MAX_PARALLEL))
    ]
    try:
        for thread in threads:
            thread.start()
        values = [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()
    for thread in threads:
        thread.join()
    return values


def _work(todo: "SimpleQueue[tuple[Future[T], Callable[[], T]]]") -> None:
    """Run tasks until there are none left."""
    while True:
        try:
            future, task = todo.get_nowait()
        except Empty:
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001  # raised again where the value is waited for
            future.set_exception(error)
