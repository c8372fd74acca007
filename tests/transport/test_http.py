"""The carrier to the real cloud, against servers on loopback that behave and that do not."""

import base64
import gzip
import socket
import ssl
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme
from returns.result import Failure, Result, Success

from qiskit_runtime_service.emulator.worlds import one_instance
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.network import ProxyRules
from qiskit_runtime_service.records.problem import NetworkFault, Problem, TooLarge
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing.door import door_to
from qiskit_runtime_service.transport.connections import PacedConnection
from qiskit_runtime_service.transport.emulated import EmulatedTransport
from qiskit_runtime_service.transport.http import HttpTransport
from qiskit_runtime_service.transport.names import ask_system
from qiskit_runtime_service.transport.pace import Hindrance, Pace

from ..support.loopback import read_request, saying

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("127.0.0.1")


class Says:
    """A cloud that answers everything with the same response, and remembers what it was asked."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.requests: list[Request] = []

    def send(self, request: Request, /) -> Result[Response, Problem]:
        self.requests.append(request)
        return Success(self.response)

    def close(self) -> None:
        pass


OK = Response(status=200, body=b"ok")


def get(url: str, **fields: Any) -> Request:
    return Request(method="GET", url=url, **fields)


def fault_of(result: Result[Response, Problem]) -> NetworkFault:
    assert isinstance(result, Failure), result
    problem = result.failure()
    assert isinstance(problem, NetworkFault), problem
    return problem


def through(what: str, proxy: str) -> ProxyRules:
    """Return rules with one proxy."""
    return ProxyRules(given=((what, Secret(proxy)),))


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)
    return context


def test_a_compressed_body_arrives_decompressed_and_the_headers_say_so() -> None:
    body = b"calibration" * 10000
    headers = (("Content-Encoding", "gzip"), ("X-Kept", "yes"))
    cloud = Says(Response(status=200, headers=headers, body=gzip.compress(body)))
    with door_to(cloud) as door:
        carrier = HttpTransport()
        response = carrier.send(get(door.base)).unwrap()
        carrier.close()
    assert response.body == body
    assert response.header("content-encoding") is None
    assert response.header("content-length") is None
    assert response.header("x-kept") == "yes"
    assert cloud.requests[0].header("accept-encoding") == "gzip"


def test_a_caller_may_say_which_encoding_it_accepts() -> None:
    cloud = Says(OK)
    with door_to(cloud) as door:
        carrier = HttpTransport()
        carrier.send(get(door.base, headers=(("accept-encoding", "identity"),)))
        carrier.close()
    assert [value for name, value in cloud.requests[0].headers if name.lower() == "accept-encoding"] == ["identity"]


def test_a_body_beyond_the_limit_is_refused_before_it_is_all_there() -> None:
    bomb = gzip.compress(bytes(2**24))
    cloud = Says(Response(status=200, headers=(("Content-Encoding", "gzip"),), body=bomb))
    with door_to(cloud) as door:
        # The one connection has to come back, or the next request waits for it in vain.
        carrier = HttpTransport(max_connections=1)
        result = carrier.send(get(door.base))
        cloud.response = OK
        assert carrier.send(msgspec.structs.replace(get(door.base), time_left=5.0)).unwrap().body == b"ok"
        carrier.close()
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, TooLarge)
    assert (problem.limit, problem.setting, problem.url) == (2**20, "max_answer", door.base)


@pytest.mark.holds("B318")
@pytest.mark.parametrize("zipped", [True, False])
def test_a_body_may_be_as_large_as_the_request_says(zipped: bool) -> None:
    body = bytes(2**19)
    headers = (("Content-Encoding", "gzip"),) if zipped else ()
    cloud = Says(Response(status=200, headers=headers, body=gzip.compress(body) if zipped else body))
    with door_to(cloud) as door:
        carrier = HttpTransport()
        assert carrier.send(get(door.base, largest=len(body))).unwrap().body == body
        assert isinstance(carrier.send(get(door.base, largest=len(body) - 1)).failure(), TooLarge)
        carrier.close()


@pytest.mark.holds("B318")
def test_of_a_refusal_the_beginning_is_read_and_its_status_counts() -> None:
    cloud = Says(Response(status=503, body=b"x" * 2**22))
    with door_to(cloud) as door:
        carrier = HttpTransport(max_connections=1)
        refusal = carrier.send(get(door.base)).unwrap()
        assert (refusal.status, refusal.body) == (503, b"x" * 262_144)
        cloud.response = Response(status=404, body=b"gone")
        assert carrier.send(get(door.base, largest=2)).unwrap().body == b"go"
        carrier.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
    ],
)
@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_that_breaks_off_is_unclear(answer: bytes, reset: bool) -> None:
    with saying(answer, reset=reset) as base:
        carrier = HttpTransport()
        fault = fault_of(carrier.send(get(base)))
        carrier.close()
    assert fault.kind == "unclear"
    assert fault.reason


def test_a_server_that_does_not_answer_in_time_is_unclear() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        carrier = HttpTransport()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        fault = fault_of(carrier.send(get(url, read_timeout=0.05)))
        carrier.close()
    assert fault.kind == "unclear"


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://no-such-host.invalid/", "name"),
        ("http://127.0.0.1:1/", "connection"),
        ("https://127.0.0.1:1/", "connection"),
        ("ftp://127.0.0.1/", "unusable"),
        ("http://[::1", "unusable"),
        ("http://", "unusable"),
        ("nonsense", "unusable"),
        ("", "unusable"),
    ],
)
def test_where_nothing_can_be_reached_nothing_is_sent(url: str, cause: str) -> None:
    fault = fault_of(HttpTransport(connect_timeout=2.0).send(get(url)))
    assert (fault.kind, fault.cause) == ("never sent", cause)


@pytest.mark.parametrize(
    "header", [("Authorization", "Bearer canary\r\nX: y"), ("Bad\nName", "x"), ("X", "kanarienvögel")]
)
def test_a_header_that_is_no_http_is_not_sent_and_not_shown(header: tuple[str, str]) -> None:
    fault = fault_of(HttpTransport().send(get("http://127.0.0.1:1/", headers=(header,))))
    assert fault.kind == "never sent"
    assert header[1] not in fault.reason


def test_a_connection_is_kept_for_the_next_request() -> None:
    addresses: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, address = listener.accept()
            addresses.append(address)
            with connection:
                for _ in range(3):
                    read_request(connection)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        thread = threading.Thread(target=serve)
        thread.start()
        carrier = HttpTransport()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert [carrier.send(get(url)).unwrap().body for _ in range(3)] == [b"ok"] * 3
        carrier.close()
        thread.join()
    assert len(addresses) == 1


def serve_until_left(listener: socket.socket, answer: bytes, ends: list[str]) -> None:
    """Answer one request, and note whether the far side has gone then."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(3.0)
        try:
            read_request(connection)
            connection.sendall(answer)
            ends.append("more" if connection.recv(1) else "left")
        except ConnectionError:
            # Some of the answer had not been read.
            ends.append("left")
        except TimeoutError:
            ends.append("kept")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + bytes(2**21),
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 99999\r\n\r\nhalf",
    ],
    ids=["too much", "in the way"],
)
def test_who_says_too_much_or_stands_in_the_way_is_left_at_once(answer: bytes) -> None:
    ends: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_until_left, args=(listener, answer, ends))
        thread.start()
        carrier = HttpTransport()
        result = carrier.send(get(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
        thread.join()
        carrier.close()
    # Nobody knows of a proxy here, so that whoever wants a password may stand behind the service.
    match result.failure():
        case NetworkFault(kind=kind, cause=cause):
            assert (kind, cause) == ("unclear", "proxy")
        case problem:
            assert isinstance(problem, TooLarge)
    assert ends == ["left"]


def test_closing_ends_the_connections_that_were_kept_and_no_call() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ends: list[str] = []
    asked, may_answer = threading.Event(), threading.Event()

    def serve_slowly(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            read_request(connection)
            asked.set()
            may_answer.wait(5.0)
            connection.sendall(answer)

    carrier = HttpTransport()
    with (
        ThreadPoolExecutor(3) as pool,
        socket.create_server(("127.0.0.1", 0)) as quick,
        socket.create_server(("127.0.0.1", 0)) as slow,
    ):
        kept = pool.submit(serve_until_left, quick, answer, ends)
        pool.submit(serve_slowly, slow)
        assert carrier.send(get(f"http://127.0.0.1:{quick.getsockname()[1]}/")).unwrap().body == b"ok"
        call = pool.submit(carrier.send, get(f"http://127.0.0.1:{slow.getsockname()[1]}/"))
        assert asked.wait(5.0)
        assert not kept.done()
        carrier.close()
        kept.result()
        may_answer.set()
        assert call.result().unwrap().body == b"ok"
    assert ends == ["left"]


def test_a_connection_that_stands_too_late_or_takes_no_option_is_closed() -> None:
    class Late(Pace):
        """A pace at which time is over once a connection stands."""

        asked = 0

        def next_wait(self) -> float:
            self.asked += 1
            if self.asked > 1:
                raise self.too_late()
            return 5.0

    no_option = [(socket.IPPROTO_TCP, 9999, 1)]
    for pace, options in ((Late(), []), (Pace(), no_option)):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(5.0)
            connection = PacedConnection(
                "127.0.0.1", listener.getsockname()[1], socket_options=options, pace=pace, resolve=ask_system
            )
            with pytest.raises(Hindrance):
                connection.connect()
            accepted, _ = listener.accept()
            with accepted:
                accepted.settimeout(5.0)
                assert accepted.recv(1) == b""


def test_more_threads_than_connections_wait_for_each_other() -> None:
    with door_to(EmulatedTransport(one_instance())) as door:
        carrier = HttpTransport(max_connections=2)
        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: carrier.send(get(f"{door.base}/versions")).unwrap().status, range(64)))
        carrier.close()
    assert statuses == [200] * 64


@pytest.mark.holds("B225")
def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    cloud = Says(OK)
    with door_to(cloud, server_context()) as door:
        fault = fault_of(HttpTransport().send(get(door.base)))
    assert fault.kind == "refused"
    assert "certificate" in fault.reason.lower()
    assert cloud.requests == []


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.mark.holds("B225")
def test_a_given_authority_is_trusted(bundle: str) -> None:
    with door_to(Says(OK), server_context()) as door:
        carrier = HttpTransport(verify=bundle)
        assert carrier.send(get(door.base)).unwrap() == carrier.send(get(door.base)).unwrap()
        carrier.close()


@pytest.mark.holds("B225")
def test_a_certificate_for_another_host_is_refused(bundle: str) -> None:
    with socket.create_server(("127.0.0.2", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, pytest.raises(ssl.SSLError):
                server_context().wrap_socket(connection, server_side=True).recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://127.0.0.2:{listener.getsockname()[1]}/"
        fault = fault_of(HttpTransport(verify=bundle).send(get(url)))
        thread.join()
    assert fault.kind == "refused"
    assert "127.0.0.2" in fault.reason


@pytest.mark.holds("B225")
def test_who_checks_no_certificate_is_not_warned_at_each_request() -> None:
    with door_to(Says(OK), server_context()) as door, warnings.catch_warnings():
        warnings.simplefilter("error")
        carrier = HttpTransport(verify=False)
        assert carrier.send(get(door.base)).unwrap().body == b"ok"
        carrier.close()


def test_a_server_that_does_not_speak_tls_is_refused() -> None:
    with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as base:
        fault = fault_of(HttpTransport().send(get(base.replace("http:", "https:"))))
    assert fault.kind == "refused"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (None, "FileNotFoundError"),
        (b"", "SSLError"),
        (b"no authority", "SSLError"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "SSLError"),
    ],
    ids=["not there", "empty", "no certificate", "broken"],
)
def test_authorities_that_cannot_be_read_are_named(tmp_path: Path, content: bytes | None, named: str) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_bytes(content)
    carrier = HttpTransport(verify=str(path))
    for _ in range(2):
        fault = fault_of(carrier.send(get("https://127.0.0.1:1/")))
        assert (fault.kind, fault.cause) == ("never sent", "unusable")
        assert fault.reason == f"the certificate authorities in '{path}' cannot be used ({named})"
    # Who needs no TLS does not need them.
    assert fault_of(carrier.send(get("http://127.0.0.1:1/"))).cause == "connection"


def test_a_folder_without_authorities_trusts_nobody(tmp_path: Path) -> None:
    with door_to(Says(OK), server_context()) as door:
        fault = fault_of(HttpTransport(verify=str(tmp_path)).send(get(door.base)))
    assert (fault.kind, fault.cause) == ("refused", "tls")


def test_a_proxy_gets_the_whole_url_and_the_decoded_password() -> None:
    cloud = Says(OK)
    with door_to(cloud) as door:
        address = door.base.replace("http://", "http://us%20er:p%40ss%C3%A9@")
        carrier = HttpTransport(proxies=through("http", address))
        assert carrier.send(get("http://quantum.emu.test/api/v1/backends?x=1")).unwrap().body == b"ok"
        carrier.close()
    request = cloud.requests[0]
    assert request.url == "http://quantum.emu.test/api/v1/backends?x=1"
    assert request.header("proxy-authorization") == "Basic " + base64.b64encode("us er:p@ssé".encode()).decode()


@pytest.mark.holds("B223")
def test_the_most_precise_proxy_is_taken() -> None:
    near, far = Says(OK), Says(OK)
    with door_to(near) as nearer, door_to(far) as farther:
        proxies = (("all", Secret(farther.base)), ("http://b.test", Secret(nearer.base)))
        carrier = HttpTransport(proxies=ProxyRules(given=proxies))
        for url in ("http://a.test/", "http://b.test/", "http://b.test:81/"):
            carrier.send(get(url))
        carrier.close()
    assert [request.url for request in far.requests] == ["http://a.test/"]
    assert [request.url for request in near.requests] == ["http://b.test/", "http://b.test:81/"]


@pytest.mark.parametrize(
    ("proxy", "cause", "words"),
    [
        ("http://user:canary@127.0.0.1:1", "proxy", "the proxy 127.0.0.1:1 "),
        ("http://user:canary@[bad", "unusable", "the proxy, which is no URL, cannot be used (LocationParseError)"),
        ("gopher://u:canary@h:1", "unusable", "the proxy gopher://h:1 cannot be used (ProxySchemeUnknown)"),
    ],
)
@pytest.mark.parametrize("url", ["http://a.test/", "https://a.test/"])
def test_a_proxy_that_cannot_be_used_is_never_sent_to_and_keeps_its_password(
    proxy: str, cause: str, words: str, url: str
) -> None:
    carrier = HttpTransport(proxies=through("all", proxy))
    fault = fault_of(carrier.send(get(url)))
    assert (fault.kind, fault.cause) == ("never sent", cause)
    assert fault.reason.startswith(words)
    assert "canary" not in fault.reason + repr(carrier)


@pytest.mark.holds("B288")
@pytest.mark.parametrize(
    ("status", "kind", "cause"),
    [
        (b"407 Proxy Authentication Required", "refused", "proxy"),
        (b"403 Forbidden", "refused", "proxy"),
        (b"404 Not Found", "refused", "proxy"),
        (b"429 Too Many Requests", "refused", "proxy"),
        (b"500 Internal Server Error", "refused", "proxy"),
        (b"502 Bad Gateway", "never sent", "connection"),
        (b"503 Service Unavailable", "never sent", "connection"),
        (b"504 Gateway Timeout", "never sent", "connection"),
        (b"505 HTTP Version Not Supported", "refused", "proxy"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_refuses_or_finds_nobody_at_its_end(status: bytes, kind: str, cause: str) -> None:
    with saying(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status) as base:
        fault = fault_of(HttpTransport(proxies=through("https", base)).send(get("https://a.test/")))
    assert (fault.kind, fault.cause) == (kind, cause)
    assert fault.reason == f"the proxy {base.partition('://')[2]} answered {status.decode()}"
