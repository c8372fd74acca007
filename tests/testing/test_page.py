"""The page of a door: what a browser is shown, that it shows nothing secret, and that it is drawn."""

import base64
import hashlib
import json
import re
import struct
import threading
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.overview import overview_needs
from qiskit_runtime_service.emulator.world import Crashed, Outcome
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    busy,
    door_to,
    emulated_cloud,
    line_device,
    one_instance,
)
from qiskit_runtime_service.testing.page import show_page

from ..support.calls import ask, sampler_job
from ..support.chromium import draw_page, needs_chromium

NASTY = "<img src=x onerror=alert(1)>"


def overview(cloud: EmulatedTransport) -> Any:
    shown = show_page(cloud, "GET", "/emulator/overview.json")
    assert shown is not None
    return json.loads(shown.body)


def post_job(cloud: EmulatedTransport, **fields: object) -> None:
    assert cloud.send(ask(cloud.world, "POST", "/jobs", sampler_job("ibm_emu5", **fields))).unwrap().status == 200


@pytest.mark.holds("B197")
def test_the_page_may_run_its_own_script_and_ask_its_own_door_and_nothing_else() -> None:
    with door_to(EmulatedTransport(one_instance())) as door, urllib.request.urlopen(f"{door.base}/") as response:  # noqa: S310  # loopback
        page, policy = response.read().decode(), response.headers["Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert set(re.findall(r"https?://[^'\"\s]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page)


@pytest.mark.holds("B197")
def test_looking_leaves_no_trace_and_shows_no_secret() -> None:
    cloud = emulated_cloud(busy())
    cloud.send(ask(cloud.world, "GET", "/backends"))
    with door_to(cloud) as door, urllib.request.urlopen(f"{door.base}/emulator/overview.json") as response:  # noqa: S310  # loopback
        body = response.read().decode()
    assert len(cloud.ledger) == cloud.answered == 1
    assert API_KEY not in body
    assert "apikey" not in body


def test_the_overview_tells_the_thirty_newest_requests_the_newest_first() -> None:
    cloud = emulated_cloud(busy())
    for limit in range(1, 36):
        cloud.send(ask(cloud.world, "GET", f"/jobs?limit={limit}"))
    body = overview(cloud)
    assert [request["path"] for request in body["requests"]] == [f"/api/v1/jobs?limit={n}" for n in range(35, 5, -1)]
    assert body["answered"] == 35


def test_the_overview_tells_of_everything_in_a_world() -> None:
    cloud = emulated_cloud(busy(seed=3))
    body = overview(cloud)
    assert [device["name"] for device in body["devices"]] == list(cloud.world.devices)
    assert {device["state"] for device in body["devices"]} == {"online", "paused", "offline"}
    assert [instance["name"] for instance in body["instances"]] == ["research", "teaching"]
    assert [session["state"] for session in body["sessions"]] == ["active", "closed"]
    assert len(body["jobs"]) == 20 < body["jobs_created"]
    numbers = [job["id"] for job in body["jobs"]]
    assert numbers == sorted(numbers, reverse=True)
    assert {"Queued", "Running", "Completed", "Failed", "Cancelled"} >= {job["status"] for job in body["jobs"]}
    assert (body["seed"], body["speed"], body["now"]) == (3, None, cloud.now())
    on_devices = [(device["queued"], device["running"]) for device in body["devices"]]
    assert tuple(map(sum, zip(*on_devices, strict=True))) == (body["queued"], body["running"])


@pytest.mark.holds("B197")
def test_a_job_that_is_shown_is_looked_at() -> None:
    begun = threading.Event()
    may_end = threading.Event()

    def simulate(_: JobTask) -> Outcome:
        begun.set()
        assert may_end.wait(10.0)
        return Crashed(reason="There is no PUB in it.")

    cloud = EmulatedTransport(one_instance(queue_seconds=10), simulate=simulate)
    post_job(cloud, tags=["a"])
    statuses = []
    for _ in range(3):
        (job,) = overview(cloud)["jobs"]
        statuses.append(job["status"])
        cloud.sleep(11)
    # Looking has begun its simulation, and does not wait for it.
    assert statuses == ["Queued", "Running", "Running"]
    assert begun.wait(10.0)
    may_end.set()
    cloud.supply(overview_needs)
    assert [job["status"] for job in overview(cloud)["jobs"]] == ["Failed"]


def test_a_job_on_a_paused_device_has_no_start() -> None:
    device = msgspec.structs.replace(line_device("ibm_emu5", 2), state="paused")
    cloud = EmulatedTransport(one_instance(devices=[device]))
    post_job(cloud)
    (job,) = overview(cloud)["jobs"]
    assert (job["status"], job["starts_at"], job["ends_at"]) == ("Queued", None, None)


@pytest.mark.parametrize(
    ("method", "target"),
    [("POST", "/"), ("GET", "http://iam.emu.test/"), ("GET", "/api/v1/backends"), ("GET", "/emulator"), ("GET", "")],
)
def test_all_else_is_for_the_cloud(method: str, target: str) -> None:
    assert show_page(EmulatedTransport(one_instance()), method, target) is None


@needs_chromium
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["desk, light", "phone, dark"])
def test_a_browser_draws_the_page(tmp_path: Path, width: int, dark: bool) -> None:
    cloud = emulated_cloud(one_instance(queue_seconds=600))
    post_job(cloud, tags=[NASTY])
    with door_to(cloud) as door:
        document, picture = draw_page(door.base, tmp_path, width, 1200, dark=dark)
    drawn = document.partition("<script>")[0]
    (job,) = (job for held in cloud.world.jobs.values() for job in held)
    assert f"<code>{job}</code>" in drawn
    assert "<code>POST /api/v1/jobs</code>" in drawn
    assert "starts in 10 min" in drawn
    assert "live · seed 0" in drawn
    assert "&lt;img src=x" in drawn
    assert "<img" not in drawn
    head = picture.read_bytes()[:24]
    assert struct.unpack(">II", head[16:]) == (width, 1200)
    assert picture.stat().st_size > 20_000
