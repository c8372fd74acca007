"""The warning that a simulation left something out: noise of its device, or a part of its state."""

from .._warn import warn_user


def warn_of_left_out(words: str) -> None:
    """Warn of what a simulation left out, at the line of the user, if it left out anything.

    Source: behaviour B253, B271.
    """
    if words:
        warn_user(words)
