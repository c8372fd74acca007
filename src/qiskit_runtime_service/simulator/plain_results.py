"""Results without the types of Qiskit: plain JSON, for jobs that did not ask for them."""

import json
from typing import Any

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import BitArray, PrimitiveResult, PubResult

from ..bridge.typed_json import RuntimeEncoder


def encode_plain_result(result: PrimitiveResult[Any]) -> bytes:
    """Return a result as plain JSON: bits as hexadecimal texts, one for each shot, and arrays as lists.

    Raises:
        TypeError: The metadata holds something that has no form in JSON.

    Source: behaviour B191.
    """
    metadata = {key: value for key, value in result.metadata.items() if key != "execution"}
    body = {"results": [_pub(pub_result) for pub_result in result], "metadata": metadata}
    return json.dumps(body, cls=RuntimeEncoder).encode()


def _pub(result: PubResult) -> dict[str, Any]:
    data = {name: _field(value) for name, value in result.data.items()}
    return {"data": data, "metadata": result.metadata}


def _field(value: Any) -> Any:
    match value:
        case BitArray():
            return {"samples": _samples(value), "num_bits": value.num_bits}
        case np.ndarray() if np.iscomplexobj(value):
            return np.stack([value.real, value.imag], axis=-1).tolist()
        case np.ndarray():
            return value.tolist()
        case _:
            return value


def _samples(array: BitArray) -> Any:
    """Return the texts in nested lists of the shape of the pub, one text for each shot."""
    rows = array.array.reshape(-1, array.array.shape[-1])
    texts = np.array([hex(int.from_bytes(row.tobytes(), "big")) for row in rows], dtype=object)
    return texts.reshape(array.array.shape[:-1]).tolist()
