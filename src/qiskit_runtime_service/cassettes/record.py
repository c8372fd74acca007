"""Recording cassettes: the draft of one, and the carrier that keeps what another carries."""

import threading
from collections.abc import Sequence
from pathlib import Path

from returns.result import Result, Success

from ..records.cassette import Recorded
from ..records.exchange import Request, Response
from ..records.problem import Problem
from ..transport.base import Clock, Transport
from .files import save_cassette
from .play import CassetteReader
from .rules import CassetteRules

LIVE = ("exchange key", "search instances")
"""What is asked again where the cloud can be reached: recorded tokens and instances are stand-ins."""


class Draft:
    """A cassette in the making: what was on it, and what was recorded since. Safe under threads."""

    def __init__(self, path: Path, exchanges: Sequence[Recorded], rules: CassetteRules) -> None:
        self._path = path
        self._before = tuple(exchanges)
        self._rules = rules
        self._fresh: list[Recorded] = []
        self._saved = 0
        self._lock = threading.Lock()

    def add(self, exchange: Recorded) -> None:
        """Take in one more exchange."""
        with self._lock:
            self._fresh.append(exchange)

    def save(self) -> Result[None, Problem]:
        """Write the cassette, if there is anything new. What was recorded again stands in the place of what it means.

        Fails with:
            SecretOnCassette: Something is left that must not be kept. Nothing was written.
            CassetteUnwritable: The file cannot be written. It is as it was.
        """
        with self._lock:
            fresh = tuple(self._fresh)
            if len(fresh) == self._saved:
                return Success(None)
            saved = save_cassette((*self._kept(fresh), *fresh), self._path, self._rules)
            if isinstance(saved, Success):
                self._saved = len(fresh)
            return saved

    def discard(self) -> None:
        """Forget what is not written yet."""
        with self._lock:
            del self._fresh[self._saved :]

    def _kept(self, fresh: Sequence[Recorded]) -> tuple[Recorded, ...]:
        """Return what was on the cassette and was not recorded again."""
        if not self._before:
            return ()
        again = {self._rules.meaning_of(exchange.request) for exchange in fresh}
        return tuple(exchange for exchange in self._before if self._rules.meaning_of(exchange.request) not in again)


class Recorder:
    """Carry requests by another carrier, and keep the exchanges on a draft. Nothing is written here.

    Args:
        inner: What carries the requests that are not played.
        reader: What is played instead of being asked again, but for what has to be asked; `None` for nothing.
        draft: Where all that is carried is kept.
        rules: What requests mean.
        clock: What tells and passes the time.
    """

    def __init__(
        self, inner: Transport, reader: CassetteReader | None, draft: Draft, rules: CassetteRules, clock: Clock
    ) -> None:
        self._inner = inner
        self._reader = reader
        self._draft = draft
        self._rules = rules
        self._clock = clock

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Play the response to `request` if there is one, or send it and keep what comes back.

        Fails with what the other carrier fails with, of which nothing is kept.
        """
        if self._reader is not None and self._rules.operation_of(request) not in LIVE:
            known = self._reader.take(request)
            if known is not None:
                return Success(known.response)
        result = self._inner.send(request)
        match result:
            case Success(response):
                self._draft.add(Recorded(request=request, response=response, at=self._clock.now()))
        return result

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self._clock.now()

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` pass."""
        self._clock.sleep(seconds)

    def close(self) -> None:
        """Give up connections."""
        self._inner.close()
