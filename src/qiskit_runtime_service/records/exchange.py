"""Nouns of one exchange with a server: what is sent, what comes back, where to."""

from typing import Any

import msgspec

from .._public import public

READ_SECONDS = 30.0

SMALL = 2**20
"""Bytes that an answer may have that tells one thing: a token, a status, a job."""
LISTING = 2**24
DESCRIPTION = 2**25
"""How a backend is built, or its calibration."""
RESULT = 192 * 2**20
"""What a job was given, wrote or has found; as much as is decoded of it by default."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, complete. Its headers and body may hold secrets, so it shows neither."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    read_timeout: float = READ_SECONDS
    """Seconds without a byte from the server before the carrier gives up."""
    time_left: float | None = None
    """Seconds until the carrier gives up, however much has come by then; `None` for no such limit."""
    slow: bool = False
    """Whether the server may take its time, as it may for submissions and results."""
    repeatable: bool = True
    """Whether sending it twice does no harm. A submission that is sent twice is two jobs."""
    largest: int = SMALL
    """Bytes that the answer may have once it is decompressed."""

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


@public()
class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The base URLs of the four services that an account uses, as `https://host/path`.

    Given whole, they are used as they are. Those that are derived from an account URL have flags,
    because the runtime is another for each region, and so may be its token service.
    """

    runtime: str
    """Jobs, sessions and backends, such as `https://quantum.cloud.ibm.com/api/v1`."""
    token: str
    """API key to bearer token, such as `https://iam.cloud.ibm.com`."""
    search: str
    """The instances of the account, such as `https://api.global-search-tagging.cloud.ibm.com`."""
    catalog: str
    """The plans of instances, such as `https://globalcatalog.cloud.ibm.com/api/v1`."""
    regional: bool = False
    """Whether the region of an instance is a label in front of the host of `runtime`."""
    platform_token: bool = False
    """Whether calls to the runtime take their token from IBM's own service, production or staging by the CRN."""
    private: bool = False
    """Whether hosts inside the private network are used, where `regional` or `platform_token` derive them."""


def find_header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    """Return the value of the first header called `name`, in any case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
