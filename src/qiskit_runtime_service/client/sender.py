"""Sending one request for an account: with a token, within a deadline, again where that helps."""

from collections import deque
from collections.abc import Callable
from copy import copy
from functools import reduce
from itertools import count
from threading import Lock
from typing import Literal, Self, TypeVar

from msgspec.structs import asdict, replace
from returns.result import Failure, Result, Success

from .._log import logger
from ..core.messages import describe
from ..core.retry import (
    GiveUp,
    Outcome,
    Retry,
    RetryBudget,
    bound_attempt,
    decide_retry,
    describe_outcome,
    seconds_for,
)
from ..core.tokens import decide_token
from ..records.call import Attempt, FailedCall, TroubledCall
from ..records.exchange import Request, Response
from ..records.network import Timeouts
from ..records.problem import NetworkFault, NotAuthorized, Problem, ServerRefusal, UnreadableBody
from ..records.secret import HiddenText, Secret
from ..records.token import AccessToken
from ..transport.base import Clock, Transport, too_large
from ..transport.process import PerProcess
from ..wire.error_bodies import key_problem_from, problem_from, read_retry_after
from ..wire.requests import add_headers, exchange_key
from ..wire.responses import read_token

T = TypeVar("T")
Judge = Callable[[Request, Response], Problem]
Reader = Callable[[bytes, str], Result[T, Problem]]
Trace = Callable[[Problem, float], T | GiveUp | None]
"""What looks for the outcome of an attempt before there is another. From what went wrong, and the seconds since, to
that outcome, or why there must not be another attempt, or `None` where there may be.
"""

MASK = "****"
SHORTEST_SECRET = 8
"""Characters of what is looked for in the words of a server; anything shorter stands in many words."""

TROUBLES = 20
"""How many calls that did not go well at once are remembered."""


class Shared:
    """What all calls of one account share within a process: tokens, the retry budget, and what went wrong lately."""

    def __init__(self) -> None:
        self.budget = RetryBudget()
        self.tokens: dict[str, AccessToken] = {}
        self.last_try: dict[str, float] = {}
        self.exchanges: dict[str, tuple[int, Problem | None]] = {}
        """How often a token service was asked, and what kept the last token away, if anything did."""
        self.troubles: deque[TroubledCall] = deque(maxlen=TROUBLES)
        self.token_lock = Lock()
        self.budget_lock = Lock()


class Sender:
    """One account's way to the cloud. It keeps tokens and the retry budget; safe under threads and forks."""

    def __init__(
        self,
        key: Secret,
        transport: Transport,
        clock: Clock,
        dice: Callable[[], float],
        timeouts: Timeouts | None = None,
        max_answer: int | None = None,
    ) -> None:
        self._key = key
        self._transport = transport
        self._clock = clock
        self._dice = dice
        self._timeouts = timeouts or Timeouts()
        self._max_answer = max_answer
        self._shared = PerProcess(Shared)

    def within(self, timeouts: Timeouts) -> Self:
        """Return a sender with other limits. Tokens and budget are the same."""
        twin = copy(self)
        twin._timeouts = timeouts
        return twin

    @property
    def timeouts(self) -> Timeouts:
        """The limits of its calls."""
        return self._timeouts

    @property
    def troubles(self) -> tuple[TroubledCall, ...]:
        """The latest calls that did not go well at once, oldest first."""
        return tuple(self._shared.get().troubles)

    def time_left(self, seconds: float) -> Callable[[], float]:
        """Return what tells how many of these seconds are left, by the clock of the account.

        Source: behaviour B319.
        """
        clock, until = self._clock, self._clock.now() + seconds
        return lambda: until - clock.now()

    def send(
        self, request: Request, token_url: str, read: Reader[T], trace: Trace[T] | None = None
    ) -> Result[T, Problem]:
        """Send `request` with a bearer token from `token_url`, and return what `read` makes of the answer.

        A token that is turned away is renewed once: it may have been revoked.

        Args:
            request: What to send, without credentials.
            token_url: The token service.
            read: What reads the body of a good answer.
            trace: What is asked before each further attempt at what must not be sent twice. Without it that is sent
                again only where nothing was sent.

        Source: behaviour B20, B22, B222, B324.
        """
        deadline = self._clock.now() + seconds_for(request, self._timeouts)
        token = self._token(token_url, deadline)
        answer = token.bind(lambda used: self._send_as(request, used, read, deadline, trace))
        refusal = _turned_away(answer)
        if refusal is None:
            return answer
        renewed = self._token(token_url, deadline, instead_of=token.value_or(None))
        if not isinstance(renewed, Success):
            return Failure(renewed.failure())
        earlier = _look_back(trace, request, refusal, 0.0)
        if earlier is None:
            return self._send_as(request, renewed.unwrap(), read, deadline, trace)
        return Failure(replace(refusal, gave_up=earlier.reason)) if isinstance(earlier, GiveUp) else Success(earlier)

    def ping(self, request: Request) -> Result[None, Problem]:
        """Send `request` once, without credentials. Any answer will do."""
        bound = self._bounded(request, seconds_for(request, self._timeouts))
        return self._transport.send(bound).map(lambda _: None)

    def authorize(self, token_url: str) -> Result[None, Problem]:
        """Exchange the key for a new token, even where there is one that works."""
        deadline = self._clock.now() + self._timeouts.call
        token = self._token(token_url, deadline, instead_of=self._shared.get().tokens.get(token_url))
        return token.map(lambda _: None)

    def _send_as(
        self, request: Request, token: AccessToken, read: Reader[T], deadline: float, trace: Trace[T] | None
    ) -> Result[T, Problem]:
        signed = add_headers(request, ("Authorization", HiddenText(f"Bearer {token.value.reveal()}")))
        return self._try(signed, problem_from, read, deadline, trace)

    def _token(
        self, token_url: str, deadline: float, instead_of: AccessToken | None = None
    ) -> Result[AccessToken, Problem]:
        """Return a token that works, asking for one where needed.

        All threads wait for one exchange, and take a failure of it as their own; who has a token that still works
        does not wait.
        """
        shared = self._shared.get()
        seen, _ = shared.exchanges.get(token_url, (0, None))
        token, step = self._decide(shared, token_url, instead_of)
        if step == "use" and token is not None:
            return Success(token)
        patience = 0.0 if step == "renew" else max(0.0, deadline - self._clock.now())
        if not shared.token_lock.acquire(timeout=patience):
            if step == "renew" and token is not None:
                return Success(token)
            return Failure(_too_late(token_url, "the token that another thread had asked for did not come"))
        try:
            done, failed = shared.exchanges.get(token_url, (0, None))
            if done > seen and failed is not None and step == "replace":
                return Failure(failed)
            return self._renew(shared, token_url, deadline, instead_of)
        finally:
            shared.token_lock.release()

    def _renew(
        self, shared: Shared, token_url: str, deadline: float, instead_of: AccessToken | None
    ) -> Result[AccessToken, Problem]:
        """Return a token that works, while no other thread asks for one."""
        token, step = self._decide(shared, token_url, instead_of)
        if step == "use" and token is not None:
            return Success(token)
        shared.last_try[token_url] = self._clock.now()
        renewed = self._exchange(token_url, deadline)
        done, _ = shared.exchanges.get(token_url, (0, None))
        match renewed:
            case Success(fresh):
                shared.exchanges[token_url] = (done + 1, None)
                shared.tokens[token_url] = fresh
            case Failure(problem):
                shared.exchanges[token_url] = (done + 1, problem)
                if step == "renew" and token is not None:
                    reason = describe(problem).line
                    logger.info("The token could not be renewed early; the old one still works: %s", reason)
                    return Success(token)
        return renewed

    def _decide(
        self, shared: Shared, token_url: str, instead_of: AccessToken | None
    ) -> tuple[AccessToken | None, Literal["use", "renew", "replace"]]:
        token = shared.tokens.get(token_url)
        if token is instead_of:
            token = None
        return token, decide_token(token, now=self._clock.now(), last_try=shared.last_try.get(token_url))

    def _exchange(self, token_url: str, deadline: float) -> Result[AccessToken, Problem]:
        request = exchange_key(token_url, self._key)
        latest = min(deadline, self._clock.now() + seconds_for(request, self._timeouts))
        return self._try(request, key_problem_from, lambda body, url: read_token(body, url, self._clock.now()), latest)

    def _try(
        self, request: Request, judge: Judge, read: Reader[T], deadline: float, trace: Trace[T] | None = None
    ) -> Result[T, Problem]:
        """Send until the answer is good, another try cannot help, or the deadline comes."""
        began = self._clock.now()
        tried: list[Attempt] = []
        for attempt in count(1):
            at = self._clock.now()
            if at >= deadline:
                late = _too_late(request.url, "the deadline of the call had passed before it was sent")
                return Failure(replace(late, tried=tuple(tried)))
            outcome = self._attempt(self._bounded(request, deadline - at), read)
            if isinstance(outcome, Result):
                self._earn()
                self._note(request, began, tried, succeeded=isinstance(outcome, Success))
                return outcome
            tried.append(Attempt(at - began, self._without_secrets(describe_outcome(outcome))))
            step = decide_retry(
                request,
                outcome,
                attempt=attempt,
                budget=self._shared.get().budget,
                time_left=deadline - self._clock.now(),
                dice=self._dice(),
                retry_after=read_retry_after(outcome, self._clock.now()) if isinstance(outcome, Response) else None,
                traced=trace is not None,
            )
            problem = judge(request, outcome) if isinstance(outcome, Response) else outcome
            if isinstance(step, Retry):
                self._pause(request, tried, step)
                earlier = _look_back(trace, request, problem, step.wait)
                if earlier is None:
                    continue
                if not isinstance(earlier, GiveUp):
                    self._note(request, began, tried, succeeded=True)
                    return Success(earlier)
                step = earlier
            self._note(request, began, tried, succeeded=False)
            return Failure(self._complete(problem, tried, step))
        raise AssertionError("the attempts are bounded by decide_retry")

    def _pause(self, request: Request, tried: list[Attempt], step: Retry) -> None:
        """Wait before another attempt, and pay for it."""
        logger.info(
            "Attempt %d at %s failed: %s; next in %.1f s.",
            len(tried),
            request.url,
            tried[-1].outcome,
            step.wait,
            extra={"pause": step.wait},
        )
        self._spend(step.cost)
        self._clock.sleep(step.wait)

    def _bounded(self, request: Request, time_left: float) -> Request:
        return bound_attempt(request, self._timeouts, time_left=time_left, max_answer=self._max_answer)

    def _attempt(self, request: Request, read: Reader[T]) -> Result[T, Problem] | Outcome:
        """Send once. What another try may mend is returned as it is; a result is final."""
        sent = self._transport.send(request)
        match sent:
            case Failure(NetworkFault() as fault):
                return fault
            case Failure(problem):
                return Failure(problem)
        response = sent.unwrap()
        if not 200 <= response.status < 300:
            return response
        if len(response.body) > request.largest:
            return Failure(too_large(request, len(response.body)))
        answer = read(response.body, request.url)
        match answer:
            case Failure(UnreadableBody() as flaw):
                return flaw
            case Success(found):
                self._tell_of_losses(request, getattr(found, "ignored", ()))
        return answer

    def _tell_of_losses(self, request: Request, ignored: tuple[str, ...]) -> None:
        """Log what of an answer could not be understood.

        Source: behaviour B286.
        """
        for sentence in ignored:
            logger.debug("Of the answer of %s this is left away: %s", request.url, self._without_secrets(sentence))

    def _complete(self, problem: Problem, tried: list[Attempt], step: GiveUp) -> Problem:
        """Return the problem with its history, and without the key and the tokens, should a server echo them.

        Source: behaviour B229.
        """
        if not isinstance(problem, FailedCall):
            return problem
        texts = ((name, value) for name, value in asdict(problem).items() if isinstance(value, str))
        masked = {name: self._without_secrets(value) for name, value in texts}
        return replace(problem, **masked | {"tried": tuple(tried), "gave_up": step.reason})

    def _without_secrets(self, text: str) -> str:
        """Return a text without the key and the tokens, should a server echo them."""
        tokens = (token.value for token in self._shared.get().tokens.values())
        hidden = [shown for secret in (self._key, *tokens) if len(shown := secret.reveal()) >= SHORTEST_SECRET]
        return reduce(_mask, hidden, text)

    def _note(self, request: Request, began: float, tried: list[Attempt], *, succeeded: bool) -> None:
        if tried:
            call = TroubledCall(url=request.url, at=began, tried=tuple(tried), succeeded=succeeded)
            self._shared.get().troubles.append(call)

    def _earn(self) -> None:
        shared = self._shared.get()
        with shared.budget_lock:
            shared.budget = shared.budget.earn()

    def _spend(self, cost: float) -> None:
        shared = self._shared.get()
        with shared.budget_lock:
            shared.budget = shared.budget.spend(cost)


def _mask(text: str, secret: str) -> str:
    """Return a text without a secret, and without the beginning of one where the text was cut off.

    Source: behaviour B229, B455.
    """
    masked, least = text.replace(secret, MASK), secret[:SHORTEST_SECRET]
    start = masked.find(least, max(len(masked) - len(secret), 0))
    while start >= 0 and not secret.startswith(masked[start:]):
        start = masked.find(least, start + 1)
    return masked if start < 0 else masked[:start] + MASK


def _turned_away(answer: Result[T, Problem]) -> NotAuthorized | ServerRefusal | None:
    """Return what says that the token was turned away, if it was."""
    match answer:
        case Failure(NotAuthorized(status=401) | ServerRefusal(status=401) as refusal):
            return refusal
        case _:
            return None


def _look_back(trace: Trace[T] | None, request: Request, problem: Problem, waited: float) -> T | GiveUp | None:
    """Return the outcome of an attempt that failed, if it is found; or why there must not be another.

    Source: behaviour B324.
    """
    if request.repeatable:
        return None
    if trace is not None:
        return trace(problem, waited)
    sent = not (isinstance(problem, NetworkFault) and problem.kind == "never sent")
    return GiveUp("what cannot be looked for is not sent twice") if sent else None


def _too_late(url: str, reason: str) -> NetworkFault:
    return NetworkFault(url=url, kind="never sent", cause="deadline", reason=reason)
