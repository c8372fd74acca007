"""`accounts`: what the account file holds."""

import click

from ..client.account_store import load_accounts
from ..client.raising import value_or_raise
from ..core.accounts import complete_account
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
    found = value_or_raise(load_accounts(file))
    answer = json_answers.SavedList(
        file=found.path, accounts=(*map(saved_form, found.entries), *map(broken_form, found.broken))
    )
    out.answer(answer, describe(found, answer))


def saved_form(entry: SavedAccount) -> json_answers.Saved:
    """Return a saved account as JSON has it."""
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
        problem=None,
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


def describe(file: AccountFile, answer: json_answers.SavedList) -> Report:
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
        title=f"Accounts in {file.path}",
        columns=("account", "channel", "instance", "", "problem"),
        rows=rows,
        rejected=len(file.broken),
        notes=() if rows else ("None is saved. Run: qiskit-runtime login",),
    )
