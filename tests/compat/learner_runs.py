"""Runs of noise learners and calibrators that two clients are to submit alike, and those that are to be refused.

Needs Qiskit and samplomatic only, so that both clients can be led through them. As a script it leads IBM's client, in
the environment of that client: it reads `{"base", "key", "instance", "backend", "good", "libraries"}` from standard
input, where `libraries` is where its learner on the executor finds what it is built on if it is not there; it prints an
object from the name of each run, of the good or of the others, to the empty text, or to the exception.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from samplomatic import InjectNoise, Tag, Twirl

WIDTH = 5
QUICK = {"num_randomizations": 2, "shots_per_randomization": 8, "layer_pair_depths": [0, 1, 2]}

Names = dict[str, Any]
"""The classes of a client, by what they are called in here."""


class Run(NamedTuple):
    """One run of a learner or a calibrator."""

    kind: str
    given: Callable[[], Any] = list
    options: Callable[[Names], Any] = lambda _: {}
    arguments: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it


# Boxes, as a line of five qubits with rz, sx, x and cz can run them


def box(fill: Callable[[QuantumCircuit], Any], *notes: Any, width: int = WIDTH, bits: int = 0) -> Any:
    """Return the instruction of a box with what `fill` puts into it."""
    circuit = QuantumCircuit(width, bits)
    with circuit.box(list(notes) or [Twirl()]):
        fill(circuit)
    return circuit.data[0]


def layer(*pairs: tuple[int, int], ref: str = "r", idle: tuple[int, ...] = ()) -> Any:
    """Return a box of CZ gates."""

    def fill(circuit: QuantumCircuit) -> None:
        for pair in pairs:
            circuit.cz(*pair)
        if idle:
            circuit.noop(*idle)

    return box(fill, Twirl(), InjectNoise(ref), Tag(f"tag of {ref}"))


def measured(*qubits: int, ref: str = "m", backwards: bool = False) -> Any:
    """Return a box of measurements."""
    bits = [*range(len(qubits))][:: -1 if backwards else 1]
    return box(lambda circuit: circuit.measure(qubits, bits), Twirl(), InjectNoise(ref), bits=WIDTH)


def singles(circuit: QuantumCircuit) -> None:
    """Put gates of one qubit beside one of two."""
    circuit.x(0)
    circuit.cz(1, 2)


def nested(circuit: QuantumCircuit) -> None:
    """Put a box."""
    with circuit.box([Twirl()]):
        circuit.cz(0, 1)


def measured_and_not(circuit: QuantumCircuit) -> None:
    """Put a gate, and measurements after it."""
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])


def learned(given: Callable[[], Any], **options: Any) -> Run:
    """Return a run of the learner of boxes by its program."""
    return Run("program", given, lambda _: options)


def learned_here(given: Callable[[], Any], **options: Any) -> Run:
    """Return a run of the learner of boxes on the executor."""
    return Run("executor", given, lambda _: {**QUICK, **options})


def learned_of_circuits(given: Callable[[], Any], options: Callable[[Names], Any] = lambda _: {}, **more: Any) -> Run:
    """Return a run of the learner of circuits."""
    return Run("circuits", given, options, more)


def options_of_estimator(names: Names) -> Any:
    """Return options of an estimator, of which those of its learning count."""
    options = names["EstimatorOptions"]()
    options.resilience.layer_noise_learning.num_randomizations = 7
    options.resilience.layer_noise_learning.max_layers_to_learn = 3
    options.twirling.strategy = "all"
    options.max_execution_time = 60
    options.default_shots = 3
    options.environment.job_tags = ["q"]
    options.experimental = {"foo": {"bar": 1}}
    options.simulator.seed_simulator = 2
    return options


# Circuits


def circuit(*angles: Any) -> QuantumCircuit:
    """Return a circuit of two layers."""
    made = QuantumCircuit(WIDTH, name="layers", metadata={"who": "me"})
    made.cz(0, 1)
    made.cz(2, 3)
    for angle in angles:
        made.rz(angle, 0)
    made.barrier()
    made.cz(1, 2)
    return made


ENVELOPE: dict[str, Any] = {
    "environment": {"job_tags": ["a"], "private": True, "image": "a:b", "log_level": "INFO"},
    "max_execution_time": 30,
}
EXECUTION = {"init_qubits": False, "rep_delay": 0.0002, "scheduler_timing": True}
CHECKED = {"enable": True, "strategy": "edge"}
TWO = {"pre_circuit": {"enable": True}, "post_circuit": CHECKED}

BY_PROGRAM = {
    "a layer": learned(lambda: [layer((0, 1), (2, 3))]),
    "two layers": learned(lambda: [layer((0, 1), ref="a"), layer((1, 2), (3, 4), ref="b")]),
    "a layer twice": learned(lambda: [layer((0, 1))] * 2),
    "boxes in a tuple": learned(lambda: (layer((0, 1)),)),
    "idle qubits": learned(lambda: [layer((1, 2), idle=(0, 4))]),
    "nothing but idle qubits": learned(lambda: [box(lambda made: made.noop(0, 1))]),
    "gates of one qubit": learned(lambda: [box(singles)]),
    "qubits the other way round": learned(lambda: [layer((3, 2))]),
    "measurements": learned(lambda: [measured(0, 1, 2, 3, 4)]),
    "measurements of some": learned(lambda: [measured(1, 3)]),
    "measurements backwards": learned(lambda: [measured(0, 1, 2, backwards=True)]),
    "gates and measurements": learned(lambda: [layer((0, 1)), measured(0, 1)]),
    "numbers": learned(lambda: [layer((0, 1))], **QUICK),
    "execution": learned(lambda: [layer((0, 1))], execution=EXECUTION),
    "around": learned(lambda: [layer((0, 1))], **ENVELOPE),
    "what is experimental": learned(lambda: [layer((0, 1))], experimental={"foo": 1}),
    "a seed": learned(lambda: [layer((0, 1))], simulator={"seed_simulator": 3}),
    "checks before": learned(lambda: [layer((0, 1))], bit_flip_checks={"pre_circuit": {"enable": True}}),
    "checks after": learned(lambda: [layer((0, 1))], bit_flip_checks={"post_circuit": CHECKED}),
    "checks on both sides": learned(lambda: [layer((0, 1))], bit_flip_checks=TWO),
    "a dry run": learned(lambda: [layer((0, 1))])._replace(arguments={"dry_run": True}),
}
ON_EXECUTOR = {
    "here: a layer": learned_here(lambda: [layer((0, 1), (2, 3))]),
    "here: two layers": learned_here(lambda: [layer((0, 1), ref="a"), layer((1, 2), (3, 4), ref="b")]),
    "here: layers without names": learned_here(
        lambda: [box(lambda made: made.cz(0, 1)), box(lambda made: made.cz(1, 2))]
    ),
    "here: idle qubits": learned_here(lambda: [layer((1, 2), idle=(0, 4))]),
    "here: gates of one qubit": learned_here(lambda: [box(singles)]),
    "here: qubits the other way round": learned_here(lambda: [layer((3, 2))]),
    "here: measurements": learned_here(lambda: [measured(0, 1)]),
    "here: gates and measurements": learned_here(lambda: [layer((0, 1)), measured(0, 1, 2)]),
    "here: execution": learned_here(lambda: [layer((0, 1))], execution=EXECUTION),
    "here: around": learned_here(lambda: [layer((0, 1))], **ENVELOPE),
    "here: what is experimental": learned_here(lambda: [layer((0, 1))], experimental={"foo": 1}),
    "here: a seed": learned_here(lambda: [layer((0, 1))], simulator={"seed_simulator": 3}),
    "here: other depths": learned_here(lambda: [layer((0, 1))], layer_pair_depths=[0, 3]),
    "here: a dry run": learned_here(lambda: [layer((0, 1))])._replace(arguments={"dry_run": True}),
}
CHECKS_HERE = {
    "here: checks after": learned_here(lambda: [layer((0, 1))], bit_flip_checks={"post_circuit": CHECKED}),
    "here: checks on both sides": learned_here(lambda: [layer((0, 1))], bit_flip_checks=TWO),
    "here: checks by turns": learned_here(
        lambda: [layer((0, 1), (2, 3))],
        bit_flip_checks={
            "pre_circuit": {"enable": True, "x_pulse_type": "rx"},
            "post_circuit": {**CHECKED, "x_pulse_type": "rx"},
        },
    ),
}
"""On a device that has the pulses of the checks."""
OF_CIRCUITS = {
    "circuits": learned_of_circuits(lambda: [circuit(), circuit()]),
    "circuits from a generator": learned_of_circuits(lambda: (circuit() for _ in range(2))),
    "a circuit with a parameter": learned_of_circuits(lambda: [circuit(Parameter("a"))]),
    "a pub": learned_of_circuits(lambda: [(circuit(), "IIIZZ")]),
    "a pub with values": learned_of_circuits(lambda: [(circuit(Parameter("a")), ["IIIZZ"], [[1], [2]])]),
    "a pub and a circuit": learned_of_circuits(lambda: [circuit(), (circuit(), "IIIZZ")]),
    "circuits with numbers": learned_of_circuits(
        lambda: [circuit()],
        lambda _: {**QUICK, "max_layers_to_learn": None, "twirling_strategy": "active"},
    ),
    "circuits with all around": learned_of_circuits(
        lambda: [circuit()],
        lambda _: {
            "environment": {"job_tags": ["a"], "private": True, "log_level": "INFO"},
            "max_execution_time": 30,
            "simulator": {"seed_simulator": 3},
            "experimental": {"image": "a:b", "foo": 1},
        },
    ),
    "options as an object": learned_of_circuits(
        lambda: [circuit()], lambda names: names["NoiseLearnerOptions"](num_randomizations=3)
    ),
    "options of an estimator": learned_of_circuits(lambda: [circuit()], options_of_estimator),
    "circuits in a dry run": learned_of_circuits(lambda: [circuit()], dry_run=True),
}
OF_CALIBRATORS = {
    "a calibration": Run("calibrator"),
    "a calibration with all around": Run(
        "calibrator",
        options=lambda _: {"experimental": {"a": [1]}, "environment": ENVELOPE["environment"]},
    ),
}
RUNS = BY_PROGRAM | ON_EXECUTOR | OF_CIRCUITS | OF_CALIBRATORS

# What is to be refused before anything is sent

FOREIGN = QuantumCircuit(2)
with FOREIGN.box([Twirl()]):
    FOREIGN.cz(0, 1)

FLAWED = {
    "not an instruction": lambda: [1],
    "one box alone": lambda: layer((0, 1)),
    "no twirl": lambda: [box(lambda made: made.cz(0, 1), Tag("x"))],
    "no box": lambda: [circuit().data[0]],
    "other qubits": lambda: [FOREIGN.data[0]],
    "a gate that the device has not": lambda: [box(lambda made: made.cx(0, 1))],
    "qubits that are not coupled": lambda: [layer((0, 2))],
    "a gate that is no clifford": lambda: [box(lambda made: (made.rz(0.3, 0), made.cz(1, 2)))],
    "gates and measurements in one": lambda: [box(measured_and_not, bits=2)],
    "a qubit measured twice": lambda: [box(lambda made: (made.noop(1), made.measure([0, 0], [0, 1])), bits=2)],
    "a box in a box": lambda: [box(nested)],
}
REFUSED = {
    **{name: learned(given) for name, given in FLAWED.items()},
    **{f"here: {name}": learned_here(given) for name, given in FLAWED.items()},
    "two gates in a row": learned(lambda: [layer((0, 1), (1, 2))]),
    "here: no boxes": learned_here(list),
    "here: from a circuit": learned_here(lambda: QuantumCircuit(WIDTH)),
    "here: a box twice": learned_here(lambda: [layer((0, 1))] * 2),
    "here: a name that is taken": learned_here(lambda: [layer((0, 1), ref="M")]),
    "here: dressed on the right": learned_here(lambda: [box(lambda made: made.cz(0, 1), Twirl(dressing="right"))]),
    "here: two measurements": learned_here(lambda: [layer((0, 1)), measured(0, 1), measured(0, 1, ref="n")]),
    "here: too few measured": learned_here(lambda: [layer((0, 1), (2, 3)), measured(0, 1)]),
    "here: one qubit": learned_here(lambda: [box(lambda made: made.x(0))]),
    "no randomizations": learned(lambda: [layer((0, 1))], num_randomizations=0),
    "no shots": learned_here(lambda: [layer((0, 1))], shots_per_randomization=0),
    "depths below 0": learned(lambda: [layer((0, 1))], layer_pair_depths=[-1]),
    "an unknown option": learned(lambda: [layer((0, 1))], randomizations=3),
    "a circuit that is none": learned_of_circuits(lambda: [1]),
    "one circuit alone": learned_of_circuits(circuit),
    "a circuit that the device cannot run": learned_of_circuits(lambda: [FOREIGN.data[0].operation.body, gated()]),
    "an unknown option of circuits": learned_of_circuits(lambda: [circuit()], lambda _: {"layers": 3}),
    "an unknown strategy": learned_of_circuits(lambda: [circuit()], lambda _: {"twirling_strategy": "none"}),
    "an unknown option of calibrations": Run("calibrator", options=lambda _: {"max_execution_time": 3}),
}
REFUSED_BY_US = {
    "no boxes": learned(list),
    "a whole circuit": learned(lambda: QuantumCircuit(WIDTH)),
    "a box of no qubits": learned(lambda: [box(lambda _: None)]),
    "noise before": learned(lambda: [box(lambda made: made.cz(0, 1), Twirl(), InjectNoise("r", site="before"))]),
    "no depths": learned(lambda: [layer((0, 1))], layer_pair_depths=[]),
    "a delay that the device has not": learned(lambda: [layer((0, 1))], execution={"rep_delay": 1.0}),
    "shots as a text": learned(lambda: [layer((0, 1))], shots_per_randomization="8"),
    "here: one depth": learned_here(lambda: [layer((0, 1))], layer_pair_depths=[1]),
    "here: not its own inverse": learned_here(lambda: [box(lambda made: (made.cz(0, 1), made.sx(0), made.sx(1)))]),
    "here: pulses that the device has not": learned_here(lambda: [layer((0, 1))], bit_flip_checks=TWO),
    "no circuits": learned_of_circuits(list),
    "experiments that are not JSON": Run("calibrator", options=lambda _: {"experimental": {"a": object()}}),
}
"""What IBM's client does not refuse as such: it is sent, or fails in another way."""


def gated() -> QuantumCircuit:
    """Return a circuit with a gate that the device does not have."""
    made = QuantumCircuit(WIDTH)
    made.cx(0, 1)
    return made


def submit_all(names: Names, backend: Any, runs: dict[str, Run] = RUNS) -> Iterator[tuple[str, str]]:
    """Submit every run; yield its name, and nothing or the name of what was raised."""
    for name, run in runs.items():
        try:
            made = names[run.kind](mode=backend, options=run.options(names))
            if run.kind == "calibrator":
                made.run()
            else:
                made.run(run.given(), **run.arguments)
        except Exception as error:  # noqa: BLE001  # whatever a client raises is its answer
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, ""


SETS = {"good": RUNS, "checked": CHECKS_HERE, "refused": REFUSED, "refused by us": REFUSED | REFUSED_BY_US}


def main() -> None:
    """Lead IBM's client through all runs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    sys.path.append(question["libraries"])
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import Calibrator, NoiseLearner, NoiseLearnerV3, QiskitRuntimeService
    from qiskit_ibm_runtime.executor_noise_learner import NoiseLearnerV3 as OnExecutor
    from qiskit_ibm_runtime.options import EstimatorOptions, NoiseLearnerOptions

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    names = {
        "program": NoiseLearnerV3, "executor": OnExecutor, "circuits": NoiseLearner, "calibrator": Calibrator,
        "EstimatorOptions": EstimatorOptions, "NoiseLearnerOptions": NoiseLearnerOptions,
    }  # fmt: skip
    backend = service.backend(question["backend"])
    print(json.dumps(dict(submit_all(names, backend, SETS[question["runs"]]))))


if __name__ == "__main__":
    main()
