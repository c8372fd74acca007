"""What IBM's guides show runs on the emulated cloud, with IBM's client, unmodified, and with ours."""

import time
import warnings

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import API_KEY, door_to, emulated_cloud, ibm_quantum

from ..support.existing import needs_existing_client
from . import guides
from .posted import lead_existing_client_to
from .test_learner_runs import LIBRARIES


def world() -> World:
    # The other client compares the dates of tokens with its own clock.
    return ibm_quantum(now=time.time())


@needs_existing_client
@pytest.mark.timeout(600)
@pytest.mark.holds("B449", "B465", "B468")
def test_the_guides_run_with_the_existing_client() -> None:
    made = world()
    with door_to(emulated_cloud(made)) as door:
        question = {"base": door.base, "key": API_KEY, "instance": "premium-instance", "libraries": LIBRARIES}
        troubles = lead_existing_client_to(guides, question)
    assert len(troubles) == len(guides.PROGRAMS) >= 25
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}


@needs_existing_client  # They take too long for `make test`, and say most beside those of the other client.
@pytest.mark.holds("B449", "B468")
@pytest.mark.parametrize("name", guides.PROGRAMS)
def test_a_guide_runs_with_this_client(name: str) -> None:
    cloud = emulated_cloud(world())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, instance="premium-instance")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert guides.go_through(guides.Client("qiskit_runtime_service", service), [name]) == {name: ""}
