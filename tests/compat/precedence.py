"""Which account IBM's client chooses. Runs in the environment of that client, not in ours.

Reads a JSON list of cases from standard input, each `{"file", "channel", "name", "environment"}`, and prints the list
of the tokens of the accounts that are chosen, or the names of the exceptions.
"""

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from qiskit_ibm_runtime.accounts import AccountManager


def choose(case: dict[str, Any], path: Path) -> str:
    """Return the token of the account that is chosen, or the name of the exception."""
    path.write_text(json.dumps(case["file"]))
    for variable in [name for name in os.environ if name.startswith("QISKIT_IBM_")]:
        del os.environ[variable]
    os.environ.update(case["environment"])
    try:
        account = AccountManager.get(filename=str(path), name=case["name"], channel=case["channel"])
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return type(error).__name__
    return str(account.token) if account else "None"


def main() -> None:
    """Answer all cases."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps([choose(case, Path(folder) / "accounts.json") for case in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
