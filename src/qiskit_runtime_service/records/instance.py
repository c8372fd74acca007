"""Nouns of service instances: what an account may use and what it would rather use."""

import msgspec

PRICING_ORDER = ("free", "trial", "paygo", "paid", "subscription", "unknown")


class Crn(msgspec.Struct, frozen=True, kw_only=True):
    """A Cloud Resource Name, taken apart. `text` is the whole, as given."""

    text: str
    cname: str
    service: str
    location: str


class FoundInstance(msgspec.Struct, frozen=True, kw_only=True):
    """An instance as the search lists it: its plan is still only an id."""

    crn: str
    name: str
    plan_id: str
    tags: tuple[str, ...] = ()
    allocated: bool = True
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as the catalog describes it. Both words are lower case, `unknown` if not told."""

    id: str
    name: str = "unknown"
    pricing_type: str = "unknown"
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away."""


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the search for instances. Without a cursor it is the last."""

    found: tuple[FoundInstance, ...]
    cursor: str | None = None
    lost: int = 0
    """How many more were on the page, but cannot be told apart: they have no CRN."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part that could not be understood and was left away, in the instances and of the whole."""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One service instance that an account may use."""

    crn: str
    name: str = ""
    plan: str = "unknown"
    """Display name, lower case: `open`, `premium`, `flex`."""
    pricing_type: str = "unknown"
    """Lower case. The server may send words that we do not know yet."""
    tags: tuple[str, ...] = ()
    allocated: bool = True
    """Whether the account gave the instance any time to spend."""
    ignored: tuple[str, ...] = ()
    """A sentence for each part of the search that could not be understood and was left away."""

    @property
    def region(self) -> str:
        """The location in the CRN, such as `us-east`; empty where there is none."""
        parts = self.crn.split(":")
        return parts[5] if len(parts) > 5 else ""


class InstancePreference(msgspec.Struct, frozen=True, kw_only=True):
    """Which instances a user accepts, and in which order."""

    region: str | None = None
    plans: tuple[str, ...] = ()
    """Best first; empty accepts every plan, cheapest pricing first."""
    tags: tuple[str, ...] = ()
    """All must be there, in any case."""
