"""The account that a URL means: many who are asked for the URL of their account give that of a service they know."""

import re
from typing import NamedTuple

from ..records.account import DEFAULT_URL

_REST = r"(:443)?([/?#][!-~]*)?"
"""Only scheme and host of the URL of an account count (B16), so whatever follows them is passed over."""
_SERVICE = re.compile(
    rf"https://(?P<private>private\.)?([a-z0-9-]+\.)?quantum(-computing)?\.(?P<account>(test\.)?cloud\.ibm\.com){_REST}",
    re.IGNORECASE | re.ASCII,
)
"""The runtime, today's and that of old IBM Cloud accounts, of any region."""
_RETIRED = re.compile(rf"https://(auth|api)\.quantum(-computing)?\.ibm\.com{_REST}", re.IGNORECASE | re.ASCII)
"""The platform that is retired. Its users have accounts on the one that took its place."""


class AccountUrl(NamedTuple):
    """The URL of an account, from which all hosts derive."""

    url: str
    private: bool = False
    """Whether a host inside the private network was named."""


def find_account_url(given: str) -> AccountUrl:
    """Return the URL of the account that `given` means: that of a service of IBM means its account, any other itself.

    Source: behaviour B305.
    """
    if "experimental" in given:  # Used as it is (B16).
        return AccountUrl(given)
    if service := _SERVICE.fullmatch(given):
        return AccountUrl(f"https://{service['account'].lower()}", private=service["private"] is not None)
    return AccountUrl(DEFAULT_URL if _RETIRED.fullmatch(given) else given)
