"""Configurations and properties of backends: bytes to records."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import Configuration, Properties
from ..records.problem import Problem
from .error_bodies import unreadable
from .json_members import cut_levels
from .lenient import FIELDS, MOST_LEVELS, as_json, decoded, make_reader


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
    return _properties(body, url).bind(lambda known: _require_parts(known, body, url))


def _require_parts(known: Properties, body: bytes, url: str) -> Result[Properties, Problem]:
    """Return a calibration that tells something of qubits or gates, if only that there is nothing to tell."""
    if known.qubits or known.gates or any(name in (decoded(FIELDS, body) or ()) for name in ("qubits", "gates")):
        ignored = (*known.ignored, *_lost_dates(known))
        return Success(msgspec.structs.replace(known, last_update_date=find_date(known), ignored=ignored))
    return Failure(unreadable(url, body, "neither qubits nor gates are in it", is_json=True))


def _lost_dates(known: Properties) -> Iterator[str]:
    """Tell of each date that cannot be read, where it stands. Of thousands most are alike, so few are read."""
    places = (
        *((f"qubits[{index}]", items) for index, items in enumerate(known.qubits)),
        *((f"gates[{index}].parameters", gate.parameters) for index, gate in enumerate(known.gates)),
        ("general", known.general or ()),
    )
    written = {item.date for _, items in places for item in items} - {None}
    odd = {date for date in written if read_stamp(date) is None}
    if odd:
        for place, items in places:
            for index, item in enumerate(items):
                if item.date in odd:
                    yield f"{place}[{index}].date: it is no date of a calendar"


def unnamed_fields(body: bytes) -> bytes:
    """Return the fields of a configuration that the record does not keep, as one JSON object without blanks.

    These are the fields that it has no name for, and those that the server says are null.

    Source: behaviour B101, B311.
    """
    fields = decoded(FIELDS, body) or decoded(FIELDS, as_json(cut_levels(body, MOST_LEVELS)) or b"") or {}
    rest = {
        name: raw for name, raw in fields.items() if name not in NAMED or (name not in SILENT and bytes(raw) == b"null")
    }
    return msgspec.json.format(msgspec.json.encode(rest), indent=-1) if rest else b"{}"


def read_stamp(date: str | datetime | None) -> datetime | None:
    """Return a date of the service as it is meant, in UTC where it names no zone; what is no date is none.

    Source: behaviour B46, B347.
    """
    try:
        read = datetime.fromisoformat(date) if isinstance(date, str) else date
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read is not None and read.tzinfo is None else read


def find_date(properties: Properties) -> datetime | None:
    """Return when a device was calibrated: as the service says it, else when the latest of it was measured.

    Source: behaviour B347.
    """
    if properties.last_update_date is not None:
        return read_stamp(properties.last_update_date)
    measured = (*properties.qubits, *(gate.parameters for gate in properties.gates), properties.general or ())
    dates = (read_stamp(item.date) for items in measured for item in items)
    return max((date for date in dates if date is not None), default=None)
