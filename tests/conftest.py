"""How hard the laws are tried, and what is said at the end of the tests that were skipped."""

import gc
import logging
import os
import signal
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from .support.foreign import why_missing
from .support.promise_table import Tried, page_of
from .support.skips import reason_of, skips_in_words

# `make test` tries a law a quarter as often as `make laws` does, and always with the same examples.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=25)
settings.register_profile("fresh", settings.get_profile("ci"), derandomize=False, max_examples=100)
settings.register_profile("tenth", settings.get_profile("fresh"), max_examples=200)
settings.register_profile("full", settings.get_profile("fresh"), max_examples=2_000)
# Who plants bugs wants to know that a law fails, not its smallest example.
settings.register_profile(
    "mutants", settings.get_profile("ci"), max_examples=100, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("ci")

STARTED = time.time()

# Pytest fails a test in which a record cannot be formatted, but only sees what is logged: so all of it is.
logging.getLogger("qiskit_runtime_service").setLevel(logging.DEBUG)

# On a terminal that says it is dumb nothing is drawn anew, so no test could see a line of progress.
os.environ["TERM"] = "xterm-256color"

# Each worker has a core: threads that wait for each other in a loop, as those of Aer do, would take that of another.
for library in ("OMP", "OPENBLAS", "RAYON"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# A shell lets what it runs in the background ignore Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-clients", action="store_true", help="fail, not skip, where a client is not installed")
    parser.addoption("--long", action="store_true", help="run what takes long too, as CI does")
    parser.addoption("--promise-table", metavar="PATH", help="write what was tried of each promise, as a table")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is loaded for all tests: it stays, and each look at it takes half a second."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let `make test` leave out what takes long, and no test ask a client that is not there."""
    small = settings.get_current_profile_name() == "ci" and not item.config.getoption("--long")
    if small and item.get_closest_marker("takes_long"):
        pytest.skip("it takes long: CI tries it, and `make test TESTS=--long`")
    for mark in item.iter_markers("asks"):
        reason = why_missing(*mark.args)
        if reason is not None and item.config.getoption("--all-clients"):
            pytest.fail(reason, pytrace=False)
        elif reason is not None:
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why, without being asked."""
    lines = skips_in_words(reason_of(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    if lines:
        terminalreporter.section("skipped, and why")
        for line in lines:
            terminalreporter.write_line(line)
    path = terminalreporter.config.getoption("promise_table")
    if path is not None:
        reports = {how: terminalreporter.stats.get(how, []) for how in ("passed", "failed", "skipped")}
        minutes = (time.time() - STARTED) / 60
        counts = ", ".join(f"{len(found):,} {how}" for how, found in reports.items())
        seed = terminalreporter.config.getoption("hypothesis_seed")
        summary = f"{datetime.now(UTC).date()}, {counts}, seed {seed}, {minutes:.0f} minutes on {os.cpu_count()} cores"
        tests = [tried_by(report) for how in ("passed", "failed") for report in reports[how]]
        profile = settings.get_current_profile_name()
        Path(path).write_text(page_of(tests, profile, summary), encoding="utf-8")


def tried_by(report: pytest.TestReport) -> Tried:
    """Return what a test said of what it tried."""
    told = dict(report.user_properties)
    return Tried(
        node=report.nodeid,
        promise=str(told.get("promise", "")),
        times=int(str(told.get("tried", 0 if "control" in told else 1))),
        failed=report.failed,
        control=str(told.get("control", "")),
    )
