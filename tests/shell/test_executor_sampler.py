"""The sampler of directed execution as users hold it."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BaseSamplerV2, PrimitiveResult
from qiskit.quantum_info import PauliLindbladMap
from qiskit_aer import AerSimulator
from samplomatic import Tag, Twirl

from qiskit_runtime_service import Executor, IBMBackend
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.executor_sampler import Sampler, SamplerV2
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.options_models import ExecutorOptions, SamplerOptions
from qiskit_runtime_service.testing import EmulatedTransport, line_device, one_instance

from .clouds import open_service

TWIRLED = {"twirling": {"enable_gates": True, "enable_measure": True}}


def line(width: int = 5) -> tuple[IBMBackend, EmulatedTransport]:
    """Return a device of qubits in a line, and its cloud."""
    service, cloud = open_service(one_instance(devices=[line_device("ibm_line", width)], now=time.time()))
    return service.backend("ibm_line"), cloud


def pair(name: str = "pair", gate: str = "cz") -> QuantumCircuit:
    """Return two qubits of five, of which the first is turned, measured."""
    circuit = QuantumCircuit(5, name=name)
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.x(0)
    getattr(circuit, gate)(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def turned() -> QuantumCircuit:
    circuit = QuantumCircuit(5, 1, name="turned")
    circuit.rz(Parameter("t"), 0)
    circuit.sx(0)
    circuit.measure(0, 0)
    return circuit


def posts(cloud: EmulatedTransport) -> list[str]:
    return [exchange.request.url for exchange in cloud.ledger if exchange.request.method == "POST"]


@pytest.mark.holds("B376", "B377")
def test_a_run_is_one_request_and_its_result_that_of_a_sampler() -> None:
    backend, cloud = line()
    sampler = SamplerV2(mode=backend, options=TWIRLED)
    assert backend.target.num_qubits == 5
    since = len(posts(cloud))
    job = sampler.run([pair(), (turned(), np.zeros((2, 3, 1)))], shots=100)
    assert len(posts(cloud)) == since + 1
    result = job.result()
    assert isinstance(result, PrimitiveResult)
    first, second = result
    assert set(first.data.c.get_counts()) == {"01"}
    assert (first.data.c.num_shots, first.metadata["num_randomizations"]) == (128, 2)
    assert (second.data.shape, second.data.c.num_shots) == ((2, 3), 128)
    assert result.metadata["options"]["twirling"]["enable_gates"] is True


@pytest.mark.holds("B415")
@pytest.mark.parametrize("options", [{}, TWIRLED])
def test_a_register_whose_name_a_result_has_for_something_else_is_refused(options: Any) -> None:
    backend, cloud = line()
    circuit = pair()
    circuit.add_register(ClassicalRegister(1, "pauli_signs"))
    since = len(posts(cloud))
    with pytest.raises(IBMInputValueError, match=r"PUB 1 cannot run .*'pauli_signs' for something else.*\nRename"):
        SamplerV2(backend, options).run([pair(), circuit], shots=4)
    assert len(posts(cloud)) == since


def test_it_is_a_sampler_of_qiskit_under_both_names() -> None:
    assert Sampler is SamplerV2
    assert issubclass(SamplerV2, BaseSamplerV2)
    assert SamplerV2.__module__ == "qiskit_runtime_service.executor_sampler"


def test_options_are_kept_as_they_are_given_and_those_of_others_refused() -> None:
    backend, _ = line()
    own = SamplerOptions(default_shots=7)
    sampler = SamplerV2(backend, own)
    assert sampler.options is own
    sampler.options = {"default_shots": 8}
    assert sampler.options.default_shots == 8
    for wrong in (ExecutorOptions(), None, 3):
        with pytest.raises(TypeError, match="a dictionary or SamplerOptions"):
            sampler.options = wrong  # type: ignore[assignment]  # it is wrong
    assert sampler.options.default_shots == 8


@pytest.mark.holds("B376")
def test_what_would_be_sent_is_shown_with_what_it_costs() -> None:
    backend, cloud = line()
    since = len(posts(cloud))
    sampler = SamplerV2(backend, TWIRLED)
    prepared = sampler.prepare([pair("one"), (turned(), np.zeros((2, 3, 1)))], shots=100)
    assert str(prepared) == repr(prepared)
    title, head, _, *rows = str(prepared).splitlines()
    assert title == "896 executions in 2 items"
    assert " ".join(head.split()) == (
        "item for circuit qubits depth 2-qubit gates configurations randomizations shots executions"
    )
    assert [" ".join(row.split()) for row in rows] == [
        "0 PUB 0 one 5 6 1 1 2 64 128",
        "1 PUB 1 turned 5 3 0 6 2 64 768",
    ]
    assert prepared.executions == 896
    assert [prepared.shots_of(index) for index in (0, 1)] == [128, 128]
    assert "<td>turned</td>" in prepared._repr_html_()
    assert [circuit.name for circuit in prepared.circuits] == ["one", "turned"]
    plain = SamplerV2(backend).prepare([pair("one")], shots=100)
    assert str(plain).splitlines()[0] == "100 executions in 1 item"
    assert len(posts(cloud)) == since


@pytest.mark.holds("B376")
def test_what_is_prepared_is_what_an_executor_runs() -> None:
    backend, _ = line()
    prepared = SamplerV2(backend, TWIRLED).prepare([pair()], shots=100)
    result = Executor(backend).run(prepared.program).result()
    assert set(result[0].data.c.get_counts()) == {"01"}


def test_nothing_is_left_open_in_final_options() -> None:
    backend, _ = line()
    sampler = SamplerV2(backend, {"twirling": {"enable_gates": True}})
    final = sampler.finalize_options()
    assert (final.twirling.enable_gates, final.twirling.enable_measure) == (True, False)
    assert sampler.options.twirling.enable_measure is None
    final.twirling.group = "local_c1"
    assert sampler.options.twirling.group == "pauli"


@pytest.mark.holds("B378")
def test_layers_are_those_that_are_run_each_once() -> None:
    backend, _ = line()
    sampler = SamplerV2(backend)
    long = QuantumCircuit(5, 2)
    for first, second in ((0, 1), (1, 2), (0, 1), (1, 2)):
        long.cz(first, second)
        long.sx(0)
    long.measure([0, 1], [0, 1])
    assert sampler.find_unique_layers([long], types="all") == []
    sampler.options.twirling = {"enable_gates": True, "strategy": "active"}
    found = sampler.find_unique_layers([long, pair()])
    assert [sorted(long.find_bit(qubit).index for qubit in layer.qubits) for layer in found] == [[0, 1], [1, 2]]
    assert all({"cz"} == set(layer.operation.body.count_ops()) for layer in found)
    assert [[type(one) for one in layer.operation.annotations] for layer in found] == [[Twirl, Tag]] * 2
    sampler.options.twirling.enable_measure = True
    assert sampler.find_unique_layers([long]) == found
    *gates, last = sampler.find_unique_layers([long], types="all")
    assert gates == found
    assert dict(last.operation.body.count_ops()) == {"measure": 2}
    with pytest.raises(IBMInputValueError, match="types is 'measures'"):
        sampler.find_unique_layers([long], types="measures")  # type: ignore[arg-type]  # it is wrong


@pytest.mark.holds("B372")
def test_two_numbers_that_say_less_than_was_asked_for_are_warned_of() -> None:
    backend, _ = line()
    numbers = {**TWIRLED["twirling"], "num_randomizations": 3, "shots_per_randomization": 5}
    sampler = SamplerV2(backend, {"twirling": numbers})
    with pytest.warns(UserWarning, match="15 shots are taken, not 100") as caught:
        prepared = sampler.prepare([pair()], shots=100)
    assert caught[0].filename == __file__
    assert prepared.shots_of(0) == 15
    # What the options say by default asks for nothing.
    assert sampler.prepare([pair()]).shots_of(0) == 15
    assert sampler.prepare([pair()], shots=15).executions == 15


def with_reset() -> QuantumCircuit:
    circuit = QuantumCircuit(5, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure(0, 1)
    return circuit


def boxed() -> QuantumCircuit:
    circuit = QuantumCircuit(5, 2)
    with circuit.box():
        circuit.cz(0, 1)
    return circuit


def branching() -> QuantumCircuit:
    circuit = pair()
    with circuit.if_test((0, True)):
        circuit.x(1)
    return circuit


def measured(kind: str) -> dict[str, Any]:
    return {"execution": {"meas_type": kind}}


DECOUPLED = {"dynamical_decoupling": {"enable": True}}


@pytest.mark.holds("B371", "B373", "B374", "B375", "B376")
@pytest.mark.parametrize(
    ("options", "pubs", "words", "way_out"),
    [
        ({}, list, "pubs is []", "at least one pub"),
        ({}, pair, "pubs is circuit 'pair'", "a list of pubs"),
        ({}, lambda: [(pair(), None, 3), pair()], "shots of pubs[1] is 4096", "It must be 3, as for pubs[0]"),
        ({"default_shots": None}, lambda: [pair()], "shots of pubs[0] is None", "run(shots=...)"),
        ({}, lambda: [turned()], "pubs[0] is circuit 'turned'", "a circuit, or (circuit, parameter values, shots)"),
        (measured("kerneled") | TWIRLED, lambda: [pair()], "meas_type is 'kerneled'", "only bits can be flipped back"),
        (measured("avg_kerneled") | TWIRLED, lambda: [pair()], "meas_type is 'avg_kerneled'", "'classified'"),
        ({}, lambda: [pair(), boxed()], "PUB 1 cannot run on this backend: it has a box", "Take the box out"),
        (TWIRLED, lambda: [pair(), branching()], "PUB 1 cannot run on this backend: 'if_else'", "enable_gates"),
        (TWIRLED, lambda: [with_reset()], "PUB 0 cannot run on this backend: it cannot be twirled", "to False"),
        (DECOUPLED, lambda: [branching()], "how long 'if_else' takes", "Set dynamical_decoupling.enable to False"),
        ({}, lambda: [pair("h", "ch")], "0 cannot run on this backend: instruction 'ch' on qubits 0, 1", "Transpile"),
        (TWIRLED, lambda: [pair("h", "cx")], "instruction 'cx' on qubits 0, 1 is not supported", "Transpile"),
        ({"execution": {"rep_delay": 7}}, lambda: [pair()], "rep_delay is 7.0 s", "It must be from"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_it_is_sent(
    options: Any, pubs: Callable[[], Any], words: str, way_out: str
) -> None:
    backend, cloud = line()
    since = len(posts(cloud))
    with pytest.raises(IBMInputValueError) as caught:
        SamplerV2(backend, options).run(pubs())
    first, last = str(caught.value).splitlines()
    assert words in first
    assert way_out in last
    assert len(posts(cloud)) == since


@pytest.mark.holds("B374")
def test_a_backend_that_tells_no_times_cannot_be_decoupled() -> None:
    with pytest.raises(IBMInputValueError, match="how long its gates take"):
        SamplerV2(AerSimulator(), DECOUPLED).run([pair()])


def test_a_sampler_runs_in_this_process_with_a_seed() -> None:
    options = {**TWIRLED, "simulator": {"seed_simulator": 0}}
    one, other = (SamplerV2(FakeManilaV2(), options).run([pair(gate="cx")], shots=500).result() for _ in range(2))
    assert one[0].data.c.get_counts() == other[0].data.c.get_counts()
    assert max(one[0].data.c.get_counts(), key=one[0].data.c.get_counts().get) == "11"


def test_layers_have_names_only_where_their_noise_is_simulated() -> None:
    backend = FakeManilaV2()
    sampler = SamplerV2(backend, TWIRLED)

    def labels() -> set[str]:
        (circuit,) = sampler.prepare([pair(gate="cx")]).circuits
        return {step.operation.label.partition("@")[2] for step in circuit.data if step.name == "barrier"}

    assert labels() == {""}
    (layer,) = sampler.find_unique_layers([pair(gate="cx")])
    sampler.options.simulator.layer_noise_model = [(layer, PauliLindbladMap.identity(2))]
    named = labels() - {""}
    (tag,) = (one for one in layer.operation.annotations if isinstance(one, Tag))
    assert f"tag={tag.ref}" in {label.rpartition("@")[2] for label in named}
    program = sampler.prepare([pair(gate="cx")]).program
    assert program.passthrough_data["post_processor"]["options"]["simulator"]["layer_noise_model"] is None
    assert sampler.options.simulator.layer_noise_model[0][0] is layer


# What is said of PUBs


@pytest.mark.holds("B408")
def test_what_is_wrong_is_said_of_the_pub() -> None:
    backend, cloud = line()
    odd = pair()
    odd.metadata = {"x": {1: 2}}
    for second, words in (
        (pair(gate="cx"), "PUB 1 cannot run on this backend: instruction 'cx'"),
        ((turned(), np.zeros((0, 1))), r"the parameter values of pubs\[1\] is of shape \(0,\)"),
        ((turned(), [[np.nan]]), r"the value at \[0\] for parameter 't' of pubs\[1\] is nan"),
        (odd, r"a key in the metadata of the circuit of pubs\[1\]\['x'\] is 1"),
    ):
        with pytest.raises(IBMInputValueError, match=words):
            SamplerV2(backend).run([pair(), second], shots=8)
    with pytest.warns(UserWarning, match="PUB 1 has no classical registers"):
        SamplerV2(backend).run([pair(), QuantumCircuit(5)], shots=8)
    assert len([url for url in posts(cloud) if url.endswith("/jobs")]) == 1


@pytest.mark.holds("B408")
def test_an_executor_runs_what_was_prepared() -> None:
    backend, _ = line()
    prepared = SamplerV2(backend, TWIRLED).prepare([pair()], shots=100)
    assert prepared.pubs == (0,)
    result = Executor(backend).run(prepared).result()
    assert isinstance(result, PrimitiveResult)
    assert result[0].data.c.num_shots == 128
    with pytest.raises(IBMInputValueError, match=r"program is 3\.\nIt must be a QuantumProgram, or what prepare"):
        Executor(backend).run(3)
