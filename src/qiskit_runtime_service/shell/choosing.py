"""Choosing backends for users: what they ask becomes a query, their test is put to backends, rows become objects."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..client.backends import LISTING_SECONDS, Backends
from ..client.instances import Instances
from ..client.raising import exception_of, log_troubles, raise_if, value_or_raise
from ..core.arguments import (
    Read,
    if_given,
    read_all,
    read_callable,
    read_flag,
    read_mapping,
    read_object,
    read_text,
    read_texts,
    read_whole,
    show_value,
)
from ..core.backends import build_query, explain_none
from ..core.choice import Key, Part, find_unusable, key_of
from ..core.messages import describe
from ..core.ranking import Measured, listed_ranking, rank_measured, read_ranking
from ..core.troubles import Trouble, about, sentences
from ..records.backend import BackendQuery, BackendRow
from ..records.call import Subject
from ..records.estimate import UsageEstimate
from ..records.problem import BackendNotFound, BadArgument, Problem
from ..records.selection import Condition, Selection

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from .backend import IBMBackend
    from .service import QiskitRuntimeService

T = TypeVar("T")

Test = Callable[["IBMBackend"], bool]
"""What users say with `filters=`."""

MOST_EFFORT = 3
"""The highest optimization level of Qiskit's transpiler."""


CHOICE: Mapping[str, Read[Any]] = {
    "rank_by": read_texts,
    "instance": if_given(read_text),
    "filters": if_given(partial(read_callable, wanted="a function of a backend")),
    "use_fractional_gates": if_given(read_flag),
    "calibration_id": if_given(read_text),
}
"""What reads the arguments of a choice."""

ASKED: Mapping[str, Read[Any]] = {
    "name": if_given(read_text),
    "min_num_qubits": if_given(read_whole),
    "dynamic_circuits": if_given(read_flag),
    "include_mocks": read_flag,
    "all_instances": read_flag,
    "where": if_given(read_text),
    "attributes": read_mapping,
}
"""What reads the arguments that say what is asked of a backend."""


def read_query(
    where: str | None = None,
    *,
    min_num_qubits: int | None = None,
    circuits: "Sequence[QuantumCircuit]" = (),
    **given: Any,
) -> BackendQuery:
    """Return what a user asks of backends: conditions in words, and what else `build_query` takes.

    A backend that shall run `circuits` has their qubits at least.

    Raises:
        IBMInputValueError: It is not what it must be.

    Source: behaviour B299.
    """
    asked = value_or_raise(read_all(ASKED, {"where": where, "min_num_qubits": min_num_qubits, **given}))
    for circuit in circuits:
        from qiskit import QuantumCircuit  # Here, because the service itself loads without Qiskit.

        width = value_or_raise(read_object("circuit", circuit, QuantumCircuit, wanted="a circuit")).num_qubits
        asked["min_num_qubits"] = max(asked["min_num_qubits"] or 0, width)
    words = asked.pop("where")
    conditions: tuple[Condition, ...] = ()
    if words is not None:
        from ..core.where import read_where  # Few conditions are in words.

        conditions = value_or_raise(read_where(words))
    return value_or_raise(build_query(conditions=conditions, **asked))


class Choice(NamedTuple):
    """The backends that are left, best first, and how the choice fell."""

    backends: "Sequence[IBMBackend]"
    selection: Selection[BackendRow]
    troubles: tuple[Trouble, ...]
    usages: Mapping[Key, UsageEstimate] = {}
    """What the circuit would use on each, where one was laid out."""

    def best(self, query: BackendQuery) -> "IBMBackend":
        """Return the best backend, or raise what says why `query` left none."""
        if not self.backends:
            raise exception_of(self.explain_none(query))
        return self.backends[0]

    def explain_none(self, query: BackendQuery) -> Problem:
        """Return what says why `query` left no backend."""
        rejected = self.selection.rejected
        names = [*(rejection.item.name for rejection in rejected), *(who for who, _ in self.troubles)]
        return explain_none(rejected, query, names, sentences(self.troubles))


class Chooser(NamedTuple):
    """Chooses among the backends of a service, and makes what users hold of them."""

    service: "QiskitRuntimeService"
    """What the backends belong to."""
    instances: Instances
    """Where they are."""
    backends: Backends
    """What fetches their parts."""

    def choose(
        self,
        query: BackendQuery,
        rank_by: str | Sequence[str] = (),
        *,
        instance: str | None = None,
        filters: Test | None = None,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
        max_age: float = 0.0,
        subject: Subject = "",
    ) -> Choice:
        """Return the backends that `query` and the test of the user leave. What cannot be asked or read is told.

        Raises:
            IBMInputValueError: An input is not what it must be.
            IBMApiError, IBMNotAuthorizedError: No instance could be listed.
        """
        from .backend import IBMBackend  # Here, because the service itself loads without Qiskit.

        given = {"filters": filters, "use_fractional_gates": use_fractional_gates, "calibration_id": calibration_id}
        test, fractional, calibration = value_or_raise(read_all(CHOICE, given)).values()
        ranking = value_or_raise(read_texts("rank_by", rank_by).bind(read_ranking))
        crns = value_or_raise(self.instances.crns(instance).alt(partial(about, subject)))

        def build(row: BackendRow) -> IBMBackend:
            return IBMBackend(self.service, row, fractional, calibration)

        tests = None if test is None else Tests(test, build, self.backends, calibration, query.only_best)
        query = replace(query, tested=test is not None, fractional=fractional)
        try:
            chosen = value_or_raise(
                self.backends.choose(crns, query, ranking, max_age=max_age, put_test=tests).alt(partial(about, subject))
            )
        finally:
            if tests is not None:
                self.backends.forget_ahead()
        log_troubles(chosen.troubles)
        left = chosen.selection.items[:1] if query.only_best else chosen.selection.items
        made = [build(row) for row in left] if tests is None else [tests.put_to[key_of(row)] for row in left]
        return Choice(made, chosen.selection, chosen.troubles)

    def find(
        self,
        name: str,
        instance: str | None,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
        *,
        subject: Subject = "backend",
        insists: bool = True,
    ) -> "IBMBackend":
        """Return the backend called `name`; a listing that is not too old will do.

        Args:
            name: Its name.
            instance: Look only in this instance, a CRN or a name.
            use_fractional_gates: Whether fractional gates are shown.
            calibration_id: The calibration to show.
            subject: What is asked about, if it could not be asked for.
            insists: Whether fractional gates that are asked for must be there.

        Raises:
            QiskitBackendNotFoundError: There is none, or it is not described as asked.
            IBMApiError, IBMNotAuthorizedError: It could not be asked for; by its subject something else too.
            IBMInputValueError: Fractional gates are insisted on, and it has none.

        Source: behaviour B294, B295.
        """
        query = read_query(name=name, include_mocks=True)
        backend = self.choose(
            query,
            instance=instance,
            use_fractional_gates=use_fractional_gates,
            calibration_id=calibration_id,
            max_age=LISTING_SECONDS,
            subject=subject,
        ).best(query)
        configuration = self.backends.configuration(backend.instance, name, calibration_id).alt(partial(about, subject))
        raise_if(find_unusable(name, configuration, insists and use_fractional_gates, calibration_id))
        return backend

    def measure(
        self,
        circuit: "QuantumCircuit",
        query: BackendQuery,
        *,
        instance: str | None,
        filters: Test | None,
        use_fractional_gates: bool | None,
        level: int,
        seed: int,
        rank_by: str | Sequence[str] = "queue_length",
        subject: Subject = "",
    ) -> Choice:
        """Lay a circuit out for each backend that is left, and order them by what they would err on it, or would use.

        Backends that are equal in all that is told keep their order. One that the circuit cannot be laid out for is
        left out and told.

        Raises what `choose` raises.

        Source: behaviour B111, B114, B545.
        """
        from ..bridge.gate_uses import lay_out  # Here, because the service itself loads without Qiskit.
        from .estimate import usage_of_circuit

        names = value_or_raise(read_texts("rank_by", rank_by).bind(partial(read_ranking, measured=True)))
        choice = self.choose(
            query,
            listed_ranking(names),
            instance=instance,
            filters=filters,
            use_fractional_gates=use_fractional_gates,
            subject=subject,
        )
        self.backends.fetch_ahead(choice.selection.items, ("configuration", "properties"))

        def measure(backend: "IBMBackend") -> Result[Measured, Problem]:
            return lay_out(circuit, backend.target, level=level, seed=seed).map(
                lambda laid: Measured(backend.row, backend.expected_error(laid), usage_of_circuit(laid, backend))
            )

        found: dict[Key, tuple[IBMBackend, Measured]] = {}
        troubles: list[Trouble] = []
        for backend in choice.backends:
            match try_on(backend, measure).bind(lambda measured: measured):
                case Success(measured):
                    found[key_of(backend.row)] = backend, measured
                case Failure(problem):
                    troubles.append((backend.name, problem))
        log_troubles(troubles)
        ranked = rank_measured((measured for _, measured in found.values()), names, self.backends.now())
        selection = replace(ranked, rejected=choice.selection.rejected)
        usages = {key: measured.usage for key, (_, measured) in found.items()}
        best_first = [found[key_of(row)][0] for row in selection.items]
        return Choice(best_first, selection, (*choice.troubles, *troubles), usages)


def read_effort(optimization_level: Any, seed_transpiler: Any) -> tuple[int, int]:
    """Return how hard the transpiler tries, and its seed.

    Raises:
        IBMInputValueError: They are not what they must be.
    """
    seed = read_whole("seed_transpiler", seed_transpiler, least=0)
    return value_or_raise(_read_level("optimization_level", optimization_level)), value_or_raise(seed)


def _read_level(name: str, value: Any) -> Result[int, BadArgument]:
    """Return how hard the transpiler tries."""
    wanted = f"a whole number from 0 to {MOST_EFFORT}"
    read = read_whole(name, value, least=0).alt(lambda problem: replace(problem, wanted=wanted))
    return read.bind(
        lambda level: (
            Success(level)
            if level <= MOST_EFFORT
            else Failure(BadArgument(name=name, value=show_value(value), wanted=wanted))
        )
    )


class Tests:
    """The test of a user, put to one backend after the other.

    What it reads of the first it will read of the others, so that is fetched ahead, for many at once.

    Source: behaviour B113.
    """

    def __init__(
        self,
        test: Test,
        build: Callable[[BackendRow], "IBMBackend"],
        source: Backends,
        calibration_id: str | None,
        only_best: bool,
    ) -> None:
        self._test = test
        self._build = build
        self._source = source
        self._calibration_id = calibration_id
        self._only_best = only_best
        self.put_to: dict[Key, IBMBackend] = {}

    def __call__(self, rows: Sequence[BackendRow]) -> dict[Key, Result[bool, Problem]]:
        """Put the test to the first of `rows`, or to all where it was put to others before; one that passes may do."""
        parts = frozenset[Part]().union(*(backend._parts for backend in self.put_to.values()))
        if not self.put_to:
            rows = rows[:1]
        if parts:
            self._source.fetch_ahead(rows, parts, self._calibration_id)
        verdicts: dict[Key, Result[bool, Problem]] = {}
        for row in rows:
            backend = self.put_to[key_of(row)] = self._build(row)
            verdict = verdicts[key_of(row)] = try_on(backend, lambda tested: bool(self._test(tested)))
            if self._only_best and verdict == Success(True):
                break
        return verdicts


def try_on(backend: "IBMBackend", do: Callable[["IBMBackend"], T]) -> Result[T, Problem]:
    """Do something with a backend; a part of it that cannot be had is a failure, and all else is raised.

    Fails with why that part could not be had.
    """
    from qiskit import QiskitError  # Here, because the service itself loads without Qiskit.

    try:
        return Success(do(backend))
    except QiskitError:
        # Only what this backend itself raised says something about it; the rest is the user's own.
        if backend._trouble is None:
            raise
        return Failure(backend._trouble)


def hint_at_name(choice: Choice, query: BackendQuery) -> str | None:
    """Return a sentence where a name was asked for that no backend has; `None` where that is not the reason.

    Source: behaviour B297.
    """
    if choice.backends:
        return None
    match choice.explain_none(query):
        case BackendNotFound() as missing:
            message = describe(missing)
            return f"{message.line} {message.way_out}"
        case _:
            return None
