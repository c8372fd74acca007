"""The account file: bytes to record. It is the file that IBM's own client keeps."""

from typing import Any

import msgspec
from returns.result import Failure, Result, Success

from ..records.account import AccountFields, AccountFile, BrokenAccount, Proxies, SavedAccount
from ..records.problem import Problem, UnreadableFile
from ..records.secret import Secret
from .responses import BAD_BODY


class _Proxies(msgspec.Struct, forbid_unknown_fields=True):
    urls: dict[str, str] | None = None
    username_ntlm: str | None = None
    password_ntlm: str | None = None


class _Entry(msgspec.Struct):
    token: str
    channel: str = "ibm_quantum_platform"
    url: str | None = None
    instance: str | None = None
    proxies: _Proxies | None = None
    verify: bool | None = None
    private_endpoint: bool | None = None
    region: str | None = None
    plans_preference: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    is_default_account: bool = False


def read_account_file(body: bytes, path: str) -> Result[AccountFile, Problem]:
    """Read all entries of an account file. A broken entry hides only itself.

    Fails with:
        UnreadableFile: The file as a whole is no JSON object.

    Source: behaviour B70, B71.
    """
    try:
        entries: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any]) if body.strip() else {}
    except BAD_BODY as error:
        fix = "Mend it in an editor, or move it away and save the accounts again."
        return Failure(UnreadableFile(path=path, reason=f"it is no JSON object of accounts: {error}", fix=fix))
    saved: list[SavedAccount] = []
    broken: list[BrokenAccount] = []
    for name, entry in entries.items():
        try:
            saved.append(_account(name, msgspec.convert(entry, _Entry)))
        except msgspec.ValidationError as error:
            broken.append(BrokenAccount(name=name, reason=str(error)))
    return Success(AccountFile(path=path, entries=tuple(saved), broken=tuple(broken)))


def _account(name: str, entry: _Entry) -> SavedAccount:
    fields = AccountFields(
        channel=entry.channel,
        token=Secret(entry.token),
        url=entry.url,
        instance=entry.instance,
        proxies=read_proxies(entry.proxies),
        verify=entry.verify,
        private_endpoint=entry.private_endpoint,
        region=entry.region,
        plans_preference=entry.plans_preference,
        tags=entry.tags,
    )
    return SavedAccount(name=name, fields=fields, is_default=entry.is_default_account)


def read_proxies(said: _Proxies | None) -> Proxies | None:
    """Hide what a proxy entry says in a record."""
    if said is None:
        return None
    return Proxies(
        urls=tuple((scheme, Secret(url)) for scheme, url in (said.urls or {}).items()),
        username_ntlm=said.username_ntlm,
        password_ntlm=None if said.password_ntlm is None else Secret(said.password_ntlm),
    )
