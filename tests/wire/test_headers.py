"""What the client says of itself: names and versions that are true, and nothing that breaks a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service import QiskitRuntimeService, __version__
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance
from qiskit_runtime_service.wire.headers import describe_client

PACKAGES = {"qiskit_runtime_service": "1.2.3", "qiskit": "2.6.2"}


@pytest.mark.holds("B226")
def test_the_grammar_is_that_of_the_service_with_our_own_name() -> None:
    assert describe_client(PACKAGES) == (
        ("X-Qx-Client-Application", "qiskit-version-2/qiskit_runtime_service-1.2.3,qiskit-2.6.2*/qiskit"),
        ("User-Agent", "qiskit-runtime-service/1.2.3"),
    )
    assert describe_client(PACKAGES, custom="my app/7", function="f-1")[0][1].endswith("/qiskit/my app/7")
    assert describe_client(PACKAGES, function="f-1")[2] == ("IBM-API-Function-Id", "f-1")


@pytest.mark.holds("B226")
def test_who_opts_out_tells_no_version() -> None:
    headers = describe_client(PACKAGES, custom="mine", opted_out=True)
    assert headers == (("X-Qx-Client-Application", "/qiskit/mine"), ("User-Agent", "qiskit-runtime-service"))


@given(st.text(), st.text())
def test_no_text_of_the_environment_breaks_a_header(custom: str, function: str) -> None:
    for _, value in describe_client(PACKAGES, custom=custom, function=function):
        assert value.isascii()
        assert value.isprintable()


@pytest.mark.holds("B226")
@pytest.mark.parametrize("variable", ["QISKIT_IBM_RUNTIME_CUSTOM_CLIENT_APP_HEADER", "QE_CUSTOM_CLIENT_APP_HEADER"])
def test_the_application_reaches_the_runtime_and_no_one_else(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "my application")
    monkeypatch.setenv("QISKIT_FUNCTIONS_IDENTIFIER", "function-1")
    cloud = EmulatedTransport(one_instance())
    service = QiskitRuntimeService(token=API_KEY, transport=cloud)
    service.backends()
    for exchange in cloud.ledger:
        application = exchange.request.header("X-Qx-Client-Application")
        if exchange.request.header("Service-CRN"):
            assert application is not None
            assert application.startswith(f"qiskit-version-2/qiskit_runtime_service-{__version__}")
            assert application.endswith("/qiskit/my application")
            assert exchange.request.header("IBM-API-Function-Id") == "function-1"
        else:
            assert application is None


@pytest.mark.holds("B226")
@pytest.mark.parametrize("value", ["True", "true", "1", "yes"])
def test_usage_data_is_opted_out_by_the_environment(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_DATA_OPT_OUT", value)
    cloud = EmulatedTransport(one_instance())
    QiskitRuntimeService(token=API_KEY, transport=cloud).usage()
    assert cloud.ledger[-1].request.header("X-Qx-Client-Application") == "/qiskit"
