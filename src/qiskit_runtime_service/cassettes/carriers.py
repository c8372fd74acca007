"""Recording and replaying: the carriers of cassettes with the rules of this service, and what is asked of cassettes."""

import weakref
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ..client.clock import SystemClock
from ..client.raising import exception_of, value_or_raise
from ..records.cassette import Drift, Leak, Recorded
from ..records.problem import BadArgument
from ..transport.base import Clock, Transport
from .drift import find_drift
from .files import load_cassette
from .leaks import find_leaks
from .meaning import compare_meanings, meaning_of
from .operations import parse_request
from .play import CassetteReader, Player
from .record import Draft, Recorder
from .rules import CassetteRules
from .scrub import scrub
from .shapes import shapes_of

if TYPE_CHECKING:
    from ..records.cassette import Meaning
    from ..records.exchange import Request

Mode = Literal["none", "once", "new_episodes", "all"]


@lru_cache(maxsize=256)
def _read_circuits(encoded: bytes) -> str | None:
    # Loads Qiskit, which only those pay for who submit circuits.
    from .circuit_meaning import sketch_circuits

    return sketch_circuits(encoded)


def _meaning_of(request: "Request") -> "Meaning":
    return meaning_of(request, _read_circuits)


RULES = CassetteRules(
    operation_of=lambda request: parse_request(request).operation.name,
    meaning_of=_meaning_of,
    compare=compare_meanings,
    scrub=scrub,
    find_leaks=find_leaks,
)
"""What requests to this service mean, and what of them may be written."""


class CassetteTransport(Player):
    """A carrier that answers from a cassette, and the clock of the cassette. It opens no socket.

    Any key works, and the recorded CRN as well as its stand-in on the cassette. Requests match by what
    they mean; those that mean the same are answered in the order of the recording.

    Args:
        path: The cassette: YAML, or JSON with the suffix `.json`.

    Raises:
        CassetteError: The file cannot be read as a cassette.

    Source: behaviour B205, B212.
    """

    def __init__(self, path: str | Path) -> None:
        place = Path(path)
        super().__init__(place, value_or_raise(load_cassette(place)), RULES)

    @property
    def instance(self) -> str | None:
        """The CRN to open a service with that asks what is on the cassette; `None` if it chose among all instances."""
        requests = [exchange.request for exchange in self.exchanges]
        if any(parse_request(request).operation.name == "describe plan" for request in requests):
            return None
        crns = (request.header("Service-CRN") for request in requests)
        return next((crn for crn in crns if crn is not None), None)


class RecordingTransport(Recorder):
    """A carrier that keeps what another one carries, without keys, tokens, and names of people and accounts.

    The cassette is written by `save`, by `close`, at the end of a `with` block of the service, and at the latest
    when the process ends. It is a vcrpy cassette that only its owner can read.

    Args:
        inner: What carries the requests, such as an `HttpTransport` or an `EmulatedTransport`.
        path: The cassette: YAML, or JSON with the suffix `.json`.
        mode: `new_episodes` plays what is on the cassette and records the rest; `all` records everything, in
            place of what is there.
        clock: What tells and passes the time; by default `inner` if it can, else the system.

    Raises:
        CassetteError: There is a file already that is no cassette; it is never overwritten.

    Source: behaviour B207 to B213.
    """

    def __init__(
        self,
        inner: Transport,
        path: str | Path,
        *,
        mode: Literal["new_episodes", "all"] = "new_episodes",
        clock: Clock | None = None,
    ) -> None:
        place = Path(path)
        exchanges = value_or_raise(load_cassette(place)) if place.exists() else ()
        draft = Draft(place, exchanges, RULES)
        reader = CassetteReader(exchanges, RULES, place) if mode == "new_episodes" else None
        super().__init__(inner, reader, draft, RULES, clock or (inner if isinstance(inner, Clock) else SystemClock()))
        self._path = place
        # A script that ends without closing anything keeps its cassette.
        weakref.finalize(self, _save, draft)

    def __repr__(self) -> str:
        return f"RecordingTransport({self._inner!r}, {str(self._path)!r})"

    def save(self) -> None:
        """Write the cassette, if there is anything new.

        Raises:
            CassetteError: It cannot be written, or holds something that must not be kept. What was there stays.
        """
        _save(self._draft)

    def discard(self) -> None:
        """Forget what was recorded and not written yet."""
        self._draft.discard()

    def close(self) -> None:
        """Give up connections and write the cassette, if there is anything new.

        Raises:
            CassetteError: It cannot be written, or holds something that must not be kept. What was there stays.
        """
        super().close()
        _save(self._draft)


def record(
    path: str | Path, inner: Transport | None = None, *, mode: Mode = "once", clock: Clock | None = None
) -> CassetteTransport | RecordingTransport:
    """Return a carrier that records a cassette, or plays it where there is one.

    Args:
        path: The cassette: YAML, or JSON with the suffix `.json`.
        inner: What carries the requests that are recorded; plain HTTP by default.
        mode: As in vcrpy. `none` only plays; `once` plays a cassette that is there and records one that is not;
            `new_episodes` plays what is on the cassette and records the rest; `all` records everything, in place
            of what is there.
        clock: What tells and passes the time while something is recorded.

    Raises:
        IBMInputValueError: There is no such mode.
        CassetteError: The file is there but is no cassette, or is not there and `mode` is `none`.
    """
    if mode not in get_args(Mode):
        raise exception_of(BadArgument(name="mode", value=repr(mode), wanted=" or ".join(map(repr, get_args(Mode)))))
    if mode == "none" or (mode == "once" and Path(path).exists()):
        return CassetteTransport(path)
    if inner is None:
        from ..transport.http import HttpTransport

        inner = HttpTransport()
    return RecordingTransport(inner, path, mode="all" if mode == "all" else "new_episodes", clock=clock)


def replay(path: str | Path) -> CassetteTransport:
    """Return a carrier that answers from a cassette, and the clock of the cassette. It opens no socket.

    Raises:
        CassetteError: The file is not there, or is no cassette.
    """
    return CassetteTransport(path)


def compare_cassettes(old: str | Path, new: str | Path) -> tuple[Drift, ...]:
    """Return how the service that is on cassette `new` answers otherwise than that on cassette `old`.

    Only how responses are built is compared, not what they say: fields, kinds of values, status, headers.

    Raises:
        CassetteError: One of them cannot be read.

    Source: behaviour B214.
    """
    return find_drift(shapes_of(read_exchanges(old)), shapes_of(read_exchanges(new)))


def check_cassette(path: str | Path) -> tuple[Leak, ...]:
    """Return what is on a cassette and must not be there.

    Raises:
        CassetteError: It cannot be read.

    Source: behaviour B211.
    """
    return find_leaks(read_exchanges(path))


def read_exchanges(path: str | Path) -> tuple[Recorded, ...]:
    """Return what is on a cassette, oldest first.

    Raises:
        CassetteError: It cannot be read.
    """
    return value_or_raise(load_cassette(Path(path)))


def _save(draft: Draft) -> None:
    value_or_raise(draft.save())
