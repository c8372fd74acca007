"""Backends that users describe by files of their own, as classes."""

from os import PathLike
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace

from .._public import public
from ..client.files import read_whole
from ..client.raising import exception_of, value_or_raise
from ..records.problem import BadArgument
from ..wire.configuration import read_configuration, read_properties
from .snapshot_backend import Descriptions, SnapshotBackend


@public("fake_provider")
class FakeBackendV2(SnapshotBackend):
    """A backend that its class describes: make a subclass that names files of yours.

        class MyLab(FakeBackendV2):
            backend_name = "my_lab"
            dirname = "devices"
            conf_filename = "conf_my_lab.json"
            props_filename = "props_my_lab.json"

    The files are what the service sends as configuration and as properties, in the units of the wire. Without
    `props_filename` there is no calibration; without `backend_name` the configuration gives the name. `defs_filename`,
    which once named pulses, is not read. The classes of the recorded devices are subclasses too.

    Raises:
        IBMInputValueError: The class names no configuration.
        FileNotFoundError: A file is not there.
        IBMApiError: A file is not what it must be.

    Source: behaviour B269.
    """

    backend_name: ClassVar[str]
    dirname: ClassVar[str | PathLike[str]]
    conf_filename: ClassVar[str]
    props_filename: ClassVar[str | None]
    defs_filename: ClassVar[str | None]

    def __init__(self) -> None:
        configuration, properties = self._read_files()
        name = getattr(type(self), "backend_name", configuration.backend_name)
        super().__init__(name, (replace(configuration, backend_name=name), properties))

    @classmethod
    def _read_files(cls) -> Descriptions:
        """Return what the files say that the class names."""
        if not hasattr(cls, "conf_filename"):
            wanted = "the name of a JSON file in `dirname`: set both in the class"
            raise exception_of(BadArgument(name=f"{cls.__name__}.conf_filename", value="not set", wanted=wanted))
        folder = Path(getattr(cls, "dirname", ""))
        configuration, properties = folder / cls.conf_filename, getattr(cls, "props_filename", None)
        return (
            value_or_raise(read_configuration(read_whole(configuration), str(configuration))),
            None
            if properties is None
            else value_or_raise(read_properties(read_whole(folder / properties), str(folder / properties))),
        )
