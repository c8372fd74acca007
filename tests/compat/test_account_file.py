"""One account file, two clients: each reads what the other writes, and both write the same."""

from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.exceptions import IBMError
from tests.support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).parent / "accounts.py"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
PROXIES = {"urls": {"https": "http://u:p@proxy"}, "username_ntlm": "u", "password_ntlm": "p"}
FULL: dict[str, Any] = {
    "name": "ü/../x", "instance": CRN, "channel": "ibm_cloud", "url": "https://test.cloud.ibm.com", "proxies": PROXIES,
    "verify": False, "private_endpoint": True, "region": "eu-de", "plans_preference": ["open"], "tags": ["a", "ü"],
}  # fmt: skip
SAVES: list[dict[str, Any]] = [
    {}, {"channel": "ibm_cloud"}, {"name": "work", "set_as_default": True, "verify": True}, FULL,
    {"name": "home", "instance": "auto", "set_as_default": True, "overwrite": True}, {"overwrite": True},
    {"name": "work"}, {"name": "other", "set_as_default": True}, {"token": ""}, {"channel": "local", "name": "x"},
    {"region": "moon", "name": "x"}, {"url": 5, "name": "x"}, {"instance": 5, "name": "x"}, {"tags": 5, "name": "x"},
]  # fmt: skip
LISTINGS: list[dict[str, Any]] = [
    {}, {"default": True}, {"default": False}, {"channel": "ibm_cloud"}, {"name": "work"}, {"name": "absent"},
    {"name": "work", "default": True}, {"channel": "ibm_cloud", "default": True},
]  # fmt: skip
DELETIONS: list[dict[str, Any]] = [
    {"name": "absent"}, {"name": "work"}, {"channel": "ibm_cloud"}, {"channel": "ibm_cloud"}, {}, {}
]  # fmt: skip


def ours(call: str, arguments: dict[str, Any]) -> Any:
    """Return what a call gives, or the name of the exception that IBM's users know."""
    try:
        return getattr(QiskitRuntimeService, call)(**arguments)
    except IBMError as error:
        return type(error).__name__.replace("Unfit", "Invalid")


def both(calls: list[tuple[str, dict[str, Any]]], mine: Path, theirs: Path) -> tuple[list[Any], list[Any]]:
    questions = [{"call": call, "arguments": {**arguments, "filename": str(theirs)}} for call, arguments in calls]
    answers = [ours(call, {**arguments, "filename": str(mine)}) for call, arguments in calls]
    return answers, ask_existing_client(SCRIPT, questions)


def saves() -> list[tuple[str, dict[str, Any]]]:
    return [("save_account", {"token": f"t{number}", **arguments}) for number, arguments in enumerate(SAVES)]


@needs_existing_client
def test_both_clients_write_the_same_file_and_refuse_the_same(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.json", tmp_path / "theirs.json"
    listings = [("saved_accounts", arguments) for arguments in LISTINGS]
    answers, expected = both([*saves(), *listings], mine, theirs)
    assert answers == expected
    # They write names in escapes, we write them as they are: both are the same JSON.
    assert mine.read_text() == theirs.read_text().encode().decode("unicode_escape")
    answers, expected = both([("delete_account", arguments) for arguments in DELETIONS], mine, theirs)
    assert answers == expected
    assert mine.read_text() == theirs.read_text().encode().decode("unicode_escape")


@needs_existing_client
def test_a_channel_that_there_is_not_lists_nothing_there_and_is_refused_here(tmp_path: Path) -> None:
    answers, expected = both([("saved_accounts", {"channel": "ibm_clowd"})], tmp_path / "mine", tmp_path / "theirs")
    assert (answers, expected) == (["IBMInputValueError"], [{}])


@needs_existing_client
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_each_client_reads_what_the_other_has_written(tmp_path: Path, first: str) -> None:
    path = tmp_path / "shared.json"
    calls = saves()
    questions = [{"call": call, "arguments": {**arguments, "filename": str(path)}} for call, arguments in calls]
    listing = [{"call": "saved_accounts", "arguments": {"filename": str(path)}}]
    if first == "ours":
        for call, arguments in calls:
            ours(call, {**arguments, "filename": str(path)})
    else:
        ask_existing_client(SCRIPT, questions)
    assert ask_existing_client(SCRIPT, listing) == [QiskitRuntimeService.saved_accounts(filename=str(path))]
    assert len(QiskitRuntimeService.saved_accounts(filename=str(path))) == 5


@needs_existing_client
def test_both_clients_may_take_turns_with_one_file(tmp_path: Path) -> None:
    path = str(tmp_path / "shared.json")
    for number in range(2):
        QiskitRuntimeService.save_account(token="ours", filename=path, name=f"ours-{number}")
        call = {"call": "save_account", "arguments": {"token": "t", "filename": path, "name": f"theirs-{number}"}}
        assert ask_existing_client(SCRIPT, [call]) == [None]
    assert list(QiskitRuntimeService.saved_accounts(filename=path)) == ["ours-0", "ours-1", "theirs-0", "theirs-1"]
