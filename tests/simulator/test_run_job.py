"""The programs of an emulated cloud: what jobs answer, and how they fail as real ones do."""

import json
from typing import Any

import msgspec
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Clbit, Parameter
from qiskit.circuit.classical import expr, types
from returns.result import Success

from qiskit_runtime_service.bridge.circuits import read_pubs
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.devices.snapshots import read_snapshot
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.world import Crashed, Finished, Outcome
from qiskit_runtime_service.simulator.run_job import run_task
from qiskit_runtime_service.wire.configuration import read_configuration
from tests.support.params import estimator_params, sampler_params
from tests.support.tasks import task_on


def task(params: bytes, program: str = "sampler") -> JobTask:
    return task_on("fake_manila", params, program)


def circuit(width: int = 5) -> QuantumCircuit:
    built = QuantumCircuit(width, 2)
    built.sx(0)
    built.cx(0, 1)
    built.measure([0, 1], [0, 1])
    return built


def sampled(*pubs: Any, plain: bool = False, **options: Any) -> JobTask:
    read = read_pubs(pubs or (circuit(),), None).unwrap()
    return task(sampler_params(read, options, support_qiskit=not plain))


def estimated(*pubs: Any, plain: bool = False, **options: Any) -> JobTask:
    read = read_estimator_pubs(pubs or ((circuit(), "IIIZZ"),), None).unwrap()
    return task(estimator_params(read, options, support_qiskit=not plain), "estimator")


def result_of(outcome: Outcome) -> Any:
    assert isinstance(outcome, Finished)
    decoded = decode_result(outcome.result)
    assert isinstance(decoded, Success)
    return decoded.unwrap()


@pytest.mark.parametrize("make", [sampled, estimated])
def test_the_same_order_has_the_same_outcome(make: Any) -> None:
    assert run_task(make()) == run_task(make())
    assert run_task(make()) != run_task(msgspec.structs.replace(make(), seed=8))


@pytest.mark.holds("B86")
def test_logs_tell_how_a_job_was_run() -> None:
    outcome = run_task(sampled(circuit(), circuit()))
    assert outcome.logs == (
        "PUB 0: 2 active qubits, density_matrix, with the noise of the device.\n"
        "PUB 1: 2 active qubits, density_matrix, with the noise of the device.\n"
    )


@pytest.mark.holds("B191")
def test_a_result_is_plain_json_where_the_types_of_qiskit_were_not_asked_for() -> None:
    sampler = run_task(sampled((circuit(), None, 4), plain=True))
    assert isinstance(sampler, Finished)
    body = json.loads(sampler.result)
    assert set(body["results"][0]["data"]["c"]["samples"]) <= {"0x0", "0x1", "0x2", "0x3"}
    assert body["metadata"] == {"version": 2}
    estimator = run_task(estimated(plain=True))
    assert isinstance(estimator, Finished)
    data = json.loads(estimator.result)["results"][0]["data"]
    assert set(data) == {"evs", "stds", "ensemble_standard_error"}
    assert 0.5 < data["evs"] < 1


@pytest.mark.holds("B193")
def test_a_stand_in_answers_at_random_in_the_form_of_the_device() -> None:
    real, random = (result_of(run_task(msgspec.structs.replace(sampled(), mock=mock))) for mock in (False, True))
    assert real[0].data.c.array.shape == random[0].data.c.array.shape
    assert real[0].metadata == random[0].metadata
    counts = random[0].data.c.get_counts()
    assert all(900 < counts[bits] < 1150 for bits in ("00", "01", "10", "11"))


def dynamic() -> QuantumCircuit:
    """Return a circuit with all that a simulator may not know: a variable, a stretch, loose bits in nested blocks."""
    built = QuantumCircuit(5, 2)
    built.add_bits([loose := Clbit()])
    n = built.add_var("n", expr.lift(3, types.Uint(8)))
    built.delay(built.add_stretch("gap"), 0)
    built.x(1)
    built.barrier(0, 1)
    built.measure(1, loose)
    with built.if_test((loose, 1)), built.if_test(expr.logic_and(loose, expr.equal(expr.shift_left(n, 1), 6))):
        built.x(0)
    built.measure([0, 1], [0, 1])
    return built


@pytest.mark.holds("B255", "B256", "B258")
def test_a_circuit_that_decides_by_variables_travels_and_runs() -> None:
    manila = read_snapshot("fake_manila")
    known = read_configuration(manila.configuration, "fake").unwrap()
    configuration = msgspec.json.decode(manila.configuration)
    configuration["supported_instructions"] = [*(known.supported_instructions or ()), "if_else"]
    able = msgspec.structs.replace(sampled(dynamic()), configuration=msgspec.json.encode(configuration))
    outcome = run_task(able)
    assert outcome.logs.startswith("PUB 0: 2 active qubits, statevector, branch by branch, with the gate and readout")
    assert result_of(outcome)[0].data.c.get_counts()["11"] > 3300


def t_gate() -> QuantumCircuit:
    built = QuantumCircuit(5, 1)
    built.t(0)
    return built


@pytest.mark.holds("B192")
@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (sampled(t_gate()), 7000, "'t' on qubit 0"),
        (estimated((t_gate(), "ZIIII")), 7000, "'t' on qubit 0"),
        (sampled(circuit(7)), 1002, "PUB 0 has 7 qubits, the device 5"),
        (sampled((circuit(), None, 10**6)), 6000, "PUB 0 asks for 1000000 shots"),
        (estimated((circuit(), "IIIZZ", None, 1e-4)), 6000, "PUB 0 asks for 100000000 shots"),
        (sampled((circuit(), None, 1), (circuit(), None, 100_001)), 6000, "PUB 1 asks for 100001 shots"),
        (sampled(default_shots=-1), 1002, "default_shots"),
        (sampled(execution={"rep_delay": 10.0}), 1002, "rep_delay of 10.0 s"),
        (task(b"{}"), 1002, "pubs is not there"),
        (task(b"{}", "estimator"), 1002, "pubs is not there"),
        (task(b"{}", "executor"), 1002, "quantum program"),
        (task(b"{}", "noise-learner"), 1002, "noise learner"),
        (task(b"{}", "teleporter"), 1007, "no program 'teleporter'"),
    ],
)
def test_a_job_that_cannot_run_fails_with_the_code_of_its_cause(wrong: JobTask, code: int, words: str) -> None:
    outcome = run_task(wrong)
    assert isinstance(outcome, Crashed)
    assert outcome.code == code
    assert words in outcome.reason
    assert outcome.solution


@pytest.mark.holds("B192")
@pytest.mark.parametrize("make", [sampled, estimated])
def test_one_pub_that_is_none_fails_the_whole_job(make: Any) -> None:
    right = make()
    params = json.loads(right.params)
    for pubs in ([5, *params["pubs"]], [*params["pubs"], 5]):
        outcome = run_task(msgspec.structs.replace(right, params=json.dumps(params | {"pubs": pubs}).encode()))
        assert isinstance(outcome, Crashed)
        assert outcome.code == 1002


@pytest.mark.parametrize("delay", [0.0, 2e-4, 5e-4])
def test_a_delay_in_the_range_of_the_device_passes(delay: float) -> None:
    assert isinstance(run_task(sampled(execution={"rep_delay": delay})), Finished)


@pytest.mark.parametrize("delay", [-1e-9, 5.01e-4])
def test_a_delay_beyond_the_range_of_the_device_is_refused(delay: float) -> None:
    outcome = run_task(sampled(execution={"rep_delay": delay}))
    assert isinstance(outcome, Crashed)
    assert "is not within the 0.0 to 500.0 µs of the device" in outcome.reason


def test_as_many_shots_as_the_device_takes_pass() -> None:
    assert isinstance(run_task(sampled((circuit(), None, 100_000))), Finished)


@pytest.mark.holds("B193")
def test_a_program_of_the_user_is_given_its_params_and_its_order() -> None:
    def program(params: Any, given: JobTask) -> object:
        return {"twice": 2 * params["x"], "device": given.device}

    outcome = run_task(task(b'{"x": 21}', "executor"), {"executor": program})
    assert result_of(outcome) == {"twice": 42, "device": "fake_manila"}


def test_a_program_of_the_user_may_say_how_its_job_ends() -> None:
    crash = Crashed(reason="No.", code=9999)
    assert run_task(task(b"{}", "executor"), {"executor": lambda *_: crash}) == crash


@pytest.mark.holds("B193")
def test_a_program_of_the_user_may_take_the_place_of_a_primitive() -> None:
    assert result_of(run_task(sampled(), {"sampler": lambda *_: "mine"})) == "mine"


@pytest.mark.holds("B192")
def test_what_the_simulation_does_not_take_has_a_code_of_its_own() -> None:
    outcome = run_task(msgspec.structs.replace(sampled(), seed=-1))
    assert isinstance(outcome, Crashed)
    assert outcome.code == 5203


class NoTimeError(Exception):
    """Something of the user's."""


@pytest.mark.holds("B193")
def test_what_a_program_of_the_user_raises_fails_its_job_with_the_traceback_in_its_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def program(params: Any, given: JobTask) -> object:
        raise NoTimeError(f"not with {params}")

    outcome = run_task(task(b'{"x": 1}', "executor"), {"executor": program})
    assert isinstance(outcome, Crashed)
    assert (outcome.code, outcome.reason) == (9999, "NoTimeError: not with {'x': 1}")
    assert outcome.logs.startswith("Traceback (most recent call last):\n")
    assert 'raise NoTimeError(f"not with {params}")' in outcome.logs
    assert [record.getMessage() for record in caplog.records if record.name == "qiskit_runtime_service"] == [
        "Job j1 failed: its executor raised"
    ]


@pytest.mark.holds("B193")
def test_a_program_of_the_user_that_exits_is_a_failed_job() -> None:
    def program(params: Any, given: JobTask) -> object:
        raise SystemExit(3)

    outcome = run_task(task(b"{}", "executor"), {"executor": program})
    assert isinstance(outcome, Crashed)
    assert (outcome.code, outcome.reason) == (9999, "SystemExit: 3")


@pytest.mark.holds("B192", "B193")
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_qiskit_or_aer_raises_fails_the_job(value: float) -> None:
    angle = Parameter("angle")
    turned = QuantumCircuit(5, 1)
    turned.rz(angle, 0)
    turned.measure(0, 0)
    outcome = run_task(sampled((turned, [value], 10)))
    assert isinstance(outcome, Crashed)
    assert outcome.code in {1002, 5203}
