"""The stage that the tests of commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.fixtures import Stage, open_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a folder, a home and an emulated cloud behind a door."""
    with open_stage(tmp_path) as opened:
        yield opened
