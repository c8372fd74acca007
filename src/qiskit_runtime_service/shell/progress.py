"""Showing how something goes on, in one line: on a terminal, in a notebook, or not at all."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Self, TextIO


class Progress:
    """One line that changes. It is there while a `with` block runs, and gone after it."""

    def show(self, text: str, /) -> None:
        """Put `text` in the place of the line."""

    def clear(self) -> None:
        """Take the line away."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


class Silent(Progress):
    """Show nothing, as where the output is no terminal."""


class TerminalLine(Progress):
    """A line that is written over, on a terminal, by nothing but a carriage return."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def show(self, text: str, /) -> None:
        """Write over the line."""
        self._stream.write(f"\r{text.ljust(self._width)}")
        self._stream.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Write blanks over the line."""
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()


class RichLine(Progress):
    """A line with a spinner, on a terminal, by rich."""

    def __init__(self, stream: TextIO) -> None:
        console = import_module("rich.console").Console(file=stream)
        self._spinner: Any = import_module("rich.spinner").Spinner("dots", style="status.spinner")
        self._live: Any = import_module("rich.live").Live(
            self._spinner, console=console, refresh_per_second=12.5, transient=True
        )

    def show(self, text: str, /) -> None:
        """Change the line. The first text is there at once, the others with the next turn of the spinner."""
        self._spinner.update(text=import_module("rich.text").Text(text))
        if not self._live.is_started:
            self._live.start(refresh=True)

    def clear(self) -> None:
        """Take spinner and line away."""
        self._live.stop()


class NotebookLine(Progress):
    """A line under a cell of a notebook.

    Args:
        display: IPython's function of that name, or one like it.
    """

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, text: str, /) -> None:
        """Change what is shown under the cell."""
        if self._handle is None:
            self._handle = self._display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)

    def clear(self) -> None:
        """Leave an empty line: a notebook cannot take it away."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)


def open_line(wanted: bool, stream: TextIO | None = None) -> Progress:
    """Return a line for where the program runs: a notebook, a terminal with or without rich, or nothing.

    Args:
        wanted: `False` shows nothing anywhere.
        stream: The terminal; the error output by default, so that results can be piped.
    """
    if not wanted:
        return Silent()
    display = find_display()
    if display is not None:
        return NotebookLine(display)
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        return Silent()
    try:
        return RichLine(stream)
    except ImportError:
        return TerminalLine(stream)


def find_display() -> Callable[..., Any] | None:
    """Return what shows things in a notebook, if this is one. Nothing is loaded for it."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if not hasattr(shell, "kernel"):
        return None
    display: Callable[..., Any] = import_module("IPython.display").display
    return display
