"""Any value as any argument of any public call works, or an error of ours names the argument before any request."""

import inspect
import math
import re
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import DataBin
from qiskit.quantum_info import PauliList

from qiskit_runtime_service import (
    Batch,
    DecodeLimits,
    Endpoints,
    EstimatorV2,
    IBMBackend,
    QiskitRuntimeLocalService,
    QiskitRuntimeService,
    RuntimeDecoder,
    RuntimeJobV2,
    SamplerV2,
    Session,
    load_snapshot,
    options,
    testing,
    visualization,
    wait_all,
)
from qiskit_runtime_service.client.jobs import JobFilters
from qiskit_runtime_service.exceptions import BackendPropertyError, IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeManilaV2, FakeProviderForBackendV2
from qiskit_runtime_service.models import BackendProperties
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import BadArgument, UnfitEntry
from qiskit_runtime_service.results import EstimatorPubResult, LayerError, PauliLindbladError
from qiskit_runtime_service.shell.display import Explained
from qiskit_runtime_service.shell.in_process_job import InProcessJob
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend
from qiskit_runtime_service.shell.split_job import SplitJob
from qiskit_runtime_service.testing import (
    API_KEY,
    CoherentNoise,
    DeviceQueue,
    DoorLimits,
    DrawnQueue,
    Drip,
    EmulatedTransport,
    Fault,
    FixedQueue,
    Garble,
    Lost,
    Misstate,
    Revoke,
    SentRequests,
    Stall,
    Status,
    Truncate,
    Unreachable,
    broken,
    build_world,
    door_to,
    emulated_cloud,
    line_device,
    one_instance,
)
from qiskit_runtime_service.visualization.embeddings import Embedding

from .promises.sizes import size
from .shell.clouds import bell
from .strategies import CANARY, json_values
from .support.examples import examples

# What can be called


class Things(NamedTuple):
    """What public methods belong to, over one cloud."""

    cloud: EmulatedTransport
    service: QiskitRuntimeService
    backend: IBMBackend
    circuit: QuantumCircuit
    job: RuntimeJobV2
    split: SplitJob
    here: InProcessJob
    session: Session
    snapshot: SnapshotBackend
    properties: BackendProperties


def extrapolated() -> EstimatorPubResult:
    """Return the result of a PUB with two expectation values that were extrapolated."""
    lasts = {"evs": (), "stds": (), "evs_noise_factors": (2,), "stds_noise_factors": (2,)}
    lasts |= {"evs_extrapolated": (1, 3), "stds_extrapolated": (1, 3)}
    told = {"noise_factors": [1, 3], "extrapolator": ["linear"], "extrapolated_noise_factors": [0, 1, 3]}
    data = DataBin(**{name: np.full((2, *last), 0.1) for name, last in lasts.items()}, shape=(2,))
    return EstimatorPubResult(data, {"resilience": {"zne": told}})


def layer_error() -> LayerError:
    """Return the error of a layer on two qubits."""
    return LayerError(QuantumCircuit(2), [0, 1], PauliLindbladError(PauliList(["IX", "ZZ"]), [0.1, 0.2]))


@cache
def things() -> Things:
    cloud = emulated_cloud(one_instance(plan="premium"))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend, snapshot = service.backend("ibm_emu5"), FakeManilaV2()
    circuit = bell(backend)
    job = SamplerV2(backend).run([circuit], shots=8)
    split: Any = SamplerV2(backend).run([circuit], shots=8, max_payload=10**6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        here: Any = SamplerV2(snapshot).run([bell(snapshot)], shots=8)
    for run in (job, split, here):
        run.result()
    properties = backend.properties()
    assert properties is not None
    return Things(cloud, service, backend, circuit, job, split, here, Session(backend), snapshot, properties)


def fitting(name: str) -> Any:
    """Return a value that fits an argument that must be given."""
    known = things()
    return {
        "at": 1.8e9,
        "backend": known.backend,
        "circuit": known.circuit,
        "circuit_schedule": "main,x_0,Qubit 0,0,8,play",
        "cloud": known.cloud,
        "count": 2,
        "data": {},
        "dates": [datetime(2027, 1, 1, tzinfo=UTC)],
        "device": line_device("ibm_emu5", 5),
        "embedding": Embedding([(0, 0), (0, 1)], [(0, 1)]),
        "gate": "cz",
        "history": [(datetime(2027, 1, 1, tzinfo=UTC), [known.backend])],
        "inner": known.cloud,
        "inputs": {},
        "job_id": known.job.job_id(),
        "jobs": [known.job],
        "layer_error": layer_error(),
        "layer_errors": [layer_error()],
        "mode": known.backend,
        "n": 2,
        "name": "ibm_emu5",
        "new": "new.yaml",
        "new_tags": ["a"],
        "num_qubits": 3,
        "number": 1,
        "old": "old.yaml",
        "path": "snapshot.json",
        "pattern": "GET /jobs",
        "program_id": "sampler",
        "pubs": [known.circuit],
        "qubit": 0,
        "qubits": (0, 1),
        "result": extrapolated(),
        "row": known.backend.row,
        "service": known.service,
        "snapshot": "fez",
        "session_id": known.session.session_id,
        "submission": Submission(program="sampler", backend="ibm_emu5", params=b"{}"),
        "timeout": 5.0,
        "token": "k" * 44,
        "world": one_instance(),
    }[name]


class Call(NamedTuple):
    """A public call, and what it is given beside the argument that is tried."""

    function: Callable[..., Any]
    given: Mapping[str, Any]
    arguments: tuple[str, ...]


KEYWORDS = {
    "service.backends": ("n_qubits", "simulator", "operational", "max_shots", "basis_gates", "status_msg", "typo"),
    "service.least_busy": ("n_qubits", "dynamic_circuits"),
    "service.best_backend": ("n_qubits",),
    "service.explain_backends": ("n_qubits",),
    "service.iter_jobs": tuple(JobFilters.__annotations__),
}
"""Which `**kwargs` to try, by call."""

NOT_OURS = frozenset(("run", "set_options", "index", "count", "metadata"))
"""Methods of Qiskit's or Python's, and one that refuses whatever it is given."""

ACCOUNTS = frozenset(("save_account", "saved_accounts", "delete_account"))


def calls_of(what: str, thing: Any, but: frozenset[str] = NOT_OURS) -> Iterator[tuple[str, Call]]:
    """Yield the public methods of a thing that take arguments, by name."""
    for name in dir(thing):
        member = inspect.getattr_static(type(thing), name, None)
        if (
            not name.startswith("_")
            and name not in but
            and isinstance(member, FunctionType | staticmethod | classmethod)
        ):
            call = call_of(getattr(thing, name), KEYWORDS.get(f"{what}.{name}", ()))
            if call.arguments:
                yield f"{what}.{name}", call


def call_of(function: Callable[..., Any], keywords: tuple[str, ...] = (), **given: Any) -> Call:
    """Return a call with what it must be given."""
    parameters = inspect.signature(function).parameters.values()
    named = [part for part in parameters if part.kind not in (part.VAR_KEYWORD, part.VAR_POSITIONAL)]
    needed = [part.name for part in named if part.default is part.empty and part.name not in given]
    arguments = (*(part.name for part in named), *keywords)
    return Call(function, {name: fitting(name) for name in needed} | given, arguments)


@cache
def calls() -> dict[str, Call]:
    """Return all public calls by name."""
    known = things()
    made = dict(calls_of("service", known.service, NOT_OURS | ACCOUNTS))
    for what in ("backend", "snapshot", "job", "split", "here", "properties"):
        made |= calls_of(what, getattr(known, what))
    made |= calls_of("fake provider", FakeProviderForBackendV2())
    for name in ACCOUNTS:
        token: dict[str, Any] = {"token": "k" * 44} if name == "save_account" else {}
        made[name] = call_of(getattr(QiskitRuntimeService, name), filename="accounts.json", **token)
    open_cloud: dict[str, Any] = {"token": API_KEY, "transport": known.cloud, "clock": known.cloud}
    made["QiskitRuntimeService"] = call_of(QiskitRuntimeService, **open_cloud)
    observed = known.circuit.remove_final_measurements(inplace=False)
    estimated = [(observed, "I" * observed.num_qubits)]
    made["service.run_program"] = call_of(known.service.run_program, mode=known.backend)
    made |= {
        "QiskitRuntimeLocalService": call_of(QiskitRuntimeLocalService),
        "Session": call_of(Session),
        "Batch": call_of(Batch, create_new=False),
        "Session.from_id": call_of(Session.from_id),
        "SamplerV2": call_of(SamplerV2, mode=known.backend),
        "EstimatorV2": call_of(EstimatorV2, mode=known.backend),
        "SamplerV2.run": call_of(SamplerV2(known.backend).run, shots=8),
        "EstimatorV2.run": call_of(EstimatorV2(known.backend).run, pubs=estimated, precision=0.5),
        "SamplerV2.run here": call_of(SamplerV2(known.snapshot).run, pubs=[bell(known.snapshot)], shots=8),
        "wait_all": call_of(wait_all),
        "load_snapshot": call_of(load_snapshot),
        "RuntimeDecoder": call_of(RuntimeDecoder),
        "SimulatorOptions.set_backend": call_of(options.SimulatorOptions().set_backend),
    }
    made |= {f"visualization.{name}": call_of(getattr(visualization, name)) for name in visualization.__all__}
    made |= calls_of_the_laboratory(known.cloud)
    limits = DecodeLimits.__struct_fields__
    made["DecodeLimits"] = Call(lambda **given: RuntimeDecoder(limits=DecodeLimits(**given)), {}, limits)
    groups = (getattr(options, name) for name in options.__all__ if name != "Unset")
    return made | {group.__name__: call_of(group) for group in groups}


APART = frozenset(("SystemClock", "API_KEY", "OpenCloud", "stand_in"))
"""What takes no arguments, or is made by what is tried here, not by users."""

BELOW = ("testing.EmulatedTransport", "carrier.")
"""What lives below IBM's exceptions, and refuses with those of Python (B355)."""

RECORDS: dict[Any, dict[str, Any]] = {
    Status: {"code": 503},
    Lost: {"acted": True},
    Stall: {"seconds": 1.0},
    Drip: {"seconds": 1.0},
    Truncate: {},
    Misstate: {"by": 1},
    Garble: {},
    Fault: {"effect": Stall(seconds=1.0)},
    DoorLimits: {},
    FixedQueue: {"seconds": 1.0},
    DrawnQueue: {},
    CoherentNoise: {},
}
"""Records of the laboratory, each with what it must be given."""

FIELDLESS = (DeviceQueue, Revoke, Unreachable)


def take(kind: Callable[..., Any], **given: Any) -> object:
    """Make a record and hand it to what takes it."""
    record = kind(**given)
    if isinstance(record, DoorLimits):
        return door_to(things().cloud, limits=record)
    if isinstance(record, CoherentNoise):
        return one_instance(coherent=record)
    return one_instance(queue=record) if isinstance(record, FixedQueue | DrawnQueue) else broken(record)


def nap(carrier: EmulatedTransport, seconds: float) -> None:
    carrier.sleep(seconds)


def turn_into(carrier: EmulatedTransport, world: Any) -> None:
    carrier.alter(lambda _: world)


GIVEN: dict[str, dict[str, Any]] = {name: {"device": "ibm_emu5"} for name in ("past_job", "past_session")}
"""What is given by its name where others take the thing."""


def calls_of_the_laboratory(cloud: EmulatedTransport) -> dict[str, Call]:
    """Return what users call to test their programs."""
    names = set(testing.__all__) - APART - {kind.__name__ for kind in (*RECORDS, *FIELDLESS)}
    made = {f"testing.{name}": call_of(getattr(testing, name), **GIVEN.get(name, {})) for name in sorted(names)}
    made |= calls_of("sent", SentRequests(cloud))
    carrier = emulated_cloud(one_instance())
    made["carrier.alter"] = Call(partial(turn_into, carrier), {}, ("world",))
    made["carrier.sleep"] = Call(partial(nap, carrier), {}, ("seconds",))
    for kind, least in RECORDS.items():
        made[f"testing.{kind.__name__}"] = Call(partial(take, kind), least, kind.__struct_fields__)
    several: dict[str, tuple[str, Callable[..., object]]] = {
        "testing.broken of several": ("what", lambda what: broken(Revoke(), what)),
        "testing.build_world of several": ("offers", lambda offers: build_world(testing.instance("a"), offers)),
        "sent.never of several": ("patterns", lambda patterns: SentRequests(cloud).never("PUT /x", patterns)),
        "sent.in_order of several": ("patterns", lambda patterns: SentRequests(cloud).in_order(patterns)),
    }
    return made | {name: Call(function, {}, (argument,)) for name, (argument, function) in several.items()}


PAIRS = [(name, argument) for name, call in calls().items() for argument in call.arguments]

# What is given

NAIVE = datetime.fromisoformat("2026-01-01")
"""Users have dates without a zone."""


def nested(levels: int) -> list[Any]:
    """Return a list in a list, in a list, …"""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


ODD: list[Any] = [
    None, True, False, 0, 1, -1, 5, 99, 10**400, 1.5, 2.0, -1.0, math.nan, math.inf, Decimal(1), object(), int,
    "", "x", "5", "no", "\ud800", "a" * 300, "2026-01-01", "2026-01-01T00:00:00Z", b"x",
    [], [1], ["x"], [None], [[]], [{}], ["\ud800"], {}, {"x": 1}, {1: 2}, (), ("a", "b"), {"x"}, range(2),
    date(2026, 1, 1), NAIVE, datetime(2026, 1, 1, tzinfo=UTC), NAIVE.max, NAIVE.min, timedelta(1), Path("x"), print,
    np.int64(3), np.int8(-1), np.uint64(2**63), np.float32(0.5), np.float64(math.nan), np.bool_(True), np.str_("x"),
    np.array(3), np.array([1, 2]), np.array([]), np.array(["x"]), np.array([[0.5]]), np.array([None]), np.ndarray,
    np.complex128(1j), np.datetime64("2026-01-01"), np.timedelta64(5, "s"),
    10**5_000, -(10**5_000), [10**5_000], {"x": 10**5_000}, 1j, Fraction(1, 3),
    Decimal("1e5000"), Decimal("NaN"), "x" * 100_000, "a\nb\x1b[31m", "\u202e", nested(5_000), [10**400, 1e308],
    np.array([10**400, 1]), np.float64(1e308), np.uint64(2**64 - 1), np.longdouble("1e4000"),
]  # fmt: skip
"""Values that are given by mistake, and some that are right."""

FUNCTIONS = frozenset(("filters", "decoder", "on_change", "url_resolver"))
"""Arguments that are called: what such a function of the user's raises is the user's own."""


FILES = frozenset(("save_snapshot", "save_result", "save_world", "load_world", "described_cloud", "plot_gate_map"))
"""Calls that read or write a file, and may find that they cannot."""


def is_named(argument: str, error: Exception) -> bool:
    """Tell whether an error names an argument as it is written, by itself or with what is in it."""
    return re.search(rf"\b{argument}\b", str(error)) is not None


def try_out(name: str, argument: str, value: Any) -> None:
    """Give a value to an argument; check what comes of it."""
    if argument in FUNCTIONS and callable(value):
        return
    call, cloud = calls()[name], things().cloud
    before = len(cloud.ledger)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            done = call.function(**{**call.given, argument: value})
            if name == "service.iter_jobs":
                next(done, None)
    except QiskitError as error:
        problem = getattr(error, "problem", None)
        if isinstance(problem, BadArgument | UnfitEntry):
            assert isinstance(error, IBMInputValueError)
            assert is_named(argument, error), error
            assert len(cloud.ledger) == before, f"{error}, after a request"
        else:
            home = "qiskit.providers" if name.startswith("fake provider") else "qiskit_runtime_service"
            assert type(error).__module__ == f"{home}.exceptions", error
    except OSError:
        assert argument in ("path", "world", "filename")
        assert name.split(".")[1] in FILES  # as it is documented
    except (TypeError, ValueError) as error:
        assert name.startswith(BELOW), error
        assert str(error).startswith(f"{argument} is "), error
    except KeyError:
        assert name == "testing.describe_device"  # as it is documented
    except AssertionError:
        assert name.startswith("sent.")  # what does not hold is one


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.holds("B299")
@pytest.mark.parametrize("name", calls())
def test_an_odd_value_works_or_an_error_of_ours_names_its_argument_before_any_request(name: str) -> None:
    pairs = [(argument, value) for argument in calls()[name].arguments for value in ODD]
    for argument, value in Random(name).sample(pairs, size(len(pairs))):  # noqa: S311  # chances, not secrets
        try_out(name, argument, value)


@pytest.mark.holds("B299")
@given(st.sampled_from(PAIRS), json_values)
@example(("SamplerV2.run", "pubs"), [[None, False]])
@example(("EstimatorV2.run", "pubs"), [[None, "Z", False]])
@settings(max_examples=examples(200))
def test_any_json_works_or_an_error_of_ours_names_its_argument(where: tuple[str, str], value: Any) -> None:
    try_out(*where, value)


MISPLACED = "Zx9Qw3pLm8Nv2KdRt5Yb7HgFs4Jc1XeUa6Wo0IiBqEzT"
"""It looks like a key, and is none."""


@pytest.mark.holds("B328")
@pytest.mark.parametrize("name", calls())
def test_a_key_in_the_wrong_place_is_in_no_error_and_in_no_explanation(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="qiskit_runtime_service")
    call = calls()[name]
    for argument in call.arguments:
        for value in (MISPLACED, [MISPLACED], f"nope/{MISPLACED}", {MISPLACED: 1}):
            told = ""
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    done = call.function(**{**call.given, argument: value})
                    told = str(done) if isinstance(done, Explained) else ""
            except (QiskitError, OSError, AssertionError, TypeError, ValueError, KeyError) as error:
                told = "".join(traceback.format_exception_only(error))
                told += str(error.__cause__ or "")
            assert MISPLACED[:8] not in told, (argument, told)
    assert MISPLACED[:8] not in caplog.text


ANGLE = Parameter("θ")


def turned() -> QuantumCircuit:
    """Return a circuit with a parameter, as the device runs it."""
    circuit = QuantumCircuit(5, 1)
    circuit.rz(ANGLE, 0)
    circuit.measure(0, 0)
    return circuit


def unmeasured() -> QuantumCircuit:
    return turned().remove_final_measurements(inplace=False)


def sample(*pubs: Any, **given: Any) -> object:
    return SamplerV2(things().backend).run([*pubs], **given)


def estimate(*pubs: Any, **given: Any) -> object:
    return EstimatorV2(things().backend).run([*pubs], **given)


PUBS: dict[str, Callable[[Any], object]] = {
    "values": lambda odd: sample((turned(), odd), shots=8),
    "a value": lambda odd: sample((turned(), {"θ": odd}), shots=8),
    "values in a list": lambda odd: sample((turned(), [odd, 1.0]), shots=8),
    "values where none are due": lambda odd: sample((things().circuit, odd), shots=8),
    "shots": lambda odd: sample((things().circuit, None, odd)),
    "something more": lambda odd: sample((things().circuit, None, 8, odd)),
    "a circuit": lambda odd: sample(things().circuit, (odd,), shots=8),
    "an observable": lambda odd: estimate((unmeasured(), odd, [1.0]), precision=0.5),
    "a coefficient": lambda odd: estimate((unmeasured(), {"ZIIII": odd}, [1.0]), precision=0.5),
    "values of an estimator": lambda odd: estimate((unmeasured(), "ZIIII", odd), precision=0.5),
    "precision": lambda odd: estimate((unmeasured(), "ZIIII", [1.0], odd)),
    "shots here": lambda odd: SamplerV2(things().snapshot).run([(bell(things().snapshot), None, odd)]),
}
"""By what of a PUB is odd: a run with it."""

QUICK_AND_LONG = [
    pytest.param(place, marks=pytest.mark.takes_long) if place == "shots here" else place for place in PUBS
]
"""One takes all the shots that it is told."""


@pytest.mark.holds("B354")
@pytest.mark.parametrize("place", QUICK_AND_LONG)
def test_an_odd_value_in_a_pub_works_or_an_error_of_ours_names_the_pub_before_any_request(place: str) -> None:
    cloud = things().cloud
    for value in ODD:
        before = len(cloud.ledger)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                PUBS[place](value)
        except IBMInputValueError as error:
            assert re.search(r"pubs\[[01]\]|PUB [01]", str(error)), error
            assert len(str(error)) < 1_500, error
            assert len(cloud.ledger) == before


@pytest.mark.holds("B353", "B354")
@pytest.mark.parametrize("digits", [401, 5_001])
def test_a_number_beyond_all_others_is_refused_by_name(digits: int) -> None:
    number = 10 ** (digits - 1)
    words = "10… (401 characters)" if digits == 401 else "of type int, too large to be written"
    backend, circuit = things().backend, things().circuit
    calls: list[tuple[str, str, Callable[[], object]]] = [
        ("pubs[0]", f"(circuit '{circuit.name}', ", lambda: sample((circuit, number))),
        ("the number of shots of pubs[0]", words, lambda: sample((circuit, None, number))),
        ("shots", words, lambda: sample(circuit, shots=number)),
        ("precision", words, lambda: estimate(precision=number)),
        ("SamplerOptions.default_shots", words, lambda: SamplerV2(backend, {"default_shots": number})),
        ("EstimatorOptions.default_precision", words, lambda: EstimatorV2(backend, {"default_precision": number})),
        ("max_time", words, lambda: Session(backend, max_time=number)),
        ("limit", words, lambda: things().service.jobs(limit=number)),
        ("n", words, lambda: backend.best_qubits(number)),
    ]
    for name, shown, call in calls:
        with pytest.raises(IBMInputValueError) as caught:
            call()
        assert str(caught.value).startswith(f"{name} is {shown}"), caught.value
        assert len(str(caught.value)) < 400
    assert things().service.jobs(limit=2**63 - 1)


UNFIT: dict[str, list[Any]] = {
    "bool": ["no", "", 0, 1, 1.0, [True], np.int64(1), np.array([True])],
    "str": [5, True, 1.5, b"x", ["x"], {}, np.int64(5), np.array([5])],
    "int": ["5", "", True, 1.5, 2.0, [1], np.bool_(True), np.float64(2.0), np.timedelta64(5, "s")],
    "float": ["5", "", True, [1.0], np.bool_(True), np.str_("1.0")],
    "Sequence[str]": [5, True, b"x", [1], ["x", 1], {"x": 1}, np.array([1])],
    "datetime": [5, True, "soon", date(2026, 1, 1), ["2026-01-01"]],
    "Mapping[str, Any]": [5, "x", ["x"], [("a", 1)]],
}
"""By the name of a type: values of other types."""


def annotated(call: Call) -> dict[str, str]:
    """Return the types of arguments as they are written, without `None`; of those that are of one type."""
    written = {name: part.annotation for name, part in inspect.signature(call.function).parameters.items()}
    words = {
        name: kind if isinstance(kind, str) else inspect.formatannotation(kind, base_module="collections.abc")
        for name, kind in written.items()
    }
    short = {name: word.replace("collections.abc.", "").replace("typing.", "") for name, word in words.items()}
    return {name: word.replace("datetime.datetime", "datetime").removesuffix(" | None") for name, word in short.items()}


TYPED = [
    (name, argument, kind)
    for name, call in calls().items()
    if call.function not in vars(options).values()
    for argument, kind in annotated(call).items()
    if kind in UNFIT
]


def test_arguments_of_every_type_are_tried() -> None:
    assert {kind for _, _, kind in TYPED} == set(UNFIT)
    assert len(TYPED) >= 140


@pytest.mark.holds("B300", "B301", "B302")
@pytest.mark.parametrize(("name", "argument", "kind"), TYPED)
def test_a_value_of_another_type_is_refused_before_any_request(name: str, argument: str, kind: str) -> None:
    call, cloud = calls()[name], things().cloud
    for value in UNFIT[kind]:
        before = len(cloud.ledger)
        if name.startswith(BELOW):
            with pytest.raises((TypeError, ValueError), match=f"^{argument} is "):
                call.function(**{**call.given, argument: value})
            continue
        with warnings.catch_warnings(), pytest.raises((IBMInputValueError, BackendPropertyError)) as caught:
            warnings.simplefilter("ignore")
            call.function(**{**call.given, argument: value})
        problem = getattr(caught.value, "problem", None)
        assert isinstance(problem, BadArgument | UnfitEntry) or name.startswith("properties."), caught.value
        assert is_named(argument, caught.value) or name.startswith("properties."), caught.value
        assert len(cloud.ledger) == before


@pytest.mark.holds("B304")
@pytest.mark.parametrize("unfit", [CANARY.encode(), [CANARY], {CANARY: CANARY}, (CANARY,), 10**400])
@pytest.mark.parametrize("call", [QiskitRuntimeService, QiskitRuntimeService.save_account])
def test_a_key_of_another_type_is_not_shown(call: Callable[..., object], unfit: Any) -> None:
    with pytest.raises(IBMInputValueError, match="token is of type") as caught:
        call(token=unfit)
    assert CANARY not in str(caught.value)
    assert "0000" not in str(caught.value)


# Single arguments, with what they are

HALVES: list[dict[Any, Any]] = [{"a": "\ud800"}, {"\udfff": 1}, {"a": {"b": ["x", "\ud800x"]}}, {"a": [{"\ud800": 1}]}]


@pytest.mark.holds("B301")
@pytest.mark.parametrize("halves", HALVES)
def test_half_a_character_is_refused_however_deep_it_is(halves: dict[Any, Any]) -> None:
    known = things()
    before = len(known.cloud.ledger)
    noise = {"simulator": {"noise_model": halves}}
    calls: list[tuple[str, Callable[[], object]]] = [
        ("inputs is not JSON: ", lambda: known.service.run_program("sampler", halves, known.backend)),
        ("options is not JSON: ", lambda: SamplerV2(known.backend, {"experimental": halves}).run([known.circuit])),
        ("options is not JSON: ", lambda: SamplerV2(known.backend, noise).run([known.circuit])),
        ("options is not JSON: ", lambda: SamplerV2(known.backend, noise).run([known.circuit], max_payload=10**6)),
    ]
    for words, call in calls:
        with pytest.raises(IBMInputValueError, match=f"{words}a text in it holds half of a character"):
            call()
    assert len(known.cloud.ledger) == before


@pytest.mark.holds("B301")
def test_characters_of_two_halves_are_sent() -> None:
    known = things()
    whole = {"\U0001f600": "\U0001f600", "a": "\\ud800", "b": ["\\\\ud83d", "é"]}
    job = known.service.run_program("sampler", {"pubs": [], **whole}, known.backend)
    assert {name: job.inputs[name] for name in whole} == whole


@pytest.mark.holds("B301")
@pytest.mark.parametrize(
    "given_options", [{"environment": {"job_tags": ["a", "\ud800"]}}, {"simulator": {"basis_gates": ["\udc00"]}}]
)
def test_half_a_character_is_no_option(given_options: dict[str, Any]) -> None:
    with pytest.raises(IBMInputValueError, match="It must be a list, each a text or None, of whole characters"):
        SamplerV2(things().backend, given_options)


@pytest.mark.holds("B299")
@pytest.mark.parametrize("value", ["x", None, 1.5, True, [5]])
def test_a_limit_of_another_type_is_named(value: Any) -> None:
    with pytest.raises(
        IBMInputValueError, match=r"limits\.depth is .*\nIt must be a whole number, 0 or more"
    ) as caught:
        RuntimeDecoder(limits=DecodeLimits(depth=value))
    assert isinstance(caught.value, TypeError)
    with pytest.raises(IBMInputValueError, match=r"limits\.qubits is -1"):
        RuntimeDecoder(limits=DecodeLimits(qubits=-1))
    numbers: Any = np.int64(7)
    assert RuntimeDecoder(limits=DecodeLimits(items=numbers)).limits == DecodeLimits(items=7)


@pytest.mark.holds("B301")
@pytest.mark.parametrize("unfit", ["abc", [1], ["a", None], 5, {"a": "b"}])
def test_tags_are_a_list_of_texts_or_stay_as_they_are(unfit: Any) -> None:
    known = things()
    for job in (known.job, known.here):
        job.update_tags(["first"])
        before = len(known.cloud.ledger)
        with pytest.raises(IBMInputValueError, match=r"new_tags is .*\nIt must be a list of texts") as caught:
            job.update_tags(unfit)
        assert isinstance(caught.value, TypeError)
        assert (len(known.cloud.ledger), job.tags) == (before, ["first"])
        assert job.update_tags(("a", "b", "a")) == ["a", "b"]


@pytest.mark.holds("B46", "B302")
def test_dates_may_be_written_wherever_they_are_asked_for() -> None:
    known = things()
    service: Any = known.service
    late = datetime(2100, 1, 1, tzinfo=UTC)
    reads: list[Any] = [known.backend.properties, known.backend.target_history]
    for backend_reads in reads:
        before = len(known.cloud.ledger)
        backend_reads(datetime=late)
        backend_reads(datetime="2100-01-01T00:00:00Z")
        urls = [exchange.request.url for exchange in known.cloud.ledger[before:]]
        assert len(set(urls)) == 1
        assert "2100-01-01" in urls[0]
    assert service.jobs(created_after="2000-01-01", created_before="2100-01-01") == service.jobs()
    assert service.jobs(created_after="2100-01-01") == []


@pytest.mark.holds("B300", "B304")
def test_properties_of_qubits_are_found_by_whole_numbers() -> None:
    backends: list[Any] = [things().backend, things().snapshot]
    for backend in backends:
        properties: Any = backend.properties()
        assert backend.qubit_properties(0).t1 == properties.t1(0)
        for last in (4, np.int64(4), -1):
            assert backend.qubit_properties(last).t2 == properties.t2(4)
        for several in ([0, np.int64(4)], np.array([0, 4]), range(0, 5, 4)):
            assert [known.t1 for known in backend.qubit_properties(several)] == [properties.t1(0), properties.t1(4)]
        assert backend.qubit_properties([]) == []
        assert backend.qubit_properties(-5).t1 == properties.t1(0)
        for beyond in (5, 99, -6, [0, 5]):
            with pytest.raises(IBMInputValueError, match=r"qubit is .*\nIt must be from 0 to 4") as caught:
                backend.qubit_properties(beyond)
            assert isinstance(caught.value, IndexError)


@pytest.mark.holds("B304")
def test_a_backend_without_a_calibration_has_no_properties_of_qubits() -> None:
    configuration, _ = things().snapshot.descriptions()
    with pytest.raises(IndexError, match="no qubit is calibrated"):
        SnapshotBackend("plain", (configuration, None)).qubit_properties(0)


@pytest.mark.holds("B300")
def test_calibrations_are_asked_by_numbers_of_numpy() -> None:
    properties: Any = things().properties
    one = np.int64(1)
    assert properties.t1(one) == properties.t1(1)
    assert properties.gate_error("cz", np.array([0, 1])) == properties.gate_error("cz", (0, 1))
    assert properties.gate_error("sx", one) == properties.gate_error("sx", [1]) == properties.gate_error("sx", 1)
    for place in (99, "x", [1.5], None, [[0]]):
        with pytest.raises(BackendPropertyError):
            properties.gate_property("sx", place, "gate_error")
    for qubit in (99, "x", [0], 1.0, True):
        with pytest.raises(BackendPropertyError):
            properties.t1(qubit)


@pytest.mark.holds("B106", "B304")
def test_a_snapshot_that_is_not_there_is_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IBMInputValueError, match=r"path is 'gone\.json': No such file") as missing:
        load_snapshot("gone.json")
    assert isinstance(missing.value, FileNotFoundError)
    with pytest.raises(OSError, match="Is a directory") as folder:
        load_snapshot(tmp_path)
    assert isinstance(folder.value, IBMInputValueError)
    assert not isinstance(folder.value, FileNotFoundError)
    path = things().backend.save_snapshot(tmp_path / "kept.json")
    assert load_snapshot(str(path)) == load_snapshot(path)


@pytest.mark.holds("B304")
@pytest.mark.parametrize(
    ("given_arguments", "named"),
    [
        ({"endpoints": {}}, "endpoints is {}"),
        ({"endpoints": Endpoints(runtime=5, token="t", search="s", catalog="c")}, "endpoints.runtime is 5"),  # type: ignore[arg-type]  # users have no type checker
        ({"transport": 5}, "transport is 5"),
        ({"clock": 5}, "clock is 5"),
        ({"url_resolver": "https://h"}, "url_resolver is 'https://h'"),
        ({"submission_tags": "no"}, "submission_tags is 'no'"),
        ({"max_usage": "5"}, "max_usage is '5'"),
        ({"max_usage": -1}, "max_usage is -1"),
        ({"timeout": math.inf}, "timeout is inf"),
        ({"name": 5}, "name is 5"),
        ({"channel": 5}, "channel is 5"),
        ({"proxies": 5}, "proxies is 'int'"),
    ],
)
def test_what_a_service_is_built_on_is_checked_before_anything_is_sent(
    given_arguments: dict[str, Any], named: str
) -> None:
    cloud = emulated_cloud(one_instance())
    with pytest.raises(IBMInputValueError) as caught:
        QiskitRuntimeService(**{"token": API_KEY, "transport": cloud, **given_arguments})
    assert str(caught.value).startswith(named)
    assert cloud.ledger == ()


@pytest.mark.holds("B300")
def test_waiting_for_infinity_is_waiting_for_ever() -> None:
    for job in (things().job, things().here, things().split):
        job.wait_for_final_state(timeout=math.inf)
        job.wait_for_final_state(timeout=np.float64(1e300))


@pytest.mark.holds("B300", "B303")
def test_backends_are_found_by_numbers_of_numpy() -> None:
    service: Any = things().service
    assert service.backends(min_num_qubits=np.int64(5), n_qubits=np.int64(5), simulator=np.False_) == [things().backend]
    assert service.backends(min_num_qubits=np.int64(6)) == []
    assert service.least_busy(n_qubits=5.0) == things().backend
    with pytest.raises(IBMInputValueError, match=r"n_qubits is '5'\.\nIt must be a number or None") as caught:
        service.least_busy(n_qubits="5")
    assert isinstance(caught.value, TypeError)


@pytest.mark.holds("B300")
def test_a_session_may_be_open_for_a_number_of_numpy() -> None:
    known = things()
    before = len(known.cloud.ledger)
    seconds: Any = np.int64(600)
    Session(known.backend, max_time=seconds).close()
    assert b'"max_ttl":600' in known.cloud.ledger[before].request.body.replace(b" ", b"")
