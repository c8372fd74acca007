"""Noise learning on the executor: the quantum program that finds the noise of boxes, and what its result says of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
import xarray as xr
from numpy.typing import NDArray
from qiskit.circuit import CircuitInstruction
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2
from qiskit.quantum_info import PauliLindbladMap, QubitSparsePauliList
from qiskit.transpiler import PassManager
from qiskit_mitigation.postselection.passes import (
    AddPostCircuitNonMarkovianErrorChecks,
    AddPreCircuitNonMarkovianErrorChecks,
    AddSpectatorPostCircuitNonMarkovianErrorChecks,
    AddSpectatorPreCircuitNonMarkovianErrorChecks,
)
from qiskit_noise_learning.analysis import AnalysisPipeline, AnalysisStage
from qiskit_noise_learning.analysis.fit import Fit
from qiskit_noise_learning.data import RawData
from qiskit_noise_learning.protocols import prepare_vanilla_program, process_vanilla_result

from ..bridge.learned_noise import NoiseLearnerV3Result, NoiseLearnerV3Results
from .quantum_program import QuantumProgram
from .results import Begin, QuantumProgramResult, check_flip_shapes

ROLE: Final = "noise_learner_v3"
VERSION: Final = "v0.1"
"""Of what the client writes into the data that comes back with the result."""
_CIRCUIT: Final = 100.0
"""Steps for a circuit whose bits become values of observables."""
_PRE, _POST = "_pre", "_ps"
"""How registers of checks before and after the circuit end."""


def prepare(boxes: Sequence[CircuitInstruction], options: Mapping[str, Any], backend: BackendV2) -> QuantumProgram:
    """Return the quantum program that finds the noise of boxes, one item for each depth.

    Args:
        boxes: What was checked already.
        options: Those of the learner, as plain data.
        backend: Whose gates there are.

    Source: behaviour B402.
    """
    made = prepare_vanilla_program(
        backend,
        list(boxes),
        num_randomizations=options["num_randomizations"],
        shots_per_randomization=options["shots_per_randomization"],
        fragment_depths=options["layer_pair_depths"],
        pass_manager=_checking(options["bit_flip_checks"], backend),
    )
    program = QuantumProgram.from_(made)
    # The noise that a simulator is given has no form there, and nothing reads it.
    told = {**options, "simulator": {**options["simulator"], "layer_noise_model": None}}
    program.passthrough_data = {**made.passthrough_data, "post_processor": {"version": VERSION, "options": told}}
    program.semantic_role = ROLE
    return program


def without_pulses(pub: SamplerPub, pulses: Collection[str]) -> SamplerPub:
    """Return a PUB whose circuit is without the pulses of checks, which a device may have beside its gates."""
    if not pulses:
        return pub
    circuit = pub.circuit.copy_empty_like()
    for step in pub.circuit.data:
        if step.name not in pulses:
            circuit.append(step)
    return SamplerPub(circuit, pub.parameter_values, pub.shots)


def _checking(checks: Mapping[str, Any], backend: BackendV2) -> PassManager | None:
    """Return what puts checks for flipped bits around each circuit, on its qubits and on those next to them.

    Source: behaviour B404.
    """
    before, after = checks["pre_circuit"], checks["post_circuit"]
    passes: list[Any] = []
    if before["enable"]:
        pulse = before["x_pulse_type"]
        passes.append(AddPreCircuitNonMarkovianErrorChecks(pulse))
        passes.append(AddSpectatorPreCircuitNonMarkovianErrorChecks(backend.coupling_map, pulse))
    if after["enable"]:
        pulse = after["x_pulse_type"]
        passes.append(AddPostCircuitNonMarkovianErrorChecks(pulse))
        passes.append(AddSpectatorPostCircuitNonMarkovianErrorChecks(backend.coupling_map, pulse))
    return PassManager(passes) if passes else None


def post_process(result: QuantumProgramResult, *, begin: Begin | None = None) -> NoiseLearnerV3Results:
    """Return the noise that the result of such a program says there is, in the order of the boxes.

    Args:
        result: As the program answered. It stays as it is.
        begin: Told how long that takes at least: the library walks through it by itself.

    Raises:
        ValueError: The result is not that of such a program, or the noise cannot be told from it.

    Source: behaviour B402, B404, B412.
    """
    check_flip_shapes(result)
    _check_places(result.passthrough_data)
    if begin is not None:
        begin("the noise of boxes", _CIRCUIT * sum(len(array) for item in result for array in item.values()))
    maps, names, fit = process_vanilla_result(result, _selecting(result.passthrough_data))
    return NoiseLearnerV3Results(_of_map(noise, name, fit) for noise, name in zip(maps, names, strict=True))


def _of_map(noise: PauliLindbladMap, name: str, fit: Fit) -> NoiseLearnerV3Result:
    terms = noise.to_sparse_list()
    generators = [QubitSparsePauliList.from_sparse_list([(p, q)], noise.num_qubits) for p, q, _ in terms]
    found = fit.model_data.dataset
    variances = np.diag(found["covariance"].values)
    errors = [
        float(np.sqrt(max(variance, 0.0)))
        for index, variance in zip(found["parameter_index"].values, variances, strict=True)
        if index.gate_name == name
    ]
    return NoiseLearnerV3Result(
        generators, [rate for _, _, rate in terms], errors if len(errors) == len(terms) else None
    )


_MOST_PLACES: Final = 100_000
"""Beyond any device. A graph of qubits has a place for each number up to the largest."""


def _check_places(tree: Any) -> None:
    """Refuse a model whose numbers are beyond all devices: who builds its graph would end the process.

    Raises:
        ValueError: One is.

    Source: behaviour B412.
    """
    told = tree.get("qiskit_noise_learning") if isinstance(tree, dict) else None
    model = told.get("model") if isinstance(told, dict) else None
    for name, value in model.items() if isinstance(model, dict) else ():
        counts = isinstance(value, np.ndarray) and value.dtype.kind in "iu" and value.size
        largest = value.max() if counts else value if isinstance(value, int) else 0
        if largest > _MOST_PLACES:
            raise ValueError(f"The model says {largest} as {name}, more than {_MOST_PLACES}.")


# Shots in which a bit flipped


def _selecting(tree: Any) -> AnalysisStage | None:
    """Return what leaves out shots in which checks found flipped bits, as the options of the learner say."""
    told = tree.get("post_processor") if isinstance(tree, dict) else None
    options = told.get("options") if isinstance(told, dict) else None
    checks = options.get("bit_flip_checks", {}) if isinstance(options, dict) else {}
    stages = [
        WithoutFlips(suffix, strategy=check.get("strategy", "node"))
        for suffix, check in ((_PRE, checks.get("pre_circuit", {})), (_POST, checks.get("post_circuit", {})))
        if check.get("enable")
    ]
    return AnalysisPipeline(*stages) if stages else None


class WithoutFlips(AnalysisStage):  # type: ignore[misc]  # the library has no types
    """Leave out shots in which a check failed: of one qubit (`node`), or of two that are coupled (`edge`).

    A check before the circuit failed where it read 1, one after it where it read again what the circuit read.
    """

    input_level = RawData
    output_level = RawData

    def __init__(self, suffix: str, *, strategy: str) -> None:
        self.suffix, self.strategy = suffix, strategy

    def _run(self, fit: Fit) -> None:
        coupled = fit.model.gate_set.coupling_map.graph.to_undirected(multigraph=False)

        def mask(dataset: xr.Dataset) -> xr.Dataset:
            if "data" not in dataset:
                return dataset
            checked = self._failed(dataset)
            lost = dataset["data_mask"].values.copy()
            if self.strategy == "node":
                for failed in checked.values():
                    lost |= failed
            else:
                for one, other in combinations(checked, 2):
                    if coupled.has_edge(one, other):
                        lost |= checked[one] & checked[other]
            return dataset.assign(data_mask=xr.DataArray(lost, dims=["randomization", "shot"]))

        fit[RawData] = RawData(fit.raw_data.datatree.map_over_datasets(mask))

    def _failed(self, dataset: xr.Dataset) -> dict[int, NDArray[np.bool_]]:
        """Return by qubit in which shots its check failed, shape (randomizations, shots)."""
        bits = {
            name: dataset["data"].values[:, :, slice(*dataset.attrs["creg_bit_boundaries"][name])]
            for name in dataset.attrs["creg_names"]
        }
        checks = [name for name in bits if name.endswith(self.suffix)]
        read = {
            name: bits[name.removesuffix(_POST)] == bits[name] if self.suffix == _POST else bits[name]
            for name in checks
        }
        places: Mapping[str, Iterable[int]] = dataset.attrs["clbit_qubit_idxs"]
        return {
            int(qubit): failed[:, :, place] for name, failed in read.items() for place, qubit in enumerate(places[name])
        }
