"""Directed execution on an emulated cloud: how long jobs take, and how near mitigated values come to the truth.

    python benchmarks/bench_executor_jobs.py [--existing PYTHON]

First programs in this process, in seconds of the clock and of the CPU, after imports. Then IBM's client, unmodified,
through a door: a GHZ state of 6 on `fake_fez`, 4,096 shots, at resilience levels 0, 1 and 2, from `run` to the result;
and a chain of 5 on `fake_manila`, 4 steps, 16,384 shots, the mean error of four values over 10 jobs, beside a job in
that client's own local mode, on the same snapshot. The floor is what that client computes itself, and the parts are
what the emulated cloud and the local mode compute beside it, in seconds of the CPU, whatever else the machine does. The
local mode misreads a 0 as often as a 1; here each is misread as often as the calibration says (B270), so values at
level 0 are nearer to the truth, unless the readout is twirled.

PYTHON is an interpreter that has `qiskit-ibm-runtime`; it also comes from `EXISTING_PYTHON`.
"""

import json
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import QuantumCircuit as Circuit
from qiskit.transpiler import generate_preset_pass_manager
from returns.result import Result
from samplomatic import build
from samplomatic.transpiler import generate_boxing_pass_manager

from measure import cpu_seconds, print_table, ratio, read_existing
from qiskit_runtime_service.fake_provider import FakeFez
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.simulator.cloud import snapshot_world
from qiskit_runtime_service.simulator.program_items import run_program
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, emulated_cloud

EXISTING = """
import json, os, sys, time, warnings
warnings.simplefilter("ignore")
base, key, instance, libraries = sys.argv[1:]
sys.path.append(libraries)
os.environ.update(IAM_URL=base, GLOBAL_SEARCH_URL=base, GLOBAL_CATALOG_URL=f"{base}/api/v1")
import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.executor_estimator import EstimatorV2
from qiskit_ibm_runtime.executor_noise_learner import NoiseLearnerV3
from qiskit_ibm_runtime.fake_provider import FakeManilaV2
service = QiskitRuntimeService(token=key, url_resolver=lambda *_: f"{base}/api/v1", instance=instance)

def place(circuit, backend, terms):
    layout = list(range(circuit.num_qubits))
    isa = generate_preset_pass_manager(1, backend, initial_layout=layout, seed_transpiler=1).run(circuit)
    ideal = np.array([Statevector(circuit).expectation_value(term).real for term in terms])
    return isa, [term.apply_layout(isa.layout) for term in terms], ideal

def values(backend, pub, level, shots):
    estimator = EstimatorV2(backend)
    estimator.options.resilience_level = level
    estimator.options.default_shots = shots
    started = time.perf_counter()
    found = estimator.run([pub]).result()[0].data.evs
    return found, time.perf_counter() - started

fez, manila, local = service.backend("fake_fez"), service.backend("fake_manila"), FakeManilaV2()
ghz = QuantumCircuit(6)
ghz.h(0)
for qubit in range(5):
    ghz.cx(qubit, qubit + 1)
isa, terms, ideal = place(ghz, fez, [SparsePauliOp(label) for label in ("IIIIZZ", "XXXXXX", "ZZIIII")])
values(fez, (isa, terms), 0, 64)
rows = []
for level in range(3):
    found, seconds = values(fez, (isa, terms), level, 4096)
    rows.append((f"GHZ of 6 on fez, level {level}", f"{seconds:.2f} s", " ".join(f"{value:.3f}" for value in found)))
chain = QuantumCircuit(5)
for _ in range(4):
    chain.rx(0.3, range(5))
    for qubit in (0, 2, 1, 3):
        chain.rzz(-np.pi / 2, qubit, qubit + 1)
labels = [SparsePauliOp(label) for label in ("ZIIII", "IIZII", "IIIZZ")]
mean = SparsePauliOp.from_sparse_list([("Z", [qubit], 0.2) for qubit in range(5)], 5)
isa, terms, ideal = place(chain, manila, [*labels, mean])

twirled, pea = {"enable_gates": True, "enable_measure": True}, {"amplifier": "pea", "noise_factors": [1, 2, 3]}
ways = {
    "level 0": {"resilience_level": 0},
    "level 0, readout twirled": {"resilience_level": 0, "twirling": {"enable_measure": True}},
    "TREX": {"resilience_level": 1},
    "ZNE": {"resilience_level": 2},
    "TREX, twirled": {"resilience_level": 1, "twirling": twirled},
    "PEA, 32 randomizations": {"resilience_level": 2, "resilience": {"zne": pea}},
    "PEA": {"resilience_level": 2, "twirling": twirled | {"shots_per_randomization": 64}, "resilience": {"zne": pea}},
    "PEC": {"resilience_level": 1, "twirling": twirled, "resilience": {"pec_mitigation": True}},
}
print(json.dumps(rows), flush=True)
learned = {}
for way, options in ways.items():
    def prepare(backend):
        estimator = EstimatorV2(backend, options={"default_shots": 16384, **options})
        if way.startswith("PE"):
            layers = estimator.find_unique_layers([(isa, terms)])
            if not learned:
                learner = NoiseLearnerV3(manila)
                learner.options.num_randomizations, learner.options.layer_pair_depths = 10, [0, 1, 8]
                learned["maps"] = learner.run(layers).result().to_pauli_lindblad_maps()
            estimator.options.resilience.layer_noise_model = list(zip(layers, learned["maps"]))
            if backend is not manila:  # it would add that noise to that of the device
                estimator.options.simulator.layer_noise_model = []
        return estimator
    def job(estimator):
        started, used = time.perf_counter(), time.process_time()
        found = estimator.run([(isa, terms)]).result()[0].data.evs
        return np.abs(found - ideal).mean(), time.perf_counter() - started, time.process_time() - used
    estimator = prepare(manila)
    print(json.dumps("begin"), flush=True)
    jobs = [job(estimator) for _ in range(JOBS)]
    print(json.dumps("end"), flush=True)
    print(json.dumps([way, np.mean(jobs, axis=0).tolist(), list(job(prepare(local)))]), flush=True)
"""
JOBS = 10
EXISTING = EXISTING.replace("JOBS", str(JOBS))


CHAIN = ("", "error", "a job", "floor", "our part", "local: error", "a job", "its part", "ratio", "of the parts")


class Ticking:
    """A carrier to a cloud whose time goes on by a second with each request."""

    def __init__(self, cloud: EmulatedTransport) -> None:
        self.cloud = cloud

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Answer a request, a second later."""
        self.cloud.sleep(1.0)
        return self.cloud.send(request)

    def close(self) -> None:
        """Close the carrier."""
        self.cloud.close()


def ghz(width: int, backend: Any) -> Circuit:
    """Return a measured GHZ state as a device can run it."""
    circuit = QuantumCircuit(width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend, seed_transpiler=1).run(circuit)


def twirled(circuit: Circuit, randomizations: int, shots: int) -> QuantumProgram:
    """Return a program of randomizations of a circuit."""
    template, samplex = build(generate_boxing_pass_manager().run(circuit))
    program = QuantumProgram(shots)
    program.append_samplex_item(template, samplex, shape=(randomizations,))
    return program


def time_here() -> list[tuple[str, ...]]:
    """Return rows of programs that are run in this process."""
    fez = FakeFez()
    idle = QuantumCircuit(156, 156)
    idle.measure(range(156), range(156))
    programs = {
        "5 active of 156, 32 randomizations x 128": twirled(ghz(5, fez), 32, 128),
        "10 active of 156, 32 randomizations x 128": twirled(ghz(10, fez), 32, 128),
        "20 active of 156, 32 randomizations x 128": twirled(ghz(20, fez), 32, 128),
        "156 idle and measured, 32 randomizations x 128": twirled(idle, 32, 128),
    }
    rows = []
    for name, program in programs.items():
        started = time.perf_counter()
        spent = cpu_seconds(lambda program=program: run_program(program, fez, seed=1))  # type: ignore[misc]
        rows.append((name, f"{time.perf_counter() - started:.2f} s", f"{spent:.2f} s CPU"))
    return rows


def show_existing(python: str) -> None:
    """Print rows of IBM's client through a door, and rows that have its local mode beside it."""
    world = msgspec.structs.replace(snapshot_world(), now=time.time())
    (instance,) = world.instances
    rows: list[tuple[str, ...]] = [CHAIN]
    with door_to(Ticking(emulated_cloud(world, executor=ThreadPoolExecutor(1)))) as door:
        libraries = sysconfig.get_path("purelib")
        command = [python, "-W", "ignore", "-c", EXISTING, door.base, API_KEY, instance, libraries]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = map(json.loads, process.stdout)
            print_table("IBM's client through a door", [tuple(row) for row in next(told)])
            for begin in told:
                assert begin == "begin"
                used = time.process_time()
                assert next(told) == "end"
                cloud = (time.process_time() - used) / JOBS
                way, (error, seconds, own), (alone, took, spent) = next(told)
                found = (f"{error:.3f}", f"{seconds:.2f} s", f"{own:.2f} s", f"{cloud:.3f} s")
                others = (f"{alone:.3f}", f"{took:.2f} s", f"{spent - own:.2f} s")
                rows.append((way, *found, *others, ratio(took, seconds), ratio(max(spent - own, 0.0), cloud)))
                print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
    assert process.returncode == 0
    print_table("IBM's client through a door, and its local mode: a chain of 5 on manila", rows)


def main() -> None:
    """Print all tables."""
    python = read_existing(__doc__)
    np.seterr(all="raise")
    print_table("quantum programs in this process, with the noise of the device", time_here())
    if python is not None:
        show_existing(python)


if __name__ == "__main__":
    main()
