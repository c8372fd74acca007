"""The estimator of directed execution: it prepares on the client what an executor runs."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal, overload

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.circuit import CircuitInstruction
from qiskit.primitives import BaseEstimatorV2
from qiskit.primitives.containers import EstimatorPubLike, PrimitiveResult

from .._public import public
from .._warn import warn_user
from ..bridge.observables import read_estimator_pubs
from ..bridge.typed_json import WRONG
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import if_given, read_mapping, read_number, show_value
from ..core.mitigation import choose_shots, finalize
from ..programs.checks import check_given
from ..programs.estimator import items_of, part_of, prepare
from ..programs.estimator import post_process as read_again
from ..programs.estimator_tasks import find_flaw, find_layers
from ..programs.quantum_program import QuantumProgram
from ..programs.reading import decode_program_result
from ..programs.results import QuantumProgramResult
from ..records.problem import BadArgument, UnreadableValue, WrongType
from .estimate import Estimate
from .executor import Directed, check_types, options_for_program
from .job import RuntimeJobV2
from .option_models import EstimatorOptions
from .prepared import Estimated, PreparedProgram
from .split_job import SplitJob


@public("executor_estimator")
class EstimatorV2(Directed[EstimatorOptions], BaseEstimatorV2):
    """Estimate expectation values of observables in the states of circuits, by a program that is prepared here.

    What is done about errors is put into the circuits before they are sent, and worked out when the result is read.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: An `EstimatorOptions` of `options_models`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.
    """

    _options_class = EstimatorOptions

    @overload
    def run(
        self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None, dry_run: bool = False
    ) -> RuntimeJobV2: ...

    @overload
    def run(
        self,
        pubs: Iterable[EstimatorPubLike],
        *,
        precision: float | None = None,
        dry_run: bool = False,
        max_payload: int,
    ) -> SplitJob: ...

    def run(
        self,
        pubs: Iterable[EstimatorPubLike],
        *,
        precision: float | None = None,
        dry_run: bool = False,
        max_payload: int | None = None,
    ) -> RuntimeJobV2 | SplitJob:
        """Submit a job and return at once. It is one request.

        Args:
            pubs: Tuples of circuit, observables, parameter values, precision. Observables are as wide as the
                circuit: `observable.apply_layout(circuit.layout)`. Their shape and that of the parameter
                values, without its last axis, broadcast to the shape of the PUB.
            precision: Standard error, before mitigation, for each PUB that says none. All PUBs of a job have the same.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.
            max_payload: Split the PUBs into as few jobs as have no more than so many bytes of parameters each, one
                request for each, and return a `SplitJob`. Each job calibrates the readout for itself.

        Raises:
            IBMInputValueError: A PUB or an option is not what it must be, they do not go together, or a circuit cannot
                run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.

        Source: behaviour B380 to B382, B387, B388, B407, B408.
        """
        prepared, sent = self.prepare(pubs, precision=precision), options_for_program(self._options)
        job: RuntimeJobV2 | SplitJob = self._run_program(prepared, sent, dry_run, max_payload, finite=True)
        return job

    _part_of = staticmethod(part_of)

    def prepare(self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None) -> PreparedProgram:
        """Return what `run` would send: circuits, randomizations, shots, and what they cost in executions.

        Nothing is sent. `Executor.run(prepared)` runs it.

        Raises:
            IBMInputValueError: As `run` does.
        """
        error = value_or_raise(if_given(partial(read_number, above=0.0))("precision", precision))
        read = value_or_raise(read_estimator_pubs(pubs, error, projectors=True))
        value_or_raise(check_given(read))
        options = self._finalized(warn=True)
        chosen = choose_shots([pub.precision for pub in read], options)
        if isinstance(chosen, BadArgument):
            raise exception_of(chosen)
        shots, asked = chosen
        prepared = prepare(read, options, shots, self._backend.target, precision=asked, tagged=self._is_tagged())
        return _shown(value_or_raise(prepared), self._estimate_prepared)

    def estimate(self, pubs: Iterable[EstimatorPubLike], *, precision: float | None = None) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        Executions are counted as `prepare` makes them. It is one request at most, for what the instance has left, and
        that is remembered for a while.

        Args:
            pubs: As for `run`.
            precision: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self.prepare(pubs, precision=precision).estimate()

    def finalize_options(self) -> EstimatorOptions:
        """Return a copy of the options in which nothing is left to `resilience_level`."""
        options = self._options.model_copy(deep=True)
        decided = self._finalized(warn=False)
        for group in ("twirling", "resilience"):
            held = getattr(options, group)
            for name in ("enable_gates", "enable_measure", "measure_mitigation", "zne_mitigation"):
                if name in decided[group]:
                    setattr(held, name, decided[group][name])
        return options

    def find_unique_layers(
        self, pubs: Iterable[EstimatorPubLike], types: Literal["gates", "all"] = "gates"
    ) -> list[CircuitInstruction]:
        """Return each layer that `run` would twirl once: what a noise learner is to learn.

        Args:
            pubs: As for `run`.
            types: `gates` for layers of gates alone, `all` for those of measurements too.

        Raises:
            IBMInputValueError: A PUB is not what it must be or cannot be twirled, or `types` is another word.

        Source: behaviour B384.
        """
        check_types(types)
        read = value_or_raise(read_estimator_pubs(pubs, None, projectors=True))
        options = self._finalized(warn=False)
        raise_if(find_flaw(read, options))
        return find_layers([pub.circuit for pub in read], options, types, tagged=True)

    def _finalized(self, *, warn: bool) -> Mapping[str, Any]:
        decided = finalize(self._options.model_dump())
        for sentence in decided.overruled if warn else ():
            warn_user(sentence)
        return decided.options


def _shown(program: QuantumProgram, estimate: Estimated) -> PreparedProgram:
    """Return a program with what each of its items is for.

    Source: behaviour B389.
    """
    purposes: list[str] = []
    randomizations: list[int] = []
    pubs: list[int | None] = []
    for index, entry in enumerate(program.passthrough_data["qiskit_mitigation"]):
        shape = program.items[entry["program_item_index"]].shape
        match entry["mitigation"]:
            case "trex":
                purposes.append("readout")
            case "gate_folding":
                purposes += [f"PUB {index}, noise x {factor:g}" for factor in entry["noise_factors"]]
            case "pea":
                factors = ", ".join(f"{factor:g}" for factor in entry["noise_factors"])
                purposes.append(f"PUB {index}, noise x {factors}")
            case "pec":
                purposes.append(f"PUB {index}, errors cancelled")
            case _:
                purposes.append(f"PUB {index}")
        count = len(items_of(entry))
        randomizations += [shape[1 if entry["mitigation"] == "pea" else 0]] * count
        pubs += [None if entry["mitigation"] == "trex" else index] * count
    return PreparedProgram(program, purposes, randomizations, pubs, estimate=estimate)


@public("executor_estimator")
def post_process(
    result: QuantumProgramResult | bytes, options: Mapping[str, Any] | None = None
) -> PrimitiveResult[Any]:
    """Return expectation values from what an estimator's program answered, here or in IBM's client.

    The same result may be read again with other options, without another run. Nobody is asked for anything.

    Args:
        result: The bytes of the result, as `job.raw_result()` returns and `job.save_result(path)` writes them, or a
            `QuantumProgramResult`.
        options: What is to be different from the run, as nested dictionaries. Of `resilience` may be changed:
            `measure_mitigation` and `zne_mitigation` (to False), `zne.noise_factors` (to some of those that were run),
            `zne.extrapolator` and `zne.extrapolated_noise_factors`.

    Raises:
        IBMInputValueError: An option was decided before the run, so that it cannot be changed now.
        IBMApiError: The bytes are no result of a quantum program, or something in them is damaged.
        ValueError: The result is not that of an estimator's program.

    Source: behaviour B383.
    """
    changes = {} if options is None else _read_changes(options)
    read = _read_result(result)
    try:
        return read_again(read, changes)
    except ValueError:
        raise
    except WRONG as reason:
        words = f"{type(reason).__name__}: {reason}"
        raise exception_of(UnreadableValue(tag="the result of an estimator", reason=words)) from reason


def _read_result(result: Any) -> QuantumProgramResult:
    if isinstance(result, QuantumProgramResult):
        return result
    if isinstance(result, bytes | bytearray):
        return value_or_raise(decode_program_result(bytes(result)))
    wanted = "bytes, or a QuantumProgramResult"
    raise exception_of(WrongType(name="result", value=show_value(result), wanted=wanted))


def _read_changes(options: Any) -> dict[str, Any]:
    """Return options with values as they are held. What is unknown or cannot be meant is refused."""
    wanted = "a dictionary with names of options"
    read = value_or_raise(read_mapping("options", options, wanted=wanted))
    return EstimatorOptions(**read).model_dump(exclude_unset=True)


Estimator = EstimatorV2
