"""What each public call raises, there and here, as it is written in `tests/data/errors_by_call.toml`."""

import builtins
import tomllib
from pathlib import Path
from typing import NamedTuple

from qiskit_runtime_service import exceptions

TABLE = tomllib.loads((Path(__file__).parents[1] / "data" / "errors_by_call.toml").read_text(encoding="utf-8"))

BY_ITSELF = ""
"""The failure of a call that fails though all goes well on the way."""


class Cell(NamedTuple):
    """By which names an error is caught: the narrowest of them. None where nothing is raised."""

    there: list[str]
    here: list[str]


class Difference(NamedTuple):
    """Names by which an error is caught there and not here, because of `failures` or in `calls`, and why."""

    failures: list[str]
    calls: list[str]
    names: list[str]
    why: str

    def covers(self, call: str, failure: str) -> bool:
        """Tell whether it is about this failure of a call."""
        return failure in self.failures or call in self.calls


def read_cells() -> dict[tuple[str, str], Cell]:
    """Return what is raised, by call and failure.

    Raises:
        ValueError: Something is said twice.
    """
    lines = [
        (call, failure, there, here)
        for section in TABLE["on_the_way"]
        for alike in section["alike"]
        for call in alike["calls"]
        for failures, there, here in alike["rows"]
        for failure in failures.split(", ")
    ]
    lines += [(call, BY_ITSELF, there, here) for section in TABLE["by_itself"] for call, there, here in section["rows"]]
    cells = {(call, failure): Cell(there.split(), here.split()) for call, failure, there, here in lines}
    if len(cells) < len(lines):
        raise ValueError("a call and its failure are there twice")
    return cells


CELLS = read_cells()
DIFFERENCES = [Difference(**{"failures": [], "calls": []} | line) for line in TABLE["difference"]]

NAMES: dict[str, type] = {name: kind for name, kind in vars(builtins).items() if isinstance(kind, type)}
NAMES |= {name: getattr(exceptions, name) for name in exceptions.__all__}
"""By which names users of ours catch an error."""


def is_public(kind: type) -> bool:
    """Tell whether users can name a class."""
    return NAMES.get(kind.__name__) is kind


def uncaught(call: str, failure: str, theirs: list[str]) -> set[str]:
    """Return by which of their names what is raised here is not caught, but for those that a difference implies."""
    here = [NAMES[name] for name in CELLS[call, failure].here]
    missing = {name for name in theirs if not any(name in NAMES and issubclass(kind, NAMES[name]) for kind in here)}
    intended = [NAMES[name] for line in DIFFERENCES if line.covers(call, failure) for name in line.names]
    return missing - {base.__name__ for kind in intended for base in kind.__mro__} if here else set()
