"""A door that is a proxy: tunnels to the public hosts end in it, and nothing is passed on."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from qiskit_runtime_service.testing import API_KEY, DoorLimits, EmulatedTransport, one_instance
from qiskit_runtime_service.testing.door import Door, serving
from qiskit_runtime_service.testing.throwaway import Authority

from ..support.loopback import saying

HOST = "quantum.cloud.ibm.com"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy(NamedTuple):
    """A door that is a proxy, its cloud, and the file of whom its visitors trust."""

    door: Door
    cloud: EmulatedTransport
    trusted: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(self.door.server_address, timeout=20)

    def trust(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        return ssl.create_default_context(cafile=str(self.trusted)).wrap_socket(connection, server_hostname=host)


@contextmanager
def proxy(limits: DoorLimits | None = None) -> Iterator[Proxy]:
    authority, cloud = Authority(), EmulatedTransport(one_instance())
    door = Door(cloud, authority=authority, limits=limits or DoorLimits())
    with authority.in_file() as trusted, serving(door):
        yield Proxy(door, cloud, trusted)


def tell(connection: socket.socket, *lines: str) -> bytes:
    """Send a request without a body; return the first of what comes back."""
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection.recv(1 << 16)


def ask(connection: socket.socket, path: str, host: str = HOST) -> tuple[bytes, bytes]:
    """Return the status and the body of an answer that is short."""
    answer = tell(connection, f"GET {path} HTTP/1.1", f"Host: {host}", f"Authorization: apikey {API_KEY}")
    head, _, body = answer.partition(b"\r\n\r\n")
    return head[9:12], body


def is_left(connection: socket.socket) -> bool:
    """Tell whether nothing more comes."""
    try:
        return connection.recv(1 << 16) == b""
    except ConnectionResetError:
        return True


@pytest.mark.holds("B472")
@pytest.mark.parametrize("host", [HOST, "eu-de.quantum.cloud.ibm.com", "IAM.cloud.ibm.com"])
def test_the_cloud_answers_in_the_place_of_a_public_host(host: str) -> None:
    with proxy() as at, at.connect() as plain:
        assert tell(plain, f"CONNECT {host}:443 HTTP/1.1", f"Host: {host}:443") == OPEN
        with at.trust(plain, host) as tunnel:
            for _ in range(2):
                status, body = ask(tunnel, "/api/v1/versions", host)
                assert (status, json.loads(body)["versions"][0]["version"]) == (b"200", "2024-01-01")
            # The door is not known by the names of others there.
            assert ask(tunnel, "/api/v1/versions", "attacker.example")[0] == b"421"
        assert [exchange.request.url for exchange in at.cloud.ledger] == [f"https://{host.lower()}/api/v1/versions"] * 2


@pytest.mark.holds("B472")
def test_a_client_that_does_not_trust_the_authority_is_told_by_its_own_tls() -> None:
    with proxy() as at, at.connect() as plain:
        assert tell(plain, f"CONNECT {HOST}:443 HTTP/1.0").startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname=HOST)


@pytest.mark.holds("B473")
def test_no_other_host_is_asked_whichever_way_it_is_named() -> None:
    with proxy() as at, saying() as elsewhere:
        port = elsewhere.rpartition(":")[2]
        for method, target in (
            ("CONNECT", "packages.example:443"),
            ("CONNECT", f"127.0.0.1:{port}"),
            ("CONNECT", f"{HOST}:{port}"),
            ("GET", "http://packages.example/files/"),
            ("GET", "http://intranet.example/jobs"),
        ):
            with at.connect() as connection:
                answer = tell(connection, f"{method} {target} HTTP/1.1", "Host: packages.example")
                assert answer.startswith(b"HTTP/1.1 403 ")
                assert b"nothing is passed on here" in answer
        assert at.cloud.ledger == ()


def test_a_door_that_is_no_proxy_opens_no_tunnel() -> None:
    cloud = EmulatedTransport(one_instance())
    door = Door(cloud)
    with serving(door), socket.create_connection(door.server_address, timeout=20) as connection:
        answer = tell(connection, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"--proxy" in answer


@pytest.mark.holds("B472")
def test_in_a_tunnel_there_is_no_other() -> None:
    with proxy() as at, at.connect() as plain:
        assert tell(plain, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443") == OPEN
        with at.trust(plain, HOST) as tunnel:
            answer = tell(tunnel, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443")
    assert answer.startswith(b"HTTP/1.1 501 ")


@pytest.mark.holds("B340", "B472")
def test_who_opens_a_tunnel_and_says_nothing_in_it_is_left_and_stops_nobody() -> None:
    with proxy(DoorLimits(patience=0.3)) as at, at.connect() as silent, at.connect() as odd, at.connect() as early:
        for connection in (silent, odd):
            assert tell(connection, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443") == OPEN
        odd.sendall(b"GET /api/v1/versions HTTP/1.1\r\n\r\n")
        early.sendall(b"CONNECT %b:443 HTTP/1.1\r\nHost: a\r\n\r\nmore" % HOST.encode())
        with at.connect() as plain:
            assert tell(plain, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443") == OPEN
            with at.trust(plain, HOST) as tunnel:
                assert ask(tunnel, "/api/v1/versions")[0] == b"200"
        assert [is_left(connection) for connection in (silent, odd, early)] == [True] * 3


@pytest.mark.holds("B340", "B472")
def test_tunnels_make_room_as_other_connections_do() -> None:
    with proxy(DoorLimits(connections=2)) as at, at.connect() as first, at.connect() as second:
        for connection in (first, second):
            assert tell(connection, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443") == OPEN
        with at.trust(second, HOST) as tunnel:
            assert ask(tunnel, "/api/v1/versions")[0] == b"200"
            with at.connect() as third:
                assert ask(third, "/api/v1/versions", "localhost")[0] == b"200"
                assert is_left(first)
            assert ask(tunnel, "/api/v1/versions")[0] == b"200"


@pytest.mark.holds("B472")
def test_the_end_of_the_door_ends_its_tunnels() -> None:
    with proxy() as at:
        plain = at.connect()
        assert tell(plain, f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443") == OPEN
        tunnel = at.trust(plain, HOST)
        assert ask(tunnel, "/api/v1/versions")[0] == b"200"
    with tunnel:
        tunnel.settimeout(20)
        # TLS has an end of its own, which is not said here.
        with suppress(ConnectionResetError, ssl.SSLEOFError):
            assert tunnel.recv(1 << 16) == b""
