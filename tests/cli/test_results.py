"""Results for reading: nothing is lost, and the most frequent comes first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult

from qiskit_runtime_service.cli.results import describe_counts, describe_result, plain_result
from qiskit_runtime_service.records.report import Report

outcomes = st.text("01", min_size=6, max_size=6)


@given(st.dictionaries(outcomes, st.integers(1, 5000), min_size=1, max_size=40))
def test_a_table_of_counts_has_every_shot_and_the_most_frequent_first(counts: dict[str, int]) -> None:
    rows = describe_counts("c", counts).rows
    assert sum(int(row[1]) for row in rows) == sum(counts.values())
    shown = [int(row[1]) for row in rows[:16]]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == max(counts.values())
    assert len(rows) == min(len(counts), 16) + (len(counts) > 16)
    assert all(len(row[3]) <= len(rows[0][3]) for row in rows)


def test_of_many_outcomes_sixteen_are_told_with_bars_and_the_rest_is_counted() -> None:
    many = describe_counts("c", {f"{number:05b}": 100 - number for number in range(18)})
    shots = 1800 - 153
    assert many.rows[0] == ("00000", "100", f"{100 / shots:.1%}", "█" * 30)
    assert many.rows[15] == ("01111", "85", f"{85 / shots:.1%}", "█" * 26)
    assert many.rows[16:] == (("2 others", "167", f"{167 / shots:.1%}", ""),)
    few = describe_counts("c", {f"{number:04b}": 1 for number in range(16)})
    assert few.rows == tuple((f"{number:04b}", "1", "6.2%", "█" * 30) for number in range(16))
    assert describe_counts("c", {}) == Report(title="c", columns=("outcome", "shots", "share", ""), rows=())


def test_bits_become_counts_and_arrays_become_lists() -> None:
    bits = BitArray.from_samples(["01", "01", "10"])
    sampled = SamplerPubResult(DataBin(c=bits))
    estimated = PubResult(DataBin(evs=np.array([0.5, -1.0]), stds=np.float64(0.1)))
    assert plain_result(PrimitiveResult([sampled, estimated])) == [
        {"c": {"01": 2, "10": 1}},
        {"evs": [0.5, -1.0], "stds": 0.1},
    ]
    reports = describe_result(PrimitiveResult([sampled, estimated]))
    assert [report.title for report in reports] == ["PUB 0, c", "PUB 1", "PUB 1"]
    assert [report.columns for report in reports[1:]] == [("place", "evs"), ("place", "stds")]
    assert reports[1].rows == (("0", "0.5"), ("1", "-1"))
    assert reports[2].rows == (("", "0.1"),)


@given(st.lists(st.integers(1, 4), max_size=3).map(tuple))
def test_values_stand_side_by_side_and_those_left_out_are_counted(shape: tuple[int, ...]) -> None:
    data = DataBin(evs=np.ones(shape), stds=np.zeros(shape), shape=())
    (report,) = describe_result(PrimitiveResult([PubResult(data)]))
    size = int(np.prod(shape))
    assert report.columns == ("place", "evs", "stds")
    assert len(report.rows) == min(size, 16)
    assert {row[1:] for row in report.rows} == {("1", "0")}
    assert report.notes == ((f"and {size - 16} more: --json has them all",) if size > 16 else ())


def test_what_is_no_result_of_a_primitive_stays_as_it_is() -> None:
    assert plain_result({"a": 1}) == {"a": 1}
    assert plain_result(None) is None
    assert describe_result({"a": 1})[0].rows == (("{'a': 1}",),)
