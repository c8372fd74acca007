"""Cloud Resource Names: text to record."""

import re

from returns.result import Failure, Result, Success

from ..records.instance import Crn
from ..records.problem import MalformedCrn, Problem

_SEGMENTS = 10
_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", re.ASCII)
_SAFE = re.compile(r"[!-~]+\Z", re.ASCII)


def looks_like_crn(text: str) -> bool:
    """Whether `text` is meant as a CRN rather than as a name."""
    return text.startswith("crn:")


def read_crn(text: str) -> Result[Crn, Problem]:
    """Take a CRN apart.

    The location becomes part of a host name, so it must be one DNS label, and the whole becomes
    a header, so it must be printable.

    Fails with:
        MalformedCrn: Not ten segments, or one that cannot be used.

    Source: behaviour B10.
    """
    parts = text.split(":")
    if parts[0] != "crn" or len(parts) != _SEGMENTS:
        reason = f"it has {len(parts)} segments separated by ':', not {_SEGMENTS} beginning with 'crn'"
        return Failure(MalformedCrn(crn=text, reason=reason))
    if not _SAFE.match(text):
        return Failure(MalformedCrn(crn=text, reason="it has characters that cannot be sent"))
    location = parts[5]
    if not _DNS_LABEL.match(location):
        return Failure(MalformedCrn(crn=text, reason=f"its location {location!r} is not a region such as us-east"))
    return Success(Crn(text=text, cname=parts[2], service=parts[4], location=location))
