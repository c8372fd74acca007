"""`cassette`: what is on a recording, whether it may be shared, and what the service has changed since."""

from pathlib import Path

import click

from ..records.report import Report
from . import json_answers
from .options import Command, with_output
from .output import DONE, FAILED, Output


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime cassette show run.yaml",
        "qiskit-runtime cassette check run.yaml",
        "qiskit-runtime cassette check run.yaml --json",
        "qiskit-runtime cassette diff old.yaml new.yaml",
    ],
)
@click.argument("action", type=click.Choice(["show", "check", "diff"]))
@click.argument("paths", metavar="CASSETTE [NEW]", nargs=-1, type=click.Path(path_type=Path))
@with_output
def command(action: str, paths: tuple[Path, ...], out: Output) -> int:
    """Show a recorded run, check it for secrets, or compare two.

    show lists the conversation. check looks for secrets in every encoding, and exits with 1 if there is one. diff
    names each endpoint that answers otherwise on the second cassette than on the first: fields, kinds of values,
    status, headers; it exits with 1 if there is one.
    """
    wanted = 2 if action == "diff" else 1
    if len(paths) != wanted:
        cassettes = "two cassettes, the old one and the new one" if action == "diff" else "one cassette"
        raise click.UsageError(f"cassette {action} takes {cassettes}; {len(paths)} given.")
    match action:
        case "show":
            return show(paths[0], out)
        case "check":
            return check(paths[0], out)
        case _:
            return compare(paths[0], paths[1], out)


def show(path: Path, out: Output) -> int:
    """List the exchanges."""
    from ..cassettes.inspection import read_exchanges
    from ..cassettes.meaning import meaning_of

    exchanges = read_exchanges(path)
    began = next((exchange.at for exchange in exchanges if exchange.at is not None), None)
    lines = []
    for number, exchange in enumerate(exchanges, 1):
        meaning = meaning_of(exchange.request)
        line = json_answers.CassetteLine(
            number=number,
            seconds=None if exchange.at is None or began is None else round(exchange.at - began, 3),
            operation=meaning.operation,
            arguments=dict(meaning.fields),
            status=exchange.response.status,
            size=len(exchange.response.body),
        )
        lines.append(line)
    rows = tuple(
        (
            str(line.number),
            "" if line.seconds is None else f"{line.seconds:g}",
            line.operation,
            _shortly(line.arguments),
            str(line.status),
            str(line.size),
        )
        for line in lines
    )
    columns = ("", "seconds", "asked", "of", "answer", "bytes")
    out.answer(
        json_answers.CassetteShown(cassette=str(path), exchanges=tuple(lines)),
        Report(title=f"Recorded in {path}", columns=columns, rows=rows),
    )
    return DONE


def check(path: Path, out: Output) -> int:
    """Look for secrets."""
    from ..cassettes.inspection import check_cassette

    leaks = check_cassette(path)
    rows = tuple((str(leak.exchange), leak.place, leak.reason) for leak in leaks)
    report = Report(
        title=f"What must not be in {path}",
        columns=("exchange", "place", "what it is"),
        rows=rows,
        notes=("Record again, or take it out by hand.",) if leaks else ("There is nothing.",),
    )
    out.answer(json_answers.CassetteChecked(cassette=str(path), leaks=leaks), report)
    return FAILED if leaks else DONE


def compare(old: Path, new: Path, out: Output) -> int:
    """Name what changed."""
    from ..cassettes.inspection import compare_cassettes

    drifts = compare_cassettes(old, new)
    rows = tuple((drift.endpoint, drift.change, drift.old_version, drift.new_version) for drift in drifts)
    report = Report(
        title=f"Answers in {new} that are built otherwise than in {old}",
        columns=("endpoint", "change", "old version", "new version"),
        rows=rows,
    )
    out.answer(json_answers.CassetteDiff(old=str(old), new=str(new), changes=drifts), report)
    return FAILED if drifts else DONE


def _shortly(arguments: dict[str, str]) -> str:
    """Return what a person looks for first: the instance by its region and all but bodies."""
    parts = []
    for name, value in arguments.items():
        if name == "instance":
            crn = value.split(":")
            parts.append(crn[5] if len(crn) > 5 else value)
        elif not name.startswith("body.params") and "__type__" not in name:
            parts.append(f"{name.removeprefix('query.').removeprefix('body.')}={value}")
    return ", ".join(parts)
