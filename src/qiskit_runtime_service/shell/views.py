"""Records as the plain dictionaries that IBM's users expect."""

from copy import copy, deepcopy
from typing import Any, ClassVar, Self

from ..core.reports import describe_usage
from ..records.account import Account, Proxies
from ..records.instance import Instance
from ..records.secret import Secret
from ..records.usage import Usage
from .display import as_page

MASK = "****"


class MaskedView(dict[str, Any]):
    """A dictionary that holds secrets, but does not show them. `hidden` are the keys of those."""

    hidden: ClassVar[tuple[str, ...]] = ()

    def copy(self) -> Self:
        """Return a copy that hides the same."""
        return copy(self)

    def __repr__(self) -> str:
        return repr(self._shown())

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.update(self)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy(self)
        twin.update({name: deepcopy(value, memo) for name, value in self.items()})
        return twin

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        # What is pickled leaves the process, so it takes along only what it shows.
        return dict, (self._shown(),)

    def _shown(self) -> dict[str, Any]:
        return {name: MASK if name in self.hidden else value for name, value in self.items()}


class ProxiesView(MaskedView):
    """Proxies as a dictionary. URLs may hold passwords, so they are not shown either."""

    hidden = ("urls", "password_ntlm")

    def __init__(self, proxies: Proxies) -> None:
        said = {
            "urls": {scheme: url.reveal() for scheme, url in proxies.urls},
            "username_ntlm": proxies.username_ntlm,
            "password_ntlm": proxies.password_ntlm and proxies.password_ntlm.reveal(),
        }
        super().__init__({name: each for name, each in said.items() if each})


class AccountView(MaskedView):
    """An account as a dictionary. It holds the token, but does not show it."""

    hidden = ("token",)

    def __init__(self, account: Account) -> None:
        fields = {name: getattr(account, name) for name in account.__struct_fields__}
        super().__init__({name: _plain(value) for name, value in fields.items() if value not in (None, ())})


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Proxies):
        return ProxiesView(value)
    return list(value) if isinstance(value, tuple) else value


def view_instance(instance: Instance) -> dict[str, Any]:
    """Return what `instances()` tells of one instance."""
    return {
        "crn": instance.crn,
        "plan": instance.plan,
        "name": instance.name,
        "tags": list(instance.tags),
        "pricing_type": instance.pricing_type,
    }


class UsageView(dict[str, Any]):
    """What `usage()` tells, without what the service did not say. A notebook shows it as a table."""

    def __init__(self, usage: Usage, remaining: float | None) -> None:
        period = usage.period
        said = {
            "instance_id": usage.instance_id,
            "plan_id": usage.plan_id,
            "usage_consumed_seconds": usage.consumed,
            "usage_period": period and {"start_time": period.start_time, "end_time": period.end_time},
            "usage_limit_seconds": usage.limit,
            "usage_allocation_seconds": usage.allocation,
            "usage_limit_reached": usage.limit_reached,
            "usage_remaining_seconds": remaining,
        }
        super().__init__({name: value for name, value in said.items() if value is not None})

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)

    def _repr_html_(self) -> str:
        return as_page(describe_usage(self))
