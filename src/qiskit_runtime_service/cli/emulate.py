"""`emulate`: an emulated cloud behind an HTTP door, until it is told to stop (B198)."""

import secrets
import signal
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import click
import msgspec

from .._shown import counted
from ..client.clock import SystemClock
from ..emulator.world import World
from ..emulator.worlds import API_KEY
from ..simulator.cloud import emulated_cloud
from ..testing.admission import ANYBODY, EVERY_ADDRESS
from ..testing.described import SUFFIX, DescribedWorld, is_described
from ..testing.door import LOOPBACK, Door, door_to
from ..testing.ready import READY
from ..testing.world_file import KeptWorld
from ..transport.emulated import EmulatedTransport
from . import json_answers
from .options import Command, with_output
from .output import Output, say
from .service_options import alone_with, complete_world, open_described, read_world

USUAL = "busy"
REMEMBERED = 1000
DAY = 24 * 3600
STOPPING = (signal.SIGINT, signal.SIGTERM)

PACES = {None: "goes on by what clients wait, at once", 1.0: "runs with yours"}
WELCOME = """\
An emulated cloud is at {url}, and its time {pace}. A browser shows it there; Ctrl-C ends it.

This client, and IBM's as well:
  export IAM_URL={url}
  export GLOBAL_SEARCH_URL={url}
  export GLOBAL_CATALOG_URL={url}/api/v1{trust}
  QiskitRuntimeService(token="{key}", url_resolver=lambda *_: "{url}/api/v1")

curl:
  curl {url}/api/v1/backends{curl_trust} \\
    -H 'Authorization: apikey {key}' -H 'IBM-API-Version: 2026-04-15' \\
    -H 'Service-CRN: {crn}'
"""


@click.command(
    cls=Command,
    examples=[
        "qiskit-runtime emulate",
        "qiskit-runtime emulate --world snapshots --speed 60",
        "qiskit-runtime emulate --world lab.toml --clock virtual",
        "qiskit-runtime emulate --port 8000 --file cloud.world",
        "qiskit-runtime emulate --tls --allow-host emulator",
    ],
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for a free one.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Whoever reaches this address may use the cloud.")
@click.option(
    "--world",
    "name",
    metavar="NAME|FILE",
    shell_complete=complete_world,
    help=f"What is in the cloud: {', '.join(READY)}, or what a file in TOML describes.  [default: {USUAL}]",
)
@click.option("--seed", type=int, help="What all that looks random follows from.  [default: 0]")
@click.option(
    "--clock",
    "pace",
    type=click.Choice(["real", "virtual"]),
    help="Whether time goes on by itself, or at once by what clients wait.  [default: real]",
)
@click.option("--speed", type=click.FloatRange(0, min_open=True), help="1 is real time.  [default: 1.0]")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the cloud here, between runs. One that a file in TOML describes is kept beside it.",
)
@click.option("--tls", is_flag=True, help="Speak TLS, under an authority that ends with the command.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Another name of this machine; * for any.")
@click.option("--allow-origin", "origins", multiple=True, metavar="URL", help="A web page that may ask; * for any.")
@with_output
def command(
    port: int,
    host: str,
    name: str | None,
    seed: int | None,
    pace: Literal["real", "virtual"] | None,
    speed: float | None,
    file: Path | None,
    tls: bool,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    out: Output,
) -> None:
    """Run an emulated cloud that clients reach over HTTP.

    It has accounts, instances, devices, queues and jobs, which it simulates. Several programs may use it at once.
    """
    if pace == "virtual" and speed is not None:
        raise click.UsageError("A virtual clock has no speed: waiting takes no time.\nLeave out --clock or --speed.")
    clock = SystemClock()
    place = None if file is None else kept_place(file)
    with nullcontext() if place is None else alone_with(place):
        opened = with_pace(open_world(file, name, seed, clock.now()), pace, speed)
        world = with_own_keys(opened.world)
        hurried = with_lasting_tokens(world, opened.speed)
        kept = None if place is None else KeptWorld(place, world, ahead=opened.speed)
        keep = None if kept is None else kept.keep
        runs_with = None if opened.clock == "virtual" else clock
        cloud = emulated_cloud(hurried, clock=runs_with, speed=opened.speed, remembered=REMEMBERED, keep=keep)
        with (
            stop_signals() as stopped,
            authority_for(tls, (host, *hosts)) as (context, authority),
            open_door(cloud, context, host, port, hosts, origins) as door,
        ):
            show(door, cloud, authority, out)
            while not stopped.wait(0.5):  # Windows notices Ctrl-C only between two waits.
                pass
        cloud.close()
        say(f"The emulated cloud has ended after {counted(cloud.answered, 'request')}.")
        if kept is not None:
            end_in_file(cloud, kept, world.token_seconds)
            say(f"It goes on from {place}.")


def end_in_file(cloud: EmulatedTransport, kept: KeptWorld, token_seconds: int) -> None:
    """Write a cloud to its file as it is in the end. Who still asks it meanwhile is told that nothing is kept."""

    def end(world: World) -> World:
        kept.close(msgspec.structs.replace(world, token_seconds=token_seconds))
        return world

    cloud.alter(end)


def open_world(file: Path | None, name: str | None, seed: int | None, now: float) -> DescribedWorld:
    """Return the world that is kept in a file, or a new one, and how its time goes on. It went on there meanwhile.

    Raises a `UsageError` for a file that holds no world, and for choices that a kept or described world leaves no room
    for.
    """
    if file is not None and (file.exists() or is_described(file)):
        if name is not None or seed is not None:
            raise click.UsageError(f"{file} holds a world already.\nLeave out --world and --seed, or name a new file.")
        return go_on_or_begin(file, now) if is_described(file) else DescribedWorld(read_world(file, now), None, 1.0)
    if name is not None and is_described(name):
        if seed is not None:
            raise click.UsageError(f"The world in {name} has a seed of its own.\nLeave out --seed, or write it there.")
        return open_described(Path(name), now)
    if name is not None and name not in READY:
        ready = ", ".join(READY)
        raise click.UsageError(f"There is no world {name!r}.\nName a file that ends in {SUFFIX}, or one of {ready}.")
    return DescribedWorld(READY[name or USUAL](seed=seed or 0, now=now), None, 1.0)


def kept_place(file: Path) -> Path:
    """Return where a cloud is kept: beside the file that describes it, which is never written.

    Source: behaviour B450.
    """
    return file.with_suffix(".world") if is_described(file) else file


def go_on_or_begin(file: Path, now: float) -> DescribedWorld:
    """Return the world that a file describes as it is kept beside it, or as it begins.

    Raises a `UsageError` where the description has changed since.

    Source: behaviour B450.
    """
    described = open_described(file, now)
    place = kept_place(file)
    if not place.exists():
        return described
    world = read_world(place, now)
    if world.described != described.world.described:
        way = f"Remove {place} to begin anew, or go on with what it holds: --file {place}."
        raise click.UsageError(f"{file} has changed since the cloud in {place} began.\n{way}")
    return described._replace(world=world)


def with_pace(opened: DescribedWorld, pace: Literal["real", "virtual"] | None, speed: float | None) -> DescribedWorld:
    """Return a world whose time goes on as the command says, or else as its description does.

    Source: behaviour B451.
    """
    if speed is not None:
        return opened._replace(clock="real", speed=speed)
    clock = pace or opened.clock or "real"
    return opened._replace(clock=clock, speed=opened.speed if clock == "real" else 1.0)


def with_own_keys(world: World) -> World:
    """Return a world that nobody may use who is not told its keys: those that everybody knows are replaced.

    Source: behaviour B343.
    """
    fresh = f"emulated-{secrets.token_urlsafe(24)}"
    own = {key: fresh + key.removeprefix(API_KEY) if key.startswith(API_KEY) else key for key in world.keys}
    keys = {own[key]: account for key, account in world.keys.items()}
    people = {own.get(key, key): user for key, user in world.people.items()}
    return msgspec.structs.replace(world, keys=keys, people=people)


def with_lasting_tokens(world: World, speed: float) -> World:
    """Return a world whose tokens outlast its hurry: clients judge their age by their own clocks."""
    return world if speed == 1.0 else msgspec.structs.replace(world, token_seconds=int(DAY * max(1.0, speed)))


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Turn the signals that end a program into an event, for as long as the block runs."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in STOPPING}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def authority_for(tls: bool, names: tuple[str, ...]) -> Iterator[tuple[ssl.SSLContext | None, Path | None]]:
    """Give the server's side of TLS and the file of its authority, which is there for as long as the block runs.

    Raises a `UsageError` where the package is missing that makes certificates.
    """
    if not tls:
        yield None, None
        return
    from ..testing.throwaway import throwaway_tls

    with TemporaryDirectory(prefix="emulated-cloud-") as folder:
        authority = Path(folder) / "authority.pem"
        try:
            context = throwaway_tls((name for name in names if name not in {ANYBODY, *EVERY_ADDRESS}), authority)
        except ImportError as error:
            raise click.UsageError(str(error)) from error
        yield context, authority


@contextmanager
def open_door(
    cloud: EmulatedTransport,
    context: ssl.SSLContext | None,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
) -> Iterator[Door]:
    """Open the door to `cloud`; say what to do if that address is taken or not ours."""
    with ExitStack() as stack:
        try:
            door = stack.enter_context(
                door_to(cloud, context, host=host, port=port, allowed_hosts=hosts, allowed_origins=origins)
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise click.ClickException(
                f"{host}:{port}: {reason}.\nChoose another --port; 0 takes a free one."
            ) from error
        yield door


def show(door: Door, cloud: EmulatedTransport, authority: Path | None, out: Output) -> None:
    """Tell how to use the cloud: a program as JSON, a person in words."""
    world = cloud.world
    key = next(iter(world.keys))
    if out.as_json:
        out.answer(describe(door, world, key, authority))
        return
    pace = PACES.get(cloud.speed) or f"runs {cloud.speed:g} times as fast as yours"
    trust = "" if authority is None else f"\n  export REQUESTS_CA_BUNDLE={authority}"
    curl_trust = "" if authority is None else f" --cacert {authority}"
    crn = next(iter(world.instances))
    words = WELCOME.format(url=door.base, pace=pace, key=key, crn=crn, trust=trust, curl_trust=curl_trust)
    say(words, with_keys=True)


def describe(door: Door, world: World, key: str, authority: Path | None) -> json_answers.Emulated:
    """Return where the cloud is and who may use it."""
    runtime_url = f"{door.base}/api/v1"
    environment = {"IAM_URL": door.base, "GLOBAL_SEARCH_URL": door.base, "GLOBAL_CATALOG_URL": runtime_url}
    trusted = {} if authority is None else {"REQUESTS_CA_BUNDLE": str(authority)}
    return json_answers.Emulated(
        url=door.base,
        runtime_url=runtime_url,
        token=key,
        instances={instance.name: crn for crn, instance in world.instances.items()},
        environment=environment | trusted,
        authority=None if authority is None else str(authority),
    )
