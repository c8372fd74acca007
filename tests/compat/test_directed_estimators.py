"""What reaches the server from an estimator of directed execution is what IBM's client would have sent, and what either
client ran is read alike by both.
"""

import json
import re
import warnings
from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from ibm_quantum_schemas.executor.version_2_0 import ParamsModel
from qiskit import qpy

from qiskit_runtime_service.executor_estimator import EstimatorV2
from qiskit_runtime_service.testing import EmulatedTransport, line_device

from ..support.existing import needs_existing_client
from . import directed_estimators
from .directed_estimators import REFUSED, REFUSED_BY_US, RESULTS, RUNS, WIDTH, plain_result, submit, submit_all
from .posted import BACKEND, cloud_of, lead_existing_client, posted, service_of, users_tags
from .test_directed_samplers import parts


def new_cloud() -> EmulatedTransport:
    device = line_device(BACKEND, WIDTH, run_seconds=0)
    return cloud_of(device)


def bodies(cloud: EmulatedTransport) -> list[Any]:
    """Return the submissions that reached the cloud, in a form that two clients can be compared by."""
    return [normal(body) for body in posted(cloud)]


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with all that is encoded taken apart, and without the tag of a submission."""
    tags = users_tags(body)
    rest = {key: value for key, value in body.items() if key not in ("params", "tags")}
    program = ParamsModel.model_validate(body["params"]).quantum_program
    sent = body["params"]["quantum_program"]
    items = [
        {
            "shape": model.shape,
            "chunk_size": model.chunk_size,
            "circuit": parts(circuit),
            "arguments": {named(name): argument(value) for name, value in model.samplex_arguments.items()},
            "samplex": samplex(held["samplex"]["samplex_json"]),
        }
        for model, circuit, held in zip(program.items, program.circuits.to_python(), sent["items"], strict=True)
    ]
    more = {key: value for key, value in sent.items() if key not in ("circuits", "items")}
    return {**rest, "tags": tags, "options": body["params"]["options"], "program": more, "items": items}


def named(text: str) -> str:
    """Return text without the numbers that samplomatic counts changes of bases by, over all of a process."""
    return re.sub(r"basis\d+", "basis", text)


def argument(value: Any) -> Any:
    return value.to_numpy().tolist() if hasattr(value, "to_numpy") else value.model_dump()


def samplex(text: str) -> Any:
    """Return a samplex as data, with the circuit inside that holds its parameters taken apart."""
    held = json.loads(named(text))
    table = json.loads(held["attrs"]["param_table"])
    (circuit,) = qpy.load(BytesIO(b64decode(table.pop("circuit_base64"))))
    held["attrs"]["param_table"] = [table, parts(circuit)]
    return held


def ask(cloud: EmulatedTransport, task: str, **more: Any) -> dict[str, Any]:
    """Lead IBM's client through the runs, and return what it says of each."""
    answer: dict[str, Any] = lead_existing_client(cloud, directed_estimators, task=task, **more)
    return answer


def submit_ours(runs: dict[str, Any]) -> tuple[EmulatedTransport, dict[str, str]]:
    cloud = new_cloud()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"twirling\.\w+=False has no effect")
        return cloud, dict(submit_all(EstimatorV2, service_of(cloud).backend(BACKEND), runs))


def test_the_list_is_long_enough() -> None:
    assert len(RUNS) >= 60


@pytest.mark.takes_long
@pytest.mark.holds("B388")
def test_every_run_is_submitted_with_one_request() -> None:
    cloud, troubles = submit_ours(RUNS)
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(bodies(cloud)) == len(RUNS)


@needs_existing_client
@pytest.mark.holds("B380", "B388")
def test_every_run_is_submitted_as_the_existing_client_does() -> None:
    ours, troubles = submit_ours(RUNS)
    assert set(troubles.values()) == {""}
    theirs = new_cloud()
    troubles = ask(theirs, "submit")
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    pairs = zip(RUNS, bodies(ours), bodies(theirs), strict=True)
    different = {name: (one, other) for name, one, other in pairs if one != other}
    assert different == {}


@pytest.mark.holds("B381", "B382", "B388")
def test_what_cannot_be_meant_is_refused_before_anything_is_sent() -> None:
    cloud, troubles = submit_ours(REFUSED | REFUSED_BY_US)
    kinds = ("IBMInputValueError: ", "InputTypeError: ")
    assert {name: trouble for name, trouble in troubles.items() if not trouble.startswith(kinds)} == {}
    assert all(len(trouble.splitlines()) == 2 for trouble in troubles.values())  # What is wrong, and the way out.
    assert bodies(cloud) == []


@needs_existing_client
def test_the_existing_client_refuses_the_same() -> None:
    cloud = new_cloud()
    assert {name for name, trouble in ask(cloud, "refused").items() if not trouble} == set()
    assert bodies(cloud) == []


# Results


def check_alike(name: str, ours: Any, theirs: Any) -> None:
    """Check that two clients make the same of a result, but for what ours says of the errors of extrapolations."""
    (our_pubs, our_metadata, our_keys), (their_pubs, their_metadata, their_keys) = ours, theirs
    assert (our_metadata, our_keys) == (their_metadata, their_keys), name
    for (our_data, our_told), (their_data, their_told) in zip(our_pubs, their_pubs, strict=True):
        assert list(our_data) == list(their_data), name
        told = our_told.get("resilience", {}).get("zne", {})
        fits = {field.removeprefix("fit_"): told.pop(field) for field in ("fit_stds", "fit_stds_extrapolated") if told}
        # Ours tells what a picture needs; theirs cannot draw what its own estimator measured.
        for field in ("noise_factors", "extrapolator", "extrapolated_noise_factors") if told else ():
            told.pop(field)
        assert our_told == their_told, name
        for field, value in their_data.items():
            check_near(f"{name}, {field}", fits.get(field, our_data[field]), value)


def check_near(name: str, ours: Any, theirs: Any) -> None:
    assert ours["shape"] == theirs["shape"], name
    pairs = [
        (float.fromhex(one), float.fromhex(other)) for one, other in zip(ours["values"], theirs["values"], strict=True)
    ]
    assert [one for one, _ in pairs] == pytest.approx([other for _, other in pairs], rel=1e-9, abs=1e-9, nan_ok=True), (
        name
    )


@needs_existing_client
@pytest.mark.holds("B387")
def test_what_the_existing_client_ran_is_read_as_it_reads_it() -> None:
    cloud = new_cloud()
    answers = ask(cloud, "run")
    service = service_of(cloud)
    assert list(answers) == list(RESULTS)
    for name, (job_id, theirs) in answers.items():
        ours = json.loads(json.dumps(plain_result(service.job(job_id).result())))
        check_alike(name, ours, theirs)


@needs_existing_client
@pytest.mark.holds("B387")
def test_what_we_ran_is_read_by_the_existing_client_as_we_read_it() -> None:
    cloud = new_cloud()
    backend = service_of(cloud).backend(BACKEND)
    jobs = {name: submit(EstimatorV2, backend, RUNS[name]) for name in RESULTS}
    results = {name: json.loads(json.dumps(plain_result(job.result()))) for name, job in jobs.items()}
    for name, theirs in ask(cloud, "read", jobs={name: job.job_id() for name, job in jobs.items()}).items():
        check_alike(name, results[name], theirs)
