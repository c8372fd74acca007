"""What arguments, environment and file say, and that none of it leaks."""

import copy
import json
import logging
import math
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from returns.result import Failure, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.client.account_store import load_accounts
from qiskit_runtime_service.client.connection import find_proxies
from qiskit_runtime_service.client.settings import read_arguments, read_environment, read_overrides, read_timeouts
from qiskit_runtime_service.exceptions import AccountNotFoundError, InvalidAccountError
from qiskit_runtime_service.records.account import Account, AccountFields, Proxies
from qiskit_runtime_service.records.network import ProxyRules, Timeouts
from qiskit_runtime_service.records.problem import BadArgument
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance

from ..shell.clouds import open_service, submit_bell
from ..strategies import CANARY
from ..support.sent import text_sent


def write(path: Path, accounts: object) -> str:
    path.write_text(accounts if isinstance(accounts, str) else json.dumps(accounts))
    return str(path)


@pytest.mark.holds("B70")
def test_reading_creates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "accounts.json"
    assert load_accounts(str(path)).unwrap().entries == ()
    with pytest.raises(AccountNotFoundError):
        QiskitRuntimeService(filename=str(path))
    assert not list(tmp_path.iterdir())


def test_an_account_of_the_file_is_used(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"work": {"token": API_KEY, "channel": "ibm_cloud", "instance": "instance-1"}})
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(filename=path, transport=cloud, clock=cloud)
    assert service.channel == "ibm_cloud"
    assert service.active_account()["token"] == API_KEY
    sources = {source.field: (source.origin, source.detail) for source in service.explain().records.account.sources}
    assert sources["token"] == ("file", f"{path}, entry 'work'")
    assert sources["verify"] == ("default", "")


@pytest.mark.holds("B62", "B63")
def test_an_entry_is_found_by_name_and_arguments_override_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"one": {"token": "other"}, "two": {"token": API_KEY, "tags": ["x"]}})
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(filename=path, name="two", tags=[], transport=cloud, clock=cloud)
    assert service.active_account()["token"] == API_KEY
    assert "tags" not in service.active_account()


@pytest.mark.holds("B79")
@pytest.mark.parametrize(
    ("text", "fix"), [("{", "Mend it"), ("[]", "Mend it"), ('{"a": ', "Mend it"), ("\udcff", "Mend it")]
)
def test_a_file_that_is_none_is_named_with_the_fix(tmp_path: Path, text: str, fix: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidAccountError) as caught:
        QiskitRuntimeService(filename=str(path))
    assert str(path) in str(caught.value)
    assert fix in str(caught.value).splitlines()[-1]
    assert path.exists()


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidAccountError, match="directory"):
        QiskitRuntimeService(filename=str(tmp_path))


@pytest.mark.holds("B71")
def test_a_broken_entry_hides_only_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"broken": {"token": 5}, "whole": {"token": API_KEY}})
    cloud = EmulatedTransport(one_instance())
    assert QiskitRuntimeService(filename=path, transport=cloud, clock=cloud).active_instance()
    with pytest.raises(InvalidAccountError, match="broken"):
        QiskitRuntimeService(filename=path, name="broken")


@pytest.mark.holds("B17", "B64")
def test_empty_variables_are_not_set() -> None:
    given = read_environment({"QISKIT_IBM_TOKEN": "", "QISKIT_IBM_CHANNEL": "ibm_cloud", "QISKIT_IBM_URL": "u"})
    assert (given.token, given.channel, given.url, given.instance) == (None, "ibm_cloud", "u", None)
    assert read_overrides({"IAM_URL": "a", "GLOBAL_SEARCH_URL": "", "OTHER_URL": "b"}) == {"IAM_URL": "a"}


SHOWN: list[Callable[[object], object]] = [
    repr,
    str,
    lambda thing: repr(getattr(thing, "__dict__", "")),
    lambda thing: repr(copy.copy(thing)),
    lambda thing: repr(copy.deepcopy(thing)) if isinstance(thing, dict) else "",
]


def wrong_key() -> str:
    """Make a key that stands nowhere in the source, which tracebacks show too."""
    return "yek-yranac"[::-1]


def test_the_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service, cloud = open_service()
    job = submit_bell(service)
    job.result()
    things = [service, service.explain(), service.active_account(), cloud, cloud.ledger, job, job.backend()]
    texts = [str(show(thing)) for thing in things for show in SHOWN]
    with pytest.raises(InvalidAccountError) as caught:
        QiskitRuntimeService(token=wrong_key(), transport=cloud, clock=cloud)
    texts += traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    texts += [caplog.text]
    for text in texts:
        assert API_KEY not in text
        assert wrong_key() not in text
        assert "eyJ" not in text  # how every bearer token begins


@pytest.mark.holds("B21")
def test_the_key_goes_to_the_token_service_only() -> None:
    service, cloud = open_service()
    submit_bell(service).result()
    for exchange in cloud.ledger:
        sent = text_sent(exchange.request)
        assert (API_KEY in sent) == exchange.request.url.endswith("/identity/token")


def test_a_pickled_secret_is_empty() -> None:
    secret = Secret("canary-key")
    assert b"canary" not in pickle.dumps(secret)
    assert not pickle.loads(pickle.dumps(secret))  # noqa: S301  # our own bytes


def test_a_good_run_logs_nothing_above_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service, _ = open_service()
    submit_bell(service).result()
    assert not [
        record for record in caplog.records if record.levelno > logging.INFO and "qiskit_runtime" in record.name
    ]
    assert [type(handler) for handler in logging.getLogger("qiskit_runtime_service").handlers] == [logging.NullHandler]


@pytest.mark.holds("B223", "B224")
def test_the_proxies_of_an_account_stand_beside_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {"https_proxy": "u", "http_proxy": "v", "all_proxy": "w", "no_proxy": "a,b"}.items():
        monkeypatch.setenv(variable, value)
    found = (("https", Secret("u")), ("http", Secret("v")), ("all", Secret("w")))
    account = Account(channel="ibm_cloud", token=Secret("k"))
    assert find_proxies(account) == ProxyRules(found=found, bypass=("a", "b"))
    urls = (("https", Secret("given")),)
    knows = Proxies(urls=urls, username_ntlm="ada", password_ntlm=Secret("p"))
    assert find_proxies(replace(account, proxies=knows)) == ProxyRules(
        given=urls, found=found, bypass=("a", "b"), ntlm=("ada", Secret("p"))
    )
    for half in (replace(knows, password_ntlm=None), replace(knows, username_ntlm=None)):
        rules = find_proxies(replace(account, proxies=half))
        assert rules == ProxyRules(given=urls, found=found, bypass=("a", "b"))


@pytest.mark.holds("B61")
@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("token", CANARY.encode(), "of type bytes"),
        ("proxies", {"url": f"http://u:{CANARY}@proxy"}, "['url']"),
        ("proxies", {"urls": {"https": CANARY}, 3: CANARY}, "['3', 'urls']"),
        ("proxies", {"urls": CANARY}, "['urls']"),
        ("proxies", {"urls": {"https": 5}, "password_ntlm": CANARY}, "['password_ntlm', 'urls']"),
        ("proxies", f"http://u:{CANARY}@proxy", "'str'"),
        ("proxies", [CANARY], "'list'"),
        ("region", 5, "5"),
        ("instance", ["a"], "['a']"),
    ],
)
def test_an_argument_of_the_wrong_type_is_shown_unless_it_may_hold_a_secret(
    name: str, value: object, shown: str
) -> None:
    problem = read_arguments(**{name: value}).failure()
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == (name, shown)
    assert CANARY not in repr(problem)


@pytest.mark.holds("B61")
@pytest.mark.parametrize(
    ("name", "fits", "unfit"),
    [
        ("channel", ["x"], [5, True, b"x"]),
        ("token", ["x", ""], [5, b"x"]),
        ("url", ["x"], [5]),
        ("instance", ["x"], [5]),
        ("region", ["x"], [5]),
        ("private_endpoint", [True, False], [1, "yes"]),
        ("verify", [True, False, __file__], [1, "", f"{__file__}.gone"]),
        ("plans_preference", ["x", ["x", "y"], ()], [5, ["x", 5]]),
        ("tags", ["x", ["x", "y"], ()], [5, ["x", 5]]),
        (
            "proxies",
            [
                {}, {"urls": None}, {"urls": {}}, {"urls": {"https": "u"}},
                {"username_ntlm": "u", "password_ntlm": "p"}, {"username_ntlm": None},
            ],
            [
                "u", ["urls"], {"url": {}}, {"urls": "u"}, {"urls": {"https": 5}}, {"urls": {5: "u"}},
                {"username_ntlm": "u"}, {"password_ntlm": "p"}, {"username_ntlm": 5, "password_ntlm": "p"},
                {"username_ntlm": "u", "password_ntlm": 5},
            ],
        ),
    ],
)  # fmt: skip
def test_an_argument_is_taken_if_it_is_of_its_type(name: str, fits: list[object], unfit: list[object]) -> None:
    for value in [None, *fits]:
        assert isinstance(read_arguments(**{name: value}), Success), value
    for value in unfit:
        assert isinstance(read_arguments(**{name: value}), Failure), value


@pytest.mark.holds("B61")
def test_arguments_are_taken_as_they_were_given() -> None:
    proxies = {"urls": {"https": "u"}, "username_ntlm": "ada", "password_ntlm": "p"}
    given: dict[str, Any] = {"token": "k", "region": "eu-de", "verify": False, "tags": "one", "proxies": proxies}
    assert read_arguments(**given, plans_preference=["open", "flex"]).unwrap() == AccountFields(
        token=Secret("k"),
        region="eu-de",
        verify=False,
        tags=("one",),
        plans_preference=("open", "flex"),
        proxies=Proxies(urls=(("https", Secret("u")),), username_ntlm="ada", password_ntlm=Secret("p")),
    )
    assert read_arguments().unwrap() == AccountFields()
    assert read_arguments(proxies={}).unwrap() == AccountFields(proxies=Proxies())


@pytest.mark.holds("B222")
@pytest.mark.parametrize(
    ("given", "read"),
    [
        (None, Timeouts(connect=5.0, read=30.0, slow_read=300.0, call=120.0, slow_call=900.0)),
        (1000, Timeouts(connect=5.0, read=30.0, slow_read=300.0, call=1000, slow_call=1000)),
        (100.0, Timeouts(connect=5.0, read=30.0, slow_read=100.0, call=100.0, slow_call=100.0)),
        (0.5, Timeouts(connect=0.5, read=0.5, slow_read=0.5, call=0.5, slow_call=0.5)),
        (Timeouts(connect=9.0), Timeouts(connect=9.0, read=30.0, slow_read=300.0, call=120.0, slow_call=900.0)),
    ],
)
def test_one_limit_of_time_bounds_all_others(given: Any, read: Timeouts) -> None:
    assert read_timeouts(given).unwrap() == read


@pytest.mark.holds("B222")
@pytest.mark.parametrize(
    ("given", "name", "shown"),
    [
        *((given, "timeout", repr(given)) for given in (0, 0.0, -1, True, "5", math.nan, math.inf, 2e9, [5])),
        (Timeouts(read=0.0), "timeout.read", "0.0"),
        (Timeouts(slow_call=-1.0), "timeout.slow_call", "-1.0"),
        (Timeouts(connect=True), "timeout.connect", "True"),
        (Timeouts(call="5"), "timeout.call", "'5'"),  # type: ignore[arg-type]  # users have no type checker
    ],
)
def test_a_limit_of_time_is_a_finite_number_above_nothing(given: Any, name: str, shown: str) -> None:
    problem = read_timeouts(given).failure()
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.value) == (name, shown)
    assert problem.wanted == "seconds above 0, finite and at most 1e9, or Timeouts(...) of such"


@pytest.mark.holds("B222", "B300")
def test_limits_of_time_may_be_numbers_of_numpy() -> None:
    assert read_timeouts(np.float32(0.5)) == read_timeouts(0.5)
    assert read_timeouts(np.int64(1000)) == read_timeouts(1000)
    assert read_timeouts(1e9).unwrap().call == 1e9
    limits = Timeouts(connect=np.float64(2.0), read=np.float64(3.0))
    read = read_timeouts(limits).unwrap()
    assert (read, type(read.connect), type(read.read)) == (Timeouts(connect=2.0, read=3.0), float, float)
