"""The class that users hold: an account, its instances, their backends and jobs."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast

import msgspec
from msgspec.structs import replace
from returns.result import Failure, Result, Success

from .._log import logger
from .._public import public
from .._warn import warn_user
from ..client.backends import Backends
from ..client.connection import Connection, Wiring, connect, read_wiring
from ..client.find_account import LOCAL, find_account
from ..client.instances import Instances, find_holder
from ..client.jobs import JobFilters, iterate_jobs, list_jobs, read_job_query
from ..client.raising import exception_of, value_or_raise
from ..client.rest import Client, Resolver
from ..client.settings import read_arguments, read_timeouts
from ..client.submission import Submitter
from ..core.arguments import if_given, read_flag, read_name, read_number, read_object, read_text, read_whole
from ..core.backends import require_available, require_best
from ..core.jobs import PAGE_LIMIT
from ..core.options import drop_mitigated, find_idle_options
from ..core.reports import explain_account, explain_backends, explain_calls, explain_checkup, explain_instances
from ..core.troubles import about, describe_troubles
from ..core.usage import as_dry_run, remaining_seconds
from ..records.account import Account, AccountChoice
from ..records.backend import BackendRow
from ..records.checkup import Checkup
from ..records.exchange import Endpoints
from ..records.explanation import Explanation
from ..records.instance import Instance
from ..records.job import EXECUTOR, Job, JobQuery, Submission
from ..records.network import Timeouts
from ..records.problem import BadArgument, JobNotFound, Problem, SessionNotFound, SubmissionUnknown
from ..records.secret import HiddenText, Secret
from ..records.selection import Selection
from ..records.session import SessionDetails
from ..transport.base import Clock, Transport
from ..transport.offline import OfflineTransport
from .choosing import Chooser, hint_at_name, read_effort, read_query
from .display import AccountView, Explained, InstanceList, UsageView
from .pickling import from_plain, to_plain
from .saved_accounts import SavedAccounts
from .tracking import UsageTracker, trackers_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from ..transport.emulated import EmulatedTransport
    from .backend import BackendList, IBMBackend
    from .job import JobList, RuntimeJobV2
    from .options import OptionsV2
    from .programs import RuntimeOptions
    from .session import Session, SessionList

T = TypeVar("T")

MOST_PENDING = 3
"""How many jobs the open plan has let wait or run at a time."""


@public()
class QiskitRuntimeService(SavedAccounts):
    """An IBM Quantum account in use: choose instances and backends, submit jobs, read results.

    Without `instance`, all instances of the account are found, filtered by `region`,
    `plans_preference` and `tags`, and ranked; free and trial ones come first unless plans are
    preferred. With a CRN nothing is sent until something is asked for.

    Args:
        channel: `ibm_quantum_platform` (the default), its older name `ibm_cloud`, or `local` for
            an emulated cloud in this process.
        token: An IBM Cloud API key. Without it, the account comes from the environment or the file.
        url: The account URL, `https://cloud.ibm.com` by default.
        filename: The account file, `~/.qiskit/qiskit-ibm.json` by default.
        name: The entry of the account file to use.
        instance: The CRN or the name of a service instance.
        proxies: Keys `urls`, `username_ntlm`, `password_ntlm`.
        verify: Whether to check certificates, or the file of the authorities to trust.
        private_endpoint: Whether to stay inside the private network.
        url_resolver: From account URL, CRN, private endpoint and channel to the runtime's base URL.
        region: `us-east` or `eu-de`, for the automatic choice of an instance.
        plans_preference: Plan names, best first; only these are used.
        tags: Only instances that have all of these are used.
        endpoints: All four base URLs at once, in the place of those that follow from `url`.
        timeout: The seconds that any call may take, or `Timeouts`. `within` sets it for single calls.
        transport: What carries requests; HTTP by default.
        clock: What tells and passes the time; by default the transport if it can, else the system.
        submission_tags: Whether each job gets a tag of its own, by which it is found where the answer to its
            submission is lost. It is in `job.record.tags`. Without it such a job cannot be looked for.
        max_answer: The bytes that any answer may have, in the place of what fits what is asked: a mebibyte for most,
            16 MiB for listings, 32 MiB for descriptions of backends and logs, 192 MiB for results and inputs.
        max_usage: The seconds that an instance may have spent in the current period; what would go beyond is
            not submitted. What waits and runs counts, and each job as its `max_execution_time`, or as its estimate.

    Raises:
        IBMInputValueError: An argument is not what it must be, or no instance fits.
        AccountNotFoundError, InvalidAccountError: No usable account was found.
        IBMApiError: The instances could not be read. Also an `InvalidAccountError`, so name this one first.

    Two are equal if they are of one account, in one instance where it is named, and over one carrier where it is given.

    Source: behaviour B60 to B71, B482.
    """

    _default_channel: str | None = None
    """The channel where none is given."""
    _insists: bool = True
    """Whether a backend asked for with fractional gates must have some."""

    def __new__(cls, channel: str | None = None, token: str | None = None, *_: Any, **__: Any) -> Self:
        """Make a `QiskitRuntimeLocalService` where the channel, given or set, is `local`."""
        # What is no text is refused by `__init__`.
        named, keyed = (isinstance(given, str) and given for given in (channel, token))
        given = named or (None if keyed else os.environ.get("QISKIT_IBM_CHANNEL"))
        if cls is QiskitRuntimeService and given == LOCAL:
            return cast("Self", object.__new__(QiskitRuntimeLocalService))
        return object.__new__(cls)

    def __init__(
        self,
        channel: str | None = None,
        token: str | None = None,
        url: str | None = None,
        filename: str | None = None,
        name: str | None = None,
        instance: str | None = None,
        proxies: dict[str, Any] | None = None,
        verify: bool | str | None = None,
        private_endpoint: bool | None = None,
        url_resolver: Resolver | None = None,
        region: str | None = None,
        plans_preference: Sequence[str] | str | None = None,
        tags: Sequence[str] | str | None = None,
        *,
        endpoints: Endpoints | None = None,
        timeout: float | Timeouts | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        submission_tags: bool = True,
        max_usage: float | None = None,
        max_answer: int | None = None,
    ) -> None:
        # A traceback may show the locals of this frame, and the key must not be among them.
        token = HiddenText(token) if type(token) is str else token
        given = read_arguments(
            channel=channel,
            token=token,
            url=url,
            instance=instance,
            proxies=proxies,
            verify=verify,
            private_endpoint=private_endpoint,
            region=region,
            plans_preference=plans_preference,
            tags=tags,
        )
        # Nor a password of a proxy.
        del token, proxies
        fields = value_or_raise(given)
        fields = replace(fields, channel=fields.channel or self._default_channel)
        entry = value_or_raise(if_given(read_text)("name", name))
        wiring = value_or_raise(
            read_wiring(
                transport=transport,
                clock=clock,
                url_resolver=url_resolver,
                endpoints=endpoints,
                timeout=timeout,
                max_answer=max_answer,
            )
        )
        tagged = value_or_raise(read_flag("submission_tags", submission_tags))
        most = value_or_raise(if_given(partial(read_number, least=0.0, unit="seconds"))("max_usage", max_usage))
        choice = value_or_raise(find_account(fields, filename, entry))
        for sentence in choice.ignored:
            logger.info(sentence)
        self._open(choice, wiring)
        self._submitter = Submitter(self._client, self._connection.clock, tagged=tagged, max_usage=most)

    def _open(self, choice: AccountChoice, wiring: Wiring) -> None:
        """Find the instances, if none is named by its CRN.

        Source: behaviour B312.
        """
        connection = value_or_raise(connect(choice.account, wiring))
        opened = Instances.open(connection.client, choice.account).alt(partial(about, "account"))
        self._attach(choice, connection, value_or_raise(opened))

    def _attach(self, choice: AccountChoice, connection: Connection, instances: Instances) -> None:
        """Hold what the methods below work with. Nothing is sent."""
        self._choice = choice
        self._connection = connection
        self._instances = instances
        self._backends = Backends(connection.client, connection.clock)
        self._submitter = Submitter(connection.client, connection.clock)

    # The account and its instances

    @property
    def channel(self) -> str:
        """The channel type in use."""
        return self._choice.account.channel

    # What packages read that were written for IBM's client (B485)

    @property
    def _channel(self) -> str:
        return self.channel

    @property
    def _account(self) -> Account:
        """The account in use, with the CRN of its best instance. Its key is sealed."""
        return replace(self._choice.account, instance=self.active_instance())

    def active_account(self) -> dict[str, Any]:
        """Return the account in use, with the CRN of its best instance.

        The token is in it, but it is not shown when printed.

        Source: behaviour B482.
        """
        return AccountView(self._account)

    def active_instance(self) -> str:
        """Return the CRN of the best instance. It never changes."""
        return self._instances.used[0].crn

    def instances(self) -> InstanceList:
        """Return all instances of the account, each with `crn`, `plan`, `name`, `tags`, `pricing_type`."""
        return InstanceList.of(instance for instance in value_or_raise(self._instances.all()) if instance.allocated)

    def instance_names(self) -> dict[str, str]:
        """Return the name of each instance in use by its CRN, as far as it is known. Nothing is sent."""
        return self._instances.names

    def explain(self) -> Explained[Explanation]:
        """Return how the account and the instances were chosen, and which calls did not go well. Nothing is sent.

        Print it, or read its `records`; a notebook shows it as tables.
        """
        troubles, ranking, used = self._client.troubles, self._instances.ranking, self._instances.used
        records = Explanation(account=self._choice, instances=ranking, used=used, troubles=troubles)
        reports = [explain_account(self._choice), explain_instances(ranking, used)]
        return Explained(records, *reports, *([explain_calls(troubles)] if troubles else []))

    def check(self) -> Explained[Checkup]:
        """Try each link between this machine and the backends, from near to far, in less than ten requests.

        Print it: it names the first broken link and the way out. `qiskit-runtime doctor` does the same where
        no service can be opened.

        Source: behaviour B228.
        """
        from ..client.checkup import check_links

        checkup = check_links(Success(self._choice), self._connection)
        return Explained(checkup, explain_checkup(checkup))

    def usage(self, instance: str | None = None) -> UsageView:
        """Return what an instance has spent and may still spend. Durations in seconds.

        `usage_remaining_seconds` is there where something limits it. What the service does not tell is left out.

        Args:
            instance: A CRN or a name; by default the active instance.

        Source: behaviour B50.
        """
        crn = self.active_instance() if instance is None else self._crns(instance)[0]
        usage = value_or_raise(self._client.usage(crn))
        return UsageView(usage, remaining_seconds(usage))

    def track(self) -> UsageTracker:
        """Add up what the jobs use that this service submits in a block: `with service.track() as cost:`.

        Estimated at submission, then charged: `print(cost.refresh())`. Nothing is sent before that.

        Source: behaviour B543, B544.
        """
        return UsageTracker(self)

    # Backends

    def backends(
        self,
        name: str | None = None,
        min_num_qubits: int | None = None,
        instance: str | None = None,
        dynamic_circuits: bool | None = None,
        filters: Callable[["IBMBackend"], bool] | None = None,
        *,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
        include_mocks: bool = False,
        rank_by: str | Sequence[str] = (),
        where: str | None = None,
        all_instances: bool = False,
        **kwargs: Any,
    ) -> "BackendList":
        """Return the backends that match, in the order of their instances unless `rank_by` asks for another.

        A device that several instances have comes once, from the best of them, as `service.explain()` ranks them.
        None may match. What could not be asked or read is in the `troubles` of the list, and in the log.

        Args:
            name: The name that a backend must have.
            min_num_qubits: The fewest qubits.
            instance: Only backends of this instance, a CRN or a name.
            dynamic_circuits: Whether control flow must, or must not, be supported.
            filters: A test on the backend object.
            use_fractional_gates: `False` hides fractional gates; `True` and `None` show them.
            calibration_id: The calibration to show.
            include_mocks: Keep the stand-ins for dry runs.
            rank_by: `queue_length`, `waiting_time`, `num_qubits`, `two_qubit_error`, `readout_error`, `clops`,
                `calibration_age`, or several, the weightiest first.
            where: Conditions, such as `"num_qubits >= 127 and two_qubit_error < 0.005"`.
            all_instances: List a device once for each instance that has it.
            **kwargs: Values that attributes of the configuration or status must have.

        Raises:
            IBMInputValueError: An input is not what it must be.
            IBMApiError, IBMNotAuthorizedError: No instance could be listed.

        Source: behaviour B11 to B14, B110, B113, B241, B291, B297, B481.
        """
        from .backend import BackendList

        query = read_query(
            where,
            name=name,
            min_num_qubits=min_num_qubits,
            dynamic_circuits=dynamic_circuits,
            include_mocks=include_mocks,
            all_instances=all_instances,
            attributes=kwargs,
        )
        choice = self._chooser.choose(
            query,
            rank_by,
            instance=instance,
            filters=filters,
            use_fractional_gates=use_fractional_gates,
            calibration_id=calibration_id,
        )
        if (hint := hint_at_name(choice, query)) is not None:
            logger.info(hint)
        return BackendList(choice.backends, choice.troubles)

    def backend(
        self,
        name: str,
        instance: str | None = None,
        use_fractional_gates: bool | None = False,
        calibration_id: str | None = None,
    ) -> "IBMBackend":
        """Return the backend called `name`.

        Args:
            name: Its name.
            instance: Look only in this instance, a CRN or a name.
            use_fractional_gates: `False` hides fractional gates; `None` shows what is there; `True` insists on them,
                but for the local channel, which simulates a recorded device as it is.
            calibration_id: The calibration to show.

        Raises:
            QiskitBackendNotFoundError: There is none, it is not described, or has no such calibration. Where it
                could not be asked for, also an `IBMApiError` or `IBMNotAuthorizedError`.
            IBMInputValueError: `use_fractional_gates=True`, and it has none.

        Source: behaviour B14, B29, B292, B294, B295.
        """
        wanted = value_or_raise(read_name("name", name, wanted="the name of a backend"))
        fractional = value_or_raise(if_given(read_flag)("use_fractional_gates", use_fractional_gates))
        return self._chooser.find(wanted, instance, fractional, calibration_id, insists=self._insists)

    def least_busy(
        self,
        min_num_qubits: int | None = None,
        instance: str | None = None,
        filters: Callable[["IBMBackend"], bool] | None = None,
        use_fractional_gates: bool | None = False,
        *,
        rank_by: str | Sequence[str] = "queue_length",
        where: str | None = None,
        **kwargs: Any,
    ) -> "IBMBackend":
        """Return the online backend with the shortest queue, or the best by `rank_by`, by listings made now.

        Among equal ones the better instance wins, then the earlier in its listing.

        Args:
            min_num_qubits: The fewest qubits.
            instance: Only backends of this instance, a CRN or a name.
            filters: A test on the backend object.
            use_fractional_gates: As in `backend`.
            rank_by: As in `backends`.
            where: As in `backends`.
            **kwargs: Values that attributes of the configuration or status must have.

        Raises:
            QiskitBackendNotFoundError: None matches; the message counts why. Where no instance could be listed, also an
                `IBMApiError` or `IBMNotAuthorizedError`.
            IBMInputValueError: An input is not what it must be.

        Source: behaviour B12, B15, B110, B113, B312.
        """
        query = read_query(where, min_num_qubits=min_num_qubits, attributes=kwargs)
        query = require_best(require_available(query))
        choice = self._chooser.choose(
            query,
            rank_by,
            instance=instance,
            filters=filters,
            use_fractional_gates=use_fractional_gates,
            subject="backend",
        )
        return choice.best(query)

    def best_backend(
        self,
        circuit: "QuantumCircuit",
        min_num_qubits: int | None = None,
        instance: str | None = None,
        filters: Callable[["IBMBackend"], bool] | None = None,
        use_fractional_gates: bool | None = False,
        *,
        optimization_level: int = 2,
        seed_transpiler: int = 0,
        rank_by: str | Sequence[str] = "expected_error",
        where: str | None = None,
        **kwargs: Any,
    ) -> "IBMBackend":
        """Return the online backend that errs least on `circuit`, laid out for each, by their calibrations.

        The circuit is laid out in this process, which takes its time: filter first. Among equal ones the shorter
        queue wins, then the smaller usage.

        Args:
            circuit: What is to be run, as it was written.
            min_num_qubits: The fewest qubits; those of the circuit at least.
            instance: Only backends of this instance, a CRN or a name.
            filters: A test on the backend object.
            use_fractional_gates: As in `backends`.
            optimization_level: How hard the transpiler tries, 0 to 3.
            seed_transpiler: The same gives the same layout.
            rank_by: `usage`, the seconds that a sampler would use for the circuit by default, for the backend that
                uses least; or several names, of `backends` too, the weightiest first. Where neither `usage` nor
                `expected_error` is among them, the expected error comes before them.
            where: As in `backends`.
            **kwargs: Values that attributes of the configuration or status must have.

        Raises:
            QiskitBackendNotFoundError: None matches; the message counts why. Where no instance could be listed, also an
                `IBMApiError` or `IBMNotAuthorizedError`.
            IBMInputValueError: An input is not what it must be.

        Source: behaviour B111, B114, B312, B545.
        """
        asked = read_query(where, min_num_qubits=min_num_qubits, circuits=(circuit,), attributes=kwargs)
        query = require_available(asked)
        level, seed = read_effort(optimization_level, seed_transpiler)
        choice = self._chooser.measure(
            circuit,
            query,
            instance=instance,
            filters=filters,
            use_fractional_gates=use_fractional_gates,
            level=level,
            seed=seed,
            rank_by=rank_by,
            subject="backend",
        )
        return choice.best(query)

    def explain_backends(
        self,
        min_num_qubits: int | None = None,
        instance: str | None = None,
        filters: Callable[["IBMBackend"], bool] | None = None,
        use_fractional_gates: bool | None = False,
        *,
        circuit: "QuantumCircuit | None" = None,
        optimization_level: int = 2,
        seed_transpiler: int = 0,
        rank_by: str | Sequence[str] = "queue_length",
        where: str | None = None,
        **kwargs: Any,
    ) -> Explained[Selection[BackendRow]]:
        """Return what `least_busy`, or with a circuit `best_backend`, would decide, with the reason for each backend.

        Print it, or read its `records`; a notebook shows it as a table. Arguments are those of the two. With a circuit
        it tells what a sampler would use for it by default, too, and `rank_by="usage"` orders by that.

        Source: behaviour B1, B115, B286, B291, B297, B545.
        """
        circuits = () if circuit is None else (circuit,)
        asked = read_query(where, min_num_qubits=min_num_qubits, circuits=circuits, attributes=kwargs)
        query = require_available(asked)
        level, seed = read_effort(optimization_level, seed_transpiler)
        choose = (
            self._chooser.choose if circuit is None else partial(self._chooser.measure, circuit, level=level, seed=seed)
        )
        choice = choose(
            query, rank_by=rank_by, instance=instance, filters=filters, use_fractional_gates=use_fractional_gates
        )
        names, hint = self.instance_names(), hint_at_name(choice, query)
        odd = self._backends.left_away(self._crns(instance))
        left_away = [f"Left away of the listing of {names.get(crn, crn)}: {sentence}" for crn, sentence in odd]
        notes = (*describe_troubles(choice.troubles, names), *left_away, *([] if hint is None else [hint]))
        return Explained(choice.selection, explain_backends(choice.selection, names, notes, choice.usages))

    # Jobs

    def job(self, job_id: str) -> "RuntimeJobV2":
        """Return a job, from whichever instance holds it.

        Raises:
            RuntimeJobNotFound: No instance holds it.
            IBMRuntimeError: It is in none that could be asked, and some could not. Also an `IBMApiError` or
                `IBMNotAuthorizedError`, by the reason.

        Source: behaviour B43, B291, B294.
        """
        return self._job(self._find("job", job_id, self._client.job, partial(JobNotFound, job=job_id)))

    def jobs(
        self,
        limit: int | None = 10,
        skip: int = 0,
        backend_name: str | None = None,
        pending: bool | None = None,
        program_id: str | None = None,
        instance: str | None = None,
        job_tags: Sequence[str] | str | None = None,
        session_id: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        descending: bool = True,
        include_mocks: bool = False,
    ) -> "JobList":
        """Return jobs, newest first, those of all ranked instances merged by date.

        What could not be asked or read is in the `troubles` of the list, and in the log.

        Args:
            limit: How many at most; `None` for all.
            skip: How many to pass over.
            backend_name: Only jobs of this backend.
            pending: Only jobs that wait or run, or only final ones.
            program_id: Only jobs of this program.
            instance: Only jobs of this instance, a CRN or a name.
            job_tags: Only jobs that have all of these.
            session_id: Only jobs of this session.
            created_after: The earliest date; without a zone it is local time.
            created_before: The latest date; without a zone it is local time.
            descending: `False` for oldest first.
            include_mocks: Keep dry runs.

        Raises:
            IBMInputValueError: An input is not what it must be.
            IBMRuntimeError: No instance could be asked. Also an `IBMApiError` or `IBMNotAuthorizedError`, by
                the reason.

        Source: behaviour B44, B45, B46, B291, B294.
        """
        filters = JobFilters(
            backend_name=backend_name,
            pending=pending,
            program_id=program_id,
            job_tags=job_tags,
            session_id=session_id,
            created_after=created_after,
            created_before=created_before,
            descending=descending,
            include_mocks=include_mocks,
        )
        from .job import JobList

        query = value_or_raise(read_job_query(limit, skip, filters))
        listing = list_jobs(self._client, self._crns(instance), query)
        return JobList(map(self._job, listing.jobs), listing.troubles)

    def iter_jobs(
        self,
        limit: int | None = None,
        skip: int = 0,
        instance: str | None = None,
        *,
        page_size: int = PAGE_LIMIT,
        **filters: Unpack[JobFilters],
    ) -> Iterator["RuntimeJobV2"]:
        """Return jobs one by one, as `jobs` does, but ask for a page only when one of its jobs is wanted.

        What could not be asked or read is in the log, when it is come to.

        Args:
            limit: How many at most; `None` for all.
            skip: How many to pass over.
            instance: Only jobs of this instance, a CRN or a name.
            page_size: How many to ask for at a time, up to 200.
            **filters: The others of `jobs`.

        Raises what `jobs` raises; that no instance could be asked, where the first job is wanted.

        Source: behaviour B44, B45, B46, B291, B294.
        """
        query = value_or_raise(read_job_query(limit, skip, filters, page_size))
        return map(self._job, iterate_jobs(self._client, self._crns(instance), query))

    def delete_job(self, job_id: str) -> None:
        """Forget a job that waits or has come to its end, in whichever instance holds it. Deprecated.

        Raises:
            RuntimeJobNotFound: No instance holds it.
            RuntimeInvalidStateError: It runs.

        Source: behaviour B149, B275.
        """
        warn_user("delete_job is deprecated: the service keeps jobs.", DeprecationWarning)
        crns = self._crns()
        wanted = value_or_raise(read_name("job_id", job_id, wanted="the id of a job"))
        holder = crns[0] if len(crns) == 1 else self.job(wanted).instance
        value_or_raise(self._client.delete_job(holder, wanted))

    def check_pending_jobs(self, max_pending: int = MOST_PENDING) -> None:
        """Wait for the oldest pending job of the active instance where `max_pending` of them are there. Deprecated.

        Args:
            max_pending: How many jobs may wait or run at a time; by default what the open plan has allowed.

        Source: behaviour B149.
        """
        warn_user("check_pending_jobs is deprecated: the service queues what is submitted.", DeprecationWarning)
        most = value_or_raise(read_whole("max_pending", max_pending, least=0))
        query = JobQuery(limit=most, pending=True, descending=False)
        pending = list_jobs(self._client, (self.active_instance(),), query).jobs
        if pending and len(pending) >= most:
            self._job(pending[0]).wait_for_final_state()

    def submit(self, submission: Submission, backend: "IBMBackend") -> "RuntimeJobV2":
        """Submit a job as it stands. Primitives do this after their checks.

        Raises:
            IBMApiError, IBMNotAuthorizedError: The service did not take the job.
            SubmissionUnknown: Nothing proves that there is no job, and it was not found. Nothing is sent blindly.
            IBMRuntimeError: `max_usage` does not allow it.

        Warns:
            UserWarning: The limit of the instance is reached, the backend is not online by its listing, or something
                on the way has made several jobs of this one.

        Source: behaviour B145 to B148, B309, B322 to B324, B543.
        """
        from .backend import IBMBackend

        order = value_or_raise(read_object("submission", submission, Submission, wanted="a Submission"))
        place = value_or_raise(read_object("backend", backend, IBMBackend, wanted="a backend of a service"))
        place._warn_of_state()
        if place.row.mock:
            order = replace(order, estimate=as_dry_run(order.estimate, place.name))
        submitted = self._submitter.submit(place.instance, order)
        trackers = trackers_of(self)
        match submitted:
            case Failure(SubmissionUnknown() as doubt):
                for tracker in trackers:
                    tracker._note_doubt(doubt)
        record = value_or_raise(submitted)
        job = self._job(record, place if record.backend == place.name else None)
        for tracker in trackers:
            tracker._note(job, order.estimate)
        return job

    def run_program(
        self,
        program_id: str,
        inputs: Mapping[str, Any],
        mode: "IBMBackend | Session | None" = None,
        *,
        options: "OptionsV2 | RuntimeOptions | Mapping[str, Any] | None" = None,
        image: str | None = None,
    ) -> "RuntimeJobV2":
        """Run a program of the service by its name, such as `executor` or `noise-learner`.

        Sampler and estimator have classes that also check what they are given. Nothing is checked here, and the
        result is as the program wrote it, with typed values in it built: lists and dictionaries of circuits, arrays…

        Args:
            program_id: The name of the program.
            inputs: Its parameters. Circuits, arrays and observables in them are sent as typed JSON.
            mode: Where to run: a backend, a `Session` or a `Batch`. It may be left out in the block of a session, and
                where `RuntimeOptions` name a backend.
            options: Values of `OptionsV2`, of which `environment` and `max_execution_time` have an effect, or
                `RuntimeOptions`.
            image: The image that runs the program, `name:tag`.

        Raises:
            IBMInputValueError: An argument is not what it must be.
            IBMApiError, IBMNotAuthorizedError: The service did not take the job.

        Source: behaviour B170, B426.
        """
        from .programs import read_program

        return self.submit(*read_program(self, program_id, inputs, mode, options, image))

    # Sessions

    def find_session(self, session_id: str) -> SessionDetails:
        """Return what the service knows of a session, from whichever instance holds it.

        `Session.from_id` and `Batch.from_id` make the session of it.

        Raises:
            IBMInputValueError: No instance holds it.

        Source: behaviour B43.
        """
        return self._find("session", session_id, self._client.session, partial(SessionNotFound, session=session_id))

    def sessions(
        self,
        limit: int | None = 10,
        *,
        backend_name: str | None = None,
        closed: bool | None = None,
        instance: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> "SessionList":
        """Return sessions and batches, newest first, those of all ranked instances merged by date.

        What could not be asked or read is in the `troubles` of the list, and in the log. `Session.from_id` and
        `Batch.from_id` make a session of one of them.

        Args:
            limit: How many at most; `None` for all.
            backend_name: Only sessions on this backend.
            closed: Only those that have come to their end, or only those that have not.
            instance: Only sessions of this instance, a CRN or a name.
            created_after: The earliest date; without a zone it is local time.
            created_before: The latest date; without a zone it is local time.

        Raises:
            IBMInputValueError: An input is not what it must be.
            IBMRuntimeError: No instance could be asked. Also an `IBMApiError` or `IBMNotAuthorizedError`, by
                the reason.

        Source: behaviour B563.
        """
        from ..client.sessions import list_sessions, read_session_query
        from .session import SessionList

        query = value_or_raise(
            read_session_query(
                limit=limit,
                backend_name=backend_name,
                closed=closed,
                created_after=created_after,
                created_before=created_before,
            )
        )
        listing = list_sessions(self._client, self._crns(instance), query)
        return SessionList(listing.sessions, listing.troubles, self.instance_names())

    # Lifetime

    @property
    def is_local(self) -> bool:
        """Whether the cloud is emulated in this process: `channel="local"`."""
        return self.channel == LOCAL

    def close(self) -> None:
        """Close connections. The service may be used again; it opens new ones."""
        self._connection.transport.close()

    def within(self, timeout: float | Timeouts) -> Self:
        """Return the same service with other limits of time: `service.within(10).backends()`.

        Account, tokens, connections and what was fetched are shared; jobs and backends that come from
        it keep its limits.

        Args:
            timeout: The seconds that any call may take, or `Timeouts`.

        Source: behaviour B222.
        """
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        twin._connection = self._connection.within(value_or_raise(read_timeouts(timeout)))
        twin._instances = self._instances.over(twin._client)
        twin._backends = self._backends.over(twin._client)
        twin._submitter = self._submitter.over(twin._client)
        return twin

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _identity(self) -> tuple[object, ...]:
        """The account, with the instance if it names one, and the way to it as far as it was given."""
        named, wiring = self._choice.account.instance is not None, self._connection.wiring
        carrier = None if wiring.transport is None else id(wiring.transport)
        return self._account if named else self._choice.account, wiring.endpoints, carrier

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QiskitRuntimeService) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        if not hasattr(self, "_instances"):
            return f"<{type(self).__name__}, not open>"
        names = ", ".join(instance.name or instance.crn for instance in self._instances.used)
        unchecked = ", certificates not checked" if self._choice.account.verify is False else ""
        return f"<{type(self).__name__} {self.channel} {names}{unchecked}>"

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()

    # Steps shared by the methods above

    @property
    def _client(self) -> Client:
        return self._connection.client

    @property
    def _asks_for_estimates(self) -> bool:
        """Whether somebody counts what is submitted here and now."""
        return self._submitter.max_usage is not None or bool(trackers_of(self))

    @property
    def _chooser(self) -> Chooser:
        return Chooser(self, self._instances, self._backends)

    def _crns(self, instance: str | None = None) -> tuple[str, ...]:
        """Return the CRN of an instance, given by that or by its name; by default those of all in use."""
        return value_or_raise(self._instances.crns(instance))

    def _find(
        self,
        kind: str,
        given: str,
        read: Callable[[str, str], Result[T, Problem]],
        absent: Callable[..., Problem],
    ) -> T:
        """Return the job or session with the id that is given, from whichever instance holds it."""
        wanted = value_or_raise(read_name(f"{kind}_id", given, wanted=f"the id of a {kind}"))
        crns = self._crns()
        return value_or_raise(find_holder(crns, lambda crn: read(crn, wanted), absent(instances=len(crns))))

    @property
    def _brings_its_cloud(self) -> bool:
        """Whether a pickle of the service carries the cloud that it asks."""
        return False

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        # One account, one set of caches: a copy would only ask for everything again.
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        known = (self._choice, self._instances.ranking, self._instances.used)
        return self._restore, tuple(map(to_plain, known))

    @classmethod
    def _restore(cls, choice: Any, ranking: Any, used: Any) -> Self:
        """Make a service from its pickle. It has no key and sends nothing.

        Source: behaviour B107.
        """
        service = object.__new__(cls)
        account, ranked, instances = _read_known(choice, ranking, used)
        connection = value_or_raise(connect(account.account, Wiring(OfflineTransport())))
        service._attach(account, connection, Instances(connection.client, instances, ranked))
        return service

    def _job(self, job: Job, backend: "IBMBackend | None" = None) -> "RuntimeJobV2":
        from .job import RuntimeJobV2

        return RuntimeJobV2(self, job, backend)


IBMQuantumComputeService = QiskitRuntimeService
"""The same, under the name that the service is to have."""


class ParamOptions(msgspec.Struct, frozen=True):
    """The options among the parameters of a job."""

    options: dict[str, Any] = {}
    resilience_level: int | None = None


@public()
class QiskitRuntimeLocalService(QiskitRuntimeService):
    """The service over an emulated cloud that has all device snapshots, for programs without an account.

    Jobs take the same path as in the cloud and are simulated with the noise of the snapshot where
    qiskit-aer is installed, without noise otherwise. Its clock is virtual: waiting takes no time.
    `aer_simulator` is Aer without noise.

    It needs no argument. It goes through pickle with its cloud as it is then, and so do its backends,
    primitives, sessions and jobs; what happens later in one of the two clouds does not happen in the other.

    Raises:
        IBMInputValueError: An argument is not what it must be.

    Source: behaviour B185, B194, B267, B278 to B280.
    """

    _default_channel = LOCAL
    _insists = False
    _warned: frozenset[str] = frozenset()
    """The options of which was warned that they have no effect."""

    def _open(self, choice: AccountChoice, wiring: Wiring) -> None:
        from ..simulator.cloud import emulated_cloud  # Here, because few services are emulated.
        from ..transport.emulated import EmulatedTransport

        if choice.account.channel != LOCAL:
            wanted = "'local'; QiskitRuntimeService opens the other channels"
            raise exception_of(BadArgument(name="channel", value=repr(choice.account.channel), wanted=wanted))
        cloud = emulated_cloud() if wiring.transport is None else wiring.transport
        if isinstance(cloud, EmulatedTransport):
            choice = _with_key_of(cloud, choice)
        super()._open(choice, wiring._replace(transport=cloud))

    def submit(self, submission: Submission, backend: "IBMBackend") -> "RuntimeJobV2":
        """Submit a job as it stands. Primitives do this after their checks.

        Raises:
            IBMApiError, IBMNotAuthorizedError: The service did not take the job.

        Warns:
            UserWarning: Options are set that have no effect in a simulation; once for each of them.
        """
        fresh = [name for name in _idle_options(submission) if name not in self._warned]
        if fresh:
            self._warned |= frozenset(fresh)
            warn_user(f"On the local channel, {', '.join(fresh)} has no effect: jobs are simulated.")
        return super().submit(submission, backend)

    @property
    def _brings_its_cloud(self) -> bool:
        from ..transport.emulated import EmulatedTransport

        return isinstance(self._connection.transport, EmulatedTransport)

    def __reduce__(self) -> tuple[Any, ...]:
        restore, known = super().__reduce__()
        if not self._brings_its_cloud:
            return restore, known
        cloud, clock, resolver, endpoints, timeouts, max_answer = self._connection.wiring
        wiring = (cloud, clock, resolver, to_plain(endpoints), to_plain(timeouts), max_answer)
        submitter = (self._submitter.tagged, self._submitter.max_usage)
        return self._restore_with_cloud, (known, wiring, submitter, self._warned)

    @classmethod
    def _restore_with_cloud(
        cls, known: tuple[Any, Any, Any], wiring: tuple[Any, ...], submitter: tuple[bool, float | None], warned: Any
    ) -> Self:
        """Make a service from its pickle, over the cloud that came with it.

        Source: behaviour B278.
        """
        service = object.__new__(cls)
        choice, ranking, used = _read_known(*known)
        cloud, clock, resolver, endpoints, timeouts, max_answer = wiring
        limits = from_plain(endpoints, Endpoints | None), from_plain(timeouts, Timeouts), max_answer
        choice = _with_key_of(cloud, choice)
        connection = value_or_raise(connect(choice.account, Wiring(cloud, clock, resolver, *limits)))
        service._attach(choice, connection, Instances(connection.client, used, ranking))
        tagged, max_usage = submitter
        service._submitter = Submitter(connection.client, connection.clock, tagged=tagged, max_usage=max_usage)
        service._warned = warned
        return service


def _with_key_of(cloud: "EmulatedTransport", choice: AccountChoice) -> AccountChoice:
    """Return the choice with a key that opens an emulated cloud, and nothing else."""
    key = next(iter(cloud.world.keys))
    return replace(choice, account=replace(choice.account, token=Secret(key)))


def _read_known(
    choice: Any, ranking: Any, used: Any
) -> tuple[AccountChoice, Selection[Instance], tuple[Instance, ...]]:
    """Return the account and the instances that were pickled."""
    ranked, instances = from_plain(ranking, Selection[Instance]), from_plain(used, tuple[Instance, ...])
    return from_plain(choice, AccountChoice), ranked, instances


def _idle_options(submission: Submission) -> tuple[str, ...]:
    try:
        given = msgspec.json.decode(submission.params, type=ParamOptions)
    except msgspec.MsgspecError:  # What is wrong with the parameters is for the job to say.
        return ()
    options = given.options
    if submission.program == EXECUTOR:
        # Its options stand without their group.
        options = {"execution": {name: options.pop(name) for name in [*options] if name != "experimental"}, **options}
    idle = find_idle_options(options, given.resilience_level)
    mitigates = submission.program == "estimator" and find_spec("qiskit_mitigation") is not None
    return drop_mitigated(idle, decoupled=False) if mitigates else idle
