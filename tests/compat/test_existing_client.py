"""IBM's client, unmodified, cannot tell the emulated cloud behind its door from the real one."""

import time
from pathlib import Path
from typing import Any

import pytest
from returns.result import Result

from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import START
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Status,
    build_world,
    door_to,
    emulated_cloud,
    html_page,
    instance,
    line_device,
    one_instance,
    recalibrated,
    too_many_requests,
)

from ..support.emulating import Running, emulate
from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "existing_journeys.py"
RECALIBRATED = START + 30 * 24 * 3600


class Ticking:
    """A carrier to a cloud whose time goes on by a second with each request."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud

    def send(self, request: Request, /) -> Result[Response, Problem]:
        self.cloud.sleep(1.0)
        return self.cloud.send(request)

    def close(self) -> None:
        self.cloud.close()


def journeys_world() -> World:
    """Return what the journeys expect to find."""
    fast = line_device("ibm_fast", 5, run_seconds=0)
    long = line_device("ibm_long", 5, queue_length=3, run_seconds=60)
    return build_world(
        instance(
            "research",
            plan="premium",
            devices=[
                fast,
                line_device("ibm_slow", 7, queue_length=9, queue_seconds=10**6),
                recalibrated(long, at=RECALIBRATED, errors=3.0),
                line_device("mock_fast", 5, run_seconds=0, mock=True),
            ],
            tags=["team"],
            limit=100000,
        ),
        instance("teaching", plan="open", region="eu-de", devices=[line_device("ibm_europe", 5, queue_length=1)]),
        # Each of these is met by one journey, which goes by a way of its own.
        faults=[
            Fault(effect=too_many_requests(), method="POST", path="/limited/*/jobs", times=None),
            Fault(effect=Status(code=503), path="/outage/*", times=3),
            Fault(effect=html_page(400), method="POST", path="/gateway/*/jobs", times=None),
        ],
        # The other client compares the dates of tokens with its own clock.
        now=time.time(),
    )


@needs_existing_client
def test_the_existing_client_goes_on_all_journeys() -> None:
    world = journeys_world()
    premium, opened = world.instances
    with door_to(Ticking(emulated_cloud(world))) as door:
        troubles = ask_existing_client(SCRIPT, {"base": door.base, "key": API_KEY, "premium": premium, "open": opened})
    assert len(troubles) >= 60
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}


@needs_existing_client
@pytest.mark.parametrize("way", ["variables and a resolver", "an experimental URL", "a proxy"])
def test_the_existing_client_is_led_there_in_three_ways(way: str) -> None:
    world = one_instance(now=time.time())
    (crn,) = world.instances
    cloud = Ticking(emulated_cloud(world))
    with door_to(cloud) as door:
        question = {"way": way, "base": door.base, "key": API_KEY, "crn": crn}
        assert ask_existing_client(SCRIPT.with_name("existing_ways.py"), question) == [["ibm_emu5"], 5]


@needs_existing_client
def test_the_existing_client_uses_a_cloud_in_another_process_that_is_in_a_hurry() -> None:
    with emulate("--world", "one_instance", "--speed", "1000") as cloud:
        assert ask_existing_client(SCRIPT.with_name("existing_ways.py"), question_to(cloud)) == [["ibm_emu5"], 5]


@needs_existing_client
@pytest.mark.holds("B344")
def test_the_existing_client_uses_a_cloud_under_tls_by_the_file_of_its_authority() -> None:
    with emulate("--world", "one_instance", "--speed", "1000", "--tls") as cloud:
        question = question_to(cloud) | {"variables": {"REQUESTS_CA_BUNDLE": cloud.details["authority"]}}
        assert ask_existing_client(SCRIPT.with_name("existing_ways.py"), question) == [["ibm_emu5"], 5]


def question_to(cloud: Running) -> dict[str, Any]:
    """Return what the existing client is asked about a cloud in another process."""
    (crn,) = cloud.details["instances"].values()
    return {
        "way": "variables and a resolver",
        "base": cloud.details["url"],
        "key": cloud.details["token"],
        "crn": crn,
    }
