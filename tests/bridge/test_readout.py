"""How measurements err, by the state that is measured: what a Target says of it, and what comes of one number alone."""

import copy
import pickle

import pytest
from qiskit.circuit import Measure
from qiskit.transpiler import InstructionProperties, Target

from qiskit_runtime_service.bridge.readout import ReadoutProperties, describe_readout, misreadings


@pytest.mark.holds("B270")
def test_both_errors_of_a_measurement_are_kept_beside_the_mean() -> None:
    known = describe_readout(1e-6, 0.03, 0.01, 0.05)
    assert isinstance(known, ReadoutProperties)
    assert (known.duration, known.error, known.prob_meas1_prep0, known.prob_meas0_prep1) == (1e-6, 0.03, 0.01, 0.05)


@pytest.mark.holds("B270")
@pytest.mark.parametrize(
    ("error", "zero_as_one", "one_as_zero", "misread"),
    [
        (0.03, None, None, (0.03, 0.03)),
        (0.03, 0.01, None, (0.01, 0.03)),
        (0.03, None, 0.05, (0.03, 0.05)),
        (None, 0.01, 0.05, (0.01, 0.05)),
        (0.0, 0.0, 0.0, (0.0, 0.0)),
        (None, 0.01, None, (0.0, 0.0)),
        (None, None, None, (0.0, 0.0)),
    ],
)
def test_the_general_error_stands_for_one_that_is_not_told(
    error: float | None, zero_as_one: float | None, one_as_zero: float | None, misread: tuple[float, float]
) -> None:
    target = Target(num_qubits=2)
    target.add_instruction(Measure(), {(1,): describe_readout(None, error, zero_as_one, one_as_zero)})
    assert misreadings(target, (1,)) == [misread]
    assert target["measure"][1,].error == error


@pytest.mark.holds("B270")
def test_a_target_with_one_number_errs_both_ways_and_one_without_never() -> None:
    target = Target(num_qubits=4)
    assert misreadings(target, (0, 1)) == [(0.0, 0.0)] * 2
    places = {
        (0,): InstructionProperties(error=0.2),
        (1,): InstructionProperties(duration=1e-6),
        (2,): None,
        (3,): describe_readout(None, 0.3, 0.1, 0.5),
    }
    target.add_instruction(Measure(), places)
    assert misreadings(target, (3, 0, 2, 1)) == [(0.1, 0.5), (0.2, 0.2), (0.0, 0.0), (0.0, 0.0)]


def test_copies_and_pickles_have_both_errors() -> None:
    known = describe_readout(1e-6, 0.03, 0.01, 0.05)
    pickled = pickle.loads(pickle.dumps(known))  # noqa: S301  # our own bytes
    for again in (copy.copy(known), copy.deepcopy(known), pickled):
        assert type(again) is ReadoutProperties
        assert repr(again) == repr(known)
    assert repr(known) == (
        "ReadoutProperties(duration=1e-06, error=0.03, prob_meas1_prep0=0.01, prob_meas0_prep1=0.05)"
    )
