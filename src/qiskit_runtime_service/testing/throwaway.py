"""TLS for a door, under an authority that is made for one run and that nobody trusts who is not told its file."""

import ssl
from collections.abc import Iterable
from pathlib import Path

WITH_TRUSTME = "Install the extra: pip install 'qiskit-runtime-service[certificates]'"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def throwaway_tls(names: Iterable[str], authority: Path) -> ssl.SSLContext:
    """Return the server's side of TLS for loopback and `names`, and write the certificate of its authority to a file.

    The key of the authority is kept nowhere. Raises an `ImportError` that names the extra where it is missing.

    Source: behaviour B344.
    """
    try:
        import trustme
    except ImportError as error:
        raise ImportError(f"TLS for a door needs the package trustme.\n{WITH_TRUSTME}") from error
    made = trustme.CA(organization_name="An emulated cloud")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(*dict.fromkeys((*LOOPBACK_NAMES, *names))).configure_cert(context)
    made.cert_pem.write_to_path(authority)
    return context
