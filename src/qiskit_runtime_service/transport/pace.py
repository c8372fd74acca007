"""How long a call may wait: for a connection, for the next byte, and altogether."""

import io
import math
import socket
import threading
from time import monotonic
from typing import Literal

from ..records.exchange import READ_SECONDS
from ..records.network import Timeouts
from ..records.problem import Cause
from ..records.secret import HiddenBytes

Kind = Literal["never sent", "refused", "unclear"]


class Hindrance(OSError):  # noqa: N818  # it says what is the case
    """What keeps a call from its response, and how far the call got."""

    def __init__(self, cause: Cause, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.cause: Cause = cause
        self.kind: Kind = kind
        self.reason = reason


class Pace(threading.local):
    """The limits of the call that a thread is in. Durations in seconds, instants of the monotonic clock.

    urllib3 has limits for each step, but none for a look-up of a name, nor for a response that drips.
    """

    def __init__(self) -> None:
        self.seconds = math.inf
        """The whole call."""
        self.connect = Timeouts().connect
        self.read = READ_SECONDS
        self.until = math.inf
        self.stands_by = math.inf
        """When a connection must stand; infinite once it does."""

    def begin(self, connect: float, read: float, seconds: float | None) -> None:
        """Begin a call."""
        self.seconds = math.inf if seconds is None else seconds
        self.connect, self.read = connect, read
        self.until = monotonic() + self.seconds
        self.stands_by = math.inf

    def begin_to_connect(self) -> None:
        """Begin to connect."""
        self.stands_by = monotonic() + self.connect

    def is_connected(self) -> None:
        """Note that the connection stands."""
        self.stands_by = math.inf

    def next_wait(self) -> float:
        """Return the seconds that may go by until something must happen.

        Raises:
            Hindrance: There are none left.
        """
        now = monotonic()
        left = min(self.until, self.stands_by) - now
        if left <= 0.0:
            raise self.too_late()
        return min(left, self.read) if self.stands_by == math.inf else left

    def too_late(self) -> Hindrance:
        """Return which limit was reached."""
        connecting = self.stands_by != math.inf
        kind: Kind = "never sent" if connecting else "unclear"
        if monotonic() >= self.until:
            return Hindrance("deadline", kind, f"the call was not over after {self.seconds:g} s")
        if connecting:
            return Hindrance("silence", kind, f"no connection stood after {self.connect:g} s")
        return Hindrance("silence", kind, f"nothing came for {self.read:g} s")


class PacedReader(io.RawIOBase):
    """What a socket receives, at the pace of the call."""

    def __init__(self, sock: socket.socket, pace: Pace) -> None:
        self._sock = sock
        # The file counts as a user of the socket, which then stays open until the response is read.
        self._file = sock.makefile("rb", buffering=0)
        self._pace = pace

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int | None:  # type: ignore[override]  # no more is needed
        """Wait for the next bytes."""
        self._sock.settimeout(self._pace.next_wait())
        try:
            return self._file.readinto(buffer)
        except TimeoutError:
            raise self._pace.too_late() from None

    def close(self) -> None:
        """Let go of the socket."""
        self._file.close()
        super().close()


class HidingReader(io.BufferedReader):
    """A file whose contents hide themselves: a response may hold a token, and others read it.

    Source: behaviour B327.
    """

    def read(self, size: int | None = -1, /) -> HiddenBytes:
        """Return the next bytes."""
        return HiddenBytes(super().read(size))


class PacedSocket:
    """A socket as `http.client` reads a response from it."""

    def __init__(self, sock: socket.socket, pace: Pace) -> None:
        self._sock = sock
        self._pace = pace

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the response as a file."""
        return HidingReader(PacedReader(self._sock, self._pace))
