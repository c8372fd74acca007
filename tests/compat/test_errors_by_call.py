"""IBM's client raises what the table of errors says, and each name that it is caught by there catches ours too."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import API_KEY, door_to

from ..support import public_calls
from ..support.error_table import BY_ITSELF, CELLS, uncaught
from ..support.existing import ask_existing_client, needs_existing_client
from ..support.failures import FAILURES, Failing, Where

SCRIPT = Path(__file__).with_name("errors_by_call.py")
LISTED = json.loads((Path(__file__).parents[1] / "data" / "public_names.json").read_bytes())
IMPORTABLE = sorted({name for names in LISTED.values() for name in names})
"""What users of that client can import."""

LATE = 2.0
"""Seconds that an answer is late: it is waited for there."""

pytestmark = pytest.mark.timeout(600)

Answers = dict[str, tuple[list[str], list[str]]]
"""By call, the narrowest names that what was raised is caught by, and all."""


def ask(failure: str, where: Where) -> Answers:
    """Return what each call of a table raises there."""
    # The other client compares the dates of tokens with its own clock.
    cloud = Failing(failure, where, now=time.time())
    (crn,) = cloud.world.instances
    with door_to(cloud, longest_stall=LATE) as door:
        question = {"base": door.base, "key": API_KEY, "crn": crn, "calls": where, "names": IMPORTABLE}
        # What fails on the way is tried again, which takes its time; what fails by itself may change what others find.
        answers: Answers = ask_existing_client(SCRIPT, question | {"at_once": 1 if where == "BY_THEMSELVES" else 64})
    assert answers.keys() == getattr(public_calls, where).keys()
    return answers


def check(answers: Answers, failure: str) -> None:
    """Check that errors are caught by the names of the table, and all by which ours are caught too."""
    assert {call: least for call, (least, _) in answers.items()} == {
        call: CELLS[call, failure].there for call in answers
    }
    assert {call: missing for call, (_, names) in answers.items() if (missing := uncaught(call, failure, names))} == {}


@needs_existing_client
@pytest.mark.parametrize("failure", FAILURES)
def test_what_fails_on_the_way_is_raised_there_as_the_table_says(failure: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        on_the_way, at_tokens = pool.map(partial(ask, failure), ("ON_THE_WAY", "AT_TOKENS"))
    check(on_the_way | at_tokens, failure)


@needs_existing_client
def test_what_fails_by_itself_is_raised_there_as_the_table_says() -> None:
    check(ask("400", "BY_THEMSELVES"), BY_ITSELF)
