"""Whom TLS trusts."""

import errno
import ssl
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from urllib3.util import create_urllib3_context

Trust = Callable[[], ssl.SSLContext]
"""Gives each connection its rules for TLS."""


def choose_trust(verify: bool | str) -> Trust:
    """Return what gives each connection its rules for TLS.

    Args:
        verify: `True` for the authorities that the system trusts; `False` for anybody; or the file or
            directory of the authorities to trust. Lists of revoked certificates in that file count.

    Raises:
        OSError: The authorities cannot be read.

    Source: behaviour B225.
    """
    if (
        verify is True
        and is_blind(sys.platform, ssl.get_default_verify_paths())
        and find_spec("truststore") is not None
    ):
        import truststore

        # Connections that share one of these wait for each other's handshakes; to make one costs nothing.
        return lambda: truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = build_context(verify)
    return lambda: context


def is_blind(platform: str, paths: ssl.DefaultVerifyPaths) -> bool:
    """Tell whether OpenSSL does not see what the system trusts, so that `truststore` has to look."""
    return platform in ("darwin", "win32") or not (paths.cafile or paths.capath)


def build_context(verify: bool | str) -> ssl.SSLContext:
    """Return rules for TLS with the authorities read from files."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
    if verify is False:
        context.check_hostname = False
    elif verify is True:
        context.load_default_certs()
    elif Path(verify).is_dir():
        context.load_verify_locations(capath=verify)
    elif Path(verify).exists() and not Path(verify).is_file():
        # Whoever reads a pipe waits until somebody writes (B356).
        raise OSError(errno.EINVAL, "It is no regular file", verify)
    else:
        context.load_verify_locations(cafile=verify)
        if context.cert_store_stats()["crl"]:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context
