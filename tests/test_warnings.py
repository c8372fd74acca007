"""Every warning of the library blames the user's own line, however it is reached."""

import ast
import json
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.circuit.library import XGate
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import PauliLindbladMap
from qiskit.transpiler import PassManager, Target, generate_preset_pass_manager
from qiskit_aer import AerSimulator

from qiskit_runtime_service import (
    EstimatorOptions,
    EstimatorV2,
    Executor,
    IBMBackend,
    NoiseLearner,
    QiskitRuntimeService,
    QuantumProgram,
    RuntimeDecoder,
    RuntimeEncoder,
    SamplerV2,
    Session,
    executor_estimator,
    executor_sampler,
    options_models,
    utils,
)
from qiskit_runtime_service.exceptions import IBMApiError
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.shell import deprecation
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, line_device, one_instance, stand_in
from qiskit_runtime_service.transpiler.passes import ConvertToMidCircuitMeasure, PadDynamicalDecoupling
from tests.shell.clouds import Repeating, bell, open_service

SOURCE = Path(__file__).parents[1] / "src" / "qiskit_runtime_service"
HERE = __file__

Trigger = Callable[[], int]
"""Does what warns, and returns the number of the line that has to be blamed."""


def line_of(do: Callable[[], object]) -> int:
    """Do something that is written in one line, and return its number."""
    with suppress(IBMApiError):  # An instance whose limit is reached refuses, which is not the point here.
        do()
    return do.__code__.co_firstlineno


def laid_out() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.measure_all()
    return circuit


def run_with_idle_options() -> int:
    backend = QiskitRuntimeService(channel="local").backend("fake_manila")
    sampler = SamplerV2(backend, {"dynamical_decoupling": {"enable": True}})
    return line_of(lambda: sampler.run([laid_out()]))


def run_program_with_idle_options() -> int:
    service = QiskitRuntimeService(channel="local")
    backend = service.backend("fake_manila")
    inputs = {"pubs": [[laid_out(), None, 5]], "options": {"dynamical_decoupling": {"enable": True}}, "version": 2}
    return line_of(lambda: service.run_program("sampler", inputs, backend))


def away() -> tuple[QiskitRuntimeService, IBMBackend]:
    """Return a service and a backend that is paused."""
    service, _ = open_service(
        one_instance(devices=[msgspec.structs.replace(line_device("ibm_away", 2), state="paused")])
    )
    return service, service.backend("ibm_away")


def run_on_a_paused_backend() -> int:
    _, backend = away()
    sampler, circuit = SamplerV2(backend), bell(backend)
    return line_of(lambda: sampler.run([circuit]))


def run_program_on_a_paused_backend() -> int:
    service, backend = away()
    return line_of(lambda: service.run_program("sampler", {"pubs": []}, backend))


def spent() -> tuple[QiskitRuntimeService, SamplerV2, QuantumCircuit]:
    """Return a service on an instance whose limit is reached."""
    service, cloud = open_service(one_instance(limit=1.0))
    backend = service.least_busy()
    circuit = bell(backend)
    SamplerV2(backend).run([circuit], shots=1000).wait_for_final_state()
    cloud.sleep(400)
    return service, SamplerV2(backend), circuit


def run_at_the_limit() -> int:
    _, sampler, circuit = spent()
    return line_of(lambda: sampler.run([circuit], shots=5))


def run_program_at_the_limit() -> int:
    service, _, circuit = spent()
    inputs = {"pubs": [[circuit, None, 5]], "version": 2}
    return line_of(lambda: service.run_program("sampler", inputs, service.backends()[0]))


def run_program_under_a_bound() -> int:
    service, _ = open_service(max_usage=60.0)
    backend = service.least_busy()
    return line_of(lambda: service.run_program("sampler", {"pubs": []}, backend))


def branched() -> QuantumCircuit:
    """Return a circuit whose length nobody knows."""
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    return circuit


def run_what_nobody_knows_under_a_bound() -> int:
    service, _ = open_service()
    sampler = SamplerV2(service.least_busy())
    return line_of(lambda: sampler.run([branched()], max_usage=10))


def execute_what_nobody_knows_under_a_bound() -> int:
    service, _ = open_service()
    executor, program = Executor(service.least_busy()), program_of(branched())
    return line_of(lambda: executor.run(program, max_usage=10))


def run_where_something_on_the_way_repeats_it() -> int:
    cloud = EmulatedTransport(one_instance())
    way = Repeating(cloud)
    service = QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud)
    backend = service.least_busy()
    sampler, circuit = SamplerV2(backend), bell(backend)
    way.left = 1
    return line_of(lambda: sampler.run([circuit], shots=5))


def run_without_registers() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    sampler, circuits = SamplerV2(backend), [QuantumCircuit(5)]
    return line_of(lambda: sampler.run(circuits))


def run_with_rounded_delays() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    circuit = bell(backend)
    circuit.delay(1.0, 0, "ps")
    sampler = SamplerV2(backend)
    return line_of(lambda: sampler.run([circuit]))


def program_of(circuit: QuantumCircuit) -> QuantumProgram:
    program = QuantumProgram(shots=5)
    program.append_circuit_item(circuit)
    return program


def execute_with_rounded_delays() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    circuit = bell(backend)
    circuit.delay(1.0, 0, "ps")
    executor, program = Executor(backend), program_of(circuit)
    return line_of(lambda: executor.run(program))


def execute_without_registers() -> int:
    service, _ = open_service()
    executor, program = Executor(service.least_busy()), program_of(QuantumCircuit(5))
    return line_of(lambda: executor.run(program))


def execute_dry_in_this_process() -> int:
    executor, program = Executor(FakeManilaV2()), program_of(laid_out())
    return line_of(lambda: executor.run(program, dry_run=True))


def execute_in_this_process_with_idle_options() -> int:
    executor, program = Executor(FakeManilaV2(), {"execution": {"init_qubits": False}}), program_of(laid_out())
    return line_of(lambda: executor.run(program))


def simulate_a_layer_without_noise() -> int:
    circuit = QuantumCircuit(5)
    circuit.cx(0, 1)
    circuit.barrier()
    circuit.cx(1, 2)
    circuit.measure_all()
    sampler = executor_sampler.SamplerV2(FakeManilaV2(), {"twirling": {"enable_gates": True}})
    first, _ = sampler.find_unique_layers([circuit], types="gates")
    noise = PauliLindbladMap.from_sparse_list([("X", [0], 0.01)], num_qubits=len(first.qubits))
    sampler.options.simulator.layer_noise_model = [(first, noise)]
    return line_of(lambda: sampler.run([circuit], shots=64))


def estimate_with_an_option_that_is_overruled() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    estimator = executor_estimator.EstimatorV2(backend)
    estimator.options.twirling.enable_measure = False
    pubs = [(QuantumCircuit(backend.num_qubits), "Z" * backend.num_qubits)]
    return line_of(lambda: estimator.run(pubs))


def make_a_learner_of_the_server() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    return line_of(lambda: NoiseLearner(backend))


def sample_with_different_shots() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    pubs = [(bell(backend), None, 5), (bell(backend), None, 6)]
    return line_of(lambda: SamplerV2(backend).run(pubs))


def estimate_with_different_precision() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    circuit = QuantumCircuit(backend.num_qubits)
    pubs = [(circuit, "I" * circuit.num_qubits, None, 0.1), (circuit, "I" * circuit.num_qubits, None, 0.2)]
    return line_of(lambda: EstimatorV2(backend).run(pubs))


def run_dry_in_this_process() -> int:
    sampler = SamplerV2(AerSimulator())
    return line_of(lambda: sampler.run([laid_out()], dry_run=True))


def run_in_this_process_with_idle_options() -> int:
    sampler = SamplerV2(AerSimulator(), {"twirling": {"strategy": "all"}})
    return line_of(lambda: sampler.run([laid_out()]))


def odd_device() -> SnapshotBackend:
    """Return a device with a gate that nothing defines."""
    configuration, properties = FakeManilaV2().descriptions()
    odd = msgspec.structs.replace(configuration, basis_gates=(*configuration.basis_gates, "made_up"))
    return SnapshotBackend("odd", (odd, properties))


def read_the_target_of_an_odd_device() -> int:
    backend = odd_device()
    return line_of(lambda: backend.target)


def transpile_for_an_odd_device() -> int:
    backend = odd_device()
    return line_of(lambda: generate_preset_pass_manager(1, backend=backend))


def encode_a_function() -> int:
    return line_of(lambda: json.dumps({"f": encode_a_function}, cls=RuntimeEncoder))


def decode_a_circuit_of_a_newer_qiskit() -> int:
    text = json.dumps({"__type__": "QuantumCircuit", "__value__": "eJwL9Az29gzxZkAFACh8AiE="})
    return line_of(lambda: json.loads(text, cls=RuntimeDecoder))


def set_shots_of_learning() -> int:
    learning = EstimatorOptions().resilience.measure_noise_learning
    return line_of(lambda: setattr(learning, "shots_per_randomization", 20))


def update_shots_of_learning() -> int:
    resilience = {"measure_mitigation": True, "measure_noise_learning": {"shots_per_randomization": 20}}
    return line_of(lambda: EstimatorOptions().update(resilience=resilience))


def check_no_certificates() -> int:
    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:1::"
    return line_of(lambda: QiskitRuntimeService(token=API_KEY, instance=crn, verify=False))


def read_a_result_with_less_noise() -> int:
    service, _ = open_service(one_instance(devices=[line_device("ibm_wide", 30)]))
    circuit = QuantumCircuit(30)
    circuit.x(range(30))
    for qubit in range(29):
        circuit.cz(qubit, qubit + 1)
    circuit.measure_all()
    job = SamplerV2(service.least_busy()).run([circuit], shots=5)
    return line_of(lambda: job.result())  # the line is that of the lambda


def sample_with_two_numbers_of_twirling() -> int:
    service, _ = open_service()
    backend = service.least_busy()
    sampler = executor_sampler.SamplerV2(backend)
    sampler.options.twirling = {"enable_gates": True, "num_randomizations": 2, "shots_per_randomization": 3}
    return line_of(lambda: sampler.run([bell(backend)], shots=100))


def set_a_limit_in_its_old_place() -> int:
    options = options_models.SamplerOptions()
    return line_of(lambda: options.environment.update(max_execution_time=7))


def make_options_with_a_limit_in_its_old_place() -> int:
    environment: Any = {"max_execution_time": 7}
    return line_of(lambda: options_models.ExecutorOptions(environment=environment))


def sample_on_the_backend_of_an_open_session() -> int:
    backend = QiskitRuntimeService(channel="local").backend("fake_manila")
    with Session(backend):
        return line_of(lambda: SamplerV2(mode=backend))


def read_in_the_middle_where_the_device_cannot() -> int:
    target = Target(num_qubits=2)
    target.add_instruction(Instruction("measure_2", 1, 1, []), {(1,): None})
    passes, circuit = PassManager([ConvertToMidCircuitMeasure(target)]), QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.x(0)
    return line_of(lambda: passes.run(circuit))


def space_neighbours_that_are_not_known() -> int:
    target = FakeManilaV2().target
    return line_of(lambda: PadDynamicalDecoupling([XGate()] * 2, alt_spacings=[0.5, 0.5, 0], target=target))


def delete_a_job() -> int:
    service, _ = open_service()
    job = SamplerV2(service.least_busy()).run([bell(service.least_busy())])
    job.wait_for_final_state()
    return line_of(lambda: service.delete_job(job.job_id()))


def check_pending_jobs() -> int:
    service, _ = open_service()
    return line_of(lambda: service.check_pending_jobs())


def check_registers_that_are_not_there() -> int:
    pubs = [SamplerPub.coerce(QuantumCircuit(1))]
    return line_of(lambda: utils.validate_classical_registers(pubs))


def warn_as_ibms_client() -> int:
    return line_of(lambda: deprecation.issue_deprecation_msg("This is deprecated", "0.1", "Use that."))


def warn_of_an_argument_as_ibms_client() -> int:
    return line_of(lambda: deprecation.deprecate_arguments("this", "0.1", "Use that."))


def stand_in_for_a_client_that_is_held() -> int:
    client, holder = ModuleType("qiskit_ibm_runtime"), ModuleType("holder")
    vars(holder)["client"] = client
    modules = {module.__name__: module for module in (client, holder)}
    sys.modules.update(modules)
    try:
        with ExitStack() as blocks:
            return line_of(lambda: blocks.enter_context(stand_in()))
    finally:
        for name in modules:
            del sys.modules[name]


def call_what_is_deprecated() -> int:
    old = deprecation.deprecate_function("old", "0.1", "Use new.")(len)
    return line_of(lambda: old("text"))


TRIGGERS: dict[str, tuple[Trigger, ...]] = {
    "bridge/typed_json/encoding.py:_value_by_manner": (encode_a_function,),
    "client/connection.py:open_http": (check_no_certificates,),
    "client/submission.py:_check_usage": (run_at_the_limit, run_program_at_the_limit, run_program_under_a_bound),
    "client/submission.py:_first_of": (run_where_something_on_the_way_repeats_it,),
    "shell/backend.py:_warn_of_state": (run_on_a_paused_backend, run_program_on_a_paused_backend),
    "shell/base_backend.py:target": (read_the_target_of_an_odd_device, transpile_for_an_odd_device),
    "shell/executor.py:_run_program": (execute_dry_in_this_process,),
    "shell/executor.py:_warn_of_unmeasured": (execute_without_registers,),
    "shell/executor_estimator.py:_finalized": (estimate_with_an_option_that_is_overruled,),
    "passes/decoupling.py:__init__": (space_neighbours_that_are_not_known,),
    "passes/mid_circuit.py:run": (read_in_the_middle_where_the_device_cannot,),
    "shell/executor_sampler.py:_warn_of_fewer_shots": (sample_with_two_numbers_of_twirling,),
    "shell/in_process_job.py:_warn_of_absent": (simulate_a_layer_without_noise,),
    "shell/in_process_job.py:_warn_of_idle": (execute_in_this_process_with_idle_options,),
    "shell/in_process_job.py:_warn_of_others": (run_in_this_process_with_idle_options,),
    "shell/lost_noise.py:warn_of_left_out": (read_a_result_with_less_noise,),
    "shell/noise_learner_v2.py:__init__": (make_a_learner_of_the_server,),
    "shell/option_models.py:_read_old_limit": (
        set_a_limit_in_its_old_place,
        make_options_with_a_limit_in_its_old_place,
    ),
    "shell/decoder.py:tell_of_newer": (decode_a_circuit_of_a_newer_qiskit,),
    "shell/options.py:_read_shots_of_learning": (set_shots_of_learning, update_shots_of_learning),
    "shell/run_terms.py:estimate_jobs": (run_what_nobody_knows_under_a_bound, execute_what_nobody_knows_under_a_bound),
    "shell/primitives.py:_run": (run_dry_in_this_process,),
    "shell/primitives.py:tell_of_rounding": (run_with_rounded_delays, execute_with_rounded_delays),
    "shell/primitives.py:_warn_if_they_differ": (sample_with_different_shots, estimate_with_different_precision),
    "shell/checks.py:warn_of_unmeasured": (run_without_registers, check_registers_that_are_not_there),
    "shell/deprecation.py:issue_deprecation_msg": (
        warn_as_ibms_client,
        warn_of_an_argument_as_ibms_client,
        call_what_is_deprecated,
    ),
    "shell/programs.py:_joined": (sample_on_the_backend_of_an_open_session,),
    "shell/service.py:check_pending_jobs": (check_pending_jobs,),
    "shell/service.py:delete_job": (delete_a_job,),
    "testing/import_hook.py:stand_in": (stand_in_for_a_client_that_is_held,),
    "shell/service.py:submit": (run_with_idle_options, run_program_with_idle_options),
}
"""By the function that warns: the ways that lead there."""


def warning_places() -> set[str]:
    """Return each function of the library that warns."""
    return {
        f"{path.relative_to(SOURCE).as_posix()}:{function.name}"
        for path in SOURCE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("warn_user", "warnings.warn")
    }


def test_the_ways_to_every_warning_are_walked() -> None:
    assert warning_places() == {*TRIGGERS, "_warn.py:warn_user"}


@pytest.mark.parametrize("trigger", [trigger for triggers in TRIGGERS.values() for trigger in triggers])
def test_a_warning_blames_the_line_of_the_user(trigger: Trigger) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        line = trigger()
    assert {(warning.filename, warning.lineno) for warning in caught} == {(HERE, line)}


@pytest.mark.parametrize("name", [3, "", "anything"])
def test_a_frame_without_a_proper_name_is_the_users_too(name: object) -> None:
    service, _ = open_service()
    with pytest.warns(DeprecationWarning, match="check_pending_jobs is deprecated"):
        exec("check()", {"check": service.check_pending_jobs, "__name__": name})  # noqa: S102  # code that is not ours
    # Python warns of nothing where the name is `None`, as at its end.
    exec("check()", {"check": service.check_pending_jobs, "__name__": None})  # noqa: S102  # code that is not ours
