"""What a service is connected by: its carrier, its clock, its hosts and its limits."""

import os
import sys
from functools import partial
from importlib.util import find_spec
from random import random
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

from returns.result import Failure, Result, Success

from .._version import __version__
from .._warn import warn_user
from ..core.account_urls import find_account_url
from ..core.arguments import Read, if_given, read_all, read_callable, read_whole, refuse
from ..records.account import Account
from ..records.exchange import Endpoints
from ..records.network import ProxyRules, Timeouts
from ..records.problem import BadArgument, Problem
from ..records.secret import Secret
from ..transport.base import Clock, Transport
from ..wire.headers import LIBRARY, describe_client
from ..wire.urls import check_endpoints, find_endpoints
from .clock import SystemClock
from .rest import Client, Resolver
from .sender import Sender
from .settings import (
    read_bundle,
    read_endpoints,
    read_overrides,
    read_proxies,
    read_self_description,
    read_timeouts,
)

TOLD_PACKAGES = ("qiskit", "qiskit_aer", "numpy")
"""What the service is told the version of, where it is loaded."""


class Wiring(NamedTuple):
    """What a service is built on; what is not given is made by its account."""

    transport: Transport | None = None
    clock: Clock | None = None
    url_resolver: Resolver | None = None
    endpoints: Endpoints | None = None
    timeouts: Timeouts = Timeouts()
    max_answer: int | None = None


def read_wiring(**given: Any) -> Result[Wiring, Problem]:
    """Return what a user builds a service on: `transport`, `clock`, `url_resolver`, `endpoints` and its limits.

    Fails with:
        BadArgument: One of them is not what it must be, or `url_resolver` stands beside `endpoints`.

    Source: behaviour B220, B222, B304, B318.
    """
    if given["endpoints"] is not None and given["url_resolver"] is not None:
        return Failure(BadArgument(name="url_resolver", value="given", wanted="left out beside endpoints="))
    timeouts = read_timeouts(given.pop("timeout"))
    return timeouts.bind(lambda limits: read_all(WIRING, given).map(lambda read: Wiring(**read, timeouts=limits)))


def read_transport(name: str, value: Any) -> Result[Transport, BadArgument]:
    """Return what can carry requests."""
    return Success(value) if callable(getattr(value, "send", None)) else refuse(name, value, "something that can send")


def read_clock(name: str, value: Any) -> Result[Clock, BadArgument]:
    """Return what can tell and pass the time."""
    return Success(value) if isinstance(value, Clock) else refuse(name, value, "something that can tell now and sleep")


WIRING: dict[str, Read[Any]] = {
    "transport": if_given(read_transport),
    "clock": if_given(read_clock),
    "url_resolver": if_given(partial(read_callable, wanted="a function that returns the base URL of the runtime")),
    "endpoints": if_given(read_endpoints),
    "max_answer": if_given(partial(read_whole, least=1)),
}
"""What reads each of the things that a service is built on."""


class Connection(NamedTuple):
    """A way to the service that is open: everything else is asked over it."""

    client: Client
    transport: Transport
    clock: Clock
    wiring: Wiring
    """What it was built on, as far as that was given."""

    def within(self, timeouts: Timeouts) -> Self:
        """Return the same connection with other limits of time."""
        return self._replace(client=self.client.within(timeouts), wiring=self.wiring._replace(timeouts=timeouts))


def connect(account: Account, wiring: Wiring) -> Result[Connection, Problem]:
    """Open the way to the service of an account. Nothing is sent.

    Fails with:
        UnsafeUrl, BadArgument: The settings of the way cannot be used.
    """

    def build(endpoints: Endpoints, transport: Transport) -> Connection:
        if callable(keep_out := getattr(transport, "keep_out", None)):
            keep_out(*secrets_of(account))
        clock = wiring.clock or (transport if isinstance(transport, Clock) else SystemClock())
        sender = Sender(account.token, transport, clock, random, wiring.timeouts, wiring.max_answer)
        client = Client(account, endpoints, sender, wiring.url_resolver, describe_self())
        return Connection(client, transport, clock, wiring)

    def open_carrier() -> Result[Transport, Problem]:
        return open_http(account, wiring.timeouts) if wiring.transport is None else Success(wiring.transport)

    endpoints = choose_endpoints(account, wiring)
    return endpoints.bind(lambda ends: open_carrier().map(lambda transport: build(ends, transport)))


def choose_endpoints(account: Account, wiring: Wiring) -> Result[Endpoints, Problem]:
    """Return where the services of an account are. Those that are given whole leave nothing to derive.

    Source: behaviour B16, B17, B220, B305.
    """
    if wiring.endpoints is not None:
        return check_endpoints(wiring.endpoints)
    meant = find_account_url(account.url)
    private = account.private_endpoint or meant.private
    return find_endpoints(meant.url, private=private, overrides=read_overrides(os.environ))


def open_http(account: Account, timeouts: Timeouts) -> Result[Transport, Problem]:
    """Return the carrier that an account asks for, by its fields and by the environment.

    Fails with:
        BadArgument: NTLM without what speaks it, or a bundle of certificates that is not there.

    Warns:
        UserWarning: Certificates are not checked.
    """
    from ..transport.http import HttpTransport

    rules = find_proxies(account)
    if rules.ntlm is not None and find_spec("spnego") is None:
        wanted = "left out, or pyspnego installed: pip install 'qiskit-runtime-service[ntlm]'"
        return Failure(BadArgument(name="username_ntlm", value="given, but nothing here speaks NTLM", wanted=wanted))
    if account.verify is False:
        # The words of urllib3 would come again at each request.
        warn_user("Certificates are not checked (verify=False): anybody may answer.")
    bundle = Success(None) if account.verify is not True else read_bundle(os.environ)
    return bundle.map(
        lambda path: HttpTransport(
            verify=account.verify if path is None else path, proxies=rules, connect_timeout=timeouts.connect
        )
    )


def find_proxies(account: Account) -> ProxyRules:
    """Return the proxies of an account, and those of the environment.

    Source: behaviour B223, B224.
    """
    found, bypass = read_proxies(os.environ)
    given = account.proxies
    if given is None:
        return ProxyRules(found=found, bypass=bypass)
    user, password = given.username_ntlm, given.password_ntlm
    ntlm = None if user is None or password is None else (user, password)
    return ProxyRules(given=given.urls, found=found, bypass=bypass, ntlm=ntlm)


def secrets_of(account: Account) -> tuple[Secret, ...]:
    """Return all secrets by which an account is used: its key, and the passwords of the proxies on its way.

    Source: behaviour B329.
    """
    rules = find_proxies(account)
    passwords = [] if rules.ntlm is None else [rules.ntlm[1]]
    for _, proxy in (*rules.given, *rules.found):
        user, _, password = str(proxy.reveal()).partition("://")[2].rpartition("@")[0].partition(":")
        passwords += map(Secret, dict.fromkeys((password or user, unquote(password or user))))
    return tuple(secret for secret in (account.token, *passwords) if secret)


def describe_self() -> tuple[tuple[str, str], ...]:
    """Return the headers that tell the runtime which client calls, made once for a service.

    Source: behaviour B226.
    """
    loaded = ((name, getattr(sys.modules.get(name), "__version__", None)) for name in TOLD_PACKAGES)
    packages = {LIBRARY: __version__} | {name: version for name, version in loaded if version is not None}
    return describe_client(packages, **read_self_description(os.environ))
