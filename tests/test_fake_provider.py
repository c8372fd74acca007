"""The doors for a one-line migration: recorded devices and what their descriptions are."""

import pickle

import pytest
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2

from qiskit_runtime_service import QiskitRuntimeService, fake_provider, models
from qiskit_runtime_service.exceptions import QiskitBackendNotFoundError
from qiskit_runtime_service.fake_provider import FakeFez, FakeManilaV2, FakeProviderForBackendV2
from qiskit_runtime_service.testing import line_device, one_instance

from .shell.clouds import open_service

CLASSES = """
Aachen Algiers AlmadenV2 ArmonkV2 AthensV2 Auckland BelemV2 Berlin BoeblingenV2 BogotaV2 Boston Brisbane
BrooklynV2 Brussels BurlingtonV2 CairoV2 CambridgeV2 CasablancaV2 Cusco EssexV2 Fez FractionalBackend Geneva
GuadalupeV2 HanoiV2 JakartaV2 JohannesburgV2 Kawasaki Kingston KolkataV2 Kyiv Kyoto LagosV2 LimaV2 LondonV2
ManhattanV2 ManilaV2 Marrakesh MelbourneV2 Miami MontrealV2 MumbaiV2 NairobiV2 Nighthawk Osaka Oslo OurenseV2
ParisV2 Peekskill Perth Pittsburgh PoughkeepsieV2 Prague Quebec QuitoV2 RochesterV2 RomeV2 SantiagoV2 Sherbrooke
SingaporeV2 Strasbourg SydneyV2 Torino TorontoV2 ValenciaV2 VigoV2 WashingtonV2 YorktownV2
"""
"""The classes of IBM's client, without the word that all begin with."""


@pytest.mark.holds("B39")
def test_there_is_a_class_for_each_device() -> None:
    provider = FakeProviderForBackendV2()
    assert len(provider.backends()) == 68
    for name, device in fake_provider.CLASSES.items():
        made = getattr(fake_provider, name)()
        assert (type(made).__name__, made.name) == (name, device)
        assert name in dir(fake_provider)
    assert set(fake_provider.CLASSES) == {f"Fake{name}" for name in CLASSES.split()}
    assert type(provider.backend("fake_fez")) is FakeFez
    with pytest.raises(AttributeError, match="FakeAtlantis"):
        _ = fake_provider.FakeAtlantis


def test_devices_are_found_by_name_and_by_what_they_are() -> None:
    provider = FakeProviderForBackendV2()
    assert {backend.name for backend in provider.backends(n_qubits=1)} == {"fake_armonk"}
    assert provider.backend(filters=lambda backend: backend.num_qubits == 65).name == "fake_brooklyn"
    with pytest.raises(QiskitBackendNotFoundError, match="fake_manila"):
        provider.backend("fake_manilla")


def test_a_recorded_device_shows_what_its_configuration_has_before_it_is_asked() -> None:
    for backend in (FakeManilaV2(), FakeFez()):
        assert {"basis_gates", "hamiltonian", "n_uchannels"} <= set(dir(backend))


@pytest.mark.holds("B116")
def test_a_recorded_device_is_a_backend_that_runs() -> None:
    backend = FakeManilaV2()
    assert isinstance(backend, BackendV2)
    circuit = QuantumCircuit(5, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    counts = backend.run([circuit], shots=200, seed_simulator=3).result().get_counts()
    assert counts["1"] > 150
    assert sum(counts.values()) == 200
    status = backend.status()
    assert (status.operational, status.pending_jobs, status.status_msg) == (True, 0, "active")
    properties = backend.properties()
    assert properties is not None
    assert properties.frequency(0) == 4962356469.801912
    assert backend.physical_qubits is None
    backend.check_faulty(circuit)


PHYSICAL_QUBITS = {
    "fake_aachen": 332, "fake_berlin": 338, "fake_boston": 332, "fake_fez": 332, "fake_kingston": 332,
    "fake_marrakesh": 332, "fake_miami": 338, "fake_pittsburgh": 332,
}  # fmt: skip


@pytest.mark.holds("B39")
def test_the_qubits_of_the_chip_are_told_where_they_are_known() -> None:
    provider, service = FakeProviderForBackendV2(), QiskitRuntimeService(channel="local")
    told = {backend.name: backend.physical_qubits for backend in provider.backends()}
    assert {name: count for name, count in told.items() if count is not None} == PHYSICAL_QUBITS
    assert {backend.name: backend.physical_qubits for backend in service.backends()} == {**told, "aer_simulator": None}


def test_a_recorded_device_travels_and_compares() -> None:
    one, other = FakeManilaV2(), FakeManilaV2()
    assert one == other != FakeFez()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301  # our own bytes
    assert hash(one) == hash(other)
    assert one != "fake_manila"


def test_a_recorded_device_takes_the_present_of_its_original() -> None:
    service, _ = open_service(one_instance(devices=[line_device("ibm_manila", 7)]))
    backend = FakeManilaV2()
    assert backend.target.num_qubits == 5
    backend.refresh(service)
    assert backend.target.num_qubits == backend.num_qubits == 7
    assert FakeManilaV2().num_qubits == 5
    with pytest.raises(QiskitBackendNotFoundError):
        FakeFez().refresh(service)


def test_pulse_era_fields_are_in_hertz() -> None:
    configuration = QiskitRuntimeService(channel="local").backend("fake_manila").configuration()
    assert configuration.qubit_lo_range[0] == [4462356469.801912, 5462356469.801912]
    assert configuration.u_channel_lo[0] == [models.UchannelLO(1, 1 + 0j)]
    assert configuration.hamiltonian["h_str"]
    assert configuration.gates[4].name == "cx"
    assert configuration.processor_type == {"family": "Falcon", "revision": "5.11", "segment": "L"}
    assert isinstance(configuration, models.QasmBackendConfiguration)


@pytest.mark.holds("B116")
def test_a_recorded_device_shows_every_gate_and_has_its_noise() -> None:
    assert "rzz" in fake_provider.FakeFractionalBackend().target.operation_names
    circuit = QuantumCircuit(5, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    counts = FakeManilaV2().run([circuit], shots=4000, seed_simulator=3).result().get_counts()
    assert 0 < counts["0"] < 1000
