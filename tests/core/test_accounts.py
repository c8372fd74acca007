"""The precedence of accounts, against a flat table that was written independently."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from qiskit_runtime_service.core.accounts import choose_account
from qiskit_runtime_service.records.account import (
    AccountChoice,
    AccountFields,
    AccountFile,
    BrokenAccount,
    Proxies,
    SavedAccount,
)
from qiskit_runtime_service.records.problem import (
    AccountNameNotFound,
    BadArgument,
    BrokenEntry,
    LegacyChannel,
    NoAccount,
    Problem,
    UnknownChannel,
)
from qiskit_runtime_service.records.secret import Secret
from tests.strategies import CANARY, ENTRY_NAMES, account_fields, account_files, any_channels, channels, environments

PLATFORM, CLOUD = "ibm_quantum_platform", "ibm_cloud"
FIELDS = AccountFields.__struct_fields__

givens = account_fields(
    channel=st.none() | channels | st.sampled_from([None, None, "local"]), token=Secret(f"{CANARY}-argument")
)
rough_givens = account_fields(channel=st.none() | any_channels, token=Secret("")) | st.builds(
    AccountFields, region=st.just("moon"), token=st.none() | st.just(Secret(CANARY))
)
names = st.none() | st.none() | st.sampled_from([*ENTRY_NAMES, "absent", "broken"])


class Case(NamedTuple):
    given: AccountFields
    environment: AccountFields
    file: AccountFile
    name: str | None

    @property
    def channel(self) -> str | None:
        return self.given.channel or self.environment.channel

    @property
    def named(self) -> SavedAccount | None:
        return next((saved for saved in self.file.entries if saved.name == self.name), None)

    def entry(self) -> SavedAccount | None:
        """Return the entry that the file offers: one sort by one key."""
        order = {PLATFORM: (0, "default-ibm-quantum-platform"), CLOUD: (1, "default-ibm-cloud")}

        def key(pair: tuple[int, SavedAccount]) -> tuple[int, int, int]:
            at, saved = pair
            place, default = order[str(saved.fields.channel)]
            if saved.is_default:
                return (-1, 0, at)
            return (place, 0, at) if saved.name == default else (place, 1, -at)

        mine = [
            (at, saved)
            for at, saved in enumerate(self.file.entries)
            if saved.fields.channel in order and self.channel in (None, saved.fields.channel)
        ]
        return min(mine, key=key)[1] if mine else None


cases = st.builds(Case, givens, environments(), account_files(), names)
rough_cases = st.builds(Case, givens | rough_givens, environments(), account_files(), names)


def choose(case: Case) -> Result[AccountChoice, Problem]:
    return choose_account(case.given, case.environment, case.file, name=case.name)


def bad(channel: str | None) -> bool:
    return channel not in (None, PLATFORM, CLOUD, "local")


def verdict_on(channel: str | None) -> type:
    return LegacyChannel if channel == "ibm_quantum" else UnknownChannel


# Condition and outcome, the first that applies. A type is a problem, a text the source of the token.
TABLE: list[tuple[Callable[[Case], bool], Callable[[Case], Any]]] = [
    (lambda case: case.given.token == Secret(""), lambda _: BadArgument),
    (lambda case: case.given.region not in (None, "us-east", "eu-de"), lambda _: BadArgument),
    (lambda case: bad(case.given.channel), lambda case: verdict_on(case.given.channel)),
    (lambda case: bad(case.environment.channel), lambda case: verdict_on(case.environment.channel)),
    (lambda case: case.name in {saved.name for saved in case.file.broken}, lambda _: BrokenEntry),
    (lambda case: case.name is not None and case.named is None, lambda _: AccountNameNotFound),
    (
        lambda case: case.named is not None and bad(case.named.fields.channel),
        lambda case: verdict_on(case.named.fields.channel) if case.named else None,
    ),
    (lambda case: case.named is not None, lambda case: case.named),
    (lambda case: case.given.channel == "local", lambda _: "argument"),
    (lambda case: case.given.token is not None, lambda _: "argument"),
    (lambda case: case.given.channel is None and case.environment.channel == "local", lambda _: "argument"),
    (lambda case: case.given.url is not None and case.given.channel is None, lambda _: BadArgument),
    (lambda case: bool(case.environment.token), lambda _: "environment"),
    (lambda case: case.entry() is not None, lambda case: case.entry()),
    (lambda _: True, lambda _: NoAccount),
]


def expected(case: Case) -> Any:
    return next(outcome(case) for applies, outcome in TABLE if applies(case))


def first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


@pytest.mark.holds("B60", "B62", "B63", "B64", "B65", "B66", "B67", "B68", "B69")
@given(rough_cases)
def test_the_account_is_the_one_of_the_table(case: Case) -> None:
    outcome, wanted = choose(case), expected(case)
    if isinstance(wanted, type):
        assert isinstance(outcome.failure(), wanted)
        return
    account = outcome.unwrap().account
    overrides = case.given
    if isinstance(wanted, SavedAccount):
        base, identity = wanted.fields, wanted.fields
    elif wanted == "environment":
        base = case.environment
        identity = msgspec.structs.replace(
            case.environment, channel=first(case.given.channel, case.environment.channel)
        )
    else:
        base = AccountFields()
        local = case.environment.channel if "local" in (case.given.channel, case.environment.channel) else None
        use_local = case.given.token is None or case.given.channel == "local"
        identity = msgspec.structs.replace(case.given, channel=first(case.given.channel, local if use_local else None))
    instance = first(overrides.instance, base.instance)
    assert account.channel == first(identity.channel, PLATFORM)
    assert account.token == first(identity.token, Secret(""))
    assert account.url == first(identity.url, "https://cloud.ibm.com")
    assert account.instance == (None if instance in ("", "auto") else instance)
    assert account.verify is first(overrides.verify, base.verify, True)
    assert account.private_endpoint is first(overrides.private_endpoint, base.private_endpoint, False)
    assert account.region == first(overrides.region, base.region)
    assert account.plans_preference == first(overrides.plans_preference, base.plans_preference, ())
    assert account.tags == first(overrides.tags, base.tags, ())


@given(cases)
def test_each_value_comes_from_the_source_that_is_named(case: Case) -> None:
    outcome = choose(case)
    if not isinstance(outcome, Success):
        return
    choice = outcome.unwrap()
    assert tuple(source.field for source in choice.sources) == FIELDS
    for source in choice.sources:
        value = getattr(choice.account, source.field)
        match source.origin:
            case "argument":
                stated, detail = getattr(case.given, source.field), f"{source.field}="
            case "environment":
                stated, detail = getattr(case.environment, source.field), f"QISKIT_IBM_{source.field.upper()}"
            case "file":
                entry = next(
                    saved for saved in case.file.entries if repr(saved.name) in source.detail.partition(", ")[2]
                )
                stated, detail = getattr(entry.fields, source.field), f"{case.file.path}, entry {entry.name!r}"
            case _:
                continue
        assert source.detail == detail
        assert stated is not None
        assert value == stated or (source.field, value, stated in ("", "auto")) == ("instance", None, True)


@given(rough_cases)
def test_no_secret_is_shown_by_a_choice_or_a_problem(case: Case) -> None:
    outcome = choose(case)
    shown = outcome.unwrap() if isinstance(outcome, Success) else outcome.failure()
    assert CANARY not in f"{shown!r}{shown}"


@pytest.mark.holds("B65")
@given(cases)
def test_an_account_of_another_channel_is_never_taken(case: Case) -> None:
    outcome = choose(case)
    if case.name is None and case.given.channel is not None and isinstance(outcome, Success):
        assert outcome.unwrap().account.channel == case.given.channel


@pytest.mark.holds("B62")
@given(cases)
def test_a_name_decides_over_everything_else(case: Case) -> None:
    if case.name is None:
        return
    outcome = choose(case)
    bare = choose(case._replace(given=AccountFields(), environment=AccountFields()))
    if isinstance(outcome, Success):
        one, other = outcome.unwrap().account, bare.unwrap().account
        assert (one.token, one.channel, one.url) == (other.token, other.channel, other.url)


@pytest.mark.holds("B64")
@given(cases)
def test_a_given_value_without_effect_is_named(case: Case) -> None:
    outcome = choose(case)
    if not isinstance(outcome, Success):
        return
    choice = outcome.unwrap()
    origins = {source.field: source.origin for source in choice.sources}
    for field in ("channel", "token", "url"):
        value = getattr(case.given, field)
        kept = origins[field] == "argument" or (field == "channel" and value == choice.account.channel)
        named = any(sentence.startswith(f"{field}=") for sentence in choice.ignored)
        assert named or value is None or kept
        assert not named or (value is not None and origins[field] != "argument")
    if case.name is None and origins["token"] == "file":
        for field in ("url", "instance"):
            named = any(f"QISKIT_IBM_{field.upper()} " in sentence for sentence in choice.ignored)
            assert named is (getattr(case.environment, field) is not None)


@pytest.mark.holds("B71")
@given(cases)
def test_a_broken_entry_hides_only_itself(case: Case) -> None:
    more = msgspec.structs.replace(case.file, broken=(*case.file.broken, BrokenAccount(name="more", reason="bad")))
    none = msgspec.structs.replace(case.file, broken=())
    wanted = without_broken(choose(case))
    assert without_broken(choose(case._replace(file=more))) == wanted
    assert without_broken(choose(case._replace(file=none))) == wanted or (
        case.name in {saved.name for saved in case.file.broken}
    )


def without_broken(outcome: Result[AccountChoice, Problem]) -> Result[AccountChoice, Problem]:
    """Leave out what only the message tells: which entries could not be used."""
    if isinstance(outcome, Failure) and isinstance(problem := outcome.failure(), NoAccount):
        return Failure(msgspec.structs.replace(problem, unused=()))
    return outcome


def test_the_message_names_the_entries_that_cannot_be_used() -> None:
    file = AccountFile(path="f", broken=(BrokenAccount(name="work", reason="no token"),))
    problem = choose_account(AccountFields(), AccountFields(), file).failure()
    assert isinstance(problem, NoAccount)
    assert problem.unused == ("entry 'work' cannot be used: no token",)


SAVE_AGAIN = "save it as 'ibm_quantum_platform' with an IBM Cloud API key"


@pytest.mark.holds("B307")
@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ("ibm_quantum", f"entry 'old' cannot be used: its channel 'ibm_quantum' is retired; {SAVE_AGAIN}"),
        ("ibm_cluod", "entry 'old' cannot be used: there is no channel 'ibm_cluod'; did you mean 'ibm_cloud'?"),
        ("x", "entry 'old' cannot be used: there is no channel 'x'"),
        ("local", "entry 'old' cannot be used: its channel 'local' needs no account"),
        ("ibm_quantum_platform", "entry 'old' is of channel 'ibm_quantum_platform'"),
    ],
)
def test_an_account_of_another_channel_is_named_with_what_became_of_that(channel: str, told: str) -> None:
    broken = BrokenAccount(name="work", reason="no token")
    file = AccountFile(path="f", entries=(entry("old", channel), entry("older", "ibm_quantum")), broken=(broken,))
    problem = choose_account(AccountFields(channel="ibm_cloud"), AccountFields(), file).failure()
    assert isinstance(problem, NoAccount)
    assert problem.unused[0] == "entry 'work' cannot be used: no token"
    assert told in problem.unused
    assert len(problem.unused) == 3
    assert sum("'older'" in sentence for sentence in problem.unused) == 1


@given(cases)
def test_the_chain_ends_with_what_was_used(case: Case) -> None:
    outcome = choose(case)
    if isinstance(outcome, Success):
        choice = outcome.unwrap()
        links = [link.outcome for link in choice.chain]
        assert links.count("used") == (0 if choice.account.channel == "local" and case.name is None else 1)
        assert not links or links[-1] == "used"
    elif isinstance(problem := outcome.failure(), NoAccount):
        assert case.file.path in " ".join(problem.searched)


def entry(name: str, channel: str, *, default: bool = False) -> SavedAccount:
    return SavedAccount(name=name, fields=AccountFields(channel=channel, token=Secret(name)), is_default=default)


@pytest.mark.holds("B65", "B66", "B69")
@pytest.mark.parametrize(
    ("channel", "entries", "used"),
    [
        (None, [entry("a", PLATFORM), entry("b", CLOUD, default=True)], "b"),
        (PLATFORM, [entry("a", PLATFORM), entry("b", CLOUD, default=True)], "a"),
        (None, [entry("a", CLOUD), entry("default-ibm-cloud", CLOUD)], "default-ibm-cloud"),
        (None, [entry("default-ibm-cloud", CLOUD), entry("z", PLATFORM)], "z"),
        (None, [entry("default-ibm-quantum-platform", PLATFORM), entry("z", PLATFORM)], "default-ibm-quantum-platform"),
        (None, [entry("a", PLATFORM), entry("z", PLATFORM)], "z"),
        (None, [entry("lone", CLOUD)], "lone"),
        (CLOUD, [entry("a", PLATFORM)], None),
        (None, [entry("old", "ibm_quantum", default=True)], None),
        (None, [entry("old", "ibm_quantum", default=True), entry("a", CLOUD)], "a"),
        (None, [entry("one", PLATFORM, default=True), entry("two", PLATFORM, default=True)], "one"),
        # A default name of one channel on an entry of another is just a name.
        (None, [entry("default-ibm-cloud", PLATFORM), entry("z", PLATFORM)], "z"),
    ],
)
def test_of_the_file_is_taken(channel: str | None, entries: list[SavedAccount], used: str | None) -> None:
    file = AccountFile(path="accounts.json", entries=tuple(entries))
    for arguments, environment in (
        (AccountFields(channel=channel), AccountFields()),
        (AccountFields(), AccountFields(channel=channel)),
    ):
        outcome = choose_account(arguments, environment, file)
        if used is None:
            assert isinstance(outcome.failure(), NoAccount)
        else:
            assert outcome.unwrap().account.token.reveal() == used


@pytest.mark.holds("B67")
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (AccountFields(token=Secret("")), BadArgument(name="token", value="''", wanted="an IBM Cloud API key")),
        (AccountFields(region="moon"), BadArgument(name="region", value="'moon'", wanted="one of us-east, eu-de")),
        (AccountFields(channel="ibm_quantum"), LegacyChannel(origin="argument channel=")),
        (AccountFields(channel="ibm_clowd"), UnknownChannel(channel="ibm_clowd", origin="argument channel=")),
        (
            AccountFields(url="https://x.example"),
            BadArgument(name="url", value="https://x.example", wanted="given together with token= or channel="),
        ),
    ],
)
def test_input_that_cannot_be_meant_is_refused(given: AccountFields, problem: Problem) -> None:
    assert choose_account(given, AccountFields(), AccountFile(path="p")) == Failure(problem)


@pytest.mark.holds("B63")
def test_proxies_are_taken_from_the_arguments_before_the_entry() -> None:
    mine, theirs = (Proxies(urls=(("https", Secret(url)),)) for url in ("mine", "theirs"))
    saved = SavedAccount(name="a", fields=AccountFields(channel=PLATFORM, token=Secret("t"), proxies=theirs))
    file = AccountFile(path="p", entries=(saved,))
    assert choose_account(AccountFields(), AccountFields(), file).unwrap().account.proxies == theirs
    assert choose_account(AccountFields(proxies=mine), AccountFields(), file).unwrap().account.proxies == mine


@pytest.mark.holds("B67")
def test_a_bad_channel_in_the_environment_is_an_error_even_beside_a_token() -> None:
    outcome = choose_account(
        AccountFields(token=Secret("t")), AccountFields(channel="ibm_clowd"), AccountFile(path="p")
    )
    assert outcome == Failure(UnknownChannel(channel="ibm_clowd", origin="variable QISKIT_IBM_CHANNEL"))
