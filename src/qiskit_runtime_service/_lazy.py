"""Public names that are loaded when they are first used, read off the stub that editors and type checkers read."""

import sys
from importlib import import_module
from threading import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` would take longer to load than all the rest.
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType

    Homes = Mapping[str, tuple[str, str, str | None]]
    """By name: the module where it lives, what it is called there, and which module loads only with its extra."""


_LOADING = RLock()
"""Held while a name is loaded: threads that load parts of one graph of modules at once may be told of a deadlock."""


def attach_stub(name: str, doors: "Iterable[str]" = ()) -> "tuple[Callable[[str], object], Callable[[], list[str]]]":
    """Return `__getattr__` and `__dir__` of a module, by the stub beside it.

    Args:
        name: The module.
        doors: Modules below it that are loaded when they are first read off it, and that no list shows.
    """
    module = sys.modules[name]
    # The loader finds the file in archives too.
    homes = read_stub(module.__loader__.get_data(f"{module.__file__}i"))  # type: ignore[union-attr]  # it is one of files
    return attach(name, homes, frozenset(doors))


def attach(
    name: str, homes: "Homes", doors: "frozenset[str]" = frozenset()
) -> "tuple[Callable[[str], object], Callable[[], list[str]]]":
    """Return `__getattr__` and `__dir__` of a module whose names live elsewhere. `__all__` is asked for like any name.

    A name that is not there is missed as in any module (B178). What takes an extra that is not installed is in neither
    list, and says so where it is asked for: by an `ImportError` where it is imported, else by an `AttributeError`
    (B486).
    """
    module = sys.modules[name]

    def load(home: str) -> object:
        with _LOADING:
            return import_module(home, module.__package__)

    def is_met(need: str) -> bool:
        try:
            load(need)
        except ImportError:
            return False
        return True

    def public() -> list[str]:
        missing = {need for need in {need for _, _, need in homes.values()} if need and not is_met(need)}
        return sorted(known for known, (_, _, need) in homes.items() if need not in missing)

    def __getattr__(asked: str) -> object:  # noqa: N807  # it becomes the function of that name
        if asked == "__all__":
            return public()
        if asked not in homes and asked not in doors:
            raise AttributeError(f"module {name!r} has no attribute {asked!r}")
        try:
            if asked in doors:
                return load(f".{asked}")
            home, original, _ = homes[asked]
            value = getattr(load(home), original)
        except AttributeError as error:
            # Python would say "cannot import name" in its place.
            raise ImportError(f"{name}.{asked} could not be loaded: {error}") from error
        except ImportError as error:
            if (asked in homes and homes[asked][2] is None) or is_import(sys._getframe(1)):
                raise
            # What takes an extra is not there, say `hasattr` and `getattr` with a default.
            raise AttributeError(str(error)) from error
        setattr(module, asked, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807  # it becomes the function of that name
        return sorted({"__all__", *public(), *(known for known in vars(module) if known.startswith("__"))})

    return __getattr__, __dir__


def is_import(frame: "FrameType") -> bool:
    """Tell whether a frame stands at the import of a name: `from module import name`."""
    from opcode import opmap

    return frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]


def read_stub(stub: bytes) -> "Homes":
    """Return where each name of a stub lives.

    It has a line for each: `from .home import name as name`, and perhaps `# needs .module`.
    """
    lines = [words for line in stub.decode().splitlines() if (words := line.split())[:1] == ["from"]]
    return {words[5]: (words[1], words[3], words[-1] if words[-2] == "needs" else None) for words in lines}
