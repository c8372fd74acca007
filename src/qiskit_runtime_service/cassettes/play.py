"""Playing cassettes: exchanges found by what they mean, and the carrier that answers with them."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from .._public import public
from ..client.raising import value_or_raise
from ..records.cassette import Meaning, Recorded
from ..records.exchange import Request, Response
from ..records.job import SUBMISSION_TAG
from ..records.problem import NotOnCassette, Problem
from .files import load_cassette, read_place
from .meaning import compare_meanings, meaning_of
from .operations import parse_request

_MARK = re.compile(SUBMISSION_TAG.encode())


class CassetteReader:
    """The exchanges of a cassette, found by what they mean. Safe under threads.

    Exchanges that mean the same are played in the order in which they were recorded. The last one is
    played again where asking again is harmless. A submission tag that was recorded is told as the one
    that is sent now in its place.
    """

    def __init__(self, exchanges: Iterable[Recorded], path: Path) -> None:
        self.exchanges = list(exchanges)
        self._played: set[int] = set()
        self._path = path
        self._lock = threading.RLock()
        self._by_operation: dict[str, list[int]] = defaultdict(list)
        for index, exchange in enumerate(self.exchanges):
            self._by_operation[parse_request(exchange.request).operation.name].append(index)
        # Meanings are worked out when their operation is first asked for: circuits take a while to read.
        self._by_meaning: dict[str, dict[Meaning, list[int]]] = {}
        self._known: dict[tuple[str, str, str | None], Meaning] = {}
        self._marks: dict[bytes, bytes] = {}
        """By a submission tag that was recorded, the one that was sent in its place."""

    def take(self, request: Request) -> Recorded | None:
        """Return the exchange to play for `request`, or `None`."""
        with self._lock:
            meaning = self._meaning_of(request)
            indices = self._index(meaning.operation).get(meaning, ())
            following = next((index for index in indices if index not in self._played), None)
            if following is None and indices and meaning.repeatable:
                following = indices[-1]
            if following is None:
                return None
            self._played.add(following)
            return self._as_of_now(self.exchanges[following], request)

    def unplayed(self) -> tuple[Recorded, ...]:
        """Return the exchanges that were not played, oldest first."""
        with self._lock:
            return tuple(exchange for index, exchange in enumerate(self.exchanges) if index not in self._played)

    def explain(self, request: Request) -> NotOnCassette:
        """Say what there is on the cassette instead of `request`."""
        with self._lock:
            wanted = self._meaning_of(request)
            compared = (
                (compare_meanings(meaning, wanted), indices[-1])
                for meaning, indices in self._index(wanted.operation).items()
            )
            nearest = min(compared, key=lambda candidate: len(candidate[0]), default=None)
        if nearest is None:
            recorded = tuple(f"{name} ({len(indices)})" for name, indices in self._by_operation.items() if indices)
            return NotOnCassette(cassette=str(self._path), wanted=wanted.operation, recorded=recorded)
        differences, index = nearest
        return NotOnCassette(
            cassette=str(self._path), wanted=wanted.operation, nearest=index + 1, differences=differences
        )

    def _as_of_now(self, exchange: Recorded, request: Request) -> Recorded:
        """Return an exchange with the submission tags of now, those that `request` sends among them."""
        self._marks.update(zip(_marks_in(exchange.request), _marks_in(request), strict=False))
        body = exchange.response.body
        told = _MARK.sub(lambda mark: self._marks.get(mark[0], mark[0]), body) if self._marks else body
        return exchange if told == body else replace(exchange, response=replace(exchange.response, body=told))

    def _meaning_of(self, request: Request) -> Meaning:
        if request.body:
            return meaning_of(request)
        # A poll asks the same again and again.
        key = (request.method, request.url, request.header("Service-CRN"))
        if key not in self._known:
            self._known[key] = meaning_of(request)
        return self._known[key]

    def _index(self, operation: str) -> dict[Meaning, list[int]]:
        if operation not in self._by_meaning:
            found: dict[Meaning, list[int]] = {}
            for index in self._by_operation.get(operation, ()):
                found.setdefault(self._meaning_of(self.exchanges[index].request), []).append(index)
            self._by_meaning[operation] = found
        return self._by_meaning[operation]


def _marks_in(request: Request) -> list[bytes]:
    """Return the submission tags that a request sends."""
    return _MARK.findall(request.url.encode() + b" " + request.body)


class Player:
    """Answer requests from a cassette, and tell its time: waiting takes no time. No socket is opened.

    Args:
        path: Where the cassette is from, for messages.
        exchanges: What is on it.
    """

    def __init__(self, path: Path, exchanges: Sequence[Recorded]) -> None:
        self._path = path
        self._reader = CassetteReader(exchanges, path)
        self._ticking = threading.Lock()
        self._now = next((exchange.at for exchange in exchanges if exchange.at is not None), 0.0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._path)!r})"

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Answer `request` as it was answered when the cassette was made.

        Fails with:
            NotOnCassette: No exchange on the cassette means the same, or it was played and must not be repeated.
        """
        exchange = self._reader.take(request)
        if exchange is None:
            return Failure(self._reader.explain(request))
        self._arrive(exchange)
        return Success(exchange.response)

    def now(self) -> float:
        """Return the time on the cassette, in seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float, /) -> None:
        """Move the time on the cassette at once."""
        with self._ticking:
            self._now += max(seconds, 0.0)

    @property
    def finished(self) -> bool:
        """Whether every exchange on the cassette was played."""
        return not self._reader.unplayed()

    @property
    def unplayed(self) -> tuple[Recorded, ...]:
        """The exchanges that were not played, oldest first."""
        return self._reader.unplayed()

    @property
    def exchanges(self) -> tuple[Recorded, ...]:
        """All exchanges on the cassette, oldest first."""
        return tuple(self._reader.exchanges)

    def close(self) -> None:
        """Have nothing to give up."""

    def _arrive(self, exchange: Recorded) -> None:
        """Let it be at least as late as when the response came."""
        if exchange.at is not None:
            with self._ticking:
                self._now = max(self._now, exchange.at)


@public("testing")
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
        place = value_or_raise(read_place("path", path))
        super().__init__(place, value_or_raise(load_cassette(place)))

    @property
    def instance(self) -> str | None:
        """The CRN to open a service with that asks what is on the cassette; `None` if it chose among all instances."""
        requests = [exchange.request for exchange in self.exchanges]
        if any(parse_request(request).operation.name == "describe plan" for request in requests):
            return None
        crns = (request.header("Service-CRN") for request in requests)
        return next((crn for crn in crns if crn is not None), None)


@public("testing")
def replay(path: str | Path) -> CassetteTransport:
    """Return a carrier that answers from a cassette, and the clock of the cassette. It opens no socket.

    Raises:
        CassetteError: The file is not there, or is no cassette.
    """
    return CassetteTransport(path)
