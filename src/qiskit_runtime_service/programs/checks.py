"""What is wrong with a quantum program before it is sent: which item, which value, and the way out."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result
from samplomatic.quantum_program import CircuitItem, QuantumProgram, QuantumProgramItem, SamplexItem

from .._shown import counted
from ..bridge.executable import speak_of
from ..bridge.finite import check_finite
from ..bridge.qpy_form import check_form
from ..core.arguments import has_whole_characters, read_whole, refuse, show_value
from ..records.problem import BadArgument, Problem
from .annotations import comes_back
from .tensors import TENSOR_KEYS, has_form

LEVELS: Final = ("classified", "kerneled", "avg_kerneled", "both")
_TREE = "a list, a dictionary with texts as keys, a text, a number, True, False, None or an array of numbers"
_DEEPEST = 50
"""How deep a tree may be: a reader counts its own levels beside these."""


def check_shots(shots: object) -> Result[int, BadArgument]:
    """Return shots as a whole number of at least 1.

    Source: behaviour B362.
    """
    return read_whole("shots", shots, least=1)


def check_program(
    program: QuantumProgram, of_pubs: Sequence[int | None] = (), *, finite: bool = False
) -> Result[list[SamplerPub], Problem]:
    """Check all of a program that can be told without a device.

    Args:
        program: What is to be run.
        of_pubs: Which PUB of the user's each item is for, where there are any.
        finite: Whether all numbers are known to be, as in a program that was just made of checked PUBs.

    Returns:
        The circuit of each item with its arguments, with zeros where a samplex draws them: what is asked of PUBs can
        be asked of items.

    Fails with:
        BadArgument: The first thing that is wrong, with its item, its value, and what it must be.
        NotExecutable: A circuit has something that cannot be sent.

    Source: behaviour B362.
    """
    problem = next(_flaws(program), None)
    if problem is not None:
        return Failure(problem)
    pubs = [_pub_of(item) for item in program.items]
    formed = speak_of("Item", check_form(pubs, comes_back), of_pubs)
    checked = formed if finite else formed.bind(lambda _: check_finite(pubs, "items"))
    return checked.map(lambda _: pubs)


def check_given(pubs: Sequence[SamplerPub] | Sequence[EstimatorPub]) -> Result[None, Problem]:
    """Check what of PUBs has no place in a program: sets of no values, numbers that are none, metadata without a form.

    Fails with:
        BadArgument: The first of them, with its PUB.

    Source: behaviour B408.
    """
    for index, pub in enumerate(pubs):
        problem: Problem | None = find_empty(index, pub)
        metadata = f"the metadata of the circuit of pubs[{index}]"
        problem = problem or next(_flaws_of_tree(metadata, pub.circuit.metadata or {}, 0), None)
        if problem is not None:
            return Failure(problem)
    return check_finite(list(pubs))


def find_empty(index: int, pub: SamplerPub | EstimatorPub) -> BadArgument | None:
    """Return that a PUB has no set of values, if it has none."""
    shape = pub.parameter_values.shape
    if 0 not in shape:
        return None
    wanted = "an array with at least one set of values"
    return BadArgument(name=f"the parameter values of pubs[{index}]", value=f"of shape {shape}", wanted=wanted)


def _pub_of(item: QuantumProgramItem) -> SamplerPub:
    names = tuple(parameter.name for parameter in item.circuit.parameters)
    values = item.circuit_arguments if isinstance(item, CircuitItem) else np.zeros(len(names))
    return SamplerPub(item.circuit, BindingsArray({names: values}, shape=values.shape[:-1]) if names else None)


def _flaws(program: QuantumProgram) -> Iterator[Problem]:
    match check_shots(program.shots):
        case Failure(problem):
            yield problem
    if not isinstance(program.items, list | tuple | None):
        yield _failure(refuse("items of the program", program.items, "a list"))
        return
    if not program.items:
        wanted = "at least one: program.append_circuit_item(circuit, values)"
        yield BadArgument(name="items of the program", value="[]", wanted=wanted)
    for index, item in enumerate(program.items or ()):
        yield from _flaws_of_item(f"items[{index}]", item)
    yield from _mixed_chunks(program)
    if program.meas_level not in LEVELS:
        wanted = " or ".join(map(repr, LEVELS))
        yield BadArgument(name="meas_level", value=show_value(program.meas_level), wanted=wanted)
    yield from _flaws_of_tree("passthrough_data", program.passthrough_data, 0)


def _flaws_of_item(name: str, item: object) -> Iterator[Problem]:
    if not isinstance(item, CircuitItem | SamplexItem):
        yield _failure(refuse(name, item, "a CircuitItem or a SamplexItem"))
        return
    if not isinstance(item.circuit, QuantumCircuit):
        yield _failure(refuse(f"{name}.circuit", item.circuit, "a circuit"))
        return
    if item.chunk_size is not None:
        match read_whole(f"{name}.chunk_size", item.chunk_size, least=1):
            case Failure(problem):
                yield problem
    yield from _flaws_of_circuit_item(name, item) if isinstance(item, CircuitItem) else _flaws_of_samplex(name, item)


def _flaws_of_circuit_item(name: str, item: CircuitItem) -> Iterator[Problem]:
    values, count = item.circuit_arguments, item.circuit.num_parameters
    shape = getattr(values, "shape", ())
    wanted = f"an array of numbers whose last axis has the size {count}, one for each of circuit.parameters"
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf" or not shape or shape[-1] != count:
        shown = f"of shape {shape}" if isinstance(values, np.ndarray) else show_value(values)
        yield BadArgument(name=f"{name}.circuit_arguments", value=shown, wanted=wanted)
    elif not np.isfinite(values).all():
        *index, column = map(int, np.argwhere(~np.isfinite(values))[0])
        parameter = item.circuit.parameters[column].name
        where = f"{name}.circuit_arguments at {index}, for parameter {parameter!r}"
        yield BadArgument(name=where, value=repr(float(values[(*index, column)])), wanted="a finite number")
    elif 0 in shape[:-1]:
        wanted = "an array with at least one set of values"
        yield BadArgument(name=f"{name}.circuit_arguments", value=f"of shape {shape}", wanted=wanted)


def _flaws_of_samplex(name: str, item: SamplexItem) -> Iterator[Problem]:
    if 0 in item.shape:
        yield BadArgument(name=f"{name}.shape", value=str(item.shape), wanted="a shape without zeros")
    outputs = {spec.name: spec for spec in item.samplex.outputs().specs}
    drawn = outputs["parameter_values"].shape[-1] if "parameter_values" in outputs else 0
    if drawn != item.circuit.num_parameters:
        wanted = f"the template that was built with this samplex, which has {counted(drawn, 'parameter')}"
        value = f"a circuit with {counted(item.circuit.num_parameters, 'parameter')}"
        yield BadArgument(name=f"{name}.circuit", value=value, wanted=wanted)
    registers = {register.name: register.size for register in item.circuit.cregs}
    for output, spec in outputs.items():
        flips, _, register = output.partition(".")
        if flips == "measurement_flips" and registers.get(register) != spec.shape[-1]:
            wanted = f"the template that was built with this samplex, which has a register {register!r} of its size"
            yield BadArgument(name=f"{name}.circuit", value=f"a circuit with {registers}", wanted=wanted)
    for argument, value in item.samplex_arguments.items():
        odd = isinstance(value, np.ndarray) and value.dtype.kind in "fc" and not np.isfinite(value).all()
        if odd:
            where = f"{name}.samplex_arguments[{argument!r}]"
            yield BadArgument(name=where, value="NaN or infinity in it", wanted="an array of finite numbers")


def _mixed_chunks(program: QuantumProgram) -> Iterator[Problem]:
    """Yield where one item says a chunk size and another leaves it to the service."""
    sizes = [item.chunk_size for item in program.items]
    if None in sizes and any(sizes):
        index = next(index for index, size in enumerate(sizes) if size is None)
        other = next(index for index, size in enumerate(sizes) if size is not None)
        wanted = f"a number, as items[{other}].chunk_size is {sizes[other]}, or None in all items"
        yield BadArgument(name=f"items[{index}].chunk_size", value="None", wanted=wanted)


def _flaws_of_tree(name: str, tree: Any, depth: int) -> Iterator[Problem]:
    if depth > _DEEPEST:
        yield BadArgument(name=name, value=show_value(tree), wanted=f"nested no deeper than {_DEEPEST} levels")
        return
    match tree:
        case None | bool() | int() | np.bool_() | np.integer():
            return
        case float() | np.floating():
            if not isfinite(tree):
                wanted = "finite: JSON has no other numbers. An array holds any, np.array(value)"
                yield BadArgument(name=name, value=repr(float(tree)), wanted=wanted)
        case str():
            if not has_whole_characters(tree):
                yield BadArgument(name=name, value=show_value(tree), wanted="a text of whole characters")
        case np.ndarray():
            if not has_form(tree):
                yield BadArgument(name=name, value=f"an array of {tree.dtype}", wanted="an array of numbers or bools")
            if np.ma.is_masked(tree):
                wanted = "an array without: a mask is not sent"
                yield BadArgument(name=name, value="an array with masked values", wanted=wanted)
        case Mapping():
            yield from _flaws_of_mapping(name, tree, depth)
        case list() | tuple() | set() | frozenset():
            for index, value in enumerate(tree):
                yield from _flaws_of_tree(f"{name}[{index}]", value, depth + 1)
        case _:
            yield _failure(refuse(name, tree, _TREE))


def _flaws_of_mapping(name: str, tree: Mapping[Any, Any], depth: int) -> Iterator[Problem]:
    for key, value in tree.items():
        if not (isinstance(key, str) and has_whole_characters(key)):
            yield BadArgument(name=f"a key in {name}", value=show_value(key), wanted="a text of whole characters")
        yield from _flaws_of_tree(f"{name}[{key!r}]", value, depth + 1)
    if tree.keys() == TENSOR_KEYS:
        wanted = "other keys than data, shape and dtype, which stand for an array"
        yield BadArgument(name=name, value=show_value(tree), wanted=wanted)


def _failure(result: Result[Any, BadArgument]) -> BadArgument:
    return result.failure()
