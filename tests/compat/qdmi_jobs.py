"""Jobs run by IBM's QDMI device, unmodified. Runs in the environment of that client, not in ours.

It is a library in C++, called here by its C interface; the numbers are those of its headers. Reads
`{"base", "key", "crn"}` from standard input: the URL of the door, an API key and a CRN. Prints what it made of each
thing that it was asked for.
"""

import ctypes
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ibm.qdmi import IBM_QDMI_LIBRARY_PATH

GIVEN = json.load(sys.stdin)
LIBRARY = ctypes.CDLL(str(IBM_QDMI_LIBRARY_PATH))
SUCCESS = 0
ERRORS = {-1: "fatal", -5: "not found", -7: "invalid argument", -8: "permission denied", -9: "not supported"}
ERRORS |= {-10: "bad state", -11: "timeout"}
DIAGNOSTICS = {1: "invalid argument", 2: "bad state", 4: "authentication", 5: "not found", 10: "job failed"}
STATUSES = ["created", "submitted", "queued", "running", "done", "canceled", "failed"]
BASE_URL, TOKEN, AUTH_URL, BACKEND, CRN = 0, 1, 3, 999_999_995, 999_999_996
QASM3 = 1
SHOTS = 2
ONE = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[2] c;\nx $0;\nc[0] = measure $0;\nc[1] = measure $1;\n'
Handle = ctypes.c_void_p


class Refused(Exception):  # noqa: N818  # it says what is the case
    """What the library says of a call that failed."""


def call(name: str, *arguments: Any) -> None:
    """Call a function of the library, or raise what it says."""
    code = getattr(LIBRARY, f"IBM_QDMI_device_{name}")(*arguments)
    if code != SUCCESS:
        why = LIBRARY.IBM_QDMI_device_last_diagnostic()
        raise Refused(f"{ERRORS.get(code, code)}: {DIAGNOSTICS.get(why, why)}")


def fetch(name: str, *arguments: Any) -> bytes:
    """Return what a function gives: it is asked for the size first."""
    size = ctypes.c_size_t()
    call(name, *arguments, ctypes.c_size_t(0), None, ctypes.byref(size))
    value = ctypes.create_string_buffer(size.value)
    call(name, *arguments, size, value, None)
    return value.raw


def text(value: bytes) -> str:
    return value.rstrip(b"\0").decode()


def number(value: bytes) -> int:
    return int.from_bytes(value, "little")


def numbers(value: bytes) -> list[int]:
    return [number(value[place : place + 8]) for place in range(0, len(value), 8)]


def error_of(act: Callable[[], object]) -> str:
    try:
        return f"none, but {act()}"
    except Refused as refused:
        return str(refused)


def open_session(backend: str = "ibm_fast", **more: str) -> Handle:
    given = GIVEN | more
    session = Handle()
    call("session_alloc", ctypes.byref(session))
    for parameter, value in (
        (BASE_URL, f"{given['base']}/api"),
        (AUTH_URL, f"{given['base']}/identity/token"),
        (TOKEN, given["key"]),
        (CRN, given["crn"]),
        (BACKEND, backend),
    ):
        written = value.encode() + b"\0"
        call("session_set_parameter", session, parameter, ctypes.c_size_t(len(written)), written)
    call("session_init", session)
    return session


def submit(session: Handle, program: str, shots: int) -> Handle:
    job, written, wanted = Handle(), program.encode() + b"\0", ctypes.c_size_t(shots)
    call("session_create_device_job", session, ctypes.byref(job))
    sizes, programs = (ctypes.c_size_t * 1)(len(written)), (ctypes.c_char_p * 1)(written)
    call("job_set_programs", job, QASM3, ctypes.c_size_t(1), sizes, programs)
    call("job_set_parameter", job, SHOTS, ctypes.c_size_t(ctypes.sizeof(wanted)), ctypes.byref(wanted))
    call("job_submit", job)
    return job


def status_of(job: Handle) -> str:
    status = ctypes.c_int()
    call("job_check", job, ctypes.byref(status))
    return STATUSES[status.value]


def wait(job: Handle, seconds: int) -> None:
    call("job_wait", job, ctypes.c_size_t(seconds))


def id_of(job: Handle) -> bytes:
    return fetch("job_query_property", job, 0)


def results_of(job: Handle) -> dict[str, Any]:
    shots, keys, counts = (fetch("job_get_results", job, ctypes.c_size_t(0), kind) for kind in (0, 1, 2))
    return {
        "shots": text(shots).split(","),
        "counts": dict(zip(text(keys).split(","), numbers(counts), strict=True)),
    }


def describe() -> dict[str, Any]:
    session = open_session()

    def of_device(prop: int) -> bytes:
        return fetch("session_query_device_property", session, prop)

    sites = numbers(of_device(5))
    return {
        "name": text(of_device(0)),
        "version": text(of_device(1)),
        "status": ["offline", "idle", "busy"][number(of_device(2))],
        "qubits": number(of_device(4)),
        "queue": number(of_device(17)),
        "pairs": [[sites.index(site) for site in pair] for pair in pairs_of(numbers(of_device(7)))],
        "T1 and T2 in ps": [
            [number(fetch("session_query_site_property", session, Handle(site), prop)) for prop in (1, 2)]
            for site in sites
        ],
        "operations": dict(describe_operation(session, operation, sites) for operation in numbers(of_device(6))),
    }


def pairs_of(places: Sequence[int]) -> list[list[int]]:
    return [list(pair) for pair in zip(places[::2], places[1::2], strict=True)]


def describe_operation(session: Handle, operation: int, sites: list[int]) -> tuple[str, list[Any]]:
    """Return the name of an operation, and its width, its parameters, and on the first qubits duration and fidelity."""

    def ask(prop: int, on: Sequence[int] = ()) -> bytes:
        places = (Handle * len(on))(*on) if on else None
        size, none = ctypes.c_size_t(len(on)), ctypes.c_size_t(0)
        kind = Handle(operation)
        return fetch("session_query_operation_property", session, kind, size, places, none, None, prop)

    width = number(ask(1))
    first = sites[:width]
    try:
        fidelity = ctypes.c_double.from_buffer_copy(ask(4, first)).value
    except Refused:
        fidelity = None
    return text(ask(0)), [width, number(ask(2)), number(ask(3, first)), fidelity]


def run() -> dict[str, Any]:
    """Run a job, and find it again by its id."""
    session = open_session()
    job = submit(session, ONE, 6)
    wait(job, 20)
    again = Handle()
    call("session_retrieve_device_job_by_id", session, id_of(job), ctypes.byref(again))
    return {
        "status": status_of(job),
        "results": results_of(job),
        "again": [status_of(again), results_of(again), text(fetch("job_get_program", again, ctypes.c_size_t(0)))],
        "too late": error_of(lambda: call("job_cancel", job)),
    }


def cancel_in_queue() -> list[str]:
    job = submit(open_session("ibm_slow"), ONE, 6)
    before, early = status_of(job), error_of(lambda: results_of(job))
    call("job_cancel", job)
    return [before, early, status_of(job)]


def fail() -> list[str]:
    job = submit(open_session(), ONE.replace("x $0", "cz $0, $4"), 6)
    wait(job, 20)
    return [status_of(job), error_of(lambda: results_of(job))]


def be_wrong() -> dict[str, str]:
    session, nothing = open_session(), Handle()
    return {
        "no such key": error_of(lambda: open_session(key="wrong")),
        "no such instance": error_of(lambda: open_session(crn=GIVEN["crn"].replace("us-east", "eu-de"))),
        "no such backend": error_of(lambda: open_session("ibm_none")),
        "no such job": error_of(
            lambda: call("session_retrieve_device_job_by_id", session, b"nope\0", ctypes.byref(nothing))
        ),
    }


call("initialize")
JOURNEYS = (describe, run, cancel_in_queue, fail, be_wrong)
print(json.dumps({journey.__name__: journey() for journey in JOURNEYS}))
