"""Laws of the second check: a secret is found in every place and every encoding, and nothing else is."""

import bz2
import json
import lzma
import zlib
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.cassettes.leaks import find_leaks
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.records.cassette import Leak, Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from tests.support.conversations import CRNS, ENCODINGS, KEY, PEOPLE, TOKENS, conversations, text_of

URL = "https://quantum.cloud.ibm.com/api/v1/jobs"
SAMPLES = Path(__file__).parent.parent / "emulator" / "samples"


def answered(body: bytes, url: str = URL, *headers: tuple[str, str]) -> list[Recorded]:
    return [Recorded(request=Request(method="GET", url=url, headers=headers), response=Response(status=200, body=body))]


@given(conversations)
def test_what_was_scrubbed_has_no_leak(recorded: list[Recorded]) -> None:
    kept, secrets = scrub(recorded)
    assert find_leaks(kept, secrets) == ()


@pytest.mark.holds("B211")
@given(conversations)
def test_what_was_not_scrubbed_leaks(recorded: list[Recorded]) -> None:
    assert find_leaks(recorded)


@pytest.mark.holds("B211")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("place", ["body", "JSON", "URL", "header"])
def test_a_known_secret_is_found_in_every_encoding_and_place(encoding: str, place: str) -> None:
    hidden = ENCODINGS[encoding](KEY.encode())
    match place:
        case "body":
            recorded = answered(b"before " + hidden + b" after")
        case "JSON":
            recorded = answered(b'{"a": ["' + hidden.replace(b"\n", b"\\n") + b'"]}')
        case "URL":
            recorded = answered(b"{}", f"{URL}?search={hidden.decode()}")
        case _:
            recorded = answered(b"{}", URL, ("Accept", hidden.decode()))
    assert "a secret that was used in the recording" in {leak.reason for leak in find_leaks(recorded, [KEY])}
    assert KEY not in repr(find_leaks(recorded, [KEY]))


@pytest.mark.holds("B211")
def test_text_that_looks_like_a_key_is_found_though_nobody_knows_it() -> None:
    random = Random(7)  # noqa: S311  # the keys of a test
    for _ in range(200):
        key = "".join(random.choices(f"{ascii_letters}{digits}-_", k=44))
        assert find_leaks(answered(json.dumps({"note": f"with {key}"}).encode())), key
    assert find_leaks(answered(json.dumps({"note": f"with {KEY}"}).encode())) == (
        Leak(1, "body of the response", "a text that looks like a key"),
    )


def test_a_key_is_found_however_its_letters_are_escaped_in_a_body() -> None:
    body = '{"note": "' + "".join(f"\\u{ord(letter):04x}" for letter in KEY) + '"}'
    assert find_leaks(answered(body.encode())) == (Leak(1, "body of the response", "a text that looks like a key"),)


# Bytes whose base64 looks like a key.
NOISE = Random(7).randbytes(48)  # noqa: S311  # not a key
UNTOLD = Random(8).randbytes(16)  # noqa: S311  # as the id of a parameter is


@pytest.mark.parametrize(
    ("value", "leaks"),
    [
        (NOISE, 1),
        (b"\x93NUMPY\x01\x00" + NOISE, 0),
        (b"QISKIT\x0d" + NOISE, 0),
        (zlib.compress(NOISE), 0),
        (b"\x00\x20" + UNTOLD + b"angle of the first rotation, phi", 0),  # a parameter: length, id and name
        (b"\x01\x02" + UNTOLD + b"angle of the first rotation, phi" * 8 + b"12", 0),
        (b"\x00\x21" + UNTOLD + b"angle of the first rotation, phi", 1),
        (b"\x00\x1f" + UNTOLD + b"angle of the first rotation, phi", 1),
        (b"\x00\x00" + NOISE, 1),
    ],
)
def test_a_value_that_is_packed_is_no_key(value: bytes, leaks: int) -> None:
    word = b64encode(value)
    assert word
    found = find_leaks(answered(json.dumps({"value": word.decode()}).encode()))
    assert [leak.reason for leak in found] == ["a text that looks like a key"] * leaks


@pytest.mark.holds("B211")
@pytest.mark.parametrize("character", ["\t", "\r", "\n", *map(chr, range(32, 127))])
def test_what_prints_is_a_text_in_which_encodings_are_undone(character: str) -> None:
    within = b64encode(f"of {PEOPLE[2]}, and so on".encode())
    # The letter that counts stands apart, for it may be one of base64 itself.
    text = within + b" " + character.encode() + b" "
    leaks = find_leaks(answered(json.dumps([b64encode(text).decode()]).encode()))
    assert Leak(1, "body of the response", "the id of a user") in leaks


@pytest.mark.parametrize("character", [b"\x00", b"\x1f", b"\x7f", b"\xff"])
def test_what_does_not_print_is_no_text_and_no_further_encoding(character: bytes) -> None:
    within = b64encode(f"of {PEOPLE[2]}, and so on".encode())
    text = within + b" " + character + b" "
    assert "the id of a user" not in {
        leak.reason for leak in find_leaks(answered(json.dumps([b64encode(text).decode()]).encode()))
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CRNS[0], "a CRN with the id of an account"),
        (CRNS[0].replace(":", "%3A").replace("/", "%2F"), "a CRN with the id of an account"),
        (PEOPLE[0], "an e-mail address"),
        (PEOPLE[2], "the id of a user"),
        ("iam-ServiceId-3c5a7e10-1111", "the id of a user"),
        (TOKENS[0], "a token"),
        ("Bearer abcdefghijkl", "a bearer token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("apikey=abc", "a key in a form"),
    ],
)
def test_private_things_are_found_by_their_form(text: str, reason: str) -> None:
    assert reason in {leak.reason for leak in find_leaks(answered(f"of {text} there".encode()))}


def test_every_leak_of_an_exchange_is_named_with_its_place() -> None:
    body = f"of {CRNS[0]} by {PEOPLE[0]} and {PEOPLE[2]}, not {PEOPLE[3]}, with {KEY}"
    (first,) = answered(b"{}", f"{URL}?search={PEOPLE[1]}", ("Accept", PEOPLE[3]))
    (second,) = answered(json.dumps({"texts": ["fine", body], "more": [f"Bearer {KEY}"]}).encode())
    assert find_leaks([first, second], [KEY, "another secret"]) == (
        Leak(1, "URL", "an e-mail address"),
        Leak(1, "header Accept of the request", "the id of a user"),
        Leak(2, "body of the response", "a secret that was used in the recording"),
        Leak(2, "body of the response", "a CRN with the id of an account"),
        Leak(2, "body of the response", "an e-mail address"),
        Leak(2, "body of the response", "the id of a user"),
        Leak(2, "body of the response", "a bearer token"),
        Leak(2, "body of the response", "a text that looks like a key"),
    )


@pytest.mark.parametrize("private", ["IBMid-270005ABCD", "ada@research.example"])
@pytest.mark.parametrize("known", ["IBMid-0000000001", "person-1@example.com"])
def test_a_stand_in_does_not_hide_what_stands_beside_it(private: str, known: str) -> None:
    for texts in ([known, private], [private, known]):
        assert len(find_leaks(answered(json.dumps(texts).encode()))) == 1
    assert find_leaks(answered(json.dumps([known, known]).encode())) == ()


@pytest.mark.parametrize(
    ("claims", "signature", "leaks"),
    [
        ({"iat": 1, "exp": 2}, "stand-in", 0),
        ({"iat": 1, "exp": 2}, "c2lnbmF0dXJl", 1),
        ({"iat": 1, "exp": 2}, "", 1),
        ({"iat": 1, "exp": 2, "iam_id": "somebody"}, "stand-in", 1),
        (["iat", "exp"], "stand-in", 1),
    ],
)
def test_only_a_token_of_dates_without_a_signature_is_a_stand_in(claims: object, signature: str, leaks: int) -> None:
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)
    )
    token = f"{head}.{body}.{signature}"
    assert [leak.reason for leak in find_leaks(answered(json.dumps([token, token]).encode()))] == ["a token"] * leaks


def test_each_of_several_secrets_is_looked_for() -> None:
    secrets = ["first-secret-of-many", "second-secret-of-many"]
    for number in (0, 1):
        recorded = answered(f"it was {secrets[number].upper()}".encode())
        assert find_leaks(recorded, secrets) == (
            Leak(1, "body of the response", "a secret that was used in the recording"),
        )


def test_headers_that_are_never_written_and_hosts_that_are_not_public_are_found() -> None:
    recorded = answered(b"", "https://10.0.0.1/api/v1/jobs", ("Authorization", "x"), ("Cookie", "y"))
    assert [leak.place for leak in find_leaks(recorded)] == [
        "header Authorization of the request",
        "header Cookie of the request",
        "URL",
    ]


NEVER_WRITTEN = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token"]


@pytest.mark.holds("B211")
@pytest.mark.parametrize("name", NEVER_WRITTEN)
def test_a_header_that_carries_credentials_is_found_on_both_sides_whatever_is_in_it(name: str) -> None:
    for written in (name, name.lower(), name.upper()):
        headers = (("Accept", "x"), (written, "x"))
        (recorded,) = answered(b"{}", URL, *headers)
        response = Response(status=200, headers=headers)
        assert find_leaks([Recorded(request=recorded.request, response=response)]) == (
            Leak(1, f"header {written} of the request", "a header that is never written"),
            Leak(1, f"header {written} of the response", "a header that is never written"),
        )


SEALED = {
    "bzip2": bz2.compress(b"words"),
    "xz": lzma.compress(b"words"),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x00",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "age": b"age-encryption.org/v1\n",
    "openssl": b"Salted__" + bytes(8),
    "lz4": b"\x04\x22\x4d\x18\x60\x40",
}


@pytest.mark.holds("B332")
@pytest.mark.parametrize("kind", SEALED)
def test_what_is_sealed_in_a_way_that_is_not_undone_is_named_as_a_body_and_within(kind: str) -> None:
    # Long enough to be base64 of anything, and of bytes that make no text that looks like a key.
    sealed = SEALED[kind] + bytes(12)
    for body in (sealed, json.dumps({"note": b64encode(sealed).decode()}).encode()):
        (leak,) = find_leaks(answered(body))
        assert leak == Leak(1, "body of the response", "something that cannot be looked into")


@pytest.mark.holds("B332")
@pytest.mark.parametrize("begin", [b"\x93NUMPY", b"QISKIT", b"PK\x05\x06", b"\x00\xff"])
@pytest.mark.parametrize("length", [31, 32])
def test_bytes_of_some_length_that_are_no_text_are_an_array_a_circuit_or_named(begin: bytes, length: int) -> None:
    body = begin + b"\xff" * (length - len(begin))
    readable = begin in (b"\x93NUMPY", b"QISKIT") or length == 31
    assert len(find_leaks(answered(body))) == (0 if readable else 1)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_bodies_of_the_service_have_no_leak_but_for_names_of_people_and_instances(sample: Path) -> None:
    kept, secrets = scrub(answered(sample.read_bytes()))
    assert find_leaks(kept, secrets) == ()
    reasons = {leak.reason for leak in find_leaks(answered(sample.read_bytes()))}
    assert reasons <= {"a CRN with the id of an account", "the id of a user", "a field that is called as secrets are"}


def test_the_search_reads_what_stands_in_an_exchange() -> None:
    (recorded,) = answered(b"body", URL, ("Accept", "x"))
    assert b"body" in text_of(recorded)


SIGNS = [
    "password",
    "Password",
    "db_password",
    "client_secret",
    "apikey",
    "api-key",
    "x.api_key",
    "apiKey",
    "Authorization",
]
NO_SIGNS = ["token_type", "passwords_tried", "secretary", "keys", "tokens", "author", "cookies_eaten"]


@pytest.mark.holds("B330")
@pytest.mark.parametrize("name", SIGNS)
def test_a_field_that_is_called_as_secrets_are_loses_its_value_and_is_found_where_it_has_one(name: str) -> None:
    body: dict[str, Any] = {
        "params": {name: "hunter22", "list": [{name: ["hunter22"]}], "text": json.dumps({name: "hunter22"})}
    }
    for blanks in (b"", b"\r\n\t "):
        found = find_leaks(answered(blanks + json.dumps(body).encode()))
        assert "a field that is called as secrets are" in {leak.reason for leak in found}
    del body["params"]["text"]
    kept, _ = scrub(answered(json.dumps(body).encode()))
    assert json.loads(kept[0].response.body) == {"params": {name: "hidden", "list": [{name: ["hidden"]}]}}
    assert find_leaks(kept) == ()
    within = {"note": json.dumps({name: "hunter22"})}
    assert find_leaks(answered(json.dumps(within).encode()))


@pytest.mark.holds("B330")
@pytest.mark.parametrize("name", NO_SIGNS)
def test_a_field_that_is_called_otherwise_keeps_its_value(name: str) -> None:
    recorded = answered(json.dumps({"params": {name: "a word"}}).encode())
    assert find_leaks(recorded) == ()
    assert json.loads(scrub(recorded)[0][0].response.body) == {"params": {name: "a word"}}


@pytest.mark.holds("B331")
@given(st.uuids(version=4), st.integers(0, 2**64))
def test_an_id_that_is_no_id_of_anything_becomes_a_digest_and_is_found_in_an_encoding(number: UUID, seed: int) -> None:
    digest = "".join(Random(seed).choices("0123456789abcdef", k=64))  # noqa: S311  # no secret
    plain = {"id": "d4q2k8s3vjks73f0abcg", "tags": [f"of {number} and {digest}"]}
    kept, _ = scrub(answered(json.dumps(plain).encode()))
    assert str(number) not in kept[0].response.body.decode()
    assert digest not in kept[0].response.body.decode()
    assert find_leaks(kept) == ()
    asked_for = {"id": str(number), "tags": [str(number)]}
    assert json.loads(scrub(answered(json.dumps(asked_for).encode()))[0][0].response.body) == asked_for
    hidden = {"tags": [b64encode(f"of {number} there".encode()).decode()]}
    reasons = {leak.reason for leak in find_leaks(answered(json.dumps(hidden).encode()))}
    assert reasons & {"an id inside of an encoding", "a text that looks like a key"}
