"""The door to the errors of accounts, where IBM's users look for them."""

from typing import TYPE_CHECKING

from ._left_out import closed
from .exceptions import AccountAlreadyExistsError, AccountNotFoundError, InvalidAccountError

__all__ = ["AccountAlreadyExistsError", "AccountNotFoundError", "InvalidAccountError"]

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
