"""How measurements err, by the state that is measured, in the entries of a Target."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from qiskit.transpiler import InstructionProperties, Target


class ReadoutProperties(InstructionProperties):
    """How long a measurement takes, in seconds, and how often it errs, from 0 to 1.

    Aer knows both numbers by these names, on its own too: `AerSimulator.from_backend(backend)`.
    """

    def __init__(
        self, duration: float | None, error: float | None, prob_meas1_prep0: float, prob_meas0_prep1: float
    ) -> None:
        super().__init__(duration, error)
        self.prob_meas1_prep0 = prob_meas1_prep0
        """How often a 0 is read as 1."""
        self.prob_meas0_prep1 = prob_meas0_prep1
        """How often a 1 is read as 0."""

    def __repr__(self) -> str:
        return (
            f"ReadoutProperties(duration={self.duration}, error={self.error}, "
            f"prob_meas1_prep0={self.prob_meas1_prep0}, prob_meas0_prep1={self.prob_meas0_prep1})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Qiskit's own copies and pickles know of duration and error alone.
        return type(self), (self.duration, self.error, self.prob_meas1_prep0, self.prob_meas0_prep1)


class Misreading(NamedTuple):
    """How often a qubit is read as what it is not, from 0 to 1."""

    zero_as_one: float = 0.0
    one_as_zero: float = 0.0


def describe_readout(
    duration: float | None, error: float | None, zero_as_one: float | None, one_as_zero: float | None
) -> InstructionProperties:
    """Return what is known of a measurement; the general error stands for the error of a state that is not told.

    Source: behaviour B270.
    """
    zero_as_one, one_as_zero = (error if told is None else told for told in (zero_as_one, one_as_zero))
    if zero_as_one is None or one_as_zero is None:
        return InstructionProperties(duration, error)
    return ReadoutProperties(duration, error, zero_as_one, one_as_zero)


def misreadings(target: Target, qubits: Sequence[int]) -> list[Misreading]:
    """Return how often each of the qubits is misread; never where the target does not say.

    Source: behaviour B270.
    """
    places = target["measure"] if "measure" in target.operation_names else {}
    return [_misreading(places.get((qubit,))) for qubit in qubits]


def _misreading(known: InstructionProperties | None) -> Misreading:
    match known:
        case ReadoutProperties():
            return Misreading(known.prob_meas1_prep0, known.prob_meas0_prep1)
        case InstructionProperties(error=float(error)):
            return Misreading(error, error)
        case _:
            return Misreading()
