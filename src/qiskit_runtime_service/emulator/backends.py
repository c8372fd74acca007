"""Backends: the listing, and what each one tells of itself."""

import math
from typing import Any

from ..records.exchange import Response
from .calibrations import find_calibration, properties_before
from .queues import TypicalWait, typical_wait
from .requests import Call, flag, instant, version_of, word
from .responses import (
    MALFORMED,
    UNKNOWN_BACKEND,
    UNKNOWN_CALIBRATION,
    json_response,
    raw_response,
    refuse,
    without_none,
)
from .world import Device, Metric, World

NO_PULSES: dict[str, list[float]] = {
    "qubit_freq_est": [],
    "meas_freq_est": [],
    "pulse_library": [],
    "cmd_def": [],
}


def list_backends(world: World, call: Call) -> tuple[World, Response]:
    """List the devices of the instance. The oldest versions tell their names alone.

    Source: behaviour B138.
    """
    devices = [world.devices[name] for name in world.instances[call.crn].devices if name in world.devices]
    shown = [device for device in devices if not device.mock or flag(call, "include_mocks")]
    if version_of(call) < "2025-01-01":
        return world, json_response({"devices": [device.name for device in shown]})
    with_wait = "wait_time_seconds" in word(call, "fields").split(",")
    waits = [typical_wait(world.queue, device.queue_seconds) if with_wait else None for device in shown]
    return world, json_response({"devices": list(map(describe_device, shown, waits))})


def describe_device(device: Device, wait: TypicalWait | None) -> dict[str, Any]:
    """Return a device as the listing tells it, with what jobs wait for it, if that was asked."""
    row = {
        "name": device.name,
        "status": without_none(name=device.state, reason=device.reason or None),
        "is_simulator": device.simulator,
        "qubits": device.num_qubits,
        "physical_qubits": device.physical_qubits,
        "queue_length": device.queue_length,
        "clops": None if device.clops is None else {"type": "hardware", "value": device.clops},
        "processor_type": describe_processor(device.processor),
        "performance_metrics": {metric.name: describe_metric(metric) for metric in device.metrics},
    }
    extra = without_none(
        **{"class": "mock" if device.mock else None},
        wait_time_seconds=None if wait is None else describe_wait(wait),
    )
    return row | extra


def describe_wait(wait: TypicalWait) -> dict[str, int]:
    """Return what jobs wait, in whole seconds."""
    return {"average": int(wait.average), "p50": int(wait.p50), "p95": int(wait.p95)}


def describe_processor(processor: str) -> dict[str, str] | None:
    """Return family and revision, or `None` for a device that has neither."""
    family, _, revision = processor.partition(" r")
    return {"family": family, "revision": revision} if family else None


def describe_metric(metric: Metric) -> dict[str, Any]:
    """Return one figure of merit."""
    return without_none(value=metric.value, unit="", gate=metric.gate, qubits=metric.qubits or None)


def find_device(world: World, call: Call) -> Device | None:
    """Return the device that the path names, if the instance has it."""
    name = call.names[0]
    return world.devices.get(name) if name in world.instances[call.crn].devices else None


def read_configuration(world: World, call: Call) -> tuple[World, Response]:
    """Answer with the configuration as it was given, or as it was at the calibration that is asked for."""
    device = find_device(world, call)
    if device is None or device.configuration is None:
        return world, refuse(world, call, UNKNOWN_BACKEND)
    wanted = word(call, "calibration_id")
    if not knows_calibration(device, wanted):
        return world, refuse(world, call, UNKNOWN_CALIBRATION)
    calibration = find_calibration(device.calibrations, wanted)
    return world, raw_response(device.configuration if calibration is None else calibration.configuration)


def read_properties(world: World, call: Call) -> tuple[World, Response]:
    """Answer with the properties as they are, as they were before a date, or at a calibration."""
    device = find_device(world, call)
    if device is None or device.properties is None:
        return world, refuse(world, call, UNKNOWN_BACKEND)
    wanted, before = word(call, "calibration_id"), word(call, "updated_before")
    if not knows_calibration(device, wanted):
        return world, refuse(world, call, UNKNOWN_CALIBRATION)
    calibration = find_calibration(device.calibrations, wanted)
    end = instant(before) if before else math.inf
    if end is None:
        return world, refuse(world, call, MALFORMED)
    if calibration is not None or end == math.inf:
        return world, raw_response(device.properties if calibration is None else calibration.properties)
    return world, raw_response(
        properties_before((*(calibration.properties for calibration in device.calibrations), device.properties), end)
    )


def knows_calibration(device: Device, wanted: str) -> bool:
    """Tell whether a device has a calibration. One whose calibrations are not kept takes any id for its present one."""
    return not wanted or not device.calibrations or find_calibration(device.calibrations, wanted) is not None


def read_defaults(world: World, call: Call) -> tuple[World, Response]:
    """Answer with the pulses of the device: it has none."""
    if find_device(world, call) is None:
        return world, refuse(world, call, UNKNOWN_BACKEND)
    return world, json_response(NO_PULSES)


def read_status(world: World, call: Call) -> tuple[World, Response]:
    """Tell whether the device takes jobs off its queue."""
    device = find_device(world, call)
    if device is None:
        return world, refuse(world, call, UNKNOWN_BACKEND)
    return world, json_response(describe_status(device))


def describe_status(device: Device) -> dict[str, Any]:
    """Return the status of a device. It is operational exactly while the listing calls it online."""
    online = device.state == "online"
    return {
        "state": online,
        "status": "active" if online else device.state,
        "message": device.reason or ("available" if online else device.state),
        "length_queue": device.queue_length,
        "backend_version": device.version,
    }
