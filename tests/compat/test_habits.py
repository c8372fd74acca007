"""Programs written for IBM's client are answered here as there, also where they do what is not documented."""

import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service import Batch, QiskitRuntimeService, SamplerV2, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, build_world, door_to, instance, line_device

from ..shell.test_budgets import CONFIGURATION, LIST, costs
from ..support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
NAMES = [f"ibm_d{number}" for number in range(5)]


def world() -> World:
    devices = [line_device(name, 5, run_seconds=0) for name in NAMES]
    offers = (instance(name, plan=plan, devices=devices) for name, plan in PLANS.items())
    # The other client compares the dates of tokens with its own clock.
    return build_world(*offers, now=time.time())


PLANS = {"paid": "premium", "free": "open", "flex": "flex"}


def crn_of(cloud: EmulatedTransport, name: str) -> str:
    return next(crn for crn, held in cloud.world.instances.items() if held.name == name)


@pytest.fixture
def cloud() -> EmulatedTransport:
    return EmulatedTransport(world())


def refusal(**given: Any) -> str:
    """Return the name of the base class by which programs catch that a primitive is refused."""
    with pytest.raises(IBMInputValueError) as caught:
        SamplerV2(**given)
    assert isinstance(caught.value, ValueError)
    return "ValueError"


def sessions_of(backend: Any, other: Any, elsewhere: Any) -> dict[str, Any]:
    """Return what the sessions of the script tell, of our client."""
    fake = FakeManilaV2()
    told: dict[str, Any] = {}
    with Session(backend) as session, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        told["no mode"] = SamplerV2().mode is session
        told["the backend"] = SamplerV2(mode=backend).mode is session
        told["says so"] = len(caught)
        told["another backend"] = refusal(mode=other)
        told["another instance"] = refusal(mode=elsewhere)
        told["a fake"] = SamplerV2(mode=fake).mode is None
        with Batch(other) as batch:
            told["inside"] = SamplerV2().mode is batch
            told["the outer"] = SamplerV2(mode=session).mode is session
    told["afterwards"] = refusal()
    with Session(fake) as session:
        told["in that of a fake"] = SamplerV2().mode is session
        told["the backend in that of a fake"] = refusal(mode=backend)
    return told


@needs_existing_client
@pytest.mark.holds("B480", "B481", "B482", "B483", "B484", "B485", "B487", "B488", "B489", "B490")
def test_the_existing_client_answers_as_the_rules_say(cloud: EmulatedTransport) -> None:
    with door_to(cloud) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn_of(cloud, "paid")}
        told = ask_existing_client(HERE / "habits.py", question)
    paid, free = crn_of(cloud, "paid"), crn_of(cloud, "free")
    here = EmulatedTransport(world())
    service = QiskitRuntimeService(token=API_KEY, transport=here, clock=here)
    backend, other = service.backend("ibm_d0", instance="paid"), service.backend("ibm_d1", instance="paid")
    assert told == {
        **sessions_of(backend, other, service.backend("ibm_d0", instance="free")),
        "names": NAMES,
        "instances": [free],
        "account": [paid, paid],
        "equal": [True, False, False, True],
        "itself": True,
        "mine": 3,
        "inside of it": ["ibm_quantum_platform", True, paid, "ibm_quantum_platform"],
        "fractional": [False, None],
        "stray": 5,
        "learning": [[], ["DeprecationWarning"]],
        "newer": ["UserWarning"],
        "angle": [True, True],
    }


@needs_existing_client
@pytest.mark.holds("B11", "B481")
@pytest.mark.parametrize(
    ("calls", "described"),
    [
        ([{}], 0),
        ([{"dynamic_circuits": True}], 5),
        ([{"dynamic_circuits": True}, {"dynamic_circuits": True}], 5),
        ([{"name": "ibm_d3"}, {"min_num_qubits": 5}], 0),
        ([{"operational": True, "simulator": False}], 0),
    ],
)
def test_listing_costs_no_more_than_with_the_existing_client(
    calls: list[dict[str, Any]], described: int, cloud: EmulatedTransport
) -> None:
    with door_to(cloud) as door:
        question = {"base": door.base, "key": API_KEY, "calls": calls}
        there = ask_existing_client(HERE / "shared_devices.py", question)
    ours = EmulatedTransport(world())
    service = QiskitRuntimeService(token=API_KEY, transport=ours, clock=ours)
    assert [[backend.name for backend in service.backends(**given)] for given in calls] == there
    assert costs(cloud)[LIST] == 3
    # Each listing is anew here, where that client never lists again.
    assert costs(ours)[LIST] == 3 * len(calls)
    assert costs(ours)[CONFIGURATION] == described <= costs(cloud)[CONFIGURATION]
    assert len(ours.ledger) <= len(cloud.ledger)
