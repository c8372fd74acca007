"""The variables that lead clients to the door of an emulated cloud. Pure."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

CHANNEL = "ibm_quantum_platform"
TRUST = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
"""By which variables clients are told whom to trust: those on requests, those on OpenSSL, and curl."""


def by_urls(url: str, key: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that lead this client, and IBM's from 0.50 on, to a door by its URL.

    Args:
        url: Where the door is, without a path.
        key: An API key of the cloud.
        environ: The environment that they are to be put into: no proxy of it may stand before the door.

    Source: behaviour B469.
    """
    host = urlsplit(url).hostname or ""
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY")
    direct = f"{exceptions},{host}" if exceptions else host
    return {
        "IAM_URL": url,
        "GLOBAL_SEARCH_URL": url,
        "GLOBAL_CATALOG_URL": f"{url}/api/v1",
        # Both clients take a URL with this word in it as it is, and derive no host from it.
        "QISKIT_IBM_URL": f"{url}/experimental",
        **account_of(key),
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def by_proxy(url: str, key: str) -> dict[str, str]:
    """Return the variables that lead any client, with its default URLs, to a door that is a proxy.

    Source: behaviour B472.
    """
    others = ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL", "QISKIT_IBM_URL", "NO_PROXY", "no_proxy")
    return {"HTTPS_PROXY": url, "https_proxy": url, **account_of(key), **dict.fromkeys(others, "")}


def account_of(key: str) -> dict[str, str]:
    """Return the variables of the account that has a key. Which instance it uses is left to the client."""
    return {"QISKIT_IBM_TOKEN": key, "QISKIT_IBM_CHANNEL": CHANNEL, "QISKIT_IBM_INSTANCE": ""}


def to_trust(authority: Path | None) -> dict[str, str]:
    """Return the variables that let clients trust the authority in a file, if there is one."""
    return {} if authority is None else dict.fromkeys(TRUST, str(authority))


def as_exports(variables: Mapping[str, str], *, powershell: bool = False) -> list[str]:
    """Return the lines by which a shell takes variables over; an empty one counts as none.

    Source: behaviour B471.
    """
    if not powershell:
        return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return [f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in variables.items()]
