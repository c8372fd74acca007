"""Which elements of an item are the same circuit up to Paulis, as twirling makes them: they are run together."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from .channels import Matrix, commuting_signs
from .layer_noise import LAYER_NOISE
from .pauli_vectors import SmallPart, Values, channels_of, is_symbolic

NEAR = 1e-4
"""How far entries of channels may be from -1, 0 and 1; samplexes draw angles as `float32`."""

Bits = NDArray[np.bool_]


class Alike(NamedTuple):
    """Elements that differ by Paulis only."""

    members: NDArray[np.intp]
    """Which elements; the first stands for all."""
    flips: Bits
    """Which measured qubits each of them flips beside the first, shape (members, measured)."""


def group_elements(circuit: QuantumCircuit, part: SmallPart, values: Values) -> list[Alike]:
    """Return the elements of a part in groups, each of elements that are the same up to Paulis between its gates.

    The Pauli that an element has beside the first of its group is followed through the gates. Where it is none any
    more, the element begins a group of its own. Noise that commutes with Paulis, up to signs, is the same for all.

    Source: behaviour B396.
    """
    return _Grouping(circuit, part, values).groups()


class _Grouping:
    """The Paulis that elements have beside the first of their group, so far."""

    def __init__(self, circuit: QuantumCircuit, part: SmallPart, values: Values) -> None:
        number, width = len(values), len(part.qubits)
        self.part, self.values = part, values
        self.column = {parameter: index for index, parameter in enumerate(circuit.parameters)}
        self.first = np.zeros(number, np.intp)
        self.frames = np.zeros((number, width), np.uint8)
        """Of each element on each qubit: I 0, X 1, Y 2, Z 3."""
        self.pending: list[Matrix | None] = [None] * width

    def groups(self) -> list[Alike]:
        """Return the groups."""
        for step, places in zip(self.part.steps, self.part.where, strict=True):
            if step.name in ("delay", LAYER_NOISE):
                continue
            channel = channels_of([step], self.values, self.column)[0]
            if len(places) == 1:
                before = self.pending[places[0]]
                self.pending[places[0]] = channel if before is None else channel @ before
                continue
            for place in places:
                self._settle(place)
            if is_symbolic(step):
                self._split(places, channel)
            else:
                self._pass(places, channel[0])
        for place, _, _ in self.part.measured:
            self._settle(place, at_end=True)
        asked = [place for place, _, _ in self.part.measured]
        flips = np.isin(self.frames[:, asked], (1, 2))
        found = [np.flatnonzero(self.first == first) for first in np.unique(self.first)]
        return [Alike(members, flips[members]) for members in found]

    def _settle(self, place: int, *, at_end: bool = False) -> None:
        """Let the elements of each group do what waits for a qubit."""
        channel, self.pending[place] = self.pending[place], None
        if channel is not None:
            self._split((place,), channel, at_end=at_end)

    def _pass(self, places: tuple[int, ...], channel: Matrix) -> None:
        """Let a gate that is the same for all act on the Paulis: by a table, where it leaves them Paulis."""
        table = _table_of(channel.tobytes())
        codes = self._codes(places)
        if (table[codes] < 0).any():
            self._split(places, channel[None])
        else:
            self._write(places, slice(None), table[codes])

    def _split(self, places: tuple[int, ...], channel: Matrix, *, at_end: bool = False) -> None:
        """Follow the Paulis through what each element does; those that differ from the first by more begin a group."""
        number = len(self.values)
        channel = np.broadcast_to(channel, (number, *channel.shape[1:]))
        left = np.arange(number)
        while len(left):
            signs = commuting_signs(len(places))[self._codes(places)[left]]
            beside = (channel[left] * signs[:, None, :]) @ channel[self.first[left]].transpose(0, 2, 1)
            codes = _codes_of(beside, at_end=at_end)
            known = codes >= 0
            self._write(places, left[known], codes[known])
            left = left[~known]
            self._begin_groups(left)

    def _begin_groups(self, elements: NDArray[np.intp]) -> None:
        """Let elements stand beside the first of them that was in the same group."""
        for old in np.unique(self.first[elements]):
            own = elements[self.first[elements] == old]
            self.frames[own] = _PRODUCT[self.frames[own], self.frames[own[0]]]
            self.first[own] = own[0]

    def _codes(self, places: Sequence[int]) -> NDArray[np.intp]:
        codes = np.zeros(len(self.values), np.intp)
        for place in places:
            codes = codes * 4 + self.frames[:, place]
        return codes

    def _write(self, places: Sequence[int], elements: Any, codes: NDArray[Any]) -> None:
        for place in reversed(places):
            self.frames[elements, place] = codes % 4
            codes = codes // 4


_PRODUCT = np.array([[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]], np.uint8)
"""The product of two Paulis, without its phase."""


def _codes_of(channels: Matrix, *, at_end: bool = False) -> NDArray[np.intp]:
    """Return which Pauli each channel is, as a number; -1 for none. At the end only what happens to Z counts."""
    width = {4: 1, 16: 2}[channels.shape[-1]]
    signs = commuting_signs(width)
    found = np.full(len(channels), -1, np.intp)
    for code, sign in enumerate(signs):
        if at_end:
            wanted = np.zeros(4)
            wanted[3] = sign[3]
            same = (np.abs(channels[:, 3, :] - wanted) < NEAR).all(axis=-1)
        else:
            same = (np.abs(channels - np.diag(sign)) < NEAR).all(axis=(-2, -1))
        found[same & (found < 0)] = code
    return found


@lru_cache(maxsize=256)
def _table_of(channel: bytes) -> NDArray[np.intp]:
    """Return which Pauli comes out of a gate for each that goes in; -1 where none does."""
    matrix = np.frombuffer(channel)
    size = round(len(matrix) ** 0.5)
    matrix = matrix.reshape(size, size)
    signs = commuting_signs({4: 1, 16: 2}[size])
    return _codes_of((matrix * signs[:, None, :]) @ matrix.T)
