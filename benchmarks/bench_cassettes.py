"""Cassettes: a journey of 50 requests replayed and over loopback HTTP, and how fast a cassette of 5 MB opens.

    python benchmarks/bench_cassettes.py

The cloud behind HTTP runs in a process of its own and answers at once. The journeys take turns, and are measured by
wall-clock time; opening by CPU time. vcrpy's own player plays the same cassette to urllib3, which it patches for that.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import urllib3
import vcr

from cloud import running_cloud, variables
from measure import median_cpu_seconds, milliseconds, print_table, ratio, read_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.cassettes.files import write_cassette
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.testing import API_KEY, RecordingTransport, replay
from qiskit_runtime_service.transport.base import Transport
from qiskit_runtime_service.transport.http import HttpTransport

ROUNDS = 40
REQUESTS = 50
LARGE = 5_000_000
SUFFIXES = (".yaml", ".json")


def main() -> None:
    """Measure and print."""
    read_existing(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        print_table(f"A journey of {REQUESTS} requests", measure_journeys(Path(folder)))
        print_table("Opening a cassette of 5 MB, CPU", measure_opening(Path(folder)))


def measure_journeys(folder: Path) -> list[tuple[str, ...]]:
    """Return the time of the journey over HTTP, from a cassette, and of its requests alone by vcrpy."""
    with running_cloud(1, 0) as base:
        os.environ.update(variables(base))
        carrier = HttpTransport()
        crn = connect(carrier, None, base).active_instance()
        path = folder / "journey.yaml"
        recorder = RecordingTransport(carrier, path)
        travel(connect(recorder, crn, base))
        recorder.save()
        player = replay(path)
        assert len(player.exchanges) == REQUESTS
        ways: list[Callable[[], object]] = [
            lambda: travel(connect(carrier, crn, base)),
            lambda: travel(connect(replay_of(player.exchanges), crn)),
            lambda: travel(connect(replay(path), crn)),
            lambda: play_by_vcrpy(path),
        ]
        over_http, from_cassette, with_opening, by_vcrpy = take_turns(ways)
        carrier.close()
    return [
        ("over loopback HTTP", milliseconds(over_http), ""),
        ("from a cassette", milliseconds(from_cassette), ratio(over_http, from_cassette)),
        ("from a cassette, opening it included", milliseconds(with_opening), ratio(over_http, with_opening)),
        ("the requests alone, by vcrpy's own player", milliseconds(by_vcrpy), ratio(over_http, by_vcrpy)),
    ]


def connect(carrier: Transport, crn: str | None, base: str | None = None) -> QiskitRuntimeService:
    """Open a service over a carrier; a cassette needs no `base`, for on it no host counts."""
    resolver = None if base is None else lambda *_: f"{base}/api/v1"
    return QiskitRuntimeService(token=API_KEY, instance=crn, transport=carrier, url_resolver=resolver)


def travel(service: QiskitRuntimeService) -> None:
    """Ask 49 times; the first needs a token too."""
    for _ in range(REQUESTS // 2 - 1):
        service.usage()
        service.jobs(limit=5)
    service.usage()


def replay_of(exchanges: tuple[Recorded, ...]) -> Transport:
    """Return a player of a cassette that is open already."""
    from qiskit_runtime_service.cassettes.play import Player

    return Player(Path("open.yaml"), exchanges)


def play_by_vcrpy(path: Path) -> None:
    """Ask what is on a cassette, of vcrpy."""
    with vcr.use_cassette(str(path), record_mode="none") as cassette:
        for request in cassette.requests:
            urllib3.request(request.method, request.uri, body=request.body, retries=False)


def take_turns(ways: list[Callable[[], object]]) -> list[float]:
    """Return the median seconds of each way, so that a busy moment hurts all alike."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for way in ways:
            started = time.perf_counter()
            way()
            times.append(time.perf_counter() - started)
        rounds.append(times)
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def measure_opening(folder: Path) -> list[tuple[str, ...]]:
    """Return the CPU time of opening large cassettes, of few large bodies and of many small ones."""
    rows = []
    for title, size in (("bodies of 50 kB", 50_000), ("bodies of 1 kB", 1_000)):
        for suffix in SUFFIXES:
            path = folder / f"large{suffix}"
            text = write_cassette([exchange(number, size) for number in range(LARGE // (size + 500))], path).unwrap()
            path.write_text(text)
            seconds = median_cpu_seconds(lambda path=path: replay(path), 3)  # type: ignore[misc]  # bound now
            rows.append((f"{title}, {suffix[1:].upper()}", milliseconds(seconds), f"{len(text) / 1e6:.1f} MB"))
    return rows


def exchange(number: int, size: int) -> Recorded:
    """Return one look at a job, with a body of so many bytes."""
    job = {"id": f"job-{number}", "state": {"status": "Running"}, "logs": ["a line of text"] * (size // 18)}
    return Recorded(
        request=Request(
            method="GET",
            url=f"https://quantum.cloud.ibm.com/api/v1/jobs/job-{number}?exclude_params=true",
            headers=(
                ("Service-CRN", "crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::"),
                ("Accept", "application/json"),
            ),
        ),
        response=Response(status=200, headers=(("Content-Type", "application/json"),), body=json.dumps(job).encode()),
        at=1_788_256_800.0 + number,
    )


if __name__ == "__main__":
    main()
