"""Typed JSON beside IBM's client: what one writes the other reads as the same value, in both directions."""

import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit_aer.noise import NoiseModel, amplitude_damping_error, coherent_unitary_error

from qiskit_runtime_service.bridge import execution_spans, result_types
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).with_name("values.py")
# The script has to run where none of our packages is, so it is loaded as it stands.
VALUES = runpy.run_path(str(SCRIPT))
MADE: dict[str, object] = VALUES["every_value"](execution_spans, result_types)
RECORDED: dict[str, Any] = json.loads((SCRIPT.parents[1] / "data" / "typed_values.json").read_bytes())
"""What IBM's client wrote and read, kept for where it is not installed."""
SAMPLES = Path(__file__).parents[1] / "emulator" / "samples"
BODIES = {path.stem: path.read_text() for path in sorted(SAMPLES.glob("job_results_*.json"))}


def view(value: object) -> Any:
    """Return a value as the script does, by way of JSON as its answers come."""
    return json.loads(json.dumps(VALUES["view"](value)))


def read(text: str) -> Any:
    return view(decode_value(text.encode()).unwrap())


@cache
def written() -> dict[str, str]:
    """Return what we write, by name."""
    return {name: encode_value(value).decode() for name, value in MADE.items()}


@pytest.fixture(scope="module")
def answer() -> Any:
    """Return what IBM's client reads of what we write, and what it writes itself."""
    return ask_existing_client(SCRIPT, written() | BODIES)


# Aer forgets the labels of gates between two readings of a noise model; the test below compares by its own measure.
@pytest.mark.parametrize("name", sorted(set(MADE) - {"noise_model"}))
def test_what_was_read_is_written_and_read_again_as_the_same_value(name: str) -> None:
    once = decode_value(written()[name].encode()).unwrap()
    assert read(encode_value(once).decode()) == view(once)


@pytest.mark.holds("B177")
def test_a_noise_model_with_matrices_is_read() -> None:
    model = NoiseModel()
    model.add_quantum_error(amplitude_damping_error(0.25), ["sx"], [1])
    model.add_quantum_error(coherent_unitary_error(np.diag([1, 1j])), ["x"], [0])
    assert decode_value(encode_value(model)).unwrap() == model


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_ibms_client_wrote_then_we_read_as_the_same_value(name: str) -> None:
    assert read(RECORDED["written"][name]) == RECORDED["read again"][name]


@needs_existing_client
@pytest.mark.parametrize("name", sorted(MADE))
def test_what_we_write_ibms_client_reads_as_the_same_value(name: str, answer: Any) -> None:
    assert answer["read"][name] == read(written()[name])


@needs_existing_client
@pytest.mark.parametrize("name", sorted(MADE))
def test_what_ibms_client_writes_we_read_as_the_same_value(name: str, answer: Any) -> None:
    assert read(answer["written"][name]) == answer["read again"][name]


@needs_existing_client
@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_results_of_the_protocol_are_read_alike(name: str, answer: Any) -> None:
    assert answer["read"][name] == read(BODIES[name])
