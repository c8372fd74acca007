"""Nouns of what jobs of one block use together: each job as it was tracked, and sums over jobs that are alike."""

import msgspec

from .estimate import UsageEstimate
from .usage import Seconds, Units


class TrackedJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job that was submitted while usage was tracked, as it was last read."""

    job_id: str
    instance: str
    """CRN of the instance that is charged."""
    backend: str
    program: str
    session: str | None
    """The session or batch that it runs in."""
    status: str
    final: bool
    """Whether it has come to its end."""
    estimate: UsageEstimate | None
    """What it was thought to use when it was submitted; `None` where nobody knew."""
    charged_seconds: Seconds | None = None
    """What it is charged; `None` until the service has settled it, and where it tells no seconds."""
    charged_ru: Units | None = None
    """The same in resource units."""

    @property
    def settled(self) -> bool:
        """Whether the service has told what it is charged."""
        return self.final and not (self.charged_seconds is None and self.charged_ru is None)

    @property
    def free(self) -> bool:
        """Whether nothing is charged for it, as for a dry run, whatever the service tells of it."""
        return self.estimate is not None and bool(self.estimate.free)


class UsageSum(msgspec.Struct, frozen=True, kw_only=True):
    """What jobs use together. What is charged is the sum over those that are settled. Durations in seconds."""

    backend: str
    """Their backend; of several, all names."""
    program: str
    """Their program; of several, all names."""
    jobs: int
    free: int
    """For how many of them nothing is charged."""
    unestimated: int
    """Of how many nobody knew what they use; they are not in the estimate."""
    estimated_seconds: float
    """About, at submission: by the formula."""
    most_seconds: float | None
    """The same with the most executions; `None` where nobody knows how many."""
    at_least: bool
    """Whether the estimate can only be more."""
    settled: int
    """How many have come to their end, with what they are charged."""
    charged_seconds: Seconds | None
    """`None` where none is settled in seconds."""
    charged_ru: Units | None
    """`None` where none is settled in resource units."""


class TrackedUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What was submitted while usage was tracked."""

    total: UsageSum
    sums: tuple[UsageSum, ...]
    """By backend and program, in the order in which they came."""
    jobs: tuple[TrackedJob, ...]
    doubts: tuple[str, ...] = ()
    """A sentence for each submission of which nobody knows whether it made a job."""
    troubles: tuple[str, ...] = ()
    """A sentence for each thing that could not be read the last time."""
