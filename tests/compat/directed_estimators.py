"""Runs of estimators of directed execution that two clients are to submit and to read alike: PUBs and options.

Needs Qiskit only, so that both clients can be led through them. As a script it leads IBM's client, in the environment
of that client. It reads `{"base", "key", "instance", "backend", "task"}` from standard input. For the task `submit` or
`refused` it prints an object from the name of each run to the empty text, or to the exception; for `run` to the id and
the result of its job as plain data; for `read`, and `jobs` from names to ids, to the results of those jobs.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliLindbladMap, SparsePauliOp

WIDTH = 5
A, B = (Parameter(name, uuid=UUID(int=number)) for number, name in enumerate("ab"))
Options = Callable[[Any, Any], dict[str, Any]]
"""From the class of an estimator and a backend to options."""


class Run(NamedTuple):
    """One run of an estimator."""

    pubs: Callable[[], Any]
    options: Options
    arguments: dict[str, Any]


# Circuits, as a line of five qubits with rz, sx, x and cz can run them


def bell(width: int = WIDTH) -> QuantumCircuit:
    """Return two qubits, with metadata."""
    circuit = QuantumCircuit(width, name="bell")
    circuit.metadata = {"who": 1}
    circuit.sx(0)
    circuit.rz(0.3, 0)
    circuit.cz(0, 1)
    circuit.sx(1)
    return circuit


def turned() -> QuantumCircuit:
    """Return a circuit with parameters."""
    circuit = bell()
    circuit.name = "turned"
    circuit.rz(B, 0)
    circuit.sx(0)
    circuit.rz(A, 1)
    circuit.sx(1)
    circuit.cz(0, 1)
    return circuit


def layered() -> QuantumCircuit:
    """Return a circuit with three kinds of layers."""
    circuit = bell()
    for pair in ((1, 2), (2, 3), (0, 1), (1, 2)):
        circuit.cz(*pair)
        circuit.sx(pair[0])
    return circuit


def measured() -> QuantumCircuit:
    """Return a circuit that is measured, at its end."""
    circuit = bell()
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.measure([0, 1], [0, 1])
    return circuit


def in_the_middle() -> QuantumCircuit:
    """Return a circuit that is measured in the middle."""
    circuit = QuantumCircuit(WIDTH, 2)
    circuit.sx(0)
    circuit.measure(0, 0)
    circuit.sx(0)
    circuit.cz(0, 1)
    return circuit


def branched() -> QuantumCircuit:
    """Return a circuit with a branch."""
    circuit = in_the_middle()
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    return circuit


def boxed() -> QuantumCircuit:
    """Return a circuit with a box."""
    circuit = QuantumCircuit(WIDTH)
    with circuit.box():
        circuit.cz(0, 1)
    return circuit


def taken() -> QuantumCircuit:
    """Return a circuit with the name of the estimator's own register."""
    return QuantumCircuit(QuantumRegister(WIDTH, "q"), ClassicalRegister(2, "_meas"))


def one() -> Any:
    """Return one PUB."""
    return [(bell(), ["IIIZZ", "IIIXX"])]


def two() -> Any:
    """Return a sum of terms, and observables against values."""
    values = np.arange(6).reshape(3, 2) / 5
    return [
        (bell(), SparsePauliOp(["IIIZZ", "IIIII", "IIIXX"], [1, 0.5, 0.25])),
        (turned(), [["IIIZZ"], ["IIIXX"]], values),
    ]


def layers() -> Any:
    """Return a PUB with several layers."""
    return [(layered(), ["IIZZZ", "IIIXX"])]


# Options


def run(
    pubs: Callable[[], Any] = one, *, level: int = 1, arguments: dict[str, Any] | None = None, **options: Any
) -> Run:
    """Return a run with these options."""
    return Run(pubs, lambda _, __: {"resilience_level": level, **options}, arguments or {})


def mitigated(pubs: Callable[[], Any] = one, *, level: int = 1, twirling: Any = None, **resilience: Any) -> Run:
    """Return a run with options of resilience."""
    return run(pubs, level=level, resilience=resilience, twirling=twirling or {})


def learned(pubs: Callable[[], Any] = layers, *, level: int = 1, twirling: Any = None, **resilience: Any) -> Run:
    """Return a run that knows the noise of its layers."""

    def options(estimator: Any, backend: Any) -> dict[str, Any]:
        found = estimator(backend, options={"resilience": {"pec_mitigation": True}}).find_unique_layers(pubs())
        known = []
        for layer in found:
            terms = [("XX", [0, 1], 0.002), ("Z", [0], 0.001), ("Y", [len(layer.qubits) - 1], 0.0015)]
            known.append((layer, PauliLindbladMap.from_sparse_list(terms, len(layer.qubits))))
        return {
            "resilience_level": level,
            "twirling": twirling or {},
            "resilience": {"layer_noise_model": known, **resilience},
        }

    return Run(pubs, options, {})


def zne(**options: Any) -> dict[str, Any]:
    """Return options of an extrapolation that is on."""
    return {"zne_mitigation": True, "zne": options}


PEA = zne(amplifier="pea")
FEW = {"num_randomizations": 4, "shots_per_randomization": 16}

RUNS = {
    "default": run(),
    "two pubs": run(two),
    "level 0": run(level=0),
    "level 0, two pubs": run(two, level=0),
    "level 2": run(level=2),
    "level 2, two pubs": run(two, level=2),
    "level 2, layers": run(layers, level=2),
    "own precision": run(lambda: [(bell(), "IIIZZ", None, 0.05)]),
    "precision of the call": run(arguments={"precision": 0.1}),
    "precision over shots": run(default_shots=500, arguments={"precision": 0.1}),
    "precision of both": run(lambda: [(bell(), "IIIZZ", None, 0.05), (bell(), "IIIZZ")], arguments={"precision": 0.05}),
    "default precision": run(default_precision=0.1),
    "shots": run(default_shots=1000),
    "shots at level 0": run(level=0, default_shots=1000),
    "both numbers": run(twirling={"enable_gates": True, **FEW}, default_shots=100),
    "randomizations": run(twirling={"enable_gates": True, "num_randomizations": 7}, default_shots=100),
    "shots of a randomization": run(twirling={"enable_gates": True, "shots_per_randomization": 7}, default_shots=100),
    "gates at level 0": run(level=0, twirling={"enable_gates": True}),
    "measurements at level 0": run(level=0, twirling={"enable_measure": True}),
    "no measurements": mitigated(twirling={"enable_measure": False}, measure_mitigation=False),
    "measurements all the same": mitigated(twirling={"enable_measure": False}),
    "twirled but not calibrated": mitigated(measure_mitigation=False),
    "calibrated at level 0": mitigated(level=0, measure_mitigation=True),
    "calibration in numbers": mitigated(measure_noise_learning={"num_randomizations": 11}),
    "calibration as twirled": mitigated(twirling={"num_randomizations": 9}),
    "strategy all": run(layers, level=2, twirling={"strategy": "all"}),
    "strategy active": run(layers, level=2, twirling={"strategy": "active"}),
    "strategy of the circuit": run(layers, level=2, twirling={"strategy": "active-circuit"}),
    "group local_c1": run(two, level=2, twirling={"group": "local_c1"}),
    "group balanced_pauli": run(level=2, twirling={"group": "balanced_pauli"}),
    "extrapolation at level 0": mitigated(level=0, **zne()),
    "folded in front": mitigated(layers, **zne(amplifier="gate_folding_front", noise_factors=[1, 1.5, 2])),
    "folded at the back": mitigated(layers, **zne(amplifier="gate_folding_back", noise_factors=[1, 1.5, 2])),
    "factors": mitigated(two, **zne(noise_factors=(1, 3), extrapolator="linear", extrapolated_noise_factors=[0, 0.5])),
    "models": mitigated(**zne(noise_factors=[1, 3, 5, 7], extrapolator=["polynomial_degree_3", "fallback", "linear"])),
    "two exponentials": mitigated(
        **zne(noise_factors=[1, 3, 5, 7], extrapolator=["double_exponential", "exponential"])
    ),
    "amplified": learned(**PEA),
    "amplified at level 0": learned(level=0, **PEA),
    "amplified in numbers": learned(two, twirling=FEW, **zne(amplifier="pea", noise_factors=[1, 2, 4])),
    "cancelled": learned(pec_mitigation=True),
    "cancelled at level 0": learned(level=0, pec_mitigation=True),
    "cancelled at level 2": learned(level=2, pec_mitigation=True, zne_mitigation=False),
    "cancelled, two pubs": learned(two, twirling=FEW, pec_mitigation=True),
    "cancelled, randomizations": learned(twirling={"num_randomizations": 10}, pec_mitigation=True),
    "cancelled, shots": learned(twirling={"shots_per_randomization": 20}, pec_mitigation=True),
    "cancelled in part": learned(pec_mitigation=True, pec={"noise_gain": 0.5}),
    "cancelled within a limit": learned(pec_mitigation=True, pec={"max_overhead": 1.01}),
    "cancelled without limit": learned(pec_mitigation=True, pec={"max_overhead": None}),
    "cancelled, not calibrated": learned(pec_mitigation=True, measure_mitigation=False),
    "decoupled": run(layers, dynamical_decoupling={"enable": True}),
    "decoupled XY4": run(layers, level=0, dynamical_decoupling={"enable": True, "sequence_type": "XY4"}),
    "decoupled and folded": run(layers, level=2, dynamical_decoupling={"enable": True, "sequence_type": "XpXm"}),
    "a projector": run(lambda: [(bell(), ["IIIZ0", "II1+r"])], level=0),
    "the identity": run(lambda: [(bell(), "IIIII")]),
    "measured before": run(lambda: [(measured(), "IIIZZ")]),
    "measured in the middle": run(lambda: [(in_the_middle(), "IIIZZ")], level=2),
    "small": run(lambda: [(bell(2), "ZZ"), (bell(), "IIIZZ")]),
    "values in two dimensions": run(lambda: [(turned(), "IIIZZ", np.arange(8).reshape(2, 2, 2) / 9)], level=2),
    "options of execution": run(execution={"scheduler_timing": True, "init_qubits": False, "rep_delay": 0.0001}),
    "options of stretches": run(level=2, execution={"stretch_values": True, "scheduler_timing": True}),
    "experimental": run(experimental={"execution": {"fast": True}, "x": 1}),
    "environment": run(environment={"job_tags": ["a"], "private": True, "image": "a:b"}, max_execution_time=50),
    "too few factors, not used": run(
        resilience={"zne": {"noise_factors": [1, 3], "extrapolator": ["double_exponential"]}}
    ),
}

RESULTS = (
    "default",
    "two pubs",
    "level 0, two pubs",
    "level 2",
    "level 2, two pubs",
    "factors",
    "models",
    "calibrated at level 0",
    "amplified in numbers",
    "cancelled, two pubs",
    "cancelled, not calibrated",
    "a projector",
    "values in two dimensions",
    "options of stretches",
)
"""Of which runs the results are read, too."""

REFUSED = {
    "no pubs": run(list),
    "a circuit for pubs": run(bell),
    "no observables": run(lambda: [bell()]),
    "an observable of another width": run(lambda: [(bell(), "ZZ")]),
    "imaginary": run(lambda: [(bell(), {"IIIZZ": 1j})]),
    "no values": run(lambda: [(turned(), "IIIZZ")]),
    "different precisions": run(lambda: [(bell(), "IIIZZ", None, 0.05), (bell(), "IIIZZ", None, 0.1)]),
    "a precision and none": run(lambda: [(bell(), "IIIZZ", None, 0.05), (bell(), "IIIZZ")]),
    "a precision of 0": run(arguments={"precision": 0}),
    "a precision below 0": run(arguments={"precision": -1}),
    "a precision as a text": run(arguments={"precision": "0.1"}),
    "a box": run(lambda: [(bell(), "IIIZZ"), (boxed(), "IIIZZ")], level=0),
    "a branch": run(lambda: [(branched(), "IIIZZ")]),
    "a branch at level 0": run(lambda: [(branched(), "IIIZZ")], level=0),
    "a name that is taken": run(lambda: [(taken(), "IIIZZ")]),
    "a gate between twirled measurements": run(lambda: [(in_the_middle(), "IIIZZ")]),
    "a projector to be calibrated": run(lambda: [(bell(), ["IIIZZ", "IIIZ0"])]),
    "cancelled and extrapolated": learned(pec_mitigation=True, zne_mitigation=True),
    "cancelled and extrapolated by level": learned(level=2, pec_mitigation=True),
    "cancelled without noise": mitigated(pec_mitigation=True),
    "amplified without noise": mitigated(**PEA),
    "cancelled without a layer": mitigated(layers, pec_mitigation=True, layer_noise_model=[]),
    "too few factors": mitigated(**zne(noise_factors=[1, 3], extrapolator=["double_exponential"])),
    "one factor": mitigated(**zne(noise_factors=[1])),
    "factors below 1": mitigated(**zne(noise_factors=[0.5, 3])),
    "an unknown model": mitigated(**zne(extrapolator="cubic")),
    "an unknown option": run(resilience={"zne": {"factors": [1, 3]}}),
}
REFUSED_BY_US = {
    "no shots": run(default_shots=0),
    "more qubits than there are": run(lambda: [(bell(7), "IIIIIZZ")]),
    "a pair that is not coupled": run(lambda: [((lambda c: (c.cz(0, 2), c)[1])(bell()), "IIIZZ")]),
    "over the budget": learned(pec_mitigation=True, pec={"noise_gain": 0, "max_overhead": 1.01}),
    "no observables at all": run(lambda: [(bell(), [])]),
}
"""What IBM's client does not refuse as such: it is sent, or fails in another way."""


def submit_all(estimator: Any, backend: Any, runs: dict[str, Run]) -> Iterator[tuple[str, str]]:
    """Submit every run; yield its name, and nothing or the name of what was raised."""
    for name in runs:
        try:
            submit(estimator, backend, runs[name])
        except Exception as error:  # noqa: BLE001  # whatever a client raises is its answer
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, ""


def submit(estimator: Any, backend: Any, one_run: Run) -> Any:
    """Submit a run; return its job."""
    options = one_run.options(estimator, backend)
    return estimator(mode=backend, options=options).run(one_run.pubs(), **one_run.arguments)


def plain_result(result: Any) -> Any:
    """Return the result of an estimator as plain data."""
    pubs = [[{name: _plain(np.asarray(pub.data[name])) for name in pub.data}, _plain(pub.metadata)] for pub in result]
    told = {name: value for name, value in result.metadata.items() if name != "executor"}
    return [pubs, _plain(told), sorted(result.metadata)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        # JSON has no infinity.
        texts = [str(item) if value.dtype.kind == "U" else float(item).hex() for item in value.reshape(-1)]
        return {"shape": list(value.shape), "values": texts}
    return value if isinstance(value, str | int | float | None) else _plain(vars(value))


def main() -> None:
    """Lead IBM's client through all runs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base, task = question["base"], question["task"]
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import QiskitRuntimeService
    from qiskit_ibm_runtime.executor_estimator import EstimatorV2

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    backend = service.backend(question["backend"])
    if task == "run":
        jobs = {name: submit(EstimatorV2, backend, RUNS[name]) for name in RESULTS}
        print(json.dumps({name: [job.job_id(), plain_result(job.result())] for name, job in jobs.items()}))
    elif task == "read":
        ids = question["jobs"]
        print(json.dumps({name: plain_result(service.job(job_id).result()) for name, job_id in ids.items()}))
    else:
        print(json.dumps(dict(submit_all(EstimatorV2, backend, RUNS if task == "submit" else REFUSED))))


if __name__ == "__main__":
    main()
