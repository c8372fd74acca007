"""IBM's client at an account file. Runs in the environment of that client, not in ours.

Reads a JSON list of calls from standard input, each `{"call", "arguments"}`, and prints the list of their answers,
or of the names of the exceptions.
"""

import json
import sys
import warnings
from typing import Any

from qiskit_ibm_runtime import QiskitRuntimeService


def answer(call: str, arguments: dict[str, Any]) -> Any:
    """Return what a call gives, or the name of the exception."""
    try:
        return getattr(QiskitRuntimeService, call)(**arguments)
    except Exception as error:  # noqa: BLE001  # whatever it raises is its answer
        return type(error).__name__


def main() -> None:
    """Answer all calls."""
    warnings.simplefilter("ignore")
    print(json.dumps([answer(question["call"], question["arguments"]) for question in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
