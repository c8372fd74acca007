"""The URL of an account: what names a service of IBM means the account, and everything else stays as it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.account_urls import AccountUrl, find_account_url

IBM, TEST = "https://cloud.ibm.com", "https://test.cloud.ibm.com"


@pytest.mark.holds("B305", "B351")
@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://quantum.cloud.ibm.com", IBM),
        ("https://quantum.cloud.ibm.com/", IBM),
        ("https://quantum.cloud.ibm.com/api/v1", IBM),
        ("https://quantum.cloud.ibm.com:443/api/v1/", IBM),
        ("HTTPS://Quantum.Cloud.IBM.com/instances?view=all#top", IBM),
        ("https://us-east.quantum.cloud.ibm.com", IBM),
        ("https://eu-de.quantum.cloud.ibm.com/api/v1", IBM),
        ("https://quantum-computing.cloud.ibm.com", IBM),
        ("https://us-east.quantum-computing.cloud.ibm.com/api/v1", IBM),
        ("https://quantum.test.cloud.ibm.com/api/v1", TEST),
        ("https://eu-de.quantum.test.cloud.ibm.com", TEST),
        ("https://auth.quantum-computing.ibm.com", IBM),
        ("https://auth.quantum-computing.ibm.com/api", IBM),
        ("https://auth.quantum.ibm.com/api", IBM),
        ("https://api.quantum-computing.ibm.com/runtime", IBM),
        ("https://api.quantum.ibm.com/runtime", IBM),
        ("https://quantum.ibm.com", IBM),
        ("https://quantum-computing.ibm.com", IBM),
        ("https://runtime-us-east.quantum-computing.ibm.com/", IBM),
        ("https://a.b.quantum.ibm.com", IBM),
        ("https://quantumexperience.ng.bluemix.net/api", IBM),
        ("https://quantumexperience.ng.bluemix.net", IBM),
        ("https://iam.cloud.ibm.com/identity/token", IBM),
        ("https://iam.test.cloud.ibm.com", TEST),
        ("https://api.global-search-tagging.cloud.ibm.com", IBM),
        ("https://globalcatalog.test.cloud.ibm.com/api/v1", TEST),
        ("https://resource-controller.cloud.ibm.com", IBM),
        ("https://cloud.ibm.com", IBM),
        ("https://cloud.ibm.com./api/v1", IBM),
        ("https://quantum.cloud.ibm.com.", IBM),
        ("https://quantum.cloud.ibm.com.:8443/", IBM),
        ("cloud.ibm.com", IBM),
        ("test.cloud.ibm.com", TEST),
        ("quantum.cloud.ibm.com/api/v1", IBM),
        (" https://cloud.ibm.com", IBM),
        ("\tquantum.ibm.com \n", IBM),
        ("https://quantum.cloud.ibm.com/\n", IBM),
    ],
)
def test_a_service_that_users_know_means_its_account(url: str, account: str) -> None:
    assert find_account_url(url) == AccountUrl(account, private=False)


@pytest.mark.holds("B305", "B351")
@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://private.us-east.quantum.cloud.ibm.com/api/v1", IBM),
        ("https://private.eu-de.quantum.cloud.ibm.com", IBM),
        ("https://private.us-east.quantum.test.cloud.ibm.com", TEST),
        ("https://private.iam.cloud.ibm.com", IBM),
    ],
)
def test_a_host_inside_the_private_network_means_that_network_too(url: str, account: str) -> None:
    assert find_account_url(url) == AccountUrl(account, private=True)


@pytest.mark.holds("B305", "B351")
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080", " http://localhost:8080", "https://quantum.example", "cloud.ibm.com.evil.example",
        "https://ibm.com", "https://us-east.cloud.ibm.com", "https://cloud.ibm.com..", "https ://cloud.ibm.com", "https://quantum.cloud.ibm.com.evil.example",
        "https://evil.example/quantum.cloud.ibm.com", "https://evil.example#quantum.cloud.ibm.com",
        "https://quantum.cloud.ibm.com@evil.example", "https://quantum.cloud.ibm.com\\@evil.example",
        "https://quantum.cloud.ibm.com:pass@evil.example", "https://user@quantum.cloud.ibm.com",
        "https://xquantum.cloud.ibm.com", "https://quantum.cloud.ibm.community", "https://quantum.cloud-ibm.com",
        "https://a.b.quantum.cloud.ibm.com", "https://quantum.dev.cloud.ibm.com", "https://quantumxcloud.ibm.com",
        "http://quantum.cloud.ibm.com", "//quantum.cloud.ibm.com", "https://quantum.cloud.ibm.com\x00",
        "https://ng.bluemix.net", "https://quantumexperience.ng.bluemix.net.evil.example",
        "https://quantum.cloud.ibm.com/é", "https://quantum.cloud.ibm.com x", "https://auth.quantum-computing.ibm.com.evil.example",
        "https://quantum.cloud.ibm.com/experimental/api/v1", "https://ſ.quantum.cloud.ibm.com", "",
    ],
)  # fmt: skip
def test_what_names_no_such_service_stays_as_it_is(url: str) -> None:
    assert find_account_url(url) == AccountUrl(url, private=False)


parts = st.sampled_from(
    [
        *("https://", "http://", "quantum", "quantum-computing", "private", "us-east", ".", "cloud", "test", "ibm"),
        *("com", "auth", "@", "/", "\\", ":443", ":", "?", "#", "evil.example", " ", "\n", "\x00", "experimental"),
    ]
)


@pytest.mark.holds("B305", "B351")
@given(st.lists(parts, max_size=14).map("".join) | st.text(max_size=30))
@example("https://quantum.cloud.ibm.com")
def test_a_url_means_itself_or_one_of_two_accounts(url: str) -> None:
    meant = find_account_url(url)
    if meant.url != url:
        assert meant.url in (IBM, TEST)
        # Read by hand, as a browser would: nothing before the host, and the host is IBM's.
        host = url.strip().lower().removeprefix("https://").partition("/")[0].partition("?")[0].partition("#")[0]
        host = host.partition(":")[0].removesuffix(".")
        ends = (".cloud.ibm.com", ".quantum.ibm.com", ".quantum-computing.ibm.com", ".quantumexperience.ng.bluemix.net")
        assert f".{host}".endswith(ends)
        assert not set("@\\ \n\x00") & set(host)
    assert find_account_url(meant.url) == AccountUrl(meant.url, private=False)
