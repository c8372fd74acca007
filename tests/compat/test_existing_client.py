"""IBM's client, unmodified, cannot tell the emulated cloud behind its door from the real one."""

import time
from pathlib import Path

from returns.result import Result

from qiskit_runtime_service.emulator.building import build_world, instance
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, emulated_cloud, line_device

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "existing_journeys.py"


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
    return build_world(
        instance(
            "research",
            plan="premium",
            devices=[
                fast,
                line_device("ibm_slow", 7, queue_length=9, queue_seconds=10**6),
                line_device("ibm_long", 5, queue_length=3, run_seconds=60),
                line_device("mock_fast", 5, run_seconds=0, mock=True),
            ],
            tags=["team"],
            limit=100000,
        ),
        instance("teaching", plan="open", region="eu-de", devices=[line_device("ibm_europe", 5, queue_length=1)]),
        # The other client compares the dates of tokens with its own clock.
        now=time.time(),
    )


@needs_existing_client
def test_the_existing_client_goes_on_all_journeys() -> None:
    world = journeys_world()
    premium, opened = world.instances
    with door_to(Ticking(emulated_cloud(world))) as door:
        told = ask_existing_client(SCRIPT, {"base": door.base, "key": API_KEY, "premium": premium, "open": opened})
    assert len(told) >= 60
    assert {name: trouble for name, trouble in told.items() if trouble} == {}
