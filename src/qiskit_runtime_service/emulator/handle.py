"""The one function that is the cloud: a world and a request in, another world and the answer out."""

import msgspec

from ..records.exchange import Request, Response
from .faults import Effect, Lost, Revoke, Spoiled, Status, Unreachable, spoil, strike
from .needs import Need
from .requests import legible, split_url
from .routes import admit
from .world import World

Answer = Response | Spoiled | Lost | Unreachable
"""What comes back to the caller: a response, one that is spoilt on its way, or one of two kinds of silence."""


def handle(world: World, request: Request) -> tuple[World, Answer]:
    """Answer `request`. Total: whatever is asked, the answer is well formed.

    What `needs` names should have been given before; a job whose outcome is missing is `Running`.
    """
    asked = legible(request)
    faults, effects = strike(world.faults, asked.method, split_url(asked.url)[0])
    if not effects:
        return answer(msgspec.structs.replace(world, faults=faults) if faults else world, asked)
    return suffer(msgspec.structs.replace(world, faults=faults), asked, effects)


def suffer(world: World, request: Request, effects: tuple[Effect, ...]) -> tuple[World, Answer]:
    """Answer a request that faults strike."""
    silence = next((each for each in effects if isinstance(each, Lost | Unreachable)), None)
    if silence is not None and silence != Lost(acted=True):
        return world, silence
    if Revoke() in effects:
        world = msgspec.structs.replace(world, tokens_revoked=world.tokens_issued)
    said = next((each for each in effects if isinstance(each, Status)), None)
    if said is None:
        world, response = answer(world, request)
    else:
        response = Response(status=said.code, headers=said.headers, body=said.body)
    return world, spoil(response, effects) if silence is None else silence


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
