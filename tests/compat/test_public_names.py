"""Everything that IBM's users import is here under the same name, or says what to use instead."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service
from qiskit_runtime_service._left_out import MODULES, NAMES

from ..support.existing import ask_existing_client, needs_existing_client

HERE = Path(__file__).parent
THEIRS: dict[str, dict[str, Any]] = json.loads((HERE.parent / "data" / "public_names.json").read_bytes())
OURS = qiskit_runtime_service.__name__


def is_closed(module: str) -> bool:
    """Tell whether a module of IBM's client is one, or is in one, that is not here."""
    return any(f"{module}.".startswith(f"{closed}.") for closed in MODULES)


OPEN = [(module, name) for module, names in THEIRS.items() if not is_closed(module) for name in names]


@pytest.mark.holds("B178")
@pytest.mark.parametrize(("module", "name"), OPEN)
def test_each_name_is_here_or_says_what_to_use(module: str, name: str) -> None:
    door = import_module(OURS + module)
    if instead := NAMES.get(module, {}).get(name):
        with pytest.raises(AttributeError) as caught:
            getattr(door, name)
        assert instead in str(caught.value)
        with pytest.raises(ImportError) as refused:
            exec(f"from {OURS}{module} import {name}", {})  # noqa: S102  # the statement is what matters
        assert instead in str(refused.value)
        assert getattr(door, name, None) is None
        assert not hasattr(door, name)
    else:
        assert getattr(door, name) is not None


@pytest.mark.holds("B178")
@pytest.mark.parametrize("module", [module for module in THEIRS if is_closed(module)])
def test_each_module_that_is_not_here_says_what_to_use(module: str) -> None:
    with pytest.raises(ImportError, match=r"does not exist, unlike in IBM's client: \w+"):
        import_module(OURS + module)


def test_nothing_is_said_of_names_that_nobody_asks_for() -> None:
    assert {module for module in MODULES if not any(is_closed(theirs) for theirs in THEIRS)} == set()
    # IBM's figures cannot be listed: their module wants plotly.
    spoken = {(module, name) for module, names in NAMES.items() for name in names if module != ".visualization"}
    assert spoken - set(OPEN) == set()


@pytest.mark.holds("B178")
def test_doors_hide_no_name_of_the_package() -> None:
    for module, names in NAMES.items():
        door = import_module(OURS + module)
        assert not set(names) & set(vars(door))
        with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
            getattr(door, "nonsense".capitalize())


def test_results_of_the_noise_learner_are_where_older_documents_look_for_them() -> None:
    older, newer = import_module(f"{OURS}.utils.noise_learner_result"), import_module(f"{OURS}.results")
    for name in ("LayerError", "NoiseLearnerResult", "PauliLindbladError"):
        assert getattr(older, name) is getattr(newer, name)


@needs_existing_client
def test_the_names_are_those_of_the_installed_client() -> None:
    assert ask_existing_client(HERE / "dump_names.py", None) == THEIRS
