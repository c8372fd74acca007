"""Where IBM's client has its names, written down: every module without an underscore, and what each has to offer.

    python tests/compat/dump_places.py > tests/data/places.json

Run it where that client is installed. The tests of our doors are made from what it writes. Only what Python shows of
modules is read.
"""

import inspect
import json
import pkgutil
import warnings
from importlib import import_module
from types import GenericAlias, ModuleType, UnionType

PACKAGE = "qiskit_ibm_runtime"


def is_made_at(value: object, module: ModuleType) -> bool:
    """Tell whether something is a class or function that is made in a module."""
    made = inspect.isclass(value) or inspect.isfunction(value)
    return made and getattr(value, "__module__", "") == module.__name__


def is_own(value: object) -> bool:
    """Tell whether something is a class or function of the client's own making."""
    made = inspect.isclass(value) or inspect.isfunction(value)
    return made and str(getattr(value, "__module__", "")).partition(".")[0] == PACKAGE


def offered_by(module: ModuleType) -> list[str]:
    """Return what a module offers: what is made there, and names of types, which do not say where they are made; in a
    package, and where names only pass through, all that is of the client's own making."""
    names = {name for name in {*vars(module), *getattr(module, "__all__", ())} if not name.startswith("_")}
    found = {name: getattr(module, name) for name in sorted(names)}
    types = {name for name, value in found.items() if isinstance(value, GenericAlias | UnionType)}
    made = {name for name, value in found.items() if is_made_at(value, module)} | types
    own = {name for name, value in found.items() if is_own(value)}
    return sorted(made | own if hasattr(module, "__path__") or not made else made)


def dump() -> dict[str, list[str] | None]:
    """Return what each module offers; `None` where it cannot be loaded because it takes another library."""
    warnings.simplefilter("ignore")
    package = import_module(PACKAGE)
    walked = pkgutil.walk_packages(package.__path__, f"{PACKAGE}.", onerror=lambda _: None)
    modules = sorted(
        module.name for module in walked if not any(part.startswith("_") for part in module.name.split("."))
    )
    found: dict[str, list[str] | None] = {}
    for name in (PACKAGE, *modules):
        try:
            found[name.removeprefix(PACKAGE)] = offered_by(import_module(name))
        except ModuleNotFoundError:
            found[name.removeprefix(PACKAGE)] = None
    return found


if __name__ == "__main__":
    print(json.dumps(dump(), indent=1))
