"""The part of the pytest plugin that is about cassettes: the mark, the option, the fixture, and no sockets in a replay.

Pytest loads this module at its start, so all that costs time is loaded in the fixture that needs it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from ..cassettes.play import CassetteTransport
    from ..cassettes.record import RecordingTransport
    from ..shell.service import QiskitRuntimeService

    Carrier = CassetteTransport | RecordingTransport

CASSETTE_MARK = """\
cassette(name): what the fixtures `cassette` and `runtime_service` of this test use. `name` is that of a file in \
`cassettes` beside the test, .yaml unless it says otherwise. --cassette says whether it is played or recorded.\
"""

MODES: "dict[str, Literal['none', 'once', 'new_episodes', 'all']]" = {
    "none": "none",
    "once": "once",
    "new": "new_episodes",
    "all": "all",
}
"""What `--cassette` may say, and what vcrpy calls it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--cassette`."""
    parser.getgroup("qiskit-runtime-service").addoption(
        "--cassette",
        choices=tuple(MODES),
        default="none",
        help="What becomes of tests with a cassette: none only plays and refuses sockets (the default), once records "
        "cassettes that are not there, new records what is not on them, all records them anew.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", CASSETTE_MARK)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Refuse sockets of the internet while a test runs that only plays a cassette."""
    if item.get_closest_marker("cassette") is None or item.config.getoption("--cassette") != "none":
        return (yield)
    from .sockets import refused_sockets

    with refused_sockets() as tried:
        result = yield
    if tried:
        pytest.fail(f"This test plays a cassette, but something in it tried a socket: {', '.join(tried)}.")
    return result


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> "Iterator[Carrier]":
    """Give the carrier for the cassette of this test, and its clock: `QiskitRuntimeService(..., transport=cassette)`.

    What was recorded is written when the test is over, unless it failed.
    """
    from ..cassettes.record import RecordingTransport, record

    path = path_of(request)
    option = request.config.getoption("--cassette")
    if option == "none" and not path.exists():
        pytest.fail(f"There is no cassette {path}.\nRecord it: pytest --cassette=once", pytrace=False)
    carrier = record(path, mode=MODES[option])
    failed_before = request.session.testsfailed
    yield carrier
    if isinstance(carrier, RecordingTransport) and request.session.testsfailed > failed_before:
        carrier.discard()
    carrier.close()


def path_of(request: pytest.FixtureRequest) -> Path:
    """Return where the cassette of a test is.

    Raises a `pytest.UsageError` for a test without a mark, or a mark without a name.
    """
    mark = request.node.get_closest_marker("cassette")
    if mark is None or len(mark.args) != 1 or mark.kwargs or not isinstance(mark.args[0], str):
        raise pytest.UsageError('A test with a cassette needs its name: @pytest.mark.cassette("name").')
    name = mark.args[0]
    file = name if name.endswith((".yaml", ".yml", ".json")) else f"{name}.yaml"
    return Path(request.node.path).parent / "cassettes" / file


def open_recorded(carrier: "Carrier") -> "QiskitRuntimeService":
    """Return a service over a cassette: for your own account where it is recorded, for the recorded one in a replay."""
    from ..cassettes.play import CassetteTransport
    from ..shell.service import QiskitRuntimeService

    if isinstance(carrier, CassetteTransport):
        return QiskitRuntimeService(token="replayed", instance=carrier.instance, transport=carrier)  # noqa: S106  # any key works
    return QiskitRuntimeService(transport=carrier)
