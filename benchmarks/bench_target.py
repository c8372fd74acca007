"""From the bytes of configuration and properties to a Target: ours, the floor, and IBM's client.

    python benchmarks/bench_target.py [--existing PYTHON]

The floor is what no program in Python can avoid: decoding both bodies, making Qiskit's property objects and adding
the instructions. PYTHON is an interpreter that has `qiskit-ibm-runtime`; it also comes from `EXISTING_PYTHON`.
"""

from collections.abc import Callable
from functools import partial

from qiskit.transpiler import InstructionProperties, QubitProperties, Target

from measure import median_cpu_seconds, milliseconds, print_table, race, ratio, read_existing, run_existing
from qiskit_runtime_service.bridge.target import build_target
from qiskit_runtime_service.devices.snapshots import Snapshot, read_snapshot, snapshot_rows
from qiskit_runtime_service.wire.configuration import read_configuration, read_properties

DEVICE = "fake_fez"
REPEATS = 31
REPEATS_OF_ALL = 5

EXISTING = """
import glob, json, os, statistics, sys, time
import qiskit_ibm_runtime.fake_provider
from qiskit_ibm_runtime.utils.backend_converter import convert_to_target
from qiskit_ibm_runtime.utils.backend_decoder import configuration_from_server_data, properties_from_server_data

def bodies(folder):
    return [open(path, "rb").read() for kind in ("conf", "props")
            for path in [os.path.join(folder, kind + "_" + os.path.basename(folder) + ".json")]]

def build(configuration, properties):
    known = configuration_from_server_data(json.loads(configuration), use_fractional_gates=None)
    convert_to_target(known, properties_from_server_data(json.loads(properties), use_fractional_gates=None))

def median(function, repeats):
    function()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return statistics.median(times)

backends = os.path.join(os.path.dirname(qiskit_ibm_runtime.fake_provider.__file__), "backends")
devices = {os.path.basename(path)[5:-5]: bodies(os.path.dirname(path))
           for path in glob.glob(os.path.join(backends, "*", "conf_*.json"))}
one = devices[sys.argv[1].removeprefix("fake_")]
print(json.dumps({
    "one": median(lambda: build(*one), int(sys.argv[2])),
    "all": median(lambda: [build(*parts) for parts in devices.values()], int(sys.argv[3])),
    "count": len(devices),
}))
"""


def build_ours(snapshot: Snapshot) -> Target:
    """Decode both bodies and build the Target, as the service does."""
    configuration = read_configuration(snapshot.configuration, "").unwrap()
    return build_target(configuration, read_properties(snapshot.properties, "").unwrap())


def floor_of(snapshot: Snapshot) -> Callable[[], None]:
    """Return the unavoidable work of one device: no decision in it, everything prepared."""
    target = build_ours(snapshot)
    operations = [
        (name, target.operation_from_name(name), {spot: item and (item.duration, item.error) for spot, item in known})
        for name in target.operation_names
        for known in [target[name].items()]
    ]
    qubits = [(qubit.t1, qubit.t2, qubit.frequency) for qubit in target.qubit_properties]

    def work() -> None:
        read_configuration(snapshot.configuration, "")
        read_properties(snapshot.properties, "")
        made = Target(num_qubits=target.num_qubits, qubit_properties=[QubitProperties(*qubit) for qubit in qubits])
        for name, operation, known in operations:
            places = {spot: item and InstructionProperties(*item) for spot, item in known.items()}
            made.add_instruction(operation, None if isinstance(operation, type) else places, name=name)

    return work


def for_all(works: list[Callable[[], object]]) -> None:
    """Do all the work once."""
    for work in works:
        work()


def main() -> None:
    """Measure and print."""
    existing = read_existing(__doc__)

    snapshots = [read_snapshot(row.name) for row in snapshot_rows()]
    one = next(snapshot for snapshot in snapshots if snapshot.name == DEVICE)
    reading = median_cpu_seconds(partial(read_snapshot, DEVICE), REPEATS)
    ours, floor = race([partial(build_ours, one), floor_of(one)], REPEATS)
    ours_of_all = partial(for_all, [partial(build_ours, snapshot) for snapshot in snapshots])
    floor_of_all = partial(for_all, [floor_of(snapshot) for snapshot in snapshots])
    ours_all, floor_all = race([ours_of_all, floor_of_all], REPEATS_OF_ALL)

    of_one = [("ours", milliseconds(ours), "1.0x"), ("floor", milliseconds(floor), ratio(floor, ours))]
    of_all = [("ours", milliseconds(ours_all), "1.0x"), ("floor", milliseconds(floor_all), ratio(floor_all, ours_all))]
    if existing:
        theirs = run_existing(existing, EXISTING, DEVICE, str(REPEATS), str(REPEATS_OF_ALL))
        assert theirs["count"] == len(snapshots)
        of_one.append(("existing client", milliseconds(theirs["one"]), ratio(theirs["one"], ours)))
        of_all.append(("existing client", milliseconds(theirs["all"]), ratio(theirs["all"], ours_all)))
    print_table(f"Bytes to Target, {DEVICE}", of_one)
    print_table(f"Bytes to Target, all {len(snapshots)} devices", of_all)
    print_table("Compressed snapshot to bytes", [(DEVICE, milliseconds(reading))])


if __name__ == "__main__":
    main()
