"""The pages of the command line are those that its help makes."""

import runpy
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from qiskit_runtime_service.cli.json_answers import ANSWERS
from qiskit_runtime_service.cli.main import COMMANDS
from qiskit_runtime_service.core.placement import decide_placement
from qiskit_runtime_service.core.ranking import RANKS
from qiskit_runtime_service.records.placement import Placement, PlacementQuery, PlacementRequest
from qiskit_runtime_service.records.selection import Comparison
from qiskit_runtime_service.testing import description

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = [
    *("command-line.md", "command-line.schema.json", "errors-by-call.md", "rules.md"),
    *("select.schema.json", "world.md", "world.schema.json"),
]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Return the pages as they would be written now, by name."""
    pages = runpy.run_path(str(REFERENCE / "write_reference.py"))["pages"]()
    return {path.name: text for path, text in pages.items()}


def test_the_pages_are_these(written: dict[str, str]) -> None:
    assert list(written) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name: str, written: dict[str, str]) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == written[name], "run `make reference`"


def test_the_schema_of_select_names_every_field() -> None:
    schema = msgspec.json.decode((REFERENCE / "select.schema.json").read_bytes())
    for record in (PlacementRequest, Placement):
        assert list(schema["$defs"][record.__name__]["properties"]) == list(record.__struct_fields__)
    assert schema["$defs"]["PlacementQuery"]["additionalProperties"] is False


@pytest.mark.holds("B447")
def test_the_schema_of_worlds_has_every_field_with_what_it_is_for() -> None:
    parts = msgspec.json.decode((REFERENCE / "world.schema.json").read_bytes())["$defs"]
    told = (REFERENCE / "world.md").read_text(encoding="utf-8")
    assert set(parts) == {record.__name__ for record in vars(description).values() if is_description(record)}
    for name, part in parts.items():
        record = getattr(description, name)
        # What tells one effect from another is no field of it.
        tag = part["properties"].pop("kind")["enum"] if record.__struct_config__.tag else []
        assert tag == ([record.__struct_config__.tag] if tag else [])
        assert list(part["properties"]) == list(record.__struct_fields__)
        assert part["additionalProperties"] is False
        for field, schema in part["properties"].items():
            assert schema["description"] in told, (name, field)


def is_description(thing: object) -> bool:
    """Tell whether something is a record of a description, and not what they have in common."""
    return isinstance(thing, type) and thing.__name__.endswith("Description")


def test_the_example_of_the_reference_is_read_as_it_stands() -> None:
    page = (REFERENCE / "select.md").read_text(encoding="utf-8")
    request = msgspec.json.decode(page.partition("```json\n")[2].partition("```")[0], type=PlacementRequest)
    placed = decide_placement(request, now=0.0).unwrap()
    assert [row.backend for row in placed.ranked] == ["ibm_fez"]


def test_the_reference_names_everything_that_can_be_asked() -> None:
    page = (REFERENCE / "select.md").read_text(encoding="utf-8")
    for name in (*PlacementQuery.__struct_fields__, *Placement.__struct_fields__, *RANKS, *get_args(Comparison)):
        assert f"`{name}`" in page, name


def test_every_command_has_a_form_for_its_answer() -> None:
    assert {line.partition(" ")[0] for line in ANSWERS} == set(COMMANDS) - {"completion"}
