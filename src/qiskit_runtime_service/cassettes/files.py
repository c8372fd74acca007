"""The files of cassettes: ordinary vcrpy ones, YAML or JSON by suffix.

Nothing is patched: vcrpy's request and serializer do the file work, and nothing else of it is used.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from returns.result import Failure, Result, Success
from vcr.request import Request as VcrRequest
from vcr.serialize import deserialize, serialize
from vcr.serializers import jsonserializer, yamlserializer

from ..client.files import write_whole
from ..records.cassette import Recorded
from ..records.exchange import Request, Response
from ..records.problem import CassetteUnreadable, CassetteUnwritable, Problem, SecretOnCassette
from ..records.secret import Secret
from .leaks import find_leaks
from .scrub import scrub

_BROKEN = (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, ImportError, RecursionError)
"""What vcrpy raises for a file that is no cassette."""


def load_cassette(path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read a cassette, of ours or of vcrpy.

    Fails with:
        CassetteUnreadable: There is no such file, or it is no cassette. It stays as it is.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Failure(CassetteUnreadable(path=str(path), reason=_reason(error)))
    return read_cassette(text, path)


def read_cassette(text: str, path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read the text of a cassette; `path` says in which format it is."""
    try:
        requests, responses = deserialize(text, jsonserializer if _is_json(path) else yamlserializer)[:2]
        pairs = zip(requests, responses, strict=True)
        return Success(tuple(_recorded(request, response) for request, response in pairs))
    except _BROKEN as error:
        return Failure(CassetteUnreadable(path=str(path), reason=f"it is no cassette ({_reason(error)})"))


def write_cassette(exchanges: Sequence[Recorded], path: Path) -> Result[str, Problem]:
    """Return exchanges as the text of a cassette; `path` says in which format it shall be."""
    contents = {
        "requests": [_to_vcr(exchange.request) for exchange in exchanges],
        "responses": [_describe(exchange) for exchange in exchanges],
    }
    try:
        return Success(serialize(contents, jsonserializer if _is_json(path) else yamlserializer))
    except TypeError:
        reason = "a body is neither text nor JSON, which only YAML can hold"
        return Failure(CassetteUnwritable(path=str(path), reason=reason, fix="Name it with the suffix .yaml."))


def save_cassette(exchanges: Sequence[Recorded], path: Path, told: Iterable[Secret] = ()) -> Result[None, Problem]:
    """Write what may be written of `exchanges` to a file that only its owner can read; whole, or not at all.

    What is about to be kept is read back and checked once more. Secrets that were told are looked for too.

    Fails with:
        SecretOnCassette: Something is left that must not be kept. Nothing was written.
        CassetteUnwritable: The file cannot be written. It is as it was.
    """
    kept, secrets = scrub(exchanges, told)

    def check(text: str) -> Result[str, Problem]:
        return read_cassette(text, path).bind(
            lambda found: (
                Failure(SecretOnCassette(path=str(path), leaks=leaks))
                if (leaks := find_leaks(found, secrets))
                else Success(text)
            )
        )

    return write_cassette(kept, path).bind(check).bind(lambda text: _put(path, text))


def _put(path: Path, text: str) -> Result[None, Problem]:
    """Put `text` in the place of a file, at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8"))
    except OSError as error:
        fix = "Make room, or give a path that can be written."
        return Failure(CassetteUnwritable(path=str(path), reason=_reason(error), fix=fix))
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
    phrases = {status.value: status.phrase for status in HTTPStatus}
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
