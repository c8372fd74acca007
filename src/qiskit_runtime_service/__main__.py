"""The way in to the command line: `qiskit-runtime`, or `python -m qiskit_runtime_service`."""

import sys
from importlib.util import find_spec

NEEDED = ("click", "rich")
MISSING = """\
The command line needs {names}, which is not installed.
Run: pip install 'qiskit-runtime-service[cli]'
"""


def main() -> int:
    """Run the command line and return its exit code."""
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        sys.stderr.write(MISSING.format(names=" and ".join(missing)))
        return 1
    from .cli.main import commands

    code: int = commands.main(standalone_mode=False)
    return code


if __name__ == "__main__":
    sys.exit(main())
