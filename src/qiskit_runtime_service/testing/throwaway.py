"""TLS for a door, under an authority that is made for one run and that nobody trusts who is not told its file."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

WITH_TRUSTME = "Install the extra: pip install 'qiskit-runtime-service[certificates]'"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
MOST = 64
"""For how many hosts certificates are kept. There are as many as regions are named."""


class Authority:
    """Signs certificates of doors. Whoever trusts it trusts them; its key is kept nowhere.

    Raises an `ImportError` that names the extra where it is missing.

    Source: behaviour B344, B472.
    """

    def __init__(self) -> None:
        try:
            import trustme
        except ImportError as error:
            raise ImportError(f"TLS for a door needs the package trustme.\n{WITH_TRUSTME}") from error
        self._signer = trustme.CA(organization_name="An emulated cloud")
        self._remembered = lru_cache(MOST)(self._context_for)

    def for_door(self, names: Iterable[str] = ()) -> ssl.SSLContext:
        """Return the server's side of TLS for loopback and `names`."""
        return self._context_for(*LOOPBACK_NAMES, *names)

    def for_host(self, host: str) -> ssl.SSLContext:
        """Return the server's side of TLS for one host, the same each time."""
        return self._remembered(host)

    def _context_for(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._signer.issue_cert(*dict.fromkeys(names)).configure_cert(context)
        return context

    @contextmanager
    def in_file(self) -> Iterator[Path]:
        """Give the file with the certificate that clients must trust. It is there for as long as the block runs."""
        with TemporaryDirectory(prefix="emulated-cloud-") as folder:
            path = Path(folder) / "authority.pem"
            self._signer.cert_pem.write_to_path(path)
            yield path
