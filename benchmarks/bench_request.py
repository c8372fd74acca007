"""The overhead of one request above urllib3: the whole of our client, and urllib3 alone.

    python benchmarks/bench_request.py

Both ask the same cloud, in a process of its own, for the same listing, taking turns. Wall-clock time of this process.
"""

import os
import statistics
import time
from collections.abc import Callable

import urllib3

from cloud import running_cloud, variables
from measure import milliseconds, print_table, read_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY

REPEATS = 2000


def seconds(function: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    read_existing(__doc__)
    with running_cloud(1, 0) as base:
        os.environ.update(variables(base))
        with QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1") as service:
            pool = urllib3.PoolManager()
            form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": API_KEY}
            token = pool.request("POST", f"{base}/identity/token", fields=form, encode_multipart=False).json()
            headers = {
                "Authorization": f"Bearer {token['access_token']}",
                "Service-CRN": service.active_instance(),
                "IBM-API-Version": "2026-04-15",
            }
            url = f"{base}/api/v1/instances/usage"
            assert pool.request("GET", url, headers=headers).json()["usage_consumed_seconds"] == 0
            pairs = [
                (seconds(service.usage), seconds(lambda: pool.request("GET", url, headers=headers).json()))
                for _ in range(REPEATS)
            ]
            pool.clear()
    ours, theirs = (statistics.median(each) for each in zip(*pairs, strict=True))
    rows = [
        ("service.usage()", milliseconds(ours)),
        ("urllib3 alone", milliseconds(theirs)),
        ("above urllib3", milliseconds(ours - theirs)),
    ]
    print_table("One request", rows)


if __name__ == "__main__":
    main()
