"""Laws of what is written of exchanges: nothing private, the same stand-in everywhere, and the same meaning."""

import json
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qiskit_runtime_service.cassettes.meaning import meaning_of
from qiskit_runtime_service.cassettes.scrub import scrub
from qiskit_runtime_service.records.cassette import Recorded
from qiskit_runtime_service.records.exchange import Request, Response
from tests.strategies import make_crn
from tests.support.conversations import ACCOUNTS, BASE, CRNS, KEY, PEOPLE, TOKENS, all_requests, conversations, text_of

NEVER = [secret.encode() for secret in (KEY, *TOKENS, *ACCOUNTS, *PEOPLE, "internal.example", "session=1234567890")]


@pytest.mark.holds("B207", "B208", "B209")
@given(conversations)
def test_nothing_private_is_left(recorded: list[Recorded]) -> None:
    kept, _ = scrub(recorded)
    text = b"\n".join(map(text_of, kept))
    assert [secret for secret in NEVER if secret in text] == []


@given(conversations)
def test_scrubbing_twice_changes_nothing(recorded: list[Recorded]) -> None:
    once, _ = scrub(recorded)
    twice, secrets = scrub(once)
    assert twice == once
    assert not secrets & {KEY, *ACCOUNTS, *PEOPLE}


@pytest.mark.holds("B208")
@given(conversations)
def test_what_is_scrubbed_means_the_same(recorded: list[Recorded]) -> None:
    kept, _ = scrub(recorded)
    for before, after in zip(recorded, kept, strict=True):
        assert meaning_of(after.request) == meaning_of(before.request)
        assert (after.response.status, after.at) == (before.response.status, before.at)


@given(st.lists(all_requests, min_size=2, max_size=2))
def test_different_instances_stay_different(requests: list[Request]) -> None:
    recorded = [Recorded(request=request, response=Response(status=200)) for request in requests]
    kept, _ = scrub(recorded)
    real, stand_in = ({recording.request.header("Service-CRN") for recording in side} for side in (recorded, kept))
    assert len(real) == len(stand_in)


def exchange(body: object, request: Request | None = None, **fields: object) -> Recorded:
    request = request or Request(method="GET", url=f"{BASE}/backends", headers=(("Service-CRN", CRNS[0]),))
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Recorded(request=request, response=Response(status=200, body=data))


def answer_of(body: object, request: Request | None = None) -> object:
    (kept,), _ = scrub([exchange(body, request)])
    return json.loads(kept.response.body)


def test_a_body_is_written_without_white_space() -> None:
    (kept,), _ = scrub([exchange({"devices": [{"name": "ibm_a"}, {"name": "ibm_b"}]})])
    assert kept.response.body == b'{"devices":[{"name":"ibm_a"},{"name":"ibm_b"}]}'


@pytest.mark.holds("B207")
def test_a_field_that_is_not_on_the_list_keeps_its_name_and_the_kind_of_its_value() -> None:
    body = {"devices": [{"name": "ibm_a", "owner": {"name": "Ada", "age": 36, "tall": True, "cats": ["Tom", 2.5]}}]}
    hidden = {"name": "hidden", "age": 0, "tall": False, "cats": ["hidden", 0.0]}
    assert answer_of(body) == {"devices": [{"name": "ibm_a", "owner": hidden}]}


def test_a_name_of_a_field_that_is_no_word_is_hidden_too() -> None:
    assert answer_of({"of ada": 1}) == {"hidden": 0}


def test_what_devices_say_of_themselves_is_written_whole() -> None:
    request = Request(method="GET", url=f"{BASE}/backends/ibm_a/configuration", headers=(("Service-CRN", CRNS[0]),))
    body = {"anything": {"at all": [1, "x"]}}
    assert answer_of(body, request) == body


@pytest.mark.holds("B210")
def test_an_operation_that_is_not_known_is_written_as_its_shape() -> None:
    request = Request(method="GET", url=f"{BASE}/secrets/of/ada", headers=(("Service-CRN", CRNS[0]),))
    assert answer_of({"name": "Ada"}, request) == {"name": "hidden"}
    (kept,), _ = scrub([exchange(b"plain", request)])
    assert kept.response.body == b"hidden"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_empty_body_stays_empty_whoever_is_asked(method: str) -> None:
    for path in ("secrets/of/ada", "backends"):
        request = Request(method=method, url=f"{BASE}/{path}", headers=(("Service-CRN", CRNS[0]),))
        (kept,), _ = scrub([exchange(b"", request)])
        assert (kept.request.body, kept.response.body) == (b"", b"")
        told = replace(request, body=b"a secret of mine")
        (kept,), _ = scrub([exchange(b" ", told)])
        known = path == "backends" and method == "GET"
        assert (kept.request.body, kept.response.body) == ((told.body, b" ") if known else (b"hidden", b"hidden"))


@pytest.mark.holds("B207")
def test_the_url_is_the_public_one_of_the_region() -> None:
    for region, host in (("us-east", "quantum.cloud.ibm.com"), ("eu-de", "eu-de.quantum.cloud.ibm.com")):
        request = Request(
            method="GET",
            url="http://127.0.0.1:8080/api/v1/jobs/a%2Fb?x=1&x=%26",
            headers=(("Service-CRN", make_crn(region)),),
        )
        (kept,), _ = scrub([exchange({}, request)])
        assert kept.request.url == f"https://{host}/api/v1/jobs/a%2Fb?x=1&x=%26"
        # What is not known is kept with its whole path.
        (kept,), _ = scrub([exchange({}, replace(request, url="http://127.0.0.1:8080/api/v1/secrets/of/7?x=1"))])
        assert kept.request.url == f"https://{host}/api/v1/secrets/of/7?x=1"


@pytest.mark.holds("B208")
def test_people_are_numbered_in_the_order_of_their_appearance_and_numbers_go_on() -> None:
    tags = [{"tags": [f"by {PEOPLE[1]}", PEOPLE[2]]}, {"tags": [PEOPLE[0], PEOPLE[1], PEOPLE[3]]}]
    kept, _ = scrub([exchange(tag_list) for tag_list in tags])
    first, second = (json.loads(recording.response.body)["tags"] for recording in kept)
    assert first == ["by person-1@example.com", "IBMid-0000000001"]
    assert second == ["person-2@example.com", "person-1@example.com", "IBMid-0000000002"]
    more, _ = scrub([*kept, exchange({"tags": ["mary@example.net"]})])
    assert json.loads(more[2].response.body)["tags"] == ["person-3@example.com"]


@pytest.mark.holds("B208")
def test_each_user_of_a_list_has_a_number_wherever_the_list_stands() -> None:
    users = ["IBMid-270005ABCD", "iam-ServiceId-3c5a7e10-1111", "IBMid-55000XYZ12", "IBMid-270005ABCD"]
    numbered = ["IBMid-0000000001", "IBMid-0000000002", "IBMid-0000000003", "IBMid-0000000001"]
    body = {"tags": users, "jobs": [{"user_id": users[2]}, {"user_id": users[0]}], "message": " and ".join(users)}
    assert answer_of(body) == {
        "tags": numbered,
        "jobs": [{"user_id": numbered[2]}, {"user_id": numbered[0]}],
        "message": " and ".join(numbered),
    }


@pytest.mark.holds("B208")
def test_users_whose_ids_have_no_form_are_known_by_their_field_and_found_in_lists() -> None:
    users = ["ada-of-london", "grace-of-new-york", "ada-of-london"]
    body = {"jobs": [{"user_id": user} for user in users], "tags": ["no user", *users], "message": f"by {users[1]}"}
    numbers = ["IBMid-0000000001", "IBMid-0000000002", "IBMid-0000000001"]
    assert answer_of(body) == {
        "jobs": [{"user_id": number} for number in numbers],
        "tags": ["no user", *numbers],
        "message": f"by {numbers[1]}",
    }


def test_a_name_within_a_longer_one_does_not_break_it_and_seven_letters_are_a_word() -> None:
    users = ["ada-of-london", "ada-of-london-the-second", "lovelace", "babbage"]
    body = {"jobs": [{"user_id": user} for user in users], "message": " ".join(reversed(users))}
    answer = answer_of(body)
    assert isinstance(answer, dict)
    assert answer["message"] == "babbage IBMid-0000000003 IBMid-0000000002 IBMid-0000000001"
    assert answer["jobs"][3] == {"user_id": "hidden"}


@pytest.mark.holds("B208")
def test_a_field_for_one_user_may_hold_a_list_of_them() -> None:
    users = ["ada-of-london", "grace-of-new-york", "", None]
    body = {"user_id": users, "workloads": [{"user_id": None}, {"user_id": ""}], "message": f"{users[1]}, {users[0]}"}
    assert answer_of(body) == {
        "user_id": ["hidden", "hidden", "", None],
        "workloads": [{"user_id": None}, {"user_id": ""}],
        "message": "IBMid-0000000002, IBMid-0000000001",
    }


@pytest.mark.holds("B208")
def test_every_person_of_one_text_has_a_number() -> None:
    body = {"message": f"{PEOPLE[0]}, {PEOPLE[1]}; {PEOPLE[2]} {PEOPLE[3]}"}
    assert answer_of(body) == {
        "message": "person-1@example.com, person-2@example.com; IBMid-0000000001 IBMid-0000000002"
    }


@pytest.mark.holds("B209")
def test_a_secret_is_taken_out_of_what_was_said_before_it_was_known() -> None:
    token = exchange({"access_token": TOKENS[0]}, Request(method="POST", url="https://iam/identity/token"))
    kept, secrets = scrub([exchange(f"log: {TOKENS[0]} of {ACCOUNTS[0]}".encode()), token])
    assert TOKENS[0] in secrets
    assert not any(secret.encode() in text_of(kept[0]) for secret in (TOKENS[0], ACCOUNTS[0]))


@pytest.mark.holds("B208")
def test_a_token_keeps_its_dates_and_loses_its_signature_and_its_owner() -> None:
    request = Request(method="POST", url="https://iam/identity/token")
    (kept,), _ = scrub([exchange({"access_token": TOKENS[0], "refresh_token": "not_supported"}, request)])
    body = json.loads(kept.response.body)
    assert body["access_token"].endswith(".stand-in")
    assert body["refresh_token"] == "not_supported"
    assert len(body["access_token"].split(".")) == 3


@pytest.mark.holds("B207")
def test_only_headers_on_the_list_are_written() -> None:
    headers = tuple((name, "1") for name in ("Content-Type", "X-Custom", "Server", "Date", "retry-after"))
    (kept,), _ = scrub([replace(exchange({}), response=Response(status=200, headers=headers))])
    assert [name for name, _ in kept.response.headers] == ["Content-Type", "retry-after"]


@pytest.mark.holds("B207")
def test_the_headers_that_are_written_are_these() -> None:
    asked = ["Accept", "Content-Type", "IBM-API-Version", "Service-CRN"]
    told = [
        *("Allow", "Content-Type", "Deprecation", "IBM-API-Version", "Retry-After", "Sunset", "Warning"),
        *("X-Global-Transaction-Id", "X-Request-Id"),
    ]
    others = ["Authorization", "Cookie", "Host", "Server", "Set-Cookie", "User-Agent", "X-Qx-Client-Application"]
    headers = tuple((name, "1") for name in sorted({*asked, *told, *others}))
    request = Request(method="GET", url=f"{BASE}/backends", headers=headers)
    (kept,), _ = scrub([Recorded(request=request, response=Response(status=200, headers=headers))])
    assert [name for name, _ in kept.request.headers] == asked
    assert [name for name, _ in kept.response.headers] == told


def test_compressed_values_are_written_as_they_are() -> None:
    packed = b64encode(zlib.compress(b"numbers")).decode()
    request = Request(method="GET", url=f"{BASE}/jobs/j/results", headers=(("Service-CRN", CRNS[0]),))
    assert answer_of({"__type__": "ndarray", "__value__": packed}, request)["__value__"] == packed  # type: ignore[index]  # it is an object
