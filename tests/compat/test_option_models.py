"""The options of directed execution go the ways of those of IBM's client."""

from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service import options_models

from ..support.existing import ask_existing_client, needs_existing_client
from . import option_models
from .option_models import go, ways


def test_ways_are_long_and_some_steps_are_refused() -> None:
    outcomes = [go(options_models, way) for way in ways(50, 7)]
    assert sum(map(len, outcomes)) > 200
    assert sum("refused" in outcome for outcome in outcomes) > 20


@needs_existing_client
@pytest.mark.holds("B370")
@pytest.mark.parametrize("seed", [1, 2])
def test_options_go_all_ways_as_those_of_the_existing_client(seed: int) -> None:
    question = {"count": 300, "seed": seed}
    theirs: list[Any] = ask_existing_client(Path(option_models.__file__), question)
    ours = [go(options_models, way) for way in ways(**question)]
    pairs = zip(ways(**question), ours, theirs, strict=True)
    assert [(way, one, other) for way, one, other in pairs if one != other] == []
