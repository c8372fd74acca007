"""Promise 16, of clouds in files: what was answered is there after a kill, at whatever moment."""

import sys
from collections import Counter
from pathlib import Path
from random import Random

import msgspec
import pytest

from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.emulator.changes import find_change
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import load_world, one_instance
from qiskit_runtime_service.testing.world_file import begin_journal, frame, journal_of, write_world
from tests.shell.clouds import open_service, submit_bell

from .savers import report_of, say
from .sizes import Tally, size

SEED = 20261130
THESE = (sys.executable, "-W", "error", "-m", "tests.promises.kept_clouds")


@pytest.mark.takes_long
@pytest.mark.holds("B335")
def test_what_was_answered_is_there_after_a_kill(tmp_path: Path, tried: Tally) -> None:
    kills = size(1000, part=100)
    tried(kills)
    report = report_of("kill", tmp_path, kills, SEED, by=THESE)
    say(f"killed while serving: {report}")
    lost = {"lost": 0, "revived": 0, "undead": 0, "stray": 0}
    assert {key: report[key] for key in lost} == lost
    assert report["kills"] == kills
    # Most were killed while they served, and they had taken jobs.
    assert report["served"] > kills / 2
    assert report["taken"] > kills / 4
    assert report["ends"] > 0


def changes_of(world: World) -> tuple[World, bytes]:
    """Return a world in which a job was submitted, and what a journal keeps of that."""
    service, cloud = open_service(world)
    submit_bell(service).wait_for_final_state()
    return cloud.world, msgspec.msgpack.encode(find_change(world, cloud.world))


@pytest.mark.holds("B359")
def test_a_damaged_journal_whose_checks_hold_is_refused_with_its_name_or_makes_a_sound_world(
    tmp_path: Path, tried: Tally
) -> None:
    dice = Random(SEED)  # noqa: S311  # not for secrets
    before, path = one_instance(), tmp_path / "cloud.world"
    after, change = changes_of(before)
    begin = begin_journal(write_world(before, path, Files()))
    journal = journal_of(path)
    journal.write_bytes(begin + frame(change))
    assert load_world(path) == after
    odd = [b"\x81\xa1a" * 10**5 + b"\x90", b"\x91" * 10**5, *map(told_at, (float("nan"), float("inf"), -1e300))]
    count = size(8_000, part=40)
    tried(count + len(odd))
    outcomes = Counter[str]()
    for number in range(count + len(odd)):
        damaged = odd[number] if number < len(odd) else damage(change, dice)
        journal.write_bytes(begin + frame(damaged))
        try:
            load_world(path)
        except ValueError as error:
            assert journal.name in str(error)
            outcomes["refused"] += 1
        else:
            assert number >= len(odd)
            outcomes["sound"] += 1
    say(f"damaged journals: {dict(outcomes)}")
    assert outcomes["refused"] > count / 10


def told_at(now: float) -> bytes:
    return msgspec.msgpack.encode({"now": now})


def damage(body: bytes, dice: Random) -> bytes:
    """Return bytes of which a few are others, or with a piece twice, or not at all."""
    data = bytearray(body)
    for _ in range(dice.choice((1, 1, 2, 4))):
        place = dice.randrange(len(data))
        match dice.randrange(3):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                del data[place : place + dice.randrange(1, 9)]
            case _:
                data[place:place] = data[place : place + dice.randrange(1, 9)]
    return bytes(data)
