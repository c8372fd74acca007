"""How long circuits take, and how many of them PUBs stand for."""

import math
from itertools import combinations, cycle, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Delay, Measure, Parameter, Reset
from qiskit.circuit.library import CZGate, SXGate
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import PauliList
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.bridge.durations import estimator_facts, length_of, sampler_facts, times_of
from qiskit_runtime_service.bridge.measurement_bases import choose_bases, count_configurations


def device(dt: float | None = 1e-9) -> Target:
    """Return what two qubits can do: `sx` in 20 ns, `cz` in 100, measurements in 1000 or 1200, resets in 600 or 500."""
    target = Target(num_qubits=2, dt=dt)

    def add(gate: Any, places: dict[tuple[int, ...], float | None]) -> None:
        target.add_instruction(gate, {where: InstructionProperties(duration=time) for where, time in places.items()})

    add(SXGate(), {(0,): 20e-9, (1,): 20e-9})
    add(CZGate(), {(0, 1): 100e-9})
    add(Measure(), {(0,): 1000e-9, (1,): 1200e-9})
    add(Reset(), {(0,): 600e-9, (1,): 500e-9})
    add(Delay(Parameter("t")), {(0,): None, (1,): None})
    return target


def length(circuit: QuantumCircuit, values: Any = None, target: Target | None = None) -> float | None:
    return length_of(SamplerPub.coerce((circuit, values)), target or device()).seconds


@pytest.mark.holds("B516")
def test_a_circuit_takes_as_long_as_its_longest_path() -> None:
    circuit = QuantumCircuit(2, 2)
    assert length(circuit) == 0
    circuit.sx(0)
    circuit.sx(0)
    circuit.sx(1)
    circuit.cz(0, 1)
    assert length(circuit) == pytest.approx(140e-9)
    circuit.measure([0, 1], [0, 1])
    assert length(circuit) == pytest.approx(1340e-9)


@pytest.mark.holds("B516")
@pytest.mark.parametrize(
    ("duration", "unit", "seconds"),
    [
        (100, "dt", 100e-9),
        (0.25, "us", 250e-9),
        (3, "ms", 3e-3),
        (40, "ns", 40e-9),
        (1e-6, "s", 1e-6),
        (7000, "ps", 7e-9),
    ],
)
def test_delays_count_in_any_unit(duration: float, unit: str, seconds: float) -> None:
    circuit = QuantumCircuit(1)
    circuit.sx(0)
    circuit.delay(duration, 0, unit)
    assert length(circuit) == pytest.approx(20e-9 + seconds)


@pytest.mark.holds("B516")
def test_delays_that_follow_parameters_count_with_their_mean() -> None:
    wait = Parameter("wait")
    circuit = QuantumCircuit(2)
    circuit.delay(wait, 0, "us")
    circuit.delay(2 * wait + 1, 0, "us")
    assert length(circuit, [[1.0], [3.0]]) == pytest.approx(7e-6)
    ticks = QuantumCircuit(1)
    ticks.delay(wait, 0, "dt")
    # Half a tick is a mean, and no delay that a circuit could have.
    assert length(ticks, [[1], [2]]) == pytest.approx(1.5e-9)


@pytest.mark.holds("B516")
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5))
def test_the_mean_of_delays_is_never_longer_than_the_circuit_is_on_average(values: list[tuple[int, int]]) -> None:
    one, other = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.delay(one, 0, "dt")
    circuit.delay(other, 1, "dt")
    exact = sum(max(pair) for pair in values) / len(values) * 1e-9
    found = length(circuit, values)
    assert found is not None
    assert found <= exact * (1 + 1e-9)
    if len({a > b for a, b in values}) == 1:
        assert found == pytest.approx(exact)


def branching() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((0, True)):
        circuit.sx(0)
    return circuit


def stretched() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.delay(circuit.add_stretch("s"), 0)
    return circuit


def foreign() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    return circuit


def untimed(by: Any = 10) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.delay(by, 0, "dt")
    return circuit


@pytest.mark.holds("B516")
@pytest.mark.parametrize(
    ("circuit", "target", "why"),
    [
        (branching(), device(), "it has 'if_else', whose time is not told"),
        (stretched(), device(), "it has a delay that the device resolves"),
        (foreign(), device(), "duration not found for h"),
        (untimed(), device(dt=None), "dt"),
        (untimed(by=Parameter("ticks")), device(dt=None), "it has a delay in dt, and nobody tells how long one is"),
        (foreign(), Target(), "duration not found for h"),
    ],
)
def test_a_length_that_nobody_knows_is_none_and_has_a_reason(circuit: QuantumCircuit, target: Target, why: str) -> None:
    pub = SamplerPub.coerce((circuit, [10] * circuit.num_parameters))
    found = length_of(pub, target)
    assert found.seconds is None
    assert why in found.unknown
    (facts,) = sampler_facts([pub], target)
    (sentence,) = facts.unknown
    assert sentence.startswith("The length of the circuit of PUB 0 is not known: ")
    assert sentence.endswith(". Delays alone are counted.")


@pytest.mark.holds("B511")
def test_a_device_adds_its_shortest_reset_and_what_it_does_not_tell_is_none() -> None:
    times = times_of(device(), "ibm_two", 250e-6, calibrated="2026-12-01", free="")
    assert (times.backend, times.rep_delay, times.reset, times.measure) == ("ibm_two", 250e-6, 500e-9, 1000e-9)
    bare = times_of(Target(), "bare", None)
    assert (bare.rep_delay, bare.reset, bare.measure) == (None, None, None)
    nowhere = Target()
    nowhere.add_instruction(Reset())
    assert times_of(nowhere, "ideal", None).reset is None


# PUBs


def turned(parameters: int) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    for number in range(parameters):
        circuit.rz(Parameter(f"p{number}"), 0)
    circuit.sx(0)
    return circuit


@pytest.mark.holds("B514")
def test_a_pub_of_a_sampler_stands_for_a_circuit_for_each_set_of_values() -> None:
    pubs = [SamplerPub.coerce((turned(1), np.zeros(shape))) for shape in ((1,), (3, 1), (3, 4, 1), (0, 1))]
    assert [facts.configurations for facts in sampler_facts(pubs, device())] == [1, 3, 12, 0]
    (facts,) = sampler_facts([SamplerPub.coerce((turned(0), None, 7))], device())
    assert (facts.what, facts.shots, facts.precision) == ("PUB 0", 7, None)


@pytest.mark.holds("B514", "B516")
def test_an_estimator_measures_the_qubits_of_its_observables_after_the_circuit() -> None:
    circuit = QuantumCircuit(2)
    circuit.sx(0)
    pubs = [EstimatorPub.coerce((circuit, label, None, 0.1)) for label in ("ZZ", "IZ", "II")]
    found = estimator_facts(pubs, device())
    assert [facts.length for facts in found] == [pytest.approx(1200e-9), pytest.approx(1020e-9), pytest.approx(20e-9)]
    assert [(facts.configurations, facts.precision, facts.shots) for facts in found] == [(1, 0.1, None)] * 3
    assert circuit.num_clbits == 0


@pytest.mark.holds("B514")
@pytest.mark.parametrize(
    ("observables", "values", "circuits"),
    [
        ("II", (), 1),
        ("ZZ", (), 1),
        ([{"ZZ": 1, "XX": 1}], (), 2),
        (["ZZ", "ZI", "IZ"], (), 1),
        (["ZZ", "XX"], (), 2),
        (["ZZ", "XX"], (2,), 2),
        (["ZZ", "XX"], (3, 1), 6),
        ("ZZ", (5,), 5),
        ([["XX", "YY", "ZZ", "XY", "YX", "ZX"]], (4, 1), 24),
        ([["XX"], ["ZZ"]], (3,), 6),
        ([["XX", "IX"], ["ZZ", "ZI"]], (2, 1), 2),
        ([["XX", "IX"], ["ZZ", "XI"]], (2, 1), 3),
        ("ZZ", (0,), 0),
    ],
)
def test_each_set_of_values_is_measured_in_as_many_bases_as_its_observables_need(
    observables: Any, values: tuple[int, ...], circuits: int
) -> None:
    pub = EstimatorPub.coerce((turned(1), observables, np.zeros((*values, 1))))
    assert count_configurations(pub) == circuits


def by_definition(pub: EstimatorPub) -> int:
    """Count the bases of each set of values, one after the other."""
    places: Any = np.arange(math.prod(pub.parameter_values.shape)).reshape(pub.parameter_values.shape)
    sets = np.broadcast_to(places, pub.shape)
    observables = np.broadcast_to(np.asarray(pub.observables.tolist(), dtype=object), pub.shape)
    found = 0
    for number in range(places.size):
        terms = {
            term for index in product(*map(range, pub.shape)) if sets[index] == number for term in observables[index]
        }
        found += len(choose_bases(tuple(sorted(terms))))
    return found


@st.composite
def shapes(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw two shapes that broadcast."""
    whole = draw(st.lists(st.integers(1, 3), max_size=3))
    cut = [draw(st.integers(0, len(whole))) for _ in range(2)]
    one, other = (tuple(1 if draw(st.booleans()) else size for size in whole[start:]) for start in cut)
    return one, other


@pytest.mark.holds("B514")
@given(shapes(), st.data())
def test_bases_are_those_of_each_set_of_values_whatever_the_shapes(
    both: tuple[tuple[int, ...], tuple[int, ...]], data: st.DataObject
) -> None:
    of_values, of_observables = both
    labels = st.sampled_from(["II", "ZI", "IZ", "XX", "YI", "ZZ"])
    drawn = [data.draw(labels) for _ in range(math.prod(of_observables))]
    observables = np.array(drawn, dtype=object).reshape(of_observables).tolist()
    pub = EstimatorPub.coerce((turned(1), observables, np.zeros((*of_values, 1))))
    assert count_configurations(pub) == by_definition(pub)


@st.composite
def many_terms(draw: st.DrawFn) -> list[str]:
    """Draw different terms of one width, up to more than a machine word has bits."""
    width = draw(st.sampled_from([1, 2, 3, 5, 63, 64, 65, 130]))
    letters = draw(st.sampled_from(["IXYZ", "IIIXYZ", "IZ", "IIIIIIIZX"]))
    die = draw(st.randoms(use_true_random=False))
    return list(dict.fromkeys("".join(die.choices(letters, k=width)) for _ in range(draw(st.integers(1, 30)))))


@pytest.mark.holds("B514")
@given(many_terms())
@example(["IIIIX", "IIIIY", "IIIYX", "IIXII", "IIYII", "IIXXI"])  # Qiskit makes three groups of them, where two will do
def test_terms_share_a_basis_where_qiskit_groups_any_and_need_one_each_where_it_groups_none(terms: list[str]) -> None:
    pub = EstimatorPub.coerce((QuantumCircuit(len(terms[0])), dict.fromkeys(terms, 1.0)))
    ours, theirs = count_configurations(pub), len(PauliList(terms).group_commuting(qubit_wise=True))
    # Between these two, how many there are depends on whom a greedy colouring takes first.
    assert 1 <= ours <= len(terms)
    assert (ours == 1) == (theirs == 1)
    assert (ours == len(terms)) == (theirs == len(terms))


@pytest.mark.holds("B514")
def test_thousands_of_terms_are_grouped_where_pairs_of_them_would_not_fit_into_memory() -> None:
    # All have a letter on the first qubit, so that those of one letter share a basis with no other.
    pairs = list(combinations(range(1, 156), 2))[:6000]
    places = [(letter, {0, *pair}) for letter, pair in zip(cycle("ZX"), pairs, strict=False)]
    terms = ["".join(letter if place in where else "I" for place in range(156)) for letter, where in places]
    pub = EstimatorPub.coerce((QuantumCircuit(156), dict.fromkeys(terms, 1.0)))
    assert count_configurations(pub) == 2


@pytest.mark.holds("B514")
def test_a_sweep_of_a_hundred_thousand_is_counted_at_once() -> None:
    values = np.zeros((100_000, 1, 20))
    pub = EstimatorPub.coerce((turned(20), [["XX", "YY", "ZZ"]], values))
    assert count_configurations(pub) == 300_000
