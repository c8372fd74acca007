"""What a backend tells, what asking costs, and what happens where it cannot be told."""

import copy
import json
import logging
import math
import pickle
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import EstimatorV2, IBMBackend, QiskitRuntimeService, SamplerV2, load_snapshot, testing
from qiskit_runtime_service.emulator.faults import Fault, Status
from qiskit_runtime_service.emulator.world import Device, World
from qiskit_runtime_service.exceptions import (
    BackendPropertyError,
    IBMApiError,
    IBMInputValueError,
    IBMNotAuthorizedError,
    InvalidAccountError,
    QiskitBackendNotFoundError,
)
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.models import BackendConfiguration, BackendProperties, BackendStatus, GateConfig
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, line_device, many_instances, one_instance

from .clouds import bell, open_service, submit_bell
from .test_budgets import CONFIGURATION, LIST, costs

PROPERTIES, STATUS = "GET /backends/*/properties", "GET /backends/*/status"
NAMES = ("ibm_a", "ibm_b", "ibm_c", "ibm_d", "ibm_e", "ibm_f", "ibm_g", "ibm_h")


def fleet_of(*names: str) -> World:
    return one_instance(devices=[line_device(name, 5 + place) for place, name in enumerate(names)])


def altered(device: Device, **changes: Any) -> Device:
    """Return the device with fields of its configuration changed."""
    fields = json.loads(device.configuration or b"") | changes
    return msgspec.structs.replace(device, configuration=json.dumps(fields).encode())


def recalibrated(device: Device, change: Callable[[dict[str, Any]], None]) -> Device:
    fields = json.loads(device.properties or b"")
    change(fields)
    return msgspec.structs.replace(device, properties=json.dumps(fields).encode())


# What it tells


@pytest.mark.holds("B102")
def test_everything_of_the_existing_backend_is_there() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    assert backend.name == backend.backend_name == "ibm_emu5"
    assert backend.num_qubits == backend.n_qubits == backend.physical_qubits == 5
    assert backend.backend_version == "1.0.0"
    assert (backend.version, backend.max_circuits, backend.calibration_id, backend.is_mock) == (2, None, None, False)
    assert backend.basis_gates == ["id", "rz", "sx", "x", "cz"]
    assert backend.coupling_map.size() == 5
    assert {"cz", "measure", "if_else"} <= set(backend.operation_names)
    assert len(backend.instructions) > len(backend.operations)
    assert backend.instruction_durations.get("cz", [0, 1], "s") == 68e-9
    assert backend.qubit_properties(0).t1 == 200e-6
    assert backend.meas_map == [[0, 1, 2, 3, 4]]
    assert backend.online_date == datetime(2026, 1, 1, tzinfo=UTC)
    assert backend.description == "A line of 5 qubits in an emulated cloud"
    assert backend.options.shots == 4000
    assert backend.provider is backend.service is service
    assert backend.gates[0] == GateConfig.from_dict(backend.gates[0].to_dict())
    assert backend.max_shots == 100000
    assert backend.rep_delay_range == [0.0, 500e-6]
    assert backend.quantum_volume is None
    assert backend.get_translation_stage_plugin() == "translator"
    assert backend.target_history(datetime(2026, 10, 1, tzinfo=UTC)).num_qubits == 5


@pytest.mark.holds("B102", "B484", "B485")
def test_nothing_that_a_backend_tells_can_be_set_but_options() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    told = ("name", "target", "num_qubits", "max_shots", "basis_gates", "run", "dt", "provider", "coupling_map")
    for name in (*told, "_service", "_instance", "_api_client"):
        for one in (backend, FakeManilaV2()) if name in told else (backend,):
            with pytest.raises(AttributeError):
                setattr(one, name, "other")
    with pytest.raises(AttributeError, match="read-only"):
        backend.configuration().dt = 1.0
    backend.set_options(shots=7)
    assert (backend.options.shots, backend.name) == (7, "ibm_emu5")


@pytest.mark.holds("B103")
def test_a_calibration_answers_in_seconds_and_keeps_its_dates() -> None:
    service, _ = open_service()
    properties = service.backend("ibm_emu5").properties()
    assert properties is not None
    assert (properties.t1(0), properties.t2(4), properties.readout_length(1)) == (200e-6, 150e-6, 1560e-9)
    assert (properties.readout_error(0), properties.gate_error("cz", [0, 1])) == (0.01, 0.002)
    assert properties.gate_length("sx", 3) == 32e-9
    value, date = properties.qubit_property(2, "T1")
    assert (value, date) == (200e-6, datetime(2026, 9, 1, 6, tzinfo=UTC))
    assert set(properties.gate_property("cz")) == {(a, b) for a in range(5) for b in range(5) if abs(a - b) == 1}
    assert (properties.faulty_qubits(), properties.faulty_gates()) == ([], [])
    assert properties.is_qubit_operational(0)
    assert properties.is_gate_operational("cz", (0, 1))
    assert BackendProperties.from_dict(properties.to_dict()).to_dict() == properties.to_dict()
    for ask in (
        lambda: properties.t1(9),
        lambda: properties.frequency(0),
        lambda: properties.gate_error("cz", (0, 4)),
        lambda: properties.gate_property("nope"),
        lambda: properties.gate_property("cz", name="gate_error"),
        lambda: properties.qubit_property(-1),
    ):
        with pytest.raises(BackendPropertyError, match="The calibration has no"):
            ask()


def test_what_is_measured_in_an_unknown_unit_is_left_out_of_all_that_is_told_of_a_qubit() -> None:
    service, _ = open_service()
    properties = service.backend("ibm_emu5").properties()
    assert properties is not None
    measured = {"T1", "T2", "readout_error", "prob_meas0_prep1", "prob_meas1_prep0", "readout_length"}
    told = properties.to_dict()
    odd = next(item for item in told["qubits"][1] if item["name"] == "T2")
    odd["unit"] = "parsec"
    read = BackendProperties.from_dict(told)
    assert set(read.qubit_property(0)) == set(properties.qubit_property(1)) == measured
    assert set(read.qubit_property(1)) == measured - {"T2"}
    assert read.qubit_property(1)["T1"] == (200e-6, datetime(2026, 9, 1, 6, tzinfo=UTC))
    with pytest.raises(BackendPropertyError, match="the unit 'parsec' is not known"):
        read.t2(1)


@pytest.mark.holds("B311")
def test_a_configuration_tells_what_the_server_said_is_null() -> None:
    nulls = dict.fromkeys(("coupling_map", "max_shots", "clops", "quantum_volume", "a_field_of_tomorrow"))
    silent = dict.fromkeys(("dt", "meas_map", "online_date", "sample_name"))
    new, old = line_device("ibm_new", 3), line_device("ibm_old", 3)
    devices = [altered(new, **nulls, **silent), altered(old, max_shots=7, quantum_volume=8)]
    service, _ = open_service(one_instance(devices=devices))
    configuration, other = (service.backend(name).configuration() for name in ("ibm_new", "ibm_old"))
    told = configuration.to_dict()
    assert {name: value for name, value in told.items() if value is None} == nulls
    assert not silent.keys() & told.keys()
    assert {name: getattr(configuration, name) for name in (*nulls, *silent)} == nulls | silent
    assert BackendConfiguration.from_dict(told) == configuration
    assert (other.to_dict()["max_shots"], other.to_dict()["quantum_volume"]) == (7, 8)


@pytest.mark.holds("B311")
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([[{"q": 0, "scale": [1.0, 0.5]}], []], [[{"q": 0, "scale": 1 + 0.5j}], []]),
        ([[{"q": 1, "scale": [0, -1]}, {"q": 2, "scale": [2, 0]}]], [[{"q": 1, "scale": -1j}, {"q": 2, "scale": 2}]]),
        ([[{"q": 1, "scale": [1.0]}, {"q": 2}, 5]], [[{"q": 1, "scale": [1.0]}, {"q": 2}, 5]]),
        ("odd", "odd"),
        (None, None),
    ],
)
def test_the_complex_numbers_of_a_configuration_are_complex(sent: Any, told: Any) -> None:
    device = altered(line_device("ibm_new", 3), u_channel_lo=sent, pairs=[[1.0, 2.0]])
    service, _ = open_service(one_instance(devices=[device]))
    configuration = service.backend("ibm_new").configuration()
    assert configuration.to_dict()["u_channel_lo"] == told
    assert configuration.to_dict()["pairs"] == [[1.0, 2.0]]
    assert BackendConfiguration.from_dict(configuration.to_dict()).to_dict() == configuration.to_dict()
    with pytest.raises(IBMInputValueError, match="object has no form in a configuration"):
        BackendConfiguration.from_dict(configuration.to_dict() | {"odd": object()})


@pytest.mark.holds("B101")
def test_a_configuration_keeps_what_nobody_has_a_name_for() -> None:
    device = altered(line_device("ibm_new", 5), flux_capacitor={"power": 1.21}, qubit_lo_range=[[4.5, 5.5]])
    service, _ = open_service(one_instance(devices=[device]))
    configuration = service.backend("ibm_new").configuration()
    assert configuration.flux_capacitor == {"power": 1.21}
    assert configuration.qubit_lo_range == [[4.5e9, 5.5e9]]
    assert configuration.to_dict()["qubit_lo_range"] == [[4.5, 5.5]]
    assert configuration.to_dict()["dt"] == 4.0
    assert BackendConfiguration.from_dict(configuration.to_dict()) == configuration
    assert "flux_capacitor" in dir(configuration)
    assert service.backend("ibm_new").flux_capacitor == {"power": 1.21}
    assert [backend.name for backend in service.backends(qubit_lo_range=[[4.5, 5.5]])] == ["ibm_new"]
    assert pickle.loads(pickle.dumps(configuration)) == configuration  # noqa: S301  # our own bytes


def test_a_status_is_told_and_travels() -> None:
    service, _ = open_service()
    status = service.backend("ibm_emu5").status()
    assert (status.operational, status.pending_jobs, status.status_msg) == (True, 0, "active")
    assert BackendStatus.from_dict(status.to_dict()) == status


@pytest.mark.holds("B100")
def test_what_cannot_be_understood_is_left_away_and_named() -> None:
    strange = altered(line_device("ibm_strange", 5), max_shots="many", gates=[{"name": 7}, *line_gates()])
    strange = recalibrated(strange, lambda fields: fields["qubits"].__setitem__(1, None))
    service, _ = open_service(one_instance(devices=[strange]))
    backend = service.least_busy()
    assert backend.target.num_qubits == 5
    assert backend.max_shots is None
    assert "max_shots: Expected `int | null`, got `str`" in backend.ignored
    assert any(sentence.startswith("gates[0].name") for sentence in backend.ignored)
    assert any(sentence.startswith("gates[2]: the key 'colour'") for sentence in backend.ignored)
    assert any(sentence.startswith("qubits[1]") for sentence in backend.ignored)


def line_gates() -> list[dict[str, Any]]:
    gates: list[dict[str, Any]] = json.loads(line_device("x", 5).configuration or b"")["gates"]
    gates[1]["colour"] = "green"
    return gates


# Faults


@pytest.mark.holds("B105", "B112")
def test_a_circuit_on_a_faulty_part_is_refused() -> None:
    def break_parts(fields: dict[str, Any]) -> None:
        off = {"name": "operational", "unit": "", "value": 0, "date": "2026-09-01T06:00:00+00:00"}
        fields["qubits"][4] = [*fields["qubits"][4], off]
        next(gate for gate in fields["gates"] if gate["name"] == "cz0_1")["parameters"].append(off)

    service, _ = open_service(one_instance(devices=[recalibrated(line_device("ibm_worn", 5), break_parts)]))
    backend = service.backend("ibm_worn")
    properties = backend.properties()
    assert properties is not None
    assert (properties.faulty_qubits(), len(properties.faulty_gates())) == ([4], 1)
    assert not properties.is_gate_operational("cz", (0, 1))
    fine, broken, worn = QuantumCircuit(5), QuantumCircuit(5), QuantumCircuit(5, 1)
    fine.cz(1, 0)
    broken.cz(0, 1)
    worn.measure(0, 0)
    with worn.if_test((worn.clbits[0], 1)):
        worn.x(4)
    backend.check_faulty(fine)
    for circuit in (broken, worn):
        with pytest.raises(ValueError, match="reported as faulty by 'ibm_worn'"):
            backend.check_faulty(circuit)
        with pytest.raises(IBMInputValueError, match="reported as faulty by 'ibm_worn'"):
            EstimatorV2(backend).run([(circuit, "IIIIZ")])
    assert 4 not in backend.best_qubits(4)
    with pytest.raises(IBMInputValueError, match="at most 4"):
        backend.best_qubits(5)


def worn(qubits: Iterable[int], gates: Iterable[str]) -> Device:
    """Return a line of five qubits of which these parts are reported as not operational."""
    off = {"name": "operational", "unit": "", "value": 0, "date": "2026-09-01T06:00:00+00:00"}

    def break_parts(fields: dict[str, Any]) -> None:
        for qubit in qubits:
            fields["qubits"][qubit] = [*fields["qubits"][qubit], off]
        for gate in fields["gates"]:
            if gate["name"] in gates:
                gate["parameters"].append(off)

    return recalibrated(line_device("ibm_worn", 5), break_parts)


@pytest.mark.holds("B105")
@pytest.mark.parametrize(
    ("qubits", "gates", "refused"),
    [
        ([], [], []),
        ([2], [], ["x 2", "cz 1 2", "cz 2 1", "cz 2 3", "measure 2"]),
        ([0], [], ["x 0", "cz 0 1", "cz 1 0"]),
        ([2, 4], [], ["x 2", "cz 1 2", "cz 2 1", "cz 2 3", "cz 3 4", "measure 2", "measure 4"]),
        ([], ["cz0_1"], ["cz 0 1"]),
        ([], ["cz1_0"], ["cz 1 0"]),
        ([], ["cz0_1", "cz3_4"], ["cz 0 1", "cz 3 4"]),
        ([4], ["cz0_1"], ["cz 0 1", "cz 3 4", "measure 4"]),
        ([0, 4], ["cz2_1", "cz2_3"], ["x 0", "cz 0 1", "cz 1 0", "cz 2 1", "cz 2 3", "cz 3 4", "measure 4"]),
    ],
)
def test_what_touches_a_faulty_part_is_refused_and_nothing_else(
    qubits: list[int], gates: list[str], refused: list[str]
) -> None:
    backend = open_service(one_instance(devices=[worn(qubits, gates)]))[0].backend("ibm_worn")
    uses = ["x 0", "x 2", "cz 0 1", "cz 1 0", "cz 1 2", "cz 2 1", "cz 2 3", "cz 3 4", "measure 2", "measure 4"]
    found = []
    for use in uses:
        circuit = QuantumCircuit(5, 5)
        name, *places = use.split()
        circuit.append(get_standard_gate_name_mapping()[name], [*map(int, places)], [0] if name == "measure" else [])
        try:
            backend.check_faulty(circuit)
        except IBMInputValueError as error:
            assert str(error) == (
                f"'{name}' on {', '.join(places)} is reported as faulty by 'ibm_worn'.\n"
                "Transpile for backend.target, which leaves faulty qubits and gates out."
            )
            found.append(use)
    assert found == refused


OTHER_SHAPE, CUT = b'{"backend_name": 5, "n_qubits": 5}', b'{"backend_name": "ibm_bro'


def asked_for(cloud: EmulatedTransport, what: str) -> int:
    """Return how often a part of the broken backend was asked for."""
    return sum(f"ibm_broken/{what}" in exchange.request.url for exchange in cloud.ledger)


@pytest.mark.holds("B100", "B284", "B285")
@pytest.mark.parametrize(
    ("body", "cause", "cost"), [(OTHER_SHAPE, "backend_name is missing or wrong", 1), (CUT, "truncated", 4)]
)
def test_a_broken_backend_is_asked_for_once_and_reported_with_its_cause_each_time(
    body: bytes, cause: str, cost: int
) -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_broken", 5), line_device("ibm_whole", 5)]))
    broken = Fault(path="*/ibm_broken/configuration", effect=Status(code=200, body=body), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(broken,)))
    # Two ways to it, and a choice that lists anew each time.
    for _ in range(3):
        with pytest.raises(QiskitBackendNotFoundError, match=f"ibm_broken.*{cause}"):
            service.backend("ibm_broken")
        assert [backend.name for backend in service.backends(max_shots=100_000)] == ["ibm_whole"]
        assert asked_for(cloud, "configuration") == cost
    (held,) = (backend for backend in service.backends() if backend.name == "ibm_broken")
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=()))
    with pytest.raises(QiskitBackendNotFoundError):
        service.backend("ibm_broken")
    held.refresh()
    assert service.backend("ibm_broken").num_qubits == 5
    assert asked_for(cloud, "configuration") == cost + 1


@pytest.mark.holds("B285")
@pytest.mark.parametrize(("seconds", "again"), [(60.0, 0), (61.0, 1)])
def test_what_is_broken_is_asked_for_again_after_a_minute(seconds: float, again: int) -> None:
    broken = msgspec.structs.replace(line_device("ibm_broken", 5), configuration=OTHER_SHAPE)
    service, cloud = open_service(one_instance(devices=[broken]))
    for _ in range(2):
        with pytest.raises(QiskitBackendNotFoundError, match="backend_name"):
            service.backend("ibm_broken")
        cloud.sleep(seconds)
    assert asked_for(cloud, "configuration") == 1 + again


@pytest.mark.holds("B285")
def test_a_broken_calibration_is_asked_for_once_and_a_failure_of_another_kind_each_time() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_broken", 5)]))
    odd = Fault(path="*/ibm_broken/properties", effect=Status(code=200, body=b'{"backend_name": 5}'), times=None)
    refused = Fault(path="*/ibm_broken/configuration", effect=Status(code=400), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(odd, refused)))
    (backend,) = service.backends()
    for calls in (1, 2, 3):
        with pytest.raises(IBMApiError, match="of another shape, after 1 attempt: neither qubits nor gates are in it"):
            backend.properties()
        with pytest.raises(IBMApiError, match="400"):
            backend.configuration()
        assert (asked_for(cloud, "properties"), asked_for(cloud, "configuration")) == (1, calls)
    with pytest.raises(IBMApiError):
        backend.properties(refresh=True)
    assert asked_for(cloud, "properties") == 2


@pytest.mark.holds("B281", "B283", "B286")
def test_an_odd_listing_is_read_and_what_it_lost_is_explained() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_a", 5), line_device("ibm_b", 5)]))
    fine: dict[str, Any] = {"status": "online", "is_simulator": False, "qubits": 5}
    odd = ({"name": "ibm_a", "queue_length": 1, "clops": "many"}, {"qubits": 5}, {"name": "ibm_b", "queue_length": "9"})
    rows = [fine | row for row in odd]
    body = json.dumps({"devices": rows}).encode()
    listing = Fault(path="*/backends", effect=Status(code=200, body=body), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(listing,)))
    since = len(cloud.ledger)
    first, second = service.backends()
    assert len(cloud.ledger) - since == 1
    assert (first.name, second.name, second.row.queue_length) == ("ibm_a", "ibm_b", 9)
    lost = "clops: Expected `object | null`, got `str`"
    assert (first.row.ignored, second.row.ignored) == ((lost,), ())
    assert (first.ignored, second.ignored) == ((lost,), ())
    assert service.least_busy().name == "ibm_a"
    (report,) = service.explain_backends().reports
    name = next(iter(service.instance_names().values()))
    assert report.notes == (
        f"{name} could not be read whole: 1 of its backends has no name.",
        f"Left away of the listing of {name}: devices['ibm_a'].{lost}",
        f"Left away of the listing of {name}: devices[1]: name is missing or wrong",
    )


@pytest.mark.holds("B295")
def test_a_device_that_is_listed_and_not_described_is_not_found() -> None:
    service, cloud = open_service(fleet_of(*NAMES))
    gone = Fault(path="*/ibm_a/configuration", effect=Status(code=404), times=None)
    down = Fault(path="*/ibm_b/configuration", effect=Status(code=500), times=None)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(gone, down)))
    with pytest.raises(QiskitBackendNotFoundError, match="'ibm_a' cannot be used: it is listed, but the") as absent:
        service.backend("ibm_a")
    assert not isinstance(absent.value, IBMApiError)
    with pytest.raises(QiskitBackendNotFoundError, match="answered 500") as silent:
        service.backend("ibm_b")
    assert isinstance(silent.value, IBMApiError)
    (listed,) = service.backends("ibm_a")
    with pytest.raises(QiskitBackendNotFoundError, match="it is listed, but the service does not describe it"):
        listed.configuration()
    assert service.least_busy(where="max_shots > 1").name not in ("ibm_a", "ibm_b")


@pytest.mark.holds("B295")
def test_a_calibration_that_a_backend_does_not_have_is_told_at_once() -> None:
    device = testing.recalibrated(line_device("ibm_emu5", 5), at=1_790_000_000.0)
    service, cloud = open_service(one_instance(devices=[device, line_device("ibm_other", 6)]))
    known = device.calibrations[0].id
    assert service.backend("ibm_emu5", calibration_id=known).calibration_id == known
    since = len(cloud.ledger)
    with pytest.raises(QiskitBackendNotFoundError) as caught:
        service.backend("ibm_emu5", calibration_id="nope")
    assert str(caught.value) == (
        "The backend 'ibm_emu5' has no calibration 'nope'.\nLeave calibration_id= out to get the latest."
    )
    assert costs(cloud, since) == {CONFIGURATION: 1}
    (listed, _) = service.backends(calibration_id="nope")
    with pytest.raises(QiskitBackendNotFoundError, match="has no calibration 'nope'"):
        listed.configuration()


@pytest.mark.holds("B295")
def test_a_backend_that_could_not_be_asked_for_is_not_a_backend_that_is_gone() -> None:
    service, cloud = open_service()
    job, other = submit_bell(service), submit_bell(service)
    held = other.backend()
    assert held is not None
    cloud.sleep(61.0)
    down = Fault(path="*/backends", effect=Status(code=403), times=2)
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(down,)))
    again = service.job(job.job_id())
    with pytest.raises(IBMNotAuthorizedError, match="403"):
        again.backend()
    with pytest.raises(IBMNotAuthorizedError, match="403"):
        SamplerV2(held).run([bell(held)], dry_run=True)
    backend = again.backend()
    assert backend is not None
    assert backend.num_qubits == 5


@pytest.mark.holds("B113")
def test_a_filter_that_a_broken_backend_breaks_turns_down_only_that(caplog: pytest.LogCaptureFixture) -> None:
    broken = msgspec.structs.replace(line_device("ibm_broken", 5), configuration=b"{}")
    service, _ = open_service(one_instance(devices=[broken, line_device("ibm_whole", 6, queue_length=9)]))
    with caplog.at_level(logging.WARNING):
        found = service.backends(filters=lambda backend: backend.max_shots > 1)
    assert [backend.name for backend in found] == ["ibm_whole"]
    assert "ibm_broken could not be read: The backend 'ibm_broken' cannot be used" in caplog.text
    assert service.least_busy(filters=lambda backend: backend.max_shots > 1).name == "ibm_whole"
    with pytest.raises(ZeroDivisionError):
        service.backends(filters=lambda backend: bool(backend.num_qubits / 0))


@pytest.mark.holds("B109")
def test_a_job_whose_backend_is_gone_has_a_placeholder() -> None:
    service, cloud = open_service()
    job_id = submit_bell(service).job_id()
    cloud.alter(lambda now: msgspec.structs.replace(now, devices={}))
    cloud.sleep(61.0)
    gone = service.job(job_id).backend()
    assert gone is not None
    assert (gone.name, gone.num_qubits, gone.properties()) == ("ibm_emu5", 0, None)
    assert not gone.status().operational
    assert "no longer available" in gone.status().status_msg
    gone.refresh()
    assert gone.target.num_qubits == 0


# Copies, pickles, files


class Lab(IBMBackend):
    """A backend of a program's own, made of another backend."""

    shots = 10

    def __init__(self, backend: IBMBackend, label: str) -> None:
        self.label = label
        super().__init__(backend.service, backend.row)
        self.shots = 20

    def shout(self) -> str:
        return f"{self.label} has {self.num_qubits} qubits"


@pytest.mark.holds("B484")
def test_a_backend_takes_attributes_of_the_users_own_and_they_travel() -> None:
    service, cloud = open_service()
    for backend in (service.backend("ibm_emu5"), FakeManilaV2()):
        backend.layout, backend.notes = [0, 1], {"seen": 3}
        since = len(cloud.ledger)
        for twin in (copy.copy(backend), copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):  # noqa: S301
            assert (twin.layout, twin.notes) == ([0, 1], {"seen": 3})
            assert twin == backend
        del backend.notes
        assert not hasattr(backend, "notes")
        assert len(cloud.ledger) == since


@pytest.mark.holds("B484")
def test_a_subclass_of_a_backend_is_a_backend() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    lab = Lab(backend, "ours")
    assert (lab.shout(), lab.shots, lab.label) == ("ours has 5 qubits", 20, "ours")
    assert lab == backend
    assert lab.target.num_qubits == 5
    assert SamplerV2(lab).run([bell(lab)], shots=8).backend() == lab
    for twin in (copy.copy(lab), copy.deepcopy(lab), pickle.loads(pickle.dumps(lab))):  # noqa: S301  # our own bytes
        assert type(twin) is Lab
        assert (twin.shout(), twin.shots) == ("ours has 5 qubits", 20)
    with pytest.raises(AttributeError, match="read-only"):
        lab.name = "other"


@pytest.mark.holds("B483")
def test_a_backend_that_is_called_is_itself() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    assert backend() is backend


@pytest.mark.holds("B483")
@pytest.mark.parametrize("asked", [False, None, True])
def test_the_options_tell_which_gates_were_asked_for(asked: bool | None) -> None:
    service = QiskitRuntimeService(channel="local")
    backend = service.backend("fake_fractional", use_fractional_gates=asked)
    assert backend.options.use_fractional_gates is asked
    assert service.backend("fake_manila", use_fractional_gates=asked).options.use_fractional_gates is asked
    found = service.backends("fake_fractional", use_fractional_gates=asked)
    assert [one.options.use_fractional_gates for one in found] == [asked]
    backend.set_options(shots=7, use_fractional_gates=True)
    assert (backend.options.shots, backend.options.use_fractional_gates) == (7, True)


@pytest.mark.holds("B485")
def test_packages_that_read_what_is_inside_find_it_and_no_key() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    inside = {name: getattr(service, name) for name in ("_channel", "_account")}
    assert inside["_channel"] == "ibm_quantum_platform"
    assert (inside["_account"].channel, inside["_account"].url) == ("ibm_quantum_platform", "https://cloud.ibm.com")
    assert inside["_account"].instance == service.active_instance()
    assert API_KEY not in f"{inside} {inside['_account'].token}"
    assert getattr(backend, "_service") is service  # noqa: B009  # as such packages do
    assert getattr(backend, "_instance") == backend.instance  # noqa: B009
    assert callable(getattr(backend, "_api_client").job)  # noqa: B009
    for held, name in ((service, "_channel"), (service, "_account"), (backend, "_service")):
        with pytest.raises(AttributeError):
            setattr(held, name, None)
        assert name not in dir(held)


@pytest.mark.holds("B107")
def test_a_copy_shares_the_service_and_is_equal() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    since = len(cloud.ledger)
    for twin in (copy.copy(backend), copy.deepcopy(backend), copy.deepcopy([backend])[0]):
        assert twin == backend
        assert twin is not backend
        assert twin.service is service
        assert hash(twin) == hash(backend)
    assert len(cloud.ledger) == since
    assert backend != service.backend("ibm_emu5", use_fractional_gates=None)
    assert backend != "ibm_emu5"


@pytest.mark.holds("B107")
def test_a_pickle_has_what_was_fetched_and_no_key() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    assert backend.target.num_qubits == 5
    frozen = pickle.dumps(backend)
    assert API_KEY.encode() not in frozen
    since = len(cloud.ledger)
    restored = pickle.loads(frozen)  # noqa: S301  # our own bytes
    assert isinstance(restored, IBMBackend)
    assert restored == backend
    assert restored.target.operation_names == backend.target.operation_names
    assert restored.properties() == backend.properties()
    assert restored.service.active_instance() == service.active_instance()
    assert not restored.service.active_account().get("token")
    with pytest.raises(InvalidAccountError, match="the API key stayed behind"):
        restored.status()
    assert len(cloud.ledger) == since


@pytest.mark.holds("B106", "B116")
def test_a_saved_snapshot_is_the_backend_without_the_service(tmp_path: Path) -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    path = backend.save_snapshot(tmp_path / "emu5.json")
    loaded = load_snapshot(path)
    assert loaded.descriptions() == backend.descriptions()
    assert loaded.name == "ibm_emu5"
    assert loaded.configuration().to_dict() == backend.configuration().to_dict()
    counts = loaded.run(bell(backend), shots=100, seed_simulator=7).result().get_counts()
    assert sum(counts.values()) == 100
    with pytest.raises(FileExistsError):
        backend.save_snapshot(path)
    path.write_text('{"format": "other", "configuration": {}, "properties": {}}')
    with pytest.raises(Exception, match="its format is 'other'"):
        load_snapshot(path)
    path.write_text("nothing")
    with pytest.raises(Exception, match="cannot be read"):
        load_snapshot(path)


@pytest.mark.holds("B108")
def test_refreshing_lists_again_and_forgets_the_rest() -> None:
    service, cloud = open_service()
    backend = service.backend("ibm_emu5")
    assert backend.target.num_qubits == 5
    wider = altered(line_device("ibm_emu5", 5), n_qubits=6)
    wider = msgspec.structs.replace(wider, num_qubits=6)
    cloud.alter(lambda now: msgspec.structs.replace(now, devices={wider.name: wider}))
    since = len(cloud.ledger)
    assert backend.num_qubits == 5
    backend.refresh()
    assert backend.num_qubits == backend.target.num_qubits == service.backend("ibm_emu5").configuration().n_qubits == 6
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 1, PROPERTIES: 1}
    backend.properties(refresh=True)
    assert costs(cloud, since)[PROPERTIES] == 2


# What asking costs


@pytest.mark.holds("B12", "B110", "B113")
@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        ({}, {}),
        ({"name": "ibm_c"}, {}),
        ({"min_num_qubits": 7}, {}),
        ({"simulator": False, "operational": True}, {}),
        ({"n_qubits": 7}, {}),
        ({"pending_jobs": 0}, {}),
        ({"filters": lambda backend: backend.num_qubits > 6 and backend.name != "x"}, {}),
        ({"open_pulse": False}, {CONFIGURATION: 8}),
        ({"dynamic_circuits": True}, {CONFIGURATION: 8}),
        ({"min_num_qubits": 11, "max_shots": 100000}, {CONFIGURATION: 2}),
        ({"status_msg": "active"}, {STATUS: 8}),
        ({"min_num_qubits": 11, "memory": True, "status_msg": "active"}, {CONFIGURATION: 2, STATUS: 2}),
        ({"filters": lambda backend: backend.max_shots > 1}, {CONFIGURATION: 8}),
        ({"filters": lambda backend: backend.status().pending_jobs == 0}, {STATUS: 8}),
        ({"filters": lambda backend: backend.properties().t1(0) > 0}, {PROPERTIES: 8}),
        ({"filters": lambda backend: backend.num_qubits > 11 and backend.memory}, {CONFIGURATION: 1}),
        ({"rank_by": "queue_length"}, {}),
        ({"rank_by": ("two_qubit_error", "readout_error", "clops")}, {}),
        ({"rank_by": "waiting_time"}, {}),
        ({"rank_by": "calibration_age"}, {PROPERTIES: 8}),
        ({"min_num_qubits": 11, "rank_by": "calibration_age"}, {PROPERTIES: 2}),
    ],
)  # fmt: skip
def test_each_combination_of_filters_costs_what_it_must(arguments: dict[str, Any], extra: dict[str, int]) -> None:
    service, cloud = open_service(fleet_of(*NAMES))
    since = len(cloud.ledger)
    assert service.backends(**arguments)
    assert costs(cloud, since) == {LIST: 1, **extra}


@pytest.mark.holds("B113")
def test_the_least_busy_with_a_test_costs_only_the_winner() -> None:
    service, cloud = open_service(fleet_of(*NAMES))
    since = len(cloud.ledger)
    assert service.least_busy(filters=lambda backend: backend.max_shots > 1).name == "ibm_a"
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 1}


@pytest.mark.holds("B113")
def test_the_least_busy_fetches_ever_more_at_once_until_one_passes() -> None:
    service, cloud = open_service(fleet_of(*NAMES))
    since = len(cloud.ledger)
    assert service.least_busy(filters=lambda backend: backend.configuration().n_qubits == 9).name == "ibm_e"
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 7}


@pytest.mark.holds("B481")
def test_the_same_name_on_several_instances_is_several_backends_where_all_are_asked_for() -> None:
    service, cloud = open_service(many_instances(3, plans=1))
    found = service.backends("ibm_emu5", all_instances=True)
    assert len({backend.instance for backend in found}) == 3
    assert len(set(found)) == 3
    assert [backend.dt for backend in found] == [4e-9] * 3
    assert costs(cloud)[CONFIGURATION] == 1
    assert service.backends("ibm_emu5") == found[:1]
    assert service.least_busy().instance == service.active_instance()
    assert [backend.instance for backend in service.backends(instance="instance-2")] == [found[1].instance]
    assert service.least_busy(instance=found[2].instance).instance == found[2].instance


def test_fractional_gates_are_not_insisted_on_in_a_list() -> None:
    service = QiskitRuntimeService(channel="local")
    shown = service.backends(use_fractional_gates=True, filters=lambda backend: backend.name in FEW)
    assert [(backend.name, "rzz" in backend.basis_gates) for backend in shown] == [
        ("fake_fractional", True),
        ("fake_manila", False),
    ]
    assert service.least_busy(use_fractional_gates=True, filters=lambda backend: backend.name in FEW).name == FEW[1]


FEW = ("fake_manila", "fake_fractional")


# Choosing by more than the queue


def ranked_world() -> World:
    quick = line_device("ibm_quick", 5, queue_length=9, queue_seconds=10)
    large = line_device("ibm_large", 7, queue_length=3, queue_seconds=500)
    fresh = recalibrated(
        line_device("ibm_fresh", 5, queue_length=5, queue_seconds=100),
        lambda fields: fields.__setitem__("last_update_date", "2026-09-01T09:00:00+00:00"),
    )
    return one_instance(devices=[quick, large, fresh])


@pytest.mark.holds("B110")
@pytest.mark.parametrize(
    ("rank_by", "order"),
    [
        ("queue_length", "large fresh quick"),
        ("waiting_time", "quick fresh large"),
        ("num_qubits", "large quick fresh"),
        ("calibration_age", "fresh quick large"),
        (("num_qubits", "calibration_age"), "large fresh quick"),
        (["two_qubit_error", "queue_length"], "large fresh quick"),
    ],
)
def test_backends_are_ranked_by_what_is_asked(rank_by: Any, order: str) -> None:
    service, _ = open_service(ranked_world())
    names = [f"ibm_{name}" for name in order.split()]
    assert [backend.name for backend in service.backends(rank_by=rank_by)] == names
    assert service.least_busy(rank_by=rank_by).name == names[0]
    assert [ranked.item.name for ranked in service.explain_backends(rank_by=rank_by).records.ranked] == names


def test_a_rank_that_does_not_exist_is_an_error() -> None:
    service, cloud = open_service()
    since = len(cloud.ledger)
    with pytest.raises(IBMInputValueError, match="one or more of queue_length"):
        service.least_busy(rank_by="beauty")
    assert len(cloud.ledger) == since


@pytest.mark.holds("B111", "B114")
def test_the_best_backend_errs_least_on_the_circuit() -> None:
    def worsen(fields: dict[str, Any]) -> None:
        for gate in fields["gates"]:
            for item in gate["parameters"]:
                item["value"] *= 5 if gate["gate"] == "cz" and item["name"] == "gate_error" else 1

    worse = recalibrated(line_device("ibm_worse", 5), worsen)
    better = line_device("ibm_better", 5, queue_length=99)
    small = line_device("ibm_small", 2)
    service, cloud = open_service(one_instance(devices=[worse, better, small]))
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    since = len(cloud.ledger)
    assert service.best_backend(circuit).name == "ibm_better"
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 2, PROPERTIES: 2}
    assert service.best_backend(circuit, filters=lambda backend: backend.name != "ibm_better").name == "ibm_worse"
    with pytest.raises(QiskitBackendNotFoundError, match="2 are turned down by filters="):
        service.best_backend(circuit, filters=lambda _: False)
    explained = service.explain_backends(circuit=circuit)
    assert [ranked.item.name for ranked in explained.records.ranked] == ["ibm_better", "ibm_worse"]
    errors = [ranked.scores[0] for ranked in explained.records.ranked]
    assert 0 < errors[0] < errors[1] < 1
    assert "ibm_small" in str(explained)
    assert "has 2 qubits, fewer than 3" in str(explained)


@pytest.mark.holds("B545")
def test_backends_for_a_circuit_tell_its_usage_and_can_be_ranked_by_it() -> None:
    def slower(device: Any, rep_delay: float) -> Any:
        described = json.loads(device.configuration) | {"default_rep_delay": rep_delay}
        return msgspec.structs.replace(device, configuration=json.dumps(described).encode())

    def worsen(fields: dict[str, Any]) -> None:
        for gate in fields["gates"]:
            for item in gate["parameters"]:
                item["value"] *= 5 if gate["gate"] == "cz" and item["name"] == "gate_error" else 1

    slow = slower(line_device("ibm_slow", 5), 4000.0)
    worse = recalibrated(line_device("ibm_worse", 5), worsen)
    service, cloud = open_service(one_instance(devices=[slow, worse, line_device("ibm_small", 2)]))
    circuit = QuantumCircuit(3)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    since = len(cloud.ledger)
    explained = service.explain_backends(circuit=circuit)
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 2, PROPERTIES: 2}
    assert [ranked.item.name for ranked in explained.records.ranked] == ["ibm_slow", "ibm_worse"]
    (report,) = explained.reports
    column = report.columns.index("usage")
    assert [row[column] for row in report.rows] == ["18.40 s", "3.04 s", ""]
    assert report.notes[0].startswith("usage: about what a sampler uses for 4096 shots of the circuit.")
    assert "usage" not in report.rows[0][-1]
    by_usage = service.explain_backends(circuit=circuit, rank_by="usage").records
    assert [ranked.item.name for ranked in by_usage.ranked] == ["ibm_worse", "ibm_slow"]
    assert by_usage.score_names == ("usage", "expected_error", "queue_length")
    assert service.best_backend(circuit).name == "ibm_slow"
    assert service.best_backend(circuit, rank_by="usage").name == "ibm_worse"
    assert service.best_backend(circuit, rank_by=("num_qubits", "usage")).name == "ibm_worse"
    seconds = by_usage.ranked[0].scores[0]
    laid = generate_preset_pass_manager(2, backend=service.backend("ibm_worse"), seed_transpiler=0).run(circuit)
    assert SamplerV2(service.backend("ibm_worse")).estimate([laid]).usage.seconds == pytest.approx(seconds)
    assert "usage" not in service.explain_backends().reports[0].columns


@pytest.mark.holds("B545")
def test_without_a_circuit_no_backend_is_ranked_by_usage_and_nothing_is_sent() -> None:
    service, cloud = open_service()
    since = len(cloud.ledger)
    for ask in (service.backends, service.least_busy, service.explain_backends):
        with pytest.raises(IBMInputValueError, match="which take a circuit"):
            ask(rank_by="usage")
    assert len(cloud.ledger) == since


@pytest.mark.holds("B545")
def test_a_circuit_whose_length_nobody_knows_has_the_least_that_it_uses() -> None:
    service, _ = open_service(one_instance(devices=[line_device("ibm_emu5", 5)]))
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.rx(Parameter("a"), 0)
    explained = service.explain_backends(circuit=circuit, rank_by="usage")
    (report,) = explained.reports
    assert report.rows[0][report.columns.index("usage")] == "at least 3.02 s"
    assert explained.records.ranked[0].scores[0] == math.inf
    assert json.loads(explained.to_json())["ranked"][0]["scores"][0] is None


# Saying why


@pytest.mark.holds("B13")
def test_the_error_names_the_filter_that_removed_the_last() -> None:
    service, _ = open_service(fleet_of(*NAMES))
    with pytest.raises(QiskitBackendNotFoundError, match=r"0 of 8 .*8 have fewer than 20 qubits \(most: 12\)"):
        service.least_busy(min_num_qubits=20)
    with pytest.raises(QiskitBackendNotFoundError, match=r"6 have fewer.* 2 are turned down by filters="):
        service.least_busy(min_num_qubits=11, filters=lambda _: False)
    with pytest.raises(IBMInputValueError, match="Did you mean 'n_qubits'"):
        service.backends(num_qubits=5)


@pytest.mark.holds("B104")
def test_notebooks_see_tables_with_the_words_of_the_server_escaped() -> None:
    listing = {"devices": [{"name": "<b>evil</b>", "status": {"name": "online"}, "queue_length": 0, "qubits": 5}]}
    bad = Fault(path="*/backends", effect=Status(code=200, body=json.dumps(listing).encode()), times=None)
    service, cloud = open_service(msgspec.structs.replace(one_instance(), faults=(bad,)))
    since = len(cloud.ledger)
    found = service.backends()
    for shown in (found, found[0], service.explain_backends()):
        page = shown._repr_html_()  # the name is Jupyter's
        assert "&lt;b&gt;evil&lt;/b&gt;" in page
        assert "<b>" not in page
    assert costs(cloud, since) == {LIST: 2}


@pytest.mark.holds("B115")
def test_an_explanation_gives_one_reason_or_the_scores() -> None:
    service, cloud = open_service(ranked_world())
    explained = service.explain_backends(min_num_qubits=6, rank_by=("queue_length", "num_qubits"))
    text = str(explained)
    assert "queue_length: 3, num_qubits: 7" in text
    assert text.count("has 5 qubits, fewer than 6") == 2
    assert json.loads(explained.to_json())["ranked"][0]["item"]["name"] == "ibm_large"
    refused = service.explain_backends(filters=lambda backend: backend.name == "ibm_quick").records
    assert [ranked.item.name for ranked in refused.ranked] == ["ibm_quick"]
    assert {rejection.condition.field for rejection in refused.rejected} == {"filters"}
    assert isinstance(cloud, EmulatedTransport)


@pytest.mark.holds("B103")
def test_dates_of_a_calibration_keep_their_zone() -> None:
    def move_to_berlin(fields: dict[str, Any]) -> None:
        for item in fields["qubits"][0]:
            item["date"] = "2026-09-01T08:00:00+02:00"

    service, _ = open_service(one_instance(devices=[recalibrated(line_device("ibm_emu5", 5), move_to_berlin)]))
    properties = service.backend("ibm_emu5").properties()
    assert properties is not None
    assert properties.qubit_property(0, "T1")[1].isoformat() == "2026-09-01T08:00:00+02:00"


@pytest.mark.holds("B103")
def test_what_was_measured_of_a_device_as_a_whole_is_told_or_nothing_of_it() -> None:
    date = "2026-09-01T06:00:00+00:00"
    chains = [{"name": "lf_3", "qubits": [0, 1, 2]}, {"name": "lf_2", "qubits": [3, 4]}]
    value = {"name": "lf_3", "unit": "", "value": 0.97, "date": date}
    length = {"name": "jq_length", "unit": "us", "value": 2.0, "date": date}

    def measured(**fields: Any) -> BackendProperties:
        device = recalibrated(line_device("ibm_emu5", 5), lambda known: known.update(fields))
        service, _ = open_service(one_instance(devices=[device]))
        properties = service.backend("ibm_emu5").properties()
        assert properties is not None
        return properties

    full = measured(general=[value, length], general_qlists=chains)
    assert [(item.name, item.unit, item.value) for item in full.general] == [
        ("lf_3", "", 0.97),
        ("jq_length", "us", 2.0),
    ]
    assert full.general_qlists == chains
    assert full.to_dict()["general_qlists"] == chains
    assert [item["value"] for item in full.to_dict()["general"]] == [0.97, 2.0]
    assert BackendProperties.from_dict(full.to_dict()).to_dict() == full.to_dict()
    when = datetime(2026, 9, 1, 6, tzinfo=UTC)
    assert [row for row in full.to_dicts() if row["kind"] == "general"] == [
        {"kind": "general", "qubits": [], "gate": None, "name": "lf_3", "value": 0.97, "date": when},
        {"kind": "general", "qubits": [], "gate": None, "name": "jq_length", "value": 2e-6, "date": when},
    ]
    empty: list[Any] = []
    for nothing in (None, empty):
        bare = measured(general=nothing, general_qlists=nothing)
        assert (bare.general, bare.general_qlists) == ([], [])
        assert (bare.to_dict()["general"], bare.to_dict()["general_qlists"]) == ([], [])
        assert {row["kind"] for row in bare.to_dicts()} == {"qubit", "gate"}


# Two of a kind


@pytest.mark.holds("B108")
def test_refreshing_a_device_leaves_its_neighbour_as_it_is() -> None:
    devices = [line_device("ibm_a", 5), line_device("ibm_b", 5)]
    service, cloud = open_service(many_instances(2, plans=1, devices=devices))
    one, neighbour, namesake, _ = service.backends(all_instances=True)
    assert (one.name, neighbour.name, namesake.name) == ("ibm_a", "ibm_b", "ibm_a")
    assert one.instance == neighbour.instance != namesake.instance
    three = (one, neighbour, namesake)
    assert [backend.target.num_qubits for backend in three] == [5, 5, 5]
    since = len(cloud.ledger)
    one.refresh()
    assert [backend.max_shots for backend in three] == [100000, 100000, 100000]
    assert all(backend.properties() is not None for backend in three)
    assert service.backend("ibm_a", namesake.instance) == namesake
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 1, PROPERTIES: 1}
    neighbour.properties(refresh=True)
    assert all(backend.properties() is not None for backend in three)
    assert costs(cloud, since) == {LIST: 1, CONFIGURATION: 1, PROPERTIES: 2}


@pytest.mark.holds("B113")
def test_a_status_that_was_fetched_for_a_test_is_not_told_later() -> None:
    def idle_and_called(name: str) -> Callable[[IBMBackend], bool]:
        return lambda backend: backend.status().pending_jobs == 0 and backend.name == name

    def fails_at_the_third(backend: IBMBackend) -> bool:
        return bool(backend.status().pending_jobs / (backend.name != "ibm_c"))

    service, cloud = open_service(fleet_of(*NAMES))
    assert service.least_busy(filters=idle_and_called("ibm_e")).name == "ibm_e"
    assert costs(cloud)[STATUS] == 7
    with pytest.raises(ZeroDivisionError):
        service.least_busy(filters=fails_at_the_third)
    busy = {name: line_device(name, 5, queue_length=50) for name in NAMES}
    cloud.alter(lambda world: msgspec.structs.replace(world, devices=busy))
    assert [service.backend(name).status().pending_jobs for name in NAMES] == [50] * 8
    with pytest.raises(QiskitBackendNotFoundError, match="8 are turned down by filters="):
        service.least_busy(filters=idle_and_called("ibm_f"))


@pytest.mark.holds("B108", "B113")
def test_a_backend_that_is_refreshed_in_a_test_forgets_the_status_that_was_fetched_ahead() -> None:
    service, cloud = open_service(fleet_of(*NAMES))
    idle = fleet_of(*NAMES).devices
    busy = {name: line_device(name, 5, queue_length=50) for name in NAMES}
    told: list[int] = []

    def look_again(backend: IBMBackend) -> bool:
        # As the first was asked for its status, that of all others is fetched ahead, while they are idle.
        cloud.alter(lambda world: msgspec.structs.replace(world, devices=busy))
        backend.refresh()
        told.append(backend.status().pending_jobs)
        cloud.alter(lambda world: msgspec.structs.replace(world, devices=idle))
        return True

    service.backends(filters=look_again)
    assert told == [50] * len(NAMES)


@pytest.mark.holds("B297")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ibm_aa", "There is no backend 'ibm_aa'. Did you mean 'ibm_a'?"),
        ("IBM_D", "There is no backend 'IBM_D'. Did you mean 'ibm_d'?"),
        ("kyiv", "There is no backend 'kyiv'. service.backends() lists what there is."),
    ],
)
@pytest.mark.parametrize("test", [None, lambda backend: backend.num_qubits > 0])
def test_a_name_that_nobody_has_lists_nothing_and_hints_at_another(
    name: str, hint: str, test: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service, _ = open_service(fleet_of(*NAMES))
    with caplog.at_level(logging.INFO):
        assert service.backends(name, filters=test) == []
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("INFO", hint)]
    assert hint in service.explain_backends(name=name, filters=test).reports[0].notes
    with pytest.raises(QiskitBackendNotFoundError) as caught:
        service.backend(name)
    assert " ".join(str(caught.value).splitlines()) == hint


@pytest.mark.holds("B297")
def test_a_name_that_is_there_needs_no_hint(caplog: pytest.LogCaptureFixture) -> None:
    service, _ = open_service(fleet_of(*NAMES))
    with caplog.at_level(logging.INFO):
        assert service.backends("ibm_a", filters=lambda backend: backend.num_qubits > 5) == []
        assert [backend.name for backend in service.backends("ibm_a")] == ["ibm_a"]
        assert service.backends(min_num_qubits=1000) == []
    assert not caplog.messages
    assert service.explain_backends(name="ibm_a", min_num_qubits=1000).reports[0].notes == ()


MISPLACED = "Zx9Qw3pLm8Nv2KdRt5Yb7HgFs4Jc1XeUa6Wo0IiBqEzT"
"""It looks like a key, and is none."""


@pytest.mark.holds("B328", "B353")
def test_what_is_no_attribute_is_said_shortly_and_without_a_key() -> None:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    reads: list[Callable[[str], object]] = [
        lambda name: getattr(backend, name),
        lambda name: getattr(backend.configuration(), name),
    ]
    for read in reads:
        with pytest.raises(AttributeError, match=re.escape("'Zx… (44 characters)'")):
            read(MISPLACED)
        with pytest.raises(AttributeError) as caught:
            read("y" * 100_000)
        assert len(str(caught.value)) < 300
