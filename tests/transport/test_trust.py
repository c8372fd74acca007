"""Whom TLS trusts, system by system."""

import ssl

import pytest
import truststore

from qiskit_runtime_service.transport.trust import choose_trust, is_blind

NOWHERE = ssl.get_default_verify_paths()._replace(cafile="", capath="")
SOMEWHERE = NOWHERE._replace(capath="/etc/ssl/certs")


@pytest.mark.holds("B225")
@pytest.mark.parametrize(
    ("platform", "paths", "blind"),
    [
        ("linux", SOMEWHERE, False), ("linux", NOWHERE, True), ("darwin", SOMEWHERE, True), ("win32", NOWHERE, True),
    ],
)  # fmt: skip
def test_the_system_is_asked_where_openssl_does_not_see_what_it_trusts(
    platform: str, paths: ssl.DefaultVerifyPaths, blind: bool
) -> None:
    assert is_blind(platform, paths) is blind


def test_rules_that_are_read_from_files_are_made_once_and_shared() -> None:
    trust = choose_trust(verify=False)
    assert trust() is trust()
    assert trust().verify_mode is ssl.CERT_NONE


@pytest.mark.holds("B225")
def test_the_rules_check_certificates_and_names() -> None:
    context = choose_trust(verify=True)()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname or isinstance(context, truststore.SSLContext)
