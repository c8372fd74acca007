"""The door to the noise learner on the executor, where IBM's users look for it. It needs the extra `executor`."""

from .._doors import open_doors
from ..shell.executor_noise_learner import NoiseLearnerV3

__all__ = ["NoiseLearnerV3"]

open_doors(__name__)
