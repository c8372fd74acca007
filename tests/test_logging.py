"""What the library logs: every call of the log is made here once, and has its level and its words."""

import ast
import json
import logging
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

import qiskit_runtime_service
from qiskit_runtime_service import QiskitRuntimeService, RuntimeJobV2, Session, wait_all
from qiskit_runtime_service._log import Listener, listening
from qiskit_runtime_service.cli.jobs import cancel_all
from qiskit_runtime_service.client.files import Files, write_whole
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.emulator.needs import Submission as Submitted
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.records.job import Submission
from qiskit_runtime_service.simulator.running_time import time_submission
from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    Fault,
    Lost,
    Status,
    emulated_cloud,
    line_device,
    many_instances,
    one_instance,
)
from tests.shell.clouds import open_service

SOURCE = Path(qiskit_runtime_service.__file__).parent
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
PLACEHOLDER = re.compile(r"%(?:%|[-#0 +]*\d*(?:\.\d+)?([a-zA-Z]))")
BASE = "https://quantum.cloud.ibm.com/api/v1"


def strike(cloud: EmulatedTransport, *faults: Fault) -> None:
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=faults))


def struck(world: World, *faults: Fault) -> World:
    return msgspec.structs.replace(world, faults=faults)


def submit(service: QiskitRuntimeService) -> RuntimeJobV2:
    order = Submission(program="sampler", backend="ibm_emu5", params=b'{"pubs":[]}')
    return service.submit(order, service.backend("ibm_emu5"))


# What somebody does that is logged


def naming_an_account_beside_two_other_arguments(folder: Path) -> None:
    path = str(folder / "accounts.json")
    QiskitRuntimeService.save_account(token=API_KEY, filename=path, name="work")
    cloud = EmulatedTransport(one_instance())
    given = {"token": "other", "channel": "ibm_cloud"}
    QiskitRuntimeService(**given, filename=path, name="work", transport=cloud, clock=cloud)  # type: ignore[arg-type]  # all are texts


def listing_backends_two_of_which_are_odd(folder: Path) -> None:
    rows = [{"name": "ibm_a", "qubits": "5"}, {"name": "ibm_b", "qubits": "five"}, {"name": "ibm_c", "clops": [1]}]
    service, cloud = open_service()
    strike(cloud, Fault(path="*/backends", effect=Status(code=200, body=json.dumps({"devices": rows}).encode())))
    assert [backend.name for backend in service.backends()] == ["ibm_a", "ibm_b", "ibm_c"]


def waiting_through_a_look_that_fails(folder: Path) -> None:
    service, cloud = open_service(one_instance(queue_seconds=10.0))
    jobs = [submit(service) for _ in range(2)]
    # A look is four attempts.
    strike(cloud, Fault(method="GET", path="*/jobs", effect=Status(code=500), times=4))
    wait_all(jobs)


def leaving_a_session_that_cannot_be_closed(folder: Path) -> None:
    service, cloud = open_service(one_instance(plan="premium"))
    with pytest.raises(ZeroDivisionError), Session(service.backend("ibm_emu5")):
        strike(cloud, Fault(method="PATCH", effect=Status(code=400), times=None))
        raise ZeroDivisionError


def listing_accounts_two_of_which_are_broken(folder: Path) -> None:
    entries = {"odd": {"token": 5}, "bare": {"channel": "ibm_cloud"}, "whole": {"token": "t"}}
    path = folder / "accounts.json"
    path.write_text(json.dumps(entries))
    QiskitRuntimeService.saved_accounts(filename=str(path))


def choosing_beside_a_broken_backend(folder: Path) -> None:
    broken = msgspec.structs.replace(line_device("ibm_broken", 5), configuration=b"{}")
    service, _ = open_service(one_instance(devices=[broken, line_device("ibm_whole", 6)]))
    service.backends(filters=lambda backend: backend.max_shots > 1)


def looking_for_two_backends_that_are_not_there(folder: Path) -> None:
    service, _ = open_service()
    for name in ("IBM_EMU6", "kyiv"):
        service.backends(name)


def losing_the_answer_to_a_submission(folder: Path) -> None:
    service, cloud = open_service()
    # What the service has taken cannot be seen at the first look.
    strike(
        cloud,
        Fault(method="POST", path="*/jobs", effect=Lost(acted=True)),
        Fault(method="GET", path="*/jobs", effect=Status(code=200, body=b'{"jobs": [], "count": 0}')),
    )
    submit(service)


def submitting_where_the_usage_is_not_told(folder: Path) -> None:
    service, cloud = open_service()
    strike(cloud, Fault(path="*/usage", effect=Status(code=400), times=None))
    submit(service)


def asking_catalogs_that_are_silent_on_two_plans(folder: Path) -> None:
    silent = [Fault(path=path, effect=Status(code=403), times=None) for path in ("*/globalcatalog/*", "/api/v1/*-*")]
    open_service(struck(many_instances(3, plans=2), *silent))


def saving_on_a_disk_that_cannot_sync_a_folder(folder: Path) -> None:
    def fail(operation: str) -> None:
        if operation == "sync_folder":
            raise OSError(5, "Input/output error")

    write_whole(folder / "run.json", b"new", files=Files(fail))


def asking_a_token_service_that_is_down_for_a_new_token(folder: Path) -> None:
    down = Fault(path="*/identity/token", effect=Status(code=400, body=b"no"), after=1, times=None)
    service, cloud = open_service(struck(one_instance(), down))
    # A token lives for an hour.
    cloud.sleep(3000.0)
    service.backends()


def asking_a_service_that_wants_two_pauses(folder: Path) -> None:
    busy = Status(code=429, headers=(("Retry-After", "17"),))
    busier = Status(code=503, headers=(("Retry-After", "5"),))
    faults = [Fault(path="*/backends", effect=effect, after=after) for after, effect in enumerate((busy, busier))]
    service, _ = open_service(struck(one_instance(), *faults))
    service.backends()


def looking_at_two_jobs_whose_program_raises(folder: Path) -> None:
    def program(params: object, task: JobTask) -> object:
        raise ZeroDivisionError

    cloud = emulated_cloud(one_instance(), programs={"executor": program})
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    for _ in range(2):
        job = service.run_program("executor", {}, service.backend("ibm_emu5"))
        job.wait_for_final_state()
        assert job.status() == "ERROR"


def timing_two_jobs_of_a_device_that_nobody_can_read(folder: Path) -> None:
    for params in (b"{}", b'{"pubs": []}'):
        order = Submitted(device="odd", program="sampler", params=params, configuration=b"[]", properties=b"{}")
        assert time_submission(order) == 2.0


def cancelling_two_jobs_that_cannot_be(folder: Path) -> None:
    service, cloud = open_service(one_instance(queue_seconds=1e6))
    jobs = [submit(service) for _ in range(2)]
    strike(cloud, Fault(method="POST", path="*/cancel", effect=Status(code=403), times=None))
    assert cancel_all(jobs) == 1


class Logged(NamedTuple):
    """One call of the log."""

    place: str
    level: str
    do: Callable[[Path], None]
    words: tuple[str, ...]
    """What it writes, each time; `…` stands for what is new in each run."""


LOGGED = [
    Logged(
        "shell/service.py",
        "INFO",
        naming_an_account_beside_two_other_arguments,
        (
            "channel= has no effect beside name=: the entry decides it",
            "token= has no effect beside name=: the entry decides it",
        ),
    ),
    Logged(
        "shell/service.py",
        "INFO",
        looking_for_two_backends_that_are_not_there,
        (
            "There is no backend 'IBM_EMU6'. Did you mean 'ibm_emu5'?",
            "There is no backend 'kyiv'. service.backends() lists what there is.",
        ),
    ),
    Logged("shell/waiting.py", "INFO", waiting_through_a_look_that_fails, ("A look at 2 jobs failed; waiting on.",)),
    Logged(
        "shell/session.py",
        "WARNING",
        leaving_a_session_that_cannot_be_closed,
        (f"Session … could not be closed: {BASE}/sessions/… answered 400 after 1 attempt.",),
    ),
    Logged(
        "shell/saved_accounts.py",
        "WARNING",
        listing_accounts_two_of_which_are_broken,
        (
            "The account 'odd' in …/accounts.json cannot be used: Expected `str`, got `int` - at `$.token`",
            "The account 'bare' in …/accounts.json cannot be used: Object missing required field `token`",
        ),
    ),
    Logged(
        "cli/jobs.py",
        "WARNING",
        cancelling_two_jobs_that_cannot_be,
        ("Job … was not cancelled: …/cancel answered 403.",) * 2,
    ),
    Logged(
        "client/raising.py",
        "WARNING",
        choosing_beside_a_broken_backend,
        ("ibm_broken could not be read: The backend 'ibm_broken' cannot be used: …",),
    ),
    Logged(
        "client/submission.py",
        "INFO",
        losing_the_answer_to_a_submission,
        (
            "A submission brought no clear answer; looking for … in 0.0 s.",
            "A submission brought no clear answer; looking for … in 0.5 s.",
        ),
    ),
    Logged(
        "client/submission.py",
        "INFO",
        submitting_where_the_usage_is_not_told,
        ("The usage of crn:… could not be read; submitting all the same: …/instances/usage answered 400 after …",),
    ),
    Logged(
        "client/instances.py",
        "INFO",
        asking_catalogs_that_are_silent_on_two_plans,
        ("The catalog does not tell a plan: https://… answered 403 after 1 attempt.",) * 2,
    ),
    Logged(
        "client/files.py",
        "WARNING",
        saving_on_a_disk_that_cannot_sync_a_folder,
        ("…/run.json is saved, but a power cut may bring back the old one: Input/output error",),
    ),
    Logged(
        "client/sender.py",
        "INFO",
        asking_a_token_service_that_is_down_for_a_new_token,
        ("The token could not be renewed early; the old one still works: …/identity/token does not accept …",),
    ),
    Logged(
        "client/sender.py",
        "INFO",
        asking_a_service_that_wants_two_pauses,
        (
            f"Attempt 1 at {BASE}/backends?include_mocks=True failed: 429; next in 17.0 s.",
            f"Attempt 2 at {BASE}/backends?include_mocks=True failed: 503; next in 5.0 s.",
        ),
    ),
    Logged(
        "client/sender.py",
        "DEBUG",
        listing_backends_two_of_which_are_odd,
        (
            f"Of the answer of {BASE}/backends?include_mocks=True this is left away: devices['ibm_b'].qubits: …",
            f"Of the answer of {BASE}/backends?include_mocks=True this is left away: devices['ibm_c'].clops: …",
        ),
    ),
    Logged(
        "simulator/run_job.py",
        "WARNING",
        looking_at_two_jobs_whose_program_raises,
        ("Job … failed: its executor raised",) * 2,
    ),
    Logged(
        "simulator/running_time.py",
        "WARNING",
        timing_two_jobs_of_a_device_that_nobody_can_read,
        ("How long a job of sampler runs was not understood",) * 2,
    ),
]


@pytest.mark.parametrize("logged", LOGGED, ids=lambda logged: logged.do.__name__)
def test_what_is_logged_has_its_level_and_its_words(
    logged: Logged, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logged.do(tmp_path)
    records = [record for record in caplog.records if record.pathname == str(SOURCE / logged.place)]
    assert {record.levelname for record in records} == {logged.level}
    assert len(records) == len(logged.words)
    for record, words in zip(records, logged.words, strict=True):
        pattern = ".+".join(map(re.escape, words.split("…")))
        assert re.fullmatch(pattern, record.getMessage()), record.getMessage()


def pause(at: float, seconds: float, words: str) -> logging.LogRecord:
    fields = {"created": at, "pause": seconds, "msg": "next in %s", "args": (words,), "levelno": logging.INFO}
    return logging.makeLogRecord(fields)


@pytest.mark.holds("B289")
def test_a_pause_of_more_than_a_second_is_told_unless_one_that_was_told_is_not_over() -> None:
    told: list[str] = []
    listener = Listener(told.append)
    for record in (
        pause(100.0, 1.0, "one second"),
        pause(100.0, 1.1, "more"),
        pause(101.0, 9.0, "more, meanwhile"),
        pause(101.1, 5.0, "more, then"),
        pause(106.0, 0.5, "less"),
        pause(106.1, 2.0, "more, at last"),
        logging.makeLogRecord({"msg": "no pause at all", "levelno": logging.INFO}),
    ):
        listener.handle(record)
    assert told == ["next in more", "next in more, then", "next in more, at last"]


def line(level: int, words: str) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": "%s is broken", "args": (words,), "levelno": level})


@pytest.mark.holds("B315")
def test_a_warning_is_told_once_and_kept_and_what_is_less_is_not() -> None:
    told: list[str] = []
    listener = Listener(told.append)
    for level, words in (
        (logging.WARNING, "one"),
        (logging.INFO, "two"),
        (logging.ERROR, "three"),
        (logging.WARNING, "one"),
        (logging.CRITICAL, "four"),
        (logging.ERROR, "three"),
    ):
        listener.handle(line(level, words))
    assert told == listener.troubles == ["one is broken", "three is broken", "four is broken"]


@pytest.mark.holds("B315")
def test_troubles_are_told_as_long_as_somebody_listens() -> None:
    log, told = logging.getLogger("qiskit_runtime_service"), list[str]()
    handlers = [*log.handlers]
    with listening(told.append) as listener:
        log.warning("this is broken")
    log.warning("this too")
    assert told == listener.troubles == ["this is broken"]
    assert log.handlers == handlers


@pytest.mark.holds("B289")
@pytest.mark.parametrize(("level", "meanwhile"), [(logging.NOTSET, logging.INFO), (logging.DEBUG, logging.DEBUG)])
def test_pauses_are_told_as_long_as_somebody_listens(level: int, meanwhile: int) -> None:
    log, told = logging.getLogger("qiskit_runtime_service"), list[str]()
    before = log.level
    log.setLevel(level)
    try:
        with listening(told.append):
            assert log.getEffectiveLevel() == meanwhile
            log.info("next in %d s", 3, extra={"pause": 3.0})
        log.info("next in %d s", 4, extra={"pause": 4.0})
        assert told == ["next in 3 s"]
        assert log.level == level
    finally:
        log.setLevel(before)


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield each call of the log in the source, with its file and its level."""
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "logger" in text else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="logger"), attr=level)) if level in LEVELS:
                    yield path.relative_to(SOURCE).as_posix(), node, level.upper()


def test_no_call_of_the_log_is_missing_here() -> None:
    found = Counter((place, level) for place, _, level in calls())
    assert found == Counter((logged.place, logged.level) for logged in LOGGED)


def test_there_is_one_log_and_one_way_to_it() -> None:
    texts = {path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}
    assert [name for name, text in texts.items() if re.search(r"^\s*(import|from) logging", text, re.M)] == ["_log.py"]


def test_a_call_of_the_log_has_a_value_for_each_place_of_its_text() -> None:
    for place, call, _ in calls():
        text, *values = call.args
        places = PLACEHOLDER.findall(str(text.value)) if isinstance(text, ast.Constant) else []
        assert len(values) == len([kind for kind in places if kind]), f"{place}:{call.lineno}"


def test_a_record_that_cannot_be_formatted_fails_the_test_that_logs_it() -> None:
    with pytest.raises(TypeError, match="not all arguments converted"):
        logging.getLogger("qiskit_runtime_service").debug("one place: %s", 1, 2)


# Where IBM's users set a logger up

SET_UP = """
import logging, os, sys, warnings
from qiskit_runtime_service import setup_logger
logger = logging.getLogger("qiskit_runtime_service")
setup_logger(logger)
setup_logger(logger)
logger.info("an info")
logger.warning("a warning")
print(logger.level, logger.propagate, sum(not isinstance(handler, logging.NullHandler) for handler in logger.handlers))
"""


def set_up(tmp_path: Path, **environment: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what a program that sets the logger up prints, and what it shows on standard error, from the level on."""
    command = [sys.executable, "-c", SET_UP]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path, env={**os.environ, **environment}
    )
    return done.stdout.split(), re.findall(r"([A-Z]+):[\d :,-]+: (.*)", done.stderr)


@pytest.mark.holds("B429")
def test_a_logger_is_set_up_as_the_environment_says(tmp_path: Path) -> None:
    level = "QISKIT_IBM_RUNTIME_LOG_LEVEL"
    warned, informed = ("WARNING", "a warning"), ("INFO", "an info")
    assert set_up(tmp_path) == (["0", "False", "1"], [warned])
    assert set_up(tmp_path, **{level: "info"}) == (["20", "False", "1"], [informed, warned])
    assert set_up(tmp_path, **{level: "ERROR"}) == (["40", "False", "1"], [])
    odd = ("WARNING", "'loud' is not a valid log level: DEBUG, INFO, WARNING, ERROR, CRITICAL.")
    assert set_up(tmp_path, **{level: "loud"}) == (["30", "False", "1"], [odd, odd, warned])


@pytest.mark.holds("B429")
def test_a_logger_is_set_up_to_write_to_a_file(tmp_path: Path) -> None:
    printed, shown = set_up(tmp_path, QISKIT_IBM_RUNTIME_LOG_FILE="lines.log", QISKIT_IBM_RUNTIME_LOG_LEVEL="INFO")
    assert (printed, shown) == (["20", "False", "1"], [])
    lines = (tmp_path / "lines.log").read_text().splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["an info", "a warning"]
