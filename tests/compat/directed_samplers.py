"""Runs of samplers of directed execution that two clients are to submit alike: forms of PUBs, and options.

Needs Qiskit only, so that both clients can be led through them. As a script it leads IBM's client, in the environment
of that client: it reads `{"base", "key", "instance", "backend", "good"}` from standard input, and prints an object from
the name of each run, of the good or of the others, to the empty text, or to the exception.
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
from qiskit.circuit import Clbit, Parameter, ParameterVector

WIDTH = 5
A, B = (Parameter(name, uuid=UUID(int=number)) for number, name in enumerate("ab"))


class Run(NamedTuple):
    """One run of a sampler."""

    pubs: Callable[[], Any]
    options: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it
    arguments: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it


# Circuits, as a line of five qubits with rz, sx, x and cz can run them


def bell() -> QuantumCircuit:
    """Return two qubits measured into `c`, with metadata."""
    circuit = QuantumCircuit(WIDTH, name="bell")
    circuit.metadata = {"who": 1}
    circuit.sx(0)
    circuit.rz(0.25, 1)
    circuit.cz(0, 1)
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.measure([0, 1], [0, 1])
    return circuit


def idle(qubits: Any = WIDTH) -> QuantumCircuit:
    """Return layers in which some qubits wait, all measured."""
    circuit = QuantumCircuit(qubits, name="idle")
    circuit.sx([0, 2])
    for pair in ((0, 1), (1, 2), (0, 1), (1, 2), (0, 1)):
        circuit.cz(*pair)
    circuit.barrier()
    circuit.measure_all()
    return circuit


def turned(*angles: Any) -> QuantumCircuit:
    """Return a circuit with parameters."""
    circuit = QuantumCircuit(WIDTH, name="turned")
    for angle in angles or (B, A):
        circuit.rz(angle, 0)
        circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure_all()
    return circuit


def registered() -> QuantumCircuit:
    """Return a circuit with two classical registers, one of which is measured in the middle."""
    circuit = QuantumCircuit(QuantumRegister(WIDTH, "data"), ClassicalRegister(1, "one"), ClassicalRegister(3, "three"))
    circuit.name = "registered"
    circuit.sx(0)
    circuit.measure(0, 0)
    circuit.cz(0, 1)
    circuit.cz(1, 2)
    circuit.sx([0, 1, 2])
    circuit.measure([0, 1, 2], [1, 2, 3])
    return circuit


def dynamic() -> QuantumCircuit:
    """Return a circuit with a branch."""
    circuit = bell()
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    return circuit


def reset() -> QuantumCircuit:
    """Return a circuit that uses a qubit again."""
    circuit = QuantumCircuit(WIDTH, 3, name="reset")
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [1, 2])
    return circuit


def delayed(duration: Any = 1000, unit: str = "dt") -> QuantumCircuit:
    """Return a circuit with a delay."""
    circuit = QuantumCircuit(WIDTH, 2, name="delayed")
    circuit.x(0)
    circuit.delay(duration, 0, unit)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def phased() -> QuantumCircuit:
    """Return a circuit with a phase."""
    circuit = bell()
    circuit.global_phase = 0.5
    return circuit


def loose() -> QuantumCircuit:
    """Return a circuit whose bit is in no register."""
    circuit = QuantumCircuit(WIDTH, name="loose")
    circuit.add_bits([Clbit()])
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def boxed() -> QuantumCircuit:
    """Return a circuit with a box."""
    circuit = QuantumCircuit(WIDTH, 2, name="boxed")
    with circuit.box():
        circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def stretched() -> QuantumCircuit:
    """Return a circuit with a stretch."""
    circuit = QuantumCircuit(WIDTH, 2, name="stretched")
    circuit.delay(circuit.add_stretch("s"), 0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def rows(*shape: int) -> Any:
    """Return numbers of that shape."""
    return np.arange(np.prod(shape)).reshape(shape) / 8


# Options


def twirled(gates: bool = True, measure: bool = True, **more: Any) -> dict[str, Any]:
    """Return options of twirling."""
    return {"twirling": {"enable_gates": gates, "enable_measure": measure, **more}}


def decoupled(**more: Any) -> dict[str, Any]:
    """Return options of dynamical decoupling."""
    return {"dynamical_decoupling": {"enable": True, **more}}


def measured(meas_type: str) -> dict[str, Any]:
    """Return options of what is returned."""
    return {"execution": {"meas_type": meas_type}}


STRATEGIES = ("active", "active-accum", "active-circuit", "all")
GROUPS = ("pauli", "balanced_pauli", "local_c1", "local_pauli")
KINDS = ("classified", "kerneled", "avg_kerneled")
SEQUENCES = ("XX", "XpXm", "XY4")

RUNS = {
    "a circuit": Run(lambda: [bell()]),
    "shots of the call": Run(lambda: [bell()], {}, {"shots": 100}),
    "shots of the pub": Run(lambda: [(bell(), None, 33)], {}, {"shots": 100}),
    "shots of the options": Run(lambda: [bell()], {"default_shots": 77}),
    "shots of both, alike": Run(lambda: [(bell(), None, 4096), bell()]),
    "pubs from a generator": Run(lambda: (bell() for _ in range(2))),
    "an array of values": Run(lambda: [(turned(), rows(4, 2))]),
    "values in two dimensions": Run(lambda: [(turned(), rows(3, 2, 2))]),
    "values by name": Run(lambda: [(turned(), {"a": [1, 2], "b": [3, 4]})]),
    "expressions": Run(lambda: [(turned(2 * A + B, A / 3, -B), rows(2, 2))]),
    "a vector": Run(lambda: [(turned(*ParameterVector("t", 11)), rows(2, 11))]),
    "two registers": Run(lambda: [registered()]),
    "a branch": Run(lambda: [dynamic()]),
    "a reset": Run(lambda: [reset()]),
    "a delay": Run(lambda: [delayed()]),
    "a phase": Run(lambda: [phased()]),
    "several pubs": Run(lambda: [bell(), (turned(), rows(2, 2)), idle(3)]),
    **{f"returned {kind}": Run(lambda: [bell()], measured(kind)) for kind in KINDS},
    "means of twirled gates": Run(lambda: [bell()], {**measured("avg_kerneled"), **twirled(measure=False)}),
    "points of twirled gates": Run(lambda: [bell()], {**measured("kerneled"), **twirled(measure=False)}),
    "twirled": Run(lambda: [bell()], twirled()),
    "twirled gates": Run(lambda: [idle()], twirled(measure=False)),
    "twirled measurements": Run(lambda: [idle()], twirled(gates=False)),
    "twirled, a sweep": Run(lambda: [(turned(), rows(3, 2, 2))], twirled(), {"shots": 100}),
    "twirled, one set of values": Run(lambda: [(turned(), [1, 2])], twirled(), {"shots": 100}),
    "twirled, a vector": Run(lambda: [(turned(*ParameterVector("t", 11)), rows(2, 11))], twirled()),
    "twirled, expressions": Run(lambda: [(turned(2 * A + B, A / 3, -B), rows(2, 2))], twirled()),
    "twirled, two registers": Run(lambda: [registered()], twirled()),
    "twirled, a phase": Run(lambda: [phased()], twirled()),
    "twirled, several pubs": Run(lambda: [bell(), (turned(), rows(2, 2)), idle(3)], twirled()),
    **{f"twirled by {name}": Run(lambda: [idle()], twirled(strategy=name)) for name in STRATEGIES},
    **{f"twirled by {name}, narrow": Run(lambda: [idle(3)], twirled(strategy=name)) for name in STRATEGIES},
    **{f"twirled in {name}": Run(lambda: [idle()], twirled(group=name)) for name in GROUPS},
    "so many randomizations": Run(lambda: [bell()], twirled(num_randomizations=3), {"shots": 100}),
    "so many shots of each": Run(lambda: [bell()], twirled(shots_per_randomization=3), {"shots": 100}),
    "both numbers": Run(lambda: [bell()], twirled(num_randomizations=3, shots_per_randomization=50), {"shots": 100}),
    "numbers without twirling": Run(lambda: [bell()], twirled(False, False, num_randomizations=3)),
    **{f"decoupled by {name}": Run(lambda: [idle()], decoupled(sequence_type=name)) for name in SEQUENCES},
    "decoupled, edges": Run(lambda: [idle()], decoupled(extra_slack_distribution="edges")),
    "decoupled, as soon as possible": Run(lambda: [idle()], decoupled(scheduling_method="asap")),
    "decoupled, but what was reset": Run(lambda: [reset()], decoupled(skip_reset_qubits=True)),
    "decoupled, a reset": Run(lambda: [reset()], decoupled()),
    "decoupled, a delay": Run(lambda: [delayed()], decoupled()),
    "decoupled, a delay in ns": Run(lambda: [delayed(1000, "ns")], decoupled()),
    "decoupled, a sweep": Run(lambda: [(turned(), rows(3, 2, 2))], decoupled()),
    "decoupled, narrow": Run(lambda: [idle(3)], decoupled(sequence_type="XY4")),
    **{f"decoupled by {name}, twirled": Run(lambda: [idle()], {**twirled(), **decoupled(sequence_type=name)})
       for name in SEQUENCES},
    "decoupled, twirled, named": Run(lambda: [idle(QuantumRegister(3, "data"))], {**twirled(), **decoupled()}),
    "all of execution": Run(lambda: [bell()], {"execution": {
        "init_qubits": False, "rep_delay": 0.0003, "scheduler_timing": True, "stretch_values": True}}),
    "an environment": Run(lambda: [bell()], {"max_execution_time": 7, "environment": {
        "job_tags": ["x"], "private": True, "log_level": "INFO", "image": "a:b"}}),
    "what is experimental": Run(lambda: [bell()], {"experimental": {"a": [1, {"b": None}]}}),
    "timing, experimental": Run(lambda: [bell()], {"experimental": {"execution": {"scheduler_timing": True, "a": 3}}}),
    "a seed": Run(lambda: [bell()], {"simulator": {"seed_simulator": 3}}),
}  # fmt: skip

REFUSED = {
    "no pubs": Run(list),
    "a circuit for pubs": Run(bell),
    "different shots": Run(lambda: [(bell(), None, 33), (bell(), None, 34)]),
    "shots and the default": Run(lambda: [(bell(), None, 33), bell()]),
    "no shots at all": Run(lambda: [bell()], {"default_shots": None}),
    "shots of zero": Run(lambda: [bell()], {}, {"shots": 0}),
    "shots below zero": Run(lambda: [bell()], {}, {"shots": -1}),
    "shots as a truth": Run(lambda: [bell()], {}, {"shots": True}),
    "shots as a text": Run(lambda: [bell()], {}, {"shots": "100"}),
    "too few values": Run(lambda: [(turned(), [0.5])]),
    "no values": Run(lambda: [turned()]),
    "points of twirled measurements": Run(lambda: [bell()], {**measured("kerneled"), **twirled(gates=False)}),
    "means of twirled measurements": Run(lambda: [bell()], {**measured("avg_kerneled"), **twirled()}),
    "a box": Run(lambda: [bell(), boxed()]),
    "a box to be twirled": Run(lambda: [boxed()], twirled()),
    "a branch to be decoupled": Run(lambda: [dynamic()], decoupled()),
    "a branch to be twirled": Run(lambda: [dynamic()], twirled(measure=False)),
    "a branch to be measured twirled": Run(lambda: [dynamic()], twirled(gates=False)),
    "a reset to be twirled": Run(lambda: [reset()], twirled()),
    "a loose bit to be twirled": Run(lambda: [loose()], twirled()),
    "a gate between twirled measurements": Run(lambda: [registered()], twirled(gates=False)),
    "a stretch to be decoupled": Run(lambda: [stretched()], decoupled()),
    "a delay of a parameter to be decoupled": Run(lambda: [(delayed(A), [100])], decoupled()),
}


def submit_all(sampler: Any, backend: Any, runs: dict[str, Run]) -> Iterator[tuple[str, str]]:
    """Submit every run; yield its name, and nothing or the name of what was raised."""
    for name, run in runs.items():
        try:
            sampler(mode=backend, options=run.options).run(run.pubs(), **run.arguments)
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
    from qiskit_ibm_runtime import QiskitRuntimeService
    from qiskit_ibm_runtime.executor_sampler import SamplerV2

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    runs = RUNS if question["good"] else REFUSED
    print(json.dumps(dict(submit_all(SamplerV2, service.backend(question["backend"]), runs))))


if __name__ == "__main__":
    main()
