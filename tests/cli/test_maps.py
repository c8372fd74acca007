"""Maps of devices: every qubit is on them once, and every coupling is drawn or listed."""

import re

import msgspec
import pytest

from qiskit_runtime_service.cli.maps import draw_map, draw_places, grade_qubits
from qiskit_runtime_service.core.calibration import read_errors
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.records.backend import Configuration, Properties
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties


def describe(name: str) -> tuple[Configuration, Properties | None]:
    snapshot = read_snapshot(name)
    return (
        read_configuration(snapshot.configuration, "here").unwrap(),
        read_properties(snapshot.properties, "here").unwrap(),
    )


def pairs_of(configuration: Configuration) -> int:
    return len({frozenset(pair) for pair in configuration.coupling_map or ()})


@pytest.mark.parametrize("row", snapshot_rows()[::4], ids=lambda row: row.name)
def test_a_map_has_every_qubit_once(row: object) -> None:
    configuration, _ = describe(getattr(row, "name", ""))
    lines = draw_map(configuration, None)
    drawn = [line for line in lines if not line.startswith("Also")]
    assert sorted(map(int, re.findall(r"\d+", "\n".join(drawn)))) == list(range(configuration.n_qubits))
    listed = sum(line.count("–") for line in lines)
    assert "\n".join(drawn).count("──") + "\n".join(drawn).count("│") + listed == pairs_of(configuration)
    assert max(map(len, lines)) <= 80


def test_where_nobody_knows_where_qubits_are_their_neighbours_are_listed() -> None:
    configuration, _ = describe("fake_algiers")
    star = msgspec.structs.replace(configuration, n_qubits=4, coords=None, coupling_map=((0, 1), (2, 0), (0, 3)))
    assert draw_map(star, None) == ["  0 ── 1, 2, 3", "  1 ── 0", "  2 ── 0", "  3 ── 0"]


def test_a_faulty_qubit_is_crossed_out() -> None:
    configuration, properties = describe("fake_algiers")
    assert properties is not None
    assert "×" not in "\n".join(draw_map(configuration, properties))
    broken = (*properties.qubits[0], msgspec.structs.replace(properties.qubits[0][0], name="operational", value=0.0))
    faulty = msgspec.structs.replace(properties, qubits=(broken, *properties.qubits[1:]))
    assert "\n".join(draw_map(configuration, faulty)).count("×") == 1


def test_couplings_of_qubits_that_are_no_neighbours_are_listed() -> None:
    configuration, _ = describe("fake_algiers")
    longer = msgspec.structs.replace(configuration, coupling_map=(*(configuration.coupling_map or ()), (0, 26)))
    assert draw_map(longer, None)[-1] == "Also coupled: 0–26"


def test_a_line_is_drawn_between_neighbours_alone() -> None:
    square = {0: (0, 0), 1: (1, 0), 2: (0, 1), 3: (1, 1), 4: (0, 2), 5: (2, 0)}
    names = {qubit: str(qubit) for qubit in square}
    assert draw_places(names, square, [(0, 1), (2, 0), (2, 4)]) == [
        " 0 ── 1    5",
        " │",
        " 2    3",
        " │",
        " 4",
    ]
    assert draw_places(names, square, [(0, 3), (0, 4), (5, 0), (1, 2)]) == [
        " 0    1    5",
        "",
        " 2    3",
        "",
        " 4",
        "",
        "Also coupled: 0–3, 0–4, 5–0, 1–2",
    ]


def test_qubits_are_graded_by_how_well_they_are_read() -> None:
    _, properties = describe("fake_algiers")
    errors = read_errors(properties).readout
    grades = grade_qubits(properties)
    assert sorted(grades.values()) == [0] * 9 + [1] * 9 + [2] * 9
    assert max(errors[qubit] for qubit, grade in grades.items() if grade == 0) <= min(
        errors[qubit] for qubit, grade in grades.items() if grade == 2
    )
    assert grade_qubits(None) == {}
