"""How often a law is tried that has to be tried less or more often than others."""

from hypothesis import settings


def examples(ordinary: int) -> int:
    """Return how often to try a law that an ordinary run tries `ordinary` times, and other laws a hundred."""
    return max(1, ordinary * settings().max_examples // 100)
