"""Promise 15: recordings are clean and closed. No secret is on a cassette, and a replay opens no socket."""

import base64
import gzip
import re
import subprocess
import sys
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.cassettes.meaning import meaning_of
from qiskit_runtime_service.cassettes.play import Player
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.exceptions import CassetteError
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import NotOnCassette, Problem
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, RecordingTransport, door_to, one_instance, replay
from qiskit_runtime_service.testing.sockets import refused_sockets
from qiskit_runtime_service.transport.http import HttpTransport
from qiskit_runtime_service.wire.requests import exchange_key
from tests.cassettes.journeys import JOURNEYS
from tests.cassettes.record import CASSETTES, Connect
from tests.support.conversations import ACCOUNTS, ENCODINGS, KEY, PEOPLE, TOKENS, all_requests, conversations

from .sizes import size

PRIVATE = (KEY, *TOKENS, *ACCOUNTS, *PEOPLE)
SUFFIXES = (".yaml", ".json")
EXCHANGE = exchange_key("https://iam.internal.example", Secret(KEY))


class Script:
    """A carrier that gives the answers of a script, in order."""

    def __init__(self, recorded: list[Recorded]) -> None:
        self._answers = iter(recorded)

    def send(self, _: Request, /) -> Result[Response, Problem]:
        """Give the next answer."""
        return Success(next(self._answers).response)

    def close(self) -> None:
        """Have nothing to give up."""


def holds(data: bytes, secret: str) -> bool:
    """Search for a secret in every encoding: by encoding it, where the second look of a recorder decodes."""
    plain = secret.encode()
    texts = [data, *unpacked(data)]
    return any(form.lower() in text.lower() for form in forms(plain) for text in texts)


def forms(plain: bytes) -> Iterator[bytes]:
    yield plain
    for offset in range(3):
        # The middle of a base64 text does not depend on what stands around it.
        yield base64.b64encode(b"x" * offset + plain)[4:-4]
        yield base64.urlsafe_b64encode(b"x" * offset + plain)[4:-4]
    yield urllib.parse.quote(plain).encode()
    yield "".join(f"%{byte:02x}" for byte in plain).encode()
    yield plain.hex().encode()
    yield "".join(f"\\u{byte:04x}" for byte in plain).encode()


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what is packed in base64 in a file."""
    for run in re.findall(rb"[A-Za-z0-9+/_-]{16,}", data):
        # One character beyond fours holds nothing, two or three hold a byte or two.
        whole = run.replace(b"+", b"-").replace(b"/", b"_")[: len(run) - (len(run) % 4 == 1)]
        decoded = base64.urlsafe_b64decode(whole + b"=" * (-len(whole) % 4))
        yield decoded
        for unpack in (gzip.decompress, zlib.decompress):
            try:
                yield unpack(decoded)
            except (OSError, EOFError, zlib.error):
                continue


def record_all(recorded: list[Recorded], path: Path) -> bool:
    """Record a conversation; tell whether it was kept."""
    recorder = RecordingTransport(Script(recorded), path, mode="all")
    for exchange in recorded:
        recorder.send(exchange.request)
    try:
        recorder.close()
    except CassetteError:
        recorder.discard()
        return False
    return True


@pytest.mark.holds("B209", "B211")
@settings(max_examples=size(1_000))
@given(conversations, st.sampled_from(SUFFIXES), st.none() | st.sampled_from(sorted(ENCODINGS)))
def test_no_secret_is_on_a_cassette_in_any_encoding(
    recorded: list[Recorded], suffix: str, encoding: str | None
) -> None:
    hidden = b"" if encoding is None else ENCODINGS[encoding](KEY.encode())
    response = Response(status=200, body=b"log: " + hidden)
    # A secret is known as one when it is used: in the exchange of the key.
    key = Recorded(request=EXCHANGE, response=response)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"cassette{suffix}"
        if record_all([key, *recorded], path):
            data = path.read_bytes()
            assert [secret for secret in PRIVATE if holds(data, secret)] == []
        else:
            assert encoding not in (None, "plain") or (suffix == ".json" and any(map(is_binary, recorded)))
            assert not path.exists()


def is_binary(exchange: Recorded) -> bool:
    return b"\xff" in exchange.response.body


def test_the_search_finds_a_secret_in_every_encoding() -> None:
    for name, encode in ENCODINGS.items():
        twice = name in ("base64 in lines", "base64 twice")
        assert twice or holds(b"before " + encode(KEY.encode()) + b" after", KEY), name
    assert not holds(b"something else", KEY)


@settings(max_examples=size(1_000))
@given(conversations, st.sampled_from(SUFFIXES))
def test_what_was_recorded_is_replayed(recorded: list[Recorded], suffix: str) -> None:
    kept, _ = scrub(recorded)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"cassette{suffix}"
        if not record_all(recorded, path):
            assert suffix == ".json"
            assert any(map(is_binary, recorded))
            return
        player = replay(path)
        for before, after in zip(recorded, kept, strict=True):
            played = player.send(before.request).unwrap()
            assert (played.status, played.body) == (after.response.status, after.response.body)
            assert sorted(played.headers) == sorted(after.response.headers)
        assert player.finished


@pytest.mark.holds("B205")
@settings(max_examples=size(1_000))
@given(all_requests, all_requests)
def test_a_request_that_means_something_else_is_not_answered(recorded: Request, request: Request) -> None:
    kept, _ = scrub([Recorded(request=recorded, response=Response(status=200))])
    result = Player(Path("cassette.yaml"), kept).send(request)
    if meaning_of(recorded) == meaning_of(request):
        assert isinstance(result, Success)
    else:
        assert isinstance(result, Failure)
        assert isinstance(result.failure(), NotOnCassette)


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_replay_opens_no_socket(name: str) -> None:
    with refused_sockets() as tried:
        JOURNEYS[name].run(Connect(replay(CASSETTES / f"{name}.yaml")))
    assert tried == []


def test_the_same_over_http_is_noticed() -> None:
    with door_to(EmulatedTransport(one_instance())) as door:
        request = Request(method="GET", url=f"{door.base}/api/v1/versions")
        with refused_sockets() as tried, pytest.raises(pytest.fail.Exception):
            HttpTransport().send(request)
    assert tried


RECORDED_BY_VCRPY_ALONE = """
import sys, urllib3, vcr
with vcr.use_cassette(sys.argv[1]):
    urllib3.request("POST", sys.argv[2] + "/identity/token", body="apikey=" + sys.argv[3], retries=False)
"""


def test_vcrpy_alone_would_keep_the_key(tmp_path: Path) -> None:
    control, ours = tmp_path / "control.yaml", tmp_path / "ours.yaml"
    cloud = EmulatedTransport(one_instance())
    with door_to(cloud) as door:
        script = [sys.executable, "-c", RECORDED_BY_VCRPY_ALONE, str(control), door.base, API_KEY]
        subprocess.run(script, check=True)
    with QiskitRuntimeService(token=API_KEY, transport=RecordingTransport(cloud, ours)) as service:
        service.usage()
    assert holds(control.read_bytes(), API_KEY)
    assert not holds(ours.read_bytes(), API_KEY)
