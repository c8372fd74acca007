"""What a job of the program `executor` was sent, in each version of the schema."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from pydantic import ValidationError
from qiskit.exceptions import QiskitError
from returns.result import Failure, Result, Success
from samplomatic.exceptions import SamplexError
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem

from ..records.problem import Problem, UnreadableValue
from .quantum_program import QuantumProgram
from .result_bodies import VERSIONS


class Inputs(NamedTuple):
    """What a job asks for."""

    version: str
    """Of the schema."""
    program: QuantumProgram
    options: dict[str, Any]


class _Version(msgspec.Struct):
    """What is read first."""

    schema_version: str


def read_inputs(params: bytes) -> Result[Inputs, Problem]:
    """Read the parameters of a job.

    Fails with:
        UnreadableValue: They are not those of a quantum program.
    """
    try:
        version = msgspec.json.decode(params, type=_Version).schema_version
    except msgspec.MsgspecError as error:
        return Failure(UnreadableValue(tag="params", reason=str(error)))
    if version not in VERSIONS:
        names = ", ".join(VERSIONS)
        return Failure(UnreadableValue(tag="schema_version", reason=f"it is {version!r}, none of {names}"))
    module = import_module(f"ibm_quantum_schemas.executor.version_{version[1:].replace('.', '_')}")
    try:
        model = module.ParamsModel.model_validate_json(params)
        return Success(Inputs(version, _program(model.quantum_program), model.options.model_dump()))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Failure(UnreadableValue(tag=where or "params", reason=first["msg"]))
    except (ValueError, QiskitError, SamplexError, LookupError, ArithmeticError, TypeError) as error:
        return Failure(UnreadableValue(tag="quantum_program", reason=str(error) or type(error).__name__))


def _program(model: Any) -> QuantumProgram:
    circuits = (
        model.circuits.to_python()
        if hasattr(model, "circuits")
        else [item.circuit.to_quantum_circuit(use_cached=True) for item in model.items]
    )
    items = [_item(item, circuit) for item, circuit in zip(model.items, circuits, strict=True)]
    level: Any = getattr(model, "meas_level", "classified")
    program = QuantumProgram(model.shots, items, None, level, _tree(getattr(model, "passthrough_data", None)))
    program.semantic_role = getattr(model, "semantic_role", None)
    return program


def _item(model: Any, circuit: Any) -> QuantumProgramItem:
    size = None if model.chunk_size == "auto" else model.chunk_size
    if model.item_type == "circuit":
        values = model.circuit_arguments.to_numpy()
        shape = np.broadcast_shapes(tuple(getattr(model, "shape", ())), values.shape[:-1])
        spread = np.broadcast_to(values, (*shape, *values.shape[-1:]))
        return CircuitItem(circuit, circuit_arguments=spread, chunk_size=size)
    samplex = model.samplex.to_samplex(use_cached=True).finalize()
    arguments = {name: _argument(value) for name, value in model.samplex_arguments.items()}
    return SamplexItem(circuit, samplex, samplex_arguments=arguments, shape=tuple(model.shape), chunk_size=size)


_READERS: Final[tuple[str, ...]] = ("to_numpy", "to_pauli_lindblad_map")


def _argument(value: Any) -> Any:
    for name in _READERS:
        read: Callable[[], Any] | None = getattr(value, name, None)
        if read is not None:
            return read()
    return value


def _tree(value: Any) -> Any:
    match value:
        case list():
            return [_tree(part) for part in value]
        case dict():
            return {name: _tree(part) for name, part in value.items()}
        case _:
            return _argument(value)
