"""What a sampler prepares on the client, and what it makes of results."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import Statevector
from returns.pipeline import is_successful
from samplomatic.quantum_program import CircuitItem, SamplexItem

from qiskit_runtime_service.options_models import SamplerOptions
from qiskit_runtime_service.programs.results import (
    ItemMetadata,
    QuantumProgramItemResult,
    QuantumProgramResult,
    StretchValues,
)
from qiskit_runtime_service.programs.sampler import post_process, prepare
from qiskit_runtime_service.records.problem import NotExecutable

SAMPLES = Path(__file__).parents[1] / "data" / "executor"
A, B = Parameter("a"), Parameter("b")
NAMES = ("sx", "x", "h", "s", "cz", "cx", "rz", "barrier")
gates = st.lists(
    st.tuples(st.sampled_from(NAMES), st.permutations(range(3)), st.floats(0, 3)),
    max_size=8,
)


def options(**given_: Any) -> dict[str, Any]:
    """Return options as they are when nothing is left open."""
    made = SamplerOptions()
    made.update(twirling={"enable_gates": False, "enable_measure": False})
    made.update(**given_)
    return made.model_dump()


def circuit_of(steps: list[Any]) -> QuantumCircuit:
    """Return a circuit of three qubits, measured into two registers out of order."""
    circuit = QuantumCircuit(3, name="drawn")
    for name, qubits, angle in steps:
        match name:
            case "cz" | "cx":
                getattr(circuit, name)(*qubits[:2])
            case "rz":
                circuit.rz(angle, qubits[0])
            case "barrier":
                circuit.barrier()
            case _:
                getattr(circuit, name)(qubits[0])
    circuit.add_register(ClassicalRegister(2, "pair"), ClassicalRegister(1, "one"))
    circuit.measure([2, 0, 1], [0, 2, 1])
    return circuit


def swept(count: int = 2) -> QuantumCircuit:
    """Return a circuit with parameters."""
    circuit = QuantumCircuit(2, 2, name="swept")
    for parameter in (B, A)[:count]:
        circuit.rz(parameter, 0)
        circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def chances(circuit: QuantumCircuit) -> dict[str, float]:
    """Return the chance of each outcome of a circuit that measures at its end, bits as they are written."""
    bare = circuit.copy_empty_like()
    places = {}
    for instruction in circuit.data:
        if instruction.name == "measure":
            places[circuit.find_bit(instruction.clbits[0]).index] = circuit.find_bit(instruction.qubits[0]).index
        else:
            bare.append(instruction)
    bare.remove_final_measurements()
    qubits = [places[index] for index in sorted(places)]
    return {key: value for key, value in Statevector(bare).probabilities_dict(qubits).items() if value > 1e-9}


@pytest.mark.holds("B375", "B376")
@given(gates, st.booleans(), st.sampled_from(("active", "active-accum", "active-circuit", "all")), st.integers(0, 99))
@settings(max_examples=25)
def test_each_randomization_with_its_flips_undone_is_the_circuit(
    steps: list[Any], enable_gates: bool, strategy: str, seed: int
) -> None:
    circuit = circuit_of(steps)
    twirling = {"enable_gates": enable_gates, "enable_measure": True, "strategy": strategy, "num_randomizations": 3}
    program = prepare([SamplerPub.coerce(circuit)], options(twirling=twirling), 10, None).unwrap()
    (item,) = program.items
    assert isinstance(item, SamplexItem)
    drawn = item.samplex.sample({}, num_randomizations=3, rng=np.random.default_rng(seed))
    wanted = chances(circuit)
    for index in range(3):
        bound = item.circuit.assign_parameters(np.asarray(drawn["parameter_values"])[index])
        flips = np.concatenate([drawn[f"measurement_flips.{name}"][index, 0] for name in ("pair", "one")])
        found = {flipped(key, flips): value for key, value in chances(bound).items()}
        assert found == pytest.approx(wanted, abs=1e-5)


def flipped(key: str, flips: Any) -> str:
    """Return an outcome with flips undone: the last letter is bit 0."""
    return "".join("10"[int(letter)] if flip else letter for letter, flip in zip(key, flips[::-1], strict=True))


@pytest.mark.holds("B375", "B376")
def test_a_bit_of_two_registers_is_not_twirled_for_the_flips_of_one_alone_are_told() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.add_register(ClassicalRegister(name="again", bits=circuit.clbits))
    circuit.measure(0, 0)
    pubs = [SamplerPub.coerce(circuit)]
    for twirling in ({"enable_gates": True}, {"enable_measure": True}):
        problem = prepare(pubs, options(twirling=twirling), 10, None).failure()
        assert isinstance(problem, NotExecutable)
        assert problem.reason == "'measure' writes to a classical bit of two registers, which cannot be twirled"
    assert is_successful(prepare(pubs, options(), 10, None))


@pytest.mark.holds("B376")
@given(
    st.lists(st.sampled_from([(), (1,), (3,), (2, 3), (2, 1, 2)]), min_size=1, max_size=4),
    st.booleans(),
    st.integers(1, 3000),
)
@settings(max_examples=30)
def test_every_pub_is_an_item_of_its_shape_in_its_place_with_shots_enough(
    shapes: list[tuple[int, ...]], twirled: bool, shots: int
) -> None:
    values = [np.random.default_rng(index).random((*shape, 2)) for index, shape in enumerate(shapes)]
    pubs = [SamplerPub.coerce((swept(), rows)) for rows in values]
    twirling = {"enable_gates": twirled, "enable_measure": twirled}
    program = prepare(pubs, options(twirling=twirling), shots, None).unwrap()
    assert len(program.items) == len(pubs)
    for item, shape, rows in zip(program.items, shapes, values, strict=True):
        count = item.shape[0] if twirled else 1
        assert item.shape == ((count, *shape) if twirled else shape)
        assert count * program.shots >= shots
        if isinstance(item, CircuitItem):
            assert item.circuit_arguments.tolist() == rows.tolist()
        else:
            assert np.asarray(item.samplex_arguments["parameter_values"]).tolist() == rows.tolist()
    assert twirled or program.shots == shots


@pytest.mark.holds("B376")
def test_circuits_go_without_their_metadata_and_stay_as_they_are() -> None:
    one, other = swept(0), swept(0)
    one.metadata = {"why": {"deep": [1]}}
    program = prepare([SamplerPub.coerce(one), SamplerPub.coerce(other)], options(), 7, None).unwrap()
    assert [item.circuit.metadata for item in program.items] == [{}, {}]
    assert one.metadata == {"why": {"deep": [1]}}
    notes = program.passthrough_data["post_processor"]
    assert notes["circuits_metadata"] == [{"why": {"deep": [1]}}, {}]
    assert {name: value for name, value in notes.items() if name not in ("circuits_metadata", "options")} == {
        "version": "v0.1", "twirling": False, "meas_type": "classified", "shots": 7,
    }  # fmt: skip
    assert (program.semantic_role, program.meas_level, program.shots) == ("sampler_v2", "classified", 7)


def answer(arrays: list[dict[str, Any]], *, twirled: bool, meas_type: str = "classified", **more: Any) -> Any:
    """Return the result of a program that a sampler prepared."""
    notes = {
        "twirling": twirled, "meas_type": meas_type, "circuits_metadata": [{"n": n} for n in range(len(arrays))],
        "shots": 3, "options": {"default_shots": 4},
    }  # fmt: skip
    items = [QuantumProgramItemResult(array, ItemMetadata(**more)) for array in arrays]
    return QuantumProgramResult(items, passthrough_data={"post_processor": notes})


@pytest.mark.holds("B377")
@given(
    st.sampled_from([(), (2,), (2, 3)]), st.integers(1, 4), st.integers(1, 5), st.integers(1, 19), st.integers(0, 99)
)
def test_flips_are_undone_and_shots_of_all_randomizations_stand_together(
    shape: tuple[int, ...], randomizations: int, shots: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((randomizations, *shape, shots, width)) < 0.5
    flips = rng.random((randomizations, *shape, 1, width)) < 0.5
    arrays = {"a": truth ^ flips, "measurement_flips.a": flips, "b": truth[..., :1]}
    kept = {name: array.copy() for name, array in arrays.items()}
    result = answer([arrays], twirled=True)
    (pub,) = post_process(result)
    assert pub.data.shape == shape
    assert (pub.data.a.num_shots, pub.data.a.num_bits) == (randomizations * shots, width)
    for index in np.ndindex(*shape):
        together = truth[(slice(None), *index)].reshape(randomizations * shots, width)
        assert pub.data.a[index].to_bool_array(order="little").tolist() == together.tolist()
        assert pub.data.b[index].to_bool_array(order="little").tolist() == together[:, :1].tolist()
    assert pub.metadata == {"circuit_metadata": {"n": 0}, "num_randomizations": randomizations}
    assert all((result[0][name] == array).all() for name, array in kept.items())


@pytest.mark.holds("B377")
@given(st.sampled_from([(), (2,), (2, 3)]), st.booleans(), st.integers(0, 99))
def test_points_and_their_means_are_told_by_register(shape: tuple[int, ...], twirled: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = (4,) if twirled else ()
    points = rng.random((*before, *shape, 5, 2)) + 1j
    means = points.mean(axis=-2)
    (pub,) = post_process(answer([{"a_iq": points}], twirled=twirled, meas_type="kerneled"))
    wanted = np.moveaxis(points, 0, -3).reshape(*shape, 20, 2) if twirled else points
    assert (pub.data.shape, pub.data.a.tolist()) == (shape, wanted.tolist())
    (pub,) = post_process(answer([{"a_avg_iq": means}], twirled=twirled, meas_type="avg_kerneled"))
    assert pub.data.shape == shape
    assert pub.data.a == pytest.approx(means.mean(axis=0) if twirled else means)


@pytest.mark.holds("B377")
def test_results_are_in_the_order_of_the_pubs_and_tell_of_the_compilation() -> None:
    arrays = [{"c": np.full((3, 1), bit)} for bit in (True, False)]
    values = [StretchValues("s", 8, 1, [(0, 9)])]
    told = {"name": "s", "value": 8, "remainder": 1, "expanded_values": [(0, 9)]}
    result = post_process(answer(arrays, twirled=False, stretch_values=values))
    assert [pub.data.c.get_counts() for pub in result] == [{"1": 3}, {"0": 3}]
    assert [pub.metadata for pub in result] == [
        {"circuit_metadata": {"n": n}, "compilation": {"stretch_values": [told]}} for n in range(2)
    ]
    without = post_process(answer(arrays, twirled=False, stretch_values=[]))
    assert [pub.metadata for pub in without] == [{"circuit_metadata": {"n": n}} for n in range(2)]
    assert {name: result.metadata[name] for name in ("shots", "options")} == {
        "shots": 3,
        "options": {"default_shots": 4},
    }


def test_a_pub_without_registers_has_no_data() -> None:
    (pub,) = post_process(answer([{}], twirled=True))
    assert list(pub.data) == []
    assert pub.metadata == {"circuit_metadata": {"n": 0}}


@pytest.mark.holds("B377")
@pytest.mark.parametrize(
    ("tree", "arrays", "words"),
    [
        (None, {}, "no data of a sampler"),
        ({"post_processor": 3}, {}, "no data of a sampler"),
        ({"post_processor": {"twirling": True}}, {}, "no data of a sampler"),
        ({"post_processor": {"twirling": True, "meas_type": "classified", "circuits_metadata": []}}, {}, "of 0 PUBs"),
        ({"post_processor": {"twirling": True, "meas_type": "raw", "circuits_metadata": [{}]}}, {}, "meas_type"),
        (
            {"post_processor": {"twirling": True, "meas_type": "classified", "circuits_metadata": [{}]}},
            {"measurement_flips.a": np.zeros((1, 1, 1), bool)},
            r"flips of \['a'\], but no such register",
        ),
    ],
)
def test_what_no_sampler_prepared_is_refused(tree: Any, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        post_process(QuantumProgramResult([QuantumProgramItemResult(arrays)], passthrough_data=tree))


@pytest.mark.holds("B377")
@pytest.mark.parametrize(
    ("name", "counts", "told"),
    [
        ("plain", {"00": 106, "11": 83, "01": 7, "10": 4}, {"circuit_metadata": {"who": "sample"}}),
        (
            "twirled",
            {"11": 27, "00": 34, "10": 2, "01": 1},
            {"circuit_metadata": {"who": "sample"}, "num_randomizations": 4},
        ),
    ],
)
def test_a_stored_sample_is_read(name: str, counts: dict[str, int], told: dict[str, Any]) -> None:
    body = json.loads((SAMPLES / f"sampler_{name}_result.json").read_bytes())
    (item,) = body["data"]
    arrays = {key: unpacked(tensor) for key, tensor in item["results"].items()}
    result = QuantumProgramResult([QuantumProgramItemResult(arrays)], passthrough_data=body["passthrough_data"])
    (pub,) = post_process(result)
    assert pub.data.meas.get_counts() == counts
    assert pub.metadata == told


def unpacked(tensor: dict[str, Any]) -> Any:
    from ibm_quantum_schemas.common import CompressedTensorModel

    return CompressedTensorModel(**tensor).to_numpy()
