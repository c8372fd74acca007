"""Filling idle time with gates that decouple a qubit from what changes slowly around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import rustworkx
from qiskit.circuit import Gate
from qiskit.transpiler import CouplingMap, Target, TranspilerError

from .._public import public
from .._warn import warn_user
from .padding import BlockBasePadder, Filling, IdleTime, wait
from .schedule import BlockOrdering
from .timing import Timing

NEAR = 1e-9
"""By how much shares may miss 1, and a product the identity: floats add up."""


@dataclass(frozen=True)
class _Decoupling:
    """A sequence of gates that is the identity but for a phase."""

    gates: tuple[Gate, ...]
    spacings: tuple[tuple[float, ...], ...]
    """By the colour of a qubit: how much of the time between gates comes before each, and after the last."""
    least_ratio: float
    """An idle time is filled if it is longer than this many times the gates."""
    phase: float
    """Of the product of the gates."""


@public("transpiler.passes.scheduling")
class PadDynamicalDecoupling(BlockBasePadder):
    """Fill idle time with gates that together do nothing, and with delays between them, to the tick.

    Sequences are tried in their order; an idle time that is too short for all of them is a delay. The circuit stays
    what it is, global phase included. A sequence of one gate never fits: devices have no gate that could take up its
    inverse.

    Args:
        dd_sequences: One sequence of gates or several: an even number that makes the identity, or one.
        qubits: Of the device, where gates may be put. By default that is everywhere.
        spacings: For each sequence, or for all, how the time that is left is divided: one share more than there are
            gates, which sum to 1. By default `[d/2, d, …, d, d/2]`.
        skip_reset_qubits: Whether a qubit only waits while nothing has acted on it since it was prepared or reset.
        pulse_alignment: Delays between gates are multiples of this many dt, but for what is left over.
        extra_slack_distribution: Where what is left over goes: `middle` or `edges` of the sequence.
        sequence_min_length_ratios: For each sequence, or for all, how many times as long as its gates an idle time
            must be, and more. By default 2.
        insert_multiple_cycles: Whether a sequence is repeated as often as the ratio allows.
        coupling_map: Of the device. With it, neighbours have different spacings.
        alt_spacings: Spacings of the other neighbours. By default `[d, d, …, d, 0]`.
        schedule_idle_qubits: Whether qubits that the circuit does not use are filled too.
        dd_barrier: If given, gates are put only before barriers whose label has this text in it.
        block_ordering_callable: Has no effect: the schedule has an order already.
        target: Of the device: it says how long gates last.

    Raises:
        TranspilerError: A sequence is not the identity or of an odd number of gates, shares do not fit, neighbours
            cannot be told apart by two colours, or there is no target.

    Source: behaviour B460.
    """

    def __init__(
        self,
        dd_sequences: Sequence[Gate] | Sequence[Sequence[Gate]] | None = None,
        qubits: Sequence[int] | None = None,
        spacings: Sequence[float] | Sequence[Sequence[float]] | None = None,
        skip_reset_qubits: bool = True,
        pulse_alignment: int = 16,
        extra_slack_distribution: str = "middle",
        sequence_min_length_ratios: float | Sequence[float] | None = None,
        insert_multiple_cycles: bool = False,
        coupling_map: CouplingMap | None = None,
        alt_spacings: Sequence[float] | Sequence[Sequence[float]] | None = None,
        schedule_idle_qubits: bool = False,
        dd_barrier: str | None = None,
        block_ordering_callable: BlockOrdering | None = None,
        target: Target | None = None,
    ) -> None:
        super().__init__(schedule_idle_qubits, block_ordering_callable, target)
        if extra_slack_distribution not in {"middle", "edges"}:
            raise TranspilerError(
                f"extra_slack_distribution is {extra_slack_distribution!r}, and must be 'middle' or 'edges'."
            )
        if pulse_alignment < 1:
            raise TranspilerError(f"pulse_alignment is {pulse_alignment}, and must be 1 or more dt.")
        if alt_spacings is not None and coupling_map is None:
            warn_user("alt_spacings have no effect without a coupling_map, which says who are neighbours.")
        self._sequences = _read_sequences(dd_sequences, spacings, alt_spacings, sequence_min_length_ratios)
        self._colours = {} if coupling_map is None else colour_qubits(coupling_map)
        self._where = None if qubits is None else frozenset(qubits)
        self._skips_ground = skip_reset_qubits
        self._alignment = pulse_alignment
        self._at_edges = extra_slack_distribution == "edges"
        self._repeats = insert_multiple_cycles
        self._barrier = dd_barrier
        self._timing = Timing(target)

    def fill(self, idle: IdleTime) -> Filling:
        """Put in the first sequence that fits."""
        if self._decouples(idle):
            for sequence in self._sequences:
                filling = self._fit(sequence, idle)
                if filling is not None:
                    return filling
        return Filling([wait(idle.duration)])

    def _decouples(self, idle: IdleTime) -> bool:
        """Tell whether gates may be put into an idle time."""
        if self._where is not None and idle.qubit not in self._where:
            return False
        if self._barrier is not None:
            node = idle.next_node
            if node is None or node.name != "barrier" or self._barrier not in (node.op.label or ""):
                return False
        return not (idle.is_ground and self._skips_ground)

    def _fit(self, sequence: _Decoupling, idle: IdleTime) -> Filling | None:
        """Fill an idle time with a sequence; `None` if it is too short."""
        lengths = [self._timing.duration(gate, [idle.qubit]) for gate in sequence.gates]
        once = sum(lengths)
        enough = max(sequence.least_ratio, 1.0) * once
        if idle.duration <= enough or len(lengths) == 1:
            return None
        cycles = math.floor(idle.duration / enough) if self._repeats and enough else 1
        shares = [share / cycles for share in sequence.spacings[self._colours.get(idle.qubit, 0)]] * cycles
        gaps = divide_slack(idle.duration - cycles * once, shares, self._alignment, at_edges=self._at_edges)
        # Each cycle begins with a gap and ends with one, and has a gate between any two.
        steps = [*zip(sequence.gates, lengths, strict=True), None] * cycles
        waits = ([wait(gap)] if gap else [] for gap in gaps)
        operations = chain.from_iterable(
            (*before, *([step] if step else [])) for before, step in zip(waits, steps, strict=True)
        )
        return Filling(list(operations), cycles * sequence.phase)


def divide_slack(slack: int, shares: Sequence[float], alignment: int, *, at_edges: bool) -> list[int]:
    """Divide the time that gates leave into the gaps around them, in dt.

    Args:
        slack: What is to be divided.
        shares: Of each gap. They sum to 1.
        alignment: Gaps are multiples of it, but for the last one, which takes what is left.
        at_edges: Whether the multiples that are left over go to the first gap and the last, else to the middle one.

    Source: behaviour B460.
    """
    gaps = [alignment * math.floor(slack * share / alignment) for share in shares]
    extra = slack - sum(gaps)
    aligned = alignment * math.floor((extra / 2 if at_edges else extra) / alignment)
    gaps[0 if at_edges else (len(gaps) - 1) // 2] += aligned
    gaps[-1] += extra - aligned
    return gaps


def colour_qubits(coupling_map: CouplingMap) -> dict[int, int]:
    """Give each qubit one of two colours, 0 or 1, neighbours different ones.

    Raises:
        TranspilerError: Two colours are not enough.

    Source: behaviour B460.
    """
    colours: dict[int, int] = rustworkx.graph_greedy_color(coupling_map.graph.to_undirected(multigraph=False))
    if any(colour > 1 for colour in colours.values()):
        raise TranspilerError(
            "The qubits of this coupling map cannot be told apart from their neighbours by two spacings: "
            "it has a ring of an odd number of them, or is too dense. Leave coupling_map out."
        )
    return colours


def _read_sequences(
    dd_sequences: Sequence[Gate] | Sequence[Sequence[Gate]] | None,
    spacings: Sequence[float] | Sequence[Sequence[float]] | None,
    alt_spacings: Sequence[float] | Sequence[Sequence[float]] | None,
    ratios: float | Sequence[float] | None,
) -> list[_Decoupling]:
    """Read sequences as they may be given: one or many, with one of each or many.

    Raises:
        TranspilerError: They do not fit.
    """
    if not dd_sequences:
        raise TranspilerError("dd_sequences is missing: which gates fill idle time, such as [XGate(), XGate()].")
    many: list[tuple[Gate, ...]] = (
        [tuple(dd_sequences)] if isinstance(dd_sequences[0], Gate) else [tuple(gates) for gates in dd_sequences]
    )
    each_ratio = list(ratios) if isinstance(ratios, Sequence) else [2.0 if ratios is None else ratios] * len(many)
    each_spacing = _for_each(spacings, len(many))
    each_alternative = _for_each(alt_spacings, len(many))
    for name, given in (
        ("sequence_min_length_ratios", each_ratio),
        ("spacings", each_spacing),
        ("alt_spacings", each_alternative),
    ):
        if len(given) != len(many):
            raise TranspilerError(f"{name} are {len(given)}, and dd_sequences {len(many)}: give one for each.")
    return [
        _Decoupling(
            gates=gates,
            spacings=(
                _read_spacing(spacing, _balanced(len(gates))),
                _read_spacing(alternative, _staggered(len(gates))),
            ),
            least_ratio=ratio,
            phase=_read_phase(gates),
        )
        for gates, spacing, alternative, ratio in zip(many, each_spacing, each_alternative, each_ratio, strict=True)
    ]


def _for_each(given: Sequence[float] | Sequence[Sequence[float]] | None, count: int) -> list[Sequence[float] | None]:
    """Return a spacing for each of some sequences, where one may be given for all."""
    spacings = [shares for shares in given or () if isinstance(shares, Sequence)]
    if spacings:
        return [*spacings]
    shares = [share for share in given or () if not isinstance(share, Sequence)]
    return [shares or None] * count


def _balanced(gates: int) -> tuple[float, ...]:
    """Return the spacing with as much before the first gate and after the last one as half of what is between two."""
    return (0.5 / gates, *[1 / gates] * (gates - 1), 0.5 / gates)


def _staggered(gates: int) -> tuple[float, ...]:
    """Return the spacing with nothing after the last gate."""
    return (*[1 / gates] * gates, 0.0)


def _read_spacing(given: Sequence[float] | None, standard: tuple[float, ...]) -> tuple[float, ...]:
    """Read a spacing.

    Raises:
        TranspilerError: It has another number of shares than the standard, a share is negative, or the sum is not 1.
    """
    if given is None:
        return standard
    if len(given) != len(standard) or min(given) < 0 or not math.isclose(sum(given), 1, abs_tol=NEAR):
        raise TranspilerError(
            f"The spacing {list(given)} does not fit {len(standard) - 1} gates: it must be {len(standard)} shares of "
            "the time between them, none of them negative, that sum to 1."
        )
    return tuple(given)


def _read_phase(gates: Sequence[Gate]) -> float:
    """Return the phase by which gates differ from the identity; for a single gate, which is never put in, 0.

    Raises:
        TranspilerError: They are no identity, or an odd number.
    """
    if len(gates) == 1:
        return 0.0
    names = ", ".join(gate.name for gate in gates)
    if len(gates) % 2:
        raise TranspilerError(
            f"The sequence {names} has {len(gates)} gates. It must have an even number of them, or 1."
        )
    product = np.eye(2)
    for gate in gates:
        product = gate.to_matrix() @ product
    if not np.allclose(product, product[0, 0] * np.eye(2), atol=NEAR):
        raise TranspilerError(f"The sequence {names} is no identity, so it would change the circuit.")
    return float(np.angle(product[0, 0]))
