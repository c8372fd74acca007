"""Typed JSON: plain JSON in which `{"__type__": tag, "__value__": value}` stands for an object.

`encoding` writes it, `decoding` reads it; `noise_model`, `quantum_info` and `sparse` hold what
needs more words of its own.
"""

from .decoding import (
    DEFAULT_LIMITS,
    WRONG,
    build_value,
    decode_circuits,
    decode_value,
    open_ledger,
    pay_for_text,
    read_circuits,
    read_odd_text,
    read_within,
)
from .encoding import RuntimeEncoder, encode_input, encode_value, to_base64_string

__all__ = [
    "DEFAULT_LIMITS",
    "WRONG",
    "RuntimeEncoder",
    "build_value",
    "decode_circuits",
    "decode_value",
    "encode_input",
    "encode_value",
    "open_ledger",
    "pay_for_text",
    "read_circuits",
    "read_odd_text",
    "read_within",
    "to_base64_string",
]
