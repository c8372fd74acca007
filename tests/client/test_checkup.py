"""The check-up names the first broken link and the way out, in few requests and without a secret."""

import ssl
from collections.abc import Callable

import msgspec
import pytest
import trustme
from returns.result import Failure, Success

from qiskit_runtime_service.client.checkup import check_account
from qiskit_runtime_service.client.connection import Wiring
from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Stall, Status, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.checkup import Checkup
from qiskit_runtime_service.records.exchange import Endpoints
from qiskit_runtime_service.records.network import ProxyRules, Timeouts
from qiskit_runtime_service.records.problem import NoAccount, UnsafeUrl
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.shell.display import Explained
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, many_instances, one_instance
from qiskit_runtime_service.transport.http import HttpTransport

from ..shell.clouds import ClosingCloud, open_service
from ..support.loopback import saying

CHAIN = ["proxy", "connection", "certificate", "account", "token", "search", "catalog", "instance", "backends"]
NOBODY = Failure(NoAccount(channel=None, path="accounts.json", searched=("QISKIT_IBM_TOKEN",)))


def checked_after(world: World, *faults: Fault) -> tuple[Explained[Checkup], int]:
    """Open a service on a good cloud, let it go wrong, and check; return the outcome and the requests it took."""
    service, cloud = open_service(world)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))
    since = len(cloud.ledger)
    return service.check(), len(cloud.ledger) - since


@pytest.mark.holds("B228")
@pytest.mark.parametrize("world", [one_instance(), many_instances(20)])
def test_a_good_way_takes_six_requests(world: World) -> None:
    checked, requests = checked_after(world)
    assert checked.records.broken is None
    assert [link.name for link in checked.records.links] == CHAIN
    assert {link.state for link in checked.records.links} == {"works"}
    assert requests == 6
    assert str(checked).startswith("Every link works")


BROKEN: list[tuple[str, str, Effect, str]] = [
    ("connection", "*/versions", Unreachable(), "network"),
    ("connection", "*/versions", Lost(acted=False), "Try again"),
    ("token", "*/identity/token", Status(code=400), "token="),
    ("token", "*/identity/token", Status(code=503), "Try again later"),
    ("search", "*/search", Status(code=500), "Try again later"),
    ("catalog", "/api/v1/*-*", Status(code=500), "Try again later"),
    ("instance", "*/usage", Status(code=403), "may use the instance"),
    ("backends", "*/backends", Status(code=500), "Try again later"),
    ("backends", "*/backends", Status(code=401), "may use the instance"),
    ("backends", "*/backends", Status(code=200, body=b"<html>Sign in"), "something between"),
]


@pytest.mark.holds("B228")
@pytest.mark.parametrize(("name", "path", "effect", "fix"), BROKEN)
def test_the_first_broken_link_is_named_with_the_way_out(name: str, path: str, effect: Effect, fix: str) -> None:
    checked, requests = checked_after(one_instance(), Fault(path=path, effect=effect, times=None))
    broken = checked.records.broken
    assert broken is not None
    assert broken.name == name
    assert fix in broken.fix
    at = CHAIN.index(name)
    assert [link.state for link in checked.records.links] == ["works"] * at + ["broken"] + ["not tried"] * (8 - at)
    assert requests < 10
    shown = f"{checked} {checked.to_json()} {checked._repr_html_()}"
    assert API_KEY not in shown
    assert broken.fix in str(checked)


@pytest.mark.holds("B228")
def test_each_link_that_is_asked_tells_how_long_it_took() -> None:
    paths = {"*/versions": 1.5, "*/identity/token": 2.5, "*/search": 3.5, "*/usage": 4.5, "*/backends": 5.5}
    stalls = [Fault(path=path, effect=Stall(seconds=seconds)) for path, seconds in paths.items()]
    checked, _ = checked_after(one_instance(), *stalls)
    told = {link.name: link.seconds for link in checked.records.links}
    assert {name: seconds and round(seconds, 1) for name, seconds in told.items()} == {
        "proxy": None, "connection": 1.5, "certificate": None, "account": None, "token": 2.5, "search": 3.5,
        "catalog": 0.0, "instance": 4.5, "backends": 5.5,
    }  # fmt: skip


@pytest.mark.holds("B228")
def test_an_archived_plan_is_no_fault() -> None:
    checked, _ = checked_after(one_instance(), Fault(path="/api/v1/*-*", effect=Status(code=403), times=None))
    assert checked.records.broken is None


def test_an_account_without_instances_is_told_so() -> None:
    checked, _ = checked_after(
        one_instance(), Fault(path="*/search", effect=Status(code=200, body=b'{"items": []}'), times=None)
    )
    assert checked.records.broken is not None
    assert checked.records.broken.name == "instance"


def test_a_named_instance_is_the_one_that_is_tried() -> None:
    world = many_instances(3)
    crn = list(world.instances)[2]
    service, _ = open_service(world, instance=crn)
    assert {link.name: link.detail for link in service.check().records.links}["instance"] == crn


def test_without_an_account_the_way_is_tried_and_then_the_account_is_asked_for() -> None:
    cloud = EmulatedTransport(one_instance())
    checked = check_account(NOBODY, Wiring(transport=cloud)).unwrap()
    assert [link.state for link in checked.links] == ["works"] * 3 + ["broken"] + ["not tried"] * 5
    assert checked.broken is not None
    assert "QISKIT_IBM_TOKEN" in checked.broken.fix
    assert len(cloud.ledger) == 1
    assert not cloud.ledger[0].request.header("Authorization")


def test_a_check_closes_the_carrier_that_nobody_else_has_and_leaves_that_of_a_service() -> None:
    cloud = ClosingCloud(one_instance())
    check_account(NOBODY, Wiring(transport=cloud)).unwrap()
    assert cloud.closed == 1
    service, _ = open_service(transport=cloud)
    service.check()
    assert cloud.closed == 1


def timed(checked: Checkup) -> list[str]:
    """Return the links that tell how long they took, once it is seen that this is a short time."""
    times = {link.name: link.seconds for link in checked.links if link.seconds is not None}
    assert all(0 <= seconds < 60 for seconds in times.values())
    return [*times]


def through_proxy(proxy: str) -> Callable[[], Checkup]:
    rules = ProxyRules(given=(("https", Secret(proxy)),))
    return lambda: check_account(NOBODY, Wiring(transport=HttpTransport(proxies=rules, connect_timeout=2.0))).unwrap()


def test_a_proxy_that_refuses_is_the_broken_link_and_keeps_its_password() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with saying(refusal) as base:
        checked = through_proxy(base.replace("http://", "http://user:canary@"))()
    assert checked.broken is not None
    assert checked.broken.name == "proxy"
    assert "407" in checked.broken.detail
    assert timed(checked) == ["proxy"]
    assert "canary" not in repr(checked)


def test_a_server_that_is_not_trusted_is_a_broken_certificate() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with door_to(EmulatedTransport(one_instance()), context) as door:
        endpoints = Endpoints(runtime=door.base, token=door.base, search=door.base, catalog=door.base)
        checked = check_account(NOBODY, Wiring(transport=HttpTransport(), endpoints=endpoints)).unwrap()
    assert checked.broken is not None
    assert checked.broken.name == "certificate"
    assert "REQUESTS_CA_BUNDLE" in checked.broken.fix
    assert timed(checked) == ["certificate"]


def test_settings_that_lead_nowhere_are_an_error() -> None:
    service, _ = open_service()
    choice = service.explain().records.account
    account = msgspec.structs.replace(choice.account, url="http://evil.example")
    outcome = check_account(Success(msgspec.structs.replace(choice, account=account)), Wiring(timeouts=Timeouts()))
    assert isinstance(outcome.failure(), UnsafeUrl)
