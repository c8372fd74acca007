"""IBM's client, unmodified, runs directed execution against the emulated cloud: executor, sampler, estimator."""

import time
from pathlib import Path

import msgspec
import pytest

from qiskit_runtime_service.simulator.cloud import snapshot_world
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud

from ..support.existing import ask_existing_client, needs_existing_client
from .test_existing_client import Ticking

SCRIPT = Path(__file__).parent / "directed_execution.py"


@pytest.mark.timeout(300)
@needs_existing_client
@pytest.mark.holds("B395", "B397", "B398")
def test_the_existing_client_runs_the_programs_of_directed_execution() -> None:
    # The other client compares the dates of tokens with its own clock.
    world = msgspec.structs.replace(snapshot_world(), now=time.time())
    # A second goes by with each request: jobs that take minutes would wait for hundreds of them.
    quick = {name: msgspec.structs.replace(device, run_seconds=2.0) for name, device in world.devices.items()}
    world = msgspec.structs.replace(world, devices=quick)
    (instance,) = world.instances
    with door_to(Ticking(emulated_cloud(world))) as door:
        troubles = ask_existing_client(SCRIPT, {"base": door.base, "key": API_KEY, "instance": instance})
    assert len(troubles) >= 16
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
