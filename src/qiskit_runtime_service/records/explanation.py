"""The noun of explanations: how an account and its instances were chosen, and what went wrong on the way."""

import msgspec

from .account import AccountChoice
from .call import TroubledCall
from .instance import Instance
from .selection import Selection


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How a service came to its account and instances."""

    account: AccountChoice
    instances: Selection[Instance]
    """Empty where an instance was named, so that none had to be chosen."""
    used: tuple[Instance, ...]
    """The instances in use, best first."""
    troubles: tuple[TroubledCall, ...] = ()
    """The latest calls that did not go well at once, oldest first."""
