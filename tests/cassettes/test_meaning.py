"""Laws of what requests mean: what no server acts on does not count, all else does."""

import json
import zlib
from base64 import b64encode
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from msgspec.structs import replace
from qiskit import qpy

from qiskit_runtime_service import QuantumProgram
from qiskit_runtime_service.cassettes.meaning import compare_meanings, meaning_of
from qiskit_runtime_service.cassettes.pseudonyms import crn_for
from qiskit_runtime_service.programs.bodies import encode_program
from qiskit_runtime_service.records.cassette import Difference
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.records.job import JobQuery, Submission
from qiskit_runtime_service.records.secret import Secret
from qiskit_runtime_service.testing import SentRequests, line_device, one_instance
from qiskit_runtime_service.wire import requests
from tests.programs.programs import OPTIONS, boxed, plain
from tests.shell.clouds import open_service
from tests.support.conversations import BASE, CRNS, all_requests
from tests.support.program_runs import RUNS

CRN = CRNS[0]


def job(params: object = None, **fields: object) -> Request:
    submission = Submission(program="sampler", backend="ibm_a", params=json.dumps(params or {}).encode(), **fields)  # type: ignore[arg-type]  # fields of a submission
    return requests.create_job(BASE, CRN, submission)


@pytest.mark.holds("B205")
@given(all_requests)
def test_hosts_and_headers_of_clients_do_not_count(request: Request) -> None:
    path = request.url.partition("://")[2].partition("/")[2]
    kept = tuple(header for header in request.headers if header[0] == "Service-CRN")
    moved = replace(request, url=f"http://127.0.0.1:1234/{path}", headers=(*kept, ("User-Agent", "other/2")))
    assert meaning_of(moved) == meaning_of(request)


def program(angle: float = 0.5, shape: tuple[int, ...] = (3,), **boxing: object) -> Request:
    """Return the submission of a quantum program. What is built anew has other identities and numbers."""
    made = QuantumProgram(10, passthrough_data={"angles": np.array([angle])})
    made.append_samplex_item(*boxed(**boxing), {"parameter_values": [angle]}, shape=shape)
    return job(json.loads(encode_program(made, OPTIONS)))


@pytest.mark.holds("B369")
def test_a_quantum_program_that_is_built_anew_means_the_same() -> None:
    assert compare_meanings(meaning_of(program()), meaning_of(program())) == ()
    others = [program(0.25), program(shape=(4,)), program(enable_measures=False)]
    assert len({meaning_of(request) for request in (program(), *others)}) == 4


@pytest.mark.holds("B369")
def test_references_that_count_all_of_a_process_do_not_count() -> None:
    def measured(*bases: list[int]) -> Request:
        made = QuantumProgram(10)
        for basis in bases:
            template, samplex = boxed(measure_annotations="all")
            name = next(spec.name for spec in samplex.inputs().specs if spec.name.startswith("basis_changes."))
            arguments = {"parameter_values": [0.5], name: np.array(basis, np.uint8)}
            made.append_samplex_item(template, samplex, arguments)
        return job(json.loads(encode_program(made, OPTIONS)))

    first = measured([1, 2], [2, 3])
    assert compare_meanings(meaning_of(first), meaning_of(measured([1, 2], [2, 3]))) == ()
    assert meaning_of(first) != meaning_of(measured([2, 3], [1, 2]))


@pytest.mark.holds("B369")
def test_a_run_of_each_program_means_what_another_run_of_it_means_and_no_other() -> None:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_line", 3)]))
    backend = service.backend("ibm_line")
    for _ in range(2):
        for run in RUNS.values():
            run(backend, {})
    sent = [exchange.request for exchange in SentRequests(cloud).matching("POST /jobs")]
    first, again = ([meaning_of(request) for request in half] for half in (sent[: len(RUNS)], sent[len(RUNS) :]))
    assert list(map(compare_meanings, first, again)) == [()] * len(RUNS)
    assert len(set(first)) == len(RUNS)


@pytest.mark.holds("B369")
def test_the_versions_of_what_is_written_do_not_count() -> None:
    def sent(version: int) -> Request:
        stream = BytesIO()
        qpy.dump(plain(), stream, version=version)
        return job({"circuits": {"b64_data": b64encode(stream.getvalue()).decode(), "qpy_version": version}})

    assert meaning_of(sent(13)) == meaning_of(sent(18))
    assert "circuit of 2 qubits" in dict(meaning_of(sent(13)).fields)["body.params.circuits.b64_data"]


def test_what_only_looks_like_a_samplex_or_a_circuit_is_a_text() -> None:
    for text in ("", "{}", '{"attrs": 1}', '{"attrs": {"param_table": "{}"}}', "[" * 10**5, "UUlTS0lU!"):
        fields = dict(meaning_of(job({"samplex_json": text, "other": text})).fields)
        assert fields["body.params.samplex_json"] == fields["body.params.other"] or not text


@pytest.mark.holds("B205")
@given(all_requests)
def test_an_instance_and_its_stand_in_are_the_same(request: Request) -> None:
    headers = tuple((name, crn_for(value) if name == "Service-CRN" else value) for name, value in request.headers)
    assert meaning_of(replace(request, headers=headers)) == meaning_of(request)


@given(all_requests, all_requests)
def test_requests_differ_in_what_is_named_as_different(one: Request, other: Request) -> None:
    first, second = meaning_of(one), meaning_of(other)
    assert (compare_meanings(first, second) == ()) == (first == second)


@pytest.mark.holds("B205")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (requests.get_job(BASE, CRN, "j1"), requests.get_job(BASE, CRN, "j2")),
        (requests.get_job(BASE, CRN, "j1"), requests.get_job(BASE, CRNS[1], "j1")),
        (requests.get_job(BASE, CRN, "j1"), requests.get_job(BASE, CRN, "j1", with_params=True)),
        (requests.get_job(BASE, CRN, "jobs"), requests.get_metrics(BASE, CRN, "jobs")),
        (requests.cancel_job(BASE, CRN, "j1"), requests.delete_job(BASE, CRN, "j1")),
        (requests.list_backends(BASE, CRN), requests.list_backends(BASE, CRN, waiting=True)),
        (requests.search_instances("https://s"), requests.search_instances("https://s", "cursor")),
        (requests.put_tags(BASE, CRN, "j1", []), requests.put_tags(BASE, CRN, "j1", ["a"])),
        (job({"shots": 1}), job({"shots": 2})),
        (job({"shots": None}), job({})),
        (job({"shots": 1}), job({"shots": True})),
        (job({"shots": 1}), job({"shots": "1"})),
        (job({"shots": None}), job({"shots": "null"})),
        (job({"a": ["x"]}), job({"a": {"0": "x"}})),
        (job({"a": {"b": 1}}), job({"a.b": 1})),
        (job(tags=("a, b",)), job(tags=("a", "b"))),
        (job(tags=("a",)), job(tags=("b",))),
        (job(), job(cost=10)),
        (job(), job(private=True)),
    ],
)
def test_what_a_server_acts_on_counts(one: Request, other: Request) -> None:
    assert meaning_of(one) != meaning_of(other)
    assert compare_meanings(meaning_of(one), meaning_of(other))


@pytest.mark.holds("B205")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (job({"shots": 1.0, "a": 2}), job({"a": 2, "shots": 1})),
        (job(tags=("a", "b")), job(tags=("b", "a"))),
        (job(tags=("submission-1",)), job(tags=("submission-2",))),
        (job(), job(tags=("submission-2",))),
        (
            Request(method="GET", url=f"{BASE}/jobs?tags=a&tags=b&limit=5"),
            Request(method="GET", url=f"{BASE}/jobs?limit=5&tags=b&tags=a&tags=submission-3"),
        ),
        (
            job({"array": b64encode(zlib.compress(b"numbers" * 9, 1)).decode()}),
            job({"array": b64encode(zlib.compress(b"numbers" * 9, 9)).decode()}),
        ),
        (
            requests.exchange_key("https://iam.cloud.ibm.com", Secret("a")),
            requests.exchange_key("http://127.0.0.1:1", Secret("b")),
        ),
        (
            requests.list_jobs(BASE, CRN, JobQuery(), limit=5, offset=0, after="2026-01-01T00:00:00Z", before=""),
            requests.list_jobs(BASE, CRN, JobQuery(), limit=5, offset=0, after="2026-02-01T00:00:00Z", before=""),
        ),
    ],
)
def test_what_no_server_acts_on_does_not_count(one: Request, other: Request) -> None:
    assert meaning_of(one) == meaning_of(other)


@pytest.mark.holds("B205")
def test_what_unpacks_to_more_than_64_megabytes_is_compared_as_it_stands() -> None:
    # One megabyte of zeros is compressed once, and put down 64 times; then comes one byte more.
    deflate = zlib.compressobj(wbits=-15)
    piece = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    end = deflate.compress(b"!") + deflate.flush()
    checksum_of_zeros = (64 << 20) % 65521 << 16 | 1
    checksum = zlib.adler32(b"!", checksum_of_zeros).to_bytes(4)
    text = b64encode(b"\x78\x9c" + piece * 64 + end + checksum).decode()
    assert dict(meaning_of(job({"a": text})).fields)["body.params.a"].startswith(text[:120])


def test_differences_are_told_field_by_field() -> None:
    one = meaning_of(job({"pubs": [1, 2], "shots": 4}))
    other = meaning_of(job({"pubs": [1, 3], "seed": 5}))
    assert compare_meanings(one, other) == (
        Difference("body.params.pubs[1]", "2", "3"),
        Difference("body.params.seed", None, "5"),
        Difference("body.params.shots", "4", None),
    )


@pytest.mark.holds("B205")
def test_a_submission_is_answered_once_and_a_look_as_often_as_asked() -> None:
    assert not meaning_of(job()).repeatable
    assert meaning_of(requests.get_job(BASE, CRN, "j1")).repeatable
    assert meaning_of(requests.search_instances("https://s")).repeatable


@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
@pytest.mark.parametrize(
    "url", ["", "/", "https://h", "https://h/a/b?x", "jobs", "https://[::1]/x", "https://[", "https://h/%ff"]
)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000])
def test_any_request_means_something(method: str, url: str, body: bytes) -> None:
    request = Request(method=method, url=url, body=body)
    assert meaning_of(request) == meaning_of(request)
