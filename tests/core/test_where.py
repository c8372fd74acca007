"""The language of conditions: what is written is what is read, and nothing else is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.core.attributes import Kind, place_condition
from qiskit_runtime_service.core.backends import build_query, select_backends
from qiskit_runtime_service.core.selection import Filter, keep_best
from qiskit_runtime_service.core.where import read_where
from qiskit_runtime_service.records.backend import BackendRow
from qiskit_runtime_service.records.problem import BadArgument, UnknownFilter
from qiskit_runtime_service.records.selection import Comparison, Condition
from tests.strategies import rows

SIGNS: dict[Comparison, str] = {
    "equals": "==", "differs": "!=", "at_least": ">=", "at_most": "<=", "above": ">", "below": "<", "one_of": "in",
    "contains": "contains", "lacks": "lacks",
}  # fmt: skip
SUITABLE: dict[Kind, tuple[Comparison, ...]] = {
    "number": ("equals", "differs", "one_of", "at_least", "at_most", "above", "below"),
    "truth": ("equals", "differs"),
    "text": ("equals", "differs", "one_of", "contains", "lacks"),
    "list": ("contains", "lacks"),
}
ATTRIBUTES: dict[tuple[str, Kind], str] = {
    ("row", "text"): "name backend_name instance state reason processor",
    ("row", "number"): (
        "num_qubits n_qubits physical_qubits queue_length pending_jobs clops two_qubit_error readout_error "
        "wait_seconds calibrated"
    ),
    ("row", "truth"): "simulator mock",
    ("status", "text"): "status_msg",
    ("status", "truth"): "operational",
    ("configuration", "text"): "backend_version sample_name description url calibration_id",
    ("configuration", "number"): ("dt dtm default_rep_delay max_shots max_experiments n_registers quantum_volume"),
    ("configuration", "truth"): (
        "local conditional open_pulse memory dynamic_reprate_enabled credits_required allow_q_object "
        "multi_meas_enabled parallel_compilation measure_esp_enabled dynamic_circuits"
    ),
    ("configuration", "list"): (
        "basis_gates supported_instructions supported_features rep_delay_range rep_times meas_levels meas_kernels "
        "discriminators"
    ),
}
"""What can be asked, by what tells it and what it is."""
PLACES = {name: place for place, known in ATTRIBUTES.items() for name in known.split()}
OTHER_NAMES = {"backend_name": "name", "n_qubits": "num_qubits", "pending_jobs": "queue_length"}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"and", "or", "not", "in", "contains", "lacks"}
)
numbers = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(blacklist_characters="'", blacklist_categories=["Cs"]), max_size=8)
plain = numbers | texts | st.booleans() | st.none()
values_by_kind: dict[Kind, st.SearchStrategy[Any]] = {
    "number": numbers,
    "truth": st.booleans(),
    "text": texts,
    "list": texts,
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    comparison = draw(st.sampled_from(sorted(SIGNS)))
    if comparison == "one_of":
        return Condition(draw(names), comparison, tuple(draw(st.lists(plain, min_size=1, max_size=3))))
    return Condition(draw(names), comparison, draw(numbers if SIGNS[comparison][0] in "<>" else plain))


@st.composite
def fitting_conditions(draw: st.DrawFn) -> Condition:
    """Draw what may be asked of a backend."""
    name = draw(st.sampled_from(sorted(PLACES)))
    _, kind = PLACES[name]
    comparison = draw(st.sampled_from(SUITABLE[kind]))
    values = values_by_kind[kind]
    wanted = draw(st.lists(values, max_size=3).map(tuple) if comparison == "one_of" else values)
    return Condition(name, comparison, wanted)


def write(condition: Condition, *, space: str = " ") -> str:
    """Write a condition as a person would."""
    sign = SIGNS[condition.comparison]
    wanted = condition.wanted
    value = f"({', '.join(map(write_value, wanted))})" if condition.comparison == "one_of" else write_value(wanted)
    return f"{condition.field}{space}{sign}{space}{value}"


def write_value(value: Any) -> str:
    if isinstance(value, bool | None):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else repr(value)


@pytest.mark.holds("B241")
@given(st.lists(conditions(), min_size=1, max_size=4), st.sampled_from([" ", "  ", "\t", "\n "]))
@example([Condition("name", "equals", "and")], " ")
@example([Condition("clops", "equals", 1e-07)], " ")
def test_what_is_written_is_what_is_read(written: list[Condition], space: str) -> None:
    text = f"{space}and{space}".join(write(condition, space=space) for condition in written)
    read = read_where(f"{space}{text}{space}").unwrap()
    assert read == tuple(written)
    assert [type(condition.wanted) for condition in read] == [type(condition.wanted) for condition in written]


@given(st.text(max_size=40) | st.text("andot in()=<>!,'1.e\"", max_size=20))
@example("9" * 5000 + " == " + "9" * 5000)
@example("a == " + "9" * 5000)
@example("a == 1e999999")
def test_any_text_is_read_or_refused_with_the_place_that_is_unclear(text: str) -> None:
    outcome = read_where(text)
    if not isinstance(outcome, Success):
        problem = outcome.failure()
        assert isinstance(problem, BadArgument)
        # What could be a key, or is longer than a message shows, is not shown whole (B328, B353).
        assert problem.value == repr(text) or len(text) > 40
        assert len(problem.value) <= 260
        assert problem.wanted.endswith("at its end") or "where it says" in problem.wanted


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("num_qubits>=127 and not simulator", [("num_qubits", "at_least", 127), ("simulator", "equals", False)]),
        ("operational", [("operational", "equals", True)]),
        ("two_qubit_error<.005", [("two_qubit_error", "below", 0.005)]),
        ("processor in ('Heron r2', \"Heron r3\")", [("processor", "one_of", ("Heron r2", "Heron r3"))]),
        ("name=ibm_fez", [("name", "equals", "ibm_fez")]),
        ("basis_gates contains rzz", [("basis_gates", "contains", "rzz")]),
        ("clops != none and mock == TRUE", [("clops", "differs", None), ("mock", "equals", True)]),
    ],
)
def test_a_person_writes(text: str, read: list[tuple[str, Comparison, Any]]) -> None:
    assert read_where(text).unwrap() == tuple(Condition(*parts) for parts in read)


@pytest.mark.holds("B241")
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "the name of an attribute at its end"),
        ("num_qubits >> 5", "a value where it says '> 5'"),
        ("num_qubits >= many", "a number where it says 'many'"),
        ("num_qubits >= true", "a number where it says 'true'"),
        ("a == 1 or b", "'and' or nothing where it says 'or b'"),
        ("a in b", "values in parentheses where it says 'b'"),
        ("a in (1", "',' or ')' at its end"),
        ("'a' == b", "the name of an attribute where it says \"'a' == b\""),
        ("a == 1  or b \n", "'and' or nothing where it says 'or b'"),
        (" a  == 1 and  !b ", "a word, a number or a comparison where it says '!b'"),
        ("a == 1 and ", "the name of an attribute at its end"),
        ("a == 'b", 'a word, a number or a comparison where it says "\'b"'),
        ("__import__('os').system('true')", "'and' or nothing where it says \"('os').system('true')\""),
    ],
)
def test_what_is_unclear_is_told_with_its_place(text: str, wanted: str) -> None:
    problem = read_where(text).failure()
    assert isinstance(problem, BadArgument)
    assert problem.wanted == wanted


@pytest.mark.holds("B12", "B241")
@given(fitting_conditions())
def test_what_suits_an_attribute_is_put_beside_what_tells_it(condition: Condition) -> None:
    part, placed = place_condition(condition).unwrap()
    if condition.field == "operational":
        online = condition.wanted == (condition.comparison == "equals")
        assert (part, placed) == ("row", Condition("state", "equals" if online else "differs", "online"))
    else:
        field = OTHER_NAMES.get(condition.field, condition.field)
        assert (part, placed) == (PLACES[condition.field][0], Condition(field, condition.comparison, condition.wanted))
    query = build_query(include_mocks=True, conditions=[condition]).unwrap()
    assert getattr(query, part) == (placed,)


@pytest.mark.holds("B241")
@pytest.mark.parametrize("name", sorted(PLACES))
def test_an_attribute_takes_the_comparisons_of_its_kind_and_no_other(name: str) -> None:
    _, kind = PLACES[name]
    value = {"number": 5, "truth": True, "text": "a", "list": "a"}[kind]
    for comparison in SIGNS:
        placed = place_condition(Condition(name, comparison, (value,) if comparison == "one_of" else value))
        assert isinstance(placed, Success) is (comparison in SUITABLE[kind])


@pytest.mark.parametrize("name", ["gates", "coupling_map", "rest", "ignored", "properties", "timing_constraints", ""])
def test_what_cannot_be_compared_is_no_attribute(name: str) -> None:
    assert isinstance(place_condition(Condition(name, "equals", 5)).failure(), UnknownFilter)


def test_a_sign_may_be_single() -> None:
    assert read_where("a = 5") == read_where("a == 5") == Success((Condition("a", "equals", 5),))


@given(
    st.lists(rows, max_size=6),
    fitting_conditions().filter(lambda condition: place_condition(condition).unwrap()[0] == "row"),
)
def test_a_condition_on_the_listing_keeps_what_it_says(fleet: list[BackendRow], condition: Condition) -> None:
    kept = select_backends(fleet, build_query(include_mocks=True, conditions=[condition]).unwrap()).items
    if condition.field == "operational":
        wanted = condition.wanted == (condition.comparison == "equals")
        assert kept == tuple(row for row in fleet if (row.state == "online") == wanted)
    else:
        field = OTHER_NAMES.get(condition.field, condition.field)
        assert kept == keep_best(fleet, [Filter(condition, lambda row: getattr(row, field))])


@given(conditions())
def test_a_condition_never_fails_later(condition: Condition) -> None:
    # What gets past the check can be put to any row without an error of types.
    outcome = build_query(conditions=[condition])
    if isinstance(outcome, Success):
        select_backends([BackendRow(name="ibm_a"), BackendRow(name="ibm_b", num_qubits=5)], outcome.unwrap())


@pytest.mark.holds("B241")
@pytest.mark.parametrize(
    ("name", "comparison", "wanted", "advice"),
    [
        ("num_qubits", "equals", "five", "a comparison with a number"),
        ("num_qubits", "contains", 5, "a comparison with a number"),
        ("num_qubits", "above", None, "a comparison with a number"),
        ("num_qubits", "one_of", (5, True), "a comparison with a number"),
        ("num_qubits", "equals", True, "a comparison with a number"),
        ("simulator", "above", 1, "the name alone, or after 'not'"),
        ("simulator", "equals", 1, "the name alone, or after 'not'"),
        ("name", "at_least", 5, "==, !=, in, contains or lacks, with a word"),
        ("name", "one_of", ("a", 5), "==, !=, in, contains or lacks, with a word"),
        ("basis_gates", "equals", "rzz", "contains or lacks"),
    ],
)
def test_what_does_not_suit_is_refused(name: str, comparison: Comparison, wanted: Any, advice: str) -> None:
    problem = place_condition(Condition(name, comparison, wanted)).failure()
    assert isinstance(problem, BadArgument)
    assert (problem.name, problem.wanted) == (f"the condition on {name}", advice)


@pytest.mark.holds("B13", "B241")
def test_an_attribute_that_backends_do_not_have_is_answered_with_the_nearest() -> None:
    problem = place_condition(Condition("num_qbits", "at_least", 5)).failure()
    assert problem == UnknownFilter(name="num_qbits", nearest="num_qubits")
