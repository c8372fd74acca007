"""Pubs: read from users, sent, and read again by a cloud."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure

from qiskit_runtime_service.bridge.circuits import read_pubs, values_of
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.records.problem import BadArgument
from qiskit_runtime_service.simulator.job_params import decode_sampler_params
from tests.support.params import sampler_params

DATA = Path(__file__).parent / "data"


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def turning(angle: Any) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    circuit.rzz(angle, 0, 1)
    circuit.measure(0, 0)
    return circuit


def pubs_of(*pubs: Any) -> tuple[SamplerPub, ...]:
    read: tuple[SamplerPub, ...] = read_pubs(pubs, None).unwrap()
    return read


# What a user hands in


MASKED = np.ma.masked_array([[0.1], [0.2]], mask=[[False], [True]])


@pytest.mark.holds("B409")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([["0.5"]], "'0.5' among the values is a text; give numbers"),
        (["0.5"], "'0.5' among the values is a text"),
        (np.array([["0.5"]]), "'0.5' among the values is a text"),
        (np.array([[0.25], ["0.5"]], dtype=object), "'0.5' among the values is a text"),
        ({"a": ["0.5"]}, "'0.5' among the values is a text"),
        ({"a": "0.5"}, "'0.5' among the values is a text"),
        (MASKED, "some values are masked"),
        ([MASKED[0], MASKED[1]], "some values are masked"),
        ({"a": MASKED}, "some values are masked"),
    ],
)
def test_values_that_would_be_taken_for_other_numbers_are_refused(values: Any, words: str) -> None:
    circuit = turning(Parameter("a"))
    for read, place in (
        (read_pubs([bell(), (circuit, values)], None), "pubs[1]"),
        (read_estimator_pubs([(bell(), "ZZ"), (circuit, "ZZ", values)], None), "pubs[1]"),
    ):
        problem = read.failure()
        assert isinstance(problem, BadArgument)
        assert problem.name == place
        assert words in problem.wanted


@pytest.mark.holds("B409")
def test_values_that_are_numbers_are_taken_as_they_are() -> None:
    circuit = turning(Parameter("a"))
    whole = np.ma.masked_array([[0.5]], mask=[[False]])
    for values in ([[0.5]], np.array([[0.5]], dtype=object), whole, {"a": [0.5]}, (np.float64(0.5),)):
        (pub,) = pubs_of((circuit, values))
        assert values_of(pub).reshape(-1).tolist() == [0.5]


@pytest.mark.holds("B84")
def test_shots_of_the_call_fill_in_where_a_pub_has_none() -> None:
    pubs = read_pubs([bell(), (bell(), None, 7)], 100).unwrap()
    assert [pub.shots for pub in pubs] == [100, 7]


def test_pubs_may_come_from_a_generator_and_shots_from_numpy() -> None:
    five: Any = np.int64(5)
    pubs = read_pubs((bell() for _ in range(2)), five).unwrap()
    assert [pub.shots for pub in pubs] == [5, 5]


@pytest.mark.holds("B83")
@pytest.mark.parametrize("shots", [0, -1, True, 1.5, "10"])
def test_shots_that_cannot_be_meant_are_refused(shots: Any) -> None:
    for pubs in ([bell()], [(bell(), None, 3)]):
        result = read_pubs(pubs, shots)
        assert isinstance(result, Failure)
        assert isinstance(result.failure(), BadArgument)
    inside = read_pubs([bell(), (bell(), None, shots)], None)
    assert isinstance(inside, Failure)
    assert inside.failure().name == "pubs[1]"


@pytest.mark.holds("B83")
@pytest.mark.parametrize("pubs", [[], (), bell(), "circuit", 5, None])
def test_no_pubs_and_what_is_no_list_of_pubs_are_refused(pubs: Any) -> None:
    result = read_pubs(pubs, None)
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


@pytest.mark.holds("B83")
@pytest.mark.parametrize(
    "pub",
    [
        5,
        None,
        "bell",
        (),
        (bell(), [1.0]),
        (turning(Parameter("a")),),
        (bell(), None, 1, 2),
        ({},),
        (turning(Parameter("a")), {"b": 1}),
    ],
)
def test_a_bad_pub_is_named_by_its_index(pub: Any) -> None:
    result = read_pubs([bell(), pub], None)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    assert problem.name == "pubs[1]"


# What a job is sent


@pytest.mark.holds("B84")
def test_values_are_sent_in_the_order_of_the_parameters() -> None:
    circuit = QuantumCircuit(1)
    circuit.rz(Parameter("b"), 0)
    circuit.rz(Parameter("a"), 0)
    pubs = pubs_of((circuit, {"b": [[3, 4, 5]], "a": [[0, 1, 2]]}), bell())
    params = json.loads(sampler_params(pubs, {"default_shots": 10}))
    assert {key: params[key] for key in ("options", "version", "support_qiskit")} == {
        "options": {"default_shots": 10},
        "version": 2,
        "support_qiskit": True,
    }
    job = decode_sampler_params(sampler_params(pubs, {})).unwrap()
    assert values_of(job.pubs[0]).tolist() == [[[0, 3], [1, 4], [2, 5]]]
    assert values_of(job.pubs[1]).shape == (0,)
    assert job.pubs[0].circuit == circuit
