"""`emulate`: an emulated cloud behind an HTTP door, until it is told to stop, or a program ends (B198, B470)."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from click.core import ParameterSource

from .._shown import counted
from ..client.clock import SystemClock
from ..core.names import hint_at, nearest_name
from ..emulator.world import World
from ..emulator.worlds import API_KEY
from ..simulator.cloud import emulated_cloud
from ..testing.described import SUFFIX, DescribedWorld, is_described
from ..testing.door import LOOPBACK
from ..testing.open_cloud import OpenCloud, opened
from ..testing.ready import READY
from ..testing.variables import as_exports
from ..testing.world_file import KeptWorld
from ..transport.emulated import EmulatedTransport
from . import json_answers
from .options import Command, with_whole_output
from .output import CANCELLED, DONE, Output, say
from .processes import end_output, handling, run_led, start_in_background
from .service_options import alone_with, complete_world, open_described, read_world

USUAL = "busy"
PORT = 8000
REMEMBERED = 1000
DAY = 24 * 3600
PID = "EMULATED_CLOUD_PID"
POWERSHELL = os.name == "nt"

PACES = {None: "goes on by what clients wait, at once", 1.0: "runs with yours"}
WELCOME = """\
An emulated cloud is at {url}, and its time {pace}. A browser shows it there; Ctrl-C ends it.

{clients}
{exports}

curl:
  curl {url}/api/v1/backends{curl_trust} \\
    -H 'Authorization: apikey {key}' -H 'IBM-API-Version: 2026-04-15' \\
    -H 'Service-CRN: {crn}'
"""

BY_URLS = "Lead this client here, and IBM's from 0.50 on:"
BY_PROXY = "Lead any client here, with its default URLs:"


@click.command(
    cls=Command,
    context_settings={"allow_interspersed_args": False},
    examples=[
        "qiskit-runtime emulate",
        "qiskit-runtime emulate -- python program.py",
        "qiskit-runtime emulate --proxy --record run.yaml -- python program.py",
        'eval "$(qiskit-runtime emulate --env)"',
        "qiskit-runtime emulate --world snapshots --speed 60",
        "qiskit-runtime emulate --world lab.toml --clock virtual",
        "qiskit-runtime emulate --port 8000 --file cloud.world",
        "qiskit-runtime emulate --tls --allow-host emulator",
    ],
)
@click.argument("program", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"0 for a free one.  [default: {PORT}; with a program or --env a free one]",
)
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
    help="Whether time goes on by itself, or at once by what clients wait.  "
    "[default: real; with a program or --env virtual]",
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
@click.option("--proxy", is_flag=True, help="Be a proxy, for any client with its default URLs.")
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write what is asked and answered to a cassette.",
)
@click.option("--env", "beside", is_flag=True, help="Go on in the background, and write the variables for a shell.")
@click.option("--as-background", "is_beside", is_flag=True, hidden=True)
@with_whole_output
@click.pass_context
def command(
    context: click.Context,
    program: tuple[str, ...],
    port: int | None,
    host: str,
    name: str | None,
    seed: int | None,
    pace: Literal["real", "virtual"] | None,
    speed: float | None,
    file: Path | None,
    tls: bool,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    proxy: bool,
    record: Path | None,
    beside: bool,
    is_beside: bool,
    out: Output,
) -> int:
    """Run an emulated cloud that clients reach over HTTP.

    It has accounts, instances, devices, queues and jobs, which it simulates. Several programs may use it at once.

    With a PROGRAM the cloud is there for that program alone, which is led to it by variables, and ends with its exit
    code.
    """
    refuse_contradictions(program, tls=tls, proxy=proxy, beside=beside, as_json=out.as_json)
    if beside:
        return go_on_in_background(given_options(context), out)
    is_led = bool(program) or is_beside
    if pace == "virtual" and speed is not None:
        raise click.UsageError("A virtual clock has no speed: waiting takes no time.\nLeave out --clock or --speed.")
    clock = SystemClock()
    place = None if file is None else kept_place(file)
    with nullcontext() if place is None else alone_with(place):
        described = with_pace(
            open_world(file, name, seed, clock.now()), pace, speed, usual="virtual" if is_led else "real"
        )
        world = with_own_keys(described.world)
        hurried = with_lasting_tokens(world, described.speed)
        kept = None if place is None else KeptWorld(place, world, ahead=described.speed)
        keep = None if kept is None else kept.keep
        runs_with = None if described.clock == "virtual" else clock
        cloud = emulated_cloud(hurried, clock=runs_with, speed=described.speed, remembered=REMEMBERED, keep=keep)
        usual_port = 0 if is_led else PORT
        with (
            stop_signals() as stopped,
            open_door(
                cloud,
                host,
                usual_port if port is None else port,
                tls=tls,
                proxy=proxy,
                record=record,
                allowed_hosts=hosts,
                allowed_origins=origins,
            ) as door,
        ):
            if program:
                code = CANCELLED if stopped.is_set() else run_led(program, door.environment)
            else:
                code = serve(door, out, stopped, as_exports_only=is_beside)
        cloud.close()
        say(f"The emulated cloud has ended after {counted(cloud.answered, 'request')}.")
        if program and not cloud.answered and not proxy:
            say("The program has asked nothing here. A client that knows no such variables is led by --proxy.")
        if kept is not None:
            end_in_file(cloud, kept, world.token_seconds)
            say(f"It goes on from {place}.")
    return code


def refuse_contradictions(program: tuple[str, ...], *, tls: bool, proxy: bool, beside: bool, as_json: bool) -> None:
    """Raise a `UsageError` for choices that do not go together."""
    if tls and proxy:
        raise click.UsageError("A proxy speaks TLS in its tunnels already.\nLeave out --tls or --proxy.")
    if program and beside:
        raise click.UsageError("A program is led by itself, and no shell.\nLeave out --env or the program.")
    if as_json and (program or beside):
        raise click.UsageError("Standard output is taken by the program or the variables.\nLeave out --json.")


def go_on_in_background(options: list[str], out: Output) -> int:
    """Start the same command in the background; tell a shell the variables, and a person how it ends.

    Source: behaviour B471.
    """
    number, exports, code = start_in_background(["emulate", "--as-background", *options])
    if code == DONE:
        out.lines([exports.rstrip("\n"), *as_exports({PID: str(number)}, powershell=POWERSHELL)])
        end = f"Stop-Process $env:{PID}" if POWERSHELL else f"kill ${PID}"
        say(f"An emulated cloud is there in the background. End it: {end}")
    return code


def given_options(context: click.Context) -> list[str]:
    """Return the options of a command as they were given, for another process."""
    words = []
    for option in context.command.params:
        name = option.name or ""
        if name == "beside" or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        given: Any = context.params[name]
        for value in given if isinstance(given, tuple) else (given,):
            words += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return words


def serve(door: OpenCloud, out: Output, stopped: threading.Event, *, as_exports_only: bool) -> int:
    """Tell how to use a cloud, and serve it until it is stopped."""
    if as_exports_only:
        out.lines(as_exports(door.environment, powershell=POWERSHELL))
        end_output()
    else:
        show(door, out)
    while not stopped.wait(0.5):  # Windows notices Ctrl-C only between two waits.
        pass
    return DONE


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
        way = f"Name a file that ends in {SUFFIX}, or one of {', '.join(READY)}."
        raise click.UsageError(f"There is no world {name!r}.\n{hint_at(nearest_name(name, READY), way)}")
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


def with_pace(
    described: DescribedWorld,
    pace: Literal["real", "virtual"] | None,
    speed: float | None,
    usual: Literal["real", "virtual"] = "real",
) -> DescribedWorld:
    """Return a world whose time goes on as the command says, or else as its description does, or else as usual.

    Source: behaviour B451, B470.
    """
    if speed is not None:
        return described._replace(clock="real", speed=speed)
    clock = pace or described.clock or usual
    return described._replace(clock=clock, speed=described.speed if clock == "real" else 1.0)


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
    with handling(lambda _: stopped.set()):
        yield stopped


@contextmanager
def open_door(cloud: EmulatedTransport, host: str, port: int, **choices: Any) -> Iterator[OpenCloud]:
    """Open the door to `cloud`; say what to do if that address is taken or not ours, or a package is missing."""
    with ExitStack() as stack:
        try:
            door = stack.enter_context(opened(cloud, host=host, port=port, **choices))
        except ImportError as error:
            raise click.UsageError(str(error)) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise click.ClickException(
                f"{host}:{port}: {reason}.\nChoose another --port; 0 takes a free one."
            ) from error
        yield door


def show(door: OpenCloud, out: Output) -> None:
    """Tell how to use the cloud: a program as JSON, a person in words."""
    if out.as_json:
        out.answer(describe(door))
        return
    pace = PACES.get(door.cloud.speed) or f"runs {door.cloud.speed:g} times as fast as yours"
    words = WELCOME.format(
        url=door.url,
        pace=pace,
        key=door.key,
        crn=next(iter(door.world.instances)),
        clients=BY_PROXY if "HTTPS_PROXY" in door.environment else BY_URLS,
        exports="\n".join(f"  {line}" for line in as_exports(door.environment, powershell=POWERSHELL)),
        curl_trust="" if not door.url.startswith("https") else f" --cacert {door.authority}",
    )
    say(words, with_keys=True)


def describe(door: OpenCloud) -> json_answers.Emulated:
    """Return where the cloud is and who may use it."""
    return json_answers.Emulated(
        url=door.url,
        runtime_url=f"{door.url}/api/v1",
        token=door.key,
        instances={instance.name: crn for crn, instance in door.world.instances.items()},
        environment=door.environment,
        authority=None if door.authority is None else str(door.authority),
    )
