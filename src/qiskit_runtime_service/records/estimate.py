"""Nouns of estimates: what is to run on a device, what it takes there, and what of that nobody knows."""

import msgspec


class CircuitRuns(msgspec.Struct, frozen=True, kw_only=True):
    """How often one circuit is to run, and how long it takes each time."""

    what: str
    """Which it is, such as `pubs[0]` or `calibration of the readout`."""
    executions: int
    """At least so many."""
    most: int | None
    """At most so many; `None` where nobody knows."""
    length: float | None
    """Seconds along its longest path, its measurements with it and no reset before it; `None` where nobody knows."""
    unknown: tuple[str, ...] = ()
    """Why the length is not known, or the number of executions open."""


class DeviceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """What a device adds to each execution. Durations in seconds."""

    backend: str
    rep_delay: float | None
    """Between two executions; `None` where the device does not tell."""
    reset: float | None
    """Of one qubit; `None` where the device does not tell."""
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
    """Seconds between two executions, with the reset before each; 0 of what nobody knows."""

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
    at_least: bool = False
    """Whether `seconds` can only be more: something is unknown that costs, such as the length of a circuit."""
    assumptions: tuple[str, ...] = ()
    """What was taken for granted."""
    unknown: tuple[str, ...] = ()
    """What nobody knows, and what was counted in its place."""
    calibrated: str | None = None
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

    @property
    def charge(self) -> float:
        """What is charged, about: `seconds`, or nothing where nothing is charged."""
        return 0.0 if self.free else self.seconds
