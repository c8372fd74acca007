"""The warning that a simulation has less noise than its device."""

from collections.abc import Sequence

from .._warn import warn_user
from ..core.lost_noise import warn_of_losses


def warn_of_lost_noise(sentences: Sequence[str]) -> None:
    """Warn of what a simulation left out, at the line of the user, if it left out anything.

    Source: behaviour B271.
    """
    if sentences:
        warn_user(warn_of_losses(sentences))
