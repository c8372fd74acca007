"""Values of every tag of typed JSON, and a way to show any of them as plain data, whichever client made it.

    echo {} | python tests/compat/values.py > tests/data/typed_values.json

Run where IBM's client is installed: it decodes the texts on stdin, by name, and shows what each became; it writes its
own form of every value, and shows what it reads of that.
"""

import json
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Parameter, ParameterExpression, ParameterVector, QuantumRegister
from qiskit.circuit.library import CXGate, RXGate
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import (
    PTM,
    Chi,
    Choi,
    Kraus,
    Operator,
    Pauli,
    PauliLindbladMap,
    PauliList,
    SparsePauliOp,
    Statevector,
    Stinespring,
    SuperOp,
)  # fmt: skip
from qiskit.result import Result
from qiskit.transpiler import CouplingMap

START, STOP = datetime(2026, 9, 1, 10, tzinfo=UTC), datetime(2026, 9, 1, 11, 30, tzinfo=UTC)
NAIVE = datetime(2026, 9, 1, 10, 11, 12, 345678)  # noqa: DTZ001 - the server writes naive UTC


def circuit() -> QuantumCircuit:
    """Return a circuit with parameters, registers, a condition and metadata."""
    made = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(2, "c"), name="odd", metadata={"a": [1, 2.5]})
    made.rx(Parameter("a") + 1, 0)
    made.ry(ParameterVector("v", 3)[1], 1)
    made.cx(0, 1)
    made.measure([0, 1], [0, 1])
    with made.if_test((made.clbits[0], 1)):
        made.x(2)
    return made


def operators() -> dict[str, object]:
    """Return the operators that have a form, by name."""
    operator = Operator.from_label("XY")
    return {
        "sparse_pauli_op": SparsePauliOp(["XX", "YZ"], [1, 2j]),
        "pauli_list": PauliList(["XY", "-iZZ", "iIY", "-YY"]),
        "pauli": Pauli("-iXYZ"),
        "wide_pauli": Pauli("X" * 40),
        "wide_operator": SparsePauliOp("Z" * 40),
        "operator": operator,
        "operator_odd": Operator(np.eye(6), input_dims=(2, 3), output_dims=(6,)),
        "kraus": Kraus(operator),
        "superop": SuperOp(operator),
        "chi": Chi(operator),
        "choi": Choi(operator),
        "ptm": PTM(operator),
        "stinespring": Stinespring(operator),
        "statevector": Statevector([1, 0]),
        "lindblad_map": PauliLindbladMap.from_sparse_list([("X", [0], 0.1), ("ZZ", [0, 2], 0.2)], num_qubits=3),
        "lindblad_map_empty": PauliLindbladMap.identity(2),
    }


def plain() -> dict[str, object]:
    """Return numbers, dates, sets and arrays, by name."""
    return {
        "nested": {"a": [1, None, True, "ü", {"b": [0.5]}], "c": (1, 2)},
        "big": 10**40,
        "not_finite": [float("nan"), float("inf"), -float("inf")],
        "numpy_int": np.int64(7),
        "numpy_float": np.float64(0.5),
        "numpy_complex": np.complex128(1 - 2j),
        "complex": 1 + 2j,
        "naive": NAIVE,
        "aware": START,
        "date": date(2026, 9, 1),
        "set": {1, 2},
        "integer_keys": {1: 2, 3: {4: 5}},
        "floats": np.array([[0.5, -1.5], [2.0, np.inf]]),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "gaps": np.arange(12)[::3],
        "bytes": np.arange(4, dtype=np.uint8),
        "truth": np.array([True, False]),
        "complexes": np.array([1j]),
        "texts": np.array(["a", "bcd"]),
        "dates": np.array(["2026-09-01"], dtype="datetime64[D]"),
        "scalar_array": np.array(3.5),
        "empty_array": np.zeros((0,)),
        "objects": np.array([[1, "a"], [None, 2j]], dtype=object),
        "objects_of_objects": np.array([{"a": 1j}], dtype=object),
    }


def circuits() -> dict[str, object]:
    """Return circuits and what belongs to them, by name."""
    made = circuit()
    return {
        "circuit": made,
        "parameter": Parameter("θ"),
        "vector_element": ParameterVector("v", 3)[1],
        "parameters": made.parameters,
        "instruction": RXGate(0.5),
        "controlled_instruction": CXGate(ctrl_state=0),
        "coupling_map": CouplingMap.from_line(3),
        "observables": ObservablesArray([[{"ZZ": 1.0, "XX": -0.5}], [{"IZ": 1.0}]]),
        "observable": ObservablesArray({"ZZ": 1.0}),
        "bindings": BindingsArray({("a", "b"): np.zeros((2, 2)), "c": np.ones(2)}, shape=(2,)),
        "sampler_pub": SamplerPub.coerce((made, np.ones((4, 2)), 100)),
        "estimator_pub": EstimatorPub.coerce((QuantumCircuit(2), [["ZZ"], ["XX"]], None, 0.02)),
    }


def results(spans: ModuleType, answers: ModuleType) -> dict[str, object]:
    """Return what jobs answer with, by name, made of the classes in these two modules."""
    bits = BitArray(np.array([[[0, 3], [2, 0]]], np.uint8), 10)
    samples = SamplerPubResult(DataBin(c=bits, shape=(1,)), {"circuit_metadata": {}})
    timed = spans.ExecutionSpans(every_span(spans))
    error = answers.PauliLindbladError(PauliList(["XX", "ZI"]), [0.1, 0.2])
    layers = [answers.LayerError(QuantumCircuit(2), [3, 4], error), answers.LayerError(QuantumCircuit(1), [0])]
    estimate = DataBin(evs=np.array([0.5]), stds=np.array([0.1]), shape=(1,))
    return {
        "bit_array": bits,
        "data_bin": DataBin(evs=np.array(0.5), stds=0.25, shape=()),
        "kerneled": SamplerPubResult(DataBin(c=np.ones((2, 3), complex), shape=(2,))),
        "sampler_result": PrimitiveResult([samples, samples], {"execution": {"execution_spans": timed}, "version": 2}),
        "estimator_result": PrimitiveResult([PubResult(estimate, {"shots": 10})], {"version": 2}),
        "estimator_result_old": PrimitiveResult([answers.EstimatorPubResult(estimate)], {}),
        **{type(span).__name__: span for span in every_span(spans)},
        "noise_learner_result": answers.NoiseLearnerResult(layers, {"backend": "b"}),
        "old_result": old_result(),
    }


def every_span(spans: ModuleType) -> list[Any]:
    """Return one span of each kind, last first."""
    twirled = ((3, 2, 4), True, slice(1, 4), slice(0, 3))
    return [
        spans.TwirledSliceSpanV2(STOP, STOP, {0: (*twirled, 10), 2: ((2, 3, 4), False, slice(0, 6), slice(0, 3), 11)}),
        spans.TwirledSliceSpan(START, STOP, {0: twirled, 1: ((2, 3, 4), False, slice(0, 5), slice(1, 4))}),
        spans.DoubleSliceSpan(START, STOP, {1: ((2, 3, 10), slice(1, 4), slice(2, 5))}),
        spans.SliceSpan(START, START, {0: ((2, 50), slice(0, 60)), 3: ((100,), slice(0, 100))}),
    ]


def old_result() -> Result:
    """Return a result of the time before the primitives."""
    data = {"shots": 10, "success": True, "data": {"counts": {"0x0": 10}}, "meas_level": 2, "header": {"name": "n"}}
    names = {"backend_name": "b", "backend_version": "1", "qobj_id": "q", "job_id": "j"}
    return Result.from_dict({**names, "success": True, "results": [data]})


def optional() -> dict[str, object]:
    """Return values of packages that come with others."""
    sparse = import_module("scipy.sparse")
    noise = import_module("qiskit_aer.noise")
    model = noise.NoiseModel()
    model.add_all_qubit_quantum_error(noise.depolarizing_error(0.1, 1), ["x"])
    model.add_quantum_error(noise.pauli_error([("XX", 0.25), ("II", 0.75)]), ["cx"], [1, 2])
    model.add_readout_error(noise.ReadoutError([[0.9, 0.1], [0.2, 0.8]]), [0])
    matrix = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, 0.0]])
    forms = ("csr", "csc", "coo", "bsr", "dia")
    return {"noise_model": model, **{form: getattr(sparse, f"{form}_matrix")(matrix) for form in forms}}


def every_value(spans: ModuleType, answers: ModuleType) -> dict[str, object]:
    """Return all of the above."""
    return {**plain(), **operators(), **circuits(), **results(spans, answers), **optional()}


def view(value: Any) -> Any:
    """Return a value as plain data that is equal for equal values, whichever client made them."""
    if isinstance(value, list | tuple):
        return [view(item) for item in value]
    if isinstance(value, dict):
        return {"dict": sorted([repr(key), view(item)] for key, item in value.items())}
    for kind, show in VIEWS:
        if isinstance(value, kind):
            return {type(value).__name__: show(value)}
    shown = VIEWS_BY_NAME.get(type(value).__name__)
    return repr(value) if shown is None else {type(value).__name__: shown(value)}


def view_circuit(value: QuantumCircuit) -> Any:
    """Return name, registers, metadata and instructions."""
    place = {bit: index for index, bit in enumerate([*value.qubits, *value.clbits])}
    rows = [
        [
            instruction.name,
            [place[bit] for bit in (*instruction.qubits, *instruction.clbits)],
            [view(param) for param in instruction.params],
        ]
        for instruction in value.data
    ]
    registers = [f"{register.name}{register.size}" for register in (*value.qregs, *value.cregs)]
    return [value.name, registers, view(value.metadata), rows]


def view_array(value: Any) -> Any:
    """Return type, shape and items."""
    return [value.dtype.str, list(value.shape), view(value.tolist())]


def view_span(value: Any) -> Any:
    """Return what the public methods of a span say."""
    masks = [[index, value.mask(index).astype(int).tolist()] for index in value.pub_idxs]
    shown = [view(value.start), view(value.stop), value.duration, value.size, masks]
    # In IBM's client the filter of this kind fails.
    if type(value).__name__ != "TwirledSliceSpanV2":
        shown += [value.filter_by_pub(0).pub_idxs, value.filter_by_pub([1, 3]).size]
    return [*shown, value.contains_pub(0), value.contains_pub([7, 9])]


def view_spans(value: Any) -> Any:
    """Return what the public methods of spans say."""
    ordered = [type(span).__name__ for span in value.sort(inplace=False)]
    parts = [view(span) for span in value]
    some = [len(value[1:]), view(list(value[[0]])), view(list(value[2:].filter_by_pub(1)))]
    return [
        view(value.start),
        view(value.stop),
        value.duration,
        value.pub_idxs,
        ordered,
        parts,
        some,
        value == value[:],
    ]


def view_model(value: Any) -> Any:
    """Return the errors of a noise model without their random names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        errors = value.to_dict(serializable=True)["errors"]
    return view([{key: item for key, item in error.items() if key != "id"} for error in errors])


VIEWS: list[tuple[Any, Callable[[Any], Any]]] = [
    (QuantumCircuit, view_circuit),
    (np.ndarray, view_array),
    (datetime, lambda value: value.isoformat() if value.tzinfo is None else value.timestamp()),
    (complex, lambda value: [repr(value.real), repr(value.imag)]),
    (set, lambda value: sorted(map(repr, value))),
    (Parameter, lambda value: [value.name, str(value.uuid)]),
    (ParameterExpression, str),
    (PauliList, lambda value: value.to_labels()),
    (SparsePauliOp, lambda value: [value.paulis.to_labels(), view(value.coeffs)]),
    (Pauli, lambda value: value.to_label()),
    (PauliLindbladMap, lambda value: [view(value.to_sparse_list()), value.num_qubits]),
    (ObservablesArray, lambda value: view(value.tolist())),
    (BindingsArray, lambda value: [value.shape, view({str(key): array for key, array in value.data.items()})]),
    (BitArray, lambda value: [value.num_bits, view_array(value.array)]),
    (DataBin, lambda value: [value.shape, view(dict(value.items()))]),
    (PubResult, lambda value: [view(value.data), view(value.metadata)]),
    (PrimitiveResult, lambda value: [view(list(value)), view(value.metadata)]),
    (Result, lambda value: view(value.to_dict())),
    (
        RXGate | CXGate,
        lambda value: [value.name, view(value.params), value.num_qubits, str(value.base_class)],
    ),
]
"""By class: how to show what is of Qiskit."""

VIEWS_BY_NAME: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("Operator", "SuperOp", "Chi", "Choi", "PTM"),
        lambda value: [view(value.data), view(value.input_dims()), view(value.output_dims())],
    ),
    **dict.fromkeys(("Kraus", "Stinespring"), lambda value: view(SuperOp(value).data.round(9))),
    **dict.fromkeys(("SliceSpan", "DoubleSliceSpan", "TwirledSliceSpan", "TwirledSliceSpanV2"), view_span),
    **dict.fromkeys(
        ("csr_matrix", "csc_matrix", "coo_matrix", "bsr_matrix", "dia_matrix"),
        lambda value: [value.format, view_array(value.toarray())],
    ),
    "ExecutionSpans": view_spans,
    "PauliLindbladError": lambda value: [value.generators.to_labels(), view(value.rates), value.num_qubits],
    "LayerError": lambda value: [view(value.circuit), value.qubits, view(value.error), value.num_qubits],
    "NoiseLearnerResult": lambda value: [view(list(value)), view(value.metadata), len(value), view(value[0])],
    "NoiseModel": view_model,
}
"""By the name of the class: how to show what each client has a class of its own for, and what is optional."""


def main() -> None:
    """Answer the question on stdin."""
    warnings.simplefilter("ignore")
    client = import_module("qiskit_ibm_runtime")
    texts: dict[str, str] = json.load(sys.stdin)
    made = every_value(import_module("qiskit_ibm_runtime.execution_span"), import_module("qiskit_ibm_runtime.results"))
    written = {name: json.dumps(value, cls=client.RuntimeEncoder) for name, value in made.items()}
    read, read_again = (
        {name: view(json.loads(text, cls=client.RuntimeDecoder)) for name, text in bodies.items()}
        for bodies in (texts, written)
    )
    print(json.dumps({"read": read, "written": written, "read again": read_again}))


if __name__ == "__main__":
    main()
