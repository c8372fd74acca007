"""Promise 2: whenever a change is killed, the file is the old or the new one, and nothing is left over."""

from pathlib import Path

import pytest

from tests.support.existing import needs_existing_client

from .savers import EXISTING, report_of, say
from .sizes import Control, Tally, few, size
from .writers import THESE, WRITERS

CLEAN = {"torn": 0, "lost": 0, "stray": 0, "stuck": 0}
SEED = 20261122


@pytest.mark.takes_long
def test_a_change_that_is_killed_at_any_operation_is_whole(tmp_path: Path, tried: Tally) -> None:
    report = report_of("every", tmp_path)
    tried(report["kills"])
    say(f"killed at every operation: {report}")
    assert {key: report[key] for key in CLEAN} == CLEAN
    # Four changes of some twenty operations, each killed before each of them.
    assert report["kills"] >= 4 * 18


@pytest.mark.takes_long
def test_a_change_that_is_killed_at_any_time_is_whole(tmp_path: Path, tried: Tally) -> None:
    kills = size(10_000, part=100)
    tried(kills)
    report = report_of("random", tmp_path, kills, SEED)
    say(f"killed at random: {report}")
    assert {key: report[key] for key in CLEAN} == CLEAN
    assert report["kills"] == kills
    assert report["old"] > 0
    assert report["new"] > 0


@needs_existing_client
def test_the_existing_client_is_killed_too(tmp_path: Path, control: Control) -> None:
    report = report_of("random", tmp_path, size(2_000), SEED, by=EXISTING)
    say(f"the existing client, killed at random: {report}")
    control(f"{report['torn']:,} of {report['kills']:,} killed saves left half a file")


@pytest.mark.takes_long
@pytest.mark.holds("B333")
@pytest.mark.parametrize("kind", few(WRITERS, 2))
def test_whatever_is_written_is_whole_when_killed_at_any_operation(tmp_path: Path, kind: str, tried: Tally) -> None:
    report = report_of("every", tmp_path, kind, by=THESE)
    tried(report["kills"])
    say(f"{kind}, killed at every operation: {report}")
    assert {key: report[key] for key in ("torn", "stray", "stuck")} == {"torn": 0, "stray": 0, "stuck": 0}
    # A draft is made, locked, looked at, written, synced and moved, and its folder is synced.
    assert report["kills"] >= 8
    assert report["old"] > 0
    assert report["new"] > 0
