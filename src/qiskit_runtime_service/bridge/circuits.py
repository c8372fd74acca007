"""Circuits and their bindings: from what a user hands in to what a sampler job is sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers import SamplerPubLike
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from .._shown import shorten, write_out
from ..records.problem import BadArgument, Problem, WrongType
from .typed_json import encode_input, encode_value

Pub = TypeVar("Pub", SamplerPub, EstimatorPub)

UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError, QiskitError)
"""What Qiskit raises of a pub that is none, and Python of numbers too large and lists too deep."""
MOST_OF_A_REASON = 500
"""How many characters are shown of why: there may be a whole value of the user's in it."""


# What a user hands in


def read_pubs(pubs: Iterable[SamplerPubLike], shots: int | None) -> Result[tuple[SamplerPub, ...], Problem]:
    """Return the pubs in Qiskit's own form, with `shots` where they state none.

    Fails with:
        BadArgument: There are none, or one is not a circuit with fitting values and positive shots.

    Source: behaviour B83.
    """
    if (problem := _shots_problem("shots", shots)) is not None:
        return Failure(problem)
    wanted = "a circuit, or (circuit, parameter values, shots)"
    return read_all(pubs, lambda pub: SamplerPub.coerce(pub, shots), wanted, "[circuit]", place=1)


def read_all(
    pubs: object, coerce: Callable[[Any], Pub], wanted: str, example: str, *, place: int
) -> Result[tuple[Pub, ...], Problem]:
    """Return pubs in Qiskit's own form, each with values for the parameters of its circuit.

    Args:
        pubs: What the user gives.
        coerce: Makes one, or raises as Qiskit does.
        wanted: What one must be.
        example: What all must be.
        place: Where in one its parameter values are.

    Fails with:
        BadArgument: There are none, or one is not what it must be.

    Source: behaviour B83, B354, B409.
    """
    given = None if isinstance(pubs, QuantumCircuit | str | bytes | Mapping) else _walk(pubs)
    if given is None:
        return Failure(WrongType(name="pubs", value=shown(pubs), wanted=f"a list of pubs, such as {example}"))
    read = []
    for index, pub in enumerate(given):
        try:
            _refuse_odd_numbers(_given_values(pub, place))
            read.append(_fitting(coerce(pub)))
        except UNFIT as reason:
            why = shorten(str(reason).rstrip("."), MOST_OF_A_REASON)
            return Failure(BadArgument(name=f"pubs[{index}]", value=shown(pub), wanted=f"{wanted}: {why}"))
    if not read:
        return Failure(BadArgument(name="pubs", value="[]", wanted="at least one pub"))
    return Success(tuple(read))


def _walk(pubs: Any) -> Iterator[Any] | None:
    """Return what walks through pubs, if anything can: an array without an axis only looks like it."""
    try:
        walk: Iterator[Any] = iter(pubs)
    except TypeError:
        return None
    return walk


def _given_values(pub: Any, place: int) -> Any:
    """Return the parameter values of a PUB in the form that it was given in, `None` where it has none."""
    return pub[place] if isinstance(pub, tuple | list) and len(pub) > place else None


def _refuse_odd_numbers(values: Any) -> None:
    """Refuse parameter values that would be taken for other numbers: texts, and arrays of which some are masked.

    Raises:
        ValueError: There is one, with the first of them and the way out.

    Source: behaviour B409.
    """
    for part in values.values() if isinstance(values, Mapping) else (values,):
        arrays = (part, *part) if isinstance(part, list | tuple) else (part,)
        if any(np.ma.is_masked(array) for array in arrays):
            raise ValueError("some values are masked, and a masked value is no number; leave it out, or fill it")
        given = np.asarray(part)
        if given.dtype.kind in "USO":
            text = next((value for value in given.flat if isinstance(value, str | bytes)), None)
            if text is not None:
                raise ValueError(f"{str(text)!r} among the values is a text; give numbers, such as float(value)")


def _fitting(pub: Pub) -> Pub:
    """Return `pub` if its values are for the parameters of its circuit: Qiskit only counts them."""
    given = {name for names in pub.parameter_values.data for name in names}
    wanted = {parameter.name for parameter in pub.circuit.parameters}
    if given != wanted:
        raise ValueError(f"the parameters are {sorted(wanted)}, but the values are for {sorted(given)}")
    return pub


def _shots_problem(name: str, shots: object) -> BadArgument | None:
    if shots is None or (isinstance(shots, int | np.integer) and not isinstance(shots, bool) and shots > 0):
        return None
    return BadArgument(name=name, value=shown(shots), wanted="a whole number of at least 1, or None for the default")


def shown(value: object) -> str:
    """Return a text that tells the value apart without drawing a circuit. A message shortens it."""
    if isinstance(value, QuantumCircuit):
        return f"circuit {value.name!r}"
    if type(value) is tuple:
        return f"({', '.join(map(shown, value))})"
    return write_out(value)


# What a job is sent


def encode_sampler_pub(pub: SamplerPub) -> bytes:
    """Return a pub as it is sent: `[circuit, values, shots]`.

    The values are one array of shape (*shape of the pub, number of parameters) in the order of `circuit.parameters`.

    Raises:
        TypeError: The metadata of the circuit hold something that has no form in typed JSON.

    Source: behaviour B84.
    """
    return encode_value(pub)


def encode_params(pubs: Sequence[bytes], options: Mapping[str, object], **more: object) -> bytes:
    """Return the `params` of a primitive's job as JSON text.

    Args:
        pubs: As they are sent.
        options: The options that are set.
        more: Other parameters.

    Raises:
        TypeError: Something has no form in typed JSON.

    Source: behaviour B84.
    """
    rest = encode_input({"options": dict(options), "version": 2, "support_qiskit": True, **more})
    return b'{"pubs": [' + b", ".join(pubs) + b"], " + rest[1:]


def values_of(pub: SamplerPub | EstimatorPub) -> NDArray[np.float64]:
    """Return the parameter values of a pub, shape (*shape of the pub, number of parameters)."""
    values: NDArray[np.float64] = pub.parameter_values.as_array(pub.circuit.parameters)
    return values


def with_zeros(circuit: QuantumCircuit) -> SamplerPub:
    """Return a circuit with zeros for its parameters, for where their values do not count."""
    names = tuple(parameter.name for parameter in circuit.parameters)
    return SamplerPub(circuit, BindingsArray({names: np.zeros(len(names))}) if names else None)
