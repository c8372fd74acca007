"""What users hold of a quantum program that is samplomatic's own."""

from samplomatic.quantum_program import ChunkSpan as ChunkSpan
from samplomatic.quantum_program import ChunkTiming as ChunkTiming
from samplomatic.quantum_program import CircuitItem as CircuitItem
from samplomatic.quantum_program import QuantumProgram
from samplomatic.quantum_program import QuantumProgramItem as QuantumProgramItem
from samplomatic.quantum_program import SamplexItem as SamplexItem
from samplomatic.quantum_program.datatree import DataTree as DataTree

AnyProgram = QuantumProgram
"""A program of samplomatic, of which one of ours is one."""
