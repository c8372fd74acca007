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


CHECKED = "run() of a primitive checks what it is given"

CLOSED = {
    ".circuit": "use them from there: qiskit_ibm_runtime.circuit",
}
"""The modules of IBM's client that are not here, and what is said of each."""

LEFT_OUT = {
    "": {
        "RuntimeOptions": "service.run_program, and job tags to options.environment",
        "setup_logger": "logging.getLogger('qiskit_runtime_service')",
    },
    ".accounts": {
        "Account": "service.active_account() and QiskitRuntimeService.saved_accounts()",
        "AccountManager": "QiskitRuntimeService saves, lists and deletes accounts",
        "CloudResourceNameResolutionError": "raises IBMInputValueError",
    },
    ".json": {"to_base64_string": "json.dumps(value, cls=RuntimeEncoder)"},
    ".utils": {
        "are_circuits_dynamic": "ask circuit.has_control_flow_op()",
        "is_crn": "a CRN begins with 'crn:v1:'",
        "local_to_utc": "value.astimezone(zone)",
        "utc_to_local": "value.astimezone(zone)",
        "validate_classical_registers": CHECKED,
        "validate_estimator_pubs": CHECKED,
        "validate_isa_circuits": CHECKED,
        "validate_job_tags": CHECKED,
        "validate_no_dd_with_dynamic_circuits": CHECKED,
        "validate_rzz_pubs": CHECKED,
    },
    # IBM's figures cannot be listed: their module wants plotly.
    ".visualization": {
        "draw_execution_spans": "start, stop and mask of execution spans",
        "draw_layer_error_map": "plot the rates of layer.error",
        "draw_layer_errors_swarm": "plot the rates of layer.error",
    },
}
"""The names that are not here in modules that are, and what is said of each."""

HERE_TOO = [
    (module, name)
    for module, names in THEIRS.items()
    for name in names
    if module not in CLOSED and name not in LEFT_OUT.get(module, {})
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


@pytest.mark.holds("B178")
@pytest.mark.parametrize(("module", "instead"), CLOSED.items())
def test_each_module_that_is_not_here_says_what_to_use(module: str, instead: str) -> None:
    with pytest.raises(ImportError) as caught:
        import_module(OURS + module)
    closed = f"{OURS}{module.removesuffix('.passes')}"
    assert str(caught.value).startswith(f"{closed} does not exist, unlike in IBM's client: ")
    assert instead in str(caught.value)
    assert caught.value.name == closed


def test_what_is_said_is_said_of_nothing_else() -> None:
    assert set(MODULES) == set(CLOSED)
    assert {module: set(names) for module, names in NAMES.items()} == {
        module: set(names) for module, names in LEFT_OUT.items()
    }


def test_nothing_is_said_of_names_that_nobody_asks_for() -> None:
    assert set(CLOSED) == set(CLOSED) & set(THEIRS)
    asked = {(module, name) for module, names in THEIRS.items() for name in names}
    assert {(module, name) for module, name, _ in SPOKEN if module != ".visualization"} - asked == set()


@pytest.mark.holds("B178")
def test_doors_hide_no_name_of_the_package() -> None:
    for module, names in LEFT_OUT.items():
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
