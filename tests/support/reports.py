"""Tables of any kind, for laws."""

from typing import Any

from hypothesis import strategies as st

from qiskit_runtime_service.records.report import Report

HEADINGS = (
    *("job", "backend", "instance", "chip", "why", "detail", "CRN", "tags", "created", "two-qubit error", "evs"),
    *("state", "", "gates", "mode"),
)
CELLS = st.text(st.sampled_from("abcdefgh 0123456789:-_漢─é"), max_size=70).map(lambda text: " ".join(text.split()))


@st.composite
def reports(draw: Any) -> Report:
    """Draw a table of one to six columns, of which none has the heading of another."""
    columns = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=6, unique=True))
    rows = draw(st.lists(st.tuples(*[CELLS] * len(columns)), max_size=4))
    return Report(title="Some", columns=tuple(columns), rows=tuple(rows))
