"""Certificates made for a test: good ones, and one for each thing that can be wrong with them."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from qiskit_runtime_service.testing import door_to
from qiskit_runtime_service.testing.door import Door
from qiskit_runtime_service.transport.base import Transport

HOST = "127.0.0.1"
NOW = datetime.now(UTC)
YEAR = timedelta(days=365)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

WRONG = {
    "expired": "expired",
    "not yet valid": "not yet valid",
    "for another host": "not valid for",
    "self-signed": "self-signed",
    "from an unknown authority": "local issuer",
    "revoked": "revoked",
    "with a weak key": "too weak",
    "for another use": "purpose",
}
"""What may be wrong with a certificate, and the words that must name it."""


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key


def strong_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def authority(name: str) -> Pair:
    key = strong_key()
    draft = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(name_of(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return Pair(draft.sign(key, hashes.SHA256()), key)


def issue(issuer: Pair | None, wrong: str = "") -> Pair:
    """Return a certificate for this machine, good but for what is to be wrong. Without an issuer it is its own."""
    key = rsa.generate_private_key(65537, 1024) if wrong == "with a weak key" else strong_key()  # noqa: S505  # weak on purpose
    years = {"expired": (-2, -1), "not yet valid": (1, 2)}.get(wrong, (-1, 1))
    host = "192.0.2.1" if wrong == "for another host" else HOST
    use = ExtendedKeyUsageOID.CLIENT_AUTH if wrong == "for another use" else ExtendedKeyUsageOID.SERVER_AUTH
    subject = name_of("a server")
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + years[0] * YEAR)
        .not_valid_after(NOW + years[1] * YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    )
    return Pair(draft.sign(key if issuer is None else issuer.key, hashes.SHA256()), key)


def context_of(pair: Pair, folder: Path) -> ssl.SSLContext:
    """Return the server's side of TLS. A server may be as careless as it likes."""
    path = folder / f"{pair.certificate.serial_number}.pem"
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key + pair.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context


class Doors(NamedTuple):
    """A good door to a cloud and bad ones, and the file of whom to trust."""

    good: Door
    bad: dict[str, Door]
    bundle: str


@contextmanager
def doors_to(cloud: Transport, trap: Transport, folder: Path) -> Iterator[Doors]:
    """Serve a cloud under a good certificate, and a trap under each bad one."""
    trusted, unknown = authority("a good authority"), authority("an unknown authority")
    issuers = {"self-signed": None, "from an unknown authority": unknown}
    pairs = {wrong: issue(issuers.get(wrong, trusted), wrong) for wrong in WRONG}
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(pairs["revoked"].certificate.serial_number)
        .revocation_date(NOW - YEAR / 2)
        .build()
    )
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(trusted.certificate.subject)
        .last_update(NOW - YEAR / 2)
        .next_update(NOW + YEAR)
        .add_revoked_certificate(entry)
        .sign(trusted.key, hashes.SHA256())
    )
    bundle = folder / "bundle.pem"
    bundle.write_bytes(trusted.certificate.public_bytes(Encoding.PEM) + revoked.public_bytes(Encoding.PEM))
    with ExitStack() as open_doors:
        good = open_doors.enter_context(door_to(cloud, context_of(issue(trusted), folder)))
        bad = {
            wrong: open_doors.enter_context(door_to(trap, context_of(pair, folder))) for wrong, pair in pairs.items()
        }
        yield Doors(good, bad, str(bundle))
