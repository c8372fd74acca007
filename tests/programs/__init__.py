"""Quantum programs: what is prepared on the client, and how results are read."""
