"""Devices of an emulated cloud made of the snapshots of real ones, under any name and with what was recorded apart."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import msgspec
from returns.result import Failure, Result, Success

from .._public import public
from ..client.raising import raise_if
from ..core.arguments import if_given, read_flag, read_name, read_text, show_value
from ..devices.snapshots import read_snapshot, snapshot_rows
from ..emulator.coherent_noise import CoherentNoise
from ..emulator.world import Device, DeviceState
from ..emulator.worlds import device_from_row
from ..records.backend import BackendRow
from ..records.problem import BadArgument
from .arguments import COHERENT, COUNT, STATE, a_name, read_seconds, reads

FAKE, REAL = "fake_", "ibm_"
FRACTIONAL = {
    "rx": "gate rx(theta) q { U(theta, -pi/2, pi/2) q; }",
    "rzz": "gate rzz(theta) q0, q1 { CX q0, q1; U(0, 0, theta) q1; CX q0, q1; }",
}
"""The gates that devices were recorded without, and which their calibrations have; with what each is made of."""
SHORT = "measure_2"
SIGNATURE = {
    "name": SHORT,
    "description": "A shorter width measurement pulse, intended for use in mid-circuit readout.",
    "num_qubits": 1,
    "num_clbits": 1,
    "parameters": [],
    "return_type": "Bool",
}
"""What devices say of the measurement in the middle of a circuit."""
READOUT = {"readout_error": "gate_error", "readout_length": "gate_length"}
"""From what is told of the readout of a qubit to what is told of a gate."""

Fields = dict[str, Any]


def read_snapshot_name(name: str, value: Any) -> Result[str, BadArgument]:
    """Return the name of a snapshot, which may be given as that of its device, or without what stands before it."""
    return read_name(name, value, wanted="the name of a snapshot").bind(lambda given: find_snapshot(name, given))


def find_snapshot(name: str, given: str) -> Result[str, BadArgument]:
    """Return the snapshot that `fez`, `fake_fez` or `ibm_fez` means."""
    known = [row.name.removeprefix(FAKE) for row in snapshot_rows()]
    plain = given.removeprefix(FAKE).removeprefix(REAL)
    if plain in known:
        return Success(f"{FAKE}{plain}")
    near = get_close_matches(plain, known, 1) or known[:1]
    return Failure(BadArgument(name=name, value=show_value(given), wanted=f"the name of a snapshot, such as {near[0]}"))


@public("testing")
@reads(
    snapshot=read_snapshot_name,
    name=if_given(a_name("the name of a device")),
    fractional=read_flag,
    dynamic=read_flag,
    measure_2=read_flag,
    queue_length=COUNT,
    queue_seconds=read_seconds,
    run_seconds=if_given(read_seconds),
    state=STATE,
    reason=read_text,
    mock=read_flag,
    coherent=if_given(COHERENT),
)
def recorded_device(
    snapshot: str,
    *,
    name: str | None = None,
    fractional: bool = False,
    dynamic: bool = False,
    measure_2: bool = False,
    queue_length: int = 0,
    queue_seconds: float = 0.0,
    run_seconds: float | None = None,
    state: DeviceState = "online",
    reason: str = "",
    mock: bool = False,
    coherent: CoherentNoise | None = None,
) -> Device:
    """Return a device as it was recorded, under any name.

    Snapshots say of their device what it said when it was asked without fractional gates, and some are older than
    what their device learned since. What is switched on here is said beside that; nothing is taken away.

    Args:
        snapshot: Which one: `fez`, `fake_fez` or `ibm_fez`.
        name: What the device is called; `None` for the name of the real one, `ibm_fez`.
        fractional: Whether it has the gates `rx` and `rzz`, with the errors that were measured of them.
        dynamic: Whether it lists `dynamic_circuits` and `if_else`.
        measure_2: Whether it has the shorter measurement for the middle of a circuit. Where that was not measured, it
            is as good and as long as the other.
        queue_length: Jobs of others that stand before ours, as listings tell it.
        queue_seconds: How long each of our jobs waits.
        run_seconds: How long each of our jobs runs; `None` for what each takes.
        state: `online`, `paused` or `offline`.
        reason: Why it is in that state.
        mock: Whether it is a stand-in for dry runs, whose results mean nothing.
        coherent: What it has beside the noise that it tells of; `None` for what its world says.

    Raises:
        IBMInputValueError: There is no such snapshot, or no fractional gate was measured of it.

    Source: behaviour B443.
    """
    recorded = read_snapshot(snapshot)
    configuration: Fields = msgspec.json.decode(recorded.configuration)
    properties: Fields = msgspec.json.decode(recorded.properties)
    called = f"{REAL}{snapshot.removeprefix(FAKE)}" if name is None else name
    configuration["backend_name"] = properties["backend_name"] = called
    if fractional:
        add_fractional(snapshot, configuration, properties)
    if dynamic:
        extend(configuration, "supported_features", ("dynamic_circuits",))
        extend(configuration, "supported_instructions", ("if_else",))
    if measure_2:
        add_short_measurement(configuration, properties)
    listed = device_from_row(
        row_of(snapshot), queue_length=queue_length, queue_seconds=queue_seconds, run_seconds=run_seconds
    )
    return msgspec.structs.replace(
        listed,
        name=called,
        state=state,
        reason=reason,
        mock=mock,
        coherent=coherent,
        version=configuration["backend_version"],
        configuration=msgspec.json.encode(configuration),
        properties=msgspec.json.encode(properties),
    )


def row_of(snapshot: str) -> BackendRow:
    """Return what a listing says of a snapshot."""
    return next(row for row in snapshot_rows() if row.name == snapshot)


def add_fractional(snapshot: str, configuration: Fields, properties: Fields) -> None:
    """Let a device say that it has the fractional gates that were measured of it. Some say so already."""
    measured = {gate: places_of(properties, gate) for gate in FRACTIONAL}
    found = [gate for gate in FRACTIONAL if measured[gate]]
    if not found:
        wanted = f"False for {snapshot}, of which no rx and no rzz was measured; fez, marrakesh and torino have both"
        raise_if(BadArgument(name="fractional", value="True", wanted=wanted))
    extend(configuration, "basis_gates", found)
    extend(configuration, "supported_instructions", found)
    told = {gate["name"] for gate in configuration["gates"]}
    configuration["gates"] += [
        {"name": gate, "parameters": ["theta"], "qasm_def": FRACTIONAL[gate], "coupling_map": measured[gate]}
        for gate in found
        if gate not in told
    ]


def add_short_measurement(configuration: Fields, properties: Fields) -> None:
    """Let a device have the measurement for the middle of a circuit."""
    extend(configuration, "supported_instructions", (SHORT,))
    for key, entry in (
        ("gates", {"name": SHORT, "parameters": [], "qasm_def": None}),
        ("instruction_signatures", SIGNATURE),
    ):
        entries = configuration.setdefault(key, [])
        if all(told["name"] != SHORT for told in entries):
            entries.append(entry)
    if not places_of(properties, SHORT):
        properties["gates"] += [
            {
                "gate": SHORT,
                "name": f"{SHORT}{qubit}",
                "qubits": [qubit],
                "parameters": [
                    figure | {"name": READOUT[figure["name"]]} for figure in told if figure["name"] in READOUT
                ],
            }
            for qubit, told in enumerate(properties["qubits"])
        ]


def places_of(properties: Fields, gate: str) -> list[list[int]]:
    """Return on which qubits a gate was measured."""
    return [measured["qubits"] for measured in properties["gates"] if measured["gate"] == gate]


def extend(configuration: Fields, key: str, words: Iterable[str]) -> None:
    """Add words to a list of a configuration, each once. The oldest snapshots have no such lists."""
    untold = (*configuration["basis_gates"], "measure", "delay") if key == "supported_instructions" else ()
    told = configuration.get(key) or untold
    configuration[key] = list(dict.fromkeys((*told, *words)))
