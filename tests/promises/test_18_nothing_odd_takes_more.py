"""Promise 18: nothing odd takes more than itself: an odd field hides that field, an odd row that row, and is told."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, line_device, many_instances

from ..support.existing import ask_existing_client, needs_existing_client
from ..support.odd_bodies import BODIES, NO_JSON, ROWS, check_an_odd_row, check_an_odd_value, check_no_json, odd_values
from .sizes import size

SCRIPT = Path(__file__).parents[1] / "compat" / "odd_answers.py"
ORDER = Submission(program="sampler", backend="ibm_a", params=b'{"pubs":[],"version":2}', tags=("mine",))

ODD: dict[str, tuple[str, str, Any]] = {
    "queue-of-parts": ("backends", "queue_length", 2.5),
    "queue-as-text": ("backends", "queue_length", "3"),
    "status-as-text": ("backends", "status", "online"),
    "clops-as-number": ("backends", "clops", 1000),
    "revision-as-list": ("backends", "processor_type.revision", ["2"]),
    "tag-as-number": ("jobs", "tags", ["mine", 5]),
    "cost-as-text": ("jobs", "cost", "10"),
    "code-as-text": ("jobs", "state.reason_code", "E17"),
    "date-as-number": ("jobs", "created", 1788256800),
    "extensions-as-number": ("instances", "doc.extensions", 7),
}
"""By the way on which it happens: what is listed, the field of its second row, and the odd value."""


class Odd:
    """A carrier to a cloud by ways on which one value of the second row of a listing is odd.

    The way is the part of the path before the API; the search has none, so its value is always odd.
    """

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud
        self.listings = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        sent = self.cloud.send(request)
        path = request.url.partition("?")[0]
        odd = [gate for gate in ODD if gate in path or (gate == "extensions-as-number" and path.endswith("/search"))]
        rows = {"backends": "devices", "jobs": "jobs", "search": "items"}.get(path.rpartition("/")[2])
        if not odd or rows is None:
            return sent
        self.listings += 1
        _, field, value = ODD[odd[0]]
        answer = sent.unwrap()
        body = json.loads(answer.body)
        place = body[rows][1]
        *steps, last = field.split(".")
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value
        # The other client takes for JSON what says that it is.
        return Success(msgspec.structs.replace(answer, body=json.dumps(body).encode()))

    def close(self) -> None:
        self.cloud.close()


def odd_cloud() -> tuple[Odd, str]:
    """Return a way to a cloud with two instances, three devices and three jobs, and the CRN that has them."""
    devices = [line_device(name, 5) for name in ("ibm_a", "ibm_b", "ibm_c")]
    # The other client compares the dates of tokens with its own clock.
    cloud = EmulatedTransport(many_instances(2, devices=devices, now=time.time()))
    crn = next(iter(cloud.world.instances))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, instance=crn)
    for _ in range(3):
        service.submit(ORDER, service.backend("ibm_a"))
    return Odd(cloud), crn


def expected(way: Odd, crn: str) -> dict[str, list[str]]:
    """Return what there is to be listed."""
    world = way.cloud.world
    return {
        "backends": ["ibm_a", "ibm_b", "ibm_c"],
        "jobs": sorted(job for job in world.jobs[crn]),
        "instances": sorted(world.instances),
    }


def names(service: QiskitRuntimeService, what: str) -> list[str]:
    if what == "instances":
        return sorted(instance["crn"] for instance in service.instances())
    if what == "jobs":
        return sorted(job.job_id() for job in service.jobs())
    return sorted(backend.name for backend in service.backends())


@pytest.mark.parametrize("kind", BODIES)
@settings(max_examples=size(10_000, 200))
@given(data=st.data())
@pytest.mark.holds("B281", "B282")
def test_an_odd_value_hides_itself_only(kind: str, data: st.DataObject) -> None:
    spot = data.draw(st.sampled_from(BODIES[kind].places))
    check_an_odd_value(kind, spot, data.draw(odd_values))


@pytest.mark.parametrize("kind", BODIES)
@settings(max_examples=size(1_000, 100))
@given(data=st.data(), text=st.sampled_from(NO_JSON))
@pytest.mark.holds("B281")
def test_what_is_not_quite_json_hides_itself_only(kind: str, data: st.DataObject, text: str) -> None:
    check_no_json(kind, data.draw(st.sampled_from(BODIES[kind].places)), text)


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=size(10_000, 200))
@given(index=st.integers(0, 2), odd=odd_values.filter(lambda value: not isinstance(value, dict)))
@pytest.mark.holds("B283")
def test_an_odd_row_hides_itself_only(kind: str, index: int, odd: Any) -> None:
    check_an_odd_row(kind, index, odd)


@pytest.mark.holds("B281", "B284")
@pytest.mark.parametrize("gate", ODD)
def test_a_listing_with_an_odd_value_is_whole_and_costs_one_request(gate: str) -> None:
    way, crn = odd_cloud()
    service = QiskitRuntimeService(
        token=API_KEY, transport=way, instance=crn, url_resolver=lambda *_: f"https://h.example/{gate}/api/v1"
    )
    what, _, _ = ODD[gate]
    assert names(service, what) == expected(way, crn)[what]
    assert way.listings == 1


@needs_existing_client
def test_the_existing_client_lists_too(control: Callable[[str], None]) -> None:
    """The control: it loses nothing either."""
    way, crn = odd_cloud()
    with door_to(way) as door:
        gates = {gate: what for gate, (what, _, _) in ODD.items()}
        listed = ask_existing_client(SCRIPT, {"base": door.base, "key": API_KEY, "crn": crn, "gates": gates})
    whole = expected(way, crn)
    lost = sum(answer != whole[gates[gate]] for gate, answer in listed.items())
    control(f"{lost} of {len(listed)} listings lost")
    assert {gate: answer for gate, answer in listed.items() if answer != whole[gates[gate]]} == {}
