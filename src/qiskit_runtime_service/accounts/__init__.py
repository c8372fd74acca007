"""The door to accounts, the file that keeps them, and their errors, where IBM's users look for them."""

from .._doors import open_doors
from ..exceptions import (
    AccountAlreadyExistsError,
    AccountNotFoundError,
    AccountsError,
    CloudResourceNameResolutionError,
    InvalidAccountError,
)
from ..shell.accounts import Account, AccountManager, ChannelType, PlanType

__all__ = [
    "Account",
    "AccountAlreadyExistsError",
    "AccountManager",
    "AccountNotFoundError",
    "AccountsError",
    "ChannelType",
    "CloudResourceNameResolutionError",
    "InvalidAccountError",
    "PlanType",
]

open_doors(__name__)
