"""Everything that IBM's users import is here under the same name, or says what to use instead."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service
from qiskit_runtime_service._left_out import NAMES

from ..support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
THEIRS: dict[str, dict[str, Any]] = json.loads((HERE.parent / "data" / "public_names.json").read_bytes())
OURS = qiskit_runtime_service.__name__

LEFT_OUT = {
    ".visualization": {"draw_circuit_schedule_timing": "scheduler_timing of the metadata"},
}
"""The names that are not here in modules that are, and what is said of each."""

HERE_TOO = [
    (module, name) for module, names in THEIRS.items() for name in names if name not in LEFT_OUT.get(module, {})
]
SPOKEN = [(module, name, words) for module, names in LEFT_OUT.items() for name, words in names.items()]


@pytest.mark.holds("B178")
@pytest.mark.parametrize(("module", "name"), HERE_TOO)
def test_each_name_is_here(module: str, name: str) -> None:
    assert getattr(import_module(OURS + module), name) is not None


@pytest.mark.holds("B178")
@pytest.mark.parametrize(("module", "name", "instead"), SPOKEN)
def test_each_name_that_is_not_here_says_what_to_use(module: str, name: str, instead: str) -> None:
    door = import_module(OURS + module)
    with pytest.raises(AttributeError) as caught:
        getattr(door, name)
    assert str(caught.value).startswith(f"{name} of IBM's client is not part of {OURS}{module}: ")
    assert instead in str(caught.value)
    with pytest.raises(ImportError) as refused:
        exec(f"from {OURS}{module} import {name}", {})  # noqa: S102  # the statement is what matters
    assert str(refused.value) == str(caught.value)
    assert refused.value.name == OURS + module
    assert getattr(door, name, None) is None
    assert not hasattr(door, name)


def test_what_is_said_is_said_of_nothing_else() -> None:
    assert {module: set(names) for module, names in NAMES.items()} == {
        module: set(names) for module, names in LEFT_OUT.items()
    }


def test_nothing_is_said_of_names_that_nobody_asks_for() -> None:
    asked = {(module, name) for module, names in THEIRS.items() for name in names}
    assert {(module, name) for module, name, _ in SPOKEN} - asked == set()


@pytest.mark.holds("B178")
def test_doors_hide_no_name_of_the_package() -> None:
    for module, names in LEFT_OUT.items():
        door = import_module(OURS + module)
        assert not set(names) & set(vars(door))
        with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
            getattr(door, "nonsense".capitalize())


@needs_existing_client
def test_the_names_are_those_of_the_installed_client() -> None:
    assert ask_existing_client(HERE / "dump_names.py", None) == THEIRS
