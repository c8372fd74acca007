"""Everything that IBM's users import is here under the same name."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service

from ..support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
THEIRS: dict[str, dict[str, Any]] = json.loads((HERE.parent / "data" / "public_names.json").read_bytes())
OURS = qiskit_runtime_service.__name__

HERE_TOO = [(module, name) for module, names in THEIRS.items() for name in names]


@pytest.mark.holds("B178")
@pytest.mark.parametrize(("module", "name"), HERE_TOO)
def test_each_name_is_here(module: str, name: str) -> None:
    assert getattr(import_module(OURS + module), name) is not None


@pytest.mark.holds("B178")
@pytest.mark.parametrize("module", ["", ".results", ".visualization"])
def test_a_name_that_no_module_has_is_missed_as_ever(module: str) -> None:
    door = import_module(OURS + module)
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        getattr(door, "nonsense".capitalize())
    with pytest.raises(ImportError, match="cannot import name 'Nonsense'"):
        exec(f"from {OURS}{module} import Nonsense", {})  # noqa: S102  # the statement is what matters
    assert getattr(door, "Nonsense", None) is None
    assert not hasattr(door, "Nonsense")


@needs_existing_client
def test_the_names_are_those_of_the_installed_client() -> None:
    assert ask_existing_client(HERE / "dump_names.py", None) == THEIRS
