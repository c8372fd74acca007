"""QRMI, the client of resource managers, compiled from Rust and unmodified, uses the backends of an emulated cloud.

Its wheel is asked as users ask it: by its Python interface, by its primitives, and by its command with variables alone.
"""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    SystemClock,
    build_world,
    door_to,
    emulated_cloud,
    instance,
    line_device,
)

from ..support.foreign import answered, ask_client

SCRIPT = Path(__file__).parent / "qrmi_tasks.py"

# Its primitives load Qiskit and IBM's client.
pytestmark = [pytest.mark.asks("qrmi"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], EmulatedTransport]:
    """Return what QRMI made of everything, and the cloud that it asked."""
    fast = line_device("ibm_fast", 5, run_seconds=0)
    slow = line_device("ibm_slow", 7, queue_length=9, queue_seconds=10**6)
    # QRMI compares the dates of tokens with its own clock, and a job that waits waits on while it asks again.
    world = build_world(instance("hpc", plan="premium", devices=[fast, slow]), now=time.time())
    cloud = emulated_cloud(world, clock=SystemClock())
    (crn,) = cloud.world.instances
    with door_to(cloud) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn, "folder": str(tmp_path_factory.mktemp("qrmi"))}
        return ask_client("qrmi", SCRIPT, question), cloud


@pytest.mark.holds("B244", "B245")
def test_qrmi_holds_a_backend_and_runs_both_primitives_there(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    answers, cloud = asked
    sent = [msgspec.json.decode(request.body) for request in cloud.requests("/jobs", "POST")]
    for mode in ("batch", "dedicated"):
        session = answers[mode]["session"]
        assert answers[mode]["before"] == {"backend_name": "ibm_fast", "session_id": session}
        assert answers[mode]["after"] == {"backend_name": "ibm_fast"}
        assert [job["program_id"] for job in sent if job.get("session_id") == session] == ["sampler", "estimator"]

        sampled, estimated = answers[mode]["sampled"], answers[mode]["estimated"]
        assert [run["status"] for run in (sampled, estimated)] == ["Completed"] * 2
        assert [run["after"] for run in (sampled, estimated)] == ["Completed"] * 2
        assert "PUB 0: 2 active qubits" in sampled["logs"]
        first, second = (pub["data"] for pub in sampled["result"]["results"])
        assert first == {"c": {"samples": ["0x1"] * 5, "num_bits": 2}}
        assert second == {"d": {"samples": [["0x1"] * 4, ["0x0"] * 4], "num_bits": 1}}
        one, two = (pub["data"] for pub in estimated["result"]["results"])
        assert one["evs"] == pytest.approx(-1, abs=0.05)
        assert two["evs"] == pytest.approx([1, -1], abs=0.15)


def test_qrmi_finds_and_describes_backends(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    assert asked[0]["describe"] == {
        "names": ["ibm_fast", "ibm_slow"],
        "seven qubits": ["ibm_slow"],
        "least busy": "ibm_fast",
        "status": {
            "status": "online",
            "status_reason": None,
            "healthy": None,
            "busy": False,
            "capacity": None,
            "pending_job_count": 0,
        },
        "type": "IBMQuantumComputeService",
        "qubits": 5,
        "calibrated": 5,
    }


def test_qrmi_stops_a_task_in_the_queue_and_is_told_of_one_that_fails(
    asked: tuple[dict[str, Any], EmulatedTransport],
) -> None:
    answers, _ = asked
    assert answers["stop_in_queue"] == {"before": "Queued", "result": "TaskNotReadyError", "after": "Cancelled"}
    assert answers["fail"] == {"status": "Failed", "result": "TaskNotReadyError"}


def test_the_command_of_qrmi_runs_a_task_by_variables_alone(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    assert asked[0]["run_by_command"] == {
        "accessible": ["ibm_fast", "ibm_slow"],
        "result": {
            "results": [
                {
                    "data": {"c": {"samples": ["0x1"] * 3, "num_bits": 2}},
                    "metadata": {"circuit_metadata": {}},
                }
            ],
            "metadata": {"version": 2},
        },
    }


@pytest.mark.holds("B192", "B245")
def test_the_primitives_of_qrmi_run_as_those_of_qiskit_do(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    found = asked[0]["run_primitives"]
    assert found["qubits"] == [5, 5]
    (shape, shots, counts), (no_shape, fewer, alone) = found["swept"], found["alone"]
    assert (shape, shots, no_shape, fewer) == ([2], 25, [], 7)
    assert [counts[0].get("00", 0) > 20, counts[1].get("11", 0) > 20, alone.get("11", 0) > 4] == [True] * 3
    (one, two), (three, four) = found["values"]
    assert [one, two, three, four] == pytest.approx([1, 1, 1, -1], abs=0.3)
    # Readout is mitigated by default: 32 randomizations of as few shots as make 100.
    assert (found["shots"], found["status"]) == (128, "DONE")
    assert (found["failed"], found["after"]) == ("TaskNotReadyError", "ERROR")
    assert "instruction 'cx' on qubits 0, 4 is not supported by the device" in found["logs"]


def test_qrmi_tells_apart_what_is_wrong_with_a_request(asked: tuple[dict[str, Any], EmulatedTransport]) -> None:
    answers, cloud = asked
    assert answers["be_wrong"] == {
        "no such key": "AuthenticationFailedError",
        "no such instance": "QrmiError",
        "no such backend": "ResourceNotFoundError",
        "no such backend's status": "ResourceNotFoundError",
        "no such task": "TaskNotFoundError",
    }
    assert answered(cloud) == {
        200: [
            "GET /api/v1/backends",
            "GET /api/v1/backends/ibm_fast/configuration",
            "GET /api/v1/backends/ibm_fast/properties",
            "GET /api/v1/backends/ibm_slow/configuration",
            "GET /api/v1/jobs",
            "GET /api/v1/jobs/*",
            "GET /api/v1/jobs/*/logs",
            "GET /api/v1/jobs/*/results",
            "POST /api/v1/jobs",
            "POST /api/v1/sessions",
            "POST /identity/token",
        ],
        204: ["PATCH /api/v1/sessions/*", "POST /api/v1/jobs/*/cancel"],
        400: ["POST /identity/token"],
        401: ["POST /api/v1/jobs"],
        403: ["POST /api/v1/jobs"],
        404: ["GET /api/v1/jobs/*", "POST /api/v1/jobs"],
    }
