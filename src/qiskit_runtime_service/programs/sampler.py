"""What a sampler prepares on the client, and how it reads the result: programs of PUBs, flips undone, shots merged."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import PassManager, Target
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success
from samplomatic.quantum_program import CircuitItem, QuantumProgramItem, SamplexItem

from ..bridge.circuits import values_of
from ..core.randomizations import Spread, spread_shots
from ..records.problem import BadArgument, NotExecutable, Problem
from .boxing import box_layers, boxer, boxing_arguments, build_template
from .decoupling import decouple, decoupler
from .quantum_program import QuantumProgram
from .results import (
    FLIPS,
    Begin,
    QuantumProgramItemResult,
    QuantumProgramResult,
    check_flip_shapes,
    compilation_of,
    not_of,
)

ROLE: Final = "sampler_v2"
VERSION: Final = "v0.1"
"""Of the notes that travel with the program, by which its result is read."""

_SIGNS = "pauli_signs"
_ENDINGS = {"classified": "", "kerneled": "_iq", "avg_kerneled": "_avg_iq"}
"""What follows the name of a register in that of its array, by what was measured."""
_UNTWIRL = "Set twirling.enable_gates and twirling.enable_measure to False, or change the circuit"
_UNCOUPLE = "Set dynamical_decoupling.enable to False, or change the circuit"
_UNBOX = "Take the box out: twirling makes boxes of its own. Boxes of yours run by an Executor"


class _Ways(NamedTuple):
    """What is done to each circuit: nothing, or boxes around its layers, and pulses in its idle time."""

    box: PassManager | None
    decouple: PassManager | None
    spread: Spread


def is_twirled(options: Mapping[str, Any]) -> bool:
    """Tell whether options ask for twirling."""
    return bool(options["twirling"]["enable_gates"] or options["twirling"]["enable_measure"])


def prepare(
    pubs: Sequence[SamplerPub], options: Mapping[str, Any], shots: int, target: Target | None, *, tagged: bool = False
) -> Result[QuantumProgram, Problem]:
    """Return the quantum program of a sampler: an item for each PUB, in their order.

    Args:
        pubs: At least one.
        options: All options, as a dictionary, with twirling decided.
        shots: Of each PUB.
        target: The device, which dynamical decoupling needs.
        tagged: Whether the layers have names, by which a simulation knows where noise is.

    Fails with:
        BadArgument: Options that do not go together, or with the device.
        NotExecutable: A circuit has something that the options do not go with.

    Source: behaviour B376.
    """
    problem = _find_conflict(options, target)
    if problem is not None:
        return Failure(problem)
    ways = _ways(options, shots, target, tagged)
    items: list[QuantumProgramItem] = []
    for index, pub in enumerate(pubs):
        prepared = _prepare_item(index, pub, ways)
        if not is_successful(prepared):
            return Failure(prepared.failure())
        items.append(prepared.unwrap())
    meas_type = options["execution"]["meas_type"]
    program = QuantumProgram(ways.spread.shots, items, meas_level=meas_type, passthrough_data=None)
    program.semantic_role = ROLE
    program.passthrough_data = {
        "post_processor": {
            "version": VERSION,
            "twirling": ways.box is not None,
            "meas_type": meas_type,
            "shots": program.shots,
            "circuits_metadata": [pub.circuit.metadata or {} for pub in pubs],
            "options": _plain(options),
        }
    }
    return Success(program)


def part_of(program: QuantumProgram, pubs: slice) -> QuantumProgram:
    """Return the program of some of the PUBs that a sampler has prepared a program for.

    Source: behaviour B407.
    """
    part = copy(program)
    notes = program.passthrough_data["post_processor"]
    part.items = program.items[pubs]
    part.passthrough_data = {"post_processor": {**notes, "circuits_metadata": notes["circuits_metadata"][pubs]}}
    return part


def _find_conflict(options: Mapping[str, Any], target: Target | None) -> BadArgument | None:
    meas_type = options["execution"]["meas_type"]
    if meas_type != "classified" and options["twirling"]["enable_measure"]:
        wanted = "'classified' where twirling.enable_measure is True: only bits can be flipped back"
        return BadArgument(name="execution.meas_type", value=repr(meas_type), wanted=wanted)
    if options["dynamical_decoupling"]["enable"] and (target is None or target.dt is None):
        wanted = "False on a backend that does not tell how long its gates take"
        return BadArgument(name="dynamical_decoupling.enable", value="True", wanted=wanted)
    return None


def _ways(options: Mapping[str, Any], shots: int, target: Target | None, tagged: bool) -> _Ways:
    twirling, decoupling = options["twirling"], options["dynamical_decoupling"]
    padding = decoupler(target, decoupling) if decoupling["enable"] and target is not None else None
    if not is_twirled(options):
        return _Ways(None, padding, Spread(1, shots))
    spread = spread_shots(shots, twirling["num_randomizations"], twirling["shots_per_randomization"])
    return _Ways(boxer(boxing_arguments(twirling, tagged=tagged)), padding, spread)


def _prepare_item(index: int, pub: SamplerPub, ways: _Ways) -> Result[QuantumProgramItem, Problem]:
    """Return what is run for a PUB, as an item of a program.

    Source: behaviour B376, B415.
    """
    circuit, values = pub.circuit, values_of(pub)
    if any(name == "box" for name in circuit.count_ops()):
        return Failure(NotExecutable(pub=index, reason="it has a box", fix=_UNBOX))
    # Results have that name for what a samplex tells.
    if any(register.name == _SIGNS for register in circuit.cregs):
        reason = f"results have the name of its register {_SIGNS!r} for something else"
        return Failure(NotExecutable(pub=index, reason=reason, fix="Rename the register"))
    samplex = None
    if ways.box is not None:
        built = box_pub(index, pub, ways.box).bind(
            lambda boxed: build_template(boxed).alt(lambda reason: _untwirlable(index, reason))
        )
        if not is_successful(built):
            return Failure(built.failure())
        template, samplex = built.unwrap()
        template.name = circuit.name
        circuit = template
    if ways.decouple is not None:
        padded = decouple(circuit, ways.decouple).alt(
            lambda reason: NotExecutable(pub=index, reason=f"it cannot be decoupled: {reason}", fix=_UNCOUPLE)
        )
        if not is_successful(padded):
            return Failure(padded.failure())
        circuit = padded.unwrap()
    if samplex is None:
        return Success(CircuitItem(_without_metadata(circuit), circuit_arguments=values))
    arguments = {"parameter_values": values} if values.shape[-1] else {}
    shape = (ways.spread.randomizations, *values.shape[:-1])
    return Success(SamplexItem(_without_metadata(circuit), samplex, samplex_arguments=arguments, shape=shape))


def box_pub(index: int, pub: SamplerPub, by: PassManager) -> Result[QuantumCircuit, NotExecutable]:
    """Return the circuit of a PUB with its layers in boxes.

    Fails with:
        NotExecutable: It cannot be twirled.
    """
    return box_layers(pub.circuit, by).alt(lambda reason: _untwirlable(index, reason))


def _untwirlable(index: int, reason: str) -> NotExecutable:
    return NotExecutable(pub=index, reason=reason, fix=_UNTWIRL)


def _without_metadata(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit as it is sent: its metadata travel beside it, whatever they hold."""
    if not circuit.metadata:
        return circuit
    bare = circuit.copy()
    bare.metadata = {}
    return bare


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options without what only a simulation in this process heeds and no server can be told."""
    return {**options, "simulator": {**options["simulator"], "layer_noise_model": None}}


# Results

_BYTE: Final = 0.002
"""Steps for a truth value that is packed, or a byte of other arrays."""


def post_process(result: QuantumProgramResult, *, begin: Begin | None = None) -> PrimitiveResult:
    """Return what a sampler answers with, of the result of the program that it prepared.

    Args:
        result: As the program answered. It stays as it is.
        begin: Told how long that takes.

    Raises:
        ValueError: It is not the result of a sampler.

    Source: behaviour B377, B412.
    """
    check_flip_shapes(result)
    if begin is not None:
        begin("the registers of a sampler", _BYTE * sum(array.nbytes for item in result for array in item.values()))
    notes = _notes_of(result)
    pairs = zip(result, notes["circuits_metadata"], strict=True)
    pubs = [_read_item(item, metadata, bool(notes["twirling"]), notes["meas_type"]) for item, metadata in pairs]
    told = {"executor": result.metadata, "options": notes.get("options"), "shots": notes.get("shots")}
    return PrimitiveResult(pubs, metadata=told)


def _notes_of(result: QuantumProgramResult) -> dict[str, Any]:
    """Return what was noted as the program was prepared.

    Raises:
        ValueError: It is not what a sampler notes.
    """
    tree = result.passthrough_data
    notes = tree.get("post_processor") if isinstance(tree, dict) else None
    if not isinstance(notes, dict) or not {"twirling", "meas_type", "circuits_metadata"} <= notes.keys():
        raise not_of("a sampler", result, "passthrough_data['post_processor'] has no notes of one")
    if notes["meas_type"] not in _ENDINGS:
        raise ValueError(f"The notes in passthrough_data say the meas_type {notes['meas_type']!r}, which nobody knows.")
    count = len(notes["circuits_metadata"])
    if count != len(result):
        raise ValueError(f"The notes in passthrough_data are of {count} PUBs, and the result of {len(result)} items.")
    return notes


def _read_item(
    item: QuantumProgramItemResult, circuit_metadata: object, twirled: bool, meas_type: str
) -> SamplerPubResult:
    """Return the result of a PUB."""
    arrays = dict(item)
    flips = {name.removeprefix(FLIPS): arrays.pop(name) for name in list(arrays) if name.startswith(FLIPS)}
    arrays.pop(_SIGNS, None)
    odd = flips.keys() - arrays.keys()
    if odd:
        raise ValueError(f"There are flips of {sorted(odd)}, but no such register.")
    read, shape, randomizations = {}, (), None
    for name, array in _of_type(arrays, meas_type).items():
        randomizations = array.shape[0] if twirled else None
        if meas_type == "classified":
            read[name] = _bits(array, flips.get(name), twirled)
            shape = read[name].shape
        elif meas_type == "kerneled":
            read[name] = _merged(array) if twirled else array
            shape = read[name].shape[:-2]
        else:
            read[name] = array.mean(axis=0) if twirled else array
            shape = read[name].shape[:-1]
    told: dict[str, Any] = {"circuit_metadata": circuit_metadata}
    if randomizations is not None:
        told["num_randomizations"] = randomizations
    compiled = compilation_of(item.metadata)
    return SamplerPubResult(DataBin(**read, shape=shape), told | ({"compilation": compiled} if compiled else {}))


def _of_type(arrays: Mapping[str, NDArray[Any]], meas_type: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of one kind of measurement, by register."""
    ending = _ENDINGS[meas_type]
    if not ending:
        return {name: array for name, array in arrays.items() if array.dtype == np.bool_}
    points = {name: array for name, array in arrays.items() if array.dtype.kind == "c"}
    named = {name.removesuffix(ending): array for name, array in points.items() if name.endswith(ending)}
    return named or points


def _bits(array: NDArray[np.bool_], flips: NDArray[np.bool_] | None, twirled: bool) -> BitArray:
    """Return bits of the shape (*shape of the PUB, shots) with flips undone, those of all randomizations together.

    Args:
        array: Shape (randomizations if twirled, *shape of the PUB, shots, bits), bit 0 first.
        flips: Shape (randomizations, *shape of the PUB, 1, bits).
        twirled: Whether there are randomizations.
    """
    # Bits are packed first: the rest takes an eighth of the time and memory.
    packed = np.packbits(array, axis=-1, bitorder="little")
    if flips is not None:
        packed ^= np.packbits(flips, axis=-1, bitorder="little")
    if twirled:
        packed = _merged(packed)
    return BitArray(np.ascontiguousarray(packed[..., ::-1]), array.shape[-1])


def _merged(array: NDArray[Any]) -> NDArray[Any]:
    """Return (randomizations, *shape, shots, last) as (*shape, shots of all, last)."""
    moved = np.moveaxis(array, 0, -3)
    return moved.reshape(*moved.shape[:-3], moved.shape[-3] * moved.shape[-2], moved.shape[-1])
