"""Delays as a device counts them: in whole ticks."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any, Generic, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay, Parameter, ParameterExpression
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from returns.result import Failure, Result, Success

from ..records.problem import NotExecutable, Problem
from .bindings import Bindings
from .circuits import Pub
from .inner_circuits import inner_circuits, is_ordinary
from .ledger import RefusedError
from .qpy_delays import change_delays, is_more_than_ticks, parts_of

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}
"""Of each unit."""
_MOST_TICKS = 2**63 - 1
"""What an integer of QPY holds."""
_SLACK = 1e-9
"""How far from a whole number of ticks, of all of them, a duration is that was meant as one."""
_FINEST_SHARE = 1_000
"""Of a tick, as a fraction, that a unit of time is made of: one of 2/9 ns has 9/2 in a ns."""
FINEST = 1e-12
"""The tick, in seconds, of a simulator that has none: delays by parameters need one, and have no effect there."""
_BIND = "Bind its parameters before: circuit.assign_parameters(values), one PUB for each duration"
_COUNT = "Write its duration in whole dt, or take the delay out of the loop"
_DECOMPOSE = "Decompose the instruction: circuit.decompose()"
_WHOLE = "Give it a duration of 0 or more, in whole dt or in seconds"


class Counted(NamedTuple, Generic[Pub]):
    """Pubs whose delays are counted in ticks."""

    pubs: tuple[Pub, ...]
    rounded: tuple[str, ...]
    """A sentence for each delay that now lasts longer or shorter."""


def count_delays(pubs: Sequence[Pub], dt: float | None, *, idle: bool = False) -> Result[Counted[Pub], Problem]:
    """Return the pubs with all delays counted in ticks of the device, as the transpiler counts them.

    A delay that follows parameters gets a parameter of its own, `delay_0_in_dt`, with a value for each binding.

    Args:
        pubs: To be run.
        dt: The tick of the device in seconds. Without one, delays in seconds stay as they are.
        idle: Whether delays have no effect, so that those which follow parameters can be counted in any tick.

    Fails with:
        NotExecutable: A delay cannot be counted, with the pub, the delay and the fix.

    Source: behaviour B260, B261.
    """
    counted, rounded = [], []
    try:
        for index, pub in enumerate(pubs):
            if is_ordinary(pub.circuit) and "delay" not in pub.circuit.count_ops():
                counted.append(pub)
                continue
            counter = _Counter(index, pub, dt, idle=idle)
            circuit = change_delays(pub.circuit, is_more_than_ticks, counter.count)
            counted.append(pub if circuit is pub.circuit else counter.rebind(circuit))
            rounded.extend(counter.rounded)
    except RefusedError as refusal:
        return Failure(refusal.problem)
    return Success(Counted(tuple(counted), tuple(rounded)))


class _Counter(Generic[Pub]):
    """Counts the delays of one pub."""

    def __init__(self, index: int, pub: Pub, dt: float | None, *, idle: bool) -> None:
        self.index, self.pub, self.dt = index, pub, dt
        self.tick = FINEST if dt is None and idle else dt
        """Of what follows parameters."""
        self.rounded: list[str] = []
        self._made: dict[tuple[ParameterExpression, str], Parameter] = {}
        self._columns: dict[Parameter, NDArray[np.float64]] = {}
        self._places: dict[Parameter, str] = {}

    @cached_property
    def bindings(self) -> Bindings:
        """The values of the pub. Few have delays that follow them."""
        return Bindings(self.pub)

    def count(self, delay: CircuitInstruction, qubits: Sequence[int]) -> Delay:
        """Return the delay in ticks, where they can be known."""
        duration, unit = parts_of(delay)
        where = f"the delay on qubit {qubits[0]}"
        if isinstance(duration, ParameterExpression):
            return self._count_expression(duration, unit, where)
        if unit == "dt" or unit not in SECONDS or self.dt is None:
            return Delay(duration, unit)
        (ticks,) = self._ticks(np.array([duration]), unit, self.dt, where)
        return Delay(int(ticks))

    def _count_expression(self, duration: ParameterExpression, unit: str, where: str) -> Delay:
        if not duration.parameters <= self.bindings.column.keys():
            return self._count_in_loop(duration, unit, where)
        values = self.bindings.values_of(duration)
        if unit == "dt":
            whole = np.rint(values)
            wrong = values[~((values >= 0) & (np.abs(values - whole) <= _SLACK))]
            if wrong.size:
                self._refuse(f"{where} lasts {duration} dt, which is {wrong[0]:g} for one of the bindings", _WHOLE)
            # The transpiler makes 249.99999999999997*t of t us, which no device takes as a whole number.
            return Delay(duration if (values == whole).all() else self._own(duration, unit, values, where), "dt")
        if self.tick is None:
            self._refuse(f"{where} lasts {duration} {unit}, and the device has no dt to count it in", _BIND)
        wrong = values[~(values >= 0)]
        if wrong.size:
            self._refuse(f"{where} lasts {duration} {unit}, which is {wrong[0]:g} for one of the bindings", _WHOLE)
        return Delay(self._own(duration, unit, values, where), "dt")

    def _own(self, duration: ParameterExpression, unit: str, values: NDArray[np.float64], where: str) -> Parameter:
        """Return the parameter that stands for a delay, with a number of ticks for each binding."""
        if (duration, unit) not in self._made:
            taken = {parameter.name for parameter in (*self.bindings.column, *self._columns)}
            names = (f"delay_{number}_in_dt" for number in range(len(taken) + 1))
            made = Parameter(next(name for name in names if name not in taken))
            self._made[duration, unit] = made
            tick = None if unit == "dt" else self.tick
            self._columns[made] = np.rint(values) if tick is None else self._ticks(values, unit, tick, where)
            self._places[made] = where
        return self._made[duration, unit]

    def _count_in_loop(self, duration: ParameterExpression, unit: str, where: str) -> Delay:
        """Return a delay that follows the variable of a loop, which is a whole number."""
        if unit == "dt":
            return Delay(duration, unit)
        ticks = 0.0 if self.tick is None else SECONDS[unit] / self.tick
        ratio = Fraction(ticks).limit_denominator(_FINEST_SHARE)
        near = ratio > 0 and abs(ratio - ticks) <= _SLACK * ticks
        if not (near and isinstance(duration, Parameter) and self._is_whole(duration, ratio)):
            self._refuse(f"{where} lasts {duration} {unit}, which only the loop around it knows", _COUNT)
        return Delay(_scaled(duration, ratio), "dt")

    def _is_whole(self, variable: Parameter, ratio: Fraction) -> bool:
        """Tell whether a multiple of the variable of a loop is a whole number in all turns."""
        if ratio.denominator == 1:
            return True
        turns = [*chain.from_iterable(_turns(self.pub.circuit, variable))]
        scaled = _scaled(variable, ratio)
        return bool(turns) and all(float(scaled.bind({variable: turn})).is_integer() for turn in turns)

    def _ticks(self, durations: NDArray[np.float64], unit: str, tick: float, where: str) -> NDArray[np.float64]:
        """Return how many ticks each of the durations has, and keep in mind which is rounded most."""
        exact = durations * (SECONDS[unit] / tick)
        ticks: NDArray[np.float64] = np.rint(exact)
        if ticks.size and ticks.max() > _MOST_TICKS:
            self._refuse(f"{where} lasts {durations.max():g} {unit}, which is more dt than can be sent", _WHOLE)
        off = np.abs(exact - ticks) / np.maximum(exact, 1.0)
        if self.dt is not None and off.size and off.max() > _SLACK:
            worst = int(off.argmax())
            was, now = durations[worst], ticks[worst] * tick / SECONDS[unit]
            words = f"{where} lasts {now:.9g} {unit} ({ticks[worst]:g} dt) instead of {was:.9g} {unit}"
            self.rounded.append(f"PUB {self.index}: {words}")
        return ticks

    def _refuse(self, reason: str, fix: str) -> NoReturn:
        raise RefusedError(NotExecutable(pub=self.index, reason=reason, fix=fix))

    def rebind(self, circuit: QuantumCircuit) -> Pub:
        """Return the pub with another circuit, and the values for its parameters."""
        values = self.pub.parameter_values
        if hidden := self._columns.keys() - circuit.parameters:
            where = self._places[min(hidden, key=str)]
            self._refuse(f"{where} follows parameters inside the definition of an instruction", _DECOMPOSE)
        if self._columns:
            names = tuple(parameter.name for parameter in circuit.parameters)
            table = np.stack([self._column(parameter) for parameter in circuit.parameters], axis=-1)
            values = BindingsArray({names: table.reshape(*values.shape, len(names))}, shape=values.shape)
        pub: Any = self.pub
        if isinstance(pub, SamplerPub):
            return SamplerPub(circuit, values, pub.shots)
        return EstimatorPub(circuit, pub.observables, values, pub.precision)

    def _column(self, parameter: Parameter) -> NDArray[np.float64]:
        """Return the values of a parameter, one per binding."""
        made = self._columns.get(parameter)
        return self.bindings.rows[:, self.bindings.column[parameter]] if made is None else made


def _scaled(duration: ParameterExpression, ratio: Fraction) -> ParameterExpression:
    # The product first: in floats it is exact, and so is what is whole of it.
    whole = ratio.numerator * duration
    return whole if ratio.denominator == 1 else whole / ratio.denominator


def _turns(circuit: QuantumCircuit, variable: Parameter) -> Iterator[Iterable[int]]:
    """Yield the values that a variable takes in the loops that have it, inner ones too."""
    for step, inner in inner_circuits(circuit):
        if step.name == "for_loop" and step.operation.params[1] == variable:
            yield step.operation.params[0]
        yield from _turns(inner, variable)
