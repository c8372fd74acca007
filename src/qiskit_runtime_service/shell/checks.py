"""What programs for IBM's client ask of circuits, PUBs and tags before they run them. `run` asks the same by itself.

Source: behaviour B435.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target

from .._public import public
from .._warn import warn_user
from ..bridge.executable import (
    FOLD,
    SWITCH,
    TRANSPILE,
    check_registers,
    find_control_flow,
    find_unmeasured,
    find_unsupported,
    find_wide_turn,
)
from ..bridge.observables import read_estimator_pubs
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import if_given, read_list_of_texts
from ..core.basis import PARAMETRIC_GATES
from ..records.problem import NotExecutable
from ..wire.crn import looks_like_crn


@public("utils")
def is_crn(locator: str) -> bool:
    """Tell whether a text is meant as a CRN rather than as the name of an instance."""
    return isinstance(locator, str) and looks_like_crn(locator)


@public("utils")
def are_circuits_dynamic(circuits: Iterable[QuantumCircuit | str], qasm_default: bool = True) -> bool:
    """Tell whether a circuit has control flow.

    Args:
        circuits: A text is OpenQASM, which is not read.
        qasm_default: What is taken to hold of texts.
    """
    return any(qasm_default if isinstance(circuit, str) else circuit.has_control_flow_op() for circuit in circuits)


@public("utils.utils")
def is_fractional_gate(gate: Instruction) -> bool:
    """Tell whether a gate turns by any angle and takes time: a device does without those, and without `rz` not."""
    return gate.name in PARAMETRIC_GATES


@public("utils.utils")
def is_isa_circuit(circuit: QuantumCircuit, target: Target) -> str:
    """Return what keeps a device from running a circuit as it is; nothing does where the text is empty."""
    return find_unsupported(circuit, target) or ""


@public("utils.utils")
def is_simulator(backend: Any) -> bool:
    """Tell whether the configuration of a backend says that it is a simulator."""
    configuration = getattr(backend, "configuration", None)
    return bool(callable(configuration) and getattr(configuration(), "simulator", False))


@public("utils.utils")
def is_valid_rzz_pub(pub: SamplerPub | EstimatorPub) -> str:
    """Return which angle of an `rzz` is outside of the range from 0 to π/2; none is where the text is empty."""
    return find_wide_turn(pub) or ""


@public("utils")
def validate_isa_circuits(circuits: Sequence[QuantumCircuit], target: Target) -> None:
    """Check that a device can run circuits as they are.

    Raises:
        IBMInputValueError: It cannot run one.
    """
    _refuse_first("Circuit", (find_unsupported(circuit, target) for circuit in circuits), TRANSPILE)


@public("utils")
def validate_rzz_pubs(pubs: Sequence[SamplerPub] | Sequence[EstimatorPub]) -> None:
    """Check that each angle of an `rzz` is from 0 to π/2.

    Raises:
        IBMInputValueError: One is not.
    """
    _refuse_first("PUB", map(find_wide_turn, pubs), FOLD)


@public("utils")
def validate_no_dd_with_dynamic_circuits(circuits: Sequence[QuantumCircuit], options: Any) -> None:
    """Check that no circuit has control flow where dynamical decoupling is on.

    Args:
        circuits: To be run.
        options: Those of a primitive.

    Raises:
        IBMInputValueError: One has.
    """
    if getattr(getattr(options, "dynamical_decoupling", None), "enable", None) is True:
        _refuse_first("Circuit", map(find_control_flow, circuits), SWITCH)


@public("utils")
def validate_classical_registers(pubs: Sequence[SamplerPub]) -> None:
    """Check that results can be named after the classical registers. Warn of a circuit that has none.

    Raises:
        IBMInputValueError: They cannot be named so.
    """
    value_or_raise(check_registers(pubs))
    warn_of_unmeasured(pubs)


@public("utils")
def validate_estimator_pubs(pubs: Sequence[EstimatorPub]) -> None:
    """Check that there are observables, and that precisions are above 0.

    Raises:
        IBMInputValueError: It is not so.
    """
    value_or_raise(read_estimator_pubs(pubs, None))


@public("utils")
def validate_job_tags(job_tags: Sequence[str] | None) -> None:
    """Check that tags are a list of texts.

    Raises:
        IBMInputValueError: They are not.
    """
    value_or_raise(if_given(read_list_of_texts)("job_tags", job_tags))


def warn_of_unmeasured(pubs: Sequence[SamplerPub]) -> None:
    """Warn of the first pub whose result will be empty.

    Source: behaviour B166.
    """
    unmeasured = find_unmeasured(pubs)
    if unmeasured is not None:
        warn_user(f"PUB {unmeasured} has no classical registers: its result will be empty.")


def _refuse_first(noun: str, reasons: Iterable[str | None], fix: str) -> None:
    """Raise the first reason why something cannot be run."""
    for index, reason in enumerate(reasons):
        if reason is not None:
            raise exception_of(NotExecutable(pub=index, reason=reason, fix=fix, noun=noun))
