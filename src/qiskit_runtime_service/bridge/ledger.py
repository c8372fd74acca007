"""The costs of decoding one value whose sender is not trusted: everything is paid for before it is built."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

import msgspec

from .._public import public
from ..records.problem import Problem, TooLarge, TooSlow, UnreadableValue

TimeLeft: TypeAlias = Callable[[], float]
"""Tells the seconds that are left. Nothing here reads a clock by itself."""

STEPS_PER_SECOND = 1_000_000
"""How fast a machine goes, about."""
_LOOK_EVERY = 2_000
"""After how many steps the time is looked at."""


@public()
class DecodeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one value may ask of this process, with all that is inside of it. Each can be raised.

    The defaults hold a result of six million shots of 156 bits, and keep what anyone else
    may send below 512 MiB.

    Source: behaviour B316, B317.
    """

    input_bytes: int = 192 << 20
    """JSON text."""
    output_bytes: int = 128 << 20
    """All that is decompressed, in total."""
    circuit_bytes: int = 32 << 20
    """One circuit, decompressed."""
    depth: int = 100
    """Nested lists and objects."""
    items: int = 1_000_000
    """Values in lists and objects, counted by their separators before anything is parsed."""
    qubits: int = 100_000
    """Qubits, and classical bits, of one circuit."""
    memory: int = 480 << 20
    """Bytes that everything together takes: the text, its values, arrays, circuits with their bits and instructions."""
    steps: int = 10_000_000
    """How much is walked through, counted in values of JSON; a second is about a million."""


class Price(NamedTuple):
    """What one of something costs at most."""

    memory: int
    """Bytes, once it is built."""
    steps: float = 1.0
    """Time, in that of one value of JSON."""


VALUE = Price(200)
"""A value of JSON, or the plain object that a few of them become."""
OBJECT = Price(0, 5.0)
"""What a tag adds to its values."""
LABEL = Price(400, 3.0)
"""A label of a list of Paulis."""
OBSERVABLE = Price(600, 20.0)
MEMBER = Price(100, 0.1)
"""A member of a set, and each comparison with another of the same hash."""

CIRCUIT = Price(4000, 40.0)
BIT = Price(300, 2.0)
REGISTER = Price(2000, 3.0)
"""A register, a variable, a namespace."""
PLACE = Price(100, 0.2)
"""A bit in a register."""
DEFINITION = Price(2000, 20.0)
"""An instruction of a circuit's own, apart from the circuit that it is defined by."""
INSTRUCTION = Price(100, 3.0)
USE = Price(2500, 10.0)
"""An instruction that is not one of Qiskit's gates: an object of its own."""
PARAMETER = Price(180, 3.0)
SYMBOL = Price(1000, 5.0)
"""A parameter that has a name, a matrix, an expression: what is more than a number."""
VISIT = Price(0, 1.0)
"""An instruction on the way through all circuits inside of circuits, each as often as it is used."""

READING_QPY = 12
"""Bytes that Qiskit's reader takes for each byte of a circuit while it reads."""


class RefusedError(Exception):
    """Unwind to the edge of the room, where `problem` becomes the failure."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def refuse(tag: str, reason: str) -> RefusedError:
    """Return the exception that says why a value of type `tag` cannot be read."""
    return RefusedError(UnreadableValue(tag=tag, reason=reason))


def too_large(what: str, size: int, limit: int, setting: str) -> RefusedError:
    """Return the exception that says which limit is reached; `setting` is its name in `DecodeLimits`."""
    return RefusedError(TooLarge(what=what, size=size, limit=limit, setting=setting))


class Ledger:
    """What decoding one value has cost so far. What cannot be paid is refused.

    Args:
        limits: How much the value may cost.
        time_left: Tells the seconds until it must be there; without it, time does not matter.

    Source: behaviour B316, B317, B319.
    """

    def __init__(self, limits: DecodeLimits, time_left: TimeLeft | None = None) -> None:
        self.limits = limits
        self._time_left = time_left
        self._output = 0
        self._memory = 0
        self._steps = 0.0
        self._looked_at = 0.0

    @property
    def output_left(self) -> int:
        """Bytes that may still be decompressed."""
        return self.limits.output_bytes - self._output

    def pay(self, what: str, price: Price, count: int = 1) -> None:
        """Pay for `count` things before any of them is built."""
        self.keep(what, price.memory * count)
        self.walk(what, price.steps * count)

    def keep(self, what: str, size: int) -> None:
        """Pay for `size` bytes that stay."""
        self.hold(what, size)
        self._memory += size

    def hold(self, what: str, size: int) -> None:
        """Refuse `size` bytes for which there is no room. They are given back at once, so they are not counted."""
        if self._memory + size > self.limits.memory:
            raise too_large(f"the memory for all up to {what}", self._memory + size, self.limits.memory, "memory")

    @contextmanager
    def lent(self, what: str, size: int) -> Iterator[None]:
        """Pay for `size` bytes for as long as the context lasts."""
        self.keep(what, size)
        try:
            yield
        finally:
            self._memory -= size

    def walk(self, what: str, steps: float) -> None:
        """Pay for so many steps. What takes longer than there is time left is not begun."""
        self._steps += steps
        if self._steps > self.limits.steps:
            raise too_large(f"the work for all up to {what}", int(self._steps), self.limits.steps, "steps")
        if self._time_left is not None and self._steps - self._looked_at >= _LOOK_EVERY:
            self._looked_at = self._steps
            self.begin(what, steps)

    def begin(self, what: str, steps: float) -> None:
        """Refuse work on what was read for which there is not time enough. It is bounded by the time alone."""
        if self._time_left is not None and self._time_left() <= steps / STEPS_PER_SECOND:
            raise RefusedError(TooSlow(what=what))

    def unpack(self, what: str, size: int) -> None:
        """Pay for `size` bytes that come out of a compressed text or are written out of a short form."""
        if size > self.output_left:
            raise too_large(what, self._output + size, self.limits.output_bytes, "output_bytes")
        self._output += size
