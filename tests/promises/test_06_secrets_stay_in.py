"""Promise 6: the key is in nothing that is shown, logged, copied out or sent elsewhere."""

import base64
import copy
import gzip
import json
import logging
import pickle
import re
import traceback
import urllib.parse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, NamedTuple, cast

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from qiskit_runtime_service import Endpoints, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.emulator.faults import Fault, Lost, Status, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.executor_sampler import SamplerV2 as DirectedSampler
from qiskit_runtime_service.records.network import ProxyRules
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, emulated_cloud, one_instance
from qiskit_runtime_service.transport.http import HttpTransport
from tests.shell.clouds import bell
from tests.support.certificates import authority, context_of, issue
from tests.support.existing import PYTHON, needs_existing_client
from tests.support.forks import forks, in_child, may_warn
from tests.support.program_runs import RUNS, flipped
from tests.support.sent import text_sent
from tests.support.troubled import silent, troubled
from tests.support.tunnels import NtlmProxy, Proxy, proxy_before

from . import interrupted
from .interruptions import STOPS, Place, break_at, locals_of, place_of, shown_by, walk
from .savers import say
from .sizes import Control, Tally, few, size

FAULTS = [
    Status(code=400, body=b"no"),
    Status(code=401),
    Status(code=500, body=b"{"),
    Status(code=200, body=b"<html>"),
    Lost(acted=True),
    Unreachable(),
]
PATHS = ["*/identity/token", "*/search", "*/backends", "*/configuration", "*/jobs", "*/results"]


def canary() -> str:
    """Make a key that stands nowhere in the source, which tracebacks show too."""
    return "".join(reversed("w7yeK-yranaC-eht-ma-I"))


def encodings(key: str) -> Iterator[bytes]:
    """Yield the key as it would look in any of its encodings."""
    plain = key.encode()
    yield plain
    for offset in range(3):
        # The middle of a base64 text does not depend on what stands around it.
        yield base64.b64encode(b"x" * offset + plain)[4:-4]
        yield base64.urlsafe_b64encode(b"x" * offset + plain)[4:-4]
    yield urllib.parse.quote(key.replace("-", "–")).encode()
    yield plain.hex().encode()
    yield json.dumps(key)[1:-1].encode()
    yield "".join(f"\\u{ord(character):04x}" for character in key).encode()


def leaks(shown: object) -> bool:
    """Tell whether something that was shown holds the key, in any encoding."""
    data = shown if isinstance(shown, bytes) else str(shown).encode("utf-8", "replace")
    texts = [data, gzip.decompress(data)] if data[:2] == b"\x1f\x8b" else [data]
    return any(encoded in text for encoded in encodings(canary()) for text in texts)


def world_of(*faults: Fault) -> World:
    world = one_instance()
    return msgspec.structs.replace(world, keys={canary(): next(iter(world.keys.values()))}, faults=faults)


def run_all(cloud: EmulatedTransport, **arguments: Any) -> list[object]:
    """Do what a user does, and return all the objects that a user then holds."""
    service = QiskitRuntimeService(token=canary(), transport=cloud, clock=cloud, **arguments)
    backend = service.least_busy()
    job = SamplerV2(mode=backend).run([bell(backend)], shots=8)
    reports = [service.explain(), service.explain_backends(), service.active_account(), service.usage()]
    return [service, backend, job, job.result(), job.metrics(), *reports, *service.jobs(), *service.instances()]


def run_programs(cloud: EmulatedTransport) -> list[object]:
    """Run each program of directed execution, and return all the objects that a user then holds."""
    service = QiskitRuntimeService(token=canary(), transport=cloud, clock=cloud)
    backend = service.backend("ibm_emu5")
    jobs = [run(backend, {}) for run in RUNS.values()]
    sampler = DirectedSampler(backend)
    pubs = [flipped(backend.num_qubits)]
    held: list[object] = [sampler, sampler.options, sampler.prepare(pubs), sampler.estimate(pubs)]
    return [*held, *jobs, *(job.result() for job in jobs), *(job.inputs for job in jobs)]


def test_the_search_itself_finds_the_key_in_every_encoding() -> None:
    for encoded in encodings(canary()):
        assert leaks(b"before" + encoded + b"after")
    assert leaks(gzip.compress(canary().encode()))
    assert not leaks("something else")


SHOWN: list[Callable[[Any], object]] = [
    repr,
    str,
    lambda thing: repr(vars(thing)) if hasattr(thing, "__dict__") else "",
    lambda thing: [repr(value) for value in vars(thing).values()] if hasattr(thing, "__dict__") else "",
    lambda thing: thing.to_json() if hasattr(thing, "to_json") else "",
    lambda thing: thing._repr_html_() if hasattr(thing, "_repr_html_") else "",
    lambda thing: repr(copy.copy(thing)) if isinstance(thing, dict) else "",
    lambda thing: repr(copy.deepcopy(thing)) if isinstance(thing, dict) else "",
    lambda thing: f"{thing}",
]


def test_nothing_that_a_user_holds_shows_the_key(
    caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud = emulated_cloud(world_of())
    things = [*run_all(cloud), *run_programs(cloud), cloud, cloud.world, *cloud.ledger]
    for thing in things:
        for show in SHOWN:
            assert not leaks(show(thing)), (type(thing), show)
    assert not leaks(caplog.text)
    assert not any(leaks(warning.message) for warning in recwarn)


def test_records_that_hold_the_key_pickle_without_it() -> None:
    cloud = emulated_cloud(world_of())
    service = QiskitRuntimeService(token=canary(), transport=cloud, clock=cloud)
    records = service.explain().records
    pickled = pickle.dumps(records)
    assert not leaks(pickled)
    assert not pickle.loads(pickled).account.account.token  # noqa: S301  # our own bytes


def test_an_account_as_a_dictionary_has_the_key_but_its_pickle_has_not() -> None:
    cloud = emulated_cloud(world_of())
    service = QiskitRuntimeService(token=canary(), transport=cloud, clock=cloud)
    account = service.active_account()
    for duplicate in (account, account.copy(), copy.copy(account), copy.deepcopy(account)):
        assert duplicate["token"] == canary()
        assert duplicate == account
        assert not leaks(repr(duplicate))
    assert not leaks(pickle.dumps(account))
    assert pickle.loads(pickle.dumps(account))["channel"] == service.channel  # noqa: S301  # our own bytes


@pytest.mark.parametrize("run", [run_all, run_programs])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("effect", FAULTS, ids=lambda effect: repr(effect)[:30])
def test_no_error_shows_the_key(
    path: str, effect: Any, run: Callable[[EmulatedTransport], object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud = emulated_cloud(world_of(Fault(path=path, effect=effect, times=None)))
    with warnings.catch_warnings(record=True) as warned:
        try:
            run(cloud)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not show the key
            shown = traceback.TracebackException.from_exception(error, capture_locals=True)
            chain = [error, error.__cause__, error.__context__]
            assert not leaks("".join(shown.format()))
            assert not any(leaks(repr(raised)) or leaks(str(raised)) for raised in chain)
            assert not leaks(pickle.dumps(str(error)))
    assert not leaks(caplog.text)
    assert not any(leaks(warning.message) for warning in warned)


def test_a_wrong_key_is_not_shown_in_the_error_about_it() -> None:
    cloud = EmulatedTransport(one_instance())
    with pytest.raises(Exception) as caught:  # whatever it is
        QiskitRuntimeService(token=canary(), transport=cloud, clock=cloud)
    assert not leaks("".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()))


@pytest.mark.holds("B21")
def test_only_the_token_exchange_sends_the_key() -> None:
    cloud = emulated_cloud(world_of())
    run_all(cloud)
    for exchange in cloud.ledger:
        request = exchange.request
        assert leaks(text_sent(request)) == request.url.endswith("/identity/token")
        assert not leaks(request.url)


def test_no_file_is_written_by_using_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    run_all(emulated_cloud(world_of()))
    assert not list(tmp_path.rglob("*"))


# What breaks into a request

PASSWORD = "".join(reversed("yxorp-rof-dr0wss4p"))


class Way(NamedTuple):
    """A way to a cloud that answers, and what must not be shown on it."""

    call: Callable[[], object]
    secrets: re.Pattern[str]


def a_service(endpoints: Endpoints, **settings: Any) -> None:
    """Do what asks for a token, searches, and asks with the token."""
    # To be watched takes time.
    carrier = HttpTransport(connect_timeout=60.0, **settings)
    service = QiskitRuntimeService(token=canary(), endpoints=endpoints, transport=carrier)
    service.usage()
    carrier.close()


@contextmanager
def way_to(kind: str, folder: Path) -> Iterator[Way]:
    """Open a door to a cloud, and proxies before it that know a password."""
    cloud = EmulatedTransport(world_of())
    with ExitStack() as stack:
        if kind == "plain":
            door = stack.enter_context(door_to(cloud))
            settings: dict[str, Any] = {}
        else:
            issuer = authority("an authority")
            bundle = folder / "bundle.pem"
            bundle.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
            door = stack.enter_context(door_to(cloud, context_of(issue(issuer), folder)))
            proxy, address = stack.enter_context(proxy_before(NtlmProxy if kind == "NTLM" else Proxy, door))
            user = "" if kind == "NTLM" else f"ada:{PASSWORD}@"
            ntlm = ("DOMAIN\\ada", Secret(PASSWORD)) if kind == "NTLM" else None
            rules = ProxyRules(given=(("all", Secret(address.replace("//", f"//{user}"))),), ntlm=ntlm)
            settings = {"proxies": rules, "verify": str(bundle)}
        base = door.base.replace("localhost", "127.0.0.1")
        ends = Endpoints(runtime=f"{base}/api/v1", token=base, search=base, catalog=f"{base}/api/v1")
        call = partial(a_service, ends, **settings)
        call()
        assert kind == "plain" or proxy.opened
        tokens = {exchange.request.header("Authorization") for exchange in cloud.ledger} - {None}
        bearers = [part for token in tokens for part in str(token).removeprefix("Bearer ").split(".")[1:]]
        forms = {form.decode() for secret in (canary(), PASSWORD, *bearers) for form in encodings(secret)}
        yield Way(call, re.compile("|".join(map(re.escape, forms))))


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tell the proxies who there is."""
    path = tmp_path / "users"
    path.write_text(f"DOMAIN:ada:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(path))
    return tmp_path


KINDS = ("plain", "Basic", "NTLM")


@pytest.mark.holds("B327")
@pytest.mark.parametrize("kind", few(KINDS))
def test_no_frame_of_a_request_shows_a_secret_at_any_step(kind: str, users: Path, tried: Tally) -> None:
    found: set[tuple[str, str, str]] = set()
    seen: Counter[str] = Counter()

    with way_to(kind, users) as way:

        def look(frame: FrameType) -> None:
            code = frame.f_code
            seen[code.co_filename] += 1
            for name, value in frame.f_locals.items():
                if any(map(way.secrets.search, shown_by(value))):
                    found.add((code.co_filename, code.co_qualname, name))

        walk(way.call, look)
    assert found == set()
    tried(seen.total())
    rooms = ("urllib3/connectionpool.py", "http/client.py", "transport/connections.py", "wire/requests.py")
    assert all(any(file.endswith(room) for file in seen) for room in rooms)


@pytest.mark.holds("B327")
@pytest.mark.parametrize("kind", few(KINDS))
# Between the line that opens a socket and the line that keeps it nobody can close it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@forks
@may_warn
def test_whatever_breaks_into_a_request_no_traceback_shows_a_secret(kind: str, users: Path, tried: Tally) -> None:
    # What is broken into leaves a process in pieces, with locks half made: a child is thrown away.
    lines, _, shown = in_child(lambda: break_everywhere(kind, users), seconds=3600).partition(": ")
    assert shown == "nothing shown"
    tried(int(lines))


def break_everywhere(kind: str, users: Path) -> str:
    """Break into a request at many of its lines; return what was shown, and where."""
    with way_to(kind, users) as way:
        places: set[Place] = set()
        walk(way.call, lambda frame: places.add(place_of(frame)))
        lines = Random(6).sample(sorted(places), size(len(places), 60))  # noqa: S311  # not for secrets
        came: Counter[type[BaseException] | None] = Counter()
        for place, stop in zip(lines, cycle(STOPS), strict=False):
            error = break_at(way.call, place, stop)
            came[None if error is None else type(error)] += 1
            shown = [where for where, value in locals_of(error) if any(map(way.secrets.search, shown_by(value)))]
            if shown:
                return f"{len(lines)}: {shown} at {place} by {stop}"
    say(f"{kind}: {len(lines)} of {len(places)} lines broken into: {came}")
    missed = [stop for stop in STOPS if not came[stop]]
    return f"{len(lines)}: {f'nothing was broken by {missed}' if missed else 'nothing shown'}"


def shown_by_both(run: Callable[..., str], program: str, folder: Path, *flags: str, **fields: object) -> list[str]:
    """Return what is shown of a program of ours, and of a careless one, that wait at the same time."""

    def shown_by(name: str, wait: str) -> str:
        (folder / name).mkdir()
        whole = program.format(wait=wait, limit=interrupted.LIMIT, **fields)
        return run(whole, folder / name, f"http://{address}", canary(), *flags)

    with troubled(silent) as address, ThreadPoolExecutor(2) as pool:
        return list(pool.map(shown_by, ("ours", "bare"), (interrupted.OURS, interrupted.BARE)))


@pytest.mark.holds("B327")
@pytest.mark.parametrize("show", few(interrupted.SHOWN))
def test_no_program_shows_the_key_that_is_broken_into_while_it_waits(show: str, tmp_path: Path) -> None:
    program, words = interrupted.BROKEN_INTO, interrupted.SHOWN[show]
    ours, bare = shown_by_both(interrupted.run, program, tmp_path, show=words)
    assert "KeyboardInterrupt" in ours
    assert "urlopen" in ours
    assert not leaks(ours)
    # The search would find it.
    assert leaks(bare)


@pytest.mark.holds("B327")
@pytest.mark.parametrize(
    ("method", "flags"), few([("thread", ()), ("signal", ()), ("signal", ("-vv", "--full-trace"))])
)
def test_no_test_with_a_time_limit_shows_the_key(method: str, flags: tuple[str, ...], tmp_path: Path) -> None:
    ours, bare = shown_by_both(interrupted.run_pytest, interrupted.TIMED, tmp_path, *flags, method=method)
    assert "Timeout" in ours
    assert not leaks(ours)
    assert leaks(bare) == (method == "signal")


def test_what_dumps_the_frames_of_a_process_shows_no_key(tmp_path: Path) -> None:
    program = interrupted.DUMPED.format(wait=interrupted.OURS, limit=interrupted.LIMIT)
    with troubled(silent) as address:
        dumped = interrupted.run(program, tmp_path, f"http://{address}", canary())
    assert "urlopen" in dumped
    assert not leaks(dumped)


@needs_existing_client
def test_the_existing_client_is_broken_into_too(tmp_path: Path, control: Control) -> None:
    program = interrupted.BROKEN_INTO.format(
        wait=interrupted.THEIRS, limit=interrupted.LIMIT, show=interrupted.SHOWN["traceback"]
    )
    with troubled(silent) as address:
        theirs = interrupted.run(program, tmp_path, f"http://{address}", canary(), python=PYTHON)
    assert "KeyboardInterrupt" in theirs
    say(f"the existing client, broken into: {theirs.count(canary())} times the key")
    assert leaks(theirs)
    control(f"a traceback with locals shows the key {theirs.count(canary())} times")


# A key in a wrong place


def stray_key() -> str:
    """Make a key of the form that keys have, which stands nowhere in the source."""
    return "".join(reversed("dEw9-z4xQcR_7mPkL2vBnY6tGhJ8sUfA1oWiZ0eCyT3K"))


PLACES: dict[str, Callable[[str, Path], object]] = {
    "first argument": lambda key, _: QiskitRuntimeService(key),
    "channel": lambda key, _: QiskitRuntimeService(channel=key),
    "channel with a letter lost": lambda key, _: QiskitRuntimeService(channel=key[1:]),
    "channel with white space": lambda key, _: QiskitRuntimeService(channel=f" {key}\n"),
    "instance": lambda key, _: QiskitRuntimeService(
        token=API_KEY, instance=key, transport=emulated_cloud(one_instance())
    ),
    "CRN": lambda key, _: QiskitRuntimeService(token=API_KEY, instance=f"crn:v1:{key}"),
    "url": lambda key, _: QiskitRuntimeService(token=API_KEY, url=key),
    "host of url": lambda key, _: QiskitRuntimeService(token=API_KEY, url=f"http://{key}.example"),
    "query of url": lambda key, _: QiskitRuntimeService(token=API_KEY, url=f"http://a.example?apikey={key}"),
    "name": lambda key, folder: QiskitRuntimeService(name=key, filename=str(folder / "none.json")),
    "filename": lambda key, folder: QiskitRuntimeService(filename=str(folder / key), name="mine"),
    "region": lambda key, _: QiskitRuntimeService(token=API_KEY, region=key),
    "verify": lambda key, _: QiskitRuntimeService(token=API_KEY, verify=key),
    "private_endpoint": lambda key, _: QiskitRuntimeService(token=API_KEY, private_endpoint=key),  # type: ignore[arg-type]  # as users do
    "plans": lambda key, _: QiskitRuntimeService(
        token=API_KEY, plans_preference=[key], transport=emulated_cloud(one_instance())
    ),
    "tags": lambda key, _: QiskitRuntimeService(
        token=API_KEY, tags=[f"a tag {key}"], transport=emulated_cloud(one_instance())
    ),
    "timeout": lambda key, _: QiskitRuntimeService(token=API_KEY, timeout=key),  # type: ignore[arg-type]  # as users do
    "max_usage": lambda key, _: QiskitRuntimeService(token=API_KEY, max_usage=key),  # type: ignore[arg-type]  # as users do
    "backend": lambda key, _: QiskitRuntimeService("local").backend(key),
    "filter": lambda key, _: QiskitRuntimeService("local").backends(**cast("dict[str, Any]", {key: 1})),
    "where": lambda key, _: QiskitRuntimeService("local").backends(where=f"{key} > 1"),
    "job": lambda key, _: QiskitRuntimeService("local").job(key),
    "saved channel": lambda key, _: QiskitRuntimeService.save_account(token="x", channel=key),  # no key
    "saved url": lambda key, _: QiskitRuntimeService.save_account(token="x", url=key),  # no key
    "deleted channel": lambda key, _: QiskitRuntimeService.delete_account(channel=key),
    "listed channel": lambda key, _: QiskitRuntimeService.saved_accounts(channel=key),
}


@pytest.mark.holds("B328")
@pytest.mark.parametrize("place", PLACES)
def test_a_key_in_a_wrong_place_is_not_shown(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HOME", str(tmp_path))
    key = stray_key()
    with pytest.raises(Exception) as caught:  # whatever it is
        PLACES[place](key, tmp_path)
    error = caught.value
    said = f"{error} {error!r} {error.args} {getattr(error, 'problem', None)!r} {caplog.text}"
    assert not any(key[start : start + 20] in said for start in range(24))
    assert "… (4" in str(error)


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("whoami", "--name"),
    ("backends", "--name"),
    ("backends", "--local", "--instance"),
    ("backends", "--local", "--where"),
    ("backends", "--local", "--limit"),
    ("backend", "--local"),
    ("job", "--local"),
    ("usage", "--channel"),
    ("logout",),
    ("login", "--channel"),
    (),
    ("cassette", "check"),
    ("select", "--file"),
)


@pytest.mark.holds("B328")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("stray", ["{}", "--{}", "--key={}"])
def test_a_key_in_a_wrong_place_of_a_command_is_not_shown(
    command: tuple[str, ...], stray: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    result = CliRunner().invoke(commands, [*command, stray.format(stray_key())])
    assert result.exit_code
    assert stray_key() not in result.output
