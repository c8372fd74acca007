"""Typed JSON: the same text as the existing client, every value back again, and nothing else for any bytes."""

import base64
import io
import json
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Barrier, Instruction, Measure, Parameter
from qiskit.circuit.library import CXGate, RXGate
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import (
    PTM,
    Chi,
    Choi,
    Kraus,
    Operator,
    Pauli,
    PauliList,
    SparsePauliOp,
    Stinespring,
    SuperOp,
)  # fmt: skip
from qiskit_aer.noise import (
    NoiseModel,
    amplitude_damping_error,
    coherent_unitary_error,
    depolarizing_error,
    pauli_error,
    thermal_relaxation_error,
)
from returns.result import Failure, Result, Success

from qiskit_runtime_service.bridge.execution_spans import (
    DoubleSliceSpan,
    ExecutionSpans,
    SliceSpan,
    TwirledSliceSpan,
    TwirledSliceSpanV2,
)
from qiskit_runtime_service.bridge.ledger import DecodeLimits
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import Problem, TooLarge, TooNew, UnreadableValue

from ..support.examples import examples

DATA = Path(__file__).parent / "data"
GOLDEN: dict[str, Any] = json.loads((DATA.parents[1] / "data" / "typed_json.json").read_text())
"""What the existing client 0.51.0 wrote, run as a black box with the same Qiskit."""
FLOATS = (
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBjB4YA+hf9gDABdNHbM="
)
EMPTY = "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoGOpo6CrUKFAAuAFOzG1s="


NOISE_MODULE = "qiskit_ibm_runtime.utils.noise_learner_result"
"""Where the existing client has the classes of a noise learner."""


def decoded(value: object) -> Any:
    """Return what typed JSON data, given as plain data, stands for."""
    return decode_value(json.dumps(value).encode()).unwrap()


def tagged(tag: str, value: object) -> dict[str, object]:
    return {"__type__": tag, "__value__": value}


def problem_of(result: Result[object, Problem]) -> Problem:
    assert isinstance(result, Failure)
    return result.failure()


def npy(header: str, data: bytes = b"") -> str:
    """Return base64 text of compressed `.npy` data with any header."""
    raw = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data
    return base64.b64encode(zlib.compress(raw)).decode()


# What the existing client writes


def test_the_worked_arrays_of_the_protocol_are_written_and_read() -> None:
    assert json.loads(encode_value(np.array([0.5, 1.5]))) == tagged("ndarray", FLOATS)
    assert json.loads(encode_value(np.zeros((0,)))) == tagged("ndarray", EMPTY)
    assert decoded(tagged("ndarray", FLOATS)).tolist() == [0.5, 1.5]
    assert decoded(tagged("ndarray", EMPTY)).shape == (0,)


@pytest.mark.holds("B80")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("not_finite", [float("nan"), float("inf"), -float("inf")]),
        ("complex", 1 + 2j),
        ("datetime", datetime(2026, 9, 1, 10, 11, 12, 345678)),  # noqa: DTZ001 - the server writes naive UTC
        ("datetime_aware", datetime(2026, 9, 1, 10, 11, 12, tzinfo=UTC)),
        ("date", datetime(2026, 9, 1).date()),  # noqa: DTZ001 - a date has no zone
        ("set", {3}),
        ("parameter", Parameter("θ", uuid=UUID(int=2))),
        ("array", np.array([0.5, 1.5])),
        ("array_empty", np.zeros((0,))),
        ("array_fortran", np.asfortranarray(np.arange(6.0).reshape(2, 3))),
        ("array_text", np.array(["a", "bcd"])),
        ("array_bool", np.array([True, False])),
        ("array_complex", np.array([1j])),
        ("array_objects", np.array(["a", None], dtype=object)),
        ("observables", ObservablesArray([{"ZZ": 1.0, "XX": -0.5}, {"IZ": 1.0}])),
        ("bindings", BindingsArray({("a", "b"): np.zeros((2, 2)), "c": np.ones(2)}, shape=(2,))),
        ("bit_array", BitArray(np.array([[0, 3], [2, 0]], np.uint8), 10)),
    ],
)
def test_what_we_write_is_what_the_existing_client_writes(name: str, value: object) -> None:
    ours, theirs = (json.dumps(tree, sort_keys=True) for tree in (json.loads(encode_value(value)), GOLDEN[name]))
    assert ours == theirs


@pytest.mark.holds("B177")
def test_what_the_existing_client_writes_is_read() -> None:
    assert decoded(GOLDEN["complex"]) == 1 + 2j
    assert decoded(GOLDEN["datetime_aware"]) == datetime(2026, 9, 1, 10, 11, 12, tzinfo=UTC)
    assert decoded(GOLDEN["array_fortran"]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert decoded(GOLDEN["array_objects"]).tolist() == ["a", None]
    assert decoded(GOLDEN["set"]) == {3}
    assert decoded(GOLDEN["parameter"]).name == "θ"
    assert decoded(GOLDEN["observables"]).tolist() == [{"ZZ": 1.0, "XX": -0.5}, {"IZ": 1.0}]
    assert decoded(GOLDEN["bindings"]).as_array(["c", "b", "a"]).tolist() == [[1, 0, 0], [1, 0, 0]]
    assert decoded(GOLDEN["bit_array"]).get_counts() == {"0000000011": 1, "1000000000": 1}
    circuit = decoded(GOLDEN["circuit"])
    assert circuit.count_ops() == {"h": 1, "rz": 1, "rx": 1, "cx": 1, "measure": 2}
    assert [parameter.name for parameter in circuit.parameters] == ["a", "θ"]


# Round trips


def unfolded(instant: datetime) -> datetime:
    """Return the earlier of two equal times of a day: ISO text cannot tell them apart."""
    return instant.replace(fold=0)


TIMES = st.datetimes().map(unfolded)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.complex_numbers()
    | st.datetimes().map(unfolded),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
TYPES = (
    arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.unsigned_integer_dtypes(endianness="?")
    | arrays.floating_dtypes(endianness="?", sizes=(16, 32, 64))
    | arrays.complex_number_dtypes(endianness="?", sizes=(64, 128))
    | arrays.unicode_string_dtypes(endianness="?", max_len=5)
    | arrays.byte_string_dtypes(max_len=5)
)
ARRAYS = TYPES.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0)))


@given(PLAIN)
def test_plain_values_come_back(value: object) -> None:
    if not (isinstance(value, dict) and "__type__" in value):
        assert repr(decode_value(encode_value(value)).unwrap()) == repr(value)


@given(ARRAYS, st.sampled_from("CF"))
def test_arrays_come_back_with_type_shape_and_order(array: NDArray[Any], order: Any) -> None:
    array = np.array(array, order=order)
    back = decode_value(encode_value(array)).unwrap()
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape, back.flags.writeable) == (array.dtype, array.shape, True)
    assert back.tobytes() == array.tobytes()
    assert array.size < 2 or back.flags.f_contiguous == array.flags.f_contiguous


def test_an_array_that_is_a_view_with_gaps_comes_back() -> None:
    assert decode_value(encode_value(np.arange(12)[::2])).unwrap().tolist() == [0, 2, 4, 6, 8, 10]  # type: ignore[attr-defined] # decoded values are objects


@pytest.mark.holds("B80")
@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.float16, np.float32, np.bool_, np.complex64, np.longdouble])
def test_every_numpy_scalar_is_written_as_the_number_it_is(kind: Any) -> None:
    assert decode_value(encode_value(kind(1))).unwrap() == 1


@given(st.integers(0, 20), st.lists(st.integers(1, 3), max_size=2), st.integers(1, 5), st.randoms())
def test_bit_arrays_come_back(num_bits: int, shape: list[int], shots: int, random: Any) -> None:
    size = (*shape, shots, -(-num_bits // 8))
    array = np.frombuffer(random.randbytes(int(np.prod(size))), np.uint8).reshape(size)
    bits = BitArray(array, num_bits)
    assert decode_value(encode_value(bits)).unwrap() == bits


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-7, 7)), max_size=6), st.dictionaries(st.text(), st.integers()))
def test_circuits_come_back(gates: list[tuple[int, float]], metadata: dict[str, int]) -> None:
    circuit = QuantumCircuit(3, 2, metadata=metadata)
    for qubit, angle in gates:
        circuit.rx(Parameter(f"p{circuit.size()}") * angle, qubit)
        circuit.cx(qubit, (qubit + 1) % 3)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.rz(0.1, 0)
    assert decode_value(encode_value(circuit)).unwrap() == circuit


@pytest.mark.holds("B264")
def test_metadata_that_cannot_be_read_stay_data_and_take_nothing_with_them() -> None:
    damaged = [tagged("complex", ["a", 1]), tagged("QuantumCircuit", "!"), tagged("ndarray", FLOATS[:-8])]
    metadata = {"damaged": damaged, "fine": 1 + 2j, "unheard": tagged("Unheard", [1]), "__type__": "complex"}
    circuit = decode_value(encode_value(QuantumCircuit(1, metadata=metadata))).unwrap()
    assert circuit.metadata == metadata  # type: ignore[attr-defined]  # decoded values are objects


@pytest.mark.holds("B264")
def test_what_json_has_no_word_for_in_metadata_comes_back_as_what_it_has_one_for() -> None:
    metadata: Any = {"pair": (1, 2), "by qubit": {0: 0.5}, "day": datetime(2026, 9, 1).date(), 7: np.float64(0.25)}  # noqa: DTZ001 - a date has no zone
    circuit = decode_value(encode_value(QuantumCircuit(1, metadata=metadata))).unwrap()
    assert circuit.metadata == {  # type: ignore[attr-defined]  # decoded values are objects
        "pair": [1, 2],
        "by qubit": {"0": 0.5},
        "day": datetime(2026, 9, 1),  # noqa: DTZ001 - a day is its first moment, as for IBM's client
        "7": 0.25,
    }


@pytest.mark.holds("B81", "B264")
def test_metadata_share_the_bounds_of_the_value_that_they_are_in() -> None:
    body = encode_value([QuantumCircuit(1, metadata={"a": np.zeros(1000)}) for _ in range(2)])
    assert isinstance(decode_value(body, DecodeLimits(output_bytes=30_000)), Success)
    problem = problem_of(decode_value(body, DecodeLimits(output_bytes=15_000)))
    assert isinstance(problem, TooLarge)
    assert problem.limit == 15_000
    many = encode_value(QuantumCircuit(1, metadata={"a": list(range(50))}))
    assert isinstance(decode_value(many, DecodeLimits(items=60)), Success)
    assert problem_of(decode_value(many, DecodeLimits(items=40))) == TooLarge(
        what="number of values", size=52, limit=40, setting="items"
    )


@pytest.mark.holds("B81", "B264")
def test_circuits_in_the_metadata_of_circuits_count_as_depth() -> None:
    circuit = QuantumCircuit(1)
    for _ in range(6):
        circuit = QuantumCircuit(1, metadata={"inner": circuit})
    body = encode_value(circuit)
    assert decode_value(body, DecodeLimits(depth=6)).unwrap() == circuit
    assert problem_of(decode_value(body, DecodeLimits(depth=5))) == TooLarge(
        what="depth", size=6, limit=5, setting="depth"
    )


@pytest.mark.parametrize("instruction", [RXGate(0.5), CXGate(), Measure(), Barrier(3)], ids=lambda step: step.name)
def test_instructions_come_back(instruction: Instruction) -> None:
    back = decode_value(encode_value(instruction)).unwrap()
    assert back == instruction


def test_a_circuit_is_written_in_the_version_that_the_service_reads() -> None:
    text = json.loads(encode_value(QuantumCircuit(1)))["__value__"]
    assert zlib.decompress(base64.b64decode(text))[:7] == b"QISKIT\x11"


@pytest.mark.holds("B176")
def test_execution_spans_of_every_kind_come_back() -> None:
    start, stop = datetime(2026, 9, 1, 10, tzinfo=UTC), datetime(2026, 9, 1, 11, tzinfo=UTC)
    spans = ExecutionSpans(
        (
            SliceSpan(start, stop, {0: ((100,), slice(0, 100))}),
            DoubleSliceSpan(start, stop, {1: ((2, 100), slice(0, 2), slice(0, 50))}),
            TwirledSliceSpan(start, stop, {0: ((4, 2, 25), True, slice(0, 4), slice(0, 25))}),
            TwirledSliceSpanV2(start, stop, {0: ((4, 2, 25), True, slice(0, 4), slice(0, 25), 90)}),
        )
    )
    assert decode_value(encode_value(spans)).unwrap() == spans
    old_name = encode_value(spans).replace(b'"ExecutionSpans"', b'"ExecutionSpanCollection"')
    assert decode_value(old_name).unwrap() == spans


def test_estimator_results_are_read_under_both_names() -> None:
    data = DataBin(evs=np.array([0.5]), shape=(1,))
    body = encode_value(PrimitiveResult([PubResult(data)], {}))
    for name in (b'"PubResult"', b'"EstimatorPubResult"'):
        result: Any = decode_value(body.replace(b'"PubResult"', name)).unwrap()
        assert result[0].data.evs.tolist() == [0.5]
        assert not isinstance(result[0], SamplerPubResult)


EXTRAPOLATORS = """
    linear exponential double_exponential fallback polynomial_degree_1 polynomial_degree_2 polynomial_degree_3
    polynomial_degree_4 polynomial_degree_5 polynomial_degree_6 polynomial_degree_7
"""


@pytest.mark.holds("B177")
def test_the_name_of_an_extrapolator_may_stand_in_the_place_of_an_array() -> None:
    for name in EXTRAPOLATORS.split():
        assert decoded(tagged("ndarray", name)) == name
    for name in ("polynomial_degree_0", "polynomial_degree_8", "Linear", "cubic"):
        problem = problem_of(decode_value(json.dumps(tagged("ndarray", name)).encode()))
        assert isinstance(problem, UnreadableValue)


@pytest.mark.holds("B177")
@pytest.mark.parametrize("module", [NOISE_MODULE, "qiskit_ibm_runtime.results.noise_learner"])
def test_learnt_noise_is_read_from_both_of_its_places_and_stays_data_from_others(module: str) -> None:
    place = {"__type__": "_json", "__module__": module, "__class__": "PauliLindbladError"}
    generators = settings_tag(".symplectic.pauli_list", "PauliList", {"data": ["XI", "ZZ"]})
    body = {**place, "__value__": {"generators": generators, "rates": [0.25, 0.5]}}
    error = decoded(body)
    assert (error.generators.to_labels(), list(error.rates)) == (["XI", "ZZ"], [0.25, 0.5])
    elsewhere = decoded({**body, "__module__": f"{module}.more"})
    assert elsewhere["__module__"] == f"{module}.more"
    assert elsewhere["__value__"]["rates"] == [0.25, 0.5]


@pytest.mark.holds("B177")
def test_noise_models_of_aer_are_read_as_they_were_and_without_a_warning() -> None:
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.1, 1), ["sx", "x"])
    model.add_all_qubit_quantum_error(amplitude_damping_error(0.1), "id")
    model.add_all_qubit_readout_error([[0.9, 0.1], [0.2, 0.8]])
    assert decode_value(encode_value(model)).unwrap() == model
    model = NoiseModel()
    model.add_quantum_error(thermal_relaxation_error(50, 60, 10), "id", [1])
    model.add_quantum_error(coherent_unitary_error(np.diag([1, 1j])), "sx", [4])
    model.add_quantum_error(pauli_error([("XY", 0.25), ("II", 0.75)]), "cx", [0, 1])
    model.add_readout_error([[0.9, 0.1], [0.2, 0.8]], [3])
    assert decode_value(encode_value(model)).unwrap() == model
    named = {"type": "qerror", "operations": ["x"], "instructions": [[{"name": "z", "qubits": [0]}]]}
    (error,) = decoded(tagged("NoiseModel", {"errors": [{**named, "probabilities": [1.0]}]})).to_dict()["errors"]
    ((step,),) = error["instructions"]
    assert (step["name"], step["label"], step["params"][0].tolist()) == ("unitary", "z", [[1, 0], [0, -1]])


@pytest.mark.holds("B177")
@pytest.mark.parametrize("type_of_error", ["qerror", "merror"])
def test_what_is_no_error_in_a_noise_model_is_refused(type_of_error: str) -> None:
    error = {
        "type": type_of_error,
        "operations": ["x"],
        "instructions": [[{"name": "rx", "qubits": [0]}]],
        "probabilities": [1.0],
    }
    body = json.dumps(tagged("NoiseModel", {"errors": [error]}))
    assert isinstance(problem_of(decode_value(body.encode())), UnreadableValue)


@pytest.mark.holds("B81", "B177")
def test_unknown_tags_stay_dictionaries_with_their_inner_objects_built() -> None:
    assert decoded(tagged("Unheard", tagged("complex", [1, 2]))) == tagged("Unheard", 1 + 2j)
    assert decoded(tagged("to_json", [tagged("set", [1])])) == [{1}]


def test_numbers_beyond_64_bits_and_bare_tokens_are_read() -> None:
    assert decode_value(b"[123456789012345678901234567890, Infinity, 1e400]").unwrap() == [
        123456789012345678901234567890,
        float("inf"),
        float("inf"),
    ]


@pytest.mark.holds("B177")
def test_a_callable_is_written_as_null_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="not JSON serializable and will be set to None"):
        assert encode_value([print]) == b"[null]"


class Settled:
    """Something that says how to make it."""

    settings = {"a": {1: 2}, "b": 3}  # noqa: RUF012 - it is not changed


class Wordy:
    """Something that writes itself."""

    def to_json(self) -> str:
        return '{"a": 1}'


def test_objects_that_say_how_to_write_them_are_written_so() -> None:
    place = {"__module__": __name__, "__class__": "Settled"}
    assert decode_value(encode_value(Settled())).unwrap() == {
        "__type__": "settings",
        **place,
        "__value__": {"a": {1: 2}, "b": 3},
    }
    assert decode_value(encode_value(Wordy())).unwrap() == '{"a": 1}'


def test_a_pauli_list_of_many_qubits_is_read_at_once() -> None:
    paulis = PauliList(["X" * 1000, "-iZ" + "I" * 998 + "Y"])
    assert decode_value(encode_value(paulis)).unwrap() == paulis


def settings_tag(module: str, name: str, value: object) -> dict[str, object]:
    place = {"__module__": f"qiskit.quantum_info.operators{module}", "__class__": name}
    return {"__type__": "settings", **place, "__value__": value}


def labels_tag(data: object) -> bytes:
    return json.dumps(settings_tag(".symplectic.pauli_list", "PauliList", {"data": data})).encode()


@pytest.mark.holds("B177")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (["X", "Q"], "'Q' is no Pauli label"),
        (["Q", "X"], "'Q' is no Pauli label"),
        (["XX", ""], "'' is no Pauli label"),
        (["XX", "XX\n"], "'XX\\n' is no Pauli label"),
        (["X", "--X"], "'--X' is no Pauli label"),
        (["X" * 90 + "Q"], "'" + "X" * 79 + " is no Pauli label"),
        # As many letters as two labels of one width have: what is put together must not be cut anew.
        (["X", "XXX"], "the labels are not of one width"),
        (["XXX", "XX", "X"], "the labels are not of one width"),
        (["X", 1], "it is not made of a list of labels"),
        (["X", None], "it is not made of a list of labels"),
        ([["X"], ["Y"]], "it is not made of a list of labels"),
        ([], "it is not made of a list of labels"),
        ("XYZ", "it is not made of a list of labels"),
        ({"X": 1, "Y": 2}, "it is not made of a list of labels"),
    ],
)
def test_a_label_that_is_none_is_named_and_never_left_out(data: object, reason: str) -> None:
    assert problem_of(decode_value(labels_tag(data))) == UnreadableValue(tag="settings", reason=reason)


@pytest.mark.holds("B177")
def test_labels_keep_their_order_their_letters_and_their_phases() -> None:
    labels = ["XYZI", "-XYZI", "iXYZI", "-iXYZI", "IIII", "1XYZI", "+1iZIXY", "+XIII", "-1iYYYY"]
    paulis: Any = decode_value(labels_tag(labels)).unwrap()
    assert paulis.to_labels() == ["XYZI", "-XYZI", "iXYZI", "-iXYZI", "IIII", "XYZI", "iZIXY", "XIII", "-iYYYY"]


@pytest.mark.holds("B177")
@pytest.mark.parametrize("data", ["XQ", "", "X\n", ["X"], ["X", "Y"], {"X": 1}, None])
def test_one_pauli_is_made_of_one_label(data: object) -> None:
    good = json.dumps(settings_tag(".symplectic.pauli", "Pauli", {"data": "-iXY"})).encode()
    assert str(decode_value(good).unwrap()) == "-iXY"
    bad = json.dumps(settings_tag(".symplectic.pauli", "Pauli", {"data": data})).encode()
    assert isinstance(problem_of(decode_value(bad)), UnreadableValue)


@pytest.mark.holds("B81")
def test_labels_count_as_what_they_become() -> None:
    body = labels_tag(["XYZ", "ZZZ"])
    assert isinstance(decode_value(body, DecodeLimits(output_bytes=24)), Success)
    assert problem_of(decode_value(body, DecodeLimits(output_bytes=23))) == TooLarge(
        what="PauliList", size=24, limit=23, setting="output_bytes"
    )


@pytest.mark.holds("B177")
def test_an_operator_is_made_of_its_own_arguments_and_no_others() -> None:
    for operator in (SparsePauliOp(["XY", "ZZ"], [1, 2j]), PauliList(["XY", "-ZZ"]), Pauli("iX"), Operator(np.eye(2))):
        tree = json.loads(encode_value(operator))
        tree["__value__"]["more"] = 1
        problem = problem_of(decode_value(json.dumps(tree).encode()))
        assert problem == UnreadableValue(tag="settings", reason="there is no argument 'more'")


@pytest.mark.holds("B177")
@pytest.mark.parametrize("coefficients", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0, "ab", None])
def test_a_sum_of_paulis_has_one_coefficient_for_each(coefficients: object) -> None:
    tree = json.loads(encode_value(SparsePauliOp(["XY", "ZZ"], [1, 2j])))
    assert decoded(tree) == SparsePauliOp(["XY", "ZZ"], [1, 2j])
    tree = json.loads(encode_value(SparsePauliOp(["XY", "ZZ"], [1, 2j])))
    tree["__value__"]["coeffs"] = tagged("ndarray", coefficients) if isinstance(coefficients, list) else coefficients
    problem = problem_of(decode_value(json.dumps(tree).encode()))
    reason = "it is not made of a list of Paulis and their coefficients"
    assert problem == UnreadableValue(tag="settings", reason=reason)


@pytest.mark.holds("B177")
@pytest.mark.parametrize(
    "data",
    [["XY", "ZZ"], "XY", tagged("ndarray", ["XY", "ZZ"]), settings_tag(".symplectic.pauli", "Pauli", {"data": "X"})],
)
def test_a_sum_of_paulis_is_made_of_a_list_of_paulis(data: object) -> None:
    tree = json.loads(encode_value(SparsePauliOp(["XY", "ZZ"], [1, 2j])))
    tree["__value__"]["data"] = data
    problem = problem_of(decode_value(json.dumps(tree).encode()))
    reason = "it is not made of a list of Paulis and their coefficients"
    assert problem == UnreadableValue(tag="settings", reason=reason)


MATRIX = json.loads(encode_value(np.eye(2)))


@pytest.mark.holds("B177")
@pytest.mark.parametrize(
    ("arguments", "passes"),
    [
        ({"data": MATRIX}, True),
        ({"data": MATRIX, "input_dims": 2, "output_dims": [2]}, True),
        ({"data": MATRIX, "output_dims": [2, 1]}, True),
        ({"data": MATRIX, "input_dims": None, "output_dims": None}, True),
        ({"data": MATRIX, "input_dims": 0}, False),
        ({"data": MATRIX, "input_dims": [2, 0]}, False),
        ({"data": MATRIX, "input_dims": []}, False),
        ({"data": MATRIX, "output_dims": -2}, False),
        ({"data": MATRIX, "output_dims": [True]}, False),
        ({"data": MATRIX, "output_dims": 2.0}, False),
        ({"data": json.loads(encode_value(np.ones(4)))}, False),
        ({"data": json.loads(encode_value(np.ones((2, 2, 1))))}, False),
        ({"data": json.loads(encode_value(np.array([["a", "b"], ["c", "d"]])))}, False),
        ({"data": [[1, 0], [0, 1]]}, False),
        ({"data": []}, False),
        ({"data": None}, False),
        ({"data": "X"}, False),
    ],
)
def test_an_operator_is_made_of_a_matrix_and_whole_dimensions(arguments: dict[str, object], passes: bool) -> None:
    result = decode_value(json.dumps(settings_tag(".operator", "Operator", arguments)).encode())
    if passes:
        assert np.array_equal(np.asarray(result.unwrap()), np.eye(2))
    else:
        reason = "it is not made of matrices and dimensions"
        assert problem_of(result) == UnreadableValue(tag="settings", reason=reason)


@pytest.mark.holds("B177")
@pytest.mark.parametrize(
    "channel",
    [
        Kraus([np.eye(2) * 0.6, np.eye(2) * 0.8]),
        Kraus(([np.eye(2) * 0.6, np.eye(2) * 0.8], [np.eye(2) * 0.8, np.eye(2) * 0.6])),
        Stinespring(np.eye(2)),
        Stinespring((np.eye(2), -np.eye(2))),
        Chi(np.eye(4)),
        Choi(np.eye(4)),
        PTM(np.eye(4)),
        SuperOp(np.eye(4)),
    ],
    ids=lambda channel: type(channel).__name__,
)
def test_channels_of_every_form_come_back(channel: Any) -> None:
    back: Any = decode_value(encode_value(channel)).unwrap()
    assert type(back) is type(channel)
    assert back == channel
    assert (back.input_dims(), back.output_dims()) == (channel.input_dims(), channel.output_dims())


@pytest.mark.holds("B81", "B177")
def test_a_channel_without_a_right_side_may_say_so() -> None:
    tag = settings_tag(".channel.kraus", "Kraus", {"data": [[MATRIX, MATRIX], None]})
    body = json.dumps(tag).encode()
    assert decode_value(body).unwrap() == Kraus([np.eye(2), np.eye(2)])
    # Two arrays of 32 bytes, and what the four items of each become.
    assert isinstance(decode_value(body, DecodeLimits(output_bytes=192)), Success)
    assert problem_of(decode_value(body, DecodeLimits(output_bytes=191))) == TooLarge(
        what="matrices", size=192, limit=191, setting="output_bytes"
    )


@pytest.mark.parametrize(("module", "name"), [(".dihedral", "CNOTDihedral"), (".symplectic.pauli", "PauliList")])
def test_a_class_that_is_not_on_the_list_is_named(module: str, name: str) -> None:
    problem = problem_of(decode_value(json.dumps(settings_tag(module, name, {"data": ["X"]})).encode()))
    reason = f"qiskit.quantum_info.operators{module}.{name} is not on the list of classes that are read"
    assert problem == UnreadableValue(tag="settings", reason=reason)


@pytest.mark.parametrize("observable", ["XQ", {"XX": 1, "XQ": 0}, {"XX": 1, "X": 1}, ["XX", "X"], ["XX", ""]])
def test_an_observable_with_a_label_that_is_none_or_of_another_width_is_refused(observable: object) -> None:
    body = json.dumps(tagged("ObservablesArray", observable)).encode()
    assert isinstance(problem_of(decode_value(body)), UnreadableValue)


@pytest.mark.parametrize("term", [["XQ", [0, 1], 0.1], ["X", [0, 1], 0.1], ["XX", [0], 0.1], ["XX", [0, 0], 0.1]])
def test_a_term_of_a_noise_map_has_a_letter_for_each_of_its_qubits(term: object) -> None:
    body = json.dumps(tagged("PauliLindbladMap", {"paulis": [["XX", [0, 1], 0.1], term], "num_qubits": 2})).encode()
    assert isinstance(problem_of(decode_value(body)), UnreadableValue)


WIDE = json.loads(encode_value(SparsePauliOp("X" * 40)))
"""An operator that NumPy would multiply out to a matrix of 2^40 rows."""


def test_what_stands_in_an_array_of_objects_is_left_as_it_is() -> None:
    inner = np.zeros(50_000_000, np.uint8)
    body = json.dumps(tagged("ndarray", [WIDE, json.loads(encode_value(inner))])).encode()
    tracemalloc.start()
    outer: Any = decode_value(body).unwrap()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (outer.shape, outer.dtype) == ((2,), object)
    assert (outer[0], outer[1].nbytes) == (SparsePauliOp("X" * 40), inner.nbytes)
    assert peak < 2 * inner.nbytes
    assert decoded(tagged("ndarray", [[WIDE], [1, 2]])).shape == (2,)


def test_items_of_an_operator_are_counted_as_what_they_become() -> None:
    matrix = json.loads(encode_value(np.zeros((1024, 1024), np.uint8)))
    body = json.dumps(settings_tag(".operator", "Operator", {"data": matrix})).encode()
    assert isinstance(decode_value(body), Success)
    assert isinstance(problem_of(decode_value(body, DecodeLimits(output_bytes=10 << 20))), TooLarge)


@pytest.mark.parametrize(
    "value",
    [
        tagged("ObservablesArray", [WIDE]),
        tagged("NoiseModel", {"errors": [{"instructions": [[{"name": "unitary", "params": [[WIDE]]}]]}]}),
        tagged("PauliLindbladMap", {"paulis": [["X", WIDE, 0.1]], "num_qubits": 2}),
        {
            "__type__": "_json",
            "__module__": NOISE_MODULE,
            "__class__": "PauliLindbladError",
            "__value__": {
                "generators": settings_tag(".symplectic.pauli_list", "PauliList", {"data": ["X"]}),
                "rates": [WIDE],
            },
        },
        settings_tag(".operator", "Operator", {"data": json.loads(encode_value(QuantumCircuit(30)))}),
        settings_tag(".operator", "Operator", {"data": settings_tag(".symplectic.pauli", "Pauli", {"data": "X" * 40})}),
        settings_tag(".symplectic.pauli_list", "PauliList", {"data": ["X" * 100, "X"]}),
        settings_tag(".symplectic.pauli_list", "PauliList", {"data": []}),
        settings_tag(".symplectic.pauli", "Pauli", {"data": "X", "more": 1}),
        settings_tag(".dihedral", "Anything", {}),
        settings_tag(".symplectic.pauli", "os", {"data": "X"}),
        tagged("spmatrix", "eJwDAAAAAAE="),
        tagged("Instruction", json.loads(encode_value(QuantumCircuit(1)))["__value__"]),
        tagged("PauliLindbladMap", {"paulis": [["X", [5], 0.1]], "num_qubits": 2}),
        tagged("NoiseModel", {"errors": [{"type": "qerror", "instructions": [[{"name": "x", "qubits": [10**9]}]]}]}),
        tagged("Result", {"results": [1]}),
        tagged("DoubleSliceSpan", {"start": 1, "stop": 2, "data_slices": {}}),
        {"__type__": "_json", "__module__": NOISE_MODULE, "__class__": "System", "__value__": {}},
    ],
)
def test_what_would_be_computed_at_length_or_does_not_exist_is_refused(value: object) -> None:
    assert isinstance(problem_of(decode_value(json.dumps(value).encode())), UnreadableValue)


def test_a_span_that_declares_more_than_memory_holds_is_refused() -> None:
    times = dict.fromkeys(("start", "stop"), tagged("datetime", "2026-09-01T10:00:00"))
    value = tagged("ExecutionSpan", {**times, "data_slices": {"0": [[2**40], 0, 1]}})
    assert isinstance(problem_of(decode_value(json.dumps(value).encode())), TooLarge)


def sparse_archive(**arrays: Any) -> dict[str, object]:
    """Return the tag of an archive of any arrays."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return tagged("spmatrix", base64.b64encode(stream.getvalue()).decode())


def test_indices_beyond_a_sparse_matrix_are_refused() -> None:
    good: dict[str, Any] = {"format": b"csr", "shape": [1, 2], "data": [1.0], "indices": [1], "indptr": [0, 1]}
    assert decoded(sparse_archive(**good)).toarray().tolist() == [[0.0, 1.0]]
    shapes = ({"shape": [1]}, {"shape": [1.0, 2.0]})
    for bad in (*shapes, {"indices": [7]}, {"indptr": [0, 9]}, {"format": b"dok"}, {"data": [None]}):
        problem = problem_of(decode_value(json.dumps(sparse_archive(**good | bad)).encode()))
        assert isinstance(problem, UnreadableValue)


@pytest.mark.takes_long
def test_a_sparse_matrix_that_would_fill_the_memory_is_refused() -> None:
    body = json.dumps(sparse_archive(format=b"coo", shape=[1, 2], data=np.zeros(30_000_000))).encode()
    assert len(body) < 1_000_000
    assert isinstance(problem_of(decode_value(body)), TooLarge)


def test_what_has_no_form_is_named() -> None:
    with pytest.raises(TypeError, match="object has no form in typed JSON"):
        encode_value({"a": object()})
    with pytest.raises(TypeError, match="An array of"):
        encode_value(np.zeros(1, dtype=[("a", "i1")]))


# Only documented failures, and bounds

TAGS = st.sampled_from(
    [
        "datetime", "complex", "ndarray", "set", "QuantumCircuit", "Parameter", "Instruction", "settings", "_json",
        "Result", "spmatrix", "ObservablesArray", "BindingsArray", "BitArray", "DataBin", "EstimatorPubResult",
        "SamplerPubResult", "PubResult", "PrimitiveResult", "NoiseLearnerResult", "DoubleSliceSpan",
        "TwirledSliceSpanV2", "TwirledSliceSpan", "ExecutionSpan", "ExecutionSpanCollection", "ExecutionSpans",
        "PauliLindbladMap", "to_json", "NoiseModel", "unknown",
    ]
)  # fmt: skip
FIELDS = st.sampled_from(
    [
        "__type__",
        "__value__",
        "array",
        "num_bits",
        "shape",
        "fields",
        "data",
        "metadata",
        "pub_results",
        "spans",
        "start",
        "stop",
        "data_slices",
        "self",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-3, 300) | st.floats() | st.text(max_size=6) | st.just(FLOATS)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4) | st.builds(tagged, TAGS, inner)
    ),
    max_leaves=12,
)
DOCUMENTED = (UnreadableValue, TooLarge, TooNew)


def assert_documented(body: bytes) -> None:
    result = decode_value(body)
    assert isinstance(result, Success) or isinstance(problem_of(result), DOCUMENTED)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_documented_failure(body: bytes) -> None:
    assert_documented(body)


@pytest.mark.takes_long
@settings(max_examples=examples(600))
@given(ANYTHING)
def test_any_typed_json_gives_a_value_or_a_documented_failure(value: object) -> None:
    assert_documented(json.dumps(value).encode())


@settings(max_examples=examples(600), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(GOLDEN)), st.data())
def test_damaged_text_gives_a_value_or_a_documented_failure(name: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(GOLDEN[name]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert_documented(bytes(body[: data.draw(st.integers(0, len(body)))]))


@settings(max_examples=examples(600))
@given(st.sampled_from(["circuit", "array", "array_text"]), st.data())
def test_damage_below_the_checksum_gives_a_value_or_a_documented_failure(name: str, data: st.DataObject) -> None:
    inner = bytearray(zlib.decompress(base64.b64decode(GOLDEN[name]["__value__"])))
    for _ in range(data.draw(st.integers(1, 4))):
        byte = data.draw(st.integers(0, 255) | st.sampled_from([0, 1, 127, 128, 255]))
        inner[data.draw(st.integers(0, len(inner) - 1))] = byte
    text = base64.b64encode(zlib.compress(bytes(inner), 1)).decode()
    assert_documented(json.dumps(tagged(GOLDEN[name]["__type__"], text)).encode())


@pytest.mark.holds("B81")
def test_a_gibibyte_declared_is_refused_before_it_is_allocated() -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1073741824,), }\n"
    stream = zlib.compressobj(9)
    bomb = stream.compress(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    bomb += b"".join(stream.compress(bytes(1 << 20)) for _ in range(64)) + stream.flush()
    body = json.dumps(tagged("ndarray", base64.b64encode(bomb).decode())).encode()
    tracemalloc.start()
    problem = problem_of(decode_value(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem == TooLarge(what="ndarray", size=1 << 30, limit=128 << 20, setting="output_bytes")
    assert peak < 4 << 20


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(10, 1000000000000)", f"({2**62}, {2**62})"])
def test_a_small_header_that_declares_much_is_refused(shape: str) -> None:
    text = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}")
    problem = problem_of(decode_value(json.dumps(tagged("ndarray", text)).encode()))
    assert isinstance(problem, TooLarge | UnreadableValue)


@pytest.mark.holds("B81")
def test_more_than_the_compressed_data_can_hold_is_refused_before_it_is_allocated() -> None:
    text = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000,)}")
    problem = problem_of(decode_value(json.dumps(tagged("ndarray", text)).encode()))
    assert isinstance(problem, UnreadableValue)
    assert "can be there at most" in problem.reason


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<M8[x]', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f7', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4)}",
        "{'descr': '<f8', 'fortran_order': False}",
        "__import__('os').getcwd()",
        "(" * 3000,
        "1" * 4000,
        "",
    ],
)
def test_headers_that_numpy_never_writes_for_numbers_are_refused(header: str) -> None:
    problem = problem_of(decode_value(json.dumps(tagged("ndarray", npy(header, bytes(64)))).encode()))
    assert isinstance(problem, UnreadableValue)


@pytest.mark.parametrize(
    ("descr", "reason"),
    [
        ("<U0", "the items have no size"),
        ("<f7", "arrays of type '<f7' are not known here"),
        ("|O", "arrays of type '|O' are not read"),
    ],
)
def test_a_refused_type_is_told_with_its_reason(descr: str, reason: str) -> None:
    text = npy(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,)}}", bytes(64))
    assert problem_of(decode_value(json.dumps(tagged("ndarray", text)).encode())) == UnreadableValue(
        tag="ndarray", reason=reason
    )


def test_data_that_ends_early_or_goes_on_is_refused() -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}"
    for data in (b"123", b"12345"):
        problem = problem_of(decode_value(json.dumps(tagged("ndarray", npy(header, data))).encode()))
        assert isinstance(problem, UnreadableValue)
    cut = base64.b64encode(base64.b64decode(npy(header, b"1234"))[:-2] + b"\0\0\0")[:-4].decode()
    assert isinstance(problem_of(decode_value(json.dumps(tagged("ndarray", cut)).encode())), UnreadableValue)


def test_all_arrays_of_a_value_share_one_budget() -> None:
    body = encode_value([np.zeros(1000), np.zeros(1000)])
    assert isinstance(decode_value(body, DecodeLimits(output_bytes=16_000)), Success)
    problem = problem_of(decode_value(body, DecodeLimits(output_bytes=15_999)))
    assert problem == TooLarge(what="ndarray", size=16_000, limit=15_999, setting="output_bytes")


@pytest.mark.holds("B81")
@pytest.mark.parametrize("depth", [102, 900, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(depth: int, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    problem = problem_of(decode_value(opening * depth + b"1" + closing * depth))
    assert isinstance(problem, TooLarge)


def test_limits_can_be_raised() -> None:
    assert isinstance(decode_value(b"[" * 150 + b"]" * 150, DecodeLimits(depth=200)), Success)


@pytest.mark.holds("B81")
def test_many_values_are_refused_before_they_are_parsed() -> None:
    body = b"[" + b"[]," * 2_000_000 + b"0]"
    tracemalloc.start()
    problem = problem_of(decode_value(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem == TooLarge(what="number of values", size=4_000_002, limit=1_000_000, setting="items")
    assert peak < 1 << 20


def test_a_long_text_is_refused() -> None:
    problem = problem_of(decode_value(b'"' + bytes(100) + b'"', DecodeLimits(input_bytes=100)))
    assert problem == TooLarge(what="JSON text", size=102, limit=100, setting="input_bytes")


def test_a_list_that_would_be_a_huge_array_of_text_is_refused() -> None:
    body = json.dumps(tagged("ndarray", ["a" * 1_000_000, *["b"] * 1000])).encode()
    assert problem_of(decode_value(body)) == TooLarge(
        what="ndarray", size=4_004_000_000, limit=128 << 20, setting="output_bytes"
    )


def test_nesting_beyond_the_stack_is_refused_even_if_the_limit_allows_it() -> None:
    for depth in (950, 990, 5000):
        result = decode_value(b"[" * depth + b"]" * depth, DecodeLimits(depth=100_000))
        assert isinstance(result, Success) or isinstance(problem_of(result), TooLarge)


def test_a_set_of_colliding_numbers_is_refused() -> None:
    body = json.dumps(tagged("set", [(2**61 - 1) * number for number in range(20_000)])).encode()
    problem = problem_of(decode_value(body))
    assert isinstance(problem, TooLarge)
    assert (problem.what, problem.setting) == ("the work for all up to a set", "steps")


def qpy_problem(change: Any) -> Problem:
    data = bytearray(zlib.decompress(base64.b64decode(GOLDEN["circuit"]["__value__"])))
    change(data)
    text = base64.b64encode(zlib.compress(bytes(data))).decode()
    return problem_of(decode_value(json.dumps(tagged("QuantumCircuit", text)).encode()))


def test_a_circuit_of_a_newer_version_says_so() -> None:
    assert qpy_problem(lambda data: data.__setitem__(6, 99)) == TooNew(what="QPY", version=99, supported=17)


@pytest.mark.holds("B81")
@pytest.mark.parametrize("version", range(13, 18))
def test_circuits_of_every_version_of_the_service_are_read(version: int) -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.rx(Parameter("a") * 2, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.cx(0, 1)
    stream = io.BytesIO()
    qpy.dump(circuit, stream, version=version)
    assert stream.getvalue()[6] == version
    assert decoded(tagged("QuantumCircuit", base64.b64encode(zlib.compress(stream.getvalue())).decode())) == circuit


@pytest.mark.holds("B81")
def test_circuits_of_versions_that_can_run_code_are_refused() -> None:
    for version in range(13):
        problem = qpy_problem(lambda data, version=version: data.__setitem__(6, version))
        assert isinstance(problem, UnreadableValue)
        assert "older than 13" in problem.reason


def test_a_circuit_that_declares_billions_of_qubits_is_refused() -> None:
    def widen(data: bytearray) -> None:
        # Preface 19, kind 1, table 8; then name 2, phase 3.
        data[33:37] = b"\xff\xff\xff\xff"

    problem = qpy_problem(widen)
    assert problem == TooLarge(what="qubits or bits of a circuit", size=2**32 - 1, limit=100_000, setting="qubits")


@pytest.mark.holds("B81")
def test_an_instruction_that_qiskit_does_not_have_is_refused() -> None:
    def rename(data: bytearray) -> None:
        at = data.index(b"HGate")
        data[at : at + 5] = b"types"

    problem = qpy_problem(rename)
    assert isinstance(problem, UnreadableValue)
    assert "'types'" in problem.reason


def test_circuits_nested_in_one_another_count_each_time() -> None:
    circuit = QuantumCircuit(1, 1)
    for _ in range(2000):
        circuit.rz(0.5, 0)
    for _ in range(6):
        outer = QuantumCircuit(1, 1)
        outer.if_else((outer.clbits[0], 1), circuit, None, [0], [0])
        circuit = outer
    body = encode_value(circuit)
    assert decode_value(body).unwrap() == circuit
    problem = problem_of(decode_value(body, DecodeLimits(output_bytes=300_000)))
    assert isinstance(problem, TooLarge)
    assert problem.what == "nested parts of a circuit"
