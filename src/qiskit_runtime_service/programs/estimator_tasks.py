"""What of an estimator's PUB is run for each technique: tasks of `qiskit-mitigation`, and their items in one program."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import PauliLindbladMap
from qiskit_mitigation import PEA, PEC, TREX, GateFolding, MitigationTask, find_combined_unique_layers
from samplomatic import InjectNoise, Twirl
from samplomatic.transpiler.passes import AddInjectNoise
from samplomatic.utils import get_annotation

from ..core.mitigation import Options, extrapolated_factors, extrapolators, noise_factors
from .quantum_program import QuantumProgram

Kind = Literal["gates", "all"]
"""Of layers: those of gates alone, or those of measurements too."""

_FOLDING = {"gate_folding": "random", "gate_folding_front": "front", "gate_folding_back": "back"}
"""Which gates are folded once more where not all are."""


def boxing_arguments(options: Options, *, tagged: bool = False) -> dict[str, Any]:
    """Return how circuits are put into boxes, as arguments of samplomatic's `generate_boxing_pass_manager`.

    Args:
        options: Finalized.
        tagged: Whether each box is to be known by a tag.
    """
    twirling, resilience = options["twirling"], options["resilience"]
    learned = resilience["pec_mitigation"] or _amplifier(resilience) == "pea"
    noise = {"inject_noise_targets": "gates", "inject_noise_strategy": "uniform_modification"} if learned else {}
    return {
        "enable_gates": twirling["enable_gates"],
        "enable_measures": True,
        "measure_annotations": "all" if twirling["enable_measure"] else "change_basis",
        "twirling_strategy": twirling["strategy"].replace("-", "_"),
        "twirling_group": twirling["group"],
        **noise,
        **({"add_tags": "unique_box"} if tagged else {}),
    }


def _amplifier(resilience: Options) -> str | None:
    amplifier: str | None = resilience["zne"]["amplifier"] if resilience["zne_mitigation"] else None
    return amplifier


def _kind_of_task(options: Options) -> type[MitigationTask]:
    resilience = options["resilience"]
    if resilience["pec_mitigation"]:
        return PEC
    amplifier = _amplifier(resilience)
    return MitigationTask if amplifier is None else PEA if amplifier == "pea" else GateFolding


def add_task(
    program: QuantumProgram,
    pub: EstimatorPub,
    options: Options,
    *,
    randomizations: int,
    boxing: Mapping[str, Any],
    noise: Mapping[str, PauliLindbladMap],
    trex: TREX | None,
) -> None:
    """Append the items of a PUB to a program, and what is to be known of them later to its data.

    Raises:
        ValueError, QiskitError, SamplexBuildError: The circuit cannot be put into boxes, or a layer has no noise.
    """
    resilience = options["resilience"]
    kind = _kind_of_task(options)
    more: dict[str, Any] = {}
    if kind is PEC:
        pec = resilience["pec"]
        more = {"noise_maps": noise, "noise_gain": pec["noise_gain"], "max_sampling_overhead": pec["max_overhead"]}
    elif kind is not MitigationTask:
        zne = resilience["zne"]
        more = {
            "noise_factors": noise_factors(zne),
            "extrapolator": list(extrapolators(zne)),
            "extrapolated_noise_factors": list(extrapolated_factors(zne)),
            **({"noise_maps": noise} if kind is PEA else {"folding_method": _FOLDING[zne["amplifier"]]}),
        }
    kind().prepare(
        circuit=pub.circuit,
        observables=pub.observables,
        parameters=pub.parameter_values,
        custom_boxing_options=dict(boxing),
        shots_per_randomization=program.shots,
        num_randomizations=randomizations,
        broadcast_obs_and_params=True,
        trex=trex,
        quantum_program=program,
        **more,
    )


def find_layers(circuits: Sequence[QuantumCircuit], options: Options, types: Kind, *, tagged: bool = False) -> list[CircuitInstruction]:
    """Return each layer of boxes in the circuits once, as it would be run: what a noise learner is to learn."""
    layers: list[CircuitInstruction] = find_combined_unique_layers(
        list(circuits),
        [_kind_of_task(options)() for _ in circuits],
        boxing_arguments(options, tagged=tagged),
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
