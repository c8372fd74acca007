"""Circuits of every kind that can be written, as Hypothesis draws them."""

from datetime import UTC
from typing import Any

import numpy as np
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import AncillaRegister, Clbit, Duration, Gate, Parameter, ParameterVector, Qubit
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import RXGate, UnitaryGate, XGate
from qiskit.quantum_info import Operator, Pauli, PauliList, SparsePauliOp

UNITS = ("s", "ms", "us", "ns", "ps")
ANGLES = ParameterVector("v", 2)
TURN, TICKS = Parameter("turn"), Parameter("ticks")
NUMBERS = st.floats(-7, 7) | st.integers(-7, 7)
TURNS = NUMBERS | st.sampled_from([TURN, 2 * TURN - ANGLES[1], ANGLES[0].sin() / 3, TURN**2 + 1, ANGLES[1].exp()])
NAMES = st.text(st.characters(codec="utf-8"), max_size=5)


INSIDE = QuantumCircuit(1, metadata={"of": {"a circuit": [1j]}})
INSIDE.delay(1.5, 0, "us")
TYPED = (
    st.complex_numbers(allow_nan=False)
    | st.datetimes(timezones=st.none() | st.just(UTC)).map(lambda instant: instant.replace(fold=0))
    | st.sets(st.integers() | st.text())
    | st.sampled_from(
        [
            np.arange(6).reshape(2, 3),
            np.array([1j, 2.5]),
            np.array(["a", "bc"]),
            Pauli("-iXY"),
            PauliList(["XI", "ZZ"]),
            SparsePauliOp(["XX", "YZ"], [1, 2j]),
            Operator(XGate()),
            INSIDE,
        ]
    )
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
METADATA = st.dictionaries(
    NAMES.filter(lambda name: name != "__type__"),
    st.recursive(
        PLAIN | TYPED,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(NAMES.filter(lambda name: not name.startswith("__")), inner, max_size=3)
        ),
        max_leaves=5,
    ),
    max_size=3,
)


@st.composite
def wires(draw: st.DrawFn) -> QuantumCircuit:
    """Return a circuit of at least two qubits and bits: loose, in registers, and in several of them."""
    qubits, clbits = [Qubit() for _ in range(2)], [Clbit() for _ in range(2)]
    shapes = {
        "loose": [qubits, clbits],
        "registers": [QuantumRegister(2, "q"), ClassicalRegister(2, "c"), ClassicalRegister(3, "more")],
        "ancillas": [QuantumRegister(1, "q"), AncillaRegister(2, "help"), ClassicalRegister(2, "c")],
        "shared": [
            *(qubits, clbits),
            *(QuantumRegister(name="a", bits=qubits), QuantumRegister(name="b", bits=qubits[::-1])),
            *(ClassicalRegister(name="low", bits=clbits[:1]), ClassicalRegister(name="all", bits=clbits[::-1])),
        ],
        "mixed": [qubits, QuantumRegister(1, "q"), clbits, ClassicalRegister(1, "c")],
    }
    circuit = QuantumCircuit(*shapes[draw(st.sampled_from(sorted(shapes)))])
    circuit.name = draw(NAMES)
    circuit.global_phase = draw(TURNS)
    circuit.metadata = draw(st.just({}) | METADATA)
    return circuit


class Names:
    """What classical expressions can be made of, where they are made."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        self.circuit = circuit
        self.flags: list[Any] = [expr.lift(True), *(expr.lift(bit) for bit in circuit.clbits[:2])]
        self.counts: list[Any] = [expr.lift(3, types.Uint(8))]
        self.stretches: list[Any] = []
        self.declared = 0

    def within(self) -> "Names":
        inner = Names(self.circuit)
        inner.flags, inner.counts, inner.stretches = [*self.flags], [*self.counts], [*self.stretches]
        inner.declared = self.declared + 100
        return inner


@st.composite
def flags(draw: st.DrawFn, names: Names, *, stored: bool = False) -> Any:
    """Return an expression that is true or false. Qiskit tells stored ones of bits in no register apart by identity."""
    owned = ClassicalRegister(2, "c") in names.circuit.cregs
    known = [
        flag for flag in names.flags if owned or not (stored and getattr(flag, "var", None) in names.circuit.clbits)
    ]
    one, other = draw(st.sampled_from(known)), draw(st.sampled_from(known))
    count, limit = draw(st.sampled_from(names.counts)), expr.lift(draw(st.integers(0, 255)), types.Uint(8))
    return draw(
        st.sampled_from(
            [
                one,
                expr.logic_not(one),
                expr.logic_and(one, other),
                expr.less(count, limit),
                expr.equal(expr.shift_left(count, expr.lift(1, types.Uint(8))), limit),
                expr.index(count, expr.lift(2, types.Uint(8))),
                expr.cast(count, types.Bool()),
            ]
        )
    )


@st.composite
def durations(draw: st.DrawFn, names: Names) -> tuple[Any, str | None]:
    """Return a duration and its unit: of each kind that keeps both."""
    kinds: list[Any] = [
        st.tuples(st.integers(0, 2**40), st.just("dt")),
        st.tuples(st.floats(0, 1e6), st.sampled_from(UNITS)),
        st.sampled_from([(TICKS, "dt"), (2 * TICKS + 3, "dt")]),
    ]
    if names.stretches:
        stretch = draw(st.sampled_from(names.stretches))
        kinds.append(
            st.sampled_from(
                [
                    (stretch, None),
                    (expr.div(stretch, 2), None),
                    (expr.add(stretch, Duration.us(1.5)), None),
                    (expr.sub(expr.mul(2, stretch), Duration.dt(7)), None),
                ]
            )
        )
    return draw(st.one_of(kinds))


def add_steps(draw: st.DrawFn, circuit: QuantumCircuit, names: Names, depth: int, *, in_loop: bool = False) -> None:
    """Add a few instructions of every kind, those with blocks down to a depth."""
    qubits, bits = circuit.qubits[:2], names.circuit.clbits[:2]
    simple = ["rotate", "pair", "own_gate", "unitary", "barrier", "measure", "reset", "delay", "label"]
    simple += ["variable", "store", "stretch"]
    nested = ["if", "while", "for", "switch", "box"] if depth else []
    for kind in draw(st.lists(st.sampled_from([*simple, *nested, *nested]), min_size=1, max_size=5)):
        match kind:
            case "rotate":
                circuit.rx(draw(TURNS), qubits[0])
            case "pair":
                circuit.cp(draw(TURNS), *qubits)
            case "own_gate":
                circuit.append(own_gate(draw(st.sampled_from([0.5, TURN])), draw(NAMES)), qubits)
            case "unitary":
                circuit.append(UnitaryGate(np.array([[0, 1j], [1, 0]]), label="u"), [qubits[1]])
            case "barrier":
                circuit.barrier(*qubits)
            case "measure":
                circuit.measure(draw(st.sampled_from(qubits)), draw(st.sampled_from(bits)))
            case "reset":
                circuit.reset(qubits[0])
            case "delay":
                circuit.delay(*reversed_unit(draw(durations(names)), qubits[1]))
            case "variable":
                name = f"n{names.declared}"
                names.declared += 1
                if draw(st.booleans()):
                    names.flags.append(circuit.add_var(name, draw(flags(names, stored=True))))
                else:
                    names.counts.append(circuit.add_var(name, draw(st.sampled_from(names.counts))))
            case "store":
                targets = [flag for flag in names.flags if isinstance(flag, expr.Var) and flag.standalone]
                if targets:
                    circuit.store(draw(st.sampled_from(targets)), draw(flags(names, stored=True)))
            case "stretch":
                names.stretches.append(circuit.add_stretch(f"s{names.declared}"))
                names.declared += 1
            case "label":
                circuit.append(draw(st.sampled_from([XGate(label="é"), RXGate(TURN, label="turn")])), [qubits[0]])
            case "if":
                condition: Any = draw(st.sampled_from([(bits[0], 1), None])) or draw(flags(names))
                with circuit.if_test(condition) as otherwise:
                    add_steps(draw, circuit, names.within(), depth - 1, in_loop=in_loop)
                if draw(st.booleans()):
                    with otherwise:
                        add_steps(draw, circuit, names.within(), depth - 1, in_loop=in_loop)
            case "while":
                with circuit.while_loop(draw(flags(names))):
                    add_steps(draw, circuit, names.within(), depth - 1, in_loop=True)
            case "for":
                rounds: Any = draw(st.sampled_from([range(3), range(8, 0, -2), [1, 5, 2]]))
                with circuit.for_loop(rounds, draw(st.sampled_from([None, Parameter("round")]))) as number:
                    if number is not None:
                        circuit.rx(number * 0.5, qubits[0])
                        circuit.delay(number, qubits[0], "dt")
                    add_steps(draw, circuit, names.within(), depth - 1, in_loop=True)
            case "switch":
                with circuit.switch(draw(st.sampled_from([bits[1], *names.counts]))) as case:
                    with case(0, 1):
                        add_steps(draw, circuit, names.within(), depth - 1, in_loop=in_loop)
                    with case(case.DEFAULT):
                        circuit.x(qubits[0])
            case _:
                duration, unit = draw(durations(names).filter(lambda given: given[0] is None or given[1] != "dt"))
                with circuit.box(duration=duration, unit=unit, label=draw(st.none() | NAMES)):
                    add_steps(draw, circuit, names.within(), depth - 1, in_loop=False)
    if in_loop and draw(st.booleans()):
        draw(st.sampled_from([circuit.break_loop, circuit.continue_loop]))()


def reversed_unit(given: tuple[Any, str | None], qubit: Qubit) -> tuple[Any, Qubit, str | None]:
    return given[0], qubit, given[1]


def own_gate(angle: Any, name: str) -> Gate:
    """Return a gate that Qiskit does not have, made of one that it has and one that nobody defines."""
    inner = QuantumCircuit(2, name=name or "own", global_phase=0.25)
    inner.rx(angle, 0)
    inner.append(Gate("opaque", 2, [0.5]), [1, 0])
    return inner.to_gate(label=name or None)


@st.composite
def circuits(draw: st.DrawFn) -> QuantumCircuit:
    circuit = draw(wires())
    add_steps(draw, circuit, Names(circuit), depth=2)
    return circuit
