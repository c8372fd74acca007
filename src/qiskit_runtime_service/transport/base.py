"""What every carrier and every clock promises."""

from typing import Protocol, runtime_checkable

from returns.result import Result

from ..records.exchange import Request, Response
from ..records.problem import Problem, TooLarge


class Transport(Protocol):
    """Carry one request, return its response. Safe to call from many threads.

    Any status is a `Success`: judging it is not the carrier's job. A `Failure` says that no
    response arrived. Never retries, sleeps, or reads the environment.
    """

    def send(self, request: Request, /) -> Result[Response, Problem]:
        """Send `request` and wait for what comes back.

        Fails with:
            TooLarge: The response says yes and has more than `request.largest` bytes. A carrier that has it
                whole already may hand it on: the sender looks again.
            NetworkFault: No response arrived; `kind` says whether the server may have acted.
        """
        ...

    def close(self) -> None:
        """Give up connections and threads. A closed carrier may be used again."""
        ...


def too_large(request: Request, size: int) -> TooLarge:
    """Say that an answer is larger than fits what was asked for."""
    what = f"The answer of {request.url}"
    return TooLarge(what=what, size=size, limit=request.largest, setting="max_answer", url=request.url)


@runtime_checkable
class Clock(Protocol):
    """Tell and pass the time. Never goes backwards. A carrier may be the clock of where it leads to."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` pass."""
        ...
