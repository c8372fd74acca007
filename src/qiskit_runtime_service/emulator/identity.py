"""The token service: an API key in, a bearer token out, and back from token to account."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from ..records.exchange import Request, Response
from .requests import Call
from .responses import json_response, make_uuid
from .world import World, digest

GRANT = "urn:ibm:params:oauth:grant-type:apikey"


class Caller(NamedTuple):
    """Who asks."""

    account: str
    user: str | None = None
    """`None` for whom the account belongs to."""


def exchange_key(world: World, call: Call) -> tuple[World, Response]:
    """Give a token for an API key."""
    form = parse_qs(call.request.body.decode("utf-8", "replace"))
    if form.get("grant_type") != [GRANT]:
        return world, refuse_key(world, "BXNIM0001E", "The grant type is not supported.")
    if "apikey" not in form:
        return world, refuse_key(world, "BXNIM0109E", "Property missing or empty: apikey.")
    key = form["apikey"][-1]
    account = world.keys.get(key)
    if account is None:
        return world, refuse_key(world, "BXNIM0415E", "Provided API key could not be found.")
    issued = msgspec.structs.replace(world, tokens_issued=world.tokens_issued + 1)
    return issued, json_response(describe_token(issued, Caller(account, world.people.get(key))))


def describe_token(world: World, caller: Caller) -> dict[str, Any]:
    """Return the newest token with all that is said of it."""
    issued_at = int(world.now)
    expires_at = issued_at + world.token_seconds
    claims = {
        "iam_id": caller.user or user_of(caller.account),
        "account": {"valid": True, "bss": caller.account},
        "jti": world.tokens_issued,
        "iat": issued_at,
        "exp": expires_at,
        "leapt": world.leapt,
    }
    return {
        "access_token": sign(world, claims),
        "refresh_token": "not_supported",
        "token_type": "Bearer",
        "expires_in": world.token_seconds,
        "expiration": expires_at,
        "scope": "ibm openid",
    }


def refuse_key(world: World, code: str, message: str) -> Response:
    """Return an error in the words of the token service."""
    instant = datetime.fromtimestamp(world.now, UTC).strftime("%d.%m.%Y %H:%M:%S:000 UTC")
    context = {
        "requestId": make_uuid(digest(world, "identity", world.now)),
        "requestType": "incoming.Identity_Token",
        "startTime": instant,
        "endTime": instant,
        "elapsedTime": "0",
    }
    return json_response({"errorCode": code, "errorMessage": message, "context": context}, status=400)


def sign(world: World, claims: dict[str, Any]) -> str:
    """Return `claims` as a JSON web token."""
    head, body = (to_base64(msgspec.json.encode(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{body}.{seal(world, f'{head}.{body}')}"


def seal(world: World, text: str) -> str:
    """Return the signature of `text`."""
    return to_base64(hmac.digest(digest(world, "signature").encode(), text.encode(), "sha256"))


def find_caller(world: World, request: Request) -> Caller | None:
    """Return who sent the request, or `None` for nobody who may."""
    scheme, _, credential = (request.header("Authorization") or "").partition(" ")
    match scheme.lower():
        case "bearer":
            return caller_of_token(world, credential)
        case "apikey" if credential in world.keys:
            return Caller(world.keys[credential], world.people.get(credential))
        case _:
            return None


def caller_of_token(world: World, token: str) -> Caller | None:
    """Return who has a token that is ours and still good, or `None`."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(seal(world, signed).encode(), signature.encode()):
        return None
    claims = msgspec.json.decode(from_base64(signed.partition(".")[2]))
    leapt = world.leapt - claims.get("leapt", 0.0)
    good = world.now - leapt < claims["exp"] and claims["jti"] > world.tokens_revoked
    account, user = str(claims["account"]["bss"]), str(claims["iam_id"])
    return Caller(account, None if user == user_of(account) else user) if good else None


def users_of(world: World, account: str) -> tuple[str, ...]:
    """Return everybody who has a key of an account, first whom it belongs to."""
    people = (person for key, person in world.people.items() if world.keys.get(key) == account)
    return tuple(dict.fromkeys((user_of(account), *people)))


def user_of(account: str) -> str:
    """Return whom an account belongs to."""
    return f"IBMid-{account[:10].upper()}"


def to_base64(data: bytes) -> str:
    """Encode for a URL, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Decode what `to_base64` wrote."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
