"""The door to the errors of accounts, where IBM's users look for them."""

from .shell.exceptions import AccountAlreadyExistsError, AccountNotFoundError, InvalidAccountError

__all__ = ["AccountAlreadyExistsError", "AccountNotFoundError", "InvalidAccountError"]
