"""Nouns of what must never be shown: a secret that nothing takes for a text, and texts that hide themselves."""

from typing import Any, Self, SupportsIndex, overload

SHOWN = "****"
"""What is shown in place of what hides itself."""


class HiddenBytes(bytes):
    """Bytes that others handle as the bytes they are, and that hide themselves where they are shown.

    A `str` or `bytes` that is handed on is among the locals of the frames of others, which a traceback, a debugger
    or a monitor of errors shows. Parts of it hide themselves too; a pickle of it is empty. It is made of text or
    bytes without a frame of Python, so that nothing shows it before it hides.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"HiddenBytes({SHOWN})" if self else "HiddenBytes()"

    def __str__(self) -> str:
        return repr(self)

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, place: slice, /) -> "HiddenBytes": ...
    def __getitem__(self, place: SupportsIndex | slice, /) -> "int | HiddenBytes":
        return HiddenBytes(super().__getitem__(place)) if isinstance(place, slice) else super().__getitem__(place)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> "HiddenText":
        """Return the text, which hides itself too."""
        return HiddenText(super().decode(encoding, errors))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        return HiddenBytes, ()


class HiddenText(str):
    """Text that others handle as the text it is, and that hides itself where it is shown, as `HiddenBytes` do.

    Printed or formatted it is the bare text: `str()` of it is the one way to read it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"HiddenText({SHOWN})" if self else "HiddenText()"

    def __getitem__(self, place: SupportsIndex | slice, /) -> "HiddenText":
        return HiddenText(super().__getitem__(place))

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> HiddenBytes:
        """Return the bytes, which hide themselves too."""
        return HiddenBytes(super().encode(encoding, errors))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        return HiddenText, ()


class Secret:
    """Text that hides itself. `reveal()` is the one way to read it.

    A pickle of a secret is an empty secret, and no JSON encoder accepts one, so that keys and
    tokens leave the process only where the code says so in plain sight.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = HiddenText(text)

    def reveal(self) -> HiddenText:
        """Return the text itself, which others can handle and nobody shows."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({SHOWN})" if self._text else "Secret()"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, ("",)
