"""Promise 6: the key is in nothing that is shown, logged, copied out or sent elsewhere."""

import base64
import copy
import gzip
import json
import logging
import pickle
import traceback
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.emulator.faults import Fault, Lost, Status, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.testing import EmulatedTransport, emulated_cloud, one_instance
from tests.shell.clouds import bell

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
    things = [*run_all(cloud), cloud, cloud.world, *cloud.ledger]
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


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("effect", FAULTS, ids=lambda effect: repr(effect)[:30])
def test_no_error_shows_the_key(path: str, effect: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cloud = emulated_cloud(world_of(Fault(path=path, effect=effect, times=None)))
    with warnings.catch_warnings(record=True) as warned:
        try:
            run_all(cloud)
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
        sent = f"{request.url} {request.headers} {request.body!r}"
        assert leaks(sent) == request.url.endswith("/identity/token")
        assert not leaks(request.url)


def test_no_file_is_written_by_using_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    run_all(emulated_cloud(world_of()))
    assert not list(tmp_path.rglob("*"))
