"""Thirty faults, each told by its type and by its true cause, with the way out in the last line."""

import gzip
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import msgspec
import pytest
import trustme

from qiskit_runtime_service import Endpoints, QiskitRuntimeService, Timeouts
from qiskit_runtime_service.emulator.faults import Effect, Fault, Garble, Lost, Stall, Status, Truncate, html_page
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMCertificateError,
    IBMInputValueError,
    IBMNetworkError,
    IBMNotAuthorizedError,
    IBMProxyError,
    IBMTimeoutError,
    InvalidAccountError,
    QiskitBackendNotFoundError,
    RuntimeJobNotFound,
    SubmissionUnknown,
)
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.network import ProxyRules
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, one_instance
from qiskit_runtime_service.transport.http import HttpTransport
from tests.support.clocks import HurriedClock
from tests.support.troubled import answering, dripping, full, silent, troubled

from .clouds import open_service

CRN = next(iter(one_instance().instances))
OUTAGE = b'{"errors": [{"code": 9999, "message": "Out of order.", "solution": "Wait."}], "trace": "t-1"}'
NO_KEY = b'{"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found."}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
Do = Callable[[QiskitRuntimeService], object]
SUBMISSION = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[],"version":2}')


def listing(service: QiskitRuntimeService) -> object:
    return service.backends()


def submitting(service: QiskitRuntimeService) -> object:
    return service.submit(SUBMISSION, service.backend("ibm_emu5"))


class Expected(NamedTuple):
    """The type of an error, and what its text must say, the end of it in the last line."""

    kind: type[Exception]
    words: tuple[str, ...]
    way_out: str


IN_THE_CLOUD: dict[str, tuple[str, Effect, Do, Expected]] = {
    "the key is wrong": (
        "*/identity/token",
        Status(code=400, body=NO_KEY),
        listing,
        Expected(InvalidAccountError, ("API key", "400", "BXNIM0415E"), "token="),
    ),
    "the token service is down": (
        "*/identity/token",
        Status(code=503),
        listing,
        Expected(IBMApiError, ("identity/token", "503", "4 attempts"), "later"),
    ),
    "the token service talks nonsense": (
        "*/identity/token",
        Status(code=200, body=b"hello"),
        listing,
        Expected(IBMApiError, ("identity/token", "cannot be read", "hello"), "something between"),
    ),
    "the token is not taken": ("*/backends", Status(code=401), listing, Expected(IBMNotAuthorizedError, ("401",), CRN)),
    "the instance is foreign": (
        "*/backends",
        Status(code=403, body=OUTAGE),
        listing,
        Expected(IBMNotAuthorizedError, ("403", "9999", "t-1"), CRN),
    ),
    "the job is not there": (
        "*/jobs/j1",
        Status(code=404),
        lambda service: service.job("j1"),
        Expected(RuntimeJobNotFound, ("'j1'",), "id"),
    ),
    "too many requests": (
        "*/backends",
        Status(code=429),
        listing,
        Expected(IBMApiError, ("429", "4 attempts"), "less often"),
    ),
    "the service fails": (
        "*/backends",
        Status(code=500, body=OUTAGE),
        listing,
        Expected(IBMApiError, ("500", "9999", "t-1", "Out of order"), "Wait."),
    ),
    "the service is down": (
        "*/backends",
        Status(code=503),
        listing,
        Expected(IBMApiError, ("503", "4 attempts"), "later"),
    ),
    "the request is refused": (
        "*/backends",
        Status(code=400, body=b"no"),
        listing,
        Expected(IBMApiError, ("400", "1 attempt", "no"), "Change"),
    ),
    "a redirect": (
        "*/backends",
        Status(code=302, headers=(("Location", "https://evil.example"),)),
        listing,
        Expected(IBMApiError, ("302",), "does not redirect"),
    ),
    "the page of a gateway": (
        "*/backends",
        html_page(200),
        listing,
        Expected(IBMApiError, ("cannot be read", "<!DOCTYPE html>", "4 attempts"), "something between"),
    ),
    "a gateway fails": ("*/backends", html_page(502), listing, Expected(IBMApiError, ("502", "Bad gateway"), "later")),
    "the answer is lost": (
        "*/backends",
        Lost(acted=True),
        listing,
        Expected(IBMNetworkError, ("broke", "4 attempts"), "Try again"),
    ),
    "the answer breaks off": (
        "*/backends",
        Truncate(),
        listing,
        Expected(IBMNetworkError, ("broke off", "4 attempts"), "Try again"),
    ),
    "the answer is not HTTP": ("*/backends", Garble(), listing, Expected(IBMNetworkError, ("not HTTP",), "Try again")),
    "the answer does not come": (
        "*/backends",
        Stall(seconds=1000.0),
        listing,
        Expected(
            IBMTimeoutError,
            (
                "4 attempts",
                "nothing came for",
            ),
            "timeout=",
        ),
    ),
    "a submission whose answer is lost": (
        "*/jobs",
        Lost(acted=False),
        submitting,
        Expected(SubmissionUnknown, ("not known whether",), "job_tags"),
    ),
    "a description is broken": (
        "*/configuration",
        Status(code=200, body=b"{}"),
        lambda service: service.backend("ibm_emu5"),
        Expected(QiskitBackendNotFoundError, ("ibm_emu5", "backend_name"), "another"),
    ),
}


@pytest.mark.parametrize("what", IN_THE_CLOUD)
def test_a_fault_in_the_cloud_is_told(what: str) -> None:
    path, effect, do, expected = IN_THE_CLOUD[what]
    service, cloud = open_service(instance=CRN)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(Fault(path=path, effect=effect, times=None),)))
    check(service, do, expected)


def check(service: QiskitRuntimeService, do: Do, expected: Expected) -> None:
    with service, pytest.raises(expected.kind) as caught:
        do(service)
    error: Any = caught.value
    for words in expected.words:
        assert words in str(error)
    assert expected.way_out in error.fix
    assert error.fix == str(error).splitlines()[-1]
    assert type(error.problem).__name__
    assert API_KEY not in str(error)


def nowhere(host: str, port: int) -> list[Any]:
    raise OSError(-2, "Name or service not known")


@contextmanager
def closed() -> Iterator[str]:
    """Yield an address where nobody listens."""
    yield "127.0.0.1:1"


def tls(name: str) -> Callable[[], AbstractContextManager[str]]:
    """Return what serves under TLS with a certificate of an unknown authority."""

    @contextmanager
    def serve() -> Iterator[str]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert(name).configure_cert(context)
        with door_to(EmulatedTransport(one_instance()), context) as door:
            yield door.base.rpartition("/")[2]

    return serve


def says(answer: bytes) -> Callable[[], AbstractContextManager[str]]:
    return lambda: troubled(answering(answer))


BOMB = gzip.compress(bytes(2**22))
ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
REFUSAL = b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"

ON_THE_WAY: dict[str, tuple[Callable[[], AbstractContextManager[str]], str, dict[str, Any], Expected]] = {
    "no such name": (
        lambda: nullcontext("no.such.localhost"),
        "http",
        {"resolve": nowhere},
        Expected(IBMNetworkError, ("no.such.localhost", "no address", "3 attempts"), "URL of the account"),
    ),
    "nobody listens": (
        closed,
        "http",
        {},
        Expected(IBMNetworkError, ("127.0.0.1:1", "refused", "4 attempts"), "network"),
    ),
    "no connection stands": (full, "http", {"connect_timeout": 0.2}, Expected(IBMTimeoutError, ("0.2 s",), "timeout=")),
    "nobody vouches for the certificate": (
        tls("127.0.0.1"),
        "https",
        {},
        Expected(IBMCertificateError, ("certificate of 127.0.0.1", "local issuer", "1 attempt"), "REQUESTS_CA_BUNDLE"),
    ),
    "TLS is not spoken": (
        says(REFUSAL % b"400 Bad Request"),
        "https",
        {},
        Expected(IBMCertificateError, ("does not speak TLS",), "date"),
    ),
    "nothing is said": (
        lambda: troubled(silent),
        "http",
        {},
        Expected(IBMTimeoutError, ("nothing came for 0.2 s",), "timeout="),
    ),
    "the answer drips": (
        lambda: troubled(dripping(HEAD, b"x")),
        "http",
        {"call": 0.5},
        Expected(IBMTimeoutError, ("not over",), "timeout="),
    ),
    "the body is not as compressed as it says": (
        says(ZIPPED % 5 + b"plain"),
        "http",
        {},
        Expected(IBMNetworkError, ("gzip",), "Try again"),
    ),
    "the body is a bomb": (
        says(ZIPPED % len(BOMB) + BOMB),
        "http",
        {},
        Expected(IBMApiError, ("limit of 1048576",), "limit"),
    ),
    "the proxy wants a password": (
        says(REFUSAL % b"407 Who?"),
        "proxy",
        {},
        Expected(IBMProxyError, ("the proxy", "407", "1 attempt"), "proxies="),
    ),
    "the proxy is not there": (
        closed,
        "proxy",
        {},
        Expected(IBMProxyError, ("the proxy 127.0.0.1:1", "refused", "3 attempts"), "proxies="),
    ),
    "the proxy forbids the host": (
        says(REFUSAL % b"403 Forbidden"),
        "proxy",
        {},
        Expected(IBMProxyError, ("the proxy", "403", "1 attempt"), "HTTPS_PROXY"),
    ),
    "the proxy finds nobody": (
        says(REFUSAL % b"503 Service Unavailable"),
        "proxy",
        {},
        Expected(IBMNetworkError, ("the proxy", "503 Service Unavailable", "4 attempts"), "network"),
    ),
}


@pytest.mark.parametrize("what", ON_THE_WAY)
def test_a_fault_on_the_way_is_told(what: str) -> None:
    server, scheme, given, expected = ON_THE_WAY[what]
    fields: dict[str, Any] = {"call": 60.0} | given
    limits = Timeouts(read=0.2, call=fields.pop("call"))
    with server() as address:
        rules = ProxyRules(given=(("https", Secret(f"http://{address}")),) if scheme == "proxy" else ())
        base = "https://quantum.example" if scheme == "proxy" else f"{scheme}://{address}"
        service = QiskitRuntimeService(
            token=API_KEY,
            instance=CRN,
            endpoints=Endpoints(runtime=base, token=base, search=base, catalog=base),
            timeout=limits,
            transport=HttpTransport(**{"proxies": rules} | fields),
            clock=HurriedClock(),
        )
        check(service, listing, expected)


def test_a_url_that_must_not_have_credentials_is_told_before_anything_is_sent() -> None:
    with pytest.raises(IBMInputValueError, match=r"(?s)Credentials are not sent.*https"):
        QiskitRuntimeService(token=API_KEY, url="http://evil.example")


def test_there_are_thirty_of_them() -> None:
    assert len(IN_THE_CLOUD) + len(ON_THE_WAY) + 1 >= 30
