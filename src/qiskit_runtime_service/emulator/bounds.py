"""What numbers of a world may be. A file of a world that has others is refused with the field (B345)."""

from typing import Annotated

from msgspec import Meta

LATEST = 32503680000.0
"""The year 3000: the last instant, in seconds since the epoch. Time may go on for 6,000 years until dates end."""

Instant = Annotated[float, Meta(ge=0.0, le=LATEST)]
"""Seconds since the epoch."""
Someday = Annotated[float, Meta(ge=0.0)]
"""Seconds since the epoch; infinite for what may never be."""
Seconds = Annotated[float, Meta(ge=0.0, le=1e12)]
"""A duration."""
WholeSeconds = Annotated[int, Meta(ge=0, le=10**12)]
"""A duration."""
Count = Annotated[int, Meta(ge=0, le=2**53)]
"""How many there are."""
Real = Annotated[float, Meta(ge=-1e300, le=1e300)]
"""A number that is one."""
