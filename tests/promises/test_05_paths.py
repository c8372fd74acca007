"""Promise 5: names are keys and never paths, links are not followed, and no code comes from a data file."""

import json
import os
import random
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
from qiskit.exceptions import QiskitError
from returns.primitives.exceptions import UnwrapFailedError
from returns.result import Success

from qiskit_runtime_service import QiskitRuntimeService, load_snapshot
from qiskit_runtime_service.cli.service_options import read_world
from qiskit_runtime_service.client.account_store import AccountStore, find_file
from qiskit_runtime_service.client.files import Files
from qiskit_runtime_service.client.settings import read_bundle
from qiskit_runtime_service.fake_provider import FakeBackendV2
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.records.problem import UnreadableFile, UnwritableFile
from qiskit_runtime_service.testing import (
    EmulatedTransport,
    RecordingTransport,
    check_cassette,
    load_world,
    one_instance,
    record,
    replay,
)
from qiskit_runtime_service.transport.http import HttpTransport

from .savers import CHANGES, drop, lay, put, say
from .sizes import Tally, size
from .writers import WRITERS, failures

PARTS = [
    "..", "/", "\\", ".", "~", "~root", "%2e%2e%2f", "C:", "\0", "\n", "\r\n", "$HOME", "`id`", "${IFS}", "file://",
    "|", "*", "?", " ", "", "a", "ü", "\u202e", "\u2215", "\ufeff", "🙂", ".lock", ".tmp", "accounts.json",
    "/etc/passwd", "x" * 300, "__proto__", "__class__", "-rf", '"', "'", "{}", "default",
]  # fmt: skip


class Quick(Files):
    """A disk that does not wait for its own writing: here it is about names."""

    def sync(self, handle: int) -> None: ...

    def sync_folder(self, path: Path) -> None: ...


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.takes_long
@pytest.mark.holds("B94")
def test_no_name_is_a_path(tmp_path: Path, tried: Tally) -> None:
    dice = random.Random(5)  # noqa: S311  # names are no secrets
    path = tmp_path / "inner" / "most" / "accounts.json"
    store = AccountStore(path, Quick())
    allowed = {"inner", "inner/most", "inner/most/accounts.json", "inner/most/accounts.json.lock"}
    outside = 0
    names = size(10**5, part=100)
    tried(names)
    for number in range(names):
        name = "".join(dice.choices(PARTS, k=dice.randint(1, 6)))
        assert isinstance(store.change(put(name)), Success)
        if number % 10 == 0:
            assert [entry.name for entry in store.load().unwrap().entries] == [name]
            outside += len(tree(tmp_path) - allowed)
        assert isinstance(store.change(drop(name)), Success)
    assert store.load().unwrap().entries == ()
    say(f"{names} names, {outside} files outside")
    assert outside == 0


def links(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "inner" / "accounts.json"
    return {
        "lock": path.with_name("accounts.json.lock"),
        "draft": path.with_name(".accounts.json.0123456789abcdef.qiskit-runtime-service.tmp"),
        "file": path,
    }


@pytest.mark.holds("B94")
@pytest.mark.parametrize("kind", ["file", "dangling"])
@pytest.mark.parametrize("place", ["lock", "draft", "file"])
def test_nothing_is_written_through_a_link(tmp_path: Path, place: str, kind: str) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.mkdir()
    outer.mkdir()
    path, foreign = inner / "accounts.json", outer / "foreign.json"
    if kind == "file":
        lay(foreign)
        foreign.chmod(0o640)
    if place != "file":
        lay(path)
    link = links(tmp_path)[place]
    link.symlink_to(foreign)
    before = {file.name: (file.read_bytes(), file.stat().st_mode) for file in outer.iterdir()}
    changed = AccountStore(path).change(CHANGES["save"])
    assert {file.name: (file.read_bytes(), file.stat().st_mode) for file in outer.iterdir()} == before
    if place == "draft":
        # Nobody knows the name of the next draft, and nobody of ours leaves a link: it is none of our business.
        assert isinstance(changed, Success)
        assert link.is_symlink()
    else:
        problem = changed.failure()
        assert isinstance(problem, UnwritableFile)
        assert "symbolic link" in problem.fix
        assert link.is_symlink()


@pytest.mark.holds("B94")
def test_a_link_to_a_file_of_ours_is_read_through(tmp_path: Path) -> None:
    real, path = tmp_path / "real.json", tmp_path / "accounts.json"
    lay(real)
    path.symlink_to(real)
    assert len(AccountStore(path).load().unwrap().entries) == 3


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "accounts.json"
    make(path)
    for problem in (AccountStore(path).load().failure(), AccountStore(path).change(CHANGES["save"]).failure()):
        assert isinstance(problem, UnreadableFile)
        assert problem.fix
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.holds("B95")
def test_no_code_comes_from_a_data_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    marker = tmp_path / "marker"
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    evil = {
        "py/reduce": [{"py/function": "builtins.eval"}, [code]],
        "__class__": "antigravity.Module",
        "__reduce__": ["os.system", [f"touch {marker}"]],
        "token": f"$(touch {marker})",
        "token_command": ["touch", str(marker)],
        "url": code,
    }
    path.write_text(json.dumps({"evil": evil, "!!python/object/apply:os.system": evil}))
    before = set(sys.modules)
    store = AccountStore(path)
    file = store.load().unwrap()
    assert isinstance(store.change(CHANGES["save"]), Success)
    assert {entry.fields.token_command for entry in file.entries} == {None}
    assert not marker.exists()
    assert "antigravity" not in set(sys.modules) - before
    assert json.loads(path.read_text())["evil"] == evil


@pytest.mark.parametrize("filename", [5, b"bytes", "a\0b", "~no-such-user-here/x.json"])
def test_a_filename_that_is_none_is_refused(filename: Any) -> None:
    assert find_file(filename).failure()


@pytest.mark.holds("B333")
@pytest.mark.parametrize("planted", ["a file", "nothing", "a private file of another"])
@pytest.mark.parametrize("place", ["file.json", "file.json.lock", ".file.json.lock", "file.json.journal", "a draft"])
@pytest.mark.parametrize("kind", WRITERS)
def test_no_writer_writes_through_a_link(tmp_path: Path, kind: str, place: str, planted: str) -> None:
    inner, outer, writer = tmp_path / "inner", tmp_path / "outer", WRITERS[kind]
    inner.mkdir()
    outer.mkdir()
    foreign = outer / "foreign.json"
    path = inner / "file.json"
    if planted != "nothing":
        # Even one that could be read as what it stands for.
        writer.write(foreign, 1, Files())
        foreign.chmod(0o640 if planted == "a file" else 0o600)
    before = {file.name: (file.read_bytes(), file.stat().st_mode) for file in outer.iterdir()}
    link = inner / (".file.json.0123456789abcdef.qiskit-runtime-service.tmp" if place == "a draft" else place)
    link.symlink_to(foreign)
    try:
        writer.write(path, 2, Files())
    except failures():
        # Refused: a link to the file of accounts, to any lock, and to what is not to be replaced.
        assert place.endswith(".lock") or (place == path.name and kind in ("account", "snapshot"))
    else:
        assert writer.read(path) == 2
        assert not path.is_symlink()
    # Reading a file closes it to others, and that is all.
    assert {file.name: file.read_bytes() for file in outer.iterdir()} == {
        name: body for name, (body, _) in before.items()
    }


@pytest.mark.holds("B333")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
@pytest.mark.parametrize("through", [False, True], ids=["itself", "a link to it"])
@pytest.mark.parametrize("kind", WRITERS)
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str, through: bool, make: Any) -> None:
    odd, path = tmp_path / "odd", tmp_path / "file.json"
    make(odd if through else path)
    if through:
        path.symlink_to(odd)
    before = path.lstat()
    with pytest.raises(failures()) as raised:
        WRITERS[kind].write(path, 2, Files())
    assert path.name in str(raised.value)
    after = path.lstat()  # It may have been looked at, which is a date of its own.
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (before.st_ino, before.st_mode, before.st_mtime_ns)


def over_tls(path: Path) -> object:
    return HttpTransport(verify=str(path)).send(Request(method="GET", url="https://127.0.0.1:1/")).unwrap()


def device_of(path: Path) -> object:
    folder, name = str(path.parent), path.name
    return type("FakeOdd", (FakeBackendV2,), {"dirname": folder, "conf_filename": name})()


def trusted_of_environment(path: Path) -> object:
    return read_bundle({"REQUESTS_CA_BUNDLE": str(path)}).unwrap()


CLOUD = EmulatedTransport(one_instance())
READERS: dict[str, Callable[[Path], object]] = {
    "accounts": lambda path: QiskitRuntimeService(filename=str(path)),
    "saved accounts": lambda path: QiskitRuntimeService.saved_accounts(filename=str(path)),
    "certificates": lambda path: QiskitRuntimeService(token="x", verify=str(path)),  # no key
    "certificates of the environment": trusted_of_environment,
    "certificates of a carrier": over_tls,
    "a world": load_world,
    "a cloud": lambda path: read_world(path, 0.0),
    "a cassette": replay,
    "a recording": lambda path: record(path, CLOUD),
    "a recording that goes on": lambda path: RecordingTransport(CLOUD, path),
    "a recording anew": lambda path: RecordingTransport(CLOUD, path, mode="all"),
    "a cassette that is checked": check_cassette,
    "a snapshot": load_snapshot,
    "a device": device_of,
}
"""All that reads a file by its path."""
FINE = {"certificates", "certificates of the environment", "certificates of a carrier"}
"""What may be a folder too."""


@pytest.mark.holds("B356")
@pytest.mark.parametrize("odd", ["a pipe", "a link to a pipe", "a device without an end", "a socket", "a folder"])
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_not_waited_for_by_any_reader(tmp_path: Path, reader: str, odd: str) -> None:
    path = tmp_path / "odd.yaml"
    with socket.socket(socket.AF_UNIX) as listening:
        match odd:
            case "a pipe":
                os.mkfifo(path)
            case "a link to a pipe":
                os.mkfifo(tmp_path / "pipe")
                path.symlink_to(tmp_path / "pipe")
            case "a device without an end":
                path.symlink_to("/dev/zero")
            case "a socket":
                listening.bind(str(path))
            case _:
                path.mkdir()
        if reader in FINE and odd == "a folder":
            return
        with pytest.raises((OSError, ValueError, QiskitError, UnwrapFailedError, click.UsageError)) as raised:
            READERS[reader](path)
    told = raised.value
    said = str(told.halted_container) if isinstance(told, UnwrapFailedError) else str(told)
    assert path.name in said
    if odd in ("a pipe", "a device without an end") and not reader.startswith("certificates"):
        assert "It is no regular file" in said


@pytest.mark.holds("B356")
@pytest.mark.parametrize("reader", READERS.keys() - {"a world", "a cloud"} - FINE)
def test_a_file_that_says_it_has_any_length_is_not_read(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "hole.yaml"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises((OSError, ValueError, QiskitError), match="It has more than 268435456 bytes") as raised:
        READERS[reader](path)
    assert path.name in str(raised.value)


@pytest.mark.holds("B356")
@pytest.mark.parametrize("beside", ["file.json.lock", ".file.json.lock", "file.json.journal"])
@pytest.mark.parametrize("kind", WRITERS)
def test_a_pipe_beside_a_file_is_not_waited_for(tmp_path: Path, kind: str, beside: str) -> None:
    path, writer = tmp_path / "file.json", WRITERS[kind]
    os.mkfifo(tmp_path / beside)
    failures = []
    for act in (partial(writer.write, path, 2, Files()), partial(writer.read, path)):
        try:
            act()
        except OSError as error:
            failures.append(str(error))
    if beside.endswith(".journal") and kind in ("world", "journal", "end of a cloud"):
        assert failures
        assert all("It is no regular file" in said and beside in said for said in failures)
    else:
        assert failures == []
        assert writer.read(path) == 2
