"""What may be written of an exchange: allow-listed headers and fields, with stand-ins for all that is private.

A field that is not on the list keeps its name and the kind of its value, never the value: so a
cassette shows when the service says something new, and not what.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from msgspec.structs import replace

from ..records.cassette import Recorded
from ..records.exchange import Request, Response
from ..records.secret import Secret
from .operations import ParsedRequest, is_known, parse_request
from .pseudonyms import (
    ACCOUNT,
    CRN,
    INSTANCE,
    JWT,
    KEY,
    LONG_HEX,
    MAIL,
    SCOPE,
    USER,
    account_for,
    claims_of,
    crns_in,
    cursor_for,
    ids_in,
    instance_for,
    is_sign,
    mail_for,
    number_of,
    token_for,
    user_for,
)

HIDDEN = "hidden"
"""What stands in place of a text that is not on the list."""

NO_TOKEN = "not_supported"  # noqa: S105  # what the service says instead of a token

SHORTEST = 8
"""Characters of a secret that is looked for everywhere; shorter ones stand in too many words."""

REQUEST_HEADERS = ("accept", "content-type", "ibm-api-version", "service-crn")
RESPONSE_HEADERS = (
    "allow",
    "content-type",
    "deprecation",
    "ibm-api-version",
    "retry-after",
    "sunset",
    "warning",
    "x-global-transaction-id",
    "x-request-id",
)

_OF_ERRORS = """
    errors error code message solution more_info trace errorCode errorMessage status_code statusCode
    requestId requestType startTime endTime elapsedTime context
"""
_OF_TOKENS = "token_type expires_in expiration scope"
_OF_INSTANCES = """
    items crn service_plan_unique_id doc extensions overview_ui en display_name description long_description
    metadata pricing origin kind active plan_id plans instance_id instance instances instance_limit
    instance_limit_seconds usage_allocation_seconds usage_consumed_seconds usage_limit_seconds usage_limit_reached
    usage_consumed_ru usage_limit_ru usage_allocation_ru instance_limit_ru usage_period start_time end_time query fields
"""
_OF_BACKENDS = """
    devices name status reason queue_length is_simulator qubits physical_qubits class clops type value
    processor_type family revision segment performance_metrics two_q_error_best two_q_error_layered
    two_q_error_median readout_error_median gate unit wait_time_seconds average p50 p95 backends backend_name
    backend_version state length_queue
"""
_OF_JOBS = """
    id jobs program program_id created ended cost backend params tags session_id usage runtime private
    calibration_id log_level qpu_charge_time_seconds estimated_running_time_seconds reason_code reasonCode
    reason_solution count limit offset caller timestamps running finished circuits_execution_time_ns
    qiskit_version seconds quantum_seconds bss usage_seconds position_in_queue estimated_start_time
    estimated_completion_time
"""
_OF_SESSIONS = """
    mode accepting_jobs max_ttl interactive_ttl active_ttl started_at activated_at closed_at last_job_started
    last_job_completed elapsed_time timestamp state_reason workloads total_count status_reason open dedicated closed
"""
_OF_VERSIONS = "versions version sunset_date"

FIELDS = frozenset(
    name
    for names in (_OF_ERRORS, _OF_TOKENS, _OF_INSTANCES, _OF_BACKENDS, _OF_JOBS, _OF_SESSIONS, _OF_VERSIONS)
    for name in names.split()
)
"""The fields whose values may be written, where all fields around them may be."""

WHOLE = frozenset({"params"})
"""Fields that hold what a user computes, and are written with all that is in them."""


def _token(text: str) -> str:
    return text if text in ("", NO_TOKEN) else token_for(text)


def _user(text: str) -> str:
    return text if not text or number_of(text) is not None else HIDDEN


PRIVATE = {"access_token": _token, "refresh_token": _token, "search_cursor": cursor_for, "user_id": _user}
"""What becomes of the text of fields that are private whatever is in them."""

HOMES = {
    "token": "https://iam.cloud.ibm.com",
    "search": "https://api.global-search-tagging.cloud.ibm.com",
    "catalog": "https://globalcatalog.cloud.ibm.com",
}

_ID_FIELD = re.compile(r"id|\w+_id|requestId|trace")
"""Fields that hold the ids of jobs, sessions, plans and calls, which open nothing."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")

Clean = Callable[[str], str]


def scrub(exchanges: Sequence[Recorded], told: Iterable[Secret] = ()) -> tuple[tuple[Recorded, ...], frozenset[str]]:
    """Return what may be written of `exchanges`, and the secrets that are not in it any more.

    Each private name has the same stand-in everywhere. Scrubbing twice changes nothing.

    Args:
        exchanges: What was recorded.
        told: Secrets of the account, whether they are in it or not.

    Source: behaviour B207 to B210, B329, B330.
    """
    stand_ins = find_stand_ins(exchanges) | {str(secret.reveal()): KEY for secret in told if secret}
    clean = build_clean(stand_ins)
    return tuple(_scrub_exchange(exchange, clean) for exchange in exchanges), frozenset(
        secret for secret, stand_in in stand_ins.items() if secret != stand_in and len(secret) >= SHORTEST
    )


def find_stand_ins(exchanges: Iterable[Recorded]) -> dict[str, str]:
    """Return the stand-in of each private name that stands anywhere; an id by which things are asked for is its own."""
    found = _Found()
    ids: dict[str, str] = {}
    for exchange in exchanges:
        for name, value in parse_request(exchange.request).names:
            if name == "account":
                found.stand_ins[value] = account_for(value)
            ids[value] = value
        for secret in _keys_of(exchange.request):
            found.learn_credential(secret)
        for text in _texts_of(exchange):
            found.learn_forms(text)
        for name, value in _fields_of(exchange):
            found.learn_field(name, value)
            if _ID_FIELD.fullmatch(name):
                ids[value] = value
    return ids | found.stand_ins | _number(found.users, user_for) | _number(found.mails, mail_for)


def build_clean(stand_ins: dict[str, str]) -> Clean:
    """Return the function that puts stand-ins in the place of all private names of a text."""
    odd = [
        secret
        for secret in sorted(stand_ins, key=len, reverse=True)
        if len(secret) >= SHORTEST
        and stand_ins[secret] != secret
        and not ACCOUNT.fullmatch(secret)
        and not INSTANCE.fullmatch(secret)
    ]
    pattern = re.compile("|".join(map(re.escape, odd))) if odd else None

    def id_for(found: re.Match[str]) -> str:
        return stand_ins.get(found[0]) or ids_in(found[0])

    def clean(text: str) -> str:
        text = crns_in(text)
        if pattern is not None:
            text = pattern.sub(lambda found: stand_ins[found[0]], text)
        if "eyJ" in text:
            text = JWT.sub(lambda found: token_for(found[0]), text)
        return INSTANCE.sub(id_for, LONG_HEX.sub(id_for, text))

    return clean


def _number(names: Iterable[str], stand_in: Callable[[int], str]) -> dict[str, str]:
    """Give people numbers in the order of their appearance, after those that have one already."""
    numbers = {name: number_of(name) for name in names}
    following = 1 + max((number for number in numbers.values() if number is not None), default=0)
    given: dict[str, str] = {}
    for name, number in numbers.items():
        given[name] = stand_in(following if number is None else number)
        following += number is None
    return given


# What there is to hide


class _Found:
    """What is private in a recording, as far as it was read."""

    def __init__(self) -> None:
        self.stand_ins: dict[str, str] = {}
        # In the order of their appearance, which is that of their numbers.
        self.users: dict[str, None] = {}
        self.mails: dict[str, None] = {}

    def learn_credential(self, secret: str) -> None:
        """Note a key or a token, and what a token says of its owner."""
        claims = claims_of(secret)
        self.stand_ins[secret] = token_for(secret) if claims else KEY if secret else ""
        account = claims.get("account")
        if isinstance(account, dict) and isinstance(account.get("bss"), str):
            self.stand_ins[account["bss"]] = account_for(account["bss"])
        for claim, value in claims.items():
            if isinstance(value, str):
                self.mails |= dict.fromkeys(MAIL.findall(value))
                if value and claim in ("iam_id", "id"):
                    self.users[value] = None

    def learn_forms(self, text: str) -> None:
        """Note what is private by its form, wherever it stands."""
        for crn in CRN.findall(text) if "crn:" in text else ():
            parts = crn.split(":")
            account = parts[6].rpartition("/")[2]
            self.stand_ins |= {parts[7]: instance_for(parts[7]), account: account_for(account)}
        if "a/" in text:
            self.stand_ins |= {account: account_for(account) for account in SCOPE.findall(text)}
        if "@" in text:
            self.mails |= dict.fromkeys(MAIL.findall(text))
        if "IBMid-" in text or "iam-" in text:
            self.users |= dict.fromkeys(USER.findall(text))

    def learn_field(self, name: str, value: str) -> None:
        """Note what is private because of the field that it is in."""
        if name in ("access_token", "refresh_token") and value != NO_TOKEN:
            self.learn_credential(value)
        elif name == "search_cursor":
            self.stand_ins[value] = cursor_for(value)
        elif name == "user_id" and value:
            self.users[value] = None


def _keys_of(request: Request) -> Iterator[str]:
    """Yield the credentials of a request."""
    scheme, _, credential = (request.header("Authorization") or "").partition(" ")
    yield credential or scheme
    if b"apikey=" in request.body:
        for name, value in parse_qsl(request.body.decode("utf-8", "replace")):
            if name == "apikey":
                yield value


def _texts_of(exchange: Recorded) -> Iterator[str]:
    """Yield all texts of an exchange, as they may be written."""
    request, response = exchange.request, exchange.response
    parsed = parse_request(request)
    yield from (value for _, value in parsed.names)
    yield from (value for _, value in parse_qsl(parsed.query, keep_blank_values=True))
    yield from (value for _, value in (*request.headers, *response.headers))
    for body in (request.body, response.body):
        content = _content(body)
        yield from (_text_of(body),) if content is None else _strings_in(content)


def _fields_of(exchange: Recorded) -> Iterator[tuple[str, str]]:
    """Yield each field of the bodies that holds a text, and each text of one that holds several."""
    for body in (exchange.request.body, exchange.response.body):
        pending = [_content(body)]
        while pending:
            value = pending.pop()
            if isinstance(value, dict):
                for name, inner in value.items():
                    texts = inner if isinstance(inner, list) else (inner,)
                    yield from ((name, text) for text in texts if isinstance(text, str))
                pending += reversed(value.values())
            elif isinstance(value, list):
                pending += reversed(value)


def _strings_in(content: Any) -> Iterator[str]:
    pending = [content]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            pending += reversed(value.values())
        elif isinstance(value, list):
            pending += reversed(value)


def _content(body: bytes) -> Any:
    """Return a body as JSON, in Python's dialect, or `None` for one that is none, or nothing but a number."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict | list | str) else None


def _text_of(body: bytes) -> str:
    return body.decode("utf-8", "replace")


# What may be written


def _scrub_exchange(exchange: Recorded, clean: Clean) -> Recorded:
    parsed = parse_request(exchange.request)
    request = replace(
        exchange.request,
        url=_public_url(parsed, exchange.request, clean),
        headers=_kept(exchange.request.headers, REQUEST_HEADERS, clean),
        body=_form() if parsed.operation.name == "exchange key" else _body(exchange.request.body, parsed, clean),
    )
    response = Response(
        status=exchange.response.status,
        headers=_kept(exchange.response.headers, RESPONSE_HEADERS, clean),
        body=_body(exchange.response.body, parsed, clean, is_response=True),
    )
    return replace(exchange, request=request, response=response)


def _kept(headers: tuple[tuple[str, str], ...], names: Sequence[str], clean: Clean) -> tuple[tuple[str, str], ...]:
    return tuple((name, clean(value)) for name, value in headers if name.lower() in names)


def _public_url(parsed: ParsedRequest, request: Request, clean: Clean) -> str:
    """Return the URL that the operation has in public: which host a recording was made at is nobody's business."""
    home = parsed.operation.home
    if home == "runtime":
        crn = (request.header("Service-CRN") or "").split(":")
        region = f"{crn[5]}." if len(crn) == 10 and crn[5] not in ("", "us-east") else ""
        base = f"https://{region}quantum.cloud.ibm.com/api/v1/"
    else:
        base = f"{HOMES[home]}/"
    names = {f"{{{name}}}": value for name, value in parsed.names}
    segments = [quote(clean(names.get(segment, segment)), safe="") for segment in parsed.operation.end]
    path = "/".join(segments if is_known(parsed.operation) else segments[1:])
    if not is_known(parsed.operation):
        base = base.removesuffix("api/v1/")
    pairs = [(name, clean(value)) for name, value in parse_qsl(parsed.query, keep_blank_values=True)]
    return f"{base}{path}{'?' if pairs else ''}{urlencode(pairs)}"


def _form() -> bytes:
    grant = "urn:ibm:params:oauth:grant-type:apikey"
    return urlencode({"grant_type": grant, "apikey": KEY, "response_type": "cloud_iam"}).encode()


def _body(body: bytes, parsed: ParsedRequest, clean: Clean, *, is_response: bool = False) -> bytes:
    """Return what may be written of a body. One that is not JSON is text, and written if the operation is known."""
    if not body:
        return body
    known = is_known(parsed.operation)
    try:
        content = json.loads(body)
        shown = _show(content, clean, whole=is_response and parsed.operation.whole and known, known=known)
        return json.dumps(shown, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        pass
    if not known:
        return HIDDEN.encode()
    try:
        return clean(body.decode("utf-8")).encode()
    except UnicodeError:
        return body


def _show(value: Any, clean: Clean, *, whole: bool, known: bool = True) -> Any:
    """Return a value with the values of fields that are not on the list hidden, and all others cleaned."""
    if isinstance(value, dict):
        shown = {}
        for name, inner in value.items():
            if name in PRIVATE and isinstance(inner, str):
                shown[name] = PRIVATE[name](clean(inner))
            elif is_sign(name):
                shown[_name(name, clean, whole)] = _show(inner, clean, whole=False, known=False)
            else:
                written = known and (whole or name in FIELDS)
                shown[_name(name, clean, whole)] = _show(inner, clean, whole=whole or name in WHOLE, known=written)
        return shown
    if isinstance(value, list):
        shown_items = []
        for inner in value:
            shown_items.append(_show(inner, clean, whole=whole, known=known))  # noqa: PERF401  # a frame less a level
        return shown_items
    if isinstance(value, str):
        return clean(value) if known else HIDDEN if value else ""
    return value if known or value is None else type(value)()


def _name(name: str, clean: Clean, whole: bool) -> str:
    """Return the name of a field; one that is no word may be a name of somebody."""
    return clean(name) if whole or _NAME.fullmatch(name) else HIDDEN
