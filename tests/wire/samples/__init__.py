"""One body per endpoint, as the protocol shows them."""

from pathlib import Path


def read_sample(name: str) -> bytes:
    return (Path(__file__).parent / f"{name}.json").read_bytes()
