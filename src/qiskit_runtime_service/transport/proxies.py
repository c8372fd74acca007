"""Which proxy a URL goes through, and how a proxy is told who asks. Pure but for the conversation itself."""

import re
from binascii import b2a_base64
from ipaddress import ip_address, ip_network
from typing import Any

from urllib3.util import parse_url

from ..records.network import ProxyRules
from ..records.secret import HiddenBytes, HiddenText, Secret
from .connections import Handshake

DEFAULT_PORTS = {"http": "80", "https": "443"}

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def choose_proxy(rules: ProxyRules, url: str) -> Secret | None:
    """Return the proxy for `url`, the most precise one first; what the user says comes before the environment.

    Source: behaviour B223.
    """
    scheme, host, port = split_url(url)
    places = (f"{scheme}://{host}:{port}", f"{scheme}://{host}", scheme, f"all://{host}", "all")
    given, found = dict(rules.given), dict(rules.found)
    chosen = next((given[place] for place in places if place in given), None)
    if chosen is not None or not found or is_bypassed(rules.bypass, host, port):
        return chosen or None
    return next((found[place] for place in places if place in found), None) or None


def is_bypassed(bypass: tuple[str, ...], host: str, port: str) -> bool:
    """Tell whether a host, as `split_url` returns it, is reached without a proxy.

    Source: behaviour B224.
    """
    return any(is_meant(entry.strip().lower(), host, port) for entry in bypass)


def is_meant(entry: str, host: str, port: str) -> bool:
    """Tell whether one entry of `NO_PROXY` means a host: a name, an ending, an address, a network, `*`."""
    if entry == "*":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        name, _, wanted = entry.rpartition(":") if re.search(r":\d+\Z", entry) else (entry, "", port)
        name = name.removeprefix("*").removeprefix(".")
        return bool(name) and wanted == port and (host == name or host.endswith(f".{name}"))
    try:
        return address in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return entry in (f"{host}:{port}", f"[{host}]:{port}")


def split_url(url: str) -> tuple[str, str, str]:
    """Return scheme, host and port of a URL, in lower case; the port is that of the scheme unless there is one."""
    scheme, _, rest = url.lower().partition("://")
    authority = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        host, port = authority, ""
    return scheme, host.strip("[]"), port or DEFAULT_PORTS.get(scheme, "")


def split_proxy(proxy: str) -> tuple[str, dict[str, str]]:
    """Return the address of a proxy, and the headers that open it.

    User and password leave the URL, so that no message of an error shows them, and no function of others sees them.

    Source: behaviour B327.
    """
    begin = proxy.find("://") + 3 if "://" in proxy else 0
    end = min((place for mark in "/?#" if (place := proxy.find(mark, begin)) >= 0), default=len(proxy))
    at = proxy.rfind("@", begin, end)
    scheme = str(proxy[:begin]) or "http://"
    address = (
        parse_url(f"{scheme}{proxy[at + 1 if at >= 0 else begin :]}")._replace(path=None, query=None, fragment=None).url
    )
    if at <= begin:
        return address, {}
    user = HiddenBytes(_ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), proxy[begin:at].encode()))
    return address, {"Proxy-Authorization": HiddenText(f"Basic {b2a_base64(user, newline=False).decode()}")}


def begin_ntlm(user: str, password: Secret) -> Handshake:
    """Begin the conversation with a proxy that asks for NTLM."""
    import spnego

    return _Conversation(spnego.client(user, password.reveal(), protocol="ntlm"))


class _Conversation:
    """The conversation as pyspnego has it, its words without their types."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def step(self, challenge: bytes | None = None) -> bytes | None:
        """Return what to say next, or nothing."""
        return None if self._context.complete else HiddenBytes(self._context.step(challenge) or b"") or None
