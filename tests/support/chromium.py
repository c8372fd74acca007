"""A browser without a window: what a page becomes in it, as text and as a picture."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HEADLESS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=2500",
)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def draw_page(url: str, folder: Path, width: int, height: int, *, dark: bool = False) -> tuple[str, Path]:
    """Let the browser draw a page; return its document as it then is, and a picture.

    Args:
        url: Where the page is.
        folder: An empty folder for the picture and the browser's own files.
        width: Of the window, in pixels.
        height: Of the window, in pixels.
        dark: Whether the user prefers dark colours.
    """
    assert CHROMIUM is not None
    picture = folder / "page.png"
    command = [
        *(CHROMIUM, *HEADLESS),
        f"--user-data-dir={folder / 'profile'}",
        f"--screenshot={picture}",
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--dump-dom",
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout, picture
