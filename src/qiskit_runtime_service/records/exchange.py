"""Nouns of one exchange with a server: what is sent, what comes back, where to."""

from typing import Any

import msgspec

READ_SECONDS = 30.0
SLOW_READ_SECONDS = 300.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, complete. Its headers and body may hold secrets, so it shows neither."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    read_timeout: float = READ_SECONDS
    """Seconds without a byte from the server before the carrier gives up."""
    repeatable: bool = True
    """Whether sending it twice does no harm. A submission that is sent twice is two jobs."""

    def header(self, name: str) -> str | None:
        """Return the value of a header, or `None`. Header names have no case."""
        return find_header(self.headers, name)

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("method", self.method), ("url", self.url)]


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP response, complete. Its body may hold a token, so it does not show it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the value of a header, or `None`. Header names have no case."""
        return find_header(self.headers, name)

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("status", self.status), ("size", len(self.body))]


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The base URLs of one account. None of them ends in a slash."""

    account: str
    """What the runtime hosts of all regions are derived from, such as `https://cloud.ibm.com`."""
    token: str
    search: str
    catalog: str
    token_is_given: bool = False
    """Whether the token service was named by hand and so serves every instance."""
    private: bool = False


def find_header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    """Return the value of the first header called `name`, in any case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
