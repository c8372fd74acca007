"""Public names that are loaded when they are first used, read off the stub that editors and type checkers read."""

import sys
from importlib import import_module
from threading import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` would take longer to load than all the rest.
    from collections.abc import Callable


_LOADING = RLock()
"""Held while a name is loaded: threads that load parts of one graph of modules at once may be told of a deadlock."""


def attach_stub(package: str) -> "tuple[Callable[[str], object], Callable[[], list[str]], list[str]]":
    """Return `__getattr__`, `__dir__` and `__all__` of a package, by its `__init__.pyi`."""
    module = sys.modules[package]
    # The loader finds the file in archives too.
    homes = read_stub(module.__loader__.get_data(f"{module.__path__[0]}/__init__.pyi"))  # type: ignore[union-attr]  # it is one of files

    def __getattr__(name: str) -> object:  # noqa: N807  # it becomes the function of that name
        if name not in homes:
            from ._left_out import not_here

            raise not_here(package, name)
        try:
            with _LOADING:
                value = getattr(import_module(homes[name], package), name)
        except AttributeError as error:
            # Python would say "cannot import name" in its place.
            raise ImportError(f"{package}.{name} could not be loaded: {error}") from error
        setattr(module, name, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807  # it becomes the function of that name
        return sorted({*homes, *(name for name in vars(module) if name.startswith("__"))})

    return __getattr__, __dir__, sorted(homes)


def read_stub(stub: bytes) -> dict[str, str]:
    """Return where each name of a stub lives. It has a line for each: `from .home import name as name`."""
    lines = (line.split() for line in stub.decode().splitlines())
    return {words[3]: words[1] for words in lines if words[:1] == ["from"]}
