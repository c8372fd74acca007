"""The door to the noise learner of boxes, where IBM's users look for it. It needs the extra `executor`."""

from .._doors import open_doors
from ..shell.noise_learner_v3 import NoiseLearnerV3

__all__ = ["NoiseLearnerV3"]

open_doors(__name__)
