"""Accounts as IBM's users handle them: one that can be changed, its proxies, and the file that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from .._public import public
from ..client.find_account import find_account
from ..client.raising import raise_if, value_or_raise
from ..client.settings import read_arguments
from ..core.accounts import DEFAULT_NAMES, blame_entry
from ..core.arguments import show_value
from ..records import account as records
from ..records.account import DEFAULT_CHANNEL, DEFAULT_URL
from ..records.problem import BadArgument
from ..records.secret import HiddenText
from .display import AccountView, PublicNames
from .saved_accounts import SavedAccounts, read_entry

ChannelType = Literal["ibm_cloud", "ibm_quantum_platform", "local"] | None
"""The way to the service."""
PlanType = list[str] | None
"""Plan names, best first."""


@public("proxies")
@dataclass
class ProxyConfiguration(PublicNames):
    """How to leave the network. URLs may hold passwords, so they do not show themselves.

    Args:
        urls: By protocol, or by protocol and host, the URL of the proxy.
        username_ntlm: The user, for proxies that ask by NTLM.
        password_ntlm: The password of that user.
    """

    urls: dict[str, str] | None = None
    username_ntlm: str | None = None
    password_ntlm: str | None = None

    def __post_init__(self) -> None:
        self.password_ntlm = hidden(self.password_ntlm)
        if isinstance(self.urls, dict):
            self.urls = {scheme: hidden(url) for scheme, url in self.urls.items()}

    def validate(self) -> None:
        """Check that they are proxies.

        Raises:
            IBMInputValueError: They are not. It is a `ValueError` too.
        """
        value_or_raise(read_arguments(proxies=self.to_dict()))

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, as `proxies=` of the service takes it and as a file keeps it."""
        return {name: value for name, value in vars(self).items() if value is not None}


@public("accounts")
@dataclass
class Account(PublicNames):
    """An account of a file, or one that is to be saved. Its key does not show itself: `str(account.token)` reads it.

    `QiskitRuntimeService` takes these by the same names.

    Args:
        token: The API key.
        url: The URL of the account, `https://cloud.ibm.com` by default.
        instance: The CRN or the name of a service instance.
        proxies: How to leave the network.
        verify: Whether to check certificates, or the file of the authorities to trust.
        private_endpoint: Whether to stay inside the private network.
        region: `us-east` or `eu-de`, for the automatic choice of an instance.
        plans_preference: Plan names, best first.
        channel: `ibm_quantum_platform` or `ibm_cloud`.
        tags: Only instances that have all of these are used.

    Source: behaviour B428.
    """

    token: str
    url: str | None = None
    instance: str | None = None
    proxies: ProxyConfiguration | None = None
    verify: bool | str | None = True
    private_endpoint: bool | None = False
    region: str | None = None
    plans_preference: PlanType = None
    channel: str | None = DEFAULT_CHANNEL
    tags: list[str] | None = None

    def __post_init__(self) -> None:
        self.token = hidden(self.token)
        self.url = self.url or DEFAULT_URL

    @classmethod
    def create_account(
        cls,
        channel: str,
        token: str,
        url: str | None = None,
        instance: str | None = None,
        proxies: ProxyConfiguration | None = None,
        verify: bool | str | None = True,
        private_endpoint: bool | None = False,
        region: str | None = None,
        plans_preference: PlanType = None,
        tags: list[str] | None = None,
    ) -> Self:
        """Make an account of a channel.

        Raises:
            InvalidAccountError: There is no such channel.
        """
        # A traceback may show the locals of this frame.
        token = hidden(token)
        check_channel(channel)
        return cls(token, url, instance, proxies, verify, private_endpoint, region, plans_preference, channel, tags)

    @classmethod
    def from_saved_format(cls, data: Mapping[str, Any]) -> Self:
        """Make an account of an entry of the file. What it has beside the fields of an account is passed over.

        Raises:
            InvalidAccountError: There is no such channel.
        """
        made = cls._filled(data)
        del data
        check_channel(made.channel)
        return made

    @classmethod
    def of(cls, account: records.Account) -> Self:
        """Make one from its record."""
        return cls._filled(AccountView(account))

    @classmethod
    def _filled(cls, data: Mapping[str, Any]) -> Self:
        given = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        if given.get("proxies"):
            given["proxies"] = ProxyConfiguration(**given["proxies"])
        return cls(**{"channel": None, "token": None, **given})

    def to_saved_format(self) -> dict[str, Any]:
        """Return what is set as an entry of the file, with the key."""
        entry = {name: value for name, value in vars(self).items() if value is not None}
        return entry if self.proxies is None else entry | {"proxies": self.proxies.to_dict()}

    def validate(self) -> Self:
        """Check that the account can be saved and used; return it.

        Raises:
            InvalidAccountError: It cannot, with the field and the way out.
        """
        check_channel(self.channel)
        read_entry(read_arguments(**self.to_saved_format()), name=None, is_default=False)
        return self


@public("accounts")
class AccountManager:
    """The file of accounts, as `QiskitRuntimeService` reads and writes it.

    Source: behaviour B428.
    """

    @classmethod
    def save(
        cls,
        token: str | None = None,
        url: str | None = None,
        instance: str | None = None,
        channel: str | None = None,
        filename: str | None = None,
        name: str | None = "default",
        proxies: ProxyConfiguration | None = None,
        verify: bool | str | None = None,
        overwrite: bool | None = False,
        set_as_default: bool | None = None,
        private_endpoint: bool | None = False,
        region: str | None = None,
        plans_preference: PlanType = None,
        tags: list[str] | None = None,
    ) -> None:
        """Save an account, as `QiskitRuntimeService.save_account` does."""
        token = hidden(token)
        SavedAccounts.save_account(
            token,
            url,
            instance,
            channel,
            filename,
            name,
            None if proxies is None else proxies.to_dict(),
            verify,
            overwrite,
            set_as_default,
            private_endpoint,
            region,
            plans_preference,
            tags,
        )

    @staticmethod
    def list(
        default: bool | None = None,
        channel: str | None = None,
        filename: str | None = None,
        name: str | None = None,
    ) -> dict[str, Account]:
        """Return the saved accounts by their names, chosen as `QiskitRuntimeService.saved_accounts` does."""
        saved = SavedAccounts.saved_accounts(default, channel, filename, name)
        return {name: Account.from_saved_format(entry) for name, entry in saved.items()}

    @classmethod
    def get(cls, filename: str | None = None, name: str | None = None, channel: str | None = None) -> Account:
        """Return the account that `QiskitRuntimeService` would use.

        Raises:
            AccountNotFoundError: There is none.
            InvalidAccountError: The file, or the account in it, cannot be read.
        """
        given = value_or_raise(read_arguments(channel=channel))
        return Account.of(value_or_raise(find_account(given, filename, name)).account)

    @classmethod
    def delete(cls, filename: str | None = None, name: str | None = None, channel: str | None = None) -> bool:
        """Delete a saved account, as `QiskitRuntimeService.delete_account` does; return whether there was one."""
        return SavedAccounts.delete_account(filename, name, channel)


def check_channel(channel: Any) -> None:
    """Check that a file may keep accounts of a channel.

    Raises:
        InvalidAccountError: There is no such channel.
    """
    if channel not in DEFAULT_NAMES:
        wanted = f"one of {', '.join(sorted(DEFAULT_NAMES))}"
        raise_if(blame_entry(BadArgument(name="channel", value=show_value(channel), wanted=wanted)))


def hidden(text: Any) -> Any:
    """Return a text that does not show itself; what is no text is for others to refuse."""
    return HiddenText(text) if isinstance(text, str) else text
