"""Configurations and properties of backends: bytes to records."""

from typing import TypeVar

import msgspec
from returns.result import Failure, Result, Success

from ..records.backend import Configuration, Properties
from ..records.problem import Problem
from .faults import unreadable

T = TypeVar("T")


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The empty object, which stands for "no properties"."""


CONFIGURATION = msgspec.json.Decoder(Configuration)
PROPERTIES = msgspec.json.Decoder(Properties)
NOTHING = msgspec.json.Decoder(Nothing)


def read_configuration(body: bytes, url: str) -> Result[Configuration, Problem]:
    """Read the body of a configuration response. Keys that we do not know are skipped.

    Fails with:
        UnreadableBody: Not JSON, or a part without which no backend can be built is missing or wrong.

    Source: behaviour B30.
    """
    return decode(CONFIGURATION, body, url)


def read_properties(body: bytes, url: str) -> Result[Properties | None, Problem]:
    """Read the body of a properties response; `None` where the server has none, which it says with `{}`.

    Fails with:
        UnreadableBody: Not JSON, or not the calibration of a backend.

    Source: behaviour B31.
    """
    found = decode(PROPERTIES, body, url)
    if isinstance(found, Failure) and isinstance(decode(NOTHING, body, url), Success):
        return Success(None)
    return found


def decode(decoder: msgspec.json.Decoder[T], body: bytes, url: str) -> Result[T, Problem]:
    """Decode a body that `decoder` knows the shape of.

    Fails with:
        UnreadableBody: The body has another shape.
    """
    try:
        return Success(decoder.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Failure(unreadable(url, body, error))
