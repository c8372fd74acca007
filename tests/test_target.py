"""Configurations and properties read from bytes, and the Targets built from them."""

import json
import math
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import RZZGate
from qiskit.converters import dag_to_circuit
from qiskit.quantum_info import Operator
from qiskit.transpiler import Target
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.target import build_target, find_undefined_gates, fold_rzz
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.records.backend import Configuration, Properties
from qiskit_runtime_service.records.problem import UnreadableBody
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

Json = dict[str, Any]
Location = tuple[int, ...]

HERE = Path(__file__).parent
# The script that wrote the digests has to run where none of our packages is, so it is loaded as it stands.
DUMP = runpy.run_path(str(HERE / "compat" / "dump_targets.py"))
DIGESTS: dict[str, str] = json.loads((HERE / "data" / "target_digests.json").read_bytes())
NAMES = [row.name for row in snapshot_rows()]
URL = "https://quantum.cloud.ibm.com/api/v1/backends/fake_manila"


def recorded(name: str) -> tuple[Configuration, Properties]:
    snapshot = read_snapshot(name)
    properties = read_properties(snapshot.properties, URL).unwrap()
    assert properties is not None
    return read_configuration(snapshot.configuration, URL).unwrap(), properties


def view_of(target: Target) -> Any:
    return DUMP["view_target"](target)


# The same Targets as IBM's client builds


@pytest.mark.holds("B32", "B34", "B35", "B37")
@pytest.mark.parametrize("name", NAMES)
def test_a_target_is_bit_for_bit_the_one_that_the_existing_client_builds(name: str) -> None:
    assert DUMP["digest_of"](view_of(build_target(*recorded(name)))) == DIGESTS[name]


def test_all_devices_of_the_existing_client_are_compared() -> None:
    assert sorted(DIGESTS) == NAMES


def test_the_target_of_a_small_device_is_the_one_of_the_existing_client_in_every_detail() -> None:
    theirs = json.loads((HERE / "data" / "target_fake_manila.json").read_bytes())
    assert json.loads(json.dumps(view_of(build_target(*recorded("fake_manila"))))) == theirs


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_device_has_a_gate_that_nobody_defines(name: str) -> None:
    assert find_undefined_gates(recorded(name)[0]) == ()


# What is reported where, for devices that were never built

WIDTHS = {"x": 1, "sx": 1, "rz": 1, "rx": 1, "cz": 2, "ecr": 2, "rzz": 2, "ccx": 3, "mystery": 2}
NOT_GATES = ("measure", "delay", "reset")
CONTROL_FLOW = ("if_else", "for_loop", "while_loop", "switch_case", "box")
QUBITS = 4


def nduv(name: str, value: float, unit: str = "") -> Json:
    return {"name": name, "value": value, "unit": unit, "date": "2026-09-01T06:00:00+00:00"}


def configuration_of(**changes: Any) -> Json:
    return {
        "backend_name": "generated",
        "backend_version": "1.0.0",
        "n_qubits": QUBITS,
        "basis_gates": [],
        "gates": [],
        **changes,
    }


def properties_of(**changes: Any) -> Json:
    return {
        "backend_name": "generated",
        "backend_version": "1.0.0",
        "last_update_date": "2026-09-01T06:00:00+00:00",
        "qubits": [],
        "gates": [],
        "general": [],
        **changes,
    }


def build(configuration: Json, properties: Json | None) -> Target:
    body = None if properties is None else json.dumps(properties).encode()
    return build_target(
        read_configuration(json.dumps(configuration).encode(), URL).unwrap(),
        None if body is None else read_properties(body, URL).unwrap(),
    )


def locations(name: str, qubits: int = QUBITS) -> st.SearchStrategy[Location]:
    width = WIDTHS.get(name, 1)
    return st.lists(st.integers(0, qubits - 1), min_size=width, max_size=width, unique=True).map(tuple)


switches = st.sampled_from([[], [], [], [nduv("operational", 1)], [nduv("operational", 0)]])
numbers = st.floats(0, 1e6)


@st.composite
def gate_entries(draw: st.DrawFn, names: list[str]) -> list[Json]:
    return [
        {"name": name, "parameters": [], "qasm_def": None, "coupling_map": draw(st.lists(locations(name), max_size=4))}
        for name in names
        if draw(st.booleans())
    ]


@st.composite
def gate_reports(draw: st.DrawFn, names: list[str]) -> list[Json]:
    spots = draw(st.lists(st.sampled_from(names).flatmap(lambda n: st.tuples(st.just(n), locations(n))), unique=True))
    return [
        {
            "gate": name,
            "qubits": spot,
            "parameters": [
                *draw(st.lists(st.builds(nduv, st.just("gate_error"), numbers), max_size=1)),
                *draw(st.lists(st.builds(nduv, st.just("gate_length"), numbers, st.just("ns")), max_size=1)),
                *draw(switches),
            ],
        }
        for name, spot in spots
    ]


@st.composite
def devices(draw: st.DrawFn) -> tuple[Json, Json]:
    """A consistent configuration with properties that fit it."""
    names = sorted(WIDTHS)
    configuration = configuration_of(
        basis_gates=draw(st.lists(st.sampled_from(names), unique=True)),
        gates=draw(gate_entries([*names, *NOT_GATES])),
    )
    if draw(st.booleans()):
        configuration["supported_instructions"] = draw(
            st.lists(st.sampled_from([*NOT_GATES, *CONTROL_FLOW, "store", "play"]), unique=True)
        )
    items = st.builds(nduv, st.sampled_from(["T1", "T2", "readout_length"]), numbers, st.just("us"))
    qubits = draw(st.lists(st.lists(items, max_size=3), min_size=QUBITS, max_size=QUBITS))
    return configuration, properties_of(
        qubits=[[*items, *draw(switches)] for items in qubits],
        gates=draw(gate_reports([*names, *NOT_GATES])),
    )


def is_off(items: list[Json]) -> bool:
    return any(item["name"] == "operational" and item["value"] == 0 for item in items)


def expected_operations(configuration: Json) -> set[str]:
    named = set(configuration["basis_gates"])
    if not any(entry["name"] == "mystery" and entry["coupling_map"] for entry in configuration["gates"]):
        named.discard("mystery")
    return named | ({*NOT_GATES, *CONTROL_FLOW} & set(configuration.get("supported_instructions", NOT_GATES)))


def expected_locations(name: str, configuration: Json, properties: Json) -> set[Location | None]:
    configured = {tuple(q) for gate in configuration["gates"] if gate["name"] == name for q in gate["coupling_map"]}
    reports = [report for report in properties["gates"] if report["gate"] == name]
    spots: set[Location | None] = {*configured, *(tuple(report["qubits"]) for report in reports)}
    if name in CONTROL_FLOW or (not spots and name not in NOT_GATES):
        return {None}
    if name == "measure" or not spots:
        spots = {(qubit,) for qubit in range(QUBITS)}
    faulty = {qubit for qubit, items in enumerate(properties["qubits"]) if is_off(items)}
    broken = {tuple(report["qubits"]) for report in reports if is_off(report["parameters"])}
    return {spot for spot in spots if faulty.isdisjoint(spot or ())} - broken


@pytest.mark.holds("B32", "B34", "B35", "B36")
@given(devices())
def test_operations_are_exactly_where_configuration_and_properties_say_unless_faulty(device: tuple[Json, Json]) -> None:
    target = build(*device)
    assert set(target.operation_names) == expected_operations(device[0])
    for name in target.operation_names:
        assert set(target[name]) == expected_locations(name, *device)


@pytest.mark.takes_long
@given(devices())
def test_what_was_measured_of_a_gate_is_what_its_location_says(device: tuple[Json, Json]) -> None:
    target = build(*device)
    for report in device[1]["gates"]:
        known = {item["name"]: item["value"] for item in report["parameters"]}
        quality = find_quality(target, report["gate"], tuple(report["qubits"]))
        if report["gate"] != "measure" and quality is not None:
            assert quality.error == known.get("gate_error")
            assert quality.duration == (known["gate_length"] / 1e9 if "gate_length" in known else None)


def find_quality(target: Target, name: str, spot: Location) -> Any:
    return target[name].get(spot) if name in target.operation_names else None


@pytest.mark.takes_long
@pytest.mark.holds("B36")
@given(devices())
def test_faulty_qubits_have_no_operations_but_keep_their_place(device: tuple[Json, Json]) -> None:
    target = build(*device)
    faulty = {qubit for qubit, items in enumerate(device[1]["qubits"]) if is_off(items)}
    assert all(faulty.isdisjoint(spot) for spot in target.qargs or () if spot is not None)
    assert target.num_qubits == QUBITS
    assert len(target.qubit_properties) == QUBITS


@pytest.mark.takes_long
@pytest.mark.holds("B34")
@given(devices())
def test_without_properties_a_device_is_ideal(device: tuple[Json, Json]) -> None:
    configuration, _ = device
    target = build(configuration, None)
    assert target.qubit_properties is None
    for name in target.operation_names:
        assert set(target[name].values()) <= {None}
        if name != "measure":
            assert set(target[name]) == expected_locations(name, configuration, properties_of())


@pytest.mark.takes_long
@given(devices(), st.randoms(use_true_random=False))
def test_the_order_of_reports_does_not_matter(device: tuple[Json, Json], dice: Any) -> None:
    configuration, properties = device
    gates = list(properties["gates"])
    dice.shuffle(gates)
    once, again = view_of(build(*device)), view_of(build(configuration, {**properties, "gates": gates}))
    for view in (once, again):
        for operation in view["operations"].values():
            operation["locations"].sort(key=repr)
    assert once == again


@pytest.mark.holds("B36")
def test_a_faulty_qubit_takes_the_gates_with_it_of_which_nothing_was_reported() -> None:
    gates = [{"name": "cz", "coupling_map": [[0, 1], [1, 2]]}, {"name": "x", "coupling_map": [[0], [1], [2]]}]
    configuration = configuration_of(n_qubits=3, basis_gates=["cz", "x"], gates=gates)
    target = build(configuration, properties_of(qubits=[[], [nduv("operational", 0)], []]))
    assert list(target["cz"]) == []
    assert list(target["x"]) == list(target["measure"]) == list(target["delay"]) == [(0,), (2,)]


@pytest.mark.holds("B36")
def test_one_direction_of_a_pair_may_be_off() -> None:
    gates = [{"name": "cz", "coupling_map": [[0, 1], [1, 0]]}]
    off = {"gate": "cz", "qubits": [0, 1], "parameters": [nduv("gate_error", 0.1), nduv("operational", 0)]}
    target = build(configuration_of(basis_gates=["cz"], gates=gates), properties_of(gates=[off]))
    assert list(target["cz"]) == [(1, 0)]


def test_locations_that_do_not_fit_the_gate_or_the_device_are_passed_over() -> None:
    gates = [{"name": "cz", "coupling_map": [[0], [0, 9], [-1, 0], [0, 1, 2], [2, 3]]}]
    odd = [{"gate": "cz", "qubits": qubits, "parameters": []} for qubits in ([0, 7], [1], [])]
    target = build(configuration_of(basis_gates=["cz"], gates=gates), properties_of(gates=odd))
    assert list(target["cz"]) == [(2, 3)]
    assert target.num_qubits == QUBITS


@pytest.mark.holds("B35")
def test_readout_comes_from_the_qubits_not_from_a_measure_gate() -> None:
    read = [nduv("readout_error", 0.25), nduv("readout_length", 1560, "ns")]
    gate = {"gate": "measure", "qubits": [0], "parameters": [nduv("gate_error", 0.9)]}
    target = build(configuration_of(), properties_of(qubits=[read], gates=[gate]))
    assert (target["measure"][0,].error, target["measure"][0,].duration) == (0.25, 1560 / 1e9)
    assert (target["measure"][3,].error, target["measure"][3,].duration) == (None, None)


@pytest.mark.holds("B37")
@pytest.mark.parametrize(
    ("unit", "seconds"),
    [("ns", 1.5e-9), ("us", 1.5e-6), ("µs", 1.5e-6), ("\u03bcs", 1.5e-6), ("ms", 1.5e-3), ("s", 1.5), ("", 1.5)],
)
def test_times_are_seconds_whatever_their_unit(unit: str, seconds: float) -> None:
    target = build(configuration_of(n_qubits=1), properties_of(qubits=[[nduv("T1", 1.5, unit)]]))
    assert target.qubit_properties[0].t1 == seconds


@pytest.mark.holds("B37")
def test_a_value_in_an_unknown_unit_counts_as_not_reported() -> None:
    qubit = [nduv("T1", 100, "parsec"), nduv("T2", 80, "us"), nduv("frequency", 5, "rpm")]
    (described,) = build(configuration_of(n_qubits=1), properties_of(qubits=[qubit])).qubit_properties
    assert (described.t1, described.t2, described.frequency) == (None, 80 / 1e6, None)


@pytest.mark.holds("B32")
def test_an_instruction_that_qiskit_has_no_class_for_is_opaque() -> None:
    signature = {"name": "measure_2", "num_qubits": 1, "num_clbits": 1, "parameters": ["p"], "return_type": "Bool"}
    gates = [{"name": "measure_2", "coupling_map": [[0], [1]]}, {"name": "iwerx", "coupling_map": [[0, 1]]}]
    target = build(
        configuration_of(basis_gates=["iwerx"], gates=gates, instruction_signatures=[signature]),
        properties_of(gates=[{"gate": "measure_2", "qubits": [1], "parameters": [nduv("gate_error", 0.5)]}]),
    )
    opaque = target.operation_from_name("measure_2")
    assert (opaque.num_qubits, opaque.num_clbits, [str(param) for param in opaque.params]) == (1, 1, ["p"])
    assert target["measure_2"][0,] is None
    assert target["measure_2"][1,].error == 0.5
    assert target.operation_from_name("iwerx").num_qubits == 2


@pytest.mark.holds("B33")
def test_basis_gates_that_nobody_defines_are_left_out_and_named() -> None:
    gates = [{"name": "defined", "coupling_map": [[0, 1]]}, {"name": "placeless"}]
    raw = configuration_of(basis_gates=["cz", "unheard", "defined", "placeless"], gates=gates)
    configuration = read_configuration(json.dumps(raw).encode(), URL).unwrap()
    assert find_undefined_gates(configuration) == ("unheard", "placeless")
    assert set(build_target(configuration, None).operation_names) == {"cz", "defined", *NOT_GATES}


# Angles


@pytest.mark.holds("B38")
@given(st.floats(-30, 30))
@example(math.pi / 2)
@example(-math.pi / 2)
@example(1.5 * math.pi)
@example(-math.pi)
@example(0.0)
def test_folding_an_rzz_changes_nothing_but_the_angle(angle: float) -> None:
    folded = dag_to_circuit(fold_rzz([angle], ()))
    assert Operator(folded).equiv(RZZGate(angle), atol=1e-9)
    assert abs(Operator(folded).data - Operator(RZZGate(angle)).data).max() < 1e-9
    assert all(0 <= instruction.params[0] <= math.pi / 2 for instruction in folded.data if instruction.name == "rzz")


@pytest.mark.holds("B38")
@pytest.mark.parametrize("angle", [0.3, 1.9, 3.0, -0.4, -2.0, 12.0])
def test_circuits_with_any_rzz_angle_transpile_for_a_device_with_fractional_gates(angle: float) -> None:
    target = build_target(*recorded("fake_fractional"))
    circuit = QuantumCircuit(5)
    circuit.rzz(angle, 0, 1)
    compiled = transpile(circuit, target=target, optimization_level=0, initial_layout=[3, 4, 0, 1, 2])
    assert {instruction.name for instruction in compiled.data} <= set(target.operation_names)
    assert all(0 <= instruction.params[0] <= math.pi / 2 for instruction in compiled.data if instruction.name == "rzz")


# Reading


@given(st.binary() | st.text().map(str.encode) | st.just(b"[" * 100_000) | st.just(b'{"n_qubits": 1e999}'))
def test_no_bytes_make_reading_raise(body: bytes) -> None:
    for result in (read_configuration(body, URL), read_properties(body, URL)):
        match result:
            case Failure(problem):
                assert isinstance(problem, UnreadableBody)
                assert problem.url == URL
                assert problem.reason
                assert len(problem.start) <= 80
            case _:
                assert result == Success(None)


ODD_NUMBERS = [True, -1, 0, 1, 5.5, 10**30, -(10**9)]
ODD_WORDS = [None, "", "rzz", "if_else", "measure", "\x00"]
ODD_LISTS: list[Any] = [[], {}, [[]], [[0]], [[0, 1]]]
odd_values: st.SearchStrategy[Any] = st.sampled_from([*ODD_NUMBERS, *ODD_WORDS, *ODD_LISTS])
MANILA = read_snapshot("fake_manila")
BODIES = (json.loads(MANILA.configuration), json.loads(MANILA.properties))


@st.composite
def damaged(draw: st.DrawFn, body: Any) -> Any:
    """Replace or remove something, somewhere."""
    if not isinstance(body, dict | list) or not body or draw(st.integers(0, 3)) == 0:
        return draw(odd_values)
    key = draw(st.sampled_from(sorted(body) if isinstance(body, dict) else range(len(body))))
    copy: Any = body.copy()
    if draw(st.integers(0, 4)) == 0:
        del copy[key]
    else:
        copy[key] = draw(damaged(body[key]))
    return copy


@given(damaged(BODIES[0]), damaged(BODIES[1]))
def test_whatever_can_be_read_can_be_built(configuration: Any, properties: Any) -> None:
    good_configuration, good_properties = recorded("fake_manila")
    match read_configuration(json.dumps(configuration).encode(), URL):
        case Success(known):
            assert build_target(known, good_properties).num_qubits == known.n_qubits
    match read_properties(json.dumps(properties).encode(), URL):
        case Success(measured):
            assert build_target(good_configuration, measured).num_qubits == good_configuration.n_qubits


@given(st.sampled_from([MANILA.configuration, MANILA.properties]), st.data())
def test_a_truncated_body_is_unreadable(body: bytes, data: st.DataObject) -> None:
    cut = body[: data.draw(st.integers(1, len(body) - 1))]
    assert isinstance(read_configuration(cut, URL), Failure)
    assert isinstance(read_properties(cut, URL), Failure)


def test_a_number_of_qubits_beyond_all_memory_is_refused() -> None:
    huge = json.dumps(configuration_of(n_qubits=10**12)).encode()
    problem = read_configuration(huge, URL).failure()
    assert isinstance(problem, UnreadableBody)
    assert "n_qubits" in problem.reason


@pytest.mark.holds("B31")
@pytest.mark.parametrize("body", [b"{}", b" {\n} "])
def test_an_empty_object_means_no_properties(body: bytes) -> None:
    assert read_properties(body, URL) == Success(None)


@pytest.mark.holds("B30")
def test_what_we_do_not_know_is_skipped_and_what_is_optional_may_be_null() -> None:
    raw: Mapping[str, Any] = configuration_of(
        basis_gates=["x"],
        gates=[{"name": "x", "coupling_map": None, "parameters": None, "new_key": 1}],
        dt=None,
        timing_constraints=None,
        supported_instructions=None,
        instruction_signatures=None,
        coupling_map=None,
        processor_type=None,
        hamiltonian={"anything": [1]},
    )
    configuration = read_configuration(json.dumps(raw).encode(), URL).unwrap()
    assert list(build_target(configuration, None)["x"]) == [None]
    measured = read_properties(json.dumps(properties_of(general=None, general_qlists=None, new=1)).encode(), URL)
    assert isinstance(measured, Success)


@pytest.mark.parametrize("name", NAMES)
def test_records_survive_being_written_and_read_again(name: str) -> None:
    for record in recorded(name):
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record
