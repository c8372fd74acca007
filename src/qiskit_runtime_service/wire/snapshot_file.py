"""Snapshot files: the two descriptions of a backend as one JSON document, in the units of the wire."""

from typing import Any

import msgspec
from returns.result import Failure, Result

from ..records.backend import Configuration, Properties
from ..records.problem import Problem
from .configuration import NAMED, read_configuration, read_properties
from .error_bodies import BAD_BODY, unreadable

FORMAT = "qiskit-runtime-service snapshot 1"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    configuration: msgspec.Raw
    properties: msgspec.Raw


def encode_snapshot(configuration: Configuration, properties: Properties | None) -> bytes:
    """Return the two as a server would send them, fields that we have no name for included. The same gives the same.

    Source: behaviour B106.
    """
    named = {name: value for name, value in msgspec.structs.asdict(configuration).items() if name in NAMED}
    body = {
        "format": FORMAT,
        "configuration": _without_gaps(named) | msgspec.json.decode(configuration.rest, type=dict[str, msgspec.Raw]),
        "properties": {} if properties is None else _without_gaps(msgspec.structs.asdict(properties)),
    }
    return msgspec.json.encode(body)


def read_snapshot_file(data: bytes, path: str) -> Result[tuple[Configuration, Properties | None], Problem]:
    """Read what `encode_snapshot` wrote.

    Fails with:
        UnreadableBody: It is no such file, or a part without which there is no backend is missing or wrong.
    """
    try:
        file = msgspec.json.decode(data, type=_File)
    except BAD_BODY as error:
        return Failure(unreadable(path, data, error))
    if file.format != FORMAT:
        return Failure(
            unreadable(path, data, msgspec.ValidationError(f"its format is {file.format!r}, not {FORMAT!r}"))
        )
    return read_configuration(bytes(file.configuration), path).bind(
        lambda configuration: read_properties(bytes(file.properties), path).map(
            lambda properties: (configuration, properties)
        )
    )


def _without_gaps(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are set, and of the gates and numbers in them too only those."""
    plain: dict[str, Any] = msgspec.to_builtins({name: value for name, value in fields.items() if value is not None})
    plain.pop("ignored", None)
    for gate in plain.get("gates", ()):
        for name in [name for name, value in gate.items() if value is None and name not in ("parameters", "qasm_def")]:
            del gate[name]
    return plain
