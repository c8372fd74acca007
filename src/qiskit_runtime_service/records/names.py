"""Lists of names of which each speaks for itself."""

from typing import Annotated, TypeAlias

Names: TypeAlias = Annotated[tuple[str, ...], "each for itself"]
"""Names of which one that cannot be read hides only itself (B282)."""
