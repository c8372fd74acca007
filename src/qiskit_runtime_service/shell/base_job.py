"""What jobs of every kind do alike, once they tell their status and the bytes of their result."""

import json
import os
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.primitives import BasePrimitiveJob, PrimitiveResult
from returns.result import Result, Success

from ..client.files import SHARED_FILE, write_whole
from ..client.raising import value_or_raise
from ..core.arguments import read_path, refuse
from ..records.problem import BadArgument
from .display import PublicNames


class BaseJob(PublicNames, BasePrimitiveJob[PrimitiveResult, str]):
    """A job of Qiskit's whose status is one of the service's words."""

    ERROR: ClassVar[str] = "ERROR"
    """What `status()` is where the job has failed."""
    JOB_FINAL_STATES: ClassVar[tuple[str, ...]] = ("DONE", "CANCELLED", "ERROR")
    """The words that `status()` ends with."""

    @property
    @abstractmethod
    def primitive_id(self) -> str:
        """The program that runs."""

    @abstractmethod
    def raw_result(self, timeout: float | None = None) -> bytes:
        """Wait for the job and return its result as bytes."""

    def done(self) -> bool:
        """Whether the job has run well."""
        return bool(self.status() == "DONE")

    def errored(self) -> bool:
        """Whether the job has failed."""
        return bool(self.status() == "ERROR")

    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return bool(self.status() == "CANCELLED")

    def running(self) -> bool:
        """Whether the job runs now."""
        return bool(self.status() == "RUNNING")

    def save_result(self, path: "str | os.PathLike[str]", timeout: float | None = None) -> Path:
        """Wait for the job and write the bytes of its result to a file, in one step. Return its path.

        What was paid for is safe before anything tries to understand it. `RuntimeDecoder` reads the file.

        Args:
            path: Where to; what is there is replaced.
            timeout: Seconds to wait; `None` waits for ever.

        Raises what `raw_result` raises, and an `OSError` if the file cannot be written.
        """
        target = Path(value_or_raise(read_path("path", path)))
        write_whole(target, self.raw_result(timeout), SHARED_FILE)
        return target

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.job_id()!r}, {self.primitive_id!r})>"


def read_decoder(name: str, value: Any) -> Result[Any, BadArgument]:
    """Return a decoder of the user's, or several."""
    parts = value if isinstance(value, list | tuple) else (value,)
    wanted = "a function, something with a method decode, or a list of these"
    fits = all(callable(part) or callable(getattr(part, "decode", None)) for part in parts)
    # Texts and bytes have such methods too, and read nothing.
    return Success(value) if fits and not isinstance(value, str | bytes) else refuse(name, value, wanted)


def decode_with(decoder: Any, text: Any) -> Any:
    """Read a text with a decoder of the user's, or with several, each reading what the one before returned.

    Source: behaviour B427.
    """
    if isinstance(decoder, list | tuple):
        for reader in decoder:
            text = decode_with(reader, text)
        return text
    if callable(applies := getattr(decoder, "is_applicable", None)) and not applies(text):
        return text
    if isinstance(decoder, type) and issubclass(decoder, json.JSONDecoder):
        return decoder().decode(text)
    return decoder.decode(text) if hasattr(decoder, "decode") else decoder(text)
