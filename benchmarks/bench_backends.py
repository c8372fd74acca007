"""Choosing among many backends and reading large ones: ours, and IBM's client.

    python benchmarks/bench_backends.py [--existing PYTHON]

The cloud runs in a process of its own: 5 instances of 10 backends, 50 ms a request, wall-clock time, each call on a
new service. What needs no network is measured in CPU time on the 156-qubit device.
"""

import os
import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from qiskit import QuantumCircuit

from cloud import running_cloud, variables
from measure import median_cpu_seconds, milliseconds, print_table, ratio, read_existing, run_existing
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.devices.snapshots import Snapshot, read_snapshot
from qiskit_runtime_service.fake_provider import CLASSES, FakeFez
from qiskit_runtime_service.shell.models import BackendProperties
from qiskit_runtime_service.shell.snapshot_backend import SnapshotBackend
from qiskit_runtime_service.testing import API_KEY
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

INSTANCES, DEVICES, DELAY = 5, 10, 50
REPEATS = 5
CACHED, HELD = 1_000, 100

CALLS: dict[str, Callable[[QiskitRuntimeService], object]] = {
    "backends()": lambda service: service.backends(),
    "backends(min_num_qubits=7)": lambda service: service.backends(min_num_qubits=7),
    "backends(filters=…memory)": lambda service: service.backends(filters=lambda backend: backend.memory),
    "least_busy(operational=True)": lambda service: service.least_busy(operational=True),
    "least_busy(filters=…memory)": lambda service: service.least_busy(filters=lambda backend: backend.memory),
}

EXISTING_CALLS = """
import json, logging, statistics, sys, time
from qiskit_ibm_runtime import QiskitRuntimeService
logging.disable(logging.CRITICAL)
base, key, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
calls = [
    lambda service: service.backends(),
    lambda service: service.backends(min_num_qubits=7),
    lambda service: service.backends(filters=lambda backend: backend.memory),
    lambda service: service.least_busy(operational=True),
    lambda service: service.least_busy(filters=lambda backend: backend.memory),
]
def once(call):
    service = QiskitRuntimeService(token=key, url_resolver=lambda *_: base + "/api/v1")
    started = time.perf_counter()
    call(service)
    return time.perf_counter() - started
print(json.dumps([statistics.median(once(call) for _ in range(repeats)) for call in calls]))
"""

EXISTING_LOCAL = """
import json, statistics, sys, time, tracemalloc
from qiskit import QuantumCircuit
from qiskit_ibm_runtime.fake_provider import FakeFez, FakeProviderForBackendV2
def median(function, repeats):
    function()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return statistics.median(times)
repeats = int(sys.argv[1])
circuit = QuantumCircuit(156)
for qubit in range(155):
    circuit.x(qubit)
known = FakeFez()
known.target
known.properties()
print(json.dumps([
    median(lambda: FakeFez().properties().t1(0), repeats),
    median(lambda: FakeFez().target, repeats),
    median(lambda: known.check_faulty(circuit), repeats),
    median(lambda: [backend.target for backend in FakeProviderForBackendV2().backends()], 1),
]))
"""

EXISTING_MANY = """
import json, logging, statistics, sys, time, tracemalloc
from qiskit_ibm_runtime import QiskitRuntimeService
logging.disable(logging.CRITICAL)
base, key = sys.argv[1:]
service = QiskitRuntimeService(token=key, url_resolver=lambda *_: base + "/api/v1")
tracemalloc.start()
held = service.backends()
memory = tracemalloc.get_traced_memory()[0]
tracemalloc.stop()
started = time.process_time()
service.backends()
print(json.dumps([time.process_time() - started, memory, len(held)]))
"""


def open_service(base: str) -> QiskitRuntimeService:
    """Open a service on the cloud."""
    return QiskitRuntimeService(token=API_KEY, url_resolver=lambda *_: f"{base}/api/v1")


def wall_seconds(base: str, call: Callable[[QiskitRuntimeService], object]) -> float:
    """Return the median seconds of a call on a new service."""
    times = []
    for _ in range(REPEATS):
        with open_service(base) as service:
            started = time.perf_counter()
            call(service)
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def compare(name: str, ours: float, theirs: float | None) -> tuple[str, ...]:
    """Return a row of a table."""
    return (name, milliseconds(ours), *(("", "") if theirs is None else (milliseconds(theirs), ratio(theirs, ours))))


def measure_calls(existing: str | None) -> None:
    """Measure what waits for the network."""
    with running_cloud(INSTANCES, DELAY, DEVICES) as base:
        os.environ.update(variables(base))
        ours = [wall_seconds(base, call) for call in CALLS.values()]
        theirs: list[float | None] = [None] * len(CALLS)
        if existing:
            theirs = run_existing(existing, EXISTING_CALLS, base, API_KEY, "1", **variables(base))
    rows = [compare(*figures) for figures in zip(CALLS, ours, theirs, strict=True)]
    title = f"{INSTANCES} instances of {DEVICES} backends, {DELAY} ms a request"
    print_table(title, [("call", "ours", "existing client", "ratio"), *rows])


def read_backend(snapshot: Snapshot) -> SnapshotBackend:
    """Return the backend that two bodies describe, as they come from a server."""
    configuration = read_configuration(snapshot.configuration, "").unwrap()
    return SnapshotBackend(snapshot.name, (configuration, read_properties(snapshot.properties, "").unwrap()))


def read_properties_of(snapshot: Snapshot) -> float:
    """Read one number of a calibration, from its body."""
    calibration = read_properties(snapshot.properties, "").unwrap()
    assert calibration is not None
    return BackendProperties(calibration).t1(0)


def measure_local(existing: str | None) -> None:
    """Measure what needs no network."""
    circuit = QuantumCircuit(156)
    for qubit in range(155):
        circuit.x(qubit)
    known = FakeFez()
    assert known.target.num_qubits == known.num_qubits
    snapshots = {name: read_snapshot(name) for name in CLASSES.values()}
    works: dict[str, tuple[Callable[[], object], int]] = {
        "properties().t1(0), 156 qubits": (lambda: read_properties_of(snapshots["fake_fez"]), 11),
        "Target, 156 qubits": (lambda: read_backend(snapshots["fake_fez"]).target, 11),
        "check_faulty(circuit of 155 gates)": (partial(known.check_faulty, circuit), 11),
        f"all {len(CLASSES)} Targets": (lambda: [read_backend(snapshot).target for snapshot in snapshots.values()], 5),
    }
    ours = [median_cpu_seconds(work, repeats) for work, repeats in works.values()]
    theirs: list[float | None] = [None] * len(works)
    if existing:
        theirs = run_existing(existing, EXISTING_LOCAL, "3")
    rows = [compare(*figures) for figures in zip(works, ours, theirs, strict=True)]
    print_table("From bytes, CPU time", [("work", "ours", "existing client", "ratio"), *rows])


def measure_many(existing: str | None) -> None:
    """Measure a second listing of many backends, and what holding them costs."""
    theirs_many = theirs_held = None
    with running_cloud(1, 0, CACHED) as base:
        os.environ.update(variables(base))
        with open_service(base) as service:
            cached = service.backends()
            service.backends(filters=lambda backend: backend.memory)
            listing = median_cpu_seconds(service.backends, REPEATS)
            assert len(cached) == CACHED
        if existing:
            theirs_many = run_existing(existing, EXISTING_MANY, base, API_KEY, **variables(base))
    with running_cloud(1, 0, HELD) as base:
        os.environ.update(variables(base))
        with open_service(base) as service:
            service.active_instance()
            tracemalloc.start()
            held = service.backends()
            listed = tracemalloc.get_traced_memory()[0]
            for backend in held:
                backend.configuration()
            described = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
        if existing:
            theirs_held = run_existing(existing, EXISTING_MANY, base, API_KEY, **variables(base))
    rows = [("", "ours", "existing client", "ratio")]
    rows.append(compare(f"second backends(), {CACHED} cached, CPU", listing, theirs_many and theirs_many[0]))
    for name, size in (("listed", listed), ("described", described)):
        ours = f"{size / 1024:.0f} KiB"
        their = (f"{theirs_held[1] / 1024:.0f} KiB", ratio(theirs_held[1], size)) if theirs_held else ("", "")
        rows.append((f"memory of {HELD} backends, {name}", ours, *their))
    print_table("Many backends of 5 qubits", rows)


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)
    measure_calls(existing)
    measure_local(existing)
    measure_many(existing)


if __name__ == "__main__":
    main()
