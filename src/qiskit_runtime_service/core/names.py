"""Names that were probably meant."""

from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant, or `None`."""
    from difflib import get_close_matches  # Takes long to load and is needed for messages only.

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), None)
