"""From circuits to a job, over HTTP on loopback. Ours, and IBM's client.

    python benchmarks/bench_submission.py [--existing PYTHON]

One `run()` of a sampler with 100 circuits of 100 qubits, one with 100,000 rows of 20 parameters, and one of an
estimator with an observable of 1,000 terms. CPU time of the client; the cloud runs in a process of its own. Both
clients read the same circuits from a file. Of ours, the parts are shown too: what is checked, and what is encoded.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter
from qiskit.transpiler import Target

from cloud import running_cloud, variables
from measure import median_cpu_seconds, milliseconds, print_table, ratio, read_existing, run_existing
from qiskit_runtime_service import EstimatorV2, IBMBackend, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.bridge.circuits import encode_params, encode_sampler_pub, read_pubs
from qiskit_runtime_service.bridge.delay_ticks import count_delays
from qiskit_runtime_service.bridge.executable import check_pubs, check_registers
from qiskit_runtime_service.bridge.finite import check_finite
from qiskit_runtime_service.bridge.observables import encode_estimator_pub, read_estimator_pubs
from qiskit_runtime_service.bridge.qpy_form import check_form
from qiskit_runtime_service.testing import API_KEY

CIRCUITS = 100
QUBITS = 100
LAYERS = 20
ROWS = 100_000
PARAMETERS = 20
TERMS = 1_000
REPEATS = 3

EXISTING = """
import json, logging, statistics, sys, time
import numpy as np
from qiskit import qpy
from qiskit.quantum_info import SparsePauliOp
from qiskit_ibm_runtime import EstimatorV2, QiskitRuntimeService, SamplerV2
logging.disable(logging.CRITICAL)
base, key, path, repeats = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
service = QiskitRuntimeService(token=key, url_resolver=lambda *_: base + "/api/v1")
backend = service.backend("ibm_line0")
sampler, estimator = SamplerV2(mode=backend), EstimatorV2(mode=backend)
*circuits, swept, flat = qpy.load(open(path + "/circuits.qpy", "rb"))
rows, terms = np.load(path + "/rows.npy"), json.load(open(path + "/terms.json"))
def cpu(function):
    started = time.process_time()
    function()
    return time.process_time() - started
def median(function):
    function()
    return statistics.median(cpu(function) for _ in range(repeats))
print(json.dumps([
    median(lambda: sampler.run(circuits)),
    median(lambda: sampler.run([(swept, rows)])),
    median(lambda: estimator.run([(flat, terms)])),
]))
"""


def layered(seed: int) -> QuantumCircuit:
    """Return layers of rotations and pairs on a line, as its gates are, measured."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(QUBITS, QUBITS)
    for layer in range(LAYERS):
        for qubit, angle in enumerate(rng.uniform(0, 3, QUBITS)):
            circuit.rz(angle, qubit)
            circuit.sx(qubit)
        for qubit in range(layer % 2, QUBITS - 1, 2):
            circuit.cz(qubit, qubit + 1)
    circuit.measure(range(QUBITS), range(QUBITS))
    return circuit


def swept() -> QuantumCircuit:
    """Return a circuit with parameters."""
    circuit = QuantumCircuit(PARAMETERS, PARAMETERS)
    for qubit in range(PARAMETERS):
        circuit.sx(qubit)
        circuit.rz(Parameter(f"p{qubit}"), qubit)
        circuit.sx(qubit)
    circuit.measure(range(PARAMETERS), range(PARAMETERS))
    return circuit


def flat() -> QuantumCircuit:
    """Return a circuit without measurements."""
    circuit = QuantumCircuit(QUBITS)
    for qubit in range(QUBITS):
        circuit.sx(qubit)
    return circuit


def terms() -> dict[str, float]:
    """Return an observable as labels and coefficients."""
    letters = np.random.default_rng(7).choice(list("IXYZ"), (TERMS, QUBITS))
    return {"".join(row): 1.0 + number for number, row in enumerate(letters)}


def measure_existing(
    existing: str, base: str, circuits: list[QuantumCircuit], rows: Any, observables: Any
) -> list[float]:
    """Return the CPU seconds of the three runs by IBM's client."""
    with tempfile.TemporaryDirectory() as folder:
        with Path(folder, "circuits.qpy").open("wb") as file:
            qpy.dump(circuits, file)
        np.save(Path(folder, "rows.npy"), rows)
        Path(folder, "terms.json").write_text(json.dumps(observables))
        seconds: list[float] = run_existing(existing, EXISTING, base, API_KEY, folder, str(REPEATS), **variables(base))
        return seconds


def check_all(pubs: Sequence[Any], target: Target) -> None:
    """Check PUBs, and count their delays, as a run does."""
    check_finite(pubs).unwrap()
    check_pubs(pubs, target).unwrap()
    check_form(pubs).unwrap()
    count_delays(pubs, target.dt).unwrap()


def measure_sampler(backend: IBMBackend, pubs: list[Any]) -> tuple[float, ...]:
    """Return the CPU seconds of a run, of checking its PUBs, and of encoding them."""
    sampler, target, read = SamplerV2(backend), backend.target, read_pubs(pubs, None).unwrap()

    def check() -> None:
        given = read_pubs(pubs, None).unwrap()
        check_registers(given).unwrap()
        check_all(given, target)

    steps = (lambda: sampler.run(pubs), check, lambda: encode_params([*map(encode_sampler_pub, read)], {}))
    return tuple(median_cpu_seconds(step, REPEATS) for step in steps)


def measure_estimator(backend: IBMBackend, pubs: list[Any]) -> tuple[float, ...]:
    """Return the CPU seconds of a run, of checking its PUBs, and of encoding them."""
    estimator, target, read = EstimatorV2(backend), backend.target, read_estimator_pubs(pubs, None).unwrap()

    def check() -> None:
        check_all(read_estimator_pubs(pubs, None).unwrap(), target)

    steps = (lambda: estimator.run(pubs), check, lambda: encode_params([*map(encode_estimator_pub, read)], {}))
    return tuple(median_cpu_seconds(step, REPEATS) for step in steps)


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    circuits, sweep, level = [layered(seed) for seed in range(CIRCUITS)], swept(), flat()
    rows, observables = np.random.default_rng(1).random((ROWS, PARAMETERS)), terms()
    with running_cloud(1, 0, devices=1, qubits=QUBITS) as base:
        os.environ.update(variables(base))
        service = QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1")
        backend = service.backend("ibm_line0")
        seconds = (
            measure_sampler(backend, circuits),
            measure_sampler(backend, [(sweep, rows)]),
            measure_estimator(backend, [(level, observables)]),
        )
        theirs = measure_existing(existing, base, [*circuits, sweep, level], rows, observables) if existing else []
    names = (f"{CIRCUITS} circuits of {QUBITS} qubits", f"{ROWS} x {PARAMETERS} parameters", f"{TERMS} terms")
    table = [("run()", "ours", "checked", "encoded", "existing client", "ratio")]
    for index, (name, parts) in enumerate(zip(names, seconds, strict=True)):
        other = (milliseconds(theirs[index]), ratio(theirs[index], parts[0])) if theirs else ("", "")
        table.append((name, *map(milliseconds, parts), *other))
    print_table("One run(), CPU time of the client", table)


if __name__ == "__main__":
    main()
