"""Run an estimator job: expectation values from shots in the bases that the observables need."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import NDArray
from qiskit.primitives.containers import DataBin, PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.transpiler import Target
from returns.result import Failure, Result, Success

from ..bridge.ledger import RefusedError
from ..bridge.measurement_bases import Basis, choose_bases, measured_qubits, number_elements
from ..records.problem import BadArgument, Problem, TooHeavy
from .active_qubits import active_qubits, shrink_circuit
from .bases import measure_in, split_by_cones
from .conditions import Conditions, Simulated, choose_engine
from .estimates import LONGEST_JOB, LONGEST_RUN
from .job_params import EstimatorJob, is_twirled, shots_for, spread_shots
from .light_cones import Wires
from .lost_noise import describe_plans
from .lowering import lower_pubs
from .metadata import describe_estimator_job, describe_estimator_pub, describe_left_out
from .method import Shots, seed_of
from .mitigated import mitigates, run_mitigated_job
from .parities import find_parities
from .plan import Bindings, Engine, Measured, Plan, check_time
from .strays import put_strays

MOST_LOOKS = 3_000_000
"""How many instructions may be looked at to find light cones, all terms together."""

Terms = Mapping[str, float]
"""From a text of I, X, Y and Z, the highest qubit first, to its coefficient."""


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
    terms allow, with the noise of gates and of readout. Errors are mitigated as the options say, where that can be
    done. Every circuit must be executable on the target as it is.

    Fails with:
        BadArgument: The seed is negative, or an option needs Aer, which is not there.
        NotExecutable: A circuit does what cannot be simulated.
        TooHeavy: The simulation takes longer than it may.
        TooWide: The state of a circuit does not fit into memory.

    Source: behaviour B185, B190, B250.
    """
    seeds = (job.settings.simulator.seed_simulator, job.settings.seed_estimator, conditions.seed)
    seed = next(seed for seed in seeds if seed is not None)
    if seed < 0:
        return Failure(BadArgument(name="seed", value=str(seed), wanted="at least 0"))
    if mitigates(job, conditions):
        mitigated = run_mitigated_job(job, conditions, seed)
        if mitigated is not None:
            return mitigated
    return _run(job, conditions, seed)


def _run(job: EstimatorJob, conditions: Conditions, seed: int) -> Result[Simulated[PubResult], Problem]:
    results, planned = [], []
    try:
        engine = choose_engine(conditions, job.settings.simulator)
        lowered = lower_pubs(job.pubs, conditions.target)
        noisy, losses = put_strays(lowered, conditions, job.settings.simulator)
        for index, pub in enumerate(noisy):
            pending = _Pending(pub, conditions.target)
            planned.append((pending, pending.plan(engine, index, seed_of(seed, index), conditions.longest)))
            check_time(engine, [plan for _, (_, plan) in planned], conditions.longest)
        for pub, (pending, (bases, plan)) in zip(job.pubs, planned, strict=True):
            number, size = 1, pending.shots
            if is_twirled(job.settings.twirling, job.resilience_level):
                pec = job.settings.resilience.pec_mitigation is True
                number, size = spread_shots(pending.shots, job.settings.twirling, pec=pec)
            data = pending.read(bases, plan.run(), size)
            results.append(PubResult(data, describe_estimator_pub(pub, pending.shots, number)))
    except RefusedError as refusal:
        return Failure(refusal.problem)
    plans = [plan for _, (_, plan) in planned]
    left_out = describe_plans(plans, conditions, job, losses)
    metadata = describe_estimator_job(job) | describe_left_out(left_out.noise, left_out.cut, job.idle)
    return Success(Simulated(PrimitiveResult(results, metadata), left_out.notes))


Bases = Mapping[Basis, Sequence[int]]
"""From a basis to the bindings that are measured in it."""


class _Pending:
    """One pub: which observable belongs to which binding, and what must be measured for that."""

    def __init__(self, pub: EstimatorPub, target: Target) -> None:
        self.pub, self.target = pub, target
        self.shots = shots_for(pub.precision)
        wide: list[Terms] = pub.observables.ravel().tolist()
        self.active = tuple(sorted({*active_qubits(pub.circuit), *_support(wide)}))
        self.observables = [_narrow(terms, self.active) for terms in wide]
        # Both shapes broadcast to that of the pub.
        self.binding_of = number_elements(pub.parameter_values.shape, pub.shape).tolist()
        self.observable_of = number_elements(pub.observables.shape, pub.shape).tolist()
        wanted: dict[int, dict[str, None]] = {}
        for binding, observable in zip(self.binding_of, self.observable_of, strict=True):
            wanted.setdefault(binding, {}).update(dict.fromkeys(self.observables[observable]))
        self.bases: dict[Basis, list[int]] = {}
        for binding, terms in wanted.items():
            for basis in choose_bases(tuple(terms)):
                self.bases.setdefault(basis, []).append(binding)

    def plan(self, engine: Engine, index: int, seed: int, longest: float) -> tuple[Bases, Plan]:
        """Return in which bases to measure, and how.

        Many terms share a basis; where that takes too much, only those do whose light cones are one.

        Raises:
            RefusedError: No way to do it fits into memory, or into `longest` seconds.

        Source: behaviour B254.
        """
        wires = Wires(shrink_circuit(self.pub.circuit, self.active))
        values = Bindings(self.pub)
        found: list[tuple[Bases, Plan]] = []
        refusals: list[RefusedError] = []
        for bases in self._choices(wires):
            circuits = [self._measured(basis, bindings, wires) for basis, bindings in bases.items()]
            try:
                plan = Plan(engine, index, self.active, circuits, values, self.shots, seed, longest)
            except RefusedError as refusal:
                if longest < LONGEST_JOB and isinstance(refusal.problem, TooHeavy):
                    # With more time this choice might be taken, so that another must not be taken without.
                    raise
                refusals.append(refusal)
                continue
            found.append((bases, plan))
            if plan.choice.noise == engine.noise and plan.choice.exact and plan.choice.seconds <= LONGEST_RUN:
                break
        if not found:
            raise refusals[0]
        return min(found, key=lambda choice: choice[1].choice.rank)

    def _choices(self, wires: Wires) -> Iterator[Bases]:
        yield self.bases
        terms = sum(len(basis.terms) for basis in self.bases)
        if terms * len(wires.data) <= MOST_LOOKS:
            local: dict[Basis, list[int]] = {}
            for basis, bindings in self.bases.items():
                for part in split_by_cones(basis, wires):
                    local.setdefault(part, []).extend(bindings)
            yield local

    def _measured(self, basis: Basis, bindings: Sequence[int], wires: Wires) -> Measured:
        """Return what a basis depends on, measured in it."""
        cone = wires.cone_of(measured_qubits(basis.letters))
        letters = "".join(basis.letters[-1 - qubit] for qubit in reversed(cone.qubits))
        circuit = measure_in(wires.build(cone), letters, self.target)
        own = self.pub.circuit.num_clbits
        return Measured(circuit, cone.qubits, range(own, circuit.num_clbits), bindings)

    def read(self, bases: Bases, shots: Sequence[Sequence[Shots]], size: int) -> DataBin:
        """Return values and errors, each of the shape of the pub; a randomization took `size` shots.

        Source: behaviour B273.
        """
        seen: dict[int, list[tuple[Basis, tuple[NDArray[np.float64], Shots]]]] = {
            binding: [] for binding in self.binding_of
        }
        for (basis, bindings), ran in zip(bases.items(), shots, strict=True):
            for binding, of_binding in zip(bindings, ran, strict=True):
                seen[binding].append((basis, _values(basis, of_binding)))
        starts = np.arange(0, self.shots, size)
        estimates = [
            self._estimate(self.observables[observable], seen[binding], starts)
            for binding, observable in zip(self.binding_of, self.observable_of, strict=True)
        ]
        values, *variances = np.array(estimates, dtype=float).reshape(-1, 3).T
        # A root of an array without axes is no array, so the roots are taken before the shape is given.
        stds, ensemble = (np.sqrt(variance).reshape(self.pub.shape) for variance in variances)
        return DataBin(
            evs=values.reshape(self.pub.shape).copy(),
            stds=stds,
            ensemble_standard_error=ensemble,
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
    measured = measured_qubits(basis.letters)
    # The bits of the pub's own registers stand before those of the basis.
    bits = shots.outcomes[:, shots.outcomes.shape[1] - len(measured) :]
    counted = np.array([[term[-1 - qubit] != "I" for term in basis.terms] for qubit in measured], np.bool_)
    odd = find_parities(bits, counted.reshape(len(measured), len(basis.terms)))
    return 1.0 - 2.0 * odd.astype(np.float64), shots


def _support(observables: Iterable[Terms]) -> set[int]:
    """Return the qubits that any term says something of."""
    return {qubit for terms in observables for label in terms for qubit in measured_qubits(label)}


def _narrow(terms: Terms, active: Sequence[int]) -> Terms:
    """Return an observable for the active qubits alone."""
    return {"".join(label[-1 - qubit] for qubit in reversed(active)): value for label, value in terms.items()}
