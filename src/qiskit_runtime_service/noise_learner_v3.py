"""The door to the noise learner of boxes, where IBM's users look for it. It needs the extra `executor`."""

from .shell.noise_learner_v3 import NoiseLearnerV3

__all__ = ["NoiseLearnerV3"]
