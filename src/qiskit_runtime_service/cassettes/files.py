"""The files of cassettes: ordinary vcrpy ones, YAML or JSON by suffix.

Nothing is patched: vcrpy's request and serializer do the file work, and nothing else of it is used.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from returns.result import Failure, Result, Success
from vcr.request import Request as VcrRequest
from vcr.serialize import deserialize, serialize
from vcr.serializers import jsonserializer, yamlserializer

from ..client.files import SHOWN, Files, find_fix, make_folders, read_whole, refuse_odd, write_whole
from ..core.arguments import read_path
from ..records.cassette import Recorded
from ..records.exchange import Request, Response
from ..records.problem import BadArgument, CassetteUnreadable, CassetteUnwritable, Problem, SecretOnCassette
from ..records.secret import Secret
from .leaks import find_leaks
from .scrub import scrub

LOCK_SECONDS = 30.0
"""How long one recorder waits for others that write the same cassette."""

MOST_NESTED = 100
"""How deep lists and objects may be inside each other; those of a cassette are six deep."""
MOST_REPEATED = 1_000_000
"""How many values may be repeated by YAML's aliases, each as often as it is referred to."""

_BROKEN = (
    *(yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError),
    *(ImportError, RecursionError, ArithmeticError),
)
"""What vcrpy raises for a file that is no cassette."""


def read_place(name: str, value: Any) -> Result[Path, BadArgument]:
    """Return where a cassette is or shall be."""
    return read_path(name, value, wanted="the path of a cassette").map(Path)


def is_there(path: Path) -> bool:
    """Tell whether there is a file. One that cannot be looked at counts as there: whoever reads it is told why not.

    Source: behaviour B349.
    """
    try:
        return path.exists()
    except OSError:
        return True


def load_cassette(path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read a cassette, of ours or of vcrpy.

    Fails with:
        CassetteUnreadable: There is no such file, or it is no cassette. It stays as it is.
    """
    try:
        text = read_whole(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Failure(CassetteUnreadable(path=str(path), reason=_reason(error)))
    return read_cassette(text, path)


def read_cassette(text: str, path: Path) -> Result[tuple[Recorded, ...], Problem]:
    """Read the text of a cassette; `path` says in which format it is.

    Source: behaviour B358.
    """
    try:
        if not _is_json(path):
            refuse_expansion(text)
        requests, responses = deserialize(text, jsonserializer if _is_json(path) else yamlserializer)[:2]
        pairs = zip(requests, responses, strict=True)
        return Success(tuple(_recorded(request, response) for request, response in pairs))
    except _BROKEN as error:
        return Failure(CassetteUnreadable(path=str(path), reason=f"it is no cassette ({_reason(error)})"))


def refuse_expansion(text: str) -> None:
    """Raise a `ValueError` for YAML that is nested too deep, or that becomes much more than it is.

    A short text may refer to a list of lists of lists again and again, and whoever walks over it never ends; and the
    time that nesting takes grows with its square.
    """
    sizes: dict[str | None, int] = {}
    path: list[tuple[str | None, int]] = []
    repeated = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        match event:
            case yaml.CollectionStartEvent():
                path.append((event.anchor, 1))
                if len(path) > MOST_NESTED:
                    raise ValueError(f"it is nested more than {MOST_NESTED} deep")
                continue
            case yaml.CollectionEndEvent():
                anchor, size = path.pop()
                sizes[anchor] = size
            case yaml.AliasEvent():
                if event.anchor not in sizes:
                    raise ValueError(f"*{event.anchor} is in itself, or nowhere")
                size = sizes[event.anchor]
                repeated += size
            case yaml.ScalarEvent():
                size = sizes[event.anchor] = 1
            case _:
                continue
        if repeated > MOST_REPEATED:
            raise ValueError(f"its aliases repeat more than {MOST_REPEATED} values")
        if path:
            anchor, inside = path.pop()
            path.append((anchor, inside + size))


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


def change_cassette(
    path: Path,
    change: Callable[[tuple[Recorded, ...]], Sequence[Recorded]],
    told: Iterable[Secret] = (),
    *,
    files: Files | None = None,
) -> Result[None, Problem]:
    """Write what `change` makes of what is on a cassette, as `save_cassette` does. Several recorders take turns.

    Args:
        path: The cassette.
        change: From what is on it, which is nothing if it is not there, to what shall be.
        told: Secrets that are looked for too.
        files: What works on the disk.

    Fails with:
        CassetteUnreadable: There is a file that is no cassette. It stays as it is.
        SecretOnCassette, CassetteUnwritable: As there.

    Source: behaviour B334.
    """
    disk = files or Files()
    lock = path.with_name(f".{path.name[:SHOWN]}.lock")
    try:
        make_folders(path.parent, files=disk)
        refuse_odd(path, disk)
        with disk.lock(lock, LOCK_SECONDS):
            try:
                there = load_cassette(path) if disk.target(path) is not None else Success(())
                return there.bind(lambda exchanges: save_cassette(change(exchanges), path, told, files=disk))
            finally:
                # Whoever waits for it notices that it has gone, and makes another. Nothing is left in the folder.
                with suppress(OSError):
                    disk.remove(lock)
    except OSError as error:
        return Failure(_unwritable(path, error))


def save_cassette(
    exchanges: Sequence[Recorded], path: Path, told: Iterable[Secret] = (), *, files: Files | None = None
) -> Result[None, Problem]:
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

    return write_cassette(kept, path).bind(check).bind(lambda text: _put(path, text, files or Files()))


def _put(path: Path, text: str, files: Files) -> Result[None, Problem]:
    """Put `text` in the place of a file, at once."""
    try:
        make_folders(path.parent, files=files)
        write_whole(path, text.encode("utf-8"), files=files)
    except OSError as error:
        return Failure(_unwritable(path, error))
    return Success(None)


def _unwritable(path: Path, error: OSError) -> Problem:
    if isinstance(error, TimeoutError):
        reason, fix = f"another program has written it for {LOCK_SECONDS:.0f} s", "Wait for it to end, then try again."
    else:
        reason, fix = _reason(error), find_fix(error)
    return CassetteUnwritable(path=str(path), reason=reason, fix=fix)


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _to_vcr(request: Request) -> VcrRequest:
    return VcrRequest(request.method, request.url, _plain(request.body) or None, dict(request.headers))


def _plain(body: bytes) -> bytes:
    """Return a body that does not hide itself: YAML holds nothing else, and what is secret has been taken out."""
    return bytes(body)


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
        "body": {"string": _plain(response.body)},
    }
    if exchange.at is not None:
        described["recorded_at"] = datetime.fromtimestamp(exchange.at, UTC).isoformat(timespec="microseconds")
    return described


def _recorded(request: VcrRequest, response: dict[str, Any]) -> Recorded:
    at = response.get("recorded_at")
    return Recorded(
        request=Request(
            method=_word(request.method),
            url=_word(request.uri),
            headers=tuple(_headers(request.headers)),
            body=_body(request.body),
        ),
        response=Response(
            status=_status(response["status"]["code"]),
            headers=tuple(_headers(response["headers"])),
            body=_body(response["body"]["string"]),
        ),
        at=None if at is None else datetime.fromisoformat(_word(at)).timestamp(),
    )


def _headers(headers: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            yield _word(name), _word(value)


def _word(value: Any) -> str:
    """Return a value that stands for a text; a list, which may be of any size, does not."""
    if isinstance(value, str | int | float | datetime):
        return str(value)
    raise TypeError(f"a text is of type {type(value).__name__}")


def _body(value: Any) -> bytes:
    """Return what was sent. A number is none: there would be as many bytes."""
    if isinstance(value, str):
        return value.encode("utf-8")
    if isinstance(value, bytes | None):
        return value or b""
    raise TypeError(f"a body is of type {type(value).__name__}")


def _status(value: Any) -> int:
    status = int(value)
    if not 100 <= status <= 999:
        raise ValueError("a status is not one of three digits")
    return status
