"""An estimator on the client: PUBs to a quantum program, and its result to expectation values."""

from collections.abc import Mapping, Sequence
from typing import Any

from qiskit.primitives.containers import PrimitiveResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit_mitigation import TREX

from ..bridge.result_types import EstimatorPubResult
from ..core.mitigation import Options, calibration_randomizations, read_changes
from ..exceptions import exception_for
from ..records.problem import BadArgument
from .estimator_results import read_pub, read_readout
from .estimator_tasks import add_task, boxing_arguments, noise_by_layer
from .quantum_program import QuantumProgram
from .results import QuantumProgramResult

ROLE = "estimator_v2"
"""What says that a program was prepared by an estimator."""
VERSION = "v0.1"
"""Of what travels with it for its reader."""
TASK_VERSION = "0.1"
"""Of what travels with it about its tasks."""


def prepare(
    pubs: Sequence[EstimatorPub],
    options: Options,
    *,
    shots: int,
    precision: float | None = None,
    tagged: bool = False,
) -> QuantumProgram:
    """Return what is run for PUBs: the items of each, then the calibration of the readout.

    Args:
        pubs: In Qiskit's own form.
        options: Finalized, as plain data.
        shots: Of each configuration, which is a set of parameter values in a measurement basis.
        precision: Where the shots come from, if it was asked for.
        tagged: Whether layers are marked, for a simulator that gives them noise.
    """
    twirling, resilience = options["twirling"], options["resilience"]
    randomizations, per = _spread(shots, twirling, resilience)
    program = QuantumProgram(per)
    program.semantic_role = ROLE
    boxing = boxing_arguments(options, tagged=tagged)
    noise = noise_by_layer(resilience["layer_noise_model"] or ())
    trex = TREX() if resilience["measure_mitigation"] else None
    for pub in pubs:
        add_task(program, pub, options, randomizations=randomizations, boxing=boxing, noise=noise, trex=trex)
    if trex is not None:
        calibrations = calibration_randomizations(resilience, randomizations)
        trex.prepare(calibrations, program, {"add_tags": "unique_box"} if tagged else None)
    program.passthrough_data = {
        **program.passthrough_data,
        "post_processor": {
            "version": VERSION,
            "options": _told(options),
            "shots": shots,
            "precision": precision,
            "circuits_metadata": [pub.circuit.metadata or {} for pub in pubs],
            "num_pubs": len(pubs),
        },
    }
    return program


def _spread(shots: int, twirling: Mapping[str, Any], resilience: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many randomizations are taken, and the shots of each."""
    if not (twirling["enable_gates"] or twirling["enable_measure"]):
        return 1, shots
    asked, per = twirling["num_randomizations"], twirling["shots_per_randomization"]
    if per == "auto":
        least = 64 if resilience["pec_mitigation"] else max(64, -(-shots // 32))
        per = least if asked == "auto" else -(-shots // asked)
    return (-(-shots // per) if asked == "auto" else asked), per


def _told(options: Options) -> dict[str, Any]:
    """Return options as they travel with a program: without models of noise, which are no plain data."""
    resilience = {name: value for name, value in options["resilience"].items() if name != "layer_noise_model"}
    return {**options, "resilience": resilience, "simulator": {**options["simulator"], "layer_noise_model": None}}


def post_process(result: QuantumProgramResult, options: Options | None = None) -> PrimitiveResult[EstimatorPubResult]:
    """Return expectation values from the result of a program that `prepare` made, here or in IBM's client.

    The same result may be read again with other options, without another run.

    Args:
        result: As it came; it is not changed.
        options: What is to be different from the run, as nested dictionaries. What may be: `measure_mitigation`
            (off), `zne_mitigation` (off), and of `zne` `noise_factors` (fewer of them), `extrapolator` and
            `extrapolated_noise_factors`, all of `resilience`.

    Raises:
        IBMInputValueError: An option was decided before the run, so that it cannot be changed now.
        ValueError: The result is not that of an estimator's program, or something is missing in it.

    Source: behaviour B383, B387.
    """
    told, entries = _data_of(result)
    changed = read_changes(told["options"], options or {})
    if isinstance(changed, BadArgument):
        raise exception_for(changed)
    calibration = next((entry for entry in entries if entry["mitigation"] == "trex"), None)
    mitigated = changed["resilience"]["measure_mitigation"] and calibration is not None
    readout = read_readout(calibration, result) if mitigated else None
    pubs = [read_pub(entry, result, changed, readout) for entry in entries if entry["mitigation"] != "trex"]
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
        raise ValueError("The result has no data of an estimator: passthrough_data.post_processor and .qiskit_mitigation.")
    odd = next((entry.get("version") for entry in entries if entry.get("version") != TASK_VERSION), None)
    if odd is not None or told.get("version") != VERSION:
        raise ValueError(f"The result is of an estimator of version {told.get('version')!r} with tasks of version {odd!r}.")
    return told, entries


def _used(options: Options) -> dict[str, Any]:
    """Return options without the groups of techniques that were not used."""
    resilience = options["resilience"]
    groups = {"measure_noise_learning": "measure_mitigation", "pec": "pec_mitigation", "zne": "zne_mitigation"}
    unused = {name for name, technique in groups.items() if not resilience[technique]}
    return {**options, "resilience": {name: value for name, value in resilience.items() if name not in unused}}
