"""Each response has the keys and types of the sample body that the protocol gives for it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.emulator.world import Crashed, Finished, World, give_outcome, move_on
from qiskit_runtime_service.emulator.worlds import line_device, many_instances, one_instance
from qiskit_runtime_service.records.exchange import Request

from ..support.calls import act, ask, first_crn, open_session, read, respond, sampler_job, submit, token_request

SAMPLES = Path(__file__).parent / "samples"

# What the protocol documents and the sample does not show, with a value that it may have.
MORE: dict[str, Any] = {
    "$.estimated_running_time_seconds": 2.5,
    "$.usage": {"qpu_charge_time_seconds": 2, "status": "complete"},
    "$.last_job_completed": "2026-09-01T10:00:02.000Z",
    "$.workloads[].usage_seconds": 2,
}
# What the protocol says that stands where the sample has null.
UNLESS_NULL: dict[str, Any] = {
    "$.devices[].wait_time_seconds": {"average": 60, "p50": 60, "p95": 60},
    "$.workloads[].accepting_jobs": True,
}
# Objects with keys of their own.
FREE = {"$.items[].doc.extensions"}
# Gates and instructions that the device of the sample has, and a line of qubits has not.
SAMPLE_ONLY = {"instruction_signatures"}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def assert_shaped(wanted: Any, found: Any) -> None:
    """Compare keys and types, of every item of a list. A number may be whole where the sample's is not."""
    assert_like_one_of([wanted], found, "$")


def assert_like_one_of(samples: list[Any], found: Any, where: str) -> None:
    """Compare with all that the sample shows at one place: what only some items of a list have is optional."""
    if found is None:
        assert None in samples, f"{where} is null, not like {samples}"
        return
    shown = [value for value in samples if value is not None]
    if len(shown) < len(samples) and where in UNLESS_NULL:
        shown.append(UNLESS_NULL[where])
    same_kind = [value for value in shown if is_like(value, found)]
    assert same_kind, f"{where} is {found!r}, not like {samples}"
    if isinstance(found, dict) and where not in FREE:
        always = set.intersection(*map(set, same_kind)) - SAMPLE_ONLY
        assert always <= found.keys(), f"{where} lacks {always - found.keys()}"
        for key, inner in found.items():
            place = f"{where}.{key}"
            inside = [value[key] for value in same_kind if key in value] or [MORE[place]]
            assert_like_one_of(inside, inner, place)
    elif isinstance(found, list):
        items = [item for value in same_kind for item in value]
        for inner in found:
            assert_like_one_of(items, inner, f"{where}[]")


def is_like(wanted: object, found: object) -> bool:
    """Tell whether two values are of one kind; a whole number is like any number."""
    return type(found) is type(wanted) or (isinstance(wanted, float) and type(found) is int)


LISTED = {"items": [{"id": "a", "cost": 1, "note": "x"}, {"id": "b", "cost": 2.5}], "none": None}


@pytest.mark.parametrize(
    ("found", "where"),
    [
        ({"items": [{"id": "a", "cost": 1}, {"id": "b", "cost": "2"}], "none": None}, r"\$\.items\[\]\.cost"),
        ({"items": [{"id": "a", "cost": 1}, {"id": "b", "cost": None}], "none": None}, r"\$\.items\[\]\.cost"),
        ({"items": [{"id": "a", "cost": 1}, {"id": "b", "cost": True}], "none": None}, r"\$\.items\[\]\.cost"),
        ({"items": [{"id": "a", "cost": 1}, {"id": "b"}], "none": None}, r"\$\.items\[\] lacks"),
        ({"items": [{"id": "a", "cost": 1}, None], "none": None}, r"\$\.items\[\]"),
        ({"items": None, "none": None}, r"\$\.items"),
        ({"items": [], "none": 1}, r"\$\.none"),
    ],
)
def test_the_comparison_sees_every_item_and_every_null(found: object, where: str) -> None:
    with pytest.raises(AssertionError, match=where):
        assert_shaped(LISTED, found)


def test_the_comparison_takes_what_the_sample_shows_and_no_key_beside() -> None:
    assert_shaped(LISTED, {"items": [{"id": "c", "cost": 2}, {"id": "d", "cost": 0.5, "note": "y"}], "none": None})
    with pytest.raises(KeyError, match=r"\$\.items\[\]\.more"):
        assert_shaped(LISTED, {"items": [{"id": "c", "cost": 2, "more": 1}], "none": None})


def small_world() -> World:
    world = one_instance(devices=(line_device("ibm_emu5", 5), line_device("mock_emu5", 5, mock=True)), limit=600)
    device = msgspec.structs.replace(world.devices["ibm_emu5"], reason="available", queue_length=7, queue_seconds=60)
    crn = first_crn(world)
    instance = msgspec.structs.replace(world.instances[crn], allocation=600.0, tags=("team-a",))
    return msgspec.structs.replace(world, devices={**world.devices, device.name: device}, instances={crn: instance})


def with_ended_job() -> tuple[World, str]:
    world, job = submit(small_world(), tags=["demo"], cost=600)
    return move_on(world, 3600), job


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("backends_response", "/backends?include_mocks=True&fields=wait_time_seconds"),
        ("backend_status", "/backends/ibm_emu5/status"),
        ("backend_configuration", "/backends/ibm_emu5/configuration?calibration_id=c1"),
        ("backend_properties", "/backends/ibm_emu5/properties?updated_before=2026-09-01T16:00:00%2B00:00"),
        ("instance_usage", "/instances/usage"),
        ("instance_details", "/instance"),
        ("versions_response", "/versions"),
    ],
)
def test_what_is_read_of_an_instance_is_shaped_like_the_sample(name: str, path: str) -> None:
    _, response = act(small_world(), "GET", path)
    assert response.status == 200
    assert_shaped(sample(name), read(response))


def test_a_token_is_shaped_like_the_sample() -> None:
    _, response = respond(small_world(), token_request())
    assert response.status == 200
    assert_shaped(sample("iam_token_response"), read(response))


def test_a_refused_key_is_shaped_like_the_sample() -> None:
    _, response = respond(small_world(), token_request("wrong"))
    assert response.status == 400
    body = read(response)
    assert_shaped(sample("iam_error_response"), body)
    assert body["errorCode"] == "BXNIM0415E"


def test_found_instances_are_shaped_like_the_sample() -> None:
    world = small_world()
    request = ask(world, "POST", "/v3/resources/search?limit=100", sample_search())
    _, response = respond(world, request)
    assert_shaped(sample("global_search_response"), read(response))


def sample_search() -> object:
    return {
        "query": "service_name:quantum-computing",
        "fields": ["crn", "service_plan_unique_id", "name", "doc", "tags"],
    }


def test_a_plan_is_shaped_like_the_sample() -> None:
    world = small_world()
    plan = next(iter(world.plans))
    _, response = act(world, "GET", f"/{plan}")
    assert_shaped(sample("catalog_plan_response"), read(response))


@pytest.mark.parametrize("name", ["sampler", "estimator", "executor"])
def test_the_sample_submissions_are_taken_and_told_again_byte_for_byte(name: str) -> None:
    world = one_instance(devices=(line_device("ibm_emu3", 3),))
    text = (SAMPLES / f"job_create_{name}_request.json").read_bytes()
    world, created = act(world, "POST", "/jobs", text)
    assert created.status == 200
    assert_shaped(sample("job_create_response"), read(created))
    _, response = act(world, "GET", f"/jobs/{read(created)['id']}")
    params = text[text.index(b'"params": ') + 10 : text.rindex(b',\n  "log_level"')]
    assert params in response.body


def test_a_submission_in_a_session_is_answered_like_the_sample() -> None:
    world, session = open_session(small_world())
    _, response = act(world, "POST", "/jobs", sampler_job(session_id=session))
    assert_shaped(sample("job_create_response_session"), read(response))


def test_a_queued_job_is_shaped_like_the_sample() -> None:
    world, job = submit(small_world(), tags=["demo"], cost=600)
    _, response = act(world, "GET", f"/jobs/{job}?exclude_params=true")
    assert_shaped(sample("job_get_queued"), read(response))
    assert read(response)["state"] == {"status": "Queued"}


def test_a_completed_job_is_shaped_like_the_sample() -> None:
    world, job = with_ended_job()
    world = give_outcome(world, job, Finished(result=b"{}"))
    _, response = act(world, "GET", f"/jobs/{job}?exclude_params=true")
    assert_shaped(sample("job_get_completed"), read(response))


def test_a_failed_job_is_shaped_like_the_sample() -> None:
    world, job = with_ended_job()
    world = give_outcome(world, job, Crashed(reason="It broke.", code=1517, solution="Mend it."))
    _, response = act(world, "GET", f"/jobs/{job}?exclude_params=true")
    assert_shaped(sample("job_get_failed"), read(response))
    assert read(response)["state"] == {
        "status": "Failed",
        "reason": "It broke.",
        "reason_code": 1517,
        "reason_solution": "Mend it.",
    }


def test_a_job_that_ran_too_long_is_told_like_the_sample() -> None:
    world, job = submit(small_world(), tags=["demo"], cost=1)
    _, response = act(move_on(world, 3600), "GET", f"/jobs/{job}?exclude_params=true")
    body, wanted = read(response), sample("job_get_ran_too_long")
    assert_shaped(wanted, body)
    assert body["state"] == wanted["state"]
    assert body["status"] == wanted["status"]


def test_a_page_of_jobs_is_shaped_like_the_sample() -> None:
    world, job = with_ended_job()
    world = give_outcome(world, job, Finished(result=b"{}"))
    world, _ = submit(world, tags=["demo"], cost=600)
    _, response = act(world, "GET", "/jobs?limit=20&exclude_params=true")
    assert [job["status"] for job in read(response)["jobs"]] == ["Queued", "Completed"]
    assert_shaped(sample("jobs_list"), read(response))


def test_metrics_are_shaped_like_the_sample() -> None:
    world = small_world()
    request = ask(world, "POST", "/jobs", sampler_job())
    application = "qiskit-version-2/qiskit_ibm_runtime-0.51.0,qiskit-2.6.2*/qiskit_ibm_runtime~sampler.py"
    headers = (*request.headers, ("X-Qx-Client-Application", application))
    world, created = respond(world, msgspec.structs.replace(request, headers=headers))
    _, response = act(move_on(world, 3600), "GET", f"/jobs/{read(created)['id']}/metrics")
    body = read(response)
    assert_shaped(sample("job_metrics"), body)
    assert body["caller"] == "qiskit_ibm_runtime/sampler.py"
    assert body["qiskit_version"] == "2.6.2"


def test_an_error_is_shaped_like_the_sample() -> None:
    world, job = with_ended_job()
    _, response = act(world, "POST", f"/jobs/{job}/cancel")
    assert response.status == 409
    assert_shaped(sample("error_container"), read(response))


def test_a_search_without_a_body_is_refused() -> None:
    world = many_instances(1)
    request: Request = ask(world, "POST", "/v3/resources/search")
    _, response = respond(world, request)
    assert response.status == 400


def with_session() -> tuple[World, str]:
    """Return a world with a dedicated session, opened as the sample does, and a job that runs in it."""
    world = one_instance(plan="premium", devices=(line_device("ibm_emu3", 3, queue_seconds=2, run_seconds=30),))
    body = sample("session_create_request") | {"instance": first_crn(world)}
    world, response = act(world, "POST", "/sessions", body)
    assert response.status == 200
    session = str(read(response)["id"])
    world, _ = submit(world, "ibm_emu3", session_id=session, tags=["demo"])
    return move_on(world, 12.5), session


def test_a_session_is_shaped_like_the_sample() -> None:
    world, session = with_session()
    body, wanted = read(act(world, "GET", f"/sessions/{session}")[1]), sample("session_details")
    assert_shaped(wanted, body)
    assert body["timestamps"] == wanted["timestamps"]
    assert (body["state"], body["started_at"]) == (wanted["state"], wanted["started_at"])


def test_the_samples_that_change_something_are_taken() -> None:
    world, session = with_session()
    (job,) = world.jobs[first_crn(world)]
    assert act(world, "PATCH", f"/sessions/{session}", sample("session_patch_request"))[1].status == 204
    assert act(world, "PUT", f"/jobs/{job}/tags", sample("job_tags_put_request"))[1].status == 204
    assert act(world, "POST", "/v3/resources/search", sample("global_search_request"))[1].status == 200


@pytest.mark.parametrize(
    "name", ["job_results_sampler", "job_results_estimator", "job_results_executor", "job_results_plain_sampler"]
)
def test_the_sample_results_are_told_byte_for_byte(name: str) -> None:
    text = (SAMPLES / f"{name}.json").read_bytes()
    world, job = with_ended_job()
    assert act(give_outcome(world, job, Finished(result=text)), "GET", f"/jobs/{job}/results")[1].body == text


def test_workloads_are_shaped_like_the_sample() -> None:
    world, job = with_ended_job()
    world = give_outcome(world, job, Finished(result=b"{}"))
    body, wanted = read(act(world, "GET", "/workloads?user=me")[1]), sample("workloads_response")
    assert_shaped(wanted, body)
    same = ("mode", "status", "tags", "accepting_jobs")
    assert [body["workloads"][0][key] for key in same] == [wanted["workloads"][0][key] for key in same]
