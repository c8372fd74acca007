"""Draw what `make demo` prints, from its backends to its counts, as `demo.svg` beside this file."""

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from qiskit_runtime_service.cli.demo import main

WIDTH = 96
FIRST = "3. The backends"
FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>
  .{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: {char_height}px; line-height: {line_height}px; white-space: pre;
  }}
  .{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 16px; }}
  {styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
  <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
  {backgrounds}
  <g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
"""Rich's own frame fetches a font from elsewhere; this one takes what the reader has."""


def draw() -> str:
    """Return the picture."""
    shown = io.StringIO()
    main(Console(file=shown, width=WIDTH, force_terminal=True, color_system="truecolor", highlight=False))
    text = shown.getvalue()
    drawn = Console(file=io.StringIO(), width=WIDTH, record=True, force_terminal=True, color_system="truecolor")
    lines = text[text.index(FIRST) :].rstrip().splitlines()
    drawn.print(Text.from_ansi("\n".join(lines)), end="")
    return drawn.export_svg(title="make demo", theme=MONOKAI, code_format=FRAME, unique_id="demo")


if __name__ == "__main__":
    (Path(__file__).parent / "demo.svg").write_text(draw())
