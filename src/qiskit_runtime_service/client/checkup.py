"""Looking for the broken link: the way from this machine to the backends, tried step by step."""

from collections.abc import Callable
from typing import TypeVar

from returns.result import Failure, Result, Success

from .._shown import counted
from ..core.messages import describe
from ..records.account import DEFAULT_CHANNEL, Account, AccountChoice
from ..records.checkup import Checkup, Link, LinkName
from ..records.instance import FoundInstance
from ..records.problem import NetworkFault, NoInstances, Problem, ServerRefusal
from ..records.secret import Secret
from ..transport.base import Clock, Transport
from ..wire.crn import looks_like_crn
from .connection import Connection, Wiring, connect
from .rest import Client

T = TypeVar("T")

NOBODY = Account(channel=DEFAULT_CHANNEL, token=Secret(""))
"""Who asks where there is no account."""
USUAL = Wiring()


class Walk:
    """The links that were tried so far. After the first that is broken none is tried."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.links: list[Link] = []

    def note(self, name: LinkName, detail: str, problem: Problem | None = None, seconds: float | None = None) -> None:
        """Add a link that works, or is broken by `problem`."""
        if problem is None:
            self.links.append(Link(name=name, state="works", detail=detail, seconds=seconds))
            return
        message = describe(problem)
        what = "\n".join((message.line, *message.details))
        self.links.append(Link(name=name, state="broken", detail=what, fix=message.way_out, seconds=seconds))

    def skip(self, name: LinkName) -> None:
        """Add a link that is not tried."""
        self.links.append(Link(name=name, state="not tried"))

    def ask(self, name: LinkName, ask: Callable[[], Result[T, Problem]], tell: Callable[[T], str]) -> T | None:
        """Try a link that something is asked of, unless one before it is broken; return what came."""
        if self.is_broken:
            self.skip(name)
            return None
        began = self.clock.now()
        answer = ask()
        seconds = self.clock.now() - began
        match answer:
            case Success(value):
                self.note(name, tell(value), None, seconds)
            case Failure(problem):
                self.note(name, "", problem, seconds)
        return answer.value_or(None)

    @property
    def is_broken(self) -> bool:
        """Whether the chain ends here."""
        return any(link.state == "broken" for link in self.links)


def check_account(choice: Result[AccountChoice, Problem], wiring: Wiring = USUAL) -> Result[Checkup, Problem]:
    """Try each link for an account that no service was opened for, or for none.

    Fails with:
        UnsafeUrl, BadArgument: The settings of the way cannot be used.
    """

    def check(connection: Connection) -> Checkup:
        try:
            return check_links(choice, connection)
        finally:
            connection.transport.close()

    return connect(_account_of(choice), wiring).map(check)


def check_links(choice: Result[AccountChoice, Problem], connection: Connection) -> Checkup:
    """Try each link between this machine and the backends, from near to far, in less than ten requests.

    Without an account the way to the service is tried all the same.

    Source: behaviour B228.
    """
    client, transport, clock, _ = connection
    walk = Walk(clock)
    account = _account_of(choice)
    crn = account.instance if account.instance is not None and looks_like_crn(account.instance) else None
    _try_way(walk, client, transport, crn, is_checked=account.verify is not False)
    _note_account(walk, choice)
    walk.ask("token", lambda: client.authorize(crn), lambda _: "the API key is good for a token")
    page = walk.ask("search", lambda: client.search(None), lambda page: f"instances found: {len(page.found)}")
    usable = (found for found in (page.found if page else ()) if found.allocated)
    chosen = next((found for found in usable if account.instance in (None, found.crn, found.name)), None)
    walk.ask("catalog", lambda: _ask_plan(client, chosen), lambda plan: plan)
    held = walk.ask("instance", lambda: _ask_instance(client, chosen, crn), lambda held: held)
    walk.ask(
        "backends",
        lambda: client.backends(held or ""),
        lambda listed: (
            f"{counted(len(listed.rows), 'backend')}, {sum(row.state == 'online' for row in listed.rows)} online"
        ),
    )
    return Checkup(links=tuple(walk.links))


def _try_way(walk: Walk, client: Client, transport: Transport, crn: str | None, *, is_checked: bool) -> None:
    """Ping the runtime without credentials, and tell proxy, connection and certificate apart."""
    began = walk.clock.now()
    pinged = client.ping(crn)
    seconds = walk.clock.now() - began
    problem = pinged.swap().value_or(None)
    at = _broken_part(problem)
    url = client.url_of(crn)
    parts: dict[LinkName, str] = {
        "proxy": _describe_proxy(transport, url),
        "connection": url,
        "certificate": _describe_trust(url, is_checked=is_checked),
    }
    for name, detail in parts.items():
        if walk.is_broken:
            walk.skip(name)
        else:
            walk.note(name, detail, problem if name == at else None, seconds if name == (at or "connection") else None)


def _broken_part(problem: Problem | None) -> LinkName | None:
    """Return which part of the way a failed ping blames."""
    if problem is None:
        return None
    cause = problem.cause if isinstance(problem, NetworkFault) else ""
    parts: dict[str, LinkName] = {"proxy": "proxy", "tls": "certificate"}
    return parts.get(cause, "connection")


def _describe_proxy(transport: Transport, url: str) -> str:
    from ..transport.http import HttpTransport

    if not isinstance(transport, HttpTransport):
        return f"none: the carrier is {type(transport).__name__}"
    return transport.proxy_for(url) or "none"


def _describe_trust(url: str, *, is_checked: bool) -> str:
    if not url.startswith("https://"):
        return "none: http to this machine"
    return "trusted" if is_checked else "not checked: verify=False"


def _note_account(walk: Walk, choice: Result[AccountChoice, Problem]) -> None:
    if walk.is_broken:
        walk.skip("account")
        return
    match choice:
        case Success(found):
            source = next(source for source in found.sources if source.field == "token")
            walk.note("account", f"{found.account.channel}, key from {source.origin} {source.detail}".strip())
        case Failure(problem):
            walk.note("account", "", problem)


def _account_of(choice: Result[AccountChoice, Problem]) -> Account:
    return choice.map(lambda found: found.account).value_or(NOBODY)


def _ask_plan(client: Client, chosen: FoundInstance | None) -> Result[str, Problem]:
    """Ask the catalog for the plan of an instance. Of an archived plan it does not speak, and that is no fault."""
    if chosen is None:
        return Success("nothing to ask it")
    plan = client.plan(chosen.plan_id).map(lambda plan: f"plan {plan.name}")
    match plan:
        case Failure(ServerRefusal(status=403)):
            return Success("an archived plan")
        case _:
            return plan


def _ask_instance(client: Client, chosen: FoundInstance | None, crn: str | None) -> Result[str, Problem]:
    """Ask the runtime for the instance in use; return its CRN."""
    wanted = crn or (chosen.crn if chosen else None)
    return Failure(NoInstances()) if wanted is None else client.usage(wanted).map(lambda _: wanted)
