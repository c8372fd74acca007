"""Runs of primitives that two clients are to submit alike: forms of PUBs, and options.

Needs Qiskit and its simulator only, so that both clients can be led through them. As a script it leads IBM's client,
in the environment of that client: it reads `{"base", "key", "instance", "backend", "good"}` from standard input, and
prints an object from the name of each run, of the good or of the others, to the empty text, or to the exception.
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
from qiskit.circuit import Parameter, ParameterVector
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import Pauli, PauliList, SparseObservable, SparsePauliOp
from qiskit.transpiler import CouplingMap
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error

WIDTH = 5
A, B = (Parameter(name, uuid=UUID(int=number)) for number, name in enumerate("ab"))


Names = dict[str, Any]
"""The classes of a client, by what they are called in here."""


class Run(NamedTuple):
    """One run of a primitive."""

    program: str
    pubs: Callable[[], Any]
    options: Callable[[Names], dict[str, Any]] = lambda _: {}
    arguments: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it


# Circuits, as a line of five qubits with rz, sx, x and cz can run them


def plain(name: str = "plain") -> QuantumCircuit:
    """Return a state of two qubits."""
    circuit = QuantumCircuit(WIDTH, name=name)
    circuit.sx(0)
    circuit.rz(0.25, 1)
    circuit.cz(0, 1)
    return circuit


def turned(*angles: Any) -> QuantumCircuit:
    """Return a circuit with parameters."""
    circuit = plain("turned")
    for qubit, angle in enumerate(angles or (B, A)):
        circuit.rz(angle, qubit % WIDTH)
    return circuit


def measured(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with two of its qubits measured into `c`."""
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.measure([0, 1], [0, 1])
    return circuit


def expressed() -> QuantumCircuit:
    """Return a circuit with expressions of parameters."""
    return turned(2 * A + B, A / 3, -B)


def vectors() -> QuantumCircuit:
    """Return a circuit with eleven elements of a vector, so that order by name and by index differ."""
    return turned(*ParameterVector("t", 11))


def dressed() -> QuantumCircuit:
    """Return a circuit with metadata, phase, barriers, delays and resets."""
    circuit = plain("dressed")
    circuit.metadata = {"why": "test", "numbers": [1, 2.5, None]}
    circuit.global_phase = 0.5
    circuit.barrier()
    circuit.delay(100, 2)
    circuit.reset(3)
    return measured(circuit)


def registered() -> QuantumCircuit:
    """Return a circuit with two classical registers and a named quantum one."""
    circuit = QuantumCircuit(QuantumRegister(WIDTH, "data"), ClassicalRegister(1, "one"), ClassicalRegister(3, "three"))
    circuit.name = "registered"
    circuit.x(2)
    circuit.measure(2, 0)
    circuit.measure([0, 1, 2], [1, 2, 3])
    return circuit


def dynamic() -> QuantumCircuit:
    """Return a circuit with a branch."""
    circuit = measured(plain("dynamic"))
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    return circuit


def rows(*shape: int) -> Any:
    """Return numbers of that shape."""
    return np.arange(np.prod(shape)).reshape(shape) / 8


# Forms of PUBs


def sampled(make: Callable[[], Any], **arguments: Any) -> Run:
    """Return a run of a sampler without options."""
    return Run("sampler", make, arguments=arguments)


def estimated(make: Callable[[], Any], **arguments: Any) -> Run:
    """Return a run of an estimator without options."""
    return Run("estimator", make, arguments=arguments)


FORMS = {
    "a circuit": sampled(lambda: [measured(plain())]),
    "a tuple of one": sampled(lambda: [(measured(plain()),)]),
    "no values": sampled(lambda: [(measured(plain()), None)]),
    "own shots": sampled(lambda: [(measured(plain()), None, 100)]),
    "shots of the call": sampled(lambda: [measured(plain())], shots=50),
    "shots of both": sampled(lambda: [(measured(plain()), None, 100), (measured(plain()), [], 100)], shots=50),
    "a pub object": sampled(lambda: [SamplerPub.coerce((measured(turned()), [0.5, 1.5], 7))]),
    "a pub object without shots": sampled(lambda: [SamplerPub.coerce((measured(turned()), [0.5, 1.5]))], shots=9),
    "pubs from a generator": sampled(lambda: (measured(plain(f"c{number}")) for number in range(3))),
    "a list of values": sampled(lambda: [(measured(turned()), [0.5, 1.5])]),
    "an array of values": sampled(lambda: [(measured(turned()), rows(4, 2))]),
    "values in two dimensions": sampled(lambda: [(measured(turned()), rows(2, 3, 2))]),
    "an array of whole numbers": sampled(lambda: [(measured(turned()), np.array([[1, 2], [3, 4]]))]),
    "one parameter": sampled(lambda: [(measured(turned(A)), rows(3, 1))]),
    "values by name": sampled(lambda: [(measured(turned()), {"a": [1, 2], "b": [3, 4]})]),
    "values by parameter": sampled(lambda: [(measured(turned()), {A: 0.5, B: 1.5})]),
    "values by pair of names": sampled(lambda: [(measured(turned()), {("b", "a"): rows(3, 2)})]),
    "bindings": sampled(lambda: [(measured(turned()), BindingsArray({"b": rows(3), "a": rows(3)}))]),
    "bindings with a shape": sampled(
        lambda: [(measured(turned()), BindingsArray({("a", "b"): rows(2, 2)}, shape=(2,)))]
    ),
    "a vector of parameters": sampled(lambda: [(measured(vectors()), rows(2, 11))]),
    "a vector by names": sampled(
        lambda: [(measured(vectors()), {tuple(f"t[{index}]" for index in range(11)): rows(11)})]
    ),
    "expressions": sampled(lambda: [(measured(expressed()), rows(2, 2))]),
    "metadata and phase": sampled(lambda: [dressed()]),
    "two registers": sampled(lambda: [registered()]),
    "a branch": sampled(lambda: [dynamic()]),
    "many": sampled(lambda: [measured(plain()), (measured(turned()), rows(2, 2)), dynamic(), dressed()]),
    "a label": estimated(lambda: [(plain(), "IIIZZ")]),
    "a pauli": estimated(lambda: [(plain(), Pauli("-IIIXY"))]),
    "an operator": estimated(lambda: [(plain(), SparsePauliOp(["IIIZZ", "IIIXX", "IIIZZ"], [1, 0.5, 2]))]),
    "a sparse observable": estimated(
        lambda: [(plain(), SparseObservable.from_sparse_list([("XZ", [0, 4], 0.5)], WIDTH))]
    ),
    "a mapping": estimated(lambda: [(plain(), {"IIIZZ": 1, "IIIII": -0.25})]),
    "a list of observables": estimated(lambda: [(plain(), ["IIIZZ", Pauli("XIIII"), SparsePauliOp("IYIII")])]),
    "a list of paulis": estimated(lambda: [(plain(), PauliList(["IIIZZ", "XXIII"]))]),
    "observables in two dimensions": estimated(lambda: [(plain(), [["IIIZZ"], ["IIIXX"]])]),
    "an array of observables": estimated(lambda: [(plain(), ObservablesArray([["IIIZZ", "IIIXX"]]))]),
    "observables and values": estimated(lambda: [(turned(), "IIIZZ", rows(3, 2))]),
    "observables against values": estimated(lambda: [(turned(), [["IIIZZ"], ["IIIXX"]], rows(3, 2))]),
    "observables and names": estimated(lambda: [(turned(), "IIIZZ", {"a": 0.5, "b": 1.5})]),
    "own precision": estimated(lambda: [(plain(), "IIIZZ", None, 0.05)]),
    "precision of the call": estimated(lambda: [(plain(), "IIIZZ")], precision=0.25),
    "an estimator pub object": estimated(lambda: [EstimatorPub.coerce((turned(), "IIIZZ", [1, 2], 0.125))]),
    "many estimates": estimated(lambda: [(plain(), "IIIZZ"), (turned(), ["IIIZZ"] * 2, rows(2, 2))], precision=0.5),
    "estimates of expressions": estimated(lambda: [(expressed(), "ZIIII", rows(2))]),
}

# Options, one group at a time and together


def noise() -> NoiseModel:
    """Return noise on gates and readout."""
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.01, 1), ["sx", "x"])
    model.add_readout_error(ReadoutError([[0.9, 0.1], [0.2, 0.8]]), [0])
    return model


def for_sampler(**options: Any) -> Run:
    """Return a run of a sampler with options."""
    return Run("sampler", lambda: [measured(plain())], lambda _: options)


def for_estimator(**options: Any) -> Run:
    """Return a run of an estimator with options."""
    return Run("estimator", lambda: [(plain(), "IIIZZ")], lambda _: options)


def layers(names: Names) -> list[Any]:
    """Return what a noise learner may have found."""
    error = names["PauliLindbladError"](PauliList(["XX", "ZZ"]), np.array([0.25, 0.5]))
    return [names["LayerError"](QuantumCircuit(2, name="layer"), [0, 1], error)]


def of_layers(make: Callable[[Names], Any]) -> Run:
    """Return a run of an estimator with learned noise."""
    pubs = for_estimator().pubs
    return Run("estimator", pubs, lambda names: {"resilience": {"layer_noise_model": make(names)}})


OPTIONS = {
    "default shots": for_sampler(default_shots=100),
    "maximum time": for_sampler(max_execution_time=300),
    "tags and level": for_sampler(environment={"job_tags": ["a", "b"], "log_level": "DEBUG"}),
    "no tags": for_sampler(environment={"job_tags": None}),
    "private": for_sampler(environment={"private": True}),
    "not private": for_sampler(environment={"private": False}),
    "no reset of qubits": for_sampler(execution={"init_qubits": False}),
    "delay of repetitions": for_sampler(execution={"rep_delay": 0.0001}),
    "kerneled": for_sampler(execution={"meas_type": "kerneled"}),
    "decoupling": for_sampler(dynamical_decoupling={"enable": True, "sequence_type": "XY4"}),
    "decoupling in detail": for_sampler(
        dynamical_decoupling={
            "enable": False,
            "extra_slack_distribution": "edges",
            "scheduling_method": "asap",
            "skip_reset_qubits": True,
        }
    ),
    "twirling": for_sampler(twirling={"enable_gates": True, "enable_measure": False, "strategy": "active"}),
    "twirling by numbers": for_sampler(twirling={"num_randomizations": 32, "shots_per_randomization": "auto"}),
    "a seed": for_sampler(simulator={"seed_simulator": 42}),
    "a seed of 0": for_sampler(simulator={"seed_simulator": 0}),
    "pairs of qubits": for_sampler(simulator={"coupling_map": [(0, 1), (1, 0)], "basis_gates": ["cz", "sx"]}),
    "a coupling map": for_sampler(simulator={"coupling_map": CouplingMap.from_line(3)}),
    "a noise model": for_sampler(simulator={"noise_model": noise(), "seed_simulator": 1}),
    "noise as a dictionary": for_sampler(simulator={"noise_model": {"errors": []}}),
    "empty groups": for_sampler(execution={}, twirling={}, simulator={}),
    "nothing experimental": for_sampler(experimental={}),
    "experimental": for_sampler(experimental={"foo": {"bar": 1}, "baz": [1, 2]}),
    "an image": for_sampler(experimental={"image": "img:1"}),
    "experimental leaves": for_sampler(experimental={"execution": {"fast": True}}, execution={"init_qubits": True}),
    "an experimental default": for_sampler(experimental={"default_shots": 7}),
    "experimental over a value": for_sampler(default_shots=3, experimental={"default_shots": 7, "twirling": {"x": 1}}),
    "experimental and an image": for_sampler(experimental={"image": "img:1", "foo": 1, "execution": {"fast": True}}),
    "all of a sampler": for_sampler(
        default_shots=10,
        max_execution_time=60,
        environment={"job_tags": ["all"]},
        execution={"init_qubits": True, "meas_type": "classified"},
        dynamical_decoupling={"enable": True},
        twirling={"enable_measure": True},
        simulator={"seed_simulator": 1},
        experimental={"foo": 1},
    ),
    "default precision": for_estimator(default_precision=0.5),
    "a whole precision": for_estimator(default_precision=1),
    "shots of an estimator": for_estimator(default_shots=100),
    "no shots of an estimator": for_estimator(default_shots=None),
    "level 0": for_estimator(resilience_level=0),
    "level 2": for_estimator(resilience_level=2),
    "seed of an estimator": for_estimator(seed_estimator=5),
    "measurements": for_estimator(resilience={"measure_mitigation": True}),
    "learning of measurements": for_estimator(
        resilience={"measure_mitigation": True, "measure_noise_learning": {"num_randomizations": 8}}
    ),
    "extrapolation": for_estimator(resilience={"zne_mitigation": True, "zne": {"noise_factors": (1, 3, 5)}}),
    "extrapolation in detail": for_estimator(
        resilience={
            "zne": {
                "amplifier": "pea",
                "noise_factors": [1, 1.5, 2, 3],
                "extrapolator": ["double_exponential", "linear"],
                "extrapolated_noise_factors": [0, 1],
            }
        }
    ),
    "one extrapolator": for_estimator(resilience={"zne": {"extrapolator": "polynomial_degree_2"}}),
    "cancellation": for_estimator(
        resilience={"pec_mitigation": True, "pec": {"max_overhead": 50, "noise_gain": "auto"}}
    ),
    "cancellation without limit": for_estimator(resilience={"pec": {"max_overhead": None, "noise_gain": 0}}),
    "learning of layers": for_estimator(
        resilience={
            "layer_noise_learning": {
                "max_layers_to_learn": None,
                "shots_per_randomization": 64,
                "num_randomizations": 16,
                "layer_pair_depths": [0, 1, 4],
            }
        }
    ),
    "layers": of_layers(layers),
    "layers of a learner": of_layers(lambda names: names["NoiseLearnerResult"](layers(names), {"backend": "x"})),
    "no model of layers": for_estimator(resilience={"layer_noise_model": None}),
    "an experimental mitigation": for_estimator(experimental={"resilience": {"zne": {"new": 1}}, "other": 2}),
    "an experimental level": for_estimator(experimental={"resilience_level": 1, "environment": {"x": 1}}),
    "all of an estimator": for_estimator(
        default_precision=0.1,
        resilience_level=1,
        seed_estimator=0,
        environment={"job_tags": ["all"], "log_level": "INFO"},
        execution={"rep_delay": 0.0002},
        dynamical_decoupling={"enable": True},
        twirling={"enable_gates": True, "num_randomizations": "auto"},
        resilience={"measure_mitigation": True, "zne_mitigation": True, "zne": {"amplifier": "gate_folding"}},
        experimental={"image": "img:2"},
    ),
}

RUNS = FORMS | OPTIONS

# What is to be refused before anything is sent


def named(name: str, size: int = 1) -> QuantumCircuit:
    """Return a circuit with a classical register of that name."""
    circuit = plain()
    circuit.add_register(ClassicalRegister(size, name))
    return circuit


def with_gate(name: str, *qubits: int, width: int = WIDTH) -> QuantumCircuit:
    """Return a circuit with one gate, measured."""
    circuit = QuantumCircuit(width, 2)
    getattr(circuit, name)(*qubits)
    circuit.measure([0, 1], [0, 1])
    return circuit


def in_block() -> QuantumCircuit:
    """Return a circuit with a gate in a branch that the line does not have."""
    circuit = measured(plain())
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.h(1)
    return circuit


def decoupled(make: Callable[[], Any]) -> Run:
    """Return a run of a sampler whose idle qubits are decoupled."""
    return Run("sampler", make, lambda _: {"dynamical_decoupling": {"enable": True}})


REFUSED = {
    "a gate that is not there": sampled(lambda: [measured(plain()), with_gate("h", 0)]),
    "a pair that is not coupled": sampled(lambda: [with_gate("cz", 0, 2)]),
    "a gate in a branch": sampled(lambda: [in_block()]),
    "more qubits than there are": sampled(lambda: [with_gate("x", 0, width=WIDTH + 1)]),
    "an estimate of what is not there": estimated(lambda: [(with_gate("h", 0), "IIIII")]),
    "a register without bits": sampled(lambda: [named("c", 0)]),
    "a register that is no name": sampled(lambda: [named("a b")]),
    "a register called class": sampled(lambda: [named("class")]),
    "a circuit for pubs": sampled(lambda: measured(plain())),
    "too few values": sampled(lambda: [(measured(turned()), [0.5])]),
    "no values where some are needed": sampled(lambda: [measured(turned())]),
    "no shots": sampled(lambda: [(measured(plain()), None, 0)]),
    "fewer shots than none": sampled(lambda: [measured(plain())], shots=-1),
    "an observable of another width": estimated(lambda: [(plain(), "ZZ")]),
    "no observables": estimated(lambda: [(plain(), [])]),
    "a projector": estimated(lambda: [(plain(), "IIIZ0")]),
    "imaginary": estimated(lambda: [(plain(), {"IIIZZ": 1j})]),
    "shapes that do not broadcast": estimated(lambda: [(turned(), ["IIIZZ"] * 2, rows(3, 2))]),
    "no estimate at all": estimated(lambda: [plain()]),
    "a precision of 0": estimated(lambda: [(plain(), "IIIZZ", None, 0)]),
    "a precision below 0": estimated(lambda: [(plain(), "IIIZZ")], precision=-0.5),
    "decoupling and a branch": Run(
        "sampler", lambda: [dynamic()], lambda _: {"dynamical_decoupling": {"enable": True}}
    ),
    "an unknown option": for_sampler(default_shot=5),
    "an unknown leaf": for_sampler(twirling={"enable": True}),
    "an unknown word": for_sampler(execution={"meas_type": "raw"}),
    "an unknown level of logs": for_sampler(environment={"log_level": "debug"}),
    "a level beyond 2": for_estimator(resilience_level=3),
    "a default precision of 0": for_estimator(default_precision=0),
    "two mitigations": for_estimator(resilience={"zne_mitigation": True, "pec_mitigation": True}),
    "too few factors": for_estimator(
        resilience={"zne": {"noise_factors": [1, 2], "extrapolator": "double_exponential"}}
    ),
    "factors below 1": for_estimator(resilience={"zne": {"noise_factors": [0.5, 2]}}),
    "learning without mitigation": for_estimator(resilience={"measure_noise_learning": {"num_randomizations": 3}}),
    "no randomizations": for_sampler(twirling={"num_randomizations": 0}),
}
REFUSED_BY_US = {
    "no pubs": sampled(list),
    "values for other names": sampled(lambda: [(measured(turned()), {"a": 1, "c": 2})]),
    "default shots below 0": for_sampler(default_shots=-1),
    "no time at all": for_sampler(max_execution_time=0),
    "shots as a text": for_sampler(default_shots="5"),
    "shots as a truth": for_sampler(default_shots=True),
}
"""What IBM's client does not refuse as such: it is sent, or fails in another way."""


def submit_all(names: Names, backend: Any, runs: dict[str, Run] = RUNS) -> Iterator[tuple[str, str]]:
    """Submit every run; yield its name, and nothing or the name of what was raised."""
    for name, run in runs.items():
        try:
            names[run.program](mode=backend, options=run.options(names)).run(run.pubs(), **run.arguments)
        except Exception as error:  # noqa: BLE001  # whatever a client raises is its answer
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, ""


def main() -> None:
    """Lead IBM's client through all runs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import EstimatorV2, QiskitRuntimeService, SamplerV2, results

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    names = {"sampler": SamplerV2, "estimator": EstimatorV2, **vars(results)}
    runs = RUNS if question["good"] else REFUSED
    print(json.dumps(dict(submit_all(names, service.backend(question["backend"]), runs))))


if __name__ == "__main__":
    main()
