"""An emulated cloud that programs are led to, whatever client they use."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from .._public import public
from ..cassettes.record import RecordingTransport
from ..client.clock import SystemClock
from ..core.arguments import if_given, read_flag, read_path
from ..emulator.job_life import EmulatedJob
from ..emulator.world import World
from ..emulator.worlds import one_instance
from ..simulator.cloud import emulated_cloud
from ..transport.emulated import EmulatedTransport
from .admission import ANYBODY, EVERY_ADDRESS
from .arguments import A_WORLD, reads
from .door import LOOPBACK, Door, serving
from .sent import SentRequests
from .throwaway import Authority
from .variables import by_proxy, by_urls, to_trust

DAY = 24 * 3600


@public("testing")
class OpenCloud:
    """An emulated cloud behind a door, and the variables that lead clients there.

    Attributes:
        cloud: The carrier behind the door: its clock, its world, its ledger.
        url: Where the door is.
        key: The API key of the first account.
        environment: The variables that lead a program here. One that is empty takes the place of one of the user's.
        authority: The file of the authority that clients must trust; `None` where the door speaks plain HTTP only.
    """

    def __init__(self, cloud: EmulatedTransport, url: str, environment: dict[str, str], authority: Path | None) -> None:
        self.cloud = cloud
        self.url = url
        self.key = first_key(cloud.world)
        self.environment = environment
        self.authority = authority
        self.sent = SentRequests(cloud)

    def __repr__(self) -> str:
        return f"OpenCloud({self.url!r})"

    @property
    def world(self) -> World:
        """The cloud as it is now."""
        return self.cloud.world

    @property
    def jobs(self) -> tuple[EmulatedJob, ...]:
        """The jobs of all instances, oldest first: what programs have submitted, and the past of the world."""
        books = self.cloud.world.jobs.values()
        return tuple(sorted((book[job] for book in books for job in book), key=lambda job: job.number))


@public("testing")
@reads(world=if_given(A_WORLD), proxy=read_flag, record=if_given(read_path))
@contextmanager
def ibm_cloud(
    world: World | None = None, *, proxy: bool = False, record: str | Path | None = None
) -> Iterator[OpenCloud]:
    """Open an emulated cloud to programs that use any client, for as long as the block runs.

    A program is led there by `environment`, such as `subprocess.run(command, env=os.environ | cloud.environment)`.
    The time of the cloud goes on by what programs wait.

    Args:
        world: What is in the cloud; by default one instance.
        proxy: Lead programs by a proxy, for clients that know no variables but those of proxies. Whatever else a
            program asks of it is refused.
        record: A cassette, for what is asked and answered. It is written at the end.

    Raises:
        ImportError: For the proxy the extra `certificates` is needed.
        CassetteError: There is a file that is no cassette, or it cannot be written.

    Source: behaviour B469, B472, B474, B475.
    """
    cloud = emulated_cloud(with_lasting_tokens(world or one_instance(), SystemClock().now()))
    with opened(cloud, proxy=proxy, record=record) as open_cloud:
        try:
            yield open_cloud
        finally:
            cloud.close()


@contextmanager
def opened(
    cloud: EmulatedTransport,
    *,
    tls: bool = False,
    proxy: bool = False,
    record: str | Path | None = None,
    host: str = LOOPBACK,
    port: int = 0,
    allowed_hosts: Iterable[str] = (),
    allowed_origins: Iterable[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> Iterator[OpenCloud]:
    """Open a door to `cloud` for as long as the block runs, and say how clients are led there.

    Args:
        cloud: What answers.
        tls: Whether the door itself speaks TLS.
        proxy: Whether it is a proxy that answers in the place of the public hosts, and clients are led there by that.
        record: A cassette, for what is asked and answered.
        host: Where the door listens.
        port: Where it listens; 0 for a free port.
        allowed_hosts: By which names it may be asked, beside loopback and `host`.
        allowed_origins: The web pages that may ask it.
        environ: The environment that programs have otherwise.
    """
    recorder = None if record is None else RecordingTransport(cloud, record, mode="all")
    authority = Authority() if tls or proxy else None
    names = [name for name in (host, *allowed_hosts) if name not in {ANYBODY, *EVERY_ADDRESS}]
    with ExitStack() as stack:
        if recorder is not None:
            recorder.keep_out(*cloud.world.keys)
            stack.callback(recorder.save)
        door = Door(
            cloud,
            authority.for_door(names) if authority is not None and tls else None,
            host=host,
            port=port,
            hosts=allowed_hosts,
            origins=allowed_origins,
            authority=authority if proxy else None,
            keep=None if recorder is None else recorder.keep,
        )
        stack.enter_context(serving(door))
        file = None if authority is None else stack.enter_context(authority.in_file())
        key = first_key(cloud.world)
        variables = by_proxy(door.base, key) if proxy else by_urls(door.base, key, environ)
        yield OpenCloud(cloud, door.base, variables | to_trust(file), file)


def first_key(world: World) -> str:
    """Return the key of the first account."""
    return next(iter(world.keys))


def with_lasting_tokens(world: World, now: float) -> World:
    """Return a world whose tokens a client takes for fresh that judges them by a clock on which it is `now`.

    Source: behaviour B475.
    """
    # Clients ask for another once a fifth of its time is left.
    seconds = int(max(0.0, now - world.now) * 1.25) + DAY
    return msgspec.structs.replace(world, token_seconds=max(world.token_seconds, seconds))
