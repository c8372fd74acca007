"""The tables that explain: what stands in each column, which line won, and how many lost."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service.core.estimates import estimate_usage
from qiskit_runtime_service.core.reports import (
    describe_backends,
    describe_instances,
    describe_jobs,
    describe_usage,
    explain_account,
    explain_backends,
    explain_calls,
    explain_checkup,
    explain_instances,
)
from qiskit_runtime_service.records.account import Account, AccountChoice, FieldSource, Link, Proxies
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.call import Attempt, TroubledCall
from qiskit_runtime_service.records.checkup import Checkup
from qiskit_runtime_service.records.checkup import Link as Step
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes
from qiskit_runtime_service.records.instance import Instance
from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.records.selection import Condition, Ranked, Rejected, Selection
from tests.strategies import CANARY, make_crn

ONE = Instance(crn=make_crn("us-east", 1), name="one", plan="open", pricing_type="free")
TWO = Instance(crn=make_crn("eu-de", 2), plan="premium", pricing_type="subscription")
NAMES = {ONE.crn: "one"}
FEZ = BackendRow(
    name="ibm_fez", instance=ONE.crn, processor="Heron r2", num_qubits=156, queue_length=7, two_qubit_error=0.00312
)
KYIV = BackendRow(name="ibm_kyiv", instance=TWO.crn, state="paused", queue_length=0)


def test_an_account_is_told_field_by_field_without_its_secrets() -> None:
    proxies = Proxies(urls=(("https", Secret(CANARY)),))
    account = Account(channel="ibm_cloud", token=Secret(CANARY), proxies=proxies, tags=(), region="eu-de")
    given = ["channel", "token", "proxies", "tags", "region", "instance"]
    sources = [FieldSource(field, "argument", f"{field}=") for field in given]
    choice = AccountChoice(
        account=account,
        sources=(*sources, FieldSource("verify", "default", "")),
        chain=(Link("arguments", "used", "they are complete"),),
        ignored=("QISKIT_IBM_URL is ignored",),
    )
    assert explain_account(choice) == Report(
        title="Account",
        columns=("field", "value", "from"),
        rows=(
            ("channel", "ibm_cloud", "argument channel="),
            ("token", "****", "argument token="),
            ("proxies", "****", "argument proxies="),
            ("region", "eu-de", "argument region="),
            ("verify", "True", "default"),
        ),
        notes=("arguments: used, they are complete", "QISKIT_IBM_URL is ignored"),
    )
    nobody = msgspec.structs.replace(account, token=Secret(""))
    choice = AccountChoice(account=nobody, sources=(FieldSource("token", "default", ""),), chain=())
    assert explain_account(choice).rows == (("token", "none", "default"),)


def test_instances_are_told_by_rank_and_then_those_that_were_rejected() -> None:
    selection = Selection(
        ranked=(Ranked(ONE, (0,)),),
        rejected=(Rejected(TWO, Condition("region", "equals", "us-east"), "eu-de"),),
        score_names=("pricing",),
    )
    assert explain_instances(selection, used=(TWO,)) == Report(
        title="Instances",
        columns=("rank", "instance", "plan", "pricing", "region", "why"),
        rows=(
            ("1", "one", "open", "free", "us-east", "pricing: 0"),
            ("–", TWO.crn, "premium", "subscription", "eu-de", "region is eu-de, not us-east"),
        ),
        chosen=0,
        rejected=1,
    )


def test_an_instance_that_was_named_has_won() -> None:
    nothing: Selection[Instance] = Selection(ranked=(), rejected=())
    named = explain_instances(nothing, used=(ONE, TWO))
    assert [(row[0], row[1], row[-1]) for row in named.rows] == [
        ("1", "one", "asked for by instance="),
        ("2", TWO.crn, "asked for by instance="),
    ]
    assert (named.chosen, named.rejected) == (0, 0)
    assert explain_instances(nothing).chosen is None


def test_troubled_calls_are_told_with_all_that_was_tried() -> None:
    tried = (Attempt(0.0, "503"), Attempt(2.04, "no response"))
    calls = [
        TroubledCall(url="https://a.test", at=1.0, tried=tried, succeeded=True),
        TroubledCall(url="https://b.test", at=1.0, tried=tried[:1], succeeded=False),
    ]
    assert explain_calls(calls) == Report(
        title="Calls that did not go well at once",
        columns=("call", "what was tried", "end"),
        rows=(
            ("https://a.test", "after 0.0 s: 503; after 2.0 s: no response", "succeeded then"),
            ("https://b.test", "after 0.0 s: 503", "failed"),
        ),
    )


def test_a_check_up_is_told_with_the_way_out_of_the_first_broken_link() -> None:
    good = Step(name="proxy", state="works", detail="none")
    broken = Step(name="connection", state="broken", detail="no\n answer", fix="Try again.", seconds=1.234)
    links = (good, broken, Step(name="certificate", state="not tried"), Step(name="account", state="not tried"))
    columns = ("link", "state", "time", "detail")
    assert explain_checkup(Checkup(links=links)) == Report(
        title="Broken: connection",
        columns=columns,
        rows=(
            ("proxy", "works", "", "none"),
            ("connection", "broken", "1.23 s", "no answer"),
            ("certificate", "not tried", "", ""),
            ("account", "not tried", "", ""),
        ),
        chosen=1,
        rejected=2,
        notes=("Try again.",),
    )
    assert explain_checkup(Checkup(links=(good,))) == Report(
        title="Every link works", columns=columns, rows=(("proxy", "works", "", "none"),)
    )


@pytest.mark.holds("B545")
@pytest.mark.parametrize(
    ("length", "delay", "shown"),
    [(0.001, 250e-6, "7.12 s"), (None, 250e-6, "at least 3.02 s"), (None, None, "unknown")],
)
def test_what_a_circuit_would_use_has_a_column_where_it_is_known(
    length: float | None, delay: float | None, shown: str
) -> None:
    run = CircuitRuns(what="PUB 0", executions=4096, most=4096, length=length)
    usage = estimate_usage([run], DeviceTimes(backend="ibm_fez", rep_delay=delay, reset=0.0))
    selection = Selection(
        ranked=(Ranked(FEZ, (0.1, 3.0)),),
        rejected=(Rejected(KYIV, Condition("state", "equals", "online"), "paused"),),
        score_names=("expected_error", "usage"),
    )
    report = explain_backends(selection, NAMES, usages={(ONE.crn, "ibm_fez"): usage})
    assert report.columns[-2:] == ("usage", "why")
    assert [row[-2:] for row in report.rows] == [(shown, "expected_error: 0.1"), ("", "is paused, not online")]
    assert report.notes[0] == "usage: about what a sampler uses for 4096 shots of the circuit."


@pytest.mark.holds("B534")
def test_stand_ins_are_counted_and_have_no_row_unless_something_else_is_wrong_with_them() -> None:
    mocks = [BackendRow(name=f"mock_{name}", mock=True) for name in ("fez", "kyiv")]
    not_real = Condition("mock", "equals", False)
    paused = Rejected(mocks[0], Condition("state", "equals", "online"), "paused")
    stand_ins = [Rejected(mock, not_real, True) for mock in mocks]
    report = explain_backends(Selection(ranked=(), rejected=(paused, *stand_ins), score_names=()))
    assert [row[1] for row in report.rows] == ["mock_fez"]
    assert (report.rejected, report.notes) == (1, ("2 stand-ins for dry runs left out.",))
    report = explain_backends(Selection(ranked=(), rejected=(stand_ins[0],), score_names=()))
    assert (report.rows, report.rejected, report.notes) == ((), 0, ("1 stand-in for dry runs left out.",))


def test_backends_are_told_by_rank_and_then_those_that_were_rejected() -> None:
    selection = Selection(
        ranked=(Ranked(FEZ, (7,)),),
        rejected=(Rejected(KYIV, Condition("state", "equals", "online"), "paused"),),
        score_names=("queue_length",),
    )
    fez = ("1", "ibm_fez", "one", "Heron r2", "156", "7", "queue_length: 7")
    assert explain_backends(selection, NAMES, notes=["one could not be asked"]) == Report(
        title="Backends",
        columns=("rank", "backend", "instance", "chip", "qubits", "queue", "why"),
        rows=(fez, ("–", "ibm_kyiv", TWO.crn, "", "unknown", "0", "is paused, not online")),
        chosen=0,
        rejected=1,
        notes=("one could not be asked",),
    )
    none_left = explain_backends(msgspec.structs.replace(selection, ranked=()))
    assert (none_left.chosen, none_left.rejected, none_left.notes) == (None, 1, ())
    assert explain_backends(selection).rows[0][2] == ONE.crn


def test_backends_of_a_listing_are_told_with_their_error() -> None:
    assert describe_backends("Two", [FEZ, KYIV], NAMES) == Report(
        title="Two",
        columns=("backend", "instance", "chip", "qubits", "queue", "state", "two-qubit error"),
        rows=(
            ("ibm_fez", "one", "Heron r2", "156", "7", "online", "0.31%"),
            ("ibm_kyiv", TWO.crn, "", "unknown", "0", "paused", ""),
        ),
    )
    assert describe_backends("Two", [FEZ]).rows[0][1] == ONE.crn


def test_instances_of_the_search_are_told_with_their_tags() -> None:
    found = {"name": "one", "plan": "open", "pricing_type": "free", "tags": ["a", "b"], "crn": ONE.crn}
    assert describe_instances([found]) == Report(
        title="Instances",
        columns=("instance", "plan", "pricing", "tags", "CRN"),
        rows=(("one", "open", "free", "a, b", ONE.crn),),
    )


def test_jobs_are_told_with_what_is_known_of_them() -> None:
    job: dict[str, Any] = {
        "job_id": "j1", "program": "sampler", "backend": "ibm_fez", "instance": ONE.crn, "status": "CANCELLED",
        "created": datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC), "reason": "ran too long",
    }  # fmt: skip
    bare = job | {"backend": None, "instance": TWO.crn, "status": "DONE", "created": None, "reason": ""}
    assert describe_jobs("Jobs", [job, bare], NAMES) == Report(
        title="Jobs",
        columns=("job", "program", "backend", "instance", "created", "status"),
        rows=(
            ("j1", "sampler", "ibm_fez", "one", "2026-05-04 03:02:01", "CANCELLED ran too long"),
            ("j1", "sampler", "", TWO.crn, "", "DONE"),
        ),
    )
    assert describe_jobs("Jobs", [job]).rows[0][3] == ONE.crn


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("usage_consumed_seconds", 45.0, ("consumed seconds", "45.0")),
        ("usage_limit_reached", False, ("limit reached", "False")),
        ("instance_id", "i_1", ("instance id", "i_1")),
        ("usage_remaining_seconds", None, ("remaining seconds", "unknown")),
        ("usage_period", {"start_time": "May", "end_time": "June"}, ("period", "May to June")),
    ],
)
def test_usage_is_told_line_by_line(name: str, value: Any, line: tuple[str, str]) -> None:
    assert describe_usage({name: value}) == Report(title="Usage", columns=("", ""), rows=(line,))
