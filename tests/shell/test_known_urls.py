"""URLs that users know, given where the URL of an account is asked: they reach what is reached without any."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from qiskit_runtime_service import IBMInputValueError, QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, emulated_cloud, two_regions

HOSTS = {
    "iam.cloud.ibm.com",
    "api.global-search-tagging.cloud.ibm.com",
    "globalcatalog.cloud.ibm.com",
    "quantum.cloud.ibm.com",
    "eu-de.quantum.cloud.ibm.com",
}
"""Those of an account with an instance in each region, for which no URL is given."""

URLS = [
    "https://cloud.ibm.com",
    "https://quantum.cloud.ibm.com",
    "https://quantum.cloud.ibm.com/api/v1",
    "https://us-east.quantum.cloud.ibm.com",
    "https://quantum-computing.cloud.ibm.com",
    "https://us-east.quantum-computing.cloud.ibm.com/api/v1",
    "https://auth.quantum-computing.ibm.com/api",
    "https://quantum.ibm.com",
    "https://runtime-us-east.quantum-computing.ibm.com",
    "https://iam.cloud.ibm.com",
    "https://cloud.ibm.com.",
    "cloud.ibm.com",
    " https://quantum.cloud.ibm.com\n",
]


def open_with(**given: Any) -> tuple[QiskitRuntimeService, set[str]]:
    """Open a service, ask all instances, and return it with the hosts that were asked."""
    cloud = emulated_cloud(two_regions())
    service = QiskitRuntimeService(transport=cloud, clock=cloud, **given)
    assert len(service.backends()) == 2
    return service, hosts_of(cloud)


def hosts_of(cloud: EmulatedTransport) -> set[str]:
    return {urlsplit(exchange.request.url).hostname or "" for exchange in cloud.ledger}


def test_without_a_url_these_hosts_are_asked() -> None:
    assert open_with(token=API_KEY)[1] == HOSTS


@pytest.mark.holds("B305")
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("channel", ["ibm_quantum_platform", "ibm_cloud", None])
def test_a_known_url_that_is_given_reaches_them(url: str, channel: str | None) -> None:
    assert open_with(token=API_KEY, url=url, channel=channel)[1] == HOSTS


@pytest.mark.holds("B305")
@pytest.mark.parametrize("url", URLS)
def test_a_known_url_in_the_environment_reaches_them(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISKIT_IBM_TOKEN", API_KEY)
    monkeypatch.setenv("QISKIT_IBM_URL", url)
    assert open_with()[1] == HOSTS


@pytest.mark.holds("B305")
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("asked", [{"name": "old"}, {"channel": "ibm_cloud"}])
def test_a_known_url_in_an_old_file_reaches_them(url: str, asked: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "qiskit-ibm.json"
    file.write_text(json.dumps({"old": {"channel": "ibm_cloud", "token": API_KEY, "url": url}}))
    service, hosts = open_with(filename=str(file), **asked)
    assert hosts == HOSTS
    assert service.active_account()["url"] == url


@pytest.mark.holds("B305")
def test_it_is_told_which_account_is_meant() -> None:
    service, _ = open_with(token=API_KEY, url="https://us-east.quantum.cloud.ibm.com/api/v1")
    assert (
        "https://us-east.quantum.cloud.ibm.com/api/v1 means the account https://cloud.ibm.com\n"
        in f"{service.explain()}\n"
    )
    for url in (None, "https://cloud.ibm.com"):
        assert "means the account" not in str(open_with(token=API_KEY, url=url)[0].explain())


@pytest.mark.holds("B305")
def test_a_known_private_url_stays_inside_the_private_network() -> None:
    url = "https://private.us-east.quantum.cloud.ibm.com/api/v1"
    service, hosts = open_with(token=API_KEY, url=url)
    assert hosts == {
        *("iam.cloud.ibm.com", "api.global-search-tagging.cloud.ibm.com", "globalcatalog.cloud.ibm.com"),
        *("private.iam.cloud.ibm.com", "private.us-east.quantum.cloud.ibm.com", "private.eu-de.quantum.cloud.ibm.com"),
    }
    assert f"{url} means the account https://cloud.ibm.com, inside the private network" in str(service.explain())


@pytest.mark.holds("B19", "B305")
@pytest.mark.parametrize(
    "url",
    ["http://quantum.cloud.ibm.com", "https://user:pass@quantum.cloud.ibm.com", "https://quantum.cloud.ibm.com\x00"],
)
def test_a_known_host_is_reached_by_a_safe_url_only(url: str) -> None:
    cloud = emulated_cloud(two_regions())
    with pytest.raises(IBMInputValueError, match="Credentials are not sent"):
        QiskitRuntimeService(token=API_KEY, url=url, transport=cloud, clock=cloud)
    assert not cloud.ledger


@pytest.mark.holds("B305")
def test_a_resolver_is_given_the_url_as_it_was_given() -> None:
    asked: list[tuple[str, bool | None]] = []

    def resolve(url: str, _crn: str, private: bool | None, _channel: str) -> str:
        asked.append((url, private))
        return f"{url}/api/v1"

    url = "https://quantum.cloud.ibm.com"
    _, hosts = open_with(token=API_KEY, url=url, url_resolver=resolve)
    assert hosts == HOSTS - {"eu-de.quantum.cloud.ibm.com"}
    assert set(asked) == {(url, False)}


NO_ACCOUNT = "Leave url= out, or give https://cloud.ibm.com; hosts of another kind go in endpoints=."
NO_SCHEME = "Write it with https:// in front; http:// is for this machine only."
REFUSED = [
    ("https://www.ibm.com", "no account of IBM has its services there", NO_ACCOUNT),
    ("https://ibm.com.", "no account of IBM has its services there", NO_ACCOUNT),
    ("https://us-east.cloud.ibm.com", "no account of IBM has its services there", NO_ACCOUNT),
    ("https://docs.cloud.ibm.com/x", "no account of IBM has its services there", NO_ACCOUNT),
    ("cloud.example", "it does not begin with https://", NO_SCHEME),
    ("localhost:8080", "it does not begin with https://", NO_SCHEME),
    (" https://cloud.example", "it has white space around it", "Take the white space away."),
]


@pytest.mark.holds("B351")
@pytest.mark.parametrize(("url", "reason", "way_out"), REFUSED)
def test_no_key_goes_to_a_host_that_is_made_up(url: str, reason: str, way_out: str, tmp_path: Path) -> None:
    cloud, file = emulated_cloud(two_regions()), str(tmp_path / "accounts.json")
    with pytest.raises(IBMInputValueError) as caught:
        QiskitRuntimeService(token=API_KEY, url=url, transport=cloud, clock=cloud)
    assert str(caught.value) == f"Credentials are not sent to {url!r}: {reason}.\n{way_out}"
    with pytest.raises(IBMInputValueError) as caught:
        QiskitRuntimeService.save_account(token=API_KEY, url=url, filename=file)
    assert str(caught.value).startswith(f"The account was not saved: url is {url!r} ({reason}).\nIt must be the https")
    assert not cloud.ledger


@pytest.mark.holds("B351")
@pytest.mark.parametrize("url", URLS)
def test_a_known_url_can_be_saved_as_it_is_given(url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "accounts.json")
    QiskitRuntimeService.save_account(token=API_KEY, url=url, filename=file)
    assert [account["url"] for account in QiskitRuntimeService.saved_accounts(filename=file).values()] == [url]
    assert open_with(filename=file)[1] == HOSTS
