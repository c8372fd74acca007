"""The door to the noise learner of circuits, where IBM's users look for it."""

from .shell.noise_learner_v2 import NoiseLearner, NoiseLearnerV2

__all__ = ["NoiseLearner", "NoiseLearnerV2"]
