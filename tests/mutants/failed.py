"""A plugin of pytest: the names of tests that failed are written to a file."""

import os
from pathlib import Path

import pytest

_FAILED: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _FAILED.append(report.nodeid)


def pytest_sessionfinish() -> None:
    Path(os.environ["FAILED_TESTS"]).write_text("\n".join(_FAILED), encoding="utf-8")
