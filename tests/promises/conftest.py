"""Whatever lies here is a promise: `make promises` runs it, beside the laws of all rooms, and counts what is tried."""

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import pytest

from ..support.promise_table import examples_in
from .sizes import Control, Tally

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("promise")


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Tally:
    """Return what a test tells how often it tries what is promised. Of others it is once, of laws their examples."""
    return partial(record_property, "tried")


@pytest.fixture
def control(record_property: Callable[[str, object], None]) -> Control:
    """Return what a test tells in a few words what the existing client did with the same."""
    return partial(record_property, "control")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if HERE in item.path.parents and report.when == "call":
        report.user_properties.append(("promise", getattr(item, "module").__doc__.splitlines()[0]))  # noqa: B009
        statistics = getattr(item, "hypothesis_statistics", None)
        if statistics:
            report.user_properties.append(("tried", examples_in(statistics)))
    return report
