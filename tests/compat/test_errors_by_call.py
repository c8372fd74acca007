"""IBM's client raises what the table of errors says, and each name that it is caught by there catches ours too."""

import json
import time
from pathlib import Path

import pytest

from qiskit_runtime_service.emulator.faults import Effect, Revoke
from qiskit_runtime_service.testing import API_KEY, SystemClock, door_to

from ..support import public_calls
from ..support.error_table import BY_ITSELF, CELLS, uncaught
from ..support.existing import ask_existing_client, needs_existing_client
from ..support.failures import FAILURES, Failing

SCRIPT = Path(__file__).with_name("errors_by_call.py")
LISTED = json.loads((Path(__file__).parents[1] / "data" / "public_names.json").read_bytes())
IMPORTABLE = sorted({name for names in LISTED.values() for name in names})
"""What users of that client can import."""

LATE = 2.0
"""Seconds that an answer is late: it is waited for there."""

pytestmark = pytest.mark.timeout(600)

Answers = dict[str, tuple[list[str], list[str]]]
"""By call, the narrowest names that what was raised is caught by, and all."""


def check(effect: Effect, failure: str, *tables: str, at_once: int) -> None:
    """Check that what is raised there is caught by the names of the table, and each of them catches ours too."""
    # The other client compares the dates of tokens with its own clock, and waits for a job as long as it likes.
    cloud = Failing(effect, now=time.time(), clock=SystemClock())
    (crn,) = cloud.world.instances
    with door_to(cloud, longest_stall=LATE) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn, "tables": tables, "names": IMPORTABLE}
        answers: Answers = ask_existing_client(SCRIPT, question | {"at_once": at_once})
    calls = [call for table in tables for call in getattr(public_calls, table)]
    assert {call: least for call, (least, _) in answers.items()} == {call: CELLS[call, failure].there for call in calls}
    assert {call: missing for call, (_, names) in answers.items() if (missing := uncaught(call, failure, names))} == {}


@needs_existing_client
@pytest.mark.parametrize("failure", FAILURES)
def test_what_fails_on_the_way_is_raised_there_as_the_table_says(failure: str) -> None:
    # At once, because what is tried again takes its time.
    check(FAILURES[failure], failure, "ON_THE_WAY", "AT_TOKENS", at_once=64)


@needs_existing_client
def test_what_fails_by_itself_is_raised_there_as_the_table_says() -> None:
    # One after the other, because what is done in one call may be found by another.
    check(Revoke(), BY_ITSELF, "BY_THEMSELVES", at_once=1)
