"""An estimate in words and as a table: what is sure, what is about, and what nobody knows. Pure."""

import math
from collections.abc import Iterable, Sequence

from ..records.estimate import Surroundings, UsageEstimate, UsageTerm
from ..records.report import Report
from .estimates import OVERHEAD, executions_within, span_of

LONGEST_JOB = 10_800.0
"""Seconds of usage after which the service stops a job, whatever is asked for."""
UNKNOWN = "unknown"
MOST_LINES = 20
"""Lines of a table; more are one together."""


def say_estimate(usage: UsageEstimate) -> str:
    """Return an estimate in a few sentences. What is only the least is said so, and no figure is called the most.

    Source: behaviour B517.
    """
    return f"{_say_charge(usage)} {_say_executions(usage)}"


def _say_charge(usage: UsageEstimate) -> str:
    if usage.at_least and not usage.floor:
        free = f"Nothing is charged: {usage.free}. " if usage.free else ""
        return f"{free}How long an execution takes is not known."
    runs = "it runs as one sub-job" if usage.jobs == 1 else f"each of {usage.jobs} jobs runs as one sub-job"
    alone = ", delays alone" if _has_unknown(usage.terms) else ""
    least = f"t least {show_seconds(usage.floor)} on the QPU{alone}; {_say_formula(usage)} by IBM's formula, if {runs}."
    return f"Nothing is charged: {usage.free}. On such a device, a{least}" if usage.free else f"A{least}"


def _say_formula(usage: UsageEstimate) -> str:
    if usage.at_least:
        return f"at least {show_seconds(usage.seconds)}"
    if usage.most_seconds is None:
        return f"about {show_seconds(usage.seconds)} or more"
    # The rule of thumb is a figure above only while it is above: long circuits take more.
    return f"about {_between(usage.seconds, max(usage.most_seconds, usage.most_quick or 0.0))}"


def _say_executions(usage: UsageEstimate) -> str:
    """Return the formula with its numbers."""
    number = _range(usage.executions, usage.most_executions)
    noun = "execution" if number == "1" else "executions"
    times = "" if usage.sub_jobs == 1 else f"{usage.sub_jobs} × "
    each = _each(usage.terms)
    return f"{number} {noun}{f' × {each}' if each != UNKNOWN else ''} + {times}{OVERHEAD:g} s."


def describe_estimate(usage: UsageEstimate, around: Surroundings | None = None) -> Report:
    """Return an estimate as a table with a line for each circuit, and what is beside it as notes.

    Args:
        usage: The estimate.
        around: How instance and queue stand; `None` where there are none.

    Source: behaviour B517, B518.
    """
    beside = () if around is None else (*_say_share(usage, around), *_say_limits(usage, around))
    queue = () if around is None else (_say_queue(usage, around),)
    dated = (f"The durations were measured at {usage.calibrated}.",) if usage.calibrated else ()
    shown = len(usage.terms) if len(usage.terms) <= MOST_LINES else MOST_LINES - 1
    rows = [_row_of(term.what, (term,)) for term in usage.terms[:shown]]
    if others := usage.terms[shown:]:
        rows.append(_row_of(f"{len(others)} others", others))
    return Report(
        title=f"{usage.backend}: {say_estimate(usage)}",
        columns=("for", "executions", "circuit", "each", "on the QPU"),
        rows=tuple(rows),
        notes=(*beside, *queue, *usage.unknown, *usage.assumptions, *dated),
    )


def _row_of(what: str, terms: Sequence[UsageTerm]) -> tuple[str, ...]:
    most = [term.most for term in terms]
    least = math.fsum(span_of(term.executions, term.each) for term in terms)
    number = _range(
        sum(term.executions for term in terms), None if None in most else sum(number or 0 for number in most)
    )
    lengths = [term.length for term in terms if term.length is not None]
    circuit = _between(min(lengths), max(lengths)) if lengths else UNKNOWN
    if _has_unknown(terms):
        span = f"at least {show_seconds(least)}" if least else UNKNOWN
    elif None in most:
        span = f"{show_seconds(least)} or more"
    else:
        span = _between(least, math.fsum(span_of(term.most or 0, term.each) for term in terms))
    return what, number, circuit, _each(terms), span


def _has_unknown(terms: Iterable[UsageTerm]) -> bool:
    return any(term.length is None for term in terms)


def _each(terms: Sequence[UsageTerm]) -> str:
    """Return how long an execution takes."""
    each = [term.each for term in terms]
    if _has_unknown(terms):
        return f"at least {show_seconds(min(each))}" if any(each) else UNKNOWN
    return _between(min(each, default=0.0), max(each, default=0.0))


# What is beside it


def _say_share(usage: UsageEstimate, around: Surroundings) -> Iterable[str]:
    if usage.free:
        return
    least = "at least " if usage.at_least or usage.most_seconds is None else ""
    if around.unasked:
        yield f"What the instance has left is not known: {around.unasked}."
    elif around.remaining is None:
        yield "Nothing limits what the instance may use."
    elif usage.charge >= around.remaining:
        each = max((term.each for term in usage.terms), default=0.0)
        fit = f", into which {_say_fit(executions_within(around.remaining, each))}" if each else ""
        yield f"That is more than the {show_seconds(around.remaining)} that the instance has left{fit}."
    else:
        part = show_share(usage.charge / around.remaining)
        yield f"That is {least}{part} of the {show_seconds(around.remaining)} that the instance has left."


def _say_fit(executions: int) -> str:
    match executions:
        case 0:
            return "no execution fits"
        case 1:
            return "about 1 execution fits"
        case _:
            return f"about {show_number(executions)} executions fit"


def _say_limits(usage: UsageEstimate, around: Surroundings) -> Iterable[str]:
    asked = around.max_execution_time
    if asked is not None and usage.seconds > asked:
        yield f"max_execution_time is {show_seconds(asked)}: by the formula the service stops the job before its end."
    elif usage.jobs == 1 and usage.seconds > LONGEST_JOB:
        yield f"The service stops a job after {show_seconds(LONGEST_JOB)}, by the formula before its end."
    most = around.most_executions
    if most is not None and usage.executions > most:
        yield f"The service takes no more than {show_number(most)} executions in such a job: split it."


def _say_queue(usage: UsageEstimate, around: Surroundings) -> str:
    length, wait = around.queue_length, around.wait_seconds
    waits = {None: "How many jobs wait", 0: "No job waits", 1: "1 job waits"}.get(length, f"{length} jobs wait")
    told = f"{waits} on {usage.backend}{' is not told' if length is None else ''}"
    return f"{told}; jobs waited {show_seconds(wait)} on average." if wait is not None else f"{told}."


# Figures


def show_seconds(seconds: float) -> str:
    """Return a duration as a person would write it, in seconds or a part of them."""
    number, unit = _in_words(seconds)
    return f"{number} {unit}"


def _in_words(seconds: float) -> tuple[str, str]:
    for below, scale, form, unit in _UNITS:
        if seconds < below:
            return format(seconds * scale, form), unit
    return ("∞", "s") if math.isinf(seconds) else (f"{seconds:,.0f}" if seconds < 1e15 else f"{seconds:.2e}", "s")


_UNITS = (
    (1e-12, 1.0, ".0f", "s"),
    (1e-3, 1e6, ".4g", "µs"),
    (1e-1, 1e3, ".3g", "ms"),
    (1e2, 1.0, ".2f", "s"),
    (1e3, 1.0, ".1f", "s"),
)
"""Below how many seconds a duration has which unit: how many of them a second has, and how many digits are shown."""


def _between(low: float, high: float) -> str:
    """Return two durations as one text, or one where they look alike."""
    (least, of_least), (most, of_most) = _in_words(low), _in_words(high)
    if (least, of_least) == (most, of_most):
        return f"{least} {of_least}"
    return f"{least} to {most} {of_most}" if of_least == of_most else f"{least} {of_least} to {most} {of_most}"


def show_number(number: int) -> str:
    """Return a whole number, its digits in threes where there are many."""
    try:
        return str(number) if number < 10_000 else f"{number:,}" if number < 10**15 else f"{number:.2e}"
    except OverflowError:
        return "more than 1e308"


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"{show_number(least)} or more"
    return show_number(least) if most == least else f"{show_number(least)} to {show_number(most)}"


def show_share(share: float) -> str:
    """Return a part of 1 in percent."""
    percent = 100 * share
    return "less than 0.1 %" if percent < 0.1 else f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"
