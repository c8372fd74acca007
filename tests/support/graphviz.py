"""Whether this machine has Graphviz, with which Qiskit draws maps."""

from shutil import which

import pytest

needs_graphviz = pytest.mark.skipif(
    which("dot") is None, reason="Qiskit draws maps with Graphviz, which is no Python package"
)
