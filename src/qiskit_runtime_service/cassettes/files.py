"""The carriers of recordings, and the files that they are in: ordinary vcrpy cassettes, YAML or JSON by suffix.

Nothing is patched: vcrpy's request and serializer do the file work, and nothing else of it is used. What
a request means and what may be written of it is handed in as `TapeRules`.
"""

import os
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import yaml
from returns.result import Failure, Result, Success
from vcr.request import Request as VcrRequest
from vcr.serialize import deserialize, serialize
from vcr.serializers import jsonserializer, yamlserializer

from ..records.cassette import Difference, Leak, Meaning, Recorded
from ..records.exchange import Request, Response
from ..records.problem import NotOnTape, Problem, SecretOnTape, TapeUnreadable, TapeUnwritable
from ..transport.base import Clock, Transport
from . import quick_yaml

LIVE = ("exchange key", "search instances")
"""What is asked again where the cloud can be reached: recorded tokens and instances are stand-ins."""

_BROKEN = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, ImportError, RecursionError)
"""What vcrpy raises for a file that is no cassette."""


class TapeRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier of recordings must be told, because it is none of its business."""

    operation_of: Callable[[Request], str]
    """The operation that a request asks for; cheap."""
    meaning_of: Callable[[Request], Meaning]
    """All that a request asks for. Equal for requests that must be answered alike."""
    compare: Callable[[Meaning, Meaning], tuple[Difference, ...]]
    scrub: Callable[[Sequence[Recorded]], tuple[tuple[Recorded, ...], frozenset[str]]]
    """What may be written, and the secrets that were taken out of it."""
    find_leaks: Callable[[Iterable[Recorded], Iterable[str]], tuple[Leak, ...]]
    """What must not be on a tape and is."""


# Files


def load_tape(path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read a cassette, of ours or of vcrpy.

    Fails with:
        TapeUnreadable: There is no such file, or it is no cassette. It stays as it is.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Failure(TapeUnreadable(path=str(path), reason=_reason(error)))
    return read_tape(text, path)


def read_tape(text: str, path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read the text of a cassette; `path` says in which format it is."""
    try:
        requests, responses = deserialize(text, jsonserializer if _is_json(path) else quick_yaml)[:2]
        return Success(tuple(_recorded(*each) for each in zip(requests, responses, strict=True)))
    except _BROKEN as error:
        return Failure(TapeUnreadable(path=str(path), reason=f"it is no cassette ({_reason(error)})"))


def write_tape(exchanges: Sequence[Recorded], path: Path) -> Result[str, Problem]:
    """Return exchanges as the text of a cassette; `path` says in which format it shall be."""
    contents = {
        "requests": [_to_vcr(each.request) for each in exchanges],
        "responses": [_describe(each) for each in exchanges],
    }
    try:
        return Success(serialize(contents, jsonserializer if _is_json(path) else yamlserializer))
    except TypeError:
        reason = "a body is neither text nor JSON, which only YAML can hold"
        return Failure(TapeUnwritable(path=str(path), reason=reason, fix="Name the tape with the suffix .yaml."))


def save_tape(exchanges: Sequence[Recorded], path: Path, rules: TapeRules) -> Result[None, Problem]:
    """Write what may be written of `exchanges` to a file that only its owner can read; whole, or not at all.

    What is about to be kept is read back and looked through once more.

    Fails with:
        SecretOnTape: Something is left that must not be kept. Nothing was written.
        TapeUnwritable: The file cannot be written. It is as it was.
    """
    kept, secrets = rules.scrub(exchanges)

    def check(text: str) -> Result[str, Problem]:
        return read_tape(text, path).bind(
            lambda found: (
                Failure(SecretOnTape(path=str(path), leaks=leaks))
                if (leaks := rules.find_leaks(found, secrets))
                else Success(text)
            )
        )

    return write_tape(kept, path).bind(check).bind(lambda text: _put(path, text))


def _put(path: Path, text: str) -> Result[None, Problem]:
    """Put `text` in the place of a file, at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made with mode 0600 from the first byte.
        number, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        fix = "Make room, or give a path that can be written."
        return Failure(TapeUnwritable(path=str(path), reason=_reason(error), fix=fix))
    return Success(None)


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _to_vcr(request: Request) -> VcrRequest:
    return VcrRequest(request.method, request.url, request.body or None, dict(request.headers))


def _describe(exchange: Recorded) -> dict[str, Any]:
    """Return a response as vcrpy keeps it, and when it came, of which vcrpy takes no notice."""
    response = exchange.response
    headers: dict[str, list[str]] = defaultdict(list)
    for name, value in response.headers:
        headers[name].append(value)
    phrases = {each.value: each.phrase for each in HTTPStatus}
    described: dict[str, Any] = {
        "status": {"code": response.status, "message": phrases.get(response.status, "")},
        "headers": dict(headers),
        "body": {"string": response.body},
    }
    if exchange.at is not None:
        described["recorded_at"] = datetime.fromtimestamp(exchange.at, UTC).isoformat(timespec="microseconds")
    return described


def _recorded(request: VcrRequest, response: dict[str, Any]) -> Recorded:
    at = response.get("recorded_at")
    body = response["body"]["string"]
    return Recorded(
        request=Request(
            method=str(request.method),
            url=str(request.uri),
            headers=tuple((str(name), str(value)) for name, value in request.headers.items()),
            body=bytes(request.body or b""),
        ),
        response=Response(
            status=int(response["status"]["code"]),
            headers=tuple(
                (str(name), str(value))
                for name, values in response["headers"].items()
                for value in (values if isinstance(values, list) else [values])
            ),
            body=body if isinstance(body, bytes) else bytes(body or b""),
        ),
        at=None if at is None else datetime.fromisoformat(str(at)).timestamp(),
    )


# Playing


class Reel:
    """The exchanges of a tape, found by what they mean. Safe under threads.

    Exchanges that mean the same are played in the order in which they were recorded. The last one is
    played again where asking again is harmless.
    """

    def __init__(self, exchanges: Iterable[Recorded], rules: TapeRules, path: Path) -> None:
        self.exchanges = list(exchanges)
        self.played: Counter[int] = Counter()
        self._rules = rules
        self._path = path
        self._lock = threading.RLock()
        self._by_operation: dict[str, list[int]] = defaultdict(list)
        for index, each in enumerate(self.exchanges):
            self._by_operation[rules.operation_of(each.request)].append(index)
        # Meanings are worked out when their operation is first asked for: circuits take a while to read.
        self._by_meaning: dict[str, dict[Meaning, list[int]]] = {}
        self._known: dict[tuple[str, str, str | None], Meaning] = {}

    def take(self, request: Request) -> Recorded | None:
        """Return the exchange to play for `request`, or `None`."""
        with self._lock:
            meaning = self._meaning_of(request)
            indices = self._index(meaning.operation).get(meaning, ())
            following = next((each for each in indices if not self.played[each]), None)
            if following is None and indices and meaning.repeatable:
                following = indices[-1]
            if following is None:
                return None
            self.played[following] += 1
            return self.exchanges[following]

    def unplayed(self) -> tuple[Recorded, ...]:
        """Return the exchanges that were not played, oldest first."""
        with self._lock:
            return tuple(each for index, each in enumerate(self.exchanges) if not self.played[index])

    def explain(self, request: Request) -> NotOnTape:
        """Say what there is on the tape instead of `request`."""
        with self._lock:
            asked = self._meaning_of(request)
            nearest: tuple[int, Meaning, int] | None = None
            for meaning, indices in self._index(asked.operation).items():
                distance = len(self._rules.compare(meaning, asked))
                if nearest is None or distance < nearest[0]:
                    nearest = (distance, meaning, indices[-1])
        if nearest is None:
            recorded = tuple(f"{name} ({len(indices)})" for name, indices in self._by_operation.items() if indices)
            return NotOnTape(tape=str(self._path), asked=asked.operation, recorded=recorded)
        _, meaning, index = nearest
        return NotOnTape(
            tape=str(self._path),
            asked=asked.operation,
            nearest=index + 1,
            differences=self._rules.compare(meaning, asked),
        )

    def _meaning_of(self, request: Request) -> Meaning:
        if request.body:
            return self._rules.meaning_of(request)
        # A poll asks the same again and again.
        key = (request.method, request.url, request.header("Service-CRN"))
        if key not in self._known:
            self._known[key] = self._rules.meaning_of(request)
        return self._known[key]

    def _index(self, operation: str) -> dict[Meaning, list[int]]:
        if operation not in self._by_meaning:
            found: dict[Meaning, list[int]] = {}
            for index in self._by_operation.get(operation, ()):
                found.setdefault(self._meaning_of(self.exchanges[index].request), []).append(index)
            self._by_meaning[operation] = found
        return self._by_meaning[operation]


class Player:
    """Answer requests from a tape, and tell its time: waiting takes no time. No socket is opened.

    Args:
        path: Where the tape is from, for messages.
        exchanges: What is on it.
        rules: What requests mean.
    """

    def __init__(self, path: Path, exchanges: Sequence[Recorded], rules: TapeRules) -> None:
        self._path = path
        self._reel = Reel(exchanges, rules, path)
        self._ticking = threading.Lock()
        self._now = next((each.at for each in exchanges if each.at is not None), 0.0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._path)!r})"

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Answer `request` as it was answered when the tape was made.

        Fails with:
            NotOnTape: No exchange on the tape means the same, or it was played and must not be repeated.
        """
        exchange = self._reel.take(request)
        if exchange is None:
            return Failure(self._reel.explain(request))
        self._arrive(exchange)
        return Success(exchange.response)

    def now(self) -> float:
        """Return the time on the tape, in seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float, /) -> None:
        """Move the time on the tape at once."""
        with self._ticking:
            self._now += max(seconds, 0.0)

    @property
    def finished(self) -> bool:
        """Whether every exchange on the tape was played."""
        return not self._reel.unplayed()

    @property
    def unplayed(self) -> tuple[Recorded, ...]:
        """The exchanges that were not played, oldest first."""
        return self._reel.unplayed()

    @property
    def exchanges(self) -> tuple[Recorded, ...]:
        """All exchanges on the tape, oldest first."""
        return tuple(self._reel.exchanges)

    def close(self) -> None:
        """Have nothing to give up."""

    def _arrive(self, exchange: Recorded) -> None:
        """Let it be at least as late as when the response came."""
        if exchange.at is not None:
            with self._ticking:
                self._now = max(self._now, exchange.at)


class Draft:
    """A tape in the making: what was on it, and what was recorded since. Safe under threads."""

    def __init__(self, path: Path, exchanges: Sequence[Recorded], rules: TapeRules) -> None:
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
        """Write the tape, if there is anything new. What was recorded again stands in the place of what it means.

        Fails with:
            SecretOnTape: Something is left that must not be kept. Nothing was written.
            TapeUnwritable: The file cannot be written. It is as it was.
        """
        with self._lock:
            fresh = tuple(self._fresh)
            if len(fresh) == self._saved:
                return Success(None)
            saved = save_tape((*self._kept(fresh), *fresh), self._path, self._rules)
            if isinstance(saved, Success):
                self._saved = len(fresh)
            return saved

    def discard(self) -> None:
        """Forget what is not written yet."""
        with self._lock:
            del self._fresh[self._saved :]

    def _kept(self, fresh: Sequence[Recorded]) -> tuple[Recorded, ...]:
        """Return what was on the tape and was not recorded again."""
        if not self._before:
            return ()
        again = {self._rules.meaning_of(each.request) for each in fresh}
        return tuple(each for each in self._before if self._rules.meaning_of(each.request) not in again)


class Recorder:
    """Carry requests by another carrier, and keep what is said on a draft. Nothing is written here.

    Args:
        inner: What carries the requests that are not played.
        reel: What is played instead of being asked again, but for what has to be asked; `None` for nothing.
        draft: Where all that is carried is kept.
        rules: What requests mean.
        clock: What tells and passes the time.
    """

    def __init__(self, inner: Transport, reel: Reel | None, draft: Draft, rules: TapeRules, clock: Clock) -> None:
        self._inner = inner
        self._reel = reel
        self._draft = draft
        self._rules = rules
        self._clock = clock

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Play the answer to `request` if there is one, or send it and keep what comes back.

        Fails with what the other carrier fails with, of which nothing is kept.
        """
        if self._reel is not None and self._rules.operation_of(request) not in LIVE:
            known = self._reel.take(request)
            if known is not None:
                return Success(known.response)
        result = self._inner.send(request)
        if isinstance(result, Success):
            self._draft.add(Recorded(request=request, response=result.unwrap(), at=self._clock.now()))
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
