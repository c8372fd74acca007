"""The noun of explanations: how an account and its instances were chosen."""

import msgspec

from .account import AccountChoice
from .instance import Instance
from .selection import Selection


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How a service came to its account and instances."""

    account: AccountChoice
    instances: Selection[Instance]
    """Empty where an instance was named, so that none had to be chosen."""
    used: tuple[Instance, ...]
    """The instances in use, best first."""
