"""Configurations and properties of backends: bytes to records."""

from typing import TypeVar

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import Configuration, Properties
from ..records.problem import Problem
from .error_bodies import BAD_BODY, unreadable
from .lenient import FIELDS, LOST, salvage

T = TypeVar("T", Configuration, Properties)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The empty object, which stands for "no properties"."""


CONFIGURATION = msgspec.json.Decoder(Configuration)
PROPERTIES = msgspec.json.Decoder(Properties)
NOTHING = msgspec.json.Decoder(Nothing)
NAMED = frozenset(field.encode_name for field in msgspec.structs.fields(Configuration))
SILENT = frozenset(
    [
        *("credits_required", "default_rep_delay", "description", "dt", "dtm", "meas_map", "n_registers"),
        *("online_date", "processor_type", "rep_delay_range", "sample_name", "supported_instructions"),
    ]
)
"""Of these, null and nothing are the same for users of the existing client (B311)."""


def read_configuration(body: bytes, url: str) -> Result[Configuration, Problem]:
    """Read the body of a configuration response. Fields that we do not know are kept as they came.

    Fails with:
        UnreadableBody: Not JSON, or a part without which no backend can be built is missing or wrong.

    Source: behaviour B30, B100, B101.
    """
    return decode(CONFIGURATION, body, url).map(lambda known: msgspec.structs.replace(known, rest=unnamed_fields(body)))


def read_properties(body: bytes, url: str) -> Result[Properties | None, Problem]:
    """Read the body of a properties response; `None` where the server has none, which it says with `{}`.

    Fails with:
        UnreadableBody: Not JSON, or not the calibration of a backend.

    Source: behaviour B31, B100.
    """
    if len(body) < 64 and _is_nothing(body):
        return Success(None)
    return decode(PROPERTIES, body, url)


def unnamed_fields(body: bytes) -> bytes:
    """Return the fields of a configuration that the record does not keep, as one JSON object without blanks.

    These are the fields that it has no name for, and those that the server says are null.

    Source: behaviour B101, B311.
    """
    rest = {
        name: raw
        for name, raw in FIELDS.decode(body).items()
        if name not in NAMED or (name not in SILENT and bytes(raw) == b"null")
    }
    return msgspec.json.format(msgspec.json.encode(rest), indent=-1) if rest else b"{}"


def decode(decoder: msgspec.json.Decoder[T], body: bytes, url: str) -> Result[T, Problem]:
    """Decode a body; of one that does not quite fit, decode what can be used and say what is left away.

    Fails with:
        UnreadableBody: Too little can be used.
    """
    try:
        return Success(decoder.decode(body))
    except BAD_BODY as error:
        ignored: list[str] = []
        found = salvage(body, decoder.type, "", ignored)
        if found is LOST:
            return Failure(unreadable(url, body, error))
        return Success(msgspec.structs.replace(found, ignored=tuple(ignored)))


def _is_nothing(body: bytes) -> bool:
    try:
        NOTHING.decode(body)
    except BAD_BODY:
        return False
    return True
