"""A run of the tests says at its end what it skipped and why, and `make compat` skips no client."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .support.skips import reason_of, skips_in_words

ROOT = Path(__file__).parents[1]
REASON = "QRMI is not installed: `make compat` installs it"


def run_without_qrmi(*arguments: str) -> tuple[int, str]:
    """Run tests that ask QRMI where it is not installed; return the status and what is said."""
    command = [sys.executable, "-m", "pytest", "tests/compat/test_qrmi.py", "-n0", "-k", "describes", *arguments]
    nowhere = os.environ | {"QRMI_PYTHON": "/nowhere/python"}
    done = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.takes_long
def test_a_run_says_at_its_end_what_it_skipped_and_why() -> None:
    status, told = run_without_qrmi()
    assert status == 0
    assert " skipped, and why " in told
    assert f"\n1  {REASON}\n" in told


@pytest.mark.takes_long
def test_a_client_that_is_not_there_is_a_failure_where_all_must_be_asked() -> None:
    status, told = run_without_qrmi("--all-clients")
    assert status == 1
    assert f"\n{REASON}\n" in told
    assert "skipped, and why" not in told


@pytest.mark.takes_long
@pytest.mark.parametrize(("arguments", "told"), [((), "1 skipped"), (("--long",), "1 passed")])
def test_what_takes_long_is_left_out_and_told_unless_it_is_asked_for(arguments: tuple[str, ...], told: str) -> None:
    command = [sys.executable, "-m", "pytest", "tests/test_demo.py", "-n0", "-k", "same_counts", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert f" {told}," in done.stdout
    assert ("\n1  it takes long: CI tries it, and `make test TESTS=--long`\n" in done.stdout) == (not arguments)


def test_reasons_are_told_with_their_counts_the_most_first_then_by_name() -> None:
    assert skips_in_words(["b", "c", "a", "c", *"d" * 10]) == ["10  d", " 2  c", " 1  a", " 1  b"]
    assert skips_in_words([]) == []


@given(st.lists(st.sampled_from("abcd")))
def test_every_skip_is_counted_whatever_the_order(reasons: list[str]) -> None:
    lines = skips_in_words(reasons)
    assert lines == skips_in_words(sorted(reasons))
    assert sum(int(line.split()[0]) for line in lines) == len(reasons)


def test_a_reason_is_found_in_a_report_from_this_process_and_from_a_worker() -> None:
    for told in (("a.py", 3, "Skipped: no dot"), ["a.py", 3, "Skipped: no dot"], "no dot"):
        assert reason_of(told) == "no dot"
