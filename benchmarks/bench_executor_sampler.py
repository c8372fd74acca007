"""From circuits to a job of directed execution, over HTTP on loopback. Ours, IBM's client, and the floor.

    python benchmarks/bench_executor_sampler.py [--existing PYTHON]

One `run()` of the sampler with circuits of 100 qubits and 20 layers: plain, decoupled, twirled, and both. CPU time of
the client; the cloud runs in a process of its own. Both clients read the same circuits from a file. The floor is what
the libraries take that both stand on: boxes, samplexes and their JSON, schedules, QPY, and one compression of it.
Twirled circuits take a second each, and each as long as the other, so there are fewer of them.
"""

import json
import os
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from qiskit import QuantumCircuit, qpy
from samplomatic import build
from samplomatic.serialization import samplex_to_json

from bench_submission import QUBITS, layered
from cloud import running_cloud, variables
from measure import cpu_seconds, milliseconds, print_table, ratio, read_existing, run_existing
from qiskit_runtime_service import IBMBackend, QiskitRuntimeService
from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.programs.boxing import boxer, boxing_arguments
from qiskit_runtime_service.programs.decoupling import decouple, decoupler
from qiskit_runtime_service.testing import API_KEY

CIRCUITS, TWIRLED_CIRCUITS = 100, 10

TWIRLED = {"twirling": {"enable_gates": True, "enable_measure": True}}
DECOUPLED = {"dynamical_decoupling": {"enable": True, "sequence_type": "XY4"}}
WAYS: dict[str, tuple[dict[str, Any], int, int]] = {
    f"{CIRCUITS} plain": ({}, CIRCUITS, 5),
    f"{CIRCUITS} decoupled": (DECOUPLED, CIRCUITS, 1),
    f"{TWIRLED_CIRCUITS} twirled": (TWIRLED, TWIRLED_CIRCUITS, 1),
    f"{TWIRLED_CIRCUITS} twirled and decoupled": ({**TWIRLED, **DECOUPLED}, TWIRLED_CIRCUITS, 1),
}
"""By name: options, how many circuits, and how often it is tried."""

EXISTING = """
import json, logging, statistics, sys, time
from qiskit import qpy
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.executor_sampler import SamplerV2
logging.disable(logging.CRITICAL)
base, key, path, ways = *sys.argv[1:4], json.loads(sys.argv[4])
service = QiskitRuntimeService(token=key, url_resolver=lambda *_: base + "/api/v1")
backend = service.backend("ibm_line0")
circuits = qpy.load(open(path + "/circuits.qpy", "rb"))
def cpu(function):
    started = time.process_time()
    function()
    return time.process_time() - started
def median(options, count, repeats):
    sampler = SamplerV2(mode=backend, options=options)
    sampler.run(circuits[:1])
    return statistics.median(cpu(lambda: sampler.run(circuits[:count])) for _ in range(repeats))
print(json.dumps([median(*way) for way in ways]))
"""


def measure_existing(existing: str, base: str, circuits: list[QuantumCircuit]) -> list[float]:
    """Return the CPU seconds of a run in each way by IBM's client."""
    with tempfile.TemporaryDirectory() as folder:
        with Path(folder, "circuits.qpy").open("wb") as file:
            qpy.dump(circuits, file)
        ways = json.dumps(list(WAYS.values()))
        seconds: list[float] = run_existing(existing, EXISTING, base, API_KEY, folder, ways, **variables(base))
        return seconds


def floor(backend: IBMBackend, circuits: list[QuantumCircuit], options: dict[str, Any]) -> Callable[[], object]:
    """Return a call of what the libraries do for a run."""
    sampler = SamplerV2(backend, options)
    plain = sampler.finalize_options().model_dump()

    def work() -> None:
        made = circuits
        if "twirling" in options:
            by = boxer(boxing_arguments(plain["twirling"]))
            built = [build(by.run(circuit)) for circuit in made]
            [samplex_to_json(samplex) for _, samplex in built]
            made = [template for template, _ in built]
        if "dynamical_decoupling" in options:
            padder = decoupler(backend.target, plain["dynamical_decoupling"])
            made = [decouple(circuit, padder).unwrap() for circuit in made]
        stream = BytesIO()
        qpy.dump(made, stream)
        zlib.compress(stream.getbuffer())

    return work


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    circuits = [layered(seed) for seed in range(CIRCUITS)]
    with running_cloud(1, 0, devices=1, qubits=QUBITS) as base:
        os.environ.update(variables(base))
        service = QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1")
        backend = service.backend("ibm_line0")
        ours, least = [], []
        for options, count, repeats in WAYS.values():
            sampler = SamplerV2(backend, options)
            sampler.run(circuits[:1])
            turns = (partial(sampler.run, circuits[:count]), floor(backend, circuits[:count], options))
            rounds = [[cpu_seconds(turn) for turn in turns] for _ in range(repeats)]
            mine, lowest = map(median, zip(*rounds, strict=True))
            ours.append(mine)
            least.append(lowest)
        theirs = measure_existing(existing, base, circuits) if existing else []
    table = [("run()", "ours", "floor", "of floor", "existing client", "ratio")]
    for index, name in enumerate(WAYS):
        other = (milliseconds(theirs[index]), ratio(theirs[index], ours[index])) if theirs else ("", "")
        mine = (milliseconds(ours[index]), milliseconds(least[index]), ratio(ours[index], least[index]))
        table.append((name, *mine, *other))
    print_table(f"One run() with circuits of {QUBITS} qubits, CPU time of the client", table)


if __name__ == "__main__":
    main()
