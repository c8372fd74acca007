"""The one function that is the cloud: a world and a request in, another world and the answer out."""

from typing import assert_never

import msgspec

from ..records.exchange import Request, Response
from .calls import legible, split_url
from .faults import Lost, Revoke, Status, Unreachable, strike
from .orders import Need
from .routes import admit
from .world import World

Answer = Response | Lost | Unreachable
"""What comes back to the caller: a response, or one of two kinds of silence."""


def handle(world: World, request: Request) -> tuple[World, Answer]:
    """Answer `request`. Total: whatever is asked, the answer is well formed.

    What `needs` names should have been given before; a job whose outcome is missing is `Running`.
    """
    asked = legible(request)
    faults, effect = strike(world.faults, asked.method, split_url(asked.url)[0])
    struck = msgspec.structs.replace(world, faults=faults) if faults else world
    match effect:
        case None:
            return answer(struck, asked)
        case Status(code=code, headers=headers, body=body):
            return struck, Response(status=code, headers=headers, body=body)
        case Unreachable():
            return struck, effect
        case Lost(acted=acted):
            return answer(struck, asked)[0] if acted else struck, effect
        case Revoke():
            return answer(msgspec.structs.replace(struck, tokens_revoked=struck.tokens_issued), asked)
        case _:
            assert_never(effect)


def needs(world: World, request: Request) -> tuple[Need, ...]:
    """Return what must be given before `request` can be answered.

    To be asked again once that is given: an outcome needs its device described first.
    """
    asked = legible(request)
    admitted = admit(world, asked)
    if isinstance(admitted, Response) or asked.method != "GET":
        return ()
    route, call = admitted
    return route.needs(world, call)


def answer(world: World, request: Request) -> tuple[World, Response]:
    """Answer a request that no fault strikes."""
    admitted = admit(world, request)
    if isinstance(admitted, Response):
        return world, admitted
    route, call = admitted
    return route.handlers[request.method](world, call)
