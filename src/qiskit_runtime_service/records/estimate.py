"""Nouns of estimates: what is to run on a device, what it takes there, and what of that nobody knows."""

import msgspec


class PubFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What of a PUB decides how often its circuit runs, and for how long."""

    what: str
    """Which it is, such as `PUB 0`."""
    configurations: int
    """Circuits that it stands for: sets of parameter values, for an estimator each in as many bases as it needs."""
    shots: int | None = None
    """What it asks for; `None` where neither it nor the run says."""
    precision: float | None = None
    """Which standard error it asks for, in the place of shots; `None` where neither it nor the run says."""
    length: float | None
    """Seconds along the longest path of its circuit, its measurements with it; `None` where nobody knows."""
    unknown: tuple[str, ...] = ()
    """Why the length is not known."""


class CircuitRuns(msgspec.Struct, frozen=True, kw_only=True):
    """How often circuits that are alike are to run, and how long one takes each time."""

    what: str
    """Which they are, such as `PUB 0` or `readout`."""
    executions: int
    """At least so many."""
    most: int | None
    """At most so many; `None` where nobody knows."""
    length: float | None
    """Seconds along the longest path, measurements with it and no reset before it; `None` where nobody knows."""
    assumed: tuple[str, ...] = ()
    """What was taken for granted."""
    unknown: tuple[str, ...] = ()
    """Why the length is not known, or the number of executions open."""


class DeviceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """What a device adds to each execution. Durations in seconds."""

    backend: str
    rep_delay: float | None
    """Between two executions; `None` where the device does not tell."""
    reset: float | None
    """Of one qubit, the shortest there is; `None` where the device does not tell."""
    measure: float | None = None
    """Of one qubit, the shortest there is; `None` where the device does not tell."""
    calibrated: str | None = None
    """When that was measured, as the service writes it."""
    free: str = ""
    """Why nothing is charged there, if nothing is."""


class UsageTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an estimate: executions that are alike."""

    what: str
    executions: int
    """At least so many."""
    most: int | None
    """At most so many; `None` where nobody knows."""
    length: float | None
    """Seconds of the circuit; `None` where nobody knows."""
    delay: float
    """Seconds between two executions, with the reset before each if the length is known; 0 of what nobody knows."""

    @property
    def each(self) -> float:
        """Seconds of one execution, at least."""
        return self.delay + (self.length or 0.0)


class UsageEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What jobs would use of a device, as far as that can be known before they are sent. Durations in seconds.

    Source: behaviour B510.
    """

    backend: str
    terms: tuple[UsageTerm, ...]
    jobs: int = 1
    sub_jobs: int = 1
    """Each has its overhead: at least one for each job, and more where the service splits a job, which nobody knows."""
    floor: float
    """At least: the executions alone, without any overhead."""
    seconds: float
    """About, by the documented formula: overhead x sub-jobs + (delay + length) x executions."""
    most_seconds: float | None
    """The same with the most executions; `None` where nobody knows how many. No bound: nobody documents one."""
    quick: float | None
    """By the documented rule of thumb of 350 µs for an execution; `None` where the delay is not the usual one."""
    most_quick: float | None
    """The same with the most executions; `None` where nobody knows how many, too."""
    charge: float
    """What is charged, about: `seconds`, without those of jobs for which nothing is charged."""
    at_least: bool = False
    """Whether `seconds` can only be more: something is unknown that costs, such as the length of a circuit."""
    assumptions: tuple[str, ...] = ()
    """What was taken for granted."""
    unknown: tuple[str, ...] = ()
    """What nobody knows, and what was counted in its place."""
    calibrated: str | None = None
    """When the durations were measured, as the service writes it; of several devices the earliest."""
    free: str = ""
    """Why nothing is charged, if nothing is."""

    @property
    def executions(self) -> int:
        """How many there are, at least."""
        return sum(term.executions for term in self.terms)

    @property
    def most_executions(self) -> int | None:
        """How many there are, at most; `None` where nobody knows."""
        most = [term.most for term in self.terms]
        return None if None in most else sum(number for number in most if number is not None)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """How an instance, a queue and the limits of a job stand when an estimate is made."""

    remaining: float | None = None
    """Seconds that the instance may still use; `None` where nothing limits it, or nobody tells."""
    unasked: str = ""
    """Why nobody tells what is left, if so."""
    queue_length: int | None = None
    """How many jobs wait; `None` where nobody tells."""
    wait_seconds: float | None = None
    """How long jobs wait on average; `None` where nobody tells."""
    max_execution_time: float | None = None
    """Seconds of usage after which the job is to be stopped; `None` without such a limit."""
    most_executions: int | None = None
    """How many executions the service takes in one job; `None` where that is not documented."""
