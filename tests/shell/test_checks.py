"""The functions of `utils` that check circuits, PUBs and tags before they are run."""

from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Gate, Parameter, QuantumRegister
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from qiskit_runtime_service import SamplerOptions, utils
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.fake_provider import FakeFractionalBackend, FakeManilaV2
from qiskit_runtime_service.shell.models import (
    configuration_from_server_data,
    convert_to_target,
    properties_from_server_data,
)

FLAT = QuantumCircuit(2, 2)
FLAT.cx(0, 1)
FLAT.measure([0, 1], [0, 1])
BRANCHED = QuantumCircuit(1, 1)
BRANCHED.measure(0, 0)
with BRANCHED.if_test((BRANCHED.clbits[0], 1)):
    BRANCHED.x(0)
OWN = Gate("sx", 1, [])
FAR = QuantumCircuit(5)
FAR.cx(0, 4)


def turned(angle: Any, values: Any = None) -> SamplerPub:
    circuit = QuantumCircuit(2, 2)
    circuit.rzz(angle, 0, 1)
    return SamplerPub.coerce((circuit, values))


@pytest.mark.holds("B435")
def test_circuits_that_a_device_cannot_run_are_refused_with_their_number() -> None:
    target = FakeManilaV2().target
    utils.validate_isa_circuits([FLAT, BRANCHED], target)
    with pytest.raises(IBMInputValueError, match=r"^Circuit 1 cannot run .*'cx' on qubits 0, 4"):
        utils.validate_isa_circuits([FLAT, FAR], target)
    with pytest.raises(IBMInputValueError, match="has 6 qubits and the device 5"):
        utils.validate_isa_circuits([QuantumCircuit(6)], target)


@pytest.mark.holds("B435")
def test_wide_angles_are_refused_with_their_number() -> None:
    angle = Parameter("angle")
    utils.validate_rzz_pubs([turned(0.0), turned(1.5), turned(angle, [[0.1], [1.5]])])
    with pytest.raises(IBMInputValueError, match=r"^PUB 1 cannot run .*angle 2"):
        utils.validate_rzz_pubs([turned(0.1), turned(angle, [[0.1], [2.0]])])


@pytest.mark.holds("B435")
def test_decoupling_does_not_go_with_branches() -> None:
    options = SamplerOptions()
    utils.validate_no_dd_with_dynamic_circuits([BRANCHED], options)
    options.dynamical_decoupling.enable = True
    utils.validate_no_dd_with_dynamic_circuits([FLAT], options)
    with pytest.raises(IBMInputValueError, match=r"^Circuit 1 .*dynamical_decoupling"):
        utils.validate_no_dd_with_dynamic_circuits([FLAT, BRANCHED], options)
    assert [utils.are_circuits_dynamic([circuit]) for circuit in (FLAT, BRANCHED)] == [False, True]


@pytest.mark.holds("B435")
@pytest.mark.parametrize(("size", "name"), [(1, "for"), (1, "1a"), (0, "a")])
def test_results_must_have_names(size: int, name: str) -> None:
    register = ClassicalRegister(size, name)
    utils.validate_classical_registers([SamplerPub.coerce(FLAT)])
    with pytest.raises(IBMInputValueError, match=f"classical register {name!r}"):
        utils.validate_classical_registers([SamplerPub.coerce(QuantumCircuit(QuantumRegister(1), register))])


@pytest.mark.holds("B435")
def test_a_circuit_without_registers_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="PUB 1 has no classical registers"):
        utils.validate_classical_registers([SamplerPub.coerce(FLAT), SamplerPub.coerce(QuantumCircuit(1))])


@pytest.mark.holds("B435")
def test_estimator_pubs_and_tags_are_checked() -> None:
    circuit = QuantumCircuit(1)
    utils.validate_estimator_pubs([EstimatorPub.coerce((circuit, "Z"), 0.1)])
    with pytest.raises(IBMInputValueError, match="no observables"):
        utils.validate_estimator_pubs([EstimatorPub.coerce((circuit, []))])
    utils.validate_job_tags(None)
    utils.validate_job_tags(["a", "b"])
    for tags in ("a", ["a", 3], 3):
        with pytest.raises(IBMInputValueError, match="job_tags"):
            utils.validate_job_tags(tags)  # type: ignore[arg-type]  # what is refused


@pytest.mark.holds("B437")
def test_descriptions_of_the_server_are_what_a_backend_shows() -> None:
    backend = FakeFractionalBackend()
    told, measured = backend.configuration().to_dict(), backend.properties()
    assert measured is not None
    shown = configuration_from_server_data(told)
    assert {"rx", "rzz"} <= set(told["basis_gates"])
    assert set(told["basis_gates"]) - set(shown.basis_gates) == {"rx", "rzz"}
    assert configuration_from_server_data(told, use_fractional_gates=True) == backend.configuration()
    assert properties_from_server_data(measured.to_dict()).to_dict() == measured.to_dict()


@pytest.mark.holds("B437")
def test_a_target_is_made_of_descriptions() -> None:
    backend = FakeFractionalBackend()
    configuration, properties = backend.configuration(), backend.properties()
    all_names = set(backend.target.operation_names)

    def lost(**given: Any) -> set[str]:
        return all_names - set(convert_to_target(configuration, properties, **given).operation_names)

    assert lost() == set()
    assert lost(include_control_flow=False) == {"if_else", "while_loop"}
    assert lost(include_fractional_gates=False) == {"rx", "rzz"}
    assert lost(add_delay=False) == {"delay"}
    made = convert_to_target(configuration, properties)
    for name in ("cx", "measure"):
        errors = {place: known.error for place, known in made[name].items()}
        assert errors == {place: known.error for place, known in backend.target[name].items()}
    custom = convert_to_target(configuration, properties, custom_name_mapping={"sx": OWN})
    assert custom.operation_from_name("sx") is OWN


@pytest.mark.holds("B437")
def test_what_is_faulty_is_in_a_target_on_request() -> None:
    backend = FakeManilaV2()
    properties = backend.properties()
    assert properties is not None
    told = properties.to_dict()
    told["qubits"][4].append({"date": None, "name": "operational", "unit": "", "value": 0})
    faulty = properties_from_server_data(told)
    without = convert_to_target(backend.configuration(), faulty)
    whole = convert_to_target(backend.configuration(), faulty, filter_faulty=False)
    assert [(4,) in target["sx"] for target in (without, whole)] == [False, True]
