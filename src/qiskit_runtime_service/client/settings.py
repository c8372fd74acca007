"""What the user and the environment say, as records. The one reader of `os.environ`."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from returns.result import Failure, Result, Success

from ..core.accounts import VARIABLES
from ..records.account import AccountFields, Proxies
from ..records.network import Timeouts
from ..records.problem import BadArgument, Problem
from ..records.secret import Secret

ENDPOINT_VARIABLES = ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL")
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
HEADER_VARIABLES = ("QISKIT_IBM_RUNTIME_CUSTOM_CLIENT_APP_HEADER", "QE_CUSTOM_CLIENT_APP_HEADER")
PROXY_PROTOCOLS = ("https", "http", "all")
PROXY_KEYS = ("urls", "username_ntlm", "password_ntlm")


def read_environment(environ: Mapping[str, str]) -> AccountFields:
    """Read the `QISKIT_IBM_*` variables. An empty variable is one that is not set."""
    values = {field: environ.get(variable) or None for field, variable in VARIABLES.items()}
    return AccountFields(
        channel=values["channel"],
        token=_secret(values["token"]),
        token_command=None if values["token_command"] is None else tuple(shlex.split(values["token_command"])),
        token_keyring=values["token_keyring"],
        url=values["url"],
        instance=values["instance"],
    )


def read_overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """Read the variables that move the token service, the search and the catalog elsewhere."""
    return {name: environ[name] for name in ENDPOINT_VARIABLES if environ.get(name)}


def read_proxies(environ: Mapping[str, str]) -> tuple[tuple[tuple[str, Secret], ...], tuple[str, ...]]:
    """Read `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and the exceptions in `NO_PROXY`, lower case first.

    In a program that a web server runs for a request, `HTTP_PROXY` may be a header that the visitor sent.

    Source: behaviour B223, B224.
    """
    served = "REQUEST_METHOD" in environ
    found = (
        (protocol, environ.get(f"{protocol}_proxy") or environ.get(f"{protocol}_proxy".upper()))
        for protocol in PROXY_PROTOCOLS
        if not (served and protocol == "http" and not environ.get("http_proxy"))
    )
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    bypass = tuple(host.strip() for host in exceptions.split(",") if host.strip())
    return tuple((protocol, Secret(url)) for protocol, url in found if url), bypass


def read_bundle(environ: Mapping[str, str]) -> Result[str | None, Problem]:
    """Read which file of authorities the environment wants trusted, if any.

    Fails with:
        BadArgument: It is not there.

    Source: behaviour B225.
    """
    for variable in BUNDLE_VARIABLES:
        path = environ.get(variable)
        if path:
            return Success(path) if Path(path).exists() else _bad(variable, path, "the path of a file of certificates")
    return Success(None)


class SelfDescription(TypedDict):
    """What the environment wants the service to be told of the client."""

    custom: str
    function: str
    opted_out: bool


def read_self_description(environ: Mapping[str, str]) -> SelfDescription:
    """Read what the application adds to the headers, and whether versions are kept from the service.

    Source: behaviour B226.
    """
    return SelfDescription(
        custom=next((environ[variable] for variable in HEADER_VARIABLES if environ.get(variable)), ""),
        function=environ.get("QISKIT_FUNCTIONS_IDENTIFIER", ""),
        opted_out=environ.get("USAGE_DATA_OPT_OUT", "").lower() in ("true", "1", "yes"),
    )


def read_timeouts(value: Any) -> Result[Timeouts, Problem]:
    """Take limits of time: `None` for the usual ones, or the seconds that any call may take, or `Timeouts`.

    Fails with:
        BadArgument: Not that, or not above 0.

    Source: behaviour B222.
    """
    usual = Timeouts()
    if value is None:
        return Success(usual)
    limits = [value]
    if isinstance(value, Timeouts):
        limits = [getattr(value, field) for field in Timeouts.__struct_fields__]
    if not all(isinstance(limit, int | float) and not isinstance(limit, bool) and limit > 0.0 for limit in limits):
        return _bad("timeout", value, "seconds above 0, or Timeouts(...) of such")
    if isinstance(value, Timeouts):
        return Success(value)
    return Success(
        Timeouts(
            connect=min(usual.connect, value),
            read=min(usual.read, value),
            slow_read=min(usual.slow_read, value),
            call=value,
            slow_call=value,
        )
    )


def read_arguments(**given: Any) -> Result[AccountFields, Problem]:
    """Check the types of what a user gave, by the names of `AccountFields`, and take it as a record.

    Lists of words may be given as one word. `None` is not given.

    Fails with:
        BadArgument: A value of the wrong type.

    Source: behaviour B61.
    """
    for name, (fits, wanted) in ARGUMENTS.items():
        value = given.get(name)
        if value is not None and not (isinstance(value, fits) if isinstance(fits, type) else fits(value)):
            return _bad(name, value, wanted)
    words = {name: _words(given.get(name)) for name in ("plans_preference", "tags")}
    secrets = {"token": _secret(given.get("token")), "proxies": _proxies(given.get("proxies"))}
    return Success(AccountFields(**given | words | secrets))


def _bad(name: str, value: object, wanted: str) -> Failure[Problem]:
    match name:
        case "token":  # A key that was given as bytes, say, must not appear in the message,
            shown = f"of type {type(value).__name__}"
        case "proxies":  # nor a password in a URL.
            shown = repr(sorted(map(str, value)) if isinstance(value, dict) else type(value).__name__)
        case _:
            shown = repr(value)
    return Failure(BadArgument(name=name, value=shown, wanted=wanted))


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _is_bundle(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and bool(value) and Path(value).exists())


def _is_words(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Iterable) and all(isinstance(word, str) for word in value))


def _words(value: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def _is_proxies(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(PROXY_KEYS):
        return False
    urls, user, password = (value.get(key) for key in PROXY_KEYS)
    return (
        (
            urls is None
            or (isinstance(urls, dict) and all(isinstance(text, str) for pair in urls.items() for text in pair))
        )
        and (user is None) == (password is None)
        and isinstance(user, str | None)
        and isinstance(password, str | None)
    )


def _proxies(value: dict[str, Any] | None) -> Proxies | None:
    if value is None:
        return None
    return Proxies(
        urls=tuple((scheme, Secret(url)) for scheme, url in (value.get("urls") or {}).items()),
        username_ntlm=value.get("username_ntlm"),
        password_ntlm=_secret(value.get("password_ntlm")),
    )


ARGUMENTS: dict[str, tuple[type | Callable[[object], bool], str]] = {
    **dict.fromkeys(("channel", "token", "url", "instance", "region"), (str, "text")),
    "private_endpoint": (bool, "True or False"),
    "verify": (_is_bundle, "True, False or the path of a file of certificates"),
    **dict.fromkeys(("plans_preference", "tags"), (_is_words, "a list of words")),
    "proxies": (
        _is_proxies,
        f"a dictionary with keys among {', '.join(PROXY_KEYS)}, NTLM user and password together",
    ),
}
"""What a user may give: what it must be, as a type or a test, and in words."""
