"""Every local backend runs a Bell pair by its name, with every default, at each setting of fractional gates."""

from functools import cache

import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import IBMBackend, QiskitRuntimeService, SamplerV2

from .sizes import few, is_full

ALONE = (
    "fake_almaden", "fake_boeblingen", "fake_burlington", "fake_cambridge", "fake_essex", "fake_johannesburg",
    "fake_london", "fake_poughkeepsie", "fake_rochester", "fake_singapore",
)  # fmt: skip
"""Those whose only basis is u1, u2, u3 and cx."""
ASTRAY = ("fake_cusco", "fake_kyoto")
"""One was recorded with a first qubit that reads 1 whatever it is, one with an error of 1 for each pair."""
SPREAD = (
    "aer_simulator",
    "fake_armonk",
    "fake_cairo",
    "fake_cusco",
    "fake_fractional",
    "fake_nighthawk",
    "fake_torino",
)
SETTINGS = (None, False, True)


@cache
def service() -> QiskitRuntimeService:
    return QiskitRuntimeService(channel="local")


@cache
def backends(setting: bool | None) -> dict[str, IBMBackend]:
    """Return all backends by name. A list insists on nothing, so each of them is there at each setting."""
    return {backend.name: backend for backend in service().backends(use_fractional_gates=setting)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take every backend for the promises; otherwise those that were broken, and one of each kind."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(backends(None)) if is_full() else [*ALONE, *SPREAD])


def pair() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def coin() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.measure_all()
    return circuit


@pytest.mark.holds("B28", "B29", "B266")
@pytest.mark.parametrize("setting", few(SETTINGS))
def test_a_bell_pair_runs_by_name(name: str, setting: bool | None) -> None:
    backend = service().backend(name, use_fractional_gates=setting)
    alone = backend.num_qubits == 1
    circuit = coin() if alone else pair()
    laid_out = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)
    sampler = SamplerV2(mode=backend, options={"simulator": {"seed_simulator": 1}})
    counts = sampler.run([laid_out]).result()[0].data.meas.get_counts()
    assert sum(counts.values()) == 4096
    equal = [counts.get(bits, 0) for bits in (("0", "1") if alone else ("00", "11"))]
    if name not in ASTRAY:
        # On fake_rochester it is two of three shots; on most of the others, more than nine of ten.
        assert min(equal) > 800
        assert sum(equal) > 2400


@pytest.mark.holds("B194")
def test_there_are_69_backends_at_each_setting() -> None:
    names = [set(backends(setting)) for setting in SETTINGS]
    assert [len(those) for those in names] == [69, 69, 69]
    assert names[0] == names[1] == names[2]
    assert {*ALONE, *ASTRAY, *SPREAD} <= names[0]
