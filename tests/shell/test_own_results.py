"""What a job hands out belongs to whoever asked: nothing that is done to it reaches the next who asks."""

import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, PubResult
from qiskit.transpiler import generate_preset_pass_manager

from qiskit_runtime_service import EstimatorV2, SamplerV2
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.emulator.world import Finished, give_outcome
from qiskit_runtime_service.fake_provider import FakeManilaV2

from .clouds import bell, open_service, submit_bell


def sampled() -> Any:
    service, _ = open_service()
    return submit_bell(service)


def estimated() -> Any:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    return EstimatorV2(backend).run([(idle(backend), "ZZZZZ")], precision=0.25)


def split() -> Any:
    service, _ = open_service()
    backend = service.backend("ibm_emu5")
    return SamplerV2(backend).run([bell(backend)] * 2, shots=16, max_payload=2000)


def sampled_here() -> Any:
    backend = FakeManilaV2()
    return SamplerV2(backend).run([bell(backend)], shots=16)


def estimated_here() -> Any:
    backend = FakeManilaV2()
    return EstimatorV2(backend).run([(idle(backend), "ZZZZZ")], precision=0.25)


def idle(backend: Any) -> QuantumCircuit:
    return generate_preset_pass_manager(1, backend=backend).run(QuantumCircuit(5))


def spoil(value: Any) -> None:
    """Write into everything that can be written to."""
    match value:
        case PrimitiveResult():
            spoil(value.metadata)
            for pub in value:
                spoil(pub)
        case PubResult():
            spoil(value.metadata)
            for data in value.data.values():
                spoil(data)
        case BitArray():
            value.array[...] ^= 1
        case np.ndarray():
            value[...] = 7
        case dict():
            for inner in value.values():
                spoil(inner)
            value["spoilt"] = True
        case list():
            for inner in value:
                spoil(inner)
            value.append("spoilt")
        case QuantumCircuit():
            value.name = "spoilt"


KINDS = [sampled, estimated, split, sampled_here, estimated_here]


@pytest.mark.holds("B310")
@pytest.mark.parametrize("start", KINDS)
def test_a_result_that_somebody_writes_into_is_whole_for_the_next(start: Callable[[], Any]) -> None:
    job = start()
    first = job.result()
    told = encode_value(first)
    spoil(first)
    assert encode_value(first) != told
    assert encode_value(job.result()) == told


@pytest.mark.holds("B310")
@pytest.mark.parametrize("start", KINDS)
def test_two_threads_may_write_into_the_result_of_one_job(start: Callable[[], Any]) -> None:
    job = start()
    told = encode_value(job.result())
    together = threading.Barrier(4)

    def write() -> tuple[bytes, bytes]:
        together.wait()
        own = job.result()
        before = encode_value(own)
        together.wait()
        spoil(own)
        together.wait()
        return before, encode_value(job.result())

    with ThreadPoolExecutor(4) as pool:
        seen = [written.result() for written in [pool.submit(write) for _ in range(4)]]
    assert seen == [(told, told)] * 4


@pytest.mark.holds("B310")
@pytest.mark.parametrize("start", [sampled, estimated, sampled_here, estimated_here])
def test_inputs_and_the_bytes_of_a_result_are_whole_after_somebody_wrote_into_them(start: Callable[[], Any]) -> None:
    job = start()
    raw, told, name = job.raw_result(), set(job.inputs), circuit_of(job.inputs).name
    inputs = job.inputs
    spoil(circuit_of(inputs))
    spoil(inputs)
    spoil(job.result())
    assert (set(inputs), circuit_of(inputs).name) == ({*told, "spoilt"}, "spoilt")
    assert (job.raw_result(), set(job.inputs), circuit_of(job.inputs).name) == (raw, told, name)


def circuit_of(inputs: dict[str, Any]) -> QuantumCircuit:
    """Return the circuit of the first PUB: of one that came over the wire the first item."""
    pub = inputs["pubs"][0]
    circuit: QuantumCircuit = pub[0] if isinstance(pub, list) else pub.circuit
    return circuit


@pytest.mark.holds("B310")
def test_a_run_in_parts_shares_nothing_with_its_parts() -> None:
    job = split()
    part = job[0].result()
    spoil(job.result())
    assert encode_value(job[0].result()) == encode_value(part)
    assert job[0].result()[0].data.meas == part[0].data.meas


@pytest.mark.holds("B310")
def test_a_program_of_another_kind_hands_out_its_own_lists_too() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    body = encode_value({"rows": [1, {"a": np.arange(3)}]})
    cloud.alter(lambda world: give_outcome(world, job.job_id(), Finished(result=body)))
    spoil(job.result())
    assert encode_value(job.result()) == body


@pytest.mark.holds("B48", "B310")
def test_a_million_shots_are_decoded_once_and_copied_once_a_call() -> None:
    service, cloud = open_service()
    job = submit_bell(service)
    bits = BitArray(np.zeros((10**6, 16), dtype=np.uint8), 127)
    body = encode_value(PrimitiveResult([PubResult(DataBin(meas=bits))]))
    cloud.alter(lambda world: give_outcome(world, job.job_id(), Finished(result=body)))
    job.result()
    before = len(cloud.ledger)
    tracemalloc.start()
    try:
        own = job.result()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert own[0].data.meas == bits
    assert len(cloud.ledger) == before
    assert most < 1.01 * bits.array.nbytes
