"""Records as the plain dictionaries that IBM's users expect."""

from typing import Any

from ..records.account import Account, Proxies
from ..records.instance import Instance
from ..records.secret import Secret
from ..records.usage import Usage

MASK = "****"


class AccountView(dict[str, Any]):
    """An account as a dictionary. It holds the token, but does not show it."""

    def __init__(self, account: Account) -> None:
        fields = {name: getattr(account, name) for name in account.__struct_fields__}
        super().__init__({name: _plain(value) for name, value in fields.items() if value not in (None, ())})

    def __repr__(self) -> str:
        return repr({name: MASK if name in ("token", "proxies") else value for name, value in self.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Proxies):
        said = {
            "urls": {scheme: url.reveal() for scheme, url in value.urls},
            "username_ntlm": value.username_ntlm,
            "password_ntlm": value.password_ntlm and value.password_ntlm.reveal(),
        }
        return {name: each for name, each in said.items() if each}
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


def view_usage(usage: Usage, remaining: float | None) -> dict[str, Any]:
    """Return what `usage()` tells, without what the service did not say."""
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
    return {name: value for name, value in said.items() if value is not None}
