"""Dates that users give, as instants."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.client.dates import read_date
from qiskit_runtime_service.records.problem import BadArgument, WrongType

WANTED = "a datetime or an ISO text such as '2026-01-31T12:00', with a zone or in local time"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.holds("B46", "B302")
@pytest.mark.parametrize(
    "written",
    ["2026-01-31T12:00:00Z", "2026-01-31 12:00+00:00", "20260131T140000+0200", "2026-01-31T07:00:00.000-05:00"],
)
def test_a_date_may_be_written(written: str) -> None:
    assert read_date("datetime", written) == Success(NOON)


@pytest.mark.holds("B46", "B302")
@given(st.datetimes(datetime.fromisoformat("1971-01-01"), timezones=st.just(timezone(timedelta(hours=-5)))))
def test_a_date_with_a_zone_keeps_its_instant_however_it_is_given(instant: datetime) -> None:
    read = read_date("datetime", instant).unwrap()
    assert (read, read.utcoffset()) == (instant, timedelta(0))
    assert read_date("datetime", instant.isoformat()) == Success(read)


@pytest.mark.holds("B46", "B302")
def test_a_date_without_a_zone_is_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-2")
    time.tzset()
    try:
        for given_date in ("2026-01-31T14:00", datetime.fromisoformat("2026-01-31T14:00")):
            assert read_date("datetime", given_date) == Success(NOON)
        assert read_date("datetime", "2026-01-31") == Success(datetime(2026, 1, 30, 22, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.holds("B302")
def test_a_date_alone_has_no_hour() -> None:
    wanted = f"{WANTED}; a date alone has no hour"
    refused = WrongType(name="datetime", value="datetime.date(2026, 1, 31)", wanted=wanted)
    assert read_date("datetime", date(2026, 1, 31)) == Failure(refused)


@pytest.mark.holds("B302")
@pytest.mark.parametrize("unfit", [5, 1.7e9, True, None, ["2026-01-31"], b"2026-01-31", np.datetime64("2026-01-31")])
def test_what_is_no_date_is_of_the_wrong_type(unfit: Any) -> None:
    assert read_date("datetime", unfit) == Failure(WrongType(name="datetime", value=repr(unfit), wanted=WANTED))


@pytest.mark.holds("B302")
@pytest.mark.parametrize(
    "unfit",
    [
        "",
        "soon",
        "2026-02-30",
        "2026",
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(1) / 2)),
    ],
)
def test_what_no_clock_shows_is_refused(unfit: Any) -> None:
    refused = BadArgument(name="datetime", value=repr(unfit), wanted=f"{WANTED}, that a clock can show")
    assert read_date("datetime", unfit) == Failure(refused)
