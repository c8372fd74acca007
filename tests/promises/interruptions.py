"""Breaking into a call at every step of it, and looking at all that a traceback could show there."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import qiskit_runtime_service

OURS = str(Path(qiskit_runtime_service.__file__).parent)
TESTS = str(Path(__file__).parents[1])

MAKING = "QiskitRuntimeService.__new__"
"""Where no request is on its way, and the key still an argument of the user."""
DOOR = "QiskitRuntimeService.__init__"
"""Where the first line hides the key."""

STOPS: tuple[type[BaseException], ...] = (
    KeyboardInterrupt,
    SystemExit,
    MemoryError,
    GeneratorExit,
    asyncio.CancelledError,
    pytest.fail.Exception,
)
"""What may break into a call: a person, a signal, the system, an event loop, and the time limit of a test."""


Place = tuple[str, int]
"""A file, and a line of it."""


def place_of(frame: FrameType) -> Place:
    """Return where a frame is."""
    return frame.f_code.co_filename, frame.f_lineno


def walk(call: Callable[[], object], visit: Callable[[FrameType], None], at: Place | None = None) -> None:
    """Call something, and visit the frame of each call, line and return of it, ours and those of others.

    With `at` only frames that are there are visited.
    """
    fresh: set[FrameType] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if at is not None and frame.f_code.co_filename != at[0]:
            return None
        if at is not None and frame.f_lineno != at[1]:
            return trace
        if frame.f_code.co_qualname == DOOR and event == "call":
            fresh.add(frame)
        elif event == "line" and frame in fresh:
            fresh.remove(frame)
        elif is_within(frame):
            visit(frame)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)


def is_within(frame: FrameType) -> bool:
    """Tell whether a frame is part of a call of ours, and of no finalizer that happens to run in it."""
    codes = [step.f_code for step in frames_of(frame)]
    if any(code.co_name == "__del__" or "weakref" in code.co_filename or code.co_qualname == MAKING for code in codes):
        return False
    return any(code.co_filename.startswith(OURS) for code in codes)


def frames_of(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield a frame and all that wait for it."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def shown_by(value: object) -> Iterator[str]:
    """Yield how a value is shown: in full, and as rich cuts texts before it shows them."""
    with suppress(Exception):  # Of what is half made nothing is shown.
        yield repr(value)
        if isinstance(value, str | bytes):
            yield repr(value[:8])


def break_at(call: Callable[[], object], place: Place, stop: type[BaseException]) -> BaseException | None:
    """Call something and raise where a line of it is first run. Return what comes out."""

    def break_in(_: FrameType) -> None:
        raise stop

    return raised_by(lambda: walk(call, break_in, place))


def raised_by(call: Callable[[], object]) -> BaseException | None:
    """Return what comes out of a call, whatever it is."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001  # that is what it is for
        return error
    return None


def locals_of(error: BaseException | None) -> Iterator[tuple[str, object]]:
    """Yield the locals in all frames of an error and of what led to it, but for those of tests."""
    pending, seen = [error], set[int]()
    while pending:
        part = pending.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        pending += [part.__cause__, part.__context__]
        yield "the error", part
        for frame, line in traceback.walk_tb(part.__traceback__):
            if not frame.f_code.co_filename.startswith(TESTS):
                place = f"{frame.f_code.co_filename}:{line}"
                yield from ((f"{place} {name}", value) for name, value in frame.f_locals.items())
