"""In which bases the terms of observables are measured, and how many a PUB takes."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import PauliList

from .observables import flat_observables, labels_of

MOST_SORTED = 5_000
"""Terms that are compared with each other before they are grouped."""


class Basis(NamedTuple):
    """What can be measured at once."""

    letters: str
    """X, Y or Z for each qubit, the highest first; I where nothing is measured."""
    terms: tuple[str, ...]
    """The terms whose values follow."""


@lru_cache(maxsize=256)
def choose_bases(terms: tuple[str, ...]) -> tuple[Basis, ...]:
    """Return few bases in which all terms are measured, each in one: those that commute qubit by qubit share one."""
    groups = PauliList(list(terms)).group_commuting(qubit_wise=True)
    return tuple(Basis(join_letters(labels), tuple(labels)) for labels in (group.to_labels() for group in groups))


def join_letters(labels: Sequence[str]) -> str:
    """Return the letter that any of the labels has at each place, or I."""
    return "".join(max(letters) for letters in zip(*labels, strict=True))


def measured_qubits(letters: str) -> list[int]:
    """Return the qubits that a text of I, X, Y and Z says something of."""
    return [qubit for qubit, letter in enumerate(reversed(letters)) if letter != "I"]


def count_configurations(pub: EstimatorPub) -> int:
    """Return how many circuits a PUB stands for: each of its sets of values in as many bases as its observables need.

    What has nothing but identities is measured in one basis all the same.

    Source: behaviour B514.
    """
    if 0 in pub.shape:
        return 0
    observed = pub.observables.shape
    axes = zip_longest(reversed(pub.parameter_values.shape), reversed(observed), fillvalue=1)
    # What is observed of a set of values depends on its place along those axes alone on which observables lie.
    lengths = [(values if on > 1 else 1, values) for values, on in axes][::-1]
    shape = tuple(length for length, _ in lengths[len(lengths) - len(observed) :])
    wanted: dict[int, dict[str, None]] = {}
    for place, observable in zip(number_elements(shape, observed).tolist(), flat_observables(pub), strict=True):
        wanted.setdefault(place, {}).update(dict.fromkeys(labels_of(observable)))
    times = Counter(map(tuple, wanted.values()))
    alike = math.prod(values for _, values in lengths) // math.prod(shape)
    return alike * sum(number * _number_of_bases(terms) for terms, number in times.items())


def number_elements(shape: tuple[int, ...], whole: tuple[int, ...]) -> NDArray[np.intp]:
    """Return the flat index of an element of `shape` for each element of `whole`, to which it broadcasts."""
    numbers: NDArray[np.intp] = np.arange(math.prod(shape)).reshape(shape)
    return np.broadcast_to(numbers, whole).ravel()


def _number_of_bases(terms: tuple[str, ...]) -> int:
    """Return how many bases `choose_bases` takes, by the same greedy colouring, in the memory that the terms take.

    Qiskit compares all pairs of terms at once, qubit by qubit, which is gigabytes for a few thousand of them.
    """
    if len(terms) == 1:
        return 1
    paulis = _pack(terms)
    order = np.arange(len(terms))
    if len(terms) <= MOST_SORTED:
        # Those first that exclude most others.
        excluded = [np.count_nonzero(_exclude(paulis, paulis[:, :, place])) for place in order]
        order = np.argsort(np.negative(excluded), kind="stable")
    bases = np.zeros_like(paulis)
    number = 0
    for term in order:
        pauli = paulis[:, :, term]
        fitting = np.flatnonzero(~_exclude(bases[:, :, :number], pauli))
        place = int(fitting[0]) if fitting.size else number
        bases[:, :, place] |= pauli
        number = max(number, place + 1)
    return number


def _pack(terms: tuple[str, ...]) -> NDArray[np.uint64]:
    """Return the letters of terms as bits, shape (2, words, terms): where there is X or Y, and where Z or Y."""
    letters = np.frombuffer("".join(terms).encode(), np.uint8).reshape(len(terms), -1)
    bits = np.zeros((2, len(terms), -(-letters.shape[1] // 64) * 64), np.bool_)
    bits[0, :, : letters.shape[1]] = np.isin(letters, list(b"XY"))
    bits[1, :, : letters.shape[1]] = np.isin(letters, list(b"ZY"))
    packed = np.packbits(bits, axis=2).view(np.uint64)
    return np.ascontiguousarray(packed.transpose(0, 2, 1))


def _exclude(some: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of some operators have another letter than one has, where neither has I."""
    column = other[:, :, np.newaxis]
    both = (some[0] | some[1]) & (column[0] | column[1])
    unlike = (some[0] ^ column[0]) | (some[1] ^ column[1])
    found: NDArray[np.bool_] = (both & unlike).any(axis=0)
    return found
