"""The page for those who move from IBM's client: its tables are made from the names of both, and from our rules.

    make reference

IBM's names come from `tests/data/public_names.json`, ours from the package, behaviours from `docs/behaviour.md`.
"""

import inspect
import json
import re
import runpy
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import qiskit_runtime_service

from ..support.made_sections import fill
from . import places

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "move-from-ibms-client.md"
THEIRS: dict[str, dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "public_names.json").read_bytes())
OURS = qiskit_runtime_service.__name__
arguments_of = runpy.run_path(str(Path(__file__).with_name("dump_names.py")))["arguments_of"]

MADE_BY_US = frozenset(
    {"IBMBackend", "RuntimeJobV2", "ExecutionSpan"}
    | {"BackendConfiguration", "BackendProperties", "QasmBackendConfiguration", "GateProperties"}
)
"""Classes that nobody calls: objects of them come from the library, made of other things than IBM's are."""

ALSO = {
    "BackendProperties": ("to_dicts", "to_pandas"),
    "Batch": ("closed", "target_backend"),
    "ExecutionSpan": ("data_slices",),
    "IBMBackend": ("best_qubits", "expected_error", "ignored", "save_snapshot"),
    "QiskitRuntimeService": (
        "best_backend",
        "check",
        "explain",
        "explain_backends",
        "iter_jobs",
        "run_program",
        "sessions",
        "track",
    ),
    "RuntimeDecoder": ("raw_decode",),
    "RuntimeJobV2": ("save_result", "service"),
    "Sampler": ("prepare",),
    "Session": ("closed", "target_backend"),
}
"""Members that a user of ours has more, and may want to know."""

NOT_HERE = {
    **dict.fromkeys(
        ("Account.get_auth_handler", "Account.get_iam_authentificator"), "the service signs what it sends by itself"
    ),
    **dict.fromkeys(
        ("Account.list_instances", "Account.resolve_crn"), "`instances()` and `active_instance()` of the service tell"
    ),
}
"""Members that we leave out, and why, or what to use instead."""

NOT_TAKEN: dict[str, str] = {}
"""Arguments that we do not take, and why."""

DIFFERENCE = re.compile(r"\*[dD]iffers\*|\bseen: ")
"""How a rule says that IBM's client does otherwise."""

KINDS = ("same", "better", "less")


def plain_names(arguments: Iterable[str] | None) -> list[str]:
    """Return the names of arguments, but not those that stand for any."""
    return [argument.partition("=")[0] for argument in arguments or () if not argument.startswith(("*", "_"))]


def has(kind: type, member: str) -> bool:
    """Tell whether objects of a class have a member, which may be declared by an annotation alone."""
    return hasattr(kind, member) or any(member in inspect.get_annotations(base) for base in kind.__mro__)


def more_and_less(place: str, theirs: list[str] | None, value: object) -> tuple[list[str], list[str]]:
    """Return which arguments are taken here alone, and which there alone with the reason."""
    here, there = plain_names(arguments_of(value)), plain_names(theirs)
    if not there:
        return [], []
    more = [f"`{name}=` of `{place}`" for name in here if name not in there]
    less = [f"`{name}` of `{place}`: {NOT_TAKEN[name]}" for name in there if name not in here]
    return more, less


def compare(name: str, theirs: dict[str, Any], value: Any) -> tuple[str, str]:
    """Return how an object of ours stands beside IBM's of the same name, in a word and in words.

    Raises:
        KeyError: Something is left out without a reason.
    """
    more, less = ([], []) if name in MADE_BY_US else more_and_less(name, theirs.get("arguments"), value)
    for member, arguments in theirs.get("members", {}).items():
        if not has(value, member):
            less.append(f"`{member}`: {NOT_HERE[f'{name}.{member}']}")
        elif arguments is not None:
            added, dropped = more_and_less(member, arguments, getattr(value, member))
            more, less = more + added, less + dropped
    more += [f"`{member}`" for member in ALSO.get(name, ()) if getattr(value, member)]
    words = [f"also {', '.join(more)}"] if more else []
    words += [f"without {'; '.join(less)}"] if less else []
    return KINDS[2 if less else 1 if more else 0], "; ".join(words)


def rows_of_names() -> Iterator[tuple[str, str, str, str]]:
    """Yield module, name, verdict and words for every name of IBM's client."""
    for module, names in THEIRS.items():
        door = import_module(OURS + module)
        for name, theirs in names.items():
            if "same" in theirs:
                other = theirs["same"].rpartition(":")[2]
                yield module, f"`{name}`", KINDS[0], "" if other == name else f"another name of `{other}`"
            else:
                yield module, f"`{name}`", *compare(name, theirs, getattr(door, name))


def table_of_names() -> str:
    """Return one table for each module; names of which nothing is to be said stand together in one row."""
    found = list(rows_of_names())
    parts = []
    for module in THEIRS:
        rows = [row[1:] for row in found if row[0] == module]
        quiet = [name for name, verdict, words in rows if verdict == KINDS[0] and not words]
        shown = [f"| {name} | **{verdict}** | {words} |" for name, verdict, words in rows if words]
        if quiet:
            listed = ", ".join(quiet) if len(quiet) < 30 else f"all {len(quiet)} devices and their provider"
            shown.insert(0, f"| {listed} | **{KINDS[0]}** | |")
        parts.append(f"### `qiskit_runtime_service{module}`\n\n| name | here | |\n|---|---|---|\n" + "\n".join(shown))
    return "\n\n".join(parts)


def table_of_places() -> str:
    """Return a row for each reason why modules, or names at modules that are here, are not here."""
    by_reason: dict[str, list[str]] = {}
    for module, reason in places.MODULES.items():
        by_reason.setdefault(reason, []).append(f"`{module[1:]}`")
    for module, names in places.NAMES.items():
        for name, reason in names.items():
            by_reason.setdefault(reason, []).append(f"`{name}` of `{module[1:]}`")
    lines = [f"| {', '.join(listed)} | {reason} |" for reason, listed in by_reason.items()]
    return "| not here | why, or what to use instead |\n|---|---|\n" + "\n".join(lines)


def table_of_behaviours() -> str:
    """Return a row for each rule that says how we differ, or what was seen there instead."""
    rules = re.findall(r"^\*\*(B\d+)\*\* (.*) \((.*)\)$", (ROOT / "docs" / "behaviour.md").read_text(), re.MULTILINE)
    differing = [[cell.replace("|", "&#124;") for cell in rule] for rule in rules if DIFFERENCE.search(rule[2])]
    lines = [f"| {' | '.join(cells)} |" for cells in differing]
    return "| rule | here | source, and what is otherwise there |\n|---|---|---|\n" + "\n".join(lines)


def render(page: str) -> str:
    """Return the page with its tables made anew."""
    tables = {"names": table_of_names(), "places": table_of_places(), "behaviours": table_of_behaviours()}
    return fill(page, "tests/compat/moving.py", tables)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
