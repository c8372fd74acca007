"""The account that a URL means: many who are asked for the URL of their account give that of a service they know."""

import re
from typing import NamedTuple

from ..records.account import DEFAULT_URL

_START = r"\s*(https://)?"
"""Of the hosts below a user can mean one scheme only, and white space around a URL is not part of it."""
_REST = r"\.?(:\d*)?([/?#][!-~]*)?\s*"
"""Only scheme and host of the URL of an account count (B16), so whatever follows them is passed over."""
_RUNTIME = r"([a-z0-9-]+\.)?quantum(-computing)?"
"""The runtime, today's and that of old IBM Cloud accounts, of any region."""
_PARTS = r"iam|api\.global-search-tagging|globalcatalog|resource-controller"
"""The other services that an account has."""
_SERVICE = re.compile(
    rf"{_START}(?P<private>private\.)?(({_RUNTIME}|{_PARTS})\.)?(?P<account>(test\.)?cloud\.ibm\.com){_REST}",
    re.IGNORECASE | re.ASCII,
)
_RETIRED = re.compile(
    rf"{_START}([a-z0-9-]+\.)*(quantum(-computing)?\.ibm\.com|quantumexperience\.ng\.bluemix\.net){_REST}",
    re.IGNORECASE | re.ASCII,
)
"""The platforms that are retired. Their users have accounts on the one that took their place."""


class AccountUrl(NamedTuple):
    """The URL of an account, from which all hosts derive."""

    url: str
    private: bool = False
    """Whether a host inside the private network was named."""


def find_account_url(given: str) -> AccountUrl:
    """Return the URL of the account that `given` means: that of a service of IBM means its account, any other itself.

    Source: behaviour B305, B351.
    """
    if "experimental" in given:  # Used as it is (B16).
        return AccountUrl(given)
    if service := _SERVICE.fullmatch(given):
        return AccountUrl(f"https://{service['account'].lower()}", private=service["private"] is not None)
    return AccountUrl(DEFAULT_URL if _RETIRED.fullmatch(given) else given)
