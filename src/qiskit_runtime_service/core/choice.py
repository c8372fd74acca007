"""The decision of a choice: what has to be known next, or which backends are left, best first, and why.

Nothing is fetched here. Whoever asks fetches what is wanted, from a service or from anywhere else, and asks again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import compress, repeat
from operator import attrgetter, not_
from typing import Any, Literal, NamedTuple, TypeVar

from msgspec.structs import replace
from returns.result import Failure, Result, Success

from ..records.backend import BackendQuery, BackendRow, BackendStatus, Configuration, Properties
from ..records.problem import Problem
from ..records.selection import Condition, Ranked, Rejected, Selection
from .backends import (
    CONFIGURED,
    PASSES,
    QUEUED,
    as_plain,
    blame_backend,
    fill_queue,
    fill_row,
    read_field,
    require_fractional,
)
from .ranking import CALIBRATED, asks_for_waiting_time, build_scores, fields_of, fill_quality
from .selection import judge, select
from .troubles import Trouble

T = TypeVar("T")

Part = Literal["listing", "waiting_time", "configuration", "status", "properties", "verdict"]
"""What can be asked of backends. The verdict is that of a test which is no data, such as `filters=`."""

Key = tuple[str, str]
"""CRN of the instance and name of the backend."""


class Known(NamedTuple):
    """What is known of the backends so far. What could not be had is known too: it is not asked for again."""

    rows: tuple[BackendRow, ...] | None = None
    """The listings of all instances, best instance first; `None` before they were asked."""
    configurations: Mapping[Key, Result[Configuration, Problem]] = {}
    statuses: Mapping[Key, Result[BackendStatus, Problem]] = {}
    properties: Mapping[Key, Result[Properties | None, Problem]] = {}
    """The latest calibrations; `None` for a backend that has none."""
    verdicts: Mapping[Key, Result[bool, Problem]] = {}
    now: float = 0.0
    """In seconds since the epoch; the age of a calibration is counted from here."""


class Fetch(NamedTuple):
    """Parts that have to be known, and of which backends; without any, of all instances. Some of them are enough."""

    parts: tuple[Part, ...]
    rows: tuple[BackendRow, ...] = ()


class Chosen(NamedTuple):
    """The backends that are left, best first, what became of the others, and what could not be read."""

    selection: Selection[BackendRow]
    troubles: tuple[Trouble, ...] = ()


def key_of(row: BackendRow) -> Key:
    """Return what a backend is known by."""
    return row.instance, row.name


def keep_best_instances(rows: Iterable[BackendRow]) -> tuple[BackendRow, ...]:
    """Return the first row of each device: where the best instance is listed first, that which it is best used in.

    What the service calls by one name is one device, whichever instances have it. The order stays.

    Source: behaviour B481.
    """
    firsts: dict[str, BackendRow] = {}
    for row in rows:
        firsts.setdefault(row.name, row)
    return tuple(firsts.values())


def decide_choice(query: BackendQuery, ranking: Sequence[str], known: Known) -> Fetch | Chosen:
    """Choose what to ask next, or the backends.

    The cheapest data decide first: what the listing tells, then the configuration, the status, the calibration, and
    last the test of the user, put to the best first. Each is asked only of the backends that are left, and only if a
    condition or a score needs it. A backend is charged with the first condition that it fails in that order, so the
    choice is the same however much is known ahead. One that cannot be decided, because a part cannot be had, is left
    out and told. A device that several instances have is one backend, of the best of them.

    Args:
        query: What is asked.
        ranking: Names of `core.ranking.RANKS` to order by, the weightiest first.
        known: What is known so far.

    Source: behaviour B1, B2, B12, B15, B110, B113, B117, B481.
    """
    measured = fields_of(ranking)
    if known.rows is None:
        waiting = asks_for_waiting_time((*measured, *(condition.field for condition in query.row)))
        return Fetch(("listing", "waiting_time") if waiting else ("listing",))
    sieve = _Sieve(known.rows if query.all_instances else keep_best_instances(known.rows))
    for condition in query.row:
        # On what a later step can tell, rows that are silent stay for now.
        sieve.keep(
            condition, attrgetter(condition.field), silent_stay=condition.field in CONFIGURED | QUEUED | CALIBRATED
        )
    for step in (
        _Step("configuration", known.configurations, CONFIGURED, fill_row, query.configuration, read_field),
        _Step("status", known.statuses, QUEUED, fill_queue, query.status, getattr),
        _Step("properties", known.properties, CALIBRATED, _fill_quality),
    ):
        if fetch := step.decide(sieve, query.row):
            return fetch
    if fetch := _measure(sieve, measured, known):
        return fetch
    ranked = select(sieve.rows, (), build_scores(ranking, known.now))
    left = Chosen(replace(ranked, rejected=tuple(sieve.rejected)), tuple(sieve.troubles))
    return _decide_one_by_one(left, query, known) if query.tested or query.only_best else left


class _Sieve:
    """The rows that are left, and what became of the others."""

    def __init__(self, rows: Sequence[BackendRow]) -> None:
        self.rows = list(rows)
        self.rejected: list[Rejected[BackendRow]] = []
        self.troubles: list[Trouble] = []

    def keep(self, condition: Condition, read: Callable[[BackendRow], Any], *, silent_stay: bool = False) -> None:
        """Reject the rows that fail `condition`."""
        found = list(map(read, self.rows))
        passed = judge(condition, found)
        if silent_stay and None in found:
            passed = [passes or value is None for passes, value in zip(passed, found, strict=True)]
        failed = list(map(not_, passed))
        # Plain names: calling Rejected[BackendRow] takes three times as long.
        self.rejected += map(Rejected, compress(self.rows, failed), repeat(condition), compress(found, failed))
        self.rows = list(compress(self.rows, passed))

    def silent_on(self, fields: Iterable[str]) -> list[BackendRow]:
        """Return the rows that do not tell one of `fields`."""
        fields = tuple(fields)
        if not fields:
            return []
        return [row for row in self.rows if any(getattr(row, field) is None for field in fields)]

    def learn(
        self,
        rows: Sequence[BackendRow],
        results: Mapping[Key, Result[T, Problem]],
        fill: Callable[[BackendRow, T], BackendRow],
        *,
        unread_stay: bool = False,
    ) -> None:
        """Fill the gaps of `rows` by what came; a row of which nothing could be had is told, and left out."""
        affected = set(map(id, rows))
        kept: list[BackendRow] = []
        for row in self.rows:
            if id(row) not in affected:
                kept.append(row)
                continue
            match results[key_of(row)]:
                case Success(part):
                    kept.append(fill(row, part))
                case Failure(problem):
                    self.troubles.append((row.name, problem))
                    kept += [row] * unread_stay
        self.rows = kept


def _missing(part: Part, rows: Iterable[BackendRow], results: Mapping[Key, object]) -> Fetch | None:
    """Return what to ask where the part of a row is not known."""
    missing = tuple(row for row in rows if key_of(row) not in results)
    return Fetch((part,), missing) if missing else None


class _Step(NamedTuple):
    """One part of backends: what it tells of a row that the listing does not, and what is asked of it alone."""

    part: Part
    results: Mapping[Key, Result[Any, Problem]]
    fields: frozenset[str]
    """The fields of a row that it can fill."""
    fill: Callable[[BackendRow, Any], BackendRow]
    conditions: tuple[Condition, ...] = ()
    read: Callable[[Any, str], Any] = getattr

    def decide(self, sieve: _Sieve, row_conditions: Sequence[Condition]) -> Fetch | None:
        """Keep what this part decides, or return of which rows it has to be known first."""
        filled = [condition for condition in row_conditions if condition.field in self.fields]
        needing = sieve.rows if self.conditions else sieve.silent_on(condition.field for condition in filled)
        if fetch := _missing(self.part, needing, self.results):
            return fetch
        if needing:
            sieve.learn(needing, self.results, self.fill)
            for condition in filled:
                sieve.keep(condition, attrgetter(condition.field))
        for condition in self.conditions:
            sieve.keep(condition, partial(self._value, condition.field))
        return None

    def _value(self, field: str, row: BackendRow) -> Any:
        return as_plain(self.read(self.results[key_of(row)].unwrap(), field))


def _measure(sieve: _Sieve, fields: Iterable[str], known: Known) -> Fetch | None:
    """Fill what rows are ordered by. One whose calibration cannot be had stays, and comes last."""
    needing = sieve.silent_on(field for field in fields if field in CALIBRATED)
    if fetch := _missing("properties", needing, known.properties):
        return fetch
    sieve.learn(needing, known.properties, _fill_quality, unread_stay=True)
    return None


def _fill_quality(row: BackendRow, properties: Properties | None) -> BackendRow:
    return row if properties is None else fill_quality(row, properties)


def _decide_one_by_one(left: Chosen, query: BackendQuery, known: Known) -> Fetch | Chosen:
    """Put the test of the user, if there is one, to what is left, the best first.

    Where one backend is enough, the first that passes and that work can be given to ends it; those after it stay in
    their order, and the test is put to one, to two, to four more, ….
    """
    selection, rows = left.selection, left.selection.items
    kept: list[Ranked[BackendRow]] = []
    rejected = [*selection.rejected]
    troubles = [*left.troubles]
    for index, (candidate, row) in enumerate(zip(selection.ranked, rows, strict=True)):
        key = key_of(row)
        verdict = known.verdicts.get(key) if query.tested else Success(True)
        if verdict is None:
            end = 2 * index + 1 if query.only_best else len(rows)
            return Fetch(("verdict",), tuple(row for row in rows[index:end] if key_of(row) not in known.verdicts))
        configuration = known.configurations.get(key)
        match verdict:
            case Failure(problem):
                troubles.append((row.name, problem))
            case Success(passes) if not passes:
                rejected.append(Rejected(row, PASSES, False))
            case _ if not query.only_best:
                kept.append(candidate)
            case _ if configuration is None:
                return Fetch(("configuration",), (row,))
            case _ if (problem := find_unusable(row.name, configuration, query.fractional)) is not None:
                troubles.append((row.name, problem))
            case _:
                kept += selection.ranked[index:]
                break
    return Chosen(replace(selection, ranked=tuple(kept), rejected=tuple(rejected)), tuple(troubles))


def find_unusable(
    name: str,
    configuration: Result[Configuration, Problem],
    use_fractional_gates: bool | None,
    calibration_id: str | None = None,
) -> Problem | None:
    """Return why work cannot be given to a backend, if so: it is not described, or lacks gates that are insisted on.

    Source: behaviour B15, B29, B295.
    """
    usable = configuration.bind(lambda described: require_fractional(described, use_fractional_gates))
    problem: Problem | None = usable.swap().value_or(None)
    return None if problem is None else blame_backend(problem, name, calibration_id)
