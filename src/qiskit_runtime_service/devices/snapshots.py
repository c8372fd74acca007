"""Snapshots of real devices: what they are like, and how well they worked when they were last calibrated."""

import lzma
from functools import cache
from importlib.resources import files

import msgspec

from ..records.backend import BackendRow

DATA = files(__package__) / "data"
INDEX = "index.json"
SUFFIX = ".jsonl.xz"

ROWS = msgspec.json.Decoder(tuple[BackendRow, ...])


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One device as JSON text, the way a server would send it."""

    name: str
    configuration: bytes
    """As recorded, but for `backend_name`, which is the name of the snapshot."""
    properties: bytes
    """As recorded: its `backend_name` is the device that the snapshot was taken of."""


@cache
def snapshot_rows() -> tuple[BackendRow, ...]:
    """List all snapshots by name, as the rows of a listing. Reads the index only, and that once.

    Source: behaviour B39.
    """
    return ROWS.decode((DATA / INDEX).read_bytes())


def read_snapshot(name: str) -> Snapshot:
    """Read one snapshot, named as its row is: `fake_fez`.

    Raises:
        KeyError: There is no such snapshot. Asking for it is a defect of the caller, who has the rows.
    """
    if not any(row.name == name for row in snapshot_rows()):
        raise KeyError(name)
    configuration, properties = decompress((DATA / f"{name}{SUFFIX}").read_bytes())
    return Snapshot(name=name, configuration=configuration, properties=properties)


def decompress(data: bytes) -> tuple[bytes, bytes]:
    """Return configuration and properties of one device, which are the two lines of its file."""
    configuration, properties = lzma.decompress(data).split(b"\n")
    return configuration, properties
