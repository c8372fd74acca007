"""What stands in our figures stands in those that IBM's client draws of the same data."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ..support.existing import ask_existing_client, needs_existing_client
from .figures import draw_all, find_places

OURS = "qiskit_runtime_service"
BROKEN = {"maps: FakeCairoV2": "KeyError"}
"""What that client cannot draw: a device whose couplings are told in one direction."""
REFUSED = {f"schedules: {name}" for name in ("no text", "five fields", "another branch", "half a sample")}
MISNAMED = "swarms: all said"
"""There, points that are joined bear the names of the first layers, whichever they are of."""
KEY = ["<b>Z</b>", "<b>X</b>", "<b>Y</b>"]
"""The letters of the pie that explains the others stand in the middle of the slices here, and beside it there."""


@cache
def ours() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(json.dumps(dict(draw_all(OURS))))
    return answer


@cache
def asked() -> dict[str, Any]:
    answer: dict[str, Any] = ask_existing_client(Path(__file__).with_name("figures.py"), None)
    return answer


def theirs() -> dict[str, Any]:
    answer: dict[str, Any] = asked()["figures"]
    return answer


def ordered(name: str, figure: Mapping[str, Any]) -> list[Any]:
    """Return the traces of a figure.

    Edges of a map have no order, and what plays has none there: which of its kind tells the name is left to chance.
    """
    traces = [trace for trace in figure["traces"] if trace["name"] != "result"]
    if name.startswith("schedules"):
        assert len({trace["name"] for trace in traces}) == sum(trace["showlegend"] for trace in traces)
        traces = [trace | {"showlegend": None} for trace in traces]
    return sorted(traces, key=json.dumps) if name.startswith(("maps", "schedules")) else traces


@needs_existing_client
@pytest.mark.holds("B411", "B492", "B493", "B494", "B505", "B506", "B507", "B508", "B509")
def test_figures_have_the_traces_of_the_existing_client() -> None:
    assert ours().keys() == theirs().keys()
    refused = dict.fromkeys(REFUSED, "ValueError")
    assert {name: figure["error"] for name, figure in theirs().items() if "error" in figure} == BROKEN | refused
    assert {name for name, figure in ours().items() if "error" in figure} == REFUSED
    for name, figure in ours().items():
        if name not in (*BROKEN, *REFUSED, MISNAMED):
            assert ordered(name, figure) == ordered(name, theirs()[name]), name
    joined = [[trace["hovertemplate"] for trace in answer[MISNAMED]["traces"][2:]] for answer in (ours(), theirs())]
    first = ["a<br>  gen.: IIX<br>  rate: 0.01"]
    assert joined == [[["b<br>  gen.: IX<br>  rate: 0.01"], first], [["a<br>  gen.: IX<br>  rate: 0.01"], first]]


@needs_existing_client
@pytest.mark.holds("B411", "B492", "B494", "B505", "B506", "B507")
def test_figures_say_of_themselves_what_those_of_the_existing_client_say() -> None:
    for name in ours().keys() - BROKEN.keys() - REFUSED:
        here, there = ours()[name], theirs()[name]
        for part in ("legend", "sides", "shapes", "ticks"):
            assert here[part] == there[part], (name, part)
        # Where no axis has a title there, those at the edges have one here.
        told = {axis: title for axis, title in there["titles"].items() if title}
        assert told.items() <= here["titles"].items(), name
        words = [word for word in here["words"] if word[0] not in KEY and not word[0].startswith("not shown")]
        others = [word for word in there["words"] if word[0] not in KEY]
        assert (sorted(words) == sorted(others)) if name.startswith("schedules") else (words == others), name


@needs_existing_client
@pytest.mark.holds("B493")
def test_qubits_are_where_the_existing_client_has_them() -> None:
    assert json.loads(json.dumps(find_places(OURS))) == asked()["places"]
