"""Delays: counted in ticks of the device before they are sent, and with their unit again when they are read."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Delay, Duration, Parameter
from qiskit.circuit.classical import expr
from qiskit.circuit.library import XGate
from returns.result import Failure

from qiskit_runtime_service.bridge.circuits import values_of
from qiskit_runtime_service.bridge.delay_ticks import count_delays
from qiskit_runtime_service.bridge.observables import read_estimator_pubs
from qiskit_runtime_service.bridge.typed_json import decode_value, encode_value
from qiskit_runtime_service.records.problem import NotExecutable

from ..support.examples import examples
from .test_circuits import pubs_of

DT = 4e-9
P, Q, LOOP = Parameter("p"), Parameter("q"), Parameter("n")


def waiting(*delays: tuple[Any, str | None]) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    for duration, unit in delays:
        circuit.delay(duration, 1, unit)
    return circuit


def delays_of(circuit: QuantumCircuit) -> list[tuple[Any, str]]:
    return [(step.operation.duration, step.operation.unit) for step in circuit.data if step.name == "delay"]


def counted(*pubs: Any, dt: float | None = DT, **more: Any) -> Any:
    return count_delays(pubs_of(*pubs), dt, **more).unwrap()


def refusal(*pubs: Any, dt: float | None = DT) -> NotExecutable:
    result = count_delays(pubs_of(QuantumCircuit(1), *pubs), dt)
    assert isinstance(result, Failure)
    problem = result.failure()
    assert isinstance(problem, NotExecutable)
    assert problem.pub == 1
    return problem


def back(value: object) -> Any:
    return decode_value(encode_value(value)).unwrap()


# Numbers


@pytest.mark.holds("B260")
@pytest.mark.parametrize(
    ("duration", "unit", "ticks"),
    [
        (1000.0, "us", 250_000),
        (1.5, "us", 375),
        (0.001, "s", 250_000),
        (2.0, "ms", 500_000),
        (8.0, "ns", 2),
        (4000.0, "ps", 1),
        (0.0, "ns", 0),
        (7, "dt", 7),
        (expr.lift(Duration.us(1.5)), None, 375),
        (expr.lift(Duration.dt(9)), None, 9),
    ],
)
def test_a_delay_is_counted_in_ticks_and_what_is_exact_is_silent(duration: Any, unit: Any, ticks: int) -> None:
    done = counted(waiting((duration, unit)))
    assert delays_of(done.pubs[0].circuit) == [(ticks, "dt")]
    assert done.rounded == ()


@pytest.mark.holds("B260")
def test_what_is_rounded_is_told_with_both_durations() -> None:
    done = counted(waiting((8.0, "ns")), waiting((1.0, "us"), (9.0, "ns"), (1.0, "ps")))
    assert delays_of(done.pubs[1].circuit) == [(250, "dt"), (2, "dt"), (0, "dt")]
    assert done.rounded == (
        "PUB 1: the delay on qubit 1 lasts 8 ns (2 dt) instead of 9 ns",
        "PUB 1: the delay on qubit 1 lasts 0 ps (0 dt) instead of 1 ps",
    )


def test_a_tick_that_is_no_round_number_makes_no_rounding_of_whole_ticks() -> None:
    done = counted(waiting((1.0, "us"), (3.0, "ms")), dt=1e-9 / 4.5)
    assert delays_of(done.pubs[0].circuit) == [(4500, "dt"), (13_500_000, "dt")]
    assert done.rounded == ()


def test_a_pub_without_such_delays_is_left_as_it_is() -> None:
    pubs = pubs_of(waiting((5, "dt")), (waiting((P, "dt")), [[3], [4]]))
    assert all(new is old or new.circuit is not old.circuit for new, old in zip(counted(*pubs).pubs, pubs, strict=True))
    assert counted(pubs[0]).pubs[0].circuit is pubs[0].circuit


@pytest.mark.holds("B260")
def test_delays_in_blocks_boxes_and_definitions_are_counted_too() -> None:
    own = waiting((2.0, "us"))
    own.name = "own"
    circuit = QuantumCircuit(2, 1, name="whole", metadata={"a": 1}, global_phase=0.5)
    stretch = circuit.add_stretch("gap")
    circuit.delay(stretch, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.delay(1.0, 1, "us")
        with circuit.for_loop([1, 2], Parameter("n")) as number:
            circuit.delay(number, 0, "dt")
            circuit.delay(3.0, 0, "us")
    with circuit.box(duration=10.0, unit="us", label="b"):
        circuit.delay(4.0, 1, "us")
    circuit.append(own.to_instruction(), [0, 1], [0])
    (pub,) = counted(circuit).pubs
    whole = pub.circuit
    assert (whole.name, whole.metadata, whole.global_phase) == ("whole", {"a": 1}, 0.5)
    gap, branch, box, custom = whole.data
    assert gap.operation.duration == stretch
    (body,) = branch.operation.blocks
    assert delays_of(body) == [(250, "dt")]
    assert delays_of(body.data[1].operation.blocks[0])[1] == (750, "dt")
    assert (box.operation.duration, box.operation.unit, box.label) == (10.0, "us", "b")
    assert delays_of(box.operation.blocks[0]) == [(1000, "dt")]
    assert (custom.name, delays_of(custom.operation.definition)) == ("own", [(500, "dt")])
    assert delays_of(circuit.data[3].operation.definition) == [(2.0, "us")]
    assert back(whole) == whole


@pytest.mark.holds("B260")
def test_a_delay_beyond_what_can_be_sent_is_refused() -> None:
    assert "more dt than can be sent" in refusal(waiting((1e12, "s"))).reason


# Parameters


@pytest.mark.holds("B261")
def test_a_delay_that_follows_parameters_has_its_ticks_among_the_values() -> None:
    circuit = waiting((P, "us"), (2 * P, "us"), (P, "us"), (P + Q, "ns"))
    circuit.rx(Q, 0)
    done = counted((circuit, [[[1.0, 8.0], [2.0, 16.0], [0.5, 6.0]]]))
    (pub,) = done.pubs
    assert [name.name for name in pub.circuit.parameters] == ["delay_0_in_dt", "delay_1_in_dt", "delay_2_in_dt", "q"]
    assert [str(duration) for duration, _ in delays_of(pub.circuit)] == [
        *("delay_0_in_dt", "delay_1_in_dt", "delay_0_in_dt", "delay_2_in_dt")
    ]
    assert values_of(pub).tolist() == [[[250, 500, 2, 8], [500, 1000, 4, 16], [125, 250, 2, 6]]]
    assert done.rounded == ("PUB 0: the delay on qubit 1 lasts 8 ns (2 dt) instead of 6.5 ns",)
    bound = pub.circuit.assign_parameters(dict(zip(pub.circuit.parameters, values_of(pub)[0, 2], strict=True)))
    assert delays_of(bound) == [(125, "dt"), (250, "dt"), (125, "dt"), (2, "dt")]
    assert back(pub.circuit) == pub.circuit


@pytest.mark.holds("B261")
def test_estimators_keep_observables_shots_and_precision() -> None:
    read = read_estimator_pubs([(waiting((P, "us")), ["ZZ", "XX"], [[1.0], [2.0]], 0.5)], None).unwrap()
    (pub,) = count_delays(read, DT).unwrap().pubs
    assert (pub.observables.tolist(), pub.precision, pub.shape) == ([{"ZZ": 1.0}, {"XX": 1.0}], 0.5, (2,))
    assert values_of(pub).tolist() == [[250], [500]]
    assert counted((waiting((1.0, "us")), None, 7)).pubs[0].shots == 7


def test_the_new_name_is_one_that_nobody_has() -> None:
    taken = Parameter("delay_0_in_dt")
    circuit = waiting((P, "us"))
    circuit.rx(taken, 0)
    (pub,) = counted((circuit, [3.0, 1.0])).pubs
    assert [name.name for name in pub.circuit.parameters] == ["delay_0_in_dt", "delay_1_in_dt"]
    assert values_of(pub).tolist() == [3.0, 250.0]


@pytest.mark.holds("B261")
def test_ticks_that_follow_parameters_must_be_whole() -> None:
    (pub,) = counted((waiting((2 * P, "dt")), [[1.5], [2.0], [0.0]])).pubs
    assert delays_of(pub.circuit) == [(2 * P, "dt")]
    problem = refusal((waiting((2 * P, "dt")), [[1.0], [1.25]]))
    assert problem.reason == "the delay on qubit 1 lasts 2*p dt, which is 2.5 for one of the bindings"
    for unit in ("dt", "us"):
        assert "is -1 for one of the bindings" in refusal((waiting((P, unit)), [[0.0], [-1.0]])).reason


def looping(duration: Any, unit: str) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    with circuit.for_loop([1, 2], LOOP):
        circuit.delay(duration, 1, unit)
    return circuit


@pytest.mark.holds("B261")
@pytest.mark.parametrize(
    ("dt", "idle", "ticks"), [(4e-9, False, 250), (1e-9 / 4.5, False, 4500), (None, True, 1_000_000)]
)
def test_a_delay_that_follows_a_loop_is_counted_where_its_unit_is_whole_ticks(
    dt: float | None, idle: bool, ticks: int
) -> None:
    (pub,) = counted(looping(LOOP, "us"), dt=dt, idle=idle).pubs
    (loop,) = pub.circuit.data
    assert delays_of(loop.operation.blocks[0]) == [(ticks * LOOP, "dt")]
    assert back(pub.circuit) == pub.circuit


@pytest.mark.holds("B261")
@pytest.mark.parametrize(
    ("dt", "ticks"),
    [(4e-9, (25, 50)), (1e-9 / 4.5, (450, 900)), (20e-9 / 3, (15, 30)), (3e-9, None), (8e-9, None)],
)
def test_a_delay_that_follows_a_loop_is_counted_where_all_its_turns_are_whole_ticks(
    dt: float, ticks: tuple[int, ...] | None
) -> None:
    circuit = QuantumCircuit(2, 1)
    with circuit.for_loop(range(2)), circuit.for_loop([100, 200], LOOP):
        circuit.delay(LOOP, 1, "ns")
    if ticks is None:
        assert "only the loop around it knows" in refusal(circuit, dt=dt).reason
        return
    (pub,) = counted(circuit, dt=dt).pubs
    (outer,) = pub.circuit.data
    (inner,) = outer.operation.blocks[0].data
    ((duration, unit),) = delays_of(inner.operation.blocks[0])
    assert unit == "dt"
    assert [float(duration.bind({LOOP: turn})) for turn in (100, 200)] == list(ticks)
    assert back(pub.circuit) == pub.circuit


@pytest.mark.holds("B261")
def test_ticks_that_are_whole_but_for_a_rounded_factor_have_a_parameter_of_their_own() -> None:
    """The transpiler makes such a factor of microseconds, and Qiskit binds nothing that is not whole."""
    ticks = 249.99999999999997 * P
    (pub,) = counted((waiting((ticks, "dt"), (ticks, "dt")), [[1.0], [100.0]])).pubs
    (first, unit), second = delays_of(pub.circuit)
    assert (first.name, unit) == ("delay_0_in_dt", "dt")
    assert second == (first, unit)
    assert values_of(pub).ravel().tolist() == [250.0, 25000.0]
    (exact,) = counted((waiting((250 * P, "dt")), [[1.0], [100.0]])).pubs
    assert delays_of(exact.circuit) == [(250 * P, "dt")]


@pytest.mark.holds("B261")
def test_a_delay_that_only_the_loop_around_it_knows_is_refused_in_seconds() -> None:
    for circuit, words, dt in (
        (looping(LOOP, "ns"), "n ns", DT),
        (looping(LOOP / 2, "us"), "n/2 us", DT),
        (looping(LOOP, "us"), "n us", None),
        (looping(LOOP, "us"), "n us", 0.7e-6),
        (looping(LOOP, "ns"), "n ns", 1.0),
    ):
        problem = refusal(circuit, dt=dt)
        assert problem.reason == f"the delay on qubit 1 lasts {words}, which only the loop around it knows"
        assert problem.fix == "Write its duration in whole dt, or take the delay out of the loop"
    assert delays_of(counted(looping(LOOP, "dt")).pubs[0].circuit.data[0].operation.blocks[0]) == [(LOOP, "dt")]


@pytest.mark.holds("B261")
def test_parameters_of_a_definition_are_refused_in_seconds() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.append(waiting((P, "us")).to_instruction(), [0, 1], [0])
    problem = refusal((circuit, [1.0]))
    assert problem.reason == "the delay on qubit 1 follows parameters inside the definition of an instruction"
    assert problem.fix.startswith("Decompose")


# Devices without a tick


@pytest.mark.holds("B260", "B261")
def test_without_a_tick_numbers_keep_their_unit_and_parameters_are_refused() -> None:
    circuit = waiting((1.5, "us"), (20.0, "ns"), (3, "dt"))
    (pub,) = counted(circuit, dt=None).pubs
    assert back(pub.circuit) == circuit
    assert delays_of(back(pub.circuit)) == [(1.5, "us"), (20.0, "ns"), (3, "dt")]
    problem = refusal((waiting((P, "us")), [1.0]), dt=None)
    assert problem.reason == "the delay on qubit 1 lasts p us, and the device has no dt to count it in"


@pytest.mark.holds("B261")
def test_where_delays_have_no_effect_those_by_parameters_are_counted_all_the_same() -> None:
    (pub,) = counted((waiting((P, "us"), (1.5, "us")), [[1.0], [2.5]]), dt=None, idle=True).pubs
    assert values_of(pub).tolist() == [[1_000_000], [2_500_000]]
    assert delays_of(pub.circuit)[1] == (1.5, "us")


@pytest.mark.holds("B260", "B261")
def test_where_delays_have_no_effect_none_is_told_to_be_rounded() -> None:
    third = waiting((P / 3, "us"))
    assert counted((third, [4.0]), dt=None, idle=True).rounded == ()
    (told,) = counted((third, [4.0]), dt=1e-9, idle=True).rounded
    assert told == "PUB 0: the delay on qubit 1 lasts 1.333 us (1333 dt) instead of 1.33333333 us"


# In values of any kind


@pytest.mark.holds("B260")
def test_a_unit_is_never_lost_in_silence_whatever_a_circuit_is_in() -> None:
    circuit = waiting((1.5, "us"))
    assert delays_of(back({"circuits": [circuit]})["circuits"][0]) == [(1.5, "us")]
    assert back(Delay(2.5, "ns")) == Delay(2.5, "ns")
    for value in (waiting((P, "us")), Delay(P, "ms")):
        with pytest.raises(TypeError, match="has no form in QPY"):
            encode_value([value])


@pytest.mark.holds("B260")
def test_an_instruction_that_borrows_the_name_of_a_gate_keeps_the_units_in_it() -> None:
    own = waiting((1.5, "us"))
    own.name = "cx"
    circuit = QuantumCircuit(2, 1)
    circuit.append(own.to_instruction(), [0, 1], [0])
    (pub,) = counted(circuit).pubs
    (again,) = back(pub.circuit).data
    assert delays_of(again.operation.definition) == [(1.5, "us")]


@pytest.mark.holds("B260")
def test_a_label_stays_with_its_delay() -> None:
    circuit = QuantumCircuit(1)
    delay = Delay(1.0, "us")
    delay.label = "rest"
    circuit.append(delay, [0])
    circuit.append(XGate(label="flip"), [0])
    (pub,) = counted(circuit).pubs
    assert [step.label for step in back(pub.circuit).data] == ["rest", "flip"]


# The law


UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}
LENGTHS = st.tuples(st.floats(0, 1e3), st.sampled_from(sorted(UNITS)))
FOLLOWING = st.tuples(st.sampled_from([P, 2 * P, P + Q, P * Q, 3 * Q]), st.sampled_from(sorted(UNITS)))
ROWS = st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=1, max_size=4)


@pytest.mark.holds("B260", "B261")
@settings(max_examples=examples(60))
@given(st.lists(LENGTHS | FOLLOWING, max_size=4), ROWS, st.sampled_from([1e-9, 4e-9, 1e-9 / 4.5, 0.5e-9]))
def test_each_delay_lasts_as_long_as_it_says_to_half_a_tick(
    lengths: list[tuple[Any, str]], rows: list[tuple[float, float]], dt: float
) -> None:
    circuit = waiting(*lengths)
    circuit.rx(P, 0)
    circuit.rz(Q, 0)
    (pub,) = counted((circuit, rows), dt=dt).pubs
    circuit_sent = back(pub.circuit)
    assert circuit_sent == pub.circuit
    for written, sent in zip(rows, values_of(pub), strict=True):
        meant = circuit.assign_parameters(dict(zip((P, Q), written, strict=True)))
        bound = circuit_sent.assign_parameters(dict(zip(circuit_sent.parameters, sent, strict=True)))
        for (duration, unit), (ticks, tick) in zip(delays_of(meant), delays_of(bound), strict=True):
            assert tick == "dt"
            assert isinstance(ticks, int)
            assert abs(ticks * dt - duration * UNITS[unit]) <= dt / 2 + 1e-12 * duration * UNITS[unit]
        assert [step for step in bound.data if step.name != "delay"] == [
            step for step in meant.data if step.name != "delay"
        ]
    assert np.all(values_of(pub) >= 0)
