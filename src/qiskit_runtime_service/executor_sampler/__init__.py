"""The door to the sampler of directed execution, where IBM's users look for it."""

from .._doors import open_doors
from ..shell.executor_sampler import Sampler, SamplerV2

__all__ = ["Sampler", "SamplerV2"]

open_doors(__name__)
