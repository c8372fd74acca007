"""The options have the names and the order of those of IBM's client."""

import dataclasses
from pathlib import Path

from qiskit_runtime_service import options

from ..support.existing import ask_existing_client, needs_existing_client


@needs_existing_client
def test_every_option_of_the_existing_client_is_here_under_its_name() -> None:
    theirs: dict[str, list[str]] = ask_existing_client(Path(__file__).parent / "option_names.py", None)
    assert len(theirs) >= 15
    for name, wanted in theirs.items():
        here = [field.name for field in dataclasses.fields(getattr(options, name))]
        assert here == [option for option in wanted if not option.startswith("_")], name
