"""Promise 7: credentials and bodies leave only over https, or to this machine, and only to hosts of the account."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from qiskit_runtime_service import Endpoints, QiskitRuntimeService
from qiskit_runtime_service.client.clock import SystemClock
from qiskit_runtime_service.client.connection import Wiring, connect
from qiskit_runtime_service.exceptions import IBMApiError, IBMInputValueError
from qiskit_runtime_service.records.account import Account
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import door_to
from qiskit_runtime_service.wire.urls import find_endpoints
from tests.support.sent import text_sent

from .sizes import size

KEY = "the-key-of-promise-7"
TOKEN_HOSTS = tuple(f"{private}iam{test}.cloud.ibm.com" for private in ("", "private.") for test in ("", ".test"))
HOSTS = [
    *("cloud.ibm.com", "evil.example", "localhost", "a.localhost", "127.0.0.1", "127.1", "[::1]", "0x7f.1", "10.0.0.1"),
    *("ibm", "cloud.ibm.com:443", "cloud.ibm.com@evil.example", "evil.example#cloud.ibm.com", "localhost.evil.example"),
    *("evil.example/cloud.ibm.com", "127.0.0.1.evil.example", "evil。example", "evil.example\\@cloud.ibm.com"),
    "evil.example%00.cloud.ibm.com",
    *("quantum.cloud.ibm.com.evil.example", "evil.example/quantum.cloud.ibm.com", "quantum.cloud.ibm.com@evil.example"),
    *(
        "auth.quantum-computing.ibm.com.evil.example",
        "quantum.cloud.ibm.com\\@evil.example",
        "a.b.quantum.cloud.ibm.com",
    ),
    *("us-east.cloud.ibm.com", "ibm.com", "www.ibm.com.", "cloud.ibm.com.", "evil.example."),
]
KNOWN = {
    "quantum.cloud.ibm.com": "cloud.ibm.com",
    "eu-de.quantum.cloud.ibm.com": "cloud.ibm.com",
    "private.us-east.quantum.cloud.ibm.com": "cloud.ibm.com",
    "quantum-computing.cloud.ibm.com": "cloud.ibm.com",
    "us-east.quantum-computing.cloud.ibm.com": "cloud.ibm.com",
    "quantum.test.cloud.ibm.com": "test.cloud.ibm.com",
    "auth.quantum-computing.ibm.com": "cloud.ibm.com",
    "auth.quantum.ibm.com": "cloud.ibm.com",
    "quantum.ibm.com": "cloud.ibm.com",
    "runtime-us-east.quantum-computing.ibm.com": "cloud.ibm.com",
    "iam.cloud.ibm.com": "cloud.ibm.com",
    "globalcatalog.test.cloud.ibm.com": "test.cloud.ibm.com",
    "quantum.cloud.ibm.com.": "cloud.ibm.com",
}
"""Hosts that mean an account, and the host of that (B305, B351)."""
LOCATIONS = [
    "us-east",
    "eu-de",
    "evil.example/",
    "a/b",
    "@evil.example",
    "",
    ".",
    "..",
    "us-east\r\nX: y",
    "EU-DE",
    "é",
]

urls = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["https://", "http://", "HTTPS://", "ftp://", "file://", "//", "", "https:", "javascript:"]),
    st.sampled_from([*HOSTS, *KNOWN, "", " ", "a\tb", "a\nb"]) | st.text(max_size=8),
    st.sampled_from(["", "/", "/api/v1", "/x?y#z", ":99", ":443", "\n", " "]),
)
crns = st.builds(
    lambda cname, location, scope: f"crn:v1:{cname}:public:quantum-computing:{location}:{scope}:x::",
    st.sampled_from(["bluemix", "staging", "evil.example"]),
    st.sampled_from(LOCATIONS) | st.text(max_size=5),
    st.sampled_from(["a/1", "", "a/\r\n"]),
)
STAGING = "crn:v1:staging:public:quantum-computing:eu-de:a/1:x::"
JOB = Submission(program="sampler", backend="b", params=b"{}")


class Trap:
    """A carrier that answers every request alike, and remembers where each was to go."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        self.caught: list[Request] = []

    def send(self, request: Request, /) -> Result[Response, Problem]:
        self.caught.append(request)
        if request.url.endswith("/identity/token"):
            return Success(Response(status=200, body=b'{"access_token": "bearer-of-promise-7", "expires_in": 3600}'))
        return Success(self.answer)

    def close(self) -> None:
        pass


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check(request: Request, account_url: str) -> None:
    """Check that one request may go where it goes."""
    parts = urlsplit(request.url)
    host = parts.hostname or ""
    assert parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    assert parts.username is None
    assert parts.password is None
    # What a user leaves out can be https:// alone.
    written = account_url.strip()
    account_host = urlsplit(written if "//" in written else f"https://{written}").hostname or ""
    owner = KNOWN.get(account_host, account_host.removesuffix("."))
    assert owner in ("cloud.ibm.com", "test.cloud.ibm.com") or not f".{owner}".endswith(".ibm.com")
    assert host == owner or host.endswith(f".{owner}") or host in TOKEN_HOSTS
    sent = text_sent(request)
    assert (KEY in sent) == request.url.endswith("/identity/token")
    assert not any("\r" in value or "\n" in value for header in request.headers for value in header)


ANSWERS = [
    Response(status=302, headers=(("Location", "https://evil.example/"),)),
    Response(status=307, headers=(("Location", "//evil.example/"),)),
    Response(status=308, headers=(("Location", "http://quantum.cloud.ibm.com/api/v1/backends"),)),
    Response(status=200, body=b'{"devices": []}'),
    Response(status=401),
]


@pytest.mark.takes_long
@pytest.mark.holds("B19")
@settings(max_examples=size(100_000, part=200))
@given(url=urls, crn=crns, private=st.booleans(), answer=st.sampled_from(ANSWERS))
@example(
    url="https://cloud.ibm.com",
    crn="crn:v1:staging:public:quantum-computing:eu-de:a/1:x::",
    private=True,
    answer=ANSWERS[0],
)
def test_nothing_goes_to_a_host_that_the_account_does_not_allow(
    url: str, crn: str, private: bool, answer: Response
) -> None:
    trap = Trap(answer)
    try:
        service = QiskitRuntimeService(
            token=KEY, url=url, instance=crn, private_endpoint=private, transport=trap, clock=SystemClock()
        )
        service.backends()
    except Exception as error:  # noqa: BLE001  # refusing is fine; sending elsewhere is not
        assert KEY not in str(error)
    for request in trap.caught:
        check(request, url)


@pytest.mark.holds("B16", "B18")
@pytest.mark.parametrize("crn_location", ["us-east", "eu-de"])
def test_a_good_account_does_reach_its_host(crn_location: str) -> None:
    trap = Trap(ANSWERS[3])
    crn = f"crn:v1:bluemix:public:quantum-computing:{crn_location}:a/1:x::"
    assert QiskitRuntimeService(token=KEY, instance=crn, transport=trap).backends() == []
    assert [urlsplit(request.url).hostname for request in trap.caught] == [
        "iam.cloud.ibm.com",
        "quantum.cloud.ibm.com" if crn_location == "us-east" else "eu-de.quantum.cloud.ibm.com",
    ]


@pytest.mark.holds("B19")
@pytest.mark.parametrize("base", ["http://evil.example/api/v1", "evil", "https://user:pass@host/api"])
def test_a_resolver_cannot_lead_credentials_out_in_the_open(base: str) -> None:
    trap = Trap(ANSWERS[3])
    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:x::"
    service = QiskitRuntimeService(token=KEY, instance=crn, url_resolver=lambda *_: base, transport=trap)
    with pytest.raises(ValueError, match="Credentials are not sent"):
        service.backends()
    assert not trap.caught


@pytest.mark.holds("B308")
@pytest.mark.parametrize("base", [None, 5, b"https://quantum.cloud.ibm.com/api/v1", ["https://quantum.cloud.ibm.com"]])
def test_a_resolver_that_returns_no_text_is_refused_before_anything_is_sent(base: object) -> None:
    trap = Trap(ANSWERS[3])
    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:x::"
    resolve: Any = lambda *_: base  # noqa: E731  # what no type checker would let pass
    service = QiskitRuntimeService(token=KEY, instance=crn, url_resolver=resolve, transport=trap)
    with pytest.raises(IBMInputValueError, match="url_resolver is a function that returns") as caught:
        service.backends()
    assert repr(base) in str(caught.value)
    assert not trap.caught


@pytest.mark.holds("B308")
@pytest.mark.parametrize("end", ["", "/", "//"])
def test_a_resolver_may_end_its_url_in_a_slash(end: str) -> None:
    trap = Trap(ANSWERS[3])
    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:x::"
    base = f"https://here.example/api/v1{end}"
    service = QiskitRuntimeService(token=KEY, instance=crn, url_resolver=lambda *_: base, transport=trap)
    service.backends()
    assert trap.caught[-1].url == "https://here.example/api/v1/backends?include_mocks=True"


overrides = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"), urls)
)


def hosts_of(*texts: str) -> set[str]:
    """Return the hosts that were named by hand."""
    found = set()
    for url in texts:
        try:
            found.add(urlsplit(url).hostname or "")
        except ValueError:
            continue
    return found


def check_named(request: Request, named: set[str]) -> None:
    """Check that a request goes to a host that was named, over a way that shows nothing."""
    parts = urlsplit(request.url)
    host = parts.hostname or ""
    assert parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    assert parts.username is None
    assert host in named
    assert (KEY in text_sent(request)) == request.url.endswith("/identity/token")


@pytest.mark.takes_long
@pytest.mark.holds("B220")
@settings(max_examples=size(10_000))
@given(st.tuples(urls, urls, urls, urls), crns, st.sampled_from(ANSWERS))
@example(("https://r.example", "https://t.example", "https://s.example", "https://c.example"), STAGING, ANSWERS[3])
def test_endpoints_that_are_given_whole_are_the_only_hosts(
    given_urls: tuple[str, str, str, str], crn: str, answer: Response
) -> None:
    trap = Trap(answer)
    runtime, token, search, catalog = given_urls
    endpoints = Endpoints(runtime=runtime, token=token, search=search, catalog=catalog)
    try:
        QiskitRuntimeService(
            token=KEY, instance=crn, endpoints=endpoints, transport=trap, clock=SystemClock()
        ).backends()
    except Exception as error:  # noqa: BLE001  # refusing is fine; sending elsewhere is not
        assert KEY not in str(error)
    for request in trap.caught:
        check_named(request, hosts_of(*given_urls))


@pytest.mark.takes_long
@settings(max_examples=size(10_000))
@given(overrides, st.sampled_from(ANSWERS))
def test_variables_move_a_service_to_the_host_that_they_name_or_to_none(
    variables: dict[str, str], answer: Response
) -> None:
    trap = Trap(answer)
    found = find_endpoints("https://cloud.ibm.com", overrides=variables)
    if not isinstance(found, Success):
        return
    try:
        QiskitRuntimeService(token=KEY, endpoints=found.unwrap(), transport=trap, clock=SystemClock())
    except Exception as error:  # noqa: BLE001  # the answers make no sense; where they were asked for is the point
        assert KEY not in str(error)
    assert trap.caught
    own = {"iam.cloud.ibm.com", "api.global-search-tagging.cloud.ibm.com", "globalcatalog.cloud.ibm.com"}
    for request in trap.caught:
        check_named(request, hosts_of(*variables.values()) | own)


@pytest.mark.holds("B26")
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_redirect_is_followed_with_credentials_or_a_body(code: int, method: str) -> None:
    sent: list[str] = []

    class Elsewhere(Trap):
        def send(self, request: Request, /) -> Result[Response, Problem]:
            sent.append(request.url)
            return super().send(request)

    with door_to(Elsewhere(ANSWERS[3])) as other:
        redirect = Response(status=code, headers=(("Location", f"{other.base}/api/v1/backends"),))
        with door_to(Trap(redirect)) as door:
            ends = Endpoints(runtime=door.base, token=door.base, search=door.base, catalog=door.base)
            if method == "POST":
                account = Account(channel="ibm_quantum_platform", token=Secret(KEY), instance=STAGING)
                connection = connect(account, Wiring(endpoints=ends)).unwrap()
                assert isinstance(connection.client.create_job(STAGING, JOB), Failure)
                connection.transport.close()
            else:
                with (
                    QiskitRuntimeService(token=KEY, instance=STAGING, endpoints=ends) as service,
                    pytest.raises(IBMApiError, match=rf"(?s){code}.*does not redirect"),
                ):
                    service.backends()
    assert not sent
