"""What gates can do together, against the matrices of Qiskit, and which of them are fractional."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator

from qiskit_runtime_service.core.basis import (
    ENTANGLING,
    EXCHANGES,
    PARAMETRIC_GATES,
    TURNS,
    Abilities,
    abilities_of,
    find_fractional,
)
from qiskit_runtime_service.devices.snapshots import read_snapshot, snapshot_rows
from qiskit_runtime_service.wire.configuration import read_configuration

STANDARD = get_standard_gate_name_mapping()
GATES = sorted({*STANDARD, "made_up"} - {"measure", "reset", "delay"})
gates = st.lists(st.sampled_from(GATES), max_size=8, unique=True)
PAULIS = {"x": Operator.from_label("X"), "y": Operator.from_label("Y"), "z": Operator.from_label("Z")}

ALONE = frozenset((
    "fake_almaden", "fake_boeblingen", "fake_burlington", "fake_cambridge", "fake_essex", "fake_johannesburg",
    "fake_london", "fake_poughkeepsie", "fake_rochester", "fake_singapore",
))  # fmt: skip
"""The recorded devices whose only basis is u1, u2, u3 and cx."""


# What gates can do


@pytest.mark.parametrize(
    ("names", "turns", "entangles"),
    [
        ("", False, False),
        ("rz", False, False),
        ("rz x id", False, False),
        ("rz sx", True, False),
        ("rz h", True, False),
        ("rx rz", True, False),
        ("rx s", True, False),
        ("rz s", False, False),
        ("ry h", False, False),
        ("ry sxdg", True, False),
        ("h t", True, False),
        ("t tdg s", False, False),
        ("h s", False, False),
        ("r", True, False),
        ("u1 cx", False, True),
        ("u3 cx", True, True),
        ("swap ccx", False, False),
        ("rzz", False, True),
    ],
)
def test_two_axes_and_a_gate_that_entangles_are_enough(names: str, turns: bool, entangles: bool) -> None:
    assert abilities_of(names.split()) == Abilities(turns=turns, entangles=entangles)


@given(gates, gates)
def test_more_gates_never_do_less(some: list[str], more: list[str]) -> None:
    less, all_of_them = abilities_of(some), abilities_of([*some, *more])
    assert all_of_them.turns >= less.turns
    assert all_of_them.entangles >= less.entangles


@pytest.mark.parametrize("name", sorted(EXCHANGES))
def test_a_gate_exchanges_the_axes_that_its_matrix_exchanges(name: str) -> None:
    gate = Operator(STANDARD[name])
    first, second = (PAULIS[axis] for axis in EXCHANGES[name])
    turned = gate.adjoint() @ first @ gate
    assert np.allclose(turned.data, second.data) or np.allclose(turned.data, -second.data)


@pytest.mark.parametrize("name", sorted(name for name, axes in TURNS.items() if len(axes) == 1))
def test_a_gate_turns_about_the_axis_that_its_matrix_keeps(name: str) -> None:
    gate = STANDARD[name]
    matrix = Operator(gate.base_class(0.7) if gate.params else gate)
    kept = {axis for axis, pauli in PAULIS.items() if np.allclose((matrix @ pauli).data, (pauli @ matrix).data)}
    assert kept == {TURNS[name]}


@pytest.mark.parametrize("name", sorted(name for name, gate in STANDARD.items() if gate.num_qubits == 2))
def test_a_gate_entangles_if_no_product_of_gates_and_no_swap_is_the_same(name: str) -> None:
    gate = STANDARD[name]
    matrix = Operator(gate.base_class(*[0.7] * len(gate.params))).data if gate.params else Operator(gate).data
    swap = Operator(STANDARD["swap"]).data
    # Reordered so, a product of two one-qubit matrices has rank 1.
    ranks = [
        np.linalg.matrix_rank(side.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4), tol=1e-9)
        for side in (matrix, swap @ matrix)
    ]
    assert (name in ENTANGLING) == (min(ranks) > 1)


# Which are fractional


@pytest.mark.holds("B28")
def test_the_parametric_gates_are_the_standard_gates_with_parameters_but_four() -> None:
    parametric = {name for name, gate in STANDARD.items() if gate.params}
    assert parametric - {"rz", "p", "u1", "delay"} == PARAMETRIC_GATES
    assert find_fractional(STANDARD) == PARAMETRIC_GATES


@pytest.mark.holds("B266")
@given(gates)
@example(["u1", "u2", "u3", "cx"])
@example(["rz", "sx", "x", "cz", "rx", "rzz"])
@example(["rx", "rz", "cz"])
@example(["rz", "sx", "rzz"])
def test_without_its_fractional_gates_a_device_can_do_all_that_it_could(names: list[str]) -> None:
    fractional = find_fractional(names)
    left = [name for name in names if name not in fractional]
    assert fractional <= PARAMETRIC_GATES & set(names)
    assert abilities_of(left) == abilities_of(names)
    assert find_fractional(left) == frozenset()
    assert find_fractional(reversed(names)) == fractional
    assert fractional in (frozenset(), PARAMETRIC_GATES & set(names))


@pytest.mark.holds("B266")
@pytest.mark.parametrize(
    ("names", "fractional"),
    [
        ("rz sx x cz rx rzz", "rx rzz"),
        ("rz sx x cz rx", "rx"),
        ("rz sx x cz rzz cp u", "cp rzz u"),
        ("rz sx x id rx", "rx"),
        ("rz sx x cz u", "u"),
        ("h t cx ry", "ry"),
        # There is no other basis: that client leaves these devices without one.
        ("rx rz cz", ""),
        ("rz sx rzz", ""),
        ("r rzz", ""),
        ("u3 cx rx", ""),
    ],
)
def test_fractional_gates_come_beside_another_complete_basis(names: str, fractional: str) -> None:
    assert find_fractional(names.split()) == set(fractional.split())


@pytest.mark.holds("B266")
def test_no_recorded_device_is_left_without_a_basis() -> None:
    assert len(ALONE) == 10
    for row in snapshot_rows():
        basis = read_configuration(read_snapshot(row.name).configuration, row.name).unwrap().basis_gates
        assert find_fractional(basis) == ({"rx", "rzz"} if row.name == "fake_fractional" else set())
        assert (set(basis) - PARAMETRIC_GATES == {"id", "u1", "cx"}) == (row.name in ALONE)
        assert abilities_of(basis) == Abilities(turns=True, entangles=row.num_qubits != 1)
