"""Promise 11, waiting: the end is noticed in time, with few looks, by a wait for one job and by one for many."""

import random

import pytest

from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2, wait_all
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance

from .sizes import Tally, size

SHORTEST, LONGEST = 0.5, 60.0


def submit(queue_seconds: float, count: int = 1) -> tuple[list[RuntimeJobV2], EmulatedTransport]:
    """Submit jobs that end after so long."""
    cloud = EmulatedTransport(one_instance(queue_seconds=queue_seconds, run_seconds=0.0))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    order = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')
    backend = service.backend("ibm_emu5")
    return [service.submit(order, backend) for _ in range(count)], cloud


@pytest.mark.takes_long
@pytest.mark.parametrize("count", [1, 10])
def test_the_end_is_noticed_within_half_a_second_or_a_tenth_of_the_wait(count: int, tried: Tally) -> None:
    dice = random.Random(count)  # noqa: S311  # nothing is secret here
    tried(size(300))
    for _ in range(size(300)):
        ends = 10 ** dice.uniform(-1.0, 4.8)
        jobs, cloud = submit(ends, count)
        began = cloud.now()
        wait_all(jobs)
        late = cloud.now() - began - ends
        assert -1e-3 <= late <= min(max(SHORTEST, ends / 10), LONGEST) + 1e-3


@pytest.mark.takes_long
@pytest.mark.parametrize("count", [1, 100])
def test_the_first_hour_takes_at_most_120_looks(count: int) -> None:
    jobs, cloud = submit(10_000.0, count)
    since, began = len(cloud.ledger), cloud.now()
    wait_all(jobs)
    looks = [
        exchange
        for exchange in cloud.ledger[since:]
        if "/jobs" in exchange.request.url and exchange.at - began <= 3600.0
    ]
    assert 0 < len(looks) <= 120
