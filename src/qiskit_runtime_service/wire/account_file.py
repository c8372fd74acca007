"""The account file: bytes to record, and a change to the bytes. It is the file that IBM's own client keeps."""

import codecs
import re
from typing import Annotated, Any

import msgspec
from returns.result import Failure, Result, Success

from ..records.account import AccountEdit, AccountFields, AccountFile, BrokenAccount, Proxies, PutEntry, SavedAccount
from ..records.problem import BadArgument, MalformedFile, Problem
from ..records.secret import Secret
from . import json_members
from .crn import looks_like_crn, read_crn
from .error_bodies import BAD_BODY
from .json_members import Member, find_oddity, join_object, lay_out, split_object
from .urls import find_endpoints

DEFAULT_MARK = "is_default_account"
_POSITION = re.compile(r"\(byte (\d+)\)")
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",  # It begins like the mark of UTF-16.
    codecs.BOM_UTF32_BE: "UTF-32",
    **dict.fromkeys((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"{\0", b"\0{"), "UTF-16"),
}
"""How texts begin that are not UTF-8, and what they are."""


class _Proxies(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    urls: dict[str, str] | None = None
    username_ntlm: str | None = None
    password_ntlm: str | None = None


class _Entry(msgspec.Struct, omit_defaults=True):
    token: Annotated[str, msgspec.Meta(min_length=1)]
    channel: str = "ibm_quantum_platform"
    url: str | None = None
    instance: str | None = None
    proxies: _Proxies | None = None
    verify: bool | str | None = None
    private_endpoint: bool | None = None
    region: str | None = None
    plans_preference: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    is_default_account: bool = False


def read_account_file(body: bytes, path: str) -> Result[AccountFile, Problem]:
    """Read all entries of an account file. A broken entry hides only itself.

    Fails with:
        MalformedFile: The file as a whole is no JSON object.

    Source: behaviour B70, B71, B307, B350.
    """
    return _entries(body, path).map(lambda entries: _read_entries(entries, path))


def breaks_off(body: bytes) -> bool:
    """Tell whether a file is empty, or its text ends before its JSON does: as one that is being written.

    Source: behaviour B336.
    """
    return not body.strip() or json_members.breaks_off(body.removeprefix(codecs.BOM_UTF8))


def edit_account_file(body: bytes, edit: AccountEdit, path: str) -> Result[bytes, Problem]:
    """Return `body` with one entry put in or taken out.

    Entries that `edit` does not name keep the very text of their values, so that numbers, unknown
    keys and broken entries stay as they are. The entry that is put in keeps the keys of its
    predecessor that we do not know. Names are sorted and the layout is that of IBM's client.

    Fails with:
        MalformedFile: The file as a whole is no JSON object.

    Source: behaviour B74, B75, B350.
    """
    return _entries(body, path).map(lambda entries: lay_out(_edited(entries, edit)))


def check_entry(saved: SavedAccount, account_url: str) -> Result[SavedAccount, Problem]:
    """Check that an entry can be used and read again once it is saved.

    Args:
        saved: The entry.
        account_url: The URL of the account that its own URL means.

    Fails with:
        MalformedCrn, UnsafeUrl, BadArgument: It has a value that cannot.

    Source: behaviour B73.
    """
    fields = saved.fields
    if fields.instance is not None and looks_like_crn(fields.instance):
        match read_crn(fields.instance):
            case Failure(problem):
                return Failure(problem)
    match find_endpoints(account_url, private=bool(fields.private_endpoint)):
        case Failure(problem):
            return Failure(problem)
    try:
        msgspec.json.encode({saved.name: _encode(saved)})
    except UnicodeEncodeError:
        return Failure(
            BadArgument(name="one of the texts", value="half a character (a lone surrogate)", wanted="whole characters")
        )
    return Success(saved)


def _entries(body: bytes, path: str) -> Result[dict[str, Member], Problem]:
    """Split a file into its entries, each as the text that it is. Of two with one name the last counts."""
    encoding = next((name for start, name in _WIDE.items() if body.startswith(start)), None)
    if encoding is not None:
        fix = "Save it as UTF-8 in an editor, or move it away and save the accounts again."
        return Failure(MalformedFile(path=path, reason=f"it is {encoding} text, not UTF-8", fix=fix))
    text = body.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        return Success({})
    if (entries := split_object(text)) is not None:
        return Success(entries)
    line, reason = _damage(text)
    return Failure(
        MalformedFile(
            path=path,
            reason=f"it is no JSON object of accounts, see line {line}: {reason}",
            fix=f"Mend it at line {line} in an editor, or move it away and save the accounts again.",
        )
    )


def _damage(text: bytes) -> tuple[int, str]:
    """Return where, and in which words, the decoder complains about a text that is no object."""
    try:
        return 1, f"it is {type(msgspec.json.decode(text, type=dict)).__name__}"
    except BAD_BODY as error:
        return _line(text, error), str(error)


def _line(body: bytes, error: Exception) -> int:
    """Return the line that a decoder complains about, counted from 1; the last one if the end is missing."""
    if isinstance(error, msgspec.ValidationError):
        return 1
    position = _POSITION.search(str(error))
    if position:
        return body[: int(position[1])].count(b"\n") + 1
    try:
        body.decode()
    except UnicodeDecodeError as where:
        return body[: where.start].count(b"\n") + 1
    return body.rstrip().count(b"\n") + 1


def _read_entries(entries: dict[str, Member], path: str) -> AccountFile:
    saved: list[SavedAccount] = []
    broken: list[BrokenAccount] = []
    for name, (key, text) in entries.items():
        if (flaw := find_oddity(key)) is not None:
            broken.append(BrokenAccount(name=name, reason=f"its name {flaw}", is_default=_is_marked(text)))
            continue
        try:
            saved.append(_account(name, _read_entry(text)))
        except BAD_BODY as error:
            reason = _flaw_of(text) or str(error)
            broken.append(BrokenAccount(name=name, reason=reason, is_default=_is_marked(text)))
    return AccountFile(path=path, entries=tuple(saved), broken=tuple(broken))


def _read_entry(text: msgspec.Raw) -> _Entry:
    """Return an entry, whatever stands in the keys that we do not know."""
    try:
        return msgspec.json.decode(text, type=_Entry)
    except BAD_BODY:
        return msgspec.json.decode(_known(text), type=_Entry)


def _known(text: msgspec.Raw) -> msgspec.Raw:
    """Return an entry without the keys that we do not know; the text itself if it is no object."""
    members = split_object(text)
    return text if members is None else join_object({name: members[name] for name in _KNOWN if name in members})


def _flaw_of(text: msgspec.Raw) -> str | None:
    """Tell which part of an entry is no JSON, and why; `None` where all of it is."""
    for name, (_, value) in sorted(_members(text).items()):
        if name in _KNOWN and (flaw := find_oddity(value)):
            return f"its {name} {flaw}"
    flaw = find_oddity(_known(text))
    return flaw and f"it {flaw}"


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


def read_proxies(proxies: _Proxies | None) -> Proxies | None:
    """Hide what a proxy entry says in a record."""
    if proxies is None:
        return None
    return Proxies(
        urls=tuple((scheme, Secret(url)) for scheme, url in (proxies.urls or {}).items()),
        username_ntlm=proxies.username_ntlm,
        password_ntlm=None if proxies.password_ntlm is None else Secret(proxies.password_ntlm),
    )


def _members(text: msgspec.Raw) -> dict[str, Member]:
    """Return the keys of an entry with the texts of their values; none if it is no object."""
    return split_object(text) or {}


def _is_marked(text: msgspec.Raw) -> bool:
    mark = _members(text).get(DEFAULT_MARK)
    return mark is not None and bytes(mark.value) == b"true"


def _edited(entries: dict[str, Member], edit: AccountEdit) -> dict[str, Member]:
    if not isinstance(edit, PutEntry):
        return {name: member for name, member in entries.items() if name != edit.name}
    unmarked = {name: _unmarked(entries[name]) for name in edit.unmark if name in entries}
    name = edit.entry.name
    old = _members(entries[name].value) if name in entries else {}
    kept = {key: member for key, member in old.items() if key not in _KNOWN}
    put = Member(msgspec.json.encode(name), join_object({**kept, **_members(_encode(edit.entry))}))
    return {**entries, **unmarked, name: put}


def _unmarked(entry: Member) -> Member:
    members = _members(entry.value)
    rest = {key: member for key, member in members.items() if key != DEFAULT_MARK}
    return entry._replace(value=join_object(rest)) if members else entry


def _encode(saved: SavedAccount) -> msgspec.Raw:
    """Write an entry. What is not stated is left out."""
    fields: dict[str, Any] = {name: _plain(getattr(saved.fields, name)) for name in _KNOWN if name != DEFAULT_MARK}
    fields[DEFAULT_MARK] = saved.is_default or None
    stated = {name: value for name, value in fields.items() if value is not None}
    return msgspec.Raw(msgspec.json.encode(stated, order="sorted"))


def _plain(value: object) -> object:
    """Return a field as JSON knows it, secrets in the clear: this is the file that they are kept in."""
    if isinstance(value, Secret):
        return str(value.reveal())
    if isinstance(value, Proxies):
        fields = {
            "urls": {scheme: str(url.reveal()) for scheme, url in value.urls} or None,
            "username_ntlm": value.username_ntlm,
            "password_ntlm": value.password_ntlm and str(value.password_ntlm.reveal()),
        }
        return {name: field for name, field in fields.items() if field is not None} or None
    return value


_KNOWN = frozenset(_Entry.__struct_fields__)
