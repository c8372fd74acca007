"""A device as text: its qubits where they are on the chip, and the couplings between neighbours."""

from collections.abc import Iterable, Mapping

from ..core.calibration import find_faulty, read_errors
from ..records.backend import Configuration, Properties

PITCH = 5
"""Columns from one qubit to the next."""

Place = tuple[int, int]
"""Column and row."""


def draw_map(configuration: Configuration, properties: Properties | None, width: int | None = None) -> list[str]:
    """Return the lines of a map; where nobody knows where the qubits are, or without room in `width`, the neighbours.

    Faulty qubits are crossed out. Couplings between qubits that are no neighbours on the chip are listed below.

    Source: behaviour B555.
    """
    from ..bridge.places import ROW, find_places

    pairs = sorted({(min(pair), max(pair)) for pair in configuration.coupling_map or ()})
    faulty = frozenset[int]() if properties is None else find_faulty(properties).qubits
    names = {qubit: "×" if qubit in faulty else str(qubit) for qubit in range(configuration.n_qubits)}
    found = find_places(configuration.n_qubits, pairs, configuration.coords, row=ROW)
    if found is None:
        return list_neighbours(names, pairs)
    places = {qubit: (int(column), int(row)) for qubit, (row, column) in enumerate(found)}
    if width is not None and width_of(places) > width:
        return list_neighbours(names, pairs)
    return draw_places(names, places, pairs)


def grade_qubits(properties: Properties | None) -> dict[int, int]:
    """Return 0 for the third of the qubits that are read best, 1 for the next, 2 for the others."""
    readout = read_errors(properties).readout
    ordered = sorted(readout, key=lambda qubit: readout[qubit])
    return {qubit: 3 * place // len(ordered) for place, qubit in enumerate(ordered)}


def draw_places(names: Mapping[int, str], places: Mapping[int, Place], pairs: Iterable[Place]) -> list[str]:
    """Return a map of qubits that have places."""
    height = 2 * max(row for _, row in places.values()) + 1
    canvas = [[" "] * width_of(places) for _ in range(height)]
    others: list[Place] = []
    for one, other in pairs:
        (left, top), (right, bottom) = sorted((places[one], places[other]))
        if top == bottom and right == left + 1:
            canvas[2 * top][PITCH * left + 3 : PITCH * right] = "─" * (PITCH - 3)
        elif left == right and abs(bottom - top) == 1:
            canvas[2 * min(top, bottom) + 1][PITCH * left + 1] = "│"
        else:
            others.append((one, other))
    for qubit, (column, row) in places.items():
        canvas[2 * row][PITCH * column : PITCH * column + 3] = names[qubit].center(3)
    lines = ["".join(line).rstrip() for line in canvas]
    if others:
        lines += ["", "Also coupled: " + ", ".join(f"{one}–{other}" for one, other in others)]
    return lines


def width_of(places: Mapping[int, Place]) -> int:
    """Return how wide a map is."""
    return PITCH * max(column for column, _ in places.values()) + 3


def list_neighbours(names: Mapping[int, str], pairs: Iterable[Place]) -> list[str]:
    """Return a line for each qubit."""
    neighbours: dict[int, list[int]] = {qubit: [] for qubit in names}
    for one, other in pairs:
        neighbours[one].append(other)
        neighbours[other].append(one)
    return [f"{names[qubit]:>3} ── {', '.join(map(str, sorted(those)))}" for qubit, those in neighbours.items()]
