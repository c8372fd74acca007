"""The door to the estimator of directed execution, where IBM's users look for it."""

from .._doors import open_doors
from ..shell.executor_estimator import Estimator, EstimatorV2, post_process

__all__ = ["Estimator", "EstimatorV2", "post_process"]

open_doors(__name__)
