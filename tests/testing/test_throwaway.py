"""TLS for a door under an authority of its own: who is told its file trusts it, for the names that it has."""

import socket
import ssl
from pathlib import Path

import pytest

from qiskit_runtime_service.testing import DoorLimits, EmulatedTransport, door_to, one_instance
from qiskit_runtime_service.testing.door import Door
from qiskit_runtime_service.testing.throwaway import Authority


def status_for(door: Door, authority: Path, name: str) -> bytes:
    """Ask the door by a name, as a client that trusts the authority alone; return the first line of the answer."""
    trusting = ssl.create_default_context(cafile=str(authority))
    with (
        socket.create_connection(door.server_address, timeout=20) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as connection,
    ):
        host = f"[{name}]" if ":" in name else name
        connection.sendall(f"GET /api/v1/versions HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return connection.recv(1 << 16).partition(b"\r\n")[0]


@pytest.mark.holds("B344")
def test_the_door_is_trusted_for_its_names_and_for_no_other() -> None:
    authority = Authority()
    cloud = EmulatedTransport(one_instance())
    with (
        authority.in_file() as trusted,
        door_to(cloud, authority.for_door(["emulator", "localhost"]), allowed_hosts=["emulator"]) as door,
    ):
        for name in ("localhost", "127.0.0.1", "::1", "emulator"):
            assert status_for(door, trusted, name) == b"HTTP/1.1 200 OK"
        with pytest.raises(ssl.SSLCertVerificationError):
            status_for(door, trusted, "attacker.example")


@pytest.mark.holds("B344")
def test_each_authority_is_another_and_its_key_is_in_no_file() -> None:
    first, second = Authority(), Authority()
    with (
        first.in_file() as trusted,
        second.in_file() as other,
        door_to(EmulatedTransport(one_instance()), first.for_door()) as door,
    ):
        assert status_for(door, trusted, "localhost") == b"HTTP/1.1 200 OK"
        with pytest.raises(ssl.SSLCertVerificationError):
            status_for(door, other, "localhost")
        for file in (trusted, other):
            assert list(file.parent.iterdir()) == [file]
            assert "PRIVATE KEY" not in file.read_text()
    assert not trusted.parent.exists()


@pytest.mark.holds("B472")
def test_a_host_has_one_certificate_and_another_has_another() -> None:
    authority = Authority()
    first = authority.for_host("iam.cloud.ibm.com")
    assert authority.for_host("iam.cloud.ibm.com") is first
    assert authority.for_host("quantum.cloud.ibm.com") is not first


@pytest.mark.holds("B340")
def test_who_speaks_no_tls_or_nothing_is_left_and_stops_nobody() -> None:
    authority = Authority()
    limits = DoorLimits(patience=0.3)
    with (
        authority.in_file() as trusted,
        door_to(EmulatedTransport(one_instance()), authority.for_door(), limits=limits) as door,
        socket.create_connection(door.server_address, timeout=20) as silent,
        socket.create_connection(door.server_address, timeout=20) as plain,
    ):
        plain.sendall(b"GET /api/v1/versions HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_for(door, trusted, "localhost") == b"HTTP/1.1 200 OK"
        for left in (silent, plain):
            try:
                assert b"HTTP" not in left.recv(1 << 16)
            except ConnectionResetError:
                continue
