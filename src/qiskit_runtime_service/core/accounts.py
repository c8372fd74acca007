"""Decisions about accounts: which one is used, where each of its fields comes from, what had no effect."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..records.account import (
    CHANNELS,
    DEFAULT_CHANNEL,
    DEFAULT_URL,
    Account,
    AccountChoice,
    AccountFields,
    AccountFile,
    BrokenAccount,
    DropEntry,
    FieldSource,
    Link,
    Origin,
    PutEntry,
    SavedAccount,
)
from ..records.problem import (
    AccountNameNotFound,
    AccountNameTaken,
    BadArgument,
    BrokenEntry,
    DefaultTaken,
    LegacyChannel,
    MalformedCrn,
    NoAccount,
    Problem,
    UnfitEntry,
    UnknownChannel,
    UnsafeUrl,
)
from ..records.secret import Secret
from .names import nearest_name

REGIONS = ("us-east", "eu-de")
LEGACY_CHANNEL = "ibm_quantum"
TOKEN_FIELDS = ("token", "token_command", "token_keyring")
"""The ways to come by the key, in the order in which they are tried."""
IDENTITY_FIELDS = ("channel", *TOKEN_FIELDS, "url")
"""What a saved entry alone decides once it is chosen."""

VARIABLES = {
    "token": "QISKIT_IBM_TOKEN",
    "token_command": "QISKIT_IBM_TOKEN_COMMAND",
    "token_keyring": "QISKIT_IBM_TOKEN_KEYRING",
    "url": "QISKIT_IBM_URL",
    "instance": "QISKIT_IBM_INSTANCE",
    "channel": "QISKIT_IBM_CHANNEL",
}
DEFAULT_NAMES = {"ibm_quantum_platform": "default-ibm-quantum-platform", "ibm_cloud": "default-ibm-cloud"}
LISTED_AS_DEFAULT = ("default", *DEFAULT_NAMES.values())
"""The bare name counts as a default in listings only: no account is looked for under it."""


class _Layer(NamedTuple):
    """One source of fields; earlier layers win."""

    origin: Origin
    place: str
    fields: AccountFields


def choose_account(
    given: AccountFields, environment: AccountFields, file: AccountFile, *, name: str | None = None
) -> Result[AccountChoice, Problem]:
    """Choose the account to use, and say where each of its fields came from.

    The first that applies: the entry called `name`; the given token; the channel `local`; the
    token of the environment; the file. Given fields other than the token, its channel and its
    URL then override what was found.

    Args:
        given: Arguments of the user.
        environment: Values of the `QISKIT_IBM_*` variables.
        file: The account file as read.
        name: The entry that the user asked for.

    Fails with:
        BadArgument: An empty token, an unknown region, a URL without a token.
        UnknownChannel, LegacyChannel: A channel that does not exist (any more) is asked for.
        AccountNameNotFound, BrokenEntry: `name` is not there or cannot be used.
        NoAccount: Nothing was found.

    Source: behaviour B60 to B69.
    """
    problem = _first_flaw(given, environment)
    if problem is not None:
        return Failure(problem)
    if name is not None:
        return _find_entry(name, file).map(lambda entry: _choice_by_name(entry, given, file))
    arguments = _Layer("argument", "", given)
    if given.channel == "local" or (given.channel is None and given.token is None and environment.channel == "local"):
        return Success(_finish([arguments, _Layer("environment", "", _only_channel(environment))], []))
    if given.token is not None:
        chain = [Link("argument token=", "used", "a token that is given comes before every other place")]
        return Success(_finish([arguments], chain))
    if given.url is not None and given.channel is None:
        return Failure(BadArgument(name="url", value=given.url, wanted="given together with token= or channel="))
    return _search(given, environment, file)


def put_key(choice: AccountChoice, key: Secret) -> AccountChoice:
    """Return the choice with the key that was fetched from where its account says it is.

    The key then has the source of what led to it.
    """
    way = next(field for field in TOKEN_FIELDS[1:] if getattr(choice.account, field))
    origin = next(source for source in choice.sources if source.field == way)
    return replace(
        choice,
        account=replace(choice.account, token=key),
        sources=tuple(
            replace(origin, field="token") if source.field == "token" else source for source in choice.sources
        ),
    )


def _choice_by_name(entry: SavedAccount, given: AccountFields, file: AccountFile) -> AccountChoice:
    overrides = _without_identity(given)
    ignored = [
        f"{field}= has no effect beside name=: the entry decides it"
        for field in IDENTITY_FIELDS
        if getattr(given, field) is not None
    ]
    chain = [Link(f"entry {entry.name!r} of {file.path}", "used", "it is the entry that name= asks for")]
    return _finish([_Layer("argument", "", overrides), _entry_layer(entry, file)], chain, ignored)


def _search(given: AccountFields, environment: AccountFields, file: AccountFile) -> Result[AccountChoice, Problem]:
    """Search the environment, then the file, for an account of the channel that is asked for."""
    wanted = given.channel or environment.channel
    overrides = _Layer("argument", "", _without_identity(given))
    ignored = [] if given.url is None else ["url= has no effect without token=: the account that was found decides it"]
    chain: list[Link] = []
    for field in TOKEN_FIELDS:
        variable = f"variable {VARIABLES[field]}"
        if not getattr(environment, field):
            chain.append(Link(variable, "empty", "it is not set"))
            continue
        channel = _Layer("argument", "", AccountFields(channel=given.channel))
        chain.append(Link(variable, "used", "the environment comes before the file"))
        return Success(_finish([overrides, channel, _Layer("environment", "", environment)], chain, ignored))
    ignored += [
        f"{VARIABLES[field]} has no effect without {VARIABLES['token']}"
        for field in ("url", "instance")
        if getattr(environment, field) is not None
    ]
    for place, entry in _places(file, wanted):
        if entry is not None:
            chain.append(Link(place, "used", f"entry {entry.name!r}"))
            return Success(_finish([overrides, _entry_layer(entry, file)], chain, ignored))
        chain.append(Link(place, "empty", "there is none"))
    others = (entry for entry in file.entries if entry.fields.channel in DEFAULT_NAMES)
    unused = (
        *(f"entry {left_out.name!r} cannot be used: {left_out.reason}" for left_out in find_left_out(file)),
        *(f"entry {entry.name!r} is of channel {entry.fields.channel!r}" for entry in others),
    )
    searched = tuple(link.place for link in chain)
    return Failure(NoAccount(channel=wanted, path=file.path, searched=searched, unused=unused))


def _places(file: AccountFile, wanted: str | None) -> Iterator[tuple[str, SavedAccount | None]]:
    """Yield the places of a file in the order in which they are tried, with what is there."""
    usable = [entry for entry in file.entries if entry.fields.channel in DEFAULT_NAMES]
    flagged = [entry for entry in usable if entry.is_default and wanted in (None, entry.fields.channel)]
    of_channel = f" of channel {wanted}" if wanted else ""
    yield f"entry marked as default{of_channel} in {file.path}", flagged[0] if flagged else None
    for channel in [wanted] if wanted else DEFAULT_NAMES:
        mine = [entry for entry in usable if entry.fields.channel == channel]
        default = DEFAULT_NAMES[channel]
        yield f"entry {default!r}", next((entry for entry in mine if entry.name == default), None)
        yield f"last entry of channel {channel}", mine[-1] if mine else None


def _find_entry(name: str, file: AccountFile) -> Result[SavedAccount, Problem]:
    for broken in file.broken:
        if broken.name == name:
            return Failure(BrokenEntry(name=name, path=file.path, reason=broken.reason))
    entry = next((saved for saved in file.entries if saved.name == name), None)
    if entry is None:
        return Failure(
            AccountNameNotFound(name=name, path=file.path, known=tuple(saved.name for saved in file.entries))
        )
    origin = f"entry {name!r} of {file.path}"
    problem = _channel_flaw(entry.fields.channel, origin)
    return Success(entry) if problem is None else Failure(problem)


def _finish(layers: list[_Layer], chain: list[Link], ignored: list[str] | None = None) -> AccountChoice:
    """Merge the layers field by field, the first that speaks wins, and complete with defaults."""
    values: dict[str, object] = {}
    sources: list[FieldSource] = []
    for field in AccountFields.__struct_fields__:
        layer = next((candidate for candidate in layers if getattr(candidate.fields, field) is not None), None)
        if layer is None:
            sources.append(FieldSource(field, "default", ""))
            continue
        values[field] = getattr(layer.fields, field)
        sources.append(FieldSource(field, layer.origin, _detail(layer, field)))
    values.setdefault("channel", DEFAULT_CHANNEL)
    values.setdefault("token", Secret(""))
    if values.get("instance") in ("", "auto"):
        del values["instance"]
    return AccountChoice(
        account=Account(**values),  # type: ignore[arg-type]  # the fields of both structs have equal types
        sources=tuple(sources),
        chain=tuple(chain),
        ignored=tuple(ignored or ()),
    )


def _detail(layer: _Layer, field: str) -> str:
    match layer.origin:
        case "argument":
            return f"{field}="
        case "environment":
            return VARIABLES[field]
        case _:
            return layer.place


def _entry_layer(entry: SavedAccount, file: AccountFile) -> _Layer:
    return _Layer("file", f"{file.path}, entry {entry.name!r}", entry.fields)


def _without_identity(fields: AccountFields) -> AccountFields:
    kept = {name: getattr(fields, name) for name in fields.__struct_fields__ if name not in IDENTITY_FIELDS}
    return AccountFields(**kept)


def _only_channel(fields: AccountFields) -> AccountFields:
    return AccountFields(channel=fields.channel)


def _first_flaw(given: AccountFields, environment: AccountFields) -> Problem | None:
    """Return what is wrong with the input itself, before anything is looked up."""
    if given.token is not None and not given.token:
        return BadArgument(name="token", value="''", wanted="an IBM Cloud API key")
    if given.region is not None and given.region not in REGIONS:
        return BadArgument(name="region", value=repr(given.region), wanted=f"one of {', '.join(REGIONS)}")
    return _channel_flaw(given.channel, "argument channel=") or _channel_flaw(
        environment.channel, f"variable {VARIABLES['channel']}"
    )


def _channel_flaw(channel: str | None, origin: str) -> Problem | None:
    if channel is None or channel in CHANNELS:
        return None
    if channel == LEGACY_CHANNEL:
        return LegacyChannel(origin=origin)
    return UnknownChannel(channel=channel, origin=origin)


# The file: what is saved, listed and deleted


def build_entry(fields: AccountFields, *, name: str | None, is_default: bool) -> Result[SavedAccount, Problem]:
    """Complete what is to be saved with the defaults of a file, and check it.

    Fails with:
        BadArgument: No token, an empty instance, an unknown region, a channel without accounts.

    Source: behaviour B72, B73.
    """
    if not fields.token:
        return Failure(BadArgument(name="token", value="missing or empty", wanted="an IBM Cloud API key"))
    if fields.instance == "":
        return Failure(BadArgument(name="instance", value="''", wanted="a CRN, a name, or 'auto'"))
    channel = DEFAULT_CHANNEL if fields.channel is None else fields.channel
    if channel not in DEFAULT_NAMES:
        return Failure(BadArgument(name="channel", value=repr(channel), wanted=" or ".join(map(repr, DEFAULT_NAMES))))
    problem = _first_flaw(fields, AccountFields())
    if problem is not None:
        return Failure(problem)
    complete = replace(fields, channel=channel, url=fields.url or DEFAULT_URL)
    return Success(SavedAccount(name=name or DEFAULT_NAMES[channel], fields=complete, is_default=is_default))


def blame_entry(problem: Problem) -> Problem:
    """Say of a flaw in what is to be saved that it keeps the account from being saved."""
    match problem:
        case BadArgument(name=name, value=value, wanted=wanted):
            return UnfitEntry(name=name, value=value, wanted=wanted)
        case MalformedCrn(crn=crn, reason=reason):
            return UnfitEntry(name="instance", value=f"{crn!r} ({reason})", wanted="a whole CRN, a name, or 'auto'")
        case UnsafeUrl(url=url, reason=reason):
            return UnfitEntry(
                name="url",
                value=f"{url!r} ({reason})",
                wanted="the https URL of an account, such as https://cloud.ibm.com, or http on this machine",
            )
        case _:
            return problem


def plan_save(file: AccountFile, entry: SavedAccount, *, overwrite: bool) -> Result[PutEntry, Problem]:
    """Decide how saving `entry` changes the file.

    Fails with:
        AccountNameTaken: The name is there, even as a broken entry, and `overwrite` is not set.
        DefaultTaken: Another entry is the default, and `overwrite` is not set.

    Source: behaviour B76.
    """
    entries = _all_entries(file)
    if not overwrite and any(other.name == entry.name for other in entries):
        return Failure(AccountNameTaken(name=entry.name, path=file.path))
    others = tuple(other.name for other in entries if other.is_default and other.name != entry.name)
    if not entry.is_default:
        return Success(PutEntry(entry=entry))
    if others and not overwrite:
        return Failure(DefaultTaken(name=others[0], path=file.path))
    return Success(PutEntry(entry=entry, unmark=others))


def plan_delete(file: AccountFile, *, name: str | None, channel: str | None) -> Result[DropEntry | None, Problem]:
    """Decide which entry is deleted: the one called `name`, or the one with the default name of `channel`.

    Returns:
        `None` where there is no such entry.

    Fails with:
        UnknownChannel, LegacyChannel: A channel that does not exist (any more) is asked for.

    Source: behaviour B77.
    """
    problem = _channel_flaw(channel, "argument channel=") if name is None else None
    if problem is not None:
        return Failure(problem)
    wanted = name if name is not None else DEFAULT_NAMES.get(channel or DEFAULT_CHANNEL)
    known = any(entry.name == wanted for entry in _all_entries(file))
    return Success(DropEntry(wanted) if known and wanted is not None else None)


def keep_listed(
    file: AccountFile, *, default: bool | None = None, channel: str | None = None, name: str | None = None
) -> Result[tuple[SavedAccount, ...], Problem]:
    """Keep the entries that a listing shows: those of living channels that fit all that is asked.

    Args:
        file: The account file as read.
        default: Whether the name must, or must not, be a default name.
        channel: The channel that an entry must have.
        name: The name that it must have.

    Fails with:
        UnknownChannel, LegacyChannel: A channel that does not exist (any more) is asked for.

    Source: behaviour B78.
    """
    problem = _channel_flaw(channel, "argument channel=")
    if problem is not None:
        return Failure(problem)
    return Success(
        tuple(
            entry
            for entry in file.entries
            if entry.fields.channel in DEFAULT_NAMES
            and default in (None, entry.name in LISTED_AS_DEFAULT)
            and channel in (None, entry.fields.channel)
            and name in (None, entry.name)
        )
    )


def find_left_out(file: AccountFile) -> tuple[BrokenAccount, ...]:
    """Return the entries that no listing shows, and why: what is broken, and what is of a channel without accounts.

    Source: behaviour B71, B307.
    """
    strays = (entry for entry in file.entries if entry.fields.channel not in DEFAULT_NAMES)
    return (
        *file.broken,
        *(BrokenAccount(name=entry.name, reason=_fate(entry.fields.channel or "")) for entry in strays),
    )


def _fate(channel: str) -> str:
    """Tell what became of a channel that has no accounts."""
    if channel == LEGACY_CHANNEL:
        return f"its channel {channel!r} is retired; save it as {DEFAULT_CHANNEL!r} with an IBM Cloud API key"
    if channel in CHANNELS:
        return f"its channel {channel!r} needs no account"
    nearest = nearest_name(channel, DEFAULT_NAMES)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return f"there is no channel {channel!r}{hint}"


def _all_entries(file: AccountFile) -> tuple[SavedAccount | BrokenAccount, ...]:
    return (*file.entries, *file.broken)


def complete_account(saved: SavedAccount) -> Account:
    """Return the account that an entry stands for, with the defaults for what it does not say."""
    fields = {name: getattr(saved.fields, name) for name in AccountFields.__struct_fields__}
    return Account(**{name: value for name, value in fields.items() if value is not None})
