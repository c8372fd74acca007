"""Finding the account to use: by arguments, environment, file, and what programs and keyrings tell."""

import os

from returns.result import Result

from ..core.accounts import TOKEN_FIELDS, choose_account, put_key
from ..records.account import AccountChoice, AccountFields, AccountFile
from ..records.problem import Problem
from .account_store import load_accounts
from .credentials import fetch_key
from .settings import read_environment

LOCAL = "local"


def find_account(given: AccountFields, filename: str | None, name: str | None) -> Result[AccountChoice, Problem]:
    """Return the account to use, with its key, and why it is this one."""
    return choose_among_settings(given, filename, name).bind(
        lambda choice: fetch_key(choice.account).map(lambda key: choice if key is None else put_key(choice, key))
    )


def choose_among_settings(
    given: AccountFields, filename: str | None, name: str | None
) -> Result[AccountChoice, Problem]:
    """Choose the account, and fetch no key. The file is read only if it can decide something."""
    environment = read_environment(os.environ)
    keys = (given.token, *(getattr(environment, field) for field in TOKEN_FIELDS))
    if name is None and (any(keys) or LOCAL in (given.channel, environment.channel)):
        return choose_account(given, environment, AccountFile(path=""))
    return load_accounts(filename).bind(lambda file: choose_account(given, environment, file, name=name))
