"""Boxes around layers of gates and measurements, so that they can be twirled: options become boxes, boxes a samplex."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.transpiler import PassManager, TranspilerError
from returns.result import Failure, Result, Success
from samplomatic import build
from samplomatic.exceptions import BuildError, SamplexError
from samplomatic.samplex import Samplex
from samplomatic.transpiler import generate_boxing_pass_manager
from samplomatic.utils import find_unique_box_instructions, undress_box

T = TypeVar("T")


def boxing_arguments(twirling: Mapping[str, Any], *, tagged: bool = False) -> dict[str, Any]:
    """Return the arguments of samplomatic's boxing pass manager for the options of twirling.

    Args:
        twirling: The options, with `enable_gates` and `enable_measure` decided.
        tagged: Whether boxes have names, by which a simulation knows where noise is.

    Source: behaviour B375.
    """
    return {
        "enable_gates": twirling["enable_gates"],
        "enable_measures": twirling["enable_measure"],
        "twirling_group": twirling["group"],
        "twirling_strategy": twirling["strategy"].replace("-", "_"),
        "inject_noise_site": "after",
        "add_tags": "unique_box" if tagged else "none",
    }


def learning_boxer(strategy: str) -> PassManager:
    """Return what puts the layers of gates of circuits into boxes whose noise is to be learned.

    Args:
        strategy: Which qubits are twirled in a layer, as the options say.
    """
    twirling = {"enable_gates": True, "enable_measure": False, "group": "pauli", "strategy": strategy}
    noise = {"inject_noise_targets": "gates", "inject_noise_strategy": "uniform_modification"}
    return boxer({**boxing_arguments(twirling), **noise})


def boxer(arguments: Mapping[str, Any]) -> PassManager:
    """Return what puts layers of circuits into boxes."""
    return generate_boxing_pass_manager(**arguments)


def box_layers(circuit: QuantumCircuit, by: PassManager) -> Result[QuantumCircuit, str]:
    """Return the circuit with its layers in boxes.

    Fails with:
        What of the circuit cannot be twirled.

    Source: behaviour B375.
    """
    registered = Counter(bit for register in circuit.cregs for bit in register)
    for instruction in circuit.data:
        if instruction.name == "box":
            return Failure("it has a box, and twirling makes boxes of its own")
        if instruction.is_control_flow():
            return Failure(f"{instruction.name!r} cannot be twirled")
        if not all(registered[bit] for bit in instruction.clbits):
            return Failure(f"{instruction.name!r} writes to a classical bit of no register, which cannot be twirled")
        if any(registered[bit] > 1 for bit in instruction.clbits):
            # The samplex tells the flips of one of them alone.
            return Failure(f"{instruction.name!r} writes to a classical bit of two registers, which cannot be twirled")
    return _attempt(lambda: by.run(circuit))


def build_template(boxed: QuantumCircuit) -> Result[tuple[QuantumCircuit, Samplex], str]:
    """Return the template of a circuit of boxes, and the samplex that draws values for its parameters.

    Fails with:
        What of the circuit cannot be twirled.

    Source: behaviour B375.
    """
    return _attempt(lambda: build(boxed))


def _attempt(act: Callable[[], T]) -> Result[T, str]:
    try:
        return Success(act())
    except TranspilerError as reason:
        return Failure(f"it cannot be twirled: {str(reason.message).rstrip('.')}")
    except (BuildError, SamplexError) as reason:
        return Failure(f"it cannot be twirled: {str(reason).rstrip('.')}")


def unique_layers(boxed: Iterable[QuantumCircuit], *, with_measures: bool) -> list[CircuitInstruction]:
    """Return each layer of circuits of boxes once, without its single-qubit gates.

    Boxes that hold nothing but those are no layers. `with_measures` tells whether boxes of measurements are.
    """
    boxes = (instruction for circuit in boxed for instruction in circuit if instruction.name == "box")
    return [box for box in find_unique_box_instructions(boxes) if _is_layer(box, with_measures)]


def _is_layer(box: CircuitInstruction, with_measures: bool) -> bool:
    names = {instruction.name for instruction in undress_box(box.operation).body} - {"barrier"}
    return bool(names) and (with_measures or not any(name.startswith("measure") for name in names))
