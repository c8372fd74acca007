"""Runs of directed execution in several jobs: what each job has, within how many bytes, and what they come to."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from qiskit import QuantumCircuit

from qiskit_runtime_service import Batch, IBMBackend, QiskitRuntimeService, Session
from qiskit_runtime_service.exceptions import IBMApiError, IBMInputValueError
from qiskit_runtime_service.executor_estimator import EstimatorV2
from qiskit_runtime_service.executor_sampler import SamplerV2
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.shell.split_job import SplitJob
from qiskit_runtime_service.testing import API_KEY, Fault, Lost, Status, emulated_cloud, line_device, one_instance

from .test_executor_estimator import pubs
from .test_executor_sampler import TWIRLED, pair, turned


class Line:
    """A device of five qubits in a line, its stand-in for dry runs, and their cloud."""

    def __init__(self) -> None:
        devices = [line_device(name, 5) for name in ("ibm_line", "mock_line")]
        self.cloud = emulated_cloud(one_instance(devices=devices, plan="premium"))
        self.service = QiskitRuntimeService(token=API_KEY, transport=self.cloud, clock=self.cloud)
        self.backend: IBMBackend = self.service.backend("ibm_line")

    def sent(self) -> list[bytes]:
        requests = [exchange.request for exchange in self.cloud.ledger]
        return [request.body for request in requests if request.method == "POST" and request.url.endswith("/jobs")]

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.sent()]

    def sizes(self) -> list[int]:
        return [len(msgspec.json.decode(body, type=dict[str, msgspec.Raw])["params"]) for body in self.sent()]


def items_of(body: dict[str, Any]) -> int:
    return len(body["params"]["quantum_program"]["items"])


def sampled() -> list[Any]:
    """Return five PUBs, each about 9 kB where it is twirled."""
    return [pair(), (turned(), np.zeros((2, 1))), pair(), (turned(), np.zeros((3, 1))), pair()]


@pytest.mark.holds("B407")
def test_a_sampler_sends_as_few_jobs_as_fit_and_their_result_is_one() -> None:
    line = Line()
    split = SamplerV2(line.backend, TWIRLED).run(sampled(), shots=100, max_payload=17_000)
    assert isinstance(split, SplitJob)
    assert max(line.sizes()) <= 17_000
    assert [items_of(body) for body in line.bodies()] == [2, 2, 1]
    result = split.result()
    assert [pub.data.shape for pub in result] == [(), (2,), (), (3,), ()]
    counts = [pub.data.c.get_counts() for pub in result][::2]
    assert [max(counted, key=counted.__getitem__) for counted in counts] == ["01"] * 3
    assert [pub.metadata["num_randomizations"] for pub in result] == [2] * 5
    assert (result.metadata["shots"], result.metadata["options"]["twirling"]["enable_gates"]) == (64, True)
    chunks = [chunk.idx_item for span in result.metadata["executor"].chunk_timing for chunk in span.parts]
    assert chunks == [0, 1, 2, 3, 4]
    assert len(result.metadata["jobs"]) == 3
    # A part that is taken alone counts its own.
    (rest,) = split[2:].result().metadata["executor"].chunk_timing
    assert [chunk.idx_item for chunk in rest.parts] == [0]


@pytest.mark.holds("B407")
def test_what_fits_is_one_job_as_without_a_limit() -> None:
    line = Line()
    sampler = SamplerV2(line.backend, TWIRLED)
    sampler.run(sampled(), shots=100)
    split = sampler.run(sampled(), shots=100, max_payload=60_000)
    assert len(split) == 1
    assert [items_of(body) for body in line.bodies()] == [5, 5]
    # What is random in circuits, the identities of parameters, is another each time.
    assert abs(line.sizes()[0] - line.sizes()[1]) < 200


@pytest.mark.takes_long
@pytest.mark.holds("B407")
@pytest.mark.parametrize(("level", "limit", "items"), [(0, 9_000, [1, 1]), (1, 17_000, [2, 2]), (2, 80_000, [4, 4])])
def test_each_job_of_an_estimator_has_its_own_calibration(level: int, limit: int, items: list[int]) -> None:
    line = Line()
    estimator = EstimatorV2(line.backend, options={"resilience_level": level, "default_shots": 256})
    whole = estimator.run(pubs())
    split = estimator.run(pubs(), max_payload=limit)
    one, *parts = line.bodies()
    assert max(line.sizes()[1:]) <= limit < line.sizes()[0]
    assert [items_of(body) for body in parts] == items
    told = [body["params"]["quantum_program"]["passthrough_data"] for body in (one, *parts)]
    assert [part["post_processor"]["num_pubs"] for part in told] == [2, 1, 1]
    first, second = ([entry["program_item_index"] for entry in part["qiskit_mitigation"]] for part in told[1:])
    assert first == second == ([0] if level == 0 else [0, items[0] - 1])
    result, alone = split.result(), whole.result()
    assert [pub.data.evs.shape for pub in result] == [(2,), (3,)]
    assert [pub.metadata["circuit_metadata"] for pub in result] == [pub.metadata["circuit_metadata"] for pub in alone]
    assert {name: result.metadata[name] for name in ("options", "shots", "target_precision")} == {
        name: alone.metadata[name] for name in ("options", "shots", "target_precision")
    }
    for pub, as_one in zip(result, alone, strict=True):
        assert pub.data.keys() == as_one.data.keys()
        if level < 2:  # What is extrapolated from 256 shots is not near to anything.
            assert np.abs(pub.data.evs - as_one.data.evs).max() < 0.5
    chunks = [chunk.idx_item for span in result.metadata["executor"].chunk_timing for chunk in span.parts]
    assert chunks == list(range(sum(items)))


@pytest.mark.holds("B407")
@pytest.mark.parametrize("kind", [Session, Batch])
def test_all_jobs_have_the_session_the_tags_and_whether_they_are_private(kind: type[Session]) -> None:
    line = Line()
    options = TWIRLED | {"environment": {"job_tags": ["mine"], "private": True}, "max_execution_time": 60}
    with kind(backend=line.backend) as session:
        split = SamplerV2(session, options).run(sampled(), shots=100, max_payload=17_000)
    bodies = line.bodies()
    assert {body["session_id"] for body in bodies} == {session.session_id}
    assert [(body["private"], body["cost"], "mine" in body["tags"]) for body in bodies] == [(True, 60, True)] * 3
    # Each submission has a tag of its own.
    assert len({tag for body in bodies for tag in body["tags"]} - {"mine"}) == 3
    assert [pub.data.shape for pub in split.result()] == [(), (2,), (), (3,), ()]


@pytest.mark.holds("B407")
def test_a_dry_run_in_parts_goes_to_the_stand_in() -> None:
    line = Line()
    SamplerV2(line.backend, TWIRLED).run(sampled(), shots=100, dry_run=True, max_payload=17_000)
    assert [body["backend"] for body in line.bodies()] == ["mock_line"] * 3


@pytest.mark.holds("B407")
def test_no_part_is_submitted_twice_where_answers_are_lost() -> None:
    line = Line()
    sampler = SamplerV2(line.backend, TWIRLED)
    fault = Fault(method="POST", path="*/jobs", effect=Lost(acted=True), after=1)
    line.cloud.alter(lambda world: replace(world, faults=(fault,)))
    split = sampler.run(sampled(), shots=100, max_payload=17_000)
    assert len(line.bodies()) == 3
    assert len({*split.job_ids()}) == len(line.service.jobs(limit=None)) == 3


@pytest.mark.holds("B407")
def test_a_part_that_is_refused_says_which_jobs_there_are() -> None:
    line = Line()
    fault = Fault(method="POST", path="*/jobs", effect=Status(code=400), after=2)
    line.cloud.alter(lambda world: replace(world, faults=(fault,)))
    with pytest.raises(IBMApiError) as caught:
        SamplerV2(line.backend, TWIRLED).run(sampled(), shots=100, max_payload=17_000)
    (note,) = caught.value.__notes__
    assert note.startswith("2 of 3 jobs were submitted before: ['")
    assert {job.job_id() in note for job in line.service.jobs()} == {True}


@pytest.mark.holds("B407")
def test_a_limit_below_one_pub_is_refused_before_anything_is_sent() -> None:
    line = Line()
    large = [*sampled()[:2], (turned(), np.random.default_rng(1).random((400, 1)))]
    with pytest.raises(IBMInputValueError, match=r"max_payload is too small for PUB 2, whose job alone has \d+ bytes"):
        SamplerV2(line.backend).run([*large, pair()], shots=8, max_payload=1_700)
    odds: list[Any] = [0, -1, True, "1000", 2.5]
    for odd in odds:
        with pytest.raises(IBMInputValueError, match="max_payload is "):
            EstimatorV2(line.backend).run(pubs(), max_payload=odd)
    assert not line.bodies()


@pytest.mark.holds("B407")
def test_in_this_process_nothing_is_split() -> None:
    options = {"default_shots": 64, "simulator": {"seed_simulator": 7}}
    flipped = QuantumCircuit(5)
    flipped.x(0)
    split = EstimatorV2(FakeManilaV2(), options=options).run([(flipped, ["IIIIZ", "ZIIII"])], max_payload=10)
    assert isinstance(split, SplitJob)
    (pub,) = split.result()
    assert pub.data.evs.shape == (2,)
