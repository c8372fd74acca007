"""Saving, listing and deleting accounts: what users do with the account file."""

from collections.abc import Mapping, Sequence
from typing import Any

from returns.result import Result

from .._log import logger
from ..client.account_store import change_accounts, load_accounts
from ..client.raising import value_or_raise
from ..client.settings import read_arguments
from ..core.account_urls import find_account_url
from ..core.accounts import (
    blame_entry,
    build_entry,
    complete_account,
    find_left_out,
    keep_listed,
    plan_delete,
    plan_save,
)
from ..core.arguments import Read, if_given, read_all, read_flag, read_text
from ..core.messages import describe
from ..records.account import DEFAULT_URL, AccountFields, SavedAccount
from ..records.problem import BrokenEntry, Problem
from ..wire.account_file import check_entry
from .display import AccountView, PublicNames


class SavedAccounts(PublicNames):
    """The part of the service that needs no account in use, only the file of accounts."""

    @staticmethod
    def save_account(
        token: str | None = None,
        url: str | None = None,
        instance: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        name: str | None = None,
        proxies: dict[str, Any] | None = None,
        verify: bool | str | None = None,
        overwrite: bool | None = False,
        set_as_default: bool | None = None,
        private_endpoint: bool | None = False,
        region: str | None = None,
        plans_preference: Sequence[str] | str | None = None,
        tags: Sequence[str] | str | None = None,
    ) -> None:
        """Save an account in the file that IBM's own client reads too.

        Other entries, and keys that we do not know, stay as they are.

        Args:
            token: An IBM Cloud API key.
            url: The account URL, `https://cloud.ibm.com` by default.
            instance: The CRN or the name of a service instance, or `auto`.
            channel: `ibm_quantum_platform` (the default) or `ibm_cloud`.
            filename: The account file, `~/.qiskit/qiskit-ibm.json` by default.
            name: The name of the entry, `default-ibm-quantum-platform` or `default-ibm-cloud` by default.
            proxies: Keys `urls`, `username_ntlm`, `password_ntlm`.
            verify: Whether to check certificates, or the file of the authorities to trust.
            overwrite: Replace an entry of that name, and take the mark of the default from another.
            set_as_default: Mark the entry as the default of the file.
            private_endpoint: Whether to stay inside the private network.
            region: `us-east` or `eu-de`, for the automatic choice of an instance.
            plans_preference: Plan names, best first.
            tags: Only instances that have all of these are used.

        Raises:
            AccountAlreadyExistsError: There is an entry of that name, or another default.
            InvalidAccountError: An argument is not what it must be, or the file cannot be read.
            OSError: The file cannot be written.

        Source: behaviour B72 to B76, B79, B90 to B94.
        """
        given = read_arguments(
            channel=channel,
            token=token,
            url=url,
            instance=instance,
            proxies=proxies,
            verify=verify,
            private_endpoint=private_endpoint,
            region=region,
            plans_preference=plans_preference,
            tags=tags,
        )
        # A traceback may show the locals of this frame, and the key must not be among them.
        del token, proxies
        place = read_all(PLACE, {"name": name, "overwrite": overwrite, "set_as_default": set_as_default})
        placed = value_or_raise(place.alt(blame_entry))
        entry = read_entry(given, name=placed["name"], is_default=bool(placed["set_as_default"]))
        replace = bool(placed["overwrite"])
        value_or_raise(change_accounts(filename, lambda file: plan_save(file, entry, overwrite=replace)))

    @staticmethod
    def saved_accounts(
        default: bool | None = None,
        channel: str | None = None,
        filename: str | None = None,
        name: str | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Return the saved accounts by their names. Tokens are in them, but are not shown when printed.

        Args:
            default: Only accounts whose name is, or is not, a default name.
            channel: Only accounts of this channel.
            filename: The account file, `~/.qiskit/qiskit-ibm.json` by default.
            name: Only the account of this name.

        Raises:
            IBMInputValueError: An argument is not what it must be, or there is no such channel.
            InvalidAccountError: The file cannot be read; a `ValueError` too where it is no file of accounts.

        Source: behaviour B70, B71, B78, B307.
        """
        wanted = value_or_raise(read_all(PLACE, {"default": default, "channel": channel, "name": name}))
        file = value_or_raise(load_accounts(filename))
        listed = value_or_raise(keep_listed(file, **wanted))
        for left_out in find_left_out(file):
            broken = BrokenEntry(name=left_out.name, path=file.path, reason=left_out.reason)
            logger.warning(describe(broken).line.removesuffix("."))
        return {entry.name: AccountView(complete_account(entry)) for entry in listed}

    @staticmethod
    def delete_account(filename: str | None = None, name: str | None = None, channel: str | None = None) -> bool:
        """Delete a saved account; return whether there was one.

        Args:
            filename: The account file, `~/.qiskit/qiskit-ibm.json` by default.
            name: The account, by default the one with the default name of `channel`.
            channel: `ibm_quantum_platform` (the default) or `ibm_cloud`; of no effect beside `name`.

        Raises:
            IBMInputValueError: An argument is not what it must be, or there is no such channel.
            InvalidAccountError: The file cannot be read.
            OSError: The file cannot be written.

        Source: behaviour B77, B79, B90 to B94.
        """
        wanted = value_or_raise(read_all(PLACE, {"name": name, "channel": channel}))
        return value_or_raise(change_accounts(filename, lambda file: plan_delete(file, **wanted)))


def read_entry(given: Result[AccountFields, Problem], *, name: str | None, is_default: bool) -> SavedAccount:
    """Return the entry of the file that an account is to be.

    Raises:
        InvalidAccountError: It could not be used, or not be read again.
    """
    built = given.bind(lambda fields: build_entry(fields, name=name, is_default=is_default))
    checked = built.bind(lambda entry: check_entry(entry, find_account_url(entry.fields.url or DEFAULT_URL).url))
    return value_or_raise(checked.alt(blame_entry))


PLACE: Mapping[str, Read[Any]] = {
    **dict.fromkeys(("name", "channel"), if_given(read_text)),
    **dict.fromkeys(("default", "overwrite", "set_as_default"), if_given(read_flag)),
}
"""What reads the arguments that say which entries of the file are meant, and what is to become of them."""
