"""Sending one request for an account: with a token, within a deadline, again where that helps."""

from collections.abc import Callable
from itertools import count
from threading import Lock

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..core.retry import GiveUp, RetryBudget, decide_retry
from ..core.tokens import decide_token
from ..records.exchange import Request, Response
from ..records.problem import NetworkFault, NotAuthorized, Problem, ServerRefusal
from ..records.secret import Secret
from ..records.token import AccessToken
from ..transport.base import Clock, Transport
from ..wire.faults import key_problem_from, problem_from, read_retry_after
from ..wire.requests import add_headers, exchange_key
from ..wire.responses import read_token
from .logs import logger

CALL_SECONDS = 120.0
"""The deadline of one call, retries included. The carrier bounds each attempt by itself."""

Judge = Callable[[Request, Response], Problem]


class Sender:
    """One account's way to the cloud. It keeps tokens and the retry budget; safe under threads."""

    def __init__(self, key: Secret, transport: Transport, clock: Clock, dice: Callable[[], float]) -> None:
        self._key = key
        self._transport = transport
        self._clock = clock
        self._dice = dice
        self._budget = RetryBudget()
        self._tokens: dict[str, AccessToken] = {}
        self._last_try: dict[str, float] = {}
        self._token_lock = Lock()
        self._budget_lock = Lock()

    def send(self, request: Request, token_url: str) -> Result[Response, Problem]:
        """Send `request` with a bearer token from `token_url` and return a response that says yes.

        A token that is turned away is renewed once: it may have been revoked.

        Source: behaviour B20, B22.
        """
        token = self._token(token_url)
        if not isinstance(token, Success):
            return Failure(token.failure())
        used = token.unwrap()
        answer = self._send_as(request, used)
        if not _is_turned_away(answer):
            return answer
        token = self._token(token_url, instead_of=used)
        if not isinstance(token, Success):
            return Failure(token.failure())
        return self._send_as(request, token.unwrap())

    def _send_as(self, request: Request, token: AccessToken) -> Result[Response, Problem]:
        return self._try(add_headers(request, ("Authorization", f"Bearer {token.value.reveal()}")), problem_from)

    def _token(self, token_url: str, instead_of: AccessToken | None = None) -> Result[AccessToken, Problem]:
        """Return a token that works, asking for one where needed. All threads wait for one exchange."""
        with self._token_lock:
            token = self._tokens.get(token_url)
            if token is not None and token is instead_of:
                token = None
            step = decide_token(token, now=self._clock.now(), last_try=self._last_try.get(token_url))
            if step == "use" and token is not None:
                return Success(token)
            self._last_try[token_url] = self._clock.now()
            renewed = self._exchange(token_url)
            if isinstance(renewed, Success):
                self._tokens[token_url] = renewed.unwrap()
            elif step == "renew" and token is not None:
                logger.info("The token could not be renewed early; the old one still works.")
                return Success(token)
            return renewed

    def _exchange(self, token_url: str) -> Result[AccessToken, Problem]:
        request = exchange_key(token_url, self._key)
        return self._try(request, key_problem_from).bind(
            lambda response: read_token(response.body, request.url, self._clock.now())
        )

    def _try(self, request: Request, judge: Judge) -> Result[Response, Problem]:
        """Send until the answer is good, another try cannot help, or the deadline comes."""
        deadline = self._clock.now() + CALL_SECONDS
        for attempt in count(1):
            sent = self._transport.send(request)
            outcome: Response | Problem = sent.unwrap() if isinstance(sent, Success) else sent.failure()
            if isinstance(outcome, Response) and outcome.status < 300:
                self._earn()
                return Success(outcome)
            if not isinstance(outcome, Response | NetworkFault):
                return Failure(outcome)
            step = decide_retry(
                request,
                outcome,
                attempt=attempt,
                budget=self._budget,
                time_left=deadline - self._clock.now(),
                dice=self._dice(),
                retry_after=read_retry_after(outcome, self._clock.now()) if isinstance(outcome, Response) else None,
            )
            if isinstance(step, GiveUp):
                problem = judge(request, outcome) if isinstance(outcome, Response) else outcome
                return Failure(_with_attempts(problem, attempt))
            logger.info("Attempt %d at %s failed; next in %.1f s.", attempt, request.url, step.wait)
            self._spend(step.cost)
            self._clock.sleep(step.wait)
        raise AssertionError("the attempts are bounded by decide_retry")

    def _earn(self) -> None:
        with self._budget_lock:
            self._budget = self._budget.earn()

    def _spend(self, cost: float) -> None:
        with self._budget_lock:
            self._budget = self._budget.spend(cost)


def _is_turned_away(answer: Result[Response, Problem]) -> bool:
    if isinstance(answer, Success):
        return False
    problem = answer.failure()
    return isinstance(problem, NotAuthorized | ServerRefusal) and problem.status == 401


def _with_attempts(problem: Problem, attempts: int) -> Problem:
    return replace(problem, attempts=attempts) if isinstance(problem, NetworkFault | ServerRefusal) else problem
