"""The token service: an API key in, a bearer token out, and back from token to account."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec

from ..records.exchange import Request, Response
from .requests import Call
from .responses import json_response, make_uuid
from .world import World, digest

GRANT = "urn:ibm:params:oauth:grant-type:apikey"


def exchange_key(world: World, call: Call) -> tuple[World, Response]:
    """Give a token for an API key."""
    form = parse_qs(call.request.body.decode("utf-8", "replace"))
    if form.get("grant_type") != [GRANT]:
        return world, refuse_key(world, "BXNIM0001E", "The grant type is not supported.")
    if "apikey" not in form:
        return world, refuse_key(world, "BXNIM0109E", "Property missing or empty: apikey.")
    account = world.keys.get(form["apikey"][-1])
    if account is None:
        return world, refuse_key(world, "BXNIM0415E", "Provided API key could not be found.")
    issued = msgspec.structs.replace(world, tokens_issued=world.tokens_issued + 1)
    return issued, json_response(describe_token(issued, account))


def describe_token(world: World, account: str) -> dict[str, Any]:
    """Return the newest token with all that is said of it."""
    issued_at = int(world.now)
    expires_at = issued_at + world.token_seconds
    claims = {
        "iam_id": user_of(account),
        "account": {"valid": True, "bss": account},
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


def account_of(world: World, request: Request) -> str | None:
    """Return the account that the request is authorized for, or `None`."""
    scheme, _, credential = (request.header("Authorization") or "").partition(" ")
    match scheme.lower():
        case "bearer":
            return account_of_token(world, credential)
        case "apikey":
            return world.keys.get(credential)
        case _:
            return None


def account_of_token(world: World, token: str) -> str | None:
    """Return the account of a token that is ours and still good, or `None`."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(seal(world, signed).encode(), signature.encode()):
        return None
    claims = msgspec.json.decode(from_base64(signed.partition(".")[2]))
    leapt = world.leapt - claims.get("leapt", 0.0)
    good = world.now - leapt < claims["exp"] and claims["jti"] > world.tokens_revoked
    return str(claims["account"]["bss"]) if good else None


def user_of(account: str) -> str:
    """Return the one user that each account has."""
    return f"IBMid-{account[:10].upper()}"


def to_base64(data: bytes) -> str:
    """Encode for a URL, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Decode what `to_base64` wrote."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
