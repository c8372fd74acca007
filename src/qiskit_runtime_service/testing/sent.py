"""What a program has asked of an emulated cloud, to be asserted in a test."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from returns.result import Failure, Result, Success

from .._public import public
from .._shown import counted
from ..core.arguments import read_text, show_value
from ..records.exchange import Request
from ..records.problem import BadArgument
from ..transport.emulated import EmulatedTransport, Exchange
from .arguments import COUNT, a_thing, each, reads

ANYTHING = "*"


def read_pattern(name: str, value: Any) -> Result[str, BadArgument]:
    """Return a method and the end of a path, with a blank in between."""
    wanted = "a method and a path, such as 'POST /jobs'"
    bad = BadArgument(name=name, value=show_value(value), wanted=wanted)
    read = read_text(name, value, wanted=wanted)
    return read.bind(lambda pattern: Success(pattern) if pattern.partition(" ")[2].startswith("/") else Failure(bad))


PATTERNS = each(read_pattern, wanted="patterns of requests")


@public("testing")
class SentRequests:
    """The requests that a cloud was sent, oldest first, each found by method and path.

    A pattern is a method and the end of a path, such as `POST /jobs`. In a path `*` stands for one
    segment, so that `GET /jobs/*` is a look at a job and no fetching of its result; as a method it
    stands for any. What does not hold is an `AssertionError` that shows all that was sent.

    Args:
        cloud: The cloud that was asked.
        after: How many of its requests to pass over.
    """

    @reads(cloud=a_thing(EmulatedTransport, wanted="an EmulatedTransport"), after=COUNT)
    def __init__(self, cloud: EmulatedTransport, *, after: int = 0) -> None:
        self._cloud = cloud
        self._after = after

    def __len__(self) -> int:
        return len(self.exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __repr__(self) -> str:
        return "\n".join(show_exchange(exchange) for exchange in self.exchanges) or "nothing"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """When what was asked, and what the status of the response was."""
        return self._cloud.ledger[self._after :]

    @reads(pattern=read_pattern)
    def matching(self, pattern: str) -> tuple[Exchange, ...]:
        """Return what matches `pattern`, such as `GET /jobs/*`."""
        return tuple(exchange for exchange in self.exchanges if matches(exchange.request, pattern))

    @reads(pattern=read_pattern)
    def count(self, pattern: str) -> int:
        """Return how many requests match `pattern`."""
        return len(self.matching(pattern))

    @reads(pattern=read_pattern)
    def once(self, pattern: str) -> Request:
        """Return the one request that matches `pattern`; fail if there is none or are more."""
        return self.times(1, pattern)[0]

    @reads(number=COUNT, pattern=read_pattern)
    def times(self, number: int, pattern: str) -> tuple[Request, ...]:
        """Return the requests that match `pattern`; fail if they are not so many."""
        found = self.matching(pattern)
        self._require(len(found) == number, f"{pattern} was sent {counted(len(found), 'time')}, not {number}.")
        return tuple(exchange.request for exchange in found)

    @reads(patterns=PATTERNS)
    def never(self, *patterns: str) -> None:
        """Fail if any request matches one of `patterns`."""
        for pattern in patterns:
            found = self.count(pattern)
            self._require(found == 0, f"{pattern} was sent {counted(found, 'time')}, and should not have been.")

    @reads(patterns=PATTERNS)
    def in_order(self, *patterns: str) -> None:
        """Fail unless requests match `patterns` one after the other; others may stand between."""
        left = iter(self.exchanges)
        for pattern in patterns:
            found = any(matches(exchange.request, pattern) for exchange in left)
            self._require(found, f"{pattern} was not sent where it was expected, in {', '.join(patterns)}.")

    @reads(number=COUNT)
    def at_most(self, number: int) -> None:
        """Fail if there were more requests in all."""
        self._require(len(self) <= number, f"{len(self)} requests were sent, more than {number}.")

    def from_now(self) -> "SentRequests":
        """Return the requests that are still to come."""
        return SentRequests(self._cloud, after=len(self._cloud.ledger))

    def _require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise AssertionError(f"{otherwise} All that was sent:\n{self!r}")


def matches(request: Request, pattern: str) -> bool:
    """Tell whether a request is one of those that `pattern` describes."""
    method, _, path = pattern.partition(" ")
    wanted = path[1:].split("/")
    found = urlsplit(request.url).path.split("/")[-len(wanted) :]
    return method in (ANYTHING, request.method) and len(found) == len(wanted) and all(map(fits, wanted, found))


def fits(wanted: str, found: str) -> bool:
    """Tell whether a segment of a path is the one that is wanted."""
    return wanted in (ANYTHING, found)


def show_exchange(exchange: Exchange) -> str:
    """Return a request and the status of its response as a line to read."""
    path = urlsplit(exchange.request.url).path
    status = "no answer" if exchange.status is None else exchange.status
    return f"  {exchange.request.method} {path} -> {status}"
