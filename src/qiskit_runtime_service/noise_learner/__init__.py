"""The door to the noise learner of circuits, where IBM's users look for it."""

from .._doors import open_doors
from ..shell.noise_learner_v2 import NoiseLearner, NoiseLearnerV2

__all__ = ["NoiseLearner", "NoiseLearnerV2"]

open_doors(__name__)
