"""Jobs simulated elsewhere: in the processes of a pool, and on a Dask cluster. One seed gives one result everywhere."""

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from qiskit.quantum_info import SparsePauliOp

from qiskit_runtime_service import EstimatorV2, QiskitRuntimeService, SamplerV2
from qiskit_runtime_service.emulator.needs import JobTask
from qiskit_runtime_service.programs.bodies import encode_program
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, one_instance

from ..shell.clouds import bell
from .programs import ghz, twirled


def report(params: object, task: JobTask) -> object:
    """Run a program of the user's, in whatever process it is."""
    return {"process": multiprocessing.current_process().name, "params": params, "program": task.program}


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    distributed: Any = import_module("distributed")  # It has no types, and takes a second to load.
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


def run_all(executor: Executor | None) -> tuple[list[object], str]:
    """Return shots and values of two jobs, and the process of a third, all submitted before any was looked at."""
    cloud = emulated_cloud(one_instance(), executor=executor, programs={"executor": report})
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.least_busy()
    measured = bell(backend)
    plain = measured.remove_final_measurements(inplace=False)
    sampled = SamplerV2(backend).run([measured], shots=200)
    estimated = EstimatorV2(backend).run([(plain, SparsePauliOp("XX").apply_layout(plain.layout))])
    job = service.run_program("executor", {"x": 1}, backend)
    results = [sampled.result()[0].data.meas.array.tolist(), float(estimated.result()[0].data.evs)]
    return results, job.result()["process"]


def run_program(executor: Executor | None) -> object:
    """Return the bits and flips of a twirled circuit, beside those of one that is wider."""
    cloud = emulated_cloud(executor=executor)
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend("fake_fez")
    program = QuantumProgram(50, [twirled(ghz(width, backend), (4,)) for width in (3, 12)])
    job = service.run_program("executor", json.loads(encode_program(program, {})), backend)
    return [{name: array.tolist() for name, array in item.items()} for item in job.result()]


@pytest.mark.takes_long
@pytest.mark.holds("B393")
@pytest.mark.parametrize("place", ["pool", "cluster"])
def test_another_process_gives_the_same_result_of_a_quantum_program(place: str, request: pytest.FixtureRequest) -> None:
    here = run_program(None)
    assert here
    assert run_program(request.getfixturevalue(place)) == here


@pytest.mark.takes_long
@pytest.mark.parametrize("place", ["pool", "cluster"])
def test_another_process_gives_the_same_results(place: str, request: pytest.FixtureRequest) -> None:
    here, this_process = run_all(None)
    there, other_process = run_all(request.getfixturevalue(place))
    assert there == here
    assert other_process != this_process
