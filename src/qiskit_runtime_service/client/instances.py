"""The first journey: from an account to its instances, and which of them holds something known by its id alone."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Self, TypeVar

from returns.result import Failure, Result, Success

from .._log import logger
from ..core.arguments import read_text
from ..core.instances import find_instances, join_plans, next_cursor, plans_to_ask, rank_instances, require_instance
from ..core.messages import describe
from ..core.troubles import Trouble, find_lost_rows, judge_troubles
from ..records.account import Account
from ..records.instance import FoundInstance, Instance, InstancePreference, Plan, SearchPage
from ..records.problem import InstanceNotFound, JobNotFound, Problem, SessionNotFound
from ..records.selection import Selection
from ..wire.crn import looks_like_crn, read_crn
from .parallel import gather
from .raising import log_troubles
from .rest import Client

T = TypeVar("T")

NOT_RANKED = Selection[Instance](ranked=(), rejected=())
"""Where the account names its instance, nothing is ranked."""


class Instances:
    """The instances of an account. Those in use are chosen once; all of them are searched when they are needed.

    Attributes:
        used: The instances in use, best first. They never change.
        ranking: How they were chosen.
    """

    def __init__(
        self, client: Client, used: tuple[Instance, ...] = (), ranking: Selection[Instance] = NOT_RANKED
    ) -> None:
        self._client = client
        self.used = used
        self.ranking = ranking
        self._found: tuple[FoundInstance, ...] | None = None
        self._complete: tuple[Instance, ...] | None = None

    @classmethod
    def open(cls, client: Client, account: Account) -> Result[Self, Problem]:
        """Choose the instances to use. With a CRN nothing is sent.

        Fails with:
            NoInstances, NoInstanceMatches, InstanceNotFound, NothingAllocated: None fits.
            Or with why they could not be searched.

        Source: behaviour B8, B9.
        """
        opened = cls(client)
        used: Result[tuple[Instance, ...], Problem]
        if account.instance is None:
            preference = InstancePreference(region=account.region, plans=account.plans_preference, tags=account.tags)
            ranked = opened.all().map(lambda known: rank_instances(known, preference))
            opened.ranking = ranked.value_or(NOT_RANKED)
            used = ranked.bind(lambda ranking: require_instance(ranking, preference))
        elif looks_like_crn(account.instance):
            used = read_crn(account.instance).map(lambda crn: (Instance(crn=crn.text),))
        else:
            name = account.instance
            used = opened._named().bind(lambda known: find_instances(known, name))
        opened.used = used.value_or(())
        return used.map(lambda _: opened)

    def over(self, client: Client) -> Self:
        """Return the same instances, reached by another client. What was found is shared."""
        twin = copy(self)
        twin._client = client
        return twin

    @property
    def names(self) -> dict[str, str]:
        """The name of each instance in use by its CRN, as far as it is known."""
        return {instance.crn: instance.name for instance in self.used if instance.name}

    def all(self) -> Result[tuple[Instance, ...], Problem]:
        """Return all instances of the account with their plans, asked for once."""
        if self._complete is not None:
            return Success(self._complete)
        completed = self._search().map(lambda found: ask_plans(self._client, found))
        self._complete = completed.value_or(None)
        return completed

    def crns(self, instance: str | None) -> Result[tuple[str, ...], Problem]:
        """Return the CRNs that `instance`, a CRN, a name or nothing, stands for.

        Fails with:
            MalformedCrn, InstanceNotFound, NothingAllocated: It stands for nothing that can be used.
            BadArgument: It is no text.

        Source: behaviour B9.
        """
        if instance is None:
            return Success(tuple(used.crn for used in self.used))
        match read_text("instance", instance, wanted="a CRN, a name, or None"):
            case Failure(problem):
                return Failure(problem)
        if looks_like_crn(instance):
            return read_crn(instance).map(lambda crn: (crn.text,))
        known = find_instances(self.used, instance)
        match known:
            case Failure(InstanceNotFound()):
                known = self._named().bind(lambda named: find_instances(named, instance))
        return known.map(lambda found: tuple(one.crn for one in found))

    def _search(self) -> Result[tuple[FoundInstance, ...], Problem]:
        """Return what the search finds, searched once."""
        if self._found is not None:
            return Success(self._found)
        searched = search_instances(self._client)
        self._found = searched.value_or(None)
        return searched

    def _named(self) -> Result[tuple[Instance, ...], Problem]:
        """Return all instances of the account, with plans only if they were asked for already."""
        return Success(self._complete) if self._complete else self._search().map(lambda found: join_plans(found, ()))


def search_instances(client: Client) -> Result[tuple[FoundInstance, ...], Problem]:
    """Search all instances of the account, page by page.

    Source: behaviour B5, B283.
    """
    found: dict[str, FoundInstance] = {}
    seen: list[str] = []
    cursor: str | None = None
    barren = False
    while True:
        match client.search(cursor):
            case Failure(problem):
                return Failure(problem)
            case Success(page):
                log_troubles(find_lost_rows("The account", page.lost, "instances", "CRN"))
                fresh = {instance.crn: instance for instance in page.found if instance.crn not in found}
                found |= fresh
                # Two pages on end of which nothing can be read are the end, for who sends nothing else may go on so.
                lost = 0 if barren or page.found else page.lost
                barren = not fresh
                cursor = next_cursor(SearchPage(found=tuple(fresh.values()), cursor=page.cursor, lost=lost), seen)
        if cursor is None:
            return Success(tuple(found.values()))
        seen.append(cursor)


def ask_plans(client: Client, found: tuple[FoundInstance, ...]) -> tuple[Instance, ...]:
    """Ask the catalog once for each distinct plan, all at once, and complete the instances.

    A plan that the catalog does not tell, as it does for archived ones, stays `unknown`.

    Source: behaviour B7.
    """
    plans: list[Plan] = []
    for answer in gather([partial(client.plan, plan_id) for plan_id in plans_to_ask(found)]):
        match answer:
            case Success(plan):
                plans.append(plan)
            case Failure(problem):
                logger.info("The catalog does not tell a plan: %s", describe(problem).line)
    return join_plans(found, plans)


def find_holder(crns: Sequence[str], ask: Callable[[str], Result[T, Problem]], absent: Problem) -> Result[T, Problem]:
    """Ask all instances at once, and return what the first of them answers that has it.

    Fails with:
        absent: All say that they have it not. Where some could not say, why they could not.

    Source: behaviour B43, B291.
    """
    answers = gather([partial(ask, crn) for crn in crns])
    unclear: list[Trouble] = []
    for crn, answer in zip(crns, answers, strict=True):
        match answer:
            case Success():
                return answer
            case Failure(JobNotFound() | SessionNotFound()):
                continue
            case Failure(problem):
                unclear.append((crn, problem))
    return Failure(judge_troubles(unclear, asked=len(unclear)) or absent)
