"""What users see from outside: the names that objects show, that editors offer, and where they live."""

import inspect
import io
import math
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import FunctionType
from typing import Any

import jedi
import msgspec
import pytest
from mypy import api as mypy

import qiskit_runtime_service
from qiskit_runtime_service import (
    Batch,
    EstimatorV2,
    IBMBackend,
    QiskitRuntimeService,
    RuntimeJobV2,
    SamplerV2,
    Session,
    fake_provider,
    testing,
)
from qiskit_runtime_service.exceptions import IBMError
from qiskit_runtime_service.fake_provider import FakeBackendV2, FakeManilaV2
from qiskit_runtime_service.records.backend import Configuration, Nduv
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend
from qiskit_runtime_service.testing import EmulatedTransport, SystemClock, emulated_cloud, line_device, one_instance

from .shell.clouds import bell, open_service

# What `dir()` shows, Python's own names apart

SERVICE = """
    active_account active_instance backend backends best_backend channel check check_pending_jobs close delete_account
    delete_job explain explain_backends find_session instance_names instances is_local iter_jobs job jobs least_busy
    run_program save_account saved_accounts sessions submit track usage within
"""
DESCRIBED = """
    best_qubits check_faulty configuration coupling_map descriptions dt dtm expected_error get_translation_stage_plugin
    ignored instruction_durations instructions max_circuits meas_map name num_qubits operation_names operations options
    physical_qubits properties provider qubit_properties refresh run save_snapshot set_options status target version
"""
BACKEND = f"{DESCRIBED} calibration_id id_warning_issued instance is_mock row service target_history"
JOB = """
    ERROR JOB_FINAL_STATES backend cancel cancelled creation_date done error_message errored image in_final_state inputs
    instance job_id logs metadata metrics primitive_id private properties raw_result result running save_result service
    session_id status tags update_tags usage usage_estimation wait_for_final_state
"""
SPLIT = "cancel count done in_final_state index job_ids result statuses wait_for_final_state"
SESSION = "backend cancel close closed details from_id mode service session_id status target_backend usage"
PRIMITIVE = "backend estimate mode options run version"
ESTIMATE = "executions report seconds share surroundings to_dict to_json usage"
OPTIONS = """
    default_shots dynamical_decoupling environment execution experimental find_conflict max_execution_time
    simulator to_dict twirling update
"""
CONFIGURED = "backend_name basis_gates max_shots n_qubits online_date processor_type rep_delay_range simulator"
"""Some of the fields that a configuration has."""


def shown(thing: object) -> set[str]:
    """Return what `dir()` shows of a thing, without Python's own names."""
    return {name for name in dir(thing) if not (name.startswith("__") and name.endswith("__"))}


def fields_of_all() -> set[str]:
    """Return the fields that every configuration has, as its record names them."""
    return set(Configuration.__struct_fields__) - {"rest", "ignored"}


def test_objects_show_their_documented_names_alone() -> None:
    service, _ = open_service()
    backend = service.backends()[0]
    assert shown(service) == set(SERVICE.split())
    assert shown(backend) == set(BACKEND.split()) | fields_of_all()
    sampler = SamplerV2(mode=backend)
    assert shown(sampler) == shown(EstimatorV2(mode=backend)) == set(PRIMITIVE.split())
    assert shown(sampler.options) == set(OPTIONS.split())
    assert shown(sampler.estimate([bell(backend)])) == set(ESTIMATE.split())
    job = sampler.run([bell(backend)], shots=8)
    assert shown(job) == set(f"{JOB} record".split())
    split = sampler.run([bell(backend)], shots=8, max_payload=10**6)
    assert shown(split) == set(SPLIT.split())
    assert shown(SamplerV2(mode=FakeManilaV2()).run([bell(FakeManilaV2())], shots=8)) == set(JOB.split())


def test_a_package_shows_its_public_names_and_python_s_own() -> None:
    names = dir(qiskit_runtime_service)
    assert {"QiskitRuntimeService", "SamplerV2", "__name__", "__file__", "__version__"} <= set(names)
    for name in (*names, *dir(fake_provider)):
        assert name[:1] != "_" or name[:2] == "__"


@pytest.mark.parametrize("kind", [Session, Batch])
def test_sessions_show_their_documented_names_alone(kind: type[Session]) -> None:
    with kind(QiskitRuntimeService(channel="local").backend("fake_manila")) as session:
        assert shown(session) == set(SESSION.split())


def test_a_backend_shows_the_fields_of_its_configuration_and_sends_nothing() -> None:
    service, cloud = open_service()
    backend = service.backends()[0]
    since = len(cloud.ledger)
    assert shown(backend) >= set(CONFIGURED.split())
    assert len(cloud.ledger) == since
    configuration = backend.configuration()
    fields = shown(backend) - set(BACKEND.split())
    assert fields >= set(CONFIGURED.split())
    assert all(getattr(backend, name) == getattr(configuration, name) for name in fields)
    assert shown(configuration) >= fields


def test_a_field_that_only_some_configurations_have_is_shown_once_it_is_known() -> None:
    device = line_device("ibm_new", 2)
    described = msgspec.json.decode(device.configuration or b"{}") | {"cooled_by": "helium", "not an attribute": 1}
    device = msgspec.structs.replace(device, configuration=msgspec.json.encode(described))
    service, _ = open_service(one_instance(devices=[device, line_device("ibm_old", 2)]))
    new, old = sorted(service.backends(), key=lambda backend: backend.name)
    assert shown(new) == shown(old)
    assert new.cooled_by == "helium"
    assert old.configuration().backend_name == "ibm_old"
    assert shown(new) - shown(old) == {"cooled_by"}


def test_a_snapshot_shows_the_fields_of_its_configuration() -> None:
    assert shown(FakeManilaV2()) >= {*DESCRIBED.split(), *CONFIGURED.split()}
    assert shown(SnapshotBackend("fake_nowhere")) == set(DESCRIBED.split()) | fields_of_all()


def test_what_is_shown_of_other_things_is_public() -> None:
    service, _ = open_service()
    backend = service.backends()[0]
    for thing in (
        backend.properties(), backend.configuration(), service.backends(), service.jobs(), service.instances(),
        service.active_account(), service.usage(), service.explain(), IBMError("x"), qiskit_runtime_service, testing,
    ):  # fmt: skip
        assert [name for name in shown(thing) if name.startswith("_")] == []
    assert shown(qiskit_runtime_service) == set(qiskit_runtime_service.__all__)
    assert shown(testing) == set(testing.__all__)


@pytest.mark.parametrize(
    "kind", [QiskitRuntimeService, IBMBackend, FakeBackendV2, RuntimeJobV2, SamplerV2, EstimatorV2, Session, Batch]
)
def test_methods_and_properties_are_documented(kind: type[Any]) -> None:
    names = [name for name in dir(kind) if not name.startswith("_")]
    members = {name: inspect.getattr_static(kind, name) for name in names}
    assert [name for name, member in members.items() if not inspect.getdoc(member)] == []


# What editors offer


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    # Processes that fill one cache at once read each other's halves.
    kept = jedi.settings.cache_directory
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))
    yield jedi.create_environment(sys.prefix, safe=False)
    jedi.settings.cache_directory = kept


@pytest.mark.takes_long
@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("import qiskit_runtime_service as package\npackage.", "QiskitRuntimeService SamplerV2 Session wait_all"),
        ("from qiskit_runtime_service import QiskitRuntimeService\nQiskitRuntimeService.", SERVICE),
        ("from qiskit_runtime_service import QiskitRuntimeService\nQiskitRuntimeService('local').", SERVICE),
        ("from qiskit_runtime_service import QiskitRuntimeService as S\nS().least_busy().", BACKEND),
        ("from qiskit_runtime_service import SamplerV2\nSamplerV2().options.", OPTIONS),
        ("from qiskit_runtime_service import SamplerV2\nSamplerV2().run([]).result()[0].", "data metadata"),
        ("from qiskit_runtime_service import EstimatorV2\nEstimatorV2().run([]).result()[0].", "data metadata"),
        ("from qiskit_runtime_service import RuntimeJobV2\nRuntimeJobV2().result()[0].", "data metadata"),
        ("from qiskit_runtime_service.testing import EmulatedTransport\nEmulatedTransport().", "send now sleep"),
    ],
)
def test_an_editor_offers_the_names(code: str, wanted: str, environment: Any) -> None:
    offered = {found.name for found in jedi.Script(code, environment=environment).complete()}
    assert set(wanted.split()) <= offered


@pytest.mark.parametrize("name", ["__init__.pyi", "testing/__init__.pyi", "visualization/__init__.pyi", "py.typed"])
def test_what_editors_and_type_checkers_read_is_in_the_package(name: str) -> None:
    assert (files("qiskit_runtime_service") / name).is_file()


ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".mypy_cache"
PROGRAM = """
from qiskit_runtime_service import EstimatorV2, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.options import EstimatorOptions, SamplerOptions, TwirlingOptions

service = QiskitRuntimeService("local")
service.leastbusy()  # wrong
options = SamplerOptions(default_shots=5, twirling={"enable_gates": True})
SamplerOptions(default_shot=5)  # wrong
options.default_shots = 5
options.default_shot = 5  # wrong
options.default_shots = "many"  # wrong
options.dynamical_decoupling.enable = True
options.dynamical_decoupling.enabled = True  # wrong
options.twirling = {"enable_gates": True}
options.twirling = TwirlingOptions(strategy="all")
options.twirling = 3  # wrong
EstimatorOptions().resilience.zne.noise_factor = [1]  # wrong
sampler = SamplerV2(service.least_busy(), options)
sampler.options.default_shots = 7
sampler.options.default_shot = 7  # wrong
data = sampler.run([]).result()[0].data
from qiskit_runtime_service import Nonsense  # wrong
"""


@pytest.mark.takes_long
def test_type_checkers_see_each_mistake_and_nothing_else(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    # With the settings of `make check`, so that what that knows of the package by now is not found out anew.
    found, _, _ = mypy.run([f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={CACHE}", str(program)])
    wrong = [number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")]
    assert [int(line.split(":")[1]) for line in found.splitlines() if ": error:" in line] == wrong, found


# Where names live

PACKAGE = "qiskit_runtime_service"
DOORS = """
    accounts circuit decoders exceptions execution_span executor_sampler fake_provider json models options
    options_models proxies results testing utils visualization
    visualization.embeddings
"""
PLACES = {place: import_module(place) for place in (PACKAGE, *(f"{PACKAGE}.{door}" for door in DOORS.split()))}
NAMES = {f"{place}.{name}": getattr(module, name) for place, module in PLACES.items() for name in module.__all__}


@pytest.mark.parametrize("name", [name for name, thing in NAMES.items() if isinstance(thing, type | FunctionType)])
def test_what_is_public_says_a_public_place(name: str) -> None:
    thing: Any = NAMES[name]
    if not thing.__module__.startswith("qiskit."):
        assert getattr(PLACES[thing.__module__], thing.__qualname__) is thing
        assert pickle.loads(pickle.dumps(thing)) is thing  # noqa: S301  # our own bytes


# What a name tells that cannot be loaded


@pytest.mark.takes_long
@pytest.mark.parametrize(
    ("missing", "cause"),
    [
        ("import sys; sys.modules['numpy'] = None", "ModuleNotFoundError: import of numpy halted"),
        ("import msgspec; del msgspec.Struct", "AttributeError: module 'msgspec' has no attribute 'Struct'"),
    ],
)
@pytest.mark.parametrize("name", ["SamplerV2", "IBMBackend"])
def test_what_goes_wrong_behind_a_name_is_told_as_itself(missing: str, cause: str, name: str) -> None:
    code = f"{missing}\nfrom qiskit_runtime_service import {name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert cause in done.stderr
    assert "cannot import name" not in done.stderr


# What pickles need


class Noting(pickle.Unpickler):
    """Notes the modules that a pickle names."""

    def __init__(self, frozen: bytes) -> None:
        super().__init__(io.BytesIO(frozen))
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module)
        return super().find_class(module, name)


def things_to_pickle() -> dict[str, Any]:
    """Return what users put into pickles, with everything fetched that a backend can tell."""
    service, _ = open_service(one_instance(plan="premium"))
    backend = service.backend("ibm_emu5")
    backend.properties()
    sampler = SamplerV2(mode=backend)
    sampler.options.twirling.enable_gates = True
    job = sampler.run([bell(backend)], shots=8)
    job.result()
    snapshot = FakeManilaV2()
    local = QiskitRuntimeService(channel="local").backend("fake_manila")
    local_job = SamplerV2(mode=local).run([bell(local)], shots=8)
    local_job.result()
    return {
        "service": service,
        "local service": local.service,
        "local backend": local,
        "local job": local_job,
        "local session": Session(local),
        "cloud": EmulatedTransport(one_instance()),
        "cloud with a clock": emulated_cloud(one_instance(), clock=SystemClock()),
        "backend": backend,
        "configuration": backend.configuration(),
        "properties": backend.properties(),
        "status": backend.status(),
        "job": job,
        "session": Session(backend),
        "batch": Batch(backend),
        "options": sampler.options,
        "snapshot": snapshot,
        "read snapshot": SnapshotBackend("fake_manila", snapshot.descriptions()),
    }


PICKLED = things_to_pickle()


@pytest.mark.parametrize("name", PICKLED)
def test_a_pickle_names_public_modules_alone(name: str) -> None:
    unpickler = Noting(pickle.dumps(PICKLED[name]))
    assert type(unpickler.load()) is type(PICKLED[name])
    inner = unpickler.modules - {*PLACES, "builtins", "datetime"}
    assert inner == ({"qiskit_runtime_service.records.options"} if name == "options" else set())


def test_numbers_dates_and_bytes_survive_a_pickle() -> None:
    configuration, properties = FakeManilaV2().descriptions()
    assert properties is not None
    zone = timezone(timedelta(hours=-5))
    date = datetime(2026, 2, 3, 4, 5, 6, 7, zone)
    odd = msgspec.structs.replace(configuration, rest=b'{"a":1}', online_date=date, clops=math.nan, dt=-0.0)
    late = msgspec.structs.replace(properties, last_update_date=date, general=(Nduv("x", "", math.inf, "2026"),))
    again = pickle.loads(pickle.dumps(SnapshotBackend("odd", (odd, late))))  # noqa: S301  # our own bytes
    read, dated = again.descriptions()
    assert math.isnan(read.clops)
    assert math.copysign(1, read.dt) == -1
    assert msgspec.structs.replace(read, clops=None) == msgspec.structs.replace(odd, clops=None)
    assert dated == late
    assert read.online_date.utcoffset() == dated.last_update_date.utcoffset() == timedelta(hours=-5)


def test_backends_of_one_pickle_share_their_service() -> None:
    service = QiskitRuntimeService(channel="local")
    backends = [service.backend("fake_manila"), service.backend("fake_lima")]
    one, other = pickle.loads(pickle.dumps(backends))  # noqa: S301  # our own bytes
    assert one.service is other.service
