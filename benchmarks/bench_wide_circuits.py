"""Wide circuits of tutorials and papers: what is estimated, what is spent, and how; beside IBM's client.

    python benchmarks/bench_wide_circuits.py [--existing PYTHON]

The floor is what no simulation can avoid: reading the circuit that was sent. CPU seconds of one run; what is refused
is told as such. IBM's client runs the same circuits in its local mode, with the same shots, for a minute at most each.
PYTHON is an interpreter that has `qiskit-ibm-runtime` and Aer; it also comes from `EXISTING_PYTHON`.
"""

import json
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from qiskit import qpy

from measure import cpu_seconds, print_table, read_existing
from qiskit_runtime_service.emulator.world import Crashed
from qiskit_runtime_service.simulator.job_params import decode_estimator_params, decode_sampler_params
from qiskit_runtime_service.simulator.run_job import run_task

LONGEST = 60
"""Seconds that IBM's client may take for a circuit."""

EXISTING = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from qiskit import qpy
from qiskit.quantum_info import SparsePauliOp
from qiskit_ibm_runtime import EstimatorV2, SamplerV2, fake_provider
path, device, terms, shots = sys.argv[1:]
backend = next(b for b in fake_provider.FakeProviderForBackendV2().backends() if b.name == device)
circuit = qpy.load(open(path, "rb"))[0]
started = time.process_time()
if terms == "null":
    SamplerV2(mode=backend).run([circuit], shots=int(shots)).result()
else:
    operator = SparsePauliOp.from_list([tuple(term) for term in json.loads(terms)])
    EstimatorV2(mode=backend).run([(circuit, operator)], precision=int(shots) ** -0.5).result()
print(json.dumps(time.process_time() - started))
"""


def run_by_existing(python: str | None, device: str, circuit: Any, observable: Any, shots: int) -> str:
    """Return how long IBM's client takes, or how it fails."""
    if python is None:
        return ""
    terms = None if observable is None else [(label, value.real) for label, value in observable.to_list()]
    with tempfile.NamedTemporaryFile(suffix=".qpy") as file:
        qpy.dump(circuit, file)  # type: ignore[arg-type]  # its type says BinaryIO, and any binary file will do
        file.flush()
        command = [python, "-W", "ignore", "-c", EXISTING, file.name, device, json.dumps(terms), str(shots)]
        try:
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return f"not in {LONGEST} s"
        except subprocess.CalledProcessError as error:
            return (error.stderr.strip().splitlines() or ["killed"])[-1][:40]
    return f"{float(done.stdout.splitlines()[-1]):.2f} s"


def main() -> None:
    """Measure and print."""
    python = read_existing(__doc__)
    sys.path.append(str(Path(__file__).parent.parent))
    wide: Any = import_module("tests.support.wide_circuits")
    rows = [("circuit", "floor", "estimate, at least", "ours", "how", "IBM's client")]
    for example in wide.EXAMPLES:
        circuit, observable = example.make()
        circuit = wide.transpiled(circuit, example.device)
        task = wide.task_for(example.device, circuit, observable)
        read = decode_sampler_params if observable is None else decode_estimator_params
        floor = cpu_seconds(lambda task=task, read=read: read(task.params))  # type: ignore[misc]  # mypy infers no lambda with defaults
        # What is refused tells what it was estimated to take.
        outcomes: list[Any] = [run_task(task, longest=1e-9)]
        estimate = outcomes[0].reason.split("about ")[1].split(" or more")[0]
        spent = cpu_seconds(lambda task=task, outcomes=outcomes: outcomes.append(run_task(task)))  # type: ignore[misc]  # as above
        outcome = outcomes[-1]
        how = "refused" if isinstance(outcome, Crashed) else outcome.logs.splitlines()[0].split(": ", 1)[1].strip(".")
        theirs = run_by_existing(python, example.device, circuit, observable, wide.SHOTS)
        rows.append((example.name, f"{floor:.2f} s", estimate, f"{spent:.2f} s", how, theirs))
        print(*rows[-1], sep=" | ", flush=True)
    print_table("Wide circuits", rows)


if __name__ == "__main__":
    main()
