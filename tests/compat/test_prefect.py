"""prefect-qiskit, a client for flows, asynchronous, with HTTP of its own, unmodified, runs jobs on an emulated cloud.

Its blocks are asked, which carry all of its requests.
"""

import time
from pathlib import Path
from typing import Any

import msgspec
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

SCRIPT = Path(__file__).parent / "prefect_jobs.py"

# Prefect alone takes a while to load.
pytestmark = [pytest.mark.asks("prefect"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], EmulatedTransport]:
    """Return what prefect-qiskit made of everything, and the cloud that it asked."""
    fast = line_device("ibm_fast", 5, run_seconds=0)
    paused = msgspec.structs.replace(line_device("ibm_paused", 5), state="paused")
    # The client compares the dates of tokens with its own clock.
    cloud = emulated_cloud(build_world(instance("flows", plan="premium", devices=[fast, paused]), now=time.time()))
    (crn,) = cloud.world.instances
    with door_to(cloud) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn, "folder": str(tmp_path_factory.mktemp("prefect"))}
        return ask_client("prefect", SCRIPT, question), cloud


def test_prefect_finds_and_describes_backends(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    answers, _ = asked
    assert (answers["names"], answers["there"], answers["qubits"]) == (["ibm_fast"], [True, False], 5)
    assert answers["errors"] == {"no such backend": "ValidationError", "no such key": "ApiException"}


@pytest.mark.holds("B84", "B186")
def test_prefect_runs_samplers_together_with_shots_beside_their_pubs(
    asked: tuple[dict[str, Any], EmulatedTransport],
) -> None:
    answers, cloud = asked
    for found, shots, bits in zip(answers["sampled"], (30, 20), ("00", "11"), strict=True):
        assert sum(found["counts"].values()) == shots
        assert found["counts"][bits] > 0.8 * shots
        assert found["span"] == ["duration", "timestamp_completed", "timestamp_start"]
        assert found["metadata"] == {"version": 2}
        # It asks in the layout of 2025-01-01.
        assert (found["seconds"], found["waited"], found["ran"]) == (0, 0, 0)
    sent = [msgspec.json.decode(request.body) for request in cloud.requests("/jobs", "POST")]
    assert sorted(body["params"]["shots"] for body in sent if "shots" in body["params"]) == [20, 30]
    assert {tuple(body.get("tags", ())) for body in sent} == {(), ("flow",)}


@pytest.mark.holds("B164")
def test_prefect_runs_an_estimator(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    estimated = asked[0]["estimated"]
    assert estimated["values"] == pytest.approx([2, 0], abs=0.3)
    assert estimated["shots"] == 400


@pytest.mark.holds("B192", "B430")
def test_prefect_is_told_why_a_job_fails(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    answers, _ = asked
    failed, misspelt = answers["failed"], answers["misspelt"]
    assert (failed["code"], failed["again"]) == ("7000", True)
    assert "instruction 'cx' on qubits 0, 4 is not supported by the device" in failed["words"]
    assert misspelt["code"] == "1002"
    assert "params['shotz'] is 5" in misspelt["words"]


def test_prefect_asks_for_what_the_cloud_answers(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    assert answered(asked[1]) == {
        200: [
            "GET /api/v1/backends",
            "GET /api/v1/backends/ibm_fast/configuration",
            "GET /api/v1/backends/ibm_fast/properties",
            "GET /api/v1/backends/ibm_fast/status",
            "GET /api/v1/backends/ibm_paused/status",
            "GET /api/v1/jobs/*",
            "GET /api/v1/jobs/*/metrics",
            "GET /api/v1/jobs/*/results",
            # The URL that it is given for tokens ends in a slash, whatever its user wrote.
            "POST //identity/token",
            "POST /api/v1/jobs",
        ],
        400: ["POST //identity/token"],
    }
