"""The executor: what a run checks and sends, and what jobs of any client tell of quantum programs."""

import json
import pickle
from base64 import b64encode
from copy import deepcopy
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.primitives import PrimitiveResult
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.transpiler import generate_preset_pass_manager
from samplomatic import InjectNoise
from samplomatic.quantum_program import QuantumProgram as TheirProgram

from qiskit_runtime_service import (
    Batch,
    DecodeLimits,
    Executor,
    ExecutorOptions,
    IBMBackend,
    QiskitRuntimeService,
    QuantumProgram,
    RuntimeJobV2,
    SamplerOptions,
    Session,
)
from qiskit_runtime_service.emulator.faults import Fault, Lost
from qiskit_runtime_service.emulator.world import Crashed, Finished
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMRuntimeError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
)
from qiskit_runtime_service.executor import ProgramDecoder
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.programs.inputs import read_inputs
from qiskit_runtime_service.results import QuantumProgramResult
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    SentRequests,
    emulated_cloud,
    line_device,
    one_instance,
)

from ..programs.programs import boxed, plain, turned
from ..programs.samples import RESULTS, params_of, result_of
from .test_budgets import costs


def opened(**arguments: Any) -> tuple[IBMBackend, EmulatedTransport]:
    """Return a backend, a line of five qubits, and the cloud that has it."""
    cloud = emulated_cloud(one_instance(devices=[line_device("ibm_line", 5)], plan="premium"), **arguments)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.least_busy()
    assert backend.target is not None
    return backend, cloud


def bodies(cloud: EmulatedTransport) -> list[dict[str, Any]]:
    return [json.loads(exchange.request.body) for exchange in SentRequests(cloud).matching("POST /jobs")]


def program(**more: Any) -> QuantumProgram:
    made = QuantumProgram(**({"shots": 20} | more))
    made.append_circuit_item(turned(), np.zeros((2, 1)))
    return made


# What is sent


@pytest.mark.holds("B414")
def test_values_of_a_samplex_and_data_that_pass_through_have_no_masks() -> None:
    masked = np.ma.masked_array([1.0], mask=[True])
    made = QuantumProgram(20)
    for value in (masked, [1j], ["1"]):
        with pytest.raises(IBMInputValueError, match=r"^items\[0\]\.samplex_arguments\['parameter_values'\] is "):
            made.append_samplex_item(*boxed(), {"parameter_values": value}, shape=(2,))
    made.append_samplex_item(*boxed(), {"parameter_values": np.ma.masked_array([1.0], mask=[False])}, shape=(2,))
    made.passthrough_data = {"a": masked}
    with pytest.raises(IBMInputValueError, match=r"passthrough_data\['a'\] is an array with masked values"):
        Executor(FakeManilaV2()).run(made)


@pytest.mark.holds("B414")
@pytest.mark.parametrize(
    "values",
    [
        1.0, "1", [["1"]], [1j], np.ones((2, 1), complex), np.array([["1"]], object), np.array([[1j]], object),
        np.ma.masked_array([[1.0]], mask=[[True]]), np.array([[np.complex64(1)]], object), [[1.0], [1.0, 2.0]],
        [[None]], np.array(["2020"], "M8[Y]"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_real_numbers_is_refused_as_values(values: Any) -> None:
    made = QuantumProgram(20)
    made.append_circuit_item(turned(), [1.0])
    with pytest.raises(IBMInputValueError, match=r"^items\[1\]\.circuit_arguments is .*\n.*array of real numbers"):
        made.append_circuit_item(turned(), values)
    assert len(made.items) == 1


@pytest.mark.holds("B414")
@pytest.mark.parametrize(
    "values", [[2], [True], (2.0,), np.array([2], ">i4"), np.array([2.0], np.float16), np.array([2], object),
               np.ma.masked_array([2.0], mask=[False]), [np.float32(2.0)]],
)  # fmt: skip
def test_real_numbers_of_any_type_are_values(values: Any) -> None:
    made = QuantumProgram(20)
    made.append_circuit_item(turned(), values)
    (item,) = made.items
    assert item.circuit_arguments.tolist() == [float(np.asarray(values).item())]


@pytest.mark.holds("B361")
def test_a_run_is_one_request_with_all_that_is_set() -> None:
    backend, cloud = opened()
    since = len(cloud.ledger)
    options = {
        "execution": {"init_qubits": False, "rep_delay": 0.0002, "scheduler_timing": True, "stretch_values": True},
        "experimental": {"x": 1},
        "environment": {"log_level": "DEBUG", "job_tags": ["a", "b"], "private": True, "image": "img:1"},
        "max_execution_time": 300,
    }
    Executor(backend, options).run(program())
    assert costs(cloud, since)["POST /jobs"] == 1
    (body,) = bodies(cloud)
    params = body.pop("params")
    assert set(body.pop("tags")) >= {"a", "b"}
    assert body == {
        "program_id": "executor",
        "backend": backend.name,
        "log_level": "DEBUG",
        "cost": 300,
        "private": True,
        "runtime": "img:1",
    }
    assert params["schema_version"] == "v2.0"
    assert params["options"] == {
        "init_qubits": False,
        "rep_delay": 0.0002,
        "scheduler_timing": True,
        "stretch_values": True,
        "experimental": {"x": 1},
    }


@pytest.mark.holds("B361")
def test_the_limit_of_the_options_wins_over_that_of_the_environment() -> None:
    backend, cloud = opened()
    with pytest.warns(DeprecationWarning, match="max_execution_time"):
        options = ExecutorOptions(environment={"max_execution_time": 10})
    executor = Executor(backend, options)
    executor.run(program())
    executor.options.max_execution_time = 20
    executor.run(program())
    assert [body["cost"] for body in bodies(cloud)] == [10, 20]


@pytest.mark.holds("B361")
def test_a_run_in_a_session_or_batch_says_so_and_not_after_its_end() -> None:
    backend, cloud = opened()
    for mode in (Session(backend), Batch(backend)):
        executor = Executor(mode)
        assert (executor.mode, executor.backend()) == (mode, backend)
        executor.run(program())
        assert bodies(cloud)[-1]["session_id"] == mode.session_id
        mode.close()
        with pytest.raises(IBMRuntimeError, match="closed"):
            executor.run(program())
    assert len(bodies(cloud)) == 2


@pytest.mark.holds("B361")
def test_a_submission_without_a_clear_answer_is_one_job() -> None:
    backend, cloud = opened()
    fault = Fault(method="POST", path="*/jobs", effect=Lost(acted=True))
    cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
    job = Executor(backend).run(program())
    assert [found.job_id() for found in backend.service.jobs()] == [job.job_id()]


def test_a_dry_run_goes_to_the_stand_in() -> None:
    world = one_instance(devices=[line_device("ibm_line", 5), line_device("mock_line", 5)])
    cloud = emulated_cloud(world)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    Executor(service.backend("ibm_line")).run(program(), dry_run=True)
    assert bodies(cloud)[0]["backend"] == "mock_line"
    backend, cloud = opened()
    with pytest.raises(QiskitBackendNotFoundError):
        Executor(backend).run(program(), dry_run=True)
    assert bodies(cloud) == []


def test_delays_are_sent_in_ticks_of_the_device() -> None:
    backend, cloud = opened()
    circuit = QuantumCircuit(2, 2, name="delayed")
    circuit.delay(1e-6, 0, unit="s")
    circuit.measure([0, 1], [0, 1])
    made = QuantumProgram(1)
    made.append_circuit_item(circuit)
    Executor(backend).run(made)
    assert circuit.data[0].operation.unit == "s"
    (item,) = read_inputs(json.dumps(bodies(cloud)[0]["params"]).encode()).unwrap().program.items
    delay = item.circuit.data[0].operation
    assert (delay.unit, delay.duration) == ("dt", round(1e-6 / (backend.dt or 0)))


# Options and modes


def test_options_that_are_given_are_kept_and_can_be_set() -> None:
    backend, _ = opened()
    options = ExecutorOptions(max_execution_time=5)
    executor = Executor(backend, options)
    assert executor.options is options
    executor.options = {"max_execution_time": 6}
    assert executor.options == ExecutorOptions(max_execution_time=6)
    other = ExecutorOptions()
    executor.options = other
    assert executor.options is other
    wrong: Any
    for wrong in (None, SamplerOptions(), "x", 5, {1: 2}):
        with pytest.raises(TypeError):
            executor.options = wrong
    with pytest.raises(IBMInputValueError, match="execution"):
        Executor(backend, {"exection": {}})
    assert executor.options is other


def test_without_a_backend_there_is_no_executor() -> None:
    for mode in (None, "ibm_fez", 3):
        with pytest.raises(ValueError, match="mode"):
            Executor(mode)


# What is refused before anything is sent


@pytest.mark.holds("B362")
def test_what_the_device_cannot_run_is_said_with_its_item() -> None:
    backend, cloud = opened()
    since = len(cloud.ledger)
    made = program()
    made.append_circuit_item(plain().compose(_gate("h", 0)))
    with pytest.raises(IBMInputValueError) as caught:
        Executor(backend).run(made)
    assert str(caught.value) == (
        "Item 1 cannot run on this backend: instruction 'h' on qubit 0 is not supported by the device.\n"
        "Transpile it with generate_preset_pass_manager(backend=backend)."
    )
    assert costs(cloud, since)["POST /jobs"] == 0


def _gate(name: str, *qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    getattr(circuit, name)(*qubits)
    return circuit


@pytest.mark.holds("B362")
@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (lambda: [plain()], {}, "program is"),
        (lambda: QuantumProgram(10), {}, "items of the program"),
        (lambda: program(passthrough_data={1: 2}), {}, "a key in passthrough_data"),
        (lambda: program(shots=10**9), {}, "shots"),
        (program, {"execution": {"rep_delay": 5.0}}, "rep_delay"),
        (lambda: _with(_boxed_note()), {}, "InjectNoise"),
    ],
)
def test_what_is_wrong_is_refused_without_a_request(make: Any, options: Any, words: str) -> None:
    backend, cloud = opened()
    backend.configuration()
    with pytest.raises(IBMInputValueError, match=words):
        Executor(backend, options).run(make())
    assert bodies(cloud) == []


def _with(circuit: QuantumCircuit) -> QuantumProgram:
    made = QuantumProgram(1)
    made.append_circuit_item(circuit)
    return made


def _boxed_note() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.box([InjectNoise("a", site="before")]):
        circuit.x(0)
    return circuit


@pytest.mark.holds("B362")
def test_what_cannot_be_written_is_refused_with_its_item() -> None:
    backend, cloud = opened()
    described = turned()
    described.metadata = {"a": object()}
    strange = QuantumCircuit(2, 2)
    strange.append(Instruction("odd", 1, 0, [object()]), [1])
    simulator = _simulator()
    for circuit, place, words in (
        (described, backend, r"items\[1\] is circuit 'plain', whose metadata are not JSON"),
        (strange, simulator, r"Item 1 cannot run on this backend: instruction 'odd' on qubit 1"),
    ):
        made = program()
        made.append_circuit_item(circuit, np.zeros((1, circuit.num_parameters)))
        with pytest.raises(IBMInputValueError, match=words):
            Executor(place).run(made)
    for value in (object(), float("nan")):
        with pytest.raises(IBMInputValueError, match="experimental"):
            Executor(backend, {"experimental": {"a": value}}).run(program())
    assert bodies(cloud) == []


def _simulator() -> IBMBackend:
    return QiskitRuntimeService(channel="local").backend("aer_simulator")


def test_a_circuit_without_registers_is_a_warning() -> None:
    backend, _ = opened()
    made = QuantumProgram(1)
    made.append_circuit_item(QuantumCircuit(1))
    with pytest.warns(UserWarning, match="Item 0 has no classical registers"):
        Executor(backend).run(made)


# Results


@pytest.mark.holds("B366")
def test_a_job_answers_with_the_arrays_of_each_item() -> None:
    backend, _ = opened()
    made = program(passthrough_data={"a": np.arange(3)})
    made.append_samplex_item(*boxed(turned()), {"parameter_values": [0.5]}, shape=(4,))
    result: Any = Executor(backend).run(made).result()
    assert isinstance(result, QuantumProgramResult)
    assert {name: array.shape for name, array in result[0].items()} == {"c": (2, 20, 2)}
    assert {name: array.shape for name, array in result[1].items()} == {
        "c": (4, 20, 2),
        "measurement_flips.c": (4, 1, 2),
    }
    np.testing.assert_array_equal(result.passthrough_data["a"], [0, 1, 2])
    assert result.timing.duration >= 0


def test_a_program_of_samplomatic_runs_too() -> None:
    backend, _ = opened()
    theirs = TheirProgram(3)
    theirs.append_circuit_item(plain())
    result: Any = Executor(backend).run(theirs).result()
    assert result[0]["c"].shape == (3, 2)


@pytest.mark.holds("B366")
def test_each_caller_has_a_result_of_its_own() -> None:
    backend, cloud = opened()
    job = Executor(backend).run(program())
    first: Any = job.result()
    first[0]["c"][:] = False
    first[0]["new"] = np.zeros(1)
    second: Any = job.result()
    assert list(second[0]) == ["c"]
    assert SentRequests(cloud).count("GET /jobs/*/results") == 1
    third: Any = pickle.loads(pickle.dumps(job)).result()  # noqa: S301  # our own bytes
    np.testing.assert_array_equal(second[0]["c"], third[0]["c"])


@pytest.mark.holds("B366")
def test_a_job_tells_the_program_and_the_options_that_it_was_sent() -> None:
    backend, cloud = opened()
    execution = {"init_qubits": False, "rep_delay": 0.0002, "scheduler_timing": True, "stretch_values": True}
    made = program()
    sent = Executor(backend, {"execution": execution, "experimental": {"x": 1}}).run(made)
    job = backend.service.job(sent.job_id())
    inputs = job.inputs
    assert inputs["schema_version"] == "v2.0"
    # IBM's client forgets the last two (executor.md, 4.4).
    assert inputs["options"] == ExecutorOptions(execution=execution, experimental={"x": 1})
    assert isinstance(inputs["quantum_program"], QuantumProgram)
    assert inputs["quantum_program"].items[0].circuit == made.items[0].circuit
    assert inputs["quantum_program"] is not job.inputs["quantum_program"]
    assert SentRequests(cloud).count("GET /jobs/*") >= 1


@pytest.mark.holds("B366")
def test_a_private_job_is_read_once_and_tells_no_inputs() -> None:
    backend, cloud = opened()
    job = Executor(backend, {"environment": {"private": True}}).run(program())
    first: Any = job.result()
    again: Any = job.result()
    np.testing.assert_array_equal(first[0]["c"], again[0]["c"])
    assert SentRequests(cloud).count("GET /jobs/*/results") == 1
    assert backend.service.job(job.job_id()).inputs == {}
    with pytest.raises(RuntimeInvalidStateError):
        backend.service.job(job.job_id()).result()


def fixed(body: bytes) -> dict[str, Any]:
    """Return the programs of a cloud whose executor answers with a body."""
    return {"programs": {"executor": lambda *_: Finished(result=body)}}


def stored(body: bytes) -> RuntimeJobV2:
    """Return a job that another client has run, which was answered with a body."""
    backend, _ = opened(**fixed(body))
    sent = backend.service.run_program("executor", {"any": "thing"}, backend)
    return backend.service.job(sent.job_id())


@pytest.mark.holds("B366")
@pytest.mark.parametrize("name", [name for name in RESULTS if not name.startswith("estimator")])
def test_the_result_of_a_job_of_any_client_is_what_prepared_it_has(name: str) -> None:
    result: Any = stored(result_of(name)).result()
    assert isinstance(result, PrimitiveResult if name.startswith("sampler") else QuantumProgramResult)


@pytest.mark.holds("B366")
def test_the_inputs_of_a_job_of_any_client_and_version_are_read() -> None:
    backend, _ = opened(**fixed(result_of("executor")))
    for name in ("executor_v0.1", "executor_v0.2", "executor_v1.0", "executor_v1.1", "executor", "sampler_twirled"):
        sent = backend.service.run_program("executor", params_of(name), backend)
        inputs = backend.service.job(sent.job_id()).inputs
        assert inputs["schema_version"] == params_of(name)["schema_version"]
        assert isinstance(inputs["quantum_program"], QuantumProgram)
        assert isinstance(inputs["options"], ExecutorOptions)


def test_options_that_nobody_knows_are_told_as_they_were_sent() -> None:
    backend, _ = opened(**fixed(result_of("executor")))
    params = params_of("executor")
    params["options"]["unheard"] = 5
    sent = backend.service.run_program("executor", params, backend)
    assert backend.service.job(sent.job_id()).inputs["options"] == params["options"]


def test_what_a_program_of_the_user_writes_is_read_as_before() -> None:
    job = stored(b'{"counts": {"__type__": "complex", "__value__": [1, 2]}}')
    result: Any = job.result()
    assert result == {"counts": 1 + 2j}
    assert job.inputs == {"any": "thing"}


@pytest.mark.holds("B366")
def test_a_failed_job_and_a_cancelled_one_say_why_and_tell_their_inputs() -> None:
    programs = {"executor": lambda *_: Crashed(reason="Cold.", code=5, solution="Warm it.")}
    backend, _ = opened(programs=programs)
    failed = Executor(backend).run(program())
    with pytest.raises(RuntimeJobFailureError, match="Cold"):
        failed.result()
    assert isinstance(failed.inputs["quantum_program"], QuantumProgram)
    cancelled = Executor(backend).run(program())
    cancelled.cancel()
    with pytest.raises(RuntimeInvalidStateError):
        cancelled.result()
    assert isinstance(cancelled.inputs["quantum_program"], QuantumProgram)


@pytest.mark.holds("B364")
def test_a_result_that_cannot_be_read_is_kept_and_says_why() -> None:
    job = stored(b'{"schema_version": "v9.9"}')
    with pytest.raises(IBMApiError, match=r"'v9\.9'") as caught:
        job.result()
    assert "job.save_result(path)" in "".join(caught.value.__notes__)
    assert job.raw_result() == b'{"schema_version": "v9.9"}'


@pytest.mark.holds("B364")
def test_a_result_beyond_the_limits_is_read_with_others() -> None:
    body = json.loads(result_of("executor"))
    tensor = body["data"][0]["results"]["c"]
    tensor.update(data=_zeros(75_000_000), shape=[75_000_000 * 8])
    job = stored(json.dumps(body).encode())
    with pytest.raises(IBMApiError) as caught:
        job.result()
    assert "ProgramDecoder(limits=DecodeLimits(memory=2**30))" in str(caught.value)
    assert str(caught.value).endswith("ProgramDecoder is in qiskit_runtime_service.executor.")
    tensor.update(data=_zeros(10), shape=[80])
    small = stored(json.dumps(body).encode())
    result: Any = small.result(decoder=ProgramDecoder(limits=DecodeLimits(memory=2**30)))
    assert result[0]["c"].shape == (80,)
    with pytest.raises(IBMApiError):
        small.result(decoder=ProgramDecoder(limits=DecodeLimits(memory=10)))
    with pytest.raises(IBMInputValueError):
        ProgramDecoder(limits=5)  # type: ignore[arg-type]  # that is the point


def _zeros(size: int) -> str:
    import zlib

    return b64encode(zlib.compress(bytes(size), 9)).decode()


# In this process


@pytest.mark.holds("B367")
def test_a_backend_of_nobody_runs_programs_in_this_process() -> None:
    backend = FakeManilaV2()
    options = {"simulator": {"seed_simulator": 3}, "environment": {"job_tags": ["a"]}}
    made = QuantumProgram(30)
    made.append_circuit_item(generate_preset_pass_manager(1, backend=backend).run(plain()))
    jobs = [Executor(backend, options).run(made) for _ in range(2)]
    results: list[Any] = [job.result() for job in jobs]
    np.testing.assert_array_equal(results[0][0]["c"], results[1][0]["c"])
    assert results[0][0]["c"].shape == (30, 2)
    assert jobs[0].primitive_id == "executor"
    assert jobs[0].tags == ["a"]
    assert jobs[0].inputs["quantum_program"].shots == 30
    assert jobs[0].inputs["options"] == ExecutorOptions()
    there = pickle.loads(pickle.dumps(jobs[0]))  # noqa: S301  # our own bytes
    np.testing.assert_array_equal(there.result()[0]["c"], results[0][0]["c"])
    assert there.raw_result() == jobs[0].raw_result()
    again: Any = ProgramDecoder().decode(jobs[0].raw_result().decode())
    np.testing.assert_array_equal(again[0]["c"], results[0][0]["c"])
    assert deepcopy(jobs[0]) is jobs[0]


@pytest.mark.holds("B367")
def test_a_program_that_is_changed_after_run_does_not_change_its_job() -> None:
    backend = FakeManilaV2()
    told = {"a": [1]}
    ready = generate_preset_pass_manager(1, backend=backend).run(turned())
    made = QuantumProgram(5, passthrough_data=told)
    made.append_circuit_item(ready, np.zeros((3, 1)))
    values = made.items[0].circuit_arguments
    job: Any = Executor(backend).run(made)
    made.append_circuit_item(ready, values)
    told["a"].append(2)
    values[:] = 1.0
    ready.name = "another"
    made.shots = 7
    sent = job.inputs["quantum_program"]
    assert (len(sent.items), sent.shots, sent.passthrough_data) == (1, 5, {"a": [1]})
    assert sent.items[0].circuit_arguments.tolist() == [[0.0], [0.0], [0.0]]
    assert sent.items[0].circuit.name != "another"
    assert (len(job.result()), job.result().passthrough_data) == (1, {"a": [1]})


@pytest.mark.holds("B361")
def test_numbers_of_numpy_are_sent_as_numbers() -> None:
    backend, cloud = opened()
    shots, size = np.array([3, 2])
    made = QuantumProgram(5)
    made.append_circuit_item(plain(), chunk_size=size)
    made.shots = shots
    Executor(backend).run(made)
    (body,) = bodies(cloud)
    program_ = body["params"]["quantum_program"]
    assert (program_["shots"], program_["items"][0]["chunk_size"]) == (3, 2)


@pytest.mark.holds("B367")
def test_what_has_no_effect_in_this_process_is_a_warning() -> None:
    backend = FakeManilaV2()
    made = QuantumProgram(3)
    made.append_circuit_item(generate_preset_pass_manager(1, backend=backend).run(plain()))
    with pytest.warns(UserWarning, match="dry_run has no effect"):
        Executor(backend).run(made, dry_run=True).result()
    options = {"execution": {"init_qubits": False, "rep_delay": 0.0002}, "experimental": {"x": 1}}
    with pytest.warns(UserWarning, match=r"init_qubits.*rep_delay.*experimental.* have no effect"):
        Executor(backend, options).run(made).result()


def test_programs_are_counted_with_the_requests_of_a_job() -> None:
    backend, cloud = opened()
    job = Executor(backend).run(program())
    since = len(cloud.ledger)
    job.result()
    assert costs(cloud, since)["GET /jobs/*/results"] == 1
