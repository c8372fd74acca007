"""Every block of Python in the documents runs, and every rule that is cited exists."""

import re
from pathlib import Path

import pytest

from .support.graphviz import needs_graphviz

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def needs_of(page: Path) -> tuple[pytest.MarkDecorator, ...]:
    """Return what the blocks of a page need of this machine."""
    return (needs_graphviz,) if "plot_error_map(device)" in page.read_text() else ()


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=needs_of(page), id=name_of(page)) for page in PAGES if BLOCK.search(page.read_text())],
)
def test_the_blocks_of_a_page_run_one_after_the_other(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": page.stem}
    for block in BLOCK.findall(page.read_text()):
        exec(compile(block, name_of(page), "exec"), names)  # noqa: S102  # running the documents is the point
    output = capsys.readouterr().out
    for line in re.findall(r"print\(.*\)  # (.+)$", page.read_text(), re.MULTILINE):
        assert line in output


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


DECISION = re.compile(r"# (\d\d)\. (.+[^.])\n\n\*(\d{4}-\d\d-\d\d), (accepted|superseded by \d\d)\.\*\n\n")


def test_decisions_are_numbered_without_holes_and_listed_with_date_and_state() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"))
    rows = [
        f"| [{number}]({page.name}) | {title} | {date} | {state} |\n"
        for page in pages
        for number, title, date, state in DECISION.findall(page.read_text(encoding="utf-8"))
    ]
    numbers = [f"{number:02}" for number in range(1, len(pages) + 1)]
    assert [page.name.partition("-")[0] for page in pages] == numbers
    assert [row[3:5] for row in rows] == numbers
    assert (folder / "README.md").read_text(encoding="utf-8").endswith("|---|---|---|---|\n" + "".join(rows))
