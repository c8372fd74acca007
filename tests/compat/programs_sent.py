"""Quantum programs that two clients are to submit alike, and those that are to be refused.

Needs Qiskit and samplomatic only, so that both clients can be led through them. As a script it leads IBM's client, in
the environment of that client: it reads `{"base", "key", "instance", "backend", "good"}` from standard input, and
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
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter, ParameterVector
from qiskit.quantum_info import PauliLindbladMap
from samplomatic import InjectNoise, Twirl, build
from samplomatic.transpiler import generate_boxing_pass_manager

WIDTH = 5
A, B = (Parameter(name, uuid=UUID(int=number)) for number, name in enumerate("ab"))

Names = dict[str, Any]
"""The classes of a client, by what they are called in here."""


class Run(NamedTuple):
    """One run of an executor."""

    program: Callable[[Names], Any]
    options: dict[str, Any] = {}  # noqa: RUF012  # nobody changes it


# Circuits, as a line of five qubits with rz, sx, x and cz can run them


def plain(*angles: Any) -> QuantumCircuit:
    """Return a state of two qubits, measured."""
    circuit = QuantumCircuit(WIDTH, name="plain")
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.sx(0)
    for qubit, angle in enumerate(angles):
        circuit.rz(angle, qubit % WIDTH)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def dynamic() -> QuantumCircuit:
    """Return a circuit with a branch."""
    circuit = plain()
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    return circuit


def boxed(**more: Any) -> tuple[Any, Any]:
    """Return a template and its samplex of a circuit with two parameters."""
    boxing = {"enable_gates": True, "enable_measures": True, **more}
    return named(build(generate_boxing_pass_manager(**boxing).run(plain(B, A))))


def named(built: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return a template and its samplex with a name in the place of a number that counts all circuits of a process."""
    template, samplex = built
    template.name = "template"
    return template, samplex


def noisy() -> tuple[Any, Any]:
    """Return a template and its samplex with noise that is injected."""
    circuit = QuantumCircuit(WIDTH, name="noisy")
    circuit.add_register(ClassicalRegister(2, "c"))
    with circuit.box([Twirl(), InjectNoise("ref", "mod")]):
        circuit.cz(0, 1)
        circuit.noop(0, 1)
    with circuit.box([Twirl()]):
        circuit.measure([0, 1], [0, 1])
    return named(build(circuit))


MAP = PauliLindbladMap.from_sparse_list([("XX", (0, 1), 0.25), ("Z", (1,), 0.5)], num_qubits=2)

# Programs


def of_circuit(
    make: Callable[[], QuantumCircuit],
    arguments: Any = None,
    *,
    times: int = 1,
    chunk_size: int | None = None,
    options: dict[str, Any] | None = None,
    **more: Any,
) -> Run:
    """Return a run of a program of one kind of item."""

    def program(names: Names) -> Any:
        made = names["QuantumProgram"](**({"shots": 10} | more))
        for _ in range(times):
            made.append_circuit_item(make(), arguments, chunk_size=chunk_size)
        return made

    return Run(program, options or {})


def of_samplex(
    make: Callable[[], tuple[Any, Any]],
    arguments: dict[str, Any],
    shape: tuple[int, ...] | None = None,
    options: dict[str, Any] | None = None,
    **more: Any,
) -> Run:
    """Return a run of a program of one samplex."""

    def program(names: Names) -> Any:
        made = names["QuantumProgram"](**({"shots": 10} | more))
        made.append_samplex_item(*make(), arguments, shape=shape)
        return made

    return Run(program, options or {})


def of_both(names: Names) -> Any:
    made = names["QuantumProgram"](7)
    made.append_circuit_item(plain(A), np.zeros((2, 1)), chunk_size=3)
    made.append_samplex_item(*boxed(), {"parameter_values": np.zeros((3, 2))}, shape=(2, 3), chunk_size=4)
    return made


def in_bases(names: Names) -> Any:
    """Return a program that measures in two bases. The reference of a change of basis counts all of a process."""
    (template, samplex) = boxed(measure_annotations="all")
    basis = next(spec.name for spec in samplex.inputs().specs if spec.name.startswith("basis_changes."))
    bases = np.array([[1, 2], [2, 3]], dtype=np.uint8)
    made = names["QuantumProgram"](10)
    made.append_samplex_item(template, samplex, {"parameter_values": np.zeros(2), basis: bases})
    return made


def passing(tree: Any) -> Run:
    return of_circuit(plain, passthrough_data=tree)


def with_options(**options: Any) -> Run:
    return of_circuit(plain, options=options)


RUNS = {
    "a circuit": of_circuit(plain),
    "four circuits": of_circuit(plain, times=4),
    "one shot": of_circuit(plain, shots=1),
    "many shots": of_circuit(plain, shots=100_000),
    "one value": of_circuit(lambda: plain(A), [0.5]),
    "values as lists": of_circuit(lambda: plain(B, A), [[0.5, 1], [2, 3.5]]),
    "whole numbers": of_circuit(lambda: plain(B, A), np.arange(6).reshape(3, 2)),
    "three axes": of_circuit(lambda: plain(B, A), np.linspace(0, 1, 24).reshape(3, 4, 2)),
    "eleven elements": of_circuit(lambda: plain(*ParameterVector("t", 11)), np.linspace(0, 1, 11)),
    "expressions": of_circuit(lambda: plain(2 * A + B, A / 3), [0.5, 0.25]),
    "an axis of one": of_circuit(lambda: plain(A), np.zeros((1, 1, 1))),
    "half precision": of_circuit(lambda: plain(A), np.array([[0.5]], dtype=np.float32)),
    "chunks": of_circuit(lambda: plain(A), np.zeros((8, 1)), chunk_size=2),
    "a branch": of_circuit(dynamic),
    "kerneled": of_circuit(plain, meas_level="kerneled"),
    "averages": of_circuit(plain, meas_level="avg_kerneled"),
    "bits and points": of_circuit(plain, meas_level="both"),
    "a samplex": of_samplex(boxed, {"parameter_values": np.array([0.5, 0.25])}),
    "randomizations": of_samplex(boxed, {"parameter_values": np.array([0.5, 0.25])}, (7,)),
    "randomizations of a sweep": of_samplex(boxed, {"parameter_values": np.zeros((3, 5, 2))}, (7, 3, 5)),
    "shapes that broadcast": of_samplex(boxed, {"parameter_values": np.zeros((3, 1, 2))}, (2, 1, 4)),
    "gates alone": of_samplex(lambda: boxed(enable_measures=False), {"parameter_values": np.zeros(2)}, (3,)),
    "all qubits": of_samplex(lambda: boxed(twirling_strategy="all"), {"parameter_values": np.zeros(2)}, (3,)),
    "bases": Run(in_bases),
    "noise": of_samplex(
        noisy, {"noise_scales.mod": np.array([[1.0], [-2.5]]), "pauli_lindblad_maps": {"ref": MAP}}, (2, 4)
    ),
    "noise of the program": of_samplex(noisy, {"noise_scales.mod": 3.0}, (4,), noise_maps={"ref": MAP}),
    "both kinds": Run(of_both),
    "a tree": passing({"a": [1, 2.5, None, True, "x"], "b": {"c": []}, "": {}}),
    "arrays in a tree": passing(
        [np.arange(3), np.zeros((2, 0)), np.array(True), {"c": np.ones((2, 2), complex)}, np.array([1.5], np.float32)]
    ),
    "a text": passing("only this"),
    "numbers of NumPy": passing({"a": np.float64(0.5), "b": np.int64(3)}),
    "tuples": passing({"a": (1, (2, 3))}),
    "all options": with_options(
        execution={"init_qubits": False, "rep_delay": 0.0002, "scheduler_timing": True, "stretch_values": True},
        experimental={"a": {"b": [1, None]}},
        environment={"log_level": "DEBUG", "job_tags": ["x", "y"], "private": True, "image": "img:1"},
        max_execution_time=300,
        simulator={"seed_simulator": 3},
    ),
    "timing": with_options(execution={"scheduler_timing": True}),
    "a limit": with_options(max_execution_time=77),
}


class Other:
    """Something that nobody knows."""


def unmeasured_shape(shape: tuple[int, ...]) -> Callable[[Names], Any]:
    def program(names: Names) -> Any:
        made = names["QuantumProgram"](10)
        made.append_circuit_item(plain(A), np.zeros(shape))
        return made

    return program


def mixed(names: Names) -> Any:
    made = names["QuantumProgram"](10)
    made.append_circuit_item(plain(), chunk_size=3)
    made.append_circuit_item(plain())
    return made


REFUSED = {
    "no shots": of_circuit(plain, shots=0),
    "shots below none": of_circuit(plain, shots=-3),
    "no items": Run(lambda names: names["QuantumProgram"](10)),
    "no program": Run(lambda _: [plain()]),
    "no circuit": of_circuit(Other),
    "no values": of_circuit(lambda: plain(A)),
    "too few values": of_circuit(lambda: plain(B, A), [0.5]),
    "values of no axis": of_circuit(lambda: plain(A), 0.5),
    "values for none": of_circuit(plain, [0.5]),
    "texts for values": of_circuit(lambda: plain(A), ["x"]),
    "a chunk of nothing": of_circuit(plain, chunk_size=0),
    "mixed chunks": Run(mixed),
    "another level": of_circuit(plain, meas_level="raw"),
    "a samplex without values": of_samplex(boxed, {}),
    "a samplex with other values": of_samplex(boxed, {"parameter_values": np.zeros(2), "x": 1}),
    "a samplex with values of another shape": of_samplex(boxed, {"parameter_values": np.zeros(3)}),
    "a shape that does not broadcast": of_samplex(boxed, {"parameter_values": np.zeros((3, 2))}, (2,)),
    "an object in a tree": passing({"a": Other()}),
    "texts in an array of a tree": passing([np.array(["a"])]),
    "a key that is a number": passing({1: 2}),
}
REFUSED_BY_US = {
    "shots as a text": of_circuit(plain, shots="10"),
    "shots as a truth": of_circuit(plain, shots=True),
    "a gate that is not there": of_circuit(lambda: plain().compose(gate("h", 0))),
    "a pair that is not coupled": of_circuit(lambda: plain().compose(gate("cz", 0, 2))),
    "too wide": of_circuit(lambda: QuantumCircuit(WIDTH + 1, 1)),
    "a value that is none": of_circuit(lambda: plain(A), [np.nan]),
    "no values at all": Run(unmeasured_shape((0, 1))),
    "infinity in a tree": passing({"a": float("inf")}),
    "a tensor in a tree": passing({"data": "AAAA", "shape": [1], "dtype": "u8"}),
    "noise before a box": of_circuit(lambda: noted(InjectNoise("a", site="before"))),
    "a template without its samplex": of_samplex(lambda: (plain(), boxed()[1]), {"parameter_values": np.zeros(2)}),
}
"""What IBM's client sends, or what is lost on the way."""


def gate(name: str, *qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(WIDTH, 2)
    getattr(circuit, name)(*qubits)
    return circuit


def noted(annotation: Any) -> QuantumCircuit:
    circuit = plain()
    with circuit.box([annotation]):
        circuit.x(0)
    return circuit


def submit_all(names: Names, backend: Any, runs: dict[str, Run] = RUNS) -> Iterator[tuple[str, str]]:
    """Submit every run; yield its name, and nothing or the name of what was raised."""
    for name, run in runs.items():
        try:
            names["Executor"](mode=backend, options=run.options).run(run.program(names))
        except Exception as error:  # noqa: BLE001 - whatever is raised is the answer
            yield name, f"{type(error).__name__}: {error}"
        else:
            yield name, ""


def main() -> None:
    """Lead IBM's client through all runs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    from qiskit_ibm_runtime import Executor, QiskitRuntimeService, QuantumProgram

    service = QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    names = {"Executor": Executor, "QuantumProgram": QuantumProgram}
    runs = RUNS if question["good"] else REFUSED
    print(json.dumps(dict(submit_all(names, service.backend(question["backend"]), runs))))


if __name__ == "__main__":
    main()
