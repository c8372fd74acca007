"""Bodies of the programs `noise-learner`, from its version 3 on, and `calibrate`: from objects to bytes and back."""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from pybase64 import b64decode, b64encode
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import CircuitInstruction, QuantumRegister
from qiskit.quantum_info import QubitSparsePauliList
from returns.result import Result

from ..bridge.learned_noise import CalibratorResult, NoiseLearnerV3Result, NoiseLearnerV3Results
from ..bridge.ledger import LABEL, DecodeLimits, Ledger, TimeLeft, refuse, too_large
from ..bridge.qpy_bounds import NEWEST
from ..bridge.typed_json import DEFAULT_LIMITS, WRONG, RuntimeEncoder, pay_for_text, read_circuits, read_within
from ..records.problem import Problem
from .annotations import ANNOTATIONS
from .learning_boxes import qubits_of
from .schema import in_utc, unknown_version
from .tensors import Tensor, read_tensor

LEARNER_SCHEMA: Final = "v0.3"
"""The version that is sent."""
CALIBRATOR_SCHEMA: Final = "v0.1"
_LEARNER_SCHEMAS: Final = ("v0.1", "v0.2", "v0.3")
_PROGRAM_VERSION: Final = 3
_TAG = "a noise learner"
NO_CHECK: Final = {"enable": False, "x_pulse_type": "xslow", "strategy": "node"}
"""Bits that flip are not looked for."""


class CalibratorInputs(NamedTuple):
    """What a job of a calibrator was sent."""

    schema: str
    options: dict[str, Any]


class LearnerInputs(NamedTuple):
    """What a job of a noise learner was sent."""

    schema: str
    boxes: list[CircuitInstruction]
    options: dict[str, Any]
    """Those of the learner, as they were sent."""
    version: int | None
    """Of the program."""


# What is sent


def encode_learner_params(
    boxes: Iterable[CircuitInstruction], options: Mapping[str, Any], register: QuantumRegister
) -> bytes:
    """Return the parameters of a job of the program `noise-learner` as JSON text.

    Args:
        boxes: What was checked already.
        options: Those of the learner, as plain data.
        register: All qubits of the device.

    Source: behaviour B401.
    """
    names = ("shots_per_randomization", "num_randomizations", "layer_pair_depths", "bit_flip_checks")
    execution = options["execution"]
    body = {
        "schema_version": LEARNER_SCHEMA,
        "instructions": {"circuit_b64": _circuit_text(boxes, register), "qpy_version": NEWEST},
        "options": {
            **{name: options[name] for name in names},
            "post_selection": NO_CHECK,
            "init_qubits": execution["init_qubits"],
            "rep_delay": execution["rep_delay"],
        },
        "version": _PROGRAM_VERSION,
    }
    return msgspec.json.encode(body)


def _circuit_text(boxes: Iterable[CircuitInstruction], register: QuantumRegister) -> str:
    """Return a circuit of nothing but these boxes: its qubits in the order of the device, its bits as they come."""
    held = list(boxes)
    bits = dict.fromkeys(bit for box in held for bit in box.clbits)
    circuit = QuantumCircuit(qubits_of(held, register), list(bits), name="instructions")
    for box in held:
        circuit.append(box)
    stream = io.BytesIO()
    qpy.dump(circuit, stream, metadata_serializer=RuntimeEncoder, version=NEWEST, annotation_factories=ANNOTATIONS)
    return b64encode(stream.getbuffer()).decode("ascii")


def encode_calibrator_params(experimental: Mapping[str, Any]) -> bytes:
    """Return the parameters of a job of the program `calibrate` as JSON text.

    Raises:
        TypeError: Something has no form in JSON.

    Source: behaviour B405.
    """
    try:
        body = {"schema_version": CALIBRATOR_SCHEMA, "options": {"experimental": dict(experimental)}}
        return msgspec.json.encode(body)
    except UnicodeEncodeError as reason:
        raise TypeError(str(reason)) from None


# What is read


class _Qpy(msgspec.Struct, frozen=True):
    circuit_b64: str


class _Params(msgspec.Struct, frozen=True):
    schema_version: str
    instructions: _Qpy
    options: dict[str, Any] = {}
    version: int | None = None


class _Learned(msgspec.Struct, frozen=True):
    generators_sparse: list[list[tuple[str, list[int]]]]
    num_qubits: int
    rates: Tensor
    rates_std: Tensor
    metadata: dict[str, Any] = {}


class _LearnedAll(msgspec.Struct, frozen=True):
    schema_version: str
    data: list[_Learned]


class _Calibrated(msgspec.Struct, frozen=True):
    schema_version: str
    start: datetime
    stop: datetime


class _CalibratorParams(msgspec.Struct, frozen=True):
    schema_version: str
    options: dict[str, Any] = {}


def decode_learner_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[NoiseLearnerV3Results, Problem]:
    """Read the result of a noise learner of boxes. What it costs is paid for before it is built.

    Fails with:
        TooLarge: A size reaches beyond `limits`.
        TooSlow: There is no time left.
        UnreadableValue: It is no such result, it is damaged, or no version of the schema that is known here.

    Source: behaviour B406.
    """
    return read_within(partial(_read_learned, body), limits, time_left)


def read_learner_inputs(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[LearnerInputs, Problem]:
    """Read what a noise learner of boxes was sent. What it costs is paid for before it is built.

    Fails with:
        TooNew: The boxes were written by a newer Qiskit than the installed one can read.
        TooLarge, TooSlow, UnreadableValue: As `decode_learner_result` has it.

    Source: behaviour B406.
    """
    return read_within(partial(_read_params, body), limits, time_left)


def decode_calibrator_result(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[CalibratorResult, Problem]:
    """Read the result of a calibrator.

    Fails with:
        TooLarge, TooSlow, UnreadableValue: As `decode_learner_result` has it.

    Source: behaviour B406.
    """
    return read_within(partial(_read_calibrated, body), limits, time_left)


def read_calibrator_inputs(
    body: bytes, limits: DecodeLimits = DEFAULT_LIMITS, time_left: TimeLeft | None = None
) -> Result[CalibratorInputs, Problem]:
    """Read what a calibrator was sent.

    Fails with:
        TooLarge, TooSlow, UnreadableValue: As `decode_learner_result` has it.

    Source: behaviour B406.
    """
    return read_within(partial(_read_calibrator_params, body), limits, time_left)


def _read_learned(body: bytes, ledger: Ledger) -> NoiseLearnerV3Results:
    found = _read_versioned(body, ledger, _LearnedAll, _LEARNER_SCHEMAS)
    return NoiseLearnerV3Results(_read_noise(learned, ledger) for learned in found.data)


def _read_noise(learned: _Learned, ledger: Ledger) -> NoiseLearnerV3Result:
    if not 0 <= learned.num_qubits <= ledger.limits.qubits:
        raise too_large("qubits of learned noise", learned.num_qubits, ledger.limits.qubits, "qubits")
    ledger.pay("generators of noise", LABEL, sum(map(len, learned.generators_sparse)) + len(learned.generators_sparse))
    try:
        return NoiseLearnerV3Result(
            [QubitSparsePauliList.from_sparse_list(terms, learned.num_qubits) for terms in learned.generators_sparse],
            read_tensor(learned.rates, ledger, packed=False),
            read_tensor(learned.rates_std, ledger, packed=False),
            _with_numbers(learned.metadata),
        )
    except WRONG as reason:
        raise refuse(_TAG, str(reason)) from None


def _with_numbers(tree: Any) -> Any:
    """Return data with whole numbers in the place of keys that are texts of digits: JSON has no others."""
    if not isinstance(tree, dict):
        return tree
    digits = bool(tree) and all(key.isascii() and key.isdigit() and len(key) < _DIGITS for key in tree)
    return {int(key) if digits else key: _with_numbers(value) for key, value in tree.items()}


_DIGITS = 10


def _read_params(body: bytes, ledger: Ledger) -> LearnerInputs:
    found = _read_versioned(body, ledger, _Params, _LEARNER_SCHEMAS)
    text = found.instructions.circuit_b64
    ledger.keep("QuantumCircuit", len(text))
    try:
        data = b64decode(text, validate=True)
    except ValueError as reason:
        raise refuse(_TAG, str(reason)) from None
    (circuit,) = read_circuits(data, ledger, programs=1, newest=NEWEST, annotations=ANNOTATIONS)
    return LearnerInputs(found.schema_version, list(circuit.data), found.options, found.version)


def _read_calibrator_params(body: bytes, ledger: Ledger) -> CalibratorInputs:
    found = _read_versioned(body, ledger, _CalibratorParams, (CALIBRATOR_SCHEMA,))
    return CalibratorInputs(found.schema_version, found.options)


def _read_calibrated(body: bytes, ledger: Ledger) -> CalibratorResult:
    found = _read_versioned(body, ledger, _Calibrated, (CALIBRATOR_SCHEMA,))
    return CalibratorResult(in_utc(found.start), in_utc(found.stop))


def _read_versioned(body: bytes, ledger: Ledger, kind: Any, known: tuple[str, ...]) -> Any:
    """Return a body as what it must be, of a version of its schema that is known here.

    Raises:
        RefusedError: It is not that.
    """
    pay_for_text(body, ledger)
    try:
        found = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as reason:
        raise refuse(_TAG, str(reason)) from None
    if found.schema_version not in known:
        raise unknown_version(_TAG, found.schema_version, known)
    return found
