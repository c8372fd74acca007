"""Promise 15: recordings are clean and closed. No secret is on a cassette, and a replay opens no socket."""

import base64
import gzip
import json
import re
import subprocess
import sys
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from functools import partial, reduce
from io import BytesIO
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_letters, ascii_lowercase, digits
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qpy
from returns.result import Failure, Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.cassettes.leaks import find_leaks
from qiskit_runtime_service.cassettes.meaning import meaning_of
from qiskit_runtime_service.cassettes.play import Player
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.exceptions import CassetteError
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.records.problem import NotOnCassette, Problem
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import (
    API_KEY,
    CassetteTransport,
    EmulatedTransport,
    RecordingTransport,
    check_cassette,
    door_to,
    one_instance,
    replay,
)
from qiskit_runtime_service.testing.sockets import refused_sockets
from qiskit_runtime_service.transport.http import HttpTransport
from qiskit_runtime_service.wire.requests import exchange_key
from tests.cassettes.journeys import JOURNEYS
from tests.cassettes.record import CASSETTES, Connect
from tests.support.conversations import ACCOUNTS, ENCODINGS, KEY, PEOPLE, TOKENS, all_requests, conversations
from tests.support.seconds import cpu_seconds

from .sizes import Control, Tally, is_full, size

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


@pytest.mark.takes_long
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


@pytest.mark.takes_long
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


def test_vcrpy_alone_would_keep_the_key(tmp_path: Path, control: Control) -> None:
    alone, ours = tmp_path / "alone.yaml", tmp_path / "ours.yaml"
    cloud = EmulatedTransport(one_instance())
    with door_to(cloud) as door:
        script = [sys.executable, "-c", RECORDED_BY_VCRPY_ALONE, str(alone), door.base, API_KEY]
        subprocess.run(script, check=True)
    with QiskitRuntimeService(token=API_KEY, transport=RecordingTransport(cloud, ours)) as service:
        service.usage()
    assert holds(alone.read_bytes(), API_KEY)
    assert not holds(ours.read_bytes(), API_KEY)
    control("it records nothing; vcrpy alone writes the key")


# Secrets that nobody told the recorder


def stranger(dice: Random) -> str:
    """Make a secret of one of the forms that secrets have."""
    form = dice.choice(["key", "second key", "small", "UUID", "hexadecimal", "digest"])
    match form:
        case "key":
            return "".join(dice.choices(f"{ascii_letters}{digits}-_", k=44))
        case "second key":
            return "".join(dice.choices(f"{ascii_letters}{digits}", k=40))
        case "small":
            return "".join(dice.choices(f"{ascii_lowercase}{digits}", k=44))
        case "UUID":
            return str(UUID(int=dice.getrandbits(128), version=4))
        case _:
            return "".join(dice.choices("0123456789abcdef", k=32 if form == "hexadecimal" else 64))


Encode = Callable[[str], str]

WAYS: dict[str, Encode] = {
    "plain": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, shifted by one": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64, shifted by two": lambda text: base64.b64encode(b"xy" + text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, large": lambda text: text.encode().hex().upper(),
    "escaped for URLs": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "escaped for JSON": lambda text: "".join(f"\\u{byte:04x}" for byte in text.encode()),
    "gzip": lambda text: base64.b64encode(gzip.compress(f"a note: {text}".encode())).decode(),
    "zlib": lambda text: base64.b64encode(zlib.compress(f"a note: {text}".encode())).decode(),
    "twice in base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
}
"""Twelve encodings."""


def circuit_of(*, packed: bool = True, **about: Any) -> str:
    """Return a circuit as the service takes it, with something in its metadata or its name."""
    circuit = QuantumCircuit(1, **about)
    circuit.measure_all()
    stream = BytesIO()
    qpy.dump(circuit, stream)
    return base64.b64encode(zlib.compress(stream.getvalue()) if packed else stream.getvalue()).decode()


JOBS = "https://quantum.cloud.ibm.com/api/v1/jobs"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/" + "0" * 32 + ":00000000-0000-4000-8000-000000000000::"


def posted(**body: Any) -> Recorded:
    headers = (("Service-CRN", CRN), ("Content-Type", "application/json"))
    request = Request(method="POST", url=JOBS, headers=headers, body=json.dumps(body).encode())
    return Recorded(request=request, response=Response(status=200, body=b"{}"))


def answer(body: bytes, end: str = "/job-1", headers: tuple[tuple[str, str], ...] = ()) -> Recorded:
    request = Request(method="GET", url=f"{JOBS}{end}", headers=(("Service-CRN", CRN),))
    return Recorded(request=request, response=Response(status=200, headers=headers, body=body))


def answered(body: Any, end: str = "/job-1") -> Recorded:
    return answer(json.dumps(body).encode(), end)


SPOTS: dict[str, Callable[[str], Recorded]] = {
    "a tag": lambda text: posted(tags=[text]),
    "an option": lambda text: posted(params={"options": {"experimental": {"note": text}}}),
    "the name of an option": lambda text: posted(params={"options": {text: 1}}),
    "metadata of a circuit": lambda text: posted(params={"pubs": [[circuit_of(metadata={"note": text})]]}),
    "the name of a circuit": lambda text: posted(params={"pubs": [[circuit_of(name=text)]]}),
    "JSON in a text": lambda text: posted(params={"note": json.dumps({"inner": [text]})}),
    "a password": lambda text: posted(params={"password": text}),
    "a field that nobody knows": lambda text: posted(of_tomorrow=text),
    "the name of a field": lambda text: answered({text: 1}),
    "a query": lambda text: answer(b"{}", f"?tags={urllib.parse.quote(text)}"),
    "a header": lambda text: answer(b"{}", headers=(("Warning", text.replace("\n", "")),)),
    "a header that nobody knows": lambda text: answer(b"{}", headers=(("X-Note", text.replace("\n", "")),)),
    "the words of an error": lambda text: answered({"errors": [{"message": f"no: {text}", "code": 1}]}),
    "a log": lambda text: answer(f"INFO the value is {text} here\n".encode(), "/job-1/logs"),
    "a log in gzip": lambda text: answer(gzip.compress(f"INFO it is {text}".encode()), "/job-1/logs"),
    "a form in a log": lambda text: answer(f"POST x?client_secret={text}&a=1".encode(), "/job-1/logs"),
    "metadata of a result": lambda text: answered({"results": [{"metadata": {"note": text}}]}, "/job-1/results"),
    "a typed value of a result": lambda text: answered(
        {"metadata": {"__type__": "ndarray", "__value__": base64.b64encode(zlib.compress(text.encode())).decode()}},
        "/job-1/results",
    ),
    "a list in a list": lambda text: answered({"results": [[[["a", text]]]]}, "/job-1/results"),
    "a description": lambda text: answered({"state": {"status": "Failed", "reason": f"see {text}."}}),
}
"""Twenty kinds of places."""


def program(**body: Any) -> Recorded:
    """Return the submission of a quantum program with something in it."""
    return posted(params={"schema_version": "v2.0", "quantum_program": body})


def samplex(**attributes: str) -> Recorded:
    """Return the submission of a samplex, which is a text of JSON that holds others."""
    return program(items=[{"samplex": {"samplex_json": json.dumps({"attrs": attributes, "nodes": [], "links": []})}}])


def tensor(text: str) -> dict[str, object]:
    """Return what stands for the bytes of a text as an array."""
    data = base64.b64encode(zlib.compress(text.encode())).decode()
    return {"data": data, "shape": [len(text)], "dtype": "u8"}


SPOTS_OF_PROGRAMS: dict[str, Callable[[str], Recorded]] = {
    "data that pass through": lambda text: program(passthrough_data={"note": [text]}),
    "an array that passes through": lambda text: program(passthrough_data={"note": tensor(text)}),
    "values of a circuit": lambda text: program(items=[{"circuit_arguments": tensor(text)}]),
    "metadata of a circuit of a program": lambda text: program(
        circuits={"b64_data": circuit_of(metadata={"note": text})}
    ),
    "a circuit of an older version": lambda text: program(
        items=[{"circuit": {"circuit_b64": circuit_of(packed=False, metadata={"note": text})}}]
    ),
    "an attribute of a samplex": lambda text: samplex(note=text),
    "a circuit in a samplex": lambda text: samplex(
        param_table=json.dumps({"circuit_base64": circuit_of(packed=False, metadata={"note": text})})
    ),
    "boxes of a noise learner": lambda text: posted(
        params={"instructions": {"circuit_b64": circuit_of(packed=False, name=text)}}
    ),
    "an option of a calibrator": lambda text: posted(params={"options": {"experimental": {"note": text}}}),
    "data that came through": lambda text: answered({"data": [], "passthrough_data": {"note": text}}, "/job-1/results"),
    "an array of a result": lambda text: answered({"data": [{"results": {"c": tensor(text)}}]}, "/job-1/results"),
    "metadata of learned noise": lambda text: answered({"data": [{"metadata": {"note": text}}]}, "/job-1/results"),
}
"""Twelve kinds of places in the bodies of directed execution."""


@pytest.mark.holds("B211", "B330", "B331")
@pytest.mark.parametrize("spots", [SPOTS, SPOTS_OF_PROGRAMS], ids=["anywhere", "in programs"])
def test_a_secret_that_nobody_told_is_taken_out_or_named(
    spots: dict[str, Callable[[str], Recorded]], tmp_path: Path, tried: Tally
) -> None:
    tried(size(1_000))
    dice = Random(15)  # noqa: S311  # not for secrets
    places = list(product(spots, WAYS))
    for number in range(size(1_000)):
        secret = stranger(dice)
        spot, way = places[number * 7 % len(places)]
        kept, secrets = scrub([spots[spot](WAYS[way](secret))])
        if not find_leaks(kept, secrets):
            path = tmp_path / "cassette.yaml"
            assert record_all([spots[spot](WAYS[way](secret))], path)
            data = path.read_bytes()
            assert not holds(data, secret), (spot, way, secret)
            assert all(not holds(text, secret) for text in unpacked(data)), (spot, way, secret)


SPELLED: dict[str, Callable[[str], str]] = {
    "pairs with colons": lambda text: text.encode().hex(":"),
    "pairs with spaces": lambda text: text.encode().hex(" ").upper(),
    "numbers of C": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "escapes of C": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "entities in hexadecimal": lambda text: "".join(f"&#x{ord(character):x};" for character in text),
    "a dump of base64": lambda text: WAYS["base64"](text).encode().hex(" "),
}
"""What is written byte by byte, as dumps, fingerprints and pages have it."""


@pytest.mark.holds("B331")
@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("spot", ["a tag", "a log", "metadata of a circuit", "a query", "a header that nobody knows"])
def test_a_secret_that_is_spelled_byte_by_byte_is_taken_out_or_named(spot: str, spelled: str, tried: Tally) -> None:
    dice = Random(spot + spelled)  # noqa: S311  # not for secrets
    tried(size(100))
    for _ in range(size(100)):
        secret = stranger(dice)
        text = SPELLED[spelled](secret)
        kept, secrets = scrub([SPOTS[spot](text)])
        if not find_leaks(kept, (*secrets, secret)):
            assert text not in str([(exchange.request, exchange.response.body) for exchange in kept])


def test_lists_of_numbers_are_not_taken_for_texts() -> None:
    dice = Random(15)  # noqa: S311  # not for secrets
    for _ in range(size(200)):
        numbers = [dice.randrange(32, 127) for _ in range(64)]
        bodies = [json.dumps(numbers), " ".join(map(str, numbers)), str(sorted(numbers))]
        assert find_leaks([answered({"results": [{"data": body}]}, "/job-1/results") for body in bodies]) == ()
        assert find_leaks([answered({"results": [{"data": numbers}]}, "/job-1/results")]) == ()


@pytest.mark.holds("B332")
@pytest.mark.parametrize(
    "body",
    [
        bytes(range(128, 256)),
        b"BZh91AY&SY" + bytes(range(200, 256)),
        json.dumps({"note": base64.b64encode(b"\xfd7zXZ" + bytes(60)).decode()}).encode(),
        json.dumps({"note": base64.b64encode(b"PK\x03\x04" + bytes(60)).decode()}).encode(),
        json.dumps({"note": reduce(lambda text, _: WAYS["base64"](text), range(9), "a word " * 9)}).encode(),
    ],
)
def test_what_cannot_be_looked_into_is_named(body: bytes) -> None:
    reasons = {leak.reason for leak in find_leaks([answer(body)])}
    assert reasons & {"something that cannot be looked into", "more than is looked into"}


@pytest.mark.holds("B329")
def test_a_service_tells_the_recorder_all_secrets_of_its_account(tmp_path: Path) -> None:
    passwords = ("p4ssword-of-proxy", "p4ssword-of-ntlm", "p4ss@word-escaped")
    cloud = EmulatedTransport(one_instance())
    recorder = RecordingTransport(cloud, tmp_path / "run.yaml")
    service = QiskitRuntimeService(
        token=API_KEY,
        transport=recorder,
        clock=cloud,
        proxies={
            "urls": {"https": f"http://ada:{passwords[0]}@proxy", "http": "http://ada:p4ss%40word-escaped@proxy"},
            "username_ntlm": "ada",
            "password_ntlm": passwords[1],
        },
    )
    backend = service.least_busy()
    service.submit(Submission(program="sampler", backend=backend.name, params=b"{}", tags=passwords), backend)
    recorder.save()
    data = (tmp_path / "run.yaml").read_bytes()
    assert not any(holds(data, secret) for secret in (*passwords, API_KEY))


def test_what_nobody_told_would_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    recorder = RecordingTransport(Script([posted(tags=["p4ssword-of-proxy"])] * 2), path, mode="all")
    recorder.send(posted(tags=["p4ssword-of-proxy"]).request)
    recorder.save()
    assert holds(path.read_bytes(), "p4ssword-of-proxy")
    recorder.keep_out("p4ssword-of-proxy")
    recorder.send(posted(tags=["p4ssword-of-proxy"]).request)
    recorder.save()
    assert not holds(path.read_bytes(), "p4ssword-of-proxy")


@pytest.mark.takes_long
def test_cassettes_of_today_raise_no_alarm() -> None:
    assert {name: check_cassette(CASSETTES / f"{name}.yaml") for name in JOURNEYS} == dict.fromkeys(JOURNEYS, ())


# Cassettes of strangers

PLAIN = """\
interactions:
- request: {body: null, headers: {}, method: GET, uri: 'https://h.example/api/v1/jobs'}
  response: {body: {string: 'x'}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


def laughing(tag: str = "") -> str:
    """Return nine lists, each of which has the one before it nine times."""
    lines = [f"a0: &a0 {tag} [x]\n"]
    lines += [f"a{n}: &a{n} {tag} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)]
    return "".join(lines)


NO_CASSETTES = {
    "repeats in a header": laughing() + PLAIN.replace("headers: {}", "headers: {a: *a9}"),
    "repeats in a list of a header": laughing() + PLAIN.replace("headers: {}", "headers: {a: [*a9]}"),
    "repeats in a method": laughing() + PLAIN.replace("GET", "*a9"),
    "repeats in a body": laughing() + PLAIN.replace("'x'", "*a9"),
    "repeats that are hashed": laughing("!!python/tuple") + PLAIN + "? *a9\n: 1\n",
    "repeats where nobody looks": laughing() + PLAIN,
    "is in itself": PLAIN.replace("headers: {}", "headers: &h {a: *h}"),
    "is in itself where nobody looks": PLAIN + "x: &x [*x]\n",
    "lists that are deep": PLAIN + "x: " + "[" * 50_000 + "]" * 50_000,
    "objects that are deep": PLAIN + "x: " + "{a: " * 50_000 + "}" * 50_000,
    "dashes that are deep": PLAIN + "x:\n  " + "- " * 50_000 + "x\n",
    "lists without an end": PLAIN + "x: " + "[" * 50_000,
    "a body of a thousand million bytes": PLAIN.replace("body: null", "body: 1000000000"),
    "an answer of as many": PLAIN.replace("'x'", "1000000000"),
    "a status beyond all numbers": PLAIN.replace("200", ".inf"),
    "a status that is no number": PLAIN.replace("200", ".nan"),
    "a status of hours": PLAIN.replace("200", "190:20:30"),
    "a status of a date": PLAIN.replace("200", "2001-01-01"),
    "a status of thousands of digits": PLAIN.replace("200", "9" * 5000),
    "code": PLAIN + "x: !!python/object/apply:os.getcwd []\n",
    "a set of headers": PLAIN.replace("headers: {}", "headers: !!set {a}"),
    "no headers": PLAIN.replace("headers: {}", "headers: null"),
    "breaks off": PLAIN[:150],
    "nothing": "",
}
"""What is no cassette, by what is wrong with it."""


@pytest.mark.holds("B358")
@pytest.mark.parametrize("wrong", NO_CASSETTES)
def test_what_is_no_cassette_is_refused_soon_with_its_name(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "strange.yaml"
    path.write_text(NO_CASSETTES[wrong], encoding="utf-8")
    cloud = EmulatedTransport(one_instance())

    def refusals() -> list[str]:
        said = []
        for act in (replay, check_cassette, partial(RecordingTransport, cloud)):
            with pytest.raises(CassetteError, match=r"strange\.yaml cannot be read as a cassette") as refused:
                act(path)
            said.append(str(refused.value))
        return said

    seconds, said = cpu_seconds(refusals, limit=1.5)
    assert len(set(said)) == 1
    assert seconds <= 1.5


@pytest.mark.holds("B358")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_cassette_that_breaks_off_anywhere_is_an_error_or_a_shorter_one(
    suffix: str, tmp_path: Path, tried: Tally
) -> None:
    path = tmp_path / f"cut{suffix}"
    assert record_all([posted(tags=["night"]), answer(b'{"id":"x"}')] * 2, path)
    whole = path.read_bytes()
    ends = range(0, len(whole) - 1, 1 if is_full() else 17)
    tried(len(ends))
    for end in ends:
        path.write_bytes(whole[:end])
        try:
            shorter = CassetteTransport(path)
        except CassetteError as error:
            assert path.name in str(error)
        else:
            assert suffix == ".yaml"
            assert not shorter.finished
