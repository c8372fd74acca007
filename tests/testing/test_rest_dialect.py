"""What IBM's guides to the REST API submit runs through the door, by plain HTTP: OpenQASM there, plain JSON back.

The rows have the shapes of all submissions in the guides "Sampler with the REST API", "Estimator with the REST API" and
"Execution modes using REST API". A guide sends `resulting_qasm`, its program as a transpiler left it.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import urllib3

from qiskit_runtime_service.testing import (
    API_KEY,
    EmulatedTransport,
    build_world,
    door_to,
    emulated_cloud,
    instance,
    line_device,
)

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
FLIPS = "rz(pi/2) $1; sx $1; rz(pi/2) $1; cz $0, $1; rz(pi/2) $1; sx $1; rz(pi/2) $1;"
"""A CX of qubits 0 and 1, but for a phase of qubit 0, which nobody measures."""
TWO = f"{HEAD}bit[2] c;\nx $0;\n{FLIPS}\nc[0] = measure $0;\nc[1] = measure $1;\n"
"""Both qubits end as 1."""
TURNED = (
    f"{HEAD}input float[64] phi;\ninput float[64] theta;\nbit[2] meas;\n"
    "rz(pi/2) $0; sx $0; rz(pi + theta) $0; sx $0; rz(5*pi/2) $0; sx $1; rz(pi + phi) $1; sx $1; rz(3*pi) $1;\n"
    f"{FLIPS}\nmeas[0] = measure $0;\nmeas[1] = measure $1;\n"
)
"""Qubit 0 is turned by theta, qubit 1 by phi and by qubit 0."""
ANGLE = f"{HEAD}input float[64] turn;\nsx $0; rz(pi + turn) $0; sx $0;\n"
"""The Z of qubit 0 is the cosine of the angle."""
OLD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; x q[0]; x q[1]; measure q -> c;'
VIRTUAL = HEAD + "qubit[2] q;\nbit[2] c;\nx q[0];\nx q[1];\nc = measure q;\n"
WEIGHTED = {"IIZII": 1, "XIZZZ": 2.3}
DECOUPLED = {
    "dynamical_decoupling": {
        "enable": True, "sequence_type": "XpXm", "extra_slack_distribution": "middle", "scheduling_method": "alap",
    }
}  # fmt: skip
TWIRLED = {
    "twirling": {
        "enable_gates": True, "enable_measure": True, "num_randomizations": "auto", "shots_per_randomization": "auto",
        "strategy": "active-accum",
    }
}  # fmt: skip
MITIGATED = {
    "resilience": {
        "measure_mitigation": True,
        "zne_mitigation": True,
        "zne": {"extrapolator": ["exponential", "linear"], "noise_factors": [1, 3, 5]},
    }
}
OF_A_SESSION = {"transpilation": {"optimization_level": 1}, "twirling": {"enable_gates": True, "enable_measure": True}}


class Sampled(NamedTuple):
    """What a PUB of a sampler must say: which register, how many shots for each binding, and how often a bit is 1."""

    register: str
    shots: int
    ones: tuple[float, float]
    """Of bit 0 and of bit 1, over all shots and bindings."""
    bindings: int | None = None


class Estimated(NamedTuple):
    """What a PUB of an estimator must say: its values, in their shape."""

    values: Any
    within: float = 0.15
    fields: tuple[str, ...] = ("evs", "stds", "ensemble_standard_error")


BOTH = (1.0, 1.0)
AT_FACTORS = ("evs_noise_factors", "stds_noise_factors", "ensemble_stds_noise_factors")
EXTRAPOLATED = ("evs", "stds", *AT_FACTORS, "evs_extrapolated", "stds_extrapolated")
Row = tuple[str, dict[str, Any], list[Sampled | Estimated]]

DOCUMENTED: dict[str, Row] = {
    "two PUBs, one with shots": (
        "sampler",
        {"pubs": [[TWO], [TWO, None, 500]]},
        [Sampled("c", 4096, BOTH), Sampled("c", 500, BOTH)],
    ),
    "decoupling": ("sampler", {"pubs": [[TWO]], "options": DECOUPLED}, [Sampled("c", 4096, BOTH)]),
    "twirling": ("sampler", {"pubs": [[TWO]], "options": TWIRLED}, [Sampled("c", 4096, BOTH)]),
    "values by name": (
        "sampler",
        {"pubs": [[TURNED, {"theta": 1.57, "phi": 3.14}, 500]]},
        [Sampled("meas", 500, (0.5, 0.5))],
    ),
    # In the order of their names: phi is 1, theta 2. Bit 0 is 1 in sin²(theta / 2).
    "values in a list": ("sampler", {"pubs": [[TURNED, [1, 2], 500]]}, [Sampled("meas", 500, (0.708, 0.612))]),
    "a weighted observable": ("estimator", {"pubs": [[TWO, WEIGHTED, None]]}, [Estimated(1.0)]),
    "mitigation": (
        "estimator", {"pubs": [[TWO, WEIGHTED, None]], "options": MITIGATED}, [Estimated(1.0, fields=EXTRAPOLATED)],
    ),
    "decoupling of an estimator": (
        "estimator", {"pubs": [[TWO, WEIGHTED, None]], "options": DECOUPLED}, [Estimated(1.0)],
    ),
    "twirling of an estimator": (
        "estimator", {"pubs": [[TWO, WEIGHTED, None]], "options": TWIRLED}, [Estimated(1.0)],
    ),
}  # fmt: skip

IN_A_SESSION: dict[str, Row] = {
    "1 circuit, 4 observables": (
        "estimator",
        {"pubs": [[TWO, ["IIIZZ", "IIIXX", "IIIIZ", "IIIZI"]]], "options": OF_A_SESSION},
        [Estimated([1.0, 0.0, -1.0, -1.0])],
    ),
    "1 circuit, 4 observables, 2 parameter sets": (
        "estimator",
        {"pubs": [[ANGLE, [["IIIIZ"], ["IIIZI"], ["IIIZZ"], ["IIZII"]], [[0.0], [3.14159]]]], "options": OF_A_SESSION},
        [Estimated([[1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])],
    ),
    "2 circuits, 2 observables": (
        "estimator",
        {"pubs": [[TWO, "IIIZZ"], [TWO, "IIIIZ"]], "options": OF_A_SESSION},
        [Estimated(1.0), Estimated(-1.0)],
    ),
    "1 circuit, no parameters": ("sampler", {"pubs": [[TWO]], "options": OF_A_SESSION}, [Sampled("c", 4096, BOTH)]),
    "1 circuit, 3 parameter sets": (
        "sampler",
        {"pubs": [[TURNED, [[0, 0], [0, 3.14159], [3.14159, 3.14159]]]], "options": OF_A_SESSION},
        [Sampled("meas", 4096, (2 / 3, 1 / 3), bindings=3)],
    ),
    "2 circuits, 1 parameter set": (
        "sampler",
        {"pubs": [[TURNED, [0, 3.14159]], [TWO, None, 100]], "options": OF_A_SESSION},
        [Sampled("meas", 4096, BOTH), Sampled("c", 100, BOTH)],
    ),
}

BESIDE_THEM: dict[str, Row] = {
    "OpenQASM 2": ("sampler", {"pubs": [[OLD, None, 50]]}, [Sampled("c", 50, BOTH)]),
    "virtual qubits": ("sampler", {"pubs": [[VIRTUAL, None, 50]]}, [Sampled("c", 50, BOTH)]),
    "arrays by name": (
        "sampler",
        {"pubs": [[TURNED, {"phi": [0, 0], "theta": [0, 3.14159]}, 200]]},
        [Sampled("meas", 200, (0.5, 0.5), bindings=2)],
    ),
    "one number": ("estimator", {"pubs": [[ANGLE, "IIIIZ", 3.14159]]}, [Estimated(-1.0)]),
    "shots for all": (
        "sampler",
        {"pubs": [[TWO], [TWO, None, 20]], "shots": 70, "version": 2, "support_qiskit": False},
        [Sampled("c", 70, BOTH), Sampled("c", 20, BOTH)],
    ),
    "precision for all": (
        "estimator",
        {"pubs": [[TWO, [{"IIIZZ": 2.0}, "IIIIZ"]], [TWO, "IIIZI", None, 0.05]], "precision": 0.1},
        [Estimated([2.0, -1.0], 0.4), Estimated(-1.0)],
    ),
}

REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    # A guide sends this as its example of an estimator with parameters. It is a PUB of a sampler.
    "no observables": ("estimator", {"pubs": [[TURNED, {"theta": 1.57, "phi": 3.14}, 500]]}, 1002, "observables"),
    "the first version": ("sampler", {"circuits": [TWO], "shots": 5}, 1002, "params['circuits']"),
    "another version": ("sampler", {"pubs": [[TWO]], "version": 1}, 1002, "version is 1"),
    "a PUB by name": ("sampler", {"pubs": [{"circuit": TWO, "shots": 5}]}, 1002, "pubs[0]"),
    "no OpenQASM": ("sampler", {"pubs": [[TWO], ["x $0;"]]}, 1002, "pubs[1][0]"),
    "no shots": ("sampler", {"pubs": [[TWO, None, 0]]}, 1002, "shots must be positive"),
    "no values": ("sampler", {"pubs": [[TURNED]]}, 1002, "The number of values (0)"),
    "values for others": ("sampler", {"pubs": [[TURNED, {"theta": 1, "psi": 2}]]}, 1002, "['phi', 'theta']"),
    "a letter of no Pauli": ("estimator", {"pubs": [[TWO, "IIIIQ"]]}, 1002, "pubs[0]"),
    "a narrow observable": ("estimator", {"pubs": [[TWO, "Z"]]}, 1002, "number of qubits"),
    "shots of an estimator": ("estimator", {"pubs": [[TWO, "IIIIZ"]], "shots": 5}, 1002, "params['shots']"),
    "a qubit beyond": ("sampler", {"pubs": [[HEAD + "bit[1] c; x $9; c[0] = measure $9;"]]}, 1002, "10 qubits"),
    "a gate of no device": (
        "sampler",
        {"pubs": [[HEAD + "bit[1] c; h $0; c[0] = measure $0;"]]},
        7000,
        "'h' on qubit 0",
    ),
    "too many shots": ("sampler", {"pubs": [[TWO, None, 10**7]]}, 6000, "10000000 shots"),
}


class Visitor:
    """Somebody who asks as the guides do."""

    def __init__(self, base: str, crn: str) -> None:
        self._http = urllib3.PoolManager(retries=False)
        self._base = base
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": API_KEY}
        answer = self._http.request("POST", f"{base}/identity/token", fields=form, encode_multipart=False)
        token = answer.json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}", "Service-CRN": crn, "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> urllib3.BaseHTTPResponse:
        return self._http.request(method, f"{self._base}/api/v1{path}", headers=self._headers, json=body)

    def run(self, program: str, params: dict[str, Any], **envelope: Any) -> dict[str, Any]:
        """Submit a job and return it once it is final. The door lets who asks wait for simulations."""
        body = {"program_id": program, "backend": "ibm_rest", "params": params, **envelope}
        created = self.ask("POST", "/jobs", body)
        assert created.status == 200, created.data
        assert created.json()["backend"] == "ibm_rest"
        until = time.monotonic() + 120
        while time.monotonic() < until:
            job: dict[str, Any] = self.ask("GET", f"/jobs/{created.json()['id']}").json()
            if job["state"]["status"] not in ("Queued", "Running"):
                return job
        raise AssertionError(f"{program} is still {job['state']}")

    def results(self, job: dict[str, Any]) -> Any:
        answer = self.ask("GET", f"/jobs/{job['id']}/results")
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
        return answer.json()


@pytest.fixture
def cloud() -> EmulatedTransport:
    """Return a cloud for each test: what a job draws follows from how many were submitted before it."""
    device = line_device("ibm_rest", 5, run_seconds=0)
    return emulated_cloud(build_world(instance("rest", plan="premium", devices=[device])))


@pytest.fixture
def visitor(cloud: EmulatedTransport) -> Iterator[Visitor]:
    (crn,) = cloud.world.instances
    with door_to(cloud) as door:
        yield Visitor(door.base, crn)


def check(found: Any, expected: list[Sampled | Estimated]) -> None:
    """Compare a plain result with what it must say, PUB by PUB."""
    assert list(found) == ["results", "metadata"]
    for pub, wanted in zip(found["results"], expected, strict=True):
        if isinstance(wanted, Estimated):
            assert tuple(pub["data"]) == wanted.fields
            assert np.shape(pub["data"]["evs"]) == np.shape(wanted.values) == np.shape(pub["data"]["stds"])
            assert np.abs(np.subtract(pub["data"]["evs"], wanted.values)).max() <= wanted.within
            continue
        (register,) = pub["data"]
        data = pub["data"][register]
        assert (register, list(data), data["num_bits"]) == (wanted.register, ["samples", "num_bits"], 2)
        rows = [data["samples"]] if wanted.bindings is None else data["samples"]
        assert [len(row) for row in rows] == [wanted.shots] * (wanted.bindings or 1)
        read = [int(text, 16) for row in rows for text in row]
        ones = [sum(value >> bit & 1 for value in read) / len(read) for bit in (0, 1)]
        assert ones == pytest.approx(wanted.ones, abs=0.1)


@pytest.mark.holds("B433")
@pytest.mark.parametrize("row", [*DOCUMENTED, *BESIDE_THEM])
def test_what_a_guide_submits_runs_and_is_answered_in_plain_json(visitor: Visitor, row: str) -> None:
    program, params, expected = (DOCUMENTED | BESIDE_THEM)[row]
    job = visitor.run(program, params)
    assert job["state"] == {"status": "Completed"}
    assert job["params"] == params
    check(visitor.results(job), expected)


@pytest.mark.holds("B433")
@pytest.mark.parametrize("mode", ["dedicated", "batch"])
def test_what_a_guide_submits_in_a_session_runs_there(visitor: Visitor, mode: str) -> None:
    # A guide still names an instance of the platform before this one.
    body = {"backend": "ibm_rest", "instance": "hub1/group1/project1", "mode": mode}
    session = visitor.ask("POST", "/sessions", body).json()["id"]
    one: dict[str, Row] = {"one": ("sampler", {"pubs": [[TWO]]}, [Sampled("c", 4096, BOTH)])}
    rows = IN_A_SESSION if mode == "dedicated" else one
    for program, params, expected in rows.values():
        job = visitor.run(program, params, session_id=session)
        assert (job["state"], job["session_id"]) == ({"status": "Completed"}, session)
        check(visitor.results(job), expected)
    assert visitor.ask("DELETE", f"/sessions/{session}/close").status == 204
    after = {"program_id": "sampler", "backend": "ibm_rest", "params": {"pubs": [[TWO]]}, "session_id": session}
    refused = visitor.ask("POST", "/jobs", after)
    assert (refused.status, refused.json()["errors"][0]["code"]) == (400, 4001)


@pytest.mark.holds("B430", "B433")
@pytest.mark.parametrize("row", REFUSED)
def test_what_cannot_run_is_a_failed_job_with_a_code_a_reason_and_a_way_out(visitor: Visitor, row: str) -> None:
    program, params, code, words = REFUSED[row]
    job = visitor.run(program, params)
    state = job["state"]
    assert (job["status"], state["status"], state["reason_code"]) == ("Failed", "Failed", code)
    assert words in f"{state['reason']} {state['reason_solution']}"
    answer = visitor.ask("GET", f"/jobs/{job['id']}/results")
    assert (answer.status, answer.data) == (204, b"")


def test_a_result_with_the_types_of_qiskit_is_sent_to_who_asks_for_it(visitor: Visitor) -> None:
    job = visitor.run("sampler", {"pubs": [[TWO, None, 5]], "support_qiskit": True})
    assert visitor.results(job)["__type__"] == "PrimitiveResult"


def test_the_table_has_all_that_the_guides_submit() -> None:
    assert len(DOCUMENTED) + len(IN_A_SESSION) == 15
