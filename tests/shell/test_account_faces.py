"""Accounts as IBM's users handle them: `Account`, `ProxyConfiguration`, `AccountManager`."""

import copy
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.accounts import (
    Account,
    AccountManager,
    AccountNotFoundError,
    AccountsError,
    CloudResourceNameResolutionError,
    InvalidAccountError,
)
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.shell.accounts import ProxyConfiguration

KEY = "a-key-that-nobody-may-see"
PROXIES = ProxyConfiguration({"https": "http://u:hidden@h"}, "u", "hidden-too")
WHOLE: dict[str, Any] = {
    "token": KEY,
    "url": "https://cloud.ibm.com",
    "instance": "mine",
    "proxies": {"urls": {"https": "http://u:hidden@h"}, "username_ntlm": "u", "password_ntlm": "hidden-too"},
    "verify": False,
    "private_endpoint": True,
    "region": "us-east",
    "plans_preference": ["open"],
    "channel": "ibm_cloud",
    "tags": ["a"],
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "accounts.json")


@pytest.mark.holds("B428")
def test_an_account_goes_to_its_saved_form_and_back() -> None:
    account = Account.from_saved_format(WHOLE)
    assert account.to_saved_format() == WHOLE
    assert account.proxies == PROXIES
    assert account == Account.create_account(**{**WHOLE, "proxies": PROXIES})
    assert account.validate() is account
    account.instance = None
    assert "instance" not in account.to_saved_format()


@pytest.mark.holds("B428")
def test_an_account_has_the_defaults_of_a_file() -> None:
    assert Account(KEY).to_saved_format() == {
        "token": KEY,
        "url": "https://cloud.ibm.com",
        "verify": True,
        "private_endpoint": False,
        "channel": "ibm_quantum_platform",
    }


@pytest.mark.holds("B428")
def test_nothing_shows_what_is_secret() -> None:
    account = Account.from_saved_format(WHOLE)
    for shown in (
        repr(account), str(account), repr(account.proxies), repr(vars(account)), repr(account.to_saved_format()),
        repr(copy.deepcopy(account)), repr(pickle.dumps(account)),
    ):  # fmt: skip
        assert KEY not in shown
        assert "hidden" not in shown
    assert str(account.token) == KEY
    with pytest.raises(InvalidAccountError) as caught:
        Account(KEY, region="mars", proxies=PROXIES).validate()
    assert KEY not in f"{caught.value}{caught.value.__context__}"


def frames_of(call: Callable[..., Any], **given: Any) -> str:
    """Return what a monitor of errors shows of a call that fails, without the frame of who calls."""
    with pytest.raises(InvalidAccountError) as caught:
        call(**given)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    return "".join(f"{frame.name}: {frame.locals}" for frame in told.stack if frame.filename != __file__)


@pytest.mark.holds("B428")
def test_no_frame_that_fails_has_a_key_in_it(path: str) -> None:
    whole = WHOLE | {"proxies": PROXIES}
    for shown in (
        frames_of(Account.create_account, **whole | {"channel": "mars"}),
        frames_of(Account.from_saved_format, data=WHOLE | {"channel": "mars"}),
        frames_of(Account.create_account(**whole | {"region": "mars"}).validate),
        frames_of(AccountManager.save, **whole | {"region": "mars", "filename": path}),
    ):
        assert "mars" in shown
        assert KEY not in shown
        assert "hidden" not in shown.replace("hidden(", "")


@pytest.mark.holds("B428")
@pytest.mark.parametrize("tags", [None, ["b"]])
def test_accounts_are_equal_if_all_of_their_fields_are(tags: Any) -> None:
    assert Account.from_saved_format(WHOLE) != Account.from_saved_format(WHOLE | {"tags": tags})
    other: Any = WHOLE
    assert Account.from_saved_format(WHOLE) != other


@pytest.mark.parametrize(
    "flaw", [{"token": ""}, {"token": None}, {"channel": "x"}, {"channel": None}, {"region": "x"}, {"instance": 3}]
)
def test_what_cannot_be_saved_is_not_valid(flaw: dict[str, Any]) -> None:
    with pytest.raises(InvalidAccountError, match=next(iter(flaw))):
        Account(**({"token": KEY} | flaw)).validate()


@pytest.mark.parametrize("given", [{"urls": "x"}, {"username_ntlm": "u"}, {"password_ntlm": "hidden"}])
def test_proxies_that_are_none_are_not_valid(given: dict[str, Any]) -> None:
    PROXIES.validate()
    with pytest.raises(IBMInputValueError, match="proxies") as caught:
        ProxyConfiguration(**given).validate()
    assert "hidden" not in str(caught.value)


@pytest.mark.holds("B428")
def test_the_manager_and_the_service_share_a_file(path: str) -> None:
    AccountManager.save(filename=path, **WHOLE | {"name": "mine", "proxies": PROXIES, "set_as_default": True})
    assert {name: dict(entry) for name, entry in QiskitRuntimeService.saved_accounts(filename=path).items()} == {
        "mine": WHOLE
    }
    QiskitRuntimeService.save_account("other", filename=path, name="other")
    assert {name: str(account.token) for name, account in AccountManager.list(filename=path).items()} == {
        "mine": KEY,
        "other": "other",
    }
    assert AccountManager.get(filename=path) == AccountManager.get(filename=path, name="mine")
    assert AccountManager.get(filename=path, name="mine").to_saved_format() == WHOLE
    assert [AccountManager.delete(filename=path, name="mine") for _ in range(2)] == [True, False]
    with pytest.raises(AccountNotFoundError):
        AccountManager.get(filename=path, name="mine")


def test_nothing_is_made_where_nothing_is_saved(path: str) -> None:
    assert AccountManager.list(filename=path) == {}
    assert not AccountManager.delete(filename=path)
    assert not Path(path).exists()


def test_the_errors_of_accounts_have_one_base() -> None:
    assert issubclass(CloudResourceNameResolutionError, AccountsError)
    assert issubclass(AccountNotFoundError, AccountsError)
