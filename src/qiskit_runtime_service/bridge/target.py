"""Configurations and properties to Qiskit's `Target`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from qiskit.circuit import (
    BoxOp,
    BreakLoopOp,
    ContinueLoopOp,
    ForLoopOp,
    Gate,
    IfElseOp,
    Instruction,
    Parameter,
    QuantumRegister,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.library import (
    DiagonalGate,
    Initialize,
    MCPhaseGate,
    MCXGate,
    PauliGate,
    RZGate,
    RZZGate,
    UnitaryGate,
    XGate,
    get_standard_gate_name_mapping,
)
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import InstructionProperties, QubitProperties, Target
from qiskit.transpiler.passes import WrapAngles

from ..records.backend import Configuration, GateProperties, InstructionSignature, Nduv, Properties, TimingConstraints
from .readout import describe_readout

Location: TypeAlias = tuple[int, ...]
Locations: TypeAlias = dict[Location, InstructionProperties | None]
Operation: TypeAlias = Instruction | type[Instruction]
Report: TypeAlias = Mapping[str, Nduv]
Reports: TypeAlias = Sequence[Report]

STANDARD: Mapping[str, Instruction] = get_standard_gate_name_mapping()
CONTROL_FLOW: Mapping[str, type[Instruction]] = {
    "if_else": IfElseOp,
    "for_loop": ForLoopOp,
    "while_loop": WhileLoopOp,
    "switch_case": SwitchCaseOp,
    "box": BoxOp,
    "break_loop": BreakLoopOp,
    "continue_loop": ContinueLoopOp,
}
OF_ANY_WIDTH: Mapping[str, type[Instruction]] = {
    "diagonal": DiagonalGate,
    "initialize": Initialize,
    "kraus": Instruction,
    "mcphase": MCPhaseGate,
    "mcx": MCXGate,
    "pauli": PauliGate,
    "unitary": UnitaryGate,
}
"""What simulators have beside gates of a width: on any qubits, and known by their classes."""
NOT_GATES = ("measure", "delay", "reset")
"""What a device can do beside its gates. If nothing places them, they are on every working qubit."""

NO_OPERATIONS: Mapping[str, Operation] = {}

RZZ_BOUNDS = [(0.0, math.pi / 2)]
"""The angles that the hardware takes; `fold_rzz` reaches all others."""

# Qiskit's own `apply_prefix` divides where the prefix is small, and a product would differ in the last bit.
PER_SECOND = {"": 1.0, "s": 1.0, "ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9, "ps": 1e12}
HERTZ = {"": 1.0, "Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}


def build_target(
    configuration: Configuration, properties: Properties | None, custom: Mapping[str, Operation] = NO_OPERATIONS
) -> Target:
    """Build the Target of a backend; without `properties` it is ideal. Never fails.

    Args:
        configuration: How it is built.
        properties: What was measured of it.
        custom: By name, what operations are that this library does not know, or knows otherwise.

    Locations that do not fit, because they name a qubit that the device does not have or more or fewer qubits than
    the operation takes, are passed over, and so is all that is reported as not operational. Basis gates that nobody
    defines are left out: see `find_undefined_gates`.

    Source: behaviour B32 to B37.
    """
    operations = define_operations(configuration, custom)
    reports = None if properties is None else qubit_reports(configuration.n_qubits, properties)
    gates = () if properties is None else properties.gates
    places = place_operations(configuration, operations, gates, reports)
    timing = configuration.timing_constraints or TimingConstraints()
    target = Target(
        num_qubits=configuration.n_qubits,
        dt=None if configuration.dt is None else configuration.dt / PER_SECOND["ns"],
        granularity=timing.granularity,
        min_length=timing.min_length,
        pulse_alignment=timing.pulse_alignment,
        acquire_alignment=timing.acquire_alignment,
        qubit_properties=None if reports is None else describe_qubits(reports),
    )
    for name, operation in operations.items():
        # The bounds are those of the hardware.
        bounds = RZZ_BOUNDS if isinstance(operation, RZZGate) and not configuration.simulator else None
        target.add_instruction(operation, places.get(name), name=name, angle_bounds=bounds)
    return target


def find_undefined_gates(configuration: Configuration) -> tuple[str, ...]:
    """Name the basis gates that a Target cannot hold, because nobody says what they are. In basis order.

    Source: behaviour B33.
    """
    defined = define_operations(configuration)
    return tuple(name for name in configuration.basis_gates if name not in defined)


def define_operations(
    configuration: Configuration, custom: Mapping[str, Operation] = NO_OPERATIONS
) -> dict[str, Operation]:
    """Find an operation for each name that the device supports, in the order of the configuration.

    Source: behaviour B32, B33.
    """
    supported = NOT_GATES if configuration.supported_instructions is None else configuration.supported_instructions
    names = [*configuration.basis_gates, *(name for name in supported if name in NOT_GATES or name in CONTROL_FLOW)]
    signatures = {
        signature.name: opaque_instruction(signature) for signature in configuration.instruction_signatures or ()
    }
    known = {**opaque_gates(configuration), **STANDARD, **signatures, **CONTROL_FLOW, **OF_ANY_WIDTH, **custom}
    return {name: known[name] for name in (*names, *signatures) if name in known}


def opaque_gates(configuration: Configuration) -> dict[str, Gate]:
    """Make a gate without a definition for each entry that is no standard gate and whose locations tell its width."""
    return {
        entry.name: Gate(entry.name, len(entry.coupling_map[0]), [Parameter(name) for name in entry.parameters or ()])
        for entry in configuration.gates
        if entry.coupling_map and entry.name not in STANDARD
    }


def opaque_instruction(signature: InstructionSignature) -> Instruction:
    """Make an instruction without a definition that takes what `signature` says."""
    parameters = [Parameter(name) for name in signature.parameters]
    return Instruction(signature.name, signature.num_qubits, signature.num_clbits, parameters)


def place_operations(
    configuration: Configuration,
    operations: Mapping[str, Operation],
    gates: Iterable[GateProperties],
    reports: Reports | None,
) -> dict[str, Locations]:
    """Say where each operation is, and how good it is there. What is not in the result is everywhere.

    Source: behaviour B34 to B36.
    """
    working = frozenset(range(configuration.n_qubits)) - faulty_qubits(reports or ())
    reported, faulty = reported_locations(gates, operations)
    configured = {entry.name: entry.coupling_map or () for entry in configuration.gates}
    places: dict[str, Locations] = {}
    for name, operation in operations.items():
        found: Locations = {**dict.fromkeys(configured.get(name, ())), **reported[name]}
        if name == "measure" and reports is not None:
            found = measured_qubits(reports)
        elif not found and name in NOT_GATES:
            found = {(qubit,): None for qubit in range(configuration.n_qubits)}
        if found and not isinstance(operation, type):
            places[name] = keep_fitting(found, operation.num_qubits, working)
    for name, location in faulty:
        places.get(name, {}).pop(location, None)
    return places


def keep_fitting(found: Locations, width: int, working: frozenset[int]) -> Locations:
    """Keep the locations of `width` qubits that all work."""
    return {
        location: quality
        for location, quality in found.items()
        if len(location) == width and working.issuperset(location)
    }


def reported_locations(
    gates: Iterable[GateProperties], operations: Iterable[str]
) -> tuple[dict[str, Locations], list[tuple[str, Location]]]:
    """Gather what was measured of each operation where, and what of it is not operational."""
    # Recent devices report gates that a configuration without fractional gates does not have.
    reported: dict[str, Locations] = {name: {} for name in operations}
    faulty: list[tuple[str, Location]] = []
    for entry in gates:
        locations = reported.get(entry.gate)
        if locations is None:
            continue
        error = duration = None
        for item in entry.parameters:
            name = item.name
            if name == "gate_error":
                error = item.value
            elif name == "gate_length":
                duration = in_seconds(item)
            elif name == "operational" and not item.value:
                faulty.append((entry.gate, entry.qubits))
        locations[entry.qubits] = InstructionProperties(duration, error)
    return reported, faulty


def qubit_reports(num_qubits: int, properties: Properties) -> Reports:
    """Return what was measured of each qubit, by name; nothing where there is no report."""
    reports = [{item.name: item for item in items} for items in properties.qubits[:num_qubits]]
    return reports + [{}] * (num_qubits - len(reports))


def faulty_qubits(reports: Iterable[Report]) -> frozenset[int]:
    """Find the qubits that are reported as not operational."""
    return frozenset(
        qubit for qubit, report in enumerate(reports) if "operational" in report and not report["operational"].value
    )


def measured_qubits(reports: Iterable[Report]) -> Locations:
    """Return how well and how fast each qubit is read out."""
    return {
        (qubit,): describe_readout(
            in_seconds(report.get("readout_length")),
            plain(report.get("readout_error")),
            plain(report.get("prob_meas1_prep0")),
            plain(report.get("prob_meas0_prep1")),
        )
        for qubit, report in enumerate(reports)
    }


def describe_qubits(reports: Iterable[Report]) -> list[QubitProperties]:
    """Return the coherence times and the frequency of each qubit."""
    return [
        QubitProperties(in_seconds(report.get("T1")), in_seconds(report.get("T2")), in_hertz(report.get("frequency")))
        for report in reports
    ]


def plain(item: Nduv | None) -> float | None:
    """Return a number without a unit; `None` if there is none."""
    return None if item is None else item.value


def in_seconds(item: Nduv | None) -> float | None:
    """Return a time in seconds; `None` if there is none or its unit is unknown."""
    if item is None or (per_second := PER_SECOND.get(item.unit)) is None:
        return None
    return item.value / per_second


def in_hertz(item: Nduv | None) -> float | None:
    """Return a frequency in hertz; `None` if there is none or its unit is unknown."""
    if item is None or (hertz := HERTZ.get(item.unit)) is None:
        return None
    return item.value * hertz


def split_turns(angle: Any) -> tuple[Any, Any]:
    """Return how many times π is in an angle, and what is left, from above -π/2 to π/2; of many angles as arrays."""
    turns = np.ceil(angle / math.pi - 0.5)
    return turns, angle - turns * math.pi


def fold_rzz(angles: Iterable[float], _qubits: Any) -> DAGCircuit:
    """Write an `rzz` of any angle with one whose angle is within bounds, exactly, global phase included.

    With angle = k·π + rest and |rest| at most π/2, rzz(k·π) is (-i·ZZ)^k, and an X on one side turns the rest around.
    A rest of π/2 is preferred to one of -π/2, which takes two X more.

    Source: behaviour B38.
    """
    (angle,) = angles
    turns, rest = map(float, split_turns(angle))
    folded = DAGCircuit()
    register = QuantumRegister(2)
    folded.add_qreg(register)
    first, second = register
    folded.global_phase = -turns * math.pi / 2
    if turns % 2:
        # An rz(π) is -i·Z, so the two of them are -ZZ.
        folded.global_phase += math.pi
        folded.apply_operation_back(RZGate(math.pi), (first,))
        folded.apply_operation_back(RZGate(math.pi), (second,))
    bounded = RZZGate(min(abs(rest), math.pi / 2))
    if rest < 0:
        folded.apply_operation_back(XGate(), (first,))
    if rest:
        folded.apply_operation_back(bounded, (first, second))
    if rest < 0:
        folded.apply_operation_back(XGate(), (first,))
    return folded


# Qiskit refuses to transpile for a Target with angle bounds unless somebody says how to fold that gate.
WrapAngles.DEFAULT_REGISTRY.add_wrapper("rzz", fold_rzz)
