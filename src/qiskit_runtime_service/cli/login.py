"""`login`: ask for an API key, check it, and save it."""

import sys
from typing import Any

import click

from ..client.account_store import load_accounts
from ..client.raising import value_or_raise
from ..core.accounts import DEFAULT_NAMES
from ..records.account import DEFAULT_CHANNEL
from ..shell.saved_accounts import SavedAccounts
from . import json_answers
from .options import Command, with_output
from .output import Output, say
from .service_options import account_options


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime login",
        "qiskit-runtime login --name work --instance my-instance --default",
        "qiskit-runtime login --local --file ./accounts.json",
        "qiskit-runtime login --name ci --no-check < key.txt",
    ],
)
@account_options(*DEFAULT_NAMES)
@click.option("--instance", metavar="CRN|NAME", help="Always use this instance.")
@click.option("--region", help="Use instances of this region only.")
@click.option("--plan", "plans", multiple=True, help="Use instances of this plan only; several, best first.")
@click.option("--tag", "tags", multiple=True, help="Use instances with this tag only; several must all be there.")
@click.option("--default", "set_as_default", is_flag=True, help="Make it the default of the file.")
@click.option("--overwrite", is_flag=True, help="Replace an account of that name.")
@click.option("--check/--no-check", default=True, help="Ask the cloud whether the key is good.  [default: check]")
@click.option("--local", is_flag=True, help="Try it with an emulated cloud, and a --file of your own.")
@with_output
def command(
    channel: str | None,
    name: str | None,
    file: str | None,
    instance: str | None,
    region: str | None,
    plans: tuple[str, ...],
    tags: tuple[str, ...],
    set_as_default: bool,
    overwrite: bool,
    check: bool,
    local: bool,
    out: Output,
) -> None:
    """Ask for an API key, check it, and save it.

    The key is not shown while it is typed; a program gives it on standard input. It is saved in a file that only you
    can read, where Qiskit finds it.
    """
    if local and file is None:
        raise click.UsageError("An emulated key must not get among your accounts.\nGive --local a --file of its own.")
    found = value_or_raise(load_accounts(file))
    wanted = name or DEFAULT_NAMES[channel or DEFAULT_CHANNEL]
    taken = {*(account.name for account in found.entries), *(account.name for account in found.broken)}
    if wanted in taken and not overwrite:
        raise click.ClickException(
            f"{found.path} has an account {wanted!r} already.\nGive --overwrite or another --name."
        )
    account: dict[str, Any] = {
        "token": ask_for_key(local),
        "channel": channel,
        "instance": instance,
        "region": region,
        "plans_preference": plans or None,
        "tags": tags or None,
    }
    instances = open_instances(account, local) if check else ()
    SavedAccounts.save_account(
        **account, filename=file, name=name, overwrite=overwrite, set_as_default=set_as_default or None
    )
    saved = next(entry for entry in value_or_raise(load_accounts(file)).entries if entry.name == wanted)
    if check:
        say(f"The key is good. It opens {', '.join(instances) or 'no instance'}.")
    fields = [field for field in ("instance", "region", "plans_preference", "tags") if account[field]]
    say(f"Saved account {wanted!r} in {found.path}: {', '.join(['the key', *fields])}. Only you can read it.")
    out.answer(
        json_answers.Login(
            file=found.path,
            name=wanted,
            channel=saved.fields.channel or DEFAULT_CHANNEL,
            instance=instance,
            default=saved.is_default,
            checked=check,
            instances=instances,
        )
    )


def ask_for_key(local: bool) -> str:
    """Return the key that a person types unseen, or a program writes.

    Raises a `UsageError` if there is none.
    """
    if local:
        from ..emulator.worlds import API_KEY

        say(f"The emulated cloud knows one key: {API_KEY}")
    if sys.stdin.isatty():
        key: str = click.prompt("API key", hide_input=True, err=True)
    else:
        key = sys.stdin.readline()
    if not key.strip():
        raise click.UsageError("No API key came in.\nMake one at https://quantum.cloud.ibm.com, and type or paste it.")
    return key.strip()


def open_instances(account: dict[str, Any], local: bool) -> tuple[str, ...]:
    """Return the names of the instances that a key opens."""
    from ..shell.service import QiskitRuntimeService

    transport = None
    if local:
        from ..simulator.cloud import emulated_cloud

        transport = emulated_cloud()
    with QiskitRuntimeService(**account, transport=transport, clock=transport) as service:
        return tuple(instance["name"] or instance["crn"] for instance in service.instances())
