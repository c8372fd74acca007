"""Every place of IBM's client is here: each module that it has, and each name at it, or the reason why not."""

import copy
import importlib.util
import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import qiskit_runtime_service

from ..support.existing import ask_existing_client, needs_existing_client
from .places import MODULES, NAMES, PLACES, places_here, why_not

OURS = qiskit_runtime_service.__name__
HERE = [(module, names) for module, names in places_here() if PLACES[module] is not None]


@pytest.mark.holds("B423")
@pytest.mark.parametrize(("module", "names"), HERE, ids=[module for module, _ in HERE])
def test_each_place_is_here(module: str, names: list[str]) -> None:
    door = import_module(OURS + module)
    for name in names:
        assert getattr(door, name) is not None
        exec(f"from {OURS}{module} import {name}", {})  # noqa: S102  # the statement is what matters
    assert set(names) <= set(dir(door))


def test_what_is_said_of_places_is_said_of_nothing_else() -> None:
    assert [module for module in MODULES if module not in PLACES] == []
    for module, names in NAMES.items():
        assert why_not(module) is None
        door = import_module(OURS + module)
        assert [name for name in names if name not in (PLACES[module] or ()) or hasattr(door, name)] == []
    for module in MODULES:
        with pytest.raises(ModuleNotFoundError):
            import_module(OURS + module)


@needs_existing_client
def test_the_places_are_those_of_the_installed_client() -> None:
    assert ask_existing_client(Path(__file__).with_name("dump_places.py"), None) == PLACES


# Modules as others are


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.takes_long
@pytest.mark.holds("B423")
def test_a_door_without_a_file_is_imported_in_every_way() -> None:
    code = f"""
import {OURS}.circuit.library.xslow as door
import {OURS}.options.zne_options
import {OURS}.session
from {OURS} import ibm_backend
from {OURS}.session import Session
from {OURS}.circuit.library import *
print(door.XSlowGate is XSlowGate is {OURS}.circuit.library.XSlowGate, MidCircuitReset().name)
print({OURS}.session.Session is {OURS}.Session is Session, ibm_backend.IBMBackend.__name__)
print({OURS}.options.zne_options.ZneOptions().noise_factors)
"""
    assert run(code).splitlines() == ["True reset_2", "True IBMBackend", "Unset"]


@pytest.mark.takes_long
@pytest.mark.holds("B423")
def test_who_has_the_package_has_its_doors() -> None:
    code = f"""
import {OURS} as package
print(package.options.SamplerOptions.__name__, package.fake_provider.FakeFez.__name__, package.utils.is_crn("x"))
print(hasattr(package, "nonsense"), "options" in dir(package))
"""
    assert run(code).splitlines() == ["SamplerOptions FakeFez False", "False False"]


@pytest.mark.holds("B423")
def test_a_door_without_a_file_is_a_module_like_any() -> None:
    door = import_module(f"{OURS}.models.backend_configuration")
    names = ["BackendConfiguration", "GateConfig", "QasmBackendConfiguration", "UchannelLO"]
    assert [name for name in dir(door) if not name.startswith("__")] == names
    assert door.__all__ == names
    assert not hasattr(door, "Nonsense")
    assert getattr(door, "__file__", None) is None
    with pytest.raises(ImportError, match="cannot import name 'Nonsense'"):
        exec(f"from {door.__name__} import Nonsense", {})  # noqa: S102  # the statement is what matters
    spec = importlib.util.find_spec(door.__name__)
    assert spec is not None
    assert spec.name == door.__name__
    kind = pickle.loads(f"c{door.__name__}\nUchannelLO\n.".encode())  # noqa: S301  # our own bytes
    assert kind is door.UchannelLO
    assert pickle.loads(pickle.dumps(kind(1, 0.5))) == copy.deepcopy(kind(1, 0.5))  # noqa: S301  # our own bytes


def test_a_door_is_no_class_of_its_name() -> None:
    assert qiskit_runtime_service.Session is import_module(f"{OURS}.session").Session
    assert "session" not in dir(qiskit_runtime_service)
    assert "session" not in qiskit_runtime_service.__all__


def test_doors_load_nothing_before_they_are_used() -> None:
    code = f"import sys, {OURS}.runtime_job_v2, {OURS}.sampler\nprint('qiskit' in sys.modules, 'numpy' in sys.modules)"
    assert run(code) == "False False"
