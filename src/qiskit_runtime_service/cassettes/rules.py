"""What the carriers of cassettes must be given, because it is none of their business."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from ..records.cassette import Difference, Leak, Meaning, Recorded
from ..records.exchange import Request


class CassetteRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a request means, and what may be written of an exchange."""

    operation_of: Callable[[Request], str]
    """The operation that a request asks for; cheap."""
    meaning_of: Callable[[Request], Meaning]
    """All that a request asks for. Equal for requests that must be answered alike."""
    compare: Callable[[Meaning, Meaning], tuple[Difference, ...]]
    scrub: Callable[[Sequence[Recorded]], tuple[tuple[Recorded, ...], frozenset[str]]]
    """What may be written, and the secrets that were taken out of it."""
    find_leaks: Callable[[Iterable[Recorded], Iterable[str]], tuple[Leak, ...]]
    """What must not be on a cassette and is."""
