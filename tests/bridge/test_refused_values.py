"""Each tag holds its value to what it promises: one wrong part, and the refusal says what was wanted there."""

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.primitives.containers import BitArray, DataBin
from returns.result import Failure

from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import UnreadableValue


def tagged(tag: str, value: object) -> dict[str, object]:
    return {"__type__": tag, "__value__": value}


def noise_tag(name: str, value: object) -> dict[str, object]:
    """Return the tag of a class of the noise learner."""
    return {"__type__": "_json", "__module__": NOISE_MODULE, "__class__": name, "__value__": value}


def tree(value: object) -> Any:
    """Return a value as plain data, with its tags."""
    return json.loads(encode_value(value))


NOISE_MODULE = "qiskit_ibm_runtime.utils.noise_learner_result"
PAULIS = {
    "__type__": "settings",
    "__module__": "qiskit.quantum_info.operators.symplectic.pauli_list",
    "__class__": "PauliList",
    "__value__": {"data": ["X", "Z"]},
}
TIME, ZONED = tagged("datetime", "2026-09-01T10:00:00"), tagged("datetime", "2026-09-01T10:00:00+00:00")
LAYER = {"circuit": tree(QuantumCircuit(1)), "qubits": [0], "error": None}
GENERATORS = {"generators": PAULIS, "rates": [0.1, 0.2]}
PUB = {"data": tree(DataBin()), "metadata": None}
SPAN = {"start": TIME, "stop": TIME, "data_slices": {"0": [[5, 20], 0, 100]}}
TWIRLED = {**SPAN, "data_slices": {"0": [[4, 2, 25], True, 0, 4, 0, 25]}}

ENTRIES = """
    BindingsArray NoiseModel PauliLindbladMap BitArray DataBin SamplerPubResult EstimatorPubResult PubResult
    PrimitiveResult Result NoiseLearnerResult ExecutionSpans ExecutionSpanCollection ExecutionSpan DoubleSliceSpan
    TwirledSliceSpan TwirledSliceSpanV2
"""
SIZES, METADATA, TEXT, REAL = "a list of sizes", "a result with metadata", "text", "arrays of real numbers"
LABELS, TERMS = "labels and coefficients", "labels, qubits and rates"
TIMES, WHOLE = "a time from start to stop", "a slice of whole numbers"
FITTING, OF_KIND = "a slice of data of that shape", "a slice of that kind"
NUMBERED = "slices of data by the number of their pub"
LAYERS, RATES = "a layer and its qubits", "a list of Paulis and their rates"


def sliced(*data: object) -> dict[str, object]:
    return {**SPAN, "data_slices": {"0": list(data)}}


def parameter_text(size: int) -> str:
    return base64.b64encode(struct.pack("!H16s", size, bytes(16)) + b"abc").decode()


@pytest.mark.parametrize("tag", ENTRIES.split())
@pytest.mark.parametrize("value", [3, "text", [], [[1]]], ids=repr)
def test_what_has_entries_is_made_of_an_object(tag: str, value: object) -> None:
    assert refusal(tagged(tag, value)) == UnreadableValue(tag=tag, reason="its value is not an object with entries")


@pytest.mark.holds("B177")
@pytest.mark.parametrize(
    ("tag", "value", "wanted"),
    [
        ("complex", ["1", 2], "a pair of numbers"),
        ("complex", [1, "2"], "a pair of numbers"),
        ("complex", [1, None], "a pair of numbers"),
        ("set", {"a": 1}, "a list"),
        ("set", "abc", "a list"),
        ("spmatrix", 5, TEXT),
        ("spmatrix", ["a"], TEXT),
        ("QuantumCircuit", 5, TEXT),
        ("QuantumCircuit", ["a"], TEXT),
        ("Instruction", 5, TEXT),
        ("Parameter", parameter_text(2), "the length that it states"),
        ("Parameter", parameter_text(4), "the length that it states"),
        ("ObservablesArray", [None], LABELS),
        ("ObservablesArray", [{"X": "1"}], LABELS),
        ("ObservablesArray", [{"X": 1, "Y": None}], LABELS),
        ("BindingsArray", {"data": {'["a"]': [0.5]}, "shape": [1]}, REAL),
        ("BindingsArray", {"data": {'["a"]': 0.5}, "shape": []}, REAL),
        ("BindingsArray", {"data": {'["a"]': tree(np.array([1j]))}, "shape": [1]}, REAL),
        ("BindingsArray", {"data": {'["a"]': tree(np.array(["x"]))}, "shape": [1]}, REAL),
        ("BindingsArray", {"data": {}, "shape": 1}, SIZES),
        ("DataBin", {"fields": {}, "shape": 1}, SIZES),
        ("DataBin", {"fields": {}, "shape": [-1]}, SIZES),
        ("DataBin", {"fields": {}, "shape": [1, True]}, SIZES),
        ("DataBin", {"fields": {}, "shape": [1.0]}, SIZES),
        ("DataBin", {"fields": {}, "shape": {}}, SIZES),
        ("NoiseModel", {"errors": [{"type": tagged("set", [1])}]}, "plain data"),
        ("NoiseModel", {"errors": [{"instructions": [[{"params": [tree(np.eye(2))]}]]}]}, "plain data"),
        ("BitArray", {"array": tree(np.zeros((1, 1), np.uint8)), "num_bits": -1}, "a number of bits"),
        ("BitArray", {"array": tree(np.zeros((1, 1), np.uint8)), "num_bits": 3.0}, "a number of bits"),
        ("BitArray", {"array": tree(np.zeros((1, 1), np.uint8)), "num_bits": True}, "a number of bits"),
        *((tag, {**PUB, "data": {}}, "data and metadata") for tag in ENTRIES.split() if tag.endswith("PubResult")),
        ("PubResult", {**PUB, "data": None}, "data and metadata"),
        ("PubResult", {**PUB, "data": tree(BitArray(np.zeros((1, 1), np.uint8), 1))}, "data and metadata"),
        ("PubResult", {**PUB, "metadata": [1]}, METADATA),
        ("PubResult", {**PUB, "metadata": ""}, METADATA),
        ("PrimitiveResult", {"pub_results": [], "metadata": 3}, METADATA),
        ("PrimitiveResult", {"pub_results": {}, "metadata": {}}, "a list of pub results"),
        ("PrimitiveResult", {"pub_results": [tagged("PubResult", PUB), {}], "metadata": {}}, "a list of pub results"),
        ("Result", {"results": [{}, 1]}, "a result"),
        ("NoiseLearnerResult", {"data": {}}, "a list of layers"),
        ("NoiseLearnerResult", {"data": [noise_tag("LayerError", LAYER), {}]}, "a list of layers"),
        ("NoiseLearnerResult", {"data": [], "metadata": [1]}, METADATA),
        ("PauliLindbladMap", {"paulis": [[1, [0], 0.1]], "num_qubits": 1}, TERMS),
        ("PauliLindbladMap", {"paulis": [["X", 0, 0.1]], "num_qubits": 1}, TERMS),
        ("PauliLindbladMap", {"paulis": [["X", "0", 0.1]], "num_qubits": 1}, TERMS),
        ("PauliLindbladMap", {"paulis": [["X", [0], 0.1], ["X", [0], "0.1"]], "num_qubits": 1}, TERMS),
        ("ExecutionSpans", {"spans": {}}, "a list of spans"),
        ("ExecutionSpans", {"spans": [tagged("ExecutionSpan", SPAN), {}]}, "a list of spans"),
        ("ExecutionSpanCollection", {"spans": [1]}, "a list of spans"),
    ],
)
def test_a_value_with_a_wrong_part_says_what_is_wanted(tag: str, value: object, wanted: str) -> None:
    assert refusal(tagged(tag, value)) == UnreadableValue(tag=tag, reason=f"its value is not {wanted}")


@pytest.mark.holds("B176")
@pytest.mark.parametrize(
    ("tag", "value", "wanted"),
    [
        ("ExecutionSpan", {**SPAN, "start": "2026-09-01"}, TIMES),
        ("ExecutionSpan", {**SPAN, "stop": 3}, TIMES),
        ("ExecutionSpan", {**SPAN, "start": ZONED}, TIMES),
        ("ExecutionSpan", {**SPAN, "stop": ZONED}, TIMES),
        ("ExecutionSpan", {**SPAN, "data_slices": {"0": [[5], 0, 1], "x": [[5], 0, 1]}}, NUMBERED),
        ("ExecutionSpan", {**SPAN, "data_slices": {"1_0": [[5], 0, 1]}}, NUMBERED),
        ("ExecutionSpan", sliced(5, 0, 100), SIZES),
        ("ExecutionSpan", sliced([5, -20], 0, 100), SIZES),
        ("ExecutionSpan", sliced([], 0, 0), FITTING),
        ("DoubleSliceSpan", sliced([], 0, 1, 0, 1), FITTING),
        ("TwirledSliceSpan", sliced([25], True, 0, 1, 0, 25), FITTING),
        ("TwirledSliceSpanV2", sliced([25], True, 0, 1, 0, 25, 20), FITTING),
        ("ExecutionSpan", sliced([5], 0), OF_KIND),
        ("ExecutionSpan", sliced([5], 0, 1, 2), OF_KIND),
        ("DoubleSliceSpan", sliced([5], 0, 1, 2), OF_KIND),
        ("DoubleSliceSpan", sliced([5], 0, 1, 2, 3, 4), OF_KIND),
        ("TwirledSliceSpan", sliced([4, 25], True, 0, 4, 0), OF_KIND),
        ("TwirledSliceSpan", sliced([4, 25], True, 0, 4, 0, 25, 90), OF_KIND),
        ("TwirledSliceSpanV2", sliced([4, 25], True, 0, 4, 0, 25), OF_KIND),
        ("ExecutionSpan", sliced([5], -1, 1), WHOLE),
        ("ExecutionSpan", sliced([5], 0, -1), WHOLE),
        ("ExecutionSpan", sliced([5], True, 1), WHOLE),
        ("ExecutionSpan", sliced([5], 0, 1.0), WHOLE),
        ("DoubleSliceSpan", sliced([5], 0, 1, 0, None), WHOLE),
        ("TwirledSliceSpan", sliced([4, 25], 1, 0, 4, 0, 25), WHOLE),
        ("TwirledSliceSpanV2", sliced([4, 25], True, 0, 4, 0, 25, 9.0), WHOLE),
        ("TwirledSliceSpanV2", sliced([4, 25], True, 0, 4, 0, 25, False), WHOLE),
    ],
)
def test_a_span_with_a_wrong_part_says_what_is_wanted(tag: str, value: object, wanted: str) -> None:
    assert refusal(tagged(tag, value)) == UnreadableValue(tag=tag, reason=f"its value is not {wanted}")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("LayerError", {**LAYER, "circuit": None}, "a layer"),
        ("LayerError", {**LAYER, "error": 0.1}, "a layer"),
        ("LayerError", {**LAYER, "error": {}}, "a layer"),
        ("LayerError", {**LAYER, "qubits": 0}, LAYERS),
        ("LayerError", {**LAYER, "qubits": [0, -1]}, LAYERS),
        ("LayerError", {**LAYER, "qubits": [True]}, LAYERS),
        ("PauliLindbladError", {**GENERATORS, "generators": ["X", "Z"]}, RATES),
        ("PauliLindbladError", {**GENERATORS, "rates": [0.1]}, RATES),
        ("PauliLindbladError", {**GENERATORS, "rates": [0.1, 0.2, 0.3]}, RATES),
        ("PauliLindbladError", {**GENERATORS, "rates": [0.1, "0.2"]}, RATES),
        ("PauliLindbladError", {**GENERATORS, "rates": tree(np.array([1, 1j]))}, RATES),
        ("PauliLindbladError", {**GENERATORS, "rates": tree(np.array(["a", "b"]))}, RATES),
    ],
)
def test_learnt_noise_with_a_wrong_part_says_what_is_wanted(name: str, value: object, wanted: str) -> None:
    assert refusal(noise_tag(name, value)) == UnreadableValue(tag="_json", reason=f"its value is not {wanted}")


@pytest.mark.parametrize("arguments", [3, "X", ["X"], None])
def test_an_operator_is_made_of_named_arguments(arguments: object) -> None:
    operator = {**PAULIS, "__value__": arguments}
    assert refusal(operator) == UnreadableValue(tag="settings", reason="its value is not a dictionary of arguments")


@pytest.mark.parametrize(
    "value",
    [
        *(tagged(tag, PUB) for tag in ENTRIES.split() if tag.endswith("PubResult")),
        *({**tagged("ExecutionSpan", SPAN), "__value__": {**SPAN, "start": at, "stop": at}} for at in (TIME, ZONED)),
        tagged("TwirledSliceSpan", TWIRLED),
        tagged("DataBin", {"fields": {}, "shape": None}),
        tagged("DataBin", {"fields": {}, "shape": [0, 2]}),
        tagged("BindingsArray", {"data": {'["a"]': tree(np.array([True]))}, "shape": [1]}),
        tagged("Parameter", parameter_text(3)),
        tagged("PrimitiveResult", {"pub_results": [tagged("PubResult", PUB)]}),
        tagged("NoiseLearnerResult", {"data": [noise_tag("LayerError", LAYER)]}),
        noise_tag("PauliLindbladError", GENERATORS),
        noise_tag("PauliLindbladError", {**GENERATORS, "rates": tree(np.array([1, 2]))}),
        tagged("PauliLindbladMap", {"paulis": [["X", [0], 1]], "num_qubits": 1}),
    ],
)
def test_the_same_values_without_the_wrong_part_are_read(value: dict[str, object]) -> None:
    # Else a refusal above might be for something that is wrong in all of them.
    assert not isinstance(decode_value(json.dumps(value).encode()).unwrap(), dict)


def refusal(value: object) -> object:
    """Return the problem of typed JSON data, given as plain data."""
    result = decode_value(json.dumps(value).encode())
    assert isinstance(result, Failure), result
    return result.failure()
