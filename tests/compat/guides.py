"""What IBM's guides show, as short programs of our own, which both clients are led through on the world `ibm_quantum`.

Needs Qiskit and samplomatic only. As a script it leads IBM's client, in the environment of that client: it reads
`{"base", "key", "instance", "libraries"}` from standard input, where `libraries` is where a learner finds what it is
built on if it is not there; it prints an object from the name of each program to the empty text, or to what went wrong.
"""

import importlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.circuit.classical import expr
from qiskit.circuit.library import XGate
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import PassManager, generate_preset_pass_manager
from qiskit.transpiler.passes import ALAPScheduleAnalysis, PadDynamicalDecoupling

PROGRAMS: dict[str, Callable[["Client"], None]] = {}


class Client:
    """A client: its modules, by what is after the first name of them, and its service."""

    def __init__(self, package: str, service: Any) -> None:
        self.package, self.service = package, service

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.package), name)

    def module(self, name: str) -> Any:
        """Return a module of the client."""
        return importlib.import_module(f"{self.package}.{name}")

    def backend(self, name: str = "ibm_fez", **arguments: Any) -> Any:
        """Return a device that guides name."""
        return self.service.backend(name, **arguments)


def guide(function: Callable[[Client], None]) -> Callable[[Client], None]:
    """Put a program on the list."""
    PROGRAMS[function.__name__.replace("_", " ")] = function
    return function


def ready(circuit: Any, backend: Any, level: int = 1) -> Any:
    """Return a circuit on the first qubits of a device."""
    layout = list(range(circuit.num_qubits))
    return generate_preset_pass_manager(level, backend, initial_layout=layout, seed_transpiler=1).run(circuit)


def bell(*, measured: bool = True) -> Any:
    """Return a Bell state."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    if measured:
        circuit.measure_all()
    return circuit


def placed(circuit: Any, *labels: str) -> Any:
    """Return observables where the qubits of a circuit are."""
    return [SparsePauliOp(label).apply_layout(circuit.layout) for label in labels]


# First steps


@guide
def hello_world(client: Client) -> None:
    backend = client.service.least_busy(simulator=False, operational=True)
    circuit = ready(bell(measured=False), backend)
    estimator = client.EstimatorV2(mode=backend)
    estimator.options.resilience_level = 1
    estimator.options.default_shots = 1000
    job = estimator.run([(circuit, placed(circuit, "IZ", "IX", "ZI", "XI", "ZZ", "XX"))])
    data = job.result()[0].data
    assert data.evs.shape == data.stds.shape == (6,)
    assert min(data.evs[4:]) > 0.7, data.evs
    assert max(abs(data.evs[:4])) < 0.3, data.evs


@guide
def start_with_the_sampler(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(3)
    for qubit in range(3):
        circuit.ry(Parameter(f"a{qubit}"), qubit)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    job = client.SamplerV2(mode=backend).run([(ready(circuit, backend), [0.1, 0.2, 0.3])], shots=100)
    assert sum(job.result()[0].data.meas.get_counts().values()) == 100


@guide
def broadcast_in_the_estimator(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    circuit.cx(0, 1)
    isa = ready(circuit, backend)
    observables = [[observable] for observable in placed(isa, "ZZ", "IZ", "XX")]
    angles = np.linspace(0, np.pi, 4)[:, None]
    estimator = client.EstimatorV2(mode=backend, options={"resilience_level": 0, "default_precision": 0.05})
    data = estimator.run([(isa, observables, angles)]).result()[0].data
    assert data.evs.shape == (3, 4)
    assert data.evs[1, 0] > 0.8
    assert data.evs[1, 3] < -0.8


@guide
def read_what_the_sampler_measured(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(QuantumRegister(3), ClassicalRegister(2, "alpha"), ClassicalRegister(1, "beta"))
    circuit.x(0)
    circuit.measure([0, 1], circuit.cregs[0])
    circuit.measure([2], circuit.cregs[1])
    result = client.SamplerV2(mode=backend).run([ready(circuit, backend)], shots=200).result()
    data = result[0].data
    assert (data.alpha.num_shots, data.alpha.num_bits, data.beta.num_bits) == (200, 2, 1)
    assert len(data.alpha.get_bitstrings()) == 200
    assert sum(result[0].join_data().get_counts().values()) == 200
    assert data.alpha.slice_bits(0).get_counts()["1"] > 180
    spans = result.metadata["execution"]["execution_spans"]
    assert spans.duration > 0
    assert spans[0].mask(0).all()


@guide
def keep_a_result_in_a_file(client: Client) -> None:
    backend = client.backend()
    result = client.SamplerV2(mode=backend).run([ready(bell(), backend)], shots=50).result()
    text = json.dumps(result, cls=client.RuntimeEncoder)
    again = json.loads(text, cls=client.RuntimeDecoder)
    assert again[0].data.meas.get_counts() == result[0].data.meas.get_counts()


# Options


@guide
def set_options_in_three_ways(client: Client) -> None:
    backend, options = client.backend(), client.module("options")
    made = options.EstimatorOptions(resilience_level=2, default_shots=100)
    assert client.EstimatorV2(mode=backend, options=made).options.resilience_level == 2
    sampler = client.SamplerV2(mode=backend, options={"default_shots": 64, "execution": {"init_qubits": True}})
    sampler.options.update(twirling={"enable_gates": True, "num_randomizations": 4})
    sampler.options.twirling.enable_measure = True
    sampler.options.dynamical_decoupling.enable = True
    sampler.options.dynamical_decoupling.sequence_type = "XpXm"
    sampler.options.environment.job_tags = ["guide", "options"]
    job = sampler.run([ready(bell(), backend)])
    assert job.result()[0].data.meas.num_shots == 64
    assert set(job.tags) >= {"guide", "options"}


@guide
def mitigate_errors_on_the_server(client: Client) -> None:
    backend = client.backend()
    estimator = client.EstimatorV2(mode=backend)
    options = estimator.options
    options.default_shots = 500
    options.resilience.measure_mitigation = True
    options.resilience.measure_noise_learning.num_randomizations = 8
    options.resilience.zne_mitigation = True
    options.resilience.zne.noise_factors = (1, 3, 5)
    options.resilience.zne.extrapolator = ("exponential", "linear")
    options.twirling.enable_gates = True
    options.twirling.num_randomizations = 4
    circuit = ready(bell(measured=False), backend)
    result = estimator.run([(circuit, placed(circuit, "ZZ"))]).result()
    data = result[0].data
    assert data.evs_extrapolated.shape == (1, 2, 4)
    assert data.evs_noise_factors.shape == (1, 3)
    assert result.metadata["resilience"]["zne_mitigation"] is True


@guide
def choose_the_delay_between_shots(client: Client) -> None:
    backend = client.backend()
    least, most = backend.rep_delay_range
    assert least <= backend.default_rep_delay <= most
    sampler = client.SamplerV2(mode=backend, options={"execution": {"rep_delay": backend.default_rep_delay}})
    assert sampler.run([ready(bell(), backend)], shots=20).result()[0].data.meas.num_shots == 20


@guide
def compare_the_estimate_with_what_is_charged(client: Client) -> None:
    backend = client.backend()
    isa = ready(bell(), backend)
    reset = backend.target["reset"][(0,)].duration
    for shots, delay in ((4096, 0.00025), (10_000, 0.0005)):
        sampler = client.SamplerV2(mode=backend, options={"execution": {"rep_delay": delay}})
        job = sampler.run([isa], shots=shots)
        job.wait_for_final_state()
        expected = 2 + shots * (delay + reset + isa.estimate_duration(backend.target))
        assert abs(job.usage_estimation["quantum_seconds"] - expected) < 1e-6
        assert job.usage() == ceil(expected)


@guide
def limit_the_time_of_a_job(client: Client) -> None:
    backend = client.backend()
    sampler = client.SamplerV2(mode=backend, options={"max_execution_time": 300})
    job = sampler.run([ready(bell(), backend)], shots=20)
    assert job.result()[0].data.meas.num_shots == 20
    assert 0 < job.usage() <= 300
    assert job.usage_estimation["quantum_seconds"] > 0


# Jobs


@guide
def find_jobs_again(client: Client) -> None:
    service, backend = client.service, client.backend()
    job = client.SamplerV2(mode=backend, options={"environment": {"job_tags": ["again"]}}).run([ready(bell(), backend)])
    found = service.job(job.job_id())
    assert found.result()[0].data.meas.num_shots == 4096
    assert [one.job_id() for one in service.jobs(job_tags=["again"])] == [job.job_id()]
    found.update_tags(["other"])
    assert service.job(job.job_id()).tags == ["other"]
    month = datetime.now(UTC) - timedelta(days=30)
    assert len(service.jobs(limit=20, created_after=month, pending=False)) == 20
    assert found.metrics()["timestamps"]["finished"]
    assert found.done()
    assert isinstance(found.logs(), str)
    assert {"pubs", "options"} <= set(found.inputs)


@guide
def read_jobs_of_the_past(client: Client) -> None:
    service = client.service
    assert {job.status() for job in service.jobs(limit=None)} >= {"DONE", "ERROR", "CANCELLED"}
    (bell_job,) = service.jobs(job_tags=["bell"])
    assert sum(bell_job.result()[0].data.c.get_counts().values()) == 4096
    assert [job.backend().name for job in service.jobs(backend_name="ibm_torino", limit=1)] == ["ibm_torino"]


@guide
def cancel_and_delete(client: Client) -> None:
    backend = client.backend()
    job = client.SamplerV2(mode=backend).run([ready(bell(), backend)], shots=20)
    job.wait_for_final_state(timeout=60)
    assert job.in_final_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.service.delete_job(job.job_id())
    try:
        client.service.job(job.job_id())
    except client.module("exceptions").RuntimeJobNotFound:
        return
    raise AssertionError("the job is still there")


# Sessions and batches


@guide
def iterate_in_a_session(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    isa, angle = ready(circuit, backend), 0.0
    with client.Session(backend=backend, max_time="25m") as session:
        estimator = client.EstimatorV2(mode=session, options={"resilience_level": 0, "default_precision": 0.1})
        for _ in range(2):
            value = float(estimator.run([(isa, placed(isa, "Z"), [angle])]).result()[0].data.evs[0])
            angle += 1.0 + value
        details = session.details()
    assert details["mode"] == "dedicated"
    assert details["backend_name"] == backend.name
    assert session.status() in ("Closed", "In progress, not accepting new jobs")


@guide
def split_work_over_a_batch(client: Client) -> None:
    backend = client.backend()
    circuits = [ready(bell(), backend) for _ in range(4)]
    with client.Batch(backend=backend) as batch:
        jobs = [client.SamplerV2(mode=batch).run(circuits[first : first + 2], shots=20) for first in (0, 2)]
    assert [len(job.result()) for job in jobs] == [2, 2]
    assert len(client.service.jobs(session_id=batch.session_id)) == 2


# Devices


@guide
def look_at_a_device(client: Client) -> None:
    service = client.service
    assert {"ibm_fez", "ibm_torino", "ibm_brisbane"} <= {backend.name for backend in service.backends()}
    large = service.backends(simulator=False, operational=True, min_num_qubits=150)
    assert [backend.name for backend in large] == ["ibm_fez"]
    backend = client.backend()
    assert (backend.num_qubits, backend.processor_type["family"]) == (156, "Heron")
    assert backend.status().operational
    assert backend.coupling_map.distance(0, 1) == 1
    assert {"cz", "measure", "if_else"} <= set(backend.target.operation_names)
    assert backend.target["sx"][(0,)].error > 0
    assert 0 < backend.qubit_properties(0).t1 < 1
    properties = backend.properties()
    assert properties.t1(0) > 0
    assert properties.readout_error(0) > 0
    assert properties.gate_error("cz", (0, 1)) > 0
    assert backend.properties(datetime=datetime.now(UTC) - timedelta(hours=12)).last_update_date
    assert backend.instructions
    assert backend.max_circuits is None or backend.max_circuits > 0
    assert backend.configuration().to_dict()["n_qubits"] == 156


@guide
def look_at_instances(client: Client) -> None:
    service = client.service
    assert {instance["plan"] for instance in service.instances()} == {"open", "premium"}
    assert service.active_instance().startswith("crn:")
    assert service.usage()["usage_consumed_seconds"] >= 0
    assert service.active_account()["token"]


# Circuits


@guide
def branch_on_a_bit(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "c"))
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    circuit.measure(0, 0)
    job = client.SamplerV2(mode=backend).run([ready(circuit, backend)], shots=200)
    assert job.result()[0].data.c.get_counts()["0"] > 170


@guide
def branch_on_a_parity(client: Client) -> None:
    backend = client.backend()
    circuit = QuantumCircuit(QuantumRegister(4), ClassicalRegister(2, "m"), ClassicalRegister(1, "out"))
    circuit.x(0)
    circuit.measure([0, 1], [0, 1])
    circuit.reset(0)
    with circuit.if_test(expr.bit_xor(circuit.clbits[0], circuit.clbits[1])) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.h(2)
    circuit.measure(2, 2)
    job = client.SamplerV2(mode=backend).run([ready(circuit, backend)], shots=200)
    assert job.result()[0].data.out.get_counts()["1"] > 160


@guide
def fractional_gates(client: Client) -> None:
    backend = client.backend(use_fractional_gates=True)
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("a"), 0)
    circuit.rzz(Parameter("b"), 0, 1)
    circuit.measure_all()
    # On some pairs of the recorded device the gate is out of order.
    isa = generate_preset_pass_manager(3, backend, seed_transpiler=1).run(circuit)
    assert "rzz" in isa.count_ops()
    job = client.SamplerV2(mode=backend).run([(isa, [np.pi, 0.3])], shots=200)
    counts = job.result()[0].data.meas.get_counts()
    assert counts["01"] > 150, counts


@guide
def the_shorter_measurement(client: Client) -> None:
    backend = client.backend()
    short = backend.target.operation_from_name("measure_2")
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.append(short, [0], [0])
    circuit.measure(0, 1)
    job = client.SamplerV2(mode=backend).run([ready(circuit, backend)], shots=200)
    assert job.result()[0].data.c.get_counts()["11"] > 170


@guide
def decouple_by_a_pass(client: Client) -> None:
    backend = client.backend()
    target = backend.target
    circuit = QuantumCircuit(3)
    circuit.x([0, 2])
    circuit.delay(2000, 1, "dt")
    circuit.barrier()
    circuit.measure_all()
    passes = PassManager(
        [ALAPScheduleAnalysis(target=target), PadDynamicalDecoupling(target=target, dd_sequence=[XGate()] * 2)]
    )
    padded = passes.run(ready(circuit, backend))
    counts = client.SamplerV2(mode=backend).run([padded], shots=200).result()[0].data.meas.get_counts()
    assert counts["101"] > 150


# Directed execution


@guide
def the_timing_of_a_circuit(client: Client) -> None:
    backend = client.backend()
    sampler = client.module("executor_sampler").Sampler(backend)
    sampler.options.experimental = {"execution": {"scheduler_timing": True}}
    result = sampler.run([ready(bell(), backend)], shots=20).result()
    timing = result[0].metadata["compilation"]["scheduler_timing"]["timing"]
    rows = [line.split(",") for line in timing.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert any(row[1].startswith("measure") for row in rows)


@guide
def run_a_quantum_program(client: Client) -> None:
    from samplomatic import build
    from samplomatic.transpiler import generate_boxing_pass_manager

    backend = client.backend()
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cz(0, 1)
    circuit.rz(Parameter("theta"), 0)
    circuit.measure_all()
    isa = ready(circuit, backend)
    program = client.module("quantum_program").QuantumProgram(shots=32)
    program.append_circuit_item(isa, circuit_arguments=np.linspace(0, 1, 5)[:, None])
    template, samplex = build(generate_boxing_pass_manager(enable_gates=True, enable_measures=True).run(isa))
    arguments = {"parameter_values": np.linspace(0, 1, 5)[:, None]}
    program.append_samplex_item(template, samplex=samplex, samplex_arguments=arguments, shape=(2, 3, 5))
    job = client.Executor(backend).run(program)
    plain, twirled = job.result()
    assert plain["meas"].shape == (5, 32, 2)
    assert twirled["meas"].shape == (2, 3, 5, 32, 2)
    assert twirled["measurement_flips.meas"].shape == (2, 3, 5, 1, 2)


@guide
def learn_noise_by_the_executor(client: Client) -> None:
    backend = client.backend()
    isa = ready(bell(measured=False), backend)
    estimator = client.module("executor_estimator").Estimator(backend)
    estimator.options.twirling.enable_gates = True
    estimator.options.resilience.pec_mitigation = True
    pubs = [(isa, placed(isa, "ZZ"))]
    layers = estimator.find_unique_layers(pubs)
    learner = client.module("executor_noise_learner").NoiseLearnerV3(backend)
    learner.options.num_randomizations = 4
    learner.options.shots_per_randomization = 64
    learner.options.layer_pair_depths = [0, 1, 8]
    (noise,) = learner.run(layers).result().to_pauli_lindblad_maps()
    assert noise.num_qubits == 2
    assert 0.001 < noise.rates.sum() < 0.2
    estimator.options.resilience.layer_noise_model = [(layers[0], noise)]
    estimator.options.default_shots = 500
    assert 0.7 < float(estimator.run(pubs).result()[0].data.evs[0]) < 1.3


@guide
def learn_the_noise_of_circuits(client: Client) -> None:
    backend = client.backend()
    isa = ready(bell(measured=False), backend)
    options = client.module("options").NoiseLearnerOptions(num_randomizations=4, shots_per_randomization=64)
    options.layer_pair_depths = [0, 1, 8]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        learner = client.module("noise_learner").NoiseLearner(backend, options)
    model = learner.run([isa]).result()
    (layer,) = model.data
    assert layer.qubits == [0, 1]
    assert 0.001 < layer.error.rates.sum() < 0.2
    assert layer.error.restrict_num_bodies(1).num_qubits == 2
    resilience = {"layer_noise_model": model, "zne_mitigation": True, "zne": {"amplifier": "pea"}}
    twirling = {"enable_gates": True, "num_randomizations": 4}
    choices = {"resilience": resilience, "twirling": twirling, "default_shots": 500}
    estimator = client.EstimatorV2(mode=backend, options=choices)
    assert 0.7 < float(estimator.run([(isa, placed(isa, "ZZ"))]).result()[0].data.evs[0]) < 1.3


@guide
def try_without_the_device(client: Client) -> None:
    backend = client.backend()
    isa = ready(bell(), backend)
    job = client.module("executor_sampler").Sampler(backend).run([isa], shots=40, dry_run=True)
    assert job.backend().name == "mock_fez"
    assert job.result()[0].data.meas.num_shots == 40
    program = client.QuantumProgram(shots=40)
    program.append_circuit_item(isa)
    tried = client.Executor(backend).run(program, dry_run=True)
    assert tried.result()[0]["meas"].shape == (40, 2)
    assert tried.usage() > 0
    bare = ready(bell(measured=False), backend)
    estimator = client.module("executor_estimator").Estimator(backend)
    estimator.options.default_shots = 40
    assert estimator.run([(bare, placed(bare, "ZZ"))], dry_run=True).result()[0].data.evs.shape == (1,)


@guide
def calibrate_first(client: Client) -> None:
    backend = client.backend()
    with client.Session(backend=backend) as session:
        found = client.Calibrator(mode=session).run().result()
    assert found.start <= found.stop


def go_through(client: Client, names: list[str] | None = None) -> dict[str, str]:
    """Run the programs; return what went wrong with each, or nothing."""
    troubles = {}
    for name in names or PROGRAMS:
        try:
            PROGRAMS[name](client)
        except Exception:  # noqa: BLE001  # whatever is raised is what went wrong
            troubles[name] = traceback.format_exc(limit=-4)
        else:
            troubles[name] = ""
    return troubles


def main() -> None:
    """Lead IBM's client through all programs."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    base = question["base"]
    sys.path.append(question["libraries"])
    os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
    package = "qiskit_ibm_runtime"
    service = importlib.import_module(package).QiskitRuntimeService(
        token=question["key"], instance=question["instance"], url_resolver=lambda *_: f"{base}/api/v1"
    )
    sys.stdout.write(json.dumps(go_through(Client(package, service), question.get("names"))))


if __name__ == "__main__":
    main()
