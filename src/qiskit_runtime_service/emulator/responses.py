"""Writing a response: bodies, dates and the error container."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from ..records.exchange import Response
from .requests import Call
from .world import World, digest

JSON = (("Content-Type", "application/json"),)
TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
NO_CONTENT = Response(status=204)


class Refusal(msgspec.Struct, frozen=True):
    """Status and error of one refusal. The codes 1200, 1204, 1205 and 1217 are published, the rest are stand-ins."""

    status: int
    code: int
    message: str
    solution: str


NO_AUTHORIZATION = Refusal(401, 1200, "You are not authorized.", "Send a token that has not expired.")
NO_INSTANCE = Refusal(403, 1209, "No instance was named.", "Send the CRN of an instance as Service-CRN.")
FOREIGN_INSTANCE = Refusal(403, 1210, "You have no access to this instance.", "Check the CRN and the account.")
UNKNOWN_PATH = Refusal(404, 1203, "There is nothing at this path.", "Check the URL.")
WRONG_METHOD = Refusal(405, 1208, "This path does not take this method.", "See the Allow header.")
MALFORMED = Refusal(400, 1206, "The request is malformed.", "Check the body and the query.")
TOO_MANY_TAGS = Refusal(400, 1204, "There are too many tags.", "Give at most 8 tags.")
TAG_TOO_LONG = Refusal(400, 1205, "A tag is too long.", "Keep each tag within 86 characters.")
UNKNOWN_BACKEND = Refusal(404, 1211, "The backend is not found.", "List the backends of this instance.")
UNKNOWN_CALIBRATION = Refusal(404, 1226, "The calibration is not found.", "Use a calibration of this backend.")
TOO_MANY_REQUESTS = Refusal(429, 1202, "There are too many requests.", "Wait as long as Retry-After says.")
TOO_LARGE = Refusal(413, 1227, "The request is too large.", "Split the job: 64 MB is the most that one may have.")
UNKNOWN_PROGRAM = Refusal(404, 1216, "The program is not found.", "Use a program that the service has.")
UNKNOWN_JOB = Refusal(404, 1291, "Job not found.", "Check the ID and the instance.")
NO_LOGS_YET = Refusal(404, 1292, "The job has no logs yet.", "Ask again when it is final.")
NOT_CANCELLABLE = Refusal(
    409, 1217, "Job is not in a state that allows cancellation.", "Only queued or running jobs can be cancelled."
)
IS_RUNNING = Refusal(400, 1218, "The job is running.", "Cancel it or wait for its end.")
LIMIT_REACHED = Refusal(409, 1213, "The instance has met its usage limit.", "Raise the limit or use another instance.")
UNKNOWN_SESSION = Refusal(404, 1223, "The session is not found.", "Check the ID and the instance.")
SESSION_CLOSED = Refusal(400, 4001, "The session is closed.", "Open a new session.")
OTHER_BACKEND = Refusal(400, 1224, "The session has another backend.", "Use the backend of the session.")
NO_DEDICATED = Refusal(
    400, 1352, "The open plan has no dedicated sessions.", "Use job or batch mode, or an instance of another plan."
)
UNKNOWN_INSTANCE = Refusal(404, 1228, "The instance is not found.", "Check the CRN and the account.")
FOREIGN_ACCOUNT = Refusal(403, 1225, "You have no access to this account.", "Ask for your own account.")
SPENT_MORE = Refusal(409, 1214, "The instance has spent more than that.", "Set a higher limit.")
ARCHIVED_PLAN = Refusal(403, 1221, "The plan is archived.", "Ask for a plan that is sold.")
BAD_CURSOR = Refusal(400, 1222, "The cursor is not one of ours.", "Start the search again.")


def json_response(value: object, status: int = 200) -> Response:
    """Return `value` as a JSON body."""
    return Response(status=status, headers=JSON, body=msgspec.json.encode(value))


def raw_response(body: bytes, headers: tuple[tuple[str, str], ...] = JSON) -> Response:
    """Return a body that is JSON already."""
    return Response(status=200, headers=headers, body=body)


def text_response(text: str) -> Response:
    """Return a body of plain text."""
    return Response(status=200, headers=TEXT, body=text.encode("utf-8", "replace"))


def refuse(world: World, call: Call, refusal: Refusal, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return the error container. Its trace is the same whenever the same is asked of the same world."""
    entry = {
        "code": refusal.code,
        "message": refusal.message,
        "solution": refusal.solution,
        "more_info": f"https://quantum.cloud.ibm.com/docs/errors#{refusal.code}",
    }
    trace = make_uuid(digest(world, "trace", world.now, call.request.method, call.request.url))
    body = msgspec.json.encode({"errors": [entry], "trace": trace})
    return Response(status=refusal.status, headers=JSON + headers, body=body)


def make_uuid(digits: str) -> str:
    """Return hexadecimal digits in the form of a UUID."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def without_none(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not `None`."""
    return {key: value for key, value in fields.items() if value is not None}


def micro(instant: float) -> str:
    """Return an instant as UTC with microseconds, as jobs are dated."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def milli(instant: float) -> str:
    """Return an instant as UTC with milliseconds, as usage is dated."""
    return micro(instant)[:-4] + "Z"
