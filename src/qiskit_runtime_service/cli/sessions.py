"""`sessions`: sessions and batches, listed, shown or ended."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from msgspec.structs import replace

from .._shown import spell
from ..core.selection import show
from ..core.sessions import describe_status, is_closed
from ..records.report import Report
from ..records.session import SessionDetails
from . import json_answers
from .completion import complete_backend, complete_session
from .options import Command, Moment, with_output
from .output import Output, busy, say
from .service_options import Opening, opens_service

if TYPE_CHECKING:
    from ..shell.service import QiskitRuntimeService

ACTIONS = ("list", "show", "close", "cancel")
MODES = {"dedicated": "session", "batch": "batch"}
"""How the listing calls what a session calls itself."""


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime sessions",
        "qiskit-runtime sessions --open --since 7d --json id,status",
        "qiskit-runtime sessions show s123abc",
        "qiskit-runtime sessions close s123abc",
        "qiskit-runtime sessions --world ibm_quantum",
    ],
)
@click.argument("action", type=click.Choice(ACTIONS), default="list", metavar="[list|show|close|cancel]")
@click.argument("session_id", metavar="[ID]", required=False, shell_complete=complete_session)
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="How many at most; 0 for all.")
@click.option("--backend", help="Only sessions on this backend.", shell_complete=complete_backend)
@click.option("--open/--closed", "is_open", default=None, help="Only those that go on, or only those at their end.")
@click.option("--since", type=Moment(), metavar="DATE|AGO", help="Only sessions from then on, as 7d or 2026-09-01.")
@click.option("--until", type=Moment(), metavar="DATE|AGO", help="Only sessions until then.")
@opens_service
@with_output
@click.pass_context
def command(
    context: click.Context,
    action: str,
    session_id: str | None,
    limit: int,
    backend: str | None,
    is_open: bool | None,
    since: datetime | None,
    until: datetime | None,
    opening: Opening,
    out: Output,
) -> None:
    """List sessions and batches, show one, or end it.

    list has the newest first, those of all instances of the account, unless --instance names one. close lets a session
    take no more jobs: those it has still run. cancel ends it at once: jobs that wait are cancelled.
    """
    check_words(context, action, session_id)
    with opening.service() as service:
        if session_id is not None:
            session = service.find_session(session_id)
            if action != "show":
                session = end(service, session, action)
            answer = describe(session)
            out.answer(answer, as_report(session, answer))
            return
        closed = None if is_open is None else not is_open
        with busy("Listing sessions …"):
            found = service.sessions(
                limit or None, backend_name=backend, closed=closed, created_after=since, created_before=until
            )
        rows = tuple(map(session_form, found.to_dicts()))
        # What is missing was said already.
        out.answer(json_answers.SessionList(sessions=rows), replace(found.report(), notes=()))


def check_words(context: click.Context, action: str, session_id: str | None) -> None:
    """Raise a `UsageError` for a session without an id, and for an id or filters that mean nothing."""
    if action == "list" and session_id is not None:
        raise click.UsageError(f"A list has no id.\nsessions show {session_id} shows one.")
    if action != "list" and session_id is None:
        raise click.UsageError(f"sessions {action} takes the id of a session.\nqiskit-runtime sessions lists them.")
    filters = ("limit", "backend", "is_open", "since", "until")
    given = [name for name in filters if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if action != "list" and given:
        raise click.UsageError(f"Conditions are for lists; sessions {action} has an id.\nLeave them out.")


def end(service: "QiskitRuntimeService", found: SessionDetails, action: str) -> SessionDetails:
    """Close or cancel a session, and look at it again. One that has ended is left as it is."""
    from ..shell.session import Batch, Session

    if is_closed(found):
        say(f"Session {found.id} has come to its end already.")
        return found
    kind = Batch if found.mode == Batch.mode else Session
    session = kind.from_id(found.id, service, use_fractional_gates=None)
    if action == "cancel":
        session.cancel()
        say(f"Session {found.id} has ended. Jobs that waited in it are cancelled.")
    else:
        session.close()
        say(f"Session {found.id} takes no more jobs, and ends with the last it has.")
    return service.find_session(found.id)


def session_form(row: dict[str, Any]) -> json_answers.Session:
    """Return a row of the listing as JSON has it."""
    created, ended = (row[name] and row[name].isoformat(timespec="seconds") for name in ("created", "ended"))
    same = {name: row[name] for name in ("mode", "status", "accepting_jobs", "backend", "instance", "used_seconds")}
    return json_answers.Session(id=row["session_id"], created=created, ended=ended, **same)


def describe(session: SessionDetails) -> json_answers.SessionReport:
    """Return a session as JSON has it."""
    return json_answers.SessionReport(
        id=session.id,
        mode=session.mode,
        state=session.state,
        accepting_jobs=session.accepting_jobs,
        backend=session.backend,
        instance=session.instance,
        started=session.started_at,
        last_job_completed=session.last_job_completed,
        closed=session.closed_at,
        max_seconds=session.max_time,
        used_seconds=session.usage_time,
    )


def as_report(session: SessionDetails, answer: json_answers.SessionReport) -> Report:
    """Return a session as a table."""
    rows = (
        ("status", describe_status(session)),
        ("mode", MODES.get(answer.mode, answer.mode)),
        ("backend", show(answer.backend)),
        ("instance", answer.instance),
        ("started", answer.started or "not yet"),
        ("last job done", answer.last_job_completed or "none"),
        ("closed", answer.closed or "not yet"),
        ("may be open", seconds(answer.max_seconds)),
        ("used", seconds(answer.used_seconds)),
    )
    jobs = f"Its jobs: qiskit-runtime jobs --session {answer.id}"
    return Report(title=f"Session {answer.id}", columns=("", ""), rows=rows, notes=(jobs,))


def seconds(number: float | None) -> str:
    """Return a duration as a person would write it."""
    return show(None) if number is None else spell(number)
