"""Learned noise as users hold it: rates of generators, maps, and references of boxes."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.quantum_info import PauliLindbladMap, QubitSparsePauliList
from samplomatic import InjectNoise, Twirl

from qiskit_runtime_service.results import NoiseLearnerV3Result, NoiseLearnerV3Results

WIDTH = 4
terms = st.lists(
    st.tuples(
        st.lists(
            st.lists(st.integers(0, WIDTH - 1), min_size=1, unique=True).flatmap(
                lambda qubits: st.tuples(
                    st.text("XYZ", min_size=len(qubits), max_size=len(qubits)), st.just(sorted(qubits))
                )
            ),
            min_size=1,
            max_size=3,
        ),
        st.floats(-1, 1),
    ),
    min_size=1,
    max_size=5,
)


def paulis(*labels: str) -> QubitSparsePauliList:
    return QubitSparsePauliList.from_list(list(labels))


def boxed(*qubits: int, ref: str | None = None) -> CircuitInstruction:
    circuit = QuantumCircuit(5)
    with circuit.box([Twirl(), *([] if ref is None else [InjectNoise(ref)])]):
        circuit.noop(*qubits)
    return circuit.data[0]


RESULT = NoiseLearnerV3Result.from_generators([paulis("ZZ"), paulis("XI", "IX")], [0.25, 0.5], [0.1, 0.2], {"a": 1})


@pytest.mark.holds("B403")
def test_a_rate_counts_for_each_operator_that_shares_it() -> None:
    assert len(RESULT) == 2
    assert RESULT.metadata == {"a": 1}
    assert RESULT.to_pauli_lindblad_map() == PauliLindbladMap.from_list([("ZZ", 0.25), ("XI", 0.5), ("IX", 0.5)])
    assert [generator.to_sparse_list() for generator in RESULT.generators] == [
        [("ZZ", [0, 1])],
        [("X", [1]), ("X", [0])],
    ]
    assert RESULT.rates.tolist() == [0.25, 0.5]
    assert RESULT.rates_std.tolist() == [0.1, 0.2]


def test_errors_that_nobody_knows_are_0() -> None:
    unknown = NoiseLearnerV3Result.from_generators([paulis("ZZ")], [0.25])
    assert unknown.rates_std.tolist() == [0.0]
    assert unknown.metadata == {}


@given(terms)
def test_a_map_has_the_fidelities_of_its_generators(drawn: list[Any]) -> None:
    generators = [QubitSparsePauliList.from_sparse_list(held, WIDTH) for held, _ in drawn]
    found = NoiseLearnerV3Result.from_generators(iter(generators), (rate for _, rate in drawn)).to_pauli_lindblad_map()
    for other in QubitSparsePauliList.from_list(["XIZY", "ZZZZ", "IIIX", "YXII"]):
        expected = sum(
            -2 * rate
            for generator, (_, rate) in zip(generators, drawn, strict=True)
            for pauli in generator
            if not pauli.commutes(other)
        )
        assert found.pauli_fidelity(other) == pytest.approx(np.exp(expected))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([paulis("Z")], [0.1, 0.2]), "1, 2, 2 entries"),
        (([paulis("Z")], [0.1], [0.1, 0.2]), "1, 1, 2 entries"),
        (([], []), "act on [] qubits"),
        (([paulis("Z"), paulis("ZZ")], [0.1, 0.2]), "act on [1, 2] qubits"),
        (([paulis("Z"), paulis("X")], [0.1, float("nan")]), "rates[1] is nan"),
        ((["Z"], [0.1]), "generators[0] is 'Z'"),
        (([paulis("Z")], ["a lot"]), "rates is ['a lot']; it must be numbers"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: Any, words: str) -> None:
    with pytest.raises(ValueError) as refused:  # its words are looked at below
        NoiseLearnerV3Result.from_generators(*arguments)
    assert words in str(refused.value)


def results() -> NoiseLearnerV3Results:
    one = NoiseLearnerV3Result.from_generators([paulis("IIX")], [0.5])
    return NoiseLearnerV3Results((result for result in (RESULT, one)), {"who": "me"})


@pytest.mark.holds("B403")
def test_results_are_a_list_in_the_order_of_the_boxes() -> None:
    found = results()
    assert len(found) == 2
    assert found[0] is RESULT
    assert found[-1].num_qubits == 3
    assert found[1:] == [found[1]]
    assert list(found) == [found[0], found[1]]
    assert found.metadata == {"who": "me"}
    assert [noise.num_qubits for noise in found.to_pauli_lindblad_maps()] == [2, 3]
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert found != NoiseLearnerV3Results([RESULT])


@pytest.mark.holds("B403")
def test_noise_is_found_by_the_reference_of_its_box() -> None:
    found = results()
    boxes = [boxed(0, 1, ref="a"), boxed(2, 3, 4, ref="b")]
    maps = found.to_pauli_lindblad_maps()
    assert found.to_dict(boxes) == {"a": maps[0], "b": maps[1]}
    assert found.to_dict(box for box in boxes) == found.to_dict(boxes)
    assert found.to_dict([boxes[0], boxed(2, 3, 4)], require_refs=False) == {"a": maps[0]}


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([boxed(0, 1, ref="a")], "1 instructions for 2 results"),
        ([boxed(0, 1, ref="a"), boxed(2, 3, 4)], "instructions[1] has no InjectNoise annotation"),
        ([boxed(0, 1, ref="a"), boxed(2, 3, 4, ref="a")], "instructions[1] has the reference 'a'"),
        ([boxed(2, 3, 4, ref="b"), boxed(0, 1, ref="a")], "instructions[0] has 3 qubits and its noise 2"),
        ([boxed(0, 1, ref="a"), 1], "instructions[1] is 1"),
    ],
)
def test_boxes_that_are_not_those_of_the_noise_are_refused(boxes: Any, words: str) -> None:
    with pytest.raises(ValueError) as refused:  # its words are looked at below
        results().to_dict(boxes)
    assert words in str(refused.value)


@pytest.mark.holds("B403")
@pytest.mark.parametrize(
    ("make", "given", "words"),
    [
        (NoiseLearnerV3Results, None, "data is None; it must be a list of NoiseLearnerV3Result"),
        (NoiseLearnerV3Results, 5, "data is 5; it must be a list"),
        (NoiseLearnerV3Results, [RESULT, 3], r"data\[1\] is 3; data must be a list of NoiseLearnerV3Result"),
        (
            lambda odd: NoiseLearnerV3Result.from_generators(odd, [0.5]),
            5,
            "generators is 5; it must be a list of Qubit",
        ),
        (lambda odd: NoiseLearnerV3Result(odd, [0.5]), "XX", "generators is 'XX'; it must be a list of Qubit"),
        (lambda odd: NoiseLearnerV3Result([paulis("X")], odd), 5, "rates is 5; it must be numbers, one for each"),
        (lambda odd: NoiseLearnerV3Result([paulis("X")], [1], odd), "a", "rates_std is 'a'; it must be numbers"),
        (NoiseLearnerV3Results([]).to_dict, None, "instructions is None; it must be the list of boxes"),
    ],
)
def test_what_is_no_list_is_refused_with_its_value(make: Callable[[Any], Any], given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(given)
