"""The finder of modules that gives this library to whoever imports `qiskit_ibm_runtime`, and who puts it to work."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, spec_from_file_location, spec_from_loader
from pathlib import Path
from types import FunctionType, ModuleType

from .._public import public
from .._warn import warn_user

THEIRS = "qiskit_ibm_runtime"
OURS = __name__.partition(".")[0]
INSTALLED = f"{THEIRS}_installed"
"""The name under which the installed client is loaded for what ours lacks, beside the one that stands in for it."""
VERSION = "0.51.0"
"""The release whose names these are: programs ask for it before they use what is new."""

USAGE = """\
usage: python -m qiskit_runtime_service.stand_in program.py [argument ...]
       python -m qiskit_runtime_service.stand_in -m module [argument ...]

Runs a Python program in which `qiskit_ibm_runtime` is this library, with all its modules.
"""


@public("testing")
@contextmanager
def stand_in() -> Iterator[ModuleType]:
    """Let `qiskit_ibm_runtime` be this library, with all its modules, for what is imported in the block.

    A name that this library lacks is looked for in the installed client, if there is one. At the end of the block
    all is as it was before; what was imported in the block keeps what it was given.

    Like everything about imports it holds for the whole process, and for none that it starts.

    Yields:
        The module that `import qiskit_ibm_runtime` gives in the block.

    Warns:
        UserWarning: If modules hold names of the installed client already. They keep them.

    Source: behaviour B495, B496, B497.
    """
    if any(isinstance(finder, Finder) for finder in sys.meta_path):
        yield import_module(THEIRS)
        return
    before = take_out()
    if taken := sorted(holders_of(before.values())):
        warn_user(
            f"{', '.join(taken)} took names from the installed qiskit_ibm_runtime before this library stood in for it,"
            " and will go on with those. Let it stand in before they are imported."
        )
    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield import_module(THEIRS)
    finally:
        sys.meta_path.remove(finder)
        take_out()
        sys.modules.update(before)


def take_out() -> dict[str, ModuleType]:
    """Take all modules of IBM's client out of those that are loaded, and return them."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if is_theirs(name)}


def is_theirs(name: str) -> bool:
    """Tell whether a module belongs to IBM's client."""
    return name == THEIRS or name.startswith(f"{THEIRS}.")


def holders_of(theirs: Iterable[ModuleType]) -> set[str]:
    """Return the names of the packages and programs that hold something of these modules of IBM's client."""
    modules = {id(module) for module in theirs}

    def is_held(value: object) -> bool:
        made = isinstance(value, type | FunctionType) and isinstance(value.__module__, str)
        return is_theirs(value.__module__) if made else id(value) in modules

    others = [(name, module) for name, module in sys.modules.items() if isinstance(module, ModuleType)]
    return {name.partition(".")[0] for name, module in others if any(map(is_held, list(vars(module).values())))}


class Finder(MetaPathFinder):
    """Finds the modules of IBM's client here; those that are not here, where that client is installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002  # so it is called
        """Return how a module of IBM's client is loaded; nothing for one that is nowhere, and for all others."""
        if fullname == INSTALLED:
            found = PathFinder.find_spec(THEIRS)
            places = None if found is None else found.submodule_search_locations
            return found and spec_from_file_location(INSTALLED, found.origin, submodule_search_locations=places)
        if not is_theirs(fullname) or (next(homes_of(fullname), None) is None and is_nowhere(fullname)):
            return None
        return spec_from_loader(fullname, Filler(), is_package=True)


class Filler(Loader):
    """Makes the modules that stand in."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module that has nothing of its own."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing: what a module has is looked for when it is asked for. File and release are told ahead."""
        module.__file__ = getattr(next(homes_of(module.__name__)), "__file__", None)
        if module.__name__ == THEIRS:
            vars(module)["__version__"] = VERSION


class StandIn(ModuleType):
    """A module of IBM's client: its names are ours, and those of the installed client that we lack."""

    def __getattr__(self, name: str) -> object:
        """Return what has that name here, or else in the installed client. A module stands in for another there too."""
        refusals = []
        for home in homes_of(self.__name__):
            if is_module_of(home, name):
                return import_module(f"{self.__name__}.{name}")
            try:
                return getattr(home, name)
            except (AttributeError, ImportError) as error:
                refusals.append(str(error))
        raise AttributeError(refusals[0])

    def __dir__(self) -> list[str]:
        """Return the names of the first home: what the installed client has beside ours is for who knows it."""
        return sorted({*vars(self), *dir(next(homes_of(self.__name__)))})


def is_module_of(home: ModuleType, name: str) -> bool:
    """Tell whether a package has a module of that name."""
    return hasattr(home, "__path__") and not name.startswith("__") and find_spec(f"{home.__name__}.{name}") is not None


def homes_of(name: str) -> Iterator[ModuleType]:
    """Yield where the names of a module of IBM's client are: in ours, then in the installed one."""
    for root in (OURS, INSTALLED):
        with suppress(ImportError):
            yield import_module(root + name.removeprefix(THEIRS))


def is_nowhere(name: str) -> bool:
    """Tell that we have no such module. Raises what keeps it from being loaded, such as an extra that is missing."""
    try:
        import_module(OURS + name.removeprefix(THEIRS))
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(OURS):
            raise
        return True
    return False


def run(arguments: Sequence[str]) -> None:
    """Run a program in which this library stands in for IBM's client.

    Args:
        arguments: What Python takes: a file, or `-m` and a module, and what the program is given.

    Source: behaviour B498.
    """
    import runpy  # pytest loads this module at its start

    name, *rest = arguments[1:] if arguments[0] == "-m" else arguments
    with stand_in():
        sys.argv[:] = [name, *rest]
        if arguments[0] == "-m":
            sys.path[0] = str(Path.cwd())
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = str(Path(name).resolve().parent)
            runpy.run_path(name, run_name="__main__")


def main() -> int:
    """Run the program that the command line names; return 2 where it names none."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(USAGE)
        return 0
    if not arguments or arguments == ["-m"] or (arguments[0].startswith("-") and arguments[0] != "-m"):
        sys.stderr.write(USAGE)
        return 2
    if arguments[0] != "-m" and not Path(arguments[0]).exists():
        sys.stderr.write(f"There is no program {arguments[0]}.\n")
        return 2
    run(arguments)
    return 0
