"""Keys that come from a program or from the keyring of the system."""

import sys
from collections.abc import Iterator
from threading import Event

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from returns.result import Result

from qiskit_runtime_service.client.credentials import fetch_key
from qiskit_runtime_service.client.settings import read_environment
from qiskit_runtime_service.core.accounts import choose_account
from qiskit_runtime_service.records.account import Account, AccountFields, AccountFile
from qiskit_runtime_service.records.problem import NoCredential, Problem
from qiskit_runtime_service.records.secret import Secret

HANGS = "import threading; threading.Event().wait()"


def account(command: tuple[str, ...] | None = None, entry: str | None = None) -> Account:
    return Account(channel="ibm_quantum_platform", token=Secret(""), token_command=command, token_keyring=entry)


def problem_of(result: Result[Secret | None, Problem]) -> NoCredential:
    problem = result.failure()
    assert isinstance(problem, NoCredential)
    return problem


@pytest.mark.holds("B96")
def test_a_program_gives_the_key() -> None:
    code = "import sys; assert not sys.stdin.read(); print('  a-key  '); print('more')"
    assert fetch_key(account((sys.executable, "-c", code))).unwrap() == Secret("a-key")


@pytest.mark.holds("B96")
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-c", "raise SystemExit(3)"), "status 3"),
        ((sys.executable, "-c", ""), "wrote nothing"),
        (("/no/such/program",), "No such file"),
        ((sys.executable, "-c", HANGS), "did not end within 0.2 s"),
    ],
)
def test_a_program_that_gives_none_is_told_with_the_reason(command: tuple[str, ...], reason: str) -> None:
    problem = problem_of(fetch_key(account(command), command_seconds=0.2 if "0.2" in reason else 10.0))
    assert reason in problem.reason
    assert "by hand" in problem.fix


class Ring(KeyringBackend):
    """A keyring of one entry, of a locked one, and of one that waits for a person."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked("it is locked")
        if service == "asks":
            Event().wait()
        return "ring-key" if (service, username) == ("ibm/quantum", "me") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())  # type: ignore[no-untyped-call]  # keyring ships this base class without types
    yield
    keyring.set_keyring(before)


@pytest.mark.holds("B95", "B96")
@pytest.mark.usefixtures("ring")
def test_a_keyring_gives_the_key() -> None:
    assert fetch_key(account(entry="ibm/quantum/me")).unwrap() == Secret("ring-key")


@pytest.mark.holds("B96")
@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize(
    ("entry", "reason"), [("locked/me", "it is locked"), ("other/me", "no such entry"), ("asks/me", "within 0.1 s")]
)
def test_a_keyring_that_gives_none_is_told_with_the_way_out(entry: str, reason: str) -> None:
    problem = problem_of(fetch_key(account(entry=entry), keyring_seconds=0.1))
    assert reason in problem.reason
    assert "QISKIT_IBM_TOKEN" in problem.fix


@pytest.mark.holds("B96")
def test_nothing_is_fetched_for_an_account_that_has_its_key() -> None:
    command = ("/no/such/program",)
    has = Account(channel="ibm_quantum_platform", token=Secret("k"), token_command=command)
    assert fetch_key(has).unwrap() is None


@pytest.mark.holds("B95")
@pytest.mark.parametrize(
    ("variables", "used"),
    [
        ({"QISKIT_IBM_TOKEN": "k", "QISKIT_IBM_TOKEN_COMMAND": "a b"}, "QISKIT_IBM_TOKEN"),
        ({"QISKIT_IBM_TOKEN_COMMAND": "pass 'my key'", "QISKIT_IBM_TOKEN_KEYRING": "s/u"}, "QISKIT_IBM_TOKEN_COMMAND"),
        ({"QISKIT_IBM_TOKEN_KEYRING": "s/u"}, "QISKIT_IBM_TOKEN_KEYRING"),
    ],
)
def test_the_order_is_key_program_keyring(variables: dict[str, str], used: str) -> None:
    given = read_environment(variables)
    choice = choose_account(AccountFields(), given, AccountFile(path="f")).unwrap()
    assert [link.place for link in choice.chain if link.outcome == "used"] == [f"variable {used}"]
    if used == "QISKIT_IBM_TOKEN_COMMAND":
        assert choice.account.token_command == ("pass", "my key")
