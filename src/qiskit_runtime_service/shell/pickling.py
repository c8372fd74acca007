"""Records in pickles: as plain values, so that a pickle names no module but those that users know."""

from datetime import datetime
from typing import Any

import msgspec

from ..records.secret import Secret


def to_plain(record: Any) -> Any:
    """Return a record as dictionaries, lists, numbers, texts, bytes and dates. Its secrets are empty."""
    return msgspec.to_builtins(record, builtin_types=(bytes, datetime), enc_hook=_empty)


def from_plain(value: Any, kind: Any) -> Any:
    """Return the record of a type that `to_plain` was given."""
    return msgspec.convert(value, kind, builtin_types=(bytes, datetime), dec_hook=lambda _, text: Secret(text))


def _empty(value: Any) -> str:
    if isinstance(value, Secret):
        return ""
    raise NotImplementedError(f"{type(value).__name__} cannot be pickled")
