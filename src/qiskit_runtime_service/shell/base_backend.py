"""What every backend of ours is: a Qiskit `BackendV2` known by its configuration and its calibration."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from qiskit import QuantumCircuit
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import CouplingMap, Target
from returns.result import Failure, Result

from .._public import PACKAGE
from .._warn import warn_user
from ..bridge.gate_uses import count_uses
from ..bridge.target import build_target, find_undefined_gates
from ..client.files import SHARED_FILE, write_whole
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import as_python, read_items, read_object, read_path, read_whole, show_value
from ..core.calibration import NO_FAULTY, FaultyParts, expected_error, find_faulty, read_errors
from ..core.layout import find_best_qubits
from ..records.backend import Configuration, Properties
from ..records.problem import NotExecutable, OutOfRange, Problem, UsesFaulty
from ..wire.snapshot_file import encode_snapshot
from .display import PublicNames
from .models import BackendConfiguration, field_names

TOLD = frozenset({"name", *field_names(None)})
"""What every backend tells of itself, beside what its class has."""
CACHED = frozenset({"_options", "_descriptions"})
"""What a backend holds once it was asked for."""


def _is_ours(kind: type, name: str) -> bool:
    """Whether the class of a backend has something of a name that is not of the user's own making."""
    ours = (base for base in kind.__mro__ if base.__module__.partition(".")[0] in (PACKAGE, "qiskit"))
    return any(name in vars(base) for base in ours)


def read_circuit(circuit: object) -> None:
    """Raise that it is no circuit, if it is none."""
    value_or_raise(read_object("circuit", circuit, QuantumCircuit, wanted="a circuit"))


def refuse_unfit(
    checked: Result[Any, Problem], backend: BackendV2, circuit_of: Callable[[int], QuantumCircuit]
) -> None:
    """Raise which of several circuits a backend cannot run, if one was found.

    Args:
        checked: What was found.
        backend: It knows what of it is faulty, if it is one of ours. What is faulty is not in its target, so it
            looks like something that the device never had.
        circuit_of: Returns a circuit by its number.

    Raises:
        IBMInputValueError: The backend cannot run one.
    """
    match checked:
        case Failure(NotExecutable(pub=index)) if isinstance(backend, BaseBackend):
            backend.check_faulty(circuit_of(index))
    value_or_raise(checked)


class UncoupledMap(CouplingMap):
    """A map without pairs. It is false, as empty collections are: Qiskit draws errors of pairs otherwise, and fails."""

    def __bool__(self) -> bool:
        return False


class BaseBackend(PublicNames, BackendV2):
    """A backend that says what it is by a configuration, and how well it works by a calibration.

    What it tells is read-only, but for its options; it takes attributes of the user's own. Attributes of the
    configuration can be read off it, such as `backend.basis_gates`. Times are in seconds, frequencies in hertz.

    Source: behaviour B102, B104, B484.
    """

    name: str
    _target: Target | None
    _faulty: FaultyParts | None

    def __init__(self, name: str, provider: Any = None, **fields: Any) -> None:
        # Qiskit's own `__init__` makes options that few ever look at, and asks for dates and versions that the
        # configuration knows, which may not be there yet. Listings make a thousand backends at once.
        self.__dict__.update(name=name, _provider=provider, _coupling_map=None, _target=None, _faulty=None)
        if fields:
            self.set_options(**fields)

    # Where the two descriptions come from

    @property
    @abstractmethod
    def _configuration(self) -> Configuration:
        """The configuration, in the units of the wire, with the gates that are to be seen."""

    @abstractmethod
    def _known_configuration(self) -> Configuration | None:
        """Return the configuration, if nobody needs to be asked for it."""

    @abstractmethod
    def _calibration(self) -> Properties | None:
        """Return the latest calibration, if there is one."""

    # What follows from them

    @property
    def target(self) -> Target:
        """What the backend can run, and how well, by its latest calibration."""
        if self._target is None:
            configuration = self._configuration
            for gate in find_undefined_gates(configuration):
                warn_user(f"{self.name}: gate {gate!r} is left out, nothing defines it", RuntimeWarning)
            self._target = build_target(configuration, self._calibration())
        return self._target

    @property
    def coupling_map(self) -> CouplingMap:
        """Which pairs of qubits are coupled, and in which direction."""
        return super().coupling_map if self.num_qubits > 1 else UncoupledMap.from_line(self.num_qubits)

    @property
    def num_qubits(self) -> int:
        """How many qubits circuits may use."""
        return self._configuration.n_qubits

    @property
    def physical_qubits(self) -> int | None:
        """How many qubits the chip has, if that is known."""
        return None

    @property
    def max_circuits(self) -> None:
        """No limit: the service counts the size of a job, not its circuits."""

    @property
    def dt(self) -> float | None:
        """Resolution of the input signals, in seconds."""
        return self.configuration().dt

    @property
    def dtm(self) -> float | None:
        """Resolution of the output signals, in seconds."""
        return self.configuration().dtm

    @property
    def meas_map(self) -> list[list[int]] | None:
        """Groups of qubits that are measured together."""
        return self.configuration().meas_map

    @property
    def ignored(self) -> tuple[str, ...]:
        """A sentence for each part of the descriptions that could not be understood and is left away."""
        calibration = self._calibration()
        undefined = (f"basis_gates: nothing defines {gate!r}" for gate in find_undefined_gates(self._configuration))
        return (*self._configuration.ignored, *undefined, *(calibration.ignored if calibration is not None else ()))

    def qubit_properties(self, qubit: int | Iterable[int]) -> Any:
        """Return T1, T2 and frequency of a qubit, in seconds and hertz, or a list of those of several.

        Negative numbers count from the end.

        Raises:
            IBMInputValueError: There is no such qubit; it is an `IndexError` too.

        Source: behaviour B304.
        """
        given = as_python(qubit)
        several = isinstance(given, Iterable) and not isinstance(given, str)
        places = value_or_raise(read_items("qubit", given)) if several else [given]
        wanted = [value_or_raise(read_whole("qubit", place)) for place in places]
        known = self.target.qubit_properties or []
        for index in wanted:
            if not -len(known) <= index < len(known):
                there = f"from 0 to {len(known) - 1}" if known else "left out: no qubit is calibrated"
                raise exception_of(OutOfRange(name="qubit", value=str(index), wanted=f"{there}, on {self.name}"))
        found = [known[index] for index in wanted]
        return found if several else found[0]

    def configuration(self) -> BackendConfiguration:
        """Return how the backend is built."""
        return BackendConfiguration(self._configuration)

    def descriptions(self) -> tuple[Configuration, Properties | None]:
        """Return both descriptions as records, in the units of the wire."""
        return self._configuration, self._calibration()

    def check_faulty(self, circuit: QuantumCircuit) -> None:
        """Refuse a laid-out circuit that uses a qubit or gate that is reported as faulty.

        Raises:
            IBMInputValueError: It uses one; it is a `ValueError` too.

        Source: behaviour B105.
        """
        read_circuit(circuit)
        if self._faulty is None:
            calibration = self._calibration()
            self._faulty = NO_FAULTY if calibration is None else find_faulty(calibration)
        if not any(self._faulty):
            return
        for gate, qubits in count_uses(circuit):
            if not self._faulty.qubits.isdisjoint(qubits) or (gate, qubits) in self._faulty.gates:
                raise exception_of(UsesFaulty(backend=self.name, gate=gate, qubits=qubits))

    def best_qubits(self, n: int) -> list[int]:
        """Return `n` connected qubits that err least together, as `initial_layout` takes them.

        Raises:
            IBMInputValueError: There are not so many that work and are connected.

        Source: behaviour B112.
        """
        count = value_or_raise(read_whole("n", n, least=1))
        return list(value_or_raise(find_best_qubits(self._configuration, self._calibration(), count)).qubits)

    def expected_error(self, circuit: QuantumCircuit) -> float:
        """Return the chance that a laid-out circuit errs somewhere, 0 to 1, by the latest calibration.

        Source: behaviour B111.
        """
        read_circuit(circuit)
        return expected_error(count_uses(circuit), read_errors(self._calibration()))

    def save_snapshot(self, path: str | Path) -> Path:
        """Write configuration and calibration to a file, for `load_snapshot` to use without the service.

        Raises:
            FileExistsError: The file is there already.

        Source: behaviour B106.
        """
        target = Path(value_or_raise(read_path("path", path)))
        write_whole(target, encode_snapshot(*self.descriptions()), SHARED_FILE, replace=False)
        return target

    def get_translation_stage_plugin(self) -> str:
        """Name the stage of the transpiler that finds the gates of this backend: Qiskit's own."""
        return "translator"

    @cached_property
    def _options(self) -> Options:
        """What `backend.options` holds and `set_options` changes."""
        return self._default_options()

    @classmethod
    def _default_options(cls) -> Options:
        return Options(
            shots=4000, memory=False, meas_level=2, meas_return="avg", memory_slots=None, memory_slot_size=100,
            rep_time=None, rep_delay=None, init_qubits=True, use_measure_esp=None, use_fractional_gates=False,
            noise_model=None, seed_simulator=None,
        )  # fmt: skip

    def _forget(self) -> None:
        """Make everything that follows from the descriptions anew when it is next asked for."""
        self._target = self._faulty = None
        self._coupling_map = None

    def __getattr__(self, name: str) -> Any:
        """Read what the object itself does not have off the configuration."""
        if name.startswith("_") or name not in (configuration := self.configuration()):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {show_value(name)}")
        return getattr(configuration, name)

    def __dir__(self) -> Iterable[str]:
        return {*super().__dir__(), *field_names(self._known_configuration())}

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_") and (name in TOLD or _is_ours(type(self), name)):
            raise AttributeError(f"{name!r} of a backend is read-only")
        object.__setattr__(self, name, value)

    def _own_attributes(self, made: "BaseBackend") -> dict[str, Any]:
        """Return the attributes that users gave it: what `made`, which is as it was at first, does not have."""
        return {name: value for name, value in vars(self).items() if name not in vars(made).keys() | CACHED}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.name!r})>"
