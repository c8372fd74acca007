"""Functions and classes beside the documented calls answer as those of IBM's client do."""

import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).with_name("functions.py")
# The script has to run where none of our packages is, so it is loaded as it stands.
ASKED = runpy.run_path(str(SCRIPT))
OURS = "qiskit_runtime_service"
WRITTEN = [
    ["measure_2", "first", [0, 1]],
    ["reset_3", None, [1]],
    ["measure_reset", None, [1, 0]],
    ["xslow", None, [0]],
]

DIFFER = {
    "local_to_utc('2026-01-02T03:04:05+05:00')": "2026-01-01T22:04:05+00:00",
    "utc_to_local('2026-01-02T03:04:05+05:00')": "2026-01-01T17:04:05-05:00",
    "local_to_utc(noon in a zone)": "2026-07-02T07:00:00+00:00",
    "utc_to_local(noon in a zone)": "2026-07-02T03:00:00-04:00",
}
"""What is answered otherwise: a date that has a zone is converted (B436)."""


@cache
def answers() -> dict[str, Any]:
    """Return our answers by way of JSON, as those of the other come."""
    told: dict[str, Any] = json.loads(json.dumps(ASKED["answers"](OURS)))
    return told


@pytest.fixture(scope="module")
def other() -> Any:
    return ask_existing_client(SCRIPT, ASKED["written"](OURS))


@pytest.mark.holds("B436")
@pytest.mark.parametrize("name", DIFFER)
def test_a_date_in_a_zone_is_converted(name: str) -> None:
    assert answers()[name] == DIFFER[name]


@needs_existing_client
@pytest.mark.holds("B424", "B428", "B435", "B437", "B438")
def test_all_else_is_answered_alike(other: Any) -> None:
    ours = answers()
    assert len(ours) > 150
    assert {name for name in ours if ours[name] != other["answers"][name]} == set(DIFFER)


@needs_existing_client
@pytest.mark.holds("B424")
def test_each_reads_the_instructions_of_the_other(other: Any) -> None:
    assert other["read"] == {"qpy": WRITTEN, "json": WRITTEN}
    assert ASKED["read"](OURS, other["written"]) == {"qpy": WRITTEN, "json": WRITTEN}
