"""What a quantum program answers with, as users hold it: arrays by name for each item, and when they were taken."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, TypeAlias

from numpy.typing import NDArray
from samplomatic.quantum_program import ChunkPart as Part
from samplomatic.quantum_program import ChunkSpan, ChunkTiming
from samplomatic.quantum_program import QuantumProgramItemResult as Arrays
from samplomatic.quantum_program import QuantumProgramResult as Results

from .._public import public

Begin: TypeAlias = Callable[[str, float], None]
"""Is told what is worked out next of a result, and in how many steps; refuses it where there is no time for it."""


@public("results")
@dataclass
class SchedulerTiming:
    """When each instruction of a circuit is played. All times are in `dt` of the device."""

    timing: str
    """A line for each instruction: branch, instruction, channel, start, duration, pulse."""
    circuit_duration: int


@public("results")
@dataclass
class StretchValues:
    """What a stretch of a circuit became. All times are in `dt` of the device."""

    name: str
    value: int
    remainder: int
    """What is left over if each use of the stretch were `value` long."""
    expanded_values: list[tuple[int, int]]
    """Start and duration of each delay that the stretch became."""


@public("results")
@dataclass
class ItemMetadata:
    """What is told of an item beside its arrays, where the options ask for it."""

    scheduler_timing: SchedulerTiming | None = None
    stretch_values: list[StretchValues] | None = None


@public("quantum_program")
@dataclass
class ChunkPart(Part):
    """Which elements of an item were run in a chunk."""

    permutation: list[int] | None = None
    """In which order the axes of the item stand before its elements are counted: the new axis i is this one of the old.
    `None` where the schema does not say."""
    element_range: tuple[int, int, int] | None = None
    """Start, stop and step among the elements so counted. `None` where the schema does not say."""


@public("results")
@dataclass
class Metadata:
    """What is told of a whole program."""

    chunk_timing: list[ChunkSpan] = field(default_factory=list)
    """When which elements of which items were run."""


def compilation_of(metadata: object) -> dict[str, Any]:
    """Return what is told of the compilation of an item, if anything is, as the metadata of a PUB have it: plain data.

    Source: behaviour B377.
    """
    if not isinstance(metadata, ItemMetadata):
        return {}
    return {name: value for name, value in asdict(metadata).items() if value}


_PREPARED_BY = {"sampler_v2": "a sampler", "estimator_v2": "an estimator", "noise_learner_v3": "a noise learner"}
"""Who prepared a program, by the role that it has."""


def not_of(who: str, result: "QuantumProgramResult", missing: str) -> ValueError:
    """Return what to raise of a result that is not of whom it is read for: whose it is, and what reads it.

    Source: behaviour B408.
    """
    other = _PREPARED_BY.get(result.semantic_role or "")
    if other is None or other == who:
        return ValueError(f"The result has no data of {who}: {missing}.")
    reader = "executor_estimator.post_process(result)" if other == "an estimator" else "job.result()"
    return ValueError(f"The result is of {other}, not of {who}. {reader} reads it, or ProgramDecoder().decode(text).")


def join_chunks(parts: Sequence[Metadata]) -> Metadata:
    """Return what is told of programs that were parts of one, with their items counted through."""
    joined: list[ChunkSpan] = []
    before = 0
    for part in parts:
        joined += [
            replace(span, parts=[replace(chunk, idx_item=chunk.idx_item + before) for chunk in span.parts])
            for span in part.chunk_timing
        ]
        # Each item is run in some chunk.
        before += 1 + max((chunk.idx_item for span in part.chunk_timing for chunk in span.parts), default=-1)
    return Metadata(joined)


@public("results")
class QuantumProgramItemResult(Arrays):
    """Arrays of one item, by name: a name for each classical register, and what the samplex tells besides.

    The array of a register has the shape (*item shape, shots, bits), bit 0 first. Those of a samplex are
    `measurement_flips.<register>`, (*item shape, 1, bits), not yet applied, and `pauli_signs`.
    """

    def __init__(self, result: dict[str, NDArray[Any]], metadata: Any = None) -> None:
        super().__init__(result)
        self.metadata = ItemMetadata() if metadata is None else metadata


@public("results")
class QuantumProgramResult(Results):
    """Results of the items of a quantum program, in their order."""

    def __init__(
        self,
        data: Sequence[QuantumProgramItemResult | dict[str, NDArray[Any]]],
        metadata: Metadata | None = None,
        passthrough_data: Any = None,
    ) -> None:
        made = (item if isinstance(item, QuantumProgramItemResult) else QuantumProgramItemResult(item) for item in data)
        super().__init__(list(made), passthrough_data=passthrough_data)
        self.metadata = Metadata() if metadata is None else metadata
        self.semantic_role: str | None = None
        """Which primitive of a client prepared the program, if one did."""

    @property
    def timing(self) -> ChunkTiming:
        """When which parts of the program were run. `draw()` shows it, with plotly."""
        return ChunkTiming(self.metadata.chunk_timing)


FLIPS: Final = "measurement_flips."
"""How the name of an array begins that tells which bits of a register were flipped."""


def check_flip_shapes(result: QuantumProgramResult) -> None:
    """Refuse flips that are not those of a register: bits and flips of other shapes multiply to a larger array.

    Raises:
        ValueError: There are such.

    Source: behaviour B412.
    """
    for index, item in enumerate(result):
        for name, flips in item.items():
            bits = item.get(name.removeprefix(FLIPS)) if name.startswith(FLIPS) else None
            if bits is not None and flips.shape != (*bits.shape[:-2], 1, *bits.shape[-1:]):
                raise ValueError(f"Item {index} has bits of the shape {bits.shape}, and {name!r} of {flips.shape}.")
