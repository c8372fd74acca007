"""Operators of `qiskit.quantum_info`: an allow-list of classes, each built from arguments that are checked first."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from qiskit.quantum_info import PTM, Chi, Choi, Kraus, Operator, Pauli, PauliList, SparsePauliOp, Stinespring, SuperOp

from ..ledger import LABEL, Ledger

HOME = "qiskit.quantum_info.operators"
_LABEL = re.compile(r"([+-]?)1?([ij]?)([IXYZ]+)")
_COMPLEX_BYTES = 16
"""What one item of a matrix takes, whatever it was sent as."""
_PHASES = {("", False): 0, ("-", True): 1, ("-", False): 2, ("", True): 3}
"""Powers of -i, by sign and whether there is an i."""


def build_operator(module: str, name: str, arguments: Mapping[str, Any], ledger: Ledger) -> object:
    """Return the operator that a `settings` tag of this module stands for.

    Raises:
        LookupError, TypeError, ValueError: There is no such class, or the arguments are not what it is made of.
    """
    build = _BUILDERS.get((module.removeprefix(HOME), name))
    if build is None:
        raise ValueError(f"{module}.{name} is not on the list of classes that are read")
    return build(dict(arguments), ledger)


def _pauli(arguments: dict[str, Any], ledger: Ledger) -> Pauli:
    return _pauli_list({"data": [arguments.pop("data")], **arguments}, ledger)[0]


def _pauli_list(arguments: dict[str, Any], ledger: Ledger) -> PauliList:
    """Return the list of some labels, read all at once: Qiskit reads one after the other, in the widest of widths."""
    labels = arguments.pop("data")
    _nothing_left(arguments)
    if not (isinstance(labels, list) and labels and all(isinstance(label, str) for label in labels)):
        raise ValueError("it is not made of a list of labels")
    ledger.pay("labels", LABEL, len(labels))
    found = [_LABEL.fullmatch(label) for label in labels]
    if None in found:
        raise ValueError(f"{labels[found.index(None)]!r:.80} is no Pauli label")
    letters = [match[3] for match in found if match is not None]
    if len(set(map(len, letters))) > 1:
        raise ValueError("the labels are not of one width")
    size = 4 * len(letters) * len(letters[0])
    ledger.unpack("PauliList", size)
    ledger.keep("PauliList", size)
    table = np.frombuffer("".join(letters).encode(), np.uint8).reshape(len(letters), -1)[:, ::-1]
    y = table == ord("Y")
    phases = np.array([_PHASES[match[1].strip("+"), bool(match[2])] for match in found if match is not None])
    return PauliList.from_symplectic(y | (table == ord("Z")), y | (table == ord("X")), phases)


def _sparse_pauli_op(arguments: dict[str, Any], _: Ledger) -> SparsePauliOp:
    paulis, coefficients = arguments.pop("data"), arguments.pop("coeffs")
    _nothing_left(arguments)
    if not (isinstance(paulis, PauliList) and _is_numeric(coefficients) and coefficients.shape == (len(paulis),)):
        raise ValueError("it is not made of a list of Paulis and their coefficients")
    return SparsePauliOp(paulis, coefficients)


def _dense(kind: Callable[..., object]) -> Callable[[dict[str, Any], Ledger], object]:
    """Return the builder of a class that is made of matrices and the dimensions before and behind them."""

    def build(arguments: dict[str, Any], ledger: Ledger) -> object:
        data = arguments.pop("data")
        before, behind = arguments.pop("input_dims", None), arguments.pop("output_dims", None)
        _nothing_left(arguments)
        # Anything else than matrices, such as a circuit, would be multiplied out.
        if not (_is_matrices(data) and _is_dimensions(before) and _is_dimensions(behind)):
            raise ValueError("it is not made of matrices and dimensions")
        size = _COMPLEX_BYTES * _items_of(data)
        ledger.unpack("matrices", size)
        ledger.keep("matrices", size)
        return kind(data, before, behind)

    return build


def _is_matrices(data: object) -> bool:
    if isinstance(data, list):
        return bool(data) and all(item is None or _is_matrices(item) for item in data)
    return _is_numeric(data) and data.ndim == 2  # type: ignore[attr-defined]  # it is an array


def _items_of(data: Any) -> int:
    if isinstance(data, list):
        return sum(map(_items_of, data))
    return 0 if data is None else int(data.size)


def _is_dimensions(value: object) -> bool:
    sizes = value if isinstance(value, list) else [value]
    return value is None or (bool(sizes) and all(type(size) is int and size > 0 for size in sizes))


def _kraus(data: Any, before: object, behind: object) -> Kraus:
    # JSON does not tell a pair of lists, left and right, from a list.
    return Kraus(_pair(data) if isinstance(data, list) and isinstance(data[0], list) else data, before, behind)


def _stinespring(data: Any, before: object, behind: object) -> Stinespring:
    return Stinespring(_pair(data) if isinstance(data, list) else data, before, behind)


def _pair(data: list[Any]) -> tuple[Any, Any]:
    left, right = data
    return left, right


def _is_numeric(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _nothing_left(arguments: dict[str, Any]) -> None:
    if arguments:
        raise ValueError(f"there is no argument {min(arguments)!r:.80}")


_BUILDERS: dict[tuple[str, str], Callable[[dict[str, Any], Ledger], object]] = {
    (".symplectic.pauli", "Pauli"): _pauli,
    (".symplectic.pauli_list", "PauliList"): _pauli_list,
    (".symplectic.sparse_pauli_op", "SparsePauliOp"): _sparse_pauli_op,
    (".operator", "Operator"): _dense(Operator),
    (".channel.chi", "Chi"): _dense(Chi),
    (".channel.choi", "Choi"): _dense(Choi),
    (".channel.kraus", "Kraus"): _dense(_kraus),
    (".channel.ptm", "PTM"): _dense(PTM),
    (".channel.stinespring", "Stinespring"): _dense(_stinespring),
    (".channel.superop", "SuperOp"): _dense(SuperOp),
}
"""By the module behind `HOME` and the name of the class."""
