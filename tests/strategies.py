"""Records drawn from values that matter: few names, shared regions, unknown words, gaps, ties."""

from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from qiskit_runtime_service.records.account import AccountFields, AccountFile, BrokenAccount, SavedAccount
from qiskit_runtime_service.records.backend import BackendRow, Configuration, GateEntry
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.instance import FoundInstance, Instance, InstancePreference, Plan, SearchPage
from qiskit_runtime_service.records.job import Job, JobPage, JobState
from qiskit_runtime_service.records.problem import NetworkFault
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.records.selection import Condition

CANARY = "c4n4ry-k3y"
"""Text that stands in every secret, so that a leak is found by searching for it."""

# Small vocabularies: collisions are what laws break on.

regions = st.sampled_from(["us-east", "eu-de", "us-east-2", "east"])
words = st.sampled_from(["", "open", "Open", "premium", "flex", "unknown"])
pricing_words = st.sampled_from(["free", "Trial", "paygo", "paid", "subscription", "unknown", "", "barter"])
tag_words = st.sampled_from(["a", "A", "team-a", "TEAM-A", "b", ""])
backend_names = st.sampled_from(["ibm_a", "ibm_b", "IBM_A", "mock_a", "ibm_ab"])
queue_lengths = st.sampled_from([0, 0, 1, 7, 7, 10_000])
ids = st.sampled_from(["j1", "j2", "j3", "j4", "j5", "j6"])
instants = st.sampled_from([None, 0.0, -1.0, 5.0, 5.0, 1.7e9, 1.7e9 + 1e-6])


def make_crn(location: str = "us-east", number: int = 1, cname: str = "bluemix") -> str:
    return f"crn:v1:{cname}:public:quantum-computing:{location}:a/1:{number}::"


crns = st.builds(make_crn, regions, st.integers(1, 4)) | st.sampled_from(["", "name-only", "crn:v1"])

instances = st.builds(
    Instance,
    crn=crns,
    name=st.sampled_from(["", "n1", "n2"]),
    plan=words,
    pricing_type=pricing_words,
    tags=st.lists(tag_words, max_size=3).map(tuple),
    allocated=st.sampled_from([True, True, True, False]),
)
preferences = st.builds(
    InstancePreference,
    region=st.none() | regions,
    plans=st.lists(words, max_size=3).map(tuple),
    tags=st.lists(tag_words, max_size=2).map(tuple),
)
found_instances = st.builds(
    FoundInstance,
    crn=crns,
    name=st.sampled_from(["n1", "n2"]),
    plan_id=st.sampled_from(["", "p1", "p2", "p3"]),
    tags=st.lists(tag_words, max_size=2).map(tuple),
    allocated=st.booleans(),
)
plans = st.builds(Plan, id=st.sampled_from(["p1", "p2", "p9"]), name=words, pricing_type=pricing_words)
search_pages = st.builds(
    SearchPage,
    found=st.lists(found_instances, max_size=2).map(tuple),
    cursor=st.sampled_from([None, "", "c1", "c2", "c3"]),
)

rows = st.builds(
    BackendRow,
    name=backend_names,
    instance=st.sampled_from(["crn-1", "crn-2"]),
    state=st.sampled_from(["online", "online", "paused", "offline", "internal", ""]),
    queue_length=queue_lengths,
    num_qubits=st.sampled_from([None, 0, 5, 127, 133, 133]),
    simulator=st.sampled_from([None, False, True]),
    mock=st.sampled_from([False, False, True]),
)

GATES = ("rz", "sx", "x", "cz", "rx", "rzz", "id", "measure", "if_else", "p", "u1", "delay", "u", "made_up")
gate_names = st.lists(st.sampled_from(GATES), max_size=6, unique=True)
bases = gate_names | gate_names.map(lambda names: list(dict.fromkeys(["rz", "sx", "cz", *names])))
"""Some bases are not complete, some are complete with more than they need."""


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    basis = draw(bases)
    return Configuration(
        backend_name=draw(backend_names),
        backend_version=draw(st.sampled_from(["1.0.0", "2.3.4"])),
        n_qubits=draw(st.sampled_from([0, 1, 5, 127])),
        basis_gates=tuple(basis),
        gates=tuple(GateEntry(name=name) for name in draw(gate_names)),
        simulator=draw(st.booleans()),
        supported_instructions=draw(st.none() | gate_names.map(tuple)),
        supported_features=draw(st.sampled_from([None, (), ("qasm3",), ("qasm3", "dynamic_circuits")])),
        # Of these, 2.22, 7 and 100 come out otherwise when multiplied with the inverse.
        dt=draw(st.sampled_from([None, 0.0, 2.2222222222222223, 7.0, 4.0])),
        dtm=draw(st.sampled_from([None, 2.2222222222222223, 4.0])),
        default_rep_delay=draw(st.sampled_from([None, 0.0, 100.0, 250.0])),
        rep_delay_range=draw(st.sampled_from([None, (), (0.0, 100.0)])),
        rep_times=draw(st.sampled_from([None, (1000.0, 100.0)])),
    )


states = st.builds(
    JobState,
    status=st.sampled_from(["Queued", "RUNNING", "completed", "Failed", "Cancelled", "Cancelled - Ran too long"])
    | st.sampled_from(["", "Paused", "done", "Initializing", "ß"]),
    reason=st.sampled_from(["", "broken"]),
    code=st.sampled_from([None, 1305, 1517, 0]),
)
jobs = st.builds(Job, id=ids, instance=st.sampled_from(["i1", "i2"]), state=states, created=instants)
job_pages = st.builds(JobPage, jobs=st.lists(jobs, max_size=4).map(tuple), count=st.sampled_from([-1, 0, 1, 3, 10**9]))

secrets = st.sampled_from(["", "1", "2"]).map(lambda text: Secret(CANARY + text))
channels = st.sampled_from(["ibm_quantum_platform", "ibm_cloud"])
any_channels = channels | st.sampled_from(["local", "ibm_quantum", "ibm_clowd", ""])


@st.composite
def account_fields(draw: st.DrawFn, *, channel: st.SearchStrategy[str | None], token: Secret | None) -> AccountFields:
    """Return the fields of one source, `token` being its own so that its use can be seen."""
    return AccountFields(
        channel=draw(channel),
        token=draw(st.sampled_from([None, token])),
        url=draw(st.sampled_from([None, "https://cloud.ibm.com", "https://test.cloud.ibm.com"])),
        instance=draw(st.sampled_from([None, "auto", "name", make_crn()])),
        verify=draw(st.sampled_from([None, True, False])),
        private_endpoint=draw(st.sampled_from([None, True, False])),
        region=draw(st.sampled_from([None, None, "us-east", "eu-de"])),
        plans_preference=draw(st.sampled_from([None, (), ("open",)])),
        tags=draw(st.sampled_from([None, (), ("a",)])),
    )


@st.composite
def environments(draw: st.DrawFn) -> AccountFields:
    """Return what the four variables may say."""
    return AccountFields(
        channel=draw(st.none() | channels | st.sampled_from([None, None, "local", "ibm_quantum"])),
        token=draw(st.sampled_from([None, Secret(""), Secret(f"{CANARY}-environment")])),
        url=draw(st.sampled_from([None, "https://environment.example"])),
        instance=draw(st.sampled_from([None, "auto", "from-environment"])),
    )


@st.composite
def account_files(draw: st.DrawFn) -> AccountFile:
    names = draw(st.lists(st.sampled_from(ENTRY_NAMES), max_size=5, unique=True))
    broken = draw(st.lists(st.sampled_from(["broken", "work"]), max_size=1))
    entries = tuple(
        SavedAccount(
            name=name,
            fields=msgspec.structs.replace(
                draw(account_fields(channel=any_channels | channels, token=None)),
                token=Secret(f"{CANARY}-entry-{name}"),
            ),
            is_default=draw(st.sampled_from([False, False, True])),
        )
        for name in names
        if name not in broken
    )
    return AccountFile(
        path="accounts.json", entries=entries, broken=tuple(BrokenAccount(name=name, reason="bad") for name in broken)
    )


ENTRY_NAMES = ("default-ibm-quantum-platform", "default-ibm-cloud", "work", "home", "Work", "")

requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST"]),
    url=st.just("https://h.example/api/v1/jobs"),
    repeatable=st.booleans(),
)
responses = st.builds(
    Response,
    status=st.sampled_from([200, 204, 302, 400, 401, 404, 409, 413, 429, 500, 501, 502, 503, 504, 505, 520, 522, 524]),
)
network_faults = st.builds(
    NetworkFault,
    url=st.just("https://h.example"),
    kind=st.sampled_from(["never sent", "refused", "unclear"]),
    reason=st.just("broken"),
)

# JSON as hostile servers write it.

json_scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5)
)
json_values = st.recursive(
    json_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)

# Any record, from its own declaration: a field that is added is drawn at once.

plain = st.sampled_from([None, True, 0, -7, "", "x", "ß"])
conditions = st.builds(
    Condition,
    field=st.sampled_from(["num_qubits", "state", "tags", "plan"]),
    comparison=st.sampled_from(["equals", "differs", "one_of"]),
    wanted=plain | st.lists(plain, max_size=2).map(tuple),
)

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(["", "x", "ß\n", '"', "crn:v1"]),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    bytes: st.binary(max_size=8),
    NoneType: st.none(),
    Any: plain,
    datetime: st.datetimes(timezones=st.just(UTC)),
    Secret: secrets,
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of any type that a record may declare."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, TypeVar):
        return plain
    if origin is Annotated:
        bounds: Any = arguments[1]
        # A remark that is no bound says nothing of the values.
        return st.integers(bounds.ge, bounds.le) if hasattr(bounds, "ge") else values_of(arguments[0])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(values_of, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    kind = origin or hint
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{field: values_of(hints[field]) for field in kind.__struct_fields__})
