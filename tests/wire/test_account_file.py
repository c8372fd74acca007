"""Laws of the account file: every file is read or refused, and a broken entry hides only itself."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.records.account import (
    AccountFields,
    AccountFile,
    DropEntry,
    Proxies,
    PutEntry,
    SavedAccount,
)
from qiskit_runtime_service.records.problem import BadArgument, MalformedCrn, MalformedFile, UnsafeUrl
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.wire.account_file import check_entry, edit_account_file, read_account_file
from tests.strategies import CANARY, json_values
from tests.wire.samples import read_sample

PATH = "accounts.json"
KEYS = [
    "token", "channel", "url", "instance", "proxies", "verify", "private_endpoint", "region", "plans_preference",
    "tags", "is_default_account", "a_key_of_tomorrow",
]  # fmt: skip
good_entries = st.fixed_dictionaries(
    {"token": st.just(CANARY)},
    optional={
        "channel": st.sampled_from(["ibm_quantum_platform", "ibm_cloud", "ibm_quantum", "tomorrow"]),
        "url": st.sampled_from([None, "https://cloud.ibm.com"]),
        "proxies": st.sampled_from([None, {}, {"urls": {"https": CANARY}}, {"username_ntlm": "u"}]),
        "verify": st.sampled_from([None, True, False, "bundle.pem"]),
        "tags": st.sampled_from([None, [], ["a"]]),
        "is_default_account": st.booleans(),
        "a_key_of_tomorrow": json_values,
    },
)
rough_entries = json_values | st.dictionaries(st.sampled_from(KEYS), json_values | st.just(CANARY))
entries = st.dictionaries(st.sampled_from(["a", "b", "c", "", "../x", "ü"]), good_entries | rough_entries)


def read(content: Any) -> AccountFile:
    return read_account_file(msgspec.json.encode(content), PATH).unwrap()


@pytest.mark.takes_long
@given(st.binary() | json_values.map(msgspec.json.encode))
def test_every_file_is_read_or_refused(body: bytes) -> None:
    outcome = read_account_file(body, PATH)
    if not isinstance(outcome, Success):
        problem = outcome.failure()
        assert isinstance(problem, MalformedFile)
        assert problem.path == PATH
        assert problem.fix


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b"{", b'{"a": {}', b"\xff", b"[" * 100_000, b'{"a":' * 9_999])
def test_a_file_that_is_no_object_is_refused(body: bytes) -> None:
    assert isinstance(read_account_file(body, PATH).failure(), MalformedFile)


TWO = '{"work": {"token": "k", "channel": "ibm_cloud"}, "schön": {"token": "l"}}'
"""Two accounts, one with a name that encodings write in different ways."""


@pytest.mark.holds("B307")
def test_a_byte_order_mark_is_read_and_not_written() -> None:
    marked = TWO.encode("utf-8-sig")
    assert [entry.name for entry in read_account_file(marked, PATH).unwrap().entries] == ["work", "schön"]
    assert read_account_file("\ufeff".encode(), PATH) == read_account_file(b"", PATH)
    edited = edit_account_file(marked, DropEntry("work"), PATH).unwrap()
    assert json.loads(edited) == {"schön": {"token": "l"}}


@pytest.mark.holds("B307")
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32"),
        ("utf_16_be_marked", "UTF-16"), ("utf_32_be_marked", "UTF-32"),
    ],
)  # fmt: skip
def test_another_encoding_is_named(encoding: str, name: str) -> None:
    plain = encoding.removesuffix("_marked")
    body = f"{'' if plain == encoding else chr(0xFEFF)}{TWO}".encode(plain)
    for outcome in (read_account_file(body, PATH), edit_account_file(body, DropEntry("work"), PATH)):
        problem = outcome.failure()
        assert isinstance(problem, MalformedFile)
        assert (problem.path, problem.reason) == (PATH, f"it is {name} text, not UTF-8")
        assert problem.fix.startswith("Save it as UTF-8 in an editor")


@pytest.mark.holds("B70")
@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_an_empty_file_has_no_accounts(body: bytes) -> None:
    assert read_account_file(body, PATH).unwrap() == AccountFile(path=PATH)


@pytest.mark.holds("B71")
@given(entries)
def test_a_broken_entry_hides_only_itself(content: dict[str, Any]) -> None:
    file = read(content)
    parts = [read({name: entry}) for name, entry in content.items()]
    assert file.entries == tuple(entry for part in parts for entry in part.entries)
    assert file.broken == tuple(entry for part in parts for entry in part.broken)
    assert len(file.entries) + len(file.broken) == len(content)


@given(entries)
@example({"a": {"token": CANARY, "verify": CANARY}})
def test_no_secret_is_shown(content: dict[str, Any]) -> None:
    # Secrets stand where secrets belong; names and keys are no place for them.
    assert CANARY not in repr([msgspec.structs.replace(entry, fields=hide(entry)) for entry in read(content).entries])
    assert CANARY not in repr(read(content).broken)


def hide(saved: SavedAccount) -> AccountFields:
    """Blank the open fields, in which the strategy may have put the secret."""
    return msgspec.structs.replace(
        saved.fields, channel=None, url=None, instance=None, region=None, verify=None, tags=None, plans_preference=None
    )


@given(good_entries)
def test_a_good_entry_says_what_it_says(entry: dict[str, Any]) -> None:
    (saved,) = read({"a": entry}).entries
    assert saved.fields.token == Secret(CANARY)
    assert saved.fields.channel == entry.get("channel", "ibm_quantum_platform")
    assert saved.fields.url == entry.get("url")
    assert saved.fields.verify == entry.get("verify")
    assert saved.is_default is entry.get("is_default_account", False)
    proxies = entry.get("proxies")
    assert (saved.fields.proxies is None) is (proxies is None)


def test_the_file_of_the_protocol_is_read() -> None:
    file = read_account_file(read_sample("saved_account_file"), PATH).unwrap()
    default, work = file.entries
    assert file.broken == ()
    assert default == SavedAccount(
        name="default-ibm-quantum-platform",
        fields=AccountFields(
            channel="ibm_quantum_platform",
            token=Secret("<API_KEY>"),
            url="https://cloud.ibm.com",
            private_endpoint=False,
        ),
    )
    assert work.is_default
    assert (work.fields.region, work.fields.tags, work.fields.plans_preference) == ("us-east", ("team-a",), ("open",))
    assert work.fields.verify is True
    assert work.fields.proxies == Proxies(
        urls=(("https", Secret("http://proxy.example.invalid:3128")),),
        username_ntlm="user",
        password_ntlm=Secret("secret"),
    )
    assert "<API_KEY>" not in repr(file)
    assert "secret" not in repr(file)


@pytest.mark.holds("B71")
@pytest.mark.parametrize(
    "entry",
    [
        None, 1, "token", [], {}, {"token": None}, {"token": 1}, {"token": "t", "channel": None},
        {"token": "t", "verify": 5}, {"token": "t", "proxies": {"url": "x"}}, {"token": "t", "proxies": []},
        {"token": "t", "tags": "a"}, {"token": "t", "is_default_account": 1},
    ],
)  # fmt: skip
def test_an_entry_is_broken(entry: object) -> None:
    file = read({"a": entry, "b": {"token": "t"}})
    assert [broken.name for broken in file.broken] == ["a"]
    assert [saved.name for saved in file.entries] == ["b"]
    assert file.broken[0].reason


@pytest.mark.holds("B71")
def test_an_entry_without_a_key_in_it_is_broken() -> None:
    assert [entry.name for entry in read({"a": {"token": ""}}).broken] == ["a"]


# Edits

NEW = SavedAccount(name="new", fields=AccountFields(channel="ibm_cloud", token=Secret("t"), tags=("ü",)))
DEFAULT = msgspec.structs.replace(NEW, is_default=True)
new_entries = st.builds(
    SavedAccount,
    name=st.sampled_from(["a", "b", "new", "", "ü/../x", '"']),
    fields=st.builds(
        AccountFields,
        channel=st.sampled_from(["ibm_quantum_platform", "ibm_cloud"]),
        token=st.just(Secret(CANARY)),
        url=st.sampled_from([None, "https://cloud.ibm.com"]),
        instance=st.sampled_from([None, "auto", "name"]),
        proxies=st.sampled_from(
            [
                None,
                Proxies(urls=(("https", Secret("http://p")),)),
                Proxies(username_ntlm="u", password_ntlm=Secret("p")),
            ]
        ),
        verify=st.sampled_from([None, True, False]),
        private_endpoint=st.booleans(),
        plans_preference=st.sampled_from([None, (), ("open", "flex")]),
        tags=st.sampled_from([None, ("a", "ü")]),
    ),
    is_default=st.booleans(),
)
puts = st.builds(PutEntry, entry=new_entries, unmark=st.lists(st.sampled_from(["a", "b", "c"])).map(tuple))
edits = puts | st.builds(DropEntry, st.sampled_from(["a", "b", "absent", ""]))


def edit(body: bytes, change: PutEntry | DropEntry) -> bytes:
    return edit_account_file(body, change, PATH).unwrap()


def text_of(content: dict[str, Any]) -> bytes:
    """Write a file as the existing client does. What is no JSON, such as infinity, becomes null."""
    plain = json.loads(msgspec.json.encode(content))
    return json.dumps(plain, indent=4, sort_keys=True, ensure_ascii=False).encode()


def touched(change: PutEntry | DropEntry) -> set[str]:
    return {change.entry.name, *change.unmark} if isinstance(change, PutEntry) else {change.name}


@pytest.mark.holds("B74")
@given(entries, edits)
def test_an_edit_changes_only_what_it_names(content: dict[str, Any], change: PutEntry | DropEntry) -> None:
    before = json.loads(text_of(content))
    after = json.loads(edit(text_of(content), change))
    for name in (before.keys() | after.keys()) - touched(change):
        assert after[name] == before[name]


@given(entries, new_entries)
def test_what_is_put_in_is_read_back(content: dict[str, Any], entry: SavedAccount) -> None:
    body = edit(text_of(content), PutEntry(entry=entry))
    assert [saved for saved in read_account_file(body, PATH).unwrap().entries if saved.name == entry.name] == [entry]


@given(entries, edits)
def test_an_edit_made_twice_is_an_edit_made_once(content: dict[str, Any], change: PutEntry | DropEntry) -> None:
    once = edit(text_of(content), change)
    assert edit(once, change) == once


@pytest.mark.holds("B74")
@given(entries, edits)
def test_the_layout_is_that_of_the_existing_client(content: dict[str, Any], change: PutEntry | DropEntry) -> None:
    after = edit(text_of(content), change)
    assert after == json.dumps(json.loads(after), indent=4, sort_keys=True, ensure_ascii=False).encode()


@given(st.binary() | json_values.map(msgspec.json.encode), edits)
def test_a_file_that_cannot_be_read_is_not_edited(body: bytes, change: PutEntry | DropEntry) -> None:
    before, after = read_account_file(body, PATH), edit_account_file(body, change, PATH)
    if isinstance(before, Success):
        assert isinstance(after, Success)
    else:
        assert after == before


STRANGE = (
    b'{"odd": {"one": 1.0, "e": 1E+2, "big": 123456789012345678901234567890, "huge": 1e999, "minus": -0, "twice": 1,'
    b' "twice": 2, "long": 0.1000000000000000055, "escaped": "\\u00fc\\/", "token": 5}, "seven": 7, "none": null}'
)


@pytest.mark.holds("B74")
def test_numbers_and_texts_of_others_stay_as_they_are_written() -> None:
    after = edit(STRANGE, PutEntry(entry=NEW, unmark=("seven", "absent")))
    for text in (
        b'"one": 1.0', b'"e": 1E+2', b'"big": 123456789012345678901234567890', b'"huge": 1e999', b'"minus": -0',
        b'"long": 0.1000000000000000055', b'"twice": 1', b'"twice": 2', b'"escaped": "\\u00fc\\/"', b'"none": null',
        b'"seven": 7',
    ):  # fmt: skip
        assert text in after
    assert [entry.name for entry in read_account_file(after, PATH).unwrap().entries] == ["new"]


@pytest.mark.holds("B74")
def test_of_two_entries_with_one_name_the_last_counts() -> None:
    after = edit(b'{"a": {"token": "first"}, "a": {"token": "last"}}', PutEntry(entry=NEW))
    assert json.loads(after)["a"] == {"token": "last"}


@pytest.mark.holds("B75")
def test_a_replaced_entry_keeps_the_keys_that_we_do_not_know() -> None:
    body = b'{"new": {"of_tomorrow": 1.0, "token": "old", "region": "us-east", "is_default_account": true}}'
    after = edit(body, PutEntry(entry=NEW))
    assert b'"of_tomorrow": 1.0' in after
    assert json.loads(after)["new"] == {"of_tomorrow": 1.0, "token": "t", "channel": "ibm_cloud", "tags": ["ü"]}


@pytest.mark.parametrize("old", ["7", "[]", "null", '"token"', "{}"])
def test_an_entry_that_is_none_may_be_replaced(old: str) -> None:
    after = edit(f'{{"new": {old}}}'.encode(), PutEntry(entry=NEW))
    assert read_account_file(after, PATH).unwrap().entries == (NEW,)


def test_only_the_mark_of_the_default_is_taken_away() -> None:
    body = b'{"a": {"token": "t", "z": 1.0, "is_default_account": true}, "b": {"is_default_account": true, "token": 5}}'
    broken = read_account_file(body, PATH).unwrap().broken
    assert [(entry.name, entry.is_default) for entry in broken] == [("b", True)]
    after = json.loads(edit(body, PutEntry(entry=DEFAULT, unmark=("a", "b"))))
    assert (after["a"], after["b"]) == ({"token": "t", "z": 1.0}, {"token": 5})
    assert after["new"]["is_default_account"] is True


@pytest.mark.holds("B79")
@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"[]", 1), (b"{", 1), (b'{\n"a": {},\n}', 3), (b'{\n"a": {"token": "t"},\n"b": {"tok', 3), (b'{"a": NaN', 1),
        (b'\n\n{"a" 1}', 3), (b'{\n"\xff" 1}', 2), (b"\xef\xbb\xbf{}\nx", 2), (b"{}\nx", 2), (b"{\n" * 5, 2),
        (b'{"a":' * 9_999, 1), (b'{\n"a": {},\n\n\n', 2),
    ],
)  # fmt: skip
def test_the_line_of_the_damage_is_named(body: bytes, line: int) -> None:
    problem = read_account_file(body, PATH).failure()
    assert isinstance(problem, MalformedFile)
    assert f"line {line}:" in problem.reason
    assert f"line {line} " in problem.fix


@pytest.mark.holds("B71", "B74")
def test_an_entry_in_a_bad_encoding_hides_only_itself_and_stays() -> None:
    body = b'{"a": {"token": "\xff"}, "b": {"token": "t"}}'
    file = read_account_file(body, PATH).unwrap()
    assert ([entry.name for entry in file.entries], [entry.name for entry in file.broken]) == (["b"], ["a"])
    assert b'"token": "\xff"' in edit(body, PutEntry(entry=NEW))


ODD_ENTRIES = [
    (rb'{"token": "\ud800"}', "its token holds half a character (a lone surrogate)"),
    (b'{"token": "CANARY", "verify": NaN}', "its verify holds a number that is none, such as NaN"),
    (
        b'{"token": "CANARY", "proxies": {"urls": {"https": "CANARY", "x": -Infinity}}}',
        "its proxies holds a number that is none, such as NaN",
    ),
    (b'{"token": "CANARY", "tags": [[[["CANARY",]]]]}', "its tags is no JSON: JSON is malformed: trailing comma"),
    (b'{"token": "CANARY", "tags": ' + b"[" * 2_000 + b"]" * 2_000 + b"}", "its tags has too many levels"),
    (b"NaN", "it holds a number that is none, such as NaN"),
    (b'{"CANARY" "token"}', "it is no JSON: JSON is malformed: expected ':'"),
    (b'{"channel": "ibm_cloud", "x": NaN}', "Object missing required field `token`"),
]
"""Texts of entries that are no JSON, and what is said of them."""


@pytest.mark.holds("B350")
@pytest.mark.parametrize(("odd", "reason"), ODD_ENTRIES)
@given(entries, new_entries)
def test_an_entry_that_is_no_json_hides_only_itself_and_stays(
    odd: bytes, reason: str, content: dict[str, Any], entry: SavedAccount
) -> None:
    odd, rest = odd.replace(b"CANARY", CANARY.encode()), {name: content[name] for name in content if name != "c"}
    body = msgspec.json.encode({**rest, "c": 0}).replace(b'"c":0', b'"c":' + odd)
    file, without = read_account_file(body, PATH).unwrap(), read(rest)
    assert (file.entries, file.broken[:-1]) == (without.entries, without.broken)
    assert (file.broken[-1].name, file.broken[-1].is_default) == ("c", False)
    assert file.broken[-1].reason.startswith(reason)
    assert CANARY not in file.broken[-1].reason
    change = PutEntry(entry=msgspec.structs.replace(entry, name="d"))
    after = edit(body, change)
    assert b'"c": ' + odd in after
    assert json.loads(after.replace(b'"c": ' + odd, b'"c": 0')) == json.loads(
        edit(msgspec.json.encode({**rest, "c": 0}), change)
    )


@pytest.mark.holds("B350")
@pytest.mark.parametrize(
    "odd", [rb'"x": "\ud800"', b'"x": NaN', rb'"\ud800": 1', b'"x": ' + b"[" * 20_000 + b"]" * 20_000]
)
def test_a_key_that_we_do_not_know_may_hold_anything(odd: bytes) -> None:
    body = b'{"a": {"token": "t", %s, "is_default_account": true}}' % odd
    file = read_account_file(body, PATH).unwrap()
    assert [(entry.name, entry.is_default) for entry in file.entries] == [("a", True)]
    after = edit(body, PutEntry(entry=msgspec.structs.replace(NEW, name="a")))
    assert odd in after.replace(b'":', b'": ').replace(b'":  ', b'": ')
    assert [entry.fields.token for entry in read_account_file(after, PATH).unwrap().entries] == [NEW.fields.token]


@pytest.mark.holds("B350")
def test_the_mark_of_an_entry_that_is_no_json_is_seen_and_taken_away() -> None:
    body = b'{"a": {"token": NaN, "is_default_account": true}, "\\ud800": {"token": "t", "is_default_account": true}}'
    file = read_account_file(body, PATH).unwrap()
    assert [(entry.name, entry.is_default) for entry in file.broken] == [("a", True), (r'"\ud800"', True)]
    assert [entry.reason for entry in file.broken][1] == "its name holds half a character (a lone surrogate)"
    after = edit(body, PutEntry(entry=NEW, unmark=("a", r'"\ud800"')))
    assert after.count(b"is_default_account") == int(NEW.is_default)
    assert b'"token":NaN' in after
    assert rb'"\ud800": {' in after
    assert edit(after, DropEntry(r'"\ud800"')).count(b"ud800") == 0


@pytest.mark.holds("B73")
@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"instance": "crn:v1:x"}, MalformedCrn),
        ({"url": "http://cloud.ibm.com"}, UnsafeUrl), ({"url": "x"}, UnsafeUrl),
        ({"url": "https://ibm.com"}, UnsafeUrl),
        ({"tags": ("\ud800",)}, BadArgument), ({"proxies": Proxies(urls=(("\udfff", Secret("x")),))}, BadArgument),
    ],
)  # fmt: skip
def test_an_entry_that_could_not_be_used_is_not_saved(fields: dict[str, Any], problem: type) -> None:
    entry = SavedAccount(name="n", fields=AccountFields(token=Secret("t"), **fields))
    assert isinstance(check_entry(entry, entry.fields.url or "https://cloud.ibm.com").failure(), problem)


@given(new_entries)
def test_an_entry_that_can_be_used_is_saved(entry: SavedAccount) -> None:
    assert check_entry(entry, entry.fields.url or "https://cloud.ibm.com") == Success(entry)
