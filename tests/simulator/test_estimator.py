"""Simulated estimators: values that are right within their own errors, whatever the shapes and the method."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Measure, Parameter
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import CZGate, RZGate, SXGate
from qiskit.primitives.containers import PubResult
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit.transpiler import InstructionProperties, Target
from returns.result import Success

from qiskit_runtime_service.bridge.measurement_bases import choose_bases
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.result_types import LayerError, NoiseLearnerResult
from qiskit_runtime_service.records.problem import TooHeavy, TooWide
from qiskit_runtime_service.simulator.bases import measure_in
from qiskit_runtime_service.simulator.conditions import Conditions, Simulated
from qiskit_runtime_service.simulator.estimator import run_estimator_job
from qiskit_runtime_service.simulator.job_params import EstimatorJob, Resilience, Settings, Simulator, Twirling

from ..support.devices import device, ghz
from ..support.examples import examples

WAYS = pytest.mark.parametrize("use_aer", [True, False])
LABELS = st.text("IXYZ", min_size=3, max_size=3)


def native(error: float | None = None) -> Target:
    """Return three qubits with the gates of a recent device."""
    quality = None if error is None else InstructionProperties(error=error)
    target = Target(num_qubits=3)
    for gate in (SXGate(), RZGate(Parameter("a")), Measure()):
        target.add_instruction(gate, {(qubit,): None if gate.name == "rz" else quality for qubit in range(3)})
    target.add_instruction(CZGate(), {(0, 1): quality, (1, 2): quality})
    return target


def entangled() -> QuantumCircuit:
    """Return three qubits whose expectation values are neither 0 nor 1."""
    circuit = QuantumCircuit(3)
    for qubit, angle in enumerate((0.4, 1.1, -0.7)):
        circuit.sx(qubit)
        circuit.rz(angle, qubit)
        circuit.sx(qubit)
    circuit.cz(0, 1)
    circuit.cz(1, 2)
    circuit.rz(0.3, 0)
    circuit.sx(1)
    return circuit


def simulate(
    *pubs: Any,
    target: Target | None = None,
    seed: int = 7,
    use_aer: bool | None = False,
    mock: bool = False,
    level: int = 0,
    **settings: Any,
) -> Simulated[PubResult]:
    job = EstimatorJob(
        pubs=read_estimator_pubs(pubs, 0.05).unwrap(), settings=Settings(**settings), resilience_level=level
    )
    conditions = Conditions(target=target or native(), seed=seed, use_aer=use_aer, mock=mock)
    return run_estimator_job(job, conditions).unwrap()


def estimate(*pubs: Any, **more: Any) -> Any:
    return simulate(*pubs, **more).result[0].data


def exact(circuit: QuantumCircuit, terms: dict[str, float]) -> float:
    operator = SparsePauliOp(list(terms), list(terms.values()))
    return float(Statevector(circuit).expectation_value(operator).real)


@pytest.mark.holds("B190")
@settings(max_examples=examples(25))
@given(st.dictionaries(LABELS, st.floats(-2, -0.1) | st.floats(0.1, 2), min_size=1, max_size=8), st.integers(0, 2**31))
def test_an_estimate_is_within_five_of_its_own_errors(terms: dict[str, float], seed: int) -> None:
    data = estimate((entangled(), terms), seed=seed)
    off = abs(float(data.evs) - exact(entangled(), terms))
    # What happens in less than one of 400 shots may not have happened.
    assert off <= 5 * float(data.stds) + 0.03 * sum(map(abs, terms.values()))


@pytest.mark.holds("B190")
@given(st.lists(LABELS, min_size=1, max_size=12, unique=True))
def test_every_term_is_measured_in_one_basis_that_has_its_letters(labels: list[str]) -> None:
    bases = choose_bases(tuple(labels))
    assert sorted(term for basis in bases for term in basis.terms) == sorted(labels)
    for basis in bases:
        for term in basis.terms:
            assert all(letter in ("I", measured) for letter, measured in zip(term, basis.letters, strict=True))


def pointing(way: str) -> QuantumCircuit:
    """Return three qubits of which the middle one points along an axis, such as `X-`; the last points up."""
    circuit = QuantumCircuit(3)
    circuit.x(0)
    if way[1] == "-":
        circuit.x(1)
    if way[0] != "Z":
        circuit.h(1)
    if way[0] == "Y":
        circuit.s(1)
    return circuit


@pytest.mark.holds("B190")
@pytest.mark.parametrize("target", [native(), device(3, error=None)], ids=["rz and sx", "h"])
@pytest.mark.parametrize("way", ["X+", "X-", "Y+", "Y-", "Z+", "Z-"])
@WAYS
def test_every_letter_is_measured_with_its_sign(way: str, target: Target, use_aer: bool) -> None:
    data = estimate((pointing(way), ["IXI", "IYI", "IZI", "ZIZ"]), target=target, use_aer=use_aer)
    along = {"X": 0, "Y": 1, "Z": 2}[way[0]]
    assert data.evs[along] == (1.0 if way[1] == "+" else -1.0)
    assert data.stds[along] == 0.0
    across = np.delete(data.evs[:3], along)
    assert np.abs(across).max() < 0.25
    assert data.evs[3] == -1.0


Step = tuple[str, list[float], list[int], list[int]]
"""The name, angles, qubits and bits of an instruction."""


def steps_of(circuit: QuantumCircuit) -> list[Step]:
    return [
        (
            step.name,
            list(step.params),
            [circuit.find_bit(qubit).index for qubit in step.qubits],
            [circuit.find_bit(bit).index for bit in step.clbits],
        )
        for step in circuit.data
    ]


@pytest.mark.holds("B190")
def test_a_basis_is_changed_with_the_gates_of_the_device() -> None:
    circuit = QuantumCircuit(4, 2)
    measured: list[Step] = [("measure", [], [0], [2]), ("measure", [], [1], [3]), ("measure", [], [3], [4])]
    turned = measure_in(circuit, "XIYZ", native())
    assert steps_of(turned) == [
        measured[0],
        ("sx", [], [1], []),
        measured[1],
        ("rz", [math.pi / 2], [3], []),
        ("sx", [], [3], []),
        measured[2],
    ]
    other = measure_in(circuit, "XIYZ", device(4, error=None))
    assert steps_of(other) == [
        measured[0],
        ("sdg", [], [1], []),
        ("h", [], [1], []),
        measured[1],
        ("h", [], [3], []),
        measured[2],
    ]
    assert (turned.num_clbits, [register.size for register in turned.cregs], circuit.data) == (5, [2, 3], [])


@WAYS
def test_shapes_broadcast_as_numpy_does(use_aer: bool) -> None:
    angle = Parameter("a")
    circuit = QuantumCircuit(60)
    circuit.rx(angle, 4)
    label = "I" * 55 + "Z" + "I" * 4
    angles = np.array([0, math.pi / 3, math.pi])
    pub = (circuit, [[{label: 1.0}], [{label: -2.0}]], angles[:, None])
    data = estimate(pub, target=device(error=None), use_aer=use_aer)
    assert data.shape == data.evs.shape == data.stds.shape == data.ensemble_standard_error.shape == (2, 3)
    wanted = np.array([[1.0], [-2.0]]) * np.cos(angles)
    assert np.abs(data.evs - wanted).max() < 0.3
    assert np.allclose(data.evs[:, [0, 2]], wanted[:, [0, 2]])


@pytest.mark.holds("B273")
def test_one_observable_alone_has_no_axes() -> None:
    data = estimate((entangled(), "ZZI"))
    assert data.shape == ()
    for values in (data.evs, data.stds, data.ensemble_standard_error):
        assert (type(values), values.shape, values.dtype) == (np.ndarray, (), np.float64)


def test_an_identity_is_known_without_measuring() -> None:
    data = estimate((QuantumCircuit(3), {"III": 2.5}))
    assert (float(data.evs), float(data.stds)) == (2.5, 0.0)


def test_an_idle_qubit_is_measured_too() -> None:
    data = estimate((QuantumCircuit(3), "ZII"), target=native(error=0.1), use_aer=True)
    assert 0.6 < float(data.evs) < 0.95


@WAYS
def test_the_same_seed_gives_the_same_values_and_another_seed_others(use_aer: bool) -> None:
    first, again, other = (estimate((entangled(), "XYZ"), seed=seed, use_aer=use_aer).evs for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.holds("B86")
def test_another_process_gives_the_same_values() -> None:
    code = (
        "from tests.simulator.test_estimator import entangled, estimate, native\n"
        "print([float(estimate((entangled(), 'XYZ'), target=native(0.01), use_aer=way).evs) for way in (True, False)])"
    )
    ours = [float(estimate((entangled(), "XYZ"), target=native(0.01), use_aer=way).evs) for way in (True, False)]
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == str(ours)


@pytest.mark.holds("B86")
def test_the_seed_of_the_simulator_comes_before_that_of_the_estimator_before_that_of_the_job() -> None:
    def value(seed: int, **settings: Any) -> float:
        return float(estimate((entangled(), "XYZ"), seed=seed, **settings).evs)

    assert value(5, seed_estimator=0) == value(0)
    assert value(5, seed_estimator=9, simulator=Simulator(seed_simulator=0)) == value(0)


@pytest.mark.holds("B190")
@WAYS
def test_errors_are_those_that_many_runs_show(use_aer: bool) -> None:
    pub = (entangled(), {"ZZI": 1.0, "IZZ": 0.5, "XIX": 1.0}, None, 0.1)
    runs = [estimate(pub, seed=seed, use_aer=use_aer) for seed in range(60)]
    spread = np.std([float(data.evs) for data in runs], ddof=1)
    claimed = np.mean([float(data.stds) for data in runs])
    assert 0.7 < claimed / spread < 1.4


@pytest.mark.holds("B186")
def test_a_smaller_precision_takes_more_shots() -> None:
    result = simulate((entangled(), "ZZZ", None, 0.1), (entangled(), "ZZZ", None, 0.01)).result
    assert [pub_result.metadata["shots"] for pub_result in result] == [100, 10000]
    assert [pub_result.metadata["target_precision"] for pub_result in result] == [0.1, 0.01]
    assert all(float(pub_result.data.stds) <= 1.1 * pub_result.metadata["target_precision"] for pub_result in result)


@pytest.mark.holds("B185", "B190")
def test_noise_moves_the_values() -> None:
    ideal, noisy = (
        estimate((ghz(4), "I" * 56 + "ZZZZ"), target=device(error=error), use_aer=True) for error in (None, 0.05)
    )
    assert float(ideal.evs) == 1.0
    assert 0.2 < float(noisy.evs) < 0.9


@pytest.mark.holds("B185")
def test_wide_clifford_circuits_have_values_with_random_paulis() -> None:
    circuit = ghz(50).remove_final_measurements(inplace=False)
    label = "I" * 10 + "X" * 50
    result, notes = simulate((circuit, [label, "I" * 58 + "ZZ"]), target=device(error=0.001), use_aer=True)
    assert 0.7 < result[0].data.evs[0] < 0.95
    assert 0.97 < result[0].data.evs[1] < 1
    assert "random Paulis" in notes[0]


@pytest.mark.holds("B193")
def test_the_values_of_a_stand_in_are_random() -> None:
    data = estimate((QuantumCircuit(3), ["ZII", "IZZ"]), mock=True)
    assert np.abs(data.evs).max() < 0.3


@pytest.mark.holds("B190")
def test_randomizations_make_an_error_of_their_own() -> None:
    pub = (entangled(), "ZXZ", None, 0.02)
    twirled = simulate(pub, level=1).result[0]
    plain = simulate(pub, level=0).result[0]
    assert (twirled.metadata["num_randomizations"], plain.metadata["num_randomizations"]) == (32, 1)
    assert plain.data.ensemble_standard_error == plain.data.stds
    assert twirled.data.ensemble_standard_error != twirled.data.stds
    assert 0.5 < float(twirled.data.ensemble_standard_error / twirled.data.stds) < 2


@pytest.mark.holds("B188")
@pytest.mark.parametrize(
    ("level", "settings", "wanted"),
    [
        (0, {}, (False, False, False, False, False)),
        (1, {}, (False, True, True, False, False)),
        (2, {}, (True, True, True, True, False)),
        (2, {"twirling": Twirling(enable_gates=False)}, (False, True, True, True, False)),
        (
            1,
            {"resilience": Resilience(measure_mitigation=False, pec_mitigation=True)},
            # What cancels noise does so for twirled gates.
            (True, True, False, False, True),
        ),
    ],
)
def test_what_was_asked_is_told_with_the_defaults_of_its_level(
    level: int, settings: dict[str, Any], wanted: tuple[bool, ...]
) -> None:
    metadata = simulate((entangled(), "ZZZ"), level=level, **settings).result.metadata
    twirling, resilience = metadata["twirling"], metadata["resilience"]
    assert wanted == (
        twirling["enable_gates"],
        twirling["enable_measure"],
        resilience["measure_mitigation"],
        resilience["zne_mitigation"],
        resilience["pec_mitigation"],
    )
    assert set(metadata) == {"dynamical_decoupling", "twirling", "resilience", "version"}


@pytest.mark.holds("B274")
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_model_of_the_noise_of_layers_is_told_again_where_it_was_given(level: int) -> None:
    model = NoiseLearnerResult([LayerError(QuantumCircuit(3), [0, 1, 2])])
    told = simulate((entangled(), "ZZZ"), level=level, resilience=Resilience(layer_noise_model=model)).result.metadata
    assert told["resilience"]["layer_noise_model"] is model
    silent = simulate((entangled(), "ZZZ"), level=level).result.metadata
    assert "layer_noise_model" not in silent["resilience"]


@pytest.mark.holds("B255", "B258")
@WAYS
def test_circuits_that_decide_by_variables_and_wait_for_others_are_estimated(use_aer: bool) -> None:
    circuit = QuantumCircuit(3, 1)
    n = circuit.add_var("n", expr.lift(250, types.Uint(8)))
    circuit.delay(circuit.add_stretch("gap"), 1)
    circuit.sx(0)
    with circuit.while_loop(expr.greater(n, 0)):
        circuit.store(n, expr.add(n, 2))
        circuit.sx(1)
        circuit.sx(1)
    result, notes = simulate((circuit, ["IZI", "IIZ", "IIY", "ZII"]), use_aer=use_aer)
    # Three rounds, until the counter begins again, turn qubit 1 around three times.
    assert result[0].data.evs[[0, 2, 3]].tolist() == [-1, -1, 1]
    assert abs(result[0].data.evs[1]) < 5 * result[0].data.stds[1]
    assert "statevector, branch by branch" in notes[0]


def bricks(width: int, angle: float) -> QuantumCircuit:
    """Return qubits that are turned, and two layers of gates that join each to both of its neighbours."""
    circuit = QuantumCircuit(60)
    circuit.rx(angle, range(width))
    for first in (0, 1):
        for qubit in range(first, width - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def middle(width: int) -> dict[str, float]:
    """Return the mean of Z over the even qubits but the first. Each is the product of three Z before both layers."""
    places = range(2, width - 1, 2)
    return {
        "".join("Z" if qubit == place else "I" for qubit in reversed(range(60))): 1 / len(places) for place in places
    }


@pytest.mark.holds("B252", "B254")
@pytest.mark.parametrize("use_aer", [True, False])
def test_terms_of_a_wide_circuit_are_measured_on_their_light_cones(use_aer: bool) -> None:
    width = 20 if use_aer else 59
    result, notes = simulate(
        (bricks(width, 0.6), middle(width)), target=device(error=1e-4 if use_aer else None), use_aer=use_aer
    )
    # With Aer this is what lets the noise of the device be there; without, what lets the circuit run at all.
    method = "density_matrix, with the noise of the device" if use_aer else "statevector, without noise"
    parts = 9 if use_aer else 28
    assert list(notes) == [f"PUB 0: {width} active qubits in {parts} parts of up to 4, {method}."]
    assert float(result[0].data.evs) == pytest.approx(math.cos(0.6) ** 3, abs=0.05)


@pytest.mark.holds("B254")
def test_terms_share_their_shots_where_that_costs_no_noise() -> None:
    notes = simulate((bricks(6, 0.6), middle(6)), target=device(error=1e-4), use_aer=True).notes
    assert list(notes) == ["PUB 0: 6 active qubits, density_matrix, with the noise of the device."]


@pytest.mark.holds("B254")
def test_bindings_with_different_observables_each_have_their_values_when_terms_are_split() -> None:
    angle = Parameter("a")
    circuit = bricks(59, 0.0).compose(QuantumCircuit(60), front=True)
    circuit.rx(angle, range(59))
    label = ["I" * (59 - place) + "Z" + "I" * place for place in (3, 50)]
    # One of three bindings asks for both terms, the others for one of them.
    observables = [{label[0]: 1.0}, {label[0]: 1.0, label[1]: 2.0}, {label[1]: 1.0}]
    data = estimate((circuit, observables, [[0.0], [math.pi], [math.pi]]), target=device(error=None), use_aer=False)
    assert data.evs.tolist() == [1.0, -3.0, -1.0]


@pytest.mark.holds("B250")
def test_what_fits_into_no_memory_is_refused_with_the_fix() -> None:
    circuit = bricks(40, 0.6)
    job = EstimatorJob(pubs=read_estimator_pubs([(circuit, "I" * 20 + "X" * 40)], 0.05).unwrap())
    refused = run_estimator_job(job, Conditions(target=device(error=None), seed=1, use_aer=False))
    problem = refused.failure()
    assert isinstance(problem, TooWide)
    assert problem.what == "PUB 0 joins 40 qubits, whose state"
    assert "pip install" in problem.fix


@pytest.mark.holds("B250")
@pytest.mark.parametrize(("longest", "runs"), [(1.0, True), (0.001, False)])
def test_a_job_may_take_no_longer_than_its_limit(longest: float, runs: bool) -> None:
    job = EstimatorJob(pubs=read_estimator_pubs([(entangled(), "ZZZ")], 0.05).unwrap())
    result = run_estimator_job(job, Conditions(target=native(), seed=1, use_aer=False, longest=longest))
    assert isinstance(result, Success) == runs
    if not runs:
        assert isinstance(result.failure(), TooHeavy)
