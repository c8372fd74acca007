"""Figures of what quantum programs answer with, which take the extra `executor` too."""

from ..programs import chunk_figures
from .figures import refusing

draw_chunk_timings = refusing(chunk_figures.draw_chunk_timings)
