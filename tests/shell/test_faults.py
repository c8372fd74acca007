"""What a service does when the cloud or the way to it fails."""

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import pytest

from qiskit_runtime_service import Batch, QiskitRuntimeService, RuntimeJobV2
from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Revoke, Status, Truncate, Unreachable
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import (
    IBMApiError,
    IBMInputValueError,
    IBMNetworkError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    InvalidAccountError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    RuntimeProgramNotFound,
    SubmissionUnknown,
)
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, many_instances, one_instance, too_many_requests

from .clouds import open_service, submit_bell

OUTAGE = b'{"errors": [{"code": 9999, "message": "Out of order.", "solution": "Wait."}], "trace": "t-1"}'


def with_faults(*faults: Fault, world: World | None = None) -> World:
    return msgspec.structs.replace(world or one_instance(), faults=faults)


@pytest.mark.holds("B22")
@pytest.mark.parametrize(
    "effect", [Status(code=503), Status(code=500), Status(code=429), Lost(acted=True), Unreachable()]
)
@pytest.mark.parametrize("path", ["*/identity/token", "*/search", "*/plan*", "*/backends", "*/configuration"])
def test_three_failures_in_a_row_are_overcome_everywhere(effect: Status | Lost | Unreachable, path: str) -> None:
    service, _ = open_service(with_faults(Fault(path=path, effect=effect, times=3)))
    assert service.least_busy().name == "ibm_emu5"


@pytest.mark.holds("B26", "B221")
def test_the_last_error_is_told_with_host_code_and_trace() -> None:
    fault = Fault(path="*/backends", effect=Status(code=500, body=OUTAGE), times=None)
    service, cloud = open_service(with_faults(fault))
    with pytest.raises(IBMApiError) as caught:
        service.backends()
    for part in ("https://quantum.cloud.ibm.com/api/v1/backends", "500", "4 attempts", "9999", "t-1", "Out of order"):
        assert part in str(caught.value)
    assert str(caught.value).splitlines()[-1] == "Wait."
    assert len(cloud.requests("/backends")) == 4


@pytest.mark.holds("B20")
def test_a_token_service_that_was_broken_is_asked_again() -> None:
    # Four attempts of the first call, then it is mended.
    fault = Fault(path="*/identity/token", effect=Status(code=500), times=4)
    service, cloud = open_service()
    cloud.alter(lambda world: msgspec.structs.replace(world, faults=(fault,)))
    cloud.sleep(4000)
    with pytest.raises(IBMApiError, match="500"):
        service.backends()
    assert [backend.name for backend in service.backends()] == ["ibm_emu5"]


@pytest.mark.holds("B221")
def test_the_twenty_latest_troubles_are_remembered() -> None:
    busy = Fault(path="*/backends", effect=Status(code=404), times=None)
    service, cloud = open_service(with_faults(busy))
    for _ in range(22):
        with pytest.raises(IBMApiError):
            service.backends()
        cloud.sleep(100)
    assert len(service.explain().records.troubles) == 20


@pytest.mark.holds("B24")
def test_retry_after_is_heeded() -> None:
    busy = Status(code=429, headers=(("Retry-After", "17"),))
    service, cloud = open_service(with_faults(Fault(path="*/backends", effect=busy)))
    began = cloud.now()
    service.backends()
    assert cloud.now() - began == pytest.approx(17.0)


@pytest.mark.holds("B23", "B146")
@pytest.mark.parametrize("effect", [Unreachable(), too_many_requests(), too_many_requests(20)])
def test_a_submission_that_was_turned_away_is_sent_again(effect: Unreachable | Status) -> None:
    service, cloud = open_service(with_faults(Fault(method="POST", path="*/jobs", effect=effect)))
    assert submit_bell(service).result()[0].data.meas.num_shots == 64
    assert len(cloud.requests("/jobs", "POST")) == 2
    assert len(service.jobs()) == 1


@pytest.mark.holds("B22")
def test_a_revoked_token_is_renewed_once() -> None:
    service, cloud = open_service(with_faults(Fault(path="*/backends", effect=Revoke())))
    assert len(service.backends()) == 1
    assert len(cloud.requests("/identity/token")) == 2


@pytest.mark.holds("B22", "B26")
def test_a_token_that_stays_refused_is_an_error_and_no_loop() -> None:
    refused = Fault(path="*/backends", effect=Status(code=401), times=None)
    service, cloud = open_service(with_faults(refused))
    with pytest.raises(IBMNotAuthorizedError, match="401"):
        service.backends()
    assert len(cloud.requests("/backends")) == 2


@pytest.mark.holds("B20")
def test_an_early_renewal_that_fails_goes_unnoticed() -> None:
    down = Fault(path="*/identity/token", effect=Status(code=503), after=1, times=None)
    service, cloud = open_service(with_faults(down))
    cloud.sleep(3000.0)
    assert len(service.backends()) == 1
    cloud.sleep(700.0)
    with pytest.raises(IBMApiError, match="identity/token"):
        service.backends()


@pytest.mark.holds("B20")
def test_sixty_four_threads_share_one_token() -> None:
    world = one_instance()
    service, cloud = open_service(world, instance=next(iter(world.instances)))
    with ThreadPoolExecutor(64) as pool:
        assert sum(len(backends) for backends in pool.map(lambda _: service.backends(), range(64))) == 64
    assert len(cloud.requests("/identity/token")) == 1


@pytest.mark.holds("B24")
def test_a_dead_server_is_not_hammered() -> None:
    dead = Fault(path="*/backends", effect=Status(code=503), times=None)
    service, cloud = open_service(with_faults(dead))
    for _ in range(1000):
        with pytest.raises(IBMApiError):
            service.backends()
    assert len(cloud.requests("/backends")) <= 1000 + 100


@pytest.mark.holds("B7")
def test_a_catalog_that_is_down_leaves_plans_unknown() -> None:
    down = Fault(path="*/globalcatalog/*", effect=Status(code=500), times=None)
    silent = Fault(path="/api/v1/*-*", effect=Status(code=403), times=None)
    service, _ = open_service(with_faults(down, silent))
    assert [instance["plan"] for instance in service.instances()] == ["unknown"]


@pytest.mark.holds("B11")
def test_all_instances_failing_alike_is_one_error() -> None:
    down = Fault(path="*/backends", effect=Status(code=400, body=OUTAGE), times=None)
    service, _ = open_service(with_faults(down, world=many_instances(3)))
    with pytest.raises(IBMApiError, match="Out of order"):
        service.backends()


@pytest.mark.holds("B221")
def test_a_page_of_some_gateway_is_told_by_its_beginning() -> None:
    page = Status(code=200, body=b"<html><body>Sign in to the network</body></html>")
    service, _ = open_service(with_faults(Fault(path="*/backends", effect=page, times=None)))
    with pytest.raises(IBMApiError, match="Sign in to the network"):
        service.backends()


ODD_RESULTS = [
    (b'{"__type__": "PrimitiveResult", "__value__": 3}', "A value of type 'PrimitiveResult' ", "Try a newer version"),
    (b"<html>Sign in</html>", "It is no JSON: ", "Ask for it again; if it stays so, job.logs() may say why."),
    (b"oh \xff no", "It is no JSON: ", "Ask for it again; if it stays so, job.logs() may say why."),
]


@pytest.mark.holds("B150", "B298")
@pytest.mark.parametrize(("body", "words", "fix"), ODD_RESULTS)
def test_a_damaged_result_is_an_error_that_says_whose_it_is(body: bytes, words: str, fix: str) -> None:
    service, cloud = open_service()
    job, other = submit_bell(service), submit_bell(service)
    damaged = Fault(path=f"*/{job.job_id()}/results", effect=Status(code=200, body=body))
    cloud.alter(lambda world: with_faults(damaged, world=world))
    with pytest.raises(IBMApiError) as caught:
        job.result()
    assert isinstance(caught.value, IBMRuntimeError)
    assert str(caught.value).startswith(f"The result of job {job.job_id()} cannot be decoded. {words}")
    assert caught.value.fix.startswith(fix)
    assert ("It begins with" in str(caught.value)) == words.startswith("It is no JSON")
    assert "job.save_result(path)" in caught.value.__notes__[0]
    assert job.result()[0].data.meas.num_shots == 64
    assert other.result()[0].data.meas.num_shots == 64


@pytest.mark.holds("B298")
def test_a_private_result_that_is_no_json_is_not_to_be_asked_for_again() -> None:
    service, cloud = open_service()
    job = submit_bell(service, environment={"private": True})
    damaged = Fault(path=f"*/{job.job_id()}/results", effect=Status(code=200, body=b"Traceback (most recent call"))
    cloud.alter(lambda world: with_faults(damaged, world=world))
    for _ in range(2):
        with pytest.raises(IBMApiError, match=r"It begins with 'Traceback \(most recent call'") as caught:
            job.result()
        assert caught.value.fix == "job.logs() may say why."


@pytest.mark.holds("B298")
def test_inputs_that_cannot_be_decoded_are_told_with_their_job() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    odd = b'{"params": {"pubs": {"__type__": "ndarray", "__value__": "!"}}}'
    damaged = Fault(method="GET", path=f"*/jobs/{job.job_id()}", effect=Status(code=200, body=odd))
    cloud.alter(lambda world: with_faults(damaged, world=world))
    with pytest.raises(IBMApiError, match=f"The inputs of job {job.job_id()} cannot be decoded") as caught:
        assert job.inputs
    assert isinstance(caught.value, IBMRuntimeError)
    assert job.inputs["pubs"]


@pytest.mark.holds("B296")
def test_a_job_cannot_be_cancelled_only_where_it_was_to_be_cancelled() -> None:
    conflict = Status(code=409, body=b'{"errors": [{"code": 1212, "message": "In conflict.", "solution": "none"}]}')
    service, cloud = open_service()
    job = submit_bell(service)
    cloud.alter(lambda world: with_faults(Fault(path="*/jobs*", effect=conflict, times=None), world=world))
    with pytest.raises(RuntimeInvalidStateError, match="cannot be cancelled: In conflict"):
        job.cancel()
    for call in (job.status, job.metrics, job.logs, lambda: job.update_tags(["a"]), service.jobs, lambda: job.inputs):
        with pytest.raises(IBMApiError) as caught:
            call()
        assert isinstance(caught.value, IBMRuntimeError)
        assert not isinstance(caught.value, RuntimeInvalidStateError)
        assert (caught.value.status, caught.value.code) == (409, "1212")
        assert "cancelled" not in str(caught.value)
        assert caught.value.fix == "Change what was asked for."


@pytest.mark.holds("B23")
@pytest.mark.parametrize("effect", [Lost(acted=True), Truncate(), Status(code=502), Status(code=503)])
def test_what_an_earlier_attempt_has_done_is_done(effect: Effect) -> None:
    service, cloud = open_service(one_instance(queue_seconds=100.0))
    acted = not isinstance(effect, Status)
    for method, path, do in (
        ("POST", "*/cancel", lambda job: job.cancel()),
        ("DELETE", "*/jobs/*", lambda job: service.delete_job(job.job_id())),
        ("PUT", "*/tags", lambda job: job.update_tags(["a"])),
    ):
        job = submit_bell(service)
        # An answer without a body cannot break off.
        fault = Fault(method=method, path=path, effect=Lost(acted=True) if acted else effect)
        cloud.alter(partial(msgspec.structs.replace, faults=(fault,)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            do(job)
        if method == "POST":
            assert job.status() == "CANCELLED"
            with pytest.raises(RuntimeInvalidStateError, match="cannot be cancelled"):
                job.cancel()
        elif method == "DELETE":
            with pytest.raises(RuntimeJobNotFound):
                service.job(job.job_id())


@pytest.mark.holds("B23")
def test_a_job_that_has_ended_by_itself_was_not_cancelled_by_an_earlier_attempt() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    job.wait_for_final_state()
    cloud.alter(lambda world: with_faults(Fault(path="*/cancel", effect=Lost(acted=True)), world=world))
    with pytest.raises(RuntimeInvalidStateError, match="cannot be cancelled"):
        job.cancel()


@pytest.mark.holds("B23")
def test_a_job_that_is_not_there_is_not_deleted_at_the_first_attempt() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    cloud.alter(lambda world: msgspec.structs.replace(world, jobs={}))
    with pytest.warns(DeprecationWarning), pytest.raises(RuntimeJobNotFound):
        service.delete_job(job.job_id())


GONE: list[Callable[[RuntimeJobV2], object]] = [
    lambda job: job.status(),
    lambda job: job.result(timeout=60),
    lambda job: job.inputs,
    lambda job: job.cancel(),
    lambda job: job.update_tags(["a"]),
]


@pytest.mark.parametrize("call", GONE)
def test_a_job_or_a_session_that_is_gone_is_in_none_of_the_instances_that_were_asked(
    call: Callable[[RuntimeJobV2], object],
) -> None:
    service, cloud = open_service(many_instances(3))
    job = submit_bell(service)
    session = Batch(backend=service.least_busy())
    cloud.alter(lambda world: msgspec.structs.replace(world, jobs={}, sessions={}))
    # A job knows its instance, and so does a session; who asks the service for one asks all.
    with pytest.raises(RuntimeJobNotFound, match=f"Job '{job.job_id()}' is not in the instance that was asked"):
        call(job)
    with pytest.raises(RuntimeJobNotFound, match=f"Job '{job.job_id()}' is in none of the 3 instances"):
        service.job(job.job_id())
    with pytest.raises(IBMRuntimeError, match=f"Session '{session.session_id}' is not in the instance that was asked"):
        session.details()
    with pytest.raises(IBMRuntimeError, match=f"Session '{session.session_id}' is in none of the 3 instances"):
        Batch.from_id(str(session.session_id), service)


@pytest.mark.holds("B283", "B291")
@pytest.mark.parametrize("body", [b"{}", b"null", b"[]", b'{"devices": null, "jobs": null, "items": null}'])
def test_an_answer_without_the_rows_that_are_due_is_no_empty_listing(body: bytes) -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    odd = Status(code=200, body=body)
    for path, call in (
        ("*/backends", service.backends),
        ("*/backends", service.least_busy),
        ("*/jobs", service.jobs),
        ("*/jobs", lambda: [*service.iter_jobs()]),
        ("*/search", lambda: QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)),
    ):
        cloud.alter(partial(msgspec.structs.replace, faults=(Fault(path=path, effect=odd, times=None),)))
        cloud.sleep(61.0)
        since = len(cloud.ledger)
        with pytest.raises(IBMApiError, match="is JSON of another shape"):
            call()
        asked = [
            exchange for exchange in cloud.ledger[since:] if exchange.request.url.partition("?")[0].endswith(path[1:])
        ]
        assert len(asked) == 1
    cloud.alter(lambda world: with_faults(world=world))
    assert service.jobs() == [job]


@pytest.mark.holds("B296")
def test_whether_the_server_acted_is_in_doubt_only_where_it_was_to_act() -> None:
    doubt = "It is not known whether the server acted."
    service, cloud = open_service()
    job = submit_bell(service)
    lost = (Fault(path="*/jobs*", effect=Lost(acted=True), times=None),)
    cloud.alter(lambda world: with_faults(*lost, world=world))
    for call, acts in (
        (job.status, False),
        (service.jobs, False),
        (job.cancel, True),
        (lambda: job.update_tags(["a"]), True),
    ):
        with pytest.raises(IBMNetworkError) as caught:
            call()
        assert (doubt in str(caught.value)) == acts
    # The token service was to change nothing that anybody could look at.
    cloud.sleep(4000.0)
    cloud.alter(lambda world: with_faults(Fault(path="*/token", effect=Lost(acted=True), times=None), world=world))
    with pytest.raises(IBMNetworkError, match="identity/token") as caught:
        job.cancel()
    assert doubt not in str(caught.value)


@pytest.mark.holds("B42")
@pytest.mark.parametrize("status", [429, 500, 503])
def test_one_bad_look_does_not_end_a_wait(status: int) -> None:
    bad = Fault(method="GET", path="*/jobs/*", effect=Status(code=status), after=2, times=4)
    service, _ = open_service(with_faults(bad, world=one_instance(queue_seconds=100)))
    assert submit_bell(service).result()[0].data.meas.num_shots == 64


@pytest.mark.holds("B42")
def test_looks_that_stay_bad_end_a_wait() -> None:
    bad = Fault(method="GET", path="*/jobs/*", effect=Status(code=500), times=None)
    service, _ = open_service(with_faults(bad))
    with pytest.raises(IBMApiError, match="500"):
        submit_bell(service).result()


BAD_INPUT: list[tuple[dict[str, object], type[Exception], str]] = [
    ({"channel": "ibm-cloud"}, IBMInputValueError, "'ibm_quantum_platform', 'ibm_cloud' or 'local'"),
    ({"channel": "ibm_quantum"}, InvalidAccountError, "channel='ibm_quantum_platform'"),
    ({"channel": "ibm_quantum"}, ValueError, "channel='ibm_quantum_platform'"),
    ({"token": ""}, IBMInputValueError, "an IBM Cloud API key"),
    ({"token": 5}, IBMInputValueError, "text"),
    ({"instance": "crn:v1"}, IBMInputValueError, "Copy the CRN"),
    (
        {"instance": "crn:v1:bluemix:public:quantum-computing:evil.example/:a/1:2::"},
        IBMInputValueError,
        "Copy the CRN",
    ),
    ({"region": "mars"}, IBMInputValueError, "us-east, eu-de"),
    ({"plans_preference": 5}, IBMInputValueError, "a text or a list of texts"),
    ({"tags": ["a", 5]}, IBMInputValueError, "a text or a list of texts"),
    ({"verify": "no"}, IBMInputValueError, "True, False or the path"),
    ({"verify": ""}, IBMInputValueError, "True, False or the path"),
    ({"proxies": {"url": "x"}}, IBMInputValueError, "urls"),
    ({"url": "http://example.com"}, IBMInputValueError, "https"),
    ({"url": "ftp://example.com"}, IBMInputValueError, "https"),
]


@pytest.mark.holds("B61")
@pytest.mark.parametrize(("arguments", "error", "fix"), BAD_INPUT)
def test_bad_arguments_are_refused_before_any_request(
    arguments: dict[str, object], error: type[Exception], fix: str
) -> None:
    cloud = EmulatedTransport(one_instance())
    with pytest.raises(error) as caught:
        QiskitRuntimeService(**{"token": API_KEY, "transport": cloud, "clock": cloud} | arguments)  # type: ignore[arg-type]  # wrong types are the point
    assert fix in str(caught.value).splitlines()[-1]
    assert not cloud.ledger


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("gopher://user:canary@proxy.example:1", "the proxy gopher://proxy.example:1 cannot be used"),
        ("http://user:canary@[bad", "the proxy, which is no URL, cannot be used"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(proxy: str, words: str) -> None:
    with pytest.raises(IBMApiError) as caught:
        QiskitRuntimeService(token=API_KEY, proxies={"urls": {"https": proxy}})
    assert (type(caught.value).__name__, type(caught.value).__base__) == ("IBMNetworkError", IBMNetworkError)
    assert words in str(caught.value)
    assert "proxies=" in caught.value.fix
    assert "canary" not in str(caught.value)


def test_a_file_of_authorities_that_holds_none_is_named(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate", encoding="utf-8")
    with pytest.raises(IBMApiError) as caught:
        QiskitRuntimeService(token=API_KEY, verify=str(garbage))
    assert (type(caught.value).__name__, type(caught.value).__base__) == ("IBMNetworkError", IBMNetworkError)
    assert f"the certificate authorities in {str(garbage)!r} cannot be used" in str(caught.value)
    assert "verify=" in caught.value.fix


def test_a_file_of_authorities_that_is_not_there_is_named(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.pem")
    with pytest.raises(IBMInputValueError) as caught:
        QiskitRuntimeService(token=API_KEY, verify=gone)
    assert type(caught.value) is IBMInputValueError
    assert str(caught.value).startswith(f"verify is {gone!r}.")
    assert "True, False or the path of a file of certificates" in caught.value.fix


def empty(path: str, status: int) -> World:
    """Return a cloud that answers one path with nothing but a status."""
    return with_faults(Fault(path=path, effect=Status(code=status, body=b""), times=None))


@pytest.mark.parametrize(
    ("status", "words", "fix"),
    [
        (200, "It begins with ''.", "something between here and the service answers in its place."),
        (302, "answered 302 after 1 attempt.", "The service does not redirect"),
        (404, "answered 404 after 1 attempt.", "Change what was asked for."),
        (500, "answered 500 after 4 attempts", "Try again later."),
    ],
)
def test_an_answer_without_a_body_is_told_by_its_status(status: int, words: str, fix: str) -> None:
    service, _ = open_service(empty("*/backends", status))
    with pytest.raises(IBMApiError) as caught:
        service.backends()
    assert type(caught.value) is IBMApiError
    assert "https://quantum.cloud.ibm.com/api/v1/backends" in str(caught.value)
    assert words in str(caught.value)
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (200, SubmissionUnknown, "the answer cannot be read"),
        (404, RuntimeProgramNotFound, "https://quantum.cloud.ibm.com/api/v1/jobs answered 404"),
        (500, SubmissionUnknown, "the service answered 500"),
    ],
)
def test_a_program_that_is_not_known_is_told_without_a_body(status: int, kind: type[Exception], words: str) -> None:
    service, _ = open_service(empty("*/jobs", status))
    backend = service.least_busy()
    with pytest.raises(IBMRuntimeError, match=words) as caught:
        service.run_program("made-up", {}, backend)
    assert isinstance(caught.value, kind)


BAD_CALLS: list[tuple[Callable[[QiskitRuntimeService], object], str]] = [
    (lambda service: service.backends(num_qubits=5), "n_qubits"),
    (lambda service: service.backends(operatoinal=True), "operational"),
    (lambda service: service.backends(min_num_qubits="5"), "whole number"),  # type: ignore[arg-type]  # the point
    (lambda service: service.backend(""), "name of a backend"),
    (lambda service: service.backend(None), "name of a backend"),  # type: ignore[arg-type]  # the point
    (lambda service: service.job(""), "id of a job"),
    (lambda service: service.jobs(limit=-1), "0 or more"),
    (lambda service: service.jobs(skip=-1), "0 or more"),
    (lambda service: service.backends(instance="no-such-instance"), "instance-1"),
]


@pytest.mark.parametrize(("call", "fix"), BAD_CALLS)
def test_bad_calls_are_refused_before_any_request(call: Callable[[QiskitRuntimeService], object], fix: str) -> None:
    service, cloud = open_service()
    since = len(cloud.ledger)
    with pytest.raises(IBMInputValueError) as caught:
        call(service)
    assert fix in str(caught.value).splitlines()[-1]
    assert len(cloud.ledger) == since


@pytest.mark.holds("B21")
def test_a_wrong_key_blames_the_key() -> None:
    cloud = EmulatedTransport(one_instance())
    with pytest.raises(InvalidAccountError, match="API key") as caught:
        QiskitRuntimeService(token="wrong-key", transport=cloud, clock=cloud)
    assert "wrong-key" not in str(caught.value)
    assert len(cloud.ledger) == 1


@pytest.mark.holds("B26")
def test_a_foreign_instance_blames_the_instance() -> None:
    foreign = "crn:v1:bluemix:public:quantum-computing:us-east:a/0:foreign::"
    service, _ = open_service(instance=foreign)
    with pytest.raises(IBMNotAuthorizedError, match="a/0:foreign::"):
        service.backends()
