"""Typed JSON for users: the decoder that `json.loads` and the result of a job take."""

import json
from functools import partial
from typing import Any

from msgspec.structs import asdict
from returns.result import Result

from .._public import public
from .._warn import warn_user
from ..bridge.ledger import DecodeLimits
from ..bridge.typed_json import DEFAULT_LIMITS, build_value, open_ledger
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import read_all, read_object, read_whole
from ..records.problem import BadArgument, Problem, TooLarge, TooNew


@public()
class RuntimeDecoder(json.JSONDecoder):
    """Read what the service writes: `json.loads(text, cls=RuntimeDecoder)`.

    A result that is larger than the defaults allow is read by a decoder with other limits:
    `job.result(decoder=RuntimeDecoder(limits=DecodeLimits(output_bytes=2**30)))`.

    Args:
        limits: How much one value may ask of this process.
        **options: Those of `json.JSONDecoder`.

    Raises:
        json.JSONDecodeError: The text is not JSON.
        IBMApiError: A value is damaged, beyond the limits, or newer than the installed Qiskit.

    Source: behaviour B81, B177.
    """

    def __init__(self, *, limits: DecodeLimits = DEFAULT_LIMITS, **options: Any) -> None:
        super().__init__(**options)
        if options.get("object_hook") is None:
            # The base has noted that there is none, which hides the method.
            vars(self).pop("object_hook")
        self.limits = value_or_raise(read_limits("limits", limits))

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        """Return the value that begins at `idx`, and where it ends."""
        ledger = value_or_raise(open_ledger(s, self.limits))
        try:
            data, end = super().raw_decode(s, idx)
        except RecursionError:
            depth = self.limits.depth
            raise exception_of(TooLarge(what="depth", size=depth, limit=depth, setting="depth")) from None
        return value_or_raise(build_value(data, ledger).alt(tell_of_newer)), end

    def object_hook(self, obj: dict[str, Any]) -> Any:
        """Return what one object of typed JSON stands for: `json.loads(text, object_hook=decoder.object_hook)`.

        Source: behaviour B438.
        """
        ledger = value_or_raise(open_ledger("", self.limits))
        return value_or_raise(build_value(obj, ledger).alt(tell_of_newer))


@public("decoders")
class ResultDecoder:
    """Read the result of a job, in a way of your own: make a subclass and give it to `job.result(decoder=MyDecoder)`.

    Of several, in a list, each reads what the one before returned, and one that is not applicable is passed over.

    Source: behaviour B427.
    """

    @classmethod
    def is_applicable(cls, data: Any) -> bool:  # noqa: ARG003  # subclasses may look at it
        """Tell whether `decode` shall read the data."""
        return True

    @classmethod
    def decode(cls, data: Any) -> Any:
        """Return what the text of a result stands for; a text that is no JSON as it is."""
        try:
            return json.loads(data, cls=RuntimeDecoder)
        except json.JSONDecodeError:
            return data


def tell_of_newer(problem: Problem) -> Problem:
    """Return why something cannot be read, and warn if it is a circuit of a newer Qiskit.

    Source: behaviour B488.
    """
    match problem:
        case TooNew(version=version):
            warn_user(f"A circuit is in QPY {version}, of a newer Qiskit than is installed: pip install -U qiskit.")
    return problem


def read_limits(name: str, value: Any) -> Result[DecodeLimits, BadArgument]:
    """Return limits, each a whole number that is not negative."""

    def read_each(limits: DecodeLimits) -> Result[DecodeLimits, BadArgument]:
        fields = asdict(limits)
        doors = {f"{name}.{field}": partial(read_whole, least=0) for field in fields}
        read = read_all(doors, dict(zip(doors, fields.values(), strict=True)))
        return read.map(lambda known: DecodeLimits(**dict(zip(fields, known.values(), strict=True))))

    return read_object(name, value, DecodeLimits, wanted="DecodeLimits(...)").bind(read_each)
