"""What IBM's client offers for import, written down: modules, names, arguments, members of classes.

    python tests/compat/dump_names.py > tests/data/public_names.json

Run it where that client is installed. The tests of our names and the table for those who move are made from what it
writes. Only what Python shows of public objects is read.
"""

import inspect
import json
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any

PACKAGE = "qiskit_ibm_runtime"
MODULES = [
    "", ".accounts", ".calibrator", ".circuit", ".debug_tools", ".exceptions", ".execution_span", ".executor",
    ".executor_estimator", ".executor_noise_learner", ".executor_sampler", ".fake_provider", ".json", ".models",
    ".noise_learner", ".noise_learner_v3", ".options", ".options_models", ".quantum_program", ".results",
    ".transpiler.passes", ".utils", ".visualization", ".visualization.embeddings",
]  # fmt: skip
"""The modules that its documentation names, or that its own examples import from."""
STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def is_own(value: object) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] == PACKAGE


def is_offered(value: object, module: ModuleType) -> bool:
    """Tell whether a module means to offer a class or function: all in a package, elsewhere what is made there."""
    made = inspect.isclass(value) or inspect.isfunction(value)
    return made and is_own(value) and (hasattr(module, "__path__") or value.__module__ == module.__name__)


def names_of(module: ModuleType) -> dict[str, Any]:
    """Return the public names of a module that are of the client's own making."""
    public = (name for name in {*vars(module), *getattr(module, "__all__", ())} if not name.startswith("_"))
    found = {name: getattr(module, name) for name in sorted(public)}
    return {name: value for name, value in found.items() if is_offered(value, module)}


def arguments_of(value: Any) -> list[str] | None:
    """Return the arguments as `name`, `name=default`, `*args` or `**kwargs`; `None` where Python does not know them."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    shown = []
    for parameter in parameters:
        star = STARS.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        # Objects without a text of their own show where they are in memory.
        shown.append(f"{star}{parameter.name}{default if ' at 0x' not in default else '=…'}")
    return [text for text in shown if text not in ("self", "cls")]


def members_of(kind: type) -> dict[str, list[str] | None]:
    """Return the public methods, with their arguments, and attributes, with none, that the client gives a class."""
    own = {name for base in kind.__mro__ if is_own(base) for name in vars(base) if not name.startswith("_")}
    return {
        name: arguments_of(value) if callable(value) else None
        for name in sorted(own)
        for value in [getattr(kind, name, None)]
    }


def describe(value: Any) -> dict[str, Any]:
    """Return arguments, and members of a class."""
    described: dict[str, Any] = {"arguments": arguments_of(value)}
    if inspect.isclass(value):
        described["members"] = members_of(value)
    return described


def dump() -> dict[str, dict[str, Any]]:
    """Return every name of every module, described where it is first seen."""
    warnings.simplefilter("ignore")
    found: dict[str, dict[str, Any]] = {}
    seen: dict[int, str] = {}
    for suffix in MODULES:
        named: dict[str, Any] = {}
        # What has two names is described under its own.
        offered = sorted(
            names_of(import_module(PACKAGE + suffix)).items(), key=lambda pair: pair[0] != pair[1].__name__
        )
        for name, value in offered:
            place = seen.setdefault(id(value), f"{suffix}:{name}")
            plain = suffix == ".fake_provider" and name.startswith("Fake")
            named[name] = {} if plain else describe(value) if place == f"{suffix}:{name}" else {"same": place}
        found[suffix] = named
    return found


if __name__ == "__main__":
    print(json.dumps(dump(), indent=1, sort_keys=True))
