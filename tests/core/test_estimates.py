"""What jobs use by the documented formula: the worked cases, and laws."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from qiskit_runtime_service.core.estimates import (
    add_estimates,
    estimate_usage,
    executions_within,
    in_session,
    without_charge,
)
from qiskit_runtime_service.core.executions import estimator_runs, learning_runs, sampler_runs
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes, PubFacts, UsageEstimate

FEZ = DeviceTimes(backend="ibm_fez", rep_delay=250e-6, reset=1.584e-6, measure=1.56e-6)
SHERBROOKE = DeviceTimes(backend="ibm_sherbrooke", rep_delay=250e-6, reset=1.273e-6, measure=1.216e-6)
NIGHTHAWK = DeviceTimes(backend="ibm_miami", rep_delay=4e-3, reset=None)
BELL = 1.692e-6
TWIRLED: Mapping[str, Any] = {"twirling": {"enable_gates": True}}


def pub(
    configurations: int = 1, shots: int | None = None, precision: float | None = None, length: float | None = BELL
) -> PubFacts:
    return PubFacts(what="PUB 0", configurations=configurations, shots=shots, precision=precision, length=length)


def sample(
    *pubs: PubFacts, options: Mapping[str, Any] | None = None, times: DeviceTimes = FEZ, **asked: Any
) -> UsageEstimate:
    return estimate_usage(sampler_runs(pubs, options or {}), times, **asked)


def expect(*pubs: PubFacts, **options: Any) -> UsageEstimate:
    # The worked cases count the calibration of the readout as long as the circuit.
    return estimate_usage(estimator_runs(pubs, options, readout=BELL), FEZ)


PEC = {"pec_mitigation": True, "layer_noise_model": "known"}
FIVE = {"zne": {"noise_factors": [1, 1.5, 2, 2.5, 3]}}
LEARNING = learning_runs({"max_layers_to_learn": 4}, layers=9)
BATCH = add_estimates([sample(pub())] * 3)
SPLIT = add_estimates([sample(pub(shots=1000))] * 20)
SESSION = in_session(add_estimates([expect(pub())] * 100))

CASES = {
    "1: one shot": (sample(pub(shots=1)), 1, 0.000, 2.000, 2.000),
    "2: default shots": (sample(pub()), 4096, 1.037, 3.037, 3.434),
    "2: twirled": (sample(pub(), options=TWIRLED), 4096, 1.037, 3.037, 3.434),
    "3: two PUBs in a job": (sample(pub(), pub()), 8192, 2.075, 4.075, 4.867),
    "4: a sweep": (sample(pub(100, 1000)), 100_000, 25.328, 27.328, 37.000),
    "5: GHZ on Fez": (sample(pub(length=3.636e-6)), 4096, 1.045, 3.045, 3.434),
    "6: GHZ on Sherbrooke": (sample(pub(length=12.587e-6), times=SHERBROOKE), 4096, 1.081, 3.081, 3.434),
    "7: a long delay": (sample(pub(length=101.584e-6, shots=1000)), 1000, 0.353, 2.353, 2.350),
    "8: rep_delay of 20 µs": (sample(pub(), rep_delay=20e-6), 4096, 0.095, 2.095, None),
    "9: rep_delay of 500 µs": (sample(pub(), rep_delay=500e-6), 4096, 2.061, 4.061, None),
    "10: no reset": (sample(pub(), init_qubits=False), 4096, 1.031, 3.031, 3.434),
    "11: Nighthawk": (sample(pub(length=None), times=NIGHTHAWK), 4096, 16.384, 18.384, None),
    "12: twirled, 1000 shots": (sample(pub(shots=1000), options=TWIRLED), 1024, 0.259, 2.259, 2.358),
    "13: twirled, 10 shots": (sample(pub(shots=10), options=TWIRLED), 64, 0.016, 2.016, 2.022),
    "15: ZZ": (expect(pub(), resilience_level=0), 4096, 1.037, 3.037, 3.434),
    "15: ZZ and XX": (expect(pub(2), resilience_level=0), 8192, 2.075, 4.075, 4.867),
    "16: 6 bases, 4 points": (expect(pub(24, 2000), resilience_level=0), 48_000, 12.157, 14.157, 18.800),
    "17: level 1": (expect(pub()), 8192, 2.075, 4.075, 4.867),
    "17: two bases": (expect(pub(2)), 12_288, 3.112, 5.112, 6.301),
    "17: two PUBs": (expect(pub(), pub()), 12_288, 3.112, 5.112, 6.301),
    "18: precision 0.1": (expect(pub(precision=0.1)), 256, 0.065, 2.065, 2.090),
    "19: level 2": (expect(pub(), resilience_level=2), 16_384, 4.150, 6.150, 7.734),
    "20: five factors": (expect(pub(), resilience_level=2, resilience=FIVE), 24_576, 6.225, 8.225, 10.602),
    "21: 2 bases, 10 points": (expect(pub(20), resilience_level=2), 249_856, 63.283, 65.283, 89.450),
    "24: four layers": (estimate_usage([LEARNING], FEZ), 884_736, 221.184, 223.184, 311.658),
    "25: a batch": (BATCH, 12_288, 3.112, 9.112, 10.301),
    "26: 20 PUBs in a job": (sample(*[pub(shots=1000)] * 20), 20_000, 5.066, 7.066, 9.000),
    "26: 20 jobs": (SPLIT, 20_000, 5.066, 45.066, 47.000),
    "27: a session": (SESSION, 819_200, 207.484, 407.484, 486.720),
    "28: as much as a sampler may": (sample(pub(shots=10**7)), 10**7, 2532.760, 2534.760, 3502.000),
    "29: if/else": (sample(pub(length=None)), 4096, 1.024, 3.024, 3.434),
}
"""What is asked, executions, floor, formula and rule of thumb, in seconds to the millisecond."""


@pytest.mark.holds("B510", "B511", "B514")
@pytest.mark.parametrize(("usage", "executions", "floor", "formula", "quick"), CASES.values(), ids=CASES)
def test_worked_cases_come_out(
    usage: UsageEstimate, executions: int, floor: float, formula: float, quick: float | None
) -> None:
    assert usage.executions == usage.most_executions == executions
    assert usage.floor == pytest.approx(floor, abs=0.00051)
    assert usage.seconds == usage.most_seconds == usage.charge == pytest.approx(formula, abs=0.00051)
    assert usage.quick == (quick if quick is None else pytest.approx(quick, abs=0.00051))
    assert usage.most_quick == usage.quick


@pytest.mark.holds("B514")
def test_numbers_of_twirling_that_are_both_given_make_the_default_and_no_other_shots() -> None:
    options = {"twirling": {"enable_measure": True, "num_randomizations": 32, "shots_per_randomization": 100}}
    case = sample(pub(), options=options)
    assert (case.executions, round(case.floor, 3), round(case.seconds, 3)) == (3200, 0.810, 2.810)
    assert sample(pub(shots=1000), options=options).executions == 1000
    assert sample(pub(shots=1001), options=options).executions == 1100
    off = {"twirling": {"num_randomizations": 32, "shots_per_randomization": 100}, "default_shots": 50}
    assert sample(pub(), options=off).executions == 50


@pytest.mark.holds("B514")
@pytest.mark.parametrize(
    ("options", "executions"),
    [
        ({"num_randomizations": 3}, 3 * 34),
        ({"shots_per_randomization": 30}, 4 * 30),
        ({"num_randomizations": "auto", "shots_per_randomization": None}, 2 * 64),
    ],
)
def test_one_number_of_twirling_decides_the_other(options: dict[str, Any], executions: int) -> None:
    assert sample(pub(shots=100), options={"twirling": {"enable_gates": True, **options}}).executions == executions


@pytest.mark.holds("B514")
@pytest.mark.parametrize(
    ("options", "executions"),
    [
        ({"default_precision": 0.1}, 100),
        ({"default_precision": 0.1, "default_shots": 200}, 200),
        ({"default_shots": 0}, 4096),
        ({}, 4096),
    ],
)
def test_an_estimator_takes_the_shots_that_its_options_say(options: dict[str, Any], executions: int) -> None:
    assert expect(pub(), resilience_level=0, **options).executions == executions


@pytest.mark.holds("B515")
@pytest.mark.parametrize(
    ("learning", "executions"),
    [
        ({}, 4096),
        ({"num_randomizations": 10}, 10 * 410),
        ({"shots_per_randomization": 10}, 32 * 10),
        ({"num_randomizations": 7, "shots_per_randomization": 9}, 63),
    ],
)
def test_the_readout_is_calibrated_once_for_a_job(learning: dict[str, Any], executions: int) -> None:
    resilience = {"measure_mitigation": True, "measure_noise_learning": learning}
    found = estimator_runs([pub(3), pub(2, precision=0.1)], {"resilience": resilience}, readout=1e-6)
    assert [run.what for run in found] == ["PUB 0", "PUB 0", "readout"]
    assert (found[-1].executions, found[-1].length) == (executions, 1e-6)
    assert all(run.what != "readout" for run in estimator_runs([pub()], {"resilience": {"measure_mitigation": False}}))


@pytest.mark.holds("B515")
def test_pec_is_a_range_from_its_shots_to_as_many_times_more_as_it_may_take() -> None:
    usage = expect(pub(), resilience=PEC)
    assert (usage.executions, usage.most_executions) == (8192, 413_696)
    assert usage.most_seconds == pytest.approx(106.779, abs=0.00051)
    assert usage.most_quick == pytest.approx(146.794, abs=0.00051)
    four = expect(pub(), resilience={**PEC, "pec": {"max_overhead": 4}})
    assert (four.most_executions, round(four.most_seconds or 0, 3), four.most_quick) == (20_480, 7.187, 9.168)
    open_end = expect(pub(), resilience={**PEC, "pec": {"max_overhead": None}})
    assert (open_end.executions, open_end.most_executions, open_end.most_seconds) == (8192, None, None)
    assert open_end.most_quick is None
    assert any("max_overhead=None" in sentence for sentence in open_end.unknown)
    # Randomizations of 64 shots each, where nothing is said.
    assert expect(pub(precision=0.1), resilience=PEC).executions == 128 + 128
    # PEC is asked for, and level 2 only by the way: a job does one or the other.
    assert expect(pub(), resilience_level=2, resilience=PEC).executions == 8192


@pytest.mark.holds("B515")
def test_noise_is_learned_for_what_uses_it_unless_it_is_given() -> None:
    def learned(layers: int | None, **options: Any) -> CircuitRuns | None:
        runs = estimator_runs([pub()], options, layers=layers)
        return next((run for run in runs if run.what == "noise of layers"), None)

    for resilience in ({"pec_mitigation": True}, {"zne_mitigation": True, "zne": {"amplifier": "pea"}}):
        for layers, executions in ((1, 221_184), (3, 663_552), (4, 884_736), (5, 884_736)):
            run = learned(layers, resilience=resilience)
            assert run is not None
            assert (run.executions, run.most, run.length) == (executions, executions, None)
        assert learned(0, resilience=resilience) is None
        assert learned(2, resilience={**resilience, "layer_noise_model": "given"}) is None
        guess = learned(None, resilience=resilience)
        assert guess is not None
        assert (guess.executions, guess.most) == (221_184, 884_736)
        assert any("layers" in sentence for sentence in guess.unknown)
        free = learned(None, resilience={**resilience, "layer_noise_learning": {"max_layers_to_learn": None}})
        assert free is not None
        assert (free.executions, free.most) == (221_184, None)
    assert learned(2, resilience_level=2) is None


@pytest.mark.holds("B515")
def test_learners_count_depths_bases_randomizations_and_shots() -> None:
    layer = {
        "num_randomizations": 2,
        "shots_per_randomization": 10,
        "layer_pair_depths": [0, 1],
        "max_layers_to_learn": None,
    }
    assert learning_runs(layer, 3).executions == 3 * 2 * 9 * 2 * 10
    assert learning_runs(layer, 3, measured=2).executions == 3 * 2 * 9 * 2 * 10 + 2 * 2 * 10
    assert learning_runs({}, 1, measured=1).executions == 225_280
    assert learning_runs({}, 0, measured=1).executions == 4096


@pytest.mark.holds("B511")
def test_how_many_shots_fit_into_ten_minutes() -> None:
    assert executions_within(600.0, 253.276e-6) == 2_361_060
    assert executions_within(600.0, 350e-6) == 1_708_571
    assert executions_within(2.0, 1e-6) == executions_within(0.0, 1e-6) == 0


@pytest.mark.holds("B513")
def test_a_dry_run_and_what_runs_in_this_process_are_not_charged() -> None:
    fake = sample(pub(), times=replace(FEZ, free="it runs in this process"))
    assert (fake.charge, round(fake.seconds, 3)) == (0.0, 3.037)
    dry = without_charge(sample(pub()), "it is a dry run")
    assert (dry.charge, dry.free, round(dry.seconds, 3)) == (0.0, "it is a dry run", 3.037)
    both = add_estimates([fake, sample(pub()), dry])
    assert (round(both.charge, 3), both.free, round(both.seconds, 3)) == (3.037, "", 9.112)
    assert add_estimates([fake, fake]).free == "it runs in this process"


@pytest.mark.holds("B511")
def test_no_delay_is_no_delay_and_an_unset_one_that_of_the_device() -> None:
    assert sample(pub(), rep_delay=0.0).floor == pytest.approx(4096 * 3.276e-6)
    assert sample(pub(), rep_delay=None).floor == pytest.approx(4096 * 253.276e-6)


@pytest.mark.holds("B511")
@pytest.mark.parametrize("gap", ["rep_delay", "reset", "length"])
def test_what_a_device_does_not_tell_is_said_and_makes_the_figure_the_least(gap: str) -> None:
    times = FEZ if gap == "length" else replace(FEZ, **{gap: None})
    facts = replace(pub(), length=None, unknown=("Nobody knows.",)) if gap == "length" else pub()
    usage = sample(facts, times=times)
    assert usage.at_least
    assert any(gap in sentence or "reset" in sentence or "Nobody" in sentence for sentence in usage.unknown)
    whole = sample(pub())
    assert not whole.at_least
    assert usage.seconds < whole.seconds


@pytest.mark.holds("B512")
def test_what_jobs_take_one_after_another_is_the_least_that_a_session_is_charged() -> None:
    assert SESSION.at_least
    assert any("wall time" in sentence for sentence in SESSION.unknown)
    assert not BATCH.at_least
    assert (BATCH.jobs, BATCH.sub_jobs) == (3, 3)


@pytest.mark.holds("B511")
def test_more_executions_than_there_are_numbers_for_take_for_ever() -> None:
    usage = sample(pub(shots=10**400))
    assert usage.executions == 10**400
    assert usage.floor == usage.seconds == usage.quick == math.inf


# Laws

lengths = st.none() | st.floats(0, 1e-2)
counts = st.integers(1, 10**6)
facts = st.builds(
    PubFacts,
    what=st.just("PUB"),
    configurations=st.integers(0, 1000),
    shots=st.none() | counts,
    length=lengths,
)
pubs_of = st.lists(facts, min_size=1, max_size=4)
numbers = st.none() | st.just("auto") | st.integers(1, 500)
twirlings = st.fixed_dictionaries(
    {},
    optional={
        "enable_gates": st.booleans(),
        "enable_measure": st.booleans(),
        "num_randomizations": numbers,
        "shots_per_randomization": numbers,
    },
)
delays = st.none() | st.floats(0, 1e-2)


def figures(usage: UsageEstimate) -> tuple[float, ...]:
    return usage.executions, usage.floor, usage.seconds, usage.charge


def no_less(more: UsageEstimate, than: UsageEstimate) -> bool:
    return all(one >= other - 1e-9 for one, other in zip(figures(more), figures(than), strict=True))


@pytest.mark.holds("B514")
@given(pubs_of, twirlings, st.integers(1, 10**6))
def test_more_shots_or_circuits_never_cost_less(pubs: list[PubFacts], twirling: Any, more: int) -> None:
    options = {"twirling": twirling}
    usage = sample(*pubs, options=options)
    wider = [replace(one, configurations=one.configurations + more) for one in pubs]
    assert no_less(sample(*wider, options=options), usage)
    assert no_less(sample(*pubs, pubs[0], options=options), usage)
    assert no_less(expect(*wider, **options), expect(*pubs, **options))
    # A randomization more or less can take a shot away, but none that is asked for.
    plain = [replace(one, shots=(one.shots or 4096) + more) for one in pubs]
    assert no_less(sample(*plain), sample(*pubs))


@pytest.mark.holds("B514")
@given(counts, twirlings)
@example(1, {"enable_gates": True, "num_randomizations": 7})
def test_no_twirling_takes_fewer_shots_than_are_asked_for(shots: int, twirling: Any) -> None:
    asked = sample(pub(shots=shots), options={"twirling": twirling})
    assert asked.executions >= shots
    assert expect(pub(shots=shots), resilience_level=0, twirling=twirling).executions >= shots


@pytest.mark.holds("B514")
@given(counts, st.integers(1, 500), st.integers(1, 500), st.integers(0, 500))
def test_more_randomizations_of_so_many_shots_never_cost_less(shots: int, number: int, size: int, more: int) -> None:
    def by(number: int) -> UsageEstimate:
        twirling = {"enable_gates": True, "num_randomizations": number, "shots_per_randomization": size}
        return sample(pub(), pub(shots=shots), options={"twirling": twirling})

    assert no_less(by(number + more), by(number))


@pytest.mark.holds("B511")
@given(pubs_of, delays, st.floats(0, 1e-2), st.booleans())
def test_more_delay_longer_circuits_and_resets_never_cost_less(
    pubs: list[PubFacts], delay: float | None, more: float, init: bool
) -> None:
    usage = sample(*pubs, rep_delay=delay, init_qubits=init)
    longer = (250e-6 if delay is None else delay) + more
    assert no_less(sample(*pubs, rep_delay=longer, init_qubits=init), usage)
    assert no_less(sample(*pubs, rep_delay=delay, init_qubits=True), usage)
    drawn_out = [replace(one, length=None if one.length is None else one.length + more) for one in pubs]
    assert no_less(sample(*drawn_out, rep_delay=delay, init_qubits=init), usage)


@pytest.mark.holds("B511")
@given(pubs_of, lengths, delays)
def test_what_is_not_known_is_counted_as_no_more_than_what_it_may_be(
    pubs: list[PubFacts], length: float | None, delay: float | None
) -> None:
    assume(length is not None)
    unknown = [replace(one, length=None) for one in pubs]
    known = [replace(one, length=length) for one in pubs]
    usage = sample(*unknown, rep_delay=delay)
    assert usage.at_least
    assert usage.quick == sample(*known, rep_delay=delay).quick
    assert no_less(sample(*known, rep_delay=delay), usage)


@pytest.mark.holds("B511", "B512")
@given(pubs_of, st.data())
def test_a_job_takes_the_sum_over_its_pubs_and_its_overhead_once(pubs: list[PubFacts], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(pubs)))
    whole, one, other = sample(*pubs), sample(*pubs[:cut]), sample(*pubs[cut:])
    assert whole.floor == pytest.approx(one.floor + other.floor)
    assert whole.seconds == pytest.approx(2.0 + one.floor + other.floor)
    together = add_estimates([one, other])
    assert together.executions == whole.executions
    assert together.seconds == pytest.approx(whole.seconds + 2.0)
    assert together.quick == pytest.approx((whole.quick or 0.0) + 2.0)


parts = st.lists(
    st.builds(lambda pubs, free: sample(*pubs, times=replace(FEZ, free=free)), pubs_of, st.sampled_from(["", "here"])),
    min_size=1,
    max_size=4,
)


@pytest.mark.holds("B512")
@given(parts, parts)
def test_sums_do_not_depend_on_how_jobs_are_grouped(
    some: Sequence[UsageEstimate], others: Sequence[UsageEstimate]
) -> None:
    at_once = add_estimates([*some, *others])
    by_group = add_estimates([add_estimates(some), add_estimates(others)])
    assert figures(at_once) == pytest.approx(figures(by_group))
    assert (at_once.jobs, at_once.sub_jobs, at_once.terms) == (by_group.jobs, by_group.sub_jobs, by_group.terms)
    assert (at_once.at_least, at_once.unknown) == (by_group.at_least, by_group.unknown)
    assert add_estimates([at_once]) == replace(at_once, free=at_once.free)
    assert in_session(in_session(at_once)) == in_session(at_once)


@pytest.mark.holds("B511")
@given(st.floats(0, 1e5), st.floats(1e-6, 1))
def test_so_many_executions_fit_and_one_more_does_not(seconds: float, each: float) -> None:
    number = executions_within(seconds, each)
    assert number >= 0
    if number:
        assert 2.0 + number * each <= seconds * (1 + 1e-9)
    assert 2.0 + (number + 1) * each > seconds * (1 - 1e-9)


@pytest.mark.holds("B515")
@given(st.integers(0, 12), st.integers(0, 12), st.none() | st.integers(0, 9))
def test_more_layers_never_take_less_to_learn(layers: int, more: int, most: int | None) -> None:
    options = {"max_layers_to_learn": most}
    few, many, guess = (
        learning_runs(options, layers),
        learning_runs(options, layers + more),
        learning_runs(options, None),
    )
    assert few.executions <= many.executions
    assert few.most == few.executions
    if layers:
        assert guess.executions <= few.executions
        assert guess.most is None or few.executions <= guess.most
