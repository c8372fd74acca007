"""Results of sampler jobs, as the service sends them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult

from qiskit_runtime_service.bridge.execution_spans import DoubleSliceSpan
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.records.problem import UnreadableValue

DATA = Path(__file__).parent / "data"


@pytest.mark.holds("B82")
def test_the_sample_result_of_the_protocol_is_read() -> None:
    result: Any = decode_result((DATA / "job_results_sampler.json").read_bytes()).unwrap()
    (pub,) = result
    assert pub.data.c.shape == (2,)
    assert (pub.data.c.num_shots, pub.data.c.num_bits) == (8, 2)
    assert pub.data.c[0].get_counts() == {"11": 4, "10": 3, "00": 1}
    (span,) = result.metadata["execution"]["execution_spans"]
    assert isinstance(span, DoubleSliceSpan)
    assert span.start == datetime(2026, 9, 1, 10, 0, 5, 100000)  # noqa: DTZ001 - the server writes naive UTC
    assert span.data_slices == {0: ((2, 8), slice(0, 2), slice(0, 8))}


@pytest.mark.holds("B82")
def test_a_result_comes_back() -> None:
    bits = BitArray(np.array([[[0, 3], [2, 0]]], np.uint8), 10)
    result = PrimitiveResult([SamplerPubResult(DataBin(c=bits, shape=(1,)), {"shots": 2})], {"version": 2})
    back: Any = decode_result(encode_value(result)).unwrap()
    assert back.metadata == {"version": 2}
    assert (back[0].data.c, back[0].data.shape, back[0].metadata) == (bits, (1,), {"shots": 2})
    assert isinstance(back[0], SamplerPubResult)


@pytest.mark.holds("B175")
@pytest.mark.parametrize("body", [b"", b"Traceback (most recent call last): no qubits", b"{"])
def test_the_result_of_any_program_must_be_json(body: bytes) -> None:
    assert isinstance(decode_result(body).failure(), UnreadableValue)


@pytest.mark.holds("B175")
def test_the_result_of_a_program_without_tags_stays_plain_data() -> None:
    plain = {"schema_version": "v2.0", "data": [{"results": {"c": {"data": "eJzb", "shape": [4, 2], "dtype": "bool"}}}]}
    assert decode_result(json.dumps(plain).encode()).unwrap() == plain
