"""The door to where qubits are on a plane, where IBM's users look for it."""

from ..bridge.embeddings import Embedding

__all__ = ["Embedding"]
