"""Orders: what a cloud reads out of the params of a job."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Success

from qiskit_runtime_service.bridge.circuits import read_pubs, values_of
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.records.problem import BadArgument, TooLarge
from qiskit_runtime_service.simulator.job_params import (
    Twirling,
    decode_estimator_params,
    decode_sampler_params,
    precision_of,
    shots_for,
    spread_shots,
)
from tests.support.params import estimator_params, sampler_params

DATA = Path(__file__).parent / "data"
BOTH = {"num_randomizations": 3, "shots_per_randomization": 50}


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def pubs_of(*pubs: Any) -> tuple[SamplerPub, ...]:
    read: tuple[SamplerPub, ...] = read_pubs(pubs, None).unwrap()
    return read


def estimates(*pubs: Any) -> tuple[EstimatorPub, ...]:
    read: tuple[EstimatorPub, ...] = read_estimator_pubs(pubs, None).unwrap()
    return read


def test_the_sample_request_of_the_protocol_is_read() -> None:
    job = decode_sampler_params((DATA / "sampler_params.json").read_bytes()).unwrap()
    (pub,) = job.pubs
    assert (pub.shots, pub.shape, job.settings.simulator.seed_simulator) == (8, (2,), None)
    assert pub.circuit.num_parameters == 1


def test_what_the_existing_client_sends_is_read() -> None:
    params = json.loads((DATA.parents[1] / "data" / "typed_json.json").read_text())["params"]
    job = decode_sampler_params(json.dumps(params).encode()).unwrap()
    assert [pub.shots for pub in job.pubs] == [8, 4096, 4096]
    assert [values_of(pub).tolist() for pub in job.pubs] == [[[1, 0.1], [2, 0.2]], [], [[0, 1], [2, 3], [4, 5]]]


@pytest.mark.holds("B84", "B186")
def test_a_cloud_takes_shots_from_the_pub_then_the_options_then_4096() -> None:
    pubs = pubs_of((bell(), None, 7), bell())
    for options, shots in (({}, [7, 4096]), ({"default_shots": 20}, [7, 20]), ({"default_shots": None}, [7, 4096])):
        job = decode_sampler_params(sampler_params(pubs, options)).unwrap()
        assert [pub.shots for pub in job.pubs] == shots


@pytest.mark.holds("B186")
def test_what_stands_beside_the_pubs_comes_after_them_and_before_the_options() -> None:
    options = {"default_shots": 20, "twirling": {"enable_gates": True, **BOTH}}
    sampler = decode_sampler_params(sampler_params(pubs_of((bell(), None, 7), bell()), options, shots=100)).unwrap()
    assert [pub.shots for pub in sampler.pubs] == [7, 100]
    pubs = estimates((bell(), "ZZ", [], 0.5), (bell(), "ZZ"))
    estimator = decode_estimator_params(estimator_params(pubs, options, precision=0.25)).unwrap()
    assert [pub.precision for pub in estimator.pubs] == [0.5, 0.25]


@pytest.mark.parametrize("more", [{"shots": 0}, {"shots": "many"}, {"precision": 0}, {"precision": "fine"}])
def test_what_stands_beside_the_pubs_and_cannot_be_meant_is_named(more: dict[str, Any]) -> None:
    (name,) = more
    pubs = estimates((bell(), "ZZ")) if name == "precision" else ()
    result = (
        decode_estimator_params(estimator_params(pubs, {}, **more))
        if pubs
        else decode_sampler_params(sampler_params(pubs_of(bell()), {}, **more))
    )
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    assert problem.name == name


@pytest.mark.holds("B244")
@pytest.mark.parametrize("rest", [{}, {"options": None}, {"options": {}}])
def test_a_job_may_be_a_program_in_openqasm_and_nothing_else(rest: dict[str, Any]) -> None:
    program = 'OPENQASM 3.0; include "stdgates.inc"; input float a; bit[1] c; rz(a) $1; c[0] = measure $1;'
    for values in ([0.5], {"a": 0.5}):
        params = json.dumps({"pubs": [[program, values], [program, values, 9]], **rest}).encode()
        job = decode_sampler_params(params).unwrap()
        assert [(pub.circuit.num_qubits, pub.shots) for pub in job.pubs] == [(2, 4096), (2, 9)]
        assert [values_of(pub).tolist() for pub in job.pubs] == [[0.5], [0.5]]


@pytest.mark.holds("B244")
@pytest.mark.parametrize("observables", ["IIIIZ", {"IIIIZ": 1}, ["IIIIZ", "ZIIII"], [[{"IIIIZ": 1.5}]]])
def test_a_program_on_physical_qubits_is_as_wide_as_its_observables(observables: Any) -> None:
    program = 'OPENQASM 3.0; include "stdgates.inc"; x $0;'
    job = decode_estimator_params(json.dumps({"pubs": [[program, observables]]}).encode()).unwrap()
    assert [(pub.circuit.num_qubits, pub.precision) for pub in job.pubs] == [(5, 0.015625)]


@pytest.mark.parametrize("seed", [0, 42, None])
def test_a_seed_of_the_simulator_arrives(seed: int | None) -> None:
    params = sampler_params(pubs_of(bell()), {"simulator": {"seed_simulator": seed}})
    assert decode_sampler_params(params).unwrap().settings.simulator.seed_simulator == seed


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"pubs": [], "options": {}},
        {"pubs": ["OPENQASM 3.0;"], "options": {}},
        {"pubs": [[None]], "options": {}},
        {"pubs": [["OPENQASM 3.0;"]], "options": 3},
        {"pubs": [["x $0;"]], "options": {}},
        {"pubs": [["OPENQASM 3.0; x"]], "options": {}},
        {"pubs": [[{"a": 1}, None, 5]], "options": {}},
        {"pubs": 3, "options": {}},
    ],
)
def test_params_without_circuits_are_a_documented_failure(params: object) -> None:
    result = decode_sampler_params(json.dumps(params).encode())
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


PROGRAM = 'OPENQASM 3.0; include "stdgates.inc"; bit[1] c; x $0; c[0] = measure $0;'


@pytest.mark.holds("B430")
@pytest.mark.parametrize(
    ("params", "name", "words"),
    [
        ([], "params", "an object"),
        (
            {"circuits": [PROGRAM]},
            "params['circuits']",
            "beside pubs there are options, version, support_qiskit, shots",
        ),
        ({"pubs": [[PROGRAM]], "precision": 0.1}, "params['precision']", "left out"),
        ({"pubs": [[PROGRAM]], "resilience_level": 1}, "params['resilience_level']", "left out"),
        ({"pubs": [[PROGRAM]], "version": 1}, "version", "2, or left out"),
        ({"pubs": [[PROGRAM]], "support_qiskit": "yes"}, "support_qiskit", "true or false"),
        ({"pubs": [[PROGRAM]], "options": "many"}, "options", "an object"),
        ({}, "pubs", "a list of pubs"),
        ({"pubs": PROGRAM}, "pubs", "a list of pubs"),
        ({"pubs": [PROGRAM]}, "pubs[0]", "OpenQASM 2 or 3"),
        ({"pubs": [[PROGRAM], {"circuit": PROGRAM}]}, "pubs[1]", "a list of one to four"),
        ({"pubs": [[PROGRAM], ["OPENQASM 3.0; nothing $0;"]]}, "pubs[1][0]", "1,14: gate 'nothing' is not defined"),
        ({"pubs": [[PROGRAM, None, 0]]}, "pubs[0]", "shots must be positive"),
    ],
)
def test_what_a_sampler_cannot_mean_is_named_with_its_place(params: object, name: str, words: str) -> None:
    result = decode_sampler_params(json.dumps(params).encode())
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    assert problem.name == name
    assert words in problem.wanted


@pytest.mark.holds("B430")
def test_an_estimator_knows_other_words_beside_its_pubs() -> None:
    pub = [PROGRAM, "Z"]
    for more in (
        {"precision": 0.5},
        {"resilience_level": 0},
        {"version": 2},
        {"support_qiskit": False},
        {"shots": None},
    ):
        assert isinstance(decode_estimator_params(json.dumps({"pubs": [pub], **more}).encode()), Success)
    refused = decode_estimator_params(json.dumps({"pubs": [pub], "shots": 10}).encode())
    assert isinstance(refused, Failure)
    assert refused.failure() == BadArgument(
        name="params['shots']",
        value="10",
        wanted="left out: beside pubs there are options, version, support_qiskit, precision, resilience_level",
    )


@pytest.mark.holds("B430")
def test_what_is_said_of_a_program_in_openqasm_is_the_same_each_time() -> None:
    params = json.dumps({"pubs": [[PROGRAM, [1, 2], 3]]}).encode()
    first, second = (decode_sampler_params(params) for _ in range(2))
    assert isinstance(first, Failure)
    assert first == second
    problem = first.failure()
    assert isinstance(problem, BadArgument)
    assert problem.value == "(circuit 'in OpenQASM', [1, 2], 3)"


@pytest.mark.holds("B432")
@pytest.mark.parametrize(
    "program",
    [
        "OPENQASM 3.0; bit[30000000] c;",
        "OPENQASM 2.0; qreg q[3000000];",
        PROGRAM.replace("$0", "$3000000"),
        "OPENQASM 3.0; qubit[100000] q; " + "barrier q; " * 1000,
    ],
)
def test_a_program_that_would_take_too_much_is_refused_before_it_is_read(program: str) -> None:
    result = decode_sampler_params(json.dumps({"pubs": [[program]]}).encode())
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), TooLarge)


@pytest.mark.holds("B432")
def test_a_long_program_of_a_real_device_is_read() -> None:
    lines = [f"sx ${qubit}; cz ${qubit}, ${qubit + 1}; rz(0.25) ${qubit};" for qubit in range(155)] * 20
    program = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[156]; ' + " ".join(lines).replace("$", "q#")
    program = re.sub(r"q#(\d+)", r"q[\1]", program)
    (pub,) = decode_sampler_params(json.dumps({"pubs": [[program]]}).encode()).unwrap().pubs
    assert pub.circuit.size() == 3 * 155 * 20


def test_a_pub_may_be_a_circuit_alone_and_no_longer_than_four() -> None:
    whole = json.loads(sampler_params(pubs_of(bell()), {}))
    for length, passes in ((1, True), (2, True), (3, True), (5, False)):
        whole["pubs"] = [[whole["pubs"][0][0], None, None, None, None][:length]]
        assert isinstance(decode_sampler_params(json.dumps(whole).encode()), Success) is passes


@pytest.mark.parametrize("options", [{"default_shots": -1}, {"simulator": {"seed_simulator": -1}}])
def test_bad_options_are_a_documented_failure(options: dict[str, object]) -> None:
    result = decode_sampler_params(sampler_params(pubs_of(bell()), options))
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


@pytest.mark.holds("B186")
def test_shots_of_a_pub_come_before_twirling_and_twirling_before_the_default() -> None:
    pubs = pubs_of((bell(), None, 7), bell())
    for enabled, shots in ((True, [7, 150]), (False, [7, 20])):
        options = {"default_shots": 20, "twirling": {"enable_measure": enabled, **BOTH}}
        job = decode_sampler_params(sampler_params(pubs, options)).unwrap()
        assert [pub.shots for pub in job.pubs] == shots


@pytest.mark.holds("B186")
@pytest.mark.parametrize(
    ("options", "level", "shots"),
    [
        ({}, None, [100, 4096]),
        ({"default_precision": 0.05}, 0, [100, 400]),
        ({"default_precision": 0.05, "default_shots": 777}, 2, [100, 777]),
        ({"default_precision": 0.05, "default_shots": 0}, 2, [100, 400]),
        ({"default_shots": 777, "twirling": BOTH}, 1, [100, 150]),
        ({"default_shots": 777, "twirling": BOTH}, 0, [100, 777]),
        ({"default_shots": None, "twirling": BOTH | {"enable_gates": True}}, 0, [100, 150]),
    ],
)
def test_an_estimator_takes_precision_from_the_pub_then_the_options(
    options: dict[str, Any], level: int | None, shots: list[int]
) -> None:
    pubs = estimates((bell(), "ZZ", None, 0.1), (bell(), "ZZ"))
    job = decode_estimator_params(estimator_params(pubs, options, resilience_level=level)).unwrap()
    assert [shots_for(pub.precision) for pub in job.pubs] == shots
    assert job.resilience_level == (1 if level is None else level)
    assert not job.plain


def test_what_an_estimator_is_sent_comes_back() -> None:
    observables = [[{"ZZ": 1.0, "IX": -0.5}], [{"YI": 2.0}]]
    pubs = estimates((bell(), observables, None, 0.1))
    (pub,) = decode_estimator_params(estimator_params(pubs, {})).unwrap().pubs
    assert pub.observables.tolist() == observables
    assert pub.shape == (2, 1)


@pytest.mark.holds("B271")
def test_options_that_have_no_effect_are_known_by_name() -> None:
    options = {"default_shots": 5, "dynamical_decoupling": {"enable": True}}
    sampler = decode_sampler_params(sampler_params(pubs_of((bell(), None, 5)), options)).unwrap()
    assert sampler.idle == ("dynamical_decoupling.enable",)
    pubs = estimates((bell(), "ZZ", None, 0.1))
    estimator = decode_estimator_params(estimator_params(pubs, options, resilience_level=2)).unwrap()
    assert estimator.idle == ("resilience_level", "dynamical_decoupling.enable")
    assert decode_estimator_params(estimator_params(pubs, {})).unwrap().idle == ()


def test_a_result_is_plain_where_the_job_does_not_ask_for_the_types_of_qiskit() -> None:
    params = json.loads(sampler_params(pubs_of(bell()), {}))
    assert not decode_sampler_params(json.dumps(params).encode()).unwrap().plain
    del params["support_qiskit"]
    assert decode_sampler_params(json.dumps(params).encode()).unwrap().plain


@pytest.mark.parametrize(
    "options",
    [
        {"default_precision": 0},
        {"execution": {"meas_type": "raw"}},
        {"twirling": {"num_randomizations": "some"}},
        {"simulator": {"basis_gates": 3}},
        {"seed_estimator": 0.5},
    ],
)
def test_options_that_cannot_be_meant_are_named(options: dict[str, Any]) -> None:
    result = decode_estimator_params(estimator_params(estimates((bell(), "ZZ")), options))
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, BadArgument)
    assert next(iter(options)) in problem.value


@pytest.mark.parametrize(
    "params", [{}, {"pubs": [["x", "ZZ"]], "options": {}}, {"pubs": [["x", []]]}, {"pubs": 3, "options": {}}]
)
def test_an_estimator_without_circuits_is_a_documented_failure(params: object) -> None:
    result = decode_estimator_params(json.dumps(params).encode())
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


def test_a_resilience_level_that_is_none_is_refused() -> None:
    result = decode_estimator_params(estimator_params(estimates((bell(), "ZZ")), {}, resilience_level=3))
    assert isinstance(result, Failure)
    assert isinstance(result.failure(), BadArgument)


@given(st.integers(1, 10**9))
def test_shots_survive_the_way_through_a_precision(shots: int) -> None:
    assert shots_for(precision_of(shots)) == shots


@pytest.mark.holds("B186")
@given(st.floats(1e-5, 10))
def test_shots_are_enough_for_a_precision_and_no_more(precision: float) -> None:
    shots = shots_for(precision)
    assert precision_of(shots) <= precision * (1 + 1e-9)
    assert shots == 1 or precision_of(shots - 1) > precision * (1 - 1e-9)


@pytest.mark.holds("B187")
@given(
    st.integers(1, 10**6),
    st.none() | st.just("auto") | st.integers(1, 10**4),
    st.none() | st.just("auto") | st.integers(1, 10**4),
    st.booleans(),
)
def test_randomizations_hold_all_shots_and_none_is_empty(shots: int, number: Any, wanted: Any, pec: bool) -> None:
    twirling = Twirling(num_randomizations=number, shots_per_randomization=wanted)
    many, size = spread_shots(shots, twirling, pec=pec)
    assert (many - 1) * size < shots <= many * size
    if isinstance(wanted, int):
        assert size == wanted
    elif isinstance(number, int):
        assert many <= number
    else:
        assert size == (64 if pec else max(64, math.ceil(shots / 32)))
