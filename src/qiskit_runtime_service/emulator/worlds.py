"""Ready worlds: one instance, two regions, many instances; and devices for them."""

import hashlib
from collections.abc import Iterable

import msgspec

from .._public import public
from ..records.backend import BackendRow
from .calibrations import Calibration, measure_again
from .coherent_noise import CoherentNoise
from .plans import usual_limit
from .queues import DeviceQueue, QueueModel
from .responses import make_uuid
from .world import Device, DeviceState, EmulatedInstance, EmulatedPlan, Metric, World

API_KEY = "emulated-api-key"
"""The key that every ready world knows. It opens nothing else."""

START = 1788256800.0
"""2026-09-01T10:00:00Z: the instant at which ready worlds begin."""

AS_DEVICES_SAY = DeviceQueue()
"""How jobs wait unless told otherwise."""

CALIBRATED = "2026-09-01T06:00:00+00:00"
READOUT_ERROR = 0.01
PAIR_ERROR = 0.002
PLANS = {"open": "free", "pay-as-you-go": "paygo", "premium": "subscription", "flex": "paid"}
"""From the name of a plan to its pricing type."""

REGIONS = ("us-east", "eu-de")
GATES = {
    "id": ([], "gate id q { U(0, 0, 0) q; }"),
    "rz": (["theta"], "gate rz(theta) q { U(0, 0, theta) q; }"),
    "sx": ([], "gate sx q { U(pi/2, 3*pi/2, pi/2) q; }"),
    "x": ([], "gate x q { U(pi, 0, pi) q; }"),
    "cz": ([], "gate cz q0, q1 { CZ q0, q1; }"),
}


@public("testing")
def one_instance(
    *,
    devices: Iterable[Device] | None = None,
    queue_seconds: float = 0.0,
    run_seconds: float | None = None,
    limit: float | None = None,
    plan: str = "open",
    queue: QueueModel = AS_DEVICES_SAY,
    coherent: CoherentNoise | None = None,
    seed: int = 0,
    now: float = START,
) -> World:
    """Return a world with one instance.

    Args:
        devices: What the instance has; `None` for one line of 5 qubits called `ibm_emu5`.
        queue_seconds: How long jobs on that line wait.
        run_seconds: How long jobs on that line run; `None` for what each takes.
        limit: Seconds that the instance may spend; `None` for no limit, but 600 of the open plan.
        plan: What it is sold as. The open plan has no dedicated sessions.
        queue: How long jobs wait; by default as their device says.
        coherent: What its devices have beside the noise that they tell of, so that decoupling and twirling help;
            `CoherentNoise()` is that of ordinary devices, and `None` is nothing.
        seed: What all that looks random follows from.
        now: When the world begins. A client that compares tokens with its own clock needs its own time here.
    """
    line = line_device("ibm_emu5", 5, queue_seconds=queue_seconds, run_seconds=run_seconds)
    held = (line,) if devices is None else devices
    world = many_instances(1, plans=1, devices=held, queue=queue, seed=seed, now=now)
    named = {plan_id: named_plan(plan_id, plan) for plan_id in world.plans}
    allowed = usual_limit(plan) if limit is None else limit
    limited = {crn: msgspec.structs.replace(held, limit=allowed) for crn, held in world.instances.items()}
    return msgspec.structs.replace(world, plans=named, instances=limited, coherent=coherent)


@public("testing")
def two_regions(
    *, queue_seconds: float = 0.0, queue: QueueModel = AS_DEVICES_SAY, seed: int = 0, now: float = START
) -> World:
    """Return a world with an open instance in `us-east` and a pay-as-you-go instance in `eu-de`.

    The first has `ibm_east5`, the second `ibm_europe7` and nothing in common with the first.
    """
    world = many_instances(2, plans=2, devices=(), queue=queue, seed=seed, now=now)
    east = line_device("ibm_east5", 5, queue_seconds=queue_seconds)
    europe = line_device("ibm_europe7", 7, queue_seconds=queue_seconds)
    instances = {
        crn: msgspec.structs.replace(instance, devices=(device.name,))
        for (crn, instance), device in zip(world.instances.items(), (east, europe), strict=True)
    }
    return msgspec.structs.replace(world, instances=instances, devices={east.name: east, europe.name: europe})


@public("testing")
def many_instances(
    count: int,
    *,
    plans: int = 3,
    devices: Iterable[Device] | None = None,
    limit: float | None = None,
    queue: QueueModel = AS_DEVICES_SAY,
    seed: int = 0,
    now: float = START,
) -> World:
    """Return a world with `count` instances of one account.

    Plans and regions go round, so that neighbours differ; each may spend `limit`, or without that what its plan gives.
    All instances have all `devices`; `None` gives them one line of 5 qubits called `ibm_emu5`.
    """
    account = name_digest(seed, "account")[:32]
    held = {device.name: device for device in ((line_device("ibm_emu5", 5),) if devices is None else devices)}
    sold = tuple(make_plan(seed, number) for number in range(plans))
    made = (
        EmulatedInstance(
            crn=make_crn(seed, account, number, REGIONS[number % len(REGIONS)]),
            name=f"instance-{number + 1}",
            account=account,
            plan_id=sold[number % plans].id,
            devices=tuple(held),
            limit=usual_limit(sold[number % plans].name) if limit is None else limit,
        )
        for number in range(count)
    )
    return World(
        now=now,
        keys={API_KEY: account},
        plans={plan.id: plan for plan in sold},
        instances={instance.crn: instance for instance in made},
        devices=held,
        queue=queue,
        seed=seed,
    )


def make_plan(seed: int, number: int) -> EmulatedPlan:
    """Return the plan with that number; after the known ones they are premium plans with a number."""
    name = list(PLANS)[number] if number < len(PLANS) else f"premium-{number + 1}"
    return named_plan(make_uuid(name_digest(seed, f"plan {number}")), name)


def named_plan(plan_id: str, name: str) -> EmulatedPlan:
    """Return a plan at the price that its name has."""
    pricing_type = PLANS.get(name, "subscription")
    return EmulatedPlan(id=plan_id, name=name, display_name=name.capitalize(), pricing_type=pricing_type)


def make_crn(seed: int, account: str, number: int, region: str, cloud: str = "bluemix") -> str:
    """Return the CRN of the instance with that number."""
    unique = make_uuid(name_digest(seed, f"instance {number}"))
    return f"crn:v1:{cloud}:public:quantum-computing:{region}:a/{account}:{unique}::"


def name_digest(seed: int, name: str) -> str:
    """Return 64 hexadecimal digits that follow from `seed` and `name`."""
    return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()


@public("testing")
def device_from_row(
    row: BackendRow, *, queue_length: int | None = None, queue_seconds: float = 0.0, run_seconds: float | None = None
) -> Device:
    """Return the device that `row` lists. What it tells of itself must be given later."""
    state: DeviceState = "paused" if row.state == "paused" else "offline" if row.state == "offline" else "online"
    values = (("two_q_error_median", row.two_qubit_error), ("readout_error_median", row.readout_error))
    return Device(
        name=row.name,
        num_qubits=row.num_qubits or 0,
        physical_qubits=row.physical_qubits,
        state=state,
        reason=row.reason,
        queue_length=(row.queue_length or 0) if queue_length is None else queue_length,
        queue_seconds=queue_seconds,
        run_seconds=run_seconds,
        simulator=bool(row.simulator),
        mock=row.mock,
        processor=row.processor,
        clops=None if row.clops is None else int(row.clops),
        metrics=tuple(Metric(name=name, value=value) for name, value in values if value is not None),
    )


@public("testing")
def line_device(
    name: str,
    num_qubits: int,
    *,
    queue_length: int = 0,
    queue_seconds: float = 0.0,
    run_seconds: float | None = None,
    mock: bool = False,
) -> Device:
    """Return a device of qubits in a line, all alike, with cz between neighbours in both directions.

    Its jobs run for `run_seconds`, or without that for what each takes.
    """
    pairs = [[a, b] for left in range(num_qubits - 1) for a, b in ((left, left + 1), (left + 1, left))]
    return Device(
        name=name,
        num_qubits=num_qubits,
        physical_qubits=num_qubits,
        queue_length=queue_length,
        queue_seconds=queue_seconds,
        run_seconds=run_seconds,
        mock=mock,
        processor="Heron r2",
        clops=1000,
        metrics=line_metrics(num_qubits),
        configuration=msgspec.json.encode(line_configuration(name, num_qubits, pairs)),
        properties=msgspec.json.encode(line_properties(name, num_qubits, pairs)),
    )


@public("testing")
def recalibrated(device: Device, *, at: float, errors: float = 1.0) -> Device:
    """Return a device as it is after another calibration; what it said before is kept.

    Calibrations are called `<device>-1`, `<device>-2` and so on, and are also found by their dates.

    Args:
        device: One that is described.
        at: When it is calibrated, in seconds since the epoch.
        errors: What its errors are multiplied by.
    """
    if device.configuration is None or device.properties is None:
        raise ValueError(f"Device {device.name!r} is not described, so there is nothing to calibrate.")
    kept = device.calibrations or (
        Calibration(id=f"{device.name}-1", configuration=device.configuration, properties=device.properties),
    )
    metrics = (msgspec.structs.replace(metric, value=min(1.0, metric.value * errors)) for metric in device.metrics)
    again = measure_again(device.properties, at, errors)
    new = Calibration(id=f"{device.name}-{len(kept) + 1}", configuration=device.configuration, properties=again)
    return msgspec.structs.replace(
        device,
        properties=again,
        calibrations=(*kept, new),
        metrics=tuple(metrics),
    )


def line_metrics(num_qubits: int) -> tuple[Metric, ...]:
    """Return the figures of merit of a line; a single qubit has no pair."""
    readout = Metric(name="readout_error_median", value=READOUT_ERROR)
    pairs = (
        Metric(name="two_q_error_best", value=PAIR_ERROR, gate="cz", qubits=(0, 1)),
        Metric(name="two_q_error_layered", value=PAIR_ERROR),
        Metric(name="two_q_error_median", value=PAIR_ERROR),
    )
    return (*pairs, readout) if num_qubits > 1 else (readout,)


def line_configuration(name: str, num_qubits: int, pairs: list[list[int]]) -> dict[str, object]:
    """Return the configuration of a line, in the units of the wire."""
    singles = [[qubit] for qubit in range(num_qubits)]
    gates = [gate for gate in GATES if gate != "cz" or pairs]
    entries: list[dict[str, object]] = [
        {
            "name": gate,
            "parameters": GATES[gate][0],
            "qasm_def": GATES[gate][1],
            "coupling_map": pairs if gate == "cz" else singles,
        }
        for gate in gates
    ]
    entries += [{"name": gate, "parameters": [], "qasm_def": None} for gate in ("reset", "measure")]
    return {
        "backend_name": name,
        "backend_version": "1.0.0",
        "n_qubits": num_qubits,
        "basis_gates": gates,
        "gates": entries,
        "local": False,
        "simulator": False,
        "conditional": False,
        "open_pulse": False,
        "memory": True,
        "coupling_map": pairs or None,
        "meas_map": [list(range(num_qubits))],
        "supported_instructions": [*gates, "delay", "measure", "reset", "if_else"],
        "supported_features": ["qasm3", "dynamic_circuits", "parameters"],
        "timing_constraints": {"acquire_alignment": 1, "granularity": 1, "min_length": 1, "pulse_alignment": 1},
        "dynamic_reprate_enabled": True,
        "rep_delay_range": [0.0, 500.0],
        "default_rep_delay": 250.0,
        "dt": 4.0,
        "dtm": 4.0,
        "max_shots": 100000,
        "max_experiments": 300,
        "n_registers": 1,
        "credits_required": True,
        "online_date": "2026-01-01T00:00:00+00:00",
        "description": f"A line of {num_qubits} qubits in an emulated cloud",
        "sample_name": "family: Heron, revision: 2",
        "processor_type": {"family": "Heron", "revision": "2"},
        "quantum_volume": None,
        "clops": None,
        "clops_h": 1000,
        "clops_v": "None",
        "coords": [[1, qubit + 1] for qubit in range(num_qubits)],
        "multi_meas_enabled": True,
        "parallel_compilation": True,
        "measure_esp_enabled": False,
        "allow_q_object": True,
        "url": "None",
    }


def line_properties(name: str, num_qubits: int, pairs: list[list[int]]) -> dict[str, object]:
    """Return the calibration of a line, in the units of the wire."""
    qubit = [
        measured("T1", "us", 200.0),
        measured("T2", "us", 150.0),
        measured("readout_error", "", READOUT_ERROR),
        measured("prob_meas0_prep1", "", READOUT_ERROR),
        measured("prob_meas1_prep0", "", READOUT_ERROR),
        measured("readout_length", "ns", 1560),
    ]
    gates = [
        describe_gate(gate, [qubit], error, length)
        for gate, error, length in (("id", 0.0002, 32), ("rz", 0.0, 0), ("sx", 0.0002, 32), ("x", 0.0002, 32))
        for qubit in range(num_qubits)
    ]
    gates += [describe_gate("cz", pair, PAIR_ERROR, 68) for pair in pairs]
    gates += [describe_gate("reset", [qubit], None, 1700) for qubit in range(num_qubits)]
    return {
        "backend_name": name,
        "backend_version": "1.0.0",
        "last_update_date": CALIBRATED,
        "qubits": [qubit] * num_qubits,
        "gates": gates,
        "general": [],
        "general_qlists": [],
    }


def describe_gate(gate: str, qubits: list[int], error: float | None, length: float) -> dict[str, object]:
    """Return what was measured of one gate on `qubits`; `length` in nanoseconds."""
    parameters = [] if error is None else [measured("gate_error", "", error)]
    parameters.append(measured("gate_length", "ns", length))
    return {"gate": gate, "qubits": qubits, "parameters": parameters, "name": gate + "_".join(map(str, qubits))}


def measured(name: str, unit: str, value: float) -> dict[str, object]:
    """Return one calibrated number."""
    return {"date": CALIBRATED, "name": name, "unit": unit, "value": value}
