"""What a run sends is what was written, and what cannot be sent so is refused before anything is sent."""

import json
import math
import warnings
from typing import Any

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Annotation, Instruction, Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import (
    EstimatorV2,
    IBMBackend,
    IBMInputValueError,
    QiskitRuntimeService,
    RuntimeDecoder,
    SamplerV2,
)
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from .clouds import bell, open_service


def opened(**device: Any) -> tuple[IBMBackend, EmulatedTransport]:
    service, cloud = open_service(one_instance(devices=[line_device("ibm_emu5", 5, **device)]))
    return service.backend("ibm_emu5"), cloud


def sent(cloud: EmulatedTransport) -> list[Any]:
    """Return the PUBs of each job that reached the cloud."""
    posts = (exchange.request for exchange in cloud.ledger if exchange.request.method == "POST")
    return [json.loads(post.body, cls=RuntimeDecoder)["params"]["pubs"] for post in posts if post.url.endswith("/jobs")]


def delays_of(circuit: QuantumCircuit) -> list[tuple[Any, str]]:
    return [(step.operation.duration, step.operation.unit) for step in circuit.data if step.name == "delay"]


def waiting(backend: IBMBackend, *delays: tuple[Any, str]) -> QuantumCircuit:
    circuit = QuantumCircuit(backend.num_qubits, 1)
    for duration, unit in delays:
        circuit.delay(duration, 1, unit)
    circuit.measure(1, 0)
    return circuit


def simulator() -> Any:
    return QiskitRuntimeService(channel="local").backend("aer_simulator")


# Delays


@pytest.mark.holds("B260")
def test_delays_are_sent_in_ticks_of_the_device() -> None:
    backend, cloud = opened()
    assert backend.dt is not None
    exact = 1000 * backend.dt
    circuit = waiting(backend, (exact, "s"), (7, "dt"))
    SamplerV2(backend).run([circuit])
    EstimatorV2(backend).run([(circuit, "IIIIZ")])
    assert [delays_of(pubs[0][0]) for pubs in sent(cloud)] == [[(1000, "dt"), (7, "dt")]] * 2
    assert delays_of(circuit) == [(exact, "s"), (7, "dt")]


@pytest.mark.holds("B260")
def test_what_is_rounded_is_told_once_for_a_run() -> None:
    backend, cloud = opened()
    odd = waiting(backend, (backend.dt * 2.25, "s"), (backend.dt * 3.25, "s"))  # type: ignore[operator]  # it has a dt
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SamplerV2(backend).run([bell(backend), odd])
    (told,) = [str(warning.message) for warning in caught]
    assert told.startswith("Delays are rounded to whole dt of the device. In PUB 1: the delay on qubit 1 lasts")
    assert "(2 dt) instead of" in told
    assert told.endswith("So are 1 more.")
    assert delays_of(sent(cloud)[0][1][0]) == [(2, "dt"), (3, "dt")]


@pytest.mark.holds("B261")
def test_a_sweep_of_waiting_times_is_one_pub() -> None:
    backend = QiskitRuntimeService(channel="local").backend("fake_manila")
    circuit = QuantumCircuit(5, 1)
    circuit.x(0)
    circuit.delay(Parameter("wait"), 0, "us")
    circuit.measure(0, 0)
    dt = backend.dt
    assert dt is not None
    ticks = [0, round(1e-3 / dt)]
    job = SamplerV2(backend).run([(circuit, [[0.0], [ticks[1] * dt * 1e6]])], shots=200)
    sent_circuit, values, _ = job.inputs["pubs"][0]
    assert [parameter.name for parameter in sent_circuit.parameters] == ["delay_0_in_dt"]
    assert values.tolist() == [[0], [ticks[1]]]
    bits = job.result()[0].data.c
    assert bits[0].get_counts()["1"] > 150
    assert bits[1].get_counts().get("1", 0) < 60


@pytest.mark.holds("B260", "B261")
def test_a_delay_that_cannot_be_counted_is_refused_before_the_request() -> None:
    backend, cloud = opened()
    loop = QuantumCircuit(5, 1)
    with loop.for_loop([1, 2], Parameter("n")) as number:
        loop.delay(number / 3, 1, "us")
    for primitive in (SamplerV2(simulator()), SamplerV2(backend)):
        with pytest.raises(IBMInputValueError, match="PUB 1 cannot run on this backend"):
            primitive.run([QuantumCircuit(1, 1), loop])
    assert sent(cloud) == []


@pytest.mark.holds("B260")
def test_delays_of_a_simulator_come_back_as_they_were_written() -> None:
    backend = simulator()
    circuit = QuantumCircuit(1, 1)
    circuit.delay(1.5, 0, "us")
    circuit.delay(20, 0, "ns")
    job = SamplerV2(backend).run([circuit], shots=5)
    assert delays_of(job.inputs["pubs"][0][0]) == [(1.5, "us"), (20.0, "ns")]


# Layouts and metadata


@pytest.mark.holds("B263", "B264")
def test_transpiled_circuits_come_back_with_layout_and_metadata() -> None:
    backend, _ = opened()
    circuit = QuantumCircuit(
        3, name="φ", metadata={"kind": {"a", "b"}, "weights": np.eye(2), "of": SparsePauliOp("XX")}
    )
    circuit.h(0)
    for pair in ((0, 1), (1, 2), (0, 2)):
        circuit.cx(*pair)
    circuit.measure_all()
    isa = generate_preset_pass_manager(2, backend=backend, seed_transpiler=5).run(circuit)
    job = SamplerV2(backend).run([isa], shots=5)
    again = job.inputs["pubs"][0][0]
    assert (again, again.name) == (isa, "φ")
    for name in ("initial_index_layout", "final_index_layout", "routing_permutation"):
        assert getattr(again.layout, name)() == getattr(isa.layout, name)()
    assert SparsePauliOp("ZZZ").apply_layout(again.layout) == SparsePauliOp("ZZZ").apply_layout(isa.layout)
    for metadata in (again.metadata, job.result()[0].metadata["circuit_metadata"]):
        assert metadata["kind"] == {"a", "b"}
        assert metadata["weights"].tolist() == [[1, 0], [0, 1]]
        assert metadata["of"] == SparsePauliOp("XX")


# What is not finite


@pytest.mark.holds("B262")
@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused_before_the_request_wherever_it_runs(odd: float) -> None:
    backend, cloud = opened()
    circuit = QuantumCircuit(5, 1)
    circuit.rz(Parameter("angle"), 0)
    fixed = QuantumCircuit(5, 1)
    fixed.rz(odd, 0)
    for place in (backend, simulator(), FakeManilaV2()):
        for values, name in (
            ([[0.1], [odd]], r"the value at \[1\] for parameter 'angle' of pubs\[1\]"),
            ([odd], "the value for"),
        ):
            with pytest.raises(IBMInputValueError, match=name):
                SamplerV2(place).run([(circuit, [0.1]), (circuit, values)])
            with pytest.raises(IBMInputValueError, match=name):
                EstimatorV2(place).run([(circuit, "IIIIZ", [0.1]), (circuit, "IIIIZ", values)])
        with pytest.raises(IBMInputValueError, match=r"instruction 'rz' on qubit 0 in the circuit of pubs\[0\]"):
            SamplerV2(place).run([fixed])
        with pytest.raises(IBMInputValueError, match=r"a coefficient of the observable of pubs\[0\]"):
            EstimatorV2(place).run([(circuit, {"IIIIZ": odd}, [0.1])])
        with pytest.raises(IBMInputValueError, match="precision"):
            EstimatorV2(place).run([(circuit, "IIIIZ", [0.1])], precision=odd)
    assert sent(cloud) == []


@pytest.mark.holds("B161")
def test_options_are_finite() -> None:
    backend, _ = opened()
    for odd in (math.nan, math.inf):
        for options in ({"default_precision": odd}, {"resilience": {"zne": {"noise_factors": [1, 3, odd]}}}):
            with pytest.raises(IBMInputValueError, match=str(odd)):
                EstimatorV2(backend, options)
        with pytest.raises(IBMInputValueError, match=str(odd)):
            SamplerV2(backend, {"execution": {"rep_delay": odd}})


# Registers, and what QPY has no form for


@pytest.mark.holds("B85")
def test_registers_named_like_members_of_a_result_are_refused_wherever_it_runs() -> None:
    backend, cloud = opened()
    for place in (backend, simulator(), FakeManilaV2()):
        for name in ("shape", "values", "self"):
            circuit = QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(1, name))
            circuit.measure(0, 0)
            with pytest.raises(IBMInputValueError, match=rf"PUB 1 .* classical register '{name}'"):
                SamplerV2(place).run([QuantumCircuit(1, 1), circuit])
    assert sent(cloud) == []


class Note(Annotation):
    namespace = "tests.note"


@pytest.mark.holds("B263")
def test_what_cannot_be_written_is_refused_with_its_pub_and_instruction() -> None:
    boxed = QuantumCircuit(2, 1)
    with boxed.box([Note()]):
        boxed.x(1)
    with pytest.raises(IBMInputValueError, match=r"PUB 1 .* instruction 'box' on qubit 1 has an annotation, Note"):
        SamplerV2(simulator()).run([QuantumCircuit(1, 1), boxed])
    strange = QuantumCircuit(2, 1)
    strange.x(0)
    strange.barrier(0)
    strange.append(Instruction("odd", 1, 0, [object()]), [1])
    with pytest.raises(
        IBMInputValueError, match=r"PUB 1 .* instruction 'odd' on qubit 1 cannot be written as QPY"
    ) as told:
        SamplerV2(simulator()).run([QuantumCircuit(1, 1), strange])
    assert str(told.value).endswith("Take it out or decompose it.")
    strange = QuantumCircuit(1, 1, metadata={"inner": waiting_for_ever()})
    with pytest.raises(
        IBMInputValueError, match=r"pubs\[1\] .* whose metadata are not JSON: The delay of t us on qubit 0"
    ):
        SamplerV2(simulator()).run([QuantumCircuit(1, 1), strange])


def waiting_for_ever() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.delay(Parameter("t"), 0, "us")
    return circuit


# Shots


@pytest.mark.holds("B265")
def test_shots_up_to_the_limit_are_sent_and_no_more() -> None:
    backend, cloud = opened()
    limit = backend.configuration().max_shots
    assert limit == 100_000
    circuit = bell(backend)
    flat = circuit.remove_final_measurements(inplace=False)
    SamplerV2(backend).run([circuit], shots=limit)
    SamplerV2(backend, {"default_shots": limit}).run([circuit])
    EstimatorV2(backend, {"default_shots": limit}).run([(flat, "IIIZZ")])
    twirled = {"num_randomizations": 10, "shots_per_randomization": 10, "enable_gates": True}
    SamplerV2(backend, {"default_shots": limit + 1, "twirling": twirled}).run([circuit])
    assert len(sent(cloud)) == 4
    words = r"the number of shots of pubs\[{}\] is {}\.\nIt must be at most 100000, the limit of ibm_emu5"
    refusals: list[tuple[Any, int, int]] = [
        (lambda: SamplerV2(backend).run([circuit], shots=limit + 1), 0, limit + 1),
        (lambda: SamplerV2(backend, {"default_shots": limit + 1}).run([circuit]), 0, limit + 1),
        (lambda: SamplerV2(backend).run([(circuit, None, 5), (circuit, None, limit + 1)]), 1, limit + 1),
        (lambda: EstimatorV2(backend).run([(flat, "IIIZZ", None, 0.1), (flat, "IIIZZ", None, 0.002)]), 1, 250_000),
        (lambda: EstimatorV2(backend, {"default_shots": limit + 1}).run([(flat, "IIIZZ")]), 0, limit + 1),
        (lambda: EstimatorV2(backend, {"default_precision": 0.002}).run([(flat, "IIIZZ")]), 0, 250_000),
    ]
    for run, pub, shots in refusals:
        with (
            warnings.catch_warnings(action="ignore", category=DeprecationWarning),
            pytest.raises(IBMInputValueError, match=words.format(pub, shots)),
        ):
            run()
    assert len(sent(cloud)) == 4


def test_a_backend_of_no_service_takes_any_number_of_shots() -> None:
    backend = FakeManilaV2()
    assert backend.configuration().max_shots == 100_000
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    assert SamplerV2(backend).run([circuit], shots=100_001).result()[0].data.c.num_shots == 100_001
