"""Configurations, calibrations and states of backends in the words that IBM's users know.

These are views of records: read-only, made when asked for, in seconds and hertz.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar

import msgspec
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.transpiler import Target

from .._public import public
from .._shown import counted, write_out
from ..bridge.target import CONTROL_FLOW, HERTZ, NOT_GATES, PER_SECOND, build_target
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import as_python, read_mapping, read_text, read_whole, show_value
from ..core.backends import apply_fractional, read_field
from ..core.selection import show
from ..records import backend as records
from ..records.problem import BadArgument, NotMeasured
from ..wire.configuration import NAMED, find_date, read_configuration, read_stamp
from .display import PublicNames, Tabular
from .pickling import from_plain, to_plain

R = TypeVar("R")
T = TypeVar("T")

Property = tuple[float, datetime | None]
"""A value in seconds, hertz or without unit, and when it was measured."""

Measured = dict[str, records.Nduv]
"""What was measured of a qubit, or of a gate on some qubits, by name."""

HERTZ_FIELDS = ("qubit_lo_range", "meas_lo_range")
"""Fields of the pulse era that the wire has in gigahertz."""


def read_data(data: Any, build: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what is built of a dictionary that a `to_dict` returned.

    Raises:
        IBMInputValueError: It is no such dictionary.
    """
    given = value_or_raise(read_mapping("data", data))
    try:
        return build(given)
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as reason:
        wanted = f"what to_dict returns; here is a flaw: {reason}"
        raise exception_of(BadArgument(name="data", value=show_value(data), wanted=wanted)) from None


@public("models")
class BackendStatus(records.BackendStatus, frozen=True, kw_only=True):
    """Whether a backend takes jobs now: `operational`, `pending_jobs`, `status_msg`."""

    pending_jobs: int = 0
    """What the status says, else the listing, else 0."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns."""
        return read_data(data, lambda given: msgspec.convert(dict(given), cls))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary, those of the service only."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if name != "ignored"}

    def __reduce__(self) -> tuple[Any, ...]:
        return self.from_dict, (self.to_dict(),)


@public("models")
@dataclass(frozen=True)
class Nduv:
    """A calibrated number: name, date, unit, value; the value in the unit. The date may be unknown."""

    date: datetime | None
    name: str
    unit: str
    value: float

    @classmethod
    def of(cls, item: records.Nduv) -> Self:
        """Make one from its record."""
        return cls(read_stamp(item.date), item.name, item.unit, item.value)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns."""
        return read_data(
            data, lambda given: cls(read_stamp(given["date"]), given["name"], given["unit"], given["value"])
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return dict(vars(self))


@public("models")
@dataclass(frozen=True)
class GateProperties:
    """What was measured of one gate on some qubits."""

    qubits: list[int]
    gate: str
    parameters: list[Nduv]
    name: str | None = None

    @classmethod
    def of(cls, gate: records.GateProperties) -> Self:
        """Make one from its record."""
        return cls(list(gate.qubits), gate.gate, list(map(Nduv.of, gate.parameters)), gate.name)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns."""
        return read_data(
            data,
            lambda given: cls(
                list(given["qubits"]), given["gate"], [*map(Nduv.from_dict, given["parameters"])], given.get("name")
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary; without a name if it has none."""
        fields = {**vars(self), "parameters": [parameter.to_dict() for parameter in self.parameters]}
        return {name: value for name, value in fields.items() if value is not None}


@public("models")
@dataclass(frozen=True)
class GateConfig:
    """A gate of a configuration. Without a coupling map it is everywhere."""

    name: str
    parameters: list[str] | None
    qasm_def: str | None
    coupling_map: list[list[int]] | None = None
    latency_map: Any = None
    conditional: bool | None = None
    description: str | None = None

    @classmethod
    def of(cls, entry: records.GateEntry) -> Self:
        """Make one from its record."""
        return cls(**{name: _as_lists(value) for name, value in msgspec.structs.asdict(entry).items()})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns."""
        return read_data(data, lambda given: cls(**given))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary, optional ones only where they are set."""
        always = ("name", "parameters", "qasm_def")
        return {name: value for name, value in vars(self).items() if name in always or value is not None}


@public("models")
@dataclass(frozen=True)
class UchannelLO:
    """One term of the frequency of a control channel, of the pulse era."""

    q: int
    scale: complex

    def __post_init__(self) -> None:
        value_or_raise(read_whole("q", self.q, least=0))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns."""
        return read_data(data, lambda given: cls(**given))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return dict(vars(self))


class RecordView(PublicNames, Generic[R]):
    """A view of a record: equal to another of the same record, and pickled as that."""

    _kind: ClassVar[type[Any]]
    """The class of the record."""
    _record: R

    def __init__(self, record: R) -> None:
        vars(self)["_record"] = record

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._record == other._record

    def __hash__(self) -> int:
        return hash(self._record)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._restore, (to_plain(self._record),)

    @classmethod
    def _restore(cls, record: Any) -> Self:
        return cls(from_plain(record, cls._kind))


@public("models")
class BackendConfiguration(RecordView[records.Configuration]):
    """How a backend is built. Times in seconds, frequencies in hertz, what the server did not say is `None`.

    Fields that this library has no name for are attributes too, as the server sent them.

    Source: behaviour B27, B101, B102.
    """

    backend_name: str
    backend_version: str
    n_qubits: int
    basis_gates: list[str]
    coupling_map: list[list[int]] | None
    simulator: bool
    local: bool
    conditional: bool
    open_pulse: bool
    memory: bool
    max_shots: int | None
    online_date: datetime | None
    supported_instructions: list[str] | None
    supported_features: list[str] | None
    meas_map: list[list[int]] | None
    dt: float | None
    dtm: float | None
    default_rep_delay: float | None
    rep_delay_range: list[float] | None
    processor_type: dict[str, Any] | None

    _kind = records.Configuration

    @property
    def num_qubits(self) -> int:
        """How many qubits there are."""
        return self._record.n_qubits

    @cached_property
    def gates(self) -> list[GateConfig]:
        """The gates and where they are."""
        return [GateConfig.of(entry) for entry in self._record.gates]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns.

        Raises:
            IBMApiError: A part without which there is no backend is missing or wrong.
        """
        text = read_data(data, lambda given: msgspec.json.encode(dict(given), enc_hook=_as_pair))
        return cls(value_or_raise(read_configuration(text, "from_dict")))

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as the server sent them, nulls too, in its units: nano- and microseconds, gigahertz.

        The `scale` of a term in `u_channel_lo` is a complex number, which the server writes as a pair.

        Source: behaviour B311.
        """
        record = self._record
        fields = {name: _as_lists(getattr(record, name)) for name in record.__struct_fields__ if name in NAMED}
        gates = [gate.to_dict() for gate in self.gates]
        told = {name: value for name, value in fields.items() if value is not None} | {"gates": gates} | record.others
        if "u_channel_lo" in told:
            told["u_channel_lo"] = _with_complex_scales(told["u_channel_lo"])
        return told

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {show_value(name)}")
        value = _as_lists(read_field(self._record, name))
        if name in HERTZ_FIELDS and value is not None:
            value = [[frequency * HERTZ["GHz"] for frequency in pair] for pair in value]
        elif name == "u_channel_lo" and value is not None:
            value = [[UchannelLO(term["q"], complex(*term["scale"])) for term in terms] for terms in value]
        self.__dict__[name] = value
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *field_names(self._record)})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __contains__(self, name: object) -> bool:
        return name in NAMED or name in self._record.others

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self._record.backend_name!r}, {counted(self._record.n_qubits, 'qubit')})>"


@public("models")
class BackendProperties(Tabular, RecordView[records.Properties]):
    """One calibration of a backend. Methods answer in seconds and hertz; dates keep their zone.

    Raises:
        BackendPropertyError: From every method, where nothing of the kind was measured.

    Source: behaviour B37, B46, B103.
    """

    _kind = records.Properties

    @property
    def record(self) -> records.Properties:
        """The calibration in the units of the wire, for the functions of `core`."""
        return self._record

    @property
    def backend_name(self) -> str:
        """The device, which for a snapshot is the one that it was taken of."""
        return self._record.backend_name

    @property
    def backend_version(self) -> str:
        """The version of the backend."""
        return self._record.backend_version

    @property
    def last_update_date(self) -> datetime | None:
        """When the calibration was made; where the service does not say it, when the latest of it was measured."""
        return find_date(self._record)

    @cached_property
    def qubits(self) -> list[list[Nduv]]:
        """What was measured of each qubit."""
        return [list(map(Nduv.of, items)) for items in self._record.qubits]

    @cached_property
    def gates(self) -> list[GateProperties]:
        """What was measured of each gate on each tuple of qubits."""
        return list(map(GateProperties.of, self._record.gates))

    @cached_property
    def general(self) -> list[Nduv]:
        """What was measured of the device as a whole."""
        return list(map(Nduv.of, self._record.general or ()))

    @cached_property
    def general_qlists(self) -> list[dict[str, Any]]:
        """Chains of qubits that `general` speaks of."""
        return [{"name": chain.name, "qubits": list(chain.qubits)} for chain in self._record.general_qlists or ()]

    # Qubits

    def qubit_property(self, qubit: int, name: str | None = None) -> Any:
        """Return value and date of one property of a qubit, or of all of them by name."""
        measured = self._measured(qubit)
        if name is None and not measured:
            _not_measured(f"qubit {write_out(qubit, str)}")
        return _read(measured, name, f"qubit {write_out(qubit, str)}")

    def t1(self, qubit: int) -> float:
        """Return the relaxation time of a qubit, in seconds."""
        return self._qubit_value(qubit, "T1")

    def t2(self, qubit: int) -> float:
        """Return the dephasing time of a qubit, in seconds."""
        return self._qubit_value(qubit, "T2")

    def frequency(self, qubit: int) -> float:
        """Return the frequency of a qubit, in hertz."""
        return self._qubit_value(qubit, "frequency")

    def readout_error(self, qubit: int) -> float:
        """Return how often reading out a qubit errs, 0 to 1."""
        return self._qubit_value(qubit, "readout_error")

    def readout_length(self, qubit: int) -> float:
        """Return how long reading out a qubit takes, in seconds."""
        return self._qubit_value(qubit, "readout_length")

    def is_qubit_operational(self, qubit: int) -> bool:
        """Whether a qubit is not reported as faulty."""
        return _is_operational(self._qubits.get(value_or_raise(read_whole("qubit", qubit)), {}))

    def faulty_qubits(self) -> list[int]:
        """Return the qubits that are reported as faulty."""
        return [qubit for qubit, measured in self._qubits.items() if not _is_operational(measured)]

    # Gates

    def gate_property(self, gate: str, qubits: int | Iterable[int] | None = None, name: str | None = None) -> Any:
        """Return value and date of one property of a gate on qubits, or all of them by name, or those by qubits."""
        places = self._gates.get(gate) if isinstance(gate, str) else None
        if not places or (qubits is None and name is not None):
            named = f"gate {write_out(gate)}"
            _not_measured(f"{named}: the qubits must be named too" if places else named)
        if qubits is None:
            return {place: _read_all(measured) for place, measured in places.items()}
        place = _place(qubits)
        if place not in places:
            _not_measured(f"gate {write_out(gate)} on {place}")
        return _read(places[place], name, f"gate {gate!r} on {place}")

    def gate_error(self, gate: str, qubits: int | Iterable[int]) -> float:
        """Return how often a gate on `qubits` errs, 0 to 1; 1 marks one that was never calibrated."""
        return float(self.gate_property(gate, qubits, "gate_error")[0])

    def gate_length(self, gate: str, qubits: int | Iterable[int]) -> float:
        """Return how long a gate on `qubits` takes, in seconds."""
        return float(self.gate_property(gate, qubits, "gate_length")[0])

    def is_gate_operational(self, gate: str, qubits: int | Iterable[int] | None = None) -> bool:
        """Whether a gate on `qubits`, or anywhere, is not reported as faulty."""
        places = self._gates.get(value_or_raise(read_text("gate", gate)), {})
        wanted = places if qubits is None else {_place(qubits)}
        found = [places[place] for place in wanted if place in places]
        return not found or any(map(_is_operational, found))

    def faulty_gates(self) -> list[GateProperties]:
        """Return the gates that are reported as faulty."""
        return [
            GateProperties.of(gate) for gate in self._record.gates if not _is_operational(_by_name(gate.parameters))
        ]

    # As data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one from what `to_dict` returns, dates being dates or ISO texts."""
        return read_data(data, lambda given: cls(msgspec.convert(msgspec.to_builtins(dict(given)), records.Properties)))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a dictionary, in the units of the server, dates as dates."""
        return {
            "backend_name": self.backend_name,
            "backend_version": self.backend_version,
            "last_update_date": read_stamp(self._record.last_update_date),
            "qubits": [[item.to_dict() for item in items] for items in self.qubits],
            "gates": [gate.to_dict() for gate in self.gates],
            "general": [item.to_dict() for item in self.general],
            "general_qlists": self.general_qlists,
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each measured value, with `kind`, `qubits`, `gate`, `name`, `value` and `date`.

        The kind is `qubit`, `gate` or `general`; the value is in seconds, in hertz or without a unit, and `None`
        where its unit is unknown.
        """
        record = self._record
        qubits = (("qubit", (index,), None, items) for index, items in enumerate(record.qubits))
        gates = (("gate", gate.qubits, gate.gate, gate.parameters) for gate in record.gates)
        return [
            {
                "kind": kind,
                "qubits": list(places),
                "gate": gate,
                "name": item.name,
                "value": _in_si_units(item),
                "date": read_stamp(item.date),
            }
            for kind, places, gate, items in (*qubits, *gates, ("general", (), None, record.general or ()))
            for item in items
        ]

    def __repr__(self) -> str:
        date = self.last_update_date
        return f"<{type(self).__name__}({self.backend_name!r}, {show(date and date.isoformat())})>"

    @cached_property
    def _qubits(self) -> dict[int, Measured]:
        return dict(enumerate(map(_by_name, self._record.qubits)))

    @cached_property
    def _gates(self) -> dict[str, dict[tuple[int, ...], Measured]]:
        gates: dict[str, dict[tuple[int, ...], Measured]] = {}
        for gate in self._record.gates:
            gates.setdefault(gate.gate, {})[gate.qubits] = _by_name(gate.parameters)
        return gates

    def _measured(self, qubit: Any) -> Measured:
        """Return what was measured of a qubit, nothing where it is none."""
        return self._qubits.get(read_whole("qubit", qubit).value_or(-1), {})

    def _qubit_value(self, qubit: int, name: str) -> float:
        return float(self.qubit_property(qubit, name)[0])


def field_names(record: records.Configuration | None) -> list[str]:
    """Return the fields of a configuration that can be read as attributes; without one, those that all have."""
    others = () if record is None else record.others
    return [name for name in (*NAMED, *others) if name.isidentifier() and not name.startswith("_")]


def _with_complex_scales(terms: Any) -> Any:
    """Return terms of control channels with complex numbers for pairs; what is no such term stays as it is."""
    match terms:
        case list():
            return list(map(_with_complex_scales, terms))
        case {"scale": [int() | float() as real, int() | float() as imaginary]}:
            return terms | {"scale": complex(real, imaginary)}
        case _:
            return terms


def _as_pair(number: Any) -> list[float]:
    """Write a complex number as the server does."""
    if isinstance(number, complex):
        return [number.real, number.imag]
    raise TypeError(f"{type(number).__name__} has no form in a configuration")


def _by_name(items: Iterable[records.Nduv]) -> Measured:
    return {item.name: item for item in items}


def _place(qubits: Any) -> tuple[int, ...]:
    """Return the qubits that are meant; what is no qubit is nowhere."""
    several = as_python(qubits)
    each = several if isinstance(several, list | tuple) else (several,)
    return tuple(read_whole("qubits", qubit).value_or(-1) for qubit in each)


def _is_operational(measured: Measured) -> bool:
    return "operational" not in measured or bool(measured["operational"].value)


def _read_all(measured: Measured) -> dict[str, Property]:
    known = ((name, _in_si_units(item), item.date) for name, item in measured.items())
    return {name: (value, read_stamp(date)) for name, value, date in known if value is not None}


def _read(measured: Measured, name: str | None, whose: str) -> Property | dict[str, Property]:
    """Return one property, or without a name all of them."""
    if name is None:
        return _read_all(measured)
    item = measured.get(name) if isinstance(name, str) else None
    if item is None or (value := _in_si_units(item)) is None:
        _not_measured(
            f"{write_out(name, str)} of {whose}" + ("" if item is None else f": the unit {item.unit!r} is not known")
        )
    return value, read_stamp(item.date)


def _in_si_units(item: records.Nduv) -> float | None:
    """Return a value in seconds or hertz; `None` if its unit is unknown."""
    if item.unit in PER_SECOND:
        return item.value / PER_SECOND[item.unit]
    return item.value * HERTZ[item.unit] if item.unit in HERTZ else None


def _as_lists(value: Any) -> Any:
    """Return tuples as lists and records as dictionaries, as a user expects them."""
    if isinstance(value, tuple | list):
        return list(map(_as_lists, value))
    if isinstance(value, msgspec.Struct):
        return {name: _as_lists(part) for name, part in msgspec.structs.asdict(value).items() if part is not None}
    return value


def _not_measured(what: str) -> NoReturn:
    raise exception_of(NotMeasured(what=what))


@public("utils.backend_decoder")
def configuration_from_server_data(
    raw_config: Mapping[str, Any],
    instance: str = "",  # noqa: ARG001  # a configuration has none
    use_fractional_gates: bool | None = False,
) -> BackendConfiguration:
    """Return a configuration as the server sends it, in nano- and microseconds and gigahertz.

    Args:
        raw_config: What the server sent.
        instance: Of no effect.
        use_fractional_gates: Whether fractional gates are shown; `None` shows all.

    Raises:
        IBMInputValueError: It is no dictionary.
        IBMApiError: A part without which there is no backend is missing or wrong.

    Source: behaviour B437.
    """
    told = BackendConfiguration.from_dict(raw_config)
    return BackendConfiguration(apply_fractional(told._record, use_fractional_gates))


@public("utils.backend_decoder")
def properties_from_server_data(
    properties: Mapping[str, Any],
    use_fractional_gates: bool | None = False,  # noqa: ARG001  # what was measured is shown
) -> BackendProperties:
    """Return a calibration as the server sends it.

    Args:
        properties: What the server sent.
        use_fractional_gates: Of no effect: what was measured is shown.

    Raises:
        IBMInputValueError: It is no dictionary, or no calibration.

    Source: behaviour B437.
    """
    return BackendProperties.from_dict(properties)


@public("utils.backend_converter")
def convert_to_target(
    configuration: BackendConfiguration,
    properties: BackendProperties | None = None,
    *,
    include_control_flow: bool = True,
    include_fractional_gates: bool = True,
    custom_name_mapping: Mapping[str, Any] | None = None,
    add_delay: bool = True,
    filter_faulty: bool = True,
    **_: Any,
) -> Target:
    """Return what a transpiler needs to know of a backend, as `backend.target` has it.

    Args:
        configuration: How the backend is built.
        properties: What was measured of it; without, all is as good as can be.
        include_control_flow: Whether circuits may have control flow.
        include_fractional_gates: Whether they may have fractional gates.
        custom_name_mapping: By name, what operations are that Qiskit does not know.
        add_delay: Whether they may have delays.
        filter_faulty: Whether they have to do without what is reported as not operational.

    Source: behaviour B437.
    """
    record = apply_fractional(configuration._record, None if include_fractional_gates else False)
    without = {*(() if include_control_flow else CONTROL_FLOW), *(() if add_delay else ("delay",))}
    supported = NOT_GATES if record.supported_instructions is None else record.supported_instructions
    record = msgspec.structs.replace(
        record, supported_instructions=tuple(name for name in supported if name not in without)
    )
    measured = None if properties is None else properties.record
    if measured is not None and not filter_faulty:
        measured = _as_operational(measured)
    return build_target(record, measured, custom_name_mapping or {})


def _as_operational(measured: records.Properties) -> records.Properties:
    """Return a calibration that says of nothing that it is faulty."""

    def kept(items: Iterable[records.Nduv]) -> tuple[records.Nduv, ...]:
        return tuple(item for item in items if item.name != "operational")

    return msgspec.structs.replace(
        measured,
        qubits=tuple(map(kept, measured.qubits)),
        gates=tuple(msgspec.structs.replace(gate, parameters=kept(gate.parameters)) for gate in measured.gates),
    )
