"""Several requests are done at once, in no more threads than are allowed."""

from collections.abc import Callable
from threading import Barrier, current_thread, main_thread

import pytest

from qiskit_runtime_service.client.parallel import gather

MOST = 32
"""Threads at once."""


@pytest.mark.holds("B227")
def test_many_tasks_share_the_threads_that_are_allowed() -> None:
    # A task goes on when as many as may run are under way: with fewer threads it would wait for ever.
    together = Barrier(MOST, timeout=60)

    def meet(number: int) -> tuple[int, str]:
        together.wait()
        return number, current_thread().name

    def task(number: int) -> Callable[[], tuple[int, str]]:
        return lambda: meet(number)

    met = gather([task(number) for number in range(20 * MOST)])
    assert [number for number, _ in met] == list(range(20 * MOST))
    assert {name for _, name in met} == {f"qiskit-runtime-service-{number}" for number in range(MOST)}


def test_one_task_needs_no_thread() -> None:
    assert gather([current_thread]) == [main_thread()]
    assert gather([]) == []
