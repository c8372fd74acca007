"""The door to the recorded devices, where IBM's users look for them.

    from qiskit_runtime_service.fake_provider import FakeManilaV2, FakeProviderForBackendV2

There is a class for each device, `FakeManilaV2`, `FakeFez` and so on, made when it is first named. Subclasses of
`FakeBackendV2` are devices of your own.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from .._doors import HOMES, open_doors
from ..client.raising import value_or_raise
from ..core.arguments import as_python, if_given, read_callable, read_text
from ..core.names import nearest_name
from ..devices.snapshots import snapshot_rows
from ..shell.fake_backend import FakeBackendV2
from ..shell.snapshot_backend import SnapshotBackend, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

WITHOUT_V2 = frozenset((
    "aachen", "algiers", "auckland", "berlin", "boston", "brisbane", "brussels", "cusco", "fez", "geneva",
    "kawasaki", "kingston", "kyiv", "kyoto", "marrakesh", "miami", "nighthawk", "osaka", "oslo", "peekskill",
    "perth", "pittsburgh", "prague", "quebec", "sherbrooke", "strasbourg", "torino",
))  # fmt: skip
"""The devices whose classes have no `V2` in their names; all others have."""

IRREGULAR = {"fractional": "FakeFractionalBackend"}

CLASSES = {
    IRREGULAR.get(place, f"Fake{place.capitalize()}{'' if place in WITHOUT_V2 else 'V2'}"): f"fake_{place}"
    for place in (row.name.removeprefix("fake_") for row in snapshot_rows())
}
"""The name of each class, and of its device."""

__all__ = ["FakeBackendV2", "FakeProviderForBackendV2", "load_snapshot", *CLASSES]


class FakeProviderForBackendV2:
    """All recorded devices. Listing them reads an index only.

    Source: behaviour B39, B116.
    """

    def backend(self, name: str | None = None, **kwargs: Any) -> SnapshotBackend:
        """Return the first device that fits, by name and filters as in `backends`.

        Raises:
            QiskitBackendNotFoundError: None fits.
        """
        found = self.backends(name, **kwargs)
        if not found:
            near = nearest_name(name or "", CLASSES.values())
            raise QiskitBackendNotFoundError("No device fits." + (f" Did you mean {near!r}?" if near else ""))
        return found[0]

    def backends(
        self, name: str | None = None, filters: "Callable[[SnapshotBackend], bool] | None" = None, **kwargs: Any
    ) -> list[SnapshotBackend]:
        """Return the devices that fit, by name.

        Args:
            name: The name that a device must have.
            filters: A test on the device.
            **kwargs: Values that attributes of the device must have.

        Raises:
            IBMInputValueError: `name` is no text, or `filters` no function.
        """
        value_or_raise(if_given(read_text)("name", name))
        value_or_raise(if_given(partial(read_callable, wanted="a function of a device"))("filters", filters))
        made = [device_class(class_name)() for class_name, device in CLASSES.items() if name in (None, device)]
        return [
            device
            for device in made
            if all(getattr(device, key, None) == as_python(value) for key, value in kwargs.items())
            if filters is None or filters(device)
        ]


def device_class(name: str) -> "Callable[[], SnapshotBackend]":
    """Return the class of that name, made now if this is the first time."""
    if name not in globals():
        globals()[name] = _make(name, CLASSES[name])
    kind: Callable[[], SnapshotBackend] = globals()[name]
    return kind


def _make(name: str, device: str) -> type[FakeBackendV2]:
    def __init__(self: SnapshotBackend) -> None:  # noqa: N807  # it becomes the method of that name
        SnapshotBackend.__init__(self, device)

    members = {"__init__": __init__, "__module__": __name__, "__doc__": f"The recorded device `{device}`."}
    return type(name, (FakeBackendV2,), members)


def __getattr__(name: str) -> "Callable[[], SnapshotBackend]":
    if name in CLASSES:
        return device_class(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


PLACES = {device.removeprefix("fake_"): name for name, device in CLASSES.items()}
"""By the name that a device has in module paths, its class."""

open_doors(
    __name__,
    {
        **HOMES,
        "fake_provider.backends": {name: (__name__, name, None) for name in CLASSES},
        **{f"fake_provider.backends.{place}": {name: (__name__, name, None)} for place, name in PLACES.items()},
        **{
            f"fake_provider.backends.{place}.fake_{place}": {name: (__name__, name, None)}
            for place, name in PLACES.items()
        },
    },
)
