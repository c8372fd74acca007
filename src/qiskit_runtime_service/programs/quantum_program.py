"""The quantum program that users hold: circuits, what they are run with, and how often."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from qiskit.quantum_info import PauliLindbladMap
from samplomatic.quantum_program import QuantumProgram as SamplomaticProgram
from samplomatic.quantum_program import QuantumProgramItem

from .._public import public


@public("quantum_program")
class QuantumProgram(SamplomaticProgram):
    """Circuits with their arguments, and how many shots are taken of each.

    Args:
        shots: Shots of each element of each item, at least 1.
        items: The first items. `append_circuit_item` and `append_samplex_item` add more.
        noise_maps: By name, what fills `pauli_lindblad_maps.<name>` of each samplex item that is appended later.
        meas_level: Bits (`classified`), complex points of each shot (`kerneled`) or of their mean
            (`avg_kerneled`), or `both` bits and points.
        passthrough_data: Lists, dictionaries with texts as keys, numbers, texts, arrays; all come back with the result.
    """

    def __init__(
        self,
        shots: int,
        items: Iterable[QuantumProgramItem] | None = None,
        noise_maps: Mapping[str, PauliLindbladMap] | None = None,
        meas_level: Literal["classified", "kerneled", "avg_kerneled", "both"] = "classified",
        passthrough_data: Any = None,
    ) -> None:
        super().__init__(shots, items, dict(noise_maps or {}), meas_level, passthrough_data)
        self.semantic_role: str | None = None
        """Which primitive prepared the program, and so what reads its result: `sampler_v2`, `estimator_v2`."""

    @classmethod
    def from_(cls, program: SamplomaticProgram) -> Self:
        """Return a program of samplomatic as one of ours."""
        return cls(program.shots, program.items, program.noise_maps, program.meas_level, program.passthrough_data)
