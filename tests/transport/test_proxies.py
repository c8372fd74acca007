"""Which proxy a request goes through, and how one is told who asks."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from socket import socket
from threading import Event

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from qiskit_runtime_service.client.settings import read_proxies
from qiskit_runtime_service.emulator.worlds import one_instance
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.records.network import ProxyRules
from qiskit_runtime_service.records.problem import NetworkFault
from qiskit_runtime_service.records.secret import HiddenText, Secret
from qiskit_runtime_service.testing.door import door_to
from qiskit_runtime_service.transport.connections import PacedConnection
from qiskit_runtime_service.transport.emulated import EmulatedTransport
from qiskit_runtime_service.transport.http import HttpTransport
from qiskit_runtime_service.transport.names import ask_system
from qiskit_runtime_service.transport.pace import Pace
from qiskit_runtime_service.transport.proxies import choose_proxy, is_bypassed
from tests.support.troubled import answering, troubled
from tests.support.tunnels import NtlmProxy, proxy_before

URL = "https://eu-de.quantum.cloud.ibm.com/api/v1/backends?x=1"
PLACES = [
    "https://eu-de.quantum.cloud.ibm.com:443",
    "https://eu-de.quantum.cloud.ibm.com",
    "https",
    "all://eu-de.quantum.cloud.ibm.com",
    "all",
]
OTHERS = [
    "http",
    "https://cloud.ibm.com",
    "http://eu-de.quantum.cloud.ibm.com",
    "https://eu-de.quantum.cloud.ibm.com:444",
]


def pairs(places: list[str], proxy: str) -> tuple[tuple[str, Secret], ...]:
    return tuple((place, Secret(f"{proxy}-{place}")) for place in places)


@pytest.mark.holds("B223")
@given(
    st.lists(st.sampled_from(PLACES + OTHERS), unique=True),
    st.lists(st.sampled_from(["https", "http", "all"]), unique=True),
)
def test_the_most_precise_proxy_is_taken_and_the_user_comes_first(given_for: list[str], found_for: list[str]) -> None:
    chosen = choose_proxy(ProxyRules(given=pairs(given_for, "given"), found=pairs(found_for, "found")), URL)
    wanted = [f"given-{place}" for place in PLACES if place in given_for]
    wanted += [f"found-{place}" for place in PLACES if place in found_for]
    assert (chosen and chosen.reveal()) == (wanted[0] if wanted else None)


@pytest.mark.holds("B224")
@pytest.mark.parametrize(
    ("entry", "host", "bypassed"),
    [
        ("*", "h.example", True), ("h.example", "h.example", True), ("H.Example", "h.example", True),
        ("example", "h.example", True), (".example", "h.example", True), ("*.example", "h.example", True),
        ("h.example:443", "h.example", True), ("h.example:80", "h.example", False), ("ample", "h.example", False),
        ("evil.h.example", "h.example", False), ("", "h.example", False), (" h.example ", "h.example", True),
        ("10.0.0.0/8", "10.1.2.3", True), ("10.0.0.0/8", "11.1.2.3", False), ("10.1.2.3", "10.1.2.3", True),
        ("127.0.0.1:443", "127.0.0.1", True), ("fd00::/8", "fd00::1", True), ("::1", "::1", True),
        ("FD00::1", "fd00::1", True), ("[::1]", "::1", True), ("[::1]:443", "::1", True), ("[::1]:80", "::1", False),
        ("127.0.0.1:80", "127.0.0.1", False), ("[fd00::]/8", "fd00::1", False), ("10.1.2.3/8", "10.9.9.9", True),
        ("_10.1.2.3", "10.1.2.3", False),
        ("10.0.0.0/8", "h.example", False), ("nonsense/99", "10.1.2.3", False), (".", "h.example", False),
    ],
)  # fmt: skip
def test_an_entry_of_no_proxy_means(entry: str, host: str, bypassed: bool) -> None:
    assert is_bypassed((entry,), host, "443") is bypassed


@pytest.mark.holds("B223")
def test_a_place_without_a_proxy_is_reached_directly() -> None:
    proxies = (("https", Secret("")), ("all", Secret("everything")))
    assert choose_proxy(ProxyRules(given=proxies), URL) is None
    assert choose_proxy(ProxyRules(found=proxies), URL) is None
    assert choose_proxy(ProxyRules(given=proxies[:1], found=proxies[1:]), URL) is None
    assert choose_proxy(ProxyRules(given=proxies), "http://a.test/") == Secret("everything")


@pytest.mark.holds("B223")
@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("HTTPS://EU-DE.Quantum.Cloud.IBM.com/api/v1", PLACES),
        (
            "http://H.example:8080/a@b:1?c=/d",
            ["http://h.example:8080", "http://h.example", "http", "all://h.example", "all"],
        ),
        ("http://h.example?a:1", ["http://h.example:80", "http://h.example"]),
        ("http://h.example#a:1", ["http://h.example:80", "http://h.example"]),
        ("http://u:p@h.example/", ["http://h.example:80", "http://h.example", "all://h.example"]),
        ("https://[FD00::1]:8443/x", ["https://fd00::1:8443", "https://fd00::1", "https", "all://fd00::1"]),
        ("https://[fd00::1]/x", ["https://fd00::1:443", "https://fd00::1"]),
        ("http://_h.example_", ["http://_h.example_:80", "http://_h.example_"]),
        ("odd://h.example", ["odd://h.example:", "odd://h.example", "odd"]),
    ],
)
def test_a_url_is_in_each_of_its_places_however_it_is_written(url: str, places: list[str]) -> None:
    for place in places:
        assert choose_proxy(ProxyRules(given=((place, Secret("given")),)), url) == Secret("given"), place
    elsewhere = tuple((place, Secret("given")) for place in ("https://a.test", "http://a.test:80", "all://a.test"))
    assert choose_proxy(ProxyRules(given=elsewhere), url) is None


@pytest.mark.holds("B224")
@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("HTTPS://EU-DE.Quantum.Cloud.IBM.com/api", "ibm.COM"),
        ("https://[FD00::1]:8443/x", "fd00::/8"),
        ("https://[fd00::1]:8443/x", "[FD00::1]:8443"),
        ("http://10.1.2.3", "10.1.2.3:80"),
    ],
)
def test_an_exception_holds_however_the_url_is_written(url: str, entry: str) -> None:
    found = (("all", Secret("found")),)
    assert choose_proxy(ProxyRules(found=found), url) == Secret("found")
    assert choose_proxy(ProxyRules(found=found, bypass=(entry,)), url) is None
    assert choose_proxy(ProxyRules(found=found, bypass=("a.test", entry)), url) is None


@pytest.mark.holds("B224")
def test_exceptions_are_for_proxies_of_the_environment_alone() -> None:
    found = (("https", Secret("found")),)
    assert choose_proxy(ProxyRules(found=found, bypass=("ibm.com",)), URL) is None
    assert choose_proxy(ProxyRules(given=found, bypass=("ibm.com",)), URL) == Secret("found")


@pytest.mark.holds("B223")
@pytest.mark.parametrize(
    ("environ", "found", "bypass"),
    [
        ({}, {}, ()),
        ({"HTTPS_PROXY": "u", "HTTP_PROXY": "v", "ALL_PROXY": "w"}, {"https": "u", "http": "v", "all": "w"}, ()),
        ({"HTTPS_PROXY": "upper", "https_proxy": "lower"}, {"https": "lower"}, ()),
        ({"https_proxy": "", "NO_PROXY": "a, b,, ,"}, {}, ("a", "b")),
        ({"no_proxy": "a", "NO_PROXY": "b"}, {}, ("a",)),
        ({"HTTP_PROXY": "sent by a visitor", "REQUEST_METHOD": "GET"}, {}, ()),
        ({"http_proxy": "set", "REQUEST_METHOD": "GET"}, {"http": "set"}, ()),
    ],
)
def test_the_environment_says(environ: Mapping[str, str], found: dict[str, str], bypass: tuple[str, ...]) -> None:
    proxies, exceptions = read_proxies(environ)
    assert {place: proxy.reveal() for place, proxy in proxies} == found
    assert exceptions == bypass


@pytest.mark.holds("B223")
@pytest.mark.parametrize("password", ["p@ss wörd", "another"])
def test_a_tunnel_opens_by_ntlm_for_who_knows_the_password(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = tmp_path / "users"
    users.write_text("DOMAIN:ada:p@ss wörd\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("quantum.example").configure_cert(context)
    cloud = EmulatedTransport(one_instance())
    with (
        door_to(cloud, context, allowed_hosts=["quantum.example"]) as door,
        proxy_before(NtlmProxy, door) as (proxy, address),
    ):
        rules = ProxyRules(given=(("https", Secret(address)),), ntlm=("DOMAIN\\ada", Secret(password)))
        carrier = HttpTransport(proxies=rules, verify=str(tmp_path / "authority.pem"))
        request = Request(method="GET", url="https://quantum.example/api/v1/versions", read_timeout=5.0, time_left=5.0)
        outcomes = [carrier.send(request) for _ in range(2)]
        carrier.close()
    if password == "another":
        assert isinstance(outcomes[0], Failure)
        problem = outcomes[0].failure()
        assert isinstance(problem, NetworkFault)
        assert (problem.cause, problem.kind) == ("proxy", "refused")
        assert "NTLM" in problem.reason
        assert password not in problem.reason
        assert not cloud.ledger
    else:
        assert all(isinstance(outcome, Success) and outcome.unwrap().status == 200 for outcome in outcomes), outcomes
        assert (proxy.opened, proxy.challenges) == (1, 1)
        assert len(cloud.ledger) == 2
        assert not any(exchange.request.header("Proxy-Authorization") for exchange in cloud.ledger)


@pytest.mark.holds("B288")
@pytest.mark.parametrize(("status", "end"), [(503, "answered 503"), (407, "NTLM user or password refused")])
def test_a_proxy_that_finds_nobody_does_not_blame_the_password_for_ntlm(status: int, end: str) -> None:
    with troubled(answering(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)) as address:
        rules = ProxyRules(given=(("https", Secret(f"http://{address}")),), ntlm=("ada", Secret("p@ss")))
        request = Request(method="GET", url="https://quantum.localhost/", time_left=5.0)
        problem = HttpTransport(proxies=rules).send(request).failure()
    assert isinstance(problem, NetworkFault)
    assert problem.reason.endswith(end)


def test_a_proxy_whose_certificate_nobody_trusts_is_blamed_and_not_what_is_behind_it() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with door_to(EmulatedTransport(one_instance()), context) as proxy:
        rules = ProxyRules(given=(("https", Secret("https://{}:{}".format(*proxy.server_address[:2]))),))
        request = Request(method="GET", url="https://quantum.localhost/", time_left=5.0)
        problem = HttpTransport(proxies=rules).send(request).failure()
    assert isinstance(problem, NetworkFault)
    assert (problem.cause, problem.kind) == ("proxy", "refused")
    assert "127.0.0.1" in problem.reason


def test_a_proxy_that_refuses_plain_requests_uses_up_no_connection() -> None:
    with troubled(answering(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n")) as address:
        rules = ProxyRules(given=(("http", Secret(f"http://{address}")),))
        carrier = HttpTransport(proxies=rules, max_connections=2)
        request = Request(method="GET", url="http://quantum.localhost/", time_left=5.0)
        problems = [carrier.send(request).failure() for _ in range(5)]
        carrier.close()
    told = [(problem.kind, problem.cause) for problem in problems if isinstance(problem, NetworkFault)]
    assert told == [("refused", "proxy")] * 5


@pytest.mark.holds("B223", "B327")
@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("", None),
        ("@", None),
        ("ada:p4ss@", b"ada:p4ss"),
        ("ada:p%40s%2fs%C3%B6@", "ada:p@s/sö".encode()),
        ("ada:ö@", "ada:ö".encode()),
        ("ada@", b"ada"),
        ("ada:a@b@", b"ada:a@b"),
    ],
)
@pytest.mark.parametrize("end", ["", "/", "/path@x", "?a@b", "#c@d"])
def test_a_tunnel_is_asked_for_as_the_user_of_the_url(user: str, told: bytes | None, end: str) -> None:
    heads: list[list[bytes]] = []

    def refuse(connection: socket, _: Event) -> None:
        connection.settimeout(1.0)
        heads.append(connection.recv(65536).split(b"\r\n"))
        connection.sendall(b"HTTP/1.1 503 Nobody there\r\nContent-Length: 0\r\n\r\n")

    with troubled(refuse) as place:
        address = f"http://{place}"
        rules = ProxyRules(given=(("https", Secret(address.replace("//", f"//{user}") + end)),))
        carrier = HttpTransport(proxies=rules)
        assert carrier.proxy_for("https://quantum.example/") == address
        problem = carrier.send(Request(method="GET", url="https://quantum.example/", time_left=5.0)).failure()
        carrier.close()
    head = [b"CONNECT quantum.example:443 HTTP/1.1", b"Host: quantum.example:443"]
    if told is not None:
        head.append(b"Proxy-Authorization: Basic " + b64encode(told))
    assert heads == [[*head, b"", b""]]
    assert isinstance(problem, NetworkFault)
    assert problem.reason.endswith("answered 503 Nobody there")


@pytest.mark.holds("B327")
def test_a_request_that_broke_off_leaves_no_header_for_the_next() -> None:
    connection = PacedConnection("127.0.0.1", pace=Pace(), resolve=ask_system)
    connection.putrequest("GET", "/")
    connection.putheader("Authorization", HiddenText("Bearer abc"))
    connection.putheader("Accept", "text/plain")
    assert connection.kept_back == [("Authorization", "Bearer abc")]
    connection.close()
    connection.putrequest("GET", "/")
    assert connection.kept_back == []
