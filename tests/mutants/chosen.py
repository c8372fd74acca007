"""A plugin of pytest: of what is collected, only the tests on a list are run."""

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = set(Path(os.environ["CHOSEN_TESTS"]).read_text(encoding="utf-8").splitlines())
    left_out = [item for item in items if item.nodeid not in wanted]
    if wanted:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.nodeid in wanted]
