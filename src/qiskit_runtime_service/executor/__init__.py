"""The door to the executor, where IBM's users look for it. It needs the extra `executor`."""

from .._doors import open_doors
from ..shell.executor import Executor
from ..shell.program_jobs import ProgramDecoder

__all__ = ["Executor", "ProgramDecoder"]

open_doors(__name__)
