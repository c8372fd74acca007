"""The HTTP door to an emulated cloud: a server on loopback that hands each request to a carrier."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import Self

import msgspec

from .._public import public
from ..client.connection import read_transport
from ..core.arguments import if_given, read_texts
from ..emulator.handle import Reply
from ..records.exchange import Request, Response
from ..transport.base import Transport
from ..transport.emulated import EmulatedTransport
from .admission import EVERY_ADDRESS, METHODS, WHOLE_SERVER, DoorLimits, admit, is_absolute
from .arguments import DOOR_LIMITS, a_name, a_thing, read_between, read_seconds, reads
from .page import show_page
from .throwaway import Authority
from .visitor import FULL, Visitor
from .waits import Waits

LONGEST_STALL = 5.0
"""Seconds that a fault keeps a visitor waiting at most."""
PATIENCE = 1.0
"""Seconds that a request waits for simulations, before their jobs are told as running."""

LOOPBACK = "127.0.0.1"
QUEUE = 1024
"""How many may wait to be let in."""
LIMITS = DoorLimits()
ATTENTION = 0.5
"""Seconds after which the end of the door is noticed, where nothing tells it at once."""


class Door:
    """A server that hands each request to a carrier. Each connection has a thread of its own.

    With an `authority` it is a proxy as well, whose tunnels lead to the public hosts of the service and end here. What
    the cloud answers whole is given to `keep`.
    """

    def __init__(
        self,
        cloud: Transport,
        context: ssl.SSLContext | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        longest_stall: float = LONGEST_STALL,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        limits: DoorLimits = LIMITS,
        authority: Authority | None = None,
        keep: Callable[[Request, Response], None] | None = None,
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family, backlog=QUEUE)
        self.listener.settimeout(ATTENTION)
        self.server_address: tuple[str, int] = self.listener.getsockname()[:2]
        self.admission = admit(host, hosts, origins, proxy=authority is not None)
        self.cloud = cloud
        self.waits = Waits(cloud) if isinstance(cloud, EmulatedTransport) and cloud.speed is None else None
        self.context = context
        self.authority = authority
        self.keep = keep
        self.longest_stall = longest_stall
        self.limits = limits
        self.closing = threading.Event()
        self._visitors: set[Visitor] = set()
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base(self) -> str:
        """The URL at which it is found, without a path."""
        scheme = "https" if self.context else "http"
        host = EVERY_ADDRESS.get(self.admission.address, self.admission.address)
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.server_address[1]}"

    @property
    def visitors(self) -> tuple[Visitor, ...]:
        """Who is here."""
        with self._counting:
            return tuple(self._visitors)

    def serve(self) -> None:
        """Let visitors in, until the door is closed."""
        while not self.closing.is_set():
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                # The door is closed, or the system has no room for more.
                if not self._make_room():
                    self.closing.wait(ATTENTION)
                continue
            self._let_in(connection)

    def close(self) -> None:
        """Let nobody in any more, and end the connections on which nothing is asked."""
        self.closing.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for visitor in self.visitors:
            visitor.show_out()

    def answer(self, request: Request, tunnel: str | None = None) -> Reply | None:
        """Return what a browser is shown of the cloud, or what the cloud answers; `None` for silence.

        Args:
            request: What is asked. Its URL is the target as it came.
            tunnel: The host in whose place the cloud answers; by default the door itself.
        """
        if request.url == WHOLE_SERVER:
            return Response(status=204, headers=(("Allow", ", ".join(METHODS)),))
        base = self.base if tunnel is None else f"https://{tunnel}"
        url = request.url if is_absolute(request.url) else f"{base}{request.url}"
        asked = msgspec.structs.replace(request, url=url)
        if not isinstance(self.cloud, EmulatedTransport):
            return self.cloud.send(asked).value_or(None)
        shown = show_page(self.cloud, request.method, request.url)
        if shown is not None:
            return shown
        reply = (
            self.cloud.answer(asked, patience=PATIENCE) if self.waits is None else self.waits.answer(asked, PATIENCE)
        )
        if self.keep is not None and isinstance(reply, Response):
            self.keep(asked, reply)
        return reply

    def pause(self, seconds: float) -> None:
        """Let real time pass, within bounds, and not beyond the end of the door."""
        self.closing.wait(min(seconds, self.longest_stall))

    def forget(self, visitor: Visitor) -> None:
        """Count a visitor no more."""
        with self._counting:
            self._visitors.discard(visitor)

    def _let_in(self, connection: socket.socket) -> None:
        """Serve a connection, beside the others. Where there are too many, one makes room, or this one is refused.

        Source: behaviour B340.
        """
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        except OSError:
            # The visitor has gone already.
            connection.close()
            return
        crowded = len(self.visitors) >= self.limits.connections
        visitor = Visitor(self, connection, FULL if crowded and not self._make_room() else None)
        with self._counting:
            self._visitors.add(visitor)
        try:
            threading.Thread(target=visitor.serve, daemon=True).start()
        except RuntimeError:
            # The system has no thread more.
            self.forget(visitor)
            connection.close()

    def _make_room(self) -> bool:
        """Show out whoever has brought or taken nothing for the longest time; tell whether there was one."""
        for visitor in sorted(self.visitors, key=lambda visitor: visitor.since):
            if visitor.show_out():
                self.forget(visitor)
                return True
        return False


@public("testing")
@reads(
    cloud=read_transport,
    context=if_given(a_thing(ssl.SSLContext, wanted="an SSLContext")),
    host=a_name("the name or the address of a host"),
    port=partial(read_between, least=0, most=65_535),
    longest_stall=read_seconds,
    allowed_hosts=read_texts,
    allowed_origins=read_texts,
    limits=DOOR_LIMITS,
)
@contextmanager
def door_to(
    cloud: Transport,
    context: ssl.SSLContext | None = None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    longest_stall: float = LONGEST_STALL,
    allowed_hosts: Iterable[str] = (),
    allowed_origins: Iterable[str] = (),
    limits: DoorLimits = LIMITS,
) -> Iterator[Door]:
    """Serve a cloud over HTTP for as long as the block runs. A browser is shown a page at `/`.

    The time of a cloud without a clock goes on by what its visitors wait: who asks again for a job, a session, a
    listing of them or the usage finds it at its next step, and who comes back after a refusal finds its pause over.

    Args:
        cloud: The carrier that answers, such as an `EmulatedTransport`. Only that has a page.
        context: The server's side of TLS; without it the door speaks plain HTTP.
        host: Where it listens. Whoever reaches another address than loopback can use the cloud.
        port: Where it listens; 0 for a free port.
        longest_stall: Seconds that a fault of the cloud keeps a visitor waiting at most.
        allowed_hosts: By which names it may be asked, beside loopback and `host`; `*` for any.
        allowed_origins: The web pages that may ask it, such as `http://localhost:3000`; `*` for any.
        limits: What visitors may take of it.

    Source: behaviour B338 to B341, B448.
    """
    door = Door(
        cloud,
        context,
        host=host,
        port=port,
        longest_stall=longest_stall,
        hosts=allowed_hosts,
        origins=allowed_origins,
        limits=limits,
    )
    with serving(door):
        yield door


@contextmanager
def serving(door: Door) -> Iterator[None]:
    """Let visitors in for as long as the block runs."""
    # A visitor may be the first to need Qiskit, and Qiskit 2.6 may crash once the thread that loaded it is gone.
    import_module("qiskit")
    with door:
        thread = threading.Thread(target=door.serve)
        thread.start()
        try:
            yield
        finally:
            door.close()
            thread.join()
