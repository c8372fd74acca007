"""`login`: ask for an API key, check it, and save it."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

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
        "qiskit-runtime login --no-check --proxy http://proxy.example.com:3128",
    ],
)
@account_options(*DEFAULT_NAMES)
@click.option("--instance", metavar="CRN|NAME", help="Always use this instance.")
@click.option("--region", help="Use instances of this region only.")
@click.option("--plan", "plans", multiple=True, help="Use instances of this plan only; several, best first.")
@click.option("--tag", "tags", multiple=True, help="Use instances with this tag only; several must all be there.")
@click.option("--url", help="The account URL, that of another IBM Cloud.  [default: https://cloud.ibm.com]")
@click.option("--proxy", metavar="URL", help="Leave the network through this proxy; its password is asked for.")
@click.option("--private-endpoint", is_flag=True, help="Stay inside the private network.")
@click.option("--verify", metavar="FILE", help="Trust the certificate authorities in this file alone.")
@click.option("--no-verify", is_flag=True, help="Trust any certificate: who is in between can read the key.")
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
    url: str | None,
    proxy: str | None,
    private_endpoint: bool,
    verify: str | None,
    no_verify: bool,
    set_as_default: bool,
    overwrite: bool,
    check: bool,
    local: bool,
    out: Output,
) -> None:
    """Ask for an API key, check it, and save it.

    The key is not shown while it is typed; a program gives it on standard input. It is saved in a file that only you
    can read, where Qiskit finds it. What says how the service is reached is tried with the key, and saved beside it.

    A proxy that wants a name has it in its URL, as http://me@proxy.example.com:3128. Its password is asked for like the
    key, and comes after it on standard input.
    """
    if verify is not None and no_verify:
        raise click.UsageError("--verify says whom to trust, --no-verify trusts anybody.\nLeave out one.")
    if verify is not None and not Path(verify).is_file():
        raise click.UsageError(
            f"There is no file {verify}.\nGive --verify the certificates of the authorities, in PEM."
        )
    check_proxy(proxy)
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
        "url": url,
        "proxies": proxies_of(proxy),
        "verify": False if no_verify else None if verify is None else str(Path(verify).absolute()),
        "private_endpoint": private_endpoint or None,
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
    fields = [field for field, value in account.items() if field not in ("token", "channel") and value is not None]
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
    key = ask_unseen("API key")
    if not key:
        raise click.UsageError("No API key came in.\nMake one at https://quantum.cloud.ibm.com, and type or paste it.")
    return key


def check_proxy(proxy: str | None) -> None:
    """Raise a `UsageError` for a proxy that no URL names, and for a password where others can read it.

    Source: behaviour B559.
    """
    if proxy is None:
        return
    try:
        parts = urlsplit(proxy)
        is_named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_named, parts = False, None
    if parts is not None and parts.password is not None:
        raise click.UsageError("Others can read command lines.\nLeave the password out of --proxy; it is asked for.")
    if not is_named:
        raise click.UsageError("--proxy is no URL.\nGive one such as http://proxy.example.com:3128.")


def proxies_of(proxy: str | None) -> dict[str, Any] | None:
    """Return a proxy as accounts have it, with the password of whoever is named in its URL."""
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    if parts.username:
        place = parts.netloc.rpartition("@")[2]
        password = quote(ask_unseen("Password of the proxy"), safe="")
        proxy = urlunsplit(parts._replace(netloc=f"{parts.username}:{password}@{place}"))
    return {"urls": {"http": proxy, "https": proxy}}


def ask_unseen(what: str) -> str:
    """Return what a person types unseen, or a program writes as its next line; nothing where nothing comes."""
    text: str = click.prompt(what, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return text.strip()


def open_instances(account: dict[str, Any], local: bool) -> tuple[str, ...]:
    """Return the names of the instances that a key opens."""
    from ..shell.service import QiskitRuntimeService

    transport = None
    if local:
        from ..simulator.cloud import emulated_cloud

        transport = emulated_cloud()
    with QiskitRuntimeService(**account, transport=transport, clock=transport) as service:
        return tuple(instance["name"] or instance["crn"] for instance in service.instances())
