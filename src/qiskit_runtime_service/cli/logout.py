"""`logout`: take an account out of the account file."""

import click

from ..client.account_store import load_accounts
from ..client.raising import value_or_raise
from ..core.accounts import DEFAULT_NAMES
from ..records.account import DEFAULT_CHANNEL
from ..shell.saved_accounts import SavedAccounts
from . import json_answers
from .options import Command, with_output
from .output import DONE, FAILED, Output, say
from .service_options import account_options


@click.command(
    cls=Command,
    examples=["qiskit-runtime logout", "qiskit-runtime logout --name work --file ./accounts.json"],
)
@account_options(*DEFAULT_NAMES)
@with_output
def command(channel: str | None, name: str | None, file: str | None, out: Output) -> int:
    """Take an account out of the account file.

    Other accounts in the file stay as they are. The key itself is not revoked.
    """
    found = value_or_raise(load_accounts(file))
    wanted = name or DEFAULT_NAMES[channel or DEFAULT_CHANNEL]
    deleted = SavedAccounts.delete_account(filename=file, name=name, channel=channel)
    out.answer(json_answers.Logout(file=found.path, name=wanted, deleted=deleted))
    if deleted:
        say(f"Account {wanted!r} is no longer in {found.path}.")
        return DONE
    names = ", ".join(account.name for account in found.entries)
    say(f"{found.path} has no account {wanted!r}.\n" + (f"It has: {names}." if names else "It has none."))
    return FAILED
