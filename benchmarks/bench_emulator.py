"""The emulated cloud with 100,000 jobs: pages, submissions, memory, and requests a second.

    python benchmarks/bench_emulator.py

CPU time of this process. The jobs have ended and their outcomes are told, but for the last hundred.
"""

import resource
import statistics
import sys
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from time import process_time

import msgspec

from measure import cpu_seconds, milliseconds, print_table, read_existing
from qiskit_runtime_service.emulator.building import add_job
from qiskit_runtime_service.emulator.job_index import book_of
from qiskit_runtime_service.emulator.saving import decode_world, encode_world
from qiskit_runtime_service.emulator.world import Finished, World, move_on, put_jobs
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, line_device, one_instance

JOBS = 100_000
PENDING = 100
REPEATS = 50
DEVICES = ("ibm_a", "ibm_b", "ibm_c")
DONE = Finished(result=b"{}")
SUBMISSION = {"program_id": "sampler", "backend": "ibm_a", "params": {"pubs": [], "version": 2}, "tags": ["new"]}
PAGES = {
    "a page of 20": "limit=20",
    "a page of 200": "limit=200",
    "the last page of 200": f"limit=200&offset={JOBS - 200}",
    "200 of one backend": "limit=200&backend=ibm_b",
    "200 with one tag": "limit=200&tags=week-7",
    "200 of a month": "limit=200&created_after=2026-09-10T00:00:00Z&created_before=2026-10-09T00:00:00Z",
    "those that are pending": "limit=200&pending=true",
    "200 by all filters": "limit=200&backend=ibm_b&program=sampler&tags=week-7&pending=false&created_after=2026-09-02",
}


def crowded() -> World:
    """Return a world with very many jobs, a minute apart."""
    world = one_instance(devices=[line_device(name, 5) for name in DEVICES], limit=10.0 * JOBS)
    crn = next(iter(world.instances))
    jobs = []
    for number in range(JOBS):
        alone = msgspec.structs.replace(world, jobs={})
        _, job = add_job(alone, crn, world.devices[DEVICES[number % 3]], tags=(f"week-{number % 50}",))
        params = b'{"pubs":[[%d]],"version":2}' % number
        jobs.append(msgspec.structs.replace(job, params=params, outcome=DONE if number < JOBS - PENDING else None))
        world = msgspec.structs.replace(move_on(world, 60.0), jobs_created=number + 1)
    late = [
        msgspec.structs.replace(pending, starts_at=world.now + 1e6, ends_at=world.now + 2e6)
        for pending in jobs[-PENDING:]
    ]
    return put_jobs(world, crn, book_of(jobs[:-PENDING] + late))


def median(function: Callable[[], object]) -> float:
    """Return the median CPU seconds of a call."""
    function()
    return statistics.median(cpu_seconds(function) for _ in range(REPEATS))


def resident_megabytes() -> float:
    """Return the most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def through_the_door(cloud: EmulatedTransport, headers: tuple[tuple[str, str], ...]) -> float:
    """Return how many requests one connection gets answered in a second."""
    with door_to(cloud) as door, closing(HTTPConnection(*door.server_address[:2])) as connection:
        started = process_time()
        for _ in range(2000):
            connection.request("GET", "/api/v1/instances/usage", headers=dict(headers))
            connection.getresponse().read()
        return 2000 / (process_time() - started)


def main() -> None:
    """Measure and print."""
    read_existing(__doc__)
    before = resident_megabytes()
    cloud = EmulatedTransport(crowded())
    after = resident_megabytes()
    crn = next(iter(cloud.world.instances))
    headers = (("Authorization", f"apikey {API_KEY}"), ("Service-CRN", crn), ("IBM-API-Version", "2026-04-15"))

    def send(method: str, path: str, body: bytes = b"") -> int:
        url = f"https://quantum.cloud.ibm.com/api/v1{path}"
        return cloud.send(Request(method=method, url=url, headers=headers, body=body)).unwrap().status

    rows = []
    for name, query in PAGES.items():
        assert send("GET", f"/jobs?{query}") == 200
        seconds = median(lambda query=query: send("GET", f"/jobs?{query}"))  # type: ignore[misc]
        rows.append((name, milliseconds(seconds)))
    submission = msgspec.json.encode(SUBMISSION)
    rows.append(("a submission", milliseconds(median(lambda: send("POST", "/jobs", submission)))))
    rows.append(("the usage", milliseconds(median(lambda: send("GET", "/instances/usage")))))
    newest = cloud.world.jobs[crn]
    job = next(reversed(tuple(newest)))
    mix = [
        lambda: send("POST", "/jobs", submission),
        lambda: send("GET", f"/jobs/{job}?exclude_params=true"),
        lambda: send("GET", "/jobs?limit=20"),
        lambda: send("GET", "/backends"),
        lambda: send("GET", "/instances/usage"),
    ]
    started = process_time()
    for number in range(5000):
        mix[number % len(mix)]()
    rows.append(("requests a second, mixed", f"{5000 / (process_time() - started):.0f}"))
    rows.append(("requests a second, through the door, both ends", f"{through_the_door(cloud, headers):.0f}"))
    rows.append(("memory of the world, building included", f"{after - before:.0f} MB"))
    saved = encode_world(cloud.world)
    rows.append(("saved", f"{len(saved) / 2**20:.0f} MB"))
    rows.append(("saving and loading", milliseconds(cpu_seconds(lambda: decode_world(encode_world(cloud.world))))))
    print_table(f"An emulated cloud with {JOBS:,} jobs", rows)


if __name__ == "__main__":
    main()
