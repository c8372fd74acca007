"""The door to the sampler of directed execution, where IBM's users look for it."""

from .shell.executor_sampler import Sampler, SamplerV2

__all__ = ["Sampler", "SamplerV2"]
