"""The real clock tells the time of the day."""

import time

from qiskit_runtime_service.client.clock import SystemClock


def test_the_real_clock_tells_the_seconds_since_the_epoch() -> None:
    before = time.time()
    clock = SystemClock()
    told = [clock.now() for _ in range(3)]
    # The clock of the machine may be set meanwhile, but by less than what a wrong sum would make of it.
    assert before - 60 < told[0] < time.time() + 60
    assert told == sorted(told)
