"""Sessions are opened and closed, and jobs are listed, with the requests that IBM's client makes."""

import time
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from qiskit_runtime_service import Batch, QiskitRuntimeService, Session
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, build_world, door_to, instance, line_device

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "listings.py"
UTC_DATE = "2026-09-01T10:00:00.123456+00:00"
# Nothing is skipped: that client asks for ever where it skips past the end (B44).
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("session", {"then": "close"}),
    ("session", {"max_time": 600, "then": "cancel"}),
    ("session", {"max_time": "2h 30m 40s", "then": "close"}),
    ("batch", {"max_time": "1d", "then": "close"}),
    ("batch", {"then": "cancel"}),
    ("jobs", {}),
    ("jobs", {"limit": 3}),
    ("jobs", {"limit": 200}),
    ("jobs", {"backend_name": "ibm_fast"}),
    ("jobs", {"backend_name": "a b&c=d/e?é"}),
    ("jobs", {"pending": True}),
    ("jobs", {"pending": False, "descending": False}),
    ("jobs", {"program_id": "sampler"}),
    ("jobs", {"job_tags": ["one", "two words"]}),
    ("jobs", {"session_id": "s-1"}),
    ("jobs", {"created_after": UTC_DATE}),
    ("jobs", {"created_before": "2026-09-01T10:00:00+00:00", "created_after": UTC_DATE}),
    ("jobs", {"include_mocks": True, "limit": 1}),
    ("jobs", {"limit": 5, "program_id": "estimator", "pending": True, "job_tags": ["x"], "session_id": "s"}),
]


def world() -> World:
    offer = instance("i", plan="premium", devices=[line_device("ibm_fast", 5)])
    # The other client compares the dates of tokens with its own clock.
    return build_world(offer, now=time.time())


def requests_of(cloud: EmulatedTransport) -> list[tuple[str, str, object, object]]:
    """Return what was asked about sessions and listings: method, kind of path, query and body."""
    requests: list[tuple[str, str, object, object]] = []
    for exchange in cloud.ledger:
        request, parts = exchange.request, urlsplit(exchange.request.url)
        kind = "/".join("*" if part[:1] == "s" and part[1:2].isalnum() and part[-3:].isdigit() else part
                        for part in parts.path.removeprefix("/api/v1").split("/"))  # fmt: skip
        if kind.startswith("/sessions") or (kind == "/jobs" and request.method == "GET"):
            body = msgspec.json.decode(request.body) if request.body else None
            requests.append((request.method, kind, sorted(parse_qsl(parts.query)), body))
    return requests


def walk(service: QiskitRuntimeService) -> None:
    """Take the steps with our client."""
    backend = service.backend("ibm_fast")
    for what, arguments in deepcopy(STEPS):
        if what == "jobs":
            dates = {name: datetime.fromisoformat(arguments[name]) for name in arguments if name.startswith("created_")}
            service.jobs(**arguments | dates)
        else:
            how = arguments.pop("then")
            session = {"session": Session, "batch": Batch}[what](backend, **arguments)
            {"close": session.close, "cancel": session.cancel}[how]()


@needs_existing_client
def test_sessions_and_listings_make_the_requests_of_the_existing_client() -> None:
    there, here = EmulatedTransport(world()), EmulatedTransport(world())
    crn = next(iter(there.world.instances))
    with door_to(there) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn, "steps": STEPS}
        assert ask_existing_client(SCRIPT, question) == len(STEPS)
    walk(QiskitRuntimeService(token=API_KEY, instance=crn, transport=here, clock=here))
    assert len(requests_of(here)) == len(STEPS) + 5
    assert requests_of(here) == requests_of(there)
