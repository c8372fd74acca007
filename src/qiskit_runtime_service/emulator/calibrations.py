"""Calibrations of one device: which one is meant, and what a later one says (B199)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from .requests import instant

ERRORS = frozenset({"gate_error", "readout_error", "prob_meas0_prep1", "prob_meas1_prep0"})
NOTHING = b"{}"


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said of itself from one calibration to the next, as JSON texts."""

    id: str
    configuration: bytes
    properties: bytes


class Dated(msgspec.Struct, frozen=True):
    """The date of properties. Without one they count as very old."""

    last_update_date: str = ""


def find_calibration(calibrations: Iterable[Calibration], wanted: str) -> Calibration | None:
    """Return the calibration with that id."""
    return next((calibration for calibration in calibrations if calibration.id == wanted), None)


def properties_before(known: Iterable[bytes], end: float) -> bytes:
    """Return the newest of `known` properties that are older than `end`; an empty object if none are."""
    return max((properties for properties in known if date_of(properties) < end), key=date_of, default=NOTHING)


def date_of(properties: bytes) -> float:
    """Return when properties were last updated, in seconds since the epoch."""
    try:
        date = instant(msgspec.json.decode(properties, type=Dated).last_update_date)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 0.0
    return 0.0 if date is None else date


def measure_again(properties: bytes, at: float, errors: float) -> bytes:
    """Return properties as they are measured `at` an instant, with all errors multiplied by `errors`, up to 1."""
    date = datetime.fromtimestamp(at, UTC).isoformat()
    fields: dict[str, Any] = msgspec.json.decode(properties)
    again = fields | {
        "last_update_date": date,
        "qubits": [[remeasured(figure, date, errors) for figure in qubit] for qubit in fields["qubits"]],
        "gates": [
            gate | {"parameters": [remeasured(figure, date, errors) for figure in gate["parameters"]]}
            for gate in fields["gates"]
        ],
    }
    return msgspec.json.encode(again)


def remeasured(figure: dict[str, Any], date: str, errors: float) -> dict[str, Any]:
    """Return one calibrated number with another date; an error is multiplied."""
    value = min(1.0, figure["value"] * errors) if figure["name"] in ERRORS else figure["value"]
    return figure | {"date": date, "value": value}
