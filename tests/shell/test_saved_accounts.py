"""Saving, listing and deleting accounts, as users call it."""

import contextlib
import inspect
import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

import qiskit_runtime_service
from qiskit_runtime_service import QiskitRuntimeService, accounts, exceptions
from qiskit_runtime_service.accounts import AccountAlreadyExistsError, AccountNotFoundError, InvalidAccountError
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
DEFAULT, CLOUD = "default-ibm-quantum-platform", "default-ibm-cloud"
URL = "https://cloud.ibm.com"
save, saved, delete = (
    QiskitRuntimeService.save_account,
    QiskitRuntimeService.saved_accounts,
    QiskitRuntimeService.delete_account,
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "accounts.json")


def content(path: str) -> Any:
    return json.loads(Path(path).read_text())


def test_the_arguments_are_those_of_the_contract() -> None:
    shown = {
        call.__name__: ", ".join(
            f"{parameter.name}={parameter.default}" for parameter in inspect.signature(call).parameters.values()
        )
        for call in (save, saved, delete)
    }
    assert shown == {
        "save_account": "token=None, url=None, instance=None, channel=None, filename=None, name=None, proxies=None, "
        "verify=None, overwrite=False, set_as_default=None, private_endpoint=False, region=None, "
        "plans_preference=None, tags=None",
        "saved_accounts": "default=None, channel=None, filename=None, name=None",
        "delete_account": "filename=None, name=None, channel=None",
    }


@pytest.mark.holds("B61")
def test_a_saved_account_is_the_one_that_is_used(path: str) -> None:
    save(token=API_KEY, filename=path, tags=["x"], plans_preference="open", private_endpoint=True)
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(filename=path, instance="instance-1", transport=cloud, clock=cloud)
    account = service.active_account()
    assert account["token"] == API_KEY
    assert (account["tags"], account["plans_preference"]) == (["x"], ["open"])
    assert account["private_endpoint"] is True


@pytest.mark.holds("B72", "B74")
def test_an_entry_has_the_keys_and_defaults_of_the_file(path: str) -> None:
    save(token="t", filename=path)
    save(token="t", filename=path, channel="ibm_cloud", instance="auto", verify=True, set_as_default=True)
    plain = {"private_endpoint": False, "token": "t", "url": URL}
    assert content(path) == {
        DEFAULT: {"channel": "ibm_quantum_platform", **plain},
        CLOUD: {"channel": "ibm_cloud", "instance": "auto", "is_default_account": True, "verify": True, **plain},
    }
    assert Path(path).read_text() == json.dumps(content(path), indent=4, sort_keys=True)


@pytest.mark.holds("B72", "B78")
def test_everything_that_is_saved_is_listed(path: str) -> None:
    proxies = {"urls": {"https": "http://u:p@proxy"}, "username_ntlm": "u", "password_ntlm": "p"}
    given: dict[str, Any] = {
        "url": "https://test.cloud.ibm.com", "instance": CRN, "verify": False, "private_endpoint": True,
        "region": "eu-de", "plans_preference": ["open", "flex"], "tags": ["a", "ü"], "proxies": proxies,
    }  # fmt: skip
    save(token="t", name="ü/../x", filename=path, **given)
    assert saved(filename=path) == {"ü/../x": {"channel": "ibm_quantum_platform", "token": "t", **given}}


@pytest.mark.holds("B76")
def test_a_name_is_not_replaced_without_being_asked_to(path: str) -> None:
    save(token="one", filename=path)
    with pytest.raises(AccountAlreadyExistsError, match="overwrite=True"):
        save(token="two", filename=path)
    assert content(path)[DEFAULT]["token"] == "one"
    save(token="two", filename=path, overwrite=True)
    assert content(path)[DEFAULT]["token"] == "two"


@pytest.mark.holds("B76")
def test_the_mark_of_the_default_moves_only_when_asked_to(path: str) -> None:
    save(token="t", filename=path, name="a", set_as_default=True)
    with pytest.raises(AccountAlreadyExistsError, match="'a'"):
        save(token="t", filename=path, name="b", set_as_default=True)
    assert list(content(path)) == ["a"]
    save(token="t", filename=path, name="b", set_as_default=True, overwrite=True)
    assert [name for name, entry in content(path).items() if "is_default_account" in entry] == ["b"]


@pytest.mark.holds("B73", "B79")
@pytest.mark.parametrize(
    "given",
    [
        {"token": None}, {"token": ""}, {"token": 5}, {"channel": "ibm_clowd"}, {"channel": "local"},
        {"channel": "ibm_quantum"}, {"region": "moon"}, {"tags": 5}, {"plans_preference": [5]}, {"verify": "yes"},
        {"url": "cloud"}, {"url": "http://cloud.ibm.com"}, {"url": 5}, {"instance": "crn:v1:x"}, {"instance": ""},
        {"instance": CRN.replace("us-east", "evil/host")}, {"proxies": {"url": "x"}}, {"proxies": {"urls": "x"}},
        {"proxies": {"username_ntlm": "u"}}, {"name": 5}, {"name": "\ud800"}, {"tags": ["\udfff"]},
    ],
)  # fmt: skip
def test_what_could_not_be_used_is_refused_before_anything_is_touched(tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidAccountError) as caught:
        save(**{"token": API_KEY, "name": "n", "filename": str(tmp_path / "new" / "a.json"), **given})
    assert isinstance(caught.value, IBMInputValueError)
    assert str(caught.value).splitlines()[-1].startswith("It must be")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.holds("B79")
def test_a_refused_save_leaves_no_trace_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    for text in ('{"a": {"token": "t"}, "b": {"tok', "[]", '{"n": {"token": 5}}'):
        path.write_text(text)
        with pytest.raises((InvalidAccountError, AccountAlreadyExistsError)):
            save(token="t", name="n", filename=str(path))
        assert path.read_text() == text
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B76", "B79")
def test_a_damaged_file_is_named_with_line_and_fix_and_is_never_overwritten(path: str) -> None:
    text = '{\n    "a": {"token": "t"},\n    "b": {"tok'
    Path(path).write_text(text)
    for call in (lambda: save(token="t", filename=path, overwrite=True), lambda: saved(filename=path)):
        with pytest.raises(InvalidAccountError) as caught:
            call()
        assert path in str(caught.value)
        assert "line 3" in str(caught.value).splitlines()[0]
        assert "Mend it at line 3" in str(caught.value).splitlines()[-1]
    assert Path(path).read_text() == text


@pytest.mark.holds("B78")
def test_listing_keeps_what_fits(path: str) -> None:
    for name, channel in (("default", "ibm_cloud"), (CLOUD, "ibm_cloud"), ("x", "ibm_quantum_platform")):
        save(token="t", filename=path, name=name, channel=channel, set_as_default=name == "x")
    assert list(saved(filename=path, default=True)) == ["default", CLOUD]
    assert list(saved(filename=path, default=False)) == ["x"]
    assert list(saved(filename=path, channel="ibm_cloud")) == ["default", CLOUD]
    assert list(saved(filename=path, channel="local")) == []
    assert list(saved(filename=path, name="x")) == ["x"]
    assert list(saved(filename=path, name="x", default=True)) == []


@pytest.mark.holds("B78")
@pytest.mark.parametrize(
    ("channel", "error", "word"),
    [("ibm_clowd", IBMInputValueError, "'ibm_clowd'"), ("ibm_quantum", InvalidAccountError, "retired")],
)
def test_an_unknown_channel_is_refused_by_listing_as_by_deleting(
    path: str, channel: str, error: type[Exception], word: str
) -> None:
    save(token="t", filename=path, name="x")
    for call in (saved, delete):
        with pytest.raises(error, match=word):
            call(filename=path, channel=channel)
    with pytest.raises(error, match=word):
        saved(filename=path, channel=channel, name="x")


@pytest.mark.holds("B307")
@pytest.mark.parametrize("body", [b"{nope", b"[]", b"\xff\xfe{\x00}\x00"])
def test_a_file_that_is_none_of_accounts_is_a_value_error_too(path: str, body: bytes) -> None:
    Path(path).write_bytes(body)
    calls = (
        lambda: saved(filename=path),
        lambda: save(token="t", filename=path),
        lambda: delete(filename=path),
        lambda: QiskitRuntimeService(filename=path),
    )
    for call in calls:
        with pytest.raises(InvalidAccountError, match="cannot be read") as caught:
            call()
        assert isinstance(caught.value, ValueError)
    assert Path(path).read_bytes() == body


@pytest.mark.holds("B307")
@pytest.mark.parametrize(
    ("key", "around"),
    [
        (f" {API_KEY}", "white space"), (f"{API_KEY}\n", "white space"), (f"\u00a0{API_KEY}", "white space"),
        (f'"{API_KEY}"', "quotation marks"), (f"'{API_KEY}'", "quotation marks"), ("another", None),
    ],
)  # fmt: skip
def test_what_is_around_a_key_that_is_refused_is_named(path: str, key: str, around: str | None) -> None:
    save(token=key, filename=path)
    cloud = EmulatedTransport(one_instance())
    with pytest.raises(InvalidAccountError, match="does not accept the API key") as caught:
        QiskitRuntimeService(filename=path, transport=cloud, clock=cloud)
    told = f"The key has {around} around it: take that away where it was given or saved."
    assert caught.value.fix == told if around else "around it" not in caught.value.fix
    assert key.strip() not in str(caught.value)


@pytest.mark.holds("B307")
def test_a_file_with_a_retired_account_only_says_what_became_of_it(path: str) -> None:
    Path(path).write_text(json.dumps({"work": {"channel": "ibm_quantum", "token": "t", "url": "https://x.example"}}))
    with pytest.raises(AccountNotFoundError, match="entry 'work' cannot be used: its channel 'ibm_quantum' is retired"):
        QiskitRuntimeService(filename=path)


@pytest.mark.holds("B71", "B78")
def test_what_is_left_out_is_named_in_the_log_and_hides_only_itself(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    entries = {"old": {"channel": "ibm_quantum", "token": "t"}, "broken": {"token": ""}, "whole": {"token": "t"}}
    Path(path).write_text(json.dumps(entries))
    assert list(saved(filename=path)) == ["whole"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "'broken'" in caplog.text
    assert "'old'" in caplog.text
    assert "'ibm_quantum' is retired" in caplog.text
    assert delete(filename=path, name="broken")
    assert delete(filename=path, name="old")
    assert list(content(path)) == ["whole"]


@pytest.mark.holds("B70")
def test_reading_and_deleting_create_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "a.json")
    assert saved(filename=path) == {}
    assert delete(filename=path) is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.holds("B77")
def test_deleting_takes_the_name_or_the_default_name_of_the_channel(path: str) -> None:
    for name, channel in ((DEFAULT, "ibm_quantum_platform"), (CLOUD, "ibm_cloud"), ("x", "ibm_cloud")):
        save(token="t", filename=path, name=name, channel=channel)
    assert delete(filename=path, name="absent") is False
    assert delete(filename=path, channel="ibm_cloud") is True
    assert delete(filename=path, channel="ibm_cloud") is False
    assert delete(filename=path, channel="local") is False
    assert list(content(path)) == [DEFAULT, "x"]
    assert delete(filename=path) is True
    assert delete(filename=path, name="x", channel="ibm_clowd") is True
    assert content(path) == {}


@pytest.mark.holds("B77")
@pytest.mark.parametrize("channel", ["ibm_clowd", "ibm_quantum"])
def test_an_unknown_channel_deletes_nobodys_default(path: str, channel: str) -> None:
    save(token="t", filename=path)
    with pytest.raises((IBMInputValueError, InvalidAccountError)):
        delete(filename=path, channel=channel)
    assert list(content(path)) == [DEFAULT]


def test_a_file_in_the_working_folder_needs_no_folder(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        save(token="t", filename="x.json")
        assert list(saved(filename="x.json")) == [DEFAULT]
    assert list(content(str(tmp_path / "x.json"))) == [DEFAULT]


def test_what_is_listed_holds_the_token_but_does_not_show_it(path: str) -> None:
    save(token=API_KEY, filename=path, proxies={"urls": {"https": f"http://u:{API_KEY}@proxy"}})
    listed = saved(filename=path)
    account = listed[DEFAULT]
    assert account["token"] == API_KEY
    assert account["proxies"]["urls"] == {"https": f"http://u:{API_KEY}@proxy"}
    for shown in (listed, account, account.copy(), account["proxies"], account["proxies"].copy()):
        assert API_KEY not in f"{shown}{shown!r}"


def canary() -> str:
    """Make a key that stands nowhere in the source, which tracebacks show too."""
    return "yek-yranac"[::-1]


def test_a_failed_save_shows_no_key(path: str) -> None:
    save(token=canary(), filename=path)
    wrongs: list[dict[str, Any]] = [{}, {"region": "moon"}, {"filename": "a\0b"}, {"url": 5}]
    for wrong in wrongs:
        with pytest.raises(exceptions.IBMError) as caught:
            save(**{"token": canary(), "filename": path, "proxies": {"urls": {"https": canary()}}, **wrong})
        shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert "save_account" in shown
        assert canary() not in shown


@pytest.mark.parametrize("name", ["AccountAlreadyExistsError", "AccountNotFoundError", "InvalidAccountError"])
def test_the_errors_are_where_users_look_for_them(name: str) -> None:
    assert getattr(qiskit_runtime_service, name) is getattr(exceptions, name) is getattr(accounts, name)


@pytest.mark.holds("B92")
def test_an_error_of_the_disk_is_an_os_error_that_names_file_and_fix(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = str(tmp_path / "file" / "accounts.json")
    with pytest.raises(OSError, match=r"accounts\.json") as caught:
        save(token="t", filename=path)
    assert isinstance(caught.value, exceptions.IBMAccountError)
    assert str(caught.value).splitlines()[-1].startswith("Give filename=")
