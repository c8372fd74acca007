"""Bodies of noise learners and calibrators: written in the newest version, read in all, believed in none."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibm_quantum_schemas.noise_learner_v3 import version_0_1, version_0_2, version_0_3
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, QuantumRegister
from samplomatic import InjectNoise, Tag, Twirl

from qiskit_runtime_service.bridge.ledger import DecodeLimits
from qiskit_runtime_service.options_models import NoiseLearnerV3Options
from qiskit_runtime_service.programs.learner_bodies import (
    decode_calibrator_result,
    decode_learner_result,
    encode_calibrator_params,
    encode_learner_params,
    read_calibrator_inputs,
    read_learner_inputs,
)
from qiskit_runtime_service.records.problem import TooLarge, TooSlow, UnreadableValue
from qiskit_runtime_service.results import CalibratorResult

SAMPLES = Path(__file__).parents[1] / "data" / "learners"
MODELS = {"v0.1": version_0_1, "v0.2": version_0_2, "v0.3": version_0_3}
WIDTH = 5
REGISTER = QuantumRegister(WIDTH, "q")
OPTIONS = NoiseLearnerV3Options().model_dump()


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def tensor(numbers: list[float]) -> dict[str, Any]:
    data = b64encode(np.array(numbers, "<f8").tobytes()).decode()
    return {"data": data, "shape": [len(numbers)], "dtype": "f64"}


def learned(version: str = "v0.3", **changed: Any) -> dict[str, Any]:
    one = {
        "generators_sparse": [[["ZZ", [0, 1]]], [["X", [0]], ["X", [1]]]],
        "num_qubits": 2,
        "rates": tensor([0.25, 0.5]),
        "rates_std": tensor([0.1, 0.2]),
        "metadata": {
            "learning_protocol": "trex", "post_selection": {"fraction_kept": 1.0, "success_rates": {"0": 0.5}}
        },
    }  # fmt: skip
    return {"schema_version": version, "data": [{**one, **changed}]}


def text(body: Any) -> bytes:
    return json.dumps(body).encode()


def pairs_of(box: CircuitInstruction) -> list[list[int]]:
    body, places = box.operation.body, [REGISTER.index(bit) for bit in box.qubits]
    return [[places[body.find_bit(bit).index] for bit in step.qubits] for step in body.data]


@st.composite
def layers(draw: st.DrawFn) -> CircuitInstruction:
    """Boxes of gates on pairs of neighbours, in any order and direction."""
    first = draw(st.integers(0, 1))
    pairs = draw(st.permutations([(left, left + 1) for left in range(first, WIDTH - 1, 2)]))
    circuit = QuantumCircuit(REGISTER)
    ref = draw(st.text("abc", min_size=1, max_size=3))
    with circuit.box([Twirl(), InjectNoise(ref), Tag(ref)]):
        for pair in pairs[: draw(st.integers(1, len(pairs)))]:
            circuit.cz(*(pair if draw(st.booleans()) else pair[::-1]))
    return circuit.data[0]


# What is sent


@pytest.mark.holds("B401", "B406")
@given(st.lists(layers(), min_size=1, max_size=4))
def test_boxes_come_back_as_they_were_given(boxes: list[CircuitInstruction]) -> None:
    body = encode_learner_params(boxes, OPTIONS, REGISTER)
    version_0_3.ParamsModel.model_validate_json(body)
    found = read_learner_inputs(body).unwrap()
    assert (found.schema, found.version) == ("v0.3", 3)
    assert [box.qubits for box in found.boxes] == [box.qubits for box in boxes]
    assert [box.operation.annotations for box in found.boxes] == [box.operation.annotations for box in boxes]
    assert [pairs_of(box) for box in found.boxes] == [pairs_of(box) for box in boxes]
    assert found.options["layer_pair_depths"] == [0, 1, 2, 4, 16, 32]


@pytest.mark.holds("B401")
@given(st.lists(layers(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_qubits_is_that_of_the_device(boxes: list[CircuitInstruction], random: Any) -> None:
    others = list(boxes)
    random.shuffle(others)
    sent = [version_0_3.ParamsModel.model_validate_json(encode_learner_params(given, OPTIONS, REGISTER))
            for given in (boxes, others)]  # fmt: skip
    one, other = (params.instructions.to_quantum_circuit() for params in sent)
    assert one.qubits == other.qubits == [bit for bit in REGISTER if any(bit in box.qubits for box in boxes)]


def test_the_same_boxes_are_the_same_bytes() -> None:
    circuit = QuantumCircuit(5, 5)
    with circuit.box([Twirl()]):
        circuit.measure(range(5), [4, 2, 0, 1, 3])
    box = circuit.data[0]
    bodies = {encode_learner_params([box], OPTIONS, REGISTER) for _ in range(5)}
    assert len(bodies) == 1
    assert read_learner_inputs(bodies.pop()).unwrap().boxes[0].clbits == box.clbits


def test_what_a_calibrator_is_sent_is_what_it_was_given() -> None:
    body = encode_calibrator_params({"a": [1]})
    assert json.loads(body) == {"schema_version": "v0.1", "options": {"experimental": {"a": [1]}}}
    assert read_calibrator_inputs(body).unwrap() == ("v0.1", {"experimental": {"a": [1]}})
    assert json.loads(encode_calibrator_params({})) == sample("calibrate_request")["params"]
    for odd in (object(), "\ud800"):
        with pytest.raises(TypeError):
            encode_calibrator_params({"a": odd})


# What is read


@pytest.mark.holds("B406")
def test_a_stored_result_is_read() -> None:
    (found,) = decode_learner_result(text(sample("noise_learner_v3_result"))).unwrap()
    assert [generator.to_sparse_list() for generator in found.generators] == [
        [("ZZ", [0, 1])], [("X", [0]), ("X", [1])],
    ]  # fmt: skip
    assert found.rates.tolist() == [0.01, 0.002]
    assert found.rates_std.tolist() == [0.001, 0.0002]
    assert found.metadata == {
        "learning_protocol": "lindblad",
        "post_selection": {"fraction_kept": {0: 1.0, 2: 1.0}, "success_rates": {0: {0: 1.0}, 2: {0: 1.0}}},
    }


@pytest.mark.holds("B406")
@pytest.mark.parametrize("version", ["v0.1", "v0.2", "v0.3"])
def test_results_of_all_versions_are_read(version: str) -> None:
    body = text(learned(version))
    theirs = MODELS[version].NoiseLearnerV3ResultsModel.model_validate_json(body)
    (found,) = decode_learner_result(body).unwrap()
    assert found.rates.tolist() == theirs.data[0].rates.to_numpy().tolist() == [0.25, 0.5]
    assert found.metadata["post_selection"] == {"fraction_kept": 1.0, "success_rates": {0: 0.5}}


@pytest.mark.holds("B406")
@pytest.mark.parametrize("version", ["v0.1", "v0.2", "v0.3"])
def test_inputs_of_all_versions_are_read(version: str) -> None:
    params = {**sample("noise_learner_v3_request")["params"], "schema_version": version}
    found = read_learner_inputs(text(params)).unwrap()
    (box,) = found.boxes
    assert (found.schema, box.qubits) == (version, tuple(REGISTER[:2]))
    assert [step.name for step in box.operation.body.data] == ["cx"]
    assert [type(note) for note in box.operation.annotations] == [Twirl, InjectNoise, Tag]


@pytest.mark.holds("B406")
def test_the_instants_of_a_calibration_have_their_zone() -> None:
    found = decode_calibrator_result(text(sample("calibrate_result"))).unwrap()
    expected = CalibratorResult(datetime(2026, 11, 29, 10, tzinfo=UTC), datetime(2026, 11, 29, 10, 0, 5, tzinfo=UTC))
    assert found == expected
    plain = {"schema_version": "v0.1", "start": "2026-11-29T10:00:00", "stop": "2026-11-29T11:00:05+01:00"}
    assert decode_calibrator_result(text(plain)).unwrap() == expected


ODD = {
    "no JSON": b"{",
    "a list": b"[]",
    "another version": text({**learned(), "schema_version": "v9"}),
    "no data": text({"schema_version": "v0.3"}),
    "an odd pauli": text(learned(generators_sparse=[[["Q", [0]]], [["X", [1]]]])),
    "a qubit that is not there": text(learned(generators_sparse=[[["X", [2]]], [["X", [1]]]])),
    "more rates than generators": text(learned(rates=tensor([1.0]))),
    "no numbers": text(learned(rates=tensor([float("nan"), 0.0]))),
    "a damaged tensor": text(learned(rates={"data": "AAAA", "shape": [2], "dtype": "f64"})),
    "another shape": text(learned(rates={"data": "", "shape": [-1], "dtype": "f64"})),
    "half a character": b'{"schema_version": "v0.3", "data": "\xff"}',
}


@pytest.mark.holds("B406")
@pytest.mark.parametrize("name", ODD)
def test_a_damaged_result_is_said_to_be_that(name: str) -> None:
    assert isinstance(decode_learner_result(ODD[name]).failure(), UnreadableValue)
    assert isinstance(decode_calibrator_result(ODD[name]).failure(), UnreadableValue)
    assert isinstance(read_learner_inputs(ODD[name]).failure(), UnreadableValue)


@pytest.mark.parametrize("data", ["", "AAAA", "UUlTS0lU", "not base64", "ä"])
def test_damaged_boxes_are_said_to_be_that(data: str) -> None:
    params = sample("noise_learner_v3_request")["params"]
    params["instructions"]["circuit_b64"] = data
    assert isinstance(read_learner_inputs(text(params)).failure(), UnreadableValue)


@pytest.mark.holds("B406")
def test_nothing_is_built_that_is_not_paid_for() -> None:
    many = learned(generators_sparse=[[["X", [0]]] * 50_000], rates=tensor([1.0]), rates_std=tensor([0.0]))
    assert isinstance(decode_learner_result(text(many), DecodeLimits(memory=20_000_000)).failure(), TooLarge)
    wide = text(learned(num_qubits=10**12))
    assert isinstance(decode_learner_result(wide).failure(), TooLarge)
    huge = text(learned(rates={"data": "", "shape": [2**40], "dtype": "f64"}))
    assert isinstance(decode_learner_result(huge).failure(), TooLarge | UnreadableValue)
    body = text(sample("noise_learner_v3_request")["params"])
    assert isinstance(read_learner_inputs(body, DecodeLimits(qubits=1)).failure(), TooLarge)
    assert isinstance(decode_learner_result(text(many), time_left=lambda: 0.0).failure(), TooSlow)


@given(st.binary(max_size=60), st.integers(0, 800))
def test_no_byte_is_believed(noise: bytes, place: int) -> None:
    body = text(sample("noise_learner_v3_result"))
    spoiled = body[:place] + noise + body[place + len(noise) :]
    for read in (decode_learner_result, read_learner_inputs, decode_calibrator_result, read_calibrator_inputs):
        read(spoiled)
