"""`accounts`: what the account file holds."""

import click

from ..client.account_store import load_accounts
from ..client.raising import value_or_raise
from ..core.accounts import complete_account, find_left_out
from ..core.keys import hide_keys
from ..records.account import AccountFile, BrokenAccount, SavedAccount
from ..records.report import Report
from . import json_answers
from .options import Command, with_output
from .output import Output


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime accounts",
        "qiskit-runtime accounts --file ./accounts.json",
        "qiskit-runtime accounts --json",
    ],
)
@click.option("--file", metavar="PATH", help="The account file.  [default: ~/.qiskit/qiskit-ibm.json]")
@with_output
def command(file: str | None, out: Output) -> None:
    """List the saved accounts. Keys are not shown."""
    answer = list_accounts(value_or_raise(load_accounts(file)))
    out.answer(answer, describe(answer))


def list_accounts(file: AccountFile) -> json_answers.SavedList:
    """Return the accounts of a file as JSON has them, those last that cannot be used."""
    reasons = {left_out.name: left_out.reason for left_out in find_left_out(file)}
    entries = sorted(file.entries, key=lambda entry: entry.name in reasons)
    forms = (saved_form(entry, reasons.get(entry.name)) for entry in entries)
    return json_answers.SavedList(file=hide_keys(file.path), accounts=(*forms, *map(broken_form, file.broken)))


def saved_form(entry: SavedAccount, problem: str | None = None) -> json_answers.Saved:
    """Return a saved account as JSON has it, with why it cannot be used, if so."""
    account = complete_account(entry)
    return json_answers.Saved(
        name=entry.name,
        channel=account.channel,
        url=account.url,
        instance=account.instance,
        region=account.region,
        plans_preference=account.plans_preference,
        tags=account.tags,
        default=entry.is_default,
        problem=problem,
    )


def broken_form(entry: BrokenAccount) -> json_answers.Saved:
    """Return an account that cannot be used as JSON has it."""
    return json_answers.Saved(
        name=entry.name,
        channel="",
        url="",
        instance=None,
        region=None,
        plans_preference=(),
        tags=(),
        default=entry.is_default,
        problem=entry.reason,
    )


def describe(answer: json_answers.SavedList) -> Report:
    """Return the accounts as a table."""
    rows = tuple(
        (
            account.name,
            account.channel,
            account.instance or "chosen among all",
            "default" if account.default else "",
            account.problem or "",
        )
        for account in answer.accounts
    )
    return Report(
        title=f"Accounts in {answer.file}",
        columns=("account", "channel", "instance", "marked", "problem"),
        rows=rows,
        rejected=sum(account.problem is not None for account in answer.accounts),
        notes=() if rows else ("None is saved. Run: qiskit-runtime login",),
    )
