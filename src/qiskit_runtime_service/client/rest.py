"""One method per endpoint: build the request, send it, read the answer."""

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..core.jobs import status_of
from ..core.troubles import about
from ..records.account import Account
from ..records.backend import BackendListing, BackendStatus, Configuration, Properties
from ..records.call import Subject, TroubledCall
from ..records.exchange import Endpoints, Request
from ..records.instance import Crn, Plan, SearchPage
from ..records.job import CreatedJob, Job, JobMetrics, JobPage, JobQuery, Submission
from ..records.network import Timeouts
from ..records.problem import (
    JobNotCancellable,
    JobNotFinal,
    JobNotFound,
    NetworkFault,
    Problem,
    ServerRefusal,
    SessionNotFound,
    WrongType,
)
from ..records.session import SessionDetails, SessionOrder, SessionPage, SessionQuery, WorkloadMode
from ..records.usage import Usage
from ..wire import configuration, requests, responses
from ..wire.crn import read_crn
from ..wire.requests import add_headers
from ..wire.urls import check_url, runtime_url, token_url
from .sender import Reader, Sender, Trace

T = TypeVar("T")

Resolver = Callable[[str, str, bool | None, str], str]
"""From account URL, CRN, private endpoint and channel to the base URL of the runtime."""


class Route(NamedTuple):
    """The base URLs of the runtime and of the token service for an instance."""

    base: str
    token: str


class Client:
    """The service's endpoints as functions between records. It holds no instance: each call names one."""

    def __init__(
        self,
        account: Account,
        endpoints: Endpoints,
        sender: Sender,
        url_resolver: Resolver | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._account = account
        self._endpoints = endpoints
        self._sender = sender
        self._resolver = url_resolver
        self._headers = headers

    def within(self, timeouts: Timeouts) -> Self:
        """Return the same endpoints with other limits of time."""
        twin = copy(self)
        twin._sender = self._sender.within(timeouts)
        return twin

    def time_left(self) -> Callable[[], float]:
        """Begin a slow call that more belongs to than requests; return what tells the seconds that it may still take.

        Source: behaviour B319.
        """
        return self._sender.time_left(self._sender.timeouts.slow_call)

    def before(self, seconds: float | None) -> Self:
        """Return the same endpoints for calls that end within `seconds`, retries included; `None` changes nothing."""
        if seconds is None:
            return self
        known = self.timeouts
        return self.within(replace(known, call=min(known.call, seconds), slow_call=min(known.slow_call, seconds)))

    @property
    def timeouts(self) -> Timeouts:
        """The limits of calls."""
        return self._sender.timeouts

    @property
    def troubles(self) -> tuple[TroubledCall, ...]:
        """The latest calls that did not go well at once, oldest first."""
        return self._sender.troubles

    def url_of(self, crn: str | None) -> str:
        """Return the base URL of the runtime that holds an instance; without one, that of the default region."""
        if crn is None:
            return self._endpoints.runtime
        return read_crn(crn).bind(self._route).map(lambda route: route.base).value_or(self._endpoints.runtime)

    def ping(self, crn: str | None) -> Result[None, Problem]:
        """Ask the runtime something without credentials. Whatever it answers, it can be reached."""
        return self._sender.ping(requests.list_versions(self.url_of(crn)))

    def authorize(self, crn: str | None) -> Result[None, Problem]:
        """Exchange the key for a new token, even where there is one that works."""
        service = None if crn is None else read_crn(crn).unwrap()
        return self._sender.authorize(token_url(self._endpoints, service))

    def search(self, cursor: str | None) -> Result[SearchPage, Problem]:
        """Return one page of instances."""
        return self._discover(requests.search_instances(self._endpoints.search, cursor), responses.read_search)

    def plan(self, plan_id: str) -> Result[Plan, Problem]:
        """Return what the catalog says of a plan."""
        request = requests.describe_plan(self._endpoints.catalog, plan_id)
        return self._discover(request, lambda body, url: responses.read_plan(body, url, plan_id))

    def backends(self, crn: str, waiting: bool = False) -> Result[BackendListing, Problem]:
        """Return the listing of an instance, with waiting times if asked."""
        return self._ask(
            crn,
            lambda base: requests.list_backends(base, crn, waiting=waiting),
            lambda body, url: responses.read_backends(body, url, crn),
        )

    def configuration(self, crn: str, name: str, calibration_id: str | None) -> Result[Configuration, Problem]:
        """Return how a backend is built."""
        return self._ask(
            crn,
            lambda base: requests.get_configuration(base, crn, name, calibration_id),
            configuration.read_configuration,
        )

    def properties(
        self, crn: str, name: str, calibration_id: str | None, updated_before: str | None
    ) -> Result[Properties | None, Problem]:
        """Return a calibration of a backend, if it has any."""
        return self._ask(
            crn,
            lambda base: requests.get_properties(base, crn, name, calibration_id, updated_before),
            configuration.read_properties,
        )

    def status(self, crn: str, name: str) -> Result[BackendStatus, Problem]:
        """Return whether a backend takes jobs."""
        return self._ask(
            crn,
            lambda base: requests.get_status(base, crn, name),
            lambda body, url: responses.read_status(body, url, name),
        )

    def usage(self, crn: str) -> Result[Usage, Problem]:
        """Return what an instance has spent."""
        return self._ask(
            crn,
            lambda base: requests.get_usage(base, crn),
            lambda body, url: responses.read_usage(body, url, crn),
        )

    def create_job(
        self, crn: str, job: Submission, trace: Trace[CreatedJob | Job] | None = None
    ) -> Result[CreatedJob | Job, Problem]:
        """Submit a job; return its id and, if the server says so, its backend.

        Args:
            crn: The instance.
            job: What is submitted.
            trace: What looks for the job before it is sent again. What it finds is returned.
        """
        return self._ask(
            crn, lambda base: requests.create_job(base, crn, job), responses.read_created_job, "jobs", trace
        )

    def job(self, crn: str, job: str) -> Result[Job, Problem]:
        """Return one job."""
        return self._ask_about(job, crn, requests.get_job, lambda body, url: responses.read_job(body, url, crn, job))

    def jobs(self, crn: str, query: JobQuery, limit: int, offset: int) -> Result[JobPage, Problem]:
        """Return one page of jobs."""
        after, before = map(responses.write_instant, (query.created_after, query.created_before))
        return self._ask(
            crn,
            lambda base: requests.list_jobs(base, crn, query, limit=limit, offset=offset, after=after, before=before),
            lambda body, url: responses.read_jobs(body, url, crn),
            "jobs",
        )

    def inputs(self, crn: str, job: str) -> Result[bytes | None, Problem]:
        """Return the parameters of a job as JSON text; `None` where they are not told."""

        def build(base: str, crn: str, job: str) -> Request:
            return requests.get_job(base, crn, job, with_params=True)

        return self._ask_about(job, crn, build, responses.read_inputs)

    def result(self, crn: str, job: str) -> Result[bytes | None, Problem]:
        """Return the result of a job as it came, or `None` where there is none."""
        return self._ask_about(job, crn, requests.get_results, lambda body, _: Success(body or None))

    def logs(self, crn: str, job: str) -> Result[str, Problem]:
        """Return what a job wrote; nothing where there are no logs (yet)."""
        logs = self._ask_about(job, crn, requests.get_logs, lambda body, _: Success(body.decode("utf-8", "replace")))
        return logs.lash(lambda problem: Success("") if isinstance(problem, JobNotFound) else Failure(problem))

    def metrics(self, crn: str, job: str) -> Result[JobMetrics, Problem]:
        """Return when a job ran and what it cost."""
        return self._ask_about(job, crn, requests.get_metrics, responses.read_metrics)

    def all_metrics(self, crn: str, job: str) -> Result[dict[str, Any], Problem]:
        """Return all that the service tells of the run of a job, in its own words."""
        return self._ask_about(job, crn, requests.get_metrics, responses.read_object)

    def cancel_job(self, crn: str, job: str) -> Result[None, Problem]:
        """Stop a job. That it was stopped by an attempt whose answer was lost is no error.

        Source: behaviour B23.
        """
        cancelled = self._ask_about(job, crn, requests.cancel_job, lambda *_: Success(None))
        if _is_repeated(cancelled, 409) and self.job(crn, job).map(_was_cancelled).value_or(False):
            return Success(None)
        return cancelled.alt(partial(_about_cancelling, job))

    def delete_job(self, crn: str, job: str) -> Result[None, Problem]:
        """Forget a job that is final. That it was forgotten by an attempt whose answer was lost is no error.

        Source: behaviour B23.
        """
        deleted = self._ask(crn, lambda base: requests.delete_job(base, crn, job), lambda *_: Success(None), "jobs")
        if _is_repeated(deleted, 404):
            return Success(None)
        return deleted.alt(partial(_about_job, job)).alt(partial(_about_deletion, job))

    def put_tags(self, crn: str, job: str, tags: tuple[str, ...]) -> Result[None, Problem]:
        """Replace the tags of a job."""

        def build(base: str, crn: str, job: str) -> Request:
            return requests.put_tags(base, crn, job, tags)

        return self._ask_about(job, crn, build, lambda *_: Success(None))

    def create_session(self, crn: str, session: SessionOrder) -> Result[str, Problem]:
        """Open a session; return its id."""
        return self._ask(
            crn, lambda base: requests.create_session(base, crn, session), responses.read_created_session, "jobs"
        )

    def session(self, crn: str, session: str) -> Result[SessionDetails, Problem]:
        """Return one session."""
        return self._ask_about_session(
            session, crn, requests.get_session, lambda body, url: responses.read_session(body, url, crn, session)
        )

    def sessions(
        self, crn: str, query: SessionQuery, mode: WorkloadMode, limit: int, cursor: str | None = None
    ) -> Result[SessionPage, Problem]:
        """Return one page of sessions, or of batches."""
        after, before = map(responses.write_instant, (query.created_after, query.created_before))
        return self._ask(
            crn,
            lambda base: requests.list_sessions(
                base, crn, query, mode=mode, limit=limit, cursor=cursor, after=after, before=before
            ),
            lambda body, url: responses.read_sessions(body, url, crn),
            "jobs",
        )

    def close_session(self, crn: str, session: str) -> Result[None, Problem]:
        """Let a session take no more jobs."""
        return self._ask_about_session(session, crn, requests.close_session, lambda *_: Success(None))

    def cancel_session(self, crn: str, session: str) -> Result[None, Problem]:
        """End a session at once."""
        return self._ask_about_session(session, crn, requests.cancel_session, lambda *_: Success(None))

    def _discover(self, request: Request, read: Reader[T]) -> Result[T, Problem]:
        return self._sender.send(request, token_url(self._endpoints, None), read)

    def _ask_about(
        self, job: str, crn: str, build: Callable[[str, str, str], Request], read: Reader[T]
    ) -> Result[T, Problem]:
        """Ask the runtime about a job; a refusal says what it means for the job."""
        answer = self._ask(crn, lambda base: build(base, crn, job), read, "jobs")
        return answer.alt(partial(_about_job, job))

    def _ask_about_session(
        self, session: str, crn: str, build: Callable[[str, str, str], Request], read: Reader[T]
    ) -> Result[T, Problem]:
        """Ask the runtime about a session; a refusal says what it means for the session."""
        answer = self._ask(crn, lambda base: build(base, crn, session), read, "jobs")
        return answer.alt(partial(_about_session, session))

    def _ask(
        self,
        crn: str,
        build: Callable[[str], Request],
        read: Reader[T],
        subject: Subject = "",
        trace: Trace[T] | None = None,
    ) -> Result[T, Problem]:
        """Send a request to the runtime that holds an instance and read the answer."""

        def send(route: Route) -> Result[T, Problem]:
            request = add_headers(build(route.base), *self._headers)
            answer = self._sender.send(request, route.token, read, trace)
            return answer.alt(lambda problem: about(subject, _of_request(request, problem)))

        return read_crn(crn).bind(self._route).bind(send)

    def _route(self, crn: Crn) -> Result[Route, Problem]:
        """Return where an instance is asked.

        Fails with:
            WrongType, UnsafeUrl: The resolver of the user returns what is no URL for credentials.

        Source: behaviour B308.
        """
        token_service = token_url(self._endpoints, crn)
        if self._resolver is None:
            return Success(Route(runtime_url(self._endpoints, crn), token_service))
        account = self._account
        base: object = self._resolver(account.url, crn.text, account.private_endpoint, account.channel)
        if not isinstance(base, str):
            wanted = "a function that returns the base URL of the runtime, such as https://quantum.cloud.ibm.com/api/v1"
            return Failure(WrongType(name="url_resolver", value=f"a function that returns {base!r}", wanted=wanted))
        return check_url(base).map(lambda _: Route(base.rstrip("/"), token_service))


def _of_request(request: Request, problem: Problem) -> Problem:
    """Say of a response that is lost whether it was to a request that changes something.

    Source: behaviour B296.
    """
    match problem:
        case NetworkFault(url=url) if url == request.url and request.method != "GET":
            return replace(problem, acts=True)
        case _:
            return problem


def _is_repeated(done: Result[T, Problem], status: int) -> bool:
    """Whether what was to be done was refused with that status, and not at the first attempt."""
    match done:
        case Failure(ServerRefusal(status=refused, tried=tried)):
            return refused == status and len(tried) > 1
        case _:
            return False


def _was_cancelled(job: Job) -> bool:
    return status_of(job.state) == "CANCELLED"


def _about_job(job: str, problem: Problem) -> Problem:
    """Say of a refusal what it means for a job."""
    match problem:
        case ServerRefusal(status=404):
            return JobNotFound(job=job, instances=1)
        case _:
            return problem


def _about_cancelling(job: str, problem: Problem) -> Problem:
    """Say of a refusal to cancel a job what it means.

    Source: behaviour B296.
    """
    match problem:
        case ServerRefusal(status=409, message=message):
            return JobNotCancellable(job=job, message=message)
        case _:
            return problem


def _about_deletion(job: str, problem: Problem) -> Problem:
    """Say of a refusal to delete a job what it means."""
    match problem:
        case ServerRefusal(status=400 | 409, message=message):
            return JobNotFinal(job=job, message=message)
        case _:
            return problem


def _about_session(session: str, problem: Problem) -> Problem:
    """Say of a refusal what it means for a session."""
    match problem:
        case ServerRefusal(status=404):
            return SessionNotFound(session=session, instances=1)
        case _:
            return problem
