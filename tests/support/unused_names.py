"""Top-level names that neither the source nor the public surface uses.

    python -m tests.support.unused_names

Public is what a stub, an `__all__` or the table of doors names, what pytest finds by itself, what the reference is made
from, and what the page of stable names has.
"""

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from qiskit_runtime_service._doors import HOMES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "qiskit_runtime_service"
REFERENCE = ROOT / "docs" / "reference"
STABLE = ROOT / "docs" / "explanation" / "what-is-stable.md"


def defined_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that a module defines at its top, and the line."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if not any("fixture" in ast.unparse(decorator) for decorator in statement.decorator_list):
                    yield name, statement.lineno
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, statement.lineno


def used_in(tree: ast.AST) -> Iterator[str]:
    """Yield each name that is read, of the module itself or of another; a definition is no use of itself."""
    for statement in ast.iter_child_nodes(tree):
        own = statement.name if isinstance(statement, ast.FunctionDef | ast.ClassDef) else None
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name) if name != own:
                    yield name
                case ast.ImportFrom(names=aliases):
                    yield from (alias.name for alias in aliases)
                case ast.Constant(value=str(text)):
                    yield from names_in_quotes(text)


def names_in_quotes(text: str) -> Iterator[str]:
    """Yield the names of a type in quotes; a sentence has none."""
    with suppress(SyntaxError, ValueError):
        yield from (node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name))


def public_in(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the `__all__` of a module."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                yield from (ast.literal_eval(name) for name in names if isinstance(name, ast.Constant))


def unused_names(source: Path = SOURCE) -> list[str]:
    """Return a line for each name that nobody uses."""
    files = [*source.rglob("*.py"), *source.rglob("*.pyi"), *REFERENCE.glob("*.py")]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}
    used = {name for tree in trees.values() for name in (*used_in(tree), *public_in(tree))}
    used |= {original for homes in HOMES.values() for _, original, _ in homes.values()}
    used |= set(re.findall(r"\w+", STABLE.read_text(encoding="utf-8"))) if STABLE.exists() else set()
    return [
        f"{path.relative_to(source)}:{line}: nobody uses {name}"
        for path, tree in trees.items()
        if path.is_relative_to(source)
        for name, line in defined_in(tree)
        if name not in used and not name.startswith(("__", "pytest_"))
    ]


if __name__ == "__main__":
    found = unused_names()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(bool(found))
