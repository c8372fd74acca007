"""What of an estimator's PUB is run for each technique: tasks of `qiskit-mitigation`, and items in one program."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final, Literal

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import PauliLindbladMap
from qiskit.transpiler import TranspilerError
from qiskit_mitigation import PEA, PEC, TREX, GateFolding, MitigationTask, find_combined_unique_layers
from samplomatic import InjectNoise, Twirl
from samplomatic.exceptions import BuildError, SamplexError
from samplomatic.transpiler.passes import AddInjectNoise
from samplomatic.utils import get_annotation

from ..core.mitigation import PROJECTORS, Options, extrapolated_factors, extrapolators, noise_factors
from ..records.problem import BadArgument, NotExecutable, Problem
from .boxing import boxing_arguments
from .checks import find_empty
from .quantum_program import QuantumProgram

Kind = Literal["gates", "all"]
"""Of layers: those of gates alone, or those of measurements too."""

_FOLDING = {"gate_folding": "random", "gate_folding_front": "front", "gate_folding_back": "back"}
"""Which gates are folded once more where not all are."""
REGISTER: Final = "_meas"
"""Into which all qubits are measured."""
MOST_EXECUTIONS: Final = 10**9
"""Of an item: days on any device. More would come from noise that cannot be cancelled."""
MOST_FOLDED: Final = 10**6
"""Gates of two qubits in all the folded circuits of a PUB. As many take minutes to fold, and no device runs them."""
_FLOWS = {"box": "it has a box, and an estimator makes boxes of its own"}
_STRAIGHT = "Measure without branches and boxes, or use EstimatorV2 of qiskit_runtime_service, which runs on the server"
_TWIRL_GATES = "Set twirling.enable_gates to True, or measure at the end only"
_TRANSPILE = "Transpile it to gates that can be twirled, such as rz, sx and cz, or set twirling.enable_gates to False"


def boxing(options: Options, *, tagged: bool = False) -> dict[str, Any]:
    """Return how circuits are put into boxes, as arguments of samplomatic's boxing pass manager.

    Measurements are always in a box: that is where their basis is changed.

    Args:
        options: Finalized.
        tagged: Whether boxes have names, by which a simulation knows where noise is.
    """
    twirling = options["twirling"]
    learned = _kind_of_task(options) in (PEC, PEA)
    noise = {"inject_noise_targets": "gates", "inject_noise_strategy": "uniform_modification"} if learned else {}
    measures = {"enable_measures": True, "measure_annotations": "all" if twirling["enable_measure"] else "change_basis"}
    return {**boxing_arguments(twirling, tagged=tagged), **measures, **noise}


def _kind_of_task(options: Options) -> type[Any]:
    """Return the class of tasks that does what is wanted; all are `MitigationTask`s."""
    resilience = options["resilience"]
    kind: type[Any]
    if resilience["pec_mitigation"]:
        kind = PEC
    elif not resilience["zne_mitigation"]:
        kind = MitigationTask
    else:
        kind = PEA if resilience["zne"]["amplifier"] == "pea" else GateFolding
    return kind


def find_flaw(pubs: Sequence[EstimatorPub], options: Options) -> Problem | None:
    """Return what of a PUB an estimator cannot do with these options, if anything.

    Source: behaviour B388.
    """
    for index, pub in enumerate(pubs):
        flow = next((step.name for step in pub.circuit.data if step.is_control_flow()), None)
        if flow is not None:
            return NotExecutable(pub=index, reason=_FLOWS.get(flow, f"{flow!r} cannot be twirled"), fix=_STRAIGHT)
        if not pub.circuit.num_qubits:
            return NotExecutable(pub=index, reason="it has no qubits", fix="Take it out: there is nothing to measure")
        if any(register.name == REGISTER for register in pub.circuit.cregs):
            reason = f"its register {REGISTER!r} has the name of the one that the estimator measures into"
            return NotExecutable(pub=index, reason=reason, fix="Rename or remove the register")
        flaw_of_pub = find_empty(index, pub) or _flaw_of_folding(index, pub, options)
        if flaw_of_pub is not None:
            return flaw_of_pub
        for place in np.ndindex(pub.observables.shape):
            flaw = _flaw_of_observable(pub.observables[place], options)
            if flaw is not None:
                where = f" at {list(place)}" if place else ""
                return BadArgument(name=f"the observable{where} of pubs[{index}]", value=flaw[0], wanted=flaw[1])
    return None


def _flaw_of_folding(index: int, pub: EstimatorPub, options: Options) -> BadArgument | None:
    """Return that folded circuits would be too long, if they would."""
    zne = options["resilience"]["zne"]
    if not options["resilience"]["zne_mitigation"] or zne["amplifier"] == "pea":
        return None
    factors = noise_factors(zne)
    gates = sum(len(step.qubits) == 2 and step.name != "barrier" for step in pub.circuit.data)
    if gates * sum(factors) <= MOST_FOLDED:
        return None
    wanted = (
        f"factors that make no more than {MOST_FOLDED} of the {gates} two-qubit gates of pubs[{index}], all together"
    )
    return BadArgument(name="resilience.zne.noise_factors", value=repr(list(factors)), wanted=wanted)


def _flaw_of_observable(observable: Mapping[str, float], options: Options) -> tuple[str, str] | None:
    label = next((label for label in observable if PROJECTORS & set(label)), None)
    if label is None or not options["resilience"]["measure_mitigation"]:
        return None
    wanted = (
        "made of I, X, Y and Z where resilience.measure_mitigation is True: write projectors as sums of Pauli "
        "operators, or set it to False"
    )
    return repr(label), wanted


def add_tasks(
    program: QuantumProgram,
    pubs: Sequence[EstimatorPub],
    options: Options,
    *,
    randomizations: int,
    trex: TREX | None,
    tagged: bool = False,
) -> Problem | None:
    """Append the items of PUBs to a program, and what is to be known of them later to its data.

    Returns:
        What cannot be done, if anything.
    """
    resilience = options["resilience"]
    noise = noise_by_layer(resilience["layer_noise_model"] or ())
    kind = _kind_of_task(options)
    common = {
        "custom_boxing_options": boxing(options, tagged=tagged),
        "shots_per_randomization": program.shots,
        "num_randomizations": randomizations,
        "broadcast_obs_and_params": True,
        "trex": trex,
        "quantum_program": program,
        **_more(kind, resilience, noise, _largest_overhead(program, randomizations)),
    }
    for index, pub in enumerate(pubs):
        first = len(program.items)
        missing = _find_missing_noise(index, pub, options, noise) if kind in (PEC, PEA) else None
        if missing is not None:
            return missing
        try:
            kind().prepare(pub.circuit, pub.observables, pub.parameter_values, **common)
        except TranspilerError as reason:
            return NotExecutable(pub=index, reason=f"it cannot be put into boxes: {reason.message}", fix=_STRAIGHT)
        except (BuildError, SamplexError, ValueError) as reason:
            words = f"it cannot be put into boxes: {str(reason).rstrip('.')}"
            fix = _TRANSPILE if options["twirling"]["enable_gates"] else _TWIRL_GATES
            return NotExecutable(pub=index, reason=words, fix=fix)
        for item in program.items[first:]:
            item.circuit.name = pub.circuit.name
        over = _check_budget(index, program, randomizations, resilience["pec"]) if kind is PEC else None
        if over is not None:
            return over
    return None


def _more(
    kind: type[MitigationTask], resilience: Options, noise: Mapping[str, PauliLindbladMap], largest: float
) -> dict[str, Any]:
    """Return what a task of a kind is told beside what all are told."""
    if kind is MitigationTask:
        return {}
    if kind is PEC:
        pec = resilience["pec"]
        limit = min(pec["max_overhead"] or inf, largest)
        return {"noise_maps": noise, "noise_gain": pec["noise_gain"], "max_sampling_overhead": limit}
    zne = resilience["zne"]
    amplifier = {"noise_maps": noise} if kind is PEA else {"folding_method": _FOLDING[zne["amplifier"]]}
    return {
        "noise_factors": noise_factors(zne),
        "extrapolator": list(extrapolators(zne)),
        "extrapolated_noise_factors": list(extrapolated_factors(zne)),
        **amplifier,
    }


def _find_missing_noise(
    index: int, pub: EstimatorPub, options: Options, noise: Mapping[str, PauliLindbladMap]
) -> BadArgument | None:
    """Return which layer of a PUB has no noise, or noise of another width, if any."""
    for layer in find_layers([pub.circuit], options, "gates"):
        width = len(layer.qubits)
        qubits = sorted(pub.circuit.find_bit(qubit).index for qubit in layer.qubits)
        known = noise.get(_name_of(layer))
        if layer.operation.body.num_nonlocal_gates() and (known is None or known.num_qubits != width):
            return BadArgument(
                name="resilience.layer_noise_model",
                value=f"{len(noise)} layers, without" if known is None else f"noise of {known.num_qubits} qubits for",
                wanted=f"the noise of all layers, also of the one on qubits {qubits} of pubs[{index}]: learn those of "
                "estimator.find_unique_layers(pubs), with the same options for twirling",
            )
    return None


def _largest_overhead(program: QuantumProgram, randomizations: int) -> float:
    """Return how many times the shots of an item may grow, whatever is asked for."""
    return MOST_EXECUTIONS / (randomizations * int(program.shots))


def _check_budget(index: int, program: QuantumProgram, randomizations: int, pec: Options) -> BadArgument | None:
    """Return that to cancel the errors of a PUB takes more shots than it may, if so.

    With a gain of `auto` less is cancelled, so that it never takes more than `max_overhead`.
    """
    overhead = program.passthrough_data["qiskit_mitigation"][-1]["pec_gamma"] ** 2
    limit, largest = pec["max_overhead"] or inf, _largest_overhead(program, randomizations)
    told = f"{pec['max_overhead']} with noise_gain={pec['noise_gain']!r}"
    if overhead > limit and pec["noise_gain"] != "auto":
        wanted = f"at least {overhead:.4g}, by which the shots of pubs[{index}] grow; or leave more noise: "
        wanted += "noise_gain='auto' leaves as little as max_overhead allows"
    elif overhead > largest * (1 - 1e-9):
        wanted = f"at most {largest:.4g}, with noise_gain='auto': to cancel all noise of pubs[{index}] takes more than "
        wanted += f"{MOST_EXECUTIONS:.0e} executions"
    else:
        return None
    return BadArgument(name="resilience.pec.max_overhead", value=told, wanted=wanted)


def find_layers(
    circuits: Sequence[QuantumCircuit], options: Options, types: Kind, *, tagged: bool = False
) -> list[CircuitInstruction]:
    """Return each layer of boxes in the circuits once, as it would be run: what a noise learner is to learn."""
    layers: list[CircuitInstruction] = find_combined_unique_layers(
        list(circuits),
        [_kind_of_task(options)() for _ in circuits],
        boxing(options, tagged=tagged),
        "gates" if types == "gates" else "all",
    )
    return layers


def noise_by_layer(pairs: Sequence[tuple[CircuitInstruction, PauliLindbladMap]]) -> dict[str, PauliLindbladMap]:
    """Return the noise of layers by the names that circuits have for them.

    A layer that was found without a technique that uses its noise has no such name yet, and is given the one that it
    would have.

    Source: behaviour B384.
    """
    return {_name_of(layer): noise for layer, noise in pairs}


def _name_of(layer: CircuitInstruction) -> str:
    annotation = get_annotation(layer.operation, InjectNoise)
    if annotation is None and get_annotation(layer.operation, Twirl) is not None:
        circuit = QuantumCircuit(list(layer.qubits), list(layer.clbits))
        circuit.append(layer)
        (named,) = AddInjectNoise(targets="all")(circuit)
        annotation = get_annotation(named.operation, InjectNoise)
    return "" if annotation is None else str(annotation.ref)
