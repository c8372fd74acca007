"""How a value from elsewhere is shown: in one line that can be printed, and no longer than a reader needs."""

from collections.abc import Callable

MOST_LETTERS = 200
"""How much of a value, or of a name, is shown."""
MOST_OF_A_TEXT = 10_000
"""How much is shown of a text that may be long, such as the words of a server."""


def write_out(value: object, write: Callable[[object], str] = repr) -> str:
    """Return how a value is written, or of which type it is where that cannot be: Python writes no number too long.

    Args:
        value: Anything.
        write: `repr` or `str`.

    Source: behaviour B353.
    """
    try:
        return write(value)
    except (ValueError, RecursionError):
        kind = type(value).__name__
        return f"of type {kind}, too large to be written" if isinstance(value, int) else f"of type {kind}"


def shorten(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text of at most `most` characters: of a longer one the beginning, and how long it is.

    Source: behaviour B353.
    """
    if len(text) <= most:
        return text
    end = f"… ({len(text)} characters)"
    return text[: most - len(end)] + end


def counted(number: int, noun: str) -> str:
    """Return how many there are: `1 job`, `2 jobs`.

    Source: behaviour B452.
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spell(seconds: float) -> str:
    """Return a duration as a person would say it."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{left} s" if left else ""]
    return " ".join(filter(None, parts)) or "0 s"


def as_line(text: str) -> str:
    """Return a text in which what is no printable character is escaped, as in Python.

    Source: behaviour B353.
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
