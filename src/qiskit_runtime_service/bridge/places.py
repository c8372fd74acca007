"""Where the qubits of a device are on a plane: as it tells, as devices of its kind are built, or by its couplings."""

from collections.abc import Iterable, Sequence
from itertools import count
from math import ceil, inf, isfinite, pi, sqrt
from typing import Any, Final, TypeAlias

import numpy as np
import rustworkx as rx
from numpy.typing import NDArray

Place: TypeAlias = tuple[float, float]
"""Row, from the top, and column."""
Pair: TypeAlias = tuple[int, int]
"""Two qubits that are coupled."""

LATTICES: Final = (
    "012 .3. .4.",
    ".1. 023 .4.",
    "### .#. ###",
    "0123456. edcba987",
    "...6... 0147acf .2...d. .358be. ...9...",
    "##### ##### ##### #####",
    "...6...h... 0147acfiln. .2...d...o. .358begjmpq ...9...k...",
    ".....6...h..... ..0147acfilnrst ...2...d...o... wvu358begjmpq.. .....9...k.....",
    "..#####.. ..#...#.. ######### #...#...# #########",
    "..#####.. ..#...#.. ######### #...#...# ######### ..#...#.. ######### #...#...# ######### ..#...#..",
    "##########. #...#...#.. ########### ..#...#...# ########### #...#...#.. ########### ..#...#...# .##########",
    " ".join(
        ["##############.", *(["#...#...#...#..", "#" * 15, "..#...#...#...#", "#" * 15] * 3)[:-1], ".##############"]
    ),
)
"""Lattices of devices that do not tell where their qubits are, a word for each row.

A qubit is the digit of its number, to base 36, or `#` where they are numbered row by row.
"""

ROW: Final = 15
"""Qubits in a row of a long chain, so that a text of 80 columns has room for it, as it has for the largest lattice."""
MOST: Final = 300
"""Larger graphs are not spread by their couplings, which takes a time that grows with the cube of their size."""
STEPS: Final = 60
"""How often the places of a graph are improved."""
TINY: Final = 1e-9
"""The least distance that is divided by."""
GOLDEN: Final = pi * (3 - sqrt(5))
"""The angle by which each turn of a spiral misses all others."""
NEAR: Final = 0.8
"""Parts of the length of a coupling that qubits without one are kept apart."""


def find_places(number: int, pairs: Iterable[Pair], told: Any = None, *, row: float = inf) -> list[Place] | None:
    """Return the row and the column of each qubit, from 0; `None` where they are unknown.

    First what the device tells counts, if no two qubits are in one place; then a chain by number is a row, or several
    there and back, and what fits into a known lattice is that.

    Args:
        number: Of qubits.
        pairs: Those that are coupled, in one direction or both.
        told: `coords` of a configuration: to the right, and down.
        row: How many qubits of a chain are in a row.

    Source: behaviour B493, B575.
    """
    if told and len(told) == number and all(map(is_place, told)):
        left, top = (min(place[axis] for place in told) for axis in (0, 1))
        places: list[Place] = [(round(y - top), round(x - left)) for x, y in told]
        if len(set(places)) == number and all(max(place) <= 2 * number for place in places):
            return places
    pairs = [*pairs]
    if all(abs(one - other) == 1 for one, other in pairs):
        return fold(number, row)
    lattices = (read_lattice(rows) for rows in LATTICES)
    return next((places for places in lattices if len(places) == number and _fits(places, pairs)), None)


def fold(number: int, row: float) -> list[Place]:
    """Return places in rows of at most `row`, there and back, so that each number is beside the next."""
    width = min(number, row)
    rows = [divmod(qubit, width) for qubit in range(number)]
    return [(int(down), int(width - 1 - along if down % 2 else along)) for down, along in rows]


def read_lattice(rows: str) -> list[Place]:
    """Return row and column of each qubit of a lattice."""
    numbers = count()
    places = {
        next(numbers) if letter == "#" else int(letter, 36): (row, column)
        for row, word in enumerate(rows.split())
        for column, letter in enumerate(word)
        if letter != "."
    }
    return [places[qubit] for qubit in sorted(places)]


def is_place(value: Any) -> bool:
    """Whether it is a pair of finite numbers."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    return all(isinstance(number, int | float) and isfinite(number) for number in value)


def _fits(places: Sequence[Place], pairs: Iterable[Pair]) -> bool:
    """Whether all couplings are between neighbours."""
    return all(abs(places[one][axis] - places[other][axis]) <= 1 for one, other in pairs for axis in (0, 1))


# Of any graph


def lay_out(number: int, pairs: Iterable[Pair], told: Any = None) -> list[Place]:
    """Return a row and a column for each qubit, from 0, no two of them less than 1 apart.

    Where the places are unknown, each connected part of the graph is spread so that qubits are as far apart as there
    are couplings between them, as well as a plane allows; parts are beside each other, the largest first. Never fails.

    Source: behaviour B575.
    """
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    known = find_places(number, pairs, told, row=ROW)
    if known is not None:
        return known
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(number))
    graph.add_edges_from_no_data(pairs)
    parts = [sorted(part) for part in rx.connected_components(graph)]
    spread = [(part, _spread(graph.subgraph(part))) for part in sorted(parts, key=lambda part: (-len(part), part))]
    return _pack(number, spread)


def _spread(graph: "rx.PyGraph[int, None]") -> NDArray[np.complex128]:
    """Return places of a connected graph, at least 1 apart and from 0: columns, and rows as imaginary parts."""
    number, pairs = graph.num_nodes(), np.array(graph.edge_list(), dtype=int).reshape(-1, 2)
    if number > MOST:
        return _as_complex(fold(number, ceil(sqrt(1.5 * number))))
    if len(pairs) == number - 1 and max(map(graph.degree, range(number))) <= 2:
        places = np.empty(number, dtype=complex)
        places[_walk(graph)] = _as_complex(fold(number, ROW))
        return places
    if len(pairs) == number * (number - 1) / 2:
        places = -np.exp(2j * pi * np.arange(number) / number)
    else:
        places = _turn(_stress(rx.distance_matrix(graph)), pairs)
    places = places / (_apart(places) + np.diag(np.full(number, np.inf))).min()
    return np.asarray(places - complex(places.real.min(), places.imag.min()))


def _walk(graph: "rx.PyGraph[int, None]") -> list[int]:
    """Return the qubits of a chain from the end with the lower number."""
    end = min(node for node in graph.node_indices() if graph.degree(node) < 2)
    return [end, *(other for _, other in rx.graph_dfs_edges(graph, end))]


def _stress(distances: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return places whose distances are close to those given: stress majorization, near distances weighing most.

    It begins with classical scaling, and a spiral takes those apart that would begin in one place.

    Args:
        distances: Shape (qubits, qubits), in couplings.

    Returns:
        Shape (qubits,), in lengths of a coupling.
    """
    number = len(distances)
    others = 1 - np.eye(number)
    weights = others / (distances + np.eye(number)) ** 2
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights, hermitian=True)
    centre = np.eye(number) - 1 / number
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    spiral = 0.01 * np.sqrt(np.arange(number)) * np.exp(1j * GOLDEN * np.arange(number))
    places = vectors[:, -2:] @ (np.sqrt(values[-2:].clip(0)) * [1j, 1]) + spiral
    for _ in range(STEPS):
        pulls = weights * distances / _apart(places).clip(TINY)
        places = inverse @ (pulls.sum(axis=1) * places - pulls @ places)
    for _ in range(STEPS):
        apart = _apart(places).clip(TINY)
        pushes = others * (NEAR - apart).clip(0) / apart
        places = places + 0.25 * (pushes.sum(axis=1) * places - pushes @ places)
    return np.asarray(places)


def _turn(places: NDArray[np.complex128], pairs: NDArray[np.int_]) -> NDArray[np.complex128]:
    """Turn places so that couplings run along rows and columns, rows are longer, and qubit 0 is at the top left."""
    angle = np.angle(((places[pairs[:, 1]] - places[pairs[:, 0]]) ** 4).sum()) / 4
    places = places * np.exp(-1j * angle)
    if np.ptp(places.imag) > np.ptp(places.real):
        places = places * 1j
    first = places[0] - places.mean()
    left, top = np.copysign(1, [-first.real, -first.imag])
    return np.asarray(left * places.real + 1j * top * places.imag)


def _pack(number: int, parts: Iterable[tuple[Sequence[int], NDArray[np.complex128]]]) -> list[Place]:
    """Return places of all parts, beside each other in lines that are about as long as all of them are high."""
    sized = [(part, places, ceil(places.imag.max()) + 1, ceil(places.real.max()) + 1) for part, places in parts]
    width = max(*(wide for *_, wide in sized), sqrt(1.5 * sum(high * wide for *_, high, wide in sized)))
    packed: list[Place] = [(0.0, 0.0)] * number
    top = left = deepest = 0
    for part, places, high, wide in sized:
        if left + wide > width:
            top, left, deepest = top + deepest, 0, 0
        for qubit, place in zip(part, places.tolist(), strict=True):
            packed[qubit] = (top + place.imag, left + place.real)
        left, deepest = left + wide, max(deepest, high)
    return packed


def _apart(places: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the distance of each place from each, shape (qubits, qubits)."""
    return np.abs(np.subtract.outer(places, places))


def _as_complex(places: Iterable[Place]) -> NDArray[np.complex128]:
    return np.array([complex(column, row) for row, column in places])
