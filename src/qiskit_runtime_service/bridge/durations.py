"""How long circuits take on a device, and what of PUBs decides how often they run."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay, ParameterExpression
from qiskit.circuit.classical import expr
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.transpiler import Target

from ..records.estimate import DeviceTimes, PubFacts
from .bindings import Bindings
from .delay_ticks import SECONDS
from .ledger import RefusedError
from .measurement_bases import count_configurations
from .observables import flat_observables
from .qpy_delays import change_delays, parts_of


class Length(NamedTuple):
    """How long a circuit takes."""

    seconds: float | None
    """Along its longest path; `None` where nobody knows."""
    unknown: str = ""
    """Why nobody knows: the end of a sentence."""


def times_of(
    target: Target, backend: str, rep_delay: float | None, *, calibrated: str | None = None, free: str = ""
) -> DeviceTimes:
    """Return what a device adds to each execution.

    Args:
        target: What the device can run, and how long that takes.
        backend: Its name.
        rep_delay: The seconds that it leaves between two executions by itself; `None` where it does not tell.
        calibrated: When that was measured, as the service writes it.
        free: Why nothing is charged there, if nothing is.

    Source: behaviour B511.
    """
    return DeviceTimes(
        backend=backend,
        rep_delay=rep_delay,
        reset=_shortest(target, "reset"),
        measure=_shortest(target, "measure"),
        calibrated=calibrated,
        free=free,
    )


def _shortest(target: Target, name: str) -> float | None:
    """Return the shortest of an instruction, so that what is counted by it can only be more."""
    places = target[name].values() if name in target.operation_names else ()
    told = (place.duration for place in places if place is not None and place.duration is not None)
    return min(told, default=None)


def length_of(pub: SamplerPub | EstimatorPub, target: Target) -> Length:
    """Return how long the circuit of a PUB takes, on average over its sets of values.

    Where delays follow parameters, each is counted with the mean of what it lasts: the longest path is longer on
    average than with those, or as long if it is the same one for all values.

    Source: behaviour B516.
    """
    circuit = pub.circuit
    if circuit.has_control_flow_op():
        flow = next(step.name for step in circuit.data if step.is_control_flow())
        return Length(None, f"it has {flow!r}, whose time is not told")
    counter = _Averages(pub, target)
    try:
        return Length(float(change_delays(circuit, _is_odd, counter.average).estimate_duration(target)))
    except _UNKNOWN as reason:
        return Length(None, _words_of(reason))


_UNKNOWN = (RefusedError, QiskitError, TypeError, ValueError)
"""What there is no duration for: Qiskit raises an error of its own, of a delay that is no number what Python does."""


def _words_of(reason: Exception) -> str:
    words = str(getattr(reason, "message", reason)).rstrip(".")
    return f"{words[:1].lower()}{words[1:]}"


def _is_odd(delay: CircuitInstruction) -> bool:
    """Tell whether Qiskit cannot add up a delay as it is."""
    return not isinstance(delay.params[0], int | float) or delay.operation.unit not in ("dt", "s")


class _Averages:
    """Delays of a PUB as numbers."""

    def __init__(self, pub: SamplerPub | EstimatorPub, target: Target) -> None:
        self.pub, self.dt = pub, target.dt
        self._bindings: Bindings | None = None

    def average(self, delay: CircuitInstruction, _: Sequence[int]) -> Delay:
        """Return a delay of a number of seconds, the mean over the sets of values.

        Raises:
            ValueError: Only the device knows how long it lasts.
        """
        duration, unit = parts_of(delay)
        if isinstance(duration, expr.Expr):
            raise ValueError("it has a delay that the device resolves")
        if isinstance(duration, ParameterExpression):
            if self._bindings is None:
                self._bindings = Bindings(self.pub)
            values = self._bindings.values_of(duration)
            duration = float(np.mean(values)) if values.size else 0.0
        tick = self.dt if unit == "dt" else SECONDS.get(unit)
        if tick is None:
            raise ValueError(f"it has a delay in {unit}, and nobody tells how long one is")
        if not math.isfinite(duration):
            raise ValueError("it has a delay whose length nobody tells")
        return Delay(duration * tick, "s")


def sampler_facts(pubs: Sequence[SamplerPub], target: Target) -> tuple[PubFacts, ...]:
    """Return what of PUBs of a sampler decides what they take.

    Source: behaviour B514, B516.
    """
    return tuple(
        _facts(index, math.prod(pub.shape), length_of(pub, target), shots=pub.shots) for index, pub in enumerate(pubs)
    )


def estimator_facts(pubs: Sequence[EstimatorPub], target: Target) -> tuple[PubFacts, ...]:
    """Return what of PUBs of an estimator decides what they take.

    The qubits of observables are measured after the circuit. What it takes to turn to another basis is not counted.

    Source: behaviour B514, B516.
    """
    return tuple(
        _facts(
            index,
            count_configurations(pub),
            length_of(_measured(pub), target),
            precision=pub.precision,
        )
        for index, pub in enumerate(pubs)
    )


def _facts(
    index: int, configurations: int, length: Length, *, shots: int | None = None, precision: float | None = None
) -> PubFacts:
    what = f"PUB {index}"
    return PubFacts(
        what=what,
        configurations=configurations,
        shots=shots,
        precision=precision,
        length=length.seconds,
        unknown=count_alone(what, length),
    )


def count_alone(what: str, length: Length) -> tuple[str, ...]:
    """Return that the length of a circuit is not known, and what is counted in its place, if so."""
    if length.seconds is not None:
        return ()
    return (f"The length of the circuit of {what} is not known: {length.unknown}. Delays alone are counted.",)


def _measured(pub: EstimatorPub) -> EstimatorPub:
    """Return a PUB whose circuit ends with the measurements that its observables need."""
    found = {int(qubit) for observable in flat_observables(pub) for qubit in observable.indices}
    circuit: QuantumCircuit = pub.circuit.copy()
    bits = ClassicalRegister(len(found))
    circuit.add_register(bits)
    circuit.measure(sorted(found), bits)
    return EstimatorPub(circuit, pub.observables, pub.parameter_values, pub.precision)
