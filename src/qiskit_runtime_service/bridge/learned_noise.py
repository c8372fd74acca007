"""What noise learners of boxes and calibrators answer with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import PauliLindbladMap, QubitSparsePauliList

from .._public import public
from .._shown import write_out

T = TypeVar("T")

INJECT_NOISE = "samplomatic.inject_noise"
"""The namespace of the annotation that says by which reference a box asks for its noise."""


@public("results")
class NoiseLearnerV3Result:
    """The noise of one box: exp(∑ rⱼ ∑ₖ Dⱼₖ), where Dⱼₖ(ρ) = Pⱼₖ ρ Pⱼₖ − ρ for each Pauli operator of generator j.

    Args:
        generators: For each rate, the Pauli operators that share it. Qubit 0 is the lowest of the box on the device.
        rates: The rates rⱼ, one for each generator.
        rates_std: Their standard errors; 0 where they are not known.
        metadata: What is told of the learning.

    Raises:
        ValueError: There are more of one than of the other, generators of different widths, or no numbers.

    Source: behaviour B403.
    """

    def __init__(
        self,
        generators: Iterable[QubitSparsePauliList],
        rates: Iterable[float],
        rates_std: Iterable[float] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self._generators = _list_of("generators", generators, "a list of QubitSparsePauliList, one for each rate")
        self._rates = _numbers("rates", rates)
        given = np.zeros(len(self._rates)) if rates_std is None else _numbers("rates_std", rates_std)
        self._rates_std = given
        self.metadata: dict[str, Any] = dict(metadata or {})
        sizes = [len(self._generators), len(self._rates), len(self._rates_std)]
        if len(set(sizes)) > 1:
            raise ValueError(
                f"generators, rates and rates_std have {', '.join(map(str, sizes))} entries; give as many of each."
            )
        for index, generator in enumerate(self._generators):
            if not isinstance(generator, QubitSparsePauliList):
                raise ValueError(f"generators[{index}] is {write_out(generator)}; it must be a QubitSparsePauliList.")
        widths = {generator.num_qubits for generator in self._generators}
        if len(widths) != 1:
            raise ValueError(f"The generators act on {sorted(widths)} qubits; they must all act on the same number.")
        odd = next((place for place, rate in enumerate(self._rates) if not np.isfinite(rate)), None)
        if odd is not None:
            raise ValueError(f"rates[{odd}] is {self._rates[odd]}; it must be finite.")

    @classmethod
    def from_generators(
        cls,
        generators: Iterable[QubitSparsePauliList],
        rates: Iterable[float],
        rates_std: Iterable[float] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return the noise that these generators make at these rates.

        Raises:
            ValueError: They do not go together.
        """
        return cls(generators, rates, rates_std, metadata)

    @property
    def generators(self) -> list[QubitSparsePauliList]:
        """For each rate, the Pauli operators that share it."""
        return list(self._generators)

    @property
    def rates(self) -> NDArray[np.float64]:
        """The rates, one for each generator."""
        return self._rates

    @property
    def rates_std(self) -> NDArray[np.float64]:
        """Standard errors of the rates, 0 where they are not known."""
        return self._rates_std

    @property
    def num_qubits(self) -> int:
        """How many qubits the noise acts on."""
        return int(self._generators[0].num_qubits)

    def to_pauli_lindblad_map(self) -> PauliLindbladMap:
        """Return the noise as what mitigation and simulation take: each operator with its rate."""
        terms = [
            (paulis, qubits, rate)
            for generator, rate in zip(self._generators, self._rates.tolist(), strict=True)
            for paulis, qubits in generator.to_sparse_list()
        ]
        return PauliLindbladMap.from_sparse_list(terms, self.num_qubits)

    def __len__(self) -> int:
        return len(self._generators)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoiseLearnerV3Result):
            return NotImplemented
        return (
            self._generators == other._generators
            and np.array_equal(self._rates, other._rates)
            and np.array_equal(self._rates_std, other._rates_std, equal_nan=True)
            and self.metadata == other.metadata
        )

    __hash__ = None  # type: ignore[assignment]  # its metadata may change

    def __repr__(self) -> str:
        return f"NoiseLearnerV3Result(<{len(self)}> generators)"


@public("results")
class NoiseLearnerV3Results:
    """The noise of several boxes, in the order in which they were given to the learner.

    Args:
        data: The results of the boxes.
        metadata: What is told of all of them.

    Raises:
        ValueError: `data` is no list of results.

    Source: behaviour B403.
    """

    def __init__(self, data: Iterable[NoiseLearnerV3Result], metadata: Mapping[str, Any] | None = None) -> None:
        wanted = "a list of NoiseLearnerV3Result, one for each box"
        self.data = _list_of("data", data, wanted)
        self.metadata = metadata
        for index, result in enumerate(self.data):
            if not isinstance(result, NoiseLearnerV3Result):
                raise ValueError(f"data[{index}] is {write_out(result)}; data must be {wanted}.")

    def to_pauli_lindblad_maps(self) -> list[PauliLindbladMap]:
        """Return the noise of each box as what mitigation and simulation take."""
        return [result.to_pauli_lindblad_map() for result in self.data]

    def to_dict(
        self, instructions: Iterable[CircuitInstruction], require_refs: bool = True
    ) -> dict[str, PauliLindbladMap]:
        """Return the noise by the references that boxes ask for it with, `InjectNoise.ref`.

        Args:
            instructions: The boxes that were given to the learner, in their order.
            require_refs: Whether each of them must have a reference; otherwise those that have none are left out.

        Raises:
            ValueError: There are more boxes than results or fewer, a box is of another width than its noise, two have
                one reference, or one has none.
        """
        boxes = _list_of("instructions", instructions, "the list of boxes that were learned")
        if len(boxes) != len(self.data):
            raise ValueError(
                f"There are {len(boxes)} instructions for {len(self.data)} results; give those that were learned."
            )
        by_ref: dict[str, PauliLindbladMap] = {}
        for index, (box, noise) in enumerate(zip(boxes, self.to_pauli_lindblad_maps(), strict=True)):
            if not isinstance(box, CircuitInstruction):
                raise ValueError(f"instructions[{index}] is {box!r}; it must be a CircuitInstruction of a box.")
            ref = reference_of(box)
            if ref is None:
                if require_refs:
                    raise ValueError(
                        f"instructions[{index}] has no InjectNoise annotation; give it one, or set require_refs=False."
                    )
                continue
            if ref in by_ref:
                raise ValueError(f"instructions[{index}] has the reference {ref!r} of an instruction before it.")
            if len(box.qubits) != noise.num_qubits:
                raise ValueError(
                    f"instructions[{index}] has {len(box.qubits)} qubits and its noise {noise.num_qubits}; "
                    "give the instructions in the order in which they were learned."
                )
            by_ref[ref] = noise
        return by_ref

    @overload
    def __getitem__(self, index: int) -> NoiseLearnerV3Result: ...

    @overload
    def __getitem__(self, index: slice) -> list[NoiseLearnerV3Result]: ...

    def __getitem__(self, index: int | slice) -> NoiseLearnerV3Result | list[NoiseLearnerV3Result]:
        return self.data[index]

    def __iter__(self) -> Iterator[NoiseLearnerV3Result]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoiseLearnerV3Results):
            return NotImplemented
        return self.data == other.data and self.metadata == other.metadata

    __hash__ = None  # type: ignore[assignment]  # its data may change

    def __repr__(self) -> str:
        return f"NoiseLearnerV3Results(<{len(self)}> data)"


@public("results")
@dataclass(frozen=True)
class CalibratorResult:
    """When a device was calibrated. Both instants have their zone."""

    start: datetime
    stop: datetime


def reference_of(instruction: CircuitInstruction) -> str | None:
    """Return by which reference a box asks for its noise, or `None` if by none."""
    annotations: Sequence[Any] = getattr(instruction.operation, "annotations", ())
    return next((str(note.ref) for note in annotations if note.namespace == INJECT_NOISE), None)


def _list_of(name: str, values: Iterable[T], wanted: str) -> list[T]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ValueError(f"{name} is {write_out(values)}; it must be {wanted}.")
    return list(values)


def _numbers(name: str, values: Iterable[float]) -> NDArray[np.float64]:
    try:
        return np.array(list(values), dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {write_out(values)}; it must be numbers, one for each generator.") from None
