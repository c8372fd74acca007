"""What the user and the environment say, as records. The one reader of `os.environ`."""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from msgspec.structs import asdict, replace
from returns.result import Failure, Result, Success

from ..core.accounts import VARIABLES
from ..core.arguments import (
    Read,
    as_python,
    has_whole_characters,
    if_given,
    read_all,
    read_flag,
    read_number,
    read_text,
    read_texts,
    refuse,
    show_value,
)
from ..records.account import AccountFields, Proxies
from ..records.exchange import Endpoints
from ..records.network import Timeouts
from ..records.problem import BadArgument, Problem, WrongType
from ..records.secret import HiddenText, Secret

ENDPOINT_VARIABLES = ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL")
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
HEADER_VARIABLES = ("QISKIT_IBM_RUNTIME_CUSTOM_CLIENT_APP_HEADER", "QE_CUSTOM_CLIENT_APP_HEADER")
PROXY_PROTOCOLS = ("https", "http", "all")
PROXY_KEYS = ("urls", "username_ntlm", "password_ntlm")
BASES = ("runtime", "token", "search", "catalog")
"""The fields of `Endpoints` that are URLs; the others are flags."""
MOST_SECONDS = 1e9


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
        BadArgument: It is not there, or is neither a file nor a folder.

    Source: behaviour B225.
    """
    for variable in BUNDLE_VARIABLES:
        path = environ.get(variable)
        if path:
            if has_certificates(path):
                return Success(path)
            return Failure(BadArgument(name=variable, value=repr(path), wanted="the path of a file of certificates"))
    return Success(None)


def has_certificates(path: str) -> bool:
    """Tell whether there may be certificates at a path: who reads a pipe waits until somebody writes.

    Source: behaviour B356.
    """
    return Path(path).is_file() or Path(path).is_dir()


def read_logging(environ: Mapping[str, str]) -> tuple[str, str]:
    """Read at which level shall be logged, and to which file; each empty where nothing is said.

    Source: behaviour B429.
    """
    return environ.get("QISKIT_IBM_RUNTIME_LOG_LEVEL", ""), environ.get("QISKIT_IBM_RUNTIME_LOG_FILE", "")


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
        BadArgument: Not that, not above 0, or not finite.

    Source: behaviour B222.
    """
    usual = Timeouts()
    if value is None:
        return Success(usual)
    if isinstance(value, Timeouts):
        fields = {f"timeout.{field}": limit for field, limit in asdict(value).items()}
        read = read_all(dict.fromkeys(fields, _read_limit), fields)
        return read.map(lambda limits: Timeouts(**dict(zip(asdict(value), limits.values(), strict=True))))
    return _read_limit("timeout", value).map(
        lambda call: Timeouts(
            connect=min(usual.connect, call),
            read=min(usual.read, call),
            slow_read=min(usual.slow_read, call),
            call=call,
            slow_call=call,
        )
    )


def _read_limit(name: str, value: Any) -> Result[float, BadArgument]:
    """Return the seconds that something may take. The system keeps no time beyond thirty years."""
    wanted = "seconds above 0, finite and at most 1e9, or Timeouts(...) of such"
    read = read_number(name, value, above=0.0).alt(lambda problem: replace(problem, wanted=wanted))
    limit = read.value_or(0.0)
    return read if limit <= MOST_SECONDS else Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def read_endpoints(name: str, value: Any) -> Result[Endpoints, BadArgument]:
    """Return base URLs that were given whole: texts, and flags where they are flags."""
    if not isinstance(value, Endpoints):
        return refuse(name, value, "Endpoints(runtime=…, token=…, search=…, catalog=…)")
    fields = asdict(value)
    doors: dict[str, Read[Any]] = {field: read_text if field in BASES else read_flag for field in fields}
    read = read_all(doors, fields).alt(lambda problem: replace(problem, name=f"{name}.{problem.name}"))
    return read.map(lambda given: Endpoints(**given))


def read_arguments(**given: Any) -> Result[AccountFields, Problem]:
    """Check the types of what a user gave, by the names of `AccountFields`, and take it as a record.

    Lists of words may be given as one word. `None` is not given.

    Fails with:
        BadArgument: A value of the wrong type.

    Source: behaviour B61, B304.
    """
    return read_all(ARGUMENTS, given).map(lambda read: AccountFields(**read))


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _read_token(name: str, value: Any) -> Result[Secret, BadArgument]:
    # A key must not appear in the message, nor in a result, which shows what is in it, before it is a secret.
    key = as_python(value)
    shown = f"of type {type(value).__name__}"
    if not isinstance(key, str):
        return Failure(WrongType(name=name, value=shown, wanted="a text"))
    if not has_whole_characters(key):
        return Failure(BadArgument(name=name, value=shown, wanted="a text of whole characters"))
    return Success(Secret(key if isinstance(key, HiddenText) else str.__str__(key)))


def _read_verify(name: str, value: Any) -> Result[bool | str, BadArgument]:
    """Return whether certificates are checked, or the file of authorities to trust."""
    wanted = "True, False or the path of a file of certificates"
    if not isinstance(value, str):
        return read_flag(name, value).alt(lambda problem: replace(problem, wanted=wanted))
    with suppress(OSError):  # It can be no path at all, as one that is too long.
        if value and has_certificates(value):
            return read_text(name, value)
    return Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))


def _read_proxies(name: str, value: Any) -> Result[Proxies, BadArgument]:
    if _is_proxies(value):
        return Success(
            Proxies(
                urls=tuple((scheme, Secret(url)) for scheme, url in (value.get("urls") or {}).items()),
                username_ntlm=value.get("username_ntlm"),
                password_ntlm=_secret(value.get("password_ntlm")),
            )
        )
    # A password may be in any of the values.
    shown = repr(sorted(map(str, value)) if isinstance(value, dict) else type(value).__name__)
    wanted = f"a dictionary with keys among {', '.join(PROXY_KEYS)}, NTLM user and password together"
    return Failure(WrongType(name=name, value=shown, wanted=wanted))


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


ARGUMENTS: dict[str, Read[Any]] = {
    **dict.fromkeys(("channel", "url", "instance", "region"), if_given(read_text)),
    **dict.fromkeys(("plans_preference", "tags"), if_given(read_texts)),
    "token": if_given(_read_token),
    "private_endpoint": if_given(read_flag),
    "verify": if_given(_read_verify),
    "proxies": if_given(_read_proxies),
}
"""What a user may give of an account, and what reads it."""
