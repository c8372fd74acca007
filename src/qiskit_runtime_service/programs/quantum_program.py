"""The quantum program that users hold: circuits, what they are run with, and how often."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import PauliLindbladMap
from returns.result import Failure, Result, Success
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem
from samplomatic.quantum_program import QuantumProgram as SamplomaticProgram
from samplomatic.samplex import Samplex

from .._public import public
from ..bridge.circuits import values_of
from ..core.arguments import refuse, show_value
from ..exceptions import exception_for
from ..records.problem import BadArgument, NotExecutable, Problem
from .checks import LEVELS, check_shots


@public()
class QuantumProgram(SamplomaticProgram):
    """Circuits with their arguments, and how many shots are taken of each.

    Args:
        shots: Shots of each element of each item, at least 1.
        items: The first items. `append_circuit_item` and `append_samplex_item` add more.
        noise_maps: By name, what fills `pauli_lindblad_maps.<name>` of each samplex item that is appended later.
        meas_level: Bits (`classified`), complex points of each shot (`kerneled`) or of their mean
            (`avg_kerneled`), or `both` bits and points.
        passthrough_data: Lists, dictionaries with texts as keys, numbers, texts, arrays; all come back with the result.

    Raises:
        IBMInputValueError: An argument is not what it must be. `Executor.run` checks all of it again.

    Source: behaviour B362.
    """

    def __init__(
        self,
        shots: int,
        items: Iterable[QuantumProgramItem] | None = None,
        noise_maps: Mapping[str, PauliLindbladMap] | None = None,
        meas_level: Literal["classified", "kerneled", "avg_kerneled", "both"] = "classified",
        passthrough_data: Any = None,
    ) -> None:
        given = _list_of(items)
        maps = _maps_of(noise_maps)
        if meas_level not in LEVELS:
            wanted = " or ".join(map(repr, LEVELS))
            raise exception_for(BadArgument(name="meas_level", value=show_value(meas_level), wanted=wanted))
        match check_shots(shots):
            case Failure(problem):
                raise exception_for(problem)
            case Success(count):
                super().__init__(count, given, maps, meas_level, passthrough_data)
        self.semantic_role: str | None = None
        """Which primitive prepared the program, and so what reads its result: `sampler_v2`, `estimator_v2`."""

    def append_circuit_item(
        self, circuit: QuantumCircuit, circuit_arguments: ArrayLike | None = None, *, chunk_size: int | None = None
    ) -> None:
        """Append a circuit and what it is run with.

        Args:
            circuit: What is run.
            circuit_arguments: The values of its parameters, shape (*item shape, number of parameters).
            chunk_size: How many sets of values are run in one loop over shots; by default the service chooses.

        Raises:
            IBMInputValueError: They do not go together, or the values are no array of real numbers.

        Source: behaviour B414.
        """
        values = circuit_arguments
        if values is not None:
            values = _numbers_of(values, f"items[{len(self.items)}].circuit_arguments", axes=1)
        self._append(lambda: CircuitItem(circuit, circuit_arguments=values, chunk_size=chunk_size), circuit)

    def append_samplex_item(
        self,
        circuit: QuantumCircuit,
        samplex: Samplex,
        samplex_arguments: Mapping[str, Any] | None = None,
        *,
        shape: tuple[int, ...] | None = None,
        chunk_size: int | None = None,
    ) -> None:
        """Append a template circuit, and the samplex that draws the values of its parameters.

        Args:
            circuit: The template, as `samplomatic.build` returns it.
            samplex: What draws.
            samplex_arguments: Its arguments by name, as `samplex.inputs()` lists them.
            shape: The shape of the item, to which that of the arguments broadcasts; what is more are randomizations.
            chunk_size: How many sets of values are run in one loop over shots; by default the service chooses.

        Raises:
            IBMInputValueError: They do not go together, or a value is no array of real numbers.

        Source: behaviour B414.
        """
        given = _arguments_of(samplex_arguments)
        for name, value in given.items():
            if not isinstance(value, Mapping | PauliLindbladMap):
                _numbers_of(value, f"items[{len(self.items)}].samplex_arguments[{show_value(name)}]")
        asked = {spec.name for spec in samplex.inputs().specs} if isinstance(samplex, Samplex) else set()
        maps = {name: value for name, value in self.noise_maps.items() if f"pauli_lindblad_maps.{name}" in asked}
        arguments = {"pauli_lindblad_maps": maps, **given}
        more = {"samplex_arguments": arguments, "shape": shape, "chunk_size": chunk_size}
        self._append(lambda: SamplexItem(circuit, samplex, **more), circuit)

    def _append(self, make: Callable[[], QuantumProgramItem], circuit: object) -> None:
        try:
            self.items.append(make())
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as reason:
            words = str(reason).strip().rstrip(".")
            name, value = f"items[{len(self.items)}]", circuit
            shown = f"circuit {value.name!r}" if isinstance(value, QuantumCircuit) else show_value(value)
            wanted = f"a circuit with fitting arguments: {words}"
            raise exception_for(BadArgument(name=name, value=shown, wanted=wanted)) from reason

    @classmethod
    def from_(cls, program: SamplomaticProgram) -> Self:
        """Return a program of samplomatic as one of ours."""
        made = cls(program.shots, program.items, program.noise_maps, program.meas_level, program.passthrough_data)
        made.semantic_role = getattr(program, "semantic_role", None)
        return made


def _list_of(items: object) -> list[QuantumProgramItem]:
    """Return items of a program in a list."""
    if items is None:
        return []
    if not isinstance(items, Iterable):
        raise exception_for(refuse("items", items, "a list of items, such as [CircuitItem(circuit)]").failure())
    given = list(items)
    for index, item in enumerate(given):
        if not isinstance(item, QuantumProgramItem):
            raise exception_for(refuse(f"items[{index}]", item, "a CircuitItem or a SamplexItem").failure())
    return given


def _numbers_of(values: Any, name: str, *, axes: int = 0) -> NDArray[Any]:
    """Return values as an array. Of other things NumPy would make numbers that nobody has written.

    Raises:
        IBMInputValueError: They are no real numbers, or there are fewer axes.

    Source: behaviour B414.
    """
    wanted = "an array of real numbers" + ", whose last axis has a value for each of circuit.parameters" * bool(axes)
    try:
        array = np.asarray(values)
    except ValueError as reason:
        raise exception_for(refuse(name, values, wanted).failure()) from reason
    if np.ma.is_masked(values):
        raise exception_for(BadArgument(name=name, value="an array with masked values", wanted=wanted))
    real = array.dtype.kind in "biuf" or (array.dtype == object and all(map(_is_real, array.flat)))
    if real and array.ndim >= axes:
        return array
    if isinstance(values, np.ndarray):
        shown = f"an array of {array.dtype} of shape {array.shape}"
        raise exception_for(BadArgument(name=name, value=shown, wanted=wanted))
    raise exception_for(refuse(name, values, wanted).failure())


def _is_real(value: object) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, np.complexfloating)


def _arguments_of(samplex_arguments: object) -> Mapping[str, Any]:
    """Return arguments of a samplex by name."""
    if samplex_arguments is None:
        return {}
    if not isinstance(samplex_arguments, Mapping):
        wanted = "a dictionary from the names of arguments to values"
        raise exception_for(refuse("samplex_arguments", samplex_arguments, wanted).failure())
    return samplex_arguments


def _maps_of(noise_maps: object) -> dict[str, PauliLindbladMap]:
    """Return noise by name in a dictionary."""
    if noise_maps is None:
        return {}
    wanted = "a dictionary from names to PauliLindbladMap"
    if not isinstance(noise_maps, Mapping):
        raise exception_for(refuse("noise_maps", noise_maps, wanted).failure())
    for name, value in noise_maps.items():
        if not (isinstance(name, str) and isinstance(value, PauliLindbladMap)):
            raise exception_for(refuse(f"noise_maps[{show_value(name)}]", value, wanted).failure())
    return dict(noise_maps)


def taken(program: QuantumProgram) -> QuantumProgram:
    """Return a program as it is now: changing `program`, its circuits or its arrays later does not change it."""
    made = copy(program)
    made.items = [_taken_item(item) for item in program.items]
    made.passthrough_data = deepcopy(program.passthrough_data)
    return made


def _taken_item(item: QuantumProgramItem) -> QuantumProgramItem:
    made = copy(item)
    made.circuit = item.circuit.copy()
    # A samplex is not changed once it is built.
    if isinstance(item, CircuitItem):
        made.circuit_arguments = item.circuit_arguments.copy()
    else:
        made.samplex_arguments = deepcopy(item.samplex_arguments)
    return made


def with_pubs(program: QuantumProgram, pubs: Sequence[SamplerPub]) -> Result[QuantumProgram, Problem]:
    """Return a program with the circuits of `pubs`, and with their values where no samplex draws them.

    Fails with:
        NotExecutable: The parameters of a circuit are not those that a samplex draws any more.
    """
    items = []
    for index, (item, pub) in enumerate(zip(program.items, pubs, strict=True)):
        if pub.circuit is item.circuit:
            items.append(item)
            continue
        if isinstance(item, CircuitItem):
            items.append(CircuitItem(pub.circuit, circuit_arguments=values_of(pub), chunk_size=item.chunk_size))
            continue
        if pub.circuit.parameters != item.circuit.parameters:
            reason = "a delay in seconds follows parameters, which a samplex draws"
            return Failure(NotExecutable(pub=index, reason=reason, fix="Write its duration in dt", noun="Item"))
        changed = copy(item)
        changed.circuit = pub.circuit
        items.append(changed)
    made = copy(program)
    made.items = items
    return Success(made)
