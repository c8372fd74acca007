"""Every block of Python in the documents runs, and every rule that is cited exists."""

import re
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


LONG = ("docs/embedding.md", "docs/how-to/learn-noise.md")
"""Pages that start processes, or learn noise."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks_of(page: Path) -> list[str]:
    """Return the blocks of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def run_page(page: Path) -> Any:
    """Return the parameter of a test that runs a page."""
    name = name_of(page)
    return pytest.param(page, id=name, marks=pytest.mark.takes_long if name in LONG else ())


@pytest.mark.parametrize("page", [run_page(page) for page in PAGES if blocks_of(page)])
def test_the_blocks_of_a_page_run_one_after_the_other(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(page, blocks_of(page), tmp_path)
    output = capsys.readouterr().out
    for line in re.findall(r"print\(.*\)  # (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        assert line in output


def run(page: Path, blocks: list[str], folder: Path) -> None:
    """Run the blocks where what they save is in nobody's way."""
    names: dict[str, object] = {"__name__": page.stem}
    with chdir(folder):
        for block in blocks:
            exec(compile(block, name_of(page), "exec"), names)  # noqa: S102  # running the documents is the point


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


DECISION = re.compile(r"# (\d\d+)\. (.+[^.])\n\n\*(\d{4}-\d\d-\d\d), (accepted|superseded by \d\d+)\.\*\n\n")


def test_decisions_are_numbered_without_holes_and_listed_with_date_and_state() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"), key=lambda page: int(page.name.partition("-")[0]))
    rows = [
        f"| [{number}]({page.name}) | {title} | {date} | {state} |\n"
        for page in pages
        for number, title, date, state in DECISION.findall(page.read_text(encoding="utf-8"))
    ]
    numbers = [f"{number:02}" for number in range(1, len(pages) + 1)]
    assert [page.name.partition("-")[0] for page in pages] == numbers
    assert [row[3:].partition("]")[0] for row in rows] == numbers
    assert (folder / "README.md").read_text(encoding="utf-8").endswith("|---|---|---|---|\n" + "".join(rows))
