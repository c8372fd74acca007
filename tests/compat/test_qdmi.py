"""IBM's QDMI device, a library in C++ on libcurl and unmodified, runs jobs on an emulated cloud."""

import time
from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    build_world,
    door_to,
    emulated_cloud,
    instance,
    line_device,
)

from ..support.foreign import answered, ask_client

SCRIPT = Path(__file__).parent / "qdmi_jobs.py"
PROGRAM = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[2] c;\nx $0;\nc[0] = measure $0;\nc[1] = measure $1;\n'

pytestmark = pytest.mark.asks("qdmi")


@pytest.fixture(scope="module")
def asked() -> tuple[dict[str, Any], EmulatedTransport]:
    """Return what the library made of everything, and the cloud that it asked."""
    fast = line_device("ibm_fast", 5, run_seconds=0)
    slow = line_device("ibm_slow", 7, queue_length=9, queue_seconds=10**6)
    # The library compares the dates of tokens with its own clock.
    cloud = emulated_cloud(build_world(instance("hpc", plan="open", devices=[fast, slow]), now=time.time()))
    (crn,) = cloud.world.instances
    with door_to(cloud) as door:
        return ask_client("qdmi", SCRIPT, {"base": door.base, "key": API_KEY, "crn": crn}), cloud


def test_qdmi_reads_a_device_with_its_calibration(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    assert asked[0]["describe"] == {
        "name": "ibm_fast",
        "version": "1.0.0",
        "status": "idle",
        "qubits": 5,
        "queue": 0,
        "pairs": [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2], [3, 4], [4, 3]],
        "T1 and T2 in ps": [[200_000_000, 150_000_000]] * 5,
        "operations": {
            "id": [1, 0, 32_000, 0.9998],
            "rz": [1, 1, 0, 1.0],
            "sx": [1, 0, 32_000, 0.9998],
            "x": [1, 0, 32_000, 0.9998],
            "cz": [2, 0, 68_000, 0.998],
            "measure": [1, 0, 1_560_000, 0.99],
            "reset": [1, 0, 1_700_000, None],
        },
    }


@pytest.mark.holds("B244")
def test_qdmi_runs_a_job_and_finds_it_again(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    results = {"shots": ["01"] * 6, "counts": {"01": 6}}
    assert asked[0]["run"] == {
        "status": "done",
        "results": results,
        "again": ["done", results, PROGRAM],
        "too late": "invalid argument: invalid argument",
    }


def test_qdmi_cancels_in_the_queue_and_is_told_of_a_job_that_fails(
    asked: tuple[dict[str, Any], EmulatedTransport],
) -> None:
    answers, _ = asked
    assert answers["cancel_in_queue"] == ["queued", "bad state: bad state", "canceled"]
    assert answers["fail"] == ["failed", "bad state: job failed"]


def test_qdmi_tells_apart_what_is_wrong_with_a_request(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    answers, cloud = asked
    assert answers["be_wrong"] == {
        "no such key": "permission denied: authentication",
        "no such instance": "permission denied: authentication",
        "no such backend": "not found: not found",
        "no such job": "not found: not found",
    }
    assert answered(cloud) == {
        200: [
            "GET /api/v1/backends/ibm_fast/configuration",
            "GET /api/v1/backends/ibm_fast/properties",
            "GET /api/v1/backends/ibm_fast/status",
            "GET /api/v1/backends/ibm_slow/configuration",
            "GET /api/v1/backends/ibm_slow/properties",
            "GET /api/v1/jobs/*",
            "GET /api/v1/jobs/*/results",
            "POST /api/v1/jobs",
            "POST /identity/token",
        ],
        204: ["POST /api/v1/jobs/*/cancel"],
        400: ["POST /identity/token"],
        403: ["GET /api/v1/backends/ibm_fast/configuration"],
        404: ["GET /api/v1/backends/ibm_none/configuration", "GET /api/v1/jobs/*"],
    }
