"""The sampler of directed execution: it prepares on the client what an executor runs."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal, overload

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.circuit import CircuitInstruction
from qiskit.primitives import BaseSamplerV2
from qiskit.primitives.containers import SamplerPubLike

from .._public import public
from .._warn import warn_user
from ..bridge.circuits import read_pubs
from ..bridge.executable import check_registers
from ..client.raising import value_or_raise
from ..core.arguments import if_given, read_whole
from ..core.randomizations import agree_on_shots
from ..programs.boxing import boxer, boxing_arguments, unique_layers
from ..programs.checks import check_given
from ..programs.sampler import box_pub, is_twirled, part_of, prepare
from .estimate import Estimate
from .executor import Directed, check_types, options_for_program
from .job import RuntimeJobV2
from .option_models import SamplerOptions
from .prepared import PreparedProgram
from .split_job import SplitJob


@public("executor_sampler")
class SamplerV2(Directed[SamplerOptions], BaseSamplerV2):
    """Take samples of the classical registers of circuits, by a quantum program that is prepared here.

    Twirling and dynamical decoupling are put into the circuits before they are sent, and flips of bits that belong to
    the twirling are undone when the result is read.

    Args:
        mode: Where to run: a backend, a `Session` or a `Batch`; by default the session whose block is open. A backend
            that no service has runs in this process.
        options: A `SamplerOptions` of `options_models`, which is kept, or a dictionary of its values.

    Raises:
        IBMInputValueError: `mode` is none of these, or an option cannot be meant.
    """

    _options_class = SamplerOptions

    @overload
    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None, dry_run: bool = False
    ) -> RuntimeJobV2: ...

    @overload
    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None, dry_run: bool = False, max_payload: int
    ) -> SplitJob: ...

    def run(
        self,
        pubs: Iterable[SamplerPubLike],
        *,
        shots: int | None = None,
        dry_run: bool = False,
        max_payload: int | None = None,
    ) -> RuntimeJobV2 | SplitJob:
        """Submit a job and return at once. It is one request.

        Args:
            pubs: Circuits, or tuples of circuit, parameter values, shots. Parameter values have the
                shape (*pub shape, number of parameters).
            shots: For each PUB that says none. All PUBs of a job take the same number.
            dry_run: Let the service check and time the job on a stand-in for the device; the results are random.
            max_payload: Split the PUBs into as few jobs as have no more than so many bytes of parameters each, one
                request for each, and return a `SplitJob`.

        Raises:
            IBMInputValueError: A PUB or an option is not what it must be, they do not go together, or a circuit cannot
                run on the backend as it is.
            IBMApiError, IBMRuntimeError: The service did not take the job, or the session is closed.
            QiskitBackendNotFoundError: `dry_run` is asked for, and the device has no stand-in.

        Source: behaviour B372 to B377, B407, B408.
        """
        prepared = self.prepare(pubs, shots=shots)
        sent = _sent_options(self._options)
        job: RuntimeJobV2 | SplitJob = self._run_program(prepared, sent, dry_run, max_payload, finite=True)
        return job

    _part_of = staticmethod(part_of)

    def prepare(self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None) -> PreparedProgram:
        """Return what `run` would send: circuits, randomizations, shots, and what they cost in executions.

        Nothing is sent. `Executor.run(prepared)` runs it.

        Raises:
            IBMInputValueError: As `run` does.
        """
        asked = value_or_raise(if_given(partial(read_whole, least=1))("shots", shots))
        read = value_or_raise(read_pubs(pubs, asked))
        value_or_raise(check_registers(read))
        value_or_raise(check_given(read))
        options = self.finalize_options()
        number = value_or_raise(agree_on_shots([pub.shots for pub in read], options.default_shots))
        plain = options.model_dump()
        program = value_or_raise(prepare(read, plain, number, self._backend.target, tagged=self._is_tagged()))
        twirled = is_twirled(plain)
        prepared = PreparedProgram(
            program,
            [f"PUB {index}" for index in range(len(read))],
            [item.shape[0] if twirled else 1 for item in program.items],
            range(len(read)),
            estimate=self._estimate_prepared,
        )
        if any(pub.shots is not None for pub in read):
            _warn_of_fewer_shots(number, prepared.shots_of(0))
        return prepared

    def estimate(self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None) -> Estimate:
        """Return what `run` of the same would use, by IBM's formula. Nothing is submitted.

        Executions are counted as `prepare` makes them. It is one request at most, for what the instance has left, and
        that is remembered for a while.

        Args:
            pubs: As for `run`.
            shots: As for `run`.

        Raises:
            IBMInputValueError: As `run` does.

        Source: behaviour B510 to B519.
        """
        return self.prepare(pubs, shots=shots).estimate()

    def finalize_options(self) -> SamplerOptions:
        """Return a copy of the options in which nothing of the twirling is left open: what is `None` is False."""
        options = self._options.model_copy(deep=True)
        twirling = options.twirling
        if twirling.enable_gates is None:
            twirling.enable_gates = False
        if twirling.enable_measure is None:
            twirling.enable_measure = False
        return options

    def find_unique_layers(
        self, pubs: Iterable[SamplerPubLike], types: Literal["gates", "all"] = "gates"
    ) -> list[CircuitInstruction]:
        """Return each layer that `run` would twirl once: what a noise learner is to learn.

        Args:
            pubs: As for `run`.
            types: `gates` for layers of gates alone, `all` for those of measurements too.

        Raises:
            IBMInputValueError: A PUB is not what it must be or cannot be twirled, or `types` is another word.

        Source: behaviour B378.
        """
        check_types(types)
        read = value_or_raise(read_pubs(pubs, None))
        by = boxer(boxing_arguments(self.finalize_options().twirling.model_dump(), tagged=True))
        boxed = [value_or_raise(box_pub(index, pub, by)) for index, pub in enumerate(read)]
        return unique_layers(boxed, with_measures=types == "all")


def _sent_options(options: SamplerOptions) -> dict[str, Any]:
    """Return what the program is told. Its timing may be asked for among what is experimental, too."""
    sent = options_for_program(options)
    experimental = sent["experimental"].get("execution")
    if isinstance(experimental, dict) and "scheduler_timing" in experimental:
        sent["scheduler_timing"] = bool(experimental["scheduler_timing"])
    return sent


def _warn_of_fewer_shots(asked: int, taken: int) -> None:
    """Warn where the two numbers of the twirling say less than what was asked for."""
    if taken < asked:
        warn_user(
            f"{taken} shots are taken, not {asked}: twirling.num_randomizations times twirling.shots_per_randomization "
            "counts where both are set. Set one of them to 'auto'."
        )


Sampler = SamplerV2
