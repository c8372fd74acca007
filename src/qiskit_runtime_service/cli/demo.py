"""The main job, from account to counts, on an emulated cloud with real device snapshots."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from rich.console import Console
from rich.rule import Rule

from .._shown import spell
from ..core.selection import show
from ..devices.snapshots import snapshot_rows
from ..emulator.world import EmulatedInstance, EmulatedPlan, World
from ..emulator.worlds import API_KEY, device_from_row, one_instance
from ..shell.backend import IBMBackend
from ..shell.job import RuntimeJobV2
from ..shell.primitives import SamplerV2
from ..shell.service import QiskitRuntimeService
from ..simulator.cloud import emulated_cloud
from .tables import make_table, open_console, show_report

QUBITS = 5
SHOTS = 4096
SEED = 7
RUN_SECONDS = 120.0
QUEUES = {
    # name: state, jobs before ours, seconds until ours runs
    "fake_fez": ("online", 3, 3600.0),
    "fake_brisbane": ("online", 41, 21600.0),
    "fake_sherbrooke": ("paused", 0, 0.0),
    "fake_torino": ("online", 12, 9000.0),
    "fake_marrakesh": ("offline", 1, 0.0),
    "fake_guadalupe": ("online", 0, 30.0),
}
EUROPE = ("fake_torino", "fake_marrakesh")


def main(console: Console | None = None) -> None:
    """Run the demonstration and print what happens, on the terminal unless told otherwise."""
    console = console or open_console()
    cloud = emulated_cloud(demo_world())
    began, started = cloud.now(), time.perf_counter()
    with account_file() as path:
        service = QiskitRuntimeService(filename=path, tags=["demo"], transport=cloud, clock=cloud)
    account, instances, *_ = service.explain().reports
    show_report(console, account, "1. The account, and where its fields came from")
    show_report(console, instances, "2. The instances")
    (backends,) = service.explain_backends(min_num_qubits=100, operational=True).reports
    show_report(console, backends, "3. The backends: the least busy with at least 100 qubits")
    backend = service.least_busy(min_num_qubits=100, operational=True)

    job = submit(console, backend)
    job.wait_for_final_state(
        on_change=lambda status, waited: console.print(f"  {spell(waited):>14}  [bold]{status}[/bold]")
    )
    show_counts(console, job.result()[0].data.meas.get_counts(), backend.name)
    console.print(
        f"{len(cloud.ledger)} requests; {spell(cloud.now() - began)} went by on the clock of the cloud, "
        f"{time.perf_counter() - started:.1f} s on yours. No account, no network."
    )


def submit(console: Console, backend: IBMBackend) -> RuntimeJobV2:
    """Transpile a GHZ state onto `backend` and submit it."""
    console.print(Rule("4. The circuit", align="left"))
    circuit = QuantumCircuit(QUBITS)
    circuit.h(0)
    for qubit in range(1, QUBITS):
        circuit.cx(qubit - 1, qubit)
    circuit.measure_all()
    isa_circuit = generate_preset_pass_manager(3, backend=backend, seed_transpiler=SEED).run(circuit)
    qubits = isa_circuit.layout.final_index_layout()
    gates = ", ".join(f"{count} {name}" for name, count in isa_circuit.count_ops().items() if name != "barrier")
    console.print(f"A GHZ state of {QUBITS} qubits, laid out on qubits {show(qubits)} of {backend.name}: {gates}.\n")

    console.print(Rule("5. The job", align="left"))
    sampler = SamplerV2(mode=backend, options={"simulator": {"seed_simulator": SEED}})
    job = sampler.run([isa_circuit], shots=SHOTS)
    console.print(f"Submitted as {job.job_id()}.")
    return job


def demo_world() -> World:
    """Return a cloud with four instances of one account, three of them usable, and six devices."""
    rows = {row.name: row for row in snapshot_rows()}
    devices = [
        device_from_row(
            msgspec.structs.replace(rows[name], state=state),
            queue_length=length,
            queue_seconds=seconds,
            run_seconds=RUN_SECONDS,
        )
        for name, (state, length, seconds) in QUEUES.items()
    ]
    world = one_instance(devices=devices, seed=SEED)
    (template,) = world.instances.values()
    at_home = tuple(name for name in QUEUES if name not in EUROPE)
    plans = (
        EmulatedPlan(id="plan-open", name="open", display_name="Open", pricing_type="free"),
        EmulatedPlan(id="plan-paygo", name="pay-as-you-go", display_name="Pay-as-you-go", pricing_type="paygo"),
        EmulatedPlan(id="plan-old", name="standard", archived=True),
    )
    instances = (
        make_instance(template, 1, "eu-de", "europe", "plan-paygo", EUROPE, tags=("Demo",)),
        make_instance(template, 2, "us-east", "open-main", "plan-open", at_home, tags=("demo", "team-a")),
        make_instance(template, 3, "us-east", "old-plan", "plan-old", ("fake_guadalupe",), tags=("demo",)),
        make_instance(template, 4, "us-east", "untagged", "plan-open", at_home, tags=None),
        make_instance(template, 5, "us-east", "no-time-left", "plan-open", at_home, tags=("demo",), allocated=False),
    )
    return msgspec.structs.replace(
        world, plans={plan.id: plan for plan in plans}, instances={instance.crn: instance for instance in instances}
    )


def make_instance(
    template: EmulatedInstance,
    number: int,
    region: str,
    name: str,
    plan: str,
    devices: tuple[str, ...],
    *,
    tags: tuple[str, ...] | None,
    allocated: bool = True,
) -> EmulatedInstance:
    """Return an instance like `template`, elsewhere and with other devices."""
    crn = f"crn:v1:bluemix:public:quantum-computing:{region}:a/{template.account}:instance-{number}::"
    return msgspec.structs.replace(
        template, crn=crn, name=name, plan_id=plan, devices=devices, tags=tags, allocated=allocated
    )


@contextmanager
def account_file() -> Iterator[str]:
    """Give a throw-away account file, and hide the accounts that this machine may have."""
    for name in [name for name in os.environ if name.startswith("QISKIT_IBM_") or name.endswith("_URL")]:
        del os.environ[name]
    entry = {"channel": "ibm_quantum_platform", "token": API_KEY, "is_default_account": True}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.json"
        path.write_bytes(msgspec.json.encode({"work": entry}))
        yield str(path)


def show_counts(console: Console, counts: dict[str, int], backend: str) -> None:
    """Print the most frequent outcomes as bars, the rest in one line."""
    console.print()
    console.print(Rule(f"6. The counts, with the noise of {backend}", align="left"))
    shots, common = sum(counts.values()), Counter(counts).most_common(8)
    table = make_table("outcome", "")
    table.add_column("shots", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    for outcome, count in common:
        style = "green" if len(set(outcome)) == 1 else "red"
        bar = "█" * max(1, round(40 * count / common[0][1]))
        table.add_row(outcome, f"[{style}]{bar}[/{style}]", str(count), f"{count / shots:.1%}")
    others = [outcome for outcome in counts if outcome not in dict(common)]
    if others:
        count = sum(counts[outcome] for outcome in others)
        table.add_row(f"{len(others)} others", "", str(count), f"{count / shots:.1%}")
    console.print(table)
    right = counts.get("0" * QUBITS, 0) + counts.get("1" * QUBITS, 0)
    console.print(
        f"{right / shots:.1%} of {shots} shots are all 0 or all 1, as a GHZ state has them; the rest is noise.\n"
    )


if __name__ == "__main__":
    main()
