"""`select` as other schedulers meet it: a process that reads JSON and writes JSON."""

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.records.placement import Placement
from tests.cli.fixtures import read_answer

HEAVY = ("qiskit", "numpy", "urllib3", "rich", "socket")
FLEET = [
    {"name": "ibm_fez", "instance": "main", "num_qubits": 156, "queue_length": 31, "two_qubit_error": 0.0027},
    {"name": "ibm_kyiv", "instance": "main", "num_qubits": 127, "queue_length": 4, "two_qubit_error": 0.0078},
    {"name": "ibm_old", "instance": "main", "num_qubits": 27, "queue_length": 0, "anything": "else"},
]
MAIN = [{"crn": "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::", "name": "main"}]


def select(request: Any, *arguments: str) -> tuple[int, str, str]:
    given = request if isinstance(request, str) else json.dumps(request)
    done = CliRunner().invoke(commands, ["select", *arguments], input=given)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.holds("B243")
def test_it_ranks_what_it_is_given_and_says_why() -> None:
    request = {"backends": FLEET, "instances": MAIN, "query": {"where": "num_qubits > 100"}}
    done = CliRunner().invoke(commands, ["select"], input=json.dumps(request))
    answer = read_answer("select", done)
    assert isinstance(answer, Placement)
    assert [row.backend for row in answer.ranked] == ["ibm_kyiv", "ibm_fez"]
    assert [row.reason for row in answer.rejected] == ["num_qubits is 27, not above 100"]
    assert done.stderr == ""


def test_options_stand_in_for_parts_of_the_query() -> None:
    request = {"backends": FLEET, "query": {"where": "num_qubits > 100", "order": ["queue_length"]}}
    options = ("--order", "two_qubit_error", "--first")
    assert select(request, *options) == (0, "ibm_fez\n", "ibm_fez is the best of 2; 1 of 3 do not fit\n")
    assert select(request, "--where", "num_qubits < 100", "--first")[1] == "ibm_old\n"


def test_nothing_that_fits_is_an_answer_and_a_failure() -> None:
    code, written, _ = select({"backends": FLEET, "query": {"where": "num_qubits > 1000"}})
    assert (code, json.loads(written)["chosen"]) == (1, None)
    code, written, errors = select({"backends": FLEET, "query": {"where": "num_qubits > 1000"}}, "--first")
    assert (code, written) == (1, "")
    assert errors == "0 of 3 backends match: 3 have num_qubits of 1000 or less (most: 156)\n"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("", "Input data was truncated"),
        ("{", "Input data was truncated"),
        ({}, "missing required field `backends`"),
        ({"backends": [{"name": 5}]}, "Expected `str`, got `int` - at `$.backends[0].name`"),
        ({"backends": [], "query": {"num_qubits": 5}}, "unknown field `num_qubits` - at `$.query`"),
        ({"backends": [], "query": {"where": "num_qbits > 5"}}, "Did you mean 'num_qubits'?"),
        ({"backends": [], "query": {"where": "num_qubits >> 5"}}, "a value where it says '> 5'"),
        ({"backends": [], "query": {"order": ["luck"]}}, "rank_by is 'luck'"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(request_: Any, message: str) -> None:
    code, written, errors = select(request_)
    assert (code, written) == (1, "")
    assert message in errors


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("num_qbits > 5", "Error: Backends have no attribute 'num_qbits'.\nDid you mean 'num_qubits'?\n"),
        (
            "zzz > 5",
            "Error: Backends have no attribute 'zzz'.\ndocs/reference/select.md names what can be asked.\n",
        ),
    ],
)
def test_a_name_that_backends_do_not_have_is_answered_with_the_nearest_or_the_page(where: str, told: str) -> None:
    assert select({"backends": [], "query": {"where": where}}) == (1, "", told)
    assert select({"backends": []}, "--where", where) == (1, "", told)


@pytest.mark.holds("B243")
def test_it_needs_neither_qiskit_nor_a_network() -> None:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))\n"
        "from qiskit_runtime_service.cli.main import commands\n"
        "sys.exit(commands.main(['select', *sys.argv[1:]], standalone_mode=False))"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, input=json.dumps({"backends": FLEET}), capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["chosen"]["backend"] == "ibm_old", done.stderr
    wrong = json.dumps({"backends": [], "query": {"where": "num_qbits"}})
    refused = subprocess.run(command, input=wrong, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "Did you mean" in refused.stderr
