"""Passes of the transpiler, circuit by circuit as in the existing client, and what `Neat` finds with them."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..support.existing import ask_existing_client, needs_existing_client

SCRIPT = Path(__file__).with_name("passed_circuits.py")
# The script has to run where none of our packages is, so it is loaded as it stands.
PASSED = runpy.run_path(str(SCRIPT))
VALUED = SCRIPT.with_name("clifford_values.py")
FOLDED = SCRIPT.with_name("folded_pubs.py")


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


@needs_existing_client
@pytest.mark.holds("B462")
def test_both_clients_find_the_same_of_clifford_circuits() -> None:
    theirs = ask_existing_client(VALUED, {"package": "qiskit_ibm_runtime"})
    ours = runpy.run_path(str(VALUED))["answer"]("qiskit_runtime_service")
    wide = [[1, 0, -1, 0], [0, 1, 0, -1], [-3.25, -2.75, -3.25, -3.75]]
    ideal: list[Any] = [-2.75, [[-1, -1], [1, 0], [-1, 1]], wide]
    for values in (theirs["ideal"], ours["ideal"]):
        for found, wanted in zip(values, ideal, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)
    assert ours["ideal of others"] == theirs["ideal of others"] == [0, [0, 0], -1]
    assert len(ours["circuits"]) == 3
    assert ours["circuits"] == theirs["circuits"]
    assert len(ours["sums"]) == 22
    assert ours["sums"] == theirs["sums"]
    # There, values come from 1,024 shots and have noise of the precision that is asked for added; here, from 40,000.
    found, other = np.array(ours["noisy"]), np.array(theirs["noisy"])
    errors = np.sqrt((1 - found**2) / 1024 + 2 * 0.005**2)
    assert np.all(np.abs(found - other) < 5 * errors)
    # Without noise they are 1, but for the last, and further away than that.
    assert np.all(np.abs(found[:-1]) + 5 * errors[:-1] < 1)


@needs_existing_client
@pytest.mark.holds("B476")
def test_both_clients_fold_the_same_pubs() -> None:
    theirs = ask_existing_client(FOLDED, "qiskit_ibm_runtime")
    ours = runpy.run_path(str(FOLDED))["main"]("qiskit_runtime_service")
    assert len(ours) == 10
    assert {name for name in ours if ours[name] != theirs[name]} == set()
