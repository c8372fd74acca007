"""Listing all jobs over HTTP on loopback, and how often a job is looked at until its end. Ours, and IBM's client.

    python benchmarks/bench_jobs.py [--existing PYTHON]

The cloud runs in a process of its own and takes 20 ms for each answer; a tenth of its jobs ran on backends that are
gone. Wall-clock time, since waiting for answers is what this is about; the constructor is not counted.
"""

import os
import statistics
import time

from cloud import running_cloud, variables
from measure import milliseconds, print_table, ratio, read_existing, run_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.core.jobs import Finished, PollAgain, decide_poll
from qiskit_runtime_service.records.job import Job, JobState
from qiskit_runtime_service.testing import API_KEY

SIZES = (1_000, 10_000)
DELAY = 20
REPEATS = 3

EXISTING = """
import json, logging, statistics, sys, time
from qiskit_ibm_runtime import QiskitRuntimeService
logging.disable(logging.CRITICAL)
base, key, crn = sys.argv[1:]
service = QiskitRuntimeService(token=key, instance=crn, url_resolver=lambda *_: base + "/api/v1")
started = time.perf_counter()
jobs = service.jobs(limit=None)
print(json.dumps([time.perf_counter() - started, len({job.job_id() for job in jobs})]))
"""


def list_all(service: QiskitRuntimeService, count: int) -> float:
    """Return the seconds of listing all jobs."""
    started = time.perf_counter()
    jobs = service.jobs(limit=None)
    seconds = time.perf_counter() - started
    assert len({job.job_id() for job in jobs}) == count
    return seconds


def bench_listing(existing: str | None) -> None:
    """Print how long it takes to list all jobs."""
    rows = [("jobs", "jobs(limit=None)", "requests", "existing client", "ratio")]
    for count in SIZES:
        with running_cloud(1, DELAY, jobs=count) as base:
            os.environ.update(variables(base))
            with QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1") as service:
                service.usage()
                ours = statistics.median(list_all(service, count) for _ in range(REPEATS))
                row = (str(count), milliseconds(ours), str(-(-count // 200)))
                if existing:
                    arguments = (base, API_KEY, service.active_instance())
                    theirs = run_existing(existing, EXISTING, *arguments, **variables(base))
                    assert theirs[1] == count
                    rows.append((*row, milliseconds(theirs[0]), ratio(theirs[0], ours)))
                else:
                    rows.append((*row, "", ""))
    print_table(f"All jobs of an instance, {DELAY} ms a request", rows)


def looks_until(end: float, session: str | None = None) -> tuple[int, float]:
    """Return how often a job that ends at `end` is looked at, and how much later that is noticed."""
    running = Job(id="j", instance="i", state=JobState(status="Running"), session=session)
    finished = Job(id="j", instance="i", state=JobState(status="Completed"), session=session)
    waited, looks = 0.0, 1
    while not isinstance(step := decide_poll(finished if waited >= end else running, waited=waited), Finished):
        assert isinstance(step, PollAgain)
        waited += step.seconds
        looks += 1
    return looks, waited - end


def bench_waiting() -> None:
    """Print how often a job is looked at. The existing client looks twice a second, in sessions ten times."""
    rows = [
        ("the job ends after", "looks", "noticed after", "in a session", "noticed after", "existing", "in a session")
    ]
    for end in (1.0, 10.0, 60.0, 600.0, 3600.0, 86_400.0):
        looks, late = looks_until(end)
        more, sooner = looks_until(end, "s")
        theirs = (str(int(end / 0.5) + 1), str(int(end / 0.1) + 1))
        rows.append((f"{end:g} s", str(looks), f"{late:.2f} s", str(more), f"{sooner:.2f} s", *theirs))
    print_table("Looks at a job until its end", rows)


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    bench_listing(existing)
    bench_waiting()


if __name__ == "__main__":
    main()
