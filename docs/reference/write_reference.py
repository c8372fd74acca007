"""Writes the reference of the command line with the schemas of its JSON, of worlds in words, of errors and of rules.

python docs/reference/write_reference.py
"""

import ast
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from qiskit_runtime_service.cli.json_answers import ANSWERS
from qiskit_runtime_service.cli.main import COMMANDS, PROGRAM, commands
from qiskit_runtime_service.cli.output import EXIT_CODES
from qiskit_runtime_service.cli.select import DIALECT, REFERENCE, build_schema
from qiskit_runtime_service.testing.description import (
    CalibrationDescription,
    CoherentDescription,
    DeviceDescription,
    EffectDescription,
    FaultDescription,
    InstanceDescription,
    JobDescription,
    PersonDescription,
    QueueDescription,
    SessionDescription,
    WorldDescription,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WIDTH = 100

HEAD = """\
# The command line

`{program}`, or `python -m qiskit_runtime_service`; it comes with `pip install 'qiskit-runtime-service[cli]'`.
[How to use it](../how-to/command-line.md). This page is written by `make reference`.

Data goes to standard output, talk to standard error. With `--json` the data is JSON, as
[command-line.schema.json](command-line.schema.json) has it. Colours are for terminals only, and never where
`NO_COLOR` is set.

| exit code | |
|---|---|
{codes}

```text
{help}
```
"""

SECTION = """\

## {name}

```text
{help}
```
"""

ERRORS_HEAD = """\
# Errors by call

What calls raise where something goes wrong: *there* is IBM's client, `qiskit-ibm-runtime` 0.51.0, *here* this library.
**Whoever catches what is raised there catches what is raised here**, but for
[what is meant to differ](#not-caught-here). This page is written by `make reference` from a table that tests hold
against both clients.

Of the names by which an error is caught, those that users can import, the narrowest are shown: an `IBMApiError` is an
`IBMError` and a `QiskitError` too, and the [exceptions](exceptions.md) say what each is. Where there are several, an
error is caught by each of them; "–" is a call that raises nothing. What IBM's client raises under a name that is not
public is shown by what it derives from.
"""

FAILURES = """
## What fails on the way

| what fails, each time that it is asked | |
|---|---|
| 400 … 503 | the answer has this status |
| no answer | the request arrives and the connection breaks |
| cut | the connection breaks in the middle of the body; an empty body comes whole |
| no JSON | the answer has status 200 and is the page of some gateway |
| late | the answer does not come within the limits of this library (B222); IBM's client has none, and waits |
"""

RULES_HEAD = """\
# Rules, code and tests

For each of [our rules](../behaviour.md), the code that follows it and the tests that hold it. This page is written by
`make reference`: code cites a rule in its docstring, a test by `@pytest.mark.holds("B12")`.

| | | code | tests |
|---|---|---|---|
"""

WORLD_HEAD = """\
# A world in words

What may stand in a file in TOML that describes a world of the emulated cloud, and
[how to write one](../how-to/describe-a-world.md). [world.schema.json](world.schema.json) is the same as JSON Schema,
for editors and other programs. This page is written by `make reference`, from the records in
`qiskit_runtime_service.testing.description`.

Durations are seconds. Dates have a zone: `2026-09-01T10:00:00Z`. A field that is not here is refused.
"""
WORLD_PARTS = {
    WorldDescription: "The world",
    DeviceDescription: "`[[devices]]`",
    CalibrationDescription: "`calibrations` of a device",
    InstanceDescription: "`[[instances]]`",
    JobDescription: "`[[instances.jobs]]`",
    SessionDescription: "`[[instances.sessions]]`",
    PersonDescription: "`[[people]]`",
    QueueDescription: "`queue`",
    CoherentDescription: "`coherent`",
    FaultDescription: "`[[faults]]`",
    **{record: f"The effect `{record.__struct_config__.tag}`" for record in get_args(EffectDescription)},
}

RULE = re.compile(r"^\*\*B(\d+)\*\* (.+?\.)[ \n]", re.MULTILINE)
CITED = re.compile(r"\bB(\d+)(?: to B(\d+))?\b")
Documented = ast.Module | ast.ClassDef | ast.FunctionDef


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """Return the text of each page."""
    return {
        HERE / "command-line.md": command_line(),
        HERE / "command-line.schema.json": as_schema(*answer_schemas()),
        HERE / "errors-by-call.md": errors_by_call(),
        HERE / "rules.md": table_of_rules(),
        HERE / "select.schema.json": f"{build_schema()}\n",
        HERE / "world.md": world_in_words(),
        HERE / "world.schema.json": as_schema(*world_schema()),
    }


def command_line() -> str:
    """Return the help of all commands, as one page."""
    root = click.Context(commands, info_name=PROGRAM, **commands.context_settings | {"terminal_width": WIDTH})
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    page = HEAD.format(program=PROGRAM, codes=codes, help=commands.get_help(root))
    for name in COMMANDS:
        command = commands.get_command(root, name)
        if command is not None:
            context = click.Context(command, root, info_name=name)
            page += SECTION.format(name=name, help=command.get_help(context))
    return page


def answer_schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what each command writes, by its name, and the parts that they share."""
    schemas, parts = msgspec.json.schema_components(ANSWERS.values(), ref_template=REFERENCE)
    return {"title": "What --json writes", "properties": dict(zip(ANSWERS, schemas, strict=True))}, parts


def world_schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what describes a world, and the parts of it."""
    (schema,), parts = msgspec.json.schema_components([WorldDescription], ref_template=REFERENCE)
    return {"title": "A world of the emulated cloud", **schema}, parts


def world_in_words() -> str:
    """Return the page of what may stand in the description of a world."""
    page = WORLD_HEAD
    for record, title in WORLD_PARTS.items():
        page += f"\n## {title}\n\n{record.__doc__}\n"
        rows = list(map(as_row, msgspec.inspect.type_info(record).fields))
        page += table_of(("field", "usually", ""), rows) if rows else ""
    return page


def as_row(field: Any) -> tuple[str, str, str]:
    """Return a field of a record with its usual value and what it is for."""
    plain = isinstance(field.default, str | int | float) and field.default != ""
    usual = f"`{msgspec.json.encode(field.default).decode()}`" if plain else "must be given" if field.required else "–"
    return f"`{field.encode_name}`", usual, description_of(field.type)


def description_of(kind: Any) -> str:
    """Return what is said of the type of a field."""
    return str((kind.extra_json_schema or {}).get("description", ""))


def errors_by_call() -> str:
    """Return the page of what each call raises, there and here."""
    table = tomllib.loads((ROOT / "tests" / "data" / "errors_by_call.toml").read_text(encoding="utf-8"))
    parts = [ERRORS_HEAD, FAILURES]
    for section in table["on_the_way"]:
        parts.append(f"\n### {section['title']}\n")
        for alike in section["alike"]:
            rows = map(as_cells, alike["rows"])
            parts += ["\n", *(f"- {call}\n" for call in alike["calls"])]
            parts.append(table_of(("what fails", "there", "here"), rows))
    parts.append("\n## What fails by itself\n")
    for section in table["by_itself"]:
        rows = map(as_cells, section["rows"])
        parts += [f"\n### {section['title']}\n", table_of(("call", "there", "here"), rows)]
    differing = [
        (", ".join([*line.get("failures", ()), *line.get("calls", ())]), as_names(line["names"]), line["why"])
        for line in table["difference"]
    ]
    return "".join(
        [*parts, "\n## Not caught here\n", table_of(("where", "caught there as", "why not here"), differing)]
    )


def as_cells(row: list[str]) -> tuple[str, str, str]:
    """Return a row as it is shown: what it is about, and the names of what is raised there and here."""
    about, there, here = row
    return about, as_names(there.split()), as_names(here.split())


def as_names(names: list[str]) -> str:
    """Return the names of classes."""
    return ", ".join(f"`{name}`" for name in names) or "–"


def table_of(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of a page."""
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def table_of_rules() -> str:
    """Return the page with a row for each rule."""
    code, tests = cited_in_code(), held_by_tests()
    page = RULES_HEAD
    for number, words in read_rules().items():
        title = textwrap.shorten(words.replace("`", ""), width=80, placeholder=" …")
        cells = ("<br>".join(f"`{name}`" for name in names.get(number, ())) for names in (code, tests))
        page += f"| [B{number}](../behaviour.md#b{number}) | {title} | {' | '.join(cells)} |\n"
    return page


def read_rules() -> dict[int, str]:
    """Return the first words of each rule, by its number, in the order of their page."""
    page = (ROOT / "docs" / "behaviour.md").read_text(encoding="utf-8")
    return {int(number): words for number, words in RULE.findall(page)}


def cited_in_code() -> dict[int, list[str]]:
    """Return the names of what cites each rule in its docstring."""
    return by_rule(ROOT / "src" / "qiskit_runtime_service", cited_in_docstring)


def held_by_tests() -> dict[int, list[str]]:
    """Return the names of the tests that are marked with each rule."""
    return by_rule(ROOT / "tests", cited_in_marks)


def by_rule(folder: Path, cited: Callable[[Documented], str]) -> dict[int, list[str]]:
    """Return the names of modules, classes and functions in `folder`, by the rules that `cited` finds of them."""
    found: dict[int, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        if not CITED.search(text):
            continue
        for name, node in walk(module, ast.parse(text)):
            for number in numbers_in(cited(node)):
                found.setdefault(number, []).append(name)
    return found


def walk(name: str, node: Documented) -> Iterator[tuple[str, Documented]]:
    """Yield a module, its classes and functions, and what is in these, each with its name."""
    yield name, node
    for child in node.body:
        if isinstance(child, Documented):
            yield from walk(f"{name}.{child.name}", child)


def cited_in_docstring(node: Documented) -> str:
    """Return where code cites rules."""
    return ast.get_docstring(node) or ""


def cited_in_marks(node: Documented) -> str:
    """Return where a test cites rules: in its marks."""
    marks = [] if isinstance(node, ast.Module) else map(ast.unparse, node.decorator_list)
    return " ".join(mark for mark in marks if mark.startswith("pytest.mark.holds("))


def numbers_in(text: str) -> list[int]:
    """Return the numbers of the rules that a text cites, `B5 to B7` being three."""
    spans = ((int(first), int(last or first)) for first, last in CITED.findall(text))
    return [number for first, last in spans for number in range(first, last + 1)]


def as_schema(schema: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return a schema as a file."""
    whole = {"$schema": DIALECT, **schema, "$defs": parts}
    text = msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()
    return f"{text}\n"


if __name__ == "__main__":
    main()
