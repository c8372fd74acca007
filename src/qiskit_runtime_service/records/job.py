"""Nouns of jobs: one job, a page of jobs, what to submit and what to list."""

from typing import Literal

import msgspec

from .estimate import UsageEstimate
from .usage import Seconds, Units

JobStatus = Literal["INITIALIZING", "QUEUED", "RUNNING", "DONE", "ERROR", "CANCELLED"]

EXECUTOR = "executor"
"""The program of the service that runs quantum programs, whose results and inputs have a schema of their own."""
NOISE_LEARNER = "noise-learner"
"""The program that learns noise: of circuits by typed JSON, of boxes by a schema of its own."""
CALIBRATE = "calibrate"
"""The program that calibrates a device."""

TAG_PREFIX = "submission-"
"""What every submission tag begins with."""
SUBMISSION_TAG = f"{TAG_PREFIX}[0-9a-f]{{32}}"
"""What every submission tag looks like, as a regular expression."""


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a job in the server's own words."""

    status: str
    reason: str = ""
    code: int | None = None
    solution: str = ""


JUST_CREATED = JobState(status="Initializing")
"""The state of a job that nobody looked at yet."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job as the server last described it. Instants are seconds since the epoch."""

    id: str
    instance: str
    """CRN of the instance that holds the job."""
    state: JobState
    program: str = ""
    backend: str | None = None
    created: float | None = None
    tags: tuple[str, ...] = ()
    session: str | None = None
    cost: float | None = None
    private: bool = False
    estimated_seconds: float | None = None
    charged_seconds: Seconds | None = None
    """Time on the processor that is charged; `None` until it is settled."""
    charged_ru: Units | None = None
    """The same in resource units."""
    image: str = ""
    """The container image that the user chose; empty for the service's own."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class JobMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """When a job ran and what it cost. Instants as the server writes them."""

    created: str | None = None
    running: str | None = None
    finished: str | None = None
    charged_seconds: Seconds | None = None
    charged_ru: Units | None = None
    settled: bool = False
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class CreatedJob(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says of a job that was created."""

    id: str
    backend: str | None = None
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a listing of jobs. `count` is what the server claims to hold in all, if it does."""

    jobs: tuple[Job, ...]
    count: int | None = None
    lost: int = 0
    """How many more were on the page, but cannot be told apart: they have no id."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away, in the jobs and of the whole."""


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs to list. Instants are seconds since the epoch, both ends included."""

    limit: int | None = 10
    """`None` lists all."""
    skip: int = 0
    backend: str | None = None
    pending: bool | None = None
    program: str | None = None
    tags: tuple[str, ...] = ()
    session: str | None = None
    created_after: float | None = None
    created_before: float | None = None
    descending: bool = True
    include_mocks: bool = False
    page_size: int = 200
    """How many to ask for at a time. The service gives up to 200."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A job to create. `params` is JSON text that is sent as it stands."""

    program: str
    backend: str
    params: bytes
    log_level: str = "WARNING"
    tags: tuple[str, ...] = ()
    cost: int | None = None
    private: bool = False
    session: str | None = None
    image: str | None = None
    """The image that runs the job, `name:tag`; `None` for the service's own."""
    calibration_id: str | None = None
    estimate: UsageEstimate | None = None
    """What it is thought to use, where that was asked for. It is not sent."""
