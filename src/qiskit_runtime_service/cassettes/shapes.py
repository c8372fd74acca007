"""How responses are built: the fields of a body, and of what kind their values are. No value is kept."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..records.cassette import EndpointShape, FieldShape, Recorded
from .operations import parse_request

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{5,8}(?:\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

PLAIN_TEXT, NOT_JSON, NOTHING = "text", "text that is not JSON", "nothing"


class _Counted:
    """What was seen of one endpoint so far."""

    def __init__(self) -> None:
        self.statuses: set[int] = set()
        self.content_types: set[str] = set()
        self.headers: set[str] = set()
        self.versions: set[str] = set()
        self.kinds: dict[str, set[str]] = {}
        self.seen: Counter[str] = Counter()

    def add(self, exchange: Recorded) -> None:
        """Take in one exchange."""
        response = exchange.response
        self.statuses.add(response.status)
        self.content_types.add((response.header("Content-Type") or "none").partition(";")[0].lower())
        self.headers |= {name.lower() for name, _ in response.headers} - {"content-type"}
        self.versions.add(exchange.request.header("IBM-API-Version") or "")
        if not response.body:
            self.note("", NOTHING)
            return
        try:
            self.walk(json.loads(response.body))
        except (ValueError, RecursionError):
            self.note("", NOT_JSON)

    def walk(self, body: Any) -> None:
        """Note every value of a body."""
        pending: list[tuple[str, Any]] = [("", body)]
        while pending:
            path, value = pending.pop()
            self.note(path, kind_of(value))
            if isinstance(value, dict):
                pending += ((f"{path}.{name}" if path else name, inner) for name, inner in value.items())
            elif isinstance(value, list):
                pending += ((f"{path}[]", inner) for inner in value)

    def note(self, path: str, kind: str) -> None:
        """Note one value."""
        self.kinds.setdefault(path, set()).add(kind)
        self.seen[path] += 1

    def shape(self, endpoint: str) -> EndpointShape:
        """Return what was seen."""
        return EndpointShape(
            endpoint=endpoint,
            statuses=tuple(sorted(self.statuses)),
            content_types=tuple(sorted(self.content_types)),
            headers=tuple(sorted(self.headers)),
            versions=tuple(sorted(self.versions - {""})),
            fields=tuple(
                FieldShape(path=path, kinds=tuple(sorted(kinds)), seen=self.seen[path])
                for path, kinds in sorted(self.kinds.items())
            ),
        )


def shapes_of(exchanges: Iterable[Recorded]) -> tuple[EndpointShape, ...]:
    """Return how the responses of each operation are built, those of refusals apart by status."""
    found: dict[str, _Counted] = {}
    for exchange in exchanges:
        status = exchange.response.status
        operation = parse_request(exchange.request).operation.name
        endpoint = operation if status < 300 else f"{operation}, refused with {status}"
        found.setdefault(endpoint, _Counted()).add(exchange)
    return tuple(counted.shape(endpoint) for endpoint, counted in sorted(found.items()))


def kind_of(value: Any) -> str:
    """Return the kind of a value of JSON, in words. Texts that follow a form have its name."""
    match value:
        case None:
            return "null"
        case bool():
            return "truth value"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return _kind_of_text(value)


def _kind_of_text(text: str) -> str:
    if not text:
        return "empty text"
    if found := _INSTANT.fullmatch(text):
        return "instant" if found[1] else "instant without zone"
    if text.startswith("crn:"):
        return "CRN"
    if _UUID.fullmatch(text):
        return "UUID"
    return "number as text" if _NUMBER.fullmatch(text) else PLAIN_TEXT
