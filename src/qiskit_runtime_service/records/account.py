"""Nouns of accounts: what was given, what was found, what was chosen and where each field came from."""

from typing import Literal

import msgspec

from .secret import Secret

DEFAULT_CHANNEL = "ibm_quantum_platform"
DEFAULT_URL = "https://cloud.ibm.com"
CHANNELS = (DEFAULT_CHANNEL, "ibm_cloud", "local")
Origin = Literal["argument", "environment", "file", "default"]


class Proxies(msgspec.Struct, frozen=True, kw_only=True):
    """How to leave the network. Proxy URLs may hold passwords, so they are secrets too."""

    urls: tuple[tuple[str, Secret], ...] = ()
    """Pairs of protocol, or protocol and host, and proxy URL."""
    username_ntlm: str | None = None
    password_ntlm: Secret | None = None


class AccountFields(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an account as one source states them; `None` where the source is silent."""

    channel: str | None = None
    token: Secret | None = None
    token_command: tuple[str, ...] | None = None
    token_keyring: str | None = None
    url: str | None = None
    instance: str | None = None
    proxies: Proxies | None = None
    verify: bool | str | None = None
    private_endpoint: bool | None = None
    region: str | None = None
    plans_preference: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None


class SavedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of an account file."""

    name: str
    fields: AccountFields
    is_default: bool = False


class BrokenAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an account file that cannot be used. It hides only itself."""

    name: str
    reason: str
    is_default: bool = False
    """Whether it is marked as the default: the other client may still use it."""


class AccountFile(msgspec.Struct, frozen=True, kw_only=True):
    """An account file as read, entries in file order. A file that is not there has no entries."""

    path: str
    entries: tuple[SavedAccount, ...] = ()
    broken: tuple[BrokenAccount, ...] = ()


class PutEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Add an entry to an account file, or replace the one of its name."""

    entry: SavedAccount
    unmark: tuple[str, ...] = ()
    """Names of the entries that are marked as default and shall not be any more."""


class DropEntry(msgspec.Struct, frozen=True):
    """Take an entry out of an account file."""

    name: str


AccountEdit = PutEntry | DropEntry
"""A change to an account file. What it does not name stays as it is."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that can be used."""

    channel: str
    token: Secret
    token_command: tuple[str, ...] | None = None
    """A program, with its arguments, that writes the key to its standard output."""
    token_keyring: str | None = None
    """Service and user, as `service/user`, under which the keyring of the system has the key."""
    url: str = DEFAULT_URL
    instance: str | None = None
    """A CRN, a name, or `None` to choose among all instances of the account."""
    proxies: Proxies | None = None
    verify: bool | str = True
    """Whether certificates are checked, or the file of the authorities to trust."""
    private_endpoint: bool = False
    region: str | None = None
    plans_preference: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class FieldSource(msgspec.Struct, frozen=True):
    """Where the value of one field came from."""

    field: str
    origin: Origin
    detail: str
    """The argument, the variable, or the file and entry; empty for a default."""


class Link(msgspec.Struct, frozen=True):
    """One link of the chain of places in which an account is looked for."""

    place: str
    outcome: Literal["used", "empty", "passed over"]
    reason: str


class AccountChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The account that was chosen, and why it is this one."""

    account: Account
    sources: tuple[FieldSource, ...]
    chain: tuple[Link, ...]
    ignored: tuple[str, ...] = ()
    """A sentence for each given value that had no effect."""
