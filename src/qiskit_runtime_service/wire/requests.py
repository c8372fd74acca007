"""Requests to each endpoint, complete but for the credentials."""

from collections.abc import Iterable
from urllib.parse import quote, quote_from_bytes, urlencode

import msgspec

from ..records.exchange import DESCRIPTION, LISTING, RESULT, SMALL, Request
from ..records.job import JobQuery, Submission
from ..records.secret import HiddenBytes, Secret
from ..records.session import SessionOrder, SessionQuery, WorkloadMode

API_VERSION = "2026-04-15"
SEARCH_PAGE = 100
GOING_ON = ("pending", "in_progress")
ENDED = ("completed", "canceled", "failed")
"""What the listing of workloads calls those that have come to their end, and the others."""

_JSON = ("Content-Type", "application/json")
_ACCEPT = ("Accept", "application/json")
_VERSION = ("IBM-API-Version", API_VERSION)
_SEARCH_FIELDS = ("crn", "service_plan_unique_id", "name", "doc", "tags")
_encode = msgspec.json.Encoder().encode

Query = Iterable[tuple[str, str]]


def exchange_key(token_url: str, key: Secret) -> Request:
    """Ask the token service for a bearer token. The one request that carries the API key.

    Source: behaviour B327.
    """
    form = "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey={}&response_type=cloud_iam"
    return Request(
        method="POST",
        url=f"{token_url}/identity/token",
        # The answer, which holds a token, passes no decompressor, where it would lie open.
        headers=(("Content-Type", "application/x-www-form-urlencoded"), _ACCEPT, ("Accept-Encoding", "identity")),
        # `urlencode` has the key among its locals.
        body=HiddenBytes(form.format(quote_from_bytes(key.reveal().encode(), safe="")).encode("ascii")),
    )


def search_instances(search_url: str, cursor: str | None = None) -> Request:
    """Ask for one page of the quantum instances of the account."""
    body: dict[str, object] = {"query": "service_name:quantum-computing", "fields": _SEARCH_FIELDS}
    if cursor is not None:
        body["search_cursor"] = cursor
    return Request(
        method="POST",
        url=f"{search_url}/v3/resources/search?limit={SEARCH_PAGE}",
        headers=(_JSON, _ACCEPT),
        body=_encode(body),
        largest=LISTING,
    )


def describe_plan(catalog_url: str, plan_id: str) -> Request:
    """Ask the catalog for the name and pricing of a plan."""
    return Request(method="GET", url=f"{catalog_url}/{_segment(plan_id)}", headers=(_ACCEPT,))


def list_versions(base: str) -> Request:
    """Ask which versions of the API there are. The one request that needs no credentials."""
    return Request(method="GET", url=f"{base}/versions", headers=(_ACCEPT,))


def list_backends(base: str, crn: str, *, include_mocks: bool = True, waiting: bool = False) -> Request:
    """Ask for the listing of an instance, with queue lengths and states, and waiting times if asked."""
    mocks = (("include_mocks", "True"),) if include_mocks else ()
    query = (*mocks, ("fields", "wait_time_seconds")) if waiting else mocks
    return _get(base, "/backends", crn, query, largest=LISTING)


def get_configuration(base: str, crn: str, name: str, calibration_id: str | None = None) -> Request:
    """Ask how a backend is built."""
    return _get(
        base, f"/backends/{_segment(name)}/configuration", crn, _calibration(calibration_id), largest=DESCRIPTION
    )


def get_properties(
    base: str, crn: str, name: str, calibration_id: str | None = None, updated_before: str | None = None
) -> Request:
    """Ask for a calibration: the latest, that of an id, or the last before an ISO instant."""
    query = [*_calibration(calibration_id)]
    if updated_before is not None:
        query.append(("updated_before", updated_before))
    return _get(base, f"/backends/{_segment(name)}/properties", crn, query, largest=DESCRIPTION)


def get_status(base: str, crn: str, name: str) -> Request:
    """Ask whether a backend takes jobs now."""
    return _get(base, f"/backends/{_segment(name)}/status", crn)


def get_usage(base: str, crn: str) -> Request:
    """Ask what the instance has spent."""
    return _get(base, "/instances/usage", crn)


def create_job(base: str, crn: str, job: Submission) -> Request:
    """Submit a job. Not repeatable: sent twice it is two jobs."""
    body = {"program_id": job.program, "backend": job.backend, "params": msgspec.Raw(job.params)}
    optional = {
        "log_level": job.log_level,
        "tags": list(job.tags),
        "cost": job.cost,
        "private": job.private,
        "session_id": job.session,
        "runtime": job.image,
        "calibration_id": job.calibration_id,
    }
    return Request(
        method="POST",
        url=f"{base}/jobs",
        headers=(*_headers(crn), _JSON),
        body=_encode(body | {key: value for key, value in optional.items() if value}),
        slow=True,
        repeatable=False,
    )


def get_job(base: str, crn: str, job: str, *, with_params: bool = False) -> Request:
    """Ask for one job, by default without its parameters."""
    path = f"/jobs/{_segment(job)}"
    return (
        _get(base, path, crn, largest=RESULT) if with_params else _get(base, path, crn, (("exclude_params", "true"),))
    )


def list_jobs(base: str, crn: str, query: JobQuery, *, limit: int, offset: int, after: str, before: str) -> Request:
    """Ask for one page of jobs. `after` and `before` are the instants of `query` as ISO text, or empty."""
    pairs = [("exclude_params", "true"), ("limit", str(limit))]
    optional = {
        "offset": str(offset) if offset else "",
        "backend": query.backend,
        "pending": "" if query.pending is None else str(query.pending).lower(),
        "program": query.program,
        "session_id": query.session,
        "created_after": after,
        "created_before": before,
        "sort": "" if query.descending else "ASC",
        "include_mocks": "True" if query.include_mocks else "",
    }
    pairs += ((key, value) for key, value in optional.items() if value)
    pairs += (("tags", tag) for tag in query.tags)
    return _get(base, "/jobs", crn, pairs, largest=LISTING)


def get_results(base: str, crn: str, job: str) -> Request:
    """Ask for the result of a job."""
    return _get(base, f"/jobs/{_segment(job)}/results", crn, largest=RESULT, slow=True)


def get_logs(base: str, crn: str, job: str) -> Request:
    """Ask for what a job wrote while it ran."""
    return _get(base, f"/jobs/{_segment(job)}/logs", crn, largest=DESCRIPTION)


def get_metrics(base: str, crn: str, job: str) -> Request:
    """Ask when a job ran and what it cost."""
    return _get(base, f"/jobs/{_segment(job)}/metrics", crn)


def cancel_job(base: str, crn: str, job: str) -> Request:
    """Stop a job that is not final."""
    return Request(method="POST", url=f"{base}/jobs/{_segment(job)}/cancel", headers=_headers(crn))


def delete_job(base: str, crn: str, job: str) -> Request:
    """Forget a final job."""
    return Request(method="DELETE", url=f"{base}/jobs/{_segment(job)}", headers=_headers(crn))


def put_tags(base: str, crn: str, job: str, tags: Iterable[str]) -> Request:
    """Replace the tags of a job."""
    return Request(
        method="PUT",
        url=f"{base}/jobs/{_segment(job)}/tags",
        headers=(*_headers(crn), _JSON),
        body=_encode({"tags": list(tags)}),
    )


def create_session(base: str, crn: str, session: SessionOrder) -> Request:
    """Open a session or a batch. Not repeatable: sent twice it is two sessions."""
    body = {"mode": session.mode, "backend": session.backend, "instance": crn}
    return Request(
        method="POST",
        url=f"{base}/sessions",
        headers=(*_headers(crn), _JSON),
        body=_encode(body if session.max_seconds is None else body | {"max_ttl": session.max_seconds}),
        repeatable=False,
    )


def get_session(base: str, crn: str, session: str) -> Request:
    """Ask for one session."""
    return _get(base, f"/sessions/{_segment(session)}", crn)


def list_sessions(
    base: str,
    crn: str,
    query: SessionQuery,
    *,
    mode: WorkloadMode,
    limit: int,
    cursor: str | None,
    after: str,
    before: str,
) -> Request:
    """Ask for one page of sessions, or of batches. `after` and `before` are the instants of `query` as ISO text."""
    pairs = [("sort", "-createdAt"), ("limit", str(limit)), ("mode", mode)]
    optional = {"next": cursor, "backend": query.backend, "created_after": after, "created_before": before}
    pairs += ((key, value) for key, value in optional.items() if value)
    if query.closed is not None:
        pairs += (("status", status) for status in (ENDED if query.closed else GOING_ON))
    return _get(base, "/workloads", crn, pairs, largest=LISTING)


def close_session(base: str, crn: str, session: str) -> Request:
    """Let a session take no more jobs; those it has still run."""
    return Request(
        method="PATCH",
        url=f"{base}/sessions/{_segment(session)}",
        headers=(*_headers(crn), _JSON),
        body=_encode({"accepting_jobs": False}),
    )


def cancel_session(base: str, crn: str, session: str) -> Request:
    """End a session at once; those of its jobs that wait are cancelled."""
    return Request(method="DELETE", url=f"{base}/sessions/{_segment(session)}/close", headers=_headers(crn))


def add_headers(request: Request, *headers: tuple[str, str]) -> Request:
    """Return the request with more headers."""
    return msgspec.structs.replace(request, headers=(*request.headers, *headers))


def _get(base: str, path: str, crn: str, query: Query = (), *, largest: int = SMALL, slow: bool = False) -> Request:
    pairs = urlencode(list(query))
    url = f"{base}{path}{'?' if pairs else ''}{pairs}"
    return Request(method="GET", url=url, headers=_headers(crn), largest=largest, slow=slow)


def _headers(crn: str) -> tuple[tuple[str, str], ...]:
    return (("Service-CRN", crn), _VERSION, _ACCEPT)


def _segment(text: str) -> str:
    """Escape a name for use as one segment of a path, dots included: `..` must not climb."""
    return quote(text, safe="").replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _calibration(calibration_id: str | None) -> Query:
    return () if calibration_id is None else (("calibration_id", calibration_id),)
