"""The table of precedence in docs/behaviour.md, walked cell by cell, with ours and with the existing client."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from returns.result import Success

from qiskit_runtime_service.client.settings import read_environment
from qiskit_runtime_service.core.accounts import choose_account
from qiskit_runtime_service.records.account import AccountFields
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.wire.account_file import read_account_file
from tests.support.existing import ask_existing_client, needs_existing_client
from tests.support.foreign import ROOT

CHANNELS = {"P": "ibm_quantum_platform", "C": "ibm_cloud", "retired": "ibm_quantum"}
NOBODY = "–"


class Cell(NamedTuple):
    """What one cell says: the file, what is asked, who is chosen, and whether the existing client agrees."""

    file: str
    column: str
    chosen: str
    differs: bool

    @property
    def entries(self) -> dict[str, Any]:
        held: dict[str, Any] = {}
        for name, kind, default in re.findall(r"`([^`]+)` (\w+)( default)?", self.file):
            held[name] = {"channel": CHANNELS.get(kind, CHANNELS["P"]), "token": 5 if kind == "broken" else name}
            if default:
                held[name]["is_default_account"] = True
        return held

    @property
    def channel(self) -> str | None:
        return CHANNELS[self.column[-1]] if self.column.startswith("`channel=`") else None

    @property
    def name(self) -> str | None:
        return "work" if "name=" in self.column else None

    @property
    def token(self) -> Secret | None:
        return Secret("argument") if self.column == "`token=`" else None

    @property
    def environment(self) -> dict[str, str]:
        if self.column.startswith("variable"):
            return {"QISKIT_IBM_CHANNEL": CHANNELS[self.column[-1]]}
        return {"QISKIT_IBM_TOKEN": "environment"} if "QISKIT_IBM_TOKEN" in self.column else {}


def read_table() -> Iterator[Cell]:
    page = (ROOT / "docs" / "behaviour.md").read_text()
    section = page.partition("### The precedence, cell by cell")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    header, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    for file, *cells in rows:
        for column, cell in zip(header[1:], cells, strict=True):
            yield Cell(file, column, cell.removesuffix("*").strip(), cell.endswith("*"))


CELLS = list(read_table())


@pytest.mark.holds("B60", "B64", "B65", "B66", "B69", "B71")
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.file}, {cell.column}")
def test_the_account_is_the_one_in_the_cell(cell: Cell) -> None:
    file = read_account_file(json.dumps(cell.entries).encode(), "accounts.json").unwrap()
    given = AccountFields(channel=cell.channel, token=cell.token)
    choice = choose_account(given, read_environment(cell.environment), file, name=cell.name)
    chosen = choice.unwrap().account.token.reveal() if isinstance(choice, Success) else NOBODY
    assert chosen == cell.chosen


@needs_existing_client
def test_the_existing_client_agrees_but_where_the_table_says_it_differs() -> None:
    # A token as argument never comes to the look-up of that client.
    cells = [cell for cell in CELLS if cell.token is None]
    questions = [
        {"file": cell.entries, "channel": cell.channel, "name": cell.name, "environment": cell.environment}
        for cell in cells
    ]
    answers = ask_existing_client(Path(__file__).parent / "precedence.py", questions)
    for cell, answer in zip(cells, answers, strict=True):
        theirs = NOBODY if answer.endswith("Error") else answer
        assert (theirs != cell.chosen) == cell.differs, (cell, answer)


def test_the_table_is_whole() -> None:
    assert len(CELLS) == 15 * 9
    assert sum(cell.differs for cell in CELLS) == 8
