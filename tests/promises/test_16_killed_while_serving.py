"""Promise 16, of clouds in files: what was answered is there after a kill, at whatever moment."""

import sys
from pathlib import Path

import pytest

from .savers import report_of, say
from .sizes import Tally, size

SEED = 20261130
THESE = (sys.executable, "-W", "error", "-m", "tests.promises.kept_clouds")


@pytest.mark.holds("B335")
def test_what_was_answered_is_there_after_a_kill(tmp_path: Path, tried: Tally) -> None:
    kills = size(1000, part=40)
    tried(kills)
    report = report_of("kill", tmp_path, kills, SEED, by=THESE)
    say(f"killed while serving: {report}")
    lost = {"lost": 0, "revived": 0, "undead": 0, "stray": 0}
    assert {key: report[key] for key in lost} == lost
    assert report["kills"] == kills
    # Most were killed while they served, and they had taken jobs.
    assert report["served"] > kills / 2
    assert report["taken"] > kills
    assert report["ends"] > 0
