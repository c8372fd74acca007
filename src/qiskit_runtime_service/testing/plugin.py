"""The pytest plugin: fixtures that give a test an emulated cloud and a service that uses it.

Pytest loads this module at its start, so all that costs time is loaded in the fixtures that need it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePath
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from .cassettes import open_recorded
from .import_hook import stand_in as standing_in

if TYPE_CHECKING:
    from ..emulator.world import World
    from ..shell.service import QiskitRuntimeService
    from ..transport.base import Clock
    from ..transport.emulated import EmulatedTransport
    from .open_cloud import OpenCloud
    from .sent import SentRequests

pytest_plugins = ["qiskit_runtime_service.testing.cassettes"]

CLOUD_MARK = """\
cloud(world="one_instance", faults=(), **arguments): the world of `emulated_cloud`, `runtime_service`, `ibm_cloud`. \
`world` is the name of a ready world, a function that returns one, a world, or a file beside the test that describes \
one in TOML; `faults` go wrong in it; \
all else, such as `seed=7`, is for the function.\
"""

STAND_IN_MARK = "stand_in: `qiskit_ibm_runtime` is this library for what the test imports."


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the option known."""
    words = "let this library stand in for qiskit_ibm_runtime in the whole run"
    parser.getgroup("qiskit-runtime-service").addoption("--stand-in", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known, and stand in for IBM's client where that was asked for (B499)."""
    config.addinivalue_line("markers", CLOUD_MARK)
    config.addinivalue_line("markers", STAND_IN_MARK)
    if config.getoption("--stand-in"):
        block = ExitStack()
        block.enter_context(standing_in())
        config.add_cleanup(block.close)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test with the mark the fixture, before all others."""
    if isinstance(item, pytest.Function) and item.get_closest_marker("stand_in") is not None:
        item.fixturenames.insert(0, "stand_in")


@pytest.fixture
def stand_in() -> Iterator[ModuleType]:
    """Let `qiskit_ibm_runtime` be this library for what the test imports. `@pytest.mark.stand_in` does the same."""
    with standing_in() as module:
        yield module


@pytest.fixture
def emulated_cloud(request: pytest.FixtureRequest) -> "EmulatedTransport":
    """Give an emulated cloud in this process, on a virtual clock. `@pytest.mark.cloud` chooses its world."""
    from ..simulator.cloud import emulated_cloud

    world, clock, speed = choose_world(request.node.get_closest_marker("cloud"), request.node.path.parent)
    return emulated_cloud(world, clock=clock, speed=speed)


@pytest.fixture
def runtime_service(request: pytest.FixtureRequest) -> "QiskitRuntimeService":
    """Give a `QiskitRuntimeService` for the first account of `emulated_cloud`. Waiting takes no time.

    With `@pytest.mark.cassette` it is a service over that cassette instead.
    """
    from ..shell.service import QiskitRuntimeService

    if request.node.get_closest_marker("cassette") is not None:
        return open_recorded(request.getfixturevalue("cassette"))
    emulated_cloud = request.getfixturevalue("emulated_cloud")
    key = next(iter(emulated_cloud.world.keys))
    return QiskitRuntimeService(token=key, transport=emulated_cloud, clock=emulated_cloud)


@pytest.fixture
def sent_requests(emulated_cloud: "EmulatedTransport") -> "SentRequests":
    """Give what `emulated_cloud` is asked, to be asserted."""
    from .sent import SentRequests

    return SentRequests(emulated_cloud)


@pytest.fixture
def ibm_cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Iterator[OpenCloud]":
    """Lead programs that use IBM's client, in this process and in its children, to an emulated cloud.

    The variables that do so are set for as long as the test runs. `@pytest.mark.cloud` chooses the world.
    """
    from ..client.clock import SystemClock
    from ..simulator.cloud import emulated_cloud
    from .open_cloud import opened, with_lasting_tokens

    world, clock, speed = choose_world(request.node.get_closest_marker("cloud"), request.node.path.parent)
    cloud = emulated_cloud(with_lasting_tokens(world, SystemClock().now()), clock=clock, speed=speed)
    with opened(cloud) as open_cloud:
        for name, value in open_cloud.environment.items():
            monkeypatch.setenv(name, value)
        yield open_cloud
    cloud.close()


def choose_world(mark: pytest.Mark | None, folder: Path) -> "tuple[World, Clock | None, float]":
    """Return the world that a mark describes, its clock and its speed; without one, a world with one instance.

    Args:
        mark: What the test says of its cloud.
        folder: Where the test is, beside which files are that describe worlds.

    Source: behaviour B447, B451.
    """
    from ..emulator.world import World
    from .checked import broken
    from .described import is_described, read_described

    arguments: dict[str, Any] = {} if mark is None else dict(mark.kwargs)
    wanted = mark.args[0] if mark is not None and mark.args else arguments.pop("world", "one_instance")
    faults = arguments.pop("faults", ())
    if isinstance(wanted, World):
        require_no_arguments(arguments)
        return broken(*faults, world=wanted), None, 1.0
    if isinstance(wanted, str | PurePath) and is_described(wanted):
        require_no_arguments(arguments)
        described = read_described(folder / wanted)
        return broken(*faults, world=described.world), described.make_clock(), described.speed
    return broken(*faults, world=find_world(wanted)(**arguments)), None, 1.0


def find_world(wanted: "str | Callable[..., World]") -> "Callable[..., World]":
    """Return the function that makes a world, by its name.

    Raises a `pytest.UsageError` for a name that no ready world has.
    """
    from .ready import READY

    if callable(wanted):
        return wanted
    if wanted not in READY:
        raise pytest.UsageError(
            f"There is no ready world {wanted!r}.\nUse one of {', '.join(READY)}, or a file that ends in .toml."
        )
    return READY[wanted]


def require_no_arguments(arguments: dict[str, Any]) -> None:
    """Refuse arguments beside a world that is made already."""
    if arguments:
        names = ", ".join(arguments)
        raise pytest.UsageError(f"The world of this test is given, so {names} has no effect.\nGive a function instead.")
