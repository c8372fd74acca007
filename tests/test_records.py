"""Laws of records: values that never change, compare and travel, and secrets that never show."""

import copy
import inspect
import pickle
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service import records
from qiskit_runtime_service.records.account import Account, AccountChoice, AccountFields, Proxies
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.instance import Instance
from qiskit_runtime_service.records.network import Timeouts
from qiskit_runtime_service.records.placement import PlacementQuery
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.records.secret import HiddenBytes, HiddenText, Secret
from qiskit_runtime_service.records.token import AccessToken
from tests.strategies import CANARY, values_of

from .support.examples import examples

MODULES = [import_module(f"{records.__name__}.{module.name}") for module in iter_modules(records.__path__)]
STRUCTS = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    },
    key=lambda kind: kind.__name__,
)
FROZEN = [kind for kind in STRUCTS if kind.__struct_config__.frozen]

BY_POSITION = {
    "Attempt", "Condition", "Difference", "Drift", "DropEntry", "FieldSource", "GateProperties", "Leak", "Link", "Nduv",
    "QubitList", "Ranked", "Rejected", "Shortfall",
}  # fmt: skip
"""Records of few fields in an order that nobody mistakes. All others are made by name, so that a field can be added."""

MANY = {"BackendRow", "GateProperties", "Nduv", "Place", "QubitList", "Ranked", "Refusal", "Rejected"}
"""Records that come in such numbers that looking for rings of them would make pauses."""

UNSAID: dict[str, dict[str, Any]] = {
    # Who says nothing is safe: certificates are checked, and the key goes to the public address of the platform.
    "Account": {"url": "https://cloud.ibm.com", "verify": True, "private_endpoint": False},
    "BackendQuery": {"tested": False, "only_best": False, "fractional": False, "all_instances": False},
    "BackendListing": {"lost": 0},
    "BackendRow": {"state": "online", "mock": False},
    "BackendStatus": {"backend_version": "0.0.0", "operational": False},
    "BrokenAccount": {"is_default": False},
    "Configuration": {
        "local": False, "simulator": False, "conditional": False, "open_pulse": False, "memory": False, "rest": b"{}",
    },
    "Endpoints": {"regional": False, "platform_token": False, "private": False},
    "FoundInstance": {"allocated": True},
    "Instance": {"plan": "unknown", "pricing_type": "unknown", "allocated": True},
    "InstructionSignature": {"num_qubits": 1, "num_clbits": 0},
    "Job": {"private": False},
    "JobMetrics": {"settled": False},
    "JobPage": {"lost": 0},
    "JobQuery": {"limit": 10, "skip": 0, "descending": True, "include_mocks": False, "page_size": 200},
    "JobTimeout": {"others": 0},
    "Meaning": {"repeatable": True},
    "NetworkFault": {"cause": "connection", "acts": False},
    "NotExecutable": {"fix": "Transpile it with generate_preset_pass_manager(backend=backend)", "noun": "PUB"},
    "PlacementQuery": {"order": ("queue_length",), "available": True},
    "PlacementRequest": {"query": PlacementQuery(order=("queue_length",), available=True)},
    "Plan": {"name": "unknown", "pricing_type": "unknown"},
    "Report": {"rejected": 0},
    "Request": {"body": b"", "read_timeout": 30.0, "slow": False, "repeatable": True, "largest": 1_048_576},
    "Response": {"body": b""},
    "SavedAccount": {"is_default": False},
    "SearchPage": {"lost": 0},
    "SessionDetails": {"accepting_jobs": False},
    "SessionPage": {"lost": 0},
    "SessionQuery": {"limit": 10},
    "Submission": {"log_level": "WARNING", "private": False},
    "SubmissionUnknown": {"looks": 0},
    "Timeouts": {"connect": 5.0, "read": 30.0, "slow_read": 300.0, "call": 120.0, "slow_call": 900.0},
    "TimingConstraints": {"granularity": 1, "min_length": 1, "pulse_alignment": 1, "acquire_alignment": 1},
    "UnreadableBody": {"is_json": False},
    "UnsafeUrl": {"fix": "Use an https URL, or http on this machine only."},
    "SubmissionRefused": {"subject": "jobs"},
    "Shortfall": {"alike": True},
    "UsageSpent": {"pending": 0.0, "pending_jobs": 0},
    "UsageEstimate": {"jobs": 1, "sub_jobs": 1, "at_least": False},
}  # fmt: skip
"""What a record says of which nothing was said, by record and field; of all other fields it then says nothing."""


def holds_secrets(hint: Any) -> bool:
    """Whether a value of this type may hold a secret."""
    if hint is Secret:
        return True
    inner = list(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        inner += get_type_hints(hint).values()
    return any(map(holds_secrets, inner))


OPEN = [kind for kind in FROZEN if not holds_secrets(kind)]
SECRETIVE = [kind for kind in FROZEN if holds_secrets(kind)]


def of(kinds: list[type[msgspec.Struct]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.__name__)


def travel(value: Any) -> Any:
    """Return what a pickle of `value` gives."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes


def test_every_room_of_records_was_seen() -> None:
    assert {"Account", "Instance", "BackendRow", "Job", "Usage", "Selection", "Request", "NetworkFault"} <= {
        kind.__name__ for kind in FROZEN
    }
    # What a user fills in is the only kind that may change.
    assert {kind.__module__.rpartition(".")[2] for kind in STRUCTS if kind not in FROZEN} <= {"options"}
    assert {Account, AccountFields, AccountChoice, AccessToken, Proxies} <= set(SECRETIVE)


def test_every_problem_is_in_the_union() -> None:
    home = "qiskit_runtime_service.records.problem"
    assert set(get_args(Problem)) == {kind for kind in STRUCTS if kind.__module__ == home}


def test_records_are_made_by_name_but_for_the_shortest() -> None:
    positional = {
        kind.__name__
        for kind in STRUCTS
        if any(field.kind is not field.KEYWORD_ONLY for field in inspect.signature(kind).parameters.values())
    }
    assert positional == BY_POSITION


def test_the_garbage_collector_leaves_alone_what_comes_in_numbers() -> None:
    assert {kind.__name__ for kind in STRUCTS if not kind.__struct_config__.gc} == MANY


def test_every_default_is_written_down() -> None:
    assert set(UNSAID) <= {kind.__name__ for kind in STRUCTS}


@of(STRUCTS)
def test_what_nobody_says_is_nothing_or_what_is_written_down(kind: type[msgspec.Struct]) -> None:
    fields = inspect.signature(kind).parameters.values()
    defaults = {field.name: field.default for field in fields if field.default is not field.empty}
    said = {name: value for name, value in defaults.items() if value not in (None, (), "")}
    assert said == UNSAID.get(kind.__name__, {})
    # True is equal to 1, and means something else.
    assert {name: type(value) for name, value in said.items()} == {
        name: type(value) for name, value in UNSAID.get(kind.__name__, {}).items()
    }


@of(OPEN)
@settings(max_examples=examples(15))
@given(data=st.data())
def test_a_record_survives_json_and_pickle(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    record = data.draw(values_of(kind))
    assert travel(record) == record
    assert hash(travel(record)) == hash(record)
    if "wanted" not in repr(kind.__struct_fields__) + repr(record):
        # What a condition wants may be a tuple, for which JSON has no word.
        assert msgspec.json.decode(msgspec.json.encode(record), type=kind) == record


@of(FROZEN)
@settings(max_examples=examples(5))
@given(data=st.data())
def test_a_record_never_changes(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    record = data.draw(values_of(kind))
    hash(record)
    for field in kind.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(record, field, None)


@of(FROZEN)
@settings(max_examples=examples(5))
@given(data=st.data())
def test_a_copy_is_equal_and_a_change_is_not(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    record = data.draw(values_of(kind))
    assert copy.copy(record) == record == copy.deepcopy(record) == msgspec.structs.replace(record)
    for field in kind.__struct_fields__:
        assert msgspec.structs.replace(record, **{field: object()}) != record


@of(SECRETIVE)
@settings(max_examples=examples(25))
@given(data=st.data())
def test_a_record_with_secrets_shows_none(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    record = data.draw(values_of(kind))
    assert CANARY not in f"{record}{record!r}{record!s}{[record]}"
    assert CANARY.encode() not in pickle.dumps(record)
    if "Secret(****)" in repr(record):
        with pytest.raises(TypeError):
            msgspec.json.encode(record)
        with pytest.raises(TypeError):
            msgspec.msgpack.encode(record)


def test_a_secret_is_read_in_one_way_only() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret, repr({secret: [secret]})):  # noqa: UP031  # old code formats so
        assert CANARY not in shown
    assert not hasattr(secret, "__dict__")
    assert travel(secret) == Secret("")
    assert CANARY.encode() not in pickle.dumps(secret)
    assert copy.copy(secret).reveal() == copy.deepcopy([secret])[0].reveal() == CANARY


@given(st.text(), st.text())
def test_secrets_compare_by_what_they_hide(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert hash(Secret(one)) == hash(Secret(one))
    assert Secret(one) != one
    assert bool(Secret(one)) is bool(one)
    assert repr(Secret(one)) == ("Secret(****)" if one else "Secret()")


def test_no_encoder_takes_a_secret() -> None:
    for value in (Secret(CANARY), [Secret(CANARY)], {"token": Secret(CANARY)}):
        with pytest.raises(TypeError):
            msgspec.json.encode(value)
        with pytest.raises(TypeError):
            msgspec.to_builtins(value)


def test_an_exchange_shows_neither_headers_nor_bodies() -> None:
    headers, body = (("Authorization", f"Bearer {CANARY}"),), CANARY.encode()
    request = Request(method="POST", url="https://h.example/x", headers=headers, body=body)
    response = Response(status=200, headers=headers, body=body)
    for message in (request, response):
        assert CANARY not in f"{message}{message!r}{[message]}{message.__rich_repr__()}"
    assert repr(request) == f"Request(POST https://h.example/x, {len(body)} bytes)"
    assert repr(response) == f"Response(200, {len(body)} bytes)"


@given(st.sampled_from(["Retry-After", "RETRY-AFTER", "retry-after"]), st.sampled_from(["Retry-After", "retry-AFTER"]))
def test_header_names_have_no_case_and_the_first_counts(sent: str, name: str) -> None:
    headers = ((sent, "1"), ("X", "2"), ("retry-after", "3"))
    for message in (Request(method="GET", url="u", headers=headers), Response(status=200, headers=headers)):
        assert message.header(name) == "1"
        assert message.header("absent") is None


@pytest.mark.holds("B222")
def test_limits_of_time_are_those_that_are_written_down() -> None:
    assert Timeouts() == Timeouts(connect=5.0, read=30.0, slow_read=300.0, call=120.0, slow_call=900.0)


@pytest.mark.parametrize(
    ("crn", "region"),
    [
        ("", ""),
        ("a name", ""),
        ("crn:v1:bluemix:public:quantum-computing", ""),
        ("crn:v1:bluemix:public:quantum-computing:", ""),
        ("crn:v1:bluemix:public:quantum-computing:eu-de", "eu-de"),
        ("crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::", "us-east"),
    ],
)
def test_the_region_of_an_instance_is_the_sixth_part_of_its_crn(crn: str, region: str) -> None:
    assert Instance(crn=crn).region == region


@pytest.mark.holds("B327")
@given(st.text(min_size=1), st.integers(-9, 9), st.integers(-9, 9))
def test_a_hidden_text_is_a_text_that_hides_itself_its_parts_and_its_bytes(text: str, start: int, end: int) -> None:
    key = f"{CANARY}{text}"
    hidden = HiddenText(key)
    for plain, found in (
        (key, hidden),
        (key[start:end], hidden[start:end]),
        (key[0], hidden[0]),
        (key, copy.copy(hidden)),
        (key, copy.deepcopy([hidden])[0]),
        (key, Secret(key).reveal()),
    ):
        assert found == plain
        assert f"{found}" == str(found) == plain
        assert type(str(found)) is str
        assert repr([found]) == ("[HiddenText(****)]" if plain else "[HiddenText()]")
    assert not pickle.loads(pickle.dumps(hidden))  # noqa: S301  # our own bytes
    assert CANARY.encode() not in pickle.dumps({"a": hidden})


@pytest.mark.holds("B327")
@given(st.binary(min_size=1), st.integers(-9, 9), st.integers(-9, 9))
def test_hidden_bytes_are_bytes_that_hide_themselves_their_parts_and_their_text(
    data: bytes, start: int, end: int
) -> None:
    hidden = HiddenBytes(data)
    for plain, found in (
        (data, hidden),
        (data[start:end], hidden[start:end]),
        (data, copy.copy(hidden)),
        (data, copy.deepcopy([hidden])[0]),
    ):
        assert found == plain
        assert bytes(found) == plain
        assert repr([found]) == f"[{found}]" == ("[HiddenBytes(****)]" if plain else "[HiddenBytes()]")
    assert hidden[0] == data[0]
    assert not pickle.loads(pickle.dumps(hidden))  # noqa: S301  # our own bytes
    text = HiddenBytes(CANARY.encode()).decode()
    assert (text, repr(text), repr(text.encode())) == (CANARY, "HiddenText(****)", "HiddenBytes(****)")
