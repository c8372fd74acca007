"""Passes of the transpiler, circuit by circuit as in the existing client."""

import runpy
from pathlib import Path

import pytest

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).with_name("passed_circuits.py")
# The script has to run where none of our packages is, so it is loaded as it stands.
PASSED = runpy.run_path(str(SCRIPT))


@needs_existing_client
@pytest.mark.holds("B457", "B458", "B459", "B460", "B461", "B462", "B463", "B464")
@pytest.mark.timeout(600)
def test_both_clients_make_the_same_of_all_circuits_on_all_devices() -> None:
    theirs = ask_existing_client(SCRIPT, {"package": "qiskit_ibm_runtime"})
    ours = PASSED["answer"]("qiskit_runtime_service")
    assert len(ours) == 6
    assert all(len(found) > 250 for found in ours.values())
    differing = {name for device, found in ours.items() for name in found if found[name] != theirs[device][name]}
    assert differing == set()
