"""Names that were probably meant."""

from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant, or `None`. Capitals count only where a name is known with them."""
    from difflib import get_close_matches  # Takes long to load and is needed for messages only.

    by_letters: dict[str, str] = {}
    for candidate in known:
        if candidate == name:
            return candidate
        by_letters.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(name.casefold(), by_letters, n=1, cutoff=0.5)
    return by_letters[close[0]] if close else None


def hint_at(nearest: str | None, otherwise: str) -> str:
    """Return the way out of a name that there is not: the one that was probably meant, or what else to do."""
    return f"Did you mean {nearest!r}?" if nearest else otherwise
