"""Journeys of IBM's client, unmodified, against an emulated cloud. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "premium", "open"}` from standard input: the URL of the door, an API key, and the CRNs of two
instances. Prints an object from the name of each journey to the empty text, or to what went wrong.
"""

import contextlib
import json
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit import QuantumCircuit  # noqa: E402  # the environment is read when these are loaded
from qiskit.circuit import Parameter  # noqa: E402  # the lines before must come first
from qiskit.quantum_info import SparsePauliOp  # noqa: E402  # the lines before must come first
from qiskit.transpiler import generate_preset_pass_manager  # noqa: E402  # the lines before must come first
from qiskit_ibm_runtime import Batch, EstimatorV2, QiskitRuntimeService, SamplerV2, Session  # noqa: E402  # the lines before must come first

PATIENCE = 8
"""Seconds that one journey may take."""

JOURNEYS: list[Callable[[], None]] = []


def journey(function: Callable[[], None]) -> Callable[[], None]:
    """Put a function on the list."""
    JOURNEYS.append(function)
    return function


def connect(**arguments: Any) -> Any:
    """Construct the service."""
    return QiskitRuntimeService(
        **{"token": GIVEN["key"], "url_resolver": lambda *_: f"{BASE}/api/v1", "instance": GIVEN["premium"]} | arguments
    )


def through(gate: str) -> Any:
    """Construct the service so that its requests go by a way on which something happens."""
    return connect(url_resolver=lambda *_: f"{BASE}/{gate}/api/v1")


SERVICE = connect()
FAST = SERVICE.backend("ibm_fast")
SLOW = SERVICE.backend("ibm_slow")


def bell(backend: Any) -> Any:
    """Return a Bell state, measured, as the backend can run it."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)


def correlation(backend: Any) -> tuple[Any, Any]:
    """Return a Bell state, not measured, and the observable that says how alike its qubits are."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    ready = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1).run(circuit)
    return ready, SparsePauliOp("ZZ").apply_layout(ready.layout)


def submit(mode: Any = FAST, backend: Any = FAST, **options: Any) -> Any:
    """Submit a Bell state."""
    return SamplerV2(mode=mode, options=options).run([bell(backend)], shots=32)


def tagged(*tags: str) -> dict[str, Any]:
    """Return options with tags."""
    return {"environment": {"job_tags": list(tags)}}


@contextlib.contextmanager
def raising(name: str, text: str = "") -> Iterator[None]:
    """Expect an exception by the name of its class."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # the name decides
        assert type(error).__name__ == name, f"{type(error).__name__}: {error}"
        assert text in str(error), str(error)
    else:
        raise AssertionError(f"{name} was not raised")


@journey
def construct_by_crn() -> None:
    assert connect().active_instance() == GIVEN["premium"]


@journey
def construct_by_name() -> None:
    assert connect(instance="teaching").backends()


@journey
def construct_by_region() -> None:
    names = {backend.name for backend in connect(instance=None, region="eu-de").backends()}
    assert names == {"ibm_europe"}, names


@journey
def construct_by_plan() -> None:
    assert "ibm_europe" not in {e.name for e in connect(instance=None, plans_preference=["premium"]).backends()}


@journey
def construct_by_tags() -> None:
    assert connect(instance=None, tags=["team"]).backend("ibm_fast")


@journey
def construct_with_a_wrong_key() -> None:
    with raising("InvalidAccountError"):
        connect(token="wrong")


@journey
def construct_with_a_foreign_crn() -> None:
    with raising("IBMInputValueError"):
        connect(instance=GIVEN["premium"].replace("us-east", "eu-gb"))


@journey
def construct_with_an_unknown_name() -> None:
    with raising("IBMInputValueError"):
        connect(instance="nothing")


@journey
def list_instances() -> None:
    found = {instance["name"]: instance["plan"] for instance in SERVICE.instances()}
    assert found == {"research": "premium", "teaching": "open"}, found


@journey
def list_backends() -> None:
    assert {backend.name for backend in SERVICE.backends()} == {"ibm_fast", "ibm_slow", "ibm_long"}


@journey
def list_backends_with_mocks() -> None:
    assert SERVICE.backend("mock_fast").name == "mock_fast"


@journey
def filter_backends_by_size() -> None:
    assert [backend.name for backend in SERVICE.backends(min_num_qubits=6)] == ["ibm_slow"]


@journey
def filter_backends_by_operational() -> None:
    assert len(SERVICE.backends(operational=True, simulator=False)) == 3


@journey
def filter_backends_by_a_test() -> None:
    assert [backend.name for backend in SERVICE.backends(filters=lambda b: b.num_qubits == 7)] == ["ibm_slow"]


@journey
def find_no_backend() -> None:
    with raising("QiskitBackendNotFoundError"):
        SERVICE.backend("ibm_nothing")


@journey
def choose_the_least_busy() -> None:
    assert SERVICE.least_busy().name == "ibm_fast"


@journey
def choose_the_least_busy_large_one() -> None:
    assert SERVICE.least_busy(min_num_qubits=6).name == "ibm_slow"


@journey
def read_the_configuration() -> None:
    found = FAST.configuration()
    assert (found.n_qubits, found.dt, found.rep_delay_range) == (5, 4e-9, [0.0, 5e-4])


@journey
def read_the_properties() -> None:
    found = FAST.properties()
    assert abs(found.t1(0) - 200e-6) < 1e-12
    assert found.gate_error("cz", [0, 1]) == 0.002


@journey
def read_properties_of_a_date() -> None:
    assert FAST.properties(datetime=datetime(2030, 1, 1, tzinfo=UTC)).backend_name == "ibm_fast"


@journey
def read_the_status() -> None:
    found = SLOW.status()
    assert (found.operational, found.pending_jobs, found.status_msg) == (True, 9, "active")


@journey
def read_the_target() -> None:
    assert {"cz", "rz", "sx", "x", "measure", "delay"} <= set(FAST.target.operation_names)


@journey
def read_attributes() -> None:
    assert (FAST.num_qubits, FAST.name, FAST.dt) == (5, "ibm_fast", 4e-9)
    assert len(FAST.coupling_map.get_edges()) == 8
    assert FAST.qubit_properties(0).t2 is not None


@journey
def refresh_a_backend() -> None:
    SERVICE.backend("ibm_fast").refresh()


@journey
def read_the_usage() -> None:
    found = SERVICE.usage()
    assert found["usage_limit_seconds"] == 100000
    assert found["usage_remaining_seconds"] <= 100000


@journey
def run_a_sampler() -> None:
    counts = submit().result()[0].data.meas.get_counts()
    assert sum(counts.values()) == 32


@journey
def run_several_pubs() -> None:
    result = SamplerV2(mode=FAST).run([(bell(FAST), None, 5), (bell(FAST), None, 5)]).result()
    assert [pub.data.meas.num_shots for pub in result] == [5, 5]


@journey
def read_the_inputs_of_a_job() -> None:
    job = SERVICE.job(submit().job_id())
    assert job.inputs["pubs"][0][0].num_qubits == 5
    assert job.primitive_id == "sampler"


@journey
def read_the_metrics() -> None:
    job = submit()
    job.result()
    assert job.metrics()["usage"]["status"] == "complete"
    assert job.usage() >= 0


@journey
def read_the_logs() -> None:
    job = submit()
    job.result()
    assert isinstance(job.logs(), str)


@journey
def read_dates_and_names_of_a_job() -> None:
    job = submit()
    assert abs(job.creation_date - datetime.now(UTC)) < timedelta(hours=2)
    assert job.backend().name == "ibm_fast"


@journey
def read_the_properties_at_the_time_of_a_job() -> None:
    job = submit()
    job.result()
    assert job.properties().backend_name == "ibm_fast"


@journey
def replace_tags() -> None:
    job = submit(**tagged("before"))
    assert job.tags == ["before"]
    job.update_tags(["after", "more"])
    assert sorted(SERVICE.job(job.job_id()).tags) == ["after", "more"]


@journey
def cancel_a_queued_job() -> None:
    job = submit(SLOW, SLOW)
    assert job.status() == "QUEUED"
    job.cancel()
    assert job.cancelled()
    with raising("RuntimeInvalidStateError"):
        job.result()


@journey
def cancel_a_finished_job() -> None:
    job = submit()
    job.result()
    with raising("RuntimeInvalidStateError"):
        job.cancel()


@journey
def delete_a_job() -> None:
    job = submit()
    job.result()
    SERVICE.delete_job(job.job_id())
    with raising("RuntimeJobNotFound"):
        SERVICE.job(job.job_id())


@journey
def delete_a_job_that_waits() -> None:
    job = submit(SLOW, SLOW)
    assert job.status() == "QUEUED"
    SERVICE.delete_job(job.job_id())
    with raising("RuntimeJobNotFound"):
        SERVICE.job(job.job_id())


@journey
def find_no_job() -> None:
    with raising("RuntimeJobNotFound"):
        SERVICE.job("nothing")


@journey
def run_too_long() -> None:
    job = SamplerV2(mode=SERVICE.backend("ibm_long"), options={"max_execution_time": 1}).run([bell(FAST)])
    with raising("RuntimeJobMaxTimeoutError"):
        job.result()
    assert job.status() == "ERROR"


@journey
def keep_a_job_private() -> None:
    job = submit(environment={"private": True})
    assert job.private
    assert job.result()[0].data.meas.num_shots == 32


@journey
def list_jobs() -> None:
    assert len(SERVICE.jobs(limit=3)) == 3


@journey
def list_jobs_after_some() -> None:
    first, second = SERVICE.jobs(limit=2)
    assert SERVICE.jobs(limit=1, skip=1)[0].job_id() == second.job_id() != first.job_id()


@journey
def list_jobs_of_a_backend() -> None:
    submit(SLOW, SLOW)
    assert {job.backend().name for job in SERVICE.jobs(backend_name="ibm_slow")} == {"ibm_slow"}


@journey
def list_jobs_by_tags() -> None:
    job = submit(**tagged("one", "two"))
    submit(**tagged("one"))
    assert [found.job_id() for found in SERVICE.jobs(job_tags=["one", "two"])] == [job.job_id()]


@journey
def list_pending_and_final_jobs() -> None:
    submit(SLOW, SLOW)
    assert {job.status() for job in SERVICE.jobs(pending=True)} == {"QUEUED"}
    assert not {job.status() for job in SERVICE.jobs(pending=False)} & {"QUEUED", "RUNNING"}


@journey
def list_jobs_of_a_program() -> None:
    assert {job.primitive_id for job in SERVICE.jobs(program_id="sampler", limit=5)} == {"sampler"}


@journey
def list_jobs_by_date() -> None:
    long_ago = datetime.now() - timedelta(days=9)  # noqa: DTZ005  # that client wants local time
    assert SERVICE.jobs(created_after=long_ago, limit=2)
    assert SERVICE.jobs(created_before=long_ago) == []


@journey
def list_jobs_oldest_first() -> None:
    dates = [job.creation_date for job in SERVICE.jobs(descending=False, limit=4)]
    assert dates == sorted(dates)


@journey
def run_in_a_session() -> None:
    with Session(backend=FAST, max_time=600) as session:
        job = submit(session)
        job.result()
        assert session.details()["mode"] == "dedicated"
        assert "accepting new jobs" in session.status()
    assert job.session_id == session.session_id
    assert not session.details()["accepting_jobs"]


@journey
def run_in_a_batch() -> None:
    with Batch(backend=FAST) as batch:
        jobs = [submit(batch) for _ in range(3)]
    assert {job.session_id for job in jobs} == {batch.session_id}
    assert len(SERVICE.jobs(session_id=batch.session_id)) == 3


@journey
def return_to_a_session() -> None:
    session = Session(backend=FAST)
    again = Session.from_id(session.session_id, service=SERVICE)
    assert again.session_id == session.session_id
    session.cancel()
    assert session.status() == "Closed"


@journey
def cancel_a_session() -> None:
    session = Session(backend=SLOW)
    job = submit(session, SLOW)
    session.cancel()
    assert job.status() == "CANCELLED"


@journey
def read_the_usage_of_a_session() -> None:
    with Session(backend=FAST) as session:
        submit(session).result()
    assert session.usage() >= 0


@journey
def find_no_session() -> None:
    with raising("IBMInputValueError"):
        Session.from_id("nothing", service=SERVICE)


@journey
def open_a_session_on_the_open_plan() -> None:
    backend = connect(instance=GIVEN["open"]).backend("ibm_europe")
    with raising("RequestsApiError", "1352"), Session(backend=backend) as session:
        submit(session, backend)


@journey
def run_an_estimator() -> None:
    job = EstimatorV2(mode=FAST).run([correlation(FAST)])
    data = job.result()[0].data
    assert 0.8 < float(data.evs) <= 1.1, data.evs
    assert float(data.stds) >= 0
    assert SERVICE.job(job.job_id()).primitive_id == "estimator"


@journey
def run_an_estimator_over_many_angles() -> None:
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("angle"), 0)
    ready = generate_preset_pass_manager(1, backend=FAST, seed_transpiler=1).run(circuit)
    observables = [[SparsePauliOp("Z").apply_layout(ready.layout)], [SparsePauliOp("X").apply_layout(ready.layout)]]
    data = EstimatorV2(mode=FAST).run([(ready, observables, [[0.0], [1.5708], [3.1416]], 0.02)]).result()[0].data
    assert data.evs.shape == (2, 3)
    assert abs(data.evs[0][0] - 1) < 0.2
    assert abs(data.evs[1][1] - 1) < 0.2
    assert abs(data.evs[0][2] + 1) < 0.2


@journey
def run_an_estimator_at_each_level() -> None:
    for level in (0, 1, 2):
        estimator = EstimatorV2(mode=FAST, options={"resilience_level": level, "default_precision": 0.05})
        result = estimator.run([correlation(FAST)]).result()
        assert result.metadata["version"] == 2
        assert "resilience" in result.metadata, result.metadata


@journey
def run_an_estimator_in_a_session() -> None:
    with Session(backend=FAST) as session:
        energies = [float(EstimatorV2(mode=session).run([correlation(FAST)]).result()[0].data.evs) for _ in range(3)]
    assert len(energies) == 3
    assert len(SERVICE.jobs(session_id=session.session_id)) == 3


@journey
def run_both_primitives_in_a_batch() -> None:
    with Batch(backend=FAST) as batch:
        jobs = [submit(batch), EstimatorV2(mode=batch).run([correlation(FAST)])]
    assert {job.primitive_id for job in jobs} == {"sampler", "estimator"}
    assert all(job.result() is not None for job in jobs)


@journey
def repeat_a_job_with_its_seed() -> None:
    def counts() -> dict[str, int]:
        job = submit(simulator={"seed_simulator": 11})
        return dict(job.result()[0].data.meas.get_counts())

    assert counts() == counts()


@journey
def submit_a_dry_run() -> None:
    job = SamplerV2(mode=FAST).run([bell(FAST)], dry_run=True)
    assert job.backend().name == "mock_fast"


@journey
def wait_for_a_job() -> None:
    job = submit()
    job.wait_for_final_state(timeout=30)
    assert job.done()
    assert job.in_final_state()


@journey
def estimate_the_usage() -> None:
    assert "quantum_seconds" in submit().usage_estimation


@journey
def list_backends_of_another_instance() -> None:
    assert [backend.name for backend in SERVICE.backends(instance=GIVEN["open"])] == ["ibm_europe"]


@journey
def find_a_backend_of_another_instance() -> None:
    assert SERVICE.backend("ibm_europe", instance=GIVEN["open"]).num_qubits == 5


@journey
def fetch_a_result_again() -> None:
    job = submit()
    first = job.result()[0].data.meas.get_counts()
    assert SERVICE.job(job.job_id()).result()[0].data.meas.get_counts() == first


@journey
def read_the_details_of_a_session() -> None:
    found = Session(backend=FAST, max_time="5m").details()
    assert (found["backend_name"], found["max_time"], found["interactive_timeout"]) == ("ibm_fast", 300, 60)
    assert (found["state"], found["accepting_jobs"]) == ("open", True)


@journey
def find_a_backend_at_an_earlier_calibration() -> None:
    errors = {
        name: SERVICE.backend("ibm_long", calibration_id=name).properties().gate_error("cz", [0, 1])
        for name in ("ibm_long-1", "ibm_long-2")
    }
    assert errors == {"ibm_long-1": 0.002, "ibm_long-2": 0.006}, errors


@journey
def read_properties_before_the_last_calibration() -> None:
    backend = SERVICE.backend("ibm_long")
    assert backend.properties().gate_error("cz", [0, 1]) == 0.006
    assert backend.properties(datetime=datetime(2026, 9, 2, tzinfo=UTC)).gate_error("cz", [0, 1]) == 0.002


@journey
def ask_for_more_shots_than_the_device_takes() -> None:
    job = SamplerV2(mode=FAST).run([bell(FAST)], shots=100001)
    with raising("RuntimeJobFailureError", "shots"):
        job.result()
    assert job.errored()
    assert "shots" in job.error_message()


@journey
def submit_too_often() -> None:
    backend = through("limited").backend("ibm_fast")
    with raising("IBMRuntimeError", "429"):
        submit(backend, backend)


@journey
def outlive_an_outage() -> None:
    backend = through("outage").backend("ibm_fast")
    job = submit(backend, backend)
    assert job.result()[0].data.meas.num_shots == 32


@journey
def be_refused_by_a_gateway() -> None:
    with raising("IBMRuntimeError", "<h1>"):
        backend = through("gateway").backend("ibm_fast")
        submit(backend, backend)


@journey
def submit_with_options() -> None:
    options = {
        "default_shots": 50,
        "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"},
        "twirling": {"enable_measure": True},
        "execution": {"init_qubits": True},
    }
    job = SamplerV2(mode=FAST, options=options).run([bell(FAST)])
    assert job.inputs["options"]["dynamical_decoupling"] == {"enable": True, "sequence_type": "XY4"}


@journey
def run_the_circuit_of_a_parameter() -> None:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("angle"), 0)
    circuit.measure_all()
    ready = generate_preset_pass_manager(1, backend=FAST, seed_transpiler=1).run(circuit)
    result = SamplerV2(mode=FAST).run([(ready, [[0.0], [3.14159]], 40)]).result()[0]
    assert result.data.meas.shape == (2,)
    assert result.data.meas.get_counts(1).get("1", 0) > 20


@journey
def return_to_a_batch() -> None:
    with Batch(backend=FAST, max_time="10m") as batch:
        submit(batch).result()
    again = Batch.from_id(batch.session_id, service=SERVICE)
    assert again.details()["max_time"] == 600
    assert not again.details()["accepting_jobs"]


@journey
def wait_for_longer_than_one_wants() -> None:
    with raising("RuntimeJobTimeoutError"):
        submit(SLOW, SLOW).wait_for_final_state(timeout=0.2)


@journey
def list_no_jobs() -> None:
    assert SERVICE.jobs(job_tags=["never"]) == []


def give_up(*_: object) -> None:
    """Raise out of a journey that does not end."""
    raise RuntimeError(f"This journey takes more than {PATIENCE} s.")


def main() -> None:
    """Go on all journeys."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, give_up)
    troubles = {}
    for trip in JOURNEYS:
        signal.alarm(PATIENCE)
        try:
            trip()
            troubles[trip.__name__] = ""
        except Exception:  # noqa: BLE001  # whatever goes wrong is told
            troubles[trip.__name__] = traceback.format_exc(limit=-3)
    signal.alarm(0)
    print(json.dumps(troubles))


if __name__ == "__main__":
    main()
