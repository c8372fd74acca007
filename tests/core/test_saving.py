"""Laws of saving, listing and deleting: what is decided before anything is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.core.accounts import (
    blame_entry,
    build_entry,
    complete_account,
    find_left_out,
    keep_listed,
    plan_delete,
    plan_save,
)
from qiskit_runtime_service.records.account import (
    Account,
    AccountFields,
    AccountFile,
    BrokenAccount,
    DropEntry,
    PutEntry,
    SavedAccount,
)
from qiskit_runtime_service.records.problem import (
    AccountNameTaken,
    BadArgument,
    DefaultTaken,
    LegacyChannel,
    MalformedCrn,
    NoInstances,
    UnfitEntry,
    UnknownChannel,
    UnsafeUrl,
)
from qiskit_runtime_service.records.secret import Secret
from tests.strategies import CANARY, ENTRY_NAMES, account_fields, account_files, any_channels, channels

PLATFORM, CLOUD = "ibm_quantum_platform", "ibm_cloud"
KEY = Secret(CANARY)

new_entries = st.builds(
    SavedAccount,
    name=st.sampled_from([*ENTRY_NAMES, "broken"]),
    fields=account_fields(channel=channels, token=KEY),
    is_default=st.booleans(),
)


def names_in(file: AccountFile) -> set[str]:
    return {entry.name for entry in file.entries} | {entry.name for entry in file.broken}


@pytest.mark.holds("B76")
@given(account_files(), new_entries)
def test_overwriting_is_never_refused(file: AccountFile, entry: SavedAccount) -> None:
    assert isinstance(plan_save(file, entry, overwrite=True), Success)


@pytest.mark.holds("B76")
@given(account_files(), new_entries)
def test_saving_is_refused_exactly_where_something_would_be_lost(file: AccountFile, entry: SavedAccount) -> None:
    plan = plan_save(file, entry, overwrite=False)
    marked = [saved.name for saved in file.entries if saved.is_default]
    if entry.name in names_in(file):
        assert plan == Failure(AccountNameTaken(name=entry.name, path=file.path))
    elif entry.is_default and marked:
        assert plan == Failure(DefaultTaken(name=marked[0], path=file.path))
    else:
        assert plan == Success(PutEntry(entry=entry))


@pytest.mark.holds("B76")
@given(account_files(), new_entries)
def test_there_is_one_default_at_most_after_saving_one(file: AccountFile, entry: SavedAccount) -> None:
    plan = plan_save(file, entry, overwrite=True).unwrap()
    others = {saved.name for saved in file.entries if saved.is_default} - {entry.name}
    assert set(plan.unmark) == (others if entry.is_default else set())


@pytest.mark.holds("B76")
def test_a_broken_entry_may_hold_the_mark_and_loses_it() -> None:
    file = AccountFile(path="p", broken=(BrokenAccount(name="b", reason="bad", is_default=True),))
    entry = SavedAccount(name="n", fields=AccountFields(token=KEY), is_default=True)
    assert isinstance(plan_save(file, entry, overwrite=False).failure(), DefaultTaken)
    assert plan_save(file, entry, overwrite=True) == Success(PutEntry(entry=entry, unmark=("b",)))


@pytest.mark.holds("B77")
@given(account_files(), st.none() | st.sampled_from([*ENTRY_NAMES, "broken", "absent"]), st.none() | any_channels)
def test_deleting_drops_the_one_entry_that_is_meant(file: AccountFile, name: str | None, channel: str | None) -> None:
    plan = plan_delete(file, name=name, channel=channel)
    defaults = {
        None: "default-ibm-quantum-platform",
        PLATFORM: "default-ibm-quantum-platform",
        CLOUD: "default-ibm-cloud",
    }
    if name is None and channel not in (*defaults, "local"):
        assert isinstance(plan.failure(), LegacyChannel if channel == "ibm_quantum" else UnknownChannel)
        return
    wanted = name if name is not None else defaults.get(channel, "absent")
    assert plan == Success(DropEntry(wanted) if wanted in names_in(file) else None)


@pytest.mark.holds("B78")
@given(account_files(), st.sampled_from([None, True, False]), st.none() | any_channels, st.none() | st.just("work"))
def test_a_listing_is_the_part_that_fits(
    file: AccountFile, default: bool | None, channel: str | None, name: str | None
) -> None:
    outcome = keep_listed(file, default=default, channel=channel, name=name)
    if channel not in (None, PLATFORM, CLOUD, "local"):
        assert isinstance(outcome.failure(), LegacyChannel if channel == "ibm_quantum" else UnknownChannel)
        return
    listed, everything = outcome.unwrap(), keep_listed(file).unwrap()
    assert [entry for entry in everything if entry in listed] == list(listed)
    assert {entry.fields.channel for entry in everything} <= {PLATFORM, CLOUD}
    for entry in everything:
        fits = channel in (None, entry.fields.channel) and name in (None, entry.name)
        named = entry.name in ("default", "default-ibm-quantum-platform", "default-ibm-cloud")
        assert (entry in listed) == (fits and default in (None, named))


@pytest.mark.holds("B71", "B307")
@given(account_files())
def test_an_entry_is_listed_or_left_out_with_a_reason(file: AccountFile) -> None:
    listed = [entry.name for entry in keep_listed(file).unwrap()]
    left_out = find_left_out(file)
    assert sorted([*listed, *(entry.name for entry in left_out)]) == sorted(names_in(file))
    assert all(entry.reason for entry in left_out)


@pytest.mark.holds("B72")
def test_defaults_are_filled_in_when_saving() -> None:
    entry = build_entry(AccountFields(token=KEY), name=None, is_default=False).unwrap()
    assert entry == SavedAccount(
        name="default-ibm-quantum-platform",
        fields=AccountFields(token=KEY, channel=PLATFORM, url="https://cloud.ibm.com"),
    )
    cloud = build_entry(AccountFields(token=KEY, channel=CLOUD, url="u"), name="", is_default=True).unwrap()
    assert (cloud.name, cloud.fields.url, cloud.is_default) == ("default-ibm-cloud", "u", True)


@pytest.mark.holds("B73")
@given(account_fields(channel=st.none() | any_channels, token=KEY), st.none() | st.sampled_from(ENTRY_NAMES))
def test_what_is_saved_has_a_living_channel_and_a_token(fields: AccountFields, name: str | None) -> None:
    built = build_entry(fields, name=name, is_default=False)
    if isinstance(built, Success):
        assert built.unwrap().fields.token
        assert built.unwrap().fields.channel in (PLATFORM, CLOUD)
        assert built.unwrap().name
    else:
        assert isinstance(built.failure(), BadArgument)


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (BadArgument(name="tags", value="5", wanted="words"), "tags"),
        (MalformedCrn(crn="crn:x", reason="short"), "instance"),
        (UnsafeUrl(url="http://x", reason="open"), "url"),
    ],
)
def test_a_flaw_is_said_of_the_entry(problem: BadArgument | MalformedCrn | UnsafeUrl, field: str) -> None:
    blamed = blame_entry(problem)
    assert isinstance(blamed, UnfitEntry)
    assert blamed.name == field


def test_another_problem_stays_what_it_is() -> None:
    assert blame_entry(NoInstances()) == NoInstances()


def test_an_entry_stands_for_a_whole_account() -> None:
    saved = SavedAccount(name="n", fields=AccountFields(channel=CLOUD, token=KEY, instance="auto"))
    assert complete_account(saved) == Account(channel=CLOUD, token=KEY, instance="auto")
