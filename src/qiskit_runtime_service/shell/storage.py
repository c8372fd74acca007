"""The account file on disk. Reading it creates nothing."""

from pathlib import Path

from returns.result import Failure, Result, Success

from ..records.account import AccountFile
from ..records.problem import Problem, UnreadableFile
from ..wire.account_file import read_account_file

DEFAULT_PATH = Path("~/.qiskit/qiskit-ibm.json")


def load_accounts(filename: str | None = None) -> Result[AccountFile, Problem]:
    """Read the account file. A file that is not there has no entries.

    Fails with:
        UnreadableFile: It is there, but cannot be read or is no account file.

    Source: behaviour B70.
    """
    path = Path(filename or DEFAULT_PATH).expanduser()
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return Success(AccountFile(path=str(path)))
    except OSError as error:
        fix = "Check that it is a file that you may read."
        return Failure(UnreadableFile(path=str(path), reason=error.strerror or str(error), fix=fix))
    return read_account_file(body, str(path))
