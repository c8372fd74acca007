"""Run an estimator job: expectation values from shots in the bases that the observables need."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.primitives.containers import DataBin, PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import PauliList
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from ..bridge.safe_decoding import RefusedError
from ..records.problem import BadArgument, Problem
from .active_qubits import active_qubits, shrink_circuit
from .conditions import Conditions, Simulated, choose_machine, describe_run
from .job_params import EstimatorJob, is_twirled, shots_for, spread_shots
from .lowering import lower_pubs
from .metadata import describe_estimator_job, describe_estimator_pub
from .method import Machine, Run, Shots, Work, seed_of
from .sampler import bound_circuits

Terms = Mapping[str, float]
"""From a text of I, X, Y and Z, the highest qubit first, to its coefficient."""


class Basis(NamedTuple):
    """What can be measured at once."""

    letters: str
    """X, Y or Z for each qubit, the highest first; I where nothing is measured."""
    terms: tuple[str, ...]
    """The terms whose values follow."""


class Estimate(NamedTuple):
    """An expectation value and how sure it is, or the share of one basis in them."""

    value: float
    variance: float
    """Of the mean over shots."""
    ensemble_variance: float
    """Of the mean over randomizations."""


def run_estimator_job(job: EstimatorJob, conditions: Conditions) -> Result[Simulated[PubResult], Problem]:
    """Return what a device might estimate. The same seed gives the same values, in any process.

    Each value comes from as many shots as its precision takes, measured in as few bases as qubit-wise commuting
    terms allow, with the noise of gates and of readout. Errors are not mitigated, whatever the resilience level.
    Every circuit must be executable on the target as it is.

    Fails with:
        BadArgument: The seed is negative, or an option needs Aer, which is not there.
        NotExecutable: A circuit does what cannot be simulated.
        TooLarge: A circuit is too wide to be simulated.

    Source: behaviour B185, B190.
    """
    seeds = (job.settings.simulator.seed_simulator, job.settings.seed_estimator, conditions.seed)
    seed = next(seed for seed in seeds if seed is not None)
    if seed < 0:
        return Failure(BadArgument(name="seed", value=str(seed), wanted="at least 0"))
    return _run(job, conditions, seed)


def _run(job: EstimatorJob, conditions: Conditions, seed: int) -> Result[Simulated[PubResult], Problem]:
    results, notes = [], []
    try:
        machine = choose_machine(conditions, job.settings.simulator)
        for index, pub in enumerate(lower_pubs(job.pubs, conditions.target)):
            shots = shots_for(pub.precision)
            number, size = 1, shots
            if is_twirled(job.settings.twirling, job.resilience_level):
                pec = job.settings.resilience.pec_mitigation is True
                number, size = spread_shots(shots, job.settings.twirling, pec=pec)
            pending = _Pending(index, pub, conditions.target, shots, seed_of(seed, index))
            run = pending.run(machine)
            notes.append(describe_run(index, len(pending.active), run.method))
            data = pending.read(run, size)
            results.append(PubResult(data, describe_estimator_pub(pub, shots, number)))
    except RefusedError as refusal:
        return Failure(refusal.problem)
    return Success(Simulated(PrimitiveResult(results, describe_estimator_job(job)), notes))


class _Pending:
    """One pub: which observable belongs to which binding, and what must be measured for that."""

    def __init__(self, index: int, pub: EstimatorPub, target: Target, shots: int, seed: int) -> None:
        self.index, self.pub, self.target, self.shots, self.seed = index, pub, target, shots, seed
        wide: list[Terms] = pub.observables.ravel().tolist()
        self.active = tuple(sorted({*active_qubits(pub.circuit), *_support(wide)}))
        self.observables = [_narrow(terms, self.active) for terms in wide]
        # Both shapes broadcast to that of the pub.
        self.binding_of = _numbered(pub.parameter_values.shape, pub.shape)
        self.observable_of = _numbered(pub.observables.shape, pub.shape)
        wanted: dict[int, dict[str, None]] = {}
        for binding, observable in zip(self.binding_of, self.observable_of, strict=True):
            wanted.setdefault(binding, {}).update(dict.fromkeys(self.observables[observable]))
        self.bases = {binding: choose_bases(tuple(terms)) for binding, terms in wanted.items()}

    def run(self, machine: Machine) -> Run:
        """Measure each binding in each of its bases."""
        bound = bound_circuits(self.pub, shrink_circuit(self.pub.circuit, self.active))
        circuits = [
            measure_in(bound[binding], basis.letters, self.target)
            for binding, bases in self.bases.items()
            for basis in bases
        ]
        return machine(Work(self.index, circuits, self.active, self.shots, self.seed))

    def read(self, run: Run, size: int) -> DataBin:
        """Return values and errors, each of the shape of the pub; a randomization took `size` shots."""
        shots = iter(run.shots)
        seen = {
            binding: [(basis, _values(basis, next(shots))) for basis in bases] for binding, bases in self.bases.items()
        }
        starts = np.arange(0, self.shots, size)
        estimates = [
            self._estimate(self.observables[observable], seen[binding], starts)
            for binding, observable in zip(self.binding_of, self.observable_of, strict=True)
        ]
        rows = np.array(estimates, dtype=float).reshape(*self.pub.shape, 3)
        return DataBin(
            evs=rows[..., 0].copy(),
            stds=np.sqrt(rows[..., 1]),
            ensemble_standard_error=np.sqrt(rows[..., 2]),
            shape=self.pub.shape,
        )

    def _estimate(
        self, terms: Terms, seen: Iterable[tuple[Basis, tuple[NDArray[np.float64], Shots]]], starts: NDArray[np.intp]
    ) -> Estimate:
        """Add up the shares of all bases: their shots are independent."""
        parts = [
            _share(np.array([terms.get(term, 0.0) for term in basis.terms]), values, shots, starts)
            for basis, (values, shots) in seen
        ]
        return Estimate(*map(math.fsum, zip(*parts, strict=True)))


def _share(
    coefficients: NDArray[np.float64], values: NDArray[np.float64], shots: Shots, starts: NDArray[np.intp]
) -> Estimate:
    """Return the mean over the shots in one basis, and how sure it is."""
    seen = (values @ coefficients)[shots.which]
    number = len(seen)
    mean = float(seen.mean())
    variance = float(seen.var(ddof=1)) / number if number > 1 else 0.0
    if len(starts) < 2:
        return Estimate(mean, variance, variance)
    # The last randomization may be shorter, so each counts as much as it has shots.
    sums = np.add.reduceat(seen - mean, starts)
    ensemble = float(sums @ sums) / number**2 * len(starts) / (len(starts) - 1)
    return Estimate(mean, variance, ensemble)


def _values(basis: Basis, shots: Shots) -> tuple[NDArray[np.float64], Shots]:
    """Return what each distinct outcome says of each term: 1 or -1, shape (distinct outcomes, terms)."""
    measured = _measured(basis.letters)
    # The bits of the pub's own registers stand before those of the basis.
    bits = shots.outcomes[:, shots.outcomes.shape[1] - len(measured) :].astype(np.float32)
    counted = np.array([[term[-1 - qubit] != "I" for term in basis.terms] for qubit in measured], np.float32)
    parity = bits @ counted.reshape(len(measured), len(basis.terms)) % 2
    return 1.0 - 2.0 * parity.astype(float), shots


@lru_cache(maxsize=256)
def choose_bases(terms: tuple[str, ...]) -> tuple[Basis, ...]:
    """Return few bases in which all terms are measured, each in one: those that commute qubit by qubit share one."""
    groups = PauliList(list(terms)).group_commuting(qubit_wise=True)
    return tuple(Basis(_join(labels), tuple(labels)) for labels in (group.to_labels() for group in groups))


def _join(labels: Sequence[str]) -> str:
    """Return the letter that any of the labels has at each place, or I."""
    return "".join(max(letters) for letters in zip(*labels, strict=True))


def measure_in(circuit: QuantumCircuit, letters: str, target: Target) -> QuantumCircuit:
    """Return `circuit` with measurements in a basis behind it, lowest qubit first, in a register of their own.

    The basis is changed with the gates of the device where it has `rz` and `sx`, so that their errors count.
    """
    whole = circuit.copy()
    measured = _measured(letters)
    whole.add_register(ClassicalRegister(len(measured)))
    native = {"rz", "sx"} <= set(target.operation_names)
    for bit, qubit in enumerate(measured):
        match letters[-1 - qubit], native:
            case "X", True:
                whole.rz(math.pi / 2, qubit)
                whole.sx(qubit)
            case "Y", True:
                whole.sx(qubit)
            case "X", False:
                whole.h(qubit)
            case "Y", False:
                whole.sdg(qubit)
                whole.h(qubit)
            case _:
                pass
        whole.measure(qubit, circuit.num_clbits + bit)
    return whole


def _measured(letters: str) -> list[int]:
    return [qubit for qubit, letter in enumerate(reversed(letters)) if letter != "I"]


def _support(observables: Iterable[Terms]) -> set[int]:
    """Return the qubits that any term says something of."""
    return {qubit for terms in observables for label in terms for qubit in _measured(label)}


def _narrow(terms: Terms, active: Sequence[int]) -> Terms:
    """Return an observable for the active qubits alone."""
    return {"".join(label[-1 - qubit] for qubit in reversed(active)): value for label, value in terms.items()}


def _numbered(shape: tuple[int, ...], whole: tuple[int, ...]) -> list[int]:
    """Return the flat index of an element of `shape` for each element of `whole`, to which it broadcasts."""
    numbers: Any = np.arange(math.prod(shape)).reshape(shape)
    flat: list[int] = np.broadcast_to(numbers, whole).ravel().tolist()
    return flat
