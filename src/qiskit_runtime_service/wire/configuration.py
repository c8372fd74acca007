"""Configurations and properties of backends: bytes to records."""

import msgspec
from returns.result import Result, Success

from ..records.backend import Configuration, Properties
from ..records.problem import Problem
from .lenient import FIELDS, as_json, decoded, make_reader


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The empty object, which stands for "no properties"."""


NOTHING = msgspec.json.Decoder(Nothing)
MOST_DESCRIBED = 1_000_000
"""How many values describe a device at most; 156 qubits have 45,000."""
_configuration, _properties = make_reader(Configuration, MOST_DESCRIBED), make_reader(Properties, MOST_DESCRIBED)
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
    return _configuration(body, url).map(lambda known: msgspec.structs.replace(known, rest=unnamed_fields(body)))


def read_properties(body: bytes, url: str) -> Result[Properties | None, Problem]:
    """Read the body of a properties response; `None` where the server has none, which it says with `{}`.

    Fails with:
        UnreadableBody: Not JSON, or not the calibration of a backend.

    Source: behaviour B31, B100.
    """
    if len(body) < 64 and decoded(NOTHING, body) is not None:
        return Success(None)
    return _properties(body, url)


def unnamed_fields(body: bytes) -> bytes:
    """Return the fields of a configuration that the record does not keep, as one JSON object without blanks.

    These are the fields that it has no name for, and those that the server says are null.

    Source: behaviour B101, B311.
    """
    fields = decoded(FIELDS, body) or decoded(FIELDS, as_json(body) or b"") or {}
    rest = {
        name: raw for name, raw in fields.items() if name not in NAMED or (name not in SILENT and bytes(raw) == b"null")
    }
    return msgspec.json.format(msgspec.json.encode(rest), indent=-1) if rest else b"{}"
