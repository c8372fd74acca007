"""Each public call raises what the table of errors says, and whoever catches what IBM's client raises catches it."""

from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.faults import Effect, Revoke
from qiskit_runtime_service.testing import API_KEY
from tests.support import public_calls
from tests.support.error_table import BY_ITSELF, CELLS, DIFFERENCES, NAMES, is_public, uncaught
from tests.support.failures import FAILURES, Failing

BASE = "https://quantum.cloud.ibm.com"

pytestmark = pytest.mark.filterwarnings("ignore:delete_job is deprecated:DeprecationWarning")


def check(effect: Effect, failure: str, folder: Path, *tables: str) -> None:
    """Check that what calls raise is caught by the names of the table, and by no others that these do not imply."""
    cloud = Failing(effect)
    (crn,) = cloud.world.instances

    def open_service(way: str = "", **arguments: Any) -> QiskitRuntimeService:
        given: dict[str, Any] = {"token": API_KEY, "transport": cloud, "clock": cloud}
        resolver = {"url_resolver": lambda *_: f"{BASE}/{way}/api/v1"} if way else {}
        return QiskitRuntimeService(**given | resolver | arguments)

    held = public_calls.hold(qiskit_runtime_service, open_service, crn, folder)
    found: dict[str, list[str]] = {}
    for table in tables:
        cloud.arm(table)
        for call, do in getattr(public_calls, table).items():
            error = public_calls.raised_by(do, held)
            assert all(isinstance(error, NAMES[name]) for name in CELLS[call, failure].here), (call, error)
            found[call], _ = public_calls.names_of(error, is_public)
    assert found == {call: CELLS[call, failure].here for call in found}


@pytest.mark.holds("B294", "B312")
@pytest.mark.parametrize("failure", FAILURES)
def test_what_fails_on_the_way_is_raised_as_the_table_says(failure: str, tmp_path: Path) -> None:
    check(FAILURES[failure], failure, tmp_path, "ON_THE_WAY", "AT_TOKENS")


@pytest.mark.holds("B299", "B312")
def test_what_fails_by_itself_is_raised_as_the_table_says(tmp_path: Path) -> None:
    check(Revoke(), BY_ITSELF, tmp_path, "BY_THEMSELVES")


@pytest.mark.holds("B312")
def test_whoever_catches_theirs_catches_ours() -> None:
    assert {where: missing for where, cell in CELLS.items() if (missing := uncaught(*where, cell.there))} == {}


def test_the_table_has_every_call_with_every_failure() -> None:
    on_the_way = {*public_calls.AT_TOKENS, *public_calls.ON_THE_WAY}
    wanted = {(call, failure) for call in on_the_way for failure in FAILURES}
    assert {*CELLS} == wanted | {(call, BY_ITSELF) for call in public_calls.BY_THEMSELVES}


def test_no_difference_is_intended_that_there_is_not() -> None:
    for line in DIFFERENCES:
        told = {
            name
            for (call, failure), cell in CELLS.items()
            if line.covers(call, failure) and cell.here
            for name in cell.there
            if not any(name in NAMES and issubclass(NAMES[kind], NAMES[name]) for kind in cell.here)
        }
        assert told == {*line.names}, line.why
        assert line.why.endswith(".")
