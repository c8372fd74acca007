"""What is asked of cassettes: their exchanges, what must not be on them, and how two differ."""

from pathlib import Path

from .._public import public
from ..client.raising import value_or_raise
from ..records.cassette import Drift, Leak, Recorded
from .drift import find_drift
from .files import load_cassette, read_place
from .leaks import find_leaks
from .shapes import shapes_of


@public("testing")
def compare_cassettes(old: str | Path, new: str | Path) -> tuple[Drift, ...]:
    """Return how the service that is on cassette `new` answers otherwise than that on cassette `old`.

    Only how responses are built is compared, not what they say: fields, kinds of values, status, headers.

    Raises:
        CassetteError: One of them cannot be read.

    Source: behaviour B214.
    """
    before, after = value_or_raise(read_place("old", old)), value_or_raise(read_place("new", new))
    return find_drift(shapes_of(read_exchanges(before)), shapes_of(read_exchanges(after)))


@public("testing")
def check_cassette(path: str | Path) -> tuple[Leak, ...]:
    """Return what is on a cassette and must not be there.

    Raises:
        CassetteError: It cannot be read.

    Source: behaviour B211.
    """
    return find_leaks(read_exchanges(value_or_raise(read_place("path", path))))


def read_exchanges(path: str | Path) -> tuple[Recorded, ...]:
    """Return what is on a cassette, oldest first.

    Raises:
        CassetteError: It cannot be read.
    """
    return value_or_raise(load_cassette(Path(path)))
