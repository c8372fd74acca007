"""Filtering and ordering backends: records and plain functions, and the same over attribute objects.

    python benchmarks/bench_selection.py

The control does what object-based clients do: a test on each object, then a sort by its status.
"""

from functools import partial
from random import Random
from types import SimpleNamespace

from measure import milliseconds, print_table, race, ratio, read_existing
from qiskit_runtime_service.core.backends import (
    SHORTEST_QUEUE,
    build_query,
    require_available,
    row_filters,
    select_backends,
)
from qiskit_runtime_service.core.selection import keep_best
from qiskit_runtime_service.records.backend import BackendRow

SIZES = (1_000, 10_000, 100_000)
REPEATS = 9


def make_fleet(size: int) -> list[BackendRow]:
    """Return rows of many sizes, queues and states."""
    dice = Random(size)
    return [
        BackendRow(
            name=f"ibm_{number}",
            num_qubits=dice.choice((5, 16, 27, 127, 133, 156)),
            queue_length=int(dice.expovariate(1 / 40)),
            state=dice.choice(("online", "online", "online", "paused", "offline")),
            simulator=False,
        )
        for number in range(size)
    ]


def control(fleet: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Do the same with a test per object and a sort."""
    kept = filter(lambda row: row.num_qubits >= 100 and row.state == "online" and not row.mock, fleet)
    return sorted(kept, key=lambda row: row.queue_length)


def main() -> None:
    """Measure and print."""
    read_existing(__doc__)
    query = require_available(build_query(min_num_qubits=100, attributes={"operational": True}).unwrap())
    rows = [("rows", "filter and sort", "with every reason", "test on each object", "its ratio")]
    for size in SIZES:
        fleet = make_fleet(size)
        objects = [SimpleNamespace(**{name: getattr(row, name) for name in row.__struct_fields__}) for row in fleet]
        works = [
            partial(keep_best, fleet, row_filters(query), (SHORTEST_QUEUE,)),
            partial(select_backends, fleet, query, (SHORTEST_QUEUE,)),
            partial(control, objects),
        ]
        kept, selected, theirs = race(works, REPEATS)
        rows.append(
            (f"{size:,}", milliseconds(kept), milliseconds(selected), milliseconds(theirs), ratio(theirs, kept))
        )
    print_table("Least busy of many backends", rows)


if __name__ == "__main__":
    main()
