"""The first journey: from an account to its instances."""

from functools import partial

from returns.result import Failure, Result, Success

from ..core.instances import join_plans, next_cursor, plans_to_ask
from ..records.instance import FoundInstance, Instance, Plan, SearchPage
from ..records.problem import Problem
from .logs import logger
from .parallel import gather
from .rest import Client


def search_instances(client: Client) -> Result[tuple[FoundInstance, ...], Problem]:
    """Search all instances of the account, page by page.

    Source: behaviour B5.
    """
    found: dict[str, FoundInstance] = {}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.search(cursor)
        if not isinstance(page, Success):
            return Failure(page.failure())
        fresh = {each.crn: each for each in page.unwrap().found if each.crn not in found}
        found |= fresh
        cursor = next_cursor(SearchPage(found=tuple(fresh.values()), cursor=page.unwrap().cursor), seen)
        if cursor is None:
            return Success(tuple(found.values()))
        seen.append(cursor)


def ask_plans(client: Client, found: tuple[FoundInstance, ...]) -> tuple[Instance, ...]:
    """Ask the catalog once for each distinct plan, all at once, and complete the instances.

    A plan that the catalog does not tell, as it does for archived ones, stays `unknown`.

    Source: behaviour B7.
    """
    plans: list[Plan] = []
    for answer in gather([partial(client.plan, each) for each in plans_to_ask(found)]):
        if isinstance(answer, Success):
            plans.append(answer.unwrap())
        else:
            logger.info("The catalog does not tell a plan: %s", type(answer.failure()).__name__)
    return join_plans(found, plans)
