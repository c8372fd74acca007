"""How often a law is tried that has to be tried less or more often than others."""

from hypothesis import settings


def examples(ordinary: int) -> int:
    """Return how often to try a law that is tried `ordinary` times where other laws are tried a hundred times."""
    return max(1, ordinary * settings().max_examples // 100)
