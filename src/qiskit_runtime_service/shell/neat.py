"""What noise does to the values of an estimator: Clifford circuits with and without it, and sums with the results."""

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from numpy.typing import ArrayLike, NDArray
from qiskit.primitives.containers import PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub, EstimatorPubLike
from qiskit.providers import BackendV2
from qiskit.quantum_info import Clifford, SparsePauliOp
from qiskit.transpiler import InstructionProperties, PassManager, Target

from .._public import public
from ..client.raising import value_or_raise
from ..passes.clifford import ConvertISAToClifford
from ..simulator.conditions import Conditions
from ..simulator.estimator import run_estimator_job
from ..simulator.job_params import EstimatorJob, Settings, Simulator
from ..simulator.method import is_clifford

if TYPE_CHECKING:
    from qiskit_aer.noise import NoiseModel

PRECISION = 1 / 64
"""Of values with noise for which none is asked: that of 4,096 shots."""

NeatPubResultLike: TypeAlias = "NeatPubResult | PubResult | float"
"""What results are reckoned with. Of the result of a primitive, its `data.evs` count."""


@public("debug_tools")
class NeatPubResult:
    """Values of a PUB, with which one can reckon: `+`, `-`, `*`, `/`, `**` and `abs`, element by element.

    Args:
        vals: Real numbers of any shape.

    Source: behaviour B462.
    """

    def __init__(self, vals: ArrayLike) -> None:
        self._vals: NDArray[np.float64] = np.array(vals, dtype=np.float64)

    @property
    def vals(self) -> NDArray[np.float64]:
        """The values, in the shape of the PUB."""
        return self._vals

    def __abs__(self) -> "NeatPubResult":
        return NeatPubResult(np.abs(self._vals))

    def __add__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.add, self, other)

    def __radd__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.add, other, self)

    def __sub__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.sub, self, other)

    def __rsub__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.sub, other, self)

    def __mul__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.mul, self, other)

    def __rmul__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.mul, other, self)

    def __truediv__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.truediv, self, other)

    def __rtruediv__(self, other: NeatPubResultLike) -> "NeatPubResult":
        return self._reckon(operator.truediv, other, self)

    def __pow__(self, other: float) -> "NeatPubResult":
        return self._reckon(operator.pow, self, other)

    @staticmethod
    def _reckon(do: Callable[[Any, Any], Any], first: NeatPubResultLike, second: NeatPubResultLike) -> "NeatPubResult":
        """Do something with the values of both."""
        return NeatPubResult(do(_values_of(first), _values_of(second)))

    def __repr__(self) -> str:
        return f"NeatPubResult(vals={self._vals!r})"


def _values_of(given: NeatPubResultLike) -> Any:
    """Return the numbers to reckon with.

    Raises:
        ValueError: It has none.
    """
    match given:
        case NeatPubResult():
            return given.vals
        case PubResult():
            return given.data.evs
        case bool() | str():
            pass
        case float() | int() | np.floating() | np.integer():
            return given
    raise ValueError(
        f"A NeatPubResult cannot be reckoned with {type(given).__name__}, but with a number, another one, "
        "or the result of a PUB."
    )


@public("debug_tools")
class NeatResult:
    """The results of all PUBs, in their order.

    Args:
        pub_results: One for each PUB.
    """

    def __init__(self, pub_results: Iterable[NeatPubResult]) -> None:
        self._pub_results = list(pub_results)

    def __getitem__(self, index: int) -> NeatPubResult:
        return self._pub_results[index]

    def __len__(self) -> int:
        return len(self._pub_results)

    def __iter__(self) -> Iterator[NeatPubResult]:
        return iter(self._pub_results)

    def __repr__(self) -> str:
        return f"NeatResult({self._pub_results})"


@public("debug_tools")
class Neat:
    """The noisy estimator analyzer tool: it tells what an estimator finds on a device, from Clifford circuits.

    These are simulated in this process, also with more than a hundred qubits: `to_clifford` makes them of circuits
    of the device.

    Args:
        backend: The device.
        noise_model: Of `qiskit-aer`; `None` for the noise that the device tells of.

    Source: behaviour B462.
    """

    def __init__(self, backend: BackendV2, noise_model: "NoiseModel | None" = None) -> None:
        if not isinstance(backend, BackendV2):
            raise TypeError(f"backend is of type {type(backend).__name__}, and must be a backend.")
        self._backend = backend
        self._noise_model = noise_model

    @property
    def noise_model(self) -> "NoiseModel | None":
        """The noise of `noisy_sim`; `None` for that of the device."""
        return self._noise_model

    @noise_model.setter
    def noise_model(self, value: "NoiseModel | None") -> None:
        self._noise_model = value

    def backend(self) -> BackendV2:
        """Return the device."""
        return self._backend

    def ideal_sim(
        self,
        pubs: Sequence[EstimatorPubLike],
        cliffordize: bool = False,
        seed_simulator: int | None = None,  # noqa: ARG002  # there is no chance in it
        precision: float = 0,  # noqa: ARG002  # all are exact
    ) -> NeatResult:
        """Return the values without noise, which are exact.

        Args:
            pubs: As for an estimator.
            cliffordize: Whether `to_clifford` makes Clifford circuits of them before.
            seed_simulator: Has no effect: nothing is drawn.
            precision: Has no effect: all are exact.

        Raises:
            ValueError: A circuit is no Clifford circuit.
        """
        return NeatResult(NeatPubResult(find_values(pub)) for pub in self._read(pubs, cliffordize))

    def noisy_sim(
        self,
        pubs: Sequence[EstimatorPubLike],
        cliffordize: bool = False,
        seed_simulator: int | None = None,
        precision: float = 0,
    ) -> NeatResult:
        """Return the values with the noise of gates, from shots.

        Errors of readout are left out, for an estimator mitigates them.

        Args:
            pubs: As for an estimator, of circuits that the device can run.
            cliffordize: Whether `to_clifford` makes Clifford circuits of them before.
            seed_simulator: The same one gives the same values.
            precision: Standard error of the values, unless a PUB has its own; 0 for 1/64.

        Raises:
            IBMInputValueError: A circuit cannot be simulated; it is a `ValueError` too.
            ValueError: A circuit is no Clifford circuit.
        """
        read = self._read(pubs, cliffordize, precision or PRECISION)
        job = EstimatorJob(
            pubs=tuple(read),
            settings=Settings(
                simulator=Simulator(noise_model=without_readout(self.noise_model), seed_simulator=seed_simulator)
            ),
            resilience_level=0,
        )
        target = measuring_well(self._backend.target)
        conditions = Conditions(target=target, seed=int(np.random.default_rng().integers(2**32)))
        simulated = value_or_raise(run_estimator_job(job, conditions))
        return NeatResult(NeatPubResult(result.data.evs) for result in simulated.result)

    def to_clifford(self, pubs: Sequence[EstimatorPubLike]) -> list[EstimatorPub]:
        """Return PUBs with the Clifford circuits next to theirs, as `ConvertISAToClifford` makes them.

        Angles that a PUB has values for are bound before: the PUB must have one set of them.

        Raises:
            ValueError: An instruction is none that is known of devices.
        """
        read = [EstimatorPub.coerce(pub) for pub in pubs]
        for index, pub in enumerate(read):
            if pub.parameter_values.size != 1:
                raise ValueError(
                    f"PUB {index} has {pub.parameter_values.size} sets of values, of which each has a Clifford circuit "
                    "of its own. Give a PUB for each set."
                )
        bound = [pub.parameter_values.bind_all(pub.circuit).item() for pub in read]
        circuits = PassManager([ConvertISAToClifford()]).run(bound)
        return [
            EstimatorPub(circuit, pub.observables, precision=pub.precision)
            for circuit, pub in zip(circuits, read, strict=True)
        ]

    def _read(
        self, pubs: Sequence[EstimatorPubLike], cliffordize: bool, precision: float | None = None
    ) -> list[EstimatorPub]:
        """Return PUBs of Clifford circuits in Qiskit's form.

        Raises:
            ValueError: A circuit is no Clifford circuit.
        """
        read = [EstimatorPub.coerce(pub, precision) for pub in (self.to_clifford(pubs) if cliffordize else pubs)]
        for index, pub in enumerate(read):
            if not all(is_clifford(circuit) for circuit in pub.parameter_values.bind_all(pub.circuit).flat):
                raise ValueError(
                    f"The circuit of PUB {index} is no Clifford circuit. Give cliffordize=True for the one next to it."
                )
        return read

    def __repr__(self) -> str:
        return f'Neat(backend="{self._backend.name}")'


def measuring_well(target: Target) -> Target:
    """Return a target whose measurements have no errors."""
    copy = deepcopy(target)
    for qubits, known in target.get("measure", {}).items():
        if known is not None:
            copy.update_instruction_properties(
                "measure", qubits, InstructionProperties(duration=known.duration, error=0.0)
            )
    return copy


def without_readout(model: Any) -> Any:
    """Return a noise model of Aer without errors of readout, as a dictionary; `None` as it is."""
    if model is None:
        return None
    described = model if isinstance(model, dict) else model.to_dict(serializable=True)
    return {**described, "errors": [error for error in described["errors"] if error["type"] != "roerror"]}


def find_values(pub: EstimatorPub) -> NDArray[np.float64]:
    """Return the exact expectation values of a PUB of Clifford circuits, in the shape of the PUB.

    Each Pauli is taken back through its circuit. What comes out is 1 or -1 if only I and Z are left, else 0.
    """
    bound = pub.parameter_values.bind_all(pub.circuit)
    # A circuit is known by many observables, and taken apart once.
    cliffords = {id(circuit): Clifford(circuit) for circuit in bound.flat}
    circuits = np.broadcast_to(bound, pub.shape)
    observables: NDArray[Any] = np.broadcast_to(np.asarray(pub.observables.sparse_observables_array()), pub.shape)
    values = np.empty(pub.shape)
    for index in np.ndindex(*pub.shape):
        observable: Any = observables[index]
        terms = SparsePauliOp.from_sparse_observable(observable.as_paulis())
        back = terms.paulis.evolve(cliffords[id(circuits[index])], frame="h")
        signs = np.where(back.x.any(axis=1), 0.0, 1.0 - back.phase)
        values[index] = np.real(terms.coeffs) @ signs
    return values
