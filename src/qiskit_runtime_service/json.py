"""The door to the encoder and the decoder of typed JSON, where IBM's users look for them."""

from .bridge.typed_json import RuntimeEncoder, to_base64_string
from .shell.decoder import RuntimeDecoder

__all__ = ["RuntimeDecoder", "RuntimeEncoder", "to_base64_string"]
