"""Recording cassettes: the draft of one, and the carrier that keeps what another carries."""

import threading
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from returns.result import Failure, Result, Success

from .._public import public
from ..client.clock import SystemClock
from ..client.connection import read_clock, read_transport
from ..client.raising import value_or_raise
from ..core.arguments import if_given, read_text, show_value
from ..records.cassette import Recorded
from ..records.exchange import Request, Response
from ..records.problem import BadArgument, Problem
from ..records.secret import Secret
from ..transport.base import Clock, Transport
from .files import change_cassette, is_there, load_cassette, read_place
from .meaning import meaning_of
from .operations import parse_request
from .play import CassetteReader, CassetteTransport

Mode = Literal["none", "once", "new_episodes", "all"]

LIVE = ("exchange key", "search instances")
"""What is asked again where the cloud can be reached: recorded tokens and instances are stand-ins."""


class Draft:
    """What was recorded for a cassette. Safe under threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh: list[Recorded] = []
        self._saved = 0
        self._told: dict[Secret, None] = {}
        self._lock = threading.Lock()

    def add(self, exchange: Recorded) -> None:
        """Take in one more exchange."""
        with self._lock:
            self._fresh.append(exchange)

    def keep_out(self, secrets: Iterable[Secret]) -> None:
        """Note secrets that must not be on the cassette."""
        with self._lock:
            self._told |= dict.fromkeys(secrets)

    def save(self) -> Result[None, Problem]:
        """Write the cassette, if there is anything new. What was recorded again stands in the place of what it means.

        Fails with:
            SecretOnCassette: Something is left that must not be kept. Nothing was written.
            CassetteUnreadable: There is a file that is no cassette.
            CassetteUnwritable: The file cannot be written. It is as it was.
        """
        with self._lock:
            fresh = tuple(self._fresh)
            if len(fresh) == self._saved:
                return Success(None)
            saved = change_cassette(self._path, lambda there: (*keep_others(there, fresh), *fresh), tuple(self._told))
            if isinstance(saved, Success):
                self._saved = len(fresh)
            return saved

    def discard(self) -> None:
        """Forget what is not written yet."""
        with self._lock:
            del self._fresh[self._saved :]


def keep_others(there: Sequence[Recorded], fresh: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """Return what is on a cassette, perhaps since another has recorded, and was not recorded again."""
    if not there:
        return ()
    again = {meaning_of(exchange.request) for exchange in fresh}
    return tuple(exchange for exchange in there if meaning_of(exchange.request) not in again)


@public("testing")
class RecordingTransport:
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
        carrier = value_or_raise(read_transport("inner", inner))
        place = value_or_raise(read_place("path", path))
        how = value_or_raise(read_mode("mode", mode, ("new_episodes", "all")))
        teller = value_or_raise(if_given(read_clock)("clock", clock))
        exchanges = value_or_raise(load_cassette(place)) if is_there(place) else ()
        self._inner = carrier
        self._path = place
        self._clock = teller or (carrier if isinstance(carrier, Clock) else SystemClock())
        self._reader = CassetteReader(exchanges, place) if how == "new_episodes" else None
        self._draft = Draft(place)
        # A script that ends without closing anything keeps its cassette.
        weakref.finalize(self, _save, self._draft)

    def __repr__(self) -> str:
        return f"RecordingTransport({self._inner!r}, {str(self._path)!r})"

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Play the response to `request` if there is one, or send it and keep what comes back.

        Fails with what the other carrier fails with, of which nothing is kept.
        """
        if self._reader is not None and parse_request(request).operation.name not in LIVE:
            known = self._reader.take(request)
            if known is not None:
                return Success(known.response)
        result = self._inner.send(request)
        match result:
            case Success(response):
                self.keep(request, response)
        return result

    def keep(self, request: Request, response: Response) -> None:
        """Keep what was carried by another way, such as through the door to an emulated cloud."""
        self._draft.add(Recorded(request=request, response=response, at=self._clock.now()))

    def keep_out(self, *secrets: Secret | str) -> None:
        """Keep secrets off the cassette, in whichever form they come: a service tells those of its account.

        Source: behaviour B329.
        """
        self._draft.keep_out(secret if isinstance(secret, Secret) else Secret(secret) for secret in secrets)

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self._clock.now()

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` pass."""
        self._clock.sleep(seconds)

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
        self._inner.close()
        _save(self._draft)


@public("testing")
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
    how = value_or_raise(read_mode("mode", mode, get_args(Mode)))
    place = value_or_raise(read_place("path", path))
    if how == "none" or (how == "once" and is_there(place)):
        return CassetteTransport(place)
    if inner is None:
        from ..transport.http import HttpTransport

        inner = HttpTransport()
    return RecordingTransport(inner, place, mode="all" if how == "all" else "new_episodes", clock=clock)


def read_mode(name: str, value: Any, modes: Sequence[str]) -> Result[str, BadArgument]:
    """Return one of the words that say what becomes of a cassette."""
    wanted = " or ".join(map(repr, modes))
    unknown = BadArgument(name=name, value=show_value(value), wanted=wanted)
    read = read_text(name, value, wanted=wanted)
    return read.bind(lambda mode: Success(mode) if mode in modes else Failure(unknown))


def _save(draft: Draft) -> None:
    value_or_raise(draft.save())
