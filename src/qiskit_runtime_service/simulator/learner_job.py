"""The programs `noise-learner`, of boxes, and `calibrate` of an emulated cloud."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import QubitSparsePauliList
from qiskit.transpiler import Target
from returns.result import Failure
from samplomatic import Twirl, build
from samplomatic.quantum_program import SamplexItem
from samplomatic.utils import get_annotation

from ..bridge.learned_noise import NoiseLearnerV3Result
from ..bridge.ledger import RefusedError
from ..emulator.world import Crashed, Finished, Outcome
from ..programs.learner_bodies import NO_CHECK, LearnerInputs, read_calibrator_inputs, read_learner_inputs
from ..programs.learner_results import encode_calibrator_result, encode_learner_result
from ..programs.learning_boxes import check_learnable, check_places, measures, read_boxes, register_of
from ..programs.noise_learner import post_process, prepare
from ..programs.quantum_program import QuantumProgram
from ..programs.results import QuantumProgramResult
from ..records.backend import Configuration
from ..records.problem import BadArgument
from .conditions import Conditions
from .method import seed_of
from .noise import DescribedDevice
from .program_items import Asked, simulate_program
from .refusals import INVALID, NOT_IN_BASIS, crash, crash_of_simulation, judge_rep_delay, judge_shots, read_options

PROGRAM_VERSION = 3
"""Of the noise learner that is run here."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a noise learner that have an effect here."""

    shots_per_randomization: int = 128
    num_randomizations: int = 32
    layer_pair_depths: tuple[int, ...] = (0, 1, 2, 4, 16, 32)
    bit_flip_checks: dict[str, dict[str, Any]] = {}
    rep_delay: float | None = None
    """Seconds."""


def run_learner_job(params: bytes, known: Configuration, conditions: Conditions) -> Outcome:
    """Learn the noise of boxes as a device would: by the shots of twirled circuits of them.

    A layer of gates is learned as Pauli-Lindblad noise of one and two neighbouring qubits, a layer of measurements as
    the rate of flips of each qubit.

    Source: behaviour B397.
    """
    read = read_learner_job(params, known, conditions.target)
    if isinstance(read, Crashed):
        return read
    inputs, options = read
    try:
        learned = [learn_box(box, options, conditions, index, Asked()) for index, box in enumerate(inputs.boxes)]
    except RefusedError as refused:
        return crash_of_simulation(refused.problem)
    except ValueError as error:
        wanted = "boxes and depths that the noise can be told from"
        return crash(BadArgument(name="instructions", value=f"not right: {error}", wanted=wanted), INVALID)
    return Finished(result=encode_learner_result(learned, inputs.schema))


def read_learner_job(params: bytes, known: Configuration, target: Target) -> tuple[LearnerInputs, Options] | Crashed:
    """Return boxes that a device can learn with the options, or what of them cannot be run."""
    read = read_learner_inputs(params)
    match read:
        case Failure(problem):
            return crash(problem, INVALID)
    inputs = read.unwrap()
    if inputs.version != PROGRAM_VERSION:
        wanted = f"{PROGRAM_VERSION}"
        return crash(BadArgument(name="version", value=repr(inputs.version), wanted=wanted), INVALID)
    options = read_options(inputs.options, Options)
    if isinstance(options, Crashed):
        return options
    refusal = judge_rep_delay(options.rep_delay, known)
    refusal = refusal or judge_shots("The learner", options.shots_per_randomization, known)
    refusal = refusal or _judge(inputs.boxes, target)
    return refusal or (inputs, options)


def run_calibrator_job(params: bytes, conditions: Conditions) -> Outcome:
    """Calibrate nothing, and tell when: a device here is as its world says.

    Source: behaviour B398.
    """
    read = read_calibrator_inputs(params)
    match read:
        case Failure(problem):
            return crash(problem, INVALID)
    return Finished(result=encode_calibrator_result(conditions.started, conditions.ended))


def _judge(boxes: Sequence[CircuitInstruction], target: Target) -> Crashed | None:
    """Return why the noise of boxes cannot be learned on a device, if so."""
    given = read_boxes(list(boxes), register_of(target))
    match given:
        case Failure(problem):
            return crash(problem, INVALID)
    match check_learnable(given.unwrap()):
        case Failure(problem):
            return crash(problem, INVALID)
    match check_places(given.unwrap(), target):
        case Failure(problem):
            return crash(problem, NOT_IN_BASIS)
    return None


def learn_box(
    box: CircuitInstruction, options: Options, conditions: Conditions, index: int, asked: Asked
) -> NoiseLearnerV3Result:
    """Return the noise of one box.

    Args:
        box: What can be learned.
        options: From how many shots of which circuits.
        conditions: Where, and with which dice.
        index: Which of several boxes it is.
        asked: Of the simulation; a noise model in the place of that of the device.

    Raises:
        RefusedError: The circuits cannot be simulated.
        ValueError: The noise cannot be told from them.
    """
    if measures(box):
        return _learn_readout(box, options, conditions, index, asked)
    checks = {place: NO_CHECK | options.bit_flip_checks.get(place, {}) for place in ("pre_circuit", "post_circuit")}
    given = {
        "num_randomizations": options.num_randomizations,
        "shots_per_randomization": options.shots_per_randomization,
        "layer_pair_depths": options.layer_pair_depths,
        "bit_flip_checks": checks,
        "simulator": {},
    }
    program = prepare([box], given, DescribedDevice(conditions.target))
    (learned,) = post_process(_simulate(program, conditions, index, asked))
    depths = list(dict.fromkeys(options.layer_pair_depths))
    return _told(learned, "lindblad", dict.fromkeys(depths, 1.0), {depth: {} for depth in depths})


def _learn_readout(
    box: CircuitInstruction, options: Options, conditions: Conditions, index: int, asked: Asked
) -> NoiseLearnerV3Result:
    """Return how often each qubit of a layer of measurements is misread, whatever its state."""
    lowest = [bit for bit in register_of(conditions.target) if bit in box.qubits]
    steps = {box.qubits[place]: step.operation for place, step in _measurements(box)}
    circuit = QuantumCircuit(register_of(conditions.target), ClassicalRegister(len(lowest), "learned"))
    with circuit.box([get_annotation(box.operation, Twirl)]):
        for qubit, bit in zip(lowest, circuit.clbits, strict=True):
            circuit.append(steps[qubit], [qubit], [bit])
    template, samplex = build(circuit)
    program = QuantumProgram(options.shots_per_randomization)
    program.items.append(SamplexItem(template, samplex, shape=(options.num_randomizations,)))
    (item,) = _simulate(program, conditions, index, asked)
    bits = item["learned"] ^ item["measurement_flips.learned"]
    width, number = len(lowest), options.num_randomizations * options.shots_per_randomization
    # Half of all is as often as anything can be told to be flipped.
    flipped = np.minimum(bits.mean(axis=(0, 1)), 0.5 - 0.5 / number)
    kept = 1 - 2 * flipped
    generators = [QubitSparsePauliList.from_sparse_list([("X", [qubit])], width) for qubit in range(width)]
    learned = NoiseLearnerV3Result(generators, -np.log(kept) / 2, np.sqrt(flipped * (1 - flipped) / number) / kept)
    return _told(learned, "trex", 1.0, {})


def _measurements(box: CircuitInstruction) -> Iterator[tuple[int, CircuitInstruction]]:
    """Yield the measurements in a box, each with the place of its qubit."""
    body = box.operation.body
    for step in body.data:
        if step.clbits:
            yield body.find_bit(step.qubits[0]).index, step


def _simulate(program: QuantumProgram, conditions: Conditions, index: int, asked: Asked) -> QuantumProgramResult:
    simulated = simulate_program(program, conditions, asked, seed_of(conditions.seed, index))
    match simulated:
        case Failure(problem):
            raise RefusedError(problem)
    return simulated.unwrap().result


def _told(
    learned: NoiseLearnerV3Result, protocol: str, kept: object, succeeded: Mapping[int, object]
) -> NoiseLearnerV3Result:
    """Return learned noise with what is told of how it was learned. Here no shot is left out."""
    learned.metadata = {
        "learning_protocol": protocol,
        "post_selection": {"fraction_kept": kept, "success_rates": succeeded},
    }
    return learned
