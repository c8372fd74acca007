"""An estimator on the client: PUBs to a quantum program, and its result to expectation values."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives.containers import PrimitiveResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.transpiler import PassManager, Target
from qiskit_mitigation import TREX
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from ..bridge.result_types import EstimatorPubResult
from ..core.mitigation import Options, calibration_randomizations, find_conflict, read_changes
from ..core.randomizations import FEWEST_SHOTS, Spread, spread_shots
from ..exceptions import exception_for
from ..records.problem import BadArgument, Problem
from .decoupling import decouple, decoupler
from .estimator_results import check_flips, read_pub, read_readout, work_of
from .estimator_tasks import add_tasks, find_flaw
from .quantum_program import QuantumProgram
from .results import Begin, QuantumProgramResult, check_flip_shapes, not_of

ROLE = "estimator_v2"
"""What says that a program was prepared by an estimator."""
VERSION = "v0.1"
"""Of what travels with it for its reader."""
TASK_VERSION = "0.1"
"""Of what travels with it about its tasks."""


def prepare(
    pubs: Sequence[EstimatorPub],
    options: Options,
    shots: int,
    target: Target | None,
    *,
    precision: float | None = None,
    tagged: bool = False,
) -> Result[QuantumProgram, Problem]:
    """Return what is run for PUBs: the items of each, then the calibration of the readout.

    Args:
        pubs: At least one.
        options: All options, finalized, as a dictionary.
        shots: Of each configuration, which is a set of parameter values in a measurement basis.
        target: The device, which dynamical decoupling needs.
        precision: Where the shots come from, if it was asked for.
        tagged: Whether the layers have names, by which a simulation knows where noise is.

    Fails with:
        BadArgument: Options that do not go together, or with the PUBs or the device.
        NotExecutable: A circuit has something that the options do not go with.

    Source: behaviour B381, B388.
    """
    problem = find_conflict(options) or find_flaw(pubs, options) or _find_unknown_times(options, target)
    if problem is not None:
        return Failure(problem)
    spread = _spread(shots, options)
    program = QuantumProgram(spread.shots)
    program.semantic_role = ROLE
    trex = TREX() if options["resilience"]["measure_mitigation"] else None
    problem = add_tasks(program, pubs, options, randomizations=spread.randomizations, trex=trex, tagged=tagged)
    if problem is not None:
        return Failure(problem)
    if trex is not None:
        calibrations = calibration_randomizations(options["resilience"], spread.randomizations)
        trex.prepare(calibrations, program, {"add_tags": "unique_box"} if tagged else None)
        program.items[-1].circuit.name = "readout"
    program.passthrough_data["post_processor"] = {
        "version": VERSION,
        "options": _told(options),
        "shots": shots,
        "precision": precision,
        "circuits_metadata": [pub.circuit.metadata or {} for pub in pubs],
        "num_pubs": len(pubs),
    }
    decoupling = options["dynamical_decoupling"]
    if not decoupling["enable"] or target is None:
        return Success(program)
    return _decoupled(program, decoupler(target, decoupling))


def items_of(entry: Mapping[str, Any]) -> range:
    """Return which items of a program belong to one of its tasks, as what travels with it about the task says."""
    first = entry["program_item_index"]
    return range(first, first + (len(entry["noise_factors"]) if entry["mitigation"] == "gate_folding" else 1))


def part_of(program: QuantumProgram, pubs: slice) -> QuantumProgram:
    """Return the program of some of the PUBs that an estimator has prepared a program for.

    Each has the calibration of the readout, if the whole has one: bits are read as they were read in their own job.

    Source: behaviour B407.
    """
    tree = program.passthrough_data
    entries = tree["qiskit_mitigation"]
    told = tree["post_processor"]
    metadata = told["circuits_metadata"]
    part = copy(program)
    part.items, tasks = [], []
    for entry in (*entries[: len(metadata)][pubs], *entries[len(metadata) :]):
        tasks.append({**entry, "program_item_index": len(part.items)})
        part.items += [program.items[index] for index in items_of(entry)]
    told = {**told, "circuits_metadata": metadata[pubs], "num_pubs": len(metadata[pubs])}
    part.passthrough_data = {**tree, "qiskit_mitigation": tasks, "post_processor": told}
    return part


def _find_unknown_times(options: Options, target: Target | None) -> BadArgument | None:
    if options["dynamical_decoupling"]["enable"] and (target is None or target.dt is None):
        wanted = "False on a backend that does not tell how long its gates take"
        return BadArgument(name="dynamical_decoupling.enable", value="True", wanted=wanted)
    return None


def _spread(shots: int, options: Options) -> Spread:
    twirling = options["twirling"]
    if not (twirling["enable_gates"] or twirling["enable_measure"]):
        return Spread(1, shots)
    asked, each = twirling["num_randomizations"], twirling["shots_per_randomization"]
    if options["resilience"]["pec_mitigation"] and asked == each == "auto":
        each = FEWEST_SHOTS  # What cancels errors needs many randomizations rather than many shots of each.
    return spread_shots(shots, asked, each)


def _decoupled(program: QuantumProgram, by: PassManager) -> Result[QuantumProgram, Problem]:
    for item in program.items:
        padded = decouple(item.circuit, by)
        if not is_successful(padded):
            wanted = f"False, or other circuits: one cannot be decoupled, for {padded.failure()}"
            return Failure(BadArgument(name="dynamical_decoupling.enable", value="True", wanted=wanted))
        item.circuit = padded.unwrap()
    return Success(program)


def _told(options: Options) -> dict[str, Any]:
    """Return options as they travel with a program: without models of noise, which are no plain data."""
    resilience = {name: value for name, value in options["resilience"].items() if name != "layer_noise_model"}
    return {**options, "resilience": resilience, "simulator": {**options["simulator"], "layer_noise_model": None}}


def post_process(
    result: QuantumProgramResult, options: Options | None = None, *, begin: Begin | None = None
) -> PrimitiveResult[EstimatorPubResult]:
    """Return expectation values from the result of a program that `prepare` made, here or in IBM's client.

    The same result may be read again with other options, without another run.

    Args:
        result: As it came; it is not changed.
        options: What is to be different from the run, as nested dictionaries. What may be: `measure_mitigation`
            (off), `zne_mitigation` (off), and of `zne` `noise_factors` (fewer of them), `extrapolator` and
            `extrapolated_noise_factors`, all of `resilience`.
        begin: Told of each PUB, before it is read, how long that takes.

    Raises:
        IBMInputValueError: An option was decided before the run, so that it cannot be changed now.
        ValueError: The result is not that of an estimator's program, or something is missing in it.

    Source: behaviour B383, B387, B412.
    """
    check_flip_shapes(result)
    told, entries = _data_of(result)
    if told["options"].get("twirling", {}).get("enable_measure"):
        check_flips(result)
    changed = read_changes(told["options"], options or {})
    if isinstance(changed, BadArgument):
        raise exception_for(changed)
    calibration = next((entry for entry in entries if entry["mitigation"] == "trex"), None)
    mitigated = changed["resilience"]["measure_mitigation"]
    readout = None if calibration is None or not mitigated else read_readout(calibration, result)
    pubs = []
    for entry in entries:
        if entry["mitigation"] == "trex":
            continue
        if begin is not None:
            begin("the expectation values of a PUB", work_of(entry, result, changed))
        pubs.append(read_pub(entry, result, changed, readout))
    metadata = {
        "options": _used(changed),
        "target_precision": told["precision"],
        "shots": told["shots"],
        "executor": result.metadata,
    }
    return PrimitiveResult(pubs, metadata)


def _data_of(result: QuantumProgramResult) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """Return what travelled with a program for its reader, and about each of its tasks."""
    tree = result.passthrough_data
    told = tree.get("post_processor") if isinstance(tree, dict) else None
    entries = tree.get("qiskit_mitigation") if isinstance(tree, dict) else None
    if not isinstance(told, dict) or not isinstance(entries, list):
        raise not_of("an estimator", result, "passthrough_data.post_processor and .qiskit_mitigation")
    odd = next((entry.get("version") for entry in entries if entry.get("version") != TASK_VERSION), None)
    if odd is not None or told.get("version") != VERSION:
        raise ValueError(
            f"The result is of an estimator of version {told.get('version')!r} with tasks of version {odd!r}."
        )
    return told, entries


def _used(options: Options) -> dict[str, Any]:
    """Return options without the groups of techniques that were not used."""
    resilience = options["resilience"]
    groups = {"measure_noise_learning": "measure_mitigation", "pec": "pec_mitigation", "zne": "zne_mitigation"}
    unused = {name for name, technique in groups.items() if not resilience[technique]}
    return {**options, "resilience": {name: value for name, value in resilience.items() if name not in unused}}
