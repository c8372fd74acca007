"""One noun: text that must never be shown, logged, pickled or encoded."""

from typing import Self


class Secret:
    """Text that hides itself. `reveal()` is the one way to read it.

    A pickle of a secret is an empty secret, and no JSON encoder accepts one, so that keys and
    tokens leave the process only where the code says so in plain sight.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret(****)" if self._text else "Secret()"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, ("",)
