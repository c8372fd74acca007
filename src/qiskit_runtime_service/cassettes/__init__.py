"""Runs that are recorded and replayed: written, scrubbed, checked, played, compared."""
