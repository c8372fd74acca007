"""The door to quantum programs and their items, where IBM's users look for them. It needs the extra `executor`."""

from .._doors import open_doors
from ..programs.items import ChunkSpan, ChunkTiming, CircuitItem, DataTree, QuantumProgramItem, SamplexItem
from ..programs.quantum_program import QuantumProgram
from ..programs.results import ChunkPart

__all__ = [
    "ChunkPart",
    "ChunkSpan",
    "ChunkTiming",
    "CircuitItem",
    "DataTree",
    "QuantumProgram",
    "QuantumProgramItem",
    "SamplexItem",
]

open_doors(__name__)
