"""Processes that a command starts, a program or itself in the background, and the signals for them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

from .output import say

STOPPING = (signal.SIGINT, signal.SIGTERM)
NOT_FOUND, NOT_A_PROGRAM, BY_SIGNAL = 127, 126, 128
"""What shells say of programs that could not be started, and from which number on of those that a signal has ended."""
DETACHED: dict[str, Any]
if sys.platform == "win32":
    DETACHED = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
else:
    DETACHED = {"start_new_session": True}


@contextmanager
def handling(handle: Callable[[int], None]) -> Iterator[None]:
    """Give the signals that end a program to a function, for as long as the block runs."""
    before = {number: signal.signal(number, lambda number, _: handle(number)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_led(program: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program with `variables` in its environment, hand signals on to it, and return its exit code.

    Source: behaviour B470.
    """
    early: list[int] = []
    hand_on: Callable[[int], None] = early.append
    with handling(lambda number: hand_on(number)):
        try:
            # Windows finds only programs that end in .exe by itself.
            command = [shutil.which(program[0]) or program[0], *program[1:]]
            process = subprocess.Popen(command, env=os.environ | variables)  # noqa: S603  # the user's own command
        except FileNotFoundError:
            say(f"There is no program {program[0]!r}.")
            return NOT_FOUND
        except OSError as error:
            say(f"{program[0]!r} cannot be run: {error.strerror or error}.")
            return NOT_A_PROGRAM

        def hand_on(number: int) -> None:
            # Who presses Ctrl-C on a terminal tells all who are in its foreground.
            if number != signal.SIGINT or not is_in_foreground():
                process.send_signal(number)

        for number in early:
            hand_on(number)
        code = process.wait()
    return code if code >= 0 else BY_SIGNAL - code


def is_in_foreground() -> bool:
    """Tell whether a terminal tells this process and its children of Ctrl-C by itself."""
    if sys.platform == "win32":
        return True
    terminal = next((number for number in range(3) if os.isatty(number)), None)
    return terminal is not None and os.tcgetpgrp(terminal) == os.getpgrp()


def start_in_background(arguments: Sequence[str]) -> tuple[int, str, int]:
    """Start a command of ours that goes on when this process has ended, until it closes its standard output.

    Returns:
        The id of its process, what it has written, and its exit code: 0 where it goes on, else it has said why.
    """
    with TemporaryFile() as talk:
        command = [sys.executable, "-m", __package__.partition(".")[0], *arguments]
        process = subprocess.Popen(  # noqa: S603  # our own
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=talk, text=True, **DETACHED
        )
        text = process.stdout.read() if process.stdout else ""
        if not text:
            code = process.wait()
            talk.seek(0)
            say(talk.read().decode(errors="replace").rstrip("\n"))
            return process.pid, text, code
    process.returncode = 0  # Nobody waits for it.
    return process.pid, text, 0


def end_output() -> None:
    """Close standard output for whoever reads it. What is still written goes nowhere."""
    sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
