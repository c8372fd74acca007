"""The door to the encoder and the decoder of typed JSON, where IBM's users look for them."""

from typing import TYPE_CHECKING

from ._left_out import closed
from .bridge.typed_json import RuntimeEncoder
from .shell.decoder import RuntimeDecoder

__all__ = ["RuntimeDecoder", "RuntimeEncoder"]

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
