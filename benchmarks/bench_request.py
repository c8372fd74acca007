"""The overhead of one request: the whole client above its HTTP library alone. Ours, and IBM's client.

    python benchmarks/bench_request.py [--existing PYTHON]

Client and library ask the same cloud, in a process of its own, for the same usage, taking turns. CPU time of the
asking process, since the wall clock of a shared machine is off by a factor of two.
"""

import os

import urllib3

from cloud import running_cloud, variables
from measure import milliseconds, print_table, race, ratio, read_existing, run_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY

REPEATS = 2000

EXISTING = """
import json, logging, statistics, sys, time
import requests
from qiskit_ibm_runtime import QiskitRuntimeService
logging.disable(logging.CRITICAL)
base, key, crn, repeats = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
service = QiskitRuntimeService(token=key, instance=crn, url_resolver=lambda *_: base + "/api/v1")
form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": key}
token = requests.post(base + "/identity/token", data=form).json()["access_token"]
headers = {"Authorization": "Bearer " + token, "Service-CRN": crn, "IBM-API-Version": "2026-04-15"}
session = requests.Session()
def cpu(function):
    started = time.process_time()
    function()
    return time.process_time() - started
def alone():
    return session.get(base + "/api/v1/instances/usage", headers=headers).json()
service.usage(), alone()
pairs = [(cpu(service.usage), cpu(alone)) for _ in range(repeats)]
print(json.dumps([statistics.median(times) for times in zip(*pairs)]))
"""


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    with running_cloud(1, 0) as base:
        os.environ.update(variables(base))
        with QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1") as service:
            pool = urllib3.PoolManager()
            form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": API_KEY}
            token = pool.request("POST", f"{base}/identity/token", fields=form, encode_multipart=False).json()
            crn = service.active_instance()
            headers = {
                "Authorization": f"Bearer {token['access_token']}",
                "Service-CRN": crn,
                "IBM-API-Version": "2026-04-15",
            }
            url = f"{base}/api/v1/instances/usage"
            assert pool.request("GET", url, headers=headers).json()["usage_consumed_seconds"] == 0
            ours, alone = race([service.usage, lambda: pool.request("GET", url, headers=headers).json()], REPEATS)
            pool.clear()
        rows = [
            ("", "here", "existing client", "ratio"),
            ("service.usage()", milliseconds(ours), "", ""),
            ("its HTTP library alone", milliseconds(alone), "", ""),
            ("above it", milliseconds(ours - alone), "", ""),
        ]
        if existing:
            theirs = run_existing(existing, EXISTING, base, API_KEY, crn, str(REPEATS), **variables(base))
            pairs = ((ours, theirs[0]), (alone, theirs[1]), (ours - alone, theirs[0] - theirs[1]))
            rows[1:] = [
                (row[0], milliseconds(here), milliseconds(there), ratio(there, here))
                for row, (here, there) in zip(rows[1:], pairs, strict=True)
            ]
    print_table("One request", rows)


if __name__ == "__main__":
    main()
