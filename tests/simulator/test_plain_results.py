"""Results without the types of Qiskit."""

import json

import numpy as np
import pytest
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult

from qiskit_runtime_service.simulator.plain_results import encode_plain_result


@pytest.mark.holds("B191")
def test_bits_are_hexadecimal_texts_one_for_each_shot() -> None:
    bits = BitArray(np.array([[0, 3], [2, 0], [0, 1]], np.uint8), 10)
    data = DataBin(c=bits, d=bits, shape=())
    result = PrimitiveResult([SamplerPubResult(data, {"circuit_metadata": {}})], {"version": 2, "execution": object()})
    assert json.loads(encode_plain_result(result)) == {
        "results": [
            {
                "data": {name: {"samples": ["0x3", "0x200", "0x1"], "num_bits": 10} for name in ("c", "d")},
                "metadata": {"circuit_metadata": {}},
            }
        ],
        "metadata": {"version": 2},
    }


@pytest.mark.holds("B191")
def test_values_keep_their_shape_and_points_become_pairs() -> None:
    data = DataBin(evs=np.array([[1.0, 2.0]]), stds=np.array(0.5), points=np.array([1 + 2j]))
    body = json.loads(encode_plain_result(PrimitiveResult([PubResult(data, {})], {"version": 2})))
    assert body["results"][0]["data"] == {"evs": [[1.0, 2.0]], "stds": 0.5, "points": [[1.0, 2.0]]}


def test_the_samples_of_a_pub_of_many_bindings_are_nested() -> None:
    bits = BitArray(np.arange(6, dtype=np.uint8).reshape(2, 3, 1), 3)
    result = PrimitiveResult([SamplerPubResult(DataBin(c=bits, shape=(2,)), {})], {})
    body = json.loads(encode_plain_result(result))
    assert body["results"][0]["data"]["c"]["samples"] == [["0x0", "0x1", "0x2"], ["0x3", "0x4", "0x5"]]
