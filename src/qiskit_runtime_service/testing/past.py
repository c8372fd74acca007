"""Jobs and sessions of the past of a world, as users describe them."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

import msgspec
from returns.result import Result, Success

from .._public import public
from ..core.arguments import if_given, read_flag, read_list_of_texts, read_mapping, read_text
from ..emulator.history import NO_PUBS, NO_RESULTS, PastJob, PastSession
from ..emulator.job_life import LONGEST_RUN, Crashed, Finished, Outcome
from ..emulator.plans import LONGEST_SESSION
from ..emulator.session_life import PAUSE, Mode
from ..records.problem import BadArgument
from .arguments import COUNT, a_name, a_word_of, read_between, read_instant, read_seconds, reads

Status = Literal["Completed", "Failed", "Cancelled"]

MOST_JOBS = 1_000_000
DEVICE = a_name("the name of a device")
DATES = {"ago": read_seconds, "created": if_given(read_instant), "by": if_given(a_name("the name of a person"))}


def read_result(_: str, value: Any) -> Result[Any, BadArgument]:
    """Return whatever a program may have answered."""
    return Success(value)


@public("testing")
@reads(
    device=DEVICE,
    program=a_name("the name of a program"),
    waited=read_seconds,
    ran=read_seconds,
    limit=COUNT,
    status=a_word_of("Completed", "Failed", "Cancelled"),
    result=read_result,
    params=if_given(read_mapping),
    reason=read_text,
    code=if_given(COUNT),
    logs=read_text,
    tags=read_list_of_texts,
    session=if_given(a_name("the name of a session")),
    private=read_flag,
    count=partial(read_between, least=1, most=MOST_JOBS),
    every=read_seconds,
    **DATES,
)
def past_job(
    device: str,
    *,
    program: str = "sampler",
    ago: float = 3600.0,
    created: float | None = None,
    waited: float = 0.0,
    ran: float = 2.0,
    limit: int = LONGEST_RUN,
    status: Status = "Completed",
    result: Any = None,
    params: Mapping[str, Any] | None = None,
    reason: str = "",
    code: int | None = None,
    logs: str = "",
    tags: Iterable[str] = (),
    session: str | None = None,
    private: bool = False,
    by: str | None = None,
    count: int = 1,
    every: float = 60.0,
) -> PastJob:
    """Describe a job of the past for `instance`, or many alike.

    It waits and runs as it says, so that one that was created just now is still queued or running.

    Args:
        device: Where it ran. That device may be gone by now.
        program: What it ran.
        ago: How many seconds before the world begins it was created.
        created: When it was, in seconds since the epoch; it counts more than `ago`.
        waited: How many seconds it waited.
        ran: How many seconds it ran.
        limit: How many it might run: one that ran longer was cancelled for that.
        status: How it ended.
        result: Its result: anything that a program returns, such as a `PrimitiveResult`, or bytes as they come from the
            service; `"simulated"` lets the job be simulated when somebody looks. `None` is a result without PUBs.
        params: What was submitted, as typed JSON has it.
        reason: Why it failed.
        code: The code of that.
        logs: What it wrote.
        tags: What it is found by.
        session: The name of one of the sessions of its instance.
        private: Whether its params are told to nobody, and its result once.
        by: The name of the person who submitted it; `None` for whom the account belongs to.
        count: How many of them there are.
        every: How many seconds one was created after the other; the first of them at that date.

    Source: behaviour B444.
    """
    return PastJob(
        device=device,
        program=program,
        ago=ago,
        created=created,
        waited=waited,
        ran=ran,
        limit=limit,
        cancelled=status == "Cancelled",
        outcome=end_of(status, result, Crashed(reason=reason, code=code, logs=logs)),
        params=NO_PUBS if params is None else msgspec.json.encode(params),
        tags=tuple(tags),
        session=session,
        private=private,
        user=by,
        count=count,
        every=every,
    )


@public("testing")
@reads(
    name=a_name("the name of a session"),
    device=DEVICE,
    mode=a_word_of("dedicated", "batch"),
    max_seconds=COUNT,
    pause_seconds=COUNT,
    closed=read_flag,
    **DATES,
)
def past_session(
    name: str,
    device: str,
    *,
    mode: Mode = "dedicated",
    ago: float = 3600.0,
    created: float | None = None,
    max_seconds: int = LONGEST_SESSION,
    pause_seconds: int = PAUSE,
    closed: bool = True,
    by: str | None = None,
) -> PastSession:
    """Describe a session of the past for `instance`.

    Args:
        name: By what its jobs name it.
        device: Where its jobs run.
        mode: `dedicated` or `batch`.
        ago: How many seconds before the world begins it was opened.
        created: When it was, in seconds since the epoch; it counts more than `ago`.
        max_seconds: How long it lives at most.
        pause_seconds: How long it holds the device without a job.
        closed: Whether it was closed after its last job.
        by: The name of the person who opened it; `None` for whom the account belongs to.

    Source: behaviour B444.
    """
    return PastSession(
        name=name,
        device=device,
        mode=mode,
        ago=ago,
        created=created,
        max_ttl=max_seconds,
        interactive_ttl=pause_seconds,
        closed=closed,
        user=by,
    )


def end_of(status: Status, result: Any, crash: Crashed) -> Outcome | None:
    """Return how a job ended; `None` for one that is to be simulated."""
    if status != "Completed":
        return crash if status == "Failed" else None
    match result:
        case None:
            return msgspec.structs.replace(NO_RESULTS, logs=crash.logs)
        case "simulated":
            return None
        case bytes():
            return Finished(result=result, logs=crash.logs)
        case _:
            from ..bridge.typed_json import encode_value  # Qiskit is loaded with it, and only now needed.

            return Finished(result=encode_value(result), logs=crash.logs)
