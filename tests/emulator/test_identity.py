"""The token service, and who is let in."""

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiskit_runtime_service.emulator.world import World, move_on
from qiskit_runtime_service.emulator.worlds import many_instances, one_instance
from qiskit_runtime_service.records.exchange import Request

from ..support.calls import ask, first_crn, read, respond, token_request


def with_header(request: Request, name: str, value: str | None) -> Request:
    rest = tuple(header for header in request.headers if header[0] != name)
    return msgspec.structs.replace(request, headers=rest if value is None else (*rest, (name, value)))


def authorized(world: World, credential: str | None) -> Request:
    return with_header(ask(world, "GET", "/backends"), "Authorization", credential)


def fresh_token() -> tuple[World, str]:
    world, response = respond(one_instance(), token_request())
    return world, str(read(response)["access_token"])


def claims_of(token: str) -> Any:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_a_token_has_three_parts_and_says_when_it_ends() -> None:
    world, token = fresh_token()
    claims = claims_of(token)
    assert token.count(".") == 2
    assert claims["iat"] == int(world.now)
    assert claims["exp"] == claims["iat"] + world.token_seconds


def test_the_answer_of_the_token_service_has_all_that_is_documented() -> None:
    world, response = respond(msgspec.structs.replace(one_instance(), token_seconds=1200), token_request())
    answer = read(response)
    assert answer.pop("access_token").count(".") == 2
    assert answer == {
        "refresh_token": "not_supported", "token_type": "Bearer", "expires_in": 1200, "scope": "ibm openid",
        "expiration": int(world.now) + 1200,
    }  # fmt: skip


def test_a_token_opens_until_it_expires() -> None:
    world, token = fresh_token()
    request = authorized(world, f"Bearer {token}")
    assert respond(move_on(world, world.token_seconds - 1), request)[1].status == 200
    assert respond(move_on(world, world.token_seconds), request)[1].status == 401


@settings(deadline=None)
@given(st.integers(0, 400), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_opens_nothing(position: int, character: str) -> None:
    world, token = fresh_token()
    position %= len(token)
    garbled = token[:position] + character + token[position + 1 :]
    status = respond(world, authorized(world, f"Bearer {garbled}"))[1].status
    assert status == (200 if garbled == token else 401)


@pytest.mark.parametrize("credential", [None, "", "Bearer", "Bearer ", "Bearer a.b.c", "Basic x", "apikey wrong", "ä"])
def test_without_a_good_credential_nothing_opens(credential: str | None) -> None:
    world = one_instance()
    assert respond(world, authorized(world, credential))[1].status == 401


def test_a_world_may_begin_at_the_time_of_its_clients() -> None:
    _, response = respond(one_instance(now=1.5), token_request())
    assert claims_of(str(read(response)["access_token"]))["iat"] == 1


def test_a_token_of_another_world_opens_nothing() -> None:
    _, token = fresh_token()
    other = one_instance(seed=1)
    assert respond(other, authorized(other, f"Bearer {token}"))[1].status == 401


@pytest.mark.parametrize("body", [b"", b"grant_type=x&apikey=emulated-api-key", b"\xff\xfe", b"apikey=%ff"])
def test_what_is_no_exchange_of_a_key_is_refused(body: bytes) -> None:
    request = msgspec.structs.replace(token_request(), body=body)
    _, response = respond(one_instance(), request)
    assert response.status == 400
    assert "errorCode" in read(response)


@pytest.mark.parametrize("crn", [None, "", "crn:v1:bluemix:public:quantum-computing:us-east:a/x:y::"])
def test_an_instance_that_is_not_the_callers_own_is_forbidden(crn: str | None) -> None:
    world = one_instance()
    request = with_header(ask(world, "GET", "/backends"), "Service-CRN", crn)
    assert respond(world, request)[1].status == 403


def test_one_account_does_not_see_the_instances_of_another() -> None:
    world = many_instances(3)
    crn = first_crn(world)
    sold = msgspec.structs.replace(world.instances[crn], account="somebody else")
    world = msgspec.structs.replace(world, instances={**world.instances, crn: sold})
    request = ask(world, "POST", "/v3/resources/search", {"query": ""}, crn=crn)
    assert crn not in [instance["crn"] for instance in read(respond(world, request)[1])["items"]]
    assert respond(world, ask(world, "GET", "/jobs", crn=crn))[1].status == 403
