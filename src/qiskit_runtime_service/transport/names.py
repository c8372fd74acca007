"""Names to addresses, in a thread that can be left behind: a look-up cannot be interrupted."""

import socket
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from .pace import Pace

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]
Resolve = Callable[[str, int], Sequence[Address]]
"""From host and port to what `socket.getaddrinfo` returns."""


def ask_system(host: str, port: int) -> Sequence[Address]:
    """Ask the system for the addresses of a host."""
    found: Sequence[Address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[assignment]  # of TCP
    return found


def look_up(host: str, port: int, resolve: Resolve, pace: Pace) -> Sequence[Address]:
    """Return the addresses of a host, within the time to connect.

    Raises:
        OSError, UnicodeError: There are none.
        Hindrance: They did not come in time.
    """
    if is_numeric(host):
        return resolve(host, port)
    results: SimpleQueue[Sequence[Address] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            results.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            results.put(error)

    threading.Thread(target=ask, name="qiskit-runtime-service-name", daemon=True).start()
    try:
        result = results.get(timeout=pace.next_wait())
    except Empty:
        raise pace.too_late() from None
    if isinstance(result, OSError | UnicodeError):
        raise result
    return result


def is_numeric(host: str) -> bool:
    """Tell whether a host is an address already."""
    return ":" in host or host.replace(".", "").isdecimal()


def connect_to(addresses: Sequence[Address], pace: Pace) -> socket.socket:
    """Return a connection to the first address that takes one. Each has its share of the time that is left.

    Raises:
        OSError: None does.
    """
    error: OSError = OSError("the host has no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        share = pace.next_wait() / (len(addresses) - index)
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(share)
        try:
            sock.connect(address)
        except OSError as refused:
            sock.close()
            error = refused
        else:
            return sock
    raise error
