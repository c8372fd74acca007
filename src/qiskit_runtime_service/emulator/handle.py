"""The one function that is the cloud: a world and a request in, another world and the reply out."""

import math

import msgspec

from ..records.exchange import Request, Response
from .faults import Effect, Lost, Revoke, Spoiled, Status, Unreachable, spoil, strike
from .needs import DeviceBodies, Need, Submission, need_of_submission
from .requests import clean_request, split_url
from .routes import admit
from .submissions import create_job
from .world import World

BROKEN = 500
"""From this status on, nothing is told of what was asked."""
Reply = Response | Spoiled | Lost | Unreachable
"""What comes back to the caller: a response, one that is spoilt on its way, or one of two kinds of silence."""


def handle(world: World, request: Request, run_seconds: float | None = None) -> tuple[World, Reply]:
    """Answer `request`. Total: whatever is asked, the reply is well formed.

    What `needs` names should have been given before; a job whose outcome is missing is `Running`.

    Args:
        world: The cloud as it is.
        request: What is asked.
        run_seconds: How long the job runs that is submitted, if `need_before` asked for that.
    """
    cleaned = clean_request(request)
    faults, effects = strike(world.faults, cleaned.method, split_url(cleaned.url)[0])
    if not effects:
        return respond(msgspec.structs.replace(world, faults=faults) if faults else world, cleaned, run_seconds)
    return reply_with_faults(msgspec.structs.replace(world, faults=faults), cleaned, effects, run_seconds)


def reply_with_faults(
    world: World, request: Request, effects: tuple[Effect, ...], run_seconds: float | None
) -> tuple[World, Reply]:
    """Answer a request that faults strike.

    Source: behaviour B139.
    """
    silence = next((effect for effect in effects if isinstance(effect, Lost | Unreachable)), None)
    if silence is not None and silence != Lost(acted=True):
        return world, silence
    if Revoke() in effects:
        world = msgspec.structs.replace(world, tokens_revoked=world.tokens_issued)
    status = next((effect for effect in effects if isinstance(effect, Status)), None)
    if status is None:
        world, response = respond(world, request, run_seconds)
    else:
        response = without_body(request, Response(status=status.code, headers=status.headers, body=status.body))
    return world, spoil(response, effects) if silence is None else silence


def needs(world: World, request: Request) -> tuple[Need, ...]:
    """Return what must be given before `request` can be answered.

    To be asked again once that is given: an outcome needs its device described first.
    """
    asked = look_for(clean_request(request))
    admitted = admit(world, asked)
    if isinstance(admitted, Response) or asked.method != "GET":
        return ()
    route, call = admitted
    return route.needs(world, call)


def need_before(world: World, request: Request) -> DeviceBodies | Submission | None:
    """Return what `handle` is to be told of a job that `request` submits; `None` for nothing.

    To be asked again once a device was described.
    """
    if request.method != "POST":
        return None
    admitted = admit(world, clean_request(request))
    if isinstance(admitted, Response):
        return None
    route, call = admitted
    return need_of_submission(world, call) if route.handlers["POST"] is create_job else None


def waits_until(world: World, request: Request, reply: Reply) -> float | None:
    """Return until when somebody waits who was answered so and will ask the same again; `None` if no time helps.

    That is when a refusal says that it may be tried again, or when what is told of jobs and sessions changes next.

    Source: behaviour B448.
    """
    if not isinstance(reply, Response):
        return None
    pause = reply.header("Retry-After") or ""
    if pause.isascii() and pause.isdecimal():
        return world.now + int(pause)
    asked = look_for(clean_request(request))
    admitted = admit(world, asked)
    if reply.status >= BROKEN or isinstance(admitted, Response) or asked.method != "GET":
        return None
    route, call = admitted
    return min((step for step in route.changes(world, call) if world.now < step < math.inf), default=None)


def respond(world: World, request: Request, run_seconds: float | None = None) -> tuple[World, Response]:
    """Answer a request that no fault strikes. Who asks for the head alone changes nothing.

    Source: behaviour B342.
    """
    if request.method == "HEAD":
        return world, without_body(request, respond(world, look_for(request))[1])
    admitted = admit(world, request)
    if isinstance(admitted, Response):
        return world, admitted
    route, call = admitted
    told = call if run_seconds is None else msgspec.structs.replace(call, run_seconds=run_seconds)
    return route.handlers[request.method](world, told)


def look_for(request: Request) -> Request:
    """Return the request whose answer has the head that `request` asks for."""
    return msgspec.structs.replace(request, method="GET") if request.method == "HEAD" else request


def without_body(request: Request, response: Response) -> Response:
    """Return what is answered to a request: of one for the head the head, which says how long the body is."""
    if request.method != "HEAD":
        return response
    length = ("Content-Length", str(len(response.body)))
    return msgspec.structs.replace(response, headers=(*response.headers, length), body=b"")
