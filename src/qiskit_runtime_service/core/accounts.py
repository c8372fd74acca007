"""Decisions about accounts: which one is used, where each of its fields comes from, what had no effect."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..records.account import (
    CHANNELS,
    DEFAULT_CHANNEL,
    Account,
    AccountChoice,
    AccountFields,
    AccountFile,
    FieldSource,
    Link,
    Origin,
    SavedAccount,
)
from ..records.problem import (
    AccountNameNotFound,
    BadArgument,
    BrokenEntry,
    LegacyChannel,
    NoAccount,
    Problem,
    UnknownChannel,
)
from ..records.secret import Secret

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
    return _look_up(given, environment, file)


def put_key(choice: AccountChoice, key: Secret) -> AccountChoice:
    """Return the choice with the key that was fetched from where its account says it is.

    The key then has the source of what led to it.
    """
    sources = {each.field: each for each in choice.sources}
    led = next(each for each in TOKEN_FIELDS[1:] if getattr(choice.account, each))
    return replace(
        choice,
        account=replace(choice.account, token=key),
        sources=tuple(
            FieldSource("token", sources[led].origin, sources[led].detail) if each.field == "token" else each
            for each in choice.sources
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


def _look_up(given: AccountFields, environment: AccountFields, file: AccountFile) -> Result[AccountChoice, Problem]:
    """Look in the environment, then in the file, for an account of the channel that is asked for."""
    asked = given.channel or environment.channel
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
    for place, entry in _places(file, asked):
        if entry is not None:
            chain.append(Link(place, "used", f"entry {entry.name!r}"))
            return Success(_finish([overrides, _entry_layer(entry, file)], chain, ignored))
        chain.append(Link(place, "empty", "there is none"))
    return Failure(NoAccount(channel=asked, path=file.path, searched=tuple(each.place for each in chain)))


def _places(file: AccountFile, asked: str | None) -> Iterator[tuple[str, SavedAccount | None]]:
    """Yield the places of a file in the order in which they are tried, with what is there."""
    usable = [each for each in file.entries if each.fields.channel in DEFAULT_NAMES]
    flagged = [each for each in usable if each.is_default and asked in (None, each.fields.channel)]
    of_channel = f" of channel {asked}" if asked else ""
    yield f"entry marked as default{of_channel} in {file.path}", flagged[0] if flagged else None
    for channel in [asked] if asked else DEFAULT_NAMES:
        mine = [each for each in usable if each.fields.channel == channel]
        default = DEFAULT_NAMES[channel]
        yield f"entry {default!r}", next((each for each in mine if each.name == default), None)
        yield f"last entry of channel {channel}", mine[-1] if mine else None


def _find_entry(name: str, file: AccountFile) -> Result[SavedAccount, Problem]:
    for broken in file.broken:
        if broken.name == name:
            return Failure(BrokenEntry(name=name, path=file.path, reason=broken.reason))
    entry = next((each for each in file.entries if each.name == name), None)
    if entry is None:
        return Failure(AccountNameNotFound(name=name, path=file.path, known=tuple(each.name for each in file.entries)))
    origin = f"entry {name!r} of {file.path}"
    problem = _channel_flaw(entry.fields.channel, origin)
    return Success(entry) if problem is None else Failure(problem)


def _finish(layers: list[_Layer], chain: list[Link], ignored: list[str] | None = None) -> AccountChoice:
    """Merge the layers field by field, the first that speaks wins, and complete with defaults."""
    values: dict[str, object] = {}
    sources: list[FieldSource] = []
    for field in AccountFields.__struct_fields__:
        layer = next((each for each in layers if getattr(each.fields, field) is not None), None)
        if layer is None:
            sources.append(FieldSource(field, "default", ""))
            continue
        values[field] = getattr(layer.fields, field)
        sources.append(FieldSource(field, layer.origin, _detail(layer, field)))
    values.setdefault("channel", DEFAULT_CHANNEL)
    values.setdefault("token", Secret(""))
    if values.get("instance") == "auto":
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
