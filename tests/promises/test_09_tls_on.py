"""Promise 9: bad certificates are refused by every host, and only the user turns the check off, in plain sight."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from qiskit_runtime_service import Endpoints, QiskitRuntimeService
from qiskit_runtime_service.exceptions import IBMCertificateError
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance
from tests.support.certificates import WRONG, Doors, doors_to

WORLD = one_instance()
CRN = next(iter(WORLD.instances))
ROLES = ["token", "search", "catalog", "runtime"]
TRAP = EmulatedTransport(WORLD)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors_to(EmulatedTransport(WORLD), TRAP, tmp_path_factory.mktemp("certificates")) as doors:
        yield doors


def endpoints(doors: Doors, role: str = "", wrong: str = "") -> Endpoints:
    """Return the hosts of an account, one of them behind a bad certificate."""
    base = {service: doors.bad[wrong].base if service == role else doors.good.base for service in ROLES}
    return Endpoints(
        runtime=f"{base['runtime']}/api/v1",
        token=base["token"],
        search=base["search"],
        catalog=f"{base['catalog']}/api/v1",
    )


@pytest.mark.holds("B26", "B225")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_bad_certificate_is_refused_with_its_cause(doors: Doors, wrong: str, role: str) -> None:
    since = len(TRAP.ledger)

    def use() -> str:
        with QiskitRuntimeService(
            token=API_KEY, endpoints=endpoints(doors, role, wrong), verify=doors.bundle
        ) as service:
            service.backends()
            return str(service.explain())

    if role == "catalog":
        # A plan that is not told is unknown; why it is not stands in the explanation.
        text = use()
    else:
        with pytest.raises(IBMCertificateError) as caught:
            use()
        text = str(caught.value)
        assert caught.value.host == "127.0.0.1"
        assert len(caught.value.attempts) == 1
        assert "verify='bundle.pem'" in caught.value.fix
    assert WRONG[wrong] in text
    assert len(TRAP.ledger) == since


@pytest.mark.holds("B225")
def test_a_bundle_is_trusted_by_argument_and_by_environment(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    with QiskitRuntimeService(token=API_KEY, endpoints=endpoints(doors), verify=doors.bundle) as service:
        assert len(service.backends()) == 1
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, doors.bundle)
        with QiskitRuntimeService(token=API_KEY, endpoints=endpoints(doors)) as service:
            assert len(service.backends()) == 1
        monkeypatch.delenv(variable)
    with pytest.raises(IBMCertificateError):
        QiskitRuntimeService(token=API_KEY, endpoints=endpoints(doors))


@pytest.mark.holds("B225")
@pytest.mark.parametrize("value", ["", "0", "false", "False", "no"])
@pytest.mark.parametrize(
    "variable",
    ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PYTHONHTTPSVERIFY", "QISKIT_IBM_VERIFY", "VERIFY"],
)
def test_no_variable_turns_the_check_off(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    since = len(TRAP.ledger)
    with pytest.raises((IBMCertificateError, ValueError)):
        QiskitRuntimeService(token=API_KEY, endpoints=endpoints(doors, "token", "self-signed"))
    assert len(TRAP.ledger) == since


@pytest.mark.holds("B225")
def test_who_turns_the_check_off_is_warned_once_and_sees_it(doors: Doors) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with QiskitRuntimeService(
            token=API_KEY, endpoints=endpoints(doors, "runtime", "expired"), verify=False
        ) as service:
            for _ in range(5):
                service.backends()
    assert [str(warning.message) for warning in warned] == [
        "Certificates are not checked (verify=False): anybody may answer."
    ]
    assert warned[0].filename == __file__
    assert "certificates not checked" in repr(service)
    assert "not checked" not in repr(QiskitRuntimeService(token=API_KEY, instance=CRN, endpoints=endpoints(doors)))


def test_a_bundle_that_is_not_there_is_an_error_that_names_it(
    doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = str(tmp_path / "gone.pem")
    with pytest.raises(ValueError, match=r"verify is .*gone\.pem"):
        QiskitRuntimeService(token=API_KEY, verify=gone)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", gone)
    with pytest.raises(ValueError, match=r"REQUESTS_CA_BUNDLE is .*gone\.pem"):
        QiskitRuntimeService(token=API_KEY)
