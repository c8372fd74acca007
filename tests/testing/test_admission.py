"""Laws of who may ask a door, and how."""

import json
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.testing.admission import (
    Admission,
    DoorLimits,
    admit,
    host_name,
    host_of,
    is_ours,
    is_public,
    judge_head,
    sharing_headers,
)

LOOPBACK = Admission(address="127.0.0.1")
EVERYWHERE = Admission(address="0.0.0.0")  # noqa: S104  # nothing listens there
LIMITS = DoorLimits(head=1000, body=1000)

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
names = (
    st.lists(labels, min_size=1, max_size=4).map(".".join).filter(lambda name: not name.rpartition(".")[2].isdigit())
)
ports = st.sampled_from(["", ":", ":80", ":8000", ":65535"])
loopback_names = st.one_of(
    st.just("localhost"),
    names.map(lambda name: f"{name}.localhost"),
    st.integers(0, 2**24 - 1).map(lambda low: str(IPv4Address((127 << 24) + low))),
    st.just("[::1]"),
)
texts = st.text(max_size=20) | st.sampled_from(
    ["localhost", "a@localhost", "localhost:80:80", "[::1", "127.1", "0x7f.1"]
)


def test_the_limits_are_those_that_are_documented() -> None:
    assert DoorLimits() == DoorLimits(head=65_536, body=67_108_864, patience=30.0, idle=120.0, connections=512)


@pytest.mark.holds("B339")
@given(loopback_names, ports, st.sampled_from([str.lower, str.upper, str.title]))
def test_loopback_is_ours_by_whichever_name(name: str, port: str, written: object) -> None:
    assert is_ours(str(written(name)) + port, LOOPBACK)  # type: ignore[operator]  # a method of texts


@pytest.mark.holds("B339")
@given(names, ports)
@example("localhost.attacker.example", "")
@example("127.0.0.1.attacker.example", ":80")
@example("notlocalhost", "")
def test_another_name_is_ours_only_if_it_was_let_in(name: str, port: str) -> None:
    if name == "localhost" or name.endswith(".localhost"):
        return
    assert not is_ours(name + port, LOOPBACK)
    assert is_ours(f"{name}.{port}", Admission(address="127.0.0.1", hosts=frozenset({name})))
    assert is_ours(name.upper() + port, Admission(address=name.title()))
    assert is_ours(name + port, Admission(address="127.0.0.1", hosts=frozenset({"*"})))


@pytest.mark.holds("B339")
@given(st.ip_addresses(), ports)
def test_an_address_is_ours_if_the_door_listens_there(address: IPv4Address | IPv6Address, port: str) -> None:
    host = f"[{address}]{port}" if address.version == 6 else f"{address}{port}"
    assert is_ours(host, LOOPBACK) == address.is_loopback
    assert is_ours(host, Admission(address=str(address)))
    assert is_ours(host, EVERYWHERE)
    assert is_ours(host, Admission(address="::"))


@given(texts, st.sampled_from([LOOPBACK, EVERYWHERE, Admission(address="::1", hosts=frozenset("a"))]))
def test_whatever_a_host_is_it_is_ours_or_not(host: str, admission: Admission) -> None:
    if is_ours(host, admission):
        assert host_name(host)
        assert not set(host) & set("@/?# ")


methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"])
targets = st.sampled_from(
    ["/", "/api/v1/jobs", "http://a.test/jobs", "*", "jobs", "", "ftp://a/jobs", "/jobs?next=http://a"]
) | st.text(max_size=9)
lengths = st.none() | st.integers(0, 2000).map(str)
codings = st.sampled_from([None, "chunked"])
hosts = st.sampled_from([None, "localhost", "attacker.example"])


@pytest.mark.holds("B338", "B339")
@given(methods, targets, lengths, codings, hosts, st.sampled_from(["1.0", "1.1", "2.0"]), st.integers(0, 2000))
def test_who_is_let_in_has_one_length_a_host_of_ours_and_a_method_that_there_is(
    method: str, target: str, length: str | None, coding: str | None, host: str | None, version: str, more: int
) -> None:
    given = (("content-length", length), ("Transfer-Encoding", coding), ("HOST", host), ("X-More", "x" * more))
    headers = tuple((name, value) for name, value in given if value is not None)
    refusal = judge_head(Request(method=method, url=target, headers=headers), version, LOOPBACK, LIMITS)
    needs_length = method in {"POST", "PUT", "PATCH"}
    proxied = target.startswith(("http://", "https://"))
    sound = (
        version != "2.0"
        and method not in {"BREW", "get"}
        and (target.startswith("/") or proxied or (target == "*" and method == "OPTIONS"))
        and (host != "attacker.example" or proxied)
        and not (length and coding)
        and (length is not None or coding is not None or not needs_length)
        and int(length or "0") <= 1000
        and len(target) + sum(len(name) + len(value) for name, value in headers) <= 1000
    )
    assert (refusal is None) == sound
    if refusal is not None:
        assert refusal.status in {400, 411, 413, 421, 431, 501, 505}
        (error,) = json.loads(refusal.body)["errors"]
        assert error["code"] == refusal.status
        assert error["message"].endswith(".")
        assert error["solution"].endswith(".")


def refused(method: str = "GET", target: str = "/", version: str = "1.1", **headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    refusal = judge_head(Request(method=method, url=target, headers=named), version, LOOPBACK, LIMITS)
    assert refusal is not None
    return refusal


@pytest.mark.holds("B338", "B339")
@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (refused(version="3.7"), 505, "HTTP/3.7"),
        (refused("BREW"), 501, "BREW"),
        (refused("POST", content_length="1", transfer_encoding="chunked"), 400, "two lengths"),
        (refused(target="jobs"), 400, "'jobs'"),
        (refused(host="attacker.example:8000"), 421, "--allow-host attacker.example,"),
        (refused(host="attacker.example:8000"), 421, "allowed_hosts="),
        (refused("PUT"), 411, "Content-Length"),
        (refused("POST", content_length="1001"), 413, "1,000"),
        (refused(x="y" * 1000), 431, "1,000"),
    ],
)
def test_a_refusal_says_what_and_how_else(refusal: Response, status: int, words: str) -> None:
    assert refusal.status == status
    assert words in refusal.body.decode()


def test_what_is_exactly_as_large_as_allowed_is_let_in() -> None:
    sized = (("Host", "localhost"), ("Content-Length", "1000"))
    least = len("/") + sum(len(name) + len(value) for name, value in sized) + len("X")
    for more, status in ((1000 - least, None), (1001 - least, 431)):
        request = Request(method="POST", url="/", headers=(*sized, ("X", "y" * more)))
        refusal = judge_head(request, "1.1", LOOPBACK, LIMITS)
        assert (None if refusal is None else refusal.status) == status


origins = st.sampled_from(["http://localhost:3000", "https://app.example", "null", "*", "http://localhost:30000"])


@pytest.mark.holds("B341")
@given(methods, st.none() | origins, st.sets(origins.filter(lambda origin: origin != "*")), st.booleans())
def test_an_answer_is_shared_with_the_pages_that_were_let_in_and_no_other(
    method: str, origin: str | None, allowed: set[str], anybody: bool
) -> None:
    admission = Admission(address="127.0.0.1", origins=frozenset(allowed | ({"*"} if anybody else set())))
    headers = () if origin is None else (("Origin", origin),)
    shared = dict(sharing_headers(Request(method=method, url="/", headers=headers), admission))
    let_in = origin is not None and (anybody or origin in allowed)
    assert shared.get("Access-Control-Allow-Origin") == (origin if let_in else None)
    assert any(name.startswith("Access-Control") for name in shared) == let_in
    assert ("Vary" in shared) == bool(admission.origins)
    assert ("Access-Control-Allow-Methods" in shared) == (let_in and method == "OPTIONS")
    assert "Access-Control-Allow-Credentials" not in shared


@pytest.mark.holds("B339", "B341")
@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        ("Emulator:8000", "http://page.test/"),
        (["emulator."], ["http://page.test"]),
        (("emulator", "emulator:80"), ("http://page.test", "http://page.test/")),
    ],
)
def test_names_are_let_in_however_they_are_written(hosts: Iterable[str], origins: Iterable[str]) -> None:
    admission = admit("127.0.0.1", hosts, origins)
    assert admission.hosts == {"emulator"}
    assert admission.origins == {"http://page.test"}


def test_nobody_is_let_in_unasked_and_a_star_lets_everybody_in() -> None:
    assert admit("::1", (), ()) == Admission(address="::1")
    assert is_ours("attacker.example", admit("127.0.0.1", "*", ()))


PROXY = Admission(address="127.0.0.1", proxy=True)
OF_THE_RUNTIME = ["quantum", "eu-de.quantum", "private.us-east.quantum", "us-east.quantum-computing"]
OF_ACCOUNTS = ["iam", "private.iam", "api.global-search-tagging", "globalcatalog"]
OF_OTHERS = ["resource-controller", "user-management"]
public_hosts = st.builds(
    "{}.{}cloud.ibm.com".format,
    st.sampled_from(OF_THE_RUNTIME + OF_ACCOUNTS + OF_OTHERS),
    st.sampled_from(["", "test."]),
)


def asked(method: str, target: str, host: str = "localhost") -> Request:
    return Request(method=method, url=target, headers=(("Host", host),))


def status_of(request: Request, admission: Admission) -> int | None:
    refusal = judge_head(request, "1.1", admission, LIMITS)
    return None if refusal is None else refusal.status


@pytest.mark.holds("B472")
@given(public_hosts, st.sampled_from([str.lower, str.upper, str.title]))
def test_a_proxy_opens_tunnels_to_the_public_hosts(host: str, written: object) -> None:
    target = f"{written(host)}:443"  # type: ignore[operator]  # a method of texts
    assert status_of(asked("CONNECT", target), PROXY) is None
    assert status_of(asked("CONNECT", target), LOOPBACK) == 501
    # There is no tunnel in a tunnel.
    assert status_of(asked("CONNECT", target), Admission(address="127.0.0.1", proxy=True, tunnel=host)) == 501


@pytest.mark.holds("B473")
@given(names | texts | public_hosts.map(lambda host: f"{host}.attacker.example"), st.sampled_from(["443", "80", ""]))
@example("cloud.ibm.com.attacker.example", "443")
@example("attackercloud.ibm.com", "443")
@example("a.b.quantum.cloud.ibm.com", "443")
@example("attacker.example/iam.cloud.ibm.com", "443")
@example("localhost", "443")
@example("quantum.cloud.ibm.com", "22")
def test_a_proxy_opens_no_tunnel_to_any_other_place(host: str, port: str) -> None:
    assert status_of(asked("CONNECT", f"{host}:{port}"), PROXY) == 403
    assert status_of(asked("CONNECT", host), PROXY) == 403


@pytest.mark.holds("B473")
@given(public_hosts, names.filter(lambda name: not name.endswith("localhost")), ports)
def test_a_proxy_is_asked_for_nothing_but_itself_and_the_public_hosts(public: str, other: str, port: str) -> None:
    for host in (public, "localhost", "127.0.0.1"):
        assert status_of(asked("GET", f"http://{host}{port}/api/v1/versions", host), PROXY) is None
    for target in (f"http://{other}{port}/{public}", f"http://{public}@{other}", f"https://{other}?http://{public}"):
        assert status_of(asked("GET", target, other), PROXY) == 403
        assert status_of(asked("GET", target, other), LOOPBACK) is None


@pytest.mark.holds("B472")
@given(public_hosts, names)
def test_in_a_tunnel_the_door_is_the_host_that_it_leads_to(host: str, other: str) -> None:
    inside = Admission(address="127.0.0.1", proxy=True, tunnel=host)
    assert status_of(asked("GET", "/api/v1/backends", host), inside) is None
    assert status_of(asked("GET", "/api/v1/backends", f"{other}.example"), inside) == 421


@given(texts, texts)
def test_whatever_a_url_is_its_host_ends_before_its_path(host: str, rest: str) -> None:
    assert host_of(f"http://{host}/{rest}") == host_of(f"http://{host}")
    assert not set(host_of(f"http://{host}/{rest}")) & set("/?#")
    assert is_public(host) is False
