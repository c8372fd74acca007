"""The door to the estimator of directed execution, where IBM's users look for it."""

from .shell.executor_estimator import Estimator, EstimatorV2, post_process

__all__ = ["Estimator", "EstimatorV2", "post_process"]
