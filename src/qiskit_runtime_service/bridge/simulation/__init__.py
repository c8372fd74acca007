"""The machine of an emulated cloud: it runs the jobs of samplers and estimators on this computer."""

from .conditions import Conditions as Conditions
from .conditions import Simulated as Simulated
from .estimator import run_estimator_job as run_estimator_job
from .sampler import run_sampler_job as run_sampler_job
