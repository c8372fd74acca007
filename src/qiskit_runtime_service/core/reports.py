"""Explanations: choices, as tables that a person can read. Pure, and without secrets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from .._shown import counted
from ..records.account import AccountChoice
from ..records.backend import BackendRow
from ..records.call import TroubledCall
from ..records.checkup import Checkup
from ..records.estimate import UsageEstimate
from ..records.instance import Instance
from ..records.options import DEFAULT_SHOTS
from ..records.report import Report
from ..records.secret import Secret
from ..records.selection import Selection
from .account_urls import find_account_url
from .backends import NO_MOCK
from .estimate_reports import show_seconds
from .ranking import show_scores
from .selection import describe_rejection, fit_line, show

MASK = "****"

SENTENCES = frozenset(
    {"", "why", "from", "gates", "qubits", "CRN", "tags", "call", "what was tried", "problem", "detail"}
)
"""Columns of sentences and lists; what stands in all others is a name or a number."""
NOTHING = "There are none."
"""What stands beneath a table without rows that says nothing else."""
MOST_OF_A_SENTENCE = 2_000
MOST_OF_A_NAME = 100
"""How many characters of a cell are shown."""


def fit_to_show(report: Report) -> Report:
    """Return a report as it may be shown: each cell and note one line, not too long, without what looks like a key.

    One without rows says so.

    Source: behaviour B328, B353, B557.
    """
    notes = report.notes if report.rows or report.notes else (NOTHING,)
    most = [MOST_OF_A_SENTENCE if column in SENTENCES else MOST_OF_A_NAME for column in report.columns]
    return replace(
        report,
        title=fit_line(report.title, MOST_OF_A_SENTENCE),
        rows=tuple(tuple(map(fit_line, row, most)) for row in report.rows),
        notes=tuple(fit_line(note, MOST_OF_A_SENTENCE) for note in notes),
    )


def explain_account(choice: AccountChoice) -> Report:
    """Tell where each field of the account came from; the notes tell which places were looked at.

    Source: behaviour B60 to B69, B305.
    """
    account = choice.account
    rows = tuple(
        (source.field, _masked(getattr(account, source.field)), f"{source.origin} {source.detail}".strip())
        for source in choice.sources
        if getattr(account, source.field) not in (None, ())
    )
    chain = tuple(f"{link.place}: {link.outcome}, {link.reason}" for link in choice.chain)
    notes = (*chain, *_meaning(account.url), *choice.ignored)
    return Report(title="Account", columns=("field", "value", "from"), rows=rows, notes=notes)


def _meaning(url: str) -> tuple[str, ...]:
    """Tell which account is meant where the URL of something else was given."""
    meant = find_account_url(url)
    where = ", inside the private network" if meant.private else ""
    return () if meant.url == url else (f"{url} means the account {meant.url}{where}",)


def explain_instances(selection: Selection[Instance], used: tuple[Instance, ...] = ()) -> Report:
    """Tell the rank of each instance, or why it was rejected.

    Args:
        selection: How the instances were ranked; empty where one was named.
        used: The instances in use, where one was named.

    Source: behaviour B6 to B9, B286.
    """
    ranked = [(candidate.item, show_scores(selection.score_names, candidate.scores)) for candidate in selection.ranked]
    named = [] if ranked else [(instance, "asked for by instance=") for instance in used]
    rejected = [(rejection.item, describe_rejection(rejection)) for rejection in selection.rejected]
    rows = [(str(rank), *_instance_cells(instance), why) for rank, (instance, why) in enumerate([*ranked, *named], 1)]
    rows += [("–", *_instance_cells(instance), why) for instance, why in rejected]
    known = (*(instance for instance, _ in (*ranked, *named)), *(rejection.item for rejection in selection.rejected))
    notes = (f"Left away of {one.name or one.crn}: {sentence}" for one in known for sentence in one.ignored)
    return Report(
        title="Instances",
        columns=("rank", "instance", "plan", "pricing", "region", "why"),
        rows=tuple(rows),
        chosen=0 if ranked or named else None,
        rejected=len(rejected),
        notes=tuple(notes),
    )


def explain_calls(calls: Iterable[TroubledCall]) -> Report:
    """Tell which calls took more than one attempt, or failed, and what was tried.

    Source: behaviour B221.
    """
    rows = tuple(
        (
            call.url,
            "; ".join(f"after {attempt.at:.1f} s: {attempt.outcome}" for attempt in call.tried),
            "succeeded then" if call.succeeded else "failed",
        )
        for call in calls
    )
    return Report(title="Calls that did not go well at once", columns=("call", "what was tried", "end"), rows=rows)


def explain_checkup(checkup: Checkup) -> Report:
    """Tell how each link between this machine and the backends does, and the way out for the first broken one.

    Source: behaviour B228.
    """
    rows = tuple(
        (link.name, link.state, "" if link.seconds is None else f"{link.seconds:.2f} s", " ".join(link.detail.split()))
        for link in checkup.links
    )
    broken = checkup.broken
    return Report(
        title="Every link works" if broken is None else f"Broken: {broken.name}",
        columns=("link", "state", "time", "detail"),
        rows=rows,
        chosen=None if broken is None else checkup.links.index(broken),
        rejected=sum(link.state == "not tried" for link in checkup.links),
        notes=() if broken is None else (broken.fix,),
    )


def explain_backends(
    selection: Selection[BackendRow],
    instances: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
    usages: Mapping[tuple[str, str], UsageEstimate] | None = None,
) -> Report:
    """Tell the rank of each backend with its scores, or the first condition that it fails.

    Stand-ins for dry runs that are rejected for being that alone are counted in a note.

    Args:
        selection: How the backends were ranked.
        instances: The name of each instance, by CRN.
        notes: What else is to be said, such as which instance could not be asked.
        usages: What a circuit would use on each backend that is left, by CRN and name.

    Source: behaviour B12, B15, B534, B545.
    """
    names, used = instances or {}, usages or {}
    rows = [
        (
            str(rank),
            *_backend_cells(candidate.item, names),
            *_usage_cell(candidate.item, used),
            _scores_apart(selection.score_names, candidate.scores),
        )
        for rank, candidate in enumerate(selection.ranked, 1)
    ]
    rejected = [rejection for rejection in selection.rejected if rejection.condition != NO_MOCK]
    rows += [
        ("–", *_backend_cells(rejection.item, names), *([""] if used else []), describe_rejection(rejection))
        for rejection in rejected
    ]
    left_out = len(selection.rejected) - len(rejected)
    stand_ins = [f"{counted(left_out, 'stand-in')} for dry runs left out."] if left_out else []
    columns = ("rank", "backend", "instance", "chip", "qubits", "queue", *(["usage"] if used else []), "why")
    return Report(
        title="Backends",
        columns=columns,
        rows=tuple(rows),
        chosen=0 if selection.ranked else None,
        rejected=len(rejected),
        notes=(*(USAGE_OF_CIRCUIT if used else ()), *stand_ins, *notes),
    )


USAGE_OF_CIRCUIT = (
    f"usage: about what a sampler uses for {DEFAULT_SHOTS} shots of the circuit.",
    "sampler.estimate(pubs) says what is sure of it, and what is not.",
)


def _usage_cell(row: BackendRow, usages: Mapping[tuple[str, str], UsageEstimate]) -> tuple[str, ...]:
    usage = usages.get((row.instance, row.name))
    if usage is None:
        return ()
    if usage.at_least and not usage.floor:
        return (show(None),)
    return (f"at least {show_seconds(usage.seconds)}" if usage.at_least else show_seconds(usage.seconds),)


def _scores_apart(names: Sequence[str], scores: Sequence[Any]) -> str:
    """Return scores but that which has a column of its own."""
    pairs = [(name, score) for name, score in zip(names, scores, strict=True) if name != "usage"]
    return show_scores([name for name, _ in pairs], [score for _, score in pairs])


def describe_instances(instances: Iterable[Mapping[str, Any]]) -> Report:
    """Tell what the search and the catalog say of instances, as `instances()` returns them."""
    rows = tuple(
        (
            instance["name"],
            instance["plan"],
            instance["pricing_type"],
            show(instance["tags"]) if instance["tags"] else "",
            instance["crn"],
        )
        for instance in instances
    )
    return Report(title="Instances", columns=("instance", "plan", "pricing", "tags", "CRN"), rows=rows)


def describe_backends(
    title: str,
    rows: Iterable[BackendRow],
    instances: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
) -> Report:
    """Tell what the listing says of backends.

    Args:
        title: What stands above the table.
        rows: The lines of the listing.
        instances: The name of each instance, by CRN.
        notes: What else is to be said, such as which instance could not be asked.

    Source: behaviour B104.
    """
    names = instances or {}
    cells = tuple((*_backend_cells(row, names), row.state, _percent(row.two_qubit_error)) for row in rows)
    columns = ("backend", "instance", "chip", "qubits", "queue", "state", "two-qubit error")
    return Report(title=title, columns=columns, rows=cells, notes=tuple(notes))


def describe_jobs(
    title: str,
    jobs: Iterable[Mapping[str, Any]],
    instances: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
) -> Report:
    """Tell what the service last said of jobs, as `JobList.to_dicts()` returns it.

    Args:
        title: What stands above the table.
        jobs: A dictionary for each job.
        instances: The name of each instance, by CRN.
        notes: What else is to be said, such as which instance could not be asked.
    """
    names = instances or {}
    rows = tuple(
        (
            job["job_id"],
            job["program"],
            job["backend"] or "",
            names.get(job["instance"]) or job["instance"],
            f"{job['created']:%Y-%m-%d %H:%M:%S}" if job["created"] else "",
            " ".join(filter(None, (job["status"], job["reason"]))),
        )
        for job in jobs
    )
    columns = ("job", "program", "backend", "instance", "created", "status")
    return Report(title=title, columns=columns, rows=rows, notes=tuple(notes))


def describe_sessions(
    title: str,
    sessions: Iterable[Mapping[str, Any]],
    instances: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
) -> Report:
    """Tell what the listing says of sessions, as `SessionList.to_dicts()` returns it.

    Args:
        title: What stands above the table.
        sessions: A dictionary for each session.
        instances: The name of each instance, by CRN.
        notes: What else is to be said, such as which instance could not be asked.
    """
    names = instances or {}
    rows = tuple(
        (
            session["session_id"],
            session["mode"],
            session["status"].replace("_", " "),
            session["backend"] or "",
            names.get(session["instance"]) or session["instance"],
            f"{session['created']:%Y-%m-%d %H:%M}" if session["created"] else "",
            "" if session["used_seconds"] is None else f"{session['used_seconds']:g} s",
        )
        for session in sessions
    )
    columns = ("session", "mode", "status", "backend", "instance", "created", "used")
    return Report(title=title, columns=columns, rows=rows, notes=tuple(notes))


def describe_usage(usage: Mapping[str, Any]) -> Report:
    """Tell what an instance has spent and may still spend, as `usage()` returns it."""
    rows = tuple((name.removeprefix("usage_").replace("_", " "), _as_line(value)) for name, value in usage.items())
    return Report(title="Usage", columns=("", ""), rows=rows)


def _as_line(value: Any) -> str:
    return " to ".join(map(show, value.values())) if isinstance(value, dict) else show(value)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.2%}"


def _instance_cells(instance: Instance) -> tuple[str, ...]:
    return instance.name or instance.crn, instance.plan, instance.pricing_type, instance.region


def _backend_cells(row: BackendRow, instances: Mapping[str, str]) -> tuple[str, ...]:
    instance = instances.get(row.instance) or row.instance
    return row.name, instance, row.processor, show(row.num_qubits), show(row.queue_length)


def _masked(value: Any) -> str:
    """Show a value, but of a secret only that there is one."""
    if isinstance(value, Secret):
        return MASK if value else "none"
    return MASK if hasattr(value, "urls") else show(value)
