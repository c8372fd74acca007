"""The program `noise-learner` of circuits, which is deprecated: which of their layers it learns, and what it tells."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import PauliList
from qiskit.transpiler import Target
from returns.result import Failure

from ..bridge.circuits import shown, with_zeros
from ..bridge.executable import check_pubs, speak_of
from ..bridge.learned_noise import NoiseLearnerV3Result
from ..bridge.ledger import RefusedError
from ..bridge.result_types import LayerError, PauliLindbladError
from ..bridge.typed_json import decode_value, encode_value
from ..emulator.world import Crashed, Finished, Outcome
from ..programs.boxing import box_layers, learning_boxer, unique_layers
from ..programs.learning_boxes import check_learnable, name_of, register_of
from ..records.backend import Configuration
from ..records.options import DEFAULT_LAYERS, NaturalNumber, TwirlingStrategy
from ..records.problem import BadArgument, NotExecutable
from .conditions import Conditions
from .job_params import Simulator
from .learner_job import Options, learn_box
from .program_items import Asked
from .refusals import INVALID, NOT_IN_BASIS, crash, crash_of_simulation, judge_shots, judge_width, read_options

_WANTED = "a list of circuits"


class CircuitOptions(Options, frozen=True, kw_only=True):
    """The options of a noise learner of circuits that have an effect here."""

    max_layers_to_learn: NaturalNumber | None = DEFAULT_LAYERS
    twirling_strategy: TwirlingStrategy = "active-accum"
    simulator: Simulator = Simulator()


class _Form(msgspec.Struct):
    """What tells one version of the program from another."""

    circuits: Any = None
    schema_version: Any = None


def is_of_circuits(params: bytes) -> bool:
    """Tell whether parameters are those of the noise learner of circuits, which has no schema."""
    try:
        form = msgspec.json.decode(params, type=_Form)
    except msgspec.DecodeError:
        return False
    return form.schema_version is None and form.circuits is not None


def run_circuit_learner_job(params: bytes, known: Configuration, conditions: Conditions) -> Outcome:
    """Learn the noise of the layers of circuits, each as that of a box is learned.

    Layers come in the order of how often they occur, then of how many gates they have, and no more than
    `max_layers_to_learn`.

    Source: behaviour B465.
    """
    read = read_circuit_learner_job(params, known, conditions.target)
    if isinstance(read, Crashed):
        return read
    circuits, options = read
    seed = options.simulator.seed_simulator
    conditions = conditions if seed is None else msgspec.structs.replace(conditions, seed=seed)
    try:
        layers = find_layers(circuits, options, conditions.target)
        asked = Asked(noise_model=options.simulator.noise_model)
        learned = [learn_box(layer, options, conditions, index, asked) for index, layer in enumerate(layers)]
    except RefusedError as refused:
        if isinstance(refused.problem, NotExecutable | BadArgument):
            return crash(refused.problem, INVALID)
        return crash_of_simulation(refused.problem)
    except ValueError as error:
        wanted = "circuits, and depths, that the noise of layers can be told from"
        return crash(BadArgument(name="circuits", value=f"not right: {error}", wanted=wanted), INVALID)
    errors = [_error_of(layer, noise, conditions.target) for layer, noise in zip(layers, learned, strict=True)]
    # The service answers with a plain dictionary, and IBM's client reads nothing else.
    return Finished(result=encode_value({"data": errors, "metadata": {}}))


def read_circuit_learner_job(
    params: bytes, known: Configuration, target: Target
) -> tuple[list[QuantumCircuit], CircuitOptions] | Crashed:
    """Return circuits that a device takes with the options, or what of them cannot be run."""
    read = decode_value(params)
    match read:
        case Failure(problem):
            return crash(problem, INVALID)
    inputs: Any = read.unwrap()
    circuits = inputs.get("circuits")
    flaw = _flaw_of(circuits)
    if flaw is not None:
        return crash(flaw, INVALID)
    given = inputs.get("options") or {}
    if not isinstance(given, dict):
        return crash(
            BadArgument(name="options", value=shown(given), wanted="an object, by the names of options"), INVALID
        )
    options = read_options(_without_unset(given), CircuitOptions)
    if isinstance(options, Crashed):
        return options
    refusal = judge_shots("The learner", options.shots_per_randomization, known) or _judge(circuits, target)
    return refusal or (circuits, options)


def _without_unset(given: dict[Any, Any]) -> dict[Any, Any]:
    """Return options without those that are null, which is a value of `max_layers_to_learn` alone."""
    return {name: value for name, value in given.items() if value is not None or name == "max_layers_to_learn"}


def _flaw_of(circuits: object) -> BadArgument | None:
    if not isinstance(circuits, list) or not circuits:
        return BadArgument(name="circuits", value=shown(circuits), wanted=f"{_WANTED}; at least one")
    for index, circuit in enumerate(circuits):
        if not isinstance(circuit, QuantumCircuit):
            return BadArgument(name=f"circuits[{index}]", value=shown(circuit), wanted="a circuit in QPY")
    return None


def _judge(circuits: Sequence[QuantumCircuit], target: Target) -> Crashed | None:
    """Return why a device does not take circuits, if so."""
    for index, circuit in enumerate(circuits):
        refusal = judge_width(f"Circuit {index}", circuit.num_qubits, target.num_qubits)
        if refusal is not None:
            return refusal
    match speak_of("Circuit", check_pubs([with_zeros(circuit) for circuit in circuits], target)):
        case Failure(problem):
            return crash(problem, NOT_IN_BASIS)
    return None


def find_layers(
    circuits: Iterable[QuantumCircuit], options: CircuitOptions, target: Target
) -> list[CircuitInstruction]:
    """Return the layers of gates of circuits that are to be learned, as boxes: those first that occur most often.

    Raises:
        RefusedError: A circuit has no layers that can be twirled, or a layer is none that can be learned.
    """
    by = learning_boxer(options.twirling_strategy)
    boxed = []
    for index, circuit in enumerate(circuits):
        made = box_layers(_on_device(circuit, target), by)
        if isinstance(made, Failure):
            fix = "Take out branches and boxes, and transpile to gates that can be twirled"
            raise RefusedError(NotExecutable(pub=index, reason=made.failure(), fix=fix, noun="Circuit"))
        boxed.append(made.unwrap())
    times = Counter(map(name_of, _boxes(boxed)))
    layers = sorted(
        unique_layers(boxed, with_measures=False),
        key=lambda layer: (times[name_of(layer)], layer.operation.body.num_nonlocal_gates()),
        reverse=True,
    )[: options.max_layers_to_learn]
    match check_learnable(tuple(layers)):
        case Failure(problem):
            raise RefusedError(problem)
    return layers


def _boxes(boxed: Iterable[QuantumCircuit]) -> Iterator[CircuitInstruction]:
    return (step for circuit in boxed for step in circuit.data if step.name == "box")


def _on_device(circuit: QuantumCircuit, target: Target) -> QuantumCircuit:
    """Return a circuit on all qubits of a device."""
    whole = QuantumCircuit(register_of(target), circuit.clbits, *circuit.cregs)
    return whole.compose(circuit, range(circuit.num_qubits), circuit.clbits)


def _error_of(layer: CircuitInstruction, noise: NoiseLearnerV3Result, target: Target) -> LayerError:
    """Return the noise of a layer as the program tells it, its qubits in the order of the device."""
    body, register = layer.operation.body, register_of(target)
    places = [register.index(bit) for bit in layer.qubits]
    where = sorted(places)
    circuit = QuantumCircuit(len(where)).compose(body, [where.index(place) for place in places])
    terms = noise.to_pauli_lindblad_map().to_sparse_list()
    rates = sorted((_label(letters, qubits, len(where)), rate) for letters, qubits, rate in terms)
    error = PauliLindbladError(PauliList([label for label, _ in rates]), [rate for _, rate in rates])
    return LayerError(circuit, where, error)


def _label(letters: str, qubits: Sequence[int], width: int) -> str:
    """Return a Pauli operator as Qiskit writes it, qubit 0 last."""
    on = dict(zip(qubits, letters, strict=True))
    return "".join(on.get(qubit, "I") for qubit in reversed(range(width)))
