"""What the basis gates of a device can do together, and which of them it could do without."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

PARAMETRIC_GATES = frozenset(
    {"cp", "crx", "cry", "crz", "cu", "cu1", "cu3", "global_phase", "r", "rx", "rxx", "ry", "ryy", "rzx", "rzz"}
    | {"u", "u2", "u3", "xx_minus_yy", "xx_plus_yy"}
)
"""Qiskit's standard gates with parameters, less those that every device does in software (B28)."""

NATIVE_TURNS = frozenset({"rx", "rzz"})
"""The fractional gates that hardware has, of which a device must have one where fractional gates are insisted on."""

TURNS: Mapping[str, str] = {
    "rx": "x", "ry": "y", "rz": "z", "p": "z", "u1": "z", "t": "z", "tdg": "z",
    "r": "xy", "u": "xyz", "u2": "xyz", "u3": "xyz",
}  # fmt: skip
"""The axes about which a gate turns by any angle; `t` and `tdg` are fine enough beside another axis."""

EXCHANGES: Mapping[str, str] = {"h": "xz", "s": "xy", "sdg": "xy", "sx": "yz", "sxdg": "yz"}
"""The two axes that a gate takes to each other, but for the sign."""

ENTANGLING = frozenset(
    {"cx", "cy", "cz", "ch", "cs", "csdg", "csx", "dcx", "ecr", "iswap"}
    | {"cp", "crx", "cry", "crz", "cu", "cu1", "cu3", "rxx", "ryy", "rzx", "rzz", "xx_minus_yy", "xx_plus_yy"}
)
"""The standard gates of two qubits that make product states entangled."""


class Abilities(NamedTuple):
    """What some gates can do together."""

    turns: bool
    """Whether they reach every gate of one qubit, at least as nearly as one likes."""
    entangles: bool
    """Whether one of them entangles; then, with `turns`, they reach every circuit."""


def abilities_of(gates: Iterable[str]) -> Abilities:
    """Return what gates can do together. More gates never do less; unknown ones do nothing."""
    names = frozenset(gates)
    axes = {axis for name in names for axis in TURNS.get(name, "")}
    exchanged = [EXCHANGES[name] for name in names if name in EXCHANGES]
    # A turn about one axis, between two gates that exchange it for another, is a turn about the other.
    turns = len(axes) > 1 or any(not axes.isdisjoint(pair) for pair in exchanged)
    return Abilities(turns, not names.isdisjoint(ENTANGLING))


def find_fractional(basis_gates: Iterable[str]) -> frozenset[str]:
    """Return the fractional gates of a device: those with parameters that it could do without.

    There are none where the other gates would do less alone: then those are no addition to a basis but the basis.

    Source: behaviour B28, B266.
    """
    names = frozenset(basis_gates)
    parametric = names & PARAMETRIC_GATES
    return parametric if abilities_of(names - parametric) == abilities_of(names) else frozenset()
