"""Each public call raises what the table of errors says, and whoever catches what IBM's client raises catches it."""

from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY
from tests.support import public_calls
from tests.support.error_table import BY_ITSELF, CELLS, DIFFERENCES, NAMES, is_public, uncaught
from tests.support.failures import FAILURES, Failing, Where

BASE = "https://quantum.cloud.ibm.com"

pytestmark = pytest.mark.filterwarnings("ignore:delete_job is deprecated:DeprecationWarning")


def errors_of(where: Where, failure: str, folder: Path) -> dict[str, Exception | None]:
    """Return what each call of a table raises."""
    cloud = Failing(failure, where)
    (crn,) = cloud.world.instances

    def open_service(way: str = "", **arguments: Any) -> QiskitRuntimeService:
        given: dict[str, Any] = {"token": API_KEY, "transport": cloud, "clock": cloud}
        resolver = {"url_resolver": lambda *_: f"{BASE}/{way}/api/v1"} if way else {}
        return QiskitRuntimeService(**given | resolver | arguments)

    held = public_calls.hold(qiskit_runtime_service, open_service, crn, folder)
    cloud.arm()
    return {call: public_calls.raised_by(do, held) for call, do in getattr(public_calls, where).items()}


def check(where: Where, failure: str, folder: Path) -> None:
    """Check that errors are caught by the names of the table, and by no others that these do not imply."""
    errors = errors_of(where, failure or "400", folder)
    for call, error in errors.items():
        for name in CELLS[call, failure].here:
            assert isinstance(error, NAMES[name]), call
    found = {call: public_calls.names_of(error, is_public)[0] for call, error in errors.items()}
    assert found == {call: CELLS[call, failure].here for call in errors}


@pytest.mark.holds("B294", "B312")
@pytest.mark.parametrize("failure", FAILURES)
def test_what_fails_on_the_way_is_raised_as_the_table_says(failure: str, tmp_path: Path) -> None:
    check("ON_THE_WAY", failure, tmp_path)
    check("AT_TOKENS", failure, tmp_path)


@pytest.mark.holds("B299", "B312")
def test_what_fails_by_itself_is_raised_as_the_table_says(tmp_path: Path) -> None:
    check("BY_THEMSELVES", BY_ITSELF, tmp_path)


@pytest.mark.holds("B312")
@pytest.mark.parametrize(("call", "failure"), CELLS)
def test_whoever_catches_theirs_catches_ours(call: str, failure: str) -> None:
    assert uncaught(call, failure, CELLS[call, failure].there) == set()


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
