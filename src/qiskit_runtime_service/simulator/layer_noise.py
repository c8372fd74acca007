"""Noise of layers: Pauli-Lindblad maps that a simulation puts where the barriers of a template name them."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Instruction
from qiskit.quantum_info import PauliLindbladMap
from samplomatic.annotations import InjectNoise, Tag
from samplomatic.utils import get_annotation

LAYER_NOISE = "layer_noise"
"""The name of the instruction that stands for the noise of a layer."""
_LABEL = re.compile(r"(?P<place>[LMR])(?P<box>\d+)@(?P<marks>.*)")
_NO_GATES = frozenset(("barrier", "delay"))

Maps = Mapping[str, PauliLindbladMap]


class LayerNoise(Instruction):
    """Noise of a layer, or of a part of one, on qubits that it joins."""

    def __init__(self, noise: PauliLindbladMap) -> None:
        super().__init__(LAYER_NOISE, noise.num_qubits, 0, [])
        self.noise = noise


def maps_of(layers: Iterable[tuple[CircuitInstruction, PauliLindbladMap]]) -> dict[str, PauliLindbladMap]:
    """Return the noise of layers by the names that their boxes have: those of a tag, or of a site for noise."""
    maps = {}
    for box, noise in layers:
        for kind in (Tag, InjectNoise):
            annotation = get_annotation(box.operation, kind)
            if annotation is not None and annotation.ref:
                maps[annotation.ref] = noise
    return maps


def put_layer_noise(template: QuantumCircuit, maps: Maps) -> QuantumCircuit:
    """Return a template with the noise of its layers, once for each box: behind its gates, or before its measurements.

    A box that says by a tag and by a site which layer it is has the noise of the tag.

    Args:
        template: A circuit whose barriers name layers.
        maps: By name, the noise of a layer. Its qubit 0 is the lowest of the box on the device, as samplexes have it
            and learners say it, whatever the order in the box is.

    Source: behaviour B392.
    """
    if not maps:
        return template
    sites = _sites(template)
    noisy = template.copy_empty_like()
    for place, step in enumerate(template.data):
        noisy.append(step, copy=False)
        known = next((ref for ref in sites.get(place, ()) if ref in maps), None)
        if known is not None:
            qubits = sorted(step.qubits, key=lambda bit: template.find_bit(bit).index)
            for noise, where in _clusters(maps[known]):
                noisy.append(LayerNoise(noise), [qubits[index] for index in where], copy=False)
    return noisy


def find_absent(templates: Iterable[QuantumCircuit], maps: Maps) -> list[str]:
    """Return the names of the layers that have no noise, sorted, where others may have one.

    Source: behaviour B392.
    """
    named = (refs for template in templates if maps for refs in _sites(template).values())
    return sorted({refs[0] for refs in named if refs and maps.keys().isdisjoint(refs)})


def fidelities(noise: PauliLindbladMap) -> NDArray[np.float64]:
    """Return by how much a map shrinks each Pauli, shape (4^n,), in the order I, X, Y, Z, the first qubit slowest."""
    width = noise.num_qubits
    exponent = np.zeros((4,) * width)
    for rate, indices, paulis in terms_of(noise):
        # Which Paulis do not commute with the generator: an odd number of places where both differ and are not I.
        odd = np.zeros((1,) * width, bool)
        for index, pauli in zip(indices, paulis, strict=True):
            one = np.array([0, pauli != 1, pauli != 2, pauli != 3], bool)
            odd = odd ^ one.reshape([4 if axis == index else 1 for axis in range(width)])
        exponent += rate * odd
    kept: NDArray[np.float64] = np.exp(-2 * exponent).ravel()
    return kept


def terms_of(noise: PauliLindbladMap) -> Iterable[tuple[float, Sequence[int], Sequence[int]]]:
    """Yield rate, qubits and Paulis (X 1, Y 2, Z 3) of each generator."""
    letters = {"X": 1, "Y": 2, "Z": 3}
    for label, indices, rate in noise.to_sparse_list():
        yield float(rate), indices, [letters[letter] for letter in label]


def _sites(template: QuantumCircuit) -> dict[int, tuple[str, ...]]:
    """Return the barriers behind which the noise of a box belongs, and the names of its layer, the most telling first.

    Gates lie between L and M where the box is dressed on its right, between M and R else; measurements do as well,
    and their noise comes before them.
    """
    places: dict[str, dict[str, tuple[int, tuple[str, ...]]]] = {}
    for place, step in enumerate(template.data):
        label = getattr(step.operation, "label", None) if step.name == "barrier" else None
        if label and (found := _LABEL.fullmatch(label)):
            places.setdefault(found["box"], {})[found["place"]] = (place, _names_in(found["marks"]))
    sites = {}
    for barriers in places.values():
        if {"L", "M", "R"} <= barriers.keys():
            middle, right = barriers["M"][0], barriers["R"][0]
            measures = any(step.name.startswith("measure") for step in template.data[middle:right])
            site = middle if measures else right
            sites[site] = barriers["M"][1]
    return sites


def _names_in(marks: str) -> tuple[str, ...]:
    known = dict(mark.split("=", 1) for mark in marks.split("&") if "=" in mark)
    return tuple(known[key] for key in ("tag", "inject_noise") if known.get(key))


def _clusters(noise: PauliLindbladMap) -> Iterable[tuple[PauliLindbladMap, list[int]]]:
    """Yield a map in parts that have no qubit in common, each with its qubits."""
    groups: list[tuple[set[int], list[tuple[str, list[int], float]]]] = []
    for label, indices, rate in noise.to_sparse_list():
        joined = [group for group in groups if not group[0].isdisjoint(indices)]
        qubits = set(indices).union(*(group[0] for group in joined))
        terms = [term for group in joined for term in group[1]] + [(label, list(indices), rate)]
        groups = [group for group in groups if group not in joined] + [(qubits, terms)]
    for qubits, terms in groups:
        where = sorted(qubits)
        place = {qubit: index for index, qubit in enumerate(where)}
        moved = [(label, [place[index] for index in indices], rate) for label, indices, rate in terms]
        yield PauliLindbladMap.from_sparse_list(moved, num_qubits=len(where)), where
