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
    ["http://quantum.cloud.ibm.com", "https://user:pass@quantum.cloud.ibm.com", "https://quantum.cloud.ibm.com\n"],
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
