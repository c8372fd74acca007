"""Writes the reference of the command line and the schemas of its JSON, from the commands themselves.

python docs/reference/write_reference.py
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from qiskit_runtime_service.cli.json_answers import ANSWERS
from qiskit_runtime_service.cli.main import COMMANDS, PROGRAM, commands
from qiskit_runtime_service.cli.output import EXIT_CODES
from qiskit_runtime_service.records.placement import Placement, PlacementRequest

HERE = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WIDTH = 100
REFERENCE = "#/$defs/{name}"

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


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """Return the text of each page."""
    return {
        HERE / "command-line.md": command_line(),
        HERE / "command-line.schema.json": as_schema(*answer_schemas()),
        HERE / "select.schema.json": as_schema(*select_schemas()),
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


def select_schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `select` reads and writes, and the parts that they share."""
    (question, answer), parts = msgspec.json.schema_components([PlacementRequest, Placement], ref_template=REFERENCE)
    return {"title": "What select reads and writes", "properties": {"request": question, "answer": answer}}, parts


def as_schema(schema: dict[str, Any], parts: dict[str, Any]) -> str:
    """Return a schema as a file."""
    whole = {"$schema": DIALECT, **schema, "$defs": parts}
    text = msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()
    return f"{text}\n"


if __name__ == "__main__":
    main()
