"""Backends of snapshots: real devices as they were recorded, and files that users saved."""

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qiskit import QuantumCircuit

from .._public import public
from ..client.files import read_whole
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import read_flag, read_object, read_path
from ..core.lost_noise import GATES, NO_AER, READOUT, RELAXATION, describe_loss, warn_of_losses
from ..devices.snapshots import read_snapshot, snapshot_rows
from ..records.backend import Configuration, Properties
from ..records.problem import UnreadableInput
from ..wire.configuration import read_configuration, read_properties
from ..wire.snapshot_file import read_snapshot_file
from .base_backend import BaseBackend
from .lost_noise import warn_of_left_out
from .models import BackendProperties, BackendStatus
from .pickling import from_plain, to_plain

if TYPE_CHECKING:
    from qiskit.providers import JobV1

    from .service import QiskitRuntimeService

SNAPSHOT = "the path of a file that backend.save_snapshot wrote"
Descriptions = tuple[Configuration, Properties | None]


@public("fake_provider")
class SnapshotBackend(BaseBackend):
    """A backend that is known by two descriptions and needs no service. It runs circuits on a simulator.

    Source: behaviour B116.
    """

    _told = False
    """Whether was warned that it has no noise."""

    def __init__(self, name: str, descriptions: Descriptions | None = None) -> None:
        super().__init__(name)
        if descriptions is not None:
            self.__dict__["_descriptions"] = descriptions

    @cached_property
    def _descriptions(self) -> Descriptions:
        """Configuration and calibration, by default those of the recorded device."""
        recorded = read_snapshot(self.name)
        return (
            value_or_raise(read_configuration(recorded.configuration, self.name)),
            value_or_raise(read_properties(recorded.properties, self.name)),
        )

    @property
    def physical_qubits(self) -> int | None:
        """How many qubits the chip has, if it is a recorded device that tells."""
        return next((row.physical_qubits for row in snapshot_rows() if row.name == self.name), None)

    @property
    def _configuration(self) -> Configuration:
        return self._descriptions[0]

    def _known_configuration(self) -> Configuration | None:
        recorded = "_descriptions" in vars(self) or any(row.name == self.name for row in snapshot_rows())
        return self._configuration if recorded else None

    def _calibration(self) -> Properties | None:
        return self._descriptions[1]

    def properties(self, refresh: bool = False) -> BackendProperties | None:
        """Return the calibration, or `None` where there is none. There is nothing to refresh it from."""
        value_or_raise(read_flag("refresh", refresh))
        calibration = self._calibration()
        return None if calibration is None else BackendProperties(calibration)

    def status(self) -> BackendStatus:
        """Return that it takes jobs, and that none waits."""
        return BackendStatus(
            backend_name=self.name,
            backend_version=self._configuration.backend_version,
            operational=True,
            status_msg="active",
        )

    def refresh(self, service: "QiskitRuntimeService", use_fractional_gates: bool | None = False) -> None:
        """Take the present descriptions of the device that this is a snapshot of. Nothing is written.

        Args:
            service: Where that device is found, as `ibm_x` for `fake_x`.
            use_fractional_gates: As in `service.backend`.

        Raises:
            QiskitBackendNotFoundError: There is no such device.
        """
        from .service import QiskitRuntimeService

        source = value_or_raise(read_object("service", service, QiskitRuntimeService, wanted="a QiskitRuntimeService"))
        live = source.backend(self.name.replace("fake", "ibm", 1), use_fractional_gates=use_fractional_gates)
        self._descriptions = live.descriptions()
        self._forget()

    def run(self, run_input: QuantumCircuit | list[QuantumCircuit], **options: Any) -> "JobV1":
        """Run laid-out circuits on a simulator: with this device's noise where qiskit-aer is installed.

        Args:
            run_input: One circuit or several.
            **options: Options of the simulator, such as `shots` and `seed_simulator`.

        Instructions that only devices have are run as the plain ones that do the same.

        Warns:
            UserWarning: There is noise that is left out; once for each backend.

        Source: behaviour B425.
        """
        from ..simulator.lowering import as_plain_steps

        several = list(run_input) if isinstance(run_input, list | tuple) else [run_input]
        circuits = [as_plain_steps(circuit) if isinstance(circuit, QuantumCircuit) else circuit for circuit in several]
        tell_of_lost_noise(self)
        if find_spec("qiskit_aer") is not None:
            from qiskit_aer import AerSimulator

            # Of a device without a calibration Aer warns that it has no noise.
            ideal = self._calibration() is None
            return (AerSimulator() if ideal else AerSimulator.from_backend(self)).run(circuits, **options)
        from qiskit.providers.basic_provider import BasicSimulator

        return BasicSimulator().run(circuits, **options)

    def __reduce__(self) -> tuple[Any, ...]:
        own = self._own_attributes(self._restore(self.name, None))
        return self._restore, (self.name, to_plain(self.__dict__.get("_descriptions"))), own or None

    @classmethod
    def _restore(cls, name: str, descriptions: Any) -> Self:
        """Make a backend from its pickle. The classes of the recorded devices take no arguments."""
        backend = cls.__new__(cls)
        SnapshotBackend.__init__(backend, name, from_plain(descriptions, Descriptions | None))
        return backend

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SnapshotBackend) and self.descriptions() == other.descriptions()

    def __hash__(self) -> int:
        return hash(self.name)


def tell_of_lost_noise(backend: SnapshotBackend) -> tuple[str, ...]:
    """Return what circuits on a recorded device run without, and warn of it once for each backend.

    Source: behaviour B271.
    """
    if backend._calibration() is None or find_spec("qiskit_aer") is not None:
        return ()
    lost = (describe_loss(f"Circuits on {backend.name}", (GATES, READOUT, RELAXATION), NO_AER),)
    if not backend._told:
        backend._told = True
        warn_of_left_out(warn_of_losses(lost))
    return lost


@public()
def load_snapshot(path: str | Path) -> SnapshotBackend:
    """Return the backend that `backend.save_snapshot(path)` wrote to a file.

    Raises:
        IBMInputValueError: There is no file, or it cannot be read; it is an `OSError` too.
        IBMApiError: It is no such file.

    Source: behaviour B106, B304.
    """
    place = value_or_raise(read_path("path", path, wanted=SNAPSHOT))
    try:
        text = read_whole(Path(place))
    except OSError as error:
        value = f"{place!r}: {error.strerror or error}"
        problem = UnreadableInput(name="path", value=value, wanted=SNAPSHOT, path=place, errno=error.errno)
        raise exception_of(problem) from None
    descriptions = value_or_raise(read_snapshot_file(text, place))
    return SnapshotBackend(descriptions[0].backend_name, descriptions)
