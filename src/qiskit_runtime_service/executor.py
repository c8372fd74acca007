"""The door to the executor, where IBM's users look for it. It needs the extra `executor`."""

from .shell.executor import Executor
from .shell.program_jobs import ProgramDecoder

__all__ = ["Executor", "ProgramDecoder"]
