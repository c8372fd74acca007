"""An estimate in words: what is sure, what is about, and what nobody knows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qiskit_runtime_service.core.estimate_reports import describe_estimate, say_estimate, show_number, show_seconds
from qiskit_runtime_service.core.estimates import add_estimates, estimate_usage, in_session
from qiskit_runtime_service.records.estimate import CircuitRuns, DeviceTimes, Surroundings, UsageEstimate

FEZ = DeviceTimes(backend="ibm_fez", rep_delay=250e-6, reset=1.584e-6)
BELL = CircuitRuns(what="PUB 0", executions=4096, most=4096, length=1.692e-6)
READOUT = CircuitRuns(what="readout", executions=4096, most=4096, length=1.692e-6)


def usage_of(*runs: CircuitRuns, times: DeviceTimes = FEZ, rep_delay: float | None = None) -> UsageEstimate:
    return estimate_usage(runs, times, rep_delay=rep_delay)


BRANCHING = replace(BELL, length=None, unknown=("Nobody knows.",))
CANCELLED = replace(BELL, executions=16_384, most=409_600)
ENDLESS = replace(BELL, executions=16_384, most=None)
ROUND = replace(BELL, executions=8000, most=8000, length=None)
"""Of 2 s, so that a job takes 4."""
LONG = replace(BELL, executions=1000, most=1000, length=101.584e-6)
NOTHING_TOLD = DeviceTimes(backend="aer", rep_delay=None, reset=None, free="it runs in this process")


@pytest.mark.holds("B517")
@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (
            usage_of(BELL),
            (
                "At least 1.04 s on the QPU; about 3.04 to 3.43 s by IBM's formula, if it runs as one sub-job. "
                "4096 executions × 253.3 µs + 2 s."
            ),
        ),
        (
            usage_of(replace(BELL, executions=1, most=1)),
            (
                "At least 253.3 µs on the QPU; about 2.00 s by IBM's formula, if it runs as one sub-job. "
                "1 execution × 253.3 µs + 2 s."
            ),
        ),
        # The rule of thumb is below the formula: it is no upper figure.
        (
            usage_of(LONG),
            (
                "At least 0.35 s on the QPU; about 2.35 s by IBM's formula, if it runs as one sub-job. "
                "1000 executions × 353.2 µs + 2 s."
            ),
        ),
        # Another delay than the usual one: no rule of thumb.
        (
            usage_of(BELL, rep_delay=500e-6),
            (
                "At least 2.06 s on the QPU; about 4.06 s by IBM's formula, if it runs as one sub-job. "
                "4096 executions × 503.3 µs + 2 s."
            ),
        ),
        (
            usage_of(BRANCHING),
            (
                "At least 1.02 s on the QPU, delays alone; at least 3.02 s by IBM's formula, if it runs as one "
                "sub-job. 4096 executions × at least 250 µs + 2 s."
            ),
        ),
        (
            usage_of(CANCELLED, READOUT),
            (
                "At least 5.19 s on the QPU; about 7.19 to 146.8 s by IBM's formula, if it runs as one sub-job. "
                "20,480 to 413,696 executions × 253.3 µs + 2 s."
            ),
        ),
        (
            usage_of(ENDLESS),
            (
                "At least 4.15 s on the QPU; about 6.15 s or more by IBM's formula, if it runs as one sub-job. "
                "16,384 or more executions × 253.3 µs + 2 s."
            ),
        ),
        (
            add_estimates([usage_of(BELL)] * 3),
            (
                "At least 3.11 s on the QPU; about 9.11 to 10.30 s by IBM's formula, if each of 3 jobs runs as one "
                "sub-job. 12,288 executions × 253.3 µs + 3 × 2 s."
            ),
        ),
        (
            in_session(usage_of(BELL, READOUT)),
            (
                "At least 2.07 s on the QPU; at least 4.07 s by IBM's formula, if it runs as one sub-job. "
                "8192 executions × 253.3 µs + 2 s."
            ),
        ),
        (
            usage_of(BELL, times=replace(FEZ, free="it runs in this process")),
            (
                "Nothing is charged: it runs in this process. On such a device, at least 1.04 s on the QPU; about 3.04 "
                "to 3.43 s by IBM's formula, if it runs as one sub-job. 4096 executions × 253.3 µs + 2 s."
            ),
        ),
        (
            usage_of(BRANCHING, times=NOTHING_TOLD),
            (
                "Nothing is charged: it runs in this process. How long an execution takes is not known. "
                "4096 executions + 2 s."
            ),
        ),
    ],
)
def test_words_carry_what_is_known_and_no_more(usage: UsageEstimate, words: str) -> None:
    assert say_estimate(usage) == words


@pytest.mark.holds("B517")
@given(st.booleans(), st.none() | st.floats(0, 1e-2), st.integers(1, 10**7), st.none() | st.integers(0, 10**7))
def test_nothing_is_called_the_most_and_what_is_open_is_no_about(
    session: bool, length: float | None, executions: int, more: int | None
) -> None:
    most = None if more is None else executions + more
    usage = usage_of(CircuitRuns(what="PUB 0", executions=executions, most=most, length=length))
    usage = in_session(usage) if session else usage
    words = say_estimate(usage)
    assert "at most" not in words.lower()
    assert "t least" in words
    assert ("about" in words) == (not session and length is not None)


@pytest.mark.holds("B517")
def test_a_table_has_a_line_for_each_circuit_and_one_for_all_that_are_too_many() -> None:
    report = describe_estimate(usage_of(CANCELLED, BRANCHING, replace(BELL, what="readout", most=None)))
    assert report.columns == ("for", "executions", "circuit", "each", "on the QPU")
    assert report.rows == (
        ("PUB 0", "16,384 to 409,600", "1.692 µs", "253.3 µs", "4.15 to 103.7 s"),
        ("PUB 0", "4096", "unknown", "at least 250 µs", "at least 1.02 s"),
        ("readout", "4096 or more", "1.692 µs", "253.3 µs", "1.04 s or more"),
    )
    assert "Nobody knows." in report.notes
    assert describe_estimate(usage_of(BRANCHING, times=NOTHING_TOLD)).rows == (
        ("PUB 0", "4096", "unknown", "unknown", "unknown"),
    )
    many = describe_estimate(usage_of(*[replace(BELL, what=f"PUB {number}") for number in range(25)]))
    assert len(many.rows) == 20
    assert many.rows[0][0] == "PUB 0"
    assert many.rows[-1] == ("6 others", "24,576", "1.692 µs", "253.3 µs", "6.22 s")
    just = describe_estimate(usage_of(*[replace(BELL, what=f"PUB {number}") for number in range(20)]))
    assert [row[0] for row in just.rows] == [f"PUB {number}" for number in range(20)]
    lengths = [replace(BELL, length=length) for length in (2e-6, 1e-6, 3e-6)]
    endless = describe_estimate(usage_of(replace(BELL, executions=10**400, most=10**400)))
    assert endless.rows == (("PUB 0", "more than 1e308", "1.692 µs", "253.3 µs", "∞ s"),)
    mixed = describe_estimate(usage_of(*[BELL] * 19, *lengths))
    assert mixed.rows[-1] == ("3 others", "12,288", "1 to 3 µs", "252.6 to 254.6 µs", "3.12 s")
    assert "12,288 executions × 252.6 to 254.6 µs + 2 s." in say_estimate(usage_of(*lengths))


def notes(usage: UsageEstimate, around: Surroundings) -> tuple[str, ...]:
    return describe_estimate(usage, around).notes


@pytest.mark.holds("B518")
@pytest.mark.parametrize(
    ("runs", "around", "sentence"),
    [
        (BELL, Surroundings(remaining=598.0), "That is 0.5 % of the 598.0 s that the instance has left."),
        (BELL, Surroundings(remaining=20.0), "That is 15 % of the 20.00 s that the instance has left."),
        (BELL, Surroundings(remaining=1e6), "That is less than 0.1 % of the 1,000,000 s that the instance has left."),
        (BRANCHING, Surroundings(remaining=100.0), "That is at least 3.0 % of the 100.0 s that the instance has left."),
        (ENDLESS, Surroundings(remaining=100.0), "That is at least 6.1 % of the 100.0 s that the instance has left."),
        (
            BELL,
            Surroundings(remaining=1.0),
            "That is more than the 1.00 s that the instance has left, into which no execution fits.",
        ),
        (
            replace(BELL, executions=10**7, most=10**7),
            Surroundings(remaining=600.0),
            "That is more than the 600.0 s that the instance has left, into which about 2,361,060 executions fit.",
        ),
        (
            BRANCHING,
            Surroundings(remaining=3.0),
            "That is more than the 3.00 s that the instance has left, into which about 4000 executions fit.",
        ),
        (
            replace(BELL, executions=0, most=0),
            Surroundings(remaining=0.0),
            "That is more than the 0 s that the instance has left, into which no execution fits.",
        ),
        (ROUND, Surroundings(remaining=40.0), "That is at least 10 % of the 40.00 s that the instance has left."),
        (ROUND, Surroundings(remaining=4000.0), "That is at least 0.1 % of the 4,000 s that the instance has left."),
        (
            ROUND,
            Surroundings(remaining=4.0),
            "That is more than the 4.00 s that the instance has left, into which about 8000 executions fit.",
        ),
        (BELL, Surroundings(), "Nothing limits what the instance may use."),
        (BELL, Surroundings(unasked="it is down"), "What the instance has left is not known: it is down."),
        (BELL, Surroundings(), "How many jobs wait on ibm_fez is not told."),
        (BELL, Surroundings(queue_length=0), "No job waits on ibm_fez."),
        (BELL, Surroundings(queue_length=1), "1 job waits on ibm_fez."),
        (
            BELL,
            Surroundings(queue_length=7, wait_seconds=30.0),
            "7 jobs wait on ibm_fez; jobs waited 30.00 s on average.",
        ),
        (
            BELL,
            Surroundings(max_execution_time=3.0),
            "max_execution_time is 3.00 s: by the formula the service stops the job before its end.",
        ),
        (
            replace(BELL, executions=10**8, most=10**8),
            Surroundings(most_executions=10**7),
            "The service stops a job after 10,800 s, by the formula before its end.",
        ),
        (
            replace(BELL, executions=10**7 + 1, most=10**7 + 1),
            Surroundings(most_executions=10**7),
            "The service takes no more than 10,000,000 executions in such a job: split it.",
        ),
    ],
)
def test_what_is_beside_the_usage_is_said(runs: CircuitRuns, around: Surroundings, sentence: str) -> None:
    assert sentence in notes(usage_of(runs), around)


@pytest.mark.holds("B518")
def test_limits_that_are_not_met_are_not_spoken_of() -> None:
    said = " ".join(notes(usage_of(BELL), Surroundings(max_execution_time=4.0, most_executions=10**7)))
    assert "max_execution_time" not in said
    assert "service stops" not in said
    assert "split it" not in said
    free = usage_of(BELL, times=replace(FEZ, free="it is a stand-in for dry runs"))
    assert not any("instance" in sentence for sentence in notes(free, Surroundings(remaining=1.0)))
    assert not any("wait" in sentence for sentence in describe_estimate(usage_of(BELL)).notes)


@pytest.mark.holds("B517")
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (1.692e-6, "1.692 µs"),
        (253.276e-6, "253.3 µs"),
        (4e-3, "4 ms"),
        (0.016212, "16.2 ms"),
        (0.259, "0.26 s"),
        (99.0, "99.00 s"),
        (223.184, "223.2 s"),
        (2534.76, "2,535 s"),
        (1e20, "1.00e+20 s"),
        (math.inf, "∞ s"),
    ],
)
def test_durations_have_a_unit_that_fits(seconds: float, words: str) -> None:
    assert show_seconds(seconds) == words


@pytest.mark.holds("B517")
def test_long_numbers_have_their_digits_in_threes() -> None:
    assert [show_number(number) for number in (1, 9999, 10_000, 2_361_060)] == ["1", "9999", "10,000", "2,361,060"]
    assert show_number(10**30) == "1.00e+30"
    assert show_number(10**400) == "more than 1e308"
