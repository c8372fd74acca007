"""What the user and the environment say, as records. The one reader of `os.environ`."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from returns.result import Failure, Result, Success

from ..core.accounts import VARIABLES
from ..records.account import AccountFields, Proxies
from ..records.problem import BadArgument, Problem
from ..records.secret import Secret

ENDPOINT_VARIABLES = ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL")
PROXY_KEYS = ("urls", "username_ntlm", "password_ntlm")


def read_environment(environ: Mapping[str, str]) -> AccountFields:
    """Read the `QISKIT_IBM_*` variables. An empty variable is one that is not set."""
    said = {field: environ.get(variable) or None for field, variable in VARIABLES.items()}
    return AccountFields(
        channel=said["channel"],
        token=_secret(said["token"]),
        token_command=None if said["token_command"] is None else tuple(shlex.split(said["token_command"])),
        token_keyring=said["token_keyring"],
        url=said["url"],
        instance=said["instance"],
    )


def read_overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """Read the variables that move the token service, the search and the catalog elsewhere."""
    return {name: environ[name] for name in ENDPOINT_VARIABLES if environ.get(name)}


def read_arguments(
    *,
    channel: Any = None,
    token: Any = None,
    url: Any = None,
    instance: Any = None,
    proxies: Any = None,
    verify: Any = None,
    private_endpoint: Any = None,
    region: Any = None,
    plans_preference: Any = None,
    tags: Any = None,
) -> Result[AccountFields, Problem]:
    """Check the types of what a user gave and take it as a record.

    Lists of words may be given as one word. `None` is not given.

    Fails with:
        BadArgument: A value of the wrong type.

    Source: behaviour B61.
    """
    texts = {"channel": channel, "token": token, "url": url, "instance": instance, "region": region}
    flags = {"verify": verify, "private_endpoint": private_endpoint}
    lists = {"plans_preference": plans_preference, "tags": tags}
    for name, value in texts.items():
        if not isinstance(value, str | None):
            return _bad(name, value, "text")
    for name, value in flags.items():
        if not isinstance(value, bool | None):
            return _bad(name, value, "True or False")
    for name, value in lists.items():
        if not _is_words(value):
            return _bad(name, value, "a list of words")
    if not _is_proxies(proxies):
        shown = sorted(proxies) if isinstance(proxies, dict) else type(proxies).__name__
        return _bad(
            "proxies", shown, f"a dictionary with keys among {', '.join(PROXY_KEYS)}, NTLM user and password together"
        )
    return Success(
        AccountFields(
            channel=channel,
            token=_secret(token),
            url=url,
            instance=instance,
            proxies=_proxies(proxies),
            verify=verify,
            private_endpoint=private_endpoint,
            region=region,
            plans_preference=_words(plans_preference),
            tags=_words(tags),
        )
    )


def _bad(name: str, value: object, wanted: str) -> Failure[Problem]:
    # A key that was given as bytes, say, must not appear in the message.
    shown = f"of type {type(value).__name__}" if name == "token" else repr(value)
    return Failure(BadArgument(name=name, value=shown, wanted=wanted))


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _is_words(value: object) -> bool:
    if value is None or isinstance(value, str):
        return True
    return isinstance(value, Iterable) and all(isinstance(each, str) for each in value)


def _words(value: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def _is_proxies(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not set(value) <= set(PROXY_KEYS):
        return False
    urls, user, password = (value.get(key) for key in PROXY_KEYS)
    return (
        (
            urls is None
            or (isinstance(urls, dict) and all(isinstance(each, str) for pair in urls.items() for each in pair))
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
