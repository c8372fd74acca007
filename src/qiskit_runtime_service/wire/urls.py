"""Where each service of an account is found, and whether credentials may go there."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..records.exchange import Endpoints
from ..records.instance import Crn
from ..records.problem import Problem, UnsafeUrl

PRODUCTION_IAM = "iam.cloud.ibm.com"
STAGING_IAM = "iam.test.cloud.ibm.com"
ACCOUNTS = ("cloud.ibm.com", "test.cloud.ibm.com")
"""Hosts of IBM that others derive from."""
NO_ACCOUNT = "Leave url= out, or give https://cloud.ibm.com; hosts of another kind go in endpoints=."
NO_SCHEME = "Write it with https:// in front; http:// is for this machine only."
_HOST = re.compile(r"([a-z0-9_-]+\.)*[a-z0-9_-]+\.?|[0-9a-f:.]+")
"""A name or an address. Other letters are read as the end of the host by some libraries."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def find_endpoints(
    account_url: str, *, private: bool = False, overrides: Mapping[str, str] | None = None
) -> Result[Endpoints, Problem]:
    """Derive the base URLs of an account. Only scheme and host of `account_url` count.

    Args:
        account_url: Such as `https://cloud.ibm.com`.
        private: Whether to stay inside the private network.
        overrides: `IAM_URL`, `GLOBAL_SEARCH_URL`, `GLOBAL_CATALOG_URL`, where set.

    Fails with:
        UnsafeUrl: Credentials must not be sent to one of them.

    Source: behaviour B16, B17, B351.
    """
    given = {key: value.rstrip("/") for key, value in (overrides or {}).items() if value}
    fixed = "experimental" in account_url
    match check_url(account_url):
        case Failure(problem):
            return Failure(problem)
        case Success(parts):
            scheme, host = parts.scheme, (parts.hostname or "").removesuffix(".")
    if not fixed and f".{host}".endswith(".ibm.com") and host not in ACCOUNTS:
        return Failure(UnsafeUrl(url=account_url, reason="no account of IBM has its services there", fix=NO_ACCOUNT))
    return check_endpoints(
        Endpoints(
            runtime=account_url if fixed else f"{scheme}://quantum.{host}/api/v1",
            token=given.get("IAM_URL", f"{scheme}://iam.{host}"),
            search=given.get("GLOBAL_SEARCH_URL", f"{scheme}://api.global-search-tagging.{host}"),
            catalog=given.get("GLOBAL_CATALOG_URL", f"{scheme}://globalcatalog.{host}/api/v1"),
            regional=not fixed,
            platform_token="IAM_URL" not in given,
            private=private,
        )
    )


def check_endpoints(endpoints: Endpoints) -> Result[Endpoints, Problem]:
    """Return base URLs that credentials may be sent to, without the slash that they may end in.

    Fails with:
        UnsafeUrl: Credentials must not be sent to one of them.

    Source: behaviour B19, B220.
    """
    bases = {name: getattr(endpoints, name).rstrip("/") for name in ("runtime", "token", "search", "catalog")}
    bases["token"] = bases["token"].removesuffix("/identity/token")
    for url in bases.values():
        match check_url(url):
            case Failure(problem):
                return Failure(problem)
    return Success(replace(endpoints, **bases))


def runtime_url(endpoints: Endpoints, crn: Crn) -> str:
    """Return the base URL of the runtime that holds an instance.

    Source: behaviour B16.
    """
    if not endpoints.regional:
        return endpoints.runtime
    scheme, _, rest = endpoints.runtime.partition("://")
    if endpoints.private:
        return f"{scheme}://private.{crn.location}.{rest}"
    return endpoints.runtime if crn.location == "us-east" else f"{scheme}://{crn.location}.{rest}"


def token_url(endpoints: Endpoints, crn: Crn | None) -> str:
    """Return the base URL of the token service, for an instance or, with `None`, for discovery.

    For an instance the host does not depend on the account URL, only on the CRN.

    Source: behaviour B18.
    """
    if crn is None or not endpoints.platform_token:
        return endpoints.token
    host = STAGING_IAM if crn.cname == "staging" else PRODUCTION_IAM
    return f"https://{'private.' if endpoints.private else ''}{host}"


def check_url(url: str) -> Result[SplitResult, Problem]:
    """Take a URL apart if credentials may be sent to it.

    They leave over https only; http is for loopback addresses and names under `.localhost`.

    Fails with:
        UnsafeUrl: It is no such URL.

    Source: behaviour B19.
    """
    if url != url.strip():
        return Failure(UnsafeUrl(url=url, reason="it has white space around it", fix="Take the white space away."))
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return Failure(UnsafeUrl(url=url, reason=str(error)))
    if parts.scheme not in ("http", "https") and "://" not in url:
        return Failure(UnsafeUrl(url=url, reason="it does not begin with https://", fix=NO_SCHEME))
    if not host or not _HOST.fullmatch(host) or " " in url or not url.isprintable():
        return Failure(UnsafeUrl(url=url, reason="it names no host"))
    if parts.username is not None or parts.password is not None:
        return Failure(UnsafeUrl(url=f"{parts.scheme}://{host}", reason="it has a user or password in it"))
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return Success(parts)
    if parts.scheme == "http":
        return Failure(UnsafeUrl(url=url, reason="http would show the credentials to everyone on the way"))
    return Failure(UnsafeUrl(url=url, reason=f"its scheme is {parts.scheme or 'missing'}, not https"))


def _is_loopback(host: str) -> bool:
    return host in _LOOPBACK or host.endswith(".localhost") or (host.startswith("127.") and _is_ipv4(host))


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(len(part) <= 3 and part.isdigit() and int(part) < 256 for part in parts)
