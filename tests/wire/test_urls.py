"""Laws of hosts: credentials leave over https, to the account's own host, IBM's IAM or a named override."""

from itertools import product
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from returns.result import Failure, Success
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from qiskit_runtime_service.records.exchange import Endpoints
from qiskit_runtime_service.records.instance import Crn
from qiskit_runtime_service.records.problem import UnsafeUrl
from qiskit_runtime_service.wire.crn import read_crn
from qiskit_runtime_service.wire.urls import check_endpoints, check_url, find_endpoints, runtime_url, token_url
from tests.strategies import make_crn

ACCOUNTS = [
    "https://cloud.ibm.com", "https://cloud.ibm.com/", "https://cloud.ibm.com:443/x?y#z", "https://test.cloud.ibm.com",
    "HTTPS://Cloud.IBM.com", "https://cloud.ibm.com.", "http://localhost:8080", "http://emu.localhost",
    "https://experimental.example/base", "https://cloud.example/experimental/api/v1", "https://127.0.0.1:9",
    "http://cloud.ibm.com", "http://localhost.evil.example", "http://127.evil.example", "http://0.0.0.0",
    "https://user:secret@cloud.ibm.com", "https://cloud.ibm.com@evil.example", "https://cloud.ibm.com\\@evil.example",
    "//cloud.ibm.com", "cloud.ibm.com", "", "https://", "https://[",
    "https://h:99999", "https://h:x", "https:///path", "ftp://cloud.ibm.com", "javascript:alert(1)", "file:///etc",
    "https://cloud.ibm.com\n.evil.example", "https://cloud. ibm.com", "https://ünicode.example", "https://℀.example",
    "\thttps://cloud.ibm.com", "http://127.0.0.256", "http://127.1", "http://0x7f.0.0.1", "http://LOCALHOST",
]  # fmt: skip
LOCATIONS = [
    "us-east",
    "eu-de",
    "a",
    "private",
    "0",
    "xn--p1ai",
    "a-1",
    "quantum",
    "a" * 63,
    "evil.example",
    "evil.example/",
    "x@evil.example",
    "",
    "US",
    "ü",
]
CNAMES = ["bluemix", "staging", "", "STAGING"]
OVERRIDES: list[dict[str, str]] = [
    {},
    {"IAM_URL": ""},
    {"IAM_URL": "https://iam.mine.example/identity/token/"},
    {"IAM_URL": "http://localhost:9"},
    {"IAM_URL": "http://iam.evil.example"},
    {"IAM_URL": "https://u:p@iam.mine.example"},
    {"GLOBAL_SEARCH_URL": "https://search.mine.example/"},
    {"GLOBAL_CATALOG_URL": "http://127.0.0.1:7/api/v1"},
    {"GLOBAL_SEARCH_URL": "nonsense", "UNKNOWN": "http://evil.example"},
    {"IAM_URL": "/", "GLOBAL_CATALOG_URL": "https://[bad"},
    {f"{service}_URL": "http://localhost:9" for service in ("IAM", "GLOBAL_SEARCH", "GLOBAL_CATALOG")},
]
IBM_IAM = {f"{private}iam.{stage}cloud.ibm.com" for private in ("", "private.") for stage in ("", "test.")}


def is_loopback(host: str) -> bool:
    parts = host.split(".")
    return (
        host in ("localhost", "::1")
        or host.endswith(".localhost")
        or (len(parts) == 4 and parts[0] == "127" and all(part.isdigit() and len(part) <= 3 for part in parts))
    )


def assert_safe(url: str, account: str, overrides: dict[str, str]) -> None:
    """Read a URL the way the carrier will, and fail if credentials must not go there."""
    parts, carried = urlsplit(url), parse_url(url)
    assert carried.auth is None
    host = (carried.host or "").strip("[]")
    assert host == parts.hostname
    assert carried.scheme == "https" or (carried.scheme == "http" and is_loopback(host))
    own = (urlsplit(account).hostname or "").removesuffix(".")
    named = {urlsplit(override).hostname for override in overrides.values() if override.startswith("http")}
    assert host == own or host.endswith(f".{own}") or host in IBM_IAM or host in named
    assert not any(character.isspace() for character in url)


def produced(account: str, crns: list[Crn], overrides: dict[str, str], *, private: bool) -> list[str]:
    """Return every base URL that credentials would be sent to."""
    outcome = find_endpoints(account, private=private, overrides=overrides)
    if not isinstance(outcome, Success):
        assert isinstance(outcome.failure(), UnsafeUrl)
        return []
    ends = outcome.unwrap()
    urls = [ends.token, ends.search, ends.catalog, token_url(ends, None)]
    return urls + [url for crn in crns for url in (runtime_url(ends, crn), token_url(ends, crn))]


@pytest.mark.holds("B19")
def test_ten_thousand_accounts_instances_and_overrides_reach_no_other_host() -> None:
    crns = [
        outcome.unwrap()
        for location, cname in product(LOCATIONS, CNAMES)
        if isinstance(outcome := read_crn(make_crn(location, cname=cname)), Success)
    ]
    assert len(crns) == 9 * len(CNAMES)
    count = 0
    for account, overrides, private in product(ACCOUNTS, OVERRIDES, (False, True)):
        for url in produced(account, crns, overrides, private=private):
            assert_safe(url, account, overrides)
            count += 1
    assert count >= 10_000


hosts = st.text(st.sampled_from("ab.-1:[]@/\\?#% \u0131é\x00_"), max_size=10)


@given(
    st.sampled_from(["https://", "http://", "http://127.", "//", ""]), hosts, st.sampled_from(["", ".cloud.ibm.com"])
)
def test_every_account_url_is_used_or_refused(scheme: str, host: str, end: str) -> None:
    outcome = find_endpoints(f"{scheme}{host}{end}")
    assert isinstance(outcome, Success) or isinstance(outcome.failure(), UnsafeUrl)


@pytest.mark.holds("B19")
@given(st.sampled_from(["https://", "http://", "http://127."]), hosts, st.sampled_from(["", ".cloud.ibm.com"]))
def test_we_and_the_carrier_see_the_same_host(scheme: str, host: str, end: str) -> None:
    url = f"{scheme}{host}{end}"
    for base in produced(url, [read_crn(make_crn()).unwrap()], {}, private=False):
        try:
            assert_safe(base, url, {})
        except LocationParseError:
            pytest.fail(f"the carrier cannot read {base}")


@pytest.mark.parametrize("account", ["http://127.0.0.1:8080", "http://[::1]:8080", "https://[::1]"])
def test_an_address_has_no_subdomains(account: str) -> None:
    overrides = {f"{service}_URL": "http://localhost:9" for service in ("IAM", "GLOBAL_SEARCH", "GLOBAL_CATALOG")}
    for url in produced(account, [read_crn(make_crn("eu-de")).unwrap()], overrides, private=False):
        assert isinstance(check_url(url), Success)
        assert_safe(url, account, overrides)


def test_an_endless_address_is_refused() -> None:
    assert isinstance(check_url(f"http://127.0.0.{'1' * 5000}").failure(), UnsafeUrl)


@pytest.mark.holds("B16")
@pytest.mark.parametrize(
    ("account", "cname", "location", "private", "base"),
    [
        ("https://cloud.ibm.com", "bluemix", "us-east", False, "https://quantum.cloud.ibm.com/api/v1"),
        ("https://cloud.ibm.com", "bluemix", "eu-de", False, "https://eu-de.quantum.cloud.ibm.com/api/v1"),
        ("https://cloud.ibm.com", "bluemix", "us-east", True, "https://private.us-east.quantum.cloud.ibm.com/api/v1"),
        ("https://cloud.ibm.com", "bluemix", "eu-de", True, "https://private.eu-de.quantum.cloud.ibm.com/api/v1"),
        ("https://test.cloud.ibm.com", "staging", "us-east", False, "https://quantum.test.cloud.ibm.com/api/v1"),
        ("http://localhost:8080", "bluemix", "us-east", False, "http://quantum.localhost/api/v1"),
        ("https://x.example/experimental/api/v1/", "bluemix", "eu-de", True, "https://x.example/experimental/api/v1"),
    ],
)
def test_the_runtime_is_at(account: str, cname: str, location: str, private: bool, base: str) -> None:
    ends = find_endpoints(account, private=private).unwrap()
    assert runtime_url(ends, read_crn(make_crn(location, cname=cname)).unwrap()) == base


@pytest.mark.holds("B18")
@pytest.mark.parametrize(
    ("account", "cname", "private", "base"),
    [
        ("https://cloud.ibm.com", "bluemix", False, "https://iam.cloud.ibm.com"),
        ("https://cloud.ibm.com", "bluemix", True, "https://private.iam.cloud.ibm.com"),
        ("https://test.cloud.ibm.com", "staging", False, "https://iam.test.cloud.ibm.com"),
        ("https://cloud.ibm.com", "staging", True, "https://private.iam.test.cloud.ibm.com"),
        ("http://localhost:8080", "bluemix", False, "https://iam.cloud.ibm.com"),
    ],
)
def test_the_token_of_an_instance_comes_from(account: str, cname: str, private: bool, base: str) -> None:
    ends = find_endpoints(account, private=private).unwrap()
    assert token_url(ends, read_crn(make_crn(cname=cname)).unwrap()) == base


@pytest.mark.holds("B16")
def test_discovery_asks_the_hosts_of_the_account() -> None:
    ends = find_endpoints("https://cloud.ibm.com/path?query").unwrap()
    assert ends == Endpoints(
        runtime="https://quantum.cloud.ibm.com/api/v1",
        token="https://iam.cloud.ibm.com",
        search="https://api.global-search-tagging.cloud.ibm.com",
        catalog="https://globalcatalog.cloud.ibm.com/api/v1",
        regional=True,
        platform_token=True,
    )
    assert token_url(ends, None) == "https://iam.cloud.ibm.com"


@pytest.mark.holds("B17")
def test_a_named_token_service_serves_discovery_and_every_instance() -> None:
    overrides = {"IAM_URL": "https://iam.mine.example/identity/token", "GLOBAL_SEARCH_URL": "https://s.example/"}
    ends = find_endpoints("https://cloud.ibm.com", overrides=overrides).unwrap()
    assert token_url(ends, None) == token_url(ends, read_crn(make_crn()).unwrap()) == "https://iam.mine.example"
    assert ends.search == "https://s.example"
    assert not ends.platform_token
    ends = find_endpoints("https://cloud.ibm.com", overrides={"GLOBAL_SEARCH_URL": "https://s.example/a_//"}).unwrap()
    assert ends.search == "https://s.example/a_"


@pytest.mark.holds("B220")
def test_endpoints_that_are_given_whole_serve_every_instance_as_they_are() -> None:
    given = Endpoints(
        runtime="https://q.example/api/v1/",
        token="https://i.example/identity/token",
        search="http://localhost:7",
        catalog="https://c.example/api/v1//",
    )
    ends = check_endpoints(given).unwrap()
    assert (ends.runtime, ends.catalog) == ("https://q.example/api/v1", "https://c.example/api/v1")
    for location, cname in product(("us-east", "eu-de"), CNAMES):
        crn = read_crn(make_crn(location, cname=cname)).unwrap()
        assert runtime_url(ends, crn) == "https://q.example/api/v1"
        assert token_url(ends, crn) == token_url(ends, None) == "https://i.example"


@pytest.mark.holds("B220")
@pytest.mark.parametrize("service", ["runtime", "token", "search", "catalog"])
def test_endpoints_that_are_given_whole_are_checked_one_by_one(service: str) -> None:
    good = "https://h.example"
    ends = replace(Endpoints(runtime=good, token=good, search=good, catalog=good), **{service: "http://h.example"})
    assert check_endpoints(ends) == Failure(
        UnsafeUrl(url="http://h.example", reason="http would show the credentials to everyone on the way")
    )


@pytest.mark.holds("B19")
@pytest.mark.parametrize(
    "url",
    [
        "https://h.example", "https://h.example:8443/p", "http://localhost", "http://a.localhost:8080",
        "http://127.0.0.1:9", "http://127.255.255.254", "http://[::1]:8080", "HTTPS://H.EXAMPLE",
    ],
)  # fmt: skip
def test_credentials_may_go_to(url: str) -> None:
    assert isinstance(check_url(url), Success)


@pytest.mark.holds("B19")
@pytest.mark.parametrize(
    ("reason", "urls"),
    [
        (
            "http would show the credentials to everyone on the way",
            [
                "http://h.example", "http://localhost.h.example", "http://127.0.0.1.h.example", "http://127.0.0.256",
                "http://128.0.0.1", "http://[::2]", "http://alocalhost", "http://127.0.0.x",
            ],
        ),
        (
            "it has a user or password in it",
            ["https://u@h.example", "https://u:p@h.example", "https://:@h.example", "ftp://u@h.example"],
        ),
        ("its scheme is ftp, not https", ["ftp://h.example", "FTP://127.0.0.1"]),
        ("its scheme is missing, not https", ["//h.example/p?q=://"]),
        ("it does not begin with https://", ["h.example", "", "h.example:443", "//h.example"]),
        ("it names no host", ["https://h .example", "https://h\n.example", "https://ü.example", "https://", "://h.example"]),
        ("Invalid IPv6 URL", ["https://[::1"]),
        ("Port could not be cast to integer value as 'port'", ["https://h:port"]),
        ("Port out of range 0-65535", ["https://h:70000"]),
    ],
)  # fmt: skip
def test_credentials_may_not_go_to(reason: str, urls: list[str]) -> None:
    problems = [check_url(url).failure() for url in urls]
    assert [problem.reason for problem in problems if isinstance(problem, UnsafeUrl)] == [reason] * len(urls)


def test_a_password_in_a_url_is_not_repeated() -> None:
    assert "secret" not in repr(check_url("https://user:secret@cloud.ibm.com"))
    assert check_url("https://user:secret@h.example") == Failure(
        UnsafeUrl(url="https://h.example", reason="it has a user or password in it")
    )


@pytest.mark.holds("B17")
def test_each_variable_replaces_one_service() -> None:
    overrides = {
        "IAM_URL": "https://t.example",
        "GLOBAL_SEARCH_URL": "https://s.example",
        "GLOBAL_CATALOG_URL": "https://c.example/api/v1",
    }
    ends = find_endpoints("https://cloud.ibm.com", overrides=overrides).unwrap()
    assert (ends.token, ends.search, ends.catalog) == tuple(overrides.values())
