"""Programs that wait for a server which says nothing, until something breaks into them and shows where they were.

Each is run in a process of its own, with the key in `CANARY` and the address of the server in `SILENT`.
"""

import os
import subprocess
import sys
from pathlib import Path

LIMIT = 2.0
"""Seconds until a program is broken into."""

OURS = """
from qiskit_runtime_service import Endpoints, QiskitRuntimeService
ends = Endpoints(**dict.fromkeys(("runtime", "token", "search", "catalog"), os.environ["SILENT"]))
wait = lambda: QiskitRuntimeService(token=os.environ["CANARY"], endpoints=ends)
"""
"""What a user of ours does."""

THEIRS = """
from qiskit_ibm_runtime import QiskitRuntimeService
os.environ["IAM_URL"] = os.environ["SILENT"]
wait = lambda: QiskitRuntimeService(token=os.environ["CANARY"], url=os.environ["SILENT"])
"""
"""The same with the existing client."""

BARE = """
import urllib3
wait = lambda: urllib3.request("POST", os.environ["SILENT"], body=f"apikey={os.environ['CANARY']}")
"""
"""What a careless program does, by urllib3 alone."""

BROKEN_INTO = """
import faulthandler, os, signal, sys
{wait}
def stop(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, {limit})
try:
    wait()
except BaseException as error:
    {show}
else:
    sys.exit(3)
"""

RICH = """
    from rich.console import Console
    from rich.traceback import Traceback
    kind, trace = type(error), error.__traceback__
    shown = Traceback.from_exception(kind, error, trace, show_locals=True, locals_max_string={most}, max_frames=0)
    Console(width=10_000).print(shown)
"""

SHOWN = {
    "traceback": """
    import traceback
    print(*traceback.TracebackException.from_exception(error, capture_locals=True).format())
""",
    # Texts are cut before they are shown, or not.
    "rich": RICH.format(most=80),
    "rich in full": RICH.format(most=None),
}
"""Who shows a traceback with locals."""

DUMPED = """
import faulthandler, os
{wait}
faulthandler.dump_traceback_later({limit}, exit=True)
wait()
"""

TIMED = """
import os
import pytest
{wait}
@pytest.mark.timeout({limit}, method="{method}")
def test_it():
    wait()
"""


def run(program: str, folder: Path, silent: str, key: str, *, python: str = sys.executable) -> str:
    """Run a program; return all that it says."""
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    return _say([python, str(path)], folder, silent, key)


def run_pytest(program: str, folder: Path, silent: str, key: str, *flags: str) -> str:
    """Run a program as a test with a time limit, which shows its locals; return all that it says."""
    path = folder / "test_program.py"
    path.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-l", *flags, "-p", "no:cacheprovider", "-p", "no:randomly", str(path)]
    return _say([*command, f"--rootdir={folder}", "-n0"], folder, silent, key)


def _say(command: list[str], folder: Path, silent: str, key: str) -> str:
    environ = os.environ | {"CANARY": key, "SILENT": silent, "HOME": str(folder), "COLUMNS": "10000"}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
