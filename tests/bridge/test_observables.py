"""Estimator pubs: read from users, and sent."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import Pauli, PauliList, SparseObservable, SparsePauliOp
from returns.result import Failure

from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.typed_json import decode_value
from qiskit_runtime_service.records.problem import BadArgument
from tests.support.params import estimator_params


def pair() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return circuit


def turned() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    for name in ("b", "a"):
        circuit.ry(Parameter(name), 0)
    return circuit


def sent(*pubs: Any, **more: Any) -> Any:
    read = read_estimator_pubs(pubs, more.pop("precision", None)).unwrap()
    params = estimator_params(read, more.pop("options", {}), **more)
    decoded: Any = decode_value(params).unwrap()
    return decoded


def reason_of(*pubs: Any, precision: Any = None) -> BadArgument:
    result = read_estimator_pubs(pubs, precision)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    return problem


@pytest.mark.holds("B164")
@pytest.mark.parametrize(
    ("observables", "expected"),
    [
        ("ZI", {"ZI": 1.0}),
        (Pauli("-XY"), {"XY": -1.0}),
        (SparsePauliOp(["ZZ", "XX", "ZZ"], [1, 0.5, 1]), {"ZZ": 2.0, "XX": 0.5}),
        (SparseObservable.from_sparse_list([("Z", [1], 0.25)], 2), {"ZI": 0.25}),
        ({"II": 1, "YY": -2}, {"II": 1.0, "YY": -2.0}),
        (["ZI", Pauli("IZ")], [{"ZI": 1.0}, {"IZ": 1.0}]),
        ([["ZI"], ["IZ"]], [[{"ZI": 1.0}], [{"IZ": 1.0}]]),
        (PauliList(["XX", "YY"]), [{"XX": 1.0}, {"YY": 1.0}]),
        (ObservablesArray(["ZZ"]), [{"ZZ": 1.0}]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_observables_of_every_form_are_sent_as_labels(observables: Any, expected: Any) -> None:
    params = sent((pair(), observables))
    circuit, observed, values, precision = params["pubs"][0]
    assert isinstance(circuit, QuantumCircuit)
    assert observed == expected
    assert values.shape == (0,)
    assert precision is None


@pytest.mark.holds("B164")
def test_observables_of_no_qubits_are_sent_as_empty_labels() -> None:
    params = sent((QuantumCircuit(0), SparsePauliOp("", 3.0)))
    assert params["pubs"][0][1] == {"": 3.0}


@pytest.mark.holds("B164")
def test_values_are_sent_in_the_order_of_the_parameters() -> None:
    by_name = {"b": [1, 2], "a": [3, 4]}
    for given_values in (by_name, BindingsArray(by_name), [[3, 1], [4, 2]]):
        params = sent((turned(), [["ZI"], ["IZ"]], given_values))
        assert params["pubs"][0][2].tolist() == [[3, 1], [4, 2]]


def test_precision_of_the_call_fills_in_where_a_pub_has_none() -> None:
    pubs = (
        (pair(), "ZZ"),
        (pair(), "ZZ", None, 0.5),
        EstimatorPub.coerce((pair(), "ZZ")),
        EstimatorPub.coerce((pair(), "ZZ", None, 0.25)),
    )
    assert [pub[3] for pub in sent(*pubs, precision=0.1)["pubs"]] == [0.1, 0.5, 0.1, 0.25]
    assert [pub[3] for pub in sent((pair(), "ZZ"), precision=np.float64(0.5))["pubs"]] == [0.5]


@pytest.mark.holds("B163")
def test_the_level_stands_beside_the_options() -> None:
    params = sent((pair(), "ZZ"), options={"default_precision": 0.5}, resilience_level=0)
    assert {key: params[key] for key in params if key != "pubs"} == {
        "options": {"default_precision": 0.5},
        "version": 2,
        "support_qiskit": True,
        "resilience_level": 0,
    }
    assert "resilience_level" not in sent((pair(), "ZZ"))


@pytest.mark.holds("B83", "B164")
@pytest.mark.parametrize(
    ("pub", "words"),
    [
        ((pair(), "ZZ", None, 0), "not above 0"),
        ((pair(), "ZZ", None, -0.5), "must be non-negative"),
        ((pair(), "ZZ", None, "fine"), "precision must be a real number"),
        ((pair(), "Z"), "apply_layout(circuit.layout)"),
        ((pair(), []), "no observables"),
        ((pair(), "Z0"), "projector"),
        ((pair(), {"ZZ": 1j}), "Non-Hermitian"),
        ((pair(), {}), "empty"),
        ((turned(), "ZZ"), "does not match"),
        ((turned(), "ZZ", {"a": 1, "c": 2}), "the parameters are ['a', 'b']"),
        ((turned(), ["ZZ", "XX"], [[1, 2]] * 3), "not broadcastable"),
        ((pair(),), "length"),
        (pair(), "wrap it"),
        (3, "no len"),
    ],
    ids=lambda value: value if isinstance(value, str) else "pub",
)
def test_what_cannot_be_estimated_is_refused_with_its_index(pub: Any, words: str) -> None:
    problem = reason_of((pair(), "ZZ"), pub)
    assert problem.name == "pubs[1]"
    assert words in problem.wanted


@pytest.mark.holds("B164")
@pytest.mark.parametrize("precision", [0, -1, True, "0.1", float("nan")])
def test_a_precision_that_is_none_is_refused(precision: Any) -> None:
    assert reason_of((pair(), "ZZ"), precision=precision).name == "precision"


@pytest.mark.holds("B83")
@pytest.mark.parametrize("pubs", [None, 3, pair(), "ZZ"])
def test_pubs_that_are_no_list_are_refused(pubs: Any) -> None:
    result = read_estimator_pubs(pubs, None)
    assert isinstance(result, Failure)
    assert "[(circuit, observables)]" in str(result.failure())


terms = st.dictionaries(st.text("IXYZ", min_size=6, max_size=6), st.floats(0.5, 2), min_size=1, max_size=8)


@pytest.mark.holds("B164")
@given(terms)
def test_labels_are_those_that_qiskit_writes(observable: dict[str, float]) -> None:
    circuit = QuantumCircuit(6)
    (pub,) = read_estimator_pubs([(circuit, observable)], None).unwrap()
    params = json.loads(estimator_params([pub], {}))
    assert params["pubs"][0][1] == pub.observables.tolist() == observable
