"""The page of what is stable: it lists what is there, and pages for users import nothing else."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = "qiskit_runtime_service"
ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGE = (DOCS / "explanation" / "what-is-stable.md").read_text(encoding="utf-8")
USER_PAGES = [
    page
    for page in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
    if page != DOCS / "architecture.md" and page.parent.name != "decisions"
]
"""All but those about the inside, which nobody is to build on."""


def public_names() -> dict[str, set[str]]:
    """Return the names of the top, of the doors and for tests, by module."""
    doors = PAGE.partition("**The doors**")[2].partition("**For tests**")[0]
    found = [PACKAGE, f"{PACKAGE}.testing", *(f"{PACKAGE}.{door}" for door in re.findall(r"`([a-z][\w.]*)`", doors))]
    return {module: set(import_module(module).__all__) for module in found}


def embedding_names() -> dict[str, set[str]]:
    """Return what may be imported for embedding, by module."""
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    listed = {f"{PACKAGE}.{module}": set(re.findall(r"`(\w+)`", names)) for module, names in rows}
    return {module: names or set(vars(import_module(module))) for module, names in listed.items()}


STABLE = public_names() | embedding_names()


def imports_in(page: Path) -> set[tuple[str, str]]:
    """Return module and name of all that the blocks of a page import from us; of a whole module the name is empty."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = set()
    for node in (node for block in blocks for node in ast.walk(ast.parse(block))):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
    return {(module, name) for module, name in found if module.partition(".")[0] == PACKAGE}


def is_stable(module: str, name: str) -> bool:
    """Tell whether a name of a module, or a whole module, is on the page."""
    return name in STABLE.get(module, ()) or f"{module}.{name}".rstrip(".") in STABLE


@pytest.mark.parametrize("page", USER_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_for_users_import_only_what_is_stable(page: Path) -> None:
    assert {(module, name) for module, name in imports_in(page) if not is_stable(module, name)} == set()


def test_the_search_finds_what_is_imported_and_what_is_not_stable() -> None:
    assert (f"{PACKAGE}.core.placement", "decide_placement") in imports_in(DOCS / "embedding.md")
    assert (f"{PACKAGE}.wire", "requests") in imports_in(DOCS / "how-to" / "asyncio.md")
    assert not is_stable(f"{PACKAGE}.client.clock", "SystemClock")
    assert not is_stable(f"{PACKAGE}.core.retry", "Outcome")


@pytest.mark.parametrize("module", STABLE)
def test_whatever_the_page_lists_is_there(module: str) -> None:
    assert STABLE[module]
    assert [name for name in STABLE[module] if not hasattr(import_module(module), name)] == []
