"""The values of the parameters of an item, element by element, and what its samplex tells besides."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem

VALUES = "parameter_values"
"""What a samplex calls the parameters of its template."""


class Elements(NamedTuple):
    """All elements of an item, flattened in the order of its shape."""

    shape: tuple[int, ...]
    values: NDArray[np.float64]
    """Shape (elements, parameters of the circuit)."""
    told: dict[str, NDArray[Any]]
    """What the samplex tells besides, by name, shape (*shape, ...)."""


def elements_of(item: QuantumProgramItem, die: np.random.Generator) -> Elements:
    """Return the elements of an item.

    The arguments of a samplex select along the axes on which they have more than one value; along the others of the
    shape of the item lie randomizations. Each selection is sampled once, with all of its randomizations.

    Source: behaviour B393.
    """
    if isinstance(item, CircuitItem):
        values = item.circuit_arguments
        return Elements(item.shape, values.reshape(math.prod(item.shape), item.circuit.num_parameters), {})
    if not isinstance(item, SamplexItem):
        raise TypeError(f"an item is a {type(item).__name__}, neither of a circuit nor of a samplex")
    return _randomized(item, die)


def _randomized(item: SamplexItem, die: np.random.Generator) -> Elements:
    shape = item.shape
    arguments = item.samplex_arguments
    samplex = item.samplex.finalize()
    # Which axes of the item the arguments select along, aligned from the right.
    given = (1,) * (len(shape) - len(arguments.shape)) + tuple(arguments.shape)
    selects = [axis for axis, length in enumerate(given) if length > 1]
    repeats = [axis for axis in range(len(shape)) if axis not in selects]
    chosen = [shape[axis] for axis in selects]
    number = math.prod(shape[axis] for axis in repeats)
    drawn = [
        samplex.sample(arguments[_index(index, selects, given, len(arguments.shape))], number, die)
        for index in np.ndindex(*chosen)
        if number
    ]
    order = np.argsort([*selects, *repeats])
    told = {}
    for name in drawn[0] if drawn else ():
        rows = np.stack([np.asarray(output[name]) for output in drawn])
        rest = rows.shape[2:]
        laid = rows.reshape(*chosen, *(shape[axis] for axis in repeats), *rest)
        told[name] = laid.transpose(*order, *range(len(shape), laid.ndim))
    width = item.circuit.num_parameters
    values = told.pop(VALUES, np.zeros((*shape, width)))
    return Elements(shape, np.asarray(values, float).reshape(math.prod(shape), width), told)


def _index(index: tuple[int, ...], selects: list[int], given: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Return where the arguments have a selection: 0 along axes of length 1."""
    place = dict(zip(selects, index, strict=True))
    return tuple(place.get(axis, 0) for axis in range(len(given) - ndim, len(given)))
